"""R-Series as the tap sees it: an account, connected, and the scans of each of its streams."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from tap_lightspeed_retail.clock import Clock
from tap_lightspeed_retail.r_series.account import open_account
from tap_lightspeed_retail.r_series.bookmark import Bookmark
from tap_lightspeed_retail.r_series.context import Account
from tap_lightspeed_retail.r_series.departures import Departures
from tap_lightspeed_retail.r_series.guard import Guard
from tap_lightspeed_retail.r_series.progress import Progress
from tap_lightspeed_retail.r_series.reader import Reader
from tap_lightspeed_retail.r_series.reread import Reread
from tap_lightspeed_retail.r_series.row_types import ChildTable, Source
from tap_lightspeed_retail.r_series.scans import full, moved, still_open
from tap_lightspeed_retail.r_series.scans.by_children import ByChildren
from tap_lightspeed_retail.r_series.scans.by_id import ById
from tap_lightspeed_retail.r_series.scans.by_time import ByTime
from tap_lightspeed_retail.r_series.second_look import SecondLook
from tap_lightspeed_retail.r_series.table import SOURCES
from tap_lightspeed_retail.scan import Batch, Scan
from tap_lightspeed_retail.streams import RANK, STREAMS
from tap_lightspeed_retail.web.api import Api

TO_COME = (
    "%s: STATE names an instant that is still to come by Lightspeed's clock. Changes are read from %s on; those before "
    "it are found by a full scan, which is due now: if reconcile_hours is 0, set it for one run."
)
logger = logging.getLogger("tap-lightspeed-retail")


def connect(settings: Mapping[str, Any], clock: Clock) -> RSeries:
    """Connect to the account that the settings name.

    Raises:
        TapError: It cannot be read.
    """
    api, account = open_account(settings, clock)
    return RSeries(api, account, settings)


class RSeries:
    """One account of R-Series; see ``Series``.

    Args:
        api: Asks.
        account: Whose rows.
        settings: Of the tap.
    """

    def __init__(self, api: Api, account: Account, settings: Mapping[str, Any]) -> None:
        self._api = api
        self._account = account
        self._settings = settings
        self._readers: dict[str, Reader] = {}
        self._bookmarks: dict[str, Bookmark] = {}

    @property
    def account_id(self) -> str:
        """Whose rows are read."""
        return self._account.id

    @property
    def requests(self) -> int:
        """Number of the last request."""
        return self._api.requests

    def now(self) -> str:
        """The server's own clock."""
        return self._api.server_now.isoformat(timespec="seconds")

    def scans(self, stream: str, state: dict[str, Any]) -> list[Scan]:
        """The scans of a stream, in the order of one run; each also says what left the rows that it read."""
        source, reader = SOURCES[stream], self._reader(stream)
        bookmark = Bookmark(state, STREAMS[RANK[stream]].replication_key)
        _forget_future(bookmark, source, reader)
        self._bookmarks[stream] = bookmark
        every = float(self._settings["poll_seconds"].get(stream, 0))
        return _Scans(source, reader, bookmark, self._settings, every=every, vanished=self._vanished).all()

    def _vanished(self) -> str:
        """When rows of a stream whose rows are merged were last seen to be gone; empty for never."""
        merged = (bookmark for stream, bookmark in self._bookmarks.items() if SOURCES[stream].merges)
        return next((bookmark.text("vanished") for bookmark in merged), "")

    def _reader(self, stream: str) -> Reader:
        if stream not in self._readers:
            settings = self._settings
            self._readers[stream] = Reader(self._api, self._account, settings["page_size"], settings["overlap_seconds"])
        return self._readers[stream]


class _Scans:
    """The scans of one source, each with its rhythm for a tap that follows.

    Args:
        source: Its row of the table.
        reader: Asks.
        bookmark: Its bookmark.
        settings: Of the tap.
        every: Seconds between two polls, instead of the table's; 0 leaves the table's.
        vanished: When customers were last seen to be gone.
    """

    def __init__(
        self,
        source: Source,
        reader: Reader,
        bookmark: Bookmark,
        settings: Mapping[str, Any],
        *,
        every: float,
        vanished: Callable[[], str],
    ) -> None:
        days, start_date = settings["reconcile_days"], str(settings.get("start_date") or "")
        second_look = SecondLook(reader, Guard(float(settings["max_deleted_share"])))
        progress = Progress(source, bookmark, partial(reader.days_ago, days))
        self._source = source
        self._reader = reader
        self._bookmark = bookmark
        self._every = every
        self._hours = float(settings["reconcile_hours"])
        self._progress = progress
        self._reread = Reread(source, reader, second_look, bookmark, progress)
        self._departures = Departures(source, reader, second_look, bookmark, progress)
        self._moved = moved.MovedSales(source, reader, bookmark, self._reread, vanished=vanished, start_date=start_date)
        self._finds_moved = bool(settings["find_moved_sales"] and source.customer)
        self._by_id = ById(source, reader, bookmark, start_date)
        self._full = full.FullScan(
            source,
            reader,
            second_look,
            bookmark,
            progress=progress,
            departures=self._departures,
            start_date=start_date,
            days=days,
        )

    def all(self) -> list[Scan]:
        """All of them, in the order of one run."""
        return [replace(scan, batches=partial(self._with_departures, scan.batches)) for scan in self._kinds()]

    def _with_departures(self, batches: Callable[[], Iterator[Batch]]) -> Iterator[Batch]:
        return self._departures.added_to(batches())

    def _kinds(self) -> Sequence[Scan]:
        source, every = self._source, self._every
        if source.append_only:
            return [Scan(every or source.every, self._by_id.batches)]
        if source.sort is None:
            return [Scan(every or source.every, self._full.batches)]
        by_children = [(each, self._by_children(each)) for each in source.children]
        unfinished = (
            [Scan(still_open.EVERY, still_open.StillOpen(self._bookmark, self._reread).batches)]
            if source.open_when
            else []
        )
        return [
            Scan(full.CHECKED_EVERY, partial(self._full.first, partial(_positions, [scan for _, scan in by_children]))),
            Scan(every or source.every, ByTime(source, self._reader, self._bookmark, self._progress).batches),
            *(Scan(every or children.every, scan.batches) for children, scan in by_children),
            *unfinished,
            Scan(full.CHECKED_EVERY, partial(self._full.when_due, self._hours), patient=True),
            *([Scan(full.CHECKED_EVERY, self._moved.when_due, patient=True)] if self._finds_moved else []),
        ]

    def _by_children(self, children: ChildTable) -> ByChildren:
        return ByChildren(children, self._reader, self._bookmark, self._reread)


def _forget_future(bookmark: Bookmark, source: Source, reader: Reader) -> None:
    """Hold what STATE says against the server's clock: until an instant had come, nothing would be read."""
    if not reader.knows_the_time:
        return
    timed = {each.resource for each in source.children if each.sort} | ({source.fallback} if source.fallback else set())
    through = reader.committed_through()
    changes = bookmark.without_future(reader.now(), through, timed)
    if changes:
        logger.warning(TO_COME, source.resource, through)
        bookmark.update(**changes)


def _positions(scans: Sequence[ByChildren]) -> dict[str, str]:
    return {scan.resource: scan.position() for scan in scans}
