"""Reads a vendor row field by field: every scalar is text, and nothing has many forms.

A list of one is an object, an empty relation is ``""`` or an absent key, none is the foreign key ``"0"``, and names
vary in case (docs/vendors/lightspeed-r-series.md, spellings, times). Knows no field by name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from tap_lightspeed_retail.errors import Malformed
from tap_lightspeed_retail.r_series import dates
from tap_lightspeed_retail.r_series.forms import as_list, is_nothing
from tap_lightspeed_retail.r_series.notes import FLAGS, KEYS, MOMENTS, NUMBERS, TEXTS, Note, Row

ChoiceT = TypeVar("ChoiceT")
ZERO = Decimal(0)
MOST_DIGITS = 28
"""Digits of a number, and places before and after its point: what arithmetic bears without a fault."""
LONGEST_ID = 18


class Fields:
    """Reads one row field by field, in the vendor's odd spellings.

    Args:
        stream: Stream, for errors.
        row: The row.
        key: The field that holds its id.

    Attributes:
        id: Its id, digits.
        notes: What could not be read; never a value.

    Raises:
        Malformed: It has no id, and nothing can be said of it.
    """

    def __init__(self, stream: str, row: Row, key: str) -> None:
        self._stream = stream
        self._original = row
        self._row = _in_lower_case(row)
        self.notes: list[Note] = []
        self.id = self.text(key) or ""
        if not (self.id.isascii() and self.id.isdigit()) or len(self.id) > LONGEST_ID:
            raise Malformed(f"A row without a {key}.", where=stream, hint="Please report it.")

    def within(self, row: Row) -> Fields:
        """An object within, read under the same id; what is unreadable there is unreadable here."""
        inner = copy(self)
        inner._original, inner._row = row, _in_lower_case(row)  # noqa: SLF001
        return inner

    def raw(self, name: str) -> Any:
        """The value as it came; None for empty text, an empty list or object, and an object of attributes only."""
        value = self._row.get(name.lower())
        return None if is_nothing(value) else value

    def text(self, name: str, values: Sequence[str] = TEXTS) -> str | None:
        """Text, or None when it is empty."""
        value = self.raw(name)
        if value is None:
            return None
        if not is_text(value):
            self.note(name, values)
            return None
        return str(value)

    def key(self, name: str) -> str | None:
        """A foreign key; ``0`` is none."""
        value = self.text(name, KEYS)
        return None if value in (None, "0") else value

    def digits(self, name: str) -> str | None:
        """A key that leads to another row, ``0`` for none; None where it leads nowhere."""
        value = str(self.raw(name))
        return value if value.isascii() and value.isdigit() and len(value) <= LONGEST_ID else None

    def choice(self, name: str, words: Mapping[str, ChoiceT], other: ChoiceT) -> ChoiceT:
        """What one of the vendor's words means, in whatever case."""
        return words.get((self.text(name, (*words, *TEXTS)) or "").lower(), other)

    def number(self, name: str) -> Decimal | None:
        """An exact number; the vendor writes some with an exponent."""
        value = self.text(name, NUMBERS)
        if value is None:
            return None
        try:
            number = Decimal(value)
        except InvalidOperation:
            number = Decimal("NaN")
        if not _is_bearable(number):
            self.note(name, NUMBERS)
            return None
        return number

    def amount(self, name: str) -> Decimal:
        """A number, 0 when absent."""
        return self.number(name) or ZERO

    def flag(self, name: str) -> bool | None:
        """A boolean."""
        value = self.text(name, FLAGS)
        if value is None:
            return None
        if value.lower() not in FLAGS:
            self.note(name, FLAGS)
            return None
        return value.lower() == "true"

    def instant(self, name: str) -> str | None:
        """An instant, in UTC."""
        value = self.text(name, MOMENTS)
        try:
            return dates.instant(value).isoformat(timespec="seconds") if value else None
        except ValueError:
            self.note(name, MOMENTS)
            return None

    def date(self, name: str, zones: Sequence[ZoneInfo]) -> str | None:
        """The day that was typed: a birthday, the day of an order. The zones are those in which it may have been."""
        value = self.text(name, MOMENTS)
        try:
            return dates.day_typed(value, zones).isoformat() if value else None
        except ValueError:
            self.note(name, MOMENTS)
            return None

    def day(self, name: str, zone: ZoneInfo | None, *, told_as: str) -> str | None:
        """The day of an instant in a shop; where the shop's zone is not known, the property cannot be told."""
        moment = self.instant(name)
        if moment is None:
            return None
        try:
            if zone:
                return dates.day_there(dates.instant(moment), zone).isoformat()
        except ValueError:
            pass
        self.notes.append(Note(self._original, name, property=told_as))
        return None

    def inside(self, name: str) -> Row:
        """An object within, empty when it is not there.

        Raises:
            Malformed: There is something else.
        """
        value = self.raw(name)
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            raise self._malformed(name, "is no object")
        return value

    def elements(self, name: str, *elements: str) -> list[Any]:
        """What a list within holds, under the names of its elements: none, one as itself, or several.

        Raises:
            Malformed: It is no such list, or has elements of another name, which must not pass for a list of none.
        """
        held = {key.lower(): value for key, value in self.inside(name).items()}
        known = [element.lower() for element in elements]
        if {*held} - {*known, "@attributes"}:
            raise self._malformed(name, "comes with elements of another name")
        return [each for element in known for each in as_list(held.get(element))]

    def rows(self, name: str, *elements: str) -> list[Row]:
        """The objects of a list within.

        Raises:
            Malformed: It is no such list, or one of them is no object.
        """
        found = self.elements(name, *elements)
        if not all(isinstance(each, Mapping) for each in found):
            raise self._malformed(name, "holds something that is no object")
        return found

    def texts(self, name: str, element: str, *, told_as: str) -> list[str]:
        """The words of a list within; where one is no word, the property cannot be told.

        Raises:
            Malformed: It is no such list.
        """
        found = self.elements(name, element)
        if not all(map(is_text, found)):
            self.notes.append(Note(self._original, name, property=told_as))
            return []
        return [str(each) for each in found]

    def note(self, name: str, values: Sequence[str]) -> None:
        """A field that cannot be read."""
        self.notes.append(Note(self._original, name, tuple(values)))

    def _malformed(self, name: str, what: str) -> Malformed:
        return Malformed(f"{name} of row {self.id} {what}.", where=self._stream, hint="Please report it.")


def _in_lower_case(row: Row) -> dict[str, Any]:
    return {name.lower(): value for name, value in row.items()}


def is_text(value: Any) -> bool:
    """Whether this is a scalar that can be written: half of a surrogate pair cannot."""
    if not isinstance(value, str):
        return not isinstance(value, Mapping | list)
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_bearable(number: Decimal) -> bool:
    if not number.is_finite():
        return False
    return len(number.as_tuple().digits) <= MOST_DIGITS and abs(number.adjusted()) <= MOST_DIGITS
