"""Runs a query over the rows of an org."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.salesforce.soql.ast import Aggregate, Compare, Condition, FieldItem, Junction, Path, Query
from sandbox.salesforce.soql.check import scope_of
from sandbox.salesforce.soql.filter import Filter, Row
from sandbox.salesforce.soql.groups import Grouping
from sandbox.salesforce.soql.parse import SoqlError
from sandbox.salesforce.soql.records import Records, Renderer
from sandbox.salesforce.soql.values import comparable

MAX_OFFSET = 2_000
SHUFFLE_SEED = 20_260


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

    Raises:
        SoqlError: What the org lacks is refused before a row is looked at.
    """

    def __init__(self, org: Any, soql: str, query: Query, *, deleted: bool, base: str) -> None:
        self._org, self._soql, self._query = org, soql, query
        self._deleted, self._base = deleted, base
        self._scope = scope_of(org.schema, soql, query)
        self._filter = Filter(self._scope, org, self._inner_values)
        self._test = self._filter.test(query.where) if query.where else None
        self._groups = self._grouping()
        self._render = None if self._groups or self._counts else self._renderer()
        if query.offset > MAX_OFFSET:
            raise SoqlError("NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {MAX_OFFSET}")
        if not self._groups:
            self._order = [(item, *self._key(item.path)) for item in query.order]

    @property
    def _counts(self) -> bool:
        return self._query.items == (Aggregate("COUNT", None),)

    def _grouping(self) -> Grouping | None:
        has_aggregates = any(isinstance(item, Aggregate) for item in self._query.items)
        if self._query.having and not self._query.group:
            raise SoqlError("MALFORMED_QUERY", "having clause requires grouping")
        if self._counts or not (self._query.group or has_aggregates):
            return None
        return Grouping(self._scope, self._query, self._filter)

    def _renderer(self) -> Renderer:
        return Renderer(self._scope, self._query, filters=self._filter, children=self._children_of, base=self._base)

    def run(self) -> Selection:
        """All records."""
        if self._counts:
            return Selection(Records((), dict), len(self._rows()), count_only=True)
        if self._groups:
            records = Records(self._page(self._ordered_groups(self._groups)), self._groups.record)
        else:
            records = self._rendered(self._rows())
        return Selection(records, len(records))

    # Rows

    def _rows(self) -> list[Row]:
        hidden = self._org.hidden
        rows = [row for row in self._candidates() if self._deleted or not row.get("IsDeleted")]
        rows = [row for row in rows if row["Id"] not in hidden] if hidden else rows
        return [row for row in rows if self._test(row)] if self._test else rows

    def _candidates(self) -> Iterable[Row]:
        """Rows that may pass: by an equality index where the condition has one, else all."""
        found = self._indexed(self._query.where) if self._query.where else None
        return list(self._org.tables[self._scope.sobject.name].values()) if found is None else found

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
        textual = all(literal.kind == "string" for literal in comparison.values)
        if way.through or way.function or not textual or way.field.type in ("boolean", "date", "datetime"):
            return None
        values = [literal.value for literal in comparison.values]
        rows: list[Row] = self._org.lookup(self._scope.sobject.name, way.field.name, values, deleted=self._deleted)
        return rows

    def _rendered(self, rows: list[Row]) -> Records:
        assert self._render is not None
        return Records(self._page(self._sorted(rows)), self._render.record)

    def _sorted(self, rows: list[Row]) -> list[Row]:
        """Sorted as asked; else in an order that nobody may rely on."""
        random.Random(SHUFFLE_SEED).shuffle(rows)
        for item, field, get in reversed(self._order):
            rows = _ordered(rows, lambda row, field=field, get=get: comparable(field, get(row)), item)  # type: ignore[misc]
        return rows

    def _key(self, path: Path | Aggregate) -> tuple[Any, Callable[[Row], Any]]:
        if isinstance(path, Aggregate):
            raise SoqlError("MALFORMED_QUERY", "aggregates are ordered with GROUP BY only")
        way = self._scope.way(path)
        self._scope.check_use(path, way.source, "sorted")
        return way.field, self._filter.value(way)

    def _ordered_groups(self, groups: Grouping) -> list[Sequence[Row]]:
        kept = groups.kept(self._rows())
        for item in reversed(self._query.order):
            kept = _ordered(kept, lambda members, item=item: groups.value(item.path, members), item)  # type: ignore[misc]
        return kept

    def _page(self, rows: Sequence[Any]) -> Sequence[Any]:
        end = None if self._query.limit is None else self._query.offset + self._query.limit
        return rows[self._query.offset : end]

    # Queries inside

    def _inner_values(self, inner: Query) -> set[Any]:
        if len(inner.items) != 1 or not isinstance(inner.items[0], FieldItem):
            raise SoqlError("MALFORMED_QUERY", "a semi-join selects exactly one field")
        part = Evaluation(self._org, self._soql, inner, deleted=self._deleted, base=self._base)
        way = part._scope.way(inner.items[0].path)
        get = part._filter.value(way)
        return {comparable(way.field, get(row)) for row in part._rows()}

    def _children_of(self, query: Query, field: str) -> Callable[[str], Records]:
        part = Evaluation(self._org, self._soql, query, deleted=self._deleted, base=self._base)

        def of_parent(parent_id: str) -> Records:
            rows = self._org.lookup(part._scope.sobject.name, field, [parent_id], deleted=self._deleted)
            seen = [row for row in rows if row["Id"] not in self._org.hidden]
            return part._rendered([row for row in seen if part._test is None or part._test(row)])

        return of_parent


def _ordered(rows: list[Any], key: Callable[[Any], Any], item: Any) -> list[Any]:
    keyed = [(key(row), row) for row in rows]
    empty = [row for value, row in keyed if value is None]
    filled = [(value, row) for value, row in keyed if value is not None]
    filled.sort(key=lambda pair: pair[0], reverse=item.descending)
    sorted_rows = [row for _, row in filled]
    return sorted_rows + empty if item.nulls_last else empty + sorted_rows
