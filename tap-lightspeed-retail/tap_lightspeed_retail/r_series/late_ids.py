"""Ids are given in order but may be committed out of it: the last ones are read again, and kept as a set."""

from __future__ import annotations

from collections.abc import Sequence

from tap_lightspeed_retail.r_series.ids import Ids

LATE_IDS = 200
"""So far behind the highest one an id may still be committed."""


def committed_id(read: Ids) -> int:
    """The id up to which nothing can be missing any more: the last before a gap, if that is not too old."""
    low = max(0, read.highest - LATE_IDS)
    return next((number for number in range(low, read.highest) if number + 1 not in read), read.highest)


def with_new_ids(read: Ids, new: Sequence[int]) -> str:
    """The last ids that were read, these among them."""
    read.update(new)
    read.drop_below(read.highest - LATE_IDS)
    return str(read)


def ids_before(number: int) -> str:
    """The ids before one, as far as late commits are expected."""
    return f"{max(1, number - 1 - LATE_IDS)}-{number - 1}" if number > 1 else ""
