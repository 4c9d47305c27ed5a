"""Common traits: what too many share says of none of them who it is.

Forty shoppers have the shop's own address as their e-mail. The first few are looked for by it, as a household or the
profiles of one shopper would be; the sixth and all that follow are not: other rules decide, or nothing is found. Of a
rule that compares several things it is all of them together that must not be common: a postal code alone may be. Where
a record has two names and two postal codes, just those pairs are out that too many share.

Each arrival is weighed by those before it in order, in its own batch or in others, so that a decision does not depend
on company. What people in the org share is in ``crowd``.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import replace

from target_salesforce_retail.mapping.rules import StreamMapping
from target_salesforce_retail.nouns import Carrier, Draft, MatchKeys, Sharing, Trait
from target_salesforce_retail.ports import Ledger
from target_salesforce_retail.stages.inside.search import combinations_of

SHORT = 4
ENDING = re.compile("[a-z]{2,6}")
"""Of a domain, as there are many of: any other may be a name."""
SHOWN = 3
"""So many of them a summary names."""


class Common:
    """What one run has found to be no evidence, and how many share it."""

    def __init__(self) -> None:
        self._found: dict[tuple[Trait, str], int] = {}

    def add(self, trait: Trait, records: int, whose: str) -> None:
        """Take note of a trait that so many share, and of who they are."""
        self._found[trait, whose] = max(records, self._found.get((trait, whose), 0))

    def __str__(self) -> str:
        """What is shared most, masked; empty where nothing is."""
        ordered = sorted(self._found.items(), key=lambda each: -each[1])
        shown = [f"{masked(trait)} ({records:,} {whose})" for (trait, whose), records in ordered[:SHOWN]]
        more = [f"{len(ordered) - SHOWN:,} more"] if len(ordered) > SHOWN else []
        return ", ".join([*shown, *more])


def masked(trait: Trait) -> str:
    """A trait as it may stand in a log: whoever knows it recognises it, nobody else learns it."""
    pairs = zip(trait.by, trait.values, strict=True)
    return " and ".join(f"{by} {_masked(by, value)}" for by, value in pairs)


def _masked(by: str, value: str) -> str:
    if by == "email":
        local, _, domain = value.partition("@")
        name, _, ending = domain.rpartition(".")
        return f"{_first(local)}***@{_first(name)}***{f'.{ending}' if ENDING.fullmatch(ending) else ''}"
    return f"***{value[-2:]}" if by == "phone" else f"{_first(value)}***"


def _first(text: str) -> str:
    """Of a short text already the first letter would tell much."""
    return text[:1] if len(text) > SHORT else ""


def without_common(
    drafts: Sequence[Draft], mapping: StreamMapping, ledger: Ledger, common: Common
) -> tuple[list[Draft], list[Carrier]]:
    """The drafts without what too many shoppers share, and who carries which trait for the first time.

    Args:
        drafts: Those of a batch, in the order of arrival.
        mapping: The stream's mapping.
        ledger: Knows who came before.
        common: Takes note of what is no evidence.
    """
    carried = [(draft, list(traits_of(draft, mapping))) for draft in drafts]
    wanted = [trait for _, traits in carried for _, trait in traits]
    keys = [draft.key for draft in drafts]
    tally = _Tally(mapping.stream, ledger.sharing(mapping.stream, wanted, keys) if wanted else {})
    found: list[Draft] = []
    for draft, traits in carried:
        tally.add(draft.key, [trait for _, trait in traits])
        too_many = {
            (position, trait): count
            for position, trait in traits
            if (count := tally.records[trait]) > mapping.match[position].shared_by
        }
        for (_, trait), count in too_many.items():
            common.add(trait, count, mapping.stream)
        found.append(without(draft, mapping, too_many) if too_many else draft)
    return found, tally.new


class _Tally:
    """How many records carry each trait, from one arrival to the next."""

    def __init__(self, stream: str, sharing: Mapping[Trait, Sharing]) -> None:
        self._stream = stream
        self._known = {(trait, key) for trait, each in sharing.items() for key in each.known}
        self.records = {trait: each.records for trait, each in sharing.items()}
        self.new: list[Carrier] = []

    def add(self, key: str, traits: Sequence[Trait]) -> None:
        """Count a record to what it carries, once."""
        for trait in traits:
            if (trait, key) not in self._known:
                self._known.add((trait, key))
                self.records[trait] = self.records.get(trait, 0) + 1
                self.new.append(Carrier(self._stream, key, trait))


def traits_of(draft: Draft, mapping: StreamMapping) -> Iterator[tuple[int, Trait]]:
    """Each trait of a draft, with the position of its rule."""
    for position, rule in enumerate(mapping.match):
        by = tuple(comparison.by for comparison in rule.comparisons)
        yield from ((position, Trait(by, each)) for each in combinations_of(draft, position))


def without(draft: Draft, mapping: StreamMapping, too_many: Container[tuple[int, Trait]]) -> Draft:
    """The draft without these traits of these rules; a match key stays while one trait with it does."""
    traits = list(traits_of(draft, mapping))
    out = frozenset((position, trait.values) for position, trait in traits if (position, trait) in too_many)
    left: list[list[tuple[str, ...]]] = [[] for _ in mapping.match]
    for position, trait in traits:
        if (position, trait.values) not in out:
            left[position].append(trait.values)
    return replace(draft, match_keys=tuple(map(_match_keys, left)), no_evidence=draft.no_evidence | out)


def _match_keys(combinations: Sequence[tuple[str, ...]]) -> MatchKeys:
    return tuple(tuple(dict.fromkeys(keys)) for keys in zip(*combinations, strict=True))
