"""Hours in seconds: a tap and a sandbox on one clock that moves only when the tap waits."""

from __future__ import annotations

import heapq
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

from tap_lightspeed_retail.clock import Clock
from tap_lightspeed_retail.tap import TapLightspeedRetail

from sandbox.serve import Box


class Ended(BaseException):
    """The time is up; no handler of errors may take it for one."""


@dataclass(frozen=True)
class Said:
    """A RECORD, and when it left the tap."""

    at: datetime
    stream: str
    record: dict[str, Any]


class Simulated(Clock):
    """The sandbox's clock, for a tap. When the tap waits, the clock moves, and what was planned happens on its way.

    Args:
        box: The sandbox.
    """

    def __init__(self, box: Box) -> None:
        self._clock = box.clock
        self._plan: list[tuple[float, int, Callable[[], Any]]] = []

    def plan(self, seconds: float, event: Callable[[], Any]) -> None:
        """Let something happen so many seconds from now."""
        heapq.heappush(self._plan, (self.monotonic() + seconds, len(self._plan), event))

    def end(self, seconds: float) -> None:
        """Stop the tap so many seconds from now."""
        self.plan(seconds, _end)

    def now(self) -> float:
        """The sandbox's wall clock."""
        return self.monotonic()

    def monotonic(self) -> float:
        """The same."""
        return self._clock.now().timestamp()

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        until = self.monotonic() + seconds
        while self._plan and self._plan[0][0] <= until:
            moment, _, event = heapq.heappop(self._plan)
            self._clock.advance(max(0.0, moment - self.monotonic()))
            event()
        self._clock.advance(max(0.0, until - self.monotonic()))


def _end() -> None:
    raise Ended


class Watched:
    """A tap in simulated time.

    Attributes:
        clock: The tap's and the sandbox's.
        state: The last STATE that left.

    Args:
        box: The sandbox; its clock must stand still by itself.
        folder: For the token store.
        only: The streams to select.
        state: Where an earlier run has left off.
        settings: Of the tap.
    """

    def __init__(
        self, box: Box, folder: Path, only: tuple[str, ...], state: dict[str, Any] | None = None, **settings: Any
    ) -> None:
        self.clock = Simulated(box)
        self.state: dict[str, Any] = state or {}
        self._box = box
        self.tap = TapLightspeedRetail(config={**box.tap_config(folder), **settings}, state=state)
        self.tap.clock = self.clock
        for stream in self.tap.streams.values():
            stream.selected = stream.name in only

    def run(self, see: Callable[[Said], Any]) -> None:
        """Read until it is done, or until the time is up."""
        with _listening(self._hear, see):
            try:
                self.tap.sync_all()
            except Ended:
                return

    def _hear(self, line: str, see: Callable[[Said], Any]) -> None:
        message = json.loads(line)
        if message["type"] == "STATE":
            self.state = message["value"]
        elif message["type"] == "RECORD":
            see(Said(self._box.clock.now(), message["stream"], message["record"]))


class _Listener(StringIO):
    """Standard output that hands on each line as it is written."""

    def __init__(self, hear: Callable[[str], None]) -> None:
        super().__init__()
        self._hear = hear

    def write(self, text: str) -> int:
        for line in text.splitlines():
            if line:
                self._hear(line)
        return len(text)


@contextmanager
def _listening(hear: Callable[[str, Callable[[Said], Any]], None], see: Callable[[Said], Any]) -> Iterator[None]:
    with redirect_stdout(_Listener(lambda line: hear(line, see))):
        yield
