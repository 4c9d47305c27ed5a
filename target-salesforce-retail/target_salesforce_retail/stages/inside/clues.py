"""Clues: what a rule's answer says, for the trail of the record. Nothing is decided here.

A rule that nobody answers to may have been asked in vain, or with nothing to ask for: of both a person wants to know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from target_salesforce_retail.mapping.match_rules import MatchRule
from target_salesforce_retail.mapping.rules import StreamMapping
from target_salesforce_retail.mapping.text import is_blank
from target_salesforce_retail.nouns import Draft, OrgRow, Reference
from target_salesforce_retail.stages.inside.evidence import Answer
from target_salesforce_retail.stages.inside.picture import UNBORN
from target_salesforce_retail.stages.inside.sound import meets
from target_salesforce_retail.trail import Clue, Trail, Why, clue

Vetoes = Mapping[str, tuple[str, ...]]


def clues_of(
    answer: Answer, left: Sequence[OrgRow], vetoed: Vetoes, draft: Draft, mapping: StreamMapping
) -> Iterator[Clue]:
    """What is told of an answer.

    Args:
        answer: The answer.
        left: Those of its rows that the record may be, after what rules before it have said.
        vetoed: Id -> fields, of all rows that contradict what a rule so far says must not differ.
        draft: The draft that was asked about.
        mapping: Its mapping.
    """
    if answer.position is not None:
        yield from _no_evidence(answer.rule, answer.position, draft)
        if not draft.match_keys[answer.position]:
            if not _is_no_evidence(answer.position, draft):
                yield _nothing_to_ask_for(mapping.match[answer.position], draft)
            return
    yield _answered(answer, left, vetoed)
    if answer.disagreed and left:
        yield from _disagreed(answer)


def not_asked(mapping: StreamMapping) -> Trail:
    """A clue for each declared rule, should an answer before it decide."""
    return tuple(Clue(rule.name, Why.NOT_ASKED) for rule in mapping.match)


def waits(references: Sequence[Reference]) -> Trail:
    """A clue for each reference that leads nowhere yet."""
    return tuple(Clue(each.label, Why.WAITS, ((each.stream, each.key),)) for each in references)


def with_ids(trail: Trail, made: Mapping[str, str]) -> Trail:
    """The trail with the ids that rows have got which were to be created; what was not created is not there."""
    if not any(record_id.startswith(UNBORN) for each in trail for _, record_id in each.rows):
        return trail
    return tuple(_with_ids(each, made) for each in trail)


def _with_ids(each: Clue, made: Mapping[str, str]) -> Clue:
    ids = ((name, made.get(record_id, record_id)) for name, record_id in each.rows)
    rows = tuple(sorted(pair for pair in ids if not pair[1].startswith(UNBORN)))
    if each.why is Why.DISAGREES and not rows:
        return Clue(each.rule, Why.NONE)
    return replace(each, rows=rows)


def _answered(answer: Answer, left: Sequence[OrgRow], vetoed: Vetoes) -> Clue:
    if len(left) == 1:
        fields = vetoed.get(left[0].id, ())
        return Clue(answer.rule, Why.VETOED if fields else Why.ONE, _ids(left), fields)
    if left:
        return clue(answer.rule, Why.SEVERAL, _ids(left))
    if answer.rows:
        dead = all(row.dead_end for row in answer.rows)
        return clue(answer.rule, Why.DEAD_END if dead else Why.ELSEWHERE, _ids(answer.rows))
    if answer.strangers:
        return clue(answer.rule, Why.OTHERS_KEY, _ids(answer.strangers))
    return next(_disagreed(answer), None) or Clue(answer.rule, Why.NONE)


def _disagreed(answer: Answer) -> Iterator[Clue]:
    """One clue for all: who of a family differs in what is of no use to anybody."""
    if answer.disagreed:
        rows = [row for row, _ in answer.disagreed]
        fields = dict.fromkeys(field for _, differ in answer.disagreed for field in differ)
        yield clue(answer.rule, Why.DISAGREES, _ids(rows), fields)


def _ids(rows: Sequence[OrgRow]) -> tuple[tuple[str, str], ...]:
    return tuple((row.object, row.id) for row in rows)


def _no_evidence(rule: str, position: int, draft: Draft) -> Iterator[Clue]:
    if position in draft.blocked:
        yield Clue(rule, Why.BLOCKLISTED)
    if any(position == each for each, _ in draft.no_evidence):
        yield Clue(rule, Why.CROWD if position in draft.crowded else Why.COMMON)


def _is_no_evidence(position: int, draft: Draft) -> bool:
    return next(_no_evidence("", position, draft), None) is not None


def _nothing_to_ask_for(rule: MatchRule, draft: Draft) -> Clue:
    record = draft.arrival.sound
    if not meets(rule.when, record):
        return Clue(rule.name, Why.UNMET, fields=tuple(rule.when))
    lacking = [each.sources for each in rule.comparisons if all(is_blank(record.get(name)) for name in each.sources)]
    sources = lacking or [each.sources for each in rule.comparisons]
    return Clue(rule.name, Why.ABSENT, fields=tuple(name for names in sources for name in names))
