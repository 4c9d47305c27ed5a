"""The shopper turns out to be somebody else: receipts of any age go with her, whatever happens to run or ledger."""

from __future__ import annotations

import pytest

from sandbox.salesforce.people import convert_lead
from sandbox.salesforce.rules import ValidationRule
from sandbox.seeds.happenings import merge as till_merge
from tests.journeys.lines import Record, by_key, change, day, person, said, sale, shop, state, summary, told
from tests.journeys.pair import Pair
from tests.journeys.test_decide import LOU as DECIDED
from tests.journeys.test_decide import edit, forget, linked

SHOPS = said("shops", shop())
LOU = person(5, "Lou", "Berg", email="lou@example.org")
OLD = [
    sale(
        number, customer_id="5", completed_at=f"{year}-06-01T12:00:00+00:00", updated_at=f"{year}-06-01T12:00:00+00:00"
    )
    for number, year in enumerate((2023, 2024, 2025), 1)
]
BY_KEY = {"path": "*/composite*", "containing": "Shopper_Key__c%20IN", "times": 1000}
"""What asks for the receipts of a shopper."""


def lou_again(number: int = 2) -> str:
    """Her record, edited at the till on that day."""
    return said("customers", {**LOU, "updated_at": day(number), "city": f"Windsor {number}"})


def of_whom(pair: Pair) -> dict[str, str | None]:
    """Receipt -> contact."""
    return {key: row["Contact__c"] for key, row in sorted(by_key(pair, "Retail_Sale__c").items())}


def moved_link(pair: Pair) -> tuple[str, str]:
    """Three years of receipts of a contact, and a person who has moved its key to another; the ids of both."""
    stranger = sale(9, customer_id="6")
    done = pair.load(SHOPS + said("customers", LOU, person(6, "Ann", "Lee")) + said("sales", *OLD, stranger))
    assert done.returncode == 0, done.stderr
    before = by_key(pair, "Contact")["5"]["Id"]
    pair.box.org.edit_as_user("Contact", before, {"Lightspeed_Key__c": None})
    after = pair.box.org.insert_as_user("Contact", {"LastName": "Berg-Lee", "Lightspeed_Key__c": "7:5"})
    return before, after


def test_a_receipt_says_whose_it_is(pair: Pair) -> None:
    """The till's own key of the shopper, waiting or not; one whose shopper was taken off says nobody."""
    pair.load(SHOPS + said("customers", LOU) + said("sales", sale(3, customer_id="5"), sale(4)))
    keys = {key: row["Shopper_Key__c"] for key, row in by_key(pair, "Retail_Sale__c").items()}
    assert keys == {"3": "7:5", "4": None}

    pair.load(said("sales", sale(3, on=2)))

    assert by_key(pair, "Retail_Sale__c")["3"]["Shopper_Key__c"] is None


def test_receipts_follow_a_link_that_a_person_moved(pair: Pair) -> None:
    """Receipts that never come again hang on the contact that has the key now, those of others stay; it is counted."""
    before, after = moved_link(pair)

    done = pair.load(lou_again())

    assert "; 3 lookups moved" in summary(done)
    assert of_whom(pair) == {"1": after, "2": after, "3": after, "9": by_key(pair, "Contact")["6"]["Id"]}
    assert before not in of_whom(pair).values()
    again = pair.load(lou_again(3))
    assert "moved" not in summary(again)


def test_receipts_follow_a_converted_lead_to_its_contact(pair: Pair) -> None:
    """The shopper comes again, and no receipt does: it leaves the lead, and hangs on what that became."""
    known = {"FirstName": "Lou", "LastName": "Berg", "Company": "Berg & Co", "Email": "lou@example.org"}
    lead = pair.box.org.insert_as_user("Lead", known)
    pair.load(SHOPS + said("customers", LOU) + said("sales", *OLD))
    contact = convert_lead(pair.box.org, lead)["contact_id"]

    done = pair.load(lou_again())

    assert "; 3 lookups moved" in summary(done)
    assert [(row["Contact__c"], row["Lead__c"]) for row in pair.rows("Retail_Sale__c")] == [(contact, None)] * 3


@pytest.mark.parametrize("lost", [False, True], ids=["ledger kept", "ledger lost"])
def test_receipts_follow_when_another_rule_finds_another_contact(pair: Pair, lost: bool) -> None:
    """A person took the key off and gave the e-mail to another contact: also where no ledger remembers the first."""
    pair.load(SHOPS + said("customers", LOU) + said("sales", *OLD))
    before = by_key(pair, "Contact")["5"]["Id"]
    pair.box.org.edit_as_user("Contact", before, {"Lightspeed_Key__c": "7:99", "Email": "else@example.org"})
    after = pair.box.org.insert_as_user("Contact", {"LastName": "Berg", "FirstName": "Lou", "Email": "lou@example.org"})
    if lost:
        for file in pair.folder.glob("ledger.db*"):
            file.unlink()

    done = pair.load(lou_again())

    assert "; 3 lookups moved" in summary(done)
    assert set(of_whom(pair).values()) == {after}


def test_a_run_that_dies_before_the_receipts_have_followed_is_made_good_by_the_next(pair: Pair) -> None:
    """The shopper is settled, the receipts are not asked for any more: the next run moves them, whatever it brings."""
    before, after = moved_link(pair)
    pair.weather({"fault": "403", **BY_KEY})
    died = pair.load(lou_again() + state(n=1))
    assert died.returncode == 1
    assert set(of_whom(pair).values()) >= {before}
    pair.box.weather_s.clear()

    done = pair.load(SHOPS + state(n=2))

    assert "; 3 lookups moved" in summary(done)
    assert [of_whom(pair)[key] for key in "123"] == [after] * 3


def test_a_receipt_that_may_not_move_is_said_and_tried_in_every_run(pair: Pair) -> None:
    """A rule of the org refuses one: the others move, the run goes on, and once the rule is gone it moves too."""
    before, after = moved_link(pair)
    pair.box.org.rules.append(ValidationRule("Retail_Sale__c", "Name", "R-2", "closed"))

    first = pair.load(lou_again() + state(n=1))
    assert "; 2 lookups moved; 1 could not be moved, and is tried in every run" in summary(first)
    assert [of_whom(pair)[key] for key in "123"] == [after, before, after]
    why = "its lookup stays as it is, for Salesforce answered FIELD_CUSTOM_VALIDATION_EXCEPTION on Retail_Sale__c"
    assert f"sales 7:2, follow: {why}" in first.stderr
    assert "0 open holds" in pair.companion("holds").stdout
    assert told(pair, "sales", "7:2")["verdict"] == "created"
    pair.box.org.rules.clear()

    second = pair.load(SHOPS + state(n=2))

    assert "; 1 lookup moved" in summary(second)
    assert {of_whom(pair)[key] for key in "123"} == {after}
    assert "moved" not in summary(pair.load(SHOPS + state(n=3)))


def test_a_plan_says_which_receipts_would_follow(pair: Pair) -> None:
    """By receipt and field, without ids of people unless they are asked for; and nothing moves, nor is forgotten."""
    before, after = moved_link(pair)
    lines = pair.folder / "lou.singer"
    lines.write_text(lou_again())

    plan = pair.companion("plan", "--input", str(lines), "--format", "markdown")

    assert plan.returncode == 3, plan.stderr
    assert "| update | sales | Retail_Sale__c | follow |  | 3 | Contact__c 3 |" in plan.stdout
    assert after not in plan.stdout.split("update sales", 1)[1]
    assert set(of_whom(pair).values()) >= {before}
    assert "; 3 lookups moved" in summary(pair.load(lou_again()))


def test_a_receipt_of_a_mapping_of_ones_own_stays(pair: Pair) -> None:
    """Without `follow` a receipt keeps its shopper until it comes again."""
    change(pair, "sales", "    follow: Shopper_Key__c", "    # stays")
    before, _ = moved_link(pair)

    done = pair.load(lou_again())

    assert "moved" not in summary(done)
    assert [of_whom(pair)[key] for key in "123"] == [before] * 3


def bought(shopper: str | None, on: int) -> Record:
    return sale(3, on=on, customer_id=shopper)


def test_a_receipt_that_went_to_another_shopper_stays_with_her(pair: Pair) -> None:
    """It was Lou's and is Ann's by now: where Lou goes is none of its business."""
    ann = person(6, "Ann", "Lee")
    pair.load(SHOPS + said("customers", LOU, ann) + said("sales", bought("5", 1)))
    pair.load(said("sales", bought("6", 2)))
    contacts = by_key(pair, "Contact")
    pair.box.org.edit_as_user("Contact", contacts["5"]["Id"], {"Lightspeed_Key__c": None})
    pair.box.org.insert_as_user("Contact", {"LastName": "Berg", "Lightspeed_Key__c": "7:5"})

    done = pair.load(lou_again())

    assert "moved" not in summary(done)
    assert of_whom(pair) == {"3": contacts["6"]["Id"]}


def test_shoppers_who_are_merged_at_the_till_are_one_with_receipts_of_any_age(chain: Pair) -> None:
    """One vanishes, without a stamp on her receipts: the sync that finds her gone moves them to the other's contact."""
    chain.tap_settings |= {"reconcile_days": 1, "reconcile_hours": 24, "max_deleted_share": 1}
    chain.target_settings |= {"max_deleted_share": 1}
    first = chain.sync()
    assert first.returncode == 0, first.stderr
    world, clock = chain.box.world, chain.box.clock
    keep, lose = merged_at_the_till(chain)
    moved = [str(row["saleID"]) for row in world.children("Sale", "customerID", lose)]
    clock.advance(20 * 24 * 3600)
    till_merge(world, keep, lose, clock.now().replace(microsecond=0))

    done = chain.sync()

    assert done.returncode == 0, done.stderr
    account = chain.box.account_id
    receipts = {row["Lightspeed_Key__c"]: row for row in chain.rows("Retail_Sale__c")}
    contact = {row["Lightspeed_Key__c"]: row["Id"] for row in chain.rows("Contact")}[f"{account}:{keep}"]
    theirs = [receipts[f"{account}:{number}"] for number in moved if f"{account}:{number}" in receipts]
    assert len(theirs) > 1
    assert {(row["Contact__c"], row["Shopper_Key__c"]) for row in theirs} == {(contact, f"{account}:{keep}")}
    assert all(row["Shopper_Key__c"] != f"{account}:{lose}" for row in receipts.values())
    profiles = {row["Lightspeed_Key__c"]: row["Status__c"] for row in chain.rows("Retail_Profile__c")}
    assert profiles[f"{account}:{lose}"] == "merged"


def merged_at_the_till(pair: Pair) -> tuple[int, int]:
    """A shopper who stays, and one with receipts; each has a contact of her own."""
    keys = {str(row["Lightspeed_Key__c"]).partition(":")[2] for row in pair.rows("Contact")}
    people = [row["customerID"] for row in pair.box.world.rows("Customer") if str(row["customerID"]) in keys]
    bought = [
        row["customerID"] for row in pair.box.world.rows("Sale") if row["completed"] and row["customerID"] in people
    ]
    lose = max(sorted(set(bought)), key=bought.count)
    return next(each for each in people if each != lose), lose


@pytest.mark.parametrize("lost", [False, True], ids=["ledger kept", "ledger lost"])
def test_receipts_follow_whom_a_person_has_named(pair: Pair, lost: bool) -> None:
    """Her profile in Salesforce was pointed to another contact: with her next record her receipts go there."""
    hers, other = linked(pair)
    pair.load(said("sales", *OLD))
    assert set(of_whom(pair).values()) == {hers}
    edit(pair, Contact__c=other)
    if lost:
        forget(pair)

    done = pair.load(said("customers", {**DECIDED, "updated_at": day(2), "city": "Windsor"}))

    assert "; 3 lookups moved" in summary(done)
    assert set(of_whom(pair).values()) == {other}
