"""Every fault of the vendor and of the way there, in whole runs (facts: R-Series sections 8 and 14).

A fault that passes costs a repetition, one that stays ends the run with an error that says what to do; after the next
run in peace the loader holds what the shop's books say. ``Shop`` watches each run: no STATE claims what was not
emitted, and no token and no shopper stands in log or error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tap_lightspeed_retail.errors import Busy, Malformed, Refused, Unauthorized
from tap_lightspeed_retail.r_series import client as client_module
from tap_lightspeed_retail.r_series.client import Client
from tap_lightspeed_retail.tokens import Tokens, TokenStore

from sandbox.lightspeed.oauth import OAuth
from sandbox.serve import Box, running
from sandbox.weather import Gust

from .runs import Shop
from .shop_days import Day

SALES, CUSTOMERS, TOKEN = "*/Sale.json", "*/Customer.json", "*/token"
PASSING = [
    "400-later", "409", "429", "429-bare", "429-burst", "429-burst-wait", "500", "502", "503", "504",
    "drop", "cut", "truncate", "html", "200-error", "slow", "slow_body",
]  # fmt: skip
STAYING = ["400-later", "409", "429", "429-bare", "500", "503", "drop", "cut", "truncate", "html", "200-error", "slow"]
HEAVY = ["500", "504", "cut", "slow", "slow_body"]
ALWAYS = 100_000
HOUR, DAY, CENTURY = 3600, 86_400, 36_525 * 86_400


class Stopped(BaseException):
    """The tap was killed."""


@pytest.fixture(scope="module")
def served() -> Iterator[Box]:
    with running(seed="chain", size="small") as box:
        for resource, most in (("Customer", 24), ("Item", 12), ("Sale", 32)):
            for key in sorted(box.world.tables[resource])[most:]:
                box.world.remove(resource, key)
        yield box


@pytest.fixture
def shop(
    served: Box, tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> Iterator[Shop]:
    world = served.world
    kept = {resource: dict(table) for resource, table in world.tables.items()}
    world.oauth = OAuth(served.clock, served.account_id, strict=False)
    world.calls.clear()
    served.clock.advance(HOUR)
    yield Shop(served, tmp_path, capsys, caplog)
    served.weather_l.clear()
    world.reset()
    for resource, table in kept.items():
        world.tables[resource].update(table)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tap waits for an answer for a moment only."""
    monkeypatch.setattr(client_module, "TIMEOUT", (1, 0.02))


def gust(fault: str, path: str = SALES, **how: Any) -> Gust:
    """A gust in the middle of the walk."""
    return Gust(fault, **{"path": path, "skip": 3, "seconds": 0.4, **how})


def plan(shop: Shop, *gusts: Gust) -> None:
    shop.box.weather_l.plan(gusts)


def clear(shop: Shop) -> None:
    shop.box.weather_l.clear()


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("fault", PASSING)
def test_a_fault_that_passes_costs_nothing_but_time(shop: Shop, fault: str) -> None:
    """Struck twice in the middle of a walk: every row comes, and comes once."""
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
    assert not {*first.often("sales")} & {*second.often("sales")} - _open(shop)


def _open(shop: Shop) -> set[str]:
    """Sales that every run reads again."""
    return {str(row["saleID"]) for row in shop.box.world.rows("Sale") if not row["completed"]}


@pytest.mark.parametrize(
    ("resource", "fault"),
    [("Sale", "503"), ("Sale", "200-error"), ("SaleLine", "html"), ("SalePayment", "truncate"), ("SaleVoid", "504")],
)
def test_changes_that_a_fault_hides_come_with_the_next_run(shop: Shop, resource: str, fault: str) -> None:
    """Whichever cursor it strikes; no reconciliation is needed."""
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
    """Every fifth request fails, tokens too; some runs may end early."""
    shop.box.weather_l.storm(seed, 0.2, [*PASSING[:-2], "401"])
    runs = 0
    while not _run_in_a_storm(shop):
        runs += 1
        assert runs < 20
    clear(shop)

    assert len(shop.box.weather_l.struck) == 0
    assert shop.difference() == {}


def _run_in_a_storm(shop: Shop) -> bool:
    try:
        shop.run()
    except (Busy, Unauthorized):
        return False
    return True


# Tokens


def test_an_expired_token_is_renewed_once_and_the_request_repeated(shop: Shop) -> None:
    """In the middle of a walk."""
    plan(shop, gust("401"))
    told = shop.run()

    assert shop.difference() == {}
    assert set(told.often("sales").values()) == {1}
    assert shop.box.world.calls["token"] == 2


def test_a_token_that_is_refused_twice_ends_the_run(shop: Shop) -> None:
    """One refresh, one repetition, and a person is asked for."""
    plan(shop, gust("401", times=ALWAYS))
    told = shop.run(ends=Unauthorized)
    assert "Authorize the connection again" in str(told.error)
    assert len(shop.box.weather_l.struck) == shop.box.world.calls["token"] == 2

    clear(shop)
    shop.run()

    assert shop.difference() == {}


def test_a_grant_that_was_withdrawn_ends_the_run(shop: Shop) -> None:
    """Its refresh token is refused once, and not asked for again and again."""
    shop.run()
    for known in shop.box.world.oauth._refreshes.values():
        known.revoked = True
    shop.box.clock.advance(DAY)

    told = shop.run(ends=Unauthorized)

    assert "authorize" in str(told.error)
    assert shop.box.world.calls["token"] == 2


@pytest.mark.parametrize(
    ("fault", "lost"),
    [
        ("429", False),
        ("429-bare", False),
        ("503", True),
        ("drop", False),
        ("drop", True),
        ("cut", True),
        ("html", True),
    ],
)
def test_a_refresh_that_fails_is_tried_again(shop: Shop, fault: str, lost: bool) -> None:
    """Although the vendor may have given the new pair already: the old refresh token still works."""
    plan(shop, gust("401"), gust(fault, TOKEN, skip=1, commit=lost))
    shop.run()

    assert len(shop.box.weather_l.struck) == 2
    assert shop.difference() == {}


def test_a_refresh_that_never_succeeds_ends_the_run_and_the_next_goes_on(shop: Shop) -> None:
    """The grant is not lost."""
    plan(shop, gust("401"), gust("html", TOKEN, skip=1, times=ALWAYS))
    told = shop.run(ends=Busy)
    assert "authorization" in str(told.error)

    clear(shop)
    shop.run()

    assert shop.difference() == {}


def _killed(*_: Any, **__: Any) -> Any:
    raise Stopped


def _saved_then_killed(save: Callable[..., None]) -> Callable[..., None]:
    def saved(store: TokenStore, tokens: Tokens) -> None:
        save(store, tokens)
        if tokens.previous_refresh_token:
            raise Stopped

    return saved


def _killed_with_a_new_pair(save: Callable[..., None]) -> Callable[..., None]:
    def saved(store: TokenStore, tokens: Tokens) -> None:
        if tokens.previous_refresh_token:
            raise Stopped
        save(store, tokens)

    return saved


CRASHES: dict[str, tuple[type, str, Callable[[Any], Any]]] = {
    "before the pair is kept": (TokenStore, "save", _killed_with_a_new_pair),
    "after it is kept": (TokenStore, "save", _saved_then_killed),
    "before it is used": (Client, "_send", lambda _: _killed),
    "after it is used": (Client, "_body", lambda _: _killed),
}


@pytest.mark.parametrize("when", CRASHES)
def test_a_tap_killed_while_it_renews_its_tokens_goes_on(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    """Nobody has to authorize it again."""
    where, name, crash = CRASHES[when]
    with monkeypatch.context() as patched:
        patched.setattr(where, name, crash(getattr(where, name)))
        shop.run(ends=Stopped)

    shop.run()

    assert shop.difference() == {}


# What is refused


@pytest.mark.parametrize("skip", [0, 3], ids=["from the start", "in the middle"])
@pytest.mark.parametrize("status", ["403", "404"])
def test_a_closed_stream_is_passed_over_and_none_of_it_is_taken_for_read(shop: Shop, status: str, skip: int) -> None:
    """With a warning; the others come; where it opens again, the next run reads the rest."""
    plan(shop, gust(status, CUSTOMERS, skip=skip, times=ALWAYS))
    told = shop.run()
    assert "Stream customers is passed over" in told.log
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


def test_a_vendors_words_may_quote_the_token_ours_do_not(shop: Shop) -> None:
    """``Shop`` looks for it in error and log."""
    plan(shop, gust("400-echo", CUSTOMERS, times=ALWAYS))
    told = shop.run(ends=Refused)

    assert "answered 400: Bad request: Bearer (...). This is" in str(told.error)


def test_a_filter_that_is_refused_in_the_middle_of_a_walk_costs_repetitions_only(shop: Shop) -> None:
    """The walk was cut once, goes on by a filter, and then without."""
    plan(shop, gust("503", times=8), gust("400", skip=6, times=1))
    shop.run(ends=Busy)
    shop.run()

    assert len(shop.box.weather_l.struck) == 9
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


# Pages that lie


@pytest.mark.parametrize("skip", [0, 3], ids=["the first page", "a later page"])
@pytest.mark.parametrize("path", [SALES, CUSTOMERS])
def test_a_page_that_leads_to_itself_ends_the_run(shop: Shop, path: str, skip: int) -> None:
    """Neither an endless walk nor the end of the table."""
    plan(shop, gust("next_self", path, skip=skip, times=ALWAYS))
    told = shop.run(ends=Malformed)
    assert "next page" in str(told.error)

    clear(shop)
    shop.run()

    assert shop.difference() == {}


def test_rows_that_come_again_on_the_next_page_are_told_once(shop: Shop) -> None:
    """On every page of both streams."""
    plan(shop, gust("repeat", skip=0, times=ALWAYS), gust("repeat", CUSTOMERS, skip=0, times=ALWAYS))
    told = shop.run()

    assert shop.difference() == {}
    assert {*told.often("sales").values(), *told.often("customers").values()} == {1}


# Clocks that lie


@pytest.mark.parametrize("wrong", [-2 * DAY, HOUR])
def test_the_clock_of_this_machine_may_be_wrong(shop: Shop, wrong: int) -> None:
    """Bookmarks follow the server's."""
    for _ in range(2):
        shop.run(wrong_clock=wrong, reconcile_hours=0)
        shop.box.trade(hours=1)
        Day(shop.box, Random(4)).committed_late()
    shop.run(wrong_clock=wrong, reconcile_hours=0)

    assert shop.difference() == {}


@pytest.mark.parametrize(
    ("path", "seconds", "first"),
    [
        (SALES, -DAY, False),
        (SALES, DAY, False),
        ("*/SaleLine.json", DAY, False),
        ("*/SaleVoid.json", DAY, True),
        ("*/182255.json", DAY, True),
        ("*/SaleVoid.json", CENTURY, True),
    ],
)
def test_the_clock_of_the_server_may_be_wrong_for_a_while(shop: Shop, path: str, seconds: float, first: bool) -> None:
    """One server of many answers: what changes afterwards is told by the next run, and not by the reconciliation."""
    if not first:
        shop.run(reconcile_hours=0)
    shop.box.clock.advance(HOUR)
    plan(shop, gust("skew", path, skip=0, seconds=seconds))
    shop.run(reconcile_hours=0)
    _edit_a_line_and_void_a_sale(shop)

    shop.run(reconcile_hours=0)

    assert shop.difference() == {}


def test_the_clock_of_the_server_may_be_ahead_of_its_rows(shop: Shop) -> None:
    """In every answer (facts: R-Series section 12.3: never beyond the greatest time that was seen)."""
    plan(shop, gust("skew", "*", skip=0, times=ALWAYS, seconds=HOUR))
    shop.run(reconcile_hours=0)
    _edit_a_line_and_void_a_sale(shop)

    shop.run(reconcile_hours=0)

    assert shop.difference() == {}


def _edit_a_line_and_void_a_sale(shop: Shop) -> None:
    shop.box.clock.advance(600)
    day = Day(shop.box, Random(5))
    day.line_edited()
    moment = shop.box.clock.now().replace(microsecond=0) - timedelta(seconds=60)
    sale = shop.box.world.rows("Sale")[0]
    shop.box.world.put("Sale", {**sale, "voided": True, "updateTime": moment})
