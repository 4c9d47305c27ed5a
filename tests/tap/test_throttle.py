"""The throttle against a model of the vendor's limiter, in simulated time.

Source: docs/vendors/lightspeed-r-series.md, limits.
"""

from __future__ import annotations

import math

from hypothesis import example, given
from hypothesis import strategies as st
from tap_lightspeed_retail.r_series.limits import limits
from tap_lightspeed_retail.web.throttle import Throttle


class Vendor:
    """The limiter as the vendor describes it; written without a look at the throttle."""

    def __init__(self, registers: int, level: float = 0.0, now: float = 1000.0) -> None:
        self.size = 90 + 10 * (registers - 1)
        self.drip = 1 + 0.5 * (registers - 1)
        self.burst = max(1, round(self.size * 20 / 90))
        self.now = self.drained = now
        self.level = level * self.size
        self.second = (0, 0)
        self.refused = 0
        self.slept = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept += seconds

    def leak(self) -> float:
        self.level = max(0.0, self.level - self.drip * (self.now - self.drained))
        self.drained = self.now
        return self.level

    def call(self, cost: float) -> dict[str, str]:
        self.leak()
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
        throttle.after(limits(vendor.call(cost)))
        vendor.now += latency

    assert vendor.refused == 0


@given(st.integers(1, 40), st.sampled_from([0.0, 0.1, 0.25, 0.5]), costs)
def test_the_reserve_is_left_to_others(registers: int, reserve: float, cost: float) -> None:
    """Of the bucket, whenever one asks without a pause; and no more than that."""
    vendor = Vendor(registers)
    throttle = Throttle(reserve, lambda: vendor.now, vendor.sleep)
    highest = 0.0
    for _ in range(math.ceil(3 * vendor.size / cost)):
        throttle.before(cost)
        throttle.after(limits(vendor.call(cost)))
        highest = max(highest, vendor.level)
    usable = max(vendor.size * (1 - reserve), cost)

    assert usable - 2 * cost - vendor.drip <= highest <= usable + 0.01


@given(st.integers(1, 10), costs)
def test_no_time_is_wasted(registers: int, cost: float) -> None:
    """A long run takes at most 5 % longer than what the bucket drips, beyond its first filling."""
    vendor = Vendor(registers)
    throttle = Throttle(0.1, lambda: vendor.now, vendor.sleep)
    calls = 1500
    for _ in range(calls):
        throttle.before(cost)
        throttle.after(limits(vendor.call(cost)))
        vendor.now += 0.05
    spent = vendor.now - 1000
    dripping = (calls * cost - vendor.size * 0.9) / vendor.drip
    bursting = calls / (vendor.burst * 0.9)

    assert vendor.refused == 0
    assert spent <= 1.05 * max(dripping, bursting, calls * 0.05) + 2


any_cost = st.one_of(costs, st.floats(1, 60))
ways = st.tuples(any_cost, st.floats(0, 1), st.floats(0, 1), st.floats(0, 3))
"""Cost, seconds to the vendor, seconds back, seconds until the next is wanted."""


def throttled(vendor: Vendor, reserve: float) -> Throttle:
    return Throttle(reserve, lambda: vendor.now, vendor.sleep)


@given(
    st.integers(1, 40), st.floats(0, 1), st.floats(0, 1), st.sampled_from([0.0, 0.1, 0.5]),
    st.lists(ways, max_size=80),
)  # fmt: skip
@example(1, 0.0, 0.5, 0.0, [(1.0, 0.5, 0.0, 0.0)] + [(1.0, 0.0, 0.0, 0.0)] * 40)
def test_nothing_is_refused_wherever_the_bucket_stands(
    registers: int, level: float, phase: float, reserve: float, calls: list[tuple[float, float, float, float]]
) -> None:
    """Nor whatever the second began with, however long the ways, and with nothing in reserve."""
    vendor = Vendor(registers, level, 1000 + phase)
    throttle = throttled(vendor, reserve)
    for cost, there, back, idle in calls:
        throttle.before(cost)
        vendor.now += there
        headers = vendor.call(cost)
        vendor.now += back
        throttle.after(limits(headers))
        vendor.now += idle

    assert vendor.refused == 0


@given(st.integers(1, 40), st.floats(1, 1.5), st.lists(any_cost, min_size=1, max_size=40))
def test_of_a_bucket_that_others_overfilled_only_the_first_is_refused(
    registers: int, level: float, calls: list[float]
) -> None:
    """Its answer says how full it is."""
    vendor = Vendor(registers, level)
    throttle = throttled(vendor, 0.1)
    for cost in calls:
        throttle.before(cost)
        throttle.after(limits(vendor.call(cost)))

    assert vendor.refused == (1 if vendor.size * level > vendor.size else 0)


@given(
    st.integers(1, 40), st.floats(0, 1), st.sampled_from([0.0, 0.1, 0.5]),
    st.lists(st.tuples(any_cost, st.floats(0, 3)), min_size=2, max_size=80),
)  # fmt: skip
@example(1, 0.0, 0.1, [(1.0, 0.0)] * 40)
@example(1, 0.5, 0.5, [(1.0, 0.0), (60.0, 0.0)])
def test_no_wait_is_longer_than_it_must_be(
    registers: int, level: float, reserve: float, calls: list[tuple[float, float]]
) -> None:
    """What does not fit yet drips first, or the second goes by; nothing else is waited for."""
    vendor = Vendor(registers, level)
    throttle = throttled(vendor, reserve)
    sent: list[float] = []
    for number, (cost, idle) in enumerate(calls):
        room = max(vendor.size * (1 - reserve), cost)
        limit = max(1, int(vendor.burst * (1 - reserve)))
        dripping = (vendor.leak() + cost - room) / vendor.drip
        passing = sent[-limit] + 1 - vendor.now if len(sent) >= limit else 0.0
        before = vendor.slept
        throttle.before(cost)
        sent.append(vendor.now)
        if number:  # before the first answer nothing is known, and nothing waited for
            assert vendor.slept - before <= max(0.0, dripping, passing) + 0.005 / vendor.drip + 1e-6
        throttle.after(limits(vendor.call(cost)))
        vendor.now += idle


numbers = st.floats(allow_nan=True, allow_infinity=True).map(str)


@given(numbers, numbers, numbers, numbers)
@example("inf", "90", "1", "20")
@example("1", "90", "1", "nan")
def test_numbers_that_arithmetic_cannot_bear_change_nothing(level: str, size: str, drip: str, burst: str) -> None:
    """No wait is endless, negative or no number."""
    slept: list[float] = []
    throttle = Throttle(0.1, lambda: 0.0, slept.append)
    headers = {"X-LS-API-Bucket-Level": f"{level}/{size}", "X-LS-Api-Drip-Rate": drip}
    throttle.after(limits({**headers, "X-LS-API-Burst-Level": f"1/{burst}"}))
    throttle.before(1.0)

    assert all(math.isfinite(each) and each > 0 for each in slept)


@given(st.text(max_size=8), st.text(max_size=8))
def test_odd_headers_change_nothing(level: str, drip: str) -> None:
    """The next request is sent all the same."""
    slept: list[float] = []
    throttle = Throttle(0.1, lambda: 0.0, slept.append)
    throttle.after(
        limits({"X-LS-API-Bucket-Level": f"{level}/", "X-LS-Api-Drip-Rate": drip, "X-LS-API-Burst-Level": level})
    )
    throttle.before(1.0)

    assert slept == []
