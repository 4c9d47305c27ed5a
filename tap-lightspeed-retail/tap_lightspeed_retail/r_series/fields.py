"""Reads a vendor row field by field: every scalar is text, and nothing has many forms.

A list of one is an object, an empty relation is ``""`` or an absent key, none is the foreign key ``"0"``, and names
vary in case (facts: R-Series sections 4.1 and 4.2). Knows no field by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

Row = Mapping[str, Any]
ZERO = Decimal(0)


class ShapeError(ValueError):
    """A row that cannot be read; names stream, key and field, never the value."""


class Fields:
    """Reads one row field by field, in the vendor's odd spellings.

    Args:
        stream: Stream, for errors.
        row: The row.
        key: The field that holds its id.
    """

    def __init__(self, stream: str, row: Row, key: str) -> None:
        self._stream = stream
        self._row = {name.lower(): value for name, value in row.items()}
        self.id = "without a readable id"
        self.id = self._required(key)

    def _required(self, name: str) -> str:
        value = self.text(name)
        if value is None:
            raise ShapeError(f"{self._stream}: a row without {name}; please report it")
        return value

    def raw(self, name: str) -> Any:
        """The value as it came; None for empty text, an empty object, and an object of attributes only."""
        value = self._row.get(name.lower())
        if value == "" or (isinstance(value, Mapping) and set(value) <= {"@attributes"}):
            return None
        return value

    def text(self, name: str) -> str | None:
        """Text, or None when it is empty."""
        value = self.raw(name)
        if value is None:
            return None
        if isinstance(value, Mapping | list):
            raise self._fault(name, "text")
        return str(value)

    def key(self, name: str) -> str | None:
        """A foreign key; ``0`` is none."""
        value = self.text(name)
        return None if value in (None, "0") else value

    def number(self, name: str) -> Decimal | None:
        """An exact number; the vendor writes some with an exponent."""
        value = self.text(name)
        if value is None:
            return None
        try:
            number = Decimal(value)
        except InvalidOperation:
            raise self._fault(name, "a number") from None
        if not number.is_finite():
            raise self._fault(name, "a number")
        return number

    def amount(self, name: str) -> Decimal:
        """A number, 0 when absent."""
        return self.number(name) or ZERO

    def flag(self, name: str) -> bool | None:
        """A boolean."""
        value = self.text(name)
        if value is None:
            return None
        if value.lower() not in ("true", "false"):
            raise self._fault(name, "a boolean")
        return value.lower() == "true"

    def instant(self, name: str) -> str | None:
        """An instant, in UTC."""
        moment = self._moment(name)
        return moment.astimezone(timezone.utc).isoformat(timespec="seconds") if moment else None

    def date(self, name: str, zone: str) -> str | None:
        """A date that the vendor says as midnight in the shop's zone: a birthday, the day of an order."""
        moment = self._moment(name)
        return moment.astimezone(_zone(zone)).date().isoformat() if moment else None

    def _moment(self, name: str) -> datetime | None:
        value = self.text(name)
        if value is None:
            return None
        try:
            moment = datetime.fromisoformat(f"{value[:-1]}+00:00" if value.endswith("Z") else value)
        except ValueError:
            raise self._fault(name, "an instant") from None
        return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)

    def inside(self, name: str) -> Row:
        """An object within, empty when it is not there."""
        value = self.raw(name)
        return value if isinstance(value, Mapping) else {}

    def rows(self, name: str, element: str) -> list[Row]:
        """The objects of a list within: none, one as itself, or several."""
        return [each for each in elements(self.inside(name), element) if isinstance(each, Mapping)]

    def _fault(self, name: str, kind: str) -> ShapeError:
        return ShapeError(f"{self._stream} {self.id}: {name} is not {kind}; please report it")


def elements(container: Row, element: str) -> list[Any]:
    """A vendor's list: absent, empty text, one as itself, or several."""
    value = container.get(element)
    if value is None or value in ("", {}):
        return []
    return value if isinstance(value, list) else [value]


def _zone(name: str) -> ZoneInfo | timezone:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return timezone.utc
