"""What stands in a field in place of a blank is one: to the rules that compare, and to `if_blank`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from target_salesforce_retail.mapping.agree import says_nothing
from target_salesforce_retail.nouns import Outcome, Value

from tests.lanes import examples
from tests.target.company import end_alike, rows_of
from tests.target.reference import Reference, told
from tests.target.test_company_of_rules import world_of
from tests.target.world import SHOPPERS, World

SHIPPED = (Path(__file__).parents[2] / "transforms" / "customers.yml").read_text("utf-8")
FILLER = "(unknown)"
ANN = {"first_name": "Ann", "email": "ann@x.org", "mobile": "514-555-2368"}
Values = dict[str, Any]


def names(world: World) -> list[Any]:
    """The last names of all contacts."""
    return [row.get("LastName") for row in world.rows("Contact")]


@pytest.mark.parametrize("second", ["1", "2"], ids=["her next version", "her next profile"])
def test_a_shopper_without_a_last_name_is_mended_by_what_comes_next(second: str) -> None:
    """Whichever of her profiles says it; what says nothing takes it from nobody, and a repetition writes nothing."""
    world = World(SHIPPED)
    world.run("customers", {"id": "1", **ANN})
    assert names(world) == [FILLER]

    world.run("customers", {"id": second, **ANN, "last_name": "Lee"})
    assert names(world) == ["Lee"]

    world.run("customers", {"id": "3", **ANN, "last_name": "Leigh-Lee"}, {"id": "1", **ANN})
    assert names(world) == ["Lee"]
    writes = len(world.org.sent)
    world.run("customers", {"id": "1", **ANN}, {"id": second, **ANN, "last_name": "Lee"})
    assert len(world.org.sent) == writes


@pytest.mark.parametrize(("blank", "last_name"), [("differs", "Lee"), ("never", "Lee"), ("never", None)])
def test_what_is_strict_about_blanks_is_strict_about_fillers(blank: str, last_name: str | None) -> None:
    """By the number alone: to a last name a filler is another one, and of two that say nothing none is proof."""
    world = World(SHIPPED.replace("by: alike, blank: differs", f"by: alike, blank: {blank}"))
    world.org.put("Contact", {"FirstName": "Ann", "LastName": FILLER, "MobilePhone": ANN["mobile"]})
    world.run("customers", {"id": "1", **ANN, "email": None, "last_name": last_name})

    assert len(world.rows("Contact")) == 2


@pytest.mark.parametrize("name", ["Contact", "Lead"])
@pytest.mark.parametrize("typed", [FILLER, " (Unknown) "])
def test_what_a_person_has_typed_is_no_more_than_the_filler(name: str, typed: str) -> None:
    """In whatever case, in a lead as in a contact: nobody can tell who has put it there."""
    world = World(SHIPPED)
    world.org.put(name, {"FirstName": "Ann", "LastName": typed, "Email": "ann@x.org"})
    (outcome,) = world.run("customers", {"id": "1", **ANN, "last_name": "Lee"})

    assert (outcome.object, outcome.rule) == (name, "email")
    assert [row["LastName"] for row in world.rows(name)] == ["Lee"]


def test_a_company_takes_the_place_of_the_filler() -> None:
    """It stands where people have their last name."""
    world = World(SHIPPED)
    world.run("customers", {"id": "1", **ANN}, {"id": "1", **ANN, "company": "Duarte Boats"})

    assert names(world) == ["Duarte Boats"]


def test_nobody_is_looked_for_by_the_filler() -> None:
    """A clerk has typed it: the org is not asked who is called so, for there may be a hundred thousand."""
    rule = "{by: text, from: last_name, to: {Contact: [LastName, Maiden__c], Lead: LastName}}"
    world = World(SHOPPERS.replace("  - {by: email", f"  - {rule}\n  - {{by: email", 1))
    world.org.put("Contact", {"LastName": FILLER})
    world.org.put("Lead", {"LastName": FILLER})
    asked: list[Any] = []
    find = world.org.find
    world.org.find = lambda wanted, fields: asked.append(wanted) or find(wanted, fields)  # type: ignore[method-assign]
    (outcome,) = world.run("customers", {"id": "1", "last_name": FILLER.upper()})

    assert outcome.verdict == "created"
    sought = [set(condition) for wanted in asked for conditions in wanted.values() for condition in conditions]
    assert {"LastName"} not in sought
    assert {"Maiden__c"} in sought


def test_no_account_is_found_by_the_filler() -> None:
    """Those who have told no name share one that is made for them, and take no account that is called so by chance."""
    account = (
        "{key: Key__c, shared: {zip: postal_code}, found_by: Name, fields: {Name: {from: last_name, else: Nobody}}}"
    )
    world = World(f"{SHOPPERS}account: [{account}]\n")
    there = world.org.put("Account", {"Name": "Nobody"})
    world.run("customers", {"id": "1", "zip": "H2X 1Y4"}, {"id": "2", "zip": "H2X 1Y4"})

    accounts = {row["AccountId"] for row in world.rows("Contact")}
    assert len(accounts) == 1
    assert there not in accounts


def test_a_field_that_follows_the_till_is_left_to_its_owner() -> None:
    """A second profile that filled it in would do so again after each version of the first that says nothing."""
    world = World(SHOPPERS)
    world.run("customers", {"id": "1", **ANN}, {"id": "2", **ANN, "last_name": "Lee"})

    assert names(world) == [FILLER]
    world.run("customers", {"id": "1", **ANN, "last_name": "Roy"})
    assert names(world) == ["Roy"]


@pytest.mark.parametrize(
    ("value", "filler", "expected"),
    [
        (None, None, True),
        ("\u200b ", "?", True),
        ("Lee", None, False),
        ("Unknown", FILLER, False),
        (Decimal("0.00"), 0, True),
        (date(1900, 1, 1), "1900-01-01", True),
        (True, True, False),
        (True, "true", False),
        (False, 0, False),
        (1, True, True),
    ],
)
def test_what_says_nothing(value: Value, filler: Value, expected: bool) -> None:
    """A blank, and what equals the filler apart from case and space around; a tick is one of two answers."""
    assert says_nothing(value, filler) is expected


# The laws

COMPARED = """
stream: customers
object: Contact
key: {field: Key__c, value: "{account_id}:{id}"}
region: {else: CA}
match:
  - by: key
  - name: named_card
    all:
      - {by: text, from: card, to: {Contact: Card__c, Lead: Card__c}}
      - {by: text, from: [last_name, company], to: {Contact: [Maiden__c, LastName], Lead: LastName}}
  - name: named_place
    all:
      - {by: postal_code, from: zip, to: {Contact: MailingPostalCode}}
      - {by: name, from: last_name, to: {Contact: [LastName, Maiden__c]}}
  - by: email
    from: email
    to: {Contact: Email, Lead: Email}
    agree: {LastName: {from: [last_name, company], blank: %s}}
  - name: card
    by: text
    from: card
    to: {Contact: Card__c, Lead: Card__c}
    unless: {LastName: {from: last_name, blank: %s}}
fields:
  LastName: {from: [last_name, company], else: "(unknown)", update: if_blank}
  Maiden__c: {from: maiden, else: "(unknown)", update: if_blank, only: Contact}
  Email: {from: email, update: if_blank}
  Card__c: {from: card, update: if_blank}
  MailingPostalCode: {from: zip, update: if_blank, only: Contact}
"""
LAST = st.sampled_from([None, FILLER, FILLER, "(Unknown)", "Lee"])
EMAIL = st.sampled_from([None, "a@x.org"])
CARD = st.sampled_from([None, None, "C1"])
ZIP = st.sampled_from([None, "H2X 1Y4"])
KEY = st.sampled_from([None, None, "1:1"])
LEAD = {"LastName": LAST, "Email": EMAIL, "Card__c": CARD, "Key__c": KEY}
contacts = st.fixed_dictionaries({**LEAD, "Maiden__c": LAST, "MailingPostalCode": ZIP})
there = st.lists(
    st.tuples(st.just("Contact"), contacts) | st.tuples(st.just("Lead"), st.fixed_dictionaries(LEAD)), max_size=3
)
shoppers = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["1", "2", "3"]),
        "last_name": LAST,
        "company": st.sampled_from([None, None, "Lee"]),
        "maiden": st.sampled_from([None, None, "Lee"]),
        "email": EMAIL,
        "card": CARD,
        "zip": ZIP,
    }
).filter(lambda each: None in (each["last_name"], each["company"]))
texts = st.tuples(*[st.sampled_from(["agrees", "differs", "never"])] * 2).map(lambda blank: COMPARED % blank)


@settings(max_examples=examples(30))
@given(texts, there, st.lists(shoppers, max_size=5), st.lists(st.integers(1, 5), max_size=6))
def test_a_batch_with_fillers_ends_as_its_records_would_one_by_one(
    text: str, rows: list[tuple[str, Values]], records: list[Values], sizes: list[int]
) -> None:
    """Those that people typed and our own, which the next record of the batch fills in."""
    slow, whole, cut = (world_of(kind, rows, text) for kind in (Reference, World, World))
    assert isinstance(slow, Reference)
    end_alike(slow, whole, cut, records, sizes)


@settings(max_examples=examples(40))
@given(texts, there, st.lists(shoppers, max_size=4))
def test_a_filler_decides_what_a_blank_does(text: str, rows: list[tuple[str, Values]], records: list[Values]) -> None:
    """The org and the records without any fillers end the same, but for the name of whom nobody has named."""
    whole = world_of(World, rows, text)
    plain = world_of(World, [(name, blanked(row)) for name, row in rows], text.replace('else: "(unknown)", ', ""))
    outcomes = [outcome for record in records for outcome in whole.run("customers", record)]
    expected = [outcome for record in records for outcome in plain.run("customers", blanked(record))]

    assert decided(outcomes) == decided(expected)
    assert without_fillers(whole) == without_fillers(plain)


def blanked(values: Values) -> Values:
    return {name: None if str(value).lower() == FILLER else value for name, value in values.items()}


def decided(outcomes: Sequence[Outcome]) -> list[Any]:
    """Who it is and why; where a filler is filled in, a blank may have been left alone."""
    return [
        (key, verdict in ("updated", "unchanged") or verdict, *rest) for key, verdict, *rest in told(list(outcomes))
    ]


def without_fillers(world: World) -> list[Any]:
    return [
        (name, [(field, value) for field, value in values if value.lower() != FILLER])
        for name, values in rows_of(world)
    ]
