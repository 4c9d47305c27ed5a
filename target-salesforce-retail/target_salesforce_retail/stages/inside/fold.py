"""Arrivals of one batch that name the same record are one match."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from target_salesforce_retail.mapping.convert import is_blank, probe
from target_salesforce_retail.mapping.rules import Mapping as Rules
from target_salesforce_retail.mapping.rules import MatchRule
from target_salesforce_retail.nouns import Draft, Match, Row, Value


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

    Profiles are of one shopper when they matched the same row, or when a later one answers to an earlier one by the
    match rules, just as it would if the earlier one were in the org already.
    """
    families = Families(rules)
    groups: dict[int, list[Match]] = defaultdict(list)
    for match in matches:
        number, placed = families.place(match)
        groups[number].append(placed)
    return [_fold(group, rules) for group in groups.values()]


def _fold(group: Sequence[Match], rules: Rules) -> Match:
    sure = [match for match in group if not match.overtaken] or list(group)
    head = next((match for match in sure if match.row and match.speaks), sure[0])
    others = [match for match in group if match is not head]
    if not others:
        return head
    fillers = [match.draft for match in others if not (match.overtaken or match.draft.deleted or head.draft.deleted)]
    drafts = [head.draft, *fillers]
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


class Families:
    """Finds, for each match in turn, the earlier ones of the batch that name the same record."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._heads: list[Match] = []
        self._by_row: dict[tuple[str, str], int] = {}
        self._by_probe: dict[tuple[int, str], dict[int, None]] = defaultdict(dict)
        self._known: dict[int, set[int]] = defaultdict(set)
        """Family -> positions of the rules that it has probes for."""

    def place(self, match: Match) -> tuple[int, Match]:
        """The number of its family; a match that several families answer to becomes ambiguous itself."""
        if match.row:
            number = self._by_row.setdefault((match.row.object, match.row.id), len(self._heads))
        elif match.candidates:
            number = len(self._heads)
        else:
            answers = self._answers(match)
            if len(answers) > 1:
                keys = tuple(self._heads[answer].draft.org_key for answer in answers)
                match = replace(match, candidates=keys)
            number = answers[0] if len(answers) == 1 else len(self._heads)
        if number == len(self._heads):
            self._heads.append(match)
        self._learn(number, match)
        return number, match

    def _answers(self, match: Match) -> list[int]:
        """Families by the first rule that exactly one answers to; several, when no rule decides."""
        several: list[int] = []
        for position, rule in enumerate(self._rules.match):
            found = [number for each in match.draft.probes[position] for number in self._by_probe[position, each]]
            hits = [number for number in dict.fromkeys(found) if _agree(rule, self._heads[number], match)]
            if several:
                hits = [number for number in hits if number in several]
            if len(hits) == 1:
                return hits
            several = hits or several
        return several

    def _learn(self, number: int, match: Match) -> None:
        """What the family answers to from now on: what its record holds, and what fills its blanks."""
        if match.candidates:
            return
        for position, rule in enumerate(self._rules.match):
            probes = match.draft.probes[position]
            if probes and position not in self._known[number] and _open(match.row, rule):
                self._known[number].add(position)
                for each in probes:
                    self._by_probe[position, each][number] = None


def _open(row: Row | None, rule: MatchRule) -> bool:
    """Whether the record still takes what the rule compares: there is none yet, or its fields are blank."""
    return row is None or all(is_blank(row.values.get(field)) for field in rule.to.get(row.object, ()))


def _agree(rule: MatchRule, one: Match, other: Match) -> bool:
    pairs = ((one.draft.arrival.record.get(name), other.draft.arrival.record.get(name)) for name in rule.agree.values())
    return all(is_blank(a) or is_blank(b) or probe("text", a, None) == probe("text", b, None) for a, b in pairs)
