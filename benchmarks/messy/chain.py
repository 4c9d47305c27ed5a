"""A chain of twelve shops with its shoppers, and the org of the same town; and who is who in truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from benchmarks.messy.persons import Person, World
from benchmarks.messy.written import Clerk, Written, contact, lead, record

SHOPS = 12
ACCOUNTS = 3
"""Shops share their shoppers with those of the same account."""
SECOND = 0.1
"""Of the till's profiles: second ones of somebody who has one."""
KNOWN = 0.4
"""Of the shoppers: those who are in the org before."""
PERSONS = 2
"""In the org, for each profile of the till."""
NAMESAKES = 0.05
"""Of the persons in the org: somebody else of a shopper's name."""
TWICE = 0.005
"""Of the persons in the org: those who are there twice."""
LEADS = 0.15
AS_TODAY = 0.7
"""Of the persons in the org: those of whose life nothing has changed since."""
PASSED_ON = 0.01
"""Of the persons in the org: those whose number is somebody else's by now."""


@dataclass(frozen=True)
class Chain:
    """All that is written down.

    Attributes:
        profiles: Key of the till -> what the till has.
        rows: What the org has: an object and what is written there.
        shoppers: How many true people the profiles are.
    """

    profiles: dict[str, Written]
    rows: Sequence[tuple[str, Written]]

    @property
    def shoppers(self) -> int:
        """True people at the till."""
        return len({each.person for each in self.profiles.values()})

    def records(self) -> list[dict[str, Any]]:
        """The profiles as the tap tells them."""
        return [record(each, key, "2026-11-01T10:00:00+00:00") for key, each in self.profiles.items()]

    def org_rows(self, name: str) -> list[tuple[Written, dict[str, Any]]]:
        """What was written of a person, and the row that is made of it, for each row of an object."""
        shape = lead if name == "Lead" else contact
        return [(each, shape(each)) for kind, each in self.rows if kind == name]


def chain(profiles: int, seed: int) -> Chain:
    """A chain with so many profiles; the same for the same seed."""
    rng = Random(seed)
    world = World(rng)
    first = round(profiles * (1 - SECOND))
    town = world.people(first + profiles)  # whole families: some of whom shop, some of whom are in the org
    shoppers = sorted(rng.sample(range(len(town)), first))
    tills = _tills([town[each] for each in shoppers], profiles, world, rng)
    return Chain(tills, _org(town, set(shoppers), profiles * PERSONS, world, rng))


def _tills(shoppers: Sequence[Person], count: int, world: World, rng: Random) -> dict[str, Written]:
    clerks = [Clerk(rng, shop) for shop in range(1, SHOPS + 1)]
    again = [world.at_another_time(each) for each in rng.choices(shoppers, k=count - len(shoppers))]
    coming = [*shoppers, *again]
    rng.shuffle(coming)
    found: dict[str, Written] = {}
    for number, person in enumerate(coming, 1):
        shop = rng.randrange(SHOPS)
        found[f"{1000 + shop % ACCOUNTS}:{number}"] = clerks[shop].write(person)
    return found


def _org(
    town: Sequence[Person], shoppers: set[int], count: int, world: World, rng: Random
) -> list[tuple[str, Written]]:
    clerk = Clerk(rng)
    known = [town[each] for each in sorted(shoppers) if rng.random() < KNOWN]
    beside = [person for number, person in enumerate(town) if number not in shoppers]
    named = [town[each] for each in sorted(shoppers) if town[each].first]
    namesakes = [world.namesake(each) for each in rng.choices(named, k=round(count * NAMESAKES))]
    people = [*known, *namesakes, *beside]
    twice = rng.choices(people, k=round(count * TWICE))
    people += [*twice, *world.people(max(0, count - len(people) - len(twice)))]
    long_ago = [each if rng.random() < AS_TODAY else world.at_another_time(each) for each in people[:count]]
    passed_on = [
        replace(each, mobile=rng.choice(town).mobile) if rng.random() < PASSED_ON else each for each in long_ago
    ]
    rng.shuffle(passed_on)
    return [("Lead" if rng.random() < LEADS else "Contact", clerk.write(each)) for each in passed_on]
