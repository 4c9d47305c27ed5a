"""Runs a query over the rows of an org."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, overload

from sandbox.salesforce.schema import Field, SObject
from sandbox.salesforce.soql.ast import Aggregate, Compare, Condition, FieldItem, FieldsAll, Junction, Path, Query
from sandbox.salesforce.soql.check import Way, scope_of
from sandbox.salesforce.soql.filter import Filter, Row
from sandbox.salesforce.soql.parse import SoqlError
from sandbox.salesforce.soql.values import comparable
from sandbox.salesforce.values import shown

MAX_OFFSET = 2_000
FIELDS_LIMIT = 200
SHUFFLE_SEED = 20_260


Record = dict[str, Any]


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


@dataclass(frozen=True)
class Selection:
    """What a query brings: records, how many there are, and whether only that was asked."""

    records: Records
    total: int
    count_only: bool = False


class Evaluation:
    """One query on one org.

    Args:
        org: Whose rows.
        soql: The whole statement, for carets.
        query: The query, or a part of it.
        deleted: Whether the recycle bin counts too.
        base: Path that record URLs start with.
    """

    def __init__(self, org: Any, soql: str, query: Query, *, deleted: bool, base: str) -> None:
        self._org = org
        self._soql = soql
        self._query = query
        self._deleted = deleted or query.all_rows
        self._base = base
        self._scope = scope_of(org.schema, soql, query)
        self._filter = Filter(self._scope, org, self._inner_values)

    def run(self) -> Selection:
        """All records.

        Raises:
            SoqlError: The org refuses the query.
        """
        query = self._query
        if query.offset > MAX_OFFSET:
            raise SoqlError("NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {MAX_OFFSET}")
        aggregates = [item for item in query.items if isinstance(item, Aggregate)]
        if query.items == (Aggregate("COUNT", None),):
            return Selection(_made([]), len(self._rows()), count_only=True)
        if query.group or aggregates:
            records = _made(list(self._grouped(self._rows())))
        else:
            fields = self._fields()
            records = Records(self._page(self._sorted(self._rows())), lambda row: self._record(row, fields))
        return Selection(records, len(records))

    def check(self) -> None:
        """Refuse what the org lacks, without looking at a row.

        Raises:
            SoqlError: As ``run`` would.
        """
        self._fields()
        if self._query.where:
            self._filter.test(self._query.where)
        for item in self._query.order:
            if isinstance(item.path, Path):
                self._scope.way(item.path)

    # Rows

    def _rows(self) -> list[Row]:
        where = self._query.where
        test = self._filter.test(where) if where else None
        rows = [row for row in self._candidates(where) if self._deleted or not row.get("IsDeleted")]
        return [row for row in rows if test(row)] if test else rows

    def _candidates(self, where: Condition | None) -> Iterable[Row]:
        """Rows that may pass: by an equality index where the condition has one, else all."""
        found = self._indexed(where) if where else None
        if found is not None:
            return found
        return list(self._org.tables[self._scope.sobject.name].values())

    def _indexed(self, where: Condition) -> list[Row] | None:
        if isinstance(where, Junction):
            parts = [self._indexed(part) for part in where.parts]
            if where.word == "and":
                return next((rows for rows in parts if rows is not None), None)
            if any(rows is None for rows in parts):
                return None
            return list({row["Id"]: row for rows in parts if rows for row in rows}.values())
        if isinstance(where, Compare) and where.operator in ("=", "in") and where.inner is None:
            return self._looked_up(where)
        return None

    def _looked_up(self, comparison: Compare) -> list[Row] | None:
        if not isinstance(comparison.path, Path):
            return None
        way = self._scope.way(comparison.path)
        self._scope.check_literals(comparison, way.field)
        textual = all(literal.kind == "string" for literal in comparison.values)
        if way.through or not textual or way.field.type in ("boolean", "date", "datetime"):
            return None
        values = [literal.value for literal in comparison.values]
        rows: list[Row] = self._org.lookup(self._scope.sobject.name, way.field.name, values, deleted=self._deleted)
        return rows

    def _sorted(self, rows: list[Row]) -> list[Row]:
        """Sorted as asked; else in an order that nobody may rely on."""
        random.Random(SHUFFLE_SEED).shuffle(rows)
        for item in reversed(self._query.order):
            if isinstance(item.path, Aggregate):
                raise SoqlError("MALFORMED_QUERY", "aggregates are ordered with GROUP BY only")
            way = self._scope.way(item.path)
            get = self._filter.value(way)
            rows = _ordered(rows, lambda row, way=way, get=get: comparable(way.field, get(row)), item)  # type: ignore[misc]
        return rows

    def _page(self, rows: Sequence[Any]) -> Sequence[Any]:
        end = None if self._query.limit is None else self._query.offset + self._query.limit
        return rows[self._query.offset : end]

    def _inner_values(self, inner: Query) -> set[Any]:
        part = Evaluation(self._org, self._soql, inner, deleted=self._deleted, base=self._base)
        if len(inner.items) != 1 or not isinstance(inner.items[0], FieldItem):
            raise SoqlError("MALFORMED_QUERY", "a semi-join selects exactly one field")
        way = part._scope.way(inner.items[0].path)
        get = part._filter.value(way)
        return {comparable(way.field, get(row)) for row in part._rows()}

    # Records

    def _fields(self) -> list[tuple[Path, Way] | Query]:
        """The selected fields with their ways, and the child sub-queries."""
        fields: list[tuple[Path, Way] | Query] = []
        for item in self._query.items:
            if isinstance(item, FieldItem):
                fields.append((item.path, self._scope.way(item.path)))
            elif isinstance(item, FieldsAll):
                fields += self._all_fields(item)
            elif isinstance(item, Query):
                fields.append(item)
        return fields

    def _all_fields(self, item: FieldsAll) -> Iterator[tuple[Path, Way]]:
        if self._query.limit is None or self._query.limit > FIELDS_LIMIT:
            raise SoqlError("MALFORMED_QUERY", f"The SOQL FIELDS function must have a LIMIT of at most {FIELDS_LIMIT}")
        for field in self._scope.sobject.fields.values():
            if item.group == "ALL" or field.custom == (item.group == "CUSTOM"):
                yield Path((field.name,)), Way((), field)

    def _record(self, row: Row, fields: Sequence[tuple[Path, Way] | Query]) -> dict[str, Any]:
        record = {"attributes": self._attributes(self._scope.sobject, row)}
        for item in fields:
            if isinstance(item, Query):
                self._nest_children(record, row, item)
            else:
                self._nest(record, row, item[1])
        return record

    def _attributes(self, sobject: SObject, row: Row) -> dict[str, str]:
        return {"type": sobject.name, "url": f"{self._base}/sobjects/{sobject.name}/{row['Id']}"}

    def _nest(self, record: dict[str, Any], row: Row, way: Way) -> None:
        """Put a value where its path says; a parent that is not there is null as a whole."""
        for field, parent in way.through:
            below = self._org.tables[parent.name].get(row.get(field.name) or "")
            name = str(field.relationship)
            if below is None:
                record.setdefault(name, None)
                return
            if record.get(name) is None:
                record[name] = {"attributes": self._attributes(parent, below)}
            record, row = record[name], below
        record[way.field.name] = plain(shown(way.field, row), way.field)

    def _nest_children(self, record: dict[str, Any], row: Row, inner: Query) -> None:
        name = str(inner.source)
        links = self._scope.sobject.child_relationships
        link = next(
            (each for each in links if each.name and name.lower() in (each.name.lower(), f"{each.name}__r".lower())),
            None,
        )
        if link is None:
            text = f"Didn't understand relationship '{name}' in FROM part of query call."
            raise SoqlError("INVALID_TYPE", text)
        query = replace(inner, source=Path((link.child,), inner.source.column))
        part = Evaluation(self._org, self._soql, query, deleted=self._deleted, base=self._base)
        selection = part._of_parent(link.field, row["Id"])
        found = {"totalSize": selection.total, "done": True, "records": list(selection.records)}
        record[name] = found if selection.total else None

    def _of_parent(self, field: str, parent_id: str) -> Selection:
        rows = self._org.lookup(self._scope.sobject.name, field, [parent_id], deleted=self._deleted)
        test = self._filter.test(self._query.where) if self._query.where else None
        kept = [row for row in rows if test is None or test(row)]
        fields = self._fields()
        records = Records(self._page(self._sorted(kept)), lambda row: self._record(row, fields))
        return Selection(records, len(records))

    # Groups

    def _grouped(self, rows: Sequence[Row]) -> Iterator[dict[str, Any]]:
        ways = {str(path).lower(): self._scope.way(path) for path in self._query.group}
        self._check_grouping(ways)
        gets = [self._filter.value(way) for way in ways.values()]
        groups: dict[tuple[Any, ...], list[Row]] = {} if ways else {(): []}
        for row in rows:
            key = tuple(comparable(way.field, get(row)) for way, get in zip(ways.values(), gets, strict=True))
            groups.setdefault(key, []).append(row)
        kept = [members for members in groups.values() if self._has(members, ways)]
        for item in reversed(self._query.order):
            kept = _ordered(kept, lambda members, item=item: self._of_group(item.path, members, ways), item)  # type: ignore[misc]
        for members in self._page(kept):
            yield {"attributes": {"type": "AggregateResult"}, **self._group_record(members, ways)}

    def _check_grouping(self, ways: dict[str, Way]) -> None:
        for item in self._query.items:
            if isinstance(item, FieldItem) and str(item.path).lower() not in ways:
                raise SoqlError("MALFORMED_QUERY", f"Field must be grouped or aggregated: {item.path}")
            if isinstance(item, FieldsAll | Query):
                raise SoqlError("MALFORMED_QUERY", "Grouped queries select fields and aggregates only")

    def _group_record(self, members: Sequence[Row], ways: dict[str, Way]) -> dict[str, Any]:
        record: dict[str, Any] = {}
        unnamed = 0
        for item in self._query.items:
            if isinstance(item, FieldItem):
                way = ways[str(item.path).lower()]
                value = self._filter.value(way)(members[0]) if members else None
                record[item.alias or way.field.name] = plain(value, way.field)
            elif isinstance(item, Aggregate):
                name = item.alias or f"expr{unnamed}"
                unnamed += item.alias is None
                record[name] = self._of_group(item, members, ways)
        return record

    def _of_group(self, what: Path | Aggregate, members: Sequence[Row], ways: dict[str, Way]) -> Any:
        if isinstance(what, Path):
            named = next(
                (item for item in self._query.items if isinstance(item, Aggregate) and item.alias == str(what)), None
            )
            if named:
                return self._of_group(named, members, ways)
            way = ways.get(str(what).lower())
            if way is None:
                raise SoqlError("MALFORMED_QUERY", f"Field must be grouped or aggregated: {what}")
            return comparable(way.field, self._filter.value(way)(members[0]))
        if what.path is None:
            return len(members)
        way = self._scope.way(what.path)
        get = self._filter.value(way)
        values = [value for row in members if (value := get(row)) not in (None, "")]
        return _aggregate(what.function, values, way.field)

    def _has(self, members: Sequence[Row], ways: dict[str, Way]) -> bool:
        having = self._query.having
        return having is None or self._having(having, members, ways)

    def _having(self, condition: Condition, members: Sequence[Row], ways: dict[str, Way]) -> bool:
        if isinstance(condition, Junction):
            whole = all if condition.word == "and" else any
            return whole(self._having(part, members, ways) for part in condition.parts)
        if isinstance(condition, Compare):
            value = self._of_group(condition.path, members, ways)
            field = (
                Field("value", "double")
                if isinstance(condition.path, Aggregate)
                else ways[str(condition.path).lower()].field
            )
            return self._filter.value_test(condition, field)(comparable(field, value))
        return not self._having(condition.part, members, ways)


def _made(records: Sequence[Record]) -> Records:
    return Records(records, lambda record: record)


def _aggregate(function: str, values: Sequence[Any], field: Field) -> Any:
    if function == "COUNT":
        return len(values)
    if function == "COUNT_DISTINCT":
        return len({comparable(field, value) for value in values})
    if not values:
        return None
    if function in ("MIN", "MAX"):
        best = min if function == "MIN" else max
        return plain(best(values, key=lambda value: comparable(field, value)), field)
    total = sum((Decimal(str(value)) for value in values), Decimal(0))
    return float(total if function == "SUM" else total / len(values))


def _ordered(rows: list[Any], key: Callable[[Any], Any], item: Any) -> list[Any]:
    empty = [row for row in rows if key(row) is None]
    filled = sorted((row for row in rows if key(row) is not None), key=key, reverse=item.descending)
    return filled + empty if item.nulls_last else empty + filled


def plain(value: Any, field: Field) -> Any:
    """A value as JSON answers it: numbers as numbers, nothing as null."""
    if field.type == "boolean":
        return bool(value)
    if value == "":
        return None
    if field.type == "int" and value is not None:
        return int(value)
    return float(value) if isinstance(value, Decimal) else value
