"""One outcome for every arrival, committed in one transaction; then state may move."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from target_salesforce_retail.errors import RetailError
from target_salesforce_retail.nouns import Action, Arrival, Intent, Outcome, Result, Stage, Verdict
from target_salesforce_retail.ports import Ledger

VERDICTS = {
    Intent.CREATE: Verdict.CREATED,
    Intent.UPDATE: Verdict.UPDATED,
    Intent.NOTHING: Verdict.UNCHANGED,
    Intent.SKIP: Verdict.SKIPPED,
    Intent.HOLD: Verdict.HELD,
}


def outcomes_of(action: Action, result: Result | None) -> Iterator[tuple[str, Outcome]]:
    """(org key, outcome) for the action's own arrival and for all that were folded into it."""
    head = _outcome(action, result)
    yield action.match.draft.org_key, head
    for other in action.match.folded:
        rule = other.rule or head.rule
        draft = other.draft
        yield draft.org_key, replace(head, arrival=draft.arrival, version=draft.version, rule=rule, sent={}, removed=0)


def _outcome(action: Action, result: Result | None) -> Outcome:
    fault = result.fault if result else None
    verdict = Verdict.HELD if fault else VERDICTS[action.intent]
    if verdict is Verdict.CREATED and result and not result.created:
        verdict = Verdict.UPDATED  # the upsert found it there: somebody was quicker, or the first answer was lost
    return Outcome(
        arrival=action.match.draft.arrival,
        verdict=verdict,
        stage=Stage.SEND if result else _stage(action),
        object=action.object,
        id=(result.id if result else None) or action.id,
        version=action.match.draft.version,
        rule=action.match.rule,
        sent=action.body if result else {},
        reason=fault.reason if fault else action.reason,
        fields=fault.fields if fault else action.fields,
        code=fault.code if fault else None,
        message=fault.message if fault else None,
        removed=0 if fault else len(action.strays),
    )


def _stage(action: Action) -> Stage:
    return Stage.MATCH if action.match.candidates and action.intent is Intent.HOLD else Stage.PLAN


def settle(arrivals: Sequence[Arrival], settled: Sequence[tuple[str | None, Outcome]], ledger: Ledger) -> list[Outcome]:
    """Commit all outcomes of the batch; returns them in the order of the arrivals.

    Raises:
        RetailError: An arrival has no outcome, or more than one: nothing is committed.
        LedgerError: The ledger could not commit.
    """
    by_arrival = {id(outcome.arrival): outcome for _, outcome in settled}
    if len(settled) != len(arrivals) or any(id(arrival) not in by_arrival for arrival in arrivals):
        raise RetailError(
            f"{len(arrivals)} arrivals, but {len(settled)} outcomes.",
            where=f"{arrivals[0].stream if arrivals else ''}, settle",
            hint="This is a defect of the target: nothing was acknowledged; please report it.",
        )
    ledger.settle(settled)
    return [by_arrival[id(arrival)] for arrival in arrivals]
