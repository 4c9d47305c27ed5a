"""Both limiters and their headers, what a call costs, the extra limits, and what is counted."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.clock import Clock
from sandbox.lightspeed.bucket import Bucket
from sandbox.serve import running
from tests.sandbox.lightspeed_client import Retail

START = datetime(2026, 11, 20, 12, 0, tzinfo=timezone.utc)


def filled(level: float, **switches: bool) -> tuple[Clock, Bucket]:
    clock = Clock(START)
    bucket = Bucket(clock, **switches)
    bucket.take(level, 1)
    return clock, bucket


@given(
    st.lists(st.tuples(st.floats(0, 20), st.floats(0.1, 30)), max_size=40),
    st.integers(1, 4),
    st.booleans(),
)
def test_the_bucket_does_the_pages_sums(calls: list[tuple[float, float]], registers: int, refused_cost: bool) -> None:
    """Level, refusal and wait, whatever comes (docs/vendors/lightspeed-r-series.md, limits)."""
    clock = Clock(START)
    bucket = Bucket(clock, refused_calls_cost=refused_cost)
    size, drip, level = 90 + 10 * (registers - 1), 1 + 0.5 * (registers - 1), 0.0
    at = clock.now().timestamp()
    for wait, cost in calls:
        clock.advance(1 + wait)
        now = clock.now().timestamp()
        level, at = max(0.0, level - drip * (now - at)), now
        refused = level > size
        meter = bucket.take(cost, registers)
        level += cost if refused_cost or not refused else 0
        assert (meter.refused == "api-leaky-bucket") is refused
        assert meter.headers["X-LS-API-Bucket-Level"] == f"{level:.10g}/{size}"
        assert float(meter.headers["X-LS-Api-Drip-Rate"]) == drip
        assert meter.headers.get("Retry-After") == (str(max(1, math.ceil((level - size) / drip))) if refused else None)


def test_the_sample_of_the_page_comes_out() -> None:
    """92.57 of 90: refused, three seconds to wait, ten drips asked for."""
    _, bucket = filled(92.57)
    meter = bucket.take(10, 1)

    assert meter.headers == {
        "X-LS-API-Bucket-Level": "92.57/90",
        "X-LS-API-Burst-Level": "2/20",
        "X-LS-Api-Drip-Rate": "1",
        "X-LS-Api-Request-Cost": "10",
        "X-LS-API-RateLimit-Type": "api-leaky-bucket",
        "Retry-After": "3",
    }


@pytest.mark.parametrize("costs", [True, False])
def test_a_refused_call_costs_or_not(costs: bool) -> None:
    """By the switch."""
    _, bucket = filled(95, refused_calls_cost=costs)
    assert bucket.take(7, 1).headers["X-LS-API-Bucket-Level"] == ("102/90" if costs else "95/90")


@pytest.mark.parametrize("refuses", [True, False])
def test_a_bucket_filled_to_the_brim_is_full_or_not(refuses: bool) -> None:
    """By the switch; one drop more is over, and one less is under, either way."""
    assert bool(filled(90, refuses_when_full=refuses)[1].take(1, 1).refused) is refuses
    assert filled(90.01, refuses_when_full=refuses)[1].take(1, 1).refused == "api-leaky-bucket"
    assert filled(89.99, refuses_when_full=refuses)[1].take(1, 1).refused is None


@pytest.mark.parametrize(("registers", "burst"), [(1, 20), (4, 27)])
def test_the_burst_limit_grows_with_the_bucket(registers: int, burst: int) -> None:
    """A second later all is well; the refusal says to wait that long."""
    clock = Clock(START)
    bucket = Bucket(clock)
    assert not any(bucket.take(0, registers).refused for _ in range(burst))
    meter = bucket.take(0, registers)
    assert (meter.refused, meter.headers["Retry-After"]) == ("api-burst-limiter", "1")
    assert meter.headers["X-LS-API-Burst-Level"] == f"{burst + 1}/{burst}"
    clock.advance(1)
    assert bucket.take(0, registers).refused is None


def test_a_clock_that_is_set_back_neither_fills_nor_drains() -> None:
    """From there on it drips as ever."""
    clock, bucket = filled(50)
    clock.advance(-3600)
    assert bucket.take(1, 1).headers["X-LS-API-Bucket-Level"] == "51/90"
    clock.advance(10)
    assert bucket.take(1, 1).headers["X-LS-API-Bucket-Level"] == "42/90"


def test_what_was_used_and_refused_is_counted() -> None:
    """A refused call is a request and no drip."""
    clock, bucket = filled(80.5)
    for _ in range(21):
        bucket.take(0.5, 1)
    clock.advance(1)
    bucket.take(9, 1)
    bucket.take(9, 1)
    assert bucket.requests == 24
    assert bucket.drips == pytest.approx(80.5 + 19 * 0.5 + 9)
    assert bucket.refused == {"api-burst-limiter": 2, "api-leaky-bucket": 1}
    assert bucket.refusals == 3


@pytest.fixture(scope="module")
def served() -> Iterator[Retail]:
    with running(seed="chain", clock=Clock(START)) as box:
        yield Retail(box)


@pytest.fixture
def retail(served: Retail) -> Retail:
    """With an empty bucket and a good token, however the test before left them; time stands."""
    served.box.clock.advance(600)
    served.renew()
    return served


@pytest.mark.parametrize(
    ("path", "params", "cost"),
    [
        ("Sale.json", {}, "1"),
        ("Sale.json", {"load_relations": '["SaleLines","Customer"]'}, "1.6"),
        ("Sale/1.json", {"load_relations": '["SaleLines","Customer"]'}, "1.3"),
        ("Sale.json", {"load_relations": "all"}, "6.4"),
        ("Sale.json", {"count": "1"}, "10"),
        ("Item.json", {"or": "description=~,a|upc=1"}, "3"),
        ("Item.json", {"load_relations": '["ItemShops"]', "or": "timeStamp=>,2026-01-01|ItemShops.qoh=>,1"}, "21.4"),
        ("/API/V3/Account.json", {}, "1"),
        ("/API/Session.json", {}, "1"),
    ],
)
def test_a_call_says_what_it_costs(retail: Retail, path: str, params: dict[str, str], cost: str) -> None:
    """And the bucket rises by it."""
    before = retail.box.world.bucket.drips
    answer = retail.call(path, **params)

    assert answer.status_code == 200
    assert answer.headers["X-LS-Api-Request-Cost"] == cost
    assert retail.box.world.bucket.drips - before == pytest.approx(float(cost))


def test_every_answer_names_account_client_and_edge(retail: Retail) -> None:
    """Good ones and bad ones."""
    size = 90 + 10 * (retail.box.world.registers() - 1)
    for path, status in (("Sale.json", 200), ("Sale/999999.json", 404), ("Nonsense.json", 404)):
        answer = retail.call(path)
        assert answer.status_code == status
        assert answer.headers["X-LS-Acct-Id"] == retail.box.account_id
        assert answer.headers["X-LS-OAuth-Client-Id"]
        assert answer.headers["Cf-Ray"].endswith("-YUL")
        assert answer.headers["X-LS-API-Bucket-Level"].endswith(f"/{size}")
        assert "X-LS-API-RateLimit-Type" not in answer.headers
        assert "Retry-After" not in answer.headers


def test_a_full_bucket_is_429_in_the_vendors_words(retail: Retail) -> None:
    """With the limiter's name and how long to wait; then it drips empty."""
    bucket = retail.box.world.bucket
    while bucket.take(5, retail.box.world.registers()).refused is None:
        retail.box.clock.advance(0.3)
    answer = retail.call("Sale.json")
    assert (answer.status_code, answer.headers["X-LS-API-RateLimit-Type"]) == (429, "api-leaky-bucket")
    assert answer.json()["message"] == "API rate limit exceeded."
    retail.box.clock.advance(int(answer.headers["Retry-After"]))
    assert retail.call("Sale.json").status_code == 200


def test_gift_cards_are_looked_up_once_a_second(retail: Retail) -> None:
    """By their code; anything else is as fast as ever."""
    card = next(row for row in retail.box.world.rows("CreditAccount") if row["giftCard"])
    found = retail.call("CreditAccount.json", giftCard="true", code=card["code"])
    assert found.json()["CreditAccount"]["creditAccountID"] == str(card["creditAccountID"])
    retail.box.clock.advance(1)
    answers = [retail.call("CreditAccount.json", giftCard="true", code=card["code"]) for _ in range(8)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert answers[0].status_code == 200
    assert len(refused) == 7
    assert refused[0].headers["Retry-After"] == "1"
    assert all(retail.call("CreditAccount.json", giftCard="true").status_code == 200 for _ in range(3))


def test_the_counters_are_told(retail: Retail) -> None:
    """What a benchmark needs: requests, drips, both kinds of refusals, tokens, calls by resource."""
    before = retail.counters()
    retail.call("Sale.json", load_relations='["SaleLines"]')
    retail.call("Sale.json", count="1")
    after = retail.counters()

    assert after["requests"] - before["requests"] == 2
    assert after["drips"] - before["drips"] == pytest.approx(11.4)
    assert after["calls"]["Sale"] - before["calls"].get("Sale", 0) == 2
    assert {"refused", "tokens"} <= set(after)
    assert after["refused"] == dict(retail.box.world.bucket.refused)


def test_five_refreshes_a_minute_are_all() -> None:
    """A code is no refresh; a wrong secret is as bad as one. A minute later there is room again."""
    with running(clock=Clock(START)) as box:
        retail = Retail(box)
        seed = box.lightspeed_client[2]
        assert [retail.refresh(seed).status_code for _ in range(4)] == [200] * 4
        refused = retail.refresh(seed)
        assert (refused.status_code, refused.json()["error"]) == (429, "too_many_requests")
        assert retail.grant(grant_type="authorization_code", code="nonsense").json()["error"] == "invalid_grant"
        assert retail.counters()["tokens"] == {"refreshes": 5, "refused": 1}
        box.clock.advance(61)
        wrong = [retail.grant(grant_type="authorization_code", client_secret="x", code="y") for _ in range(6)]
        assert [answer.status_code for answer in wrong] == [401] * 5 + [429]


@pytest.mark.parametrize("costs", ["true", "false"])
def test_the_switches_reach_the_bucket(costs: str) -> None:
    switches = {"refused_calls_cost": costs, "full_bucket": "refuse" if costs == "true" else "admit"}
    with running(switches={**switches, "nested_on_list_cost": "twice"}, clock=Clock(START)) as box:
        retail = Retail(box)
        assert retail.call("Sale.json", load_relations='["SaleLines.Item"]').headers["X-LS-Api-Request-Cost"] == "1.4"
        box.world.bucket.take(100, 1)
        level = [float(retail.call("Sale.json").headers["X-LS-API-Bucket-Level"].partition("/")[0]) for _ in range(3)]
        assert (level[-1] > level[0]) is (costs == "true")
