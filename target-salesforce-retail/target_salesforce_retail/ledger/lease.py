"""Whose turn it is to look up and write: one run at a time, also when two were started on one ledger.

Between a look-up in the org and the commit of what came of it nobody else may write: two runs that both find nobody
would both create. The turn is a lease, so that the death of a run does not keep the next one out for ever.
"""

from __future__ import annotations

import hashlib
import os
import platform
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, select, update

from target_salesforce_retail.errors import LedgerError
from target_salesforce_retail.ledger.database import transaction
from target_salesforce_retail.ledger.tables import LEDGER

LEASE_SECONDS = 90
PATIENCE_SECONDS = 600
POLL_SECONDS = 0.5


def _machine() -> str:
    """Where process ids mean the same. A digest: host names are often people's."""
    with suppress(OSError):
        return hashlib.sha256(f"{platform.node()} {Path('/proc/self/ns/pid').readlink()}".encode()).hexdigest()[:12]
    return hashlib.sha256(platform.node().encode()).hexdigest()[:12]


MACHINE = _machine()
PROCESS = uuid.uuid4().hex[:8]
"""Tells this process from an earlier one with the same number: in a container that is often 1."""


class Lease:
    """One ledger object's claim to the turn.

    Args:
        engine: The ledger's database.
        now: The clock that leases end by; runs on one server database need clocks that agree within seconds.
        sleep: How to wait.
    """

    def __init__(self, engine: Engine, now: Callable[[], datetime], sleep: Callable[[float], None]) -> None:
        self._engine = engine
        self._now = now
        self._sleep = sleep
        self._name = uuid.uuid4().hex[:8]
        self._depth = 0

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for the turn and have it; within it, again, at once.

        Raises:
            LedgerError: Another run has had it all the time that we waited.
        """
        if not self._depth:
            self._wait()
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            if not self._depth:
                self._release()

    def renew(self, connection: Connection) -> None:
        """Prolong the turn, if we are in one, within a transaction that stands or falls with it.

        Raises:
            LedgerError: We were silent for too long, and another run has it.
        """
        if not self._depth:
            return
        mine = update(LEDGER).where(LEDGER.c.holder == self._holder()).values(until=self._until())
        if connection.execute(mine).rowcount != 1:
            raise LedgerError(
                f"This run was silent for more than {LEASE_SECONDS} seconds, and another one took its turn.",
                where="ledger",
                hint="Nothing of this batch was acknowledged: it comes again with the next run.",
            )

    def _wait(self) -> None:
        waited = 0.0
        while not self._acquire():
            if waited >= PATIENCE_SECONDS:
                raise LedgerError(
                    f"Another run has been writing for more than {PATIENCE_SECONDS // 60} minutes.",
                    where="ledger",
                    hint="Two runs never write to one org at once. Let it end, or end it, then run again.",
                )
            self._sleep(POLL_SECONDS)
            waited += POLL_SECONDS

    def _acquire(self) -> bool:
        with transaction(self._engine) as connection:
            there = connection.execute(select(LEDGER.c.holder, LEDGER.c.until)).one()
            if there.holder and there.until > self._milliseconds() and not _is_dead(there.holder):
                return False
            # compare and set: on a server others may have read the same row
            same = (LEDGER.c.holder.is_not_distinct_from(there.holder)) & (LEDGER.c.until == there.until)
            mine = update(LEDGER).where(same).values(holder=self._holder(), until=self._until())
            return connection.execute(mine).rowcount == 1

    def _release(self) -> None:
        with suppress(LedgerError), transaction(self._engine) as connection:  # else it ends by itself
            connection.execute(update(LEDGER).where(LEDGER.c.holder == self._holder()).values(holder=None, until=0))

    def _holder(self) -> str:
        return f"{MACHINE}:{os.getpid()}:{PROCESS}:{self._name}"

    def _milliseconds(self) -> int:
        return int(self._now().timestamp() * 1000)

    def _until(self) -> int:
        return self._milliseconds() + LEASE_SECONDS * 1000


def _is_dead(holder: str) -> bool:
    """True when the holder is a process of this machine that is no more."""
    machine, pid, process, _ = holder.split(":")
    if machine != MACHINE:
        return False
    if int(pid) == os.getpid():
        return process != PROCESS
    if os.name != "posix":
        return False  # there signal 0 is not a question
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
