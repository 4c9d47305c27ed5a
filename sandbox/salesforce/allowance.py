"""How much of the daily API allowance is used."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from sandbox.clock import Clock

_WINDOW = timedelta(hours=24)


class Allowance:
    """Counts the calls of a day. The vendor's 24 hours roll; these begin with the first call after the last ones ended.

    Args:
        clock: Tells when the day is over.
        calls: Every call so far, by kind; somebody else adds to it.
    """

    def __init__(self, clock: Clock, calls: Counter[str]) -> None:
        self._clock, self._calls = clock, calls
        self.restart()

    def restart(self) -> None:
        """Begin a new day: whatever was called until now no longer counts."""
        self._began, self._before = self._clock.now(), sum(self._calls.values())

    def used(self) -> int:
        """Calls of this day."""
        if self._clock.now() - self._began >= _WINDOW:
            self.restart()
        return sum(self._calls.values()) - self._before
