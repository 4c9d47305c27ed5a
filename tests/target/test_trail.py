"""A trail tells what each rule said of a record, in their order; and it holds no value of a shopper."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from target_salesforce_retail.companion.clue_words import in_words
from target_salesforce_retail.mapping.blocked import Blocklist
from target_salesforce_retail.nouns import Clue, Why
from target_salesforce_retail.stages.inside.clues import with_ids
from target_salesforce_retail.stages.inside.picture import UNBORN
from target_salesforce_retail.trail import ROWS_TOLD, clue, of_plain, plain

from tests.target.world import SALES, SHOPS, World

SHOPPERS = """
stream: customers
object: Contact
key: {field: Key__c, value: "{account_id}:{id}"}
region: {else: CA}
match:
  - by: key
  - {by: email, from: email, to: {Contact: Email, Lead: Email}, agree: {FirstName: first_name}, shared_by: 2}
  - {by: phone, from: phone, to: {Contact: Phone}, when: {kind: club}, unless: {Birthdate: birth_date}}
fields:
  FirstName: {from: first_name}
  LastName: {from: last_name, else: "(unknown)"}
  Email: {from: email}
  Phone: {from: phone}
  Phone_E164__c: {key_of: Phone}
  Birthdate: {from: birth_date}
"""
A, B = "Contact-a", "Contact-b"
ONE = {"id": "1", "kind": "club", "first_name": "Ann", "email": "ann@x.org"}


def world(*rows: dict[str, Any]) -> World:
    made = World(SHOPPERS, SHOPS, SALES)
    for row in rows:
        made.org.put("Contact", row)
    return made


def said(made: World, **more: Any) -> list[tuple[str, str]]:
    (outcome,) = made.run("customers", {**ONE, **more})
    return [(each.rule, each.why.value) for each in outcome.trail]


def test_each_rule_that_was_asked_has_its_say() -> None:
    """Nobody carries the key, one has the e-mail; the rule after that was not asked."""
    made = world({"Id": A, "Email": "ann@x.org", "FirstName": "Ann"})

    assert said(made) == [("key", "none"), ("email", "one"), ("phone", "not_asked")]
    assert said(made)[0] == ("key", "one")


def test_who_does_not_agree_is_named_with_the_field() -> None:
    """A family with one e-mail; beside the one who is it, too."""
    made = world(
        {"Id": A, "Email": "ann@x.org", "FirstName": "Bob"}, {"Id": B, "Email": "ann@x.org", "FirstName": "Ann"}
    )
    (outcome,) = made.run("customers", ONE)
    (other,) = made.run("customers", {**ONE, "id": "2", "first_name": "Cid"})

    assert outcome.trail[1:3] == (
        Clue("email", Why.ONE, (("Contact", B),)),
        Clue("email", Why.DISAGREES, (("Contact", A),), ("FirstName",)),
    )
    assert other.trail[1] == Clue("email", Why.DISAGREES, (("Contact", A), ("Contact", B)), ("FirstName",))


def test_several_are_told_until_a_rule_tells_them_apart() -> None:
    """And who is found elsewhere is none of them."""
    two = [{"Id": each, "Email": "ann@x.org", "Phone": phone} for each, phone in ((A, "5142500001"), (B, "5142500002"))]

    assert said(world(*two)) == [("key", "none"), ("email", "several"), ("phone", "absent")]
    assert said(world(*two), phone="514 250 0002") == [("key", "none"), ("email", "several"), ("phone", "one")]
    third = {"Id": "Contact-c", "Phone": "5142500003"}
    assert said(world(*two, third), phone="514 250 0003")[2] == ("phone", "elsewhere")


def test_a_veto_names_the_field() -> None:
    """In the trail, and as what the hold is about."""
    made = world({"Id": A, "Phone": "5142500001", "Birthdate": "1980-01-02"})
    (outcome,) = made.run("customers", {**ONE, "phone": "514 250 0001", "birth_date": "1990-05-17"})

    assert outcome.trail[2] == Clue("phone", Why.VETOED, (("Contact", A),), ("Birthdate",))
    assert (outcome.reason, outcome.fields, outcome.candidates) == ("vetoed", ("Birthdate",), (A,))


def test_a_rule_that_has_nothing_to_ask_for_says_what_is_missing() -> None:
    """The property; or what its `when` asks for."""
    made = world()
    (outcome,) = made.run("customers", {"id": "1", "kind": "staff", "phone": "514 250 0001"})

    assert outcome.trail[1:] == (Clue("email", Why.ABSENT, (), ("email",)), Clue("phone", Why.UNMET, (), ("kind",)))


def test_what_is_no_evidence_says_why() -> None:
    """Listed, shared by too many shoppers, or by too many people in the org."""
    made = world()
    made.mappings = replace(made.mappings, blocklist=Blocklist(values=frozenset({("email", "ann@x.org")})))
    assert said(made)[1] == ("email", "blocklisted")

    made = world()
    for number in ("7", "8"):
        made.run("customers", {**ONE, "id": number, "first_name": number})
    assert said(made)[1] == ("email", "common")

    made = world(*({"Id": f"Contact-{each}", "Email": "ann@x.org"} for each in range(3)))
    assert said(made)[1] == ("email", "crowd")


def test_a_row_of_the_same_batch_is_told_by_the_id_it_got() -> None:
    """Not by the one that stood for it."""
    made = world()
    first, second = made.run("customers", ONE, {**ONE, "id": "2", "first_name": "Bob"})

    assert second.trail[1] == Clue("email", Why.DISAGREES, (("Contact", str(first.id)),), ("FirstName",))


def test_a_row_that_was_refused_has_never_disagreed() -> None:
    """It was to be created in the same batch, and is not there: the next batch would not see it either."""
    trail = (Clue("email", Why.DISAGREES, (("Contact", f"{UNBORN}1"),), ("FirstName",)), Clue("phone", Why.NONE))

    assert with_ids(trail, {}) == (Clue("email", Why.NONE), Clue("phone", Why.NONE))


def test_a_receipt_says_whom_it_waits_for() -> None:
    """By stream and key of the till."""
    made = world()
    (outcome,) = made.run("sales", {"id": "9", "state": "completed", "shop_id": "3", "total": "1"})

    assert outcome.trail == (Clue("key", Why.NONE), Clue("Shop__c", Why.WAITS, (("shops", "1:3"),)))


@pytest.mark.parametrize(
    "each",
    [
        Clue("key", Why.NONE),
        Clue("email", Why.ABSENT, (), ("email",)),
        clue("email", Why.SEVERAL, [("Contact", str(number)) for number in range(9)]),
    ],
)
def test_what_is_kept_of_a_clue_is_the_clue(each: Clue) -> None:
    """Of many rows only the first, and how many more there are."""
    assert of_plain(plain((each,))) == (each,)
    assert len(each.rows) <= ROWS_TOLD


def test_a_trail_holds_no_value() -> None:
    """Whatever was compared."""
    made = world({"Id": A, "Email": "ann@x.org", "FirstName": "Bob", "Phone": "5142500001", "Birthdate": "1980-01-02"})
    (outcome,) = made.run("customers", {**ONE, "phone": "514 250 0001", "birth_date": "1990-05-17"})

    kept = str(plain(outcome.trail))
    assert not [value for value in ("ann", "Ann", "Bob", "514", "1980", "1990") if value in kept]


@pytest.mark.parametrize(
    ("why", "one", "two"),
    [
        (
            Why.DISAGREES,
            "Contact 1 would answer, but differs in Email",
            "Contact 1 and Contact 2 would answer, but differ",
        ),
        (Why.ELSEWHERE, "Contact 1 answers, who is none", "Contact 1 and Contact 2 answer, who are none"),
        (Why.OTHERS_KEY, "Contact 1 is what it was", "Contact 1 and Contact 2 are what it was"),
        (Why.DEAD_END, "only Contact 1 answers: a converted", "only Contact 1 and Contact 2 answer: converted leads"),
    ],
)
def test_of_several_it_is_said_as_of_several(why: Why, one: str, two: str) -> None:
    """Also of those that are only counted."""
    row, other = ("Contact", "1"), ("Contact", "2")

    assert in_words(Clue("email", why, (row,), ("Email",))).startswith(one)
    assert in_words(Clue("email", why, (row, other), ("Email",))).startswith(two)
    counted = in_words(Clue("email", why, (row,), ("Email",), more=3))
    assert counted.startswith(two.replace("Contact 2", "3 more"))
