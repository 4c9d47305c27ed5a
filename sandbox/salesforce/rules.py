"""What an administrator may have set up: validation rules, and rows somebody else has locked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sandbox.salesforce.faults import Fault
from sandbox.salesforce.row import AnyRow
from sandbox.salesforce.schema import SObject


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


def broken(rules: Iterable[Rule], name: str, row: AnyRow) -> Iterator[Fault]:
    """Every validation rule the row breaks, in order."""
    yield from filter(None, (rule(name, row) for rule in rules))


def locked(locks: set[str], sobject: SObject, row: AnyRow) -> Fault | None:
    """UNABLE_TO_LOCK_ROW, when the row or one of its parents is locked (docs/vendors/salesforce.md, locks)."""
    if not locks:
        return None
    touched = [row["Id"], *(row.get(one.name) for one in sobject.fields.values() if one.type == "reference")]
    held = next((one for one in touched if one in locks), None)
    if held is None:
        return None
    return Fault("UNABLE_TO_LOCK_ROW", f"unable to obtain exclusive access to this record or 1 records: {held}")
