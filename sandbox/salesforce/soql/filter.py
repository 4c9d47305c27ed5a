"""Conditions as functions of a row."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.salesforce.ids import is_id_shaped
from sandbox.salesforce.schema import Field, SObject
from sandbox.salesforce.soql.ast import Aggregate, Compare, Condition, Junction, Literal, Not, Path, Query
from sandbox.salesforce.soql.check import TYPE, Scope, Way
from sandbox.salesforce.soql.functions import applied
from sandbox.salesforce.soql.parse import SoqlError, caret
from sandbox.salesforce.soql.values import comparable, midnight, pattern, span, wanted
from sandbox.salesforce.values import shown

Row = Mapping[str, Any]
Test = Callable[[Row], bool]
ORDERED: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Filter:
    """Compiles the conditions of one scope.

    Args:
        scope: The query's scope.
        org: Whose rows they are; gives the day and the parents.
        inner: Runs a semi-join's query: the values of its only field.
    """

    def __init__(self, scope: Scope, org: Any, inner: Callable[[Query], set[Any]]) -> None:
        self._scope = scope
        self._org = org
        self._inner = inner

    def test(self, condition: Condition) -> Test:
        """The condition as a function of a row."""
        if isinstance(condition, Junction):
            tests = [self.test(part) for part in condition.parts]
            whole = all if condition.word == "and" else any
            return lambda row: whole(test(row) for test in tests)
        if isinstance(condition, Not):
            inner = self.test(condition.part)
            return lambda row: not inner(row)
        return self._compare(condition)

    def value(self, way: Way) -> Callable[[Row], Any]:
        """A way as a function of a row; None where a parent is missing."""

        def get(row: Row) -> Any:
            for field in way.through:
                below = self.parent(field, row)
                if below is None:
                    return None
                row = below
            return self.made(way, row)

        return get

    def parent(self, field: Field, row: Row) -> Row | None:
        """The row that a reference names; which object it is of, its id tells."""
        record_id = row.get(field.name)
        if not record_id or record_id in self._org.hidden:
            return None
        sobject = self._org.schema.by_prefix.get(record_id[:3])
        return self._org.tables[sobject.name].get(record_id) if sobject else None

    def object_of(self, row: Row) -> SObject:
        """The object that a row is of."""
        sobject: SObject = self._org.schema.by_prefix[row["Id"][:3]]
        return sobject

    def made(self, way: Way, row: Row) -> Any:
        """The value at the end of a way, from the row that its last step leads to."""
        if way.field is TYPE:
            return self.object_of(row).name
        value = shown(way.source, row)
        return applied(way.function, value) if way.function else value

    def _compare(self, comparison: Compare) -> Test:
        if isinstance(comparison.path, Aggregate):
            raise SoqlError("MALFORMED_QUERY", "aggregates belong into HAVING")
        way = self._scope.way(comparison.path)
        self._scope.check_use(comparison.path, way.source, "filtered")
        self._scope.check_literals(comparison, way.field)
        self._check_ids(comparison, way.field)
        get = self.value(way)
        test = self.value_test(comparison, way.field)
        return lambda row: test(comparable(way.field, get(row)))

    def _check_ids(self, comparison: Compare, field: Field) -> None:
        """One text that is no id, and the whole query is refused (docs/vendors/salesforce.md, ids)."""
        if field.type not in ("id", "reference") or not isinstance(comparison.path, Path):
            return
        for literal in comparison.values:
            text = literal.value
            if text and not self._is_id(text):
                said = caret(self._scope.soql, comparison.path.column, f"invalid ID field: {text}")
                raise SoqlError("INVALID_QUERY_FILTER_OPERATOR", said)

    def _is_id(self, text: object) -> bool:
        return is_id_shaped(text) and (
            self._org.switches.wrong_case_id != "refuse" or self._org.id_of(text) is not None
        )

    def value_test(self, comparison: Compare, field: Field) -> Callable[[Any], bool]:
        """The comparison as a function of a comparable value."""
        word = comparison.operator
        if word in ("in", "not in"):
            values = self._members(comparison, field)
            return (lambda value: value in values) if word == "in" else (lambda value: value not in values)
        if word in ("includes", "excludes"):
            chosen = [set(str(literal.value).lower().split(";")) for literal in comparison.values]

            def has(value: Any) -> bool:
                held = set(str(value or "").lower().split(";"))
                return any(each <= held for each in chosen)

            return has if word == "includes" else (lambda value: not has(value))
        literal = comparison.values[0]
        if word == "like":
            like = pattern(str(literal.value))
            return lambda value: value is not None and bool(like.fullmatch(str(value)))
        if literal.kind == "date_literal":
            return self._within(word, literal, field)
        target = self._wanted(field, literal)
        if word in ("=", "!="):
            return (lambda value: value == target) if word == "=" else (lambda value: value != target)
        ordered = ORDERED[word]
        return lambda value: value is not None and target is not None and ordered(value, target)

    def _members(self, comparison: Compare, field: Field) -> set[Any]:
        if comparison.inner is not None:
            return self._inner(comparison.inner)
        return {self._wanted(field, literal) for literal in comparison.values}

    def _wanted(self, field: Field, literal: Literal) -> Any:
        """A literal in the form that comparisons use; an id may have its case mended."""
        target = wanted(field, literal)
        return self._org.id_of(target) or target if field.type in ("id", "reference") else target

    def _within(self, word: str, literal: Literal, field: Field) -> Callable[[Any], bool]:
        first, after = span(str(literal.value), self._org.clock.now().date())
        low: Any = midnight(first) if field.type == "datetime" else first
        high: Any = midnight(after) if field.type == "datetime" else after
        tests: dict[str, Callable[[Any], bool]] = {
            "=": lambda value: low <= value < high,
            "!=": lambda value: not low <= value < high,
            "<": lambda value: value < low,
            "<=": lambda value: value < high,
            ">": lambda value: value >= high,
            ">=": lambda value: value >= low,
        }
        test = tests[word]
        return lambda value: (word == "!=") if value is None else test(value)
