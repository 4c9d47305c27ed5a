"""Stories in which a tap of the version before left a STATE, and another run goes on from there.

``fixtures/states.json`` holds what that version said: the STATE of each story, where the clock stood after each of its
runs, and what its own next run emitted, in how many requests.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tap_lightspeed_retail.tap import TapLightspeedRetail

from sandbox.clock import Clock
from sandbox.serve import Box, running

from .pair import Stopped, dying_client
from .runs import DAY, HOUR, Simulated
from .shop_days import Day

FIXTURE = Path(__file__).parent / "fixtures" / "states.json"
NOON = datetime(2026, 11, 2, 12, tzinfo=timezone.utc)
PAGE = {"page_size": 7, "reconcile_days": 3650, "find_moved_sales": False}
"""Sales that have moved that version did not look for."""


@dataclass(frozen=True)
class Run:
    """One run of the tap.

    Attributes:
        stop_after: Killed before so many requests.
        settings: Of the tap.
    """

    stop_after: int | None = None
    settings: dict[str, Any] = field(default_factory=lambda: dict(PAGE))


Story = Callable[[Box], Iterator[Run]]


@dataclass(frozen=True)
class Told:
    """What a run said.

    Attributes:
        state: Its last STATE.
        records: Stream, id, and whether it was said to be deleted, of each record.
        requests: How many it took.
    """

    state: dict[str, Any]
    records: list[tuple[str, str, bool]]
    requests: int


def loaded(box: Box) -> Iterator[Run]:
    """Everything was read, sales are open; then rows vanish and change silently, and a day passes."""
    yield Run()
    _bad_hours(box, 3)
    box.clock.advance(DAY + HOUR)
    yield Run()


def killed_at_first(box: Box) -> Iterator[Run]:
    """The first load was cut in the middle."""
    yield Run(stop_after=60)
    _bad_hours(box, 4)
    yield Run()


def killed_later(stop_after: int) -> Story:
    """Rows have vanished, and the run that was about to find it was cut when it had seen some of the blocks."""

    def story(box: Box) -> Iterator[Run]:
        _spread(box, "Customer", "customerID")
        _spread(box, "Sale", "saleID")
        yield Run()
        box.clock.advance(DAY + HOUR)
        _bad_hours(box, 5)
        for resource in ("Customer", "Sale"):
            box.world.remove(resource, min(box.world.tables[resource]))
        yield Run(stop_after=stop_after)
        box.clock.advance(HOUR)
        yield Run()

    return story


def _spread(box: Box, resource: str, key: str) -> None:
    """Copies of rows with high ids, so that the table has several blocks."""
    some = box.world.rows(resource)[-1]
    for number in range(101, 501, 20):
        box.world.put(resource, {**some, key: number})


def deleted(box: Box) -> Iterator[Run]:
    """Rows have vanished and are told; then more of them do."""
    yield Run()
    _bad_hours(box, 6)
    box.clock.advance(DAY + HOUR)
    yield Run()
    _bad_hours(box, 7)
    box.clock.advance(DAY + HOUR)
    yield Run()


def _bad_hours(box: Box, seed: int) -> None:
    day = Day(box, Random(seed))
    for event in day.events.values():
        box.clock.advance(HOUR / 10)
        event()


def odd(box: Box) -> Iterator[Run]:
    """One of everything was read; a day later all of it is looked at again."""
    yield Run()
    box.clock.advance(DAY + HOUR)
    for resource in ("Customer", "SaleLine"):
        box.world.remove(resource, max(box.world.tables[resource]))
    yield Run()


STORIES: dict[str, tuple[Story, str, dict[str, str]]] = {
    "loaded": (loaded, "chain", {}),
    "killed at first": (killed_at_first, "chain", {}),
    "killed among customers": (killed_later(20), "chain", {}),
    "killed among sales": (killed_later(165), "chain", {}),
    "deleted": (deleted, "chain", {}),
    "filter refused": (deleted, "chain", {"updatetime_filter": "false"}),
    "no ranges": (loaded, "chain", {"credit_account_ranges": "false"}),
    "odd": (odd, "oddities", {}),
}
"""How each goes, on which seed of the sandbox, with which of its switches."""


@contextmanager
def begun(name: str) -> Iterator[tuple[Box, Iterator[Run]]]:
    """A sandbox on which a story begins."""
    story, seed, switches = STORIES[name]
    with running(seed=seed, switches=switches, clock=Clock(NOON)) as box:
        if seed == "chain":
            for resource, most in (
                ("Customer", 40),
                ("Item", 30),
                ("Sale", 60),
                ("ItemShop", 40),
                ("InventoryLog", 250),
            ):
                for key in sorted(box.world.tables[resource])[most:]:
                    box.world.remove(resource, key)
        yield box, story(box)


def run(
    box: Box,
    state: dict[str, Any],
    *,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    patch: pytest.MonkeyPatch,
    how: Run,
) -> Told:
    """One run from a STATE on."""
    box.world.calls.clear()
    tap = TapLightspeedRetail(config={**box.tap_config(folder), **how.settings}, state=json.loads(json.dumps(state)))
    tap.clock = Simulated(box)
    with patch.context() as patched:
        if how.stop_after is not None:
            dying_client(patched, how.stop_after)
        try:
            tap.sync_all()
        except Stopped:
            assert how.stop_after is not None
    told = Told(state, [], sum(box.world.calls.values()))
    for line in capsys.readouterr().out.splitlines():
        message = json.loads(line)
        if message["type"] == "STATE":
            told = Told(message["value"], told.records, told.requests)
        elif message["type"] == "RECORD":
            record = message["record"]
            told.records.append((message["stream"], record["id"], bool(record.get("deleted_at"))))
    return told
