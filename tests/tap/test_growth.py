"""Rows that are only ever added are followed by their ids: each comes once, whatever the order of commits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tap_lightspeed_retail.r_series.ids import Ids
from tap_lightspeed_retail.r_series.late_ids import committed_id, ids_before, with_new_ids
from tap_lightspeed_retail.r_series.table import SOURCES

from benchmarks.lightspeed import NOON
from benchmarks.simulated import Watched
from sandbox.clock import Clock
from sandbox.serve import Box, running
from sandbox.weather import Gust

GROWING = {name: source for name, source in SOURCES.items() if source.append_only}


class Shop:
    """A sandbox with a long stock log, and the loader behind the tap."""

    def __init__(self, box: Box, folder: Path) -> None:
        self.box = box
        self.state: dict[str, Any] = {}
        self._folder = folder

    def log(self, *keys: int, **more: Any) -> None:
        for key in keys:
            some = self.box.world.rows("InventoryLog")[0]
            self.box.world.put("InventoryLog", {**some, "inventoryLogID": key, **more})

    def run(self, **settings: Any) -> list[int]:
        """The ids that one run tells."""
        told: list[int] = []
        watched = Watched(self.box, self._folder, ("inventory_log",), state=self.state, **{"page_size": 50, **settings})
        watched.run(lambda said: told.append(int(said.record["id"])))
        self.state = watched.state
        return told


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with running(seed="chain", clock=Clock(NOON)) as box:
        shop = Shop(box, tmp_path)
        shop.log(*range(1000, 1500))
        yield shop


def test_which_streams_grow() -> None:
    """None of them has a time that a change would move (docs/vendors/lightspeed-r-series.md, resources)."""
    assert {*GROWING} == {"sale_voids", "inventory_log", "register_counts"}


def test_each_row_comes_once(shop: Shop) -> None:
    """The first run tells all, the next what was added, and nothing is read from the beginning again."""
    first = shop.run()
    calls = shop.box.world.calls["InventoryLog"]
    quiet = shop.run()
    shop.log(1500, 1501)
    later = shop.run()

    assert Counter(first) == Counter(row["inventoryLogID"] for row in shop.box.world.rows("InventoryLog")[:-2])
    assert (quiet, later) == ([], [1500, 1501])
    assert shop.box.world.calls["InventoryLog"] - calls == 2


def test_a_row_that_is_committed_late_is_not_passed(shop: Shop) -> None:
    """Ids are given in order, but a transaction may end after its neighbour's."""
    shop.run()
    shop.log(1502, 1505)
    assert shop.run() == [1502, 1505]
    shop.log(1503, 1501)

    assert shop.run() == [1501, 1503]
    assert shop.run() == []


def test_a_row_of_the_past_comes_too(shop: Shop) -> None:
    """Its time may be set to any date: ids tell, times do not."""
    shop.run()
    shop.log(1600, createTime=NOON - timedelta(days=900))

    assert shop.run() == [1600]


def test_the_first_run_may_begin_at_a_date(shop: Shop) -> None:
    """A log of many years is seldom wanted whole; what comes later comes whatever its date."""
    shop.log(*range(1400, 1500), createTime=NOON)
    shop.log(*range(1000, 1400), createTime=NOON - timedelta(days=900))

    first = shop.run(start_date=(NOON - timedelta(days=1)).isoformat())
    shop.log(1600, createTime=NOON - timedelta(days=900))

    assert {*range(1400, 1500)} <= {*first}
    assert not {*range(1000, 1400)} & {*first}
    assert shop.run(start_date=(NOON - timedelta(days=1)).isoformat()) == [1600]


def test_where_a_date_cannot_be_asked_for_all_rows_come(shop: Shop) -> None:
    """Too much rather than too little."""
    shop.box.weather_l.plan([Gust("400", path="*InventoryLog.json", times=1)])

    assert {*range(1000, 1500)} <= {*shop.run(start_date=NOON.isoformat())}


def test_its_state_is_small(shop: Shop) -> None:
    """Of the ids that came, the last two hundred are kept, as ranges."""
    shop.run()

    assert shop.state["bookmarks"]["inventory_log"]["positions"] == {"InventoryLog": "1299-1499"}


@pytest.mark.parametrize(
    ("read", "through"),
    [
        ("", 0),
        ("1-5", 5),
        ("1-5 7", 5),
        ("1-5 7-9 12", 5),
        ("2-9", 0),
        ("1-51 53-251", 51),
        ("1-50 52-251", 251),  # one that is missing so far back is given up
        ("1-50 300", 100),
    ],
)
def test_ids_are_asked_for_from_before_the_first_gap_that_may_still_be_filled(read: str, through: int) -> None:
    """A transaction that began two hundred rows ago is over."""
    assert committed_id(Ids(read)) == through


@pytest.mark.parametrize(
    ("read", "new", "kept"),
    [("", [3, 1], "1 3"), ("1-5", [], "1-5"), ("1-300", [302], "102-300 302"), ("100-299", [500], "500")],
)
def test_of_the_ids_that_were_read_the_last_are_kept(read: str, new: list[int], kept: str) -> None:
    assert with_new_ids(Ids(read), new) == kept


@pytest.mark.parametrize(
    ("number", "before"),
    [(0, ""), (1, ""), (2, "1-1"), (201, "1-200"), (202, "1-201"), (203, "2-202"), (999, "798-998")],
)
def test_those_before_the_first_row_of_a_date_count_as_read(number: int, before: str) -> None:
    """As far back as one may still be committed."""
    assert ids_before(number) == before
