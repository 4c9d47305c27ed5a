"""The vendor's forms of nothing, and of lists (docs/vendors/lightspeed-r-series.md, spellings)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def is_nothing(value: Any) -> bool:
    """Whether this is one of the vendor's forms of nothing."""
    if value is None or isinstance(value, str):  # nearly always
        return not value
    return value in ([], {}) or (isinstance(value, Mapping) and set(value) <= {"@attributes"})


def as_list(value: Any) -> list[Any]:
    """A vendor's list: nothing in its many forms, one as itself, or several."""
    if is_nothing(value):
        return []
    return value if isinstance(value, list) else [value]
