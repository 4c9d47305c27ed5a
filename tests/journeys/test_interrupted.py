"""Killed, terminated, left without an answer: nothing unwritten is acknowledged, and nothing is doubled."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sandbox.serve import running
from tests.journeys.pair import Pair, comparable, environment, run
from tests.journeys.test_singer_file import CUSTOMERS, shopper

SLOW_WRITES = {"fault": "slow", "path": "*/composite", "containing": "allOrNone", "times": 1000, "seconds": 0.4}
SMALL_BATCHES = {"batch_size_rows": 40, "checkpoint_rows": 40}


def wait_for(what: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


@contextmanager
def started(command: list[str], **kwargs: Any) -> Iterator[subprocess.Popen[str]]:
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **kwargs}
    process = subprocess.Popen(command, text=True, env=environment(), **pipes)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def numbered_customers(count: int) -> str:
    """Customers with a STATE after each, so that any acknowledgement says how many records it covers."""
    lines = [json.dumps(CUSTOMERS)]
    for number in range(1, count + 1):
        record = {"account_id": "1", **shopper(number)}
        lines.append(json.dumps({"type": "RECORD", "stream": "customers", "record": record}))
        lines.append(json.dumps({"type": "STATE", "value": {"n": number}}))
    return "\n".join(lines) + "\n"


def test_sigkill_in_mid_run_ends_in_the_same_rows(chain: Pair, tmp_path: Path) -> None:
    """Killed after a few writes and run again, the org ends as after an undisturbed run."""
    chain.target_settings |= SMALL_BATCHES
    singer = chain.extract()
    chain.weather(SLOW_WRITES)
    lines = tmp_path / "all.singer"
    lines.write_text(singer)
    with lines.open() as source, started(chain.target_command(), stdin=source) as target:
        wait_for(lambda: sum(chain.writes().values()) > 60)
        target.send_signal(signal.SIGKILL)
        target.wait(timeout=10)
    written = sum(chain.writes().values())
    chain.box.weather_s.clear()

    again = chain.load(singer)
    undisturbed_folder = tmp_path / "undisturbed"
    undisturbed_folder.mkdir()
    with running(seed="chain", size="small") as box:
        undisturbed = Pair(box, undisturbed_folder)
        assert undisturbed.load(singer).returncode == 0
        expected = comparable(box.org)
        total = sum(undisturbed.writes().values())

    assert again.returncode == 0, again.stderr
    assert 0 < written < total, "the kill must land in the middle"
    assert expected == comparable(chain.box.org)


def test_sigterm_to_the_target_acknowledges_only_what_is_written(pair: Pair) -> None:
    """In the middle of a batch: exit 143, and the last STATE covers only rows that are in the org."""
    pair.target_settings |= SMALL_BATCHES
    pair.weather(SLOW_WRITES)
    lines = pair.folder / "in.singer"
    lines.write_text(numbered_customers(400))
    with lines.open() as source, started(pair.target_command(), stdin=source) as target:
        wait_for(lambda: len(pair.rows("Contact")) >= 80)
        target.send_signal(signal.SIGTERM)
        out, err = target.communicate(timeout=60)

    assert target.returncode == 143, err
    acknowledged = [json.loads(line)["n"] for line in out.splitlines()]
    names = {row["LastName"] for row in pair.rows("Contact")}
    assert acknowledged, "some checkpoint was reached before the signal"
    assert {f"Lovelock{number}" for number in range(1, acknowledged[-1] + 1)} <= names
    assert len(names) < 400


def test_sigterm_while_idle_acknowledges_nothing_more(pair: Pair) -> None:
    """Rows still in memory are not acknowledged; the target exits 143."""
    lines = numbered_customers(5)
    with started(pair.target_command(), stdin=subprocess.PIPE) as target:
        assert target.stdin is not None
        target.stdin.write(lines)
        target.stdin.flush()
        wait_for(lambda: pair.box.org.calls.total() > 0)
        time.sleep(0.5)
        target.send_signal(signal.SIGTERM)
        out, err = target.communicate(timeout=20)

    assert target.returncode == 143, err
    assert out == ""
    assert pair.rows("Contact") == []


def test_sigterm_to_the_tap_exits_143(chain: Pair) -> None:
    """Before the first page of a stream has come: what was told is claimed, and nothing of what was not."""
    chain.weather({"fault": "slow", "path": "*Sale.json*", "times": 1000, "seconds": 3}, vendor="lightspeed")
    told = chain.folder / "told.singer"
    with told.open("w") as file, started(chain.tap_command(), stdout=file) as tap:  # a pipe would be full, and it stand
        wait_for(lambda: bool(chain.box.weather_l.struck))
        tap.send_signal(signal.SIGTERM)
        _, err = tap.communicate(timeout=20)

    assert tap.returncode == 143, err
    out = told.read_text()
    lines = [json.loads(line) for line in out.splitlines()]
    bookmarks = [line["value"].get("bookmarks", {}) for line in lines if line["type"] == "STATE"]
    assert not any(line["type"] == "RECORD" and line["stream"] == "sales" for line in lines)
    assert bookmarks[-1]["items"]["last_id"]
    assert {*bookmarks[-1].get("sales", {})} <= {"replication_key_signpost", "starting_replication_value"}


@pytest.mark.parametrize("fault", ["drop", "503", "truncate"])
def test_a_lost_answer_makes_no_duplicate(pair: Pair, fault: str) -> None:
    """The write took effect, its answer did not come: the shopper is there once, and counted as created."""
    pair.weather({"fault": fault, "path": "*/composite", "containing": "allOrNone", "times": 1, "commit": True})
    lines = [json.dumps(CUSTOMERS)]
    lines += [
        json.dumps({"type": "RECORD", "stream": "customers", "record": {"account_id": "1", **shopper(number)}})
        for number in range(1, 11)
    ]

    done = pair.load("\n".join(lines) + "\n")

    assert done.returncode == 0, done.stderr
    assert len(pair.rows("Contact")) == 10
    assert "10 arrived = 10 created + 0 updated" in done.stderr


def test_a_run_that_salesforce_stops_keeps_what_was_acknowledged(pair: Pair) -> None:
    """The org stays down: exit 1, a sentence, and no STATE beyond what is written; the next run goes on."""
    singer = numbered_customers(10)
    pair.target_settings |= {"checkpoint_rows": 1}
    pair.weather({"fault": "403", "path": "*/composite", "containing": "allOrNone", "skip": 3, "times": 1000})

    stopped = run(pair.target_command(), input=singer)
    acknowledged = [json.loads(line)["n"] for line in stopped.stdout.splitlines()]
    names = {row["LastName"] for row in pair.rows("Contact")}

    assert stopped.returncode == 1, stopped.stderr
    assert {f"Lovelock{number}" for number in range(1, (acknowledged or [0])[-1] + 1)} == names
    assert "Traceback" not in stopped.stderr
    pair.box.weather_s.clear()
    assert pair.load(singer).returncode == 0
    assert len(pair.rows("Contact")) == 10
