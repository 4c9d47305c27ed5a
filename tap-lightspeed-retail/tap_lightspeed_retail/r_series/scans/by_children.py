"""Rows whose children arrived or changed, read again whole: an edit of a line moves no time of its sale."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from tap_lightspeed_retail.errors import Refused
from tap_lightspeed_retail.r_series.bookmark import Bookmark, Position
from tap_lightspeed_retail.r_series.ids import Ids
from tap_lightspeed_retail.r_series.late_ids import committed_id, with_new_ids
from tap_lightspeed_retail.r_series.notes import Row
from tap_lightspeed_retail.r_series.positions import last_ids, latest
from tap_lightspeed_retail.r_series.reader import Reader, fields_of, wire_time
from tap_lightspeed_retail.r_series.reread import Reread
from tap_lightspeed_retail.r_series.row_types import ChildTable
from tap_lightspeed_retail.scan import Batch

logger = logging.getLogger("tap-lightspeed-retail")


class ByChildren:
    """The scan of one source by one of its child tables.

    Args:
        children: The child table.
        reader: Asks.
        bookmark: The source's bookmark.
        reread: Reads rows of the source again.
    """

    def __init__(self, children: ChildTable, reader: Reader, bookmark: Bookmark, reread: Reread) -> None:
        self._children = children
        self._reader = reader
        self._bookmark = bookmark
        self._reread = reread

    @property
    def resource(self) -> str:
        """Whose arrival is followed."""
        return self._children.resource

    def batches(self) -> Iterator[Batch]:
        """The parents of what arrived."""
        arrivals = self._by_time() if self._children.sort else self._by_id()
        try:
            for parents, position in arrivals:
                yield from self._reread.batches(sorted(parents), commit=partial(self._commit, position))
        except Refused as error:
            _warn_if_closed(self._children, error)

    def position(self) -> str:
        """Where the table stands now: what arrives from then on is not missed."""
        try:
            return (
                latest(self._reader, self._children) if self._children.sort else last_ids(self._reader, self._children)
            )
        except Refused as error:
            _warn_if_closed(self._children, error)
            return ""

    def _commit(self, position: Callable[[], str]) -> None:
        self._bookmark.update(**self._bookmark.with_position(self._children.resource, position()))

    def _by_time(self) -> Iterator[tuple[set[int], Callable[[], str]]]:
        """Parents of each page, and how far that page goes; by a time that moves with every change of a child."""
        children = self._children
        start = Position.read(self._bookmark.positions.get(children.resource) or self._bookmark.since)
        field = str(children.sort)
        params = [("sort", field), (field, f">=,{wire_time(start.stamp)}")]
        for rows in self._reader.pages(children.resource, params):
            places = [Position(fields_of(children, row).instant(field) or "", _id(children, row)) for row in rows]
            fresh = [row for row, place in zip(rows, places, strict=True) if place > start or not place.stamp]
            committed = Position(self._reader.committed_through())
            position = max(start, min(places[-1], committed)) if places else start
            yield _parents(children, fresh), partial(str, position)

    def _by_id(self) -> Iterator[tuple[set[int], Callable[[], str]]]:
        """The same by id, where children are only ever added."""
        children = self._children
        read = Ids(self._bookmark.positions.get(children.resource, ""))
        field = children.id_field
        for rows in self._reader.pages(children.resource, [("sort", field), (field, f">,{committed_id(read)}")]):
            fresh = [row for row in rows if _id(children, row) not in read]
            yield _parents(children, fresh), partial(with_new_ids, read, [_id(children, row) for row in fresh])


def _warn_if_closed(children: ChildTable, error: Refused) -> None:
    """A scope that is missing for children costs a warning: what they tell, the full scan finds too, but later."""
    if not error.closed:
        raise error
    logger.warning("%s cannot be read (%d): its changes are found by the full scan.", children.resource, error.status)


def _id(children: ChildTable, row: Row) -> int:
    return int(fields_of(children, row).id)


def _parents(children: ChildTable, rows: Sequence[Row]) -> set[int]:
    """The rows that these belong to; what leads nowhere is found by the full scan."""
    keys = (fields_of(children, row).digits(children.owner) for row in rows)
    return {int(key) for key in keys if key} - {0}
