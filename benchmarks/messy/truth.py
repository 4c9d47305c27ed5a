"""What became of people, held against who they are: the generator knows it, the target never does."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product

from benchmarks.messy.persons import SHORT, plain
from benchmarks.messy.written import Written

FEW = 5
"""An e-mail or number that more have than these tells a desk nothing."""

Records = dict[str, list[Written]]
"""Id -> what there is in it of one person."""


@dataclass(frozen=True)
class Settled:
    """What the ledger says of a profile."""

    key: str
    id: str | None
    verdict: str
    rule: str
    reason: str


@dataclass
class Verdicts:
    """What became of a chain.

    Attributes:
        right: Rule -> profiles that it took to a record of their own person; ``""`` for those who were made.
        joined: Rule -> profiles that it took to somebody else's record.
        held: Reason -> profiles.
        split: People in two records of whom a desk would have made one.
        apart: All people in two records.
        wrong: Profiles that were wrongly joined, and people that were split, to look at.
    """

    right: Counter[str] = field(default_factory=Counter)
    joined: Counter[str] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)
    split: list[tuple[Written, Written]] = field(default_factory=list)
    apart: int = 0
    wrong: list[tuple[Written, Written]] = field(default_factory=list)


def judge(settled: Sequence[Settled], profiles: Mapping[str, Written], org: Mapping[str, Written]) -> Verdicts:
    """Hold what became of profiles against the truth.

    Args:
        settled: In the order of arrival.
        profiles: Key -> what the till has.
        org: Id -> what the org had before.
    """
    found = Verdicts()
    people: dict[int, Records] = defaultdict(lambda: defaultdict(list))
    first = dict(org)
    for each in settled:
        profile = profiles[each.key]
        if each.id is None or each.verdict == "held":
            found.held[each.reason] += 1
            continue
        owner = first.setdefault(each.id, profile)
        if owner.person == profile.person:
            found.right[each.rule] += 1
            people[profile.person][each.id].append(profile)
        else:
            found.joined[each.rule] += 1
            found.wrong.append((profile, owner))
    _add_passed_by(people, org)
    common = _common([*profiles.values(), *org.values()])
    for records in people.values():
        found.apart += len(records) > 1
        found.split += [pair] if (pair := _split(records, common)) else []
    return found


def _add_passed_by(people: Mapping[int, Records], org: Mapping[str, Written]) -> None:
    """What the org had of people, to the records in which their profiles are."""
    before: dict[int, Records] = defaultdict(dict)
    for record_id, row in org.items():
        before[row.person][record_id] = [row]
    for person, records in people.items():
        passed_by = before[person].keys().isdisjoint(records)
        for record_id, rows in before[person].items():
            if passed_by or record_id in records:
                records.setdefault(record_id, []).extend(rows)


def _split(records: Records, common: set[str]) -> tuple[Written, Written] | None:
    """What stands in two records and need not, if it does."""
    pairs = (pair for ones, others in combinations(records.values(), 2) for pair in product(ones, others))
    return next((pair for pair in pairs if would_join(*pair, common)), None)


def would_join(one: Written, other: Written, common: set[str]) -> bool:
    """Whether a careful person at a desk would take the two for one: the same name, and e-mail or phone, well typed.

    Capitals, accents, hyphens and what friends call each other are no other name. Of two birthdays none may
    contradict, and what many have tells nothing.
    """
    named = bool(one.first and one.last) and _name(one.first) == _name(other.first) and _last(one) == _last(other)
    born = one.born is None or other.born is None or one.born == other.born
    return named and born and bool((_reached(one) & _reached(other)) - common)


def _name(first: str) -> str:
    return plain(SHORT.get(first.title(), first)).replace("-", " ")


def _last(written: Written) -> str:
    return "".join(each for each in plain(written.last) if each.isalnum())


def _reached(written: Written) -> set[str]:
    phones = {"".join(filter(str.isdigit, each))[-10:] for each in (written.mobile, written.phone)}
    return {each for each in (written.email.casefold(), *phones) if each}


def _common(all_of_them: Iterable[Written]) -> set[str]:
    counted = Counter(each for written in all_of_them for each in _reached(written))
    return {each for each, count in counted.items() if count > FEW}
