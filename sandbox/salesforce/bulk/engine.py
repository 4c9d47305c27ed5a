"""Lets jobs go on between calls, a slice at a time, so that no job holds up the org."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Trouble:
    """What an administrator arranges for the next job.

    Attributes:
        after: Rows that are written before it strikes, at the next end of a slice of 200.
        then: "fail" ends the job as repeated time-outs do; "wait" holds it until the trouble is taken away.
    """

    after: int
    then: str = "fail"


class Engine:
    """The org's queue of work. Each piece is an iterator that does one slice per step."""

    def __init__(self) -> None:
        self._queue: deque[Iterator[None]] = deque()
        self._task: asyncio.Task[None] | None = None
        self.trouble: Trouble | None = None

    def add(self, work: Iterator[None]) -> None:
        """Put work at the end of the queue."""
        self._queue.append(work)

    def clear(self) -> None:
        """Drop all work and all trouble."""
        self._queue.clear()
        self.trouble = None

    def step(self) -> bool:
        """One slice of the job that is first; whether there is more to do."""
        if self._queue and next(self._queue[0], self) is self:
            self._queue.popleft()
        return bool(self._queue)

    def start(self) -> None:
        """Work in the running event loop until the queue is empty."""
        if self._queue and (self._task is None or self._task.done()):
            self._task = asyncio.get_running_loop().create_task(self._work())

    async def _work(self) -> None:
        while self.step():
            # A job that waits would spin otherwise.
            await asyncio.sleep(0.01 if self.is_waiting else 0)

    @property
    def is_waiting(self) -> bool:
        """Whether trouble holds jobs up."""
        return self.trouble is not None and self.trouble.then == "wait"
