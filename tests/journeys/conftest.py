"""Fixtures for the journeys: a small chain of shops and the pair that syncs it."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.serve import running
from tests.journeys.pair import MELTANO, ROOT, Pair, environment, run

PLUGINS = ("tap-lightspeed-retail", "target-salesforce-retail")


@pytest.fixture
def installed() -> Iterator[None]:
    """Both plugins and target-jsonl in environments of their own; one test at a time has Meltano's folder."""
    folder = ROOT / ".meltano"
    folder.mkdir(exist_ok=True)
    with (folder / "tests.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_installed(folder / ".installed"):
            _install(folder / ".installed")
        yield


def _is_installed(stamp: Path) -> bool:
    """Whether make, or a test before, has installed them since anything changed of which they are made."""
    made_of = ("meltano.yml", "requirements.lock", *(f"{name}/pyproject.toml" for name in PLUGINS))
    made = max((ROOT / name).stat().st_mtime for name in made_of)
    return stamp.exists() and stamp.stat().st_mtime >= made


def _install(stamp: Path) -> None:
    """As `meltano install` makes them."""
    done = run([MELTANO, "install"], cwd=ROOT, env=environment(UV_COMPILE_BYTECODE="1"))
    assert done.returncode == 0, done.stderr
    stamp.touch()


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
