"""Takes the drafts of one batch to the org, in as many rounds as their order needs.

A round looks up, decides every draft in its order, and sends. In one round nobody builds on a write that is still under
way, unless it has nothing to write itself: then it shares that write's fate. So each draft ends as it would alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

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
    Verdict,
)
from target_salesforce_retail.stages.inside.context import Context
from target_salesforce_retail.stages.inside.twins import Made, Twin, twins_of
from target_salesforce_retail.stages.match import look_up
from target_salesforce_retail.stages.plan import plan
from target_salesforce_retail.stages.send import send
from target_salesforce_retail.stages.settle import outcome_of, twin_outcome

TRIES = 3
"""How often a row may be sent before it is held."""
IN_ORG = (Verdict.CREATED, Verdict.UPDATED, Verdict.UNCHANGED)


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


def deliver(drafts: Sequence[Draft], mapping: StreamMapping, context: Context) -> list[Outcome]:
    """One outcome per draft. Every write bears repetition.

    Raises:
        RetailError: The org or the ledger as a whole did not answer, or too much would be deleted: nothing may be
            acknowledged.
    """
    attempts = [Attempt(draft, place) for place, draft in enumerate(drafts)]
    outcomes: list[Outcome] = []
    links: dict[str, Link] = {}
    while attempts:
        since = context.org.now()
        steps, later = decide(attempts, mapping, context, links)
        context.deletions.admit([step.action for step in steps], mapping, context.ledger)
        results = send([step.action for step in steps], mapping, context.org)
        ended, again = _conclude(steps, results, since, mapping, context)
        links |= {outcome.arrival.key: link for outcome in ended if (link := _link(outcome, links))}
        outcomes += ended
        attempts = sorted((*later, *again), key=lambda attempt: attempt.place)
    return outcomes


def decide(
    attempts: Sequence[Attempt], mapping: StreamMapping, context: Context, links: Mapping[str, Link]
) -> tuple[list[Step], list[Attempt]]:
    """The decisions that can be acted upon now, and the attempts that wait for the next round."""
    matcher = look_up(attempts, mapping, context, links)
    steps: list[Step] = []
    later: list[Attempt] = []
    for attempt in attempts:
        match, consulted = matcher.match(attempt)
        action = plan(match, mapping, context.mappings, context.describes)
        leaning = matcher.picture.leans(action, consulted)
        row = matcher.picture.apply(action, leaning, partial(matcher.rivals, attempt))
        if leaning.postponed:
            later.append(attempt)
        else:
            steps.append(Step(attempt, action, row, leaning.rows))
    return steps, later


def _conclude(
    steps: Sequence[Step], results: Sequence[Result | None], since: datetime, mapping: StreamMapping, context: Context
) -> tuple[list[Outcome], list[Attempt]]:
    """Outcomes of the steps that ended, and the attempts to be made again."""
    made = {step.row: str(result.id) for step, result in zip(steps, results, strict=True) if result and result.id}
    yielding = _yield_to_twins(steps, results, since, mapping, context)
    failed = {step.row for step, result in zip(steps, results, strict=True) if result and result.fault}
    failed |= {step.row for step in steps if step.row in yielding}
    outcomes: list[Outcome] = []
    again: list[Attempt] = []
    for step, result in zip(steps, results, strict=True):
        ended = (
            yielding[step.row] if step.row in yielding and step.action.writes else _ended(step, result, failed, made)
        )
        if isinstance(ended, Attempt):
            again.append(ended)
        else:
            outcomes.append(ended)
    return outcomes, again


def _ended(step: Step, result: Result | None, failed: set[str], made: Mapping[str, str]) -> Outcome | Attempt:
    if step.leans_on & failed:
        return step.attempt
    fault = result.fault if result else None
    if fault and fault.recovery is Recovery.RETRY and step.attempt.tries + 1 < TRIES:
        return _again(step, fault)
    if fault and can_omit(step.action, fault) and not step.attempt.omitted.issuperset(fault.fields):
        return replace(step.attempt, omitted=step.attempt.omitted | set(fault.fields))
    return outcome_of(step.action, result, made)


def can_omit(action: Action, fault: Fault) -> bool:
    """True when the org refuses values alone that the mapping says to leave out then.

    Each time there is at least one less, so that it ends.
    """
    return fault.reason is Reason.VALUE_REFUSED and bool(fault.fields) and action.omittable.issuperset(fault.fields)


def _again(step: Step, fault: Fault) -> Attempt:
    """Once more, with what the fault tells: who is gone, who looks alike."""
    attempt, row = step.attempt, step.action.match.row
    gone = (row.id,) if row and fault.reason in (Reason.GONE, Reason.CONVERTED) else ()
    refused = fault if fault.reason is Reason.DUPLICATE_RULE else attempt.refused
    named_ids = fault.candidates if fault.reason is Reason.DUPLICATE_RULE else ()
    return replace(
        attempt,
        tries=attempt.tries + 1,
        gone=(*attempt.gone, *gone),
        refused=refused,
        named_ids=(*attempt.named_ids, *named_ids),
    )


def _yield_to_twins(
    steps: Sequence[Step], results: Sequence[Result | None], since: datetime, mapping: StreamMapping, context: Context
) -> dict[str, Outcome | Attempt]:
    """Take back what somebody else created at the same time; row -> the next attempt, or a hold that names both."""
    created = {
        str(result.id): (step, Made(step.attempt.draft, result.created))
        for step, result in zip(steps, results, strict=True)
        if result and result.id and not result.fault and step.action.intent is Intent.CREATE
    }
    written = {str(result.id) for result in results if result and result.id}
    twins = twins_of({record_id: made for record_id, (_, made) in created.items()}, written, since, mapping, context)
    return {created[ours][0].row: _yield(created[ours][0], ours, twin, context) for ours, twin in twins.items()}


def _yield(step: Step, ours: str, twin: Twin, context: Context) -> Outcome | Attempt:
    tries = step.attempt.tries + 1
    if not twin.yields or tries == TRIES:
        return twin_outcome(step.action, ours, twin.id)
    (answer,) = context.org.delete(step.action.object, [ours])
    if answer.fault:
        return twin_outcome(step.action, ours, twin.id, answer.fault)
    return replace(step.attempt, tries=tries, named_ids=(*step.attempt.named_ids, twin.id))


def _link(outcome: Outcome, links: Mapping[str, Link]) -> Link | None:
    """Where the record went, for the decisions of the next round: as the ledger will remember it."""
    left_alone = outcome.reason is Reason.LEFT_ALONE
    if not (outcome.id and outcome.object) or not (outcome.verdict in IN_ORG or left_alone):
        return None
    before = links.get(outcome.arrival.key)
    versions = (None if left_alone else outcome.version, before.version if before else None)
    version = max((each for each in versions if each), default=None)
    return Link(outcome.object, outcome.id, version, outcome.owner)
