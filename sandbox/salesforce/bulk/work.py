"""What a batch of rows does to the org, each row by itself, and how Bulk words the results."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.salesforce.bulk.cells import unreadable
from sandbox.salesforce.dml import Caller
from sandbox.salesforce.faults import Fault, Refused, refuse
from sandbox.salesforce.repeats import ID, Repeats
from sandbox.salesforce.rows import Org
from sandbox.salesforce.schema import Field, SObject

NULL = "#N/A"
OPERATIONS = ("insert", "update", "upsert", "delete", "hardDelete")
Values = dict[str, Any]


@dataclass(frozen=True)
class Done:
    """What became of one row: its id, whether it is new, or the faults that kept it out."""

    record_id: str = ""
    created: bool = False
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class Task:
    """What one job does with each of its rows."""

    org: Org
    sobject: SObject
    operation: str
    key: Field | None
    caller: Caller
    places: Mapping[str, int] = field(default_factory=dict)  # field -> its column in the upload

    def repeats(self, rows: Sequence[Values | None]) -> Repeats | None:
        """Watches the rows of one transaction for those that name the same one; None where rows name none."""
        key = self.key if self.operation == "upsert" else ID if self.operation == "update" else None
        if key is None:
            return None
        named = (_without(row, key.name.lower())[0] for row in rows if row)
        return Repeats(self.org.switches, key, named)

    def do(self, values: Values, repeats: Repeats | None) -> Done:
        """Write one row."""
        key = self.key or ID
        fault = repeats and repeats.fault(_without(values, key.name.lower())[0])
        fault = fault or unreadable(self.org.switches, self.sobject, values, self.places)
        if fault:
            return Done(faults=(fault,))
        try:
            return _VERBS[self.operation](self, values)
        except Refused as refused:
            return Done(faults=refused.faults)


def _insert(task: Task, values: Values) -> Done:
    return Done(task.org.create(task.sobject.name, values, task.caller), created=True)


def _update(task: Task, values: Values) -> Done:
    record_id, rest = _without(values, "id")
    if not record_id:
        raise refuse("MISSING_ARGUMENT", "Id not specified in an update call")
    task.org.update(task.sobject.name, record_id, rest, task.caller)
    return Done(str(task.org.id_of(record_id)))


def _upsert(task: Task, values: Values) -> Done:
    assert task.key is not None
    value, rest = _without(values, task.key.name.lower())
    record_id, created = task.org.upsert(task.sobject.name, task.key.name, value, rest, task.caller)
    return Done(record_id, created)


def _delete(task: Task, values: Values) -> Done:
    record_id, _ = _without(values, "id")
    if not record_id:
        raise refuse("MISSING_ARGUMENT", "Id not specified in a delete call")
    task.org.delete(task.sobject.name, record_id, task.caller)
    return Done(str(task.org.id_of(record_id)))


def _hard_delete(task: Task, values: Values) -> Done:
    done = _delete(task, values)
    task.org.discard(task.sobject.name, done.record_id)
    return done


_VERBS: dict[str, Callable[[Task, Values], Done]] = {
    "insert": _insert,
    "update": _update,
    "upsert": _upsert,
    "delete": _delete,
    "hardDelete": _hard_delete,
}


def _without(values: Values, lower_name: str) -> tuple[Any, Values]:
    found = next((name for name in values if name.lower() == lower_name), None)
    if found is None:
        return None, values
    return values[found], {name: value for name, value in values.items() if name != found}


def error_text(faults: Sequence[Fault], *, tail: str = "--") -> str:
    """``sf__Error``: code, message and fields (docs/vendors/salesforce.md, bulk results).

    Args:
        faults: Of one row.
        tail: How a fault without fields ends: ``--`` by the documentation, nothing in one recording.
    """
    return ";".join(_error_text(fault, tail) for fault in faults)


def _error_text(fault: Fault, tail: str) -> str:
    said = f"{fault.code}:{fault.message}"
    if fault.fields:
        return f"{said}:{','.join(fault.fields)} --"
    return f"{said}:{tail}" if tail else said


# -- from columns to values -----------------------------------------------------------------------------------------


class Columns:
    """The columns of an upload: plain fields, and parents by their key as ``Account.Ext__c``.

    Args:
        header: As uploaded, in any case.
        sobject: What the rows are of.

    Attributes:
        unknown: Columns that name nothing of the object.
        places: Field -> its column, from 0.
    """

    def __init__(self, header: Sequence[str], sobject: SObject) -> None:
        self._paths = [_path(name, sobject) for name in header]
        self.unknown = [name for name, path in zip(header, self._paths, strict=True) if path is None]
        self.places = {path[0]: place for place, path in enumerate(self._paths) if path is not None}
        self.known = [place for place, path in enumerate(self._paths) if path is not None]

    def values(self, cells: Sequence[str]) -> Values:
        """The row that cells say: an empty one says nothing, ``#N/A`` says null."""
        values: Values = {}
        for path, cell in zip(self._paths, cells, strict=True):
            if cell and path is not None:
                name, inner = path
                value = None if cell == NULL else cell
                values[name] = value if inner is None or value is None else {inner: value}
        return values


def _path(name: str, sobject: SObject) -> tuple[str, str | None] | None:
    """Field, or relationship and the parent's field; None when the object has neither."""
    head, dot, inner = name.partition(".")
    if not dot:
        found = sobject.field(name)
        return None if found is None else (found.name, None)
    relation = sobject.relationships.get(head.lower())
    return None if relation is None else (str(relation.relationship), inner)
