"""What time it is in the org: its rows are stamped with that, not with ours."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

MISTRUST = timedelta(minutes=10)
"""How far our own clock is put back where the org's answers tell no time."""


class OrgClock:
    """The org's time: what its last answer said, and what has passed since.

    Args:
        ticks: Seconds of a clock that nobody sets.
        wall: Our own time, for an org whose answers have lost their ``Date`` header on the way.
    """

    def __init__(
        self,
        *,
        ticks: Callable[[], float] = time.monotonic,
        wall: Callable[[], datetime] = lambda: datetime.now(tz=timezone.utc),
    ) -> None:
        self._ticks = ticks
        self._wall = wall
        self._last_answer: tuple[datetime, float] | None = None

    def note(self, header: str) -> None:
        """Take in the ``Date`` header of an answer; what is no date tells nothing."""
        try:
            date = parsedate_to_datetime(header)
        except (TypeError, ValueError):
            return
        self._last_answer = date.replace(tzinfo=date.tzinfo or timezone.utc), self._ticks()

    def now(self) -> datetime:
        """The org's time in whole seconds, never ahead of it."""
        if self._last_answer is None:
            return (self._wall() - MISTRUST).replace(microsecond=0)
        date, at = self._last_answer
        return (date + timedelta(seconds=self._ticks() - at)).replace(microsecond=0)
