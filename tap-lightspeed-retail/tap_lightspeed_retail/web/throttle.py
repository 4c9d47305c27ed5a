"""A throttle that does the vendor's arithmetic beforehand, so that nothing is refused.

A leaky bucket (level, size, drip) and a burst window, both fed by what the last answer said of them
(docs/vendors/lightspeed-r-series.md, limits). Clock and sleep are arguments: there is no time in here, and no vendor's
header.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
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


@dataclass(frozen=True)
class Limits:
    """What an answer says of the vendor's limits; None is not said.

    Attributes:
        level: Of the bucket.
        size: Of the bucket.
        drip: Drips of the bucket in a second.
        burst: Requests that a second may have.
    """

    level: float | None = None
    size: float | None = None
    drip: float | None = None
    burst: float | None = None


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

    def monotonic(self) -> float:
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

    def after(self, limits: Limits) -> None:
        """Learn from an answer."""
        if self._sent:
            self._sent[-1] = self._now()  # on a slow way it may have been counted only now
        if limits.level is not None and limits.size and limits.drip:
            self._bucket = Bucket(limits.level, limits.size, limits.drip, self._now())
        if limits.burst:
            self._burst_limit = max(1, int(limits.burst * (1 - self._reserve)))

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
