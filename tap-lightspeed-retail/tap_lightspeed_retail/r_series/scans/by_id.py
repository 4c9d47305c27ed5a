"""Rows that are only ever added, by id with an overlap; the first scan takes all of them, or those since a date."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from tap_lightspeed_retail.r_series.bookmark import Bookmark
from tap_lightspeed_retail.r_series.ids import Ids
from tap_lightspeed_retail.r_series.late_ids import committed_id, ids_before, with_new_ids
from tap_lightspeed_retail.r_series.positions import first_since, last_ids
from tap_lightspeed_retail.r_series.reader import Reader, wire_time
from tap_lightspeed_retail.r_series.row_types import RowReading, Source
from tap_lightspeed_retail.scan import Batch


class ById:
    """The scan of one source by id.

    Args:
        source: Its row of the table.
        reader: Asks.
        bookmark: Its bookmark.
        start_date: Only rows that were added since then; empty for all.
    """

    def __init__(self, source: Source, reader: Reader, bookmark: Bookmark, start_date: str) -> None:
        self._source = source
        self._reader = reader
        self._bookmark = bookmark
        self._start_date = start_date

    def batches(self) -> Iterator[Batch]:
        """Rows that were added."""
        source = self._source
        read = Ids(self._bookmark.positions.get(source.resource) or self._before_start())
        params = [("sort", source.id_field), (source.id_field, f">,{committed_id(read)}")]
        for page in self._reader.rows(source, params):
            fresh = [row for row in page if row.number not in read]
            yield Batch(fresh, commit=partial(self._commit, read, fresh))

    def _before_start(self) -> str:
        """The last ids before the first row since the start date; empty where all rows are wanted."""
        if not self._start_date:
            return ""
        first = first_since(self._reader, self._source, wire_time(self._start_date))
        return last_ids(self._reader, self._source) if first is None else ids_before(first)

    def _commit(self, read: Ids, fresh: Sequence[RowReading]) -> None:
        position = with_new_ids(read, [row.number for row in fresh])
        self._bookmark.update(**self._bookmark.with_position(self._source.resource, position))
