"""Which customer each sale was emitted with, as STATE holds it: digests of blocks, whatever their width becomes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tap_lightspeed_retail.r_series import customer_blocks
from tap_lightspeed_retail.r_series.bookmark import Bookmark
from tap_lightspeed_retail.r_series.customer_blocks import CustomerBlocks, digest_of
from tap_lightspeed_retail.r_series.digests import SPAN
from tap_lightspeed_retail.r_series.ids import END
from tap_lightspeed_retail.r_series.row_types import RowReading, Source
from tap_lightspeed_retail.r_series.scans.moved import MovedSales
from tap_lightspeed_retail.scan import Batch

from tests.lanes import examples


def rows(buyers: dict[int, int]) -> list[RowReading]:
    return [RowReading(str(key), None, 0, 0, number=key, customer=str(who)) for key, who in sorted(buyers.items())]


BUYERS = st.dictionaries(st.integers(1, 1500), st.integers(0, 3), max_size=60)


@settings(max_examples=examples(120))
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


class Till:
    """What the scan for moved sales asks of reader and reread: sales by id, newest first, and some of them again."""

    def __init__(self, sales: Sequence[RowReading], page: int) -> None:
        self._sales = sales
        self._page = page

    def rows_if_accepted(self, source: Source, tries: Any, *, newest_first: bool) -> Iterator[list[RowReading]]:
        assert newest_first
        for end in range(len(self._sales), 0, -self._page):
            yield list(reversed(self._sales[max(0, end - self._page) : end]))

    def batches(self, ids: Sequence[int], *, commit: Any) -> Iterator[Batch]:
        yield Batch([row for row in self._sales if row.number in ids])


def scan_of(till: Till, state: dict[str, Any]) -> MovedSales:
    source = Source("Sale", lambda row, known: None, customer="customerID")
    ports = cast("Any", till)
    return MovedSales(source, ports, Bookmark(state, None), ports, vanished=lambda: "today", start_date="")


def true_digests(sales: Sequence[RowReading], span: int) -> Mapping[int, int]:
    numbers = {row.number // span for row in sales}
    return {block: digest_of(row for row in sales if row.number // span == block) for block in numbers}


@pytest.mark.parametrize("by_others", [False, True])
@pytest.mark.parametrize("page", [30, 100, 450])
def test_blocks_that_become_wider_during_a_scan_for_moved_sales_lose_it_nothing(
    monkeypatch: pytest.MonkeyPatch, page: int, by_others: bool
) -> None:
    """Killed after any batch, STATE says nothing of a block that is not so, and names no place beyond the sales."""
    monkeypatch.setattr(customer_blocks, "MOST_BLOCKS", 4)
    sales = rows({number: number % 5 for number in range(1, 1001)})
    state: dict[str, Any] = {"scanned_at": "2026-11-20", "known": "1-1000"}
    runs = 0
    while state.get("moved_before") != "today":
        runs += 1
        assert runs < 5
        for batch in scan_of(Till(sales, page), state).when_due():
            if by_others:
                others = CustomerBlocks(Bookmark(state, None))
                others.scanned(sales[:500], 0, 500)
                state |= others.changes()
            batch.commit()
            held = CustomerBlocks(Bookmark(state, None))
            known = true_digests(sales, held.span)
            assert held.digests == {block: known[block] for block in held.digests}
            assert state["moved_id"] <= sales[-1].number

    assert held.span > SPAN


@pytest.mark.parametrize(("known", "moved_id", "is_over"), [("1-9", 0, False), ("1-9", 1, True), ("", 0, True)])
def test_an_account_with_sales_that_answers_with_none_is_asked_again(known: str, moved_id: int, is_over: bool) -> None:
    """Not so where the rest of a scan was asked for, or no sale is known."""
    state = {"scanned_at": "2026-11-20", "known": known, "moved_for": "today", "moved_id": moved_id}
    for batch in scan_of(Till([], 100), state).when_due():
        batch.commit()

    assert (state["moved_for"] == "") is is_over


def test_whenever_customers_vanish_all_sales_are_looked_through_again() -> None:
    """Where the scan before has ended says nothing: in the highest sale may be who has vanished now."""
    sales = rows({number: number % 5 for number in range(1, 301)})
    state: dict[str, Any] = {"scanned_at": "2026-11-20", "known": "1-300", "moved_before": "yesterday", "moved_id": 1}

    read = [row.number for batch in scan_of(Till(sales, 100), state).when_due() for row in _read(batch)]

    assert sorted(read) == list(range(1, 301))
    assert (state["moved_before"], state["moved_for"]) == ("today", "")
    assert list(scan_of(Till(sales, 100), state).when_due()) == []


def _read(batch: Batch) -> Sequence[RowReading]:
    batch.commit()
    return cast("Sequence[RowReading]", batch.readings)
