"""A decision does not depend on company, whatever the match rules are made of: several comparisons, conditions, vetoes.

The pipeline is held against ``reference``, which takes one record at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from target_salesforce_retail.nouns import Verdict

from tests.lanes import examples
from tests.target.company import end_alike
from tests.target.reference import Reference
from tests.target.world import World

Values = dict[str, Any]
SHOPPERS = """
stream: customers
object: Contact
key: {field: Key__c, value: "{account_id}:{id}"}
version: updated_at
region: {else: CA}
match:
  - by: key
  - {name: card, by: text, from: card, to: {Contact: Card__c}, when: {kind: [club, staff]}}
  - {by: email, from: [email, emails], to: {Contact: [Email, Second__c], Lead: Email}, unless: {Birthdate: birth_date}}
  - name: person
    all:
      - {by: name, from: last_name, to: {Contact: [LastName, Maiden__c], Lead: LastName}}
      - {by: postal_code, from: postal_code, to: {Contact: MailingPostalCode, Lead: PostalCode}}
    agree: {FirstName: first_name}
  - name: birthday
    all:
      - {by: date, from: birth_date, to: {Contact: Birthdate}}
      - {by: name, from: last_name, to: {Contact: [LastName, Maiden__c]}}
fields:
  FirstName: {from: first_name, update: if_blank}
  LastName: {from: last_name, else: "(unknown)"}
  Email: {from: email}
  Card__c: {from: card, update: if_blank, only: Contact}
  MailingPostalCode: {from: postal_code, only: Contact}
  PostalCode: {from: postal_code, only: Lead}
  Birthdate: {from: birth_date, as: date, update: if_blank, refused: leave_out, only: Contact}
"""
FIRST = st.sampled_from([None, "Ann", "Bob"])
LAST = st.sampled_from([None, "O'Brien", "OBRIEN", "Roy"])
EMAIL = st.sampled_from([None, None, "a@x.org", "B@x.org", "b@x.org"])
CODE = st.sampled_from([None, "H2X 1Y4", "h2x1y4", "V6B 1A1"])
DAY = st.sampled_from([None, None, "1980-01-02", "1990-05-17"])
KEY = st.sampled_from([None, None, None, "1:1", "1:2"])
CARD = st.sampled_from([None, None, "C1", "C2"])

contacts = st.fixed_dictionaries(
    {
        "FirstName": FIRST,
        "LastName": LAST,
        "Maiden__c": st.sampled_from([None, None, "o'brien"]),
        "Email": EMAIL,
        "Second__c": EMAIL,
        "MailingPostalCode": CODE,
        "Birthdate": DAY,
        "Card__c": CARD,
        "Key__c": KEY,
    }
)
leads = st.fixed_dictionaries({"FirstName": FIRST, "LastName": LAST, "Email": EMAIL, "PostalCode": CODE, "Key__c": KEY})
org_rows = st.lists(st.tuples(st.just("Contact"), contacts) | st.tuples(st.just("Lead"), leads), max_size=4)
shoppers = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["1", "2", "3", "4"]),
        "first_name": FIRST,
        "last_name": LAST,
        "email": EMAIL,
        "emails": st.sampled_from([None, [], ["b@x.org", "a@x.org"]]),
        "postal_code": CODE,
        "birth_date": DAY,
        "card": CARD,
        "kind": st.sampled_from([None, "club", "staff", "other"]),
        "updated_at": st.sampled_from([f"2026-11-0{day}T10:00:00Z" for day in (1, 2, 3)]),
    }
)


def world_of(kind: type[World], rows: Sequence[tuple[str, Values]], document: str = SHOPPERS) -> World:
    world = kind(document)
    for number, (name, values) in enumerate(rows):
        world.org.put(name, {"Id": f"{name}-{number}", **{field: value for field, value in values.items() if value}})
    return world


@settings(max_examples=examples(60))
@given(org_rows, st.lists(shoppers, max_size=8), st.lists(st.integers(1, 5), max_size=8))
def test_rules_of_any_make_decide_as_they_would_one_by_one(
    rows: list[tuple[str, Values]], records: list[Values], sizes: list[int]
) -> None:
    """Org, ledger, holds, and every single outcome with the rule that decided; in one batch and in any partition."""
    end_alike(world_of(Reference, rows), world_of(World, rows), world_of(World, rows), records, sizes)


BY_KIND = SHOPPERS.replace(
    "fields:",
    """on_none:
  - {when: {kind: other}, do: skip}
  - {when: {email: null, card: [null, C2]}, create: Lead}
  - {create: Contact}
fields:""",
)


@settings(max_examples=examples(40))
@given(org_rows, st.lists(shoppers, max_size=8), st.lists(st.integers(1, 5), max_size=8))
def test_what_nothing_matched_becomes_what_it_says_itself(
    rows: list[tuple[str, Values]], records: list[Values], sizes: list[int]
) -> None:
    """Whoever else comes, before or together; and it stays what it became, in whatever version it comes again."""
    slow, whole, cut = (world_of(kind, rows, BY_KIND) for kind in (Reference, World, World))
    assert isinstance(slow, Reference)
    end_alike(slow, whole, cut, records, sizes)

    world = world_of(World, rows, BY_KIND)
    outcomes = world.run("customers", *records)
    stays: dict[str, str | None] = {}
    for record, outcome in zip(records, outcomes, strict=True):
        if outcome.verdict is Verdict.CREATED:
            is_lead = record["email"] is None and record["card"] in (None, "C2")
            assert outcome.object == ("Lead" if is_lead else "Contact")
            assert record["kind"] != "other"
            assert record["id"] not in stays
            stays[record["id"]] = outcome.id
        elif outcome.id and record["id"] in stays:
            assert outcome.id == stays[record["id"]]


OBRIEN = {"LastName": "OBRIEN", "MailingPostalCode": "H2X 1Y4", "Birthdate": "1980-01-02"}


@pytest.mark.parametrize(
    ("record", "rule"),
    [
        ({"last_name": "o\u2019brien", "postal_code": "h2x1y4"}, "person"),
        ({"last_name": "Dr O'Brien", "postal_code": "V6B 1A1", "birth_date": "1980-01-02"}, "birthday"),
        ({"last_name": "O'Brien", "postal_code": "V6B 1A1"}, None),
        ({"last_name": "O'Brien"}, None),
        ({"postal_code": "H2X 1Y4", "birth_date": "1980-01-02"}, None),
    ],
)
def test_all_comparisons_of_a_rule_must_find_it(record: Values, rule: str | None) -> None:
    """However name and postal code are written; one alone finds nobody."""
    world = world_of(World, [("Contact", OBRIEN)])
    (outcome,) = world.run("customers", {"id": "1", **record})

    assert outcome.rule == rule
    assert len(world.rows("Contact")) == (1 if rule else 2)


def test_who_contradicts_is_held_with_the_name_of_the_other() -> None:
    """One e-mail, two birthdays: a person decides, and once one of them is mended the next run agrees."""
    world = world_of(World, [("Contact", {"Email": "a@x.org", "Birthdate": "1980-01-02"})])
    (outcome,) = world.run("customers", {"id": "1", "email": "a@x.org", "birth_date": "1990-05-17"})

    assert (outcome.reason, outcome.rule, outcome.candidates) == ("vetoed", "email", ("Contact-0",))

    world.org.tables["Contact"]["Contact-0"]["Birthdate"] = "1990-05-17"
    (again,) = world.run("customers", {"id": "1", "email": "a@x.org", "birth_date": "1990-05-17"})

    assert (again.verdict, again.id) == ("updated", "Contact-0")


@pytest.mark.parametrize("policy", ["hold", "oldest", "most_complete"])
def test_a_veto_holds_whoever_chooses(policy: str) -> None:
    """Two answer to the e-mail and contradict the birthday; neither a later rule nor `on_many` may take one of them."""
    world = World(SHOPPERS.replace("match:", f"on_many: {policy}\nmatch:"))
    for number, code in enumerate(("H2X 1Y4", "V6B 1A1")):
        values = {"Email": "a@x.org", "Birthdate": f"197{number}-01-02", "LastName": "Roy", "MailingPostalCode": code}
        world.org.put("Contact", {"Id": f"Contact-{number}", **values})
    shopper = {"id": "1", "email": "a@x.org", "birth_date": "1999-05-17"}

    (chosen,) = world.run("customers", shopper)
    (narrowed,) = world.run("customers", {**shopper, "id": "2", "last_name": "Roy", "postal_code": "V6B 1A1"})

    assert narrowed.reason == "vetoed"
    assert chosen.reason == ("many_matches" if policy == "hold" else "vetoed")
    assert {row["Birthdate"] for row in world.rows("Contact")} == {"1970-01-02", "1971-01-02"}


@pytest.mark.parametrize(
    "code", ["00-950", "113 51", "01310-100", "1234 AB", "SW1A 1AA", "H2X 1Y4", "150-0002", "10115"]
)
def test_the_same_postal_code_is_found(code: str) -> None:
    """Wherever a country parts it."""
    world = world_of(World, [("Contact", {**OBRIEN, "MailingPostalCode": code})])
    (outcome,) = world.run("customers", {"id": "1", "last_name": "O'Brien", "postal_code": code})

    assert outcome.rule == "person"
