"""The whole table by id: the first full scan loads it, later ones find what no time and no child told.

Rows are taken in blocks of ids. A block whose digest is what it was is not emitted again; ids that were emitted and are
not there any more may be of deleted rows: when the scan is over they are asked for once more by id, and are said to be
deleted where they are not unlikely many (docs/vendors/lightspeed-r-series.md, changes).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from tap_lightspeed_retail.errors import Unlikely
from tap_lightspeed_retail.r_series.bookmark import Bookmark
from tap_lightspeed_retail.r_series.customer_blocks import CustomerBlocks
from tap_lightspeed_retail.r_series.departures import Departures
from tap_lightspeed_retail.r_series.digests import MOST_BLOCKS, digests_text
from tap_lightspeed_retail.r_series.ids import END, chunks
from tap_lightspeed_retail.r_series.limits import MOST_IN
from tap_lightspeed_retail.r_series.positions import first_since, latest
from tap_lightspeed_retail.r_series.progress import Progress
from tap_lightspeed_retail.r_series.reader import Reader, tries_since, wire_time
from tap_lightspeed_retail.r_series.row_types import RowReading, Source
from tap_lightspeed_retail.r_series.second_look import SecondLook
from tap_lightspeed_retail.scan import Batch

CHECKED_EVERY = 60
"""Seconds between two checks whether a full scan is due, in follow mode."""
DIGESTS = 2**32
NOT_BEGUN: Mapping[str, str | int] = {"scan_began": "", "scan_id": 0, "scan_digest": 0, "scan_missing": ""}
"""The changes for: the next full scan starts anew."""


@dataclass(frozen=True)
class _Stretch:
    """All ids from where the last batch ended to where this one does; its rows are of one block.

    Attributes:
        rows: What was read of them.
        above: The id before the first of them.
        through: The last of them; ``END`` where the table ends.
        span: Ids per block.
    """

    rows: Sequence[RowReading]
    above: int
    through: int
    span: int

    @property
    def block(self) -> int:
        """The block of its rows; -1 where there are none."""
        return self.rows[0].number // self.span if self.rows else -1

    @property
    def begins_in(self) -> int:
        """The block that the last batch ended in."""
        return self.above // self.span

    @property
    def is_complete(self) -> bool:
        """Whether the block of its rows ends in it."""
        return self.through >= (self.block + 1) * self.span - 1

    @property
    def last_id(self) -> int:
        """The id from which the next batch goes on."""
        return max((row.number for row in self.rows), default=self.above) if self.through == END else self.through

    def digest(self, carried: int) -> int:
        """Of the rows of its block so far; ``carried`` is of those that came in batches before."""
        continues = self.begins_in == self.block
        return ((carried if continues else 0) + sum(row.digest for row in self.rows)) % DIGESTS

    def without_passed(self, blocks: Mapping[int, int]) -> dict[int, int]:
        """Digests without those of the blocks that it shows to be empty."""
        return {
            block: total
            for block, total in blocks.items()
            if block == self.block or not self.begins_in < block <= self.through // self.span
        }


class FullScan:
    """The full scan of one source; takes up where the last one was cut.

    Args:
        source: Its row of the table.
        reader: Asks.
        second_look: Asks again for what may have been deleted.
        bookmark: Its bookmark.
        progress: Works out how that moves.
        departures: Watches what is within the rows.
        start_date: Only rows that changed since then; empty for all.
        days: Of sources that say so, only the rows of so many days.
    """

    def __init__(
        self,
        source: Source,
        reader: Reader,
        second_look: SecondLook,
        bookmark: Bookmark,
        *,
        progress: Progress,
        departures: Departures,
        start_date: str,
        days: int,
    ) -> None:
        self._source = source
        self._reader = reader
        self._second_look = second_look
        self._bookmark = bookmark
        self._progress = progress
        self._departures = departures
        self._start_date = start_date
        self._days = days

    def first(self, positions: Callable[[], Mapping[str, str]]) -> Iterator[Batch]:
        """The first scan, which is done once. Before it is noted from where on changes are to be looked for.

        Args:
            positions: Where each child table stands now.
        """
        if self._bookmark.text("scanned_at"):
            return
        if not self._bookmark.since:
            held = {**self._bookmark.positions, **positions()}
            self._bookmark.update(**self._bookmark.read_through(latest(self._reader, self._source)), positions=held)
        yield from self.batches()

    def when_due(self, hours: float) -> Iterator[Batch]:
        """A later scan, so many hours after the last one began, or what was left of it; 0 is never."""
        scanned = self._bookmark.text("scanned_at")
        if not hours or not scanned:
            return
        due = datetime.fromisoformat(scanned) + timedelta(hours=hours)
        if self._bookmark.text("scan_began") or due <= datetime.fromisoformat(self._reader.now()):
            yield from self.batches()

    def batches(self) -> Iterator[Batch]:
        """The scan."""
        if not self._bookmark.text("scan_began"):
            self._begin()
        waiting: list[RowReading] = []
        for page in self._pages():
            waiting += page
            yield from self._ready(waiting)
        yield self._batch(waiting, END)
        try:
            yield from self._deleted()
            yield from self._departures.never_found()
        except Unlikely:
            self._bookmark.update(**NOT_BEGUN)
            raise
        self._end()

    def _begin(self) -> None:
        """Note when it began, and where."""
        floor = self._floor() if self._bookmark.text("scanned_at") and self._source.recent else 0
        changes = {**NOT_BEGUN, "scan_began": self._reader.now(), "scan_from": floor, "scan_id": floor}
        changes |= {"scan_customers": ""} if self._source.customer else {}
        self._bookmark.update(**changes, **self._wider_blocks(), **self._progress.at_full_scan())

    def _wider_blocks(self) -> dict[str, str | int]:
        """Ids per block, such that few blocks cover all that is known; digests of other blocks are of no use."""
        span, highest = self._bookmark.span, self._bookmark.ids("known").highest
        while highest // span > MOST_BLOCKS:
            span *= 2
        return {} if span == self._bookmark.span else {"span": span, "blocks": ""}

    def _floor(self) -> int:
        """The last id before the rows of the last days."""
        since = wire_time(self._reader.days_ago(self._days))
        first = first_since(self._reader, self._source, since)
        if first is None:
            first = self._bookmark.ids("known").highest
        return max(0, first // self._bookmark.span * self._bookmark.span - 1)

    def _pages(self) -> Iterator[list[RowReading]]:
        """By id, from where the last batch ended; where filters are refused, with one fewer."""
        at = self._bookmark.number("scan_id")
        tries = tries_since(self._source, self._start_date, [(self._source.id_field, f">,{at}")] if at else [])
        for page in self._reader.rows_if_accepted(self._source, tries):
            yield [row for row in page if row.number > at]

    def _ready(self, waiting: list[RowReading]) -> Iterator[Batch]:
        """Blocks that are complete, and the begin of one that is emitted in any case."""
        while waiting:
            span = self._bookmark.span
            block = waiting[0].number // span
            if waiting[-1].number // span > block:
                rows = [row for row in waiting if row.number // span == block]
                del waiting[: len(rows)]
                yield self._batch(rows, (block + 1) * span - 1)
            elif block not in self._bookmark.blocks:
                rows = list(waiting)
                waiting.clear()
                yield self._batch(rows, rows[-1].number)
            else:
                return

    def _batch(self, rows: Sequence[RowReading], through: int) -> Batch:
        """Rows of one block, and all ids between the last ones and the end of these."""
        stretch = _Stretch(rows, self._bookmark.number("scan_id"), through, self._bookmark.span)
        total = stretch.digest(self._bookmark.number("scan_digest"))
        is_known = stretch.is_complete and self._bookmark.blocks.get(stretch.block) == total
        changes: dict[str, str | int] = {
            "scan_id": stretch.last_id,
            "scan_digest": 0 if stretch.is_complete or not self._source.sort else total,
            "scan_missing": self._missing_in(stretch),
            "blocks": self._blocks_after(stretch, total),
        }
        if self._source.customer:
            customers = CustomerBlocks(self._bookmark)
            customers.scanned(rows, stretch.above, through)
            changes |= customers.changes()
        return Batch(() if is_known else rows, commit=partial(self._commit, rows, (), changes))

    def _missing_in(self, stretch: _Stretch) -> str:
        """What the scan has not found so far, of what is known."""
        missing = self._bookmark.ids("scan_missing")
        known = self._bookmark.ids("known").within(stretch.above, stretch.through)
        for row in stretch.rows:
            known.discard(row.number)
        missing.join(known)
        return str(missing)

    def _blocks_after(self, stretch: _Stretch, total: int) -> str:
        """Digests of blocks: the one that the last batch had begun is over, those between are empty."""
        blocks = self._bookmark.blocks
        carried = self._bookmark.number("scan_digest")
        if stretch.begins_in != stretch.block and carried:
            blocks[stretch.begins_in] = carried
        blocks = stretch.without_passed(blocks)
        if stretch.rows and stretch.is_complete and self._source.sort:
            blocks[stretch.block] = total
        return digests_text(blocks, MOST_BLOCKS)

    def _deleted(self) -> Iterator[Batch]:
        """What the scan has not found, and what is not there by its id either."""
        known = self._bookmark.ids("known")
        not_found = self._bookmark.ids("scan_missing")
        self._second_look.guard.allow_to_ask(self._source.resource, len(not_found))
        unseen = [number for number in not_found if number in known]
        missing = self._second_look.missing(self._source, unseen)
        all_known = len(known.within(self._bookmark.number("scan_from"), END))
        self._second_look.guard.allow(self._source.resource, len(missing.deleted), all_known)
        for ids in chunks([*missing.excluded, *missing.deleted], MOST_IN):
            yield Batch(deleted=[str(number) for number in ids], commit=partial(self._commit, (), ids, {}))

    def _commit(self, rows: Sequence[RowReading], deleted: Sequence[int], changes: Mapping[str, str | int]) -> None:
        after: dict[str, Any] = self._progress.after_full_scan(rows, deleted)
        self._bookmark.update(**changes, **after)

    def _end(self) -> None:
        bookmark = self._bookmark
        known, blocks = bookmark.ids("known"), bookmark.blocks
        floor = bookmark.number("scan_from")
        known.drop_below(floor + 1 if self._source.recent else 0)
        kept = {block: total for block, total in blocks.items() if block >= (floor + 1) // bookmark.span}
        began = bookmark.text("scan_began")
        bookmark.update(scanned_at=began, known=str(known), blocks=digests_text(kept, MOST_BLOCKS), **NOT_BEGUN)
