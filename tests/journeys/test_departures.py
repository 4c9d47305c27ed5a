"""Customers whom the till lets go, merged or archived: their persons live on, and so do their receipts."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.seeds.happenings import anonymise
from tests.journeys.lines import Record, by_key, change, day, person, said, sale, shop, state, summary, told
from tests.journeys.pair import Pair
from tests.journeys.test_decide import forget, nothing_new

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "departures.md"
SHOPS = said("shops", shop())
MAIL = "lou@example.org"
LOU = person(5, "Lou", "Berg", email=MAIL, mobile="514-555-2368")
AGAIN = person(6, "Lou", "Berg", email=MAIL, mobile="514-555-2369")
"""The same person: another till, another profile, and a number whose key only the till fills."""
YEARS = (2023, 2024, 2025)


def receipts(customer: int, on: int = 1) -> list[Record]:
    """One of each year."""
    return [
        sale(number, on=on, customer_id=str(customer), completed_at=f"{year}-06-01T12:00:00+00:00")
        for number, year in enumerate(YEARS, 1)
    ]


def newer(record: Record, number: int, **more: object) -> Record:
    """As of another day."""
    return {**record, "updated_at": day(number), **more}


def statuses(pair: Pair) -> dict[str, str]:
    """Where the link of each stands that has a profile."""
    return {key: row["Status__c"] for key, row in sorted(by_key(pair, "Retail_Profile__c").items())}


def the_person(pair: Pair) -> tuple[str | None, str | None]:
    """Whose key the one contact carries, and the key of its number."""
    (row,) = pair.rows("Contact")
    return row["Lightspeed_Key__c"], row["Phone_Key__c"]


@pytest.mark.parametrize("lost", [False, True], ids=["ledger kept", "ledger lost"])
def test_shoppers_merged_at_the_till_with_receipts_of_three_years(pair: Pair, lost: bool) -> None:
    """The loser's profile says so, its receipts are the winner's, and the winner speaks for the person from now on."""
    pair.load(SHOPS + said("customers", LOU, AGAIN) + said("sales", *receipts(5)))
    assert the_person(pair) == ("7:5", "+15145552368")
    assert statuses(pair) == {"6": "linked"}
    if lost:
        forget(pair)

    gone = {"id": "5", "deleted_at": day(2)}
    done = pair.load(SHOPS + said("customers", gone) + said("sales", *receipts(6, on=2)))

    assert "0 open holds" in pair.companion("holds").stdout, done.stderr
    assert statuses(pair) == {"5": "merged", "6": "linked"}
    contact = pair.rows("Contact")[0]["Id"]
    whose = {(row["Contact__c"], row["Shopper_Key__c"]) for row in pair.rows("Retail_Sale__c")}
    assert whose == {(contact, "7:6")}
    assert the_person(pair) == ("7:5", "+15145552368")
    if lost:
        forget(pair)

    last = SHOPS + said("customers", gone, newer(AGAIN, 3)) + said("sales", *receipts(6, on=2))
    pair.load(last)
    assert the_person(pair) == ("7:6", "+15145552369")
    assert told(pair, "customers", "7:5")["reason"] == "deleted"
    nothing_new(pair, last)


def test_the_question_about_a_shopper_who_was_merged_is_closed(pair: Pair) -> None:
    """Two contacts answered to it; it is gone from the till, and nobody has to decide who it was."""
    for _ in range(2):
        pair.box.org.insert_as_user("Contact", {"FirstName": "Lou", "LastName": "Berg", "Email": MAIL})
    pair.load(said("customers", LOU))
    assert statuses(pair) == {"5": "to decide"}
    asked = by_key(pair, "Retail_Profile__c")["5"]

    pair.load(said("customers", {"id": "5", "deleted_at": day(2)}))

    assert "0 open holds" in pair.companion("holds").stdout
    assert statuses(pair) == {"5": "merged"}
    assert by_key(pair, "Retail_Profile__c")["5"]["Candidates__c"] == asked["Candidates__c"]


@pytest.mark.parametrize("lost", [False, True], ids=["ledger kept", "ledger lost"])
def test_two_till_profiles_of_one_person_the_first_archived(pair: Pair, lost: bool) -> None:
    """The second takes over with its next record, new receipts lead there by either; the first, back, fills blanks."""
    pair.load(SHOPS + said("customers", LOU, AGAIN))
    assert the_person(pair) == ("7:5", "+15145552368")
    archived = newer(LOU, 2, archived=True)
    pair.load(said("customers", archived) + state(n=1))
    assert statuses(pair) == {"5": "retired", "6": "linked"}
    if lost:
        forget(pair)

    done = pair.load(SHOPS + said("customers", newer(AGAIN, 3)) + said("sales", *receipts(5), sale(9, customer_id="6")))

    assert "+ 0 held" in summary(done)
    assert the_person(pair) == ("7:6", "+15145552369")
    contact = pair.rows("Contact")[0]["Id"]
    assert {row["Contact__c"] for row in pair.rows("Retail_Sale__c")} == {contact}
    back = said("customers", newer(LOU, 4), newer(AGAIN, 4))
    pair.load(back)
    assert the_person(pair) == ("7:6", "+15145552369")
    assert statuses(pair) == {"5": "linked", "6": "linked"}
    nothing_new(pair, back)


def policy(pair: Pair) -> None:
    """The one that the guide shows, in a copy of the shipped mappings."""
    text = next(each for each in GUIDE.read_text("utf-8").split("```yaml\n") if each.startswith("  retired:"))
    person_of = "  person: {Contact: Contact__c, Lead: Lead__c}\n"
    change(pair, "customers", person_of, person_of + text.partition("```")[0])


def test_the_policy_of_the_guide_unlinks_and_anonymises(pair: Pair) -> None:
    """One shopper is archived, another made anonymous: the contacts stay, and nothing leads to them any more."""
    policy(pair)
    kim = person(8, "Kim", "Roy", email="kim@example.org", mobile="514-555-2301")
    pair.load(SHOPS + said("customers", LOU, kim) + said("sales", *receipts(5), sale(9, customer_id="8")))
    gone = said(
        "customers",
        newer(LOU, 2, archived=True, anonymised=False),
        {**person(8, "Customer", "[8]"), "archived": True, "anonymised": True, "updated_at": day(2)},
    )

    done = pair.load(gone)

    assert "2 profiles written" in summary(done)
    assert statuses(pair) == {"5": "unlinked", "8": "erased"}
    people = {row["LastName"]: row for row in pair.rows("Contact")}
    left = ("Lightspeed_Key__c", "FirstName", "Email", "MobilePhone", "Phone_Key__c")
    assert [people["Berg"][field] for field in left[:3]] == [None, "Lou", MAIL]
    assert [people["(erased)"][field] for field in left] == [None] * 5
    assert people["(erased)"]["HasOptedOutOfEmail"] is True
    assert by_key(pair, "Retail_Profile__c")["8"]["Name__c"] is None
    whose = [row["Contact__c"] for _, row in sorted(by_key(pair, "Retail_Sale__c").items())]
    assert whose == [people["Berg"]["Id"]] * 3 + [people["(erased)"]["Id"]]
    nothing_new(pair, gone)
    forget(pair)
    nothing_new(pair, gone)


def test_a_shopper_who_is_made_anonymous_at_the_till_is_erased_by_the_next_sync(chain: Pair) -> None:
    """From the till's own row to the contact, with nothing in between that names her."""
    policy(chain)
    assert chain.sync().returncode == 0
    account, world, clock = chain.box.account_id, chain.box.world, chain.box.clock
    row = next(row for row in chain.rows("Contact") if row["Lightspeed_Key__c"])
    number = int(row["Lightspeed_Key__c"].rpartition(":")[2])
    clock.advance(3600)
    anonymise(world, number, clock.now().replace(microsecond=0))

    done = chain.sync()

    assert done.returncode == 0, done.stderr
    after = next(each for each in chain.rows("Contact") if each["Id"] == row["Id"])
    assert (after["LastName"], after["Email"], after["Lightspeed_Key__c"]) == ("(erased)", None, None)
    profiles = {each["Lightspeed_Key__c"]: each["Status__c"] for each in chain.rows("Retail_Profile__c")}
    assert profiles[f"{account}:{number}"] == "erased"


@pytest.mark.parametrize("seen", [True, False], ids=["the customer comes", "it does not"])
def test_whoever_walks_in_is_nobody(pair: Pair, seen: bool) -> None:
    """A receipt without a customer, and one on the till's own "Cash Sale": no person, no hold, and no lookup."""
    nobody = next(each for each in GUIDE.read_text("utf-8").split("```yaml\n") if each.startswith("nobody:"))
    line = nobody.partition("```")[0].replace("1000:25", "7:5")
    change(pair, "customers", "when: {archived: false}", line + "when: {archived: false}")
    cash = said("customers", *([person(5, "Cash", "Sale", email="cash@example.org")] if seen else []))

    done = pair.load(SHOPS + cash + said("sales", *receipts(5), sale(9)))

    assert "+ 0 held" in summary(done)
    assert [(row["Contact__c"], row["Lead__c"]) for row in pair.rows("Retail_Sale__c")] == [(None, None)] * 4
    assert pair.rows("Contact") == pair.rows("Retail_Profile__c") == []
    forget(pair)
    nothing_new(pair, SHOPS + cash + said("sales", *receipts(5), sale(9)))


def test_a_customer_who_turns_out_to_be_nobody_keeps_what_was_made_of_it(pair: Pair) -> None:
    """Declared later on: the contact stays, its profile is retired, and receipts that come again let go of it."""
    pair.load(SHOPS + said("customers", LOU) + said("sales", *receipts(5)))
    change(pair, "customers", "when: {archived: false}", 'nobody: ["7:5"]\nwhen: {archived: false}')

    pair.load(SHOPS + said("customers", newer(LOU, 2)) + said("sales", receipts(5, on=2)[0]))

    assert statuses(pair) == {"5": "retired"}
    assert the_person(pair) == ("7:5", "+15145552368")
    assert [row["Contact__c"] is None for _, row in sorted(by_key(pair, "Retail_Sale__c").items())] == [
        True,
        False,
        False,
    ]
