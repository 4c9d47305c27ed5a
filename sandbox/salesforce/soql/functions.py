"""What functions make of a field's value: parts of dates, and labels."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

_PARTS: dict[str, Callable[[date], int]] = {
    "CALENDAR_YEAR": lambda day: day.year,
    "CALENDAR_QUARTER": lambda day: (day.month + 2) // 3,
    "CALENDAR_MONTH": lambda day: day.month,
    "DAY_IN_MONTH": lambda day: day.day,
    "DAY_IN_WEEK": lambda day: day.isoweekday() % 7 + 1,
    "DAY_IN_YEAR": lambda day: day.timetuple().tm_yday,
    "WEEK_IN_YEAR": lambda day: (day.timetuple().tm_yday + 6) // 7,
}


def applied(function: str, value: Any) -> Any:
    """What a function makes of a value as a row holds it; nothing of nothing. Days begin in UTC."""
    if value is None or function == "TOLABEL":
        return value
    text = str(value)
    if function == "DAY_ONLY":
        return text[:10]
    return int(text[11:13]) if function == "HOUR_IN_DAY" else _PARTS[function](date.fromisoformat(text[:10]))
