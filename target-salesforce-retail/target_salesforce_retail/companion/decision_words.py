"""What persons have decided of a record, in words for a person, and whether a run has acted on it."""

from __future__ import annotations

from collections.abc import Sequence

from target_salesforce_retail.invocation import invoked
from target_salesforce_retail.ledger.listing import DecisionSummary, RecordSummary
from target_salesforce_retail.nouns import DecisionKind

SIGNIFICANT = 15
"""Characters of an id that tell it from any other; three more are a check."""
NAMED = (DecisionKind.IS, DecisionKind.IS_BESIDE)
"""Of decisions that say who it is."""
WORDS = {
    DecisionKind.IS: "is {person}",
    DecisionKind.IS_NOT: "is not {person}",
    DecisionKind.IS_NEW: "is a new person",
    DecisionKind.UNHEEDED: "is a new person, which the filled lookup stands against: not heeded",
    DecisionKind.IS_BESIDE: "is {person}, and no new person, which the filled lookup stands against: not heeded",
    DecisionKind.MERGED: "{before} was merged into {person}",
}


def decided(decision: DecisionSummary) -> str:
    """What was decided: ``is 003...``."""
    return WORDS[decision.what].format(person=decision.person, before=decision.before)


def lines(decisions: Sequence[DecisionSummary], record: RecordSummary) -> list[str]:
    """A line for each, the newest first; behind the newest, when it takes effect where it has not."""
    found = [f"{each.at:%Y-%m-%d %H:%M:%S} UTC, {each.who}: {decided(each)}{_before(each)}" for each in decisions]
    if decisions and is_pending(decisions[0], record):
        at_once = f", or {invoked(f'replay --hold {record.hold}')} at once" if record.hold else ""
        when = "the next run acts on it" if record.hold else "it takes effect when the record comes next"
        found.insert(1, f"no run has acted on that yet: {when}{at_once}")
    return found


def is_pending(decision: DecisionSummary, record: RecordSummary) -> bool:
    """Whether the record is still what it was when the newest decision on it was taken."""
    if decision.what in (DecisionKind.UNHEEDED, DecisionKind.MERGED) or decision.at <= record.at:
        return False
    is_person = bool(record.id) and str(record.id)[:SIGNIFICANT] == decision.person[:SIGNIFICANT]
    if decision.what in NAMED:
        return record.hold is not None or not is_person
    return decision.what is DecisionKind.IS_NEW or is_person or not record.id


def _before(decision: DecisionSummary) -> str:
    is_linked = decision.before and decision.what is not DecisionKind.MERGED
    return f"; linked before to {decision.before}" if is_linked else ""
