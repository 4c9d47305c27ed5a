"""Takes the drafts of one batch to the org, in as many rounds as their order needs.

A round looks up, decides every draft in its order, and sends. In one round nobody builds on a write that is still under
way, unless it has nothing to write itself: then it shares that write's fate. So each draft ends as it would alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, partial

from target_salesforce_retail.keep import Keeping
from target_salesforce_retail.mapping.rules import StreamMapping
from target_salesforce_retail.nouns import (
    Action,
    Attempt,
    Draft,
    Fault,
    Intent,
    Link,
    Outcome,
    Reason,
    Recovery,
    Result,
)
from target_salesforce_retail.ports import Org
from target_salesforce_retail.stages.inside.accounts import with_accounts
from target_salesforce_retail.stages.inside.bridges import bridging_after
from target_salesforce_retail.stages.inside.context import Context
from target_salesforce_retail.stages.inside.profiles import Profiles
from target_salesforce_retail.stages.inside.twins import Made, Twin, twins_of
from target_salesforce_retail.stages.match import Matcher, look_up
from target_salesforce_retail.stages.plan import plan
from target_salesforce_retail.stages.send import send
from target_salesforce_retail.stages.settle import outcome_of, twin_outcome
from target_salesforce_retail.words import IN_ORG


@dataclass(frozen=True, slots=True)
class Step:
    """A decision of one round.

    Attributes:
        attempt: The draft that was decided.
        action: What is intended.
        row: The id of the row it is about, made up for one to be created; empty when there is none.
        leans_on: Rows whose write must go well for the decision to stand.
    """

    attempt: Attempt
    action: Action
    row: str
    leans_on: frozenset[str]


def deliver(
    drafts: Sequence[Draft], mapping: StreamMapping, context: Context, profiles: Profiles | None = None
) -> list[Outcome]:
    """One outcome per draft. Every write bears repetition.

    Args:
        drafts: The drafts of one batch.
        mapping: Their mapping.
        context: Whom to ask.
        profiles: What the org keeps of which persons they are, where the mapping says that it does.

    Raises:
        RetailError: The org or the ledger as a whole did not answer, or too much would be deleted: nothing may be
            acknowledged.
    """
    attempts = [Attempt(draft, place) for place, draft in enumerate(drafts)]
    outcomes: list[Outcome] = []
    links: dict[str, Link | None] = {}
    keys = [draft.key for draft in drafts if not draft.arrival.fills]
    bridging: Set[str] = context.ledger.bridging(mapping.stream, keys) if mapping.match and keys else set()
    keeping = Keeping(profiles or Profiles(), mapping.profile, mapping, context) if mapping.profile else None
    while attempts:
        began = context.org.now()
        steps, postponed = decide(attempts, mapping, context, (links, bridging), keeping)
        planned = [step.action for step in steps]
        context.deletions.admit(planned, mapping, context.ledger)
        actions, refused = with_accounts(planned, mapping, context.org)
        results = send(actions, mapping, context.org, refused)
        context.unkeyed.note(actions, mapping)
        context.written.converted += _converted(actions, results)
        steps = [replace(step, action=action) for step, action in zip(steps, actions, strict=True)]
        twins = take_back_twins(steps, results, began, mapping, context)
        ended = list(_Round(steps, results, twins).ends())
        final = [(step.action, each) for step, each in zip(steps, ended, strict=True) if isinstance(each, Outcome)]
        found = keeping.keep(final) if keeping else [outcome for _, outcome in final]
        for outcome in found:
            links |= _link(outcome, links.get(outcome.arrival.key))
            bridging = bridging_after(bridging, outcome)
        outcomes += found
        again = [each for each in ended if isinstance(each, Attempt)]
        attempts = sorted((*postponed, *again), key=lambda attempt: attempt.place)
    return outcomes


def decide(
    attempts: Sequence[Attempt],
    mapping: StreamMapping,
    context: Context,
    known: tuple[Mapping[str, Link | None], Set[str]],
    keeping: Keeping | None,
) -> tuple[list[Step], list[Attempt]]:
    """The decisions that can be acted upon now, and the attempts that wait for the next round.

    ``known``: where records of this batch went in earlier rounds; and who is one of two who may be one person.
    """
    links, bridging = known
    matcher = look_up(attempts, mapping, context, links, keeping.profiles if keeping else Profiles(), bridging=bridging)
    steps: list[Step] = []
    postponed: list[Attempt] = []
    for attempt in attempts:
        apart, crowd = matcher.without_crowds(attempt)
        match, consulted = matcher.match(apart)
        action = plan(match, mapping, context.mappings, context.describes)
        foreseen = keeping.foresee(action) if keeping else None
        leaning = matcher.picture.leans(action, consulted | crowd, foreseen)
        is_open = leaning.postponed or action.intent is Intent.CONVERT  # who it is then the next round tells
        row = matcher.picture.apply(
            action, replace(leaning, postponed=is_open), partial(_rivals, matcher, apart, crowd), foreseen
        )
        if leaning.postponed:
            postponed.append(attempt)
            continue
        steps.append(Step(apart, action, row, leaning.rows))
        if not is_open:
            ending = outcome_of(action, None, {})
            matcher.evidence.speakers.foresee(apart.draft, ending)
            matcher.evidence.bridging = bridging_after(matcher.evidence.bridging, ending)
    return steps, postponed


def _rivals(matcher: Matcher, attempt: Attempt, crowd: frozenset[str]) -> set[str]:
    return matcher.evidence.rivals(attempt) | crowd


def can_omit(action: Action, fault: Fault) -> bool:
    """True when the org refuses values alone that the mapping says to leave out then."""
    return fault.reason is Reason.VALUE_REFUSED and bool(fault.fields) and action.omittable.issuperset(fault.fields)


def _converted(actions: Sequence[Action], results: Sequence[Result | None]) -> int:
    pairs = zip(actions, results, strict=True)
    return sum(action.intent is Intent.CONVERT and bool(result and not result.fault) for action, result in pairs)


def _is_final(action: Action, fault: Fault) -> bool:
    """True where a look-alike that a duplicate rule names is no other choice: her lead is found, and she has it."""
    return action.intent is Intent.CONVERT and fault.reason is Reason.DUPLICATE_RULE


def take_back_twins(
    steps: Sequence[Step], results: Sequence[Result | None], began: datetime, mapping: StreamMapping, context: Context
) -> dict[str, Outcome | Attempt]:
    """Rows that somebody else created at the same time -> how ours ends: taken back, or held with the names of both."""
    created = {
        str(result.id): (step, Made(step.attempt.draft, result.created, step.action.match.ruling.refused))
        for step, result in zip(steps, results, strict=True)
        if result and result.id and not result.fault and step.action.intent is Intent.CREATE
        if not step.action.match.ruling.decided
    }
    written = {result.id for result in results if result and result.id}
    twins = twins_of({ours: made for ours, (_, made) in created.items()}, written, began, mapping, context)
    return {created[ours][0].row: _yield(created[ours][0], ours, twin, context.org) for ours, twin in twins.items()}


def _yield(step: Step, ours: str, twin: Twin, org: Org) -> Outcome | Attempt:
    if not twin.yields or step.attempt.is_last:
        return twin_outcome(step.action, ours, twin.id)
    (answer,) = org.delete(step.action.object, [ours])
    if answer.fault:
        return twin_outcome(step.action, ours, twin.id, answer.fault)
    return step.attempt.after_yielding(twin.id)


@dataclass(frozen=True)
class _Round:
    """What was decided in a round, and what the org answered to it.

    Attributes:
        steps: The decisions.
        results: An answer for each; None where nothing was sent.
        twins: Rows that somebody else created at the same time -> how ours ends.
    """

    steps: Sequence[Step]
    results: Sequence[Result | None]
    twins: Mapping[str, Outcome | Attempt]

    def ends(self) -> Iterator[Outcome | Attempt]:
        """For each step how it ends, or the attempt to be made again."""
        for step, result in self._pairs:
            twin = self.twins.get(step.row) if step.action.writes else None
            yield twin or self._end(step, result)

    @cached_property
    def _pairs(self) -> list[tuple[Step, Result | None]]:
        return list(zip(self.steps, self.results, strict=True))

    @cached_property
    def _made(self) -> dict[str, str]:
        """Id that stood for a record to be created -> the id it has."""
        made = ((step, result) for step, result in self._pairs if step.action.intent is not Intent.CONVERT)
        return {step.row: result.id for step, result in made if result and result.id}

    @cached_property
    def _failed(self) -> set[str]:
        """Rows whose write did not go well: who leans on one goes with it."""
        failed = [step for step, result in self._pairs if result and result.fault]
        refused = {row for step in failed for row in (step.row, *(freed for _, freed in step.action.frees))}
        return refused | {step.row for step in self.steps if step.row in self.twins}

    def _end(self, step: Step, result: Result | None) -> Outcome | Attempt:
        attempt, fault = step.attempt, result.fault if result else None
        if step.leans_on & self._failed:
            return attempt
        if step.action.intent is Intent.CONVERT and fault is None:
            return attempt.after_converting(str(step.action.id))
        if fault and fault.recovery is Recovery.RETRY and not attempt.is_last and not _is_final(step.action, fault):
            return attempt.after(fault, step.action.match.row)
        if fault and can_omit(step.action, fault) and not attempt.omitted.issuperset(fault.fields):
            return attempt.omitting(fault.fields)
        return outcome_of(step.action, result, self._made)


def _link(outcome: Outcome, before: Link | None) -> dict[str, Link | None]:
    """Where the record went, for the decisions of the next round: as the ledger will remember it."""
    if outcome.lets_go:
        return {outcome.arrival.key: None}
    left_alone = outcome.reason is Reason.LEFT_ALONE
    if not (outcome.id and outcome.object) or not (outcome.verdict in IN_ORG or left_alone):
        return {}
    link = Link(outcome.object, outcome.id, None if left_alone else outcome.version, outcome.stamped_key)
    return {outcome.arrival.key: link.no_older_than(before)}
