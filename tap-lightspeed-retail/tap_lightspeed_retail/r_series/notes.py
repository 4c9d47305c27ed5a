"""What a row makes, notes of what in it cannot be read, and the values that a field of each kind might have held."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Row = Mapping[str, Any]
"""A row of the vendor's, or an object within one, as it came."""
TEXTS, KEYS, FLAGS = ("a", "bb"), ("0", "1", "2"), ("true", "false")
NUMBERS = ("0", "1", "-2")
MOMENTS = ("2001-01-01T05:00:00+00:00", "2002-02-02T05:00:00+00:00")


@dataclass(frozen=True)
class Note:
    """A field that holds something else than it should, and reads as None.

    Attributes:
        row: The object that it is in.
        field: Its name.
        values: What it might have held: enough of them to tell what depends on it.
        property: The one property that cannot be told although no field is at fault; empty where it is a field.
    """

    row: Row
    field: str
    values: tuple[str, ...] = ()
    property: str = ""


@dataclass(frozen=True)
class Shaped:
    """What a row makes.

    Attributes:
        record: Its record, without its parts.
        notes: What in it could not be read.
        parts: What its lines and payments make, by stream.
    """

    record: dict[str, Any]
    notes: Sequence[Note]
    parts: Mapping[str, Sequence[Shaped]] = field(default_factory=dict)

    def family(self) -> Iterator[Shaped]:
        """Itself, and its parts."""
        yield self
        for shaped in self.parts.values():
            yield from shaped

    @property
    def part_records(self) -> dict[str, list[dict[str, Any]]]:
        """The records of its parts, by stream."""
        return {stream: [each.record for each in shaped] for stream, shaped in self.parts.items()}
