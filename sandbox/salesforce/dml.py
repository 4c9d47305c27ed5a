"""From the JSON of a write to the values of a row, and every check the org makes before it keeps them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sandbox.salesforce.faults import Fault, Refused, refuse
from sandbox.salesforce.row import NewRow, Row
from sandbox.salesforce.schema import Field, SObject
from sandbox.salesforce.store import Store
from sandbox.salesforce.values import coerce
from sandbox.switches import Switches

# A request that cannot be read is refused before any row rule is looked at, and with one entry.
_UNREADABLE = frozenset({"JSON_PARSER_ERROR", "INVALID_FIELD", "DUPLICATE_EXTERNAL_ID"})
_AUDIT_FIELDS = frozenset({"CreatedDate", "LastModifiedDate", "CreatedById", "LastModifiedById"})


@dataclass(frozen=True)
class Caller:
    """On whose behalf a row is written.

    ``allow_save`` is the Sforce-Duplicate-Rule-Header; ``person`` is somebody in the browser, who may backdate
    audit fields and whom duplicate rules only warn. ``assignment`` is the rule that gives the row an owner: its id,
    "active", or None for no rule. Without ``dedupes`` no duplicate rule looks at the row.
    """

    allow_save: bool = False
    person: bool = False
    assignment: str | None = None
    dedupes: bool = True


class Reader:
    """Reads the values of one row; ``before`` is the row that is updated, None for a create."""

    def __init__(self, store: Store, switches: Switches, sobject: SObject, before: Row | None, caller: Caller) -> None:
        self._store, self._switches, self._sobject = store, switches, sobject
        self._before, self._caller = before, caller
        self._closed: list[str] = []
        self.faults: list[Fault] = []
        self.changes: NewRow = {}

    def read(self, values: dict[str, Any]) -> NewRow:
        """Field names and coerced values; what is wrong with single values is left in ``faults``.

        Raises:
            Refused: an unknown or closed field, a value of the wrong JSON type, a parent that is not there.
        """
        for key, value in values.items():
            if key != "attributes":
                self._read_one(key, value)
        unreadable = next((fault for fault in self.faults if fault.code in _UNREADABLE), None)
        if unreadable:
            raise Refused(unreadable)
        if self._closed:
            raise _closed(self._closed)
        return self.changes

    def _read_one(self, key: str, value: Any) -> None:
        try:
            field, coerced = self._resolve(key, value)
        except Refused as refused:
            self.faults.extend(refused.faults)
            return
        if field.name in self.changes and field.relationship:
            message = (
                f"Cannot specify both an external ID reference {field.relationship} and a salesforce id, {field.name}"
            )
            self.faults.append(Fault("INVALID_FIELD", message))
        elif self._is_open(field):
            self.changes[field.name] = coerced
        elif not self._is_as_created(field, coerced):
            self._closed.append(field.name)

    def _resolve(self, key: str, value: Any) -> tuple[Field, Any]:
        field = self._sobject.fields.get(key.lower())
        if field is not None and not isinstance(value, dict):
            return field, coerce(field, value, self._switches)
        relation = self._sobject.relationships.get(key.lower())
        if relation is None:
            raise unknown_field(key, self._sobject)
        return relation, None if value is None else self._parent(relation, value)

    def _is_open(self, field: Field) -> bool:
        if self._caller.person and field.name in _AUDIT_FIELDS:
            return True
        return field.createable if self._before is None else field.updateable

    def _is_as_created(self, field: Field, value: Any) -> bool:
        """Whether a switch lets a field that is written once, such as a master, come again with its value."""
        same = self._before is not None and self._before.get(field.name) == value
        return field.createable and same and self._switches.detail_parent_on_update == "ignore"

    def _parent(self, relation: Field, nested: Any) -> str:
        if not isinstance(nested, dict):
            message = f"Cannot deserialize instance of {relation.relationship} from value {nested}"
            raise refuse("JSON_PARSER_ERROR", message)
        kind = (nested.get("attributes") or {}).get("type") or relation.refers_to[0]
        parent = self._store.schema.object(kind)
        keys = [(name, value) for name, value in nested.items() if name != "attributes"]
        if parent is None or parent.name not in relation.refers_to or len(keys) != 1:
            message = f"The {relation.relationship} relationship must name one row of {', '.join(relation.refers_to)}"
            raise refuse("INVALID_FIELD", message, relation.name)
        return self._parent_id(parent, *keys[0])

    def _parent_id(self, parent: SObject, key: str, value: Any) -> str:
        field = parent.field(key)
        if field is None or not field.is_key:
            message = (
                f"Field name provided, {key} does not match an External ID, Salesforce Id, or indexed field for "
                f"{parent.name}"
            )
            raise refuse("INVALID_FIELD", message)
        found = rows_by_key(self._store, self._switches, parent, field, value)
        if not found:
            message = f"Foreign key external ID: {value} not found for field {field.name} in entity {parent.name}"
            raise Refused(Fault("INVALID_FIELD", message))
        if len(found) > 1:
            raise several(field, found)
        return str(found[0]["Id"])


def _closed(names: list[str]) -> Refused:
    listed = ", ".join(names)
    message = (
        f"Unable to create/update fields: {listed}. Please check the security settings of this field and verify "
        "that it is read/write for your profile or permission set."
    )
    return refuse("INVALID_FIELD_FOR_INSERT_UPDATE", message, *names)


def unknown_field(name: str, sobject: SObject) -> Refused:
    """The refusal for a field that is not there, or that the API user may not see."""
    return refuse("INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject.name}")


def rows_by_key(store: Store, switches: Switches, sobject: SObject, field: Field, value: Any) -> list[Row]:
    """The rows an external id names, read as the field reads it; raises Refused when it cannot be read."""
    coerced = None if value is None else coerce(field, value, switches)
    found = [] if coerced is None else store.lookup(sobject.name, field.name, [coerced])
    return [row for row in found if row["Id"] not in store.hidden]


def several(field: Field, rows: list[Row]) -> Refused:
    """The refusal when a key names more than one row."""
    ids = ", ".join(row["Id"] for row in rows)
    message = f"{field.label}: more than one record found for external id field: [{ids}]"
    return refuse("DUPLICATE_EXTERNAL_ID", message, field.name)


def missing(
    sobject: SObject, row: NewRow, changes: NewRow, *, creating: bool, given: Collection[str] = ()
) -> Iterator[Fault]:
    """REQUIRED_FIELD_MISSING, one entry that names every such field; ``given`` were sent, but do not fit."""
    if creating:
        names = [one.name for one in sobject.fields.values() if one.required and row.get(one.name) is None]
    else:
        names = [name for name, value in changes.items() if value is None and _must_have(sobject, name)]
    names = [name for name in names if name not in given]
    if names:
        yield Fault("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(names)}]", tuple(names))


def _must_have(sobject: SObject, name: str) -> bool:
    return not sobject.fields[name.lower()].nillable


def bad_references(store: Store, sobject: SObject, changes: NewRow) -> Iterator[Fault]:
    """References that lead nowhere, to the wrong object or into the recycle bin."""
    for name, value in changes.items():
        field = sobject.fields[name.lower()]
        if field.type == "reference" and value is not None:
            yield from _bad_reference(store, field, value)


def _bad_reference(store: Store, field: Field, value: str) -> Iterator[Fault]:
    target = store.schema.by_prefix.get(value[:3])
    if target is None or target.name not in field.refers_to:
        if any(store.schema.object(name) for name in field.refers_to):
            message = f"{field.label}: id value of incorrect type: {value}"
            yield Fault("FIELD_INTEGRITY_EXCEPTION", message, (field.name,))
        return
    row = store.tables[target.name].get(value)
    if row is None:
        yield Fault("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    elif row["IsDeleted"]:
        yield Fault("ENTITY_IS_DELETED", "entity is deleted", (field.name,))


def duplicates(store: Store, sobject: SObject, record_id: str | None, changes: NewRow) -> Iterator[Fault]:
    """DUPLICATE_VALUE for every unique field whose value another row already has.

    Source: docs/vendors/salesforce.md, unique values.
    """
    for name, value in changes.items():
        field = sobject.fields[name.lower()]
        if not field.unique or value is None:
            continue
        other = next((row for row in store.lookup(sobject.name, name, [value]) if row["Id"] != record_id), None)
        if other is not None:
            message = f"duplicate value found: {name} duplicates value on record with id: {other['Id']}"
            yield Fault("DUPLICATE_VALUE", message)


def existing(store: Store, sobject: SObject, record_id: Any) -> Row:
    """The row of an id, or the row-level refusal: MALFORMED_ID, INVALID_CROSS_REFERENCE_KEY, ENTITY_IS_DELETED."""
    full = store.id_of(record_id)
    if full is None:
        raise refuse("MALFORMED_ID", f"malformed id {record_id}", "Id")
    row = store.tables[sobject.name].get(full)
    if row is None:
        raise refuse("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    if row["IsDeleted"]:
        raise Refused(Fault("ENTITY_IS_DELETED", "entity is deleted"))
    return row
