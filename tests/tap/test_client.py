"""Requests: every fault of the vendor, and an error is never an empty page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from tap_lightspeed_retail.errors import Busy, Malformed, Refused, Unauthorized
from tap_lightspeed_retail.r_series.account import token_url
from tap_lightspeed_retail.r_series.account import vendor as r_vendor
from tap_lightspeed_retail.r_series.forms import as_list
from tap_lightspeed_retail.r_series.pages import pages
from tap_lightspeed_retail.web.client import ATTEMPTS, Client
from tap_lightspeed_retail.web.refresh import Authenticator
from tap_lightspeed_retail.web.throttle import Throttle
from tap_lightspeed_retail.web.tokens import TokenStore
from tap_lightspeed_retail.web.transport import LEAST_WAIT, LONGEST_REFUSAL, retry_after

from sandbox.serve import Box, running
from sandbox.weather import Gust


@pytest.fixture(scope="module")
def served() -> Iterator[Box]:
    with running() as box:
        for number in range(1, 251):
            box.world.put("Customer", {"customerID": number, "firstName": "Ann", "archived": False})
        yield box


@pytest.fixture
def box(served: Box) -> Box:
    served.weather_l.clear()
    served.clock.advance(3600)
    return served


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def client(box: Box, tmp_path: Path, slept: list[float]) -> Client:
    client_id, secret, seed = box.lightspeed_client
    box.world.oauth._refreshes[seed].revoked = False  # the module's tests share one account
    http = requests.Session()
    auth = Authenticator(
        token_url(box.lightspeed_url), client_id, secret, store=TokenStore(tmp_path / "t.json", seed), http=http,
        now=lambda: box.clock.now().timestamp(), sleep=lambda _: None,
    )  # fmt: skip
    throttle = Throttle(0.1, lambda: 0.0, lambda _: None)
    return Client(
        r_vendor(box.lightspeed_url), auth=auth, throttle=throttle, http=http, sleep=slept.append, jitter=lambda: 0.0
    )


def read(client: Client, box: Box) -> list[list[dict[str, Any]]]:
    path = f"Account/{box.account_id}/Customer.json"
    return list(pages(lambda params: client.read(path, params), "Customer", [("limit", "100")]))


def test_every_row_comes_once(client: Client, box: Box) -> None:
    """Three pages, the last with half."""
    ids = [row["customerID"] for rows in read(client, box) for row in rows]

    assert list(map(str, range(1, 251))) == ids


@pytest.mark.parametrize("fault", ["500", "502", "503", "html", "truncate", "drop", "429"])
def test_what_passes_is_waited_out(client: Client, box: Box, slept: list[float], fault: str) -> None:
    """In the middle of a scan; no row is lost."""
    box.weather_l.plan([Gust(fault, path="*Customer*", skip=1, times=2)])

    assert sum(map(len, read(client, box))) == 250
    assert ([1.0, 1.0] if fault == "429" else [1.0, 2.0]) == slept


@pytest.mark.parametrize("fault", ["503", "html", "truncate", "drop"])
def test_what_does_not_pass_is_never_an_empty_page(client: Client, box: Box, fault: str) -> None:
    """It ends the run, after so many attempts."""
    box.weather_l.plan([Gust(fault, path="*Customer*", skip=1, times=1000)])
    before = client.requests

    with pytest.raises(Busy, match="the next run goes on"):
        read(client, box)

    assert client.requests - before == ATTEMPTS + 1


@pytest.mark.parametrize("nothing", [{}, {"Sale": ""}, {"Sale": {}}, {"Sale": []}])
def test_a_list_without_rows_is_empty_in_every_spelling(nothing: dict[str, Any]) -> None:
    """Beside the attributes, which every list has, or as an empty body."""
    assert list(pages(lambda _: {"@attributes": {}, **nothing}, "Sale", [])) == [[]]
    assert list(pages(lambda _: {}, "Sale", [])) == [[]]


@pytest.mark.parametrize("spoilt", [{}, {"@attributes": None}, {"@attributes": ""}, {"@attributes": []}])
def test_a_page_that_does_not_say_whether_there_is_a_next_one_is_not_the_last(spoilt: dict[str, Any]) -> None:
    """With rows or without."""
    for page in ({"Sale": {"saleID": "1"}}, {"Sale": ""}):
        with pytest.raises(Malformed, match="attributes of the page are no object"):
            list(pages(lambda _, page=page: {**spoilt, **page}, "Sale", []))  # type: ignore[misc]


def test_a_page_that_was_announced_is_empty_only_if_that_is_said_twice() -> None:
    """An empty body in the middle of a full scan would cut the table off."""
    first = {"@attributes": {"next": "http://x/?after=a"}, "Sale": {"saleID": "1"}}
    last = {"@attributes": {}, "Sale": {"saleID": "2"}}
    for said, found in (([first, {}, last], 2), ([first, {}, {}], 1)):
        left = iter(said)
        assert sum(len(rows) for rows in pages(lambda _, left=left: next(left), "Sale", [])) == found  # type: ignore[misc]


def test_rows_under_another_name_are_no_list_without_rows() -> None:
    """Some resources call their rows otherwise; read as an empty list, that would look as if all had vanished."""
    with pytest.raises(Malformed, match="another name"):
        list(pages(lambda _: {"@attributes": {}, "OrderShipment": [{"orderShipmentID": "1"}]}, "Shipment", []))


@pytest.mark.parametrize(("fault", "hint"), [("403", "scope"), ("404", "deselect"), ("400", "report")])
def test_what_no_retry_mends_stops_at_once(client: Client, box: Box, slept: list[float], fault: str, hint: str) -> None:
    """With what to do."""
    box.weather_l.plan([Gust(fault, path="*Customer*")])

    with pytest.raises(Refused, match=hint):
        read(client, box)

    assert slept == []


def test_an_expired_token_is_renewed_once(client: Client, box: Box) -> None:
    """In the middle of a scan."""
    box.weather_l.plan([Gust("401", path="*Customer*", skip=1)])

    assert sum(map(len, read(client, box))) == 250


def test_a_token_that_is_refused_again_ends_the_run(client: Client, box: Box) -> None:
    """No loop: five refreshes a minute are all there is."""
    box.weather_l.plan([Gust("401", path="*Customer*", times=100)])

    with pytest.raises(Unauthorized, match="Authorize"):
        read(client, box)


def test_the_servers_clock_is_kept(client: Client, box: Box) -> None:
    """Bookmarks follow it."""
    read(client, box)

    assert abs((client.server_now - box.clock.now()).total_seconds()) < 5


def test_a_page_that_leads_to_itself_is_an_error() -> None:
    """Not an endless scan."""
    body = {"@attributes": {"next": "https://x.test/?after=abc"}, "Sale": {"saleID": "1"}}

    with pytest.raises(Malformed, match="itself"):
        list(pages(lambda _: body, "Sale", []))


def test_only_the_cursor_of_a_link_is_followed() -> None:
    """Its host may be anybody's, and the token must not go there."""
    asked: list[Any] = []
    bodies = iter(
        [
            {"@attributes": {"next": "https://evil.test/steal?after=W10%3D&archived=false"}, "Sale": [{"saleID": "1"}]},
            {"@attributes": {"next": ""}},
        ]
    )

    def answer(params: Any) -> dict[str, Any]:
        asked.append(list(params))
        return next(bodies)

    found = list(pages(answer, "Sale", [("limit", "1")]))

    assert asked == [[("limit", "1")], [("limit", "1"), ("after", "W10=")]]
    assert found == [[{"saleID": "1"}], []]


@given(st.lists(st.dictionaries(st.text(), st.text(), min_size=1), max_size=3))
def test_as_list_of_any_form(rows: list[dict[str, str]]) -> None:
    """None, one, several."""
    said: Any = {} if not rows else rows[0] if len(rows) == 1 else rows

    assert rows == as_list(said)
    assert [] == as_list(None) == as_list("")


def test_a_row_that_is_no_object_is_an_error() -> None:
    """The trap of JSONPath on a single object would give its values."""
    with pytest.raises(Malformed, match="no object"):
        list(pages(lambda _: {"@attributes": {}, "Sale": ["1", "2"]}, "Sale", []))


@pytest.mark.parametrize(
    ("said", "date", "seconds"),
    [
        ("7", None, 7.0),
        ("7", "Wed, 01 Jul 2026 12:00:00 GMT", 7.0),
        ("Wed, 01 Jul 2026 12:00:10 GMT", "Wed, 01 Jul 2026 12:00:00 GMT", 10.0),
        ("Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:00 GMT", 37.0),  # whatever this machine's clock says
        ("Wed, 01 Jul 2026 12:00:10 -0000", "Wed, 01 Jul 2026 12:00:00 GMT", 10.0),
        ("Wed Jul  1 12:00:10 2026", "Wed, 01 Jul 2026 12:00:00 GMT", 10.0),
        ("Wed, 01 Jul 2026 11:59:00 GMT", "Wed, 01 Jul 2026 12:00:00 GMT", LEAST_WAIT),
        ("Thu, 02 Jul 2026 12:00:00 GMT", "Wed, 01 Jul 2026 12:00:00 GMT", LONGEST_REFUSAL),
        ("Wed, 01 Jul 2026 12:00:10 GMT", None, None),
        ("Wed, 01 Jul 2026 12:00:10 GMT", "noon", None),
        ("Wed, 41 Jul 2026 12:00:10 GMT", "Wed, 01 Jul 2026 12:00:00 GMT", None),
        ("soon", "Wed, 01 Jul 2026 12:00:00 GMT", None),
        ("", "Wed, 01 Jul 2026 12:00:00 GMT", None),
        (None, "Wed, 01 Jul 2026 12:00:00 GMT", None),
        ("inf", None, None),
    ],
)
def test_a_wait_is_heeded_as_seconds_and_as_a_date(said: str | None, date: str | None, seconds: float | None) -> None:
    """A date counts from the answer's own, and has the bounds that seconds have."""
    headers = {name: value for name, value in (("Retry-After", said), ("Date", date)) if value is not None}

    assert retry_after(headers) == seconds
