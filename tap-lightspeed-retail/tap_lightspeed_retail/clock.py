"""Time, in one place, so that simulated time can stand in for it."""

from __future__ import annotations

import time


class Clock:
    """The machine's own clock."""

    def now(self) -> float:
        """Wall clock, epoch seconds."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds since some moment; never goes back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)
