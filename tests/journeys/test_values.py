"""Values as tills have them: none of them keeps a shopper out, or her receipts, and none is written twice."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.salesforce.faults import Fault
from sandbox.salesforce.schema import Field
from tests.journeys.lines import by_key, change, day, item, line, person, said, sale, shop, state, summary, told
from tests.journeys.pair import Pair

NOBODY_HELD = "0 skipped + 0 held"


def shopper(**more: Any) -> dict[str, Any]:
    return person(1, "Ines", "Duarte", email="ines@example.org", **more)


def receipts(pair: Pair, *people: dict[str, Any]) -> str:
    """A shop, these shoppers, and for each a receipt with a line."""
    numbers = [int(each["id"]) for each in people]
    sales = [sale(number, number, customer_id=str(number)) for number in numbers]
    lines = [line(number, number) for number in numbers]
    whole = said("shops", shop()) + said("customers", *people)
    return whole + said("sales", *sales) + said("sale_lines", *lines) + state(n=1)


def test_no_ornament_keeps_a_shopper_out(pair: Pair) -> None:
    """A number with a story behind it, half a smile in an address, a day that is none, a city that the org refuses."""

    def no_city_of_gold(name: str, row: Any) -> Fault | None:
        refused = name == "Contact" and row.get("MailingCity") == "Eldorado"
        return (
            Fault("FIELD_INTEGRITY_EXCEPTION", "Mailing City: there is no gold here", ("MailingCity",))
            if refused
            else None
        )

    pair.box.org.rules.append(no_city_of_gold)
    people = (
        person(1, "Ines", "Duarte", mobile="902-555-0144, but not before ten and never on a Sunday morning"),
        person(2, "Tom", "Okafor", email="tom\ud83d@example.org"),
        person(3, "Vera", "Stone", birth_date=None, unreadable=["birth_date"]),
        person(4, "Otto", "Reed", city="Eldorado", address_line1="3 Quay Lane", address_line2="Unit 4"),
        person(5, "Ida", "M" * 90, postal_code={"odd": True}),
    )

    done = pair.load(receipts(pair, *people))

    assert "16 arrived = 16 created + 0 updated + 0 unchanged + 0 skipped + 0 held" in summary(done)
    rows = by_key(pair, "Contact")
    assert rows["1"]["MobilePhone"] == "902-555-0144, but not before ten and nev"
    assert (rows["2"]["Email"], rows["3"]["Birthdate"], rows["5"]["LastName"]) == (None, None, "M" * 80)
    assert (rows["4"]["MailingCity"], rows["4"]["MailingStreet"]) == (None, "3 Quay Lane\nUnit 4")
    omitted = [told(pair, "customers", f"7:{number}").get("left_out") for number in range(1, 6)]
    assert omitted == [["Phone_Key__c"], ["Email"], ["Birthdate"], ["MailingCity"], ["MailingPostalCode"]]
    assert {row["Contact__c"] for row in pair.rows("Retail_Sale__c")} == {row["Id"] for row in rows.values()}
    before = pair.writes()

    assert "16 arrived = 0 created + 0 updated + 16 unchanged" in summary(pair.load(receipts(pair, *people)))
    assert pair.writes() == before


def test_what_matters_is_held_with_its_property(pair: Pair) -> None:
    """`holds` and `explain` say which, and what is wrong with it; neither says the value."""
    odd = item(1, price="twenty, or so")

    done = pair.load(said("items", odd, item(2, price=10**40), item(3, price=20)) + state(n=1))

    assert "3 arrived = 1 created + 0 updated + 0 unchanged + 0 skipped + 2 held" in summary(done)
    held, huge = told(pair, "items", "7:1"), told(pair, "items", "7:2")
    assert (held["reason"], held["fields"], huge["reason"], huge["fields"]) == (
        "invalid", ["price"], "value_refused", ["Price__c"]
    )  # fmt: skip
    listing = pair.companion("holds").stdout
    assert "price: breaks" in held["message"]
    assert "price" in listing
    assert "Price__c" in listing
    assert "twenty" not in f"{held}{listing}{done.stderr}"


def test_a_choice_of_several_is_a_set(pair: Pair) -> None:
    """The org gives it back in its own order: that is no news."""
    pair.box.org.schema.object("Contact").fields["tags__c"] = Field(
        "Tags__c", "multipicklist", length=4099, picklist=["tea", "coffee", "cocoa"], custom=True
    )
    change(pair, "customers", "\nfields:\n", "\nfields:\n  Tags__c: {from: tags, as: list, only: Contact}\n")
    told_twice = said("customers", shopper(tags=["cocoa", "tea", "cocoa"])) + state(n=1)
    pair.load(told_twice)
    (ines,) = pair.rows("Contact")
    assert ines["Tags__c"] == "tea;cocoa"

    for _ in range(2):
        assert "1 arrived = 0 created + 0 updated + 1 unchanged" in summary(pair.load(told_twice))


def test_what_nobody_sees_makes_no_second_shopper(pair: Pair) -> None:
    """A pasted address brings characters of no width."""
    known = pair.box.org.insert_as_user(
        "Contact", {"FirstName": "Ines", "LastName": "Duarte", "Email": "ines@example.org"}
    )

    pair.load(said("customers", shopper() | {"email": "\u200bines@exam\u00adple.org\ufeff"}) + state(n=1))

    (ines,) = pair.rows("Contact")
    assert (ines["Id"], ines["Lightspeed_Key__c"], ines["Email"]) == (known, "7:1", "ines@example.org")


def test_a_receipt_has_the_day_of_its_shop(pair: Pair) -> None:
    """Late in the evening it is the next day in Greenwich. An instant has its day in a zone, or none."""
    late = sale(1, completed_at="2026-03-02T03:30:00+00:00", business_date="2026-03-01")
    pair.box.org.schema.object("Retail_Sale__c").fields["day__c"] = Field("Day__c", "date", custom=True)
    day_of = "Day__c: {{from: completed_at, as: date{}}}\n"
    change(pair, "sales", "\n  Kind__c", "\n  " + day_of.format("") + "  Kind__c")

    stopped = pair.load(said("shops", shop()) + said("sales", late) + state(n=1))

    assert stopped.returncode != 0
    assert "sales.yml" in stopped.stderr
    assert "say in which `zone` it has its day" in stopped.stderr
    change(pair, "sales", day_of.format(""), day_of.format(", zone: America/Halifax"))
    assert NOBODY_HELD in summary(pair.load(said("shops", shop()) + said("sales", late) + state(n=1)))
    (row,) = pair.rows("Retail_Sale__c")
    assert (row["Business_Date__c"], row["Day__c"]) == ("2026-03-01", "2026-03-01")


@pytest.mark.parametrize("there", [False, True], ids=["new", "known"])
def test_who_does_not_want_to_hear_from_us_is_left_alone(pair: Pair, there: bool) -> None:
    """Said at the till it holds in the CRM; said in the CRM it stays, whatever the till says."""
    if there:
        known = {"FirstName": "Ines", "LastName": "Duarte", "Email": "ines@example.org", "DoNotCall": True}
        pair.box.org.insert_as_user("Contact", known)

    outs = {"email_opt_out": True, "phone_opt_out": False, "mail_opt_out": True}
    pair.load(said("customers", shopper(**outs)) + state(n=1))
    (ines,) = pair.rows("Contact")
    assert (ines["HasOptedOutOfEmail"], ines["DoNotCall"], ines["Mail_Opt_Out__c"]) == (True, there, True)

    back = dict.fromkeys(outs, False) | {"updated_at": day(2)}
    done = pair.load(said("customers", shopper(**back)) + state(n=2))
    assert "0 created + 0 updated + 1 unchanged" in summary(done)
    assert pair.rows("Contact") == [ines]


def test_a_clock_that_was_wrong_once_keeps_nothing_out(pair: Pair) -> None:
    """A till in the year 2099: its version is not known, and what comes after it is news."""
    pair.load(said("customers", shopper(birth_date="1990-05-17", updated_at="2099-01-01T00:00:00+00:00")) + state(n=1))

    done = pair.load(said("customers", shopper(birth_date="1991-06-18", updated_at=day(3))) + state(n=2))

    assert "0 created + 1 updated" in summary(done)
    assert pair.rows("Contact")[0]["Birthdate"] == "1991-06-18"
