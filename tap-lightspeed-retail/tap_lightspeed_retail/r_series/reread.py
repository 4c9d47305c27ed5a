"""Reads rows again by id, and finds that some were deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from tap_lightspeed_retail.r_series.bookmark import Bookmark
from tap_lightspeed_retail.r_series.progress import Progress
from tap_lightspeed_retail.r_series.reader import Reader
from tap_lightspeed_retail.r_series.row_types import RowReading, Source
from tap_lightspeed_retail.r_series.second_look import SecondLook
from tap_lightspeed_retail.scan import Batch


class Reread:
    """Reads rows of one source again.

    Args:
        source: Its row of the table.
        reader: Asks.
        second_look: Asks again for what may have been deleted.
        bookmark: Its bookmark.
        progress: Works out how that moves.
    """

    def __init__(
        self, source: Source, reader: Reader, second_look: SecondLook, bookmark: Bookmark, progress: Progress
    ) -> None:
        self._source = source
        self._reader = reader
        self._second_look = second_look
        self._bookmark = bookmark
        self._progress = progress

    def batches(self, ids: Sequence[int], *, commit: Callable[[], None]) -> Iterator[Batch]:
        """Rows by id; those that are not there any more, a second look included, were deleted. At last ``commit``."""
        deleted = 0
        for asked, found in self._reader.by_id(self._source, ids):
            known = self._bookmark.ids("known")
            unseen = sorted(set(asked) - {row.number for row in found})
            missing = self._second_look.missing(self._source, [number for number in unseen if number in known])
            deleted += len(missing.deleted)
            self._second_look.guard.allow(self._source.resource, deleted, len(known))
            gone = [*missing.excluded, *missing.deleted]
            forgotten = [number for number in unseen if number in gone or number not in known]
            yield Batch(found, [str(number) for number in gone], commit=partial(self._commit, found, forgotten))
        yield Batch(commit=commit)

    def _commit(self, rows: Sequence[RowReading], deleted: Sequence[int]) -> None:
        self._bookmark.update(**self._progress.after(rows, deleted))
