"""A small chain of shops that tests of the tap share, each as it was seeded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tap_lightspeed_retail.web import client as client_module

from sandbox.lightspeed.oauth import OAuth
from sandbox.serve import Box, running
from tests.nearby import asked_nearby

from .runs import HOUR, Shop


@pytest.fixture(scope="package", autouse=True)
def _nearby() -> Iterator[None]:
    with asked_nearby():
        yield


@pytest.fixture(scope="module")
def served() -> Iterator[Box]:
    with running(seed="chain", size="small") as box:
        for resource, most in (("Customer", 24), ("Item", 12), ("Sale", 32)):
            for key in sorted(box.world.tables[resource])[most:]:
                box.world.remove(resource, key)
        yield box


@pytest.fixture
def shop(
    served: Box, tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> Iterator[Shop]:
    world = served.world
    kept = {resource: dict(table) for resource, table in world.tables.items()}
    world.oauth = OAuth(served.clock, served.account_id, strict=False)
    world.calls.clear()
    served.clock.advance(HOUR)
    yield Shop(served, tmp_path, capsys, caplog)
    served.weather_l.clear()
    world.reset()
    for resource, table in kept.items():
        world.tables[resource].update(table)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tap waits for an answer for a moment only."""
    monkeypatch.setattr(client_module, "TIMEOUT", (1, 0.1))
