"""Is it mapped, sound and wanted?"""

from __future__ import annotations

from target_salesforce_retail.mapping.convert import is_blank
from target_salesforce_retail.mapping.rules import Mapping
from target_salesforce_retail.nouns import Arrival, Outcome, Reason, Stage, Value, Verdict


def check(arrival: Arrival, mapping: Mapping | None) -> Outcome | None:
    """None for an arrival that may go on; else the outcome that ends its way here."""
    if mapping is None:
        return Outcome(arrival, Verdict.SKIPPED, Stage.CHECK, reason=Reason.UNMAPPED)
    if arrival.faults:
        message = "; ".join(arrival.faults)
        return Outcome(arrival, Verdict.HELD, Stage.CHECK, reason=Reason.INVALID, message=message)
    if mapping.deleted and not is_blank(arrival.record.get(mapping.deleted.when)):
        return None if mapping.deleted.set else Outcome(arrival, Verdict.SKIPPED, Stage.CHECK, reason=Reason.DELETED)
    if not all(_has(arrival, name, wanted) for name, wanted in mapping.when.items()):
        return Outcome(arrival, Verdict.SKIPPED, Stage.CHECK, reason=Reason.EXCLUDED)
    missing = tuple(name for name in mapping.require if is_blank(arrival.record.get(name)))
    if missing:
        return Outcome(arrival, Verdict.HELD, Stage.CHECK, reason=Reason.REQUIRED_MISSING, fields=missing)
    return None


def _has(arrival: Arrival, name: str, wanted: tuple[Value, ...]) -> bool:
    value = arrival.record.get(name)
    return any(value == each and isinstance(value, bool) == isinstance(each, bool) for each in wanted)
