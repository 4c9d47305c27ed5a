"""Values as the org compares them: case rules, instants, date literals, LIKE patterns."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sandbox.salesforce.ids import long_id
from sandbox.salesforce.schema import Field
from sandbox.salesforce.soql.ast import Literal

NUMBERS = ("double", "currency", "percent", "int")
Span = tuple[date, date]
"""First day, and the day after the last."""


def comparable(field: Field, value: Any) -> Any:  # noqa: PLR0911  # one line per type
    """A row's value in the form that comparisons use; None stays None, and a boolean that is not set is false."""
    if field.type == "boolean":
        return bool(value)
    if value is None or value == "":
        return None
    if field.type in NUMBERS:
        return value if isinstance(value, Decimal) else Decimal(str(value))
    if field.type == "datetime":
        return instant(str(value))
    if field.type == "date":
        return date.fromisoformat(str(value))
    if field.type in ("id", "reference"):
        return long_id(str(value)) or str(value)
    return str(value) if field.case_sensitive else str(value).lower()


@lru_cache(maxsize=100_000)
def instant(text: str) -> datetime:
    """The vendor's ``2026-01-01T00:00:00.000+0000`` as an instant."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z")


def wanted(field: Field, literal: Literal) -> Any:
    """A literal in the same form."""
    if literal.kind == "null":
        return False if field.type == "boolean" else None
    if literal.kind == "string":
        return comparable(field, literal.value)
    return literal.value


_UNITS = {"DAY": 0, "WEEK": 0, "MONTH": 1, "QUARTER": 3, "YEAR": 12}
"""Unit -> months in it; days and weeks are counted as they are."""


def span(word: str, today: date) -> Span:
    """The days a date literal stands for: weeks from Sunday, fiscal quarters and years those of the calendar."""
    name, _, number = word.replace("FISCAL_", "").partition(":")
    if name in ("TODAY", "YESTERDAY", "TOMORROW"):
        return _unit(today, "DAY", {"TODAY": 0, "YESTERDAY": -1, "TOMORROW": 1}[name])
    if name.endswith("_90_DAYS"):
        name, number = f"{name[:4]}_N_DAYS", "90"
    if name.startswith("N_"):
        return _unit(today, name.split("_")[1].rstrip("S"), -int(number))
    which, *rest = name.split("_")
    unit = rest[-1].rstrip("S")
    if len(rest) == 1:
        return _unit(today, unit, {"THIS": 0, "LAST": -1, "NEXT": 1}[which])
    return _several(today, unit, which, int(number))


def _several(today: date, unit: str, which: str, number: int) -> Span:
    """The last or next n of a unit. Days include today where they lie behind; whole units do not hold this one."""
    if which == "LAST":
        first = _unit(today, unit, -number)[0]
        return first, _unit(today, unit, 0)[1 if unit == "DAY" else 0]
    return _unit(today, unit, 1)[0], _unit(today, unit, number)[1]


def _unit(today: date, unit: str, shift: int) -> Span:
    """The unit that lies so many units after this one."""
    if unit == "DAY":
        first = today + timedelta(days=shift)
        return first, first + timedelta(days=1)
    if unit == "WEEK":
        first = today - timedelta(days=(today.weekday() + 1) % 7) + timedelta(weeks=shift)
        return first, first + timedelta(weeks=1)
    months = _UNITS[unit]
    began = (today.year * 12 + today.month - 1) // months * months + shift * months
    return _month(began), _month(began + months)


def _month(number: int) -> date:
    return date(number // 12, number % 12 + 1, 1)


def midnight(day: date) -> datetime:
    """The instant a day begins, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=timezone.utc)


def pattern(text: str) -> re.Pattern[str]:
    """A LIKE pattern, without regard to case."""
    parts = re.findall(r"\\.|.", text, re.DOTALL)
    wild = {"%": ".*", "_": "."}
    body = "".join(re.escape(part[1]) if len(part) == 2 else wild.get(part, re.escape(part)) for part in parts)
    return re.compile(body, re.IGNORECASE | re.DOTALL)
