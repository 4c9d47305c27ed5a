"""Who two shoppers are to each other does not depend on which of them comes first, by the shipped rules."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from target_salesforce_retail.ledger.tables import SUSPECTS
from target_salesforce_retail.nouns import Outcome, Verdict

from tests.lanes import examples
from tests.target.company import all_of
from tests.target.world import World

SHIPPED = (Path(__file__).parents[2] / "transforms" / "customers.yml").read_text("utf-8")
Values = dict[str, Any]

shoppers = st.fixed_dictionaries(
    {
        "first_name": st.sampled_from([None, "Ann", "Bob", "A."]),
        "last_name": st.sampled_from([None, None, "Lee", "Roy"]),
        "company": st.sampled_from([None, None, "Duarte Boats"]),
        "email": st.sampled_from([None, "a", "a", "b"]),
        "mobile": st.sampled_from([None, "1", "2"]),
        "birth_date": st.sampled_from([None, None, "1990-05-17", "1980-01-02"]),
        "postal_code": st.sampled_from([None, "0"]),
    }
)


def as_record(shopper: Values, pair: int, number: int) -> Values:
    """A record that shares evidence with those of its own pair alone."""
    mail, mobile, code = (shopper[name] for name in ("email", "mobile", "postal_code"))
    more = {
        "id": f"{pair}{number}",
        "email": mail and f"{mail}{pair}@x.org",
        "mobile": mobile and f"604-25{pair}-014{mobile}",
        "postal_code": code and f"9000{pair}",
    }
    return {**shopper, **more}


def ends(records: Sequence[tuple[Values, Values]], *, first: int) -> list[str]:
    """What the two of each pair are in the end, when the one at this place comes first: one, two, listed, or held."""
    world = World(SHIPPED)
    in_order = [(each[first], each[1 - first]) for each in records]
    outcomes = [tuple(world.run("customers", record)[0] for record in pair) for pair in in_order]
    with world.ledger._engine.begin() as connection:
        listed = {frozenset(row) for row in connection.execute(select(SUSPECTS.c.id, SUSPECTS.c.other))}
    return [end_of(pair, listed) for pair in outcomes]


def end_of(pair: Sequence[Outcome], listed: set[frozenset[str]]) -> str:
    if any(each.verdict is Verdict.HELD for each in pair):
        return "held"
    ids = frozenset(str(each.id) for each in pair)
    return "one" if len(ids) == 1 else "listed" if ids in listed else "two"


@settings(max_examples=examples(30))
@given(st.lists(st.tuples(shoppers, shoppers), min_size=6, max_size=6))
def test_two_shoppers_are_one_whoever_comes_first(pairs: list[tuple[Values, Values]]) -> None:
    """Where one order makes them one, the other does; or a person is asked, or finds them listed.

    Of three it may matter, and of a company's name that is typed as a last name: docs/decisions/0030.
    """
    records = [(as_record(one, at, 1), as_record(other, at, 2)) for at, (one, other) in enumerate(pairs)]

    for record, *both in zip(records, ends(records, first=0), ends(records, first=1), strict=True):
        assert set(both) != {"one", "two"}, record


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"first_name": "Ann", "mobile": "1"}, {"first_name": "Ann", "company": "Duarte Boats", "mobile": "1"}),
        ({"first_name": "Ann", "last_name": "Lee"}, {"first_name": "Ann", "company": "Duarte Boats"}),
        ({"last_name": "Lee"}, {}),
        ({"company": "Duarte Boats"}, {}),
    ],
)
def test_a_name_that_only_one_of_two_gives_is_no_proof_in_either_order(one: Values, other: Values) -> None:
    """Where a blank is no proof, and where a company stands in the last name's place: two, whoever comes first."""
    blank: Values = dict.fromkeys(("first_name", "last_name", "company", "mobile", "birth_date", "postal_code"))
    pair = [
        as_record({**blank, "email": None if "mobile" in one else "a", **each}, 0, at)
        for at, each in enumerate((one, other))
    ]
    records = [(pair[0], pair[1])]

    assert ends(records, first=0) == ends(records, first=1) == ["two"]


@settings(max_examples=examples(8))
@given(st.lists(shoppers, min_size=3, max_size=4), st.randoms())
def test_in_whatever_order_they_come_one_batch_ends_as_one_by_one(people: list[Values], random: Any) -> None:
    """Every outcome, the org, the ledger and the pairs that it lists."""
    records = [as_record(each, 0, number) for number, each in enumerate(people)]
    for order in random.sample(list(permutations(records)), 3):
        whole, alone = World(SHIPPED), World(SHIPPED)
        whole.run("customers", *order)
        for record in order:
            alone.run("customers", record)

        assert all_of(whole) == all_of(alone)
