"""A live org for the tests of the room `org`: the sandbox on loopback, empty for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from target_salesforce_retail.org.live import LiveOrg
from target_salesforce_retail.org.session import OrgSettings, Session

from sandbox.serve import Box, running
from tests.nearby import asked_nearby
from tests.target.proof import Target
from tests.target.wire import Wire


@pytest.fixture(scope="package", autouse=True)
def _nearby() -> Iterator[None]:
    with asked_nearby():
        yield


@pytest.fixture(scope="module")
def served() -> Iterator[Box]:
    with running() as box:
        yield box


@pytest.fixture
def box(served: Box) -> Box:
    served.org.reset()
    served.weather_s.clear()
    return served


@pytest.fixture
def session(box: Box) -> Session:
    client_id, secret = box.salesforce_client
    return Session(OrgSettings(box.salesforce_url, client_id, secret), sleep=lambda _: None)


@pytest.fixture
def org(session: Session) -> LiveOrg:
    return LiveOrg(session)


@pytest.fixture
def wire(session: Session, monkeypatch: pytest.MonkeyPatch) -> Wire:
    """What goes over the wire between the org and us, and a hand in it."""
    tapped = Wire(session)
    monkeypatch.setattr(session._http, "request", tapped.request)
    return tapped


@pytest.fixture
def whole(
    box: Box,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> Target:
    """The whole target, that pauses for nothing."""
    monkeypatch.setattr(Session, "pause", lambda *_: None)
    return Target(box, tmp_path, capsys, caplog, {})
