"""The tables: rows, equality indexes that stay true, and a journal to undo by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol

from sandbox.salesforce.ids import long_id, make_id
from sandbox.salesforce.row import AnyRow, NewRow, Row, Shapes
from sandbox.salesforce.schema import Field, Schema, SObject

_Ids = str | dict[str, None]
"""What an index holds of a value: the only row, or all of them in order. Most values are unique."""


def fold(field: Field, value: Any) -> Any:
    """The value as comparisons see it: case counts only where the field says so.

    Source: docs/vendors/salesforce.md, comparing text.
    """
    if not isinstance(value, str):
        return value
    if field.type in {"id", "reference"}:
        return long_id(value) or value
    if field.case_sensitive:
        return value
    lower = value.lower()
    return value if lower == value else lower


@dataclass(frozen=True)
class Frozen:
    """Every row and every counter of a moment."""

    tables: dict[str, dict[str, Row]]
    counters: dict[str, int]


class Observer(Protocol):
    """Whoever keeps up with the rows of one object."""

    def moved(self, record_id: str, before: Row | None, after: Row | None) -> None:
        """One row is added, changed or taken away."""


class Store:
    """Rows by object and id. A row is replaced, never changed in place, so whoever holds one may keep it.

    Attributes:
        hidden: Ids of rows that the API user does not see.
        observers: By object and a name of their own; they are forgotten when the rows are replaced all at once.
    """

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.tables: dict[str, dict[str, Row]] = {one.name: {} for one in schema.objects.values()}
        self.templates = {one.name: template(one) for one in schema.objects.values()}
        self._shapes = {name: Shapes(defaults) for name, defaults in self.templates.items()}
        self._indexes: dict[tuple[str, str], dict[Any, _Ids]] = {}
        self._indexed: defaultdict[str, list[Field]] = defaultdict(list)
        self._counters: defaultdict[str, int] = defaultdict(int)
        self._journal: list[tuple[str, str, Row | None]] | None = None
        self.hidden: set[str] = set()
        self.observers: defaultdict[str, dict[str, Observer]] = defaultdict(dict)

    def clear(self) -> None:
        """Forget every row; ids start anew."""
        for table in self.tables.values():
            table.clear()
        self._forget_indexes()
        self._counters.clear()
        self.hidden.clear()

    def freeze(self) -> Frozen:
        """The rows as they are now; rows never change, so that this is cheap."""
        return Frozen({name: dict(table) for name, table in self.tables.items()}, dict(self._counters))

    def thaw(self, frozen: Frozen) -> None:
        """Back to the rows of that moment; ids are not given twice all the same."""
        for name, table in frozen.tables.items():
            self.tables[name] = dict(table)
        self._forget_indexes()
        for counter, number in frozen.counters.items():
            self._counters[counter] = max(self._counters[counter], number)

    def _forget_indexes(self) -> None:
        self._indexes.clear()
        self._indexed.clear()
        self.observers.clear()

    def new_id(self, name: str) -> str:
        """The next id of an object."""
        prefix = self.schema.objects[name.lower()].key_prefix
        return make_id(prefix, self.count_up(prefix))

    def count_up(self, counter: str) -> int:
        """The next number of a counter; like the vendor's, it does not go back when a call is rolled back."""
        self._counters[counter] += 1
        return self._counters[counter]

    def put(self, name: str, record_id: str, row: AnyRow) -> None:
        """Insert or replace one row."""
        self._swap(name, record_id, self.tables[name].get(record_id), self._shapes[name].keep(row))

    def discard(self, name: str, record_id: str) -> None:
        """Take a row out of the table for good."""
        self._swap(name, record_id, self.tables[name].get(record_id), None)

    def _swap(self, name: str, record_id: str, before: Row | None, after: Row | None) -> None:
        if self._journal is not None:
            self._journal.append((name, record_id, before))
        for field in self._indexed[name]:
            self._move(name, field, record_id, before, after)
        for observer in self.observers[name].values():
            observer.moved(record_id, before, after)
        if after is None:
            del self.tables[name][record_id]
        else:
            self.tables[name][record_id] = after

    def _move(self, name: str, field: Field, record_id: str, before: Row | None, after: Row | None) -> None:
        index = self._indexes[name, field.name]
        held = None if before is None else fold(field, before.get(field.name))
        kept = None if after is None else fold(field, after.get(field.name))
        if before is not None and after is not None and held == kept:
            return
        if before is not None:
            _forget(index, held, record_id)
        if after is not None:
            _remember(index, kept, record_id)

    def lookup(
        self, name: str, field: str, values: Iterable[Any], *, deleted: bool = False, most: int | None = None
    ) -> list[Row]:
        """Rows whose field equals one of the values, by the vendor's case rules; None finds rows without a value.

        Args:
            name: Object in any case.
            field: Field in any case; an index is built on the first call.
            values: Duplicates do no harm.
            deleted: Whether rows in the recycle bin count too.
            most: How many rows are looked at; None is all.
        """
        sobject = self.schema.objects[name.lower()]
        declared = sobject.fields[field.lower()]
        index = self._index(sobject.name, declared)
        table = self.tables[sobject.name]
        hits: dict[str, None] = {}
        for value in values:
            ids = index.get(fold(declared, self._mended(declared, value)), {})
            hits.update({ids: None} if isinstance(ids, str) else ids)
        rows = [table[row_id] for row_id in islice(hits, most)]
        return rows if deleted else [row for row in rows if not row["IsDeleted"]]

    def id_of(self, text: Any) -> str | None:
        """The 18-character id that a client means; None when it means none."""
        return long_id(text)

    def _mended(self, field: Field, value: Any) -> Any:
        return self.id_of(value) or value if field.type in {"id", "reference"} else value

    def _index(self, name: str, field: Field) -> dict[Any, _Ids]:
        index = self._indexes.get((name, field.name))
        if index is None:
            index = self._indexes[name, field.name] = {}
            for record_id, row in self.tables[name].items():
                _remember(index, fold(field, row.get(field.name)), record_id)
            self._indexed[name].append(field)
        return index

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """All writes inside happen, or an exception undoes them all. May be nested."""
        outer, self._journal = self._journal, []
        try:
            yield
        except BaseException:
            undo, self._journal = self._journal, None
            for name, record_id, before in reversed(undo):
                self._swap(name, record_id, self.tables[name].get(record_id), before)
            self._journal = outer
            raise
        if outer is not None:
            outer.extend(self._journal)
        self._journal = outer

    def snapshot(self) -> dict[str, dict[str, NewRow]]:
        """A copy of every table that has rows, to compare before with after."""
        return {name: {key: dict(row) for key, row in table.items()} for name, table in self.tables.items() if table}


def _remember(index: dict[Any, _Ids], value: Any, record_id: str) -> None:
    held = index.get(value)
    if held is None:
        index[value] = record_id
    elif isinstance(held, str):
        index[value] = {held: None, record_id: None}
    else:
        held[record_id] = None


def _forget(index: dict[Any, _Ids], value: Any, record_id: str) -> None:
    held = index[value]
    if isinstance(held, str):
        del index[value]
        return
    del held[record_id]
    if not held:
        del index[value]


def template(sobject: SObject) -> NewRow:
    """A row of the object before anybody has said anything: defaults, and null."""
    return {one.name: _default(one) for one in sobject.fields.values()} | {"IsDeleted": False}


def _default(field: Field) -> Any:
    if field.default is not None:
        return field.default
    return False if field.type == "boolean" else None


def numbered(pattern: str, number: int) -> str:
    """An auto number: ``R-{00000}`` and 7 give R-00007."""
    before, _, rest = pattern.partition("{")
    zeros, _, after = rest.partition("}")
    return f"{before}{number:0{len(zeros) or 1}d}{after}"
