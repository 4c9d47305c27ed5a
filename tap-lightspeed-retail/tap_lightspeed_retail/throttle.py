"""A throttle that does the vendor's arithmetic beforehand, so that nothing is refused.

A leaky bucket (level, size, drip) and a burst window, both fed by the headers of the last answer (facts: R-Series
section 7). Clock and sleep are arguments: there is no time in here.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

WINDOW = 1.0
"""Seconds of the burst limiter."""


@dataclass
class Bucket:
    """What is known of the vendor's bucket, as of ``at``; units are drips and seconds."""

    level: float
    size: float
    drip: float
    at: float

    def level_at(self, now: float) -> float:
        """The level to expect at an instant."""
        return max(0.0, self.level - self.drip * (now - self.at))


class Throttle:
    """Waits before a request until bucket and burst window have room for it.

    Args:
        reserve: Share of both that is left to others who use the same client.
        now: A clock, in seconds.
        sleep: Waits so many seconds.
    """

    def __init__(self, reserve: float, now: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._reserve = reserve
        self._now = now
        self._sleep = sleep
        self._bucket: Bucket | None = None
        self._burst_limit = 10
        self._sent: deque[float] = deque()

    def passed(self) -> float:
        """Its clock: seconds since some moment."""
        return self._now()

    def before(self, cost: float) -> None:
        """Wait until a request of this cost fits, and count it."""
        wait = max(self._bucket_wait(cost), self._burst_wait())
        if wait > 0:
            self._sleep(wait)
        now = self._now()
        if self._bucket:
            self._bucket = Bucket(self._bucket.level_at(now) + cost, self._bucket.size, self._bucket.drip, now)
        self._sent.append(now)

    def after(self, headers: Mapping[str, str]) -> None:
        """Learn from an answer; header names are compared without regard to case, values may be fractional."""
        if self._sent:
            self._sent[-1] = self._now()  # on a slow way it may have been counted only now
        known = {name.lower(): value for name, value in headers.items()}
        bucket = _pair(known.get("x-ls-api-bucket-level"))
        burst = _pair(known.get("x-ls-api-burst-level"))
        drip = _number(known.get("x-ls-api-drip-rate"))
        if bucket and drip:
            self._bucket = Bucket(bucket[0], bucket[1], drip, self._now())
        if burst:
            self._burst_limit = max(1, int(burst[1] * (1 - self._reserve)))

    def _bucket_wait(self, cost: float) -> float:
        if self._bucket is None:
            return 0.0
        room = max(self._bucket.size * (1 - self._reserve), cost)
        excess = self._bucket.level_at(self._now()) + cost - room
        return excess / self._bucket.drip if excess > 0 else 0.0

    def _burst_wait(self) -> float:
        """A sliding window is never looser than the vendor's fixed one, wherever that begins."""
        now = self._now()
        while self._sent and self._sent[0] <= now - WINDOW:
            self._sent.popleft()
        if len(self._sent) < self._burst_limit:
            return 0.0
        return self._sent[len(self._sent) - self._burst_limit] + WINDOW - now


def _pair(text: str | None) -> tuple[float, float] | None:
    first, _, second = (text or "").partition("/")
    level, size = _number(first), _number(second)
    return (level, size) if level is not None and size else None


def _number(text: str | None) -> float | None:
    """A number as a header says it; none that arithmetic cannot bear."""
    try:
        number = float(text) if text else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None
