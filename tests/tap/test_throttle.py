"""The throttle against a model of the vendor's limiter (facts: R-Series section 7.4), in simulated time."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st
from tap_lightspeed_retail.throttle import Throttle


class Vendor:
    """The limiter as the vendor describes it; written without a look at the throttle."""

    def __init__(self, registers: int) -> None:
        self.size = 90 + 10 * (registers - 1)
        self.drip = 1 + 0.5 * (registers - 1)
        self.burst = max(1, round(self.size * 20 / 90))
        self.now = 1000.0
        self.level = 0.0
        self.drained = 1000.0
        self.second = (0, 0)
        self.refused = 0

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def call(self, cost: float) -> dict[str, str]:
        self.level = max(0.0, self.level - self.drip * (self.now - self.drained))
        self.drained = self.now
        second = math.floor(self.now)
        self.second = (second, self.second[1] + 1 if self.second[0] == second else 1)
        if self.level > self.size or self.second[1] > self.burst:
            self.refused += 1
        else:
            self.level += cost
        return {
            "x-ls-api-bucket-level": f"{self.level:.2f}/{self.size}",
            "X-LS-API-Burst-Level": f"{self.second[1]}/{self.burst}",
            "X-LS-Api-Drip-Rate": f"{self.drip}",
        }


costs = st.sampled_from([1.0, 1.8, 2.0, 2.4, 6.4, 10.0])


@given(st.integers(1, 40), st.lists(st.tuples(costs, st.floats(0, 2)), min_size=1, max_size=120))
def test_nothing_is_ever_refused(registers: int, calls: list[tuple[float, float]]) -> None:
    """Whatever is asked for, in whatever rhythm."""
    vendor = Vendor(registers)
    throttle = Throttle(0.1, lambda: vendor.now, vendor.sleep)
    for cost, latency in calls:
        throttle.before(cost)
        throttle.after(vendor.call(cost))
        vendor.now += latency

    assert vendor.refused == 0


@given(st.integers(1, 10), costs)
def test_no_time_is_wasted(registers: int, cost: float) -> None:
    """A long run takes at most 5 % longer than what the bucket drips, beyond its first filling."""
    vendor = Vendor(registers)
    throttle = Throttle(0.1, lambda: vendor.now, vendor.sleep)
    calls = 1500
    for _ in range(calls):
        throttle.before(cost)
        throttle.after(vendor.call(cost))
        vendor.now += 0.05
    spent = vendor.now - 1000
    dripping = (calls * cost - vendor.size * 0.9) / vendor.drip
    bursting = calls / (vendor.burst * 0.9)

    assert vendor.refused == 0
    assert spent <= 1.05 * max(dripping, bursting, calls * 0.05) + 2


@given(st.text(max_size=8), st.text(max_size=8))
def test_odd_headers_change_nothing(level: str, drip: str) -> None:
    """The next request is sent all the same."""
    slept: list[float] = []
    throttle = Throttle(0.1, lambda: 0.0, slept.append)
    throttle.after({"X-LS-API-Bucket-Level": f"{level}/", "X-LS-Api-Drip-Rate": drip, "X-LS-API-Burst-Level": level})
    throttle.before(1.0)

    assert slept == []
