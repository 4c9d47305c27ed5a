"""What all tests share: loopback only, one random seed for hypothesis, and a word on the recorded payloads."""

from __future__ import annotations

from pathlib import Path

import pytest
import pytest_socket
from hypothesis import settings

RECORDED = Path(__file__).parents[2] / "shared" / "recorded"

settings.register_profile("steady", derandomize=True, deadline=None, max_examples=60)
settings.load_profile("steady")


def pytest_report_header() -> str:
    """Say whether recorded payloads are compared with."""
    there = RECORDED.is_dir()
    return f"recorded vendor payloads: {'compared with' if there else 'not here, those tests are skipped'}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What runs Meltano in this folder runs in one process: Meltano keeps its environments here."""
    for item in items:
        if "installed" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("meltano"))


def pytest_runtest_setup() -> None:
    """Nothing but loopback may be contacted by a test."""
    pytest_socket.socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


@pytest.fixture
def recorded() -> Path:
    """The folder of recorded vendor payloads; skips where it is not."""
    if not RECORDED.is_dir():
        pytest.skip("recorded vendor payloads are not here")
    return RECORDED
