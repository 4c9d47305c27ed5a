"""Who is who in a messy chain: what the shipped mapping makes of it, held against the truth.

Twelve shops, whose clerks write in a hurry: one in ten profiles is a second one of the same person, one in seven
e-mails and one in five numbers belong to several (families, couples, the reception of an office), numbers are spelt in
every way and mistyped, names too. The org knows many of these people, their families, and people of the same name. The
generator keeps the truth, which person each profile and each row of the org is, and the target never sees it.

* *Found*: the profile was taken to a record of its own person; *made*: its person's first record is its own.
* *Wrongly joined*: it was taken to somebody else's. Some a careful person at the desk would have taken there, too: the
  same name, the same e-mail or number, well typed, and no birthday that contradicts (``truth.would_join``). John Lee
  and his son John with one address for both are such.
* *Split* (lenient): a record was made for it, and its person had one by which such a desk would have found it.
* *Apart* (strict): people who are in two records, for whatever reason. Of a shopper who gave nothing but a name at one
  shop and a number at the other nobody can know it; nor may two be made one because of what a third profile shows.
* *Held*: a person decides.

A record that the org had of somebody counts as theirs.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.messy.chain import Chain, chain
from benchmarks.messy.truth import Settled, Verdicts, judge
from benchmarks.messy.written import Written
from benchmarks.org import Caller
from benchmarks.target import ROOT, Cost, Target, shopper_schema, singer
from sandbox.process import served

PROFILES = 10_000
SEED = 11


def main(profiles: int = PROFILES, seed: int = SEED, transforms: Path = ROOT / "transforms") -> None:
    """Print what became of a chain."""
    town = chain(profiles, seed)
    cost, found = taken(town, transforms)
    report(town, cost, found)


def taken(town: Chain, transforms: Path) -> tuple[Cost, Verdicts]:
    """A chain through the target, and what became of it."""
    with tempfile.TemporaryDirectory() as folder, served(seed="empty") as box:
        org = put(town, box)
        target = Target(Path(folder), box, transforms)
        target.order("backfill-keys")
        cost = target.take(singer("customers", town.records(), shopper_schema()))
        columns = "key, id, verdict, coalesce(rule, ''), coalesce(reason, '')"
        settled = {row[0]: Settled(*row) for row in target.found(columns)}
    return cost, judge([settled[key] for key in town.profiles], town.profiles, org)


def put(town: Chain, box: dict[str, Any]) -> dict[str, Written]:
    """Put everybody into the org whom it knows before; by id what is written of them."""
    caller = Caller(box)
    org: dict[str, Written] = {}
    for name in ("Contact", "Lead"):
        rows = town.org_rows(name)
        ids = caller.insert(name, [row for _, row in rows])
        org |= dict(zip(ids, [written for written, _ in rows], strict=True))
    return org


def report(town: Chain, cost: Cost, found: Verdicts) -> None:
    """Print the figures."""
    profiles, shoppers = len(town.profiles), town.shoppers
    print(f"\na messy chain: {profiles:,} profiles of {shoppers:,} shoppers, at an org of {len(town.rows):,} persons")
    _row("found", sum(found.right.values()) - found.right[""], profiles)
    _by(found.right)
    _row("made", found.right[""], profiles)
    _row("wrongly joined", sum(found.joined.values()), profiles)
    _by(found.joined)
    _row("  as a desk would have", found.too, profiles)
    _row("held", sum(found.held.values()), profiles)
    _by(found.held)
    _row("split", len(found.split), profiles)
    _row("apart, of shoppers", found.apart, shoppers)
    print(f"  seconds of CPU per 1,000 profiles{cost.cpu * 1000 / profiles:>15.2f}")
    print(f"  calls per 1,000 profiles{cost.per_thousand:>24.1f}")


def _row(name: str, count: int, of: int) -> None:
    print(f"  {name:<32}{count:>7,}{count / of:>9.2%}")


def _by(counted: Counter[str]) -> None:
    for name, count in sorted(counted.items()):
        if name:
            print(f"    by {name:<29}{count:>7,}")
