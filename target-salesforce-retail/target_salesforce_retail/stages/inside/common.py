"""Common match keys: what too many share says of none of them who it is.

Forty shoppers have the shop's own address as their e-mail. The first few are looked for by it, as a household or the
profiles of one shopper would be; the sixth and all that follow are not: other rules decide, or nothing is found.

Each arrival is weighed by those before it in order, in its own batch or in others, so that a decision does not depend
on company. What people in the org share is in ``crowd``.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import replace

from target_salesforce_retail.mapping.rules import StreamMapping
from target_salesforce_retail.nouns import Carrier, Draft, MatchKey, Sharing
from target_salesforce_retail.ports import Ledger

SHOWN = 3
"""So many of them a summary names."""


class Common:
    """What one run has found to be no evidence, and how many share it."""

    def __init__(self) -> None:
        self._found: dict[tuple[MatchKey, str], int] = {}

    def add(self, match_key: MatchKey, records: int, whose: str) -> None:
        """Take note of a match key that so many share, and of who they are."""
        self._found[match_key, whose] = max(records, self._found.get((match_key, whose), 0))

    def __str__(self) -> str:
        """What is shared most, masked; empty where nothing is."""
        ordered = sorted(self._found.items(), key=lambda each: -each[1])
        shown = [f"{masked(match_key)} ({records:,} {whose})" for (match_key, whose), records in ordered[:SHOWN]]
        more = [f"{len(ordered) - SHOWN:,} more"] if len(ordered) > SHOWN else []
        return ", ".join([*shown, *more])


def masked(match_key: MatchKey) -> str:
    """A match key as it may stand in a log: whoever knows it recognises it, nobody else learns it."""
    value = match_key.value
    if match_key.by == "email":
        local, _, domain = value.partition("@")
        return f"email {local[:1]}***@{domain[:1]}***.{domain.rpartition('.')[2]}"
    return f"{match_key.by} ***{value[-2:]}" if match_key.by == "phone" else f"{match_key.by} {value[:1]}***"


def without_common(
    drafts: Sequence[Draft], mapping: StreamMapping, ledger: Ledger, common: Common
) -> tuple[list[Draft], list[Carrier]]:
    """The drafts without what too many shoppers share, and who carries which match key for the first time.

    Args:
        drafts: Those of a batch, in the order of arrival.
        mapping: The stream's mapping.
        ledger: Knows who came before.
        common: Takes note of what is no evidence.
    """
    wanted = [match_key for draft in drafts for _, match_key in match_keys_of(draft, mapping)]
    keys = [draft.key for draft in drafts]
    tally = _Tally(mapping.stream, ledger.sharing(mapping.stream, wanted, keys) if wanted else {})
    found: list[Draft] = []
    for draft in drafts:
        tally.add(draft.key, [match_key for _, match_key in match_keys_of(draft, mapping)])
        too_many = {
            (position, match_key): count
            for position, match_key in match_keys_of(draft, mapping)
            if (count := tally.records[match_key]) > mapping.match[position].shared_by
        }
        for (_, match_key), count in too_many.items():
            common.add(match_key, count, mapping.stream)
        found.append(without(draft, mapping, too_many))
    return found, tally.new


class _Tally:
    """How many records carry each match key, from one arrival to the next."""

    def __init__(self, stream: str, sharing: Mapping[MatchKey, Sharing]) -> None:
        self._stream = stream
        self._known = {(match_key, key) for match_key, each in sharing.items() for key in each.known}
        self.records = {match_key: each.records for match_key, each in sharing.items()}
        self.new: list[Carrier] = []

    def add(self, key: str, match_keys: Sequence[MatchKey]) -> None:
        """Count a record to what it carries, once."""
        for match_key in match_keys:
            if (match_key, key) not in self._known:
                self._known.add((match_key, key))
                self.records[match_key] = self.records.get(match_key, 0) + 1
                self.new.append(Carrier(self._stream, key, match_key))


def match_keys_of(draft: Draft, mapping: StreamMapping) -> Iterator[tuple[int, MatchKey]]:
    """Each match key of a draft, with the position of its rule."""
    for position, rule in enumerate(mapping.match):
        yield from ((position, MatchKey(rule.by, each)) for each in draft.match_keys[position])


def without(draft: Draft, mapping: StreamMapping, too_many: Container[tuple[int, MatchKey]]) -> Draft:
    """The draft without these match keys of these rules."""
    kept = tuple(
        tuple(each for each in match_keys if (position, MatchKey(mapping.match[position].by, each)) not in too_many)
        for position, match_keys in enumerate(draft.match_keys)
    )
    return draft if kept == draft.match_keys else replace(draft, match_keys=kept)
