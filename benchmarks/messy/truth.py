"""What became of people, held against who they are: the generator knows it, the target never does."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

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
        too: Of these, how many a desk would have taken there, too.
        held: Reason -> profiles.
        split: Profiles that were made although a desk would have found their person, and what it would have seen.
        apart: People in two records.
        wrong: Profiles that were wrongly joined, and whom they were taken for.
    """

    right: Counter[str] = field(default_factory=Counter)
    joined: Counter[str] = field(default_factory=Counter)
    too: int = 0
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
    common = _common([*profiles.values(), *org.values()])
    people: dict[int, Records] = defaultdict(dict)
    for record_id, row in org.items():
        people[row.person][record_id] = [row]
    owners = {record_id: row.person for record_id, row in org.items()}
    reached: dict[int, set[str]] = defaultdict(set)
    for each in settled:
        profile = profiles[each.key]
        if each.id is None or each.verdict == "held":
            found.held[each.reason] += 1
        elif owners.setdefault(each.id, profile.person) == profile.person:
            records = people[profile.person]
            found.right[each.rule] += 1
            if each.id not in records:
                found.split += _passed_by(profile, records, common)
            records.setdefault(each.id, []).append(profile)
            reached[profile.person].add(each.id)
        else:
            whose = people[owners[each.id]][each.id]
            found.joined[each.rule] += 1
            found.too += any(would_join(profile, other, common) for other in whose)
            found.wrong.append((profile, whose[0]))
    before = {row.person for row in org.values()}
    found.apart = sum(len(ids) > 1 or (person in before and ids.isdisjoint(org)) for person, ids in reached.items())
    return found


def _passed_by(profile: Written, records: Records, common: set[str]) -> list[tuple[Written, Written]]:
    """The profile, and what its person's records had that a desk would have found it by; nothing where it had not."""
    seen = (written for record in records.values() for written in record if would_join(profile, written, common))
    return [(profile, written) for written in seen][:1]


def would_join(one: Written, other: Written, common: set[str]) -> bool:
    """Whether a careful person at a desk would take the two for one: the same name, and e-mail or phone, well typed.

    Capitals, accents, hyphens and what friends call each other are no other name. Of two birthdays none may
    contradict, and what many have tells nothing.
    """
    named = bool(_called(one)) and _called(one) == _called(other)
    born = one.born is None or other.born is None or one.born == other.born
    return named and born and bool((_reached(one) & _reached(other)) - common)


def _called(written: Written) -> tuple[str, ...]:
    """First and last name, or a company; nothing where one of the two is missing."""
    if written.first and written.last:
        return _letters(SHORT.get(written.first.title(), written.first)), _letters(written.last)
    return () if written.first or written.last or not written.company else (_letters(written.company),)


def _letters(name: str) -> str:
    return "".join(each for each in plain(name) if each.isalnum())


def _reached(written: Written) -> set[str]:
    phones = {"".join(filter(str.isdigit, each))[-10:] for each in (written.mobile, written.phone)}
    return {each for each in (written.email.casefold(), *phones) if each}


def _common(all_of_them: Iterable[Written]) -> set[str]:
    counted = Counter(each for written in all_of_them for each in _reached(written))
    return {each for each, count in counted.items() if count > FEW}
