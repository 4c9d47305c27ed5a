"""Instants and days as the vendor writes them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

HALF_A_DAY = timedelta(hours=12)
PLAIN = re.compile(r"\d{4}-\d\d-\d\d")
UNSURE = (10, 12)
"""Hours of UTC at which one place has one midnight and another the next: offsets go from -12 to +14."""


def instant(text: str) -> datetime:
    """An instant, in UTC; without an offset it is UTC already.

    Raises:
        ValueError: It is none, or lies beyond the calendar. A plain date is none: nobody knows where it began.
    """
    if PLAIN.fullmatch(text):
        raise ValueError("a day and no instant")
    moment = datetime.fromisoformat(f"{text[:-1]}+00:00" if text.endswith("Z") else text)
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).astimezone(timezone.utc)
    except OverflowError:
        raise ValueError("beyond the calendar") from None


def day_there(moment: datetime, zone: ZoneInfo) -> date:
    """The day of an instant in a time zone.

    Raises:
        ValueError: It lies beyond the calendar there.
    """
    try:
        return moment.astimezone(zone).date()
    except OverflowError:
        raise ValueError("beyond the calendar") from None


def day_typed(text: str, zones: Sequence[ZoneInfo]) -> date:
    """The day that somebody typed, which the vendor keeps as the midnight of some shop.

    Source: docs/vendors/lightspeed-r-series.md, times.

    A plain date is itself. Of an instant the exact midnight in a known zone counts, else the nearest one: typed here or
    elsewhere, in summer time or not, it is less than half a day away.

    Raises:
        ValueError: It is no day, or no zone says which of two days it is.
    """
    if PLAIN.fullmatch(text):
        return date.fromisoformat(text)
    moment = instant(text)
    try:
        for zone in zones:
            local = moment.astimezone(zone)
            if local.time() == time():
                return local.date()
        if (
            not timedelta(hours=UNSURE[0])
            <= moment - moment.replace(hour=0, minute=0, second=0)
            <= timedelta(hours=UNSURE[1])
        ):
            return (moment + HALF_A_DAY).date()
        if not zones:
            raise ValueError("midnight of either of two days")
        return (moment.astimezone(zones[0]).replace(tzinfo=None) + HALF_A_DAY).date()
    except OverflowError:
        raise ValueError("beyond the calendar") from None
