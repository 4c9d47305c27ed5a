"""One empty sandbox for a module of tests, each with an org as it was seeded."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.serve import Box, running
from tests.sandbox.loopback import Rest


@pytest.fixture(scope="module")
def served() -> Iterator[Box]:
    with running() as box:
        yield box


@pytest.fixture
def box(served: Box) -> Box:
    served.org.reset()
    served.weather_s.clear()
    served.weather_l.clear()
    return served


@pytest.fixture
def rest(box: Box) -> Rest:
    return Rest(box)
