"""What an org has switched on for good changes what a value means: it is served, or refused before the first write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sandbox.serve import running
from tests.journeys.lines import by_key, change, line, person, said, sale, shop, state, summary, told
from tests.journeys.pair import Pair


def receipt(**more: Any) -> str:
    """A receipt of a walk-in with a line and a payment; ``more`` is on all three."""
    payment = {"id": "21", "sale_id": "1", "type": "cash", "amount": 20, "sale_updated_at": "2026-03-01T12:00:00+00:00"}
    return (
        said("shops", shop())
        + said("sales", sale(1, 11, **{"payment_ids": ["21"], **more}))
        + said("sale_lines", {**line(11, 1), **more})
        + said("sale_payments", {**payment, **more})
    )


PARTS = ("Retail_Sale__c", "Retail_Sale_Line__c", "Retail_Payment__c")


def test_money_arrives_in_the_currency_of_the_till(tmp_path: Path) -> None:
    """The org's own is another; and the second time there is nothing to say."""
    with running(switches={"multi_currency": "true"}) as box:
        pair = Pair(box, tmp_path)

        first = summary(pair.load(receipt(currency="CAD")))
        second = summary(pair.load(receipt(currency="CAD")))

        (whole,), *parts = (pair.rows(name) for name in PARTS)
        assert (whole["CurrencyIsoCode"], whole["Total__c"]) == ("CAD", 20)
        assert {row["CurrencyIsoCode"] for rows in parts for row in rows} == {"CAD"}
        assert "4 created" in first
        assert "4 unchanged" in second


def test_money_without_a_currency_that_the_org_has_is_held(tmp_path: Path) -> None:
    """With the property named, or the field; once it is told, all of it goes in."""
    with running(switches={"multi_currency": "true"}) as box:
        pair = Pair(box, tmp_path)

        pair.load(receipt(currency=None))
        not_said = told(pair, "sales", "7:1")
        pair.load(receipt(currency="GBP"))
        unknown = told(pair, "sales", "7:1")
        assert pair.rows("Retail_Sale__c") == []
        summary(pair.load(receipt(currency="EUR")))

        assert (not_said["reason"], not_said["fields"]) == ("required_missing", ["currency"])
        assert (unknown["reason"], unknown["fields"]) == ("value_refused", ["CurrencyIsoCode"])
        assert [row["CurrencyIsoCode"] for name in PARTS for row in pair.rows(name)] == ["EUR"] * 3


def test_a_mapping_that_does_not_speak_of_currencies_is_refused(tmp_path: Path) -> None:
    """Before the first write, with its place and what to add."""
    with running(switches={"multi_currency": "true"}) as box:
        pair = Pair(box, tmp_path)
        change(pair, "sale_lines", "currency: currency", "# currency: currency")

        done = pair.load(receipt(currency="CAD") + state(n=1))

        assert done.returncode == 2
        assert "sale_lines.yml:2" in done.stderr
        assert "say `currency: <property>`" in done.stderr
        assert "Traceback" not in done.stderr
        assert done.stdout == ""
        assert pair.writes() == {}


def test_shoppers_that_are_person_accounts_are_found_and_not_made_again(tmp_path: Path) -> None:
    """And a receipt of one hangs on the contact behind the account."""
    with running(switches={"person_accounts": "true"}) as box:
        pair = Pair(box, tmp_path)
        kind = next(row["Id"] for row in box.org.tables["RecordType"].values() if row["IsPersonType"])
        account = {"RecordTypeId": kind, "FirstName": "Ann", "LastName": "Lee", "PersonEmail": "ann@example.com"}
        made = box.org.insert_as_user("Account", account)

        summary(
            pair.load(
                said("shops", shop())
                + said("customers", person(7, "Ann", "Lee", email="ann@example.com"), person(8, "Bob", "Roy"))
                + said("sales", sale(1, customer_id="7"))
            )
        )

        owner = box.org.tables["Account"][made]
        assert (owner["FirstName"], owner["Lightspeed_Key__pc"]) == ("Ann", "7:7")
        assert by_key(pair, "Retail_Sale__c")["1"]["Contact__c"] == owner["PersonContactId"]
        assert len(pair.rows("Account")) == 1
        assert len(pair.rows("Contact")) == 2


def test_where_there_are_several_record_types_the_mapping_says_which(tmp_path: Path) -> None:
    """Asked for by preflight, which names them."""
    with running(switches={"record_types": "true"}) as box:
        pair = Pair(box, tmp_path)
        asked = pair.companion("preflight")
        change(pair, "customers", "object: Contact", "object: Contact\nrecord_type: Supplier")

        summary(pair.load(said("customers", person(7, "Ann", "Lee"))))

        kinds = {row["Id"]: row["DeveloperName"] for row in box.org.tables["RecordType"].values()}
        assert asked.returncode == 2
        assert "`Retail_Customer` or `Supplier`" in asked.stderr
        assert kinds[by_key(pair, "Contact")["7"]["RecordTypeId"]] == "Supplier"
