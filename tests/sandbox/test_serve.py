"""Both servers, their weather, and the command that serves them."""

from __future__ import annotations

import errno
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.serve import Box, _server, running
from sandbox.switches import Switches
from sandbox.weather import Gust, Weather
from tests.sandbox.loopback import Rest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    with running() as made:
        yield made


@pytest.fixture(autouse=True)
def _fair(box: Box) -> Iterator[None]:
    yield
    box.weather_s.clear()
    box.weather_l.clear()


def versions(box: Box, **kwargs: Any) -> requests.Response:
    return requests.get(f"{box.salesforce_url}/services/data", timeout=kwargs.pop("timeout", 5))


def test_a_connection_outlives_the_pause_between_polls() -> None:
    """Uvicorn's own five seconds would close it in the face of a client that polls every five."""
    assert _server(Weather().wrap(None, "salesforce")).config.timeout_keep_alive > 60  # type: ignore[arg-type]


@pytest.mark.parametrize(("fault", "status"), [("401", 401), ("403", 403), ("429", 429), ("500", 500), ("503", 503)])
def test_a_status_with_the_vendors_words(box: Box, fault: str, status: int) -> None:
    """Once, then fair again."""
    box.weather_s.plan([Gust(fault)])
    answer = versions(box)

    assert status == answer.status_code
    assert {"message", "errorCode"} == answer.json()[0].keys()
    assert versions(box).status_code == 200


def test_a_page_instead_of_json(box: Box) -> None:
    """Status 200, as proxies do."""
    box.weather_s.plan([Gust("html")])
    answer = versions(box)

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html;charset=UTF-8")


def test_half_an_answer(box: Box) -> None:
    """Whole to HTTP, cut to JSON."""
    box.weather_s.plan([Gust("truncate")])

    with pytest.raises(requests.exceptions.JSONDecodeError):
        versions(box).json()


def test_a_broken_connection(box: Box) -> None:
    """Nothing comes back."""
    box.weather_s.plan([Gust("drop")])

    with pytest.raises(requests.ConnectionError):
        versions(box)


def test_a_slow_answer(box: Box) -> None:
    """Later than the client waits."""
    box.weather_s.plan([Gust("slow", seconds=0.5)])

    with pytest.raises(requests.ReadTimeout):
        versions(box, timeout=0.2)


def test_a_lost_answer_took_effect(box: Box) -> None:
    """Which is the whole point of it."""
    client_id, secret = box.salesforce_client
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    token = requests.post(f"{box.salesforce_url}/services/oauth2/token", data=form, timeout=5).json()["access_token"]
    url, headers = f"{box.salesforce_url}/services/data/v66.0/sobjects/Account", {"Authorization": f"Bearer {token}"}
    box.weather_s.plan([Gust("drop", method="POST", path="*/sobjects/Account", commit=True)])

    with pytest.raises(requests.ConnectionError):
        requests.post(url, json={"Name": "Acme"}, headers=headers, timeout=5)

    assert [row["Name"] for row in box.org.tables["Account"].values()] == ["Acme"]


def test_a_gust_chooses_its_calls(box: Box) -> None:
    """By method, path and body, after so many, so often."""
    gust = Gust("500", method="POST", path="*/x", containing="allOrNone", skip=1, times=2)

    assert not gust.concerns("GET", "/a/x")
    assert not gust.concerns("POST", "/a/y")
    assert gust.concerns("POST", "/a/x")
    assert [gust.hits(body) for body in (b"", b"allOrNone", b"allOrNone", b"allOrNone")] == [False, False, True, True]
    assert not gust.concerns("POST", "/a/x")


@pytest.mark.parametrize("gust", [{"fault": "hail"}, {"fault": "500", "wind": 3}])
def test_unknown_weather_is_refused(gust: dict[str, Any]) -> None:
    """With what there is."""
    with pytest.raises(ValueError, match="unknown"):
        Weather().plan_dicts([gust])


def test_the_admins_verbs_are_never_touched(box: Box) -> None:
    """Else nobody could clear the weather."""
    box.weather_s.plan([Gust("500", times=99)])

    assert requests.delete(f"{box.salesforce_url}/_sandbox/weather", timeout=5).status_code == 200
    assert versions(box).status_code == 200


def test_starting_takes_less_than_a_second_and_leaves_nothing() -> None:
    """Ready when the block begins, gone when it ends."""
    started = time.monotonic()
    with running() as made:
        ready = time.monotonic() - started
        assert versions(made).status_code == 200
    with pytest.raises(requests.ConnectionError):
        versions(made)

    assert ready < 1


def test_switches_are_read_from_text() -> None:
    """Booleans too; an unknown name lists the known."""
    assert not Switches.parse({"completion_is_timestamp": "false"}).completion_is_timestamp
    with pytest.raises(ValueError, match="empty_relation"):
        Switches.parse({"nonsense": "1"})


def test_the_command_serves_until_it_is_told_to_stop() -> None:
    """One line of JSON when it listens; exit 0 on SIGTERM."""
    command = [
        sys.executable,
        "-m",
        "sandbox",
        "serve",
        "--seed",
        "empty",
        "--lightspeed-port",
        "0",
        "--salesforce-port",
        "0",
    ]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert requests.get(f"{ready['salesforce_url']}/services/data", timeout=5).status_code == 200
        trade = [sys.executable, "-m", "sandbox", "trade", "--lightspeed", ready["lightspeed_url"], "--hours", "1"]
        assert subprocess.run(trade, cwd=ROOT, capture_output=True, check=False).returncode in (0, 1)
        process.send_signal(signal.SIGTERM)

        assert process.wait(timeout=10) == 0


def test_a_wrong_switch_ends_the_command_with_a_sentence() -> None:
    """And exit 1."""
    command = [sys.executable, "-m", "sandbox", "serve", "--switch", "nonsense=1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "unknown switch nonsense" in done.stderr


def test_it_is_started_filled_asked_and_stopped_in_a_moment_and_leaves_nothing() -> None:
    """The time is printed, not judged; how long a start takes is seen with ``pytest -s``."""
    threads, began = set(threading.enumerate()), time.monotonic()
    with running() as box, running() as other:
        assert box.salesforce_url != other.salesforce_url
        rest = Rest(box)
        rest.call("POST", "sobjects/Contact", json={"LastName": "Ann"})
        found = rest.call("GET", "query", params={"q": "SELECT LastName FROM Contact"}).json()
        port = int(box.salesforce_url.rpartition(":")[2])
    print(f"started, filled, asked and stopped in {time.monotonic() - began:.2f} s")
    assert found["totalSize"] == 1
    assert set(threading.enumerate()) == threads
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) == errno.ECONNREFUSED
