"""Shoppers are merged at the till: receipts of the one who vanishes are told anew with the other, whatever their age.

Source: docs/vendors/lightspeed-r-series.md, shoppers.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tap_lightspeed_retail.r_series.digests import SPAN

from sandbox.lightspeed.world import Row
from sandbox.seeds.happenings import merge
from sandbox.serve import running
from tests.lanes import FULL

from .pair import Pair
from .shop_days import difference

DAY = 25 * 3600
WEEKS = 20 * DAY
OLD: dict[str, Any] = {"reconcile_days": 1, "max_deleted_share": 1}
"""Only the sales of a day are scanned again: what is older no full scan sees."""


@pytest.fixture
def made(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with ExitStack() as stack:

        def make(**switches: str) -> Pair:
            box = stack.enter_context(running(seed="chain", size="small", switches=switches))
            spread(box.world)
            return Pair(box, tmp_path, capsys, monkeypatch)

        yield make


@pytest.fixture
def loaded(made: Any) -> Pair:
    """Everything was read, weeks ago."""
    pair: Pair = made()
    pair.run(**OLD)
    pair.box.clock.advance(WEEKS)
    return pair


def spread(world: Any) -> None:
    """Some sales have high ids, so that there are several blocks of them; in every other one a shopper has bought."""
    bought = [row for row in world.rows("Sale") if row["customerID"]]
    for number, row in enumerate(bought[:14]):
        who = {} if number % 2 else {"customerID": bought[0]["customerID"]}
        world.put("Sale", {**row, "saleID": 1010 + 100 * number, **who})


def shoppers(pair: Pair) -> tuple[int, int]:
    """One who stays, and one who bought much; old sales of hers are in several blocks."""
    world = pair.box.world
    sales = [row["customerID"] for row in world.rows("Sale") if row["customerID"]]
    lose = max(sorted(set(sales)), key=sales.count)
    keep = next(row["customerID"] for row in world.rows("Customer") if row["customerID"] != lose)
    return keep, lose


def merged(pair: Pair) -> list[Row]:
    """Two shoppers are merged; the sales that have moved."""
    keep, lose = shoppers(pair)
    moved = pair.box.world.children("Sale", "customerID", lose)
    merge(pair.box.world, keep, lose, pair.box.clock.now().replace(microsecond=0))
    return [pair.box.world.tables["Sale"][row["saleID"]] for row in moved]


def customers(pair: Pair) -> dict[str, Any]:
    """Sale -> customer, as a loader holds it."""
    return {key: row["customer_id"] for key, row in pair.target.tables["sales"].items()}


def in_the_books(pair: Pair) -> dict[str, Any]:
    return {
        str(row["saleID"]): str(row["customerID"]) if row["customerID"] else None for row in pair.box.world.rows("Sale")
    }


@pytest.mark.parametrize("stamped", ["move", "stamp"])
def test_receipts_of_any_age_are_told_anew(made: Any, stamped: str, caplog: pytest.LogCaptureFixture) -> None:
    """With the run that finds the customer gone; few others are read with them, and it is said how many."""
    pair = made(merged_receipts=stamped)
    pair.run(**OLD)
    pair.box.clock.advance(WEEKS)
    pair.run(**OLD)
    moved = merged(pair)
    pair.box.clock.advance(DAY)

    with caplog.at_level(logging.INFO):
        pair.run(**OLD)

    assert len(moved) > 2
    assert difference(pair.target, pair.box) == {}
    assert len(moved) <= pair.told["sales"] < len(pair.box.world.rows("Sale"))
    assert f"Sale: customers have vanished. {len(pair.box.world.rows('Sale'))} rows were looked through" in caplog.text


def test_it_is_done_once(loaded: Pair) -> None:
    """The next run asks no more than one before the merge; another merge is looked for anew."""
    pair = loaded
    pair.run(**OLD)
    moved = merged(pair)
    pair.box.clock.advance(DAY)
    pair.run(**OLD)
    calls = pair.box.world.calls["Sale"]
    pair.box.clock.advance(DAY)

    pair.run(**OLD)

    assert pair.told["sales"] < len(moved)  # the last block, which a full scan of a day comes upon
    assert pair.box.world.calls["Sale"] - calls < len(pair.box.world.rows("Sale")) / 7
    merged(pair)
    pair.box.clock.advance(DAY)
    pair.run(**OLD)
    assert difference(pair.target, pair.box) == {}


def test_without_the_setting_they_stay(loaded: Pair) -> None:
    """As they were told before; and when it is switched on, they are told."""
    moved = merged(loaded)
    loaded.run(**OLD, find_moved_sales=False)
    assert {str(row["saleID"]) for row in moved} <= {
        key for key, said in customers(loaded).items() if said != in_the_books(loaded)[key]
    }

    loaded.run(**OLD)

    assert customers(loaded) == in_the_books(loaded)


def test_without_the_customers_nobody_knows(loaded: Pair) -> None:
    """A run of sales alone looks nowhere; one with both makes it good."""
    merged(loaded)
    loaded.run(only=("sales", "sale_lines", "sale_payments"), **OLD)
    assert customers(loaded) != in_the_books(loaded)

    loaded.run(**OLD)

    assert customers(loaded) == in_the_books(loaded)


def test_a_tap_killed_before_any_request_of_it_makes_it_good(loaded: Pair) -> None:
    """From the run that finds the customer gone on: killed, and again in peace."""
    merged(loaded)
    before, kills, finished = deepcopy(loaded.target), 0, False
    while not finished:
        kills += 1 if FULL else 19
        loaded.target = deepcopy(before)
        loaded.run(stop_after=kills, **OLD)
        finished = not loaded.killed
        loaded.run(**OLD)

        assert customers(loaded) == in_the_books(loaded)


def test_a_sale_that_went_and_came_back_is_told_both_times(loaded: Pair) -> None:
    """It was given to another customer at the till, with a stamp; then that one is merged into the first."""
    pair, world = loaded, loaded.box.world
    _, lose = shoppers(pair)
    theirs = {row["saleID"] // SPAN for row in world.children("Sale", "customerID", lose)}  # are read again anyway
    others = [row for row in world.rows("Sale") if row["saleID"] // SPAN not in theirs]
    sale = next(row for row in others if row["customerID"])
    world.put("Sale", {**sale, "customerID": lose, "updateTime": pair.box.clock.now().replace(microsecond=0)})
    pair.box.clock.advance(600)
    pair.run(**OLD)
    assert customers(pair) == in_the_books(pair)
    merge(world, sale["customerID"], lose, pair.box.clock.now().replace(microsecond=0))
    pair.box.clock.advance(DAY)

    pair.run(**OLD)

    assert customers(pair) == in_the_books(pair)


def test_what_is_older_than_the_start_stays_untold(made: Any) -> None:
    """Of sales from before the start date none is told because a customer has vanished, whom the tap has told of."""
    pair = made()
    now = pair.box.clock.now().replace(microsecond=0)
    since = (now - timedelta(days=10)).isoformat()
    _, lose = shoppers(pair)
    pair.box.world.put("Customer", {**pair.box.world.tables["Customer"][lose], "timeStamp": now})
    pair.run(**OLD, start_date=since)
    assert str(lose) in pair.target.tables["customers"]
    told = set(pair.target.tables["sales"])
    moved = {str(row["saleID"]) for row in merged(pair)}
    assert moved & told
    assert moved - told
    pair.box.clock.advance(DAY)

    pair.run(**OLD, start_date=since)

    assert set(pair.target.tables["sales"]) == told
    assert {key: customers(pair)[key] for key in told} == {key: in_the_books(pair)[key] for key in told}


@pytest.mark.parametrize("seed", range(6 if FULL else 2))
def test_whatever_happens_meanwhile(made: Any, seed: int) -> None:
    """Merges, sales that change hands, days of trade, a tap that is killed: in the end each sale has its customer."""
    random = Random(seed)
    pair = made()
    pair.run(**OLD, stop_after=random.choice([None, 40, 90]))
    for _ in range(5):
        world, now = pair.box.world, pair.box.clock.now().replace(microsecond=0)
        people = [row["customerID"] for row in world.rows("Customer")]
        if random.random() < 0.7:
            merge(world, *random.sample(people, 2), now)
        if random.random() < 0.4:
            sale = random.choice(world.rows("Sale"))
            world.put("Sale", {**sale, "customerID": random.choice(people[:3]), "updateTime": now})
        if random.random() < 0.4:
            pair.box.trade(hours=1)
        pair.box.clock.advance(random.choice([600, DAY, WEEKS]))
        pair.run(**OLD, stop_after=random.choice([None, random.randrange(1, 80)]))
    for _ in range(2):
        pair.box.clock.advance(DAY)
        pair.run(**OLD)

    assert customers(pair) == in_the_books(pair)
