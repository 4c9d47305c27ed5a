"""The one clock of the sandbox: real time plus an offset, so that hours can pass in a moment."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone


class Clock:
    """Tells the time, and lets it move.

    Args:
        start: Freeze here and move by ``advance`` only; None follows real time.
    """

    def __init__(self, start: datetime | None = None) -> None:
        self._start = start
        self._offset = timedelta()

    def now(self) -> datetime:
        """Now, in UTC."""
        base = self._start or datetime.fromtimestamp(time.time(), tz=timezone.utc)
        return base + self._offset

    def advance(self, seconds: float) -> datetime:
        """Let time pass; returns the new now."""
        self._offset += timedelta(seconds=seconds)
        return self.now()
