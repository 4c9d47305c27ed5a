"""Grouped queries: aggregates over groups of rows, kept by HAVING, ordered and cut."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sandbox.salesforce.schema import Field
from sandbox.salesforce.soql.ast import Aggregate, Compare, Condition, FieldItem, Junction, Path, Query
from sandbox.salesforce.soql.check import Scope, Way
from sandbox.salesforce.soql.filter import Filter, Row
from sandbox.salesforce.soql.parse import SoqlError
from sandbox.salesforce.soql.records import Record, plain
from sandbox.salesforce.soql.values import comparable

Members = Sequence[Row]


class Grouping:
    """The groups of one query.

    Args:
        scope: The query's scope.
        query: The query.
        filters: Compares and finds values.

    Raises:
        SoqlError: A field that is neither grouped nor aggregated.
    """

    def __init__(self, scope: Scope, query: Query, filters: Filter) -> None:
        self._scope, self._query, self._filter = scope, query, filters
        self._ways = {str(path).lower(): self._way(path) for path in query.group}
        for item in query.items:
            if isinstance(item, FieldItem) and str(item.path).lower() not in self._ways:
                raise SoqlError("MALFORMED_QUERY", f"Field must be grouped or aggregated: {item.path}")
            if not isinstance(item, FieldItem | Aggregate):
                raise SoqlError("MALFORMED_QUERY", "Grouped queries select fields and aggregates only")

    def _way(self, path: Path) -> Way:
        way = self._scope.way(path)
        self._scope.check_use(path, way.source, "grouped")
        return way

    def kept(self, rows: Sequence[Row]) -> list[Members]:
        """The groups that HAVING keeps."""
        gets = [(way.field, self._filter.value(way)) for way in self._ways.values()]
        groups: dict[tuple[Any, ...], list[Row]] = {} if gets else {(): []}
        for row in rows:
            key = tuple(comparable(field, get(row)) for field, get in gets)
            groups.setdefault(key, []).append(row)
        having = self._query.having
        return [members for members in groups.values() if having is None or self._holds(having, members)]

    def record(self, members: Members) -> Record:
        """The record of one group."""
        record: Record = {"attributes": {"type": "AggregateResult"}}
        unnamed = 0
        for item in self._query.items:
            if isinstance(item, FieldItem):
                way = self._ways[str(item.path).lower()]
                name = item.alias or (f"expr{unnamed}" if way.function else way.field.name)
                unnamed += bool(way.function and not item.alias)
                value = self._filter.value(way)(members[0]) if members else None
                record[name] = plain(value, way.field)
            elif isinstance(item, Aggregate):
                record[item.alias or f"expr{unnamed}"] = self.value(item, members)
                unnamed += item.alias is None
        return record

    def value(self, what: Path | Aggregate, members: Members) -> Any:
        """A group's value of a grouped field, an aggregate or the alias of one."""
        if isinstance(what, Path):
            named = next(
                (one for one in self._query.items if isinstance(one, Aggregate) and one.alias == str(what)), None
            )
            return self.value(named, members) if named else self._grouped(what, members)
        if what.path is None:
            return len(members)
        way = self._scope.way(what.path)
        get = self._filter.value(way)
        return _aggregate(what.function, [value for row in members if (value := get(row)) not in (None, "")], way.field)

    def _grouped(self, path: Path, members: Members) -> Any:
        way = self._ways.get(str(path).lower())
        if way is None:
            raise SoqlError("MALFORMED_QUERY", f"Field must be grouped or aggregated: {path}")
        return comparable(way.field, self._filter.value(way)(members[0]))

    def _holds(self, condition: Condition, members: Members) -> bool:
        if isinstance(condition, Junction):
            whole = all if condition.word == "and" else any
            return whole(self._holds(part, members) for part in condition.parts)
        if isinstance(condition, Compare):
            field = self._compared(condition.path)
            return self._filter.value_test(condition, field)(comparable(field, self.value(condition.path, members)))
        return not self._holds(condition.part, members)

    def _compared(self, what: Path | Aggregate) -> Field:
        """What the value of a condition is like: the least and the most are like their field, all else is a number."""
        if isinstance(what, Path):
            return self._ways[str(what).lower()].field
        if what.path is not None and what.function in ("MIN", "MAX"):
            return self._scope.way(what.path).field
        return Field("value", "double")


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
