"""Unfinished rows, read again: a line may have left one without a trace."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tap_lightspeed_retail.r_series.bookmark import Bookmark
from tap_lightspeed_retail.r_series.reread import Reread
from tap_lightspeed_retail.scan import Batch

EVERY = 300
"""Seconds between two of these scans, in follow mode."""


class StillOpen:
    """The scan of what is unfinished in one source.

    Args:
        bookmark: Its bookmark.
        reread: Reads rows of the source again.
    """

    def __init__(self, bookmark: Bookmark, reread: Reread) -> None:
        self._bookmark = bookmark
        self._reread = reread

    def batches(self) -> Iterator[Batch]:
        """Those that have changed."""
        digests = {str(number): digest for number, digest in self._bookmark.open.items()}
        for batch in self._reread.batches(sorted(map(int, digests)), commit=lambda: None):
            yield replace(batch, readings=[row for row in batch.readings if digests.get(row.id) != row.digest])
