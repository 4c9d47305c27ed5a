"""Fixtures for the journeys: a small chain of shops and the pair that syncs it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.serve import running
from tests.journeys.pair import MELTANO, ROOT, Pair, environment, run


@pytest.fixture(scope="session")
def installed() -> None:
    """Both plugins and target-jsonl in environments of their own, as `meltano install` makes them."""
    done = run([MELTANO, "install"], cwd=ROOT, env=environment(UV_COMPILE_BYTECODE="1"))
    assert done.returncode == 0, done.stderr


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Pair]:
    """Four shops with honest mess, an org that knows some of the shoppers already, and nothing synced yet."""
    with running(seed="chain", size="small") as box:
        yield Pair(box, tmp_path)


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    """An empty account and an empty org."""
    with running(seed="empty") as box:
        yield Pair(box, tmp_path)
