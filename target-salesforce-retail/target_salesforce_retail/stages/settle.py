"""One outcome for every arrival, committed in one transaction; then state may move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from target_salesforce_retail.errors import RetailError
from target_salesforce_retail.metadata import IS_PERSON
from target_salesforce_retail.nouns import (
    Action,
    Arrival,
    Bridge,
    Carrier,
    Fault,
    Intent,
    Outcome,
    Reason,
    Result,
    Siblings,
    Stage,
    Trail,
    Verdict,
)
from target_salesforce_retail.ports import Ledger
from target_salesforce_retail.stages.inside.clues import waits, with_ids
from target_salesforce_retail.trail import of_refusal, with_others

VERDICTS = {
    Intent.CREATE: Verdict.CREATED,
    Intent.UPDATE: Verdict.UPDATED,
    Intent.DELETE: Verdict.UPDATED,
    Intent.CONVERT: Verdict.UPDATED,
    Intent.NOTHING: Verdict.UNCHANGED,
    Intent.SKIP: Verdict.SKIPPED,
    Intent.HOLD: Verdict.HELD,
}
OF_CONVERSIONS = {
    Reason.DUPLICATE_RULE: Reason.CONVERSION_DUPLICATE,
    Reason.NOT_ALLOWED: Reason.CONVERSION_NOT_ALLOWED,
}
"""Why a conversion is refused, where what to do about it is not what it is about a write."""
FOLLOW = "follow"
"""What decides where a row's lookup leads that follows a record which has moved; what decided about the row stays."""


def outcome_of(action: Action, result: Result | None, made: Mapping[str, str]) -> Outcome:
    """What became of an action's arrival.

    Args:
        action: The action.
        result: What Salesforce answered, or None when nothing was sent.
        made: Id that stood for a record to be created -> the id it has.
    """
    fault = result.fault if result else None
    verdict = Verdict.HELD if fault else VERDICTS[action.intent]
    if verdict is Verdict.CREATED and result and not (result.created or result.repeated):
        verdict = Verdict.UPDATED  # the upsert found it there, and not from a first try whose answer was lost
    if verdict is Verdict.UNCHANGED and action.match.lead:
        verdict = Verdict.UPDATED  # its lead was converted for it
    refusal = fault or (action.match.duplicate_fault if action.reason is Reason.DUPLICATE_RULE else None)
    record_id = (result.id if result else None) or action.id
    kept = result.kept if result else ()
    named = fault.candidates if fault else action.match.candidates
    bridges = _with_ids(action.match.bridges, made)
    return Outcome(
        arrival=action.match.draft.arrival,
        verdict=verdict,
        stage=Stage.SEND if result or (verdict is Verdict.UPDATED and action.match.lead) else _stage(action),
        object=action.object,
        id=made.get(record_id, record_id) if record_id else None,
        rule=FOLLOW if action.match.draft.arrival.follows else action.match.rule,
        sent={name: value for name, value in action.body.items() if name not in kept} if result else {},
        reason=_reason(action, fault),
        fields=fault.fields if fault else action.fields,
        code=refusal.code if refusal else None,
        message=refusal.message if refusal else action.message,
        stamped_key=action.match.stamped_key,
        removed=0 if fault else _removed(action),
        candidates=tuple(sorted(made.get(each, each) for each in named)),
        waits_for=() if fault else action.waits_for,
        trail=with_others(with_ids(action.match.trail, made), _others(bridges)) + _last_clues(action, fault),
        evidence=action.match.evidence,
        ruling=action.match.ruling,
        retirement=action.match.draft.retirement,
        bridges=bridges,
    )


def _with_ids(bridges: Sequence[Bridge] | None, made: Mapping[str, str]) -> tuple[Bridge, ...] | None:
    """The bridges with the ids that rows have got which were to be created."""
    return None if bridges is None else tuple(replace(each, id=made.get(each.id, each.id)) for each in bridges)


def _others(bridges: Sequence[Bridge] | None) -> dict[str, list[tuple[str, str]]]:
    """Rule -> whom it finds besides."""
    found: dict[str, list[tuple[str, str]]] = {}
    for each in bridges or ():
        found.setdefault(each.rule, []).append((each.object, each.id))
    return found


def _reason(action: Action, fault: Fault | None) -> Reason | None:
    row = action.match.row
    if fault and action.intent is Intent.CONVERT:
        return OF_CONVERSIONS.get(fault.reason, fault.reason)
    if fault and fault.reason is Reason.NOT_ALLOWED and row and row.values.get(IS_PERSON) is True:
        return Reason.PERSON_ACCOUNT
    return fault.reason if fault else action.reason


def _last_clues(action: Action, fault: Fault | None) -> Trail:
    """What came of it behind the rules: that its lead could not be converted, or what it waits for."""
    if fault is None:
        return waits(action.waits_for)
    return of_refusal(str(action.id)) if action.intent is Intent.CONVERT else ()


def twin_outcome(action: Action, ours: str, theirs: str, fault: Fault | None = None) -> Outcome:
    """Not settled: the twin has yet to yield, or ours was to and could not be taken back."""
    return Outcome(
        arrival=action.match.draft.arrival,
        verdict=Verdict.HELD,
        stage=Stage.SEND,
        object=action.object,
        sent=action.body,
        reason=Reason.TWIN,
        code=fault.code if fault else None,
        message=fault.message if fault else None,
        candidates=(ours, theirs),
        trail=with_ids(action.match.trail, {}),
    )


def _removed(action: Action) -> int:
    itself = action.intent is Intent.DELETE or action.replaces is not None
    return len(action.stale_children) + itself


def _stage(action: Action) -> Stage:
    return Stage.MATCH if action.match.candidates and action.intent is Intent.HOLD else Stage.PLAN


def settle(
    arrivals: Sequence[Arrival],
    outcomes: Sequence[Outcome],
    sets: Sequence[Siblings],
    ledger: Ledger,
    carriers: Sequence[Carrier] = (),
    *,
    mapping: str | None = None,
    is_followed: bool = False,
) -> list[Outcome]:
    """Commit all outcomes of the batch; returns them in the order of the arrivals.

    Raises:
        RetailError: An arrival has no outcome, or more than one: nothing is committed.
        LedgerError: The ledger could not commit.
    """
    by_arrival = {id(outcome.arrival): outcome for outcome in outcomes}
    if len(outcomes) != len(arrivals) or any(id(arrival) not in by_arrival for arrival in arrivals):
        raise RetailError(
            f"{len(arrivals)} arrivals, but {len(outcomes)} outcomes.",
            where=f"{arrivals[0].stream if arrivals else ''}, settle",
            hint="This is a defect of the target: nothing was acknowledged; please report it.",
        )
    ordered = _without_superseded([by_arrival[id(arrival)] for arrival in arrivals], ledger)
    ledger.settle(ordered, sets, carriers, mapping=mapping, is_followed=is_followed)
    return ordered


def _without_superseded(outcomes: Sequence[Outcome], ledger: Ledger) -> list[Outcome]:
    """What would be held although a newer version of the record has had its outcome needs nobody's attention."""
    stream = outcomes[0].arrival.stream if outcomes else ""
    newest = ledger.versions(stream, [outcome.arrival.key for outcome in outcomes])
    found: list[Outcome] = []
    for outcome in outcomes:
        key, version = outcome.arrival.key, outcome.version
        newest_known = newest.get(key)
        if version and newest_known and version < newest_known and outcome.verdict is Verdict.HELD:
            found.append(Outcome(outcome.arrival, Verdict.SKIPPED, outcome.stage, reason=Reason.SUPERSEDED))
        else:
            found.append(outcome)
            newest |= {key: max(version, newest_known or version)} if version else {}
    return found
