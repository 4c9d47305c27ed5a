"""The proxy: connections that are refused, cut, delayed and doubled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import requests

from sandbox.proxy import Mishap, Proxy, proxied
from sandbox.serve import Box
from tests.sandbox.loopback import Rest


@pytest.fixture
def proxy(box: Box) -> Iterator[Proxy]:
    with proxied(box.salesforce_url) as made:
        yield made


def client(box: Box, proxy: Proxy) -> Rest:
    """Logged in past the proxy, calling through it with a connection for every call."""
    rest = Rest(replace(box, salesforce_url=box.salesforce_url))
    through = Rest.__new__(Rest)
    through.__dict__ = {**rest.__dict__, "_home": f"{proxy.url}/services/data/v66.0"}
    through.session.headers["Connection"] = "close"
    return through


def create(rest: Rest) -> requests.Response:
    return rest.call("POST", "sobjects/Contact", json={"LastName": "Ann"}, timeout=5)


def test_without_a_mishap_it_is_as_if_it_were_not_there(box: Box, proxy: Proxy) -> None:
    rest = client(box, proxy)
    assert create(rest).status_code == 201
    assert rest.call("GET", "limits").json()["DailyApiRequests"]["Max"] == 15_000
    assert proxy.struck == []


@pytest.mark.parametrize("reset", [True, False])
@pytest.mark.parametrize(
    ("mishap", "rows"),
    [(Mishap("refuse"), 0), (Mishap("cut_request", after=100), 0), (Mishap("cut_answer", after=10), 1)],
)
def test_a_cut_is_a_broken_connection_whose_call_may_have_taken_effect(
    box: Box, proxy: Proxy, mishap: Mishap, rows: int, reset: bool
) -> None:
    proxy.plan([replace(mishap, reset=reset)])
    rest = client(box, proxy)
    with pytest.raises(requests.ConnectionError):
        create(rest)
    assert len(box.org.tables["Contact"]) == rows
    assert create(rest).status_code == 201


def test_a_doubled_request_takes_effect_twice_and_is_answered_once(box: Box, proxy: Proxy) -> None:
    proxy.plan([Mishap("double")])
    made = create(client(box, proxy))
    assert made.status_code == 201
    assert list(box.org.tables["Contact"])[1:] == [made.json()["id"]]


def test_a_doubled_upsert_by_external_id_is_harmless(box: Box, proxy: Proxy) -> None:
    proxy.plan([Mishap("double")])
    rest = client(box, proxy)
    answer = rest.call("PATCH", "sobjects/Contact/Lightspeed_Key__c/1:7", json={"LastName": "Ann"}, timeout=5)
    assert (answer.status_code, answer.json()["created"]) == (200, False)
    assert len(box.org.tables["Contact"]) == 1


def test_a_delayed_answer_comes_whole(box: Box, proxy: Proxy) -> None:
    proxy.plan([Mishap("delay", seconds=0.02)])
    answer = client(box, proxy).call("GET", "sobjects", timeout=5)
    assert {"Contact", "Lead"} <= {one["name"] for one in answer.json()["sobjects"]}


def test_a_client_that_cannot_wait_gives_up(box: Box, proxy: Proxy) -> None:
    proxy.plan([Mishap("delay", seconds=5.0)])
    with pytest.raises(requests.Timeout):
        client(box, proxy).call("GET", "limits", timeout=0.05)
    assert proxy.struck == [Mishap("delay", seconds=5.0)]
