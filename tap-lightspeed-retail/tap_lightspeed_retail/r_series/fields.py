"""Reads a vendor row field by field: every scalar is text, and nothing has many forms.

A list of one is an object, an empty relation is ``""`` or an absent key, none is the foreign key ``"0"``, and names
vary in case (facts: R-Series sections 4.1 and 4.2). Knows no field by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from datetime import datetime, timezone
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

Row = Mapping[str, Any]
ZERO = Decimal(0)


class ShapeError(ValueError):
    """A row that has no id; names stream and field, never a value."""


class Fields:
    """Reads one row field by field, in the vendor's odd spellings.

    Args:
        stream: Stream, for errors.
        row: The row.
        key: The field that holds its id.

    Attributes:
        id: Its id, digits.
        unreadable: Names of fields that hold something else than they should; they read as None. Never a value.

    Raises:
        ShapeError: It has no id, and nothing can be said of it.
    """

    def __init__(self, stream: str, row: Row, key: str) -> None:
        self._row = _in_lower_case(row)
        self.unreadable: list[str] = []
        self.id = self.text(key) or ""
        if not self.id.isdigit():
            raise ShapeError(f"{stream}: a row without a {key}; please report it")

    def within(self, row: Row) -> Fields:
        """An object within, read under the same id; what is unreadable there is unreadable here."""
        inner = copy(self)
        inner._row = _in_lower_case(row)  # noqa: SLF001
        return inner

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
            self._note(name)
            return None
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
            number = Decimal("NaN")
        if not number.is_finite():
            self._note(name)
            return None
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
            self._note(name)
            return None
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
            self._note(name)
            return None
        return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)

    def inside(self, name: str) -> Row:
        """An object within, empty when it is not there."""
        value = self.raw(name)
        return value if isinstance(value, Mapping) else {}

    def rows(self, name: str, element: str) -> list[Row]:
        """The objects of a list within: none, one as itself, or several."""
        return [each for each in elements(self.inside(name), element) if isinstance(each, Mapping)]

    def _note(self, name: str) -> None:
        if name not in self.unreadable:
            self.unreadable.append(name)


def _in_lower_case(row: Row) -> dict[str, Any]:
    return {name.lower(): value for name, value in row.items()}


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
