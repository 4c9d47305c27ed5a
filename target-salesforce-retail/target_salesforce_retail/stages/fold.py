"""Arrivals of one batch that name the same record are one match."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from target_salesforce_retail.mapping.convert import is_blank, probe
from target_salesforce_retail.mapping.rules import Mapping as Rules
from target_salesforce_retail.nouns import Draft, Match, Value


def fold_same_key(drafts: Sequence[Draft]) -> tuple[list[Draft], dict[str, tuple[Match, ...]]]:
    """Versions of one record: the newest stands for all; of equally new ones, the one that came last."""
    groups: dict[str, list[Draft]] = defaultdict(list)
    for draft in drafts:
        groups[draft.org_key].append(draft)
    heads: list[Draft] = []
    folded: dict[str, tuple[Match, ...]] = {}
    for key, versions in groups.items():
        newest = max(range(len(versions)), key=lambda index: (versions[index].version or "", index))
        heads.append(versions[newest])
        folded[key] = tuple(Match(each) for index, each in enumerate(versions) if index != newest)
    return heads, folded


def fold_same_record(matches: Sequence[Match], rules: Rules) -> list[Match]:
    """Several profiles of one shopper: the profile whose key the record carries speaks, the others fill blanks.

    Profiles are of one shopper when they matched the same row, or when nothing was found and they share a probe.
    """
    groups: dict[int, list[Match]] = defaultdict(list)
    for match, group in zip(matches, _groups(matches, rules), strict=True):
        groups[group].append(match)
    return [_fold(group, rules) for group in groups.values()]


def _fold(group: Sequence[Match], rules: Rules) -> Match:
    sure = [match for match in group if not match.overtaken] or list(group)
    head = next((match for match in sure if match.row and match.speaks), sure[0])
    others = [match for match in group if match is not head]
    if not others:
        return head
    drafts = [head.draft, *(match.draft for match in others if not match.overtaken)]
    folded = [*head.folded, *(each for other in others for each in (replace(other, folded=()), *other.folded))]
    return replace(head, draft=_filled(drafts, rules), folded=tuple(folded))


def _filled(drafts: Sequence[Draft], rules: Rules) -> Draft:
    """The first draft, with its blanks filled from the others in order."""
    values: dict[str, Value] = {}
    for draft in drafts:
        for name, value in draft.values.items():
            if is_blank(values.get(name)) and (name not in values or value is not None):
                values[name] = value
    own = {rule.name for rule in rules.fields if rule.otherwise is not None}
    values.update({name: value for name, value in drafts[0].values.items() if name in own})
    return replace(drafts[0], values=values)


def _groups(matches: Sequence[Match], rules: Rules) -> list[int]:
    """For each match the number of its group: union-find over rows and probes."""
    parents = list(range(len(matches)))

    def root(index: int) -> int:
        while parents[index] != index:
            parents[index] = parents[parents[index]]
            index = parents[index]
        return index

    holders: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for index, match in enumerate(matches):
        for mark in _marks(match, rules):
            for other in holders[mark]:
                if match.row or _agree(mark, matches[other], match, rules):
                    parents[root(index)] = root(other)
            holders[mark].append(index)
    return [root(index) for index in range(len(matches))]


def _marks(match: Match, rules: Rules) -> Iterable[tuple[str, ...]]:
    if match.row:
        yield "row", match.row.object, match.row.id
    elif not match.candidates:
        for position, probes in enumerate(match.draft.probes):
            if rules.match[position].by != "key":
                yield from (("probe", str(position), each) for each in probes)


def _agree(mark: tuple[str, ...], one: Match, other: Match, rules: Rules) -> bool:
    names = rules.match[int(mark[1])].agree.values()
    pairs = ((one.draft.arrival.record.get(name), other.draft.arrival.record.get(name)) for name in names)
    return all(is_blank(a) or is_blank(b) or probe("text", a, None) == probe("text", b, None) for a, b in pairs)
