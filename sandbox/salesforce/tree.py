"""Composite Tree: rows with their children in one insert, all or nothing (docs/vendors/salesforce.md, composite)."""

from __future__ import annotations

from typing import Any

from sandbox.salesforce.calls import Answer, Call, Route
from sandbox.salesforce.faults import Refused, refuse
from sandbox.salesforce.schema import ChildRelationship, SObject

_MOST_ROWS = 200
_DEEPEST = 5  # not verified
Node = dict[str, Any]


class _Undo(Exception):
    """Leaves the atomic block at the first row that is refused."""


def tree(call: Call) -> Answer:
    """``POST /composite/tree/T``."""
    sobject = call.org.object(call.parts[2])
    records = call.json_object().get("records")
    if not isinstance(records, list) or not records:
        raise refuse("JSON_PARSER_ERROR", "records must be a list of rows, each with attributes")
    _check(sobject, records)
    made: list[dict[str, str]] = []
    try:
        with call.org.atomic(), call.org.one_save():
            for record in records:
                _insert(call, sobject, record, None, made)
    except _Undo as undo:
        (node, refused) = undo.args
        errors = [{"statusCode": one.code, "message": one.message, "fields": [*(one.fields or ())]} for one in refused]
        return Answer(400, {"hasErrors": True, "results": [{"referenceId": _name(node), "errors": errors}]})
    return Answer(201, {"hasErrors": False, "results": made})


def _check(sobject: SObject, records: list[Node]) -> None:
    names = list(_names(sobject, records, 1))
    if len(names) > _MOST_ROWS:
        raise refuse("LIMIT_EXCEEDED", f"A tree holds at most {_MOST_ROWS} rows")
    if len(set(names)) < len(names):
        raise refuse("INVALID_INPUT", "Every row of a tree needs a referenceId of its own")


def _names(sobject: SObject, records: list[Node], depth: int) -> list[str]:
    if depth > _DEEPEST:
        raise refuse("LIMIT_EXCEEDED", f"A tree is at most {_DEEPEST} levels deep")
    names = []
    for record in records:
        name = _name(record)
        if not name:
            raise refuse("INVALID_INPUT", f"A {sobject.name} of the tree has no attributes.referenceId")
        names.append(name)
        for _, children in _branches(sobject, record):
            names += _names(sobject, children, depth + 1)
    return names


def _insert(
    call: Call, sobject: SObject, record: Node, parent: dict[str, str] | None, made: list[dict[str, str]]
) -> None:
    branches = _branches(sobject, record)
    taken = {relation.name for relation, _ in branches}
    values = {name: value for name, value in record.items() if name not in taken}
    try:
        record_id = call.org.create(sobject.name, {**values, **(parent or {})}, call.caller)
    except Refused as refused:
        raise _Undo(record, refused.faults) from refused
    made.append({"referenceId": _name(record), "id": record_id})
    for relation, children in branches:
        for child in children:
            _insert(call, call.org.object(relation.child), child, {relation.field: record_id}, made)


def _branches(sobject: SObject, record: Node) -> list[tuple[ChildRelationship, list[Node]]]:
    """The children that hang on a row, by relationship."""
    return [
        (relation, record[relation.name]["records"])
        for relation in sobject.child_relationships
        if relation.name and isinstance(record.get(relation.name), dict) and "records" in record[relation.name]
    ]


def _name(record: Node) -> str:
    return str((record.get("attributes") or {}).get("referenceId") or "")


ROUTES = [
    Route(
        "POST",
        "composite/tree/{object}",
        tree,
        "composite",
        "up to 200 rows with their children, all or nothing: 201, or 400 with the first that is refused",
        "five levels; whether every refused row is listed",
    )
]
