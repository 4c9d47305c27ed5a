"""Every fault of the vendor and of the way there, in whole runs (docs/vendors/lightspeed-r-series.md, errors).

A fault that passes costs a repetition, one that stays ends the run with an error that says what to do; after the next
run in peace the loader holds what the shop's books say. ``Shop`` watches each run: no STATE claims what was not
emitted, and no token and no shopper stands in log or error.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from tap_lightspeed_retail.errors import Busy, Refused, TapError, Unauthorized
from tap_lightspeed_retail.writer import WholeLineWriter

from .runs import ALWAYS, CUSTOMERS, HOUR, Shop, clear, edit_a_line_and_void_a_sale, gust, plan
from .shop_days import Day

PASSING = [
    "400-later", "408", "409", "429", "429-bare", "429-burst", "429-burst-wait", "500", "502", "503", "504",
    "drop", "cut", "truncate", "html", "200-error", "slow", "slow_body",
]  # fmt: skip
STAYING = ["400-later", "409", "429", "429-bare", "500", "503", "drop", "cut", "truncate", "html", "200-error", "slow"]
HEAVY = ["500", "504", "cut", "slow", "slow_body"]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("fault", PASSING)
def test_a_fault_that_passes_costs_nothing_but_time(shop: Shop, fault: str) -> None:
    """Struck twice in the middle of a scan: every row comes, and comes once."""
    plan(shop, gust(fault, times=2))
    told = shop.run()

    assert len(shop.box.weather_l.struck) == 2
    assert shop.difference() == {}
    assert set(told.often("sales").values()) == {1}


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("fault", STAYING)
def test_a_fault_that_stays_ends_the_run_and_the_next_goes_on(shop: Shop, fault: str) -> None:
    """An error is never an empty page; what was told already is not told again."""
    plan(shop, gust(fault, times=ALWAYS))
    first = shop.run(ends=Busy)
    assert "Sale.json" in str(first.error)
    assert "the next run goes on" in str(first.error)
    assert 0 < len(first.records("sales")) < len(shop.box.world.rows("Sale"))

    clear(shop)
    second = shop.run()

    assert shop.difference() == {}
    assert not {*first.often("sales")} & {*second.often("sales")}


@pytest.mark.parametrize("fault", ["truncate", "cut", "200-error", "500", "400-echo"])
def test_no_shopper_is_quoted_when_a_page_of_shoppers_fails(shop: Shop, fault: str) -> None:
    """``Shop`` looks for their names in error and log; half of a page holds some."""
    plan(shop, gust(fault, CUSTOMERS, times=ALWAYS))

    assert "Customer.json" in str(shop.run(ends=TapError).error)


@pytest.mark.parametrize("lines", [1, 30, 47, 100])
def test_a_tap_that_is_terminated_between_two_records_claims_only_what_it_told(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, lines: int
) -> None:
    """In the middle of a page, with a last STATE."""
    with monkeypatch.context() as patched:
        patched.setattr(WholeLineWriter, "write_message", _terminated(WholeLineWriter.write_message, lines))
        told = shop.run(ends=SystemExit)
    assert len(told.messages) in (lines, lines + 1)

    shop.run()

    assert shop.difference() == {}


def _terminated(write: Callable[..., None], after: int) -> Callable[..., None]:
    """Writing, in which the signal comes with a certain line."""
    left = [after]

    def wrote(writer: WholeLineWriter, message: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            writer.busy = True
            _terminate()
        write(writer, message)

    return wrote


@pytest.mark.parametrize(
    ("resource", "fault"),
    [("Sale", "503"), ("Sale", "200-error"), ("SaleLine", "html"), ("SalePayment", "truncate"), ("SaleVoid", "504")],
)
def test_changes_that_a_fault_hides_come_with_the_next_run(shop: Shop, resource: str, fault: str) -> None:
    """Whichever cursor it strikes; no full scan is needed."""
    shop.run(reconcile_hours=0)
    shop.box.clock.advance(HOUR)
    day = Day(shop.box, Random(3))
    for event in ("line_edited", "payment_added", "voided_silently", "burst"):
        day.events[event]()
    plan(shop, gust(fault, f"*/{resource}.json", skip=0, times=ALWAYS))
    shop.run(ends=Busy, reconcile_hours=0)

    clear(shop)
    shop.run(reconcile_hours=0)

    assert shop.difference() == {}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_in_a_storm_the_runs_together_tell_everything(shop: Shop, seed: int) -> None:
    """Two of five requests fail, tokens too, while the shop trades; some runs end early."""
    shop.box.weather_l.storm(seed, 0.4, [*PASSING[:-2], "401", "repeat"])
    day, random = Day(shop.box, Random(seed)), Random(seed)
    for _ in range(8):
        with suppress(Busy, Unauthorized):
            shop.run(reconcile_hours=0)
        shop.box.clock.advance(random.choice([10, 400, HOUR]))
        for event in random.sample(TOLD_AT_ONCE, 2):
            day.events[event]()
    struck = len(shop.box.weather_l.struck)
    clear(shop)
    shop.run(reconcile_hours=0)

    assert struck > 50
    assert shop.difference() == {}


TOLD_AT_ONCE = ["line_edited", "line_added", "payment_added", "voided_silently", "burst", "completed_yesterday"]


def test_a_tap_that_follows_outlives_a_storm(shop: Shop) -> None:
    """It stays alive, and when the weather is fair again it has told everything; no second run is needed."""
    shop.run(reconcile_hours=0)
    day = Day(shop.box, Random(1))
    shop.box.weather_l.storm(1, 0.4, [*PASSING[:-2], "repeat"])
    story: list[Callable[[], Any]] = [day.events[name] for name in TOLD_AT_ONCE]
    story = [*story, shop.box.weather_l.clear, *story, lambda: None, _terminate]
    due = [shop.box.clock.now() + timedelta(seconds=120 * (number + 1)) for number in range(len(story))]
    struck = 0

    def meanwhile() -> None:
        nonlocal struck
        struck = max(struck, len(shop.box.weather_l.struck))
        if shop.box.clock.now() >= due[0]:
            due.pop(0)
            story.pop(0)()

    shop.run(follow=True, reconcile_hours=0, meanwhile=meanwhile, ends=SystemExit)

    assert struck > 30
    assert shop.difference() == {}


def _terminate() -> None:
    handler: Any = signal.getsignal(signal.SIGTERM)
    handler(signal.SIGTERM, None)


# What is refused


@pytest.mark.parametrize("skip", [0, 3], ids=["from the start", "in the middle"])
@pytest.mark.parametrize("status", ["403", "404"])
def test_a_closed_stream_is_passed_over_and_none_of_it_is_taken_for_read(shop: Shop, status: str, skip: int) -> None:
    """With a warning; the others come; where it opens again, the next run reads the rest."""
    plan(shop, gust(status, CUSTOMERS, skip=skip, times=ALWAYS))
    told = shop.run()
    assert "Stream customers is skipped" in told.log
    assert {*shop.difference()} == {"customers"}

    clear(shop)
    shop.run()

    assert shop.difference() == {}


@pytest.mark.parametrize("status", ["403", "404"])
def test_a_closed_stream_may_end_the_run(shop: Shop, status: str) -> None:
    """Where the settings say so; what to do is said."""
    plan(shop, gust(status, CUSTOMERS, times=ALWAYS))
    told = shop.run(ends=Refused, on_forbidden="fail")

    assert f"answered {status}" in str(told.error)
    assert "deselect the stream" in str(told.error)


@pytest.mark.parametrize("fault", ["400", "405", "422"])
def test_a_request_that_is_refused_ends_the_run_in_the_vendors_words(shop: Shop, fault: str) -> None:
    """It is tried once; the reader learns which request it was, what the vendor says, and what to do."""
    plan(shop, gust(fault, CUSTOMERS, times=ALWAYS))
    told = shop.run(ends=Refused)
    assert "Customer.json" in str(told.error)
    assert f"answered {fault}: An unexpected error occurred. This is a request" in str(told.error)
    assert len(shop.box.weather_l.struck) == 1

    clear(shop)
    shop.run()

    assert shop.difference() == {}


@pytest.mark.parametrize("fault", ["301", "303"])
def test_a_redirect_is_not_followed(shop: Shop, fault: str) -> None:
    """Whichever it is, the address is wrong, and the token goes nowhere else."""
    plan(shop, gust(fault, CUSTOMERS, times=ALWAYS), gust("503", "/elsewhere", skip=0, times=ALWAYS))
    told = shop.run(ends=Refused)

    assert f"answered {fault}. Check api_url." in str(told.error)
    assert [each["fault"] for each in shop.box.weather_l.struck] == [fault]


def test_a_vendors_words_may_quote_the_token_ours_do_not(shop: Shop) -> None:
    """``Shop`` looks for it in error and log."""
    plan(shop, gust("400-echo", CUSTOMERS, times=ALWAYS))
    told = shop.run(ends=Refused)

    assert "answered 400: Bad request: Bearer (...). This is" in str(told.error)


def test_a_filter_that_is_refused_in_the_middle_of_a_scan_costs_repetitions_only(shop: Shop) -> None:
    """The scan was cut once, goes on by a filter, and then without."""
    plan(shop, gust("503", times=8), gust("400", skip=6, times=1))
    shop.run(ends=Busy)
    shop.run()

    assert len(shop.box.weather_l.struck) == 9
    assert shop.difference() == {}


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_refusal_that_is_none_of_the_filters_loses_no_change(shop: Shop, times: int) -> None:
    """The ways to find changes are tried in turn; the last one does not see what moved the update time alone."""
    shop.run(reconcile_hours=0)
    plan(shop, gust("400", skip=0, times=times))
    edit_a_line_and_void_a_sale(shop)
    shop.box.clock.advance(600)
    Day(shop.box, Random(2)).committed_late()  # later than the void by both times
    shop.box.clock.advance(600)
    with suppress(Refused):
        shop.run(reconcile_hours=0)
    clear(shop)

    shop.run(reconcile_hours=0)

    assert shop.difference() == {}


# What must be waited for


@pytest.mark.parametrize("fault", ["429", "429-bare", "429-burst", "429-burst-wait"])
def test_a_long_refusal_is_waited_out(shop: Shop, fault: str) -> None:
    """It is no failure: the bucket drips, and others may use the same client."""
    plan(shop, gust(fault, times=60))
    told = shop.run()

    assert shop.difference() == {}
    assert min(told.clock.slept) >= 1
    assert sum(told.clock.slept) < 120


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("fault", HEAVY)
def test_a_page_that_is_too_much_for_the_server_is_asked_for_in_halves(shop: Shop, fault: str) -> None:
    """From the same cursor on."""
    plan(shop, gust(fault, skip=0, query="*limit=20*", times=ALWAYS))
    told = shop.run(page_size=20)

    assert len(shop.box.weather_l.struck) >= 3
    assert shop.difference() == {}
    assert set(told.often("sales").values()) == {1}


def test_a_page_that_is_too_much_at_any_size_ends_the_run(shop: Shop) -> None:
    """With the rest of the table unread, and unclaimed."""
    plan(shop, gust("500", skip=1, times=ALWAYS))
    shop.run(ends=Busy, page_size=20)

    clear(shop)
    shop.run(page_size=20)

    assert shop.difference() == {}


def test_a_body_that_drips_is_waited_for(shop: Shop) -> None:
    """It is no fault."""
    plan(shop, gust("slow_body", seconds=0.05))
    told = shop.run()

    assert shop.difference() == {}
    assert told.clock.slept == []
