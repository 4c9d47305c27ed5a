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
from sandbox.salesforce.soql.parse import SoqlError

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


def span(word: str, today: date) -> Span:
    """The days a date literal stands for.

    Raises:
        SoqlError: A literal that is not served.
    """
    name, _, number = word.partition(":")
    days = {"TODAY": 0, "YESTERDAY": -1, "TOMORROW": 1}
    if name in days:
        first = today + timedelta(days=days[name])
        return first, first + timedelta(days=1)
    if name == "N_DAYS_AGO":
        first = today - timedelta(days=int(number))
        return first, first + timedelta(days=1)
    if name in ("LAST_N_DAYS", "LAST_90_DAYS"):
        return today - timedelta(days=int(number or 90)), today + timedelta(days=1)
    if name in ("NEXT_N_DAYS", "NEXT_90_DAYS"):
        return today + timedelta(days=1), today + timedelta(days=int(number or 90) + 1)
    which, _, unit = name.partition("_")
    if unit in ("WEEK", "MONTH", "YEAR"):
        return _period(today, unit, {"THIS": 0, "LAST": -1, "NEXT": 1}[which])
    raise SoqlError("MALFORMED_QUERY", f"the date literal {word} is not served here")


def _period(today: date, unit: str, shift: int) -> Span:
    if unit == "WEEK":
        first = today - timedelta(days=(today.weekday() + 1) % 7) + timedelta(weeks=shift)
        return first, first + timedelta(weeks=1)
    if unit == "YEAR":
        return date(today.year + shift, 1, 1), date(today.year + shift + 1, 1, 1)
    month = today.year * 12 + today.month - 1 + shift
    return date(month // 12, month % 12 + 1, 1), date((month + 1) // 12, (month + 1) % 12 + 1, 1)


def midnight(day: date) -> datetime:
    """The instant a day begins, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=timezone.utc)


def pattern(text: str) -> re.Pattern[str]:
    """A LIKE pattern, without regard to case."""
    parts = re.findall(r"\\.|.", text, re.DOTALL)
    wild = {"%": ".*", "_": "."}
    body = "".join(re.escape(part[1]) if len(part) == 2 else wild.get(part, re.escape(part)) for part in parts)
    return re.compile(body, re.IGNORECASE | re.DOTALL)
