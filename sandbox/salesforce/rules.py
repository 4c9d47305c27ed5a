"""What an administrator may have set up: validation rules, duplicate rules, and rows somebody else has locked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sandbox.salesforce.faults import Fault
from sandbox.salesforce.row import AnyRow, Row
from sandbox.salesforce.schema import SObject
from sandbox.salesforce.store import Store

_DUPLICATE_TEXT = "You're creating a duplicate record. We recommend you use an existing record instead."


@dataclass(frozen=True)
class ValidationRule:
    """Refuses rows of ``object`` whose ``field`` equals ``equals``."""

    object: str
    field: str
    equals: Any
    message: str
    code: str = "FIELD_CUSTOM_VALIDATION_EXCEPTION"

    def __call__(self, name: str, row: AnyRow) -> Fault | None:
        """The fault, when the rule fires on this row."""
        fires = name.lower() == self.object.lower() and row.get(self.field) == self.equals
        return Fault(self.code, self.message) if fires else None


Rule = Callable[[str, AnyRow], "Fault | None"]


@dataclass(frozen=True)
class DuplicateRule:
    """Takes rows of ``object`` that share ``field`` for duplicates; ``action`` is "block" or "alert"."""

    object: str
    field: str
    action: str = "alert"

    def fault(self, store: Store, sobject: SObject, row: AnyRow, *, allow_save: bool, spelling: str) -> Fault | None:
        """DUPLICATES_DETECTED, unless an alert is overridden by ``allowSave`` (facts: Salesforce section 9)."""
        value = row.get(self.field)
        overridden = allow_save and self.action == "alert"
        if sobject.name.lower() != self.object.lower() or value is None or overridden:
            return None
        others = [one for one in store.lookup(sobject.name, self.field, [value]) if one["Id"] != row["Id"]]
        return self._detected(sobject.name, others, spelling) if others else None

    def _detected(self, name: str, others: list[Row], spelling: str) -> Fault:
        result = {
            "allowSave": self.action == "alert",
            "duplicateRule": f"{name}_{self.field}_Rule",
            "duplicateRuleEntityType": name,
            "errorMessage": _DUPLICATE_TEXT,
            "matchResults": [_match_result(name, self.field, others)],
        }
        return Fault("DUPLICATES_DETECTED", _DUPLICATE_TEXT, None, detail={spelling: result})


def _match_result(name: str, field: str, others: list[Row]) -> dict[str, Any]:
    return {
        "entityType": name,
        "errors": [],
        "matchEngine": "ExactMatchEngine",
        "matchRecords": [_match_record(name, row["Id"]) for row in others],
        "rule": f"{name}_{field}_Match",
        "size": len(others),
        "success": True,
    }


def _match_record(name: str, record_id: str) -> dict[str, Any]:
    url = f"/services/data/v66.0/sobjects/{name}/{record_id}"
    record = {"attributes": {"type": name, "url": url}, "Id": record_id}
    return {"additionalInformation": [], "fieldDiffs": [], "matchConfidence": 100, "record": record}


def broken(rules: Iterable[Rule], name: str, row: AnyRow) -> Iterator[Fault]:
    """Every validation rule the row breaks, in order."""
    yield from filter(None, (rule(name, row) for rule in rules))


def locked(locks: set[str], sobject: SObject, row: AnyRow) -> Fault | None:
    """UNABLE_TO_LOCK_ROW, when the row or one of its parents is locked (facts: Salesforce section 12)."""
    if not locks:
        return None
    touched = [row["Id"], *(row.get(one.name) for one in sobject.fields.values() if one.type == "reference")]
    held = next((one for one in touched if one in locks), None)
    if held is None:
        return None
    return Fault("UNABLE_TO_LOCK_ROW", f"unable to obtain exclusive access to this record or 1 records: {held}")
