"""Vendor rows become records: what a receipt is, and every odd spelling of a field."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tap_lightspeed_retail.errors import Malformed
from tap_lightspeed_retail.r_series.context import Context
from tap_lightspeed_retail.r_series.fields import Fields
from tap_lightspeed_retail.r_series.forms import as_list
from tap_lightspeed_retail.r_series.notes import Shaped
from tap_lightspeed_retail.r_series.reader import digest_of
from tap_lightspeed_retail.r_series.shape.goods import item, stock
from tap_lightspeed_retail.r_series.shape.people import customer, shop
from tap_lightspeed_retail.r_series.shape.sales import sale

from tests.tap.contract import KNOWN, kept
from tests.tap.receipts import line, receipt, shaped


@pytest.mark.parametrize("name", ["updateTime", "updatetime", "UPDATETIME"])
def test_names_vary_in_case(name: str) -> None:
    """Recordings and documentation differ."""
    row = receipt(line(1))
    del row["updateTime"]

    assert shaped({**row, name: "2026-11-20T13:00:00-05:00"})[0]["updated_at"] == "2026-11-20T18:00:00+00:00"


def test_without_an_update_time_the_time_stamp_stands_in() -> None:
    """Old recordings have no other."""
    row = {**receipt(line(1)), "timeStamp": "2016-02-13T00:00:00+00:00"}
    del row["updateTime"]

    assert shaped(row)[0]["updated_at"] == "2016-02-13T00:00:00+00:00"


@pytest.mark.parametrize("empty", ["", {}, None])
def test_nothing_has_many_forms(empty: Any) -> None:
    """Empty text, an empty object, an absent key."""
    row = {"customerID": "7", "archived": "false", "Contact": empty, "Tags": empty, "CustomFieldValues": empty}

    record = kept(
        "customers", customer({name: value for name, value in row.items() if value is not None}, KNOWN).record
    )

    assert (record["emails"], record["tags"], record["custom_fields"], record["city"]) == ([], [], [], None)


CONTACT = {
    "noEmail": "true",
    "Addresses": {
        "ContactAddress": {"address1": "1 Example St", "city": "Laval", "state": "Quebec", "stateCode": "QC"}
    },
    "Phones": {"ContactPhone": [{"number": "1", "useType": "Home"}, {"number": "2", "useType": "Mobile"}]},
    "Emails": {"ContactEmail": {"address": "ann@example.com", "useType": "Primary"}},
    "Websites": "",
}


def test_the_notes_of_a_receipt_and_the_tags_of_a_product() -> None:
    """Printed before internal; none where there is none."""
    notes = {"InternalNote": {"note": "calls back"}, "PrintedNote": {"note": "gift"}}
    tags = {"TagRelation": {"tagRelationID": "1", "tagID": "4", "Tag": {"tagID": "4", "name": "winter"}}}

    assert sale({"saleID": "1", "SaleNotes": notes}, KNOWN).record["note"] == "gift\ncalls back"
    assert sale({"saleID": "1", "SaleNotes": ""}, KNOWN).record["note"] is None
    assert item({"itemID": "1", "TagRelations": tags}, KNOWN).record["tags"] == ["winter"]
    assert item({"itemID": "1", "TagRelations": ""}, KNOWN).record["tags"] == []


def test_a_shopper_with_one_of_each() -> None:
    """Lists of one come as objects."""
    row = {
        "customerID": "7", "firstName": "Ann", "lastName": "Lee ", "customerTypeID": "0", "archived": "true",
        "Contact": CONTACT, "Tags": {"Tag": "vip"}, "Note": {"note": "rings twice", "isPublic": "false"},
        "CustomFieldValues": {"CustomFieldValue": {"customFieldID": "1", "name": "Shoe", "type": "single_choice",
                                                   "value": {"name": "42"}}},
    }  # fmt: skip
    record = kept("customers", customer(row, KNOWN).record)

    assert tuple(record[name] for name in ("email", "phone", "mobile", "state")) == ("ann@example.com", "1", "2", "QC")
    assert tuple(record[name] for name in ("tags", "note", "archived", "customer_type_id")) == (
        ["vip"],
        "rings twice",
        True,
        None,
    )
    assert record["custom_fields"] == [{"id": "1", "name": "Shoe", "type": "single_choice", "value": "42"}]


@pytest.mark.parametrize(
    ("said", "zone", "day"),
    [
        ("1981-04-09T08:00:00+00:00", "America/Vancouver", "1981-04-09"),
        ("2012-10-04T04:00:00+00:00", "America/Toronto", "2012-10-04"),
        ("1990-05-16T22:00:00+00:00", "Europe/Berlin", "1990-05-17"),
        ("1990-05-17T00:00:00+00:00", "No/Such_Zone", "1990-05-17"),
    ],
)
def test_a_birthday_does_not_shift(said: str, zone: str, day: str) -> None:
    """Midnight in the shop's zone, said in UTC."""
    record = customer({"customerID": "7", "dob": said}, Context("1000", "CAD", {"3": zone})).record

    assert day == record["birth_date"]


@pytest.mark.parametrize(
    ("archived", "first", "last", "anonymised"),
    [
        ("true", "Customer", "[70]", True),
        ("false", "Customer", "[70]", False),
        ("true", "Customer", "[71]", False),
        ("true", "Lou", "[70]", False),
        ("true", "Customer", "Lee", False),
    ],
)
def test_a_shopper_who_was_made_anonymous_is_told(archived: str, first: str, last: str, anonymised: bool) -> None:
    """By all three signs together: somebody may be called Customer."""
    row = {"customerID": "70", "firstName": first, "lastName": last, "archived": archived}

    assert customer(row, KNOWN).record["anonymised"] is anonymised


def test_the_all_shops_row_is_no_stock() -> None:
    """It counts the same pieces once more."""
    row = {"itemShopID": "1", "itemID": "5", "shopID": "0", "qoh": "33"}

    assert stock(row, KNOWN) is None
    made = stock({**row, "shopID": "3", "onWorkorder": "2"}, KNOWN)
    assert made is not None
    assert kept("inventory", made.record)["shop_id"] == "3"


def test_prices_are_exact_and_named() -> None:
    """By their use, whatever their number."""
    prices = {"ItemPrice": [{"amount": "24.99", "useType": "Default"}, {"amount": "1.0E-8", "useType": "MSRP"}]}
    record = kept("items", item({"itemID": "5", "description": "Hat", "Prices": prices}, KNOWN).record)

    assert (Decimal("24.99"), Decimal("1.0E-8"), None) == (record["price"], record["msrp"], record["online_price"])


def test_a_shop_with_its_contact() -> None:
    """Address and zone."""
    record = kept(
        "shops", shop({"shopID": "3", "name": "Main", "timeZone": "US/Pacific", "Contact": CONTACT}, KNOWN).record
    )

    assert (record["time_zone"], record["city"], record["currency"]) == ("US/Pacific", "Laval", "CAD")


@pytest.mark.parametrize("row", [{}, {"saleID": ""}, {"saleID": "x"}, {"saleID": ["1"]}])
def test_a_row_without_an_id_is_an_error(row: dict[str, Any]) -> None:
    """Nothing can be said of it; the error names the field."""
    with pytest.raises(Malformed, match="saleID"):
        sale(row, KNOWN)


def test_an_element_of_attributes_only_is_nothing() -> None:
    """Left over from XML."""
    assert Fields("s", {"id": "1", "x": {"@attributes": {"readonly": "true"}}}, "id").text("x") is None


@given(st.lists(st.dictionaries(st.text(min_size=1), st.text()), max_size=4))
def test_a_list_is_a_list_however_it_comes(rows: list[dict[str, str]]) -> None:
    """None as nothing, one as itself, several as they are."""
    rows = [row for row in rows if row]
    said: Any = "" if not rows else rows[0] if len(rows) == 1 else rows

    assert rows == as_list(said)


def test_digests_that_state_remembers_hold_still() -> None:
    """Of a record alone, and of one with its parts: else a new version of the tap would send all of the shop again."""
    alone, whole = Shaped({"id": "1"}, ()), Shaped({"id": "1"}, (), {"sale_lines": [Shaped({"id": "2"}, ())]})

    assert [digest_of(each) for each in (None, alone, whole)] == [634125391, 3285954241, 1543686372]
