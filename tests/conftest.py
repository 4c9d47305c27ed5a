"""What all tests share: lanes, loopback only, one random seed for hypothesis, and a word on recorded payloads."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from pathlib import Path

import pytest
import pytest_socket
from hypothesis import settings

from tests.lanes import EXAMPLES, FULL, is_quick, sampled_out

RECORDED = Path(__file__).parents[2] / "shared" / "recorded"

for name, examples in EXAMPLES.items():
    settings.register_profile(name, derandomize=True, deadline=None, max_examples=examples)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The inner loop is chosen by an option."""
    parser.addoption("--quick", action="store_true", help="unit tests of tap and target only, as tests/lanes.py says")


def pytest_configure(config: pytest.Config) -> None:
    """As many examples of a law as the lane has time for."""
    settings.load_profile("quick" if config.getoption("--quick") else "full" if FULL else "default")


def pytest_collection_finish() -> None:
    """What is imported by now is no garbage, and need not be looked through a thousand times."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def pytest_report_header() -> list[str]:
    """Say which cases are run, and whether recorded payloads are compared with."""
    there = RECORDED.is_dir()
    return [
        f"generated cases: {'all' if FULL else 'a sample; CASES=full runs all'}",
        f"recorded vendor payloads: {'compared with' if there else 'not here, those tests are skipped'}",
    ]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the lane's tests."""
    named = any("::" in str(argument) for argument in config.args)
    out = set() if FULL or named else sampled_out(item.nodeid for item in items)
    if config.getoption("--quick"):
        out |= {each.nodeid for each in items if "served" in _fixtures(each) or not is_quick(each.path)}
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid in out])
    items[:] = [item for item in items if item.nodeid not in out]


def _fixtures(item: pytest.Item) -> Sequence[str]:
    found: Sequence[str] = getattr(item, "fixturenames", ())
    return found


def pytest_runtest_setup() -> None:
    """Nothing but loopback may be contacted by a test."""
    pytest_socket.socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


@pytest.fixture
def recorded() -> Path:
    """The folder of recorded vendor payloads; skips where it is not."""
    if not RECORDED.is_dir():
        pytest.skip("recorded vendor payloads are not here")
    return RECORDED
