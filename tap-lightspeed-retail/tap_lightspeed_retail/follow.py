"""Follow mode: the tap stays alive and polls, each look in its own rhythm (facts: R-Series section 12.5).

Looks take turns, a batch each, so that a long walk over one table holds up nobody; patient ones come when no other is
due.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Generic, Protocol, TypeVar

from tap_lightspeed_retail.clock import Clock
from tap_lightspeed_retail.errors import Busy, Malformed, Refused, Unlikely

BatchT = TypeVar("BatchT")
BatchT_co = TypeVar("BatchT_co", covariant=True)
BEAT = 5.0
"""Seconds between two STATE messages at most: a target may wait for one to write what it has."""
UNLIKELY = 3600.0
"""Seconds to the next look after one that found unlikely much gone: a whole walk, and a person has to look first."""
logger = logging.getLogger("tap-lightspeed-retail")


class Look(Protocol[BatchT_co]):
    """One kind of look at a stream."""

    @property
    def every(self) -> float:
        """Seconds from one look to the next."""

    @property
    def patient(self) -> bool:
        """It can wait until no other is due."""

    @property
    def batches(self) -> Callable[[], Iterator[BatchT_co]]:
        """One look; it may be left after any batch."""


class Followed(Protocol[BatchT]):
    """A stream that can be followed."""

    @property
    def name(self) -> str:
        """For the log."""

    def jobs(self) -> Sequence[Look[BatchT]]:
        """The looks at it."""

    def take(self, batch: BatchT) -> None:
        """Write a batch, and move the bookmark."""

    def forgive(self, error: Refused) -> None:
        """Pass over a stream that may not be read, or raise the error."""


class Turn(Generic[BatchT]):
    """One look, and when it is next due."""

    def __init__(self, stream: Followed[BatchT], look: Look[BatchT], due: float) -> None:
        self.stream = stream
        self.look = look
        self.due = due
        self._batches: Iterator[BatchT] | None = None

    def waits(self, now: float) -> float:
        """Seconds until there is something to do; 0 while a look is under way."""
        return 0.0 if self._batches else max(0.0, self.due - now)

    def step(self, now: float) -> None:
        """One batch.

        Raises:
            Refused: The stream may not be read.
        """
        if self._batches is None:
            self.due = now + self.look.every
            self._batches = self.look.batches()
        try:
            for batch in self._batches:
                self.stream.take(batch)
                return
        except (Busy, Malformed) as error:
            logger.warning("%s It is tried again in %d seconds.", error, self.look.every)
        except Unlikely as error:
            self.due = now + max(UNLIKELY, self.look.every)
            logger.error("%s It is looked at again in %d seconds.", error, self.due - now)
        self._batches = None


class Follow(Generic[BatchT]):
    """Polls streams until a signal ends the process.

    Args:
        streams: What to poll; everything in them was read once.
        clock: Tells the time and waits.
        say_state: Writes STATE.
    """

    def __init__(self, streams: Sequence[Followed[BatchT]], clock: Clock, say_state: Callable[[], Any]) -> None:
        self._clock = clock
        self._say_state = say_state
        begun = clock.passed()
        self._turns = [Turn(stream, look, begun + look.every) for stream in streams for look in stream.jobs()]

    def forever(self) -> None:
        """Round after round, while there is a stream that may be read."""
        while self._turns:
            self._round()
            self._say_state()

    def _round(self) -> None:
        """A batch of every look that is due; of a patient one only if there is no other; or a short wait."""
        now = self._clock.passed()
        ready = sorted((turn for turn in self._turns if not turn.waits(now)), key=lambda turn: turn.due)
        urgent = [turn for turn in ready if not turn.look.patient]
        for turn in urgent or ready[:1]:
            if turn in self._turns:  # its stream may have been closed a moment ago
                self._step(turn)
        if not ready:
            self._clock.sleep(min(BEAT, *(turn.waits(now) for turn in self._turns)))

    def _step(self, turn: Turn[BatchT]) -> None:
        try:
            turn.step(self._clock.passed())
        except Refused as error:
            turn.stream.forgive(error)
            self._turns = [each for each in self._turns if each.stream is not turn.stream]
