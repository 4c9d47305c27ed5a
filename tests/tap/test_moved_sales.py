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
from hypothesis import given, settings
from hypothesis import strategies as st
from tap_lightspeed_retail.r_series import customer_blocks
from tap_lightspeed_retail.r_series.bookmark import Bookmark
from tap_lightspeed_retail.r_series.customer_blocks import CustomerBlocks, digest_of
from tap_lightspeed_retail.r_series.digests import SPAN
from tap_lightspeed_retail.r_series.ids import END
from tap_lightspeed_retail.r_series.row_types import RowReading

from sandbox.lightspeed.world import Row
from sandbox.seeds.happenings import merge
from sandbox.serve import running
from tests.lanes import FULL, examples

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
        kills += 1 if FULL else 9
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
    """Of sales from before the start date none is told because a customer has vanished."""
    pair = made()
    since = (pair.box.clock.now() - timedelta(days=10)).isoformat()
    pair.run(**OLD, start_date=since)
    told = set(pair.target.tables["sales"])
    assert 0 < len(told) < len(pair.box.world.rows("Sale"))
    merged(pair)
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


# What STATE holds


def rows(buyers: dict[int, int]) -> list[RowReading]:
    return [RowReading(str(key), None, 0, 0, number=key, customer=str(who)) for key, who in sorted(buyers.items())]


BUYERS = st.dictionaries(st.integers(1, 1500), st.integers(0, 3), max_size=60)


@settings(max_examples=examples(60))
@given(BUYERS, st.lists(st.integers(1, 1600), max_size=8, unique=True), st.integers(2, 40))
def test_the_digest_of_a_block_is_that_of_its_rows(buyers: dict[int, int], cuts: list[int], most: int) -> None:
    """However a full scan is cut, and where two blocks became one; nothing is said of blocks that are not there."""
    state: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(customer_blocks, "MOST_BLOCKS", most)
        above = 0
        for through in (*sorted(cuts), END):
            blocks = CustomerBlocks(Bookmark(state, None))
            blocks.scanned([row for row in rows(buyers) if above < row.number <= through], above, through)
            state |= blocks.changes()
            above = through
        found = CustomerBlocks(Bookmark(state, None))

    by_block = {number // found.span: [] for number in buyers}
    for row in rows(buyers):
        by_block[row.number // found.span].append(row)
    assert len(found.digests) <= most
    assert found.digests == {block: digest_of(by_block[block]) for block in found.digests if block in by_block}
    if found.span == SPAN:
        assert set(found.digests) == set(by_block)


@pytest.mark.parametrize("page", [7, 100, 130])
def test_of_ids_without_gaps_every_block_is_known(monkeypatch: pytest.MonkeyPatch, page: int) -> None:
    """A first load, page by page: also when blocks were made wider on the way, as often as it took."""
    monkeypatch.setattr(customer_blocks, "MOST_BLOCKS", 4)
    state: dict[str, Any] = {}
    all_rows = rows({number: number % 5 for number in range(1, 2001)})
    for start in range(0, len(all_rows), page):
        some = all_rows[start : start + page]
        blocks = CustomerBlocks(Bookmark(state, None))
        blocks.scanned(some, start, END if some[-1] is all_rows[-1] else some[-1].number)
        state |= blocks.changes()

    found = CustomerBlocks(Bookmark(state, None))
    assert found.span == 800
    assert found.digests == {
        block: digest_of([row for row in all_rows if row.number // 800 == block]) for block in (0, 1, 2)
    }


def test_two_sales_that_change_hands_do_not_make_up_for_each_other() -> None:
    """Each sale with its customer makes a number of its own."""
    found = {digest_of(rows({1: one, 2: other})) for one in range(4) for other in range(4)}

    assert len(found) == 16
