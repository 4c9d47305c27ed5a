"""Nobody becomes somebody else: not by a number that is unique, not by a look-alike, not by the company of a batch."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

import pytest

from sandbox.salesforce.duplicates import DuplicateRule
from sandbox.salesforce.rules import ValidationRule
from sandbox.salesforce.schema import Field
from tests.journeys.lines import by_key, change, day, person, said, state, summary, told
from tests.journeys.pair import Pair

STRANGERS = (
    person(1, email="quince@example.org"),
    person(2, mobile="+1 902 555 0144"),
    person(3, email="medlar@example.org"),
    person(4, email="Medlar@Example.org"),
)
"""Four tills' profiles without a name, so that all of them are called the same; the last two are one person."""


def people(pair: Pair, *fields: str) -> list[tuple[Any, ...]]:
    return sorted(tuple(row[field] for field in fields) for row in pair.rows("Contact"))


def namesakes(pair: Pair, action: str) -> None:
    pair.box.org.duplicate_rules[:] = [DuplicateRule.of({"object": "Contact", "field": "LastName", "action": action})]


def one_by_one(pair: Pair) -> None:
    pair.target_settings["batch_size_rows"] = 1


# A value that only one may have


def test_a_loyalty_number_that_another_has_is_a_conflict_and_no_identity(pair: Pair) -> None:
    """A club field of the org's own, unique: the second bearer of a number is held, and the first stays who she is."""
    pair.box.org.schema.object("Contact").fields["loyalty__c"] = Field(
        "Loyalty__c", "string", length=40, unique=True, custom=True
    )
    change(pair, "customers", "\nfields:\n", "\nfields:\n  Loyalty__c: {from: code, only: Contact}\n")
    pair.load(said("customers", person(1, "Ines", "Duarte", email="ines@example.org", code="GOLD-8")))

    done = pair.load(said("customers", person(2, "Tom", "Okafor", email="tom@example.org", code="GOLD-8")) + state(n=2))

    assert "1 held" in summary(done)
    (ines,) = pair.rows("Contact")
    assert (ines["FirstName"], ines["Email"], ines["Lightspeed_Key__c"]) == ("Ines", "ines@example.org", "7:1")
    held = told(pair, "customers", "7:2")
    assert (held["reason"], held["fields"], held["candidates"]) == ("value_taken", ["Loyalty__c"], [ines["Id"]])


# Look-alikes of the org's duplicate rules


@pytest.mark.parametrize("action", ["alert", "block"])
def test_a_namesake_stays_who_she_is(pair: Pair, action: str) -> None:
    """The org finds two Okafors alike; none of our rules does. The candidate is named, and nothing of hers changes."""
    ruth = pair.box.org.insert_as_user(
        "Contact", {"FirstName": "Ruth", "LastName": "Okafor", "Email": "ruth@example.org", "Birthdate": "1961-04-09"}
    )
    before = pair.rows("Contact")
    namesakes(pair, action)
    change(pair, "customers", "on_duplicate_rule: allow", "on_duplicate_rule: hold")

    done = pair.load(said("customers", person(5, "Tom", "Okafor", email="tom@example.org", birth_date="1999-12-31")))

    assert "1 held" in summary(done)
    assert pair.rows("Contact") == before
    held = told(pair, "customers", "7:5")
    assert (held["reason"], held["candidates"]) == ("duplicate_rule", [ruth])
    assert ruth in pair.companion("holds").stdout


def test_a_namesake_is_saved_where_the_mapping_says_so(pair: Pair) -> None:
    """`on_duplicate_rule: allow` overrules a rule that warns; what was held before is saved by a replay."""
    pair.box.org.insert_as_user("Contact", {"FirstName": "Ruth", "LastName": "Okafor", "Email": "ruth@example.org"})
    namesakes(pair, "alert")
    change(pair, "customers", "on_duplicate_rule: allow", "on_duplicate_rule: hold")
    tom = said("customers", person(5, "Tom", "Okafor", email="tom@example.org"))
    assert "1 held" in summary(pair.load(tom))
    change(pair, "customers", "on_duplicate_rule: hold", "on_duplicate_rule: allow")

    replayed = pair.companion("replay")

    assert "1 created. 0 open holds" in replayed.stdout, replayed.stderr
    assert people(pair, "FirstName", "Lightspeed_Key__c") == [("Ruth", None), ("Tom", "7:5")]


def test_a_rule_that_blocks_is_not_overruled(pair: Pair) -> None:
    """`allow` is for rules that only warn."""
    pair.box.org.insert_as_user("Contact", {"FirstName": "Ruth", "LastName": "Okafor", "Email": "ruth@example.org"})
    namesakes(pair, "block")

    pair.load(said("customers", person(5, "Tom", "Okafor", email="tom@example.org")))

    assert told(pair, "customers", "7:5")["reason"] == "duplicate_rule"
    assert people(pair, "FirstName") == [("Ruth",)]


@pytest.mark.parametrize("action", ["alert", "block"])
def test_nameless_people_that_come_apart_are_held(pair: Pair, action: str) -> None:
    """One by one, the first is created, the others look like her and are held; so they are in the next run."""
    namesakes(pair, action)
    change(pair, "customers", "on_duplicate_rule: allow", "on_duplicate_rule: hold")
    one_by_one(pair)

    first = summary(pair.load(said("customers", *STRANGERS)))
    second = summary(pair.load(said("customers", *STRANGERS)))

    assert "4 arrived = 1 created + 0 updated + 0 unchanged + 0 skipped + 3 held" in first
    assert "4 arrived = 0 created + 0 updated + 1 unchanged + 0 skipped + 3 held" in second
    assert people(pair, "Email", "MobilePhone") == [("quince@example.org", None)]
    assert {told(pair, "customers", f"7:{number}")["reason"] for number in (2, 3, 4)} == {"duplicate_rule"}


def test_nameless_people_that_come_together_are_not_mixed(pair: Pair) -> None:
    """Salesforce compares no rows of one save: three people, of whom the next run mixes up nobody either."""
    namesakes(pair, "block")

    first = summary(pair.load(said("customers", *STRANGERS)))
    second = summary(pair.load(said("customers", *STRANGERS, person(5, email="sloe@example.org"))))

    assert "4 arrived = 3 created + 0 updated + 1 unchanged + 0 skipped + 0 held" in first
    assert "5 arrived = 0 created + 0 updated + 4 unchanged + 0 skipped + 1 held" in second
    assert {row["Email"] for row in pair.rows("Contact")} == {"quince@example.org", None, "medlar@example.org"}
    assert len(told(pair, "customers", "7:5")["candidates"]) == 3


@pytest.mark.parametrize("alone", [False, True], ids=["in one batch", "one by one"])
def test_nameless_people_are_three_where_the_alert_is_allowed(pair: Pair, alone: bool) -> None:
    """Two profiles with one e-mail are one person, the others each their own; nobody's e-mail is lost."""
    namesakes(pair, "alert")
    if alone:
        one_by_one(pair)

    done = pair.load(said("customers", *STRANGERS))

    assert "4 arrived = 3 created + 0 updated + 1 unchanged + 0 skipped + 0 held" in summary(done)
    assert {row["Email"] for row in pair.rows("Contact")} == {"quince@example.org", None, "medlar@example.org"}
    assert len(pair.rows("Contact")) == 3


# Records that say little of who they are


def open_holds(pair: Pair) -> list[tuple[str, str, dict[str, Any]]]:
    """Key, reason and payload of what is held, as the ledger keeps it."""
    with sqlite3.connect(pair.folder / "ledger.db") as ledger:
        rows = ledger.execute("SELECT key, reason, payload FROM holds WHERE state = 'open' ORDER BY number").fetchall()
    return [(key, reason, json.loads(payload)) for key, reason, payload in rows]


def test_records_of_a_stream_without_key_properties_have_an_entry_each(pair: Pair) -> None:
    """The mapping says what a record's key is, not the stream: two are held, one is in, the ledger knows three."""
    records = (person(1, "Ida", phone_opt_out="?"), person(2, "Otto", phone_opt_out="?"), person(3, "Vera", "Stone"))

    done = pair.load(said("customers", *records, key=()) + state(n=3))

    assert "3 arrived = 1 created + 0 updated + 0 unchanged + 0 skipped + 2 held" in summary(done)
    assert [(key, payload["first_name"]) for key, _, payload in open_holds(pair)] == [("7:1", "Ida"), ("7:2", "Otto")]
    assert told(pair, "customers", "7:3")["verdict"] == "created"
    assert "2 open holds" in pair.companion("holds").stdout


@pytest.mark.parametrize("key", [("account_id", "id"), ()], ids=["key properties", "no key properties"])
def test_records_without_an_id_are_held_each_with_its_payload(pair: Pair, key: tuple[str, ...]) -> None:
    """Two of them, said twice: two holds, not one and not four, and the run goes on."""
    nameless = said("customers", person(None, "Ida", "Marsh"), person(None, "Otto", "Reed"), key=key)

    pair.load(nameless + state(n=1))
    pair.load(nameless + state(n=2))

    held = open_holds(pair)
    assert [(reason, payload["first_name"]) for _, reason, payload in held] == [("invalid", "Ida"), ("invalid", "Otto")]
    assert len({key for key, _, _ in held}) == 2
    assert not pair.rows("Contact")


# Profiles of one person, and a batch's company


def test_profiles_of_one_person_are_counted_as_what_they_became(pair: Pair) -> None:
    """One Contact: made by the first, completed by the second, and the third has nothing to add."""
    profiles = (
        person(1, "Nora", "Wick", email="nora@example.org"),
        person(2, "Nora", "Wick", email="NORA@example.org", mobile="902-555-0177"),
        person(3, "Nora", "Wick", email="nora@example.org"),
    )

    done = pair.load(said("customers", *profiles))

    assert "3 arrived = 1 created + 1 updated + 1 unchanged + 0 skipped + 0 held" in summary(done)
    (nora,) = pair.rows("Contact")
    assert (nora["Lightspeed_Key__c"], nora["MobilePhone"]) == ("7:1", "902-555-0177")
    assert [told(pair, "customers", f"7:{number}")["id"] for number in (1, 2, 3)] == [nora["Id"]] * 3


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["good first", "good last"])
def test_a_profile_that_is_refused_takes_its_sibling_not_down(pair: Pair, order: tuple[int, int]) -> None:
    """One of two profiles has a city that the org will not have: the other is in, whichever comes first."""
    pair.box.org.rules.append(ValidationRule("Contact", "MailingCity", "Eldorado", "no gold"))
    profiles = (
        person(1, "Nora", "Wick", email="nora@example.org", address_line1="3 Quay Lane"),
        person(2, "Nora", "Wick", email="nora@example.org", city="Eldorado"),
    )

    done = pair.load(said("customers", *(profiles[place] for place in order)))

    assert done.returncode == 0, done.stderr
    (nora,) = pair.rows("Contact")
    assert (nora["Email"], nora["MailingStreet"]) == ("nora@example.org", "3 Quay Lane")
    assert told(pair, "customers", "7:1")["verdict"] == "created"


@pytest.mark.parametrize("company", [(2,), (1, 2), (2, 1)], ids=["alone", "behind her neighbour", "before him"])
def test_a_neighbours_phone_swallows_nobody(pair: Pair, company: tuple[int, ...]) -> None:
    """An e-mail outranks a phone, also when it is that of somebody in the batch with the same first name."""
    first = person(1, "Kim", "Vale", email="vale@example.org", mobile="902-555-0190")
    pair.load(said("customers", first))
    other = pair.box.org.insert_as_user("Contact", {"FirstName": "Kim", "LastName": "Ray", "Email": "ray@example.org"})
    records = {
        1: {**first, "city": "Truro", "updated_at": day(2)},
        2: person(2, "Kim", "Ray", email="ray@example.org", mobile="902-555-0190", city="Digby"),
    }

    done = pair.load(said("customers", *(records[number] for number in company)))

    assert done.returncode == 0, done.stderr
    assert {key: row["LastName"] for key, row in by_key(pair, "Contact").items()} == {"1": "Vale", "2": "Ray"}
    assert (told(pair, "customers", "7:2")["id"], told(pair, "customers", "7:2")["rule"]) == (other, "email")


@pytest.mark.parametrize("company", [(), (8, 9)], ids=["alone", "in company"])
def test_of_two_contacts_with_one_email_a_person_decides(pair: Pair, company: tuple[int, ...]) -> None:
    """Who have one name: held with both named, alone and between two neighbours."""
    shared = {"FirstName": "Nell", "LastName": "Wick", "Email": "home@example.org"}
    both = sorted(pair.box.org.insert_as_user("Contact", shared) for _ in range(2))
    neighbours = {
        8: person(8, "Una", "Fell", email="una@example.org"),
        9: person(9, "Ned", "Wick", email="HOME@example.org"),
    }
    records = [person(4, "Nell", "Wick", email="home@example.org"), *(neighbours[number] for number in company)]

    done = pair.load(said("customers", *records, *records[:1]))

    assert done.returncode == 0, done.stderr
    assert told(pair, "customers", "7:4")["candidates"] == both
    assert told(pair, "customers", "7:4")["reason"] == "many_matches"
    assert set(by_key(pair, "Contact")) == ({"8", "9"} if company else set())


def test_a_contact_that_was_given_to_another_is_hers_no_more(pair: Pair) -> None:
    """The ledger remembers an id; the org says that another shopper lives there now. The org is believed."""
    pair.load(said("customers", person(1, "Ada", "Moor", email="ada@example.org")))
    contact = pair.rows("Contact")[0]["Id"]
    grown = {"FirstName": "Bo", "LastName": "Lind", "Email": "bo@example.org", "Lightspeed_Key__c": "7:2"}
    pair.box.org.edit_as_user("Contact", contact, grown)

    again = person(1, "Ada", "Moor", email="ada@example.org", birth_date="1970-05-05", updated_at=day(2))
    done = pair.load(said("customers", again, person(2, "Bo", "Lind", email="bo@example.org", birth_date="1980-06-06")))

    assert done.returncode == 0, done.stderr
    rows = by_key(pair, "Contact")
    assert {key: (row["FirstName"], row["Birthdate"]) for key, row in rows.items()} == {
        "1": ("Ada", "1970-05-05"),
        "2": ("Bo", "1980-06-06"),
    }
    assert rows["2"]["Id"] == contact
