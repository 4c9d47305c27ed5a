"""One run at a time looks up and writes: whoever dies, hangs or is late, nobody is let in twice."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from target_salesforce_retail.errors import LedgerError
from target_salesforce_retail.ledger import lease
from target_salesforce_retail.ledger.store import SqlLedger, open_ledger
from target_salesforce_retail.ledger.tables import LEDGER

from tests.target.ledgers import URL, Clock, done, empty, settle

HOLDER = """
import sys, time
from target_salesforce_retail.ledger.store import open_ledger
with open_ledger(sys.argv[1]).turn():
    print("in", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'ledger.db'}" if URL == "sqlite://" else empty(URL)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def opened(url: str, clock: Clock) -> SqlLedger:
    return open_ledger(url, now=clock, sleep=clock.sleep)


def holder_of(ledger: SqlLedger) -> Any:
    with ledger._engine.begin() as connection:
        return connection.scalar(select(LEDGER.c.holder))


def seconds_waited(ledger: SqlLedger, clock: Clock) -> float:
    start = clock()
    with ledger.turn():
        return (clock() - start).total_seconds()


def test_a_turn_ends_and_the_next_begins(url: str, clock: Clock) -> None:
    """Without waiting, also after an error."""
    first, second = opened(url, clock), opened(url, clock)
    with pytest.raises(RuntimeError), first.turn():
        raise RuntimeError

    assert seconds_waited(second, clock) == 0


def test_within_a_turn_there_is_another(url: str, clock: Clock) -> None:
    """It ends with the outermost."""
    ledger = opened(url, clock)
    with ledger.turn():
        with ledger.turn():
            settle(ledger, done())
        assert holder_of(ledger) is not None

    assert holder_of(ledger) is None


def test_who_hangs_is_waited_for_until_the_lease_ends(url: str, clock: Clock) -> None:
    """And then may not commit: somebody else has looked up since."""
    slow, quick = opened(url, clock), opened(url, clock)
    with slow.turn():
        assert seconds_waited(quick, clock) == lease.LEASE_SECONDS
        for step in STEPS.values():
            with pytest.raises(LedgerError, match="took its turn"):
                step(slow)

    assert quick.links("customers", ["1:7"]) == {}


STEPS: dict[str, Callable[[SqlLedger], object]] = {
    "settle": lambda ledger: settle(ledger, done()),
    "look up": lambda ledger: ledger.links("customers", ["1:7"]),
}


@pytest.mark.parametrize("step", STEPS)
def test_who_works_keeps_the_turn(url: str, clock: Clock, step: str) -> None:
    """Longer than a lease, as long as it is heard of; the other gives up after ten minutes."""
    busy = opened(url, clock)

    def work(seconds: float) -> None:
        clock.sleep(seconds)
        if clock().timestamp() % 60 == 0:
            STEPS[step](busy)

    waiting = open_ledger(url, now=clock, sleep=work)
    with busy.turn(), pytest.raises(LedgerError, match="more than 10 minutes"), waiting.turn():
        pytest.fail("let in twice")


def test_a_turn_that_nobody_took_meanwhile_goes_on(url: str, clock: Clock) -> None:
    """A long round costs nothing when nobody waits."""
    ledger = opened(url, clock)
    with ledger.turn():
        clock.sleep(1000)
        settle(ledger, done())

    assert len(ledger.links("customers", ["1:7"])) == 1


def test_who_died_is_not_waited_for(url: str, clock: Clock) -> None:
    """A killed process of this machine says nothing any more; one that lives is waited for."""
    ledger = opened(url, clock)
    process = subprocess.Popen([sys.executable, "-c", HOLDER, url], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process, process.stdout:
        assert process.stdout.readline() == "in\n"
        assert not ledger._lease._acquire()
        process.kill()
        process.wait()

        assert seconds_waited(ledger, clock) == 0


@pytest.mark.parametrize(
    ("holder", "is_dead"),
    [
        (f"{lease.MACHINE}:{os.getpid()}:earlier0:x", True),  # in a container every first process is number 1
        (f"{lease.MACHINE}:{os.getpid()}:{lease.PROCESS}:x", False),
        (f"{lease.MACHINE}:1:other000:x", False),
        ("elsewhere:999999999:other000:x", False),
        (f"{lease.MACHINE}:999999999:other000:x", True),
    ],
    ids=["our number before us", "ourselves", "another here", "another elsewhere", "none here"],
)
def test_only_a_dead_process_of_this_machine_is_known_to_be_dead(holder: str, is_dead: bool) -> None:
    """Of another machine nothing is known but when its lease ends."""
    assert lease._is_dead(holder) is is_dead


def test_the_holder_is_nobody_by_name(url: str, clock: Clock) -> None:
    """Machines are often called after people."""
    ledger = opened(url, clock)
    with ledger.turn():
        name = holder_of(ledger)

    assert os.uname().nodename not in name
    assert len(name) <= 80


def guarded(url: str, log: str, turns: int) -> None:
    """Take turns, and say when one begins and when it ends."""
    ledger = open_ledger(url, sleep=lambda _: time.sleep(0.002))
    for _ in range(turns):
        with ledger.turn(), Path(log).open("a") as out:
            out.write("in\n")
            out.flush()
            time.sleep(0.001)
            out.write("out\n")


@pytest.mark.parametrize("kind", [threading.Thread, multiprocessing.get_context("spawn").Process])
def test_nobody_is_let_in_twice(url: str, tmp_path: Path, kind: Any) -> None:
    """Threads and processes, each with a ledger of its own: every turn ends before the next begins."""
    open_ledger(url)
    log = tmp_path / "log"
    workers = [kind(target=guarded, args=(url, str(log), 8)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert log.read_text().split() == ["in", "out"] * 24


def test_an_expired_holder_is_replaced_by_one_only(url: str, clock: Clock) -> None:
    """Two that read the same expired lease: compare and set lets one of them in."""
    first, second = opened(url, clock), opened(url, clock)
    with first._engine.begin() as connection:
        connection.execute(text("UPDATE ledger SET holder = 'elsewhere:1:x:y', until = 1"))

    assert [first._lease._acquire(), second._lease._acquire()] == [True, False]
