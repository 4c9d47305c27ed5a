"""Both rate limiters: a leaky bucket and a burst window (facts: R-Series section 7)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.clock import Clock
from sandbox.lightspeed.resources import walk

BASE_SIZE, SIZE_PER_REGISTER = 90, 10
BASE_DRIP, DRIP_PER_REGISTER = 1.0, 0.5
BURST_SHARE = 20 / 90
"""The vendor's sample shows a burst limit of 20 for a bucket of 90; the fraction itself is not documented."""


@dataclass(frozen=True)
class Meter:
    """What the limiter says of one call."""

    refused: str | None
    headers: dict[str, str]


class Bucket:
    """The limiter of one account and client."""

    def __init__(self, clock: Clock, *, refused_calls_cost: bool) -> None:
        self._clock = clock
        self._refused_calls_cost = refused_calls_cost
        self._level = 0.0
        self._at = clock.now().timestamp()
        self._window = (0, 0)
        self.refusals = 0
        self.drips = 0.0

    def take(self, cost: float, registers: int) -> Meter:
        """Let a call pass or refuse it; the call that overflows the bucket still passes, the next does not."""
        size = BASE_SIZE + SIZE_PER_REGISTER * (registers - 1)
        drip = BASE_DRIP + DRIP_PER_REGISTER * (registers - 1)
        now = self._clock.now().timestamp()
        self._level = max(0.0, self._level - drip * (now - self._at))
        self._at = now
        burst_limit = max(1, round(size * BURST_SHARE))
        burst = self._burst(int(now))
        refused = None
        if burst > burst_limit:
            refused = "api-burst-limiter"
        elif self._level > size:
            refused = "api-leaky-bucket"
        if refused is None or self._refused_calls_cost:
            self._level += cost
            self.drips += cost
        headers = {
            "X-LS-API-Bucket-Level": f"{self._level:.10g}/{size}",
            "X-LS-API-Burst-Level": f"{burst}/{burst_limit}",
            "X-LS-Api-Drip-Rate": f"{drip:g}",
            "X-LS-Api-Request-Cost": f"{cost:.10g}",
        }
        if refused:
            self.refusals += 1
            wait = 1 if refused == "api-burst-limiter" else max(1, math.ceil((self._level - size) / drip))
            headers |= {"X-LS-API-RateLimit-Type": refused, "Retry-After": str(wait)}
        return Meter(refused, headers)

    def _burst(self, second: int) -> int:
        self._window = (second, self._window[1] + 1) if self._window[0] == second else (second, 1)
        return self._window[1]


def cost(resource: str, relations: Sequence[str], *, single: bool, count: bool) -> float:
    """What a read costs: 1, and for each relation 0.1 to-one or 0.2 to-many, doubled on lists or under a to-many."""
    if count:
        return 10.0
    total = 1.0
    for path in relations:
        found = walk(resource, path)
        if found:
            relation, under_many = found
            total += (0.2 if relation.many else 0.1) * (2 if not single or under_many else 1)
    return round(total, 4)
