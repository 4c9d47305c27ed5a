"""After the last run, the union of what was emitted is what the shop's books say.

Source: docs/vendors/lightspeed-r-series.md, changes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from copy import deepcopy
from dataclasses import fields
from datetime import timedelta
from itertools import takewhile
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tap_lightspeed_retail.errors import Refused

from sandbox.serve import running
from sandbox.switches import Switches
from sandbox.weather import Gust
from tests.lanes import FULL

from .pair import SALES, Pair
from .shop_days import Day, difference

DAY = 25 * 3600


@pytest.fixture
def made(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with ExitStack() as stack:

        def make(**switches: str) -> Pair:
            box = stack.enter_context(running(seed="chain", size="small", switches=switches))
            return Pair(box, tmp_path, capsys, monkeypatch)

        yield make


@pytest.fixture
def pair(made: Any) -> Pair:
    pair: Pair = made()
    return pair


BAD_DAYS: list[tuple[int, dict[str, str]]] = [
    (1, {}),
    (2, {}),
    (3, {"updatetime_filter": "false"}),
    (4, {"child_bumps_parent": "true", "empty_relation": "text", "updatetime_name": "updatetime"}),
]


@pytest.mark.parametrize(("seed", "switches"), BAD_DAYS)
def test_bad_days_and_a_tap_that_is_killed(made: Any, seed: int, switches: dict[str, str]) -> None:
    """Any order of events, any page to die at; one run in peace a day later, and all is told."""
    pair = made(**switches)
    random = Random(seed)
    day = Day(pair.box, random)
    for _ in range(6):
        for event in random.sample(list(day.events), 5):
            day.events[event]()
        pair.box.trade(hours=1)
        pair.run(stop_after=random.randrange(1, 60))
        pair.box.clock.advance(random.choice([5, 300, 7200, DAY]))
    pair.run()
    pair.box.clock.advance(DAY)
    pair.run()

    assert difference(pair.target, pair.box) == {}


def _doubts() -> Iterator[dict[str, str]]:
    """Every value of a switch that is not what is thought likelier; a token that opens less is another test's."""
    for one in takewhile(lambda one: one.name != "person_accounts", fields(Switches)):
        others = one.metadata["others"] if one.name != "read_scopes_suffice" else ()
        yield from ({one.name: str(other).lower() if isinstance(other, bool) else str(other)} for other in others)


@pytest.mark.parametrize("doubt", list(_doubts()), ids=lambda doubt: "-".join(next(iter(doubt.items()))))
def test_a_bad_day_under_every_doubt(made: Any, doubt: dict[str, str]) -> None:
    """What nobody has verified may be either way: the same is told, and nothing is refused that arithmetic foresees."""
    pair = made(**doubt)
    day = Day(pair.box, random := Random(1))
    for _ in range(3):
        for event in random.sample(list(day.events), 6):
            day.events[event]()
        pair.box.trade(hours=1)
        pair.run()
        pair.box.clock.advance(600)
    pair.box.clock.advance(DAY)
    pair.run()

    assert difference(pair.target, pair.box) == {}
    assert not pair.box.world.bucket.refused


@pytest.mark.parametrize("limit", ["0", "100"])
def test_a_receipt_longer_than_a_page_is_whole(made: Any, limit: str) -> None:
    """Whether lists within a row are cut, nobody has verified; the ids of lines and payments are the complete set."""
    pair = made(nested_limit=limit)
    day = Day(pair.box, Random(1))
    sale = pair.box.world.rows("Sale")[-1]
    for _ in range(230):
        day.add("SaleLine", sale)
        day.add("SalePayment", sale)
    pair.run()

    assert difference(pair.target, pair.box) == {}
    assert len(pair.target.tables["sales"][str(sale["saleID"])]["line_ids"]) > 230


AT_ONCE = [
    "line_edited", "line_added", "payment_added", "completed_yesterday", "committed_late", "voided_silently", "burst",
]  # fmt: skip
OPEN = ["payment_archived", "sale_removed"]
LATER = ["line_removed", "committed_very_late", "customers_merged", "item_removed"]


def test_every_event_is_told(pair: Pair) -> None:
    """The lists below are all there are."""
    assert {*AT_ONCE, *OPEN, *LATER} == {*Day(pair.box, Random(1)).events}


@pytest.mark.parametrize("event", [*AT_ONCE, *OPEN])
def test_what_a_cursor_tells_comes_with_the_next_run(pair: Pair, event: str) -> None:
    """No full scan is needed, and little else is read."""
    pair.run(reconcile_hours=0)
    pair.box.clock.advance(3600)
    Day(pair.box, Random(5)).events[event]()
    assert difference(pair.target, pair.box)

    pair.run(reconcile_hours=0)

    assert difference(pair.target, pair.box) == {}


def test_a_payment_that_is_committed_after_its_neighbour_is_heard_of(pair: Pair) -> None:
    """Ids are given in order, and a later one may be seen first."""
    day, highest = Day(pair.box, Random(5)), max(pair.box.world.tables["SalePayment"])
    done = [row for row in pair.box.world.rows("Sale") if row["completed"]]
    day.add("SalePayment", done[0], salePaymentID=highest + 3)
    pair.run(reconcile_hours=0)
    day.add("SalePayment", done[1], salePaymentID=highest + 1)
    assert difference(pair.target, pair.box)

    pair.run(reconcile_hours=0)

    assert difference(pair.target, pair.box) == {}


@pytest.mark.parametrize("event", LATER)
def test_what_no_cursor_tells_comes_with_the_full_scan(pair: Pair, event: str) -> None:
    """And not before: were it told before, this list would be wrong."""
    pair.run()
    pair.box.clock.advance(3600)
    Day(pair.box, Random(6)).events[event]()
    pair.run()
    assert difference(pair.target, pair.box)

    pair.box.clock.advance(DAY)
    pair.run()

    assert difference(pair.target, pair.box) == {}


def test_an_open_sale_of_which_a_line_vanished_comes_with_the_next_run(pair: Pair) -> None:
    """Nothing tells of it: open sales are read again each time."""
    pair.run(reconcile_hours=0)
    pair.box.clock.advance(3600)
    world = pair.box.world
    sale = next(row for row in world.rows("Sale") if not row["completed"] and not row["archived"] and not row["voided"])
    world.remove("SaleLine", world.children("SaleLine", "saleID", sale["saleID"])[0]["saleLineID"])

    pair.run(reconcile_hours=0)

    assert difference(pair.target, pair.box) == {}


def test_what_a_walk_leaves_out_has_not_vanished(pair: Pair) -> None:
    """A sale from before the start date whose line was edited since: told, and not in the full scan, but there."""
    since = pair.box.clock.now() - timedelta(days=10)
    start = {"start_date": since.isoformat()}
    pair.run(**start)
    pair.box.clock.advance(3600)
    world = pair.box.world
    sale = next(row for row in world.rows("Sale") if row["updateTime"] < since and row["completed"])
    line = world.children("SaleLine", "saleID", sale["saleID"])[0]
    world.put("SaleLine", {**line, "timeStamp": pair.box.clock.now().replace(microsecond=0)})
    pair.run(**start)
    assert str(sale["saleID"]) in pair.target.tables["sales"]

    pair.box.clock.advance(DAY)
    pair.run(**start)

    assert str(sale["saleID"]) in pair.target.tables["sales"]


def test_a_full_scan_of_what_did_not_change_says_nothing(pair: Pair) -> None:
    """It reads all, open sales in every run, and emits only what is read whole each time: the shops."""
    pair.run()
    pair.box.clock.advance(DAY)
    pair.run()
    calls = pair.box.world.calls["Sale"]
    pair.box.clock.advance(DAY)
    pair.run()

    assert pair.box.world.calls["Sale"] - calls > len(pair.box.world.rows("Sale")) / 7
    assert pair.emitted == len(pair.box.world.rows("Shop"))


@pytest.mark.parametrize("first", [False, True], ids=["a later run", "the first run"])
def test_a_tap_killed_after_any_page_repeats_at_most_one(pair: Pair, first: bool) -> None:
    """Killed before any of its requests, and started again: every sale comes, at most a page of them twice."""
    if not first:
        pair.run(reconcile_hours=0)
        moment = pair.box.clock.now().replace(microsecond=0)
        for sale in pair.box.world.rows("Sale")[:30]:  # one second, over four pages
            pair.box.world.put("Sale", {**sale, "updateTime": moment})
        pair.box.clock.advance(600)
    sales = len(pair.box.world.rows("Sale")) if first else 30
    before, kills, finished = deepcopy(pair.target), 0, False
    while not finished:
        kills += 1 if FULL else 9
        pair.target = deepcopy(before)
        pair.run(stop_after=kills, only=SALES, reconcile_hours=0)
        told, finished = pair.told["sales"], not pair.killed
        if not finished:
            pair.run(only=SALES, reconcile_hours=0)
            told += pair.told["sales"]

        assert told <= sales + 7
        assert not {*difference(pair.target, pair.box)} & {*SALES}

    assert kills > 10


def test_state_is_small_and_holds_words_and_whole_numbers(pair: Pair) -> None:
    """A float in STATE ends a target of the SDK; a list that grows ends a database."""
    Day(pair.box, Random(7)).burst()
    pair.run()
    pair.box.clock.advance(DAY)
    pair.run()

    assert {str, int} >= set(_kinds(pair.target.state))
    assert len(json.dumps(pair.target.state)) < 4000


def _kinds(value: Any) -> Iterator[type]:
    for each in value.values():
        if isinstance(each, dict):
            yield from _kinds(each)
        else:
            yield type(each)


def test_no_bookmark_lies_in_the_future(pair: Pair) -> None:
    """Stamps may; then they are read again until their time has come."""
    future = pair.box.clock.now().replace(microsecond=0) + timedelta(days=30)
    for resource in ("Sale", "Customer", "SaleLine"):
        row = pair.box.world.rows(resource)[-1]
        pair.box.world.put(resource, {**row, "updateTime": future, "timeStamp": future})
    pair.run()
    pair.run()
    marks = pair.target.state["bookmarks"].values()
    stamps = [mark["replication_key_value"] for mark in marks if mark.get("replication_key_value")]
    stamps.append(pair.target.state["bookmarks"]["sales"]["positions"]["SaleLine"])

    assert max(stamps) <= (pair.box.clock.now() - timedelta(seconds=119)).isoformat()


def test_a_closed_stream_is_passed_over_with_a_warning(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    """Or ends the run, as the settings say."""
    pair.box.weather_l.plan([Gust("403", path="*Customer.json", times=2)])
    pair.run()

    assert "customers is skipped" in caplog.text
    assert pair.target.tables["sales"]
    with pytest.raises(Refused, match="scope"):
        pair.run(on_forbidden="fail")


def test_a_trigger_without_its_scope_costs_a_warning(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    """Voids need a scope that may void; what they tell, the full scan tells too."""
    pair.box.weather_l.plan([Gust("403", path="*SaleVoid.json", times=100)])
    pair.run()
    pair.box.clock.advance(3600)
    Day(pair.box, Random(8)).voided_silently()
    pair.run()
    assert "SaleVoid cannot be read" in caplog.text
    pair.box.clock.advance(DAY)
    pair.run()

    assert difference(pair.target, pair.box) == {}


def test_a_row_that_cannot_be_read_is_told_with_a_warning(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    """Row and field, never the value; the rows behind it come too."""
    first = pair.box.world.rows("Customer")[0]
    pair.box.world.put("Customer", {**first, "dob": "the 30th of Ann Lovelock"})
    pair.run()

    assert f"Customer {first['customerID']}: cannot read dob." in caplog.text
    assert "Lovelock" not in caplog.text
    assert difference(pair.target, pair.box) == {}


def test_a_page_too_large_for_the_server_is_halved(pair: Pair) -> None:
    """From the same cursor on: nothing is lost, nothing comes twice."""
    pair.box.weather_l.plan([Gust("500", path="*Customer.json", skip=1, times=3)])
    pair.run(page_size=20)

    assert difference(pair.target, pair.box) == {}
