"""Follow mode, in simulated time: what the till rings up leaves the tap with the next poll, and nothing is lost."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from singer_sdk.exceptions import ConfigValidationError
from tap_lightspeed_retail.clock import Clock
from tap_lightspeed_retail.errors import Busy, Malformed, Refused, Unlikely
from tap_lightspeed_retail.follow import BEAT, UNLIKELY, Follow
from tap_lightspeed_retail.scan import Batch, Reading, Scan

from benchmarks.lightspeed import FOLLOWED, NOON, Till, multiply, one_register
from benchmarks.simulated import Ended, Said, Watched
from sandbox.clock import Clock as SandboxClock
from sandbox.seeds.happenings import merge
from sandbox.serve import Box, running
from sandbox.weather import Gust

from .shop_days import STREAMS, Day, Target, difference

HOUR = 3600
ALL = (*STREAMS, "sale_lines", "sale_payments")


@pytest.fixture
def till() -> Iterator[Box]:
    with one_register(NOON) as box:
        yield box


def test_a_receipt_leaves_with_the_next_poll(till: Box, tmp_path: Path) -> None:
    """Half a minute at most, a quarter of a minute mostly; and of the rate enough is left for others."""
    watched = Watched(till, tmp_path, FOLLOWED, follow=True)
    day = Till(till, Random(1))
    day.open(watched, HOUR)

    watched.run(day.see)

    assert len(day.lags) > 7
    assert not day.waiting
    assert max(day.lags) <= 30
    assert till.world.bucket.drips < 0.4 * HOUR


def test_a_stream_can_be_polled_more_often(till: Box, tmp_path: Path) -> None:
    """As the settings say."""
    watched = Watched(till, tmp_path, ("sales",), follow=True, poll_seconds={"sales": 10})
    day = Till(till, Random(1))
    day.open(watched, HOUR / 3)

    watched.run(day.see)

    assert 0 < max(day.lags) <= 10


@pytest.mark.parametrize("rhythm", [{"sale": 10}, {"sale_lines": 10}, {"sales": 0}])
def test_a_rhythm_for_a_stream_that_is_not_polled_is_refused(till: Box, tmp_path: Path, rhythm: dict[str, int]) -> None:
    """Rather than to do nothing: a misspelt name, or lines, which come with their sale."""
    with pytest.raises(ConfigValidationError):
        Watched(till, tmp_path, ("sales",), poll_seconds=rhythm)


def test_a_full_scan_of_a_large_table_holds_up_nobody(till: Box, tmp_path: Path) -> None:
    """The full scan of forty pages takes minutes; meanwhile the till is heard."""
    multiply(till.world, 800)
    settings = {"page_size": 20, "reconcile_hours": 1, "reconcile_days": 3650}
    loaded = Watched(till, tmp_path, ("sales",), **settings)
    loaded.run(lambda _: None)
    till.clock.advance(HOUR)
    watched = Watched(till, tmp_path, ("sales",), state=loaded.state, follow=True, **settings)
    day = Till(till, Random(2))
    day.open(watched, HOUR / 4)
    calls = till.world.calls["Sale"]

    watched.run(day.see)

    assert till.world.calls["Sale"] - calls > 40
    assert max(day.lags) <= 40


def test_the_scan_for_sales_that_have_moved_holds_up_nobody(
    till: Box, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Two shoppers are merged: all their receipts are told with the one who stays, and the till is heard meanwhile."""
    multiply(till.world, 500)
    caplog.set_level(logging.INFO)
    settings = {"page_size": 20, "reconcile_hours": 0.5, "reconcile_days": 1, "max_deleted_share": 1}
    loaded = Watched(till, tmp_path, ("customers", "sales"), **settings)
    customers: dict[str, Any] = {}

    def hear(said: Said) -> None:
        if said.stream == "sales":
            customers[said.record["id"]] = said.record["customer_id"]

    loaded.run(hear)
    till.clock.advance(3 * 24 * HOUR)
    lose, keep = sorted({row["customerID"] for row in till.world.rows("Sale") if row["customerID"]})[:2]
    assert str(lose) in customers.values()
    merge(till.world, keep, lose, till.clock.now().replace(microsecond=0))
    watched = Watched(till, tmp_path, ("customers", "sales"), state=loaded.state, follow=True, **settings)
    day = Till(till, Random(2))
    day.open(watched, HOUR)

    def hear_and_see(said: Said) -> None:
        hear(said)
        day.see(said)

    watched.run(hear_and_see)

    assert "Sale: customers have vanished." in caplog.text
    assert str(lose) not in customers.values()
    assert max(day.lags) <= 40


@pytest.mark.parametrize("seed", [1, 2])
def test_bad_days_are_told_while_they_happen(seed: int, tmp_path: Path) -> None:
    """Every event that moves no time, or the wrong one, and time for a full scan."""
    target = Target()
    with running(seed="chain", clock=SandboxClock(NOON)) as box:
        watched = Watched(box, tmp_path, ALL, follow=True, reconcile_hours=1, reconcile_days=3650)
        day, random = Day(box, Random(seed)), Random(seed)
        for event in [*day.events.values()] * 2:
            watched.clock.plan(random.uniform(0, HOUR), event)
        watched.clock.end(2.5 * HOUR)

        watched.run(lambda said: target.load(said.stream, said.record))

        assert difference(target, box) == {}


def test_an_outage_is_waited_out(till: Box, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A run would end; a tap that follows says so, and goes on."""
    watched = Watched(till, tmp_path, ("sales",), follow=True)
    day = Till(till, Random(1))
    day.open(watched, HOUR)
    watched.clock.plan(600, lambda: till.weather_l.plan([Gust("503", path="*Sale.json", times=12)]))

    watched.run(day.see)

    assert "tried again in 30 seconds" in caplog.text
    assert not day.waiting


def test_a_stream_that_is_closed_meanwhile_is_left(till: Box, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """With a warning; the others go on."""
    watched = Watched(till, tmp_path, FOLLOWED, follow=True)
    day = Till(till, Random(1))
    day.open(watched, HOUR)
    watched.clock.plan(600, lambda: till.weather_l.plan([Gust("403", path="*Customer.json", times=1)]))

    watched.run(day.see)

    assert caplog.text.count("customers is skipped") == 1
    assert not day.waiting


def test_another_run_goes_on_from_the_state_of_a_tap_that_followed(till: Box, tmp_path: Path) -> None:
    """STATE leaves after each round: little is told again."""
    watched = Watched(till, tmp_path, ("sales",), follow=True)
    day = Till(till, Random(1))
    day.open(watched, HOUR)
    watched.run(day.see)
    told: list[Said] = []
    again = Watched(till, tmp_path, ("sales",), state=watched.state)
    again.run(told.append)

    assert {said.stream for said in told} == {"sales"}
    assert len(told) <= 3


# The rounds themselves


class Fake(Clock):
    """A clock that moves when somebody sleeps, until the time is up."""

    def __init__(self, end: float) -> None:
        self.at = 0.0
        self._end = end

    def monotonic(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += seconds
        if self.at >= self._end:
            raise Ended


class Stream:
    """A stream that notes what it takes."""

    def __init__(self, name: str, clock: Fake, *scans: Scan) -> None:
        self.name = name
        self.written: list[tuple[float, Any]] = []
        self.skipped: list[Refused] = []
        self._clock = clock
        self._scans = list(scans)

    def scans(self) -> list[Scan]:
        return self._scans

    def write_batch(self, batch: Any) -> None:
        self.written.append((self._clock.at, batch))

    def skip_if_forbidden(self, error: Refused) -> None:
        self.skipped.append(error)


def follow(clock: Fake, *streams: Stream) -> list[float]:
    beats: list[float] = []
    with pytest.raises(Ended):
        Follow(streams, clock, lambda: beats.append(clock.at)).forever()
    return beats


def says(*words: Any) -> Any:
    return lambda: iter(words)


def test_each_look_has_its_own_rhythm() -> None:
    """And the first comes after one interval: the run before has read everything."""
    clock = Fake(61)
    quick = Stream("quick", clock, Scan(10, says("q")))
    slow = Stream("slow", clock, Scan(25, says("s")))
    follow(clock, quick, slow)

    assert [at for at, _ in quick.written] == [10, 20, 30, 40, 50, 60]
    assert [at for at, _ in slow.written] == [25, 50]


def test_looks_take_turns_and_a_patient_one_comes_last() -> None:
    """Batch by batch."""
    clock = Fake(11)
    order: list[str] = []

    def noting(name: str, count: int) -> Any:
        def batches() -> Iterator[str]:
            for _ in range(count):
                order.append(name)
                yield name

        return batches

    scans = [
        Scan(10, noting("scan", 2), patient=True),
        Scan(10, noting("a", 2)),
        Scan(10, noting("b", 1)),
    ]
    follow(clock, Stream("one", clock, *scans))

    assert order == ["a", "b", "a", "scan", "scan"]


def test_state_leaves_while_it_is_quiet() -> None:
    """A target may wait for a STATE to write what it holds."""
    clock = Fake(100)
    beats = follow(clock, Stream("quiet", clock, Scan(1000, says())))

    assert max(later - sooner for sooner, later in pairwise(beats)) <= BEAT


@pytest.mark.parametrize("trouble", [Busy("no answer"), Malformed("a page that leads to itself")])
def test_a_look_that_fails_is_tried_again_later(trouble: Exception) -> None:
    """Only that one."""
    clock = Fake(31)
    answers = iter([trouble, None, None])

    def batches() -> Iterator[str]:
        error = next(answers)
        if error:
            raise error
        yield "at last"

    stream = Stream("one", clock, Scan(10, batches))
    follow(clock, stream)

    assert stream.written == [(20, "at last"), (30, "at last")]


def test_a_look_that_finds_unlikely_much_gone_waits_for_somebody() -> None:
    """It is a full scan; the others go on meanwhile."""
    clock = Fake(UNLIKELY + 100)
    answers = iter([Unlikely("all gone"), *[None] * 20])

    def batches() -> Iterator[str]:
        error = next(answers)
        if error:
            raise error
        yield "at last"

    stream = Stream("one", clock, Scan(60, batches), Scan(600, says("beside")))
    follow(clock, stream)

    assert next(at for at, what in stream.written if what == "at last") == 60 + UNLIKELY
    assert len([at for at, what in stream.written if what == "beside"]) == 6


def test_it_ends_when_no_stream_may_be_read() -> None:
    """Rather than to wait for nothing."""
    clock = Fake(1000)

    def batches() -> Iterator[str]:
        raise Refused("no scope", status=403)
        yield ""

    stream = Stream("one", clock, Scan(10, batches), Scan(10, batches))
    Follow([stream], clock, lambda: None).forever()

    assert len(stream.skipped) == 1


def test_an_older_reading_is_not_said_after_a_newer_one(till: Box, tmp_path: Path) -> None:
    """A walk holds a page while another look reads one of its rows again."""
    told: list[dict[str, Any]] = []
    watched = Watched(till, tmp_path, ("shops",))
    stream: Any = watched.tap.streams["shops"]

    def read(word: str, request: int) -> Batch:
        record = {"account_id": "1", "id": "7", "name": word}
        return Batch([Reading("7", record, hash(word), request)])

    for word, request in (("first", 1), ("third", 3), ("second", 2)):
        told += [each.record for each in stream._unemitted(read(word, request))]

    assert [record["name"] for record in told] == ["first", "third"]
