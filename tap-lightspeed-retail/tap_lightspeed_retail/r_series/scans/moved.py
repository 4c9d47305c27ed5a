"""Sales that went to another customer when customers were merged: nothing stamps them, whatever their age is.

A merged customer vanishes. When that was found, all sales are looked through once, newest first and without lines; what
is not of the customer that it was emitted with is read again whole. Where no customer vanishes, it costs nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import cast

from tap_lightspeed_retail.r_series.bookmark import Bookmark
from tap_lightspeed_retail.r_series.context import Context
from tap_lightspeed_retail.r_series.customer_blocks import CustomerBlocks, digest_of
from tap_lightspeed_retail.r_series.notes import Row
from tap_lightspeed_retail.r_series.reader import Reader, tries_since
from tap_lightspeed_retail.r_series.reread import Reread
from tap_lightspeed_retail.r_series.row_types import RowReading, Source
from tap_lightspeed_retail.scan import Batch

logger = logging.getLogger("tap-lightspeed-retail")
LOOKED = "%s: customers have vanished. %d rows were looked through, %d of them read again: some have another customer."


def _no_record(row: Row, known: Context) -> None:
    """Without its lines a sale makes none."""
    del row, known


class MovedSales:
    """The scan of one source for what has moved; takes up where the last one was cut.

    Args:
        source: Its row of the table.
        reader: Asks.
        bookmark: Its bookmark.
        reread: Reads rows of the source again.
        vanished: Which customers have vanished last, by a name that no two times share; empty for none.
        start_date: Only rows that changed since then; empty for all.
    """

    def __init__(
        self,
        source: Source,
        reader: Reader,
        bookmark: Bookmark,
        reread: Reread,
        *,
        vanished: Callable[[], str],
        start_date: str,
    ) -> None:
        self._bare = replace(source, shape=_no_record, relations=(), parts=(), children=())
        self._reader = reader
        self._bookmark = bookmark
        self._reread = reread
        self._vanished = vanished
        self._start_date = start_date

    def when_due(self) -> Iterator[Batch]:
        """The scan, when customers have vanished since the last one began, or what was left of it."""
        if not self._bookmark.text("scanned_at"):
            return
        if not self._bookmark.text("moved_for") and self._vanished() not in ("", self._bookmark.text("moved_before")):
            self._bookmark.update(moved_for=self._vanished(), moved_id=0)
        if self._bookmark.text("moved_for"):
            yield from self._batches()

    def _batches(self) -> Iterator[Batch]:
        span = self._blocks.span
        waiting: list[RowReading] = []
        looked = read_again = 0
        for page in self._pages():
            looked += len(page)
            waiting += page
            while waiting and waiting[0].number // span > waiting[-1].number // span and self._blocks.span == span:
                block = waiting[0].number // span
                rows = [row for row in waiting if row.number // span == block]
                del waiting[: len(rows)]
                for batch in self._block(block, span, rows):
                    read_again += len(batch.readings)
                    yield batch
            yield Batch()  # the others' turn
            if self._blocks.span != span:
                # Where it stopped may be the middle of a block now, whose digest half of its rows would not make
                self._bookmark.update(moved_id=0)
                return
        if waiting:
            for batch in self._block(waiting[0].number // span, span, waiting):
                read_again += len(batch.readings)
                yield batch
        if self._is_believed(looked):
            yield Batch(commit=partial(self._end, looked, read_again))

    def _is_believed(self, looked: int) -> bool:
        """An account with sales does not answer with none, but below the last block that was looked at there may be."""
        return bool(looked or self._bookmark.number("moved_id") or not len(self._bookmark.ids("known")))

    @property
    def _blocks(self) -> CustomerBlocks:
        return CustomerBlocks(self._bookmark)

    def _pages(self) -> Iterator[list[RowReading]]:
        """Newest first, from where the last batch ended."""
        below = self._bookmark.number("moved_id")
        tries = tries_since(self._bare, self._start_date, [(self._bare.id_field, f"<,{below}")] if below else [])
        for page in self._reader.rows_if_accepted(self._bare, tries, newest_first=True):
            yield [row for row in page if not below or row.number < below]

    def _block(self, block: int, span: int, rows: Sequence[RowReading]) -> Iterator[Batch]:
        """Nothing of a block in which each sale has the customer that it was emitted with; else all of it."""
        total = digest_of(rows)
        if self._blocks.digests.get(block) == total:
            yield Batch(commit=partial(self._commit, block, span, total))
            return
        read: list[RowReading] = []
        for batch in self._reread.batches(sorted(row.number for row in rows), commit=lambda: None):
            read += cast("Sequence[RowReading]", batch.readings)
            yield batch
        yield Batch(commit=partial(self._commit, block, span, digest_of(read)))

    def _commit(self, block: int, span: int, total: int) -> None:
        """Of blocks of another width, since other scans made them wider meanwhile, this number says nothing."""
        blocks = self._blocks
        if blocks.span == span:
            blocks.learn(block, total)
        moved_id = max(1, block * span) if blocks.span == span else 0
        self._bookmark.update(**blocks.changes(), moved_id=moved_id)

    def _end(self, looked: int, read_again: int) -> None:
        logger.info(LOOKED, self._bare.resource, looked, read_again)
        self._bookmark.update(moved_before=self._bookmark.text("moved_for"), moved_for="")
