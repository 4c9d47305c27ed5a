"""Leads are converted alike in any company: in one batch, one by one, in any partition, and however often."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from target_salesforce_retail.words import IN_ORG

from tests.lanes import examples
from tests.target.company import end_alike, parts, rows_of
from tests.target.kept import documents
from tests.target.leads import CUSTOMERS, LeadsOrg, OneByOne
from tests.target.reference import told
from tests.target.test_profiles import KEEP, KeepingWorld, histories, live, people, sizes_of_parts
from tests.target.test_profiles import rows_of as rows_of_keepers
from tests.target.world import World

Values = dict[str, Any]
names = st.sampled_from([None, "Ann", "Bob"])
emails = st.sampled_from([None, "a@x.org", "A@X.org", "b@x.org"])
phones = st.sampled_from([None, "514 250 0001", "(514) 250-0001", "604 250 0001"])
companies = st.sampled_from([None, "Acme", "ACME", "Zoo"])
leads = st.fixed_dictionaries(
    {
        "FirstName": names,
        "Email": emails,
        "Phone": phones,
        "Nick__c": st.sampled_from([None, None, "a@x.org", "b@x.org"]),
        "Company": companies | st.just("Refused"),
        "Key__c": st.sampled_from([None, None, "1:1", "1:9"]),
    }
)
contacts = st.fixed_dictionaries({"FirstName": names, "Email": emails, "Phone": phones})
shoppers = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["1", "2", "3", "4"]),
        "first_name": names,
        "last_name": st.sampled_from([None, "Lee", "Roy"]),
        "email": emails,
        "phone": phones,
        "company": companies,
        "type": st.sampled_from([None, None, "shopper", "staff"]),
        "updated_at": st.sampled_from([f"2026-11-0{day}T10:00:00Z" for day in (1, 2, 3)]),
    }
)
org_rows = st.lists(st.tuples(st.just("Lead"), leads) | st.tuples(st.just("Contact"), contacts), max_size=4)
cuts = st.lists(st.integers(1, 5), max_size=8)


def world_of(kind: type[World], rows: list[tuple[str, Values]]) -> World:
    world = kind(CUSTOMERS)
    world.org = LeadsOrg(world.describes)
    for number, (name, values) in enumerate(rows):
        world.org.put(name, {"Id": f"{name}-{number}", **{field: value for field, value in values.items() if value}})
    return world


@settings(max_examples=examples(30))
@given(org_rows, st.lists(shoppers, max_size=6), cuts)
def test_leads_are_converted_alike_in_any_company(
    rows: list[tuple[str, Values]], records: list[Values], sizes: list[int]
) -> None:
    """Org, ledger, holds, and every single outcome; whatever the contact shows of what its lead held."""
    end_alike(world_of(OneByOne, rows), world_of(World, rows), world_of(World, rows), records, sizes)


LEAD = ("Lead", {"Email": "a@x.org", "Nick__c": "b@x.org", "Company": "Acme"})


def shopper(number: int, **more: Any) -> Values:
    return {"id": str(number), "updated_at": "2026-11-01T10:00:00Z", **more}


@pytest.mark.parametrize(
    "records",
    [
        # the contact shows what its lead held in a field that nobody searches
        [shopper(1, email="a@x.org"), shopper(2, email="b@x.org")],
        # whoever is not decided yet must not find it
        [
            shopper(1, phone="514 250 0001"),
            shopper(2, email="b@x.org", phone="514 250 0001"),
            shopper(3, email="a@x.org"),
        ],
        # the account that Salesforce makes of the lead's company is found by its name
        [shopper(1, email="a@x.org"), shopper(2, company="ACME")],
        # two of one lead; and one whose lead is to be left
        [shopper(1, email="a@x.org"), shopper(2, email="a@x.org", phone="514 250 0001")],
        # one who comes again, and is known by her lead alone
        [
            shopper(1, email="a@x.org", type="staff"),
            shopper(1, email="c@x.org"),
            shopper(1, email="c@x.org", type="staff"),
        ],
        [shopper(1, email="a@x.org", type="staff"), shopper(2, email="a@x.org"), shopper(3, email="a@x.org")],
    ],
)
def test_company_that_matters(records: list[Values]) -> None:
    """Who would find what a lead becomes waits for it; a lead waits for who would find it and has come before."""
    end_alike(world_of(OneByOne, [LEAD]), world_of(World, [LEAD]), world_of(World, [LEAD]), records, [])


@settings(max_examples=examples(20))
@given(org_rows, st.lists(shoppers, max_size=5), cuts)
def test_what_comes_again_converts_and_writes_nothing(
    rows: list[tuple[str, Values]], records: list[Values], sizes: list[int]
) -> None:
    """Neither with the ledger that has settled it, nor with a new one, which finds everybody as they were found."""
    world = world_of(World, rows)
    versions = [{**record, "id": str(day), "updated_at": f"2026-11-{day:02d}"} for day, record in enumerate(records, 1)]
    outcomes = world.run("customers", *versions)
    settled = [each for each, outcome in zip(versions, outcomes, strict=True) if outcome.verdict in IN_ORG]
    before = rows_of(world)

    for part in parts(settled, sizes):
        world.run("customers", *part)

    assert rows_of(world) == before


@settings(max_examples=examples(20))
@given(org_rows, st.lists(shoppers, max_size=4), st.integers(0, 5), st.booleans())
def test_a_run_that_is_killed_goes_on_as_if_it_had_not_been(
    rows: list[tuple[str, Values]], records: list[Values], writes: int, ledger_is_lost: bool
) -> None:
    """After any write: also between a conversion and what the contact is told, and with the ledger lost."""
    versions = [{**record, "id": str(day), "updated_at": f"2026-11-{day:02d}"} for day, record in enumerate(records, 1)]
    whole, killed = world_of(World, rows), world_of(World, rows)
    whole.run("customers", *versions)
    killed.org.left = writes

    with suppress(KeyboardInterrupt):
        killed.run("customers", *versions)
    killed.org.left = None
    if ledger_is_lost:
        killed.ledger = World(CUSTOMERS).ledger
    killed.run("customers", *versions)

    assert rows_of(killed) == rows_of(whole)


mostly_leads = people.map(
    lambda rows: [(name if place % 3 == 2 else "Lead", row) for place, (name, row) in enumerate(rows)]
)


@KEEP
@settings(max_examples=examples(6), deadline=None)
@given(mostly_leads, histories, sizes_of_parts)
def test_profiles_are_kept_alike_in_any_company(
    keep: str, rows: list[Any], history: list[Any], sizes: list[int]
) -> None:
    """Of whoever was a lead, too, and whatever persons decide, merge and delete meanwhile."""
    texts = [
        text.replace("fields:", "on_match: {Lead: convert}\nfields:", 1) if "stream: customers" in text else text
        for text in documents(keep)
    ]
    alone, whole, cut = (KeepingWorld(*texts) for _ in range(3))
    for world in (alone, whole, cut):
        for number, (name, values) in enumerate(rows):
            world.org.put(name, {"Id": f"{name}-{number}", **{field: each for field, each in values.items() if each}})
    expected, _ = live(alone, history, [1] * 9)

    assert told(live(whole, history)[0]) == told(expected)
    assert told(live(cut, history, sizes)[0]) == told(expected)
    assert rows_of_keepers(whole) == rows_of_keepers(cut) == rows_of_keepers(alone)
