"""Both rate limiters: a leaky bucket and a burst window (docs/vendors/lightspeed-r-series.md, limits)."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

from sandbox.clock import Clock

BASE_SIZE, SIZE_PER_REGISTER = 90, 10
BASE_DRIP, DRIP_PER_REGISTER = 1.0, 0.5
LEAKY, BURST = "api-leaky-bucket", "api-burst-limiter"
LOOK_UPS_PER_SECOND = 1
"""Of gift cards by their code. Which of the two limiters refuses more of them is not documented."""
BURST_SHARE = 20 / 90
"""The vendor's sample shows a burst limit of 20 for a bucket of 90; the fraction itself is not documented."""


@dataclass(frozen=True)
class Meter:
    """What the limiter says of one call."""

    refused: str | None
    headers: dict[str, str]


class Bucket:
    """The limiter of one account and client.

    Attributes:
        requests: Calls that came, let pass or not.
        drips: What went into the bucket, in all.
        refused: Calls that got 429, by the limiter that refused them.
    """

    def __init__(self, clock: Clock, *, refused_calls_cost: bool = False, refuses_when_full: bool = False) -> None:
        self._clock = clock
        self._refused_calls_cost = refused_calls_cost
        self._refuses_when_full = refuses_when_full
        self._level = 0.0
        self._at = clock.now().timestamp()
        self._calls, self._look_ups = _Window(), _Window()
        self.requests = 0
        self.drips = 0.0
        self.refused: Counter[str] = Counter()

    @property
    def refusals(self) -> int:
        """Calls that got 429 from either limiter."""
        return sum(self.refused.values())

    def take(self, cost: float, registers: int, *, looks_up_code: bool = False) -> Meter:
        """Let a call pass or refuse it; the call that overflows the bucket still passes, the next does not."""
        size = BASE_SIZE + SIZE_PER_REGISTER * (registers - 1)
        drip = BASE_DRIP + DRIP_PER_REGISTER * (registers - 1)
        now = self._clock.now().timestamp()
        passed = max(0.0, now - self._at)  # a clock that was set back drips nothing, and fills nothing either
        self._level = max(0.0, self._level - drip * passed)
        self._at = now
        burst_limit = max(1, round(size * BURST_SHARE))
        burst = self._calls.count(int(now))
        fast = looks_up_code and self._look_ups.count(int(now)) > LOOK_UPS_PER_SECOND
        refused = BURST if burst > burst_limit or fast else LEAKY if self._is_full(size) else None
        self._note(cost, refused)
        headers = {
            "X-LS-API-Bucket-Level": f"{self._level:.10g}/{size}",
            "X-LS-API-Burst-Level": f"{burst}/{burst_limit}",
            "X-LS-Api-Drip-Rate": f"{drip:g}",
            "X-LS-Api-Request-Cost": f"{cost:.10g}",
        }
        if refused:
            wait = 1 if refused == BURST else max(1, math.ceil((self._level - size) / drip))
            headers |= {"X-LS-API-RateLimit-Type": refused, "Retry-After": str(wait)}
        return Meter(refused, headers)

    def _is_full(self, size: float) -> bool:
        """Over the brim; whether a level of exactly the size is full, the sources disagree.

        Source: docs/vendors/lightspeed-r-series.md, limits.
        """
        return self._level >= size if self._refuses_when_full else self._level > size

    def _note(self, cost: float, refused: str | None) -> None:
        self.requests += 1
        if refused:
            self.refused[refused] += 1
        if refused is None or self._refused_calls_cost:
            self._level += cost
            self.drips += cost


@dataclass
class _Window:
    """Counts within a whole second."""

    second: int = 0
    counted: int = 0

    def count(self, second: int) -> int:
        """How many there are in this second, with this one."""
        self.counted = self.counted + 1 if self.second == second else 1
        self.second = second
        return self.counted
