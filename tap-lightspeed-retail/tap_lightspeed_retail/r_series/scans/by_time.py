"""Rows whose time moved, from the bookmark up. The bookmark stays behind rows that are committed late.

Not enough by itself: edits of a line or a payment move no time of their sale, and a completion may be written with
yesterday's time (docs/vendors/lightspeed-r-series.md, stamps, changes).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from tap_lightspeed_retail.errors import Refused
from tap_lightspeed_retail.r_series.bookmark import START, Bookmark, Position
from tap_lightspeed_retail.r_series.progress import Progress
from tap_lightspeed_retail.r_series.reader import Reader, wire_time
from tap_lightspeed_retail.r_series.row_types import RowReading, Source
from tap_lightspeed_retail.scan import Batch

logger = logging.getLogger("tap-lightspeed-retail")


class ByTime:
    """The scan of one source by time.

    Args:
        source: Its row of the table.
        reader: Asks.
        bookmark: Its bookmark.
        progress: Works out how that moves.
    """

    def __init__(self, source: Source, reader: Reader, bookmark: Bookmark, progress: Progress) -> None:
        self._source = source
        self._reader = reader
        self._bookmark = bookmark
        self._progress = progress
        self._ways = self._all_ways()

    def batches(self) -> Iterator[Batch]:
        """Rows whose time moved. Ways that the server refuses are tried once."""
        try:
            yield from self._ways[0]()
        except Refused as error:
            if error.closed or len(self._ways) == 1:
                raise
            logger.info("%s: the server refuses this filter or sort; trying another way.", self._source.resource)
            self._ways = self._ways[1:]
            yield from self.batches()

    def _all_ways(self) -> list[Callable[[], Iterator[Batch]]]:
        """Best first. Sorting by update time is documented, filtering by it is not."""
        field, other = str(self._source.sort), self._source.fallback
        ways: list[Callable[[], Iterator[Batch]]] = [partial(self._rising, field), partial(self._falling, field)]
        if other:
            ways.append(partial(self._rising, other))
        elif other is not None:
            ways.append(self._whole)
        return ways

    def _rising(self, field: str) -> Iterator[Batch]:
        """From the bookmark up: it can move with each page."""
        start = self._position(field)
        params = [("sort", field), (field, f">=,{wire_time(start.stamp)}")]
        for page in self._reader.rows(self._source, params, stamp=field):
            fresh = [row for row in page if (row.stamp, row.number) > start or not row.stamp]
            last = Position(page[-1].stamp, page[-1].number) if page else START
            changes = partial(self._read_through, field, committed(self._reader, last))
            yield Batch(fresh, commit=partial(self._commit, fresh, changes))

    def _position(self, field: str) -> Position:
        """How far the table was read by a time. The fallback's position is its own: it tells of other changes."""
        if field == self._source.sort:
            return Position(self._bookmark.since, self._bookmark.number("last_id"))
        return Position.read(self._bookmark.positions.get(field) or self._bookmark.since)

    def _read_through(self, field: str, position: Position) -> Mapping[str, Any]:
        if field == self._source.sort:
            return self._bookmark.read_through(*position)
        return self._bookmark.with_position(field, str(max(position, self._position(field))))

    def _falling(self, field: str) -> Iterator[Batch]:
        """From the newest down to the bookmark. Rows that change meanwhile are newer than that: the next scan's."""
        position = START
        for page in self._reader.rows(self._source, [("sort", f"-{field}")], stamp=field):
            if page and position is START:
                position = committed(self._reader, Position(page[0].stamp, 0))
            fresh = [row for row in page if row.stamp >= self._bookmark.since]
            yield Batch(fresh, commit=partial(self._commit, fresh))
            if len(fresh) < len(page):
                break
        self._bookmark.update(**self._bookmark.read_through(*position))

    def _whole(self) -> Iterator[Batch]:
        for page in self._reader.rows(self._source, ()):
            yield Batch(page, commit=partial(self._commit, page))

    def _commit(self, rows: Sequence[RowReading], changes: Callable[[], Mapping[str, Any]] = dict) -> None:
        self._bookmark.update(**self._progress.after(rows), **changes())


def committed(reader: Reader, last: Position) -> Position:
    """Where a bookmark may stand: with the last row that was read, or before it, where rows may still be committed.

    Never beyond what was read, however late it is by the server's clock: rows may be stamped by another one.
    """
    return min(last, Position(reader.committed_through(), 0))
