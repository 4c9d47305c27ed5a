"""Is it the row, or the set-up? That the run stops for a refused row is decided here.

A write is all rows of a batch that go to one object by one operation. Where a row of it is refused with a code of
rights, fields or objects, the org is asked once more what it looks like. Then

1. **It shows**: the object is gone or may not be written so; a field that the row sends is gone, or may not be
   written. No row escapes that: the run stops, with the name of it.
2. **It is there already**: all that is refused in a new record are fields that are set once. Such a refusal comes from
   the update side of the upsert, as when the first answer was lost, or another run was quicker: it is looked up again.
3. **The refusal names fields**, and they may be written: then it is their values. The row is held.
4. **No row escapes**: every row of the write, two or more that differ, met the very same refusal, and none has gone
   in that way in this run. The run stops.
5. Else the row is held. So is every record that cannot be deleted: an integration user that may write but not delete is
   a choice, and nothing else depends on it. Of merges and conversions only the fourth rule is asked; a call of them
   that is refused as a whole is refused for its set-up, unless a row escapes.

What was settled before a stop stays settled, and nothing of the batch is acknowledged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from enum import Enum
from typing import Any

from target_salesforce_retail.errors import OrgRefused
from target_salesforce_retail.metadata import FieldDescribe, ObjectDescribe
from target_salesforce_retail.nouns import Fault, Reason, Recovery, Result

Body = Mapping[str, Any]
CLOSED = frozenset({401, 403, 404, 405, 410})
"""Statuses of a whole request that are about what it was addressed to, whatever their code."""
NO_FIELDS = frozenset({"attributes", "Id"})
SET_ONCE = "INVALID_FIELD_FOR_INSERT_UPDATE"
HINT = "Nothing of the batch is acknowledged. Check the permission set of the integration user, then run again."


class Operation(str, Enum):
    """What is done with the rows; a create is an upsert, which may find its record there."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    MERGE = "merge"
    CONVERT = "convert"


OVER_SOAP = frozenset({Operation.MERGE, Operation.CONVERT})
"""What the object looks like explains no refusal of these: they have rights of their own."""


class Judge:
    """Judges the refusals of one write.

    Args:
        name: The object.
        operation: What is done.
        look: Says what the object looks like now; None when it is not there.
        proven: Writes that have gone well for a row in this run; this one is added.
    """

    def __init__(
        self,
        name: str,
        operation: Operation,
        look: Callable[[], ObjectDescribe | None],
        proven: set[tuple[str, Operation]],
    ) -> None:
        self._name = name
        self._operation = operation
        self._look = look
        self._proven = proven
        self._looked: tuple[ObjectDescribe | None] | None = None

    def of_request(self, fault: Fault, status: int, records: Sequence[Body]) -> Fault:
        """What a refusal of a whole request means to each of its rows.

        Raises:
            OrgRefused: What the org looks like now explains it.
        """
        if self._operation is Operation.DELETE:
            return fault
        if self._operation in OVER_SOAP:
            return replace(fault, setup=fault.recovery is Recovery.HOLD)
        if status in CLOSED and fault.reason is not Reason.LOCKED:
            fault = replace(fault, recovery=Recovery.HOLD, reason=Reason.NOT_ALLOWED, setup=True)
        if fault.setup:
            for record in records:
                self._stop_if_it_shows(fault, record)
        return fault

    def of_rows(self, records: Sequence[Body], results: Sequence[Result]) -> list[Result]:
        """The results as they are to be taken.

        Raises:
            OrgRefused: No row could escape.
        """
        if self._operation is Operation.DELETE:
            return list(results)
        if any(result.fault is None for result in results):
            self._proven.add((self._name, self._operation))
        if self._operation in OVER_SOAP:
            self._stop_if_none_escapes(records, results)
            return list(results)
        judged = [self._judged(record, result) for record, result in zip(records, results, strict=True)]
        self._stop_if_none_escapes(records, judged)
        return judged

    def _judged(self, record: Body, result: Result) -> Result:
        fault = result.fault
        if fault is None or not (fault.setup or fault.reason is Reason.NOT_ALLOWED):
            return result
        describe = self._stop_if_it_shows(fault, record)
        named = fault.fields or _named(fault, record)
        if fault.code == SET_ONCE and self._are_set_once(named, describe):
            return replace(result, fault=replace(fault, recovery=Recovery.RETRY, fields=named, setup=False))
        return replace(result, fault=replace(fault, fields=named, setup=fault.setup and not named))

    def _stop_if_it_shows(self, fault: Fault, record: Body) -> ObjectDescribe:
        """What the object looks like now, where that does not explain the refusal."""
        describe = self._described()
        if describe is None:
            raise _refused(fault, self._name, f"{self._name} is not there any more, or hidden")
        if not (describe.createable if self._operation is Operation.CREATE else describe.updateable):
            raise _refused(fault, self._name, f"{self._name} takes no {self._operation.value}")
        closed = [name for name in record if name not in NO_FIELDS and not self._takes(describe.fields.get(name))]
        if closed:
            listed = ", ".join(f"{self._name}.{name}" for name in closed)
            raise _refused(fault, self._name, f"{listed} may not be written any more")
        return describe

    def _takes(self, field: FieldDescribe | None) -> bool:
        return field is not None and (field.createable if self._operation is Operation.CREATE else field.updateable)

    def _are_set_once(self, names: Iterable[str], describe: ObjectDescribe) -> bool:
        fields = [describe.fields.get(name) for name in names]
        once = [bool(field and field.createable and not field.updateable) for field in fields]
        return self._operation is Operation.CREATE and bool(once) and all(once)

    def _stop_if_none_escapes(self, records: Sequence[Body], results: Sequence[Result]) -> None:
        faults = [result.fault for result in results if result.fault and result.fault.setup]
        if len(faults) < max(len(results), 2) or (self._name, self._operation) in self._proven:
            return
        alike = all((each.code, each.message) == (faults[0].code, faults[0].message) for each in faults)
        if alike and any(record != records[0] for record in records):
            raise _refused(faults[0], self._name, f"no row of {self._name} was taken")

    def _described(self) -> ObjectDescribe | None:
        if self._looked is None:
            self._looked = (self._look(),)
        return self._looked[0]


def _named(fault: Fault, record: Body) -> tuple[str, ...]:
    """The fields of the row that the refusal's text names where its list of fields is empty."""
    words = set(re.findall(r"\w+", fault.message))
    return tuple(name for name in record if name not in NO_FIELDS and name in words)


def _refused(fault: Fault, name: str, what: str) -> OrgRefused:
    return OrgRefused(f"Salesforce refused with {fault.code}: {what}.", where=f"{name}, write", hint=HINT)
