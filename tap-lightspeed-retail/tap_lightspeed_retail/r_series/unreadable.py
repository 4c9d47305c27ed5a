"""What of a record cannot be told, because a field of the vendor's holds something else than it should.

No table says which property comes from which field: the row is shaped again with each bad field holding one sound value
after the other, and what differs between those records depends on it, worked out or not. Bad fields are rare.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, TypeVar, cast

from tap_lightspeed_retail.r_series.notes import NUMBERS, Note

Row = dict[str, Any]
Record = dict[str, Any]
ContextT = TypeVar("ContextT")
CERTAIN = ("account_id", "id", "unreadable")


def shaped(
    shape: Callable[[Row, ContextT], Record | None], row: Row, known: ContextT
) -> tuple[Record | None, list[str]]:
    """The record of a row, in which ``unreadable`` names what cannot be told and is null; and the fields at fault."""
    record = shape(row, known)
    if record is None:
        return None, []
    family = [*_family(record)]
    notes = _distinct(note for each in family for note in each["unreadable"])
    if not notes:
        return record, []
    doubtful: list[set[str]] = [{note.property for note in each["unreadable"] if note.property} for each in family]
    amounts = tuple(
        dict.fromkeys(str(value) for each in family for value in each.values() if isinstance(value, Decimal))
    )
    for note in notes:
        values = (*note.values, *amounts) if note.values == NUMBERS else note.values
        others = [_held(shape, row, known, note, value) for value in values]
        for place, names in enumerate(doubtful):
            names.update(_differing(family[place], [other[place] if other else None for other in others]))
    for each, names in zip(family, doubtful, strict=True):
        each.update(dict.fromkeys(names))
        each["unreadable"] = [name for name in each if name in names]
    return record, list(dict.fromkeys(note.field for note in notes))


def _family(record: Record) -> Iterator[Record]:
    """The record, and its parts."""
    yield record
    for name, parts in record.items():
        if name.startswith("_"):
            yield from parts


def _distinct(notes: Iterator[Note]) -> list[Note]:
    """One for each field; what it might have held is all that its readers expect."""
    found: dict[tuple[int, str, str], Note] = {}
    for note in notes:
        place = id(note.row), note.field.lower(), note.property
        values = found[place].values if place in found else ()
        found[place] = Note(note.row, note.field, tuple(dict.fromkeys((*values, *note.values))), note.property)
    return list(found.values())


def _held(
    shape: Callable[[Row, ContextT], Record | None], row: Row, known: ContextT, note: Note, value: str
) -> list[Record] | None:
    """The records that there would be if the field had held this."""
    with _holding(cast("MutableMapping[str, Any]", note.row), note.field, value):
        record = shape(row, known)
    return [*_family(record)] if record else None


@contextmanager
def _holding(row: MutableMapping[str, Any], field: str, value: str) -> Iterator[None]:
    before = {name: held for name, held in row.items() if name.lower() == field.lower()}
    row.update(dict.fromkeys(before, value))
    try:
        yield
    finally:
        row.update(before)


def _differing(record: Record, others: Sequence[Mapping[str, Any] | None]) -> set[str]:
    """The properties that are not the same in all of them; all of them where there may be no record at all."""
    names = {name for name in record if name not in CERTAIN and not name.startswith("_")}
    there = [other for other in others if other is not None]
    if len(there) < len(others):
        return names
    told = {note.property for other in there for note in other["unreadable"] if note.property}
    return told | {name for name in names if any(other[name] != there[0][name] for other in there)}
