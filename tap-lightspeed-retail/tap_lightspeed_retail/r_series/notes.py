"""Notes of what cannot be read, and the values that a field of each kind might have held."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]
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
