"""Follow mode: the tap stays alive and polls, each scan in its own rhythm.

Source: docs/vendors/lightspeed-r-series.md, polling.

Scans alternate, a batch each, so that a long one over one table holds up nobody; patient ones come when no other is
due.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from tap_lightspeed_retail.clock import Clock
from tap_lightspeed_retail.errors import Busy, Malformed, Refused, Unlikely
from tap_lightspeed_retail.scan import Batch, Scan

BEAT = 5.0
"""Seconds between two STATE messages at most: a target may wait for one to write what it has."""
UNLIKELY = 3600.0
"""Seconds to the next scan after one that found unlikely much gone: it is a full one, and a person looks first."""
logger = logging.getLogger("tap-lightspeed-retail")


class Followed(Protocol):
    """A stream that can be followed."""

    @property
    def name(self) -> str:
        """For the log."""

    def scans(self) -> Sequence[Scan]:
        """The scans of it."""

    def write_batch(self, batch: Batch) -> None:
        """Write a batch, and move the bookmark."""

    def skip_if_forbidden(self, error: Refused) -> None:
        """Skip a stream that may not be read, or raise the error."""


class ScheduledScan:
    """One scan, and when it is next due."""

    def __init__(self, stream: Followed, scan: Scan, due: float) -> None:
        self.stream = stream
        self.scan = scan
        self.due = due
        self._batches: Iterator[Batch] | None = None

    def seconds_until_due(self, now: float) -> float:
        """Seconds until there is something to do; 0 while a scan is under way."""
        return 0.0 if self._batches else max(0.0, self.due - now)

    def step(self, now: float) -> None:
        """One batch.

        Raises:
            Refused: The stream may not be read.
        """
        if self._batches is None:
            self.due = now + self.scan.every
            self._batches = self.scan.batches()
        try:
            for batch in self._batches:
                self.stream.write_batch(batch)
                return
        except (Busy, Malformed) as error:
            logger.warning("%s It is tried again in %d seconds.", error, self.scan.every)
        except Unlikely as error:
            self.due = now + max(UNLIKELY, self.scan.every)
            logger.error("%s It is scanned again in %d seconds.", error, self.due - now)
        self._batches = None


class Follow:
    """Polls streams until a signal ends the process.

    Args:
        streams: What to poll; everything in them was read once.
        clock: Tells the time and waits.
        write_state: Writes STATE.
    """

    def __init__(self, streams: Sequence[Followed], clock: Clock, write_state: Callable[[], Any]) -> None:
        self._clock = clock
        self._write_state = write_state
        begun = clock.monotonic()
        self._schedule = [
            ScheduledScan(stream, scan, begun + scan.every) for stream in streams for scan in stream.scans()
        ]

    def forever(self) -> None:
        """Round after round, while there is a stream that may be read."""
        while self._schedule:
            self._round()
            self._write_state()

    def _round(self) -> None:
        """A batch of every scan that is due; of a patient one only if there is no other; or a short wait."""
        now = self._clock.monotonic()
        ready = sorted((each for each in self._schedule if not each.seconds_until_due(now)), key=lambda each: each.due)
        urgent = [each for each in ready if not each.scan.patient]
        for scheduled in urgent or ready[:1]:
            if scheduled in self._schedule:  # its stream may have been skipped a moment ago
                self._step(scheduled)
        if not ready:
            self._clock.sleep(min(BEAT, *(each.seconds_until_due(now) for each in self._schedule)))

    def _step(self, scheduled: ScheduledScan) -> None:
        try:
            scheduled.step(self._clock.monotonic())
        except Refused as error:
            scheduled.stream.skip_if_forbidden(error)
            self._schedule = [each for each in self._schedule if each.stream is not scheduled.stream]
