"""Time zones by their IANA names. ``tzdata`` is installed with us: not every system has them."""

from __future__ import annotations

from zoneinfo import ZoneInfo, available_timezones

from target_salesforce_retail.mapping.places import did_you_mean


def zone_problem(name: str) -> str | None:
    """Why this is no time zone, or None."""
    try:
        ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        return f"`{name}` is no IANA time zone{did_you_mean(name, sorted(available_timezones()))}"
    return None
