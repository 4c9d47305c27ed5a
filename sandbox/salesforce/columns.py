"""What the columns of a query are, which ``/query?q=...&columns=true`` tells without running it.

The vendor's CLI asks for it after every query and makes its tables from it. Keys and the three shapes (field, parent,
aggregate) are those that the CLI's own tests hold; the types of numbers, dates and booleans, and the columns of TYPEOF
and of functions on dates, are our guess.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from typing import Any

from sandbox.salesforce.rows import Org
from sandbox.salesforce.schema import NUMBER_TYPES, TEXT_TYPES, Field, SObject
from sandbox.salesforce.soql import SoqlError, check
from sandbox.salesforce.soql.ast import Aggregate, FieldItem, FieldsAll, Path, Query, TypeOf
from sandbox.salesforce.soql.check import Scope, scope_of
from sandbox.salesforce.soql.parse import parse

Column = dict[str, Any]

_APEX = {"id": "Id", "reference": "Id", "boolean": "Boolean", "date": "Date", "datetime": "Datetime", "int": "Integer"}
_COUNTS = ("COUNT", "COUNT_DISTINCT")
_KEEPING = ("", "TOLABEL")  # functions whose result has the field's own name
_NUMBER = Field("", "int")


def columns(org: Org, soql: str) -> dict[str, Any]:
    """The body that tells the columns.

    Raises:
        SoqlError: What the org would refuse to run.
    """
    check(org, soql)
    query = parse(soql)
    found = _Columns(scope_of(org.schema, soql, query))
    listed = found.of(query)
    return {
        "columnMetadata": listed,
        "entityName": found.sobject.name,
        "groupBy": bool(query.group),
        "idSelected": any(column["columnName"] == "Id" for column in listed),
        "keyPrefix": found.sobject.key_prefix,
    }


class _Columns:
    """The columns of one SELECT."""

    def __init__(self, scope: Scope) -> None:
        self._scope, self.sobject = scope, scope.sobject

    def of(self, query: Query) -> list[Column]:
        """One for each item; fields of one parent are one column together, but grouped ones stand alone."""
        names = (f"expr{number}" for number in count())
        listed: list[Column] = []
        for item in query.items:
            if isinstance(item, FieldItem):
                self._add_field(listed if query.group else self._place(listed, item), item, names)
            elif isinstance(item, FieldsAll):
                listed += _all_fields(self.sobject, item.group)
            elif isinstance(item, Aggregate):
                listed.append(self._aggregate(item, item.alias or next(names)))
            elif isinstance(item, TypeOf):
                _parent(listed, self._scope.reference(item.path))
            else:
                listed.append(self._children(item))
        return listed

    def _place(self, listed: list[Column], item: FieldItem) -> list[Column]:
        """Where the column of a field belongs: below its parents."""
        for reference in self._scope.way(item.path).through:
            listed = _parent(listed, reference)["joinColumns"]
        return listed

    def _add_field(self, listed: list[Column], item: FieldItem, names: Iterator[str]) -> None:
        way = self._scope.way(item.path)
        if way.function not in _KEEPING:
            listed.append(_made(item.alias or next(names), f"{way.function.lower()}({way.source.name})", way.field))
        else:
            column = _plain(way.field)
            listed.append({**column, "columnName": item.alias or column["columnName"]})

    def _aggregate(self, item: Aggregate, name: str) -> Column:
        field = self._scope.way(item.path).field if item.path else _NUMBER
        shown = f"{item.function.lower()}({item.path or ''})"
        return _made(name, shown, _NUMBER if item.function in _COUNTS else field)

    def _children(self, inner: Query) -> Column:
        name = str(inner.source)
        query = replace(inner, source=Path((self._child(name),), inner.source.column))
        found = _Columns(scope_of(self._scope.schema, self._scope.soql, query))
        return {**_column(name, name), "aggregate": True, "joinColumns": found.of(query)}

    def _child(self, name: str) -> str:
        """The object that a child relationship leads to."""
        for link in self.sobject.child_relationships:
            if link.name and link.name.lower() == name.lower():
                return link.child
        raise SoqlError("INVALID_TYPE", f"Didn't understand relationship '{name}' in FROM part of query call.")


def _parent(listed: list[Column], reference: Field) -> Column:
    """The column of a parent; there is one for all of its fields."""
    name = str(reference.relationship)
    known = next((column for column in listed if column["columnName"] == name), None)
    if known is None:
        known = {**_column(name, name), "custom": reference.custom, "foreignKeyName": reference.name}
        listed.append(known)
    return known


def _all_fields(sobject: SObject, group: str) -> list[Column]:
    return [_plain(field) for field in sobject.fields.values() if group == "ALL" or field.custom == (group == "CUSTOM")]


def _plain(field: Field) -> Column:
    return {
        **_column(field.name, field.name),
        **_kinds(field),
        "apexType": _APEX.get(field.type, "Double" if field.type in NUMBER_TYPES else "String"),
        "custom": field.custom,
        "insertable": field.createable,
        "updatable": field.updateable,
    }


def _made(name: str, shown: str, field: Field) -> Column:
    """The column of what a function makes, of one row or of many."""
    return {**_column(name, shown), "aggregate": True, **_kinds(field)}


def _kinds(field: Field) -> dict[str, bool]:
    return {
        "booleanType": field.type == "boolean",
        "numberType": field.type == "int" or field.type in NUMBER_TYPES,
        "textType": field.type in TEXT_TYPES,
    }


def _column(name: str, shown: str) -> Column:
    return {
        "aggregate": False,
        "apexType": None,
        "booleanType": False,
        "columnName": name,
        "custom": False,
        "displayName": shown,
        "foreignKeyName": None,
        "insertable": False,
        "joinColumns": [],
        "numberType": False,
        "textType": False,
        "updatable": False,
    }
