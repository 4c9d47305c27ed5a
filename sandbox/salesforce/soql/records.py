"""Rows as a query answers them: nested parents and children, each record made when it is looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, overload

from sandbox.salesforce.schema import Field, SObject
from sandbox.salesforce.soql.ast import FieldItem, FieldsAll, Path, Query, TypeOf
from sandbox.salesforce.soql.check import Scope, Way
from sandbox.salesforce.soql.filter import Filter, Row
from sandbox.salesforce.soql.parse import SoqlError
from sandbox.salesforce.values import shown

FIELDS_LIMIT = 200
Record = dict[str, Any]
Children = Callable[[Query, str], Callable[[str], "Records"]]


class Records(Sequence[Record]):
    """Records as the vendor answers them, each made when it is looked at: a query may bring a million.

    Args:
        rows: As they were when the query ran.
        render: Makes the record of one.
    """

    def __init__(self, rows: Sequence[Any], render: Callable[[Any], Record]) -> None:
        self._rows, self._render = rows, render

    @overload
    def __getitem__(self, place: int) -> Record: ...
    @overload
    def __getitem__(self, place: slice) -> list[Record]: ...
    def __getitem__(self, place: int | slice) -> Record | list[Record]:
        if isinstance(place, slice):
            return [self._render(row) for row in self._rows[place]]
        return self._render(self._rows[place])

    def __len__(self) -> int:
        return len(self._rows)


class Renderer:
    """Makes the records of one query.

    Args:
        scope: The query's scope.
        query: The query.
        filters: Finds parents and values.
        children: Prepares a child sub-query with the field that names the parent, to run for one parent's id.
        base: Path that record URLs start with.

    Raises:
        SoqlError: A field that the org lacks, or that is selected twice.
    """

    def __init__(
        self,
        scope: Scope,
        query: Query,
        *,
        filters: Filter,
        children: Children,
        base: str,
    ) -> None:
        self._scope, self._query, self._filter = scope, query, filters
        self._children, self._base = children, base
        self._parts = [self._part(item) for item in self._items()]

    def record(self, row: Row) -> Record:
        """One record."""
        record: Record = {"attributes": self._attributes(self._scope.sobject, row)}
        for part in self._parts:
            part(record, row)
        return record

    def _items(self) -> Iterator[FieldItem | TypeOf | Query | Way]:
        seen: set[str] = set()
        for item in self._query.items:
            if isinstance(item, FieldsAll):
                yield from self._all_fields(item)
            elif isinstance(item, FieldItem | TypeOf | Query):
                if isinstance(item, FieldItem):
                    self._refuse_alias(item)
                    self._refuse_twice(str(item.path).lower(), seen)
                yield item

    @staticmethod
    def _refuse_alias(item: FieldItem) -> None:
        if item.alias and not item.path.function:
            raise SoqlError("MALFORMED_QUERY", "only aggregate expressions use field aliasing")

    @staticmethod
    def _refuse_twice(path: str, seen: set[str]) -> None:
        if path in seen:
            raise SoqlError("INVALID_FIELD", f"duplicate field selected: {path}")
        seen.add(path)

    def _all_fields(self, item: FieldsAll) -> Iterator[Way]:
        if self._query.limit is None or self._query.limit > FIELDS_LIMIT:
            raise SoqlError("MALFORMED_QUERY", f"The SOQL FIELDS function must have a LIMIT of at most {FIELDS_LIMIT}")
        for field in self._scope.sobject.fields.values():
            if item.group == "ALL" or field.custom == (item.group == "CUSTOM"):
                yield Way((), field, field)

    def _part(self, item: FieldItem | TypeOf | Query | Way) -> Callable[[Record, Row], None]:
        if isinstance(item, Query):
            return self._child_part(item)
        if isinstance(item, TypeOf):
            return self._typeof_part(item)
        way = item if isinstance(item, Way) else self._way(item)
        name = item.alias if isinstance(item, FieldItem) and item.alias else way.field.name
        return lambda record, row: self._nest(record, row, way, name)

    def _way(self, item: FieldItem) -> Way:
        way = self._scope.way(item.path)
        if way.function not in ("", "TOLABEL"):
            raise SoqlError("MALFORMED_QUERY", f"Field must be grouped or aggregated: {item.path}")
        return way

    def _attributes(self, sobject: SObject, row: Row) -> dict[str, str]:
        return {"type": sobject.name, "url": f"{self._base}/sobjects/{sobject.name}/{row['Id']}"}

    def _nest(self, record: Record, row: Row, way: Way, name: str) -> None:
        """Put a value where its path says; a parent that is not there is null as a whole."""
        for field in way.through:
            below = self._filter.parent(field, row)
            above = str(field.relationship)
            if below is None:
                record.setdefault(above, None)
                return
            if record.get(above) is None:
                record[above] = {"attributes": self._attributes(self._filter.object_of(below), below)}
            record, row = record[above], below
        record[name] = plain(self._filter.made(way, row), way.field)

    def _typeof_part(self, item: TypeOf) -> Callable[[Record, Row], None]:
        reference = self._scope.reference(item.path)
        cases = {name.lower(): self._ways_of(name, paths) for name, paths in item.cases}
        otherwise = [path.steps[-1] for path in item.otherwise]

        def part(record: Record, row: Row) -> None:
            below = self._filter.parent(reference, row)
            if below is None:
                record[str(reference.relationship)] = None
                return
            sobject = self._filter.object_of(below)
            inside: Record = {"attributes": self._attributes(sobject, below)}
            fields = cases.get(sobject.name.lower(), [one for name in otherwise if (one := sobject.field(name))])
            inside |= {field.name: plain(shown(field, below), field) for field in fields}
            record[str(reference.relationship)] = inside

        return part

    def _ways_of(self, name: str, paths: Sequence[Path]) -> list[Field]:
        sobject = self._scope.schema.object(name)
        if sobject is None:
            raise SoqlError("INVALID_TYPE", f"sObject type '{name}' is not supported.")
        found = [sobject.field(path.steps[-1]) for path in paths]
        if not all(found):
            raise SoqlError("INVALID_FIELD", f"No such column in TYPEOF ... WHEN {sobject.name} THEN")
        return [field for field in found if field]

    def _child_part(self, inner: Query) -> Callable[[Record, Row], None]:
        name = str(inner.source)
        links = self._scope.sobject.child_relationships
        link = next((each for each in links if each.name and name.lower() == each.name.lower()), None)
        if link is None:
            text = f"Didn't understand relationship '{name}' in FROM part of query call."
            raise SoqlError("INVALID_TYPE", text)
        query = replace(inner, source=Path((link.child,), inner.source.column))
        of_parent = self._children(query, link.field)

        def part(record: Record, row: Row) -> None:
            found = of_parent(row["Id"])
            record[name] = {"totalSize": len(found), "done": True, "records": found[:]} if found else None

        return part


def plain(value: Any, field: Field) -> Any:
    """A value as JSON answers it: numbers as numbers, nothing as null."""
    if field.type == "boolean":
        return bool(value)
    if value == "":
        return None
    if field.type == "int" and value is not None:
        return int(value)
    return float(value) if isinstance(value, Decimal) else value
