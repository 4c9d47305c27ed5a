"""What there is to do for one stream: looks, in the order of one run, each with its rhythm for a tap that follows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from tap_lightspeed_retail.r_series.bookmark import Bookmark
from tap_lightspeed_retail.r_series.changes import Changes
from tap_lightspeed_retail.r_series.guard import Guard
from tap_lightspeed_retail.r_series.lists import Batch, Lists
from tap_lightspeed_retail.r_series.source import Source
from tap_lightspeed_retail.r_series.sweep import Sweep

OPEN_EVERY = 300
SWEEP_LOOK = 60
"""Seconds between two looks at unfinished rows, and at whether a reconciliation is due, in follow mode."""


@dataclass(frozen=True)
class Job:
    """A kind of look at one stream.

    Attributes:
        every: Seconds from one look to the next, in follow mode.
        batches: One look. It may be left after any batch.
        patient: It can wait for a quiet moment: a tap that follows does it between the others.
    """

    every: float
    batches: Callable[[], Iterator[Batch]]
    patient: bool = False


class Jobs:
    """The looks of one source.

    Args:
        source: Its row of the table.
        lists: Asks.
        mark: Its bookmark.
        start_date: Only rows that changed since then; empty for all.
        hours: A table is walked again after so many; 0 is never.
        days: Of sources that say so, only the rows of so many days are walked again.
        every: Seconds between two polls, instead of the table's; 0 leaves the table's.
        guard: What may be believed to be gone.
    """

    def __init__(
        self,
        source: Source,
        lists: Lists,
        mark: Bookmark,
        *,
        start_date: str = "",
        hours: float = 0,
        days: int,
        every: float = 0,
        guard: Guard,
    ) -> None:
        self._source = source
        self._lists = lists
        self._mark = mark
        self._start_date = start_date
        self._hours = hours
        self._days = days
        self._every = every
        self._changes = Changes(source, lists, mark, guard, days)

    def all(self) -> list[Job]:
        """Every look, in the order of one run; each also says what left the rows that it read."""
        return [replace(job, batches=partial(self._noted, job.batches)) for job in self._looks()]

    def _noted(self, batches: Callable[[], Iterator[Batch]]) -> Iterator[Batch]:
        return self._changes.departures.noted(batches())

    def _looks(self) -> list[Job]:
        source, changes, every = self._source, self._changes, self._every
        if source.grows:
            return [Job(every or source.every, partial(changes.by_growth, self._start_date))]
        if source.sort is None:
            return [Job(every or source.every, self._sweep)]
        open_rows = [Job(OPEN_EVERY, changes.still_open)] if source.open_when else []
        return [
            Job(SWEEP_LOOK, self._load),
            Job(every or source.every, changes.by_time),
            *(Job(every or each.every, partial(changes.by_arrival, each)) for each in source.triggers),
            *open_rows,
            Job(SWEEP_LOOK, self._reconcile, patient=True),
        ]

    def _sweep(self) -> Iterator[Batch]:
        return Sweep(
            self._source,
            self._lists,
            self._changes.second_look,
            self._mark,
            kept=self._changes.kept,
            departures=self._changes.departures,
            start_date=self._start_date,
            days=self._days,
        ).batches()

    def _load(self) -> Iterator[Batch]:
        """The whole table, once. Where changes are looked for is noted before."""
        if self._mark.text("swept_at"):
            return
        if not self._mark.since:
            self._changes.begin()
        yield from self._sweep()

    def _reconcile(self) -> Iterator[Batch]:
        """The table again, when it is due."""
        swept = self._mark.text("swept_at")
        if not self._hours or not swept:
            return
        due = datetime.fromisoformat(swept) + timedelta(hours=self._hours)
        if self._mark.text("sweep_began") or due <= datetime.fromisoformat(self._lists.now()):
            yield from self._sweep()
