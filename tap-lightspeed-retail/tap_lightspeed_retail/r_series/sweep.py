"""A walk over a whole table by id: the first one loads it, later ones find what no time and no arrival told.

Rows are taken in blocks of ids. A block whose digest is what it was is not emitted again; ids that were emitted and are
not there any more may have vanished: when the walk is over they are asked for once more by id, and are said to have
gone where they are not unlikely many (facts: R-Series section 12.3).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from tap_lightspeed_retail.errors import Unlikely
from tap_lightspeed_retail.r_series.bookmark import MOST_BLOCKS, Bookmark, digests_text
from tap_lightspeed_retail.r_series.departures import Departures
from tap_lightspeed_retail.r_series.lists import MOST_IN, Batch, Lists, Read, wire_time
from tap_lightspeed_retail.r_series.second_look import SecondLook
from tap_lightspeed_retail.r_series.source import Source

logger = logging.getLogger("tap-lightspeed-retail")
DIGESTS = 2**32
END = 2**62
NOT_BEGUN: dict[str, str | int] = {"sweep_began": "", "sweep_id": 0, "sweep_sum": 0, "sweep_missing": ""}
"""The words for: the next walk starts anew."""


class Sweep:
    """One walk over a source by id; takes up where the last one was cut.

    Args:
        source: Its row of the table.
        lists: Asks.
        second_look: Asks again for what may have vanished.
        mark: Its bookmark.
        kept: The words of the bookmark for rows that were emitted and rows that have gone.
        departures: Watches what is within the rows.
        start_date: Only rows that changed since then; empty for all.
        days: Of sources that say so, only the rows of so many days.
    """

    def __init__(
        self,
        source: Source,
        lists: Lists,
        second_look: SecondLook,
        mark: Bookmark,
        *,
        kept: Callable[[Sequence[Read], Sequence[int]], dict[str, Any]],
        departures: Departures,
        start_date: str,
        days: int,
    ) -> None:
        self._source = source
        self._lists = lists
        self._second_look = second_look
        self._mark = mark
        self._kept = kept
        self._departures = departures
        self._start_date = start_date
        self._days = days

    def batches(self) -> Iterator[Batch]:
        """The walk."""
        if not self._mark.text("sweep_began"):
            self._begin()
        waiting: list[Read] = []
        for page in self._pages():
            waiting += page
            yield from self._ready(waiting)
        yield from self._flush(waiting, END)
        try:
            yield from self._vanished()
            yield from self._departures.unmet()
        except Unlikely:
            self._mark.move(**NOT_BEGUN)
            raise
        self._end()

    def _begin(self) -> None:
        """Note when it began, and where."""
        first = not self._mark.text("swept_at")
        floor = 0 if first or not self._source.recent else self._floor()
        words: dict[str, str | int] = {
            "sweep_began": self._lists.now(),
            "sweep_from": floor,
            "sweep_id": floor,
            "sweep_sum": 0,
            "sweep_missing": "",
        }
        self._mark.move(**words, **self._span(), **self._departures.begun(first=first))

    def _span(self) -> dict[str, str | int]:
        """Ids per block, such that few blocks cover all that is known; digests of other blocks are of no use."""
        span, highest = self._mark.span, self._mark.ids("known").highest
        while highest // span > MOST_BLOCKS:
            span *= 2
        return {} if span == self._mark.span else {"span": span, "blocks": ""}

    def _floor(self) -> int:
        """The last id before the rows of the last days."""
        since = wire_time(self._lists.days_ago(self._days))
        first = self._lists.first_since(self._source, since)
        if first is None:
            first = self._mark.ids("known").highest
        return max(0, first // self._mark.span * self._mark.span - 1)

    def _pages(self) -> Iterator[list[Read]]:
        """By id, from where the last batch ended; where filters are refused, with one fewer."""
        since = f">=,{wire_time(self._start_date)}" if self._start_date else ""
        fields = [each for each in (self._source.sort, self._source.fallback) if each] if since else []
        at = self._mark.number("sweep_id")
        above = [(self._source.id_field, f">,{at}")] if at else []
        tries = [[*above, (field, since)] for field in fields] + [above] + ([[]] if above else [])
        for page in self._lists.rows_if_accepted(self._source, tries):
            yield [row for row in page if row.id > at]

    def _ready(self, waiting: list[Read]) -> Iterator[Batch]:
        """Blocks that are complete, and the begin of one that is emitted in any case."""
        while waiting:
            block = waiting[0].id // self._mark.span
            if waiting[-1].id // self._mark.span > block:
                rows = [row for row in waiting if row.id // self._mark.span == block]
                del waiting[: len(rows)]
                yield from self._flush(rows, (block + 1) * self._mark.span - 1)
            elif block not in self._mark.blocks:
                rows = list(waiting)
                waiting.clear()
                yield from self._flush(rows, rows[-1].id)
            else:
                return

    def _flush(self, rows: Sequence[Read], through: int) -> Iterator[Batch]:
        """Rows of one block, and all ids between the last ones and the end of these."""
        mark, span = self._mark, self._mark.span
        before = mark.number("sweep_id")
        there = {row.id for row in rows}
        missing = mark.ids("sweep_missing")
        missing.update(number for number in mark.ids("known").within(before, through) if number not in there)
        blocks = mark.blocks
        block = rows[0].id // span if rows else -1
        carried = mark.number("sweep_sum") if before // span == block else 0
        total = (carried + sum(row.digest for row in rows)) % DIGESTS
        complete = through >= (block + 1) * span - 1
        same = complete and blocks.get(block) == total
        if before // span != block and mark.number("sweep_sum"):
            blocks[before // span] = mark.number("sweep_sum")
        for each in [each for each in blocks if before // span < each <= through // span and each != block]:
            del blocks[each]
        if rows and complete and self._source.sort:
            blocks[block] = total
        words: dict[str, str | int] = {
            "blocks": digests_text(blocks, MOST_BLOCKS),
            "sweep_id": max(there, default=before) if through == END else through,
            "sweep_sum": 0 if complete or not self._source.sort else total,
            "sweep_missing": str(missing),
        }
        yield Batch(() if same else rows, commit=partial(self._commit, rows, (), words))

    def _vanished(self) -> Iterator[Batch]:
        """What the walk has not met, and what is not there by its id either."""
        mark = self._mark
        known = mark.ids("known")
        missing = [number for number in mark.ids("sweep_missing") if number in known]
        gone = self._second_look.missing(self._source, missing)
        all_known = len(known.within(mark.number("sweep_from"), END))
        self._second_look.guard.allow(self._source.resource, len(gone.lost), all_known)
        for ids in _hundreds([*gone.left, *gone.lost]):
            yield Batch(gone=ids, commit=partial(self._commit, (), ids, {}))

    def _commit(self, rows: Sequence[Read], lost: Sequence[int], words: dict[str, str | int]) -> None:
        self._mark.move(**words, **self._kept(rows, lost))

    def _end(self) -> None:
        mark = self._mark
        known, blocks = mark.ids("known"), mark.blocks
        floor = mark.number("sweep_from")
        known.drop_below(floor + 1 if self._source.recent else 0)
        kept = {block: total for block, total in blocks.items() if block >= floor // mark.span}
        mark.move(
            swept_at=mark.text("sweep_began"), known=str(known), blocks=digests_text(kept, MOST_BLOCKS), **NOT_BEGUN
        )


def _hundreds(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + MOST_IN] for start in range(0, len(ids), MOST_IN))
