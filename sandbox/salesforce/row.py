"""One row as the tables keep it: what it says for itself, and its object's defaults for the rest.

A million rows must fit into memory, and most fields of most rows say nothing. So a row keeps the values that differ
from the defaults in a tuple, and shares the names of these with every row that has set the same fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

NewRow = dict[str, Any]
"""A row on its way to the tables, or a part of one."""
AnyRow = Mapping[str, Any]
"""A row that is only read, wherever it is."""


class _Shape:
    """Which fields a row has set, and where their values stand."""

    __slots__ = ("defaults", "places")

    def __init__(self, names: tuple[str, ...], defaults: NewRow) -> None:
        self.places = {name: place for place, name in enumerate(names)}
        self.defaults = defaults


class Row(Mapping[str, Any]):
    """A row that nobody can change; ``{**row, "Name": "Ann"}`` is how a changed one begins."""

    __slots__ = ("_shape", "_values")

    def __init__(self, shape: _Shape, values: tuple[Any, ...]) -> None:
        self._shape = shape
        self._values = values

    def __getitem__(self, name: str) -> Any:
        place = self._shape.places.get(name)
        return self._shape.defaults[name] if place is None else self._values[place]

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a field; ``default`` when the object has no such field."""
        place = self._shape.places.get(name)
        return self._shape.defaults.get(name, default) if place is None else self._values[place]

    def __iter__(self) -> Iterator[str]:
        return iter(self._shape.defaults)

    def __len__(self) -> int:
        return len(self._shape.defaults)

    def changed(self, changes: AnyRow) -> NewRow:
        """The whole row with some values changed, as a dict to go on with."""
        shape = self._shape
        return {**shape.defaults, **dict(zip(shape.places, self._values, strict=True)), **changes}


class Shapes:
    """The shapes of one object's rows.

    Args:
        defaults: Every field of the object with the value of a row that says nothing.
    """

    def __init__(self, defaults: NewRow) -> None:
        self._defaults = defaults
        self._known: dict[tuple[str, ...], _Shape] = {}

    def keep(self, values: AnyRow) -> Row:
        """The row of these values; fields the object lacks are kept too."""
        if isinstance(values, Row):
            return values
        held = self._defaults
        said = {name: value for name, value in values.items() if name not in held or not _same(value, held[name])}
        names = tuple(said)
        shape = self._known.get(names)
        if shape is None:
            extra = {name: None for name in names if name not in held}
            shape = self._known[names] = _Shape(names, {**held, **extra} if extra else held)
        return Row(shape, tuple(said.values()))


def _same(value: Any, default: Any) -> bool:
    """Whether a value is the default: 0 is not False here."""
    return value is default or (type(value) is type(default) and value == default)
