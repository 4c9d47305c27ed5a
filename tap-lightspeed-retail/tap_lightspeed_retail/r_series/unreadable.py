"""What of a record cannot be told, because a field of the vendor's holds something else than it should.

No table says which property comes from which field: the row is shaped again with each bad field holding one sound value
after the other, and what differs between those records depends on it, worked out or not. Bad fields are rare.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, TypeVar, cast

from tap_lightspeed_retail.r_series.notes import NUMBERS, Note, Row, Shaped

ContextT = TypeVar("ContextT")
CERTAIN = ("account_id", "id", "unreadable")


def shaped(
    shape: Callable[[Row, ContextT], Shaped | None], row: Row, known: ContextT
) -> tuple[Shaped | None, list[str]]:
    """What a row makes, each record with what cannot be told null and named as ``unreadable``; the fields at fault."""
    made = shape(row, known)
    if made is None:
        return None, []
    family = [*made.family()]
    notes = _distinct(note for each in family for note in each.notes)
    if not notes:
        return made, []
    doubtful = [_named(each.notes) for each in family]
    amounts = tuple(
        dict.fromkeys(str(value) for each in family for value in each.record.values() if isinstance(value, Decimal))
    )
    for note in notes:
        values = (*note.values, *amounts) if note.values == NUMBERS else note.values
        others = [_held(shape, row, known, note, value) for value in values]
        for place, names in enumerate(doubtful):
            names.update(_differing(family[place].record, [other[place] if other else None for other in others]))
    for each, names in zip(family, doubtful, strict=True):
        each.record.update(dict.fromkeys(names))
        each.record["unreadable"] = [name for name in each.record if name in names]
    return made, list(dict.fromkeys(note.field for note in notes))


def _named(notes: Iterable[Note]) -> set[str]:
    """The properties that cannot be told although no field is at fault."""
    return {note.property for note in notes if note.property}


def _distinct(notes: Iterable[Note]) -> list[Note]:
    """One for each field; what it might have held is all that its readers expect."""
    found: dict[tuple[int, str, str], Note] = {}
    for note in notes:
        place = id(note.row), note.field.lower(), note.property
        values = found[place].values if place in found else ()
        found[place] = Note(note.row, note.field, tuple(dict.fromkeys((*values, *note.values))), note.property)
    return list(found.values())


def _held(
    shape: Callable[[Row, ContextT], Shaped | None], row: Row, known: ContextT, note: Note, value: str
) -> list[Shaped] | None:
    """What the row and its parts would make if the field had held this."""
    with _holding(cast("MutableMapping[str, Any]", note.row), note.field, value):
        made = shape(row, known)
    return [*made.family()] if made else None


@contextmanager
def _holding(row: MutableMapping[str, Any], field: str, value: str) -> Iterator[None]:
    before = {name: held for name, held in row.items() if name.lower() == field.lower()}
    row.update(dict.fromkeys(before, value))
    try:
        yield
    finally:
        row.update(before)


def _differing(record: Mapping[str, Any], others: Sequence[Shaped | None]) -> set[str]:
    """The properties that are not the same in all of them; all of them where there may be no record at all."""
    names = {name for name in record if name not in CERTAIN}
    there = [other for other in others if other is not None]
    if len(there) < len(others):
        return names
    told = {name for other in there for name in _named(other.notes)}
    return told | {name for name in names if any(other.record[name] != there[0].record[name] for other in there)}
