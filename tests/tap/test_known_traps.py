"""Traps that public clients of this API have fallen into: one test for each shows that the tap has not.

Source: docs/vendors/lightspeed-r-series.md, traps; each test is named after the trap.
"""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jsonpath_ng
import pytest
import requests
from requests import exceptions
from tap_lightspeed_retail.emit import RetailStream
from tap_lightspeed_retail.errors import Busy, Malformed, Refused, TapError, TooHeavy, Unauthorized
from tap_lightspeed_retail.r_series.account import vendor as r_vendor
from tap_lightspeed_retail.r_series.context import Account
from tap_lightspeed_retail.r_series.limits import limits
from tap_lightspeed_retail.r_series.pages import pages
from tap_lightspeed_retail.r_series.reader import Reader
from tap_lightspeed_retail.r_series.table import SOURCES
from tap_lightspeed_retail.settings import SETTINGS
from tap_lightspeed_retail.streams import KEYS, OPT_IN, STREAMS
from tap_lightspeed_retail.tap import TapLightspeedRetail
from tap_lightspeed_retail.web.client import Client
from tap_lightspeed_retail.web.refresh import Authenticator
from tap_lightspeed_retail.web.throttle import Throttle
from tap_lightspeed_retail.web.tokens import Tokens, TokenStore

from sandbox.serve import running
from tests.nearby import over_a_socket

from .runs import Simulated
from .shop_days import Day

PAGE: dict[str, Any] = {"@attributes": {"next": ""}, "Sale": [{"saleID": "1"}, {"saleID": "2"}]}
DATE = {"Date": "Wed, 01 Jul 2026 12:00:00 GMT"}


def answer(status: int, body: Any, **headers: str) -> requests.Response:
    """An answer of the vendor."""
    made = requests.Response()
    made.status_code = status
    made._content = (body if isinstance(body, str) else json.dumps(body)).encode()
    made.headers.update({**DATE, **headers})
    return made


class Vendor:
    """Gives these answers one after the other, and the last one for ever; remembers what was asked."""

    def __init__(self, *answers: requests.Response | Exception) -> None:
        self._answers = list(answers)
        self.asked: list[Any] = []

    def get(self, url: str, **how: Any) -> requests.Response:
        return self._next({"url": url, **how})

    def post(self, url: str, **how: Any) -> requests.Response:
        return self._next({"url": url, **how})

    def _next(self, asked: dict[str, Any]) -> requests.Response:
        self.asked.append(asked)
        said = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(said, Exception):
            raise said
        return said


class Bearer:
    """A token that is always good."""

    def token(self) -> str:
        return "t"

    def renew(self, rejected: str) -> str:
        return rejected

    def confirm(self) -> None:
        """Nothing."""


def client(*answers: requests.Response | Exception) -> tuple[Client, Vendor]:
    vendor: Any = Vendor(*answers)
    auth: Any = Bearer()
    throttle = Throttle(0.1, lambda: 0.0, lambda _: None)
    return Client(r_vendor("https://x.test"), auth=auth, throttle=throttle, http=vendor, sleep=lambda _: None), vendor


def authenticator(store: TokenStore, *answers: requests.Response | Exception) -> tuple[Authenticator, Vendor]:
    vendor: Any = Vendor(*answers)
    auth = Authenticator(
        "https://x.test", "id", "secret", store=store, http=vendor, now=lambda: 1000.0, sleep=lambda _: None
    )
    return auth, vendor


def pair(number: int) -> requests.Response:
    """A pair of tokens."""
    return answer(200, {"access_token": f"a{number}", "refresh_token": f"r{number}", "expires_in": 0})


def walked(*bodies: dict[str, Any]) -> list[str]:
    """The ids of a full scan of these pages."""
    left = iter(bodies)
    return [row["saleID"] for rows in pages(lambda _: next(left), "Sale", []) for row in rows]


@dataclass
class Overheard:
    """What went over the wire in three runs of all streams, and into the log."""

    requests: list[requests.PreparedRequest] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    secrets: Sequence[str] = ()
    log: str = ""

    @property
    def queries(self) -> list[tuple[str, dict[str, str]]]:
        """(resource, parameters) of every list that was asked for."""
        urls = [urlsplit(str(each.url)) for each in self.requests if each.method == "GET"]
        asked = [(url.path.rpartition("/")[2].removesuffix(".json"), dict(parse_qsl(url.query))) for url in urls]
        return [(name, query) for name, query in asked if query]


class Ear(logging.Handler):
    """Hears the log at its finest."""

    def __init__(self) -> None:
        super().__init__(level=1)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(record.getMessage())


@pytest.fixture(scope="module")
def overheard(tmp_path_factory: pytest.TempPathFactory) -> Overheard:
    made, ear, root = Overheard(), Ear(), logging.getLogger()
    level = root.level
    root.addHandler(ear)
    root.setLevel(1)
    with pytest.MonkeyPatch.context() as patch, running(seed="chain", size="small") as box:
        patch.setattr(requests.Session, "send", _listening(requests.Session.send, made))
        patch.setattr(requests.adapters.HTTPAdapter, "send", over_a_socket)  # which has a log of its own
        config = {**box.tap_config(tmp_path_factory.mktemp("tap")), "page_size": 20, "opt_in": list(OPT_IN)}
        state: dict[str, Any] = {}
        for _ in range(3):
            state = _run(config, state, Simulated(box), made)
            box.clock.advance(13 * 3600)
            day = Day(box, Random(1))
            for event in ("line_edited", "payment_added", "completed_yesterday", "customers_merged"):
                day.events[event]()
        made.secrets = box.world.oauth.secrets()
    root.removeHandler(ear)
    root.setLevel(level)
    made.log = "\n".join(ear.heard)
    return made


def _listening(send: Callable[..., Any], made: Overheard) -> Callable[..., Any]:
    def sent(session: requests.Session, request: requests.PreparedRequest, **how: Any) -> Any:
        made.requests.append(request)
        return send(session, request, **how)

    return sent


def _run(config: dict[str, Any], state: dict[str, Any], clock: Any, made: Overheard) -> dict[str, Any]:
    tap = TapLightspeedRetail(config=config, state=state)
    tap.clock = clock
    said = io.StringIO()
    with redirect_stdout(said):
        tap.sync_all()
    made.lines += said.getvalue().splitlines()
    states = [json.loads(line)["value"] for line in made.lines if '"STATE"' in line]
    return dict(states[-1])


# Pages


def test_a_last_page_of_one_row_is_not_dropped() -> None:
    """One row comes as itself, and not in a list."""
    link = {"@attributes": {"next": "https://x.test/?after=W10"}}

    assert walked({**PAGE, **link}, {**PAGE, "Sale": {"saleID": "3"}}) == ["1", "2", "3"]


def test_a_count_of_one_is_text() -> None:
    """``count === 1`` never holds; nothing is decided by it."""
    assert walked({"@attributes": {"count": "1", "next": ""}, "Sale": {"saleID": "1"}}) == ["1"]


def test_a_page_without_rows_is_only_its_attributes() -> None:
    """Absent, or an object without anything."""
    assert walked({"@attributes": {"next": "", "previous": ""}}) == walked({**PAGE, "Sale": {}}) == []


def test_a_single_object_is_one_row_and_not_its_values() -> None:
    """JSONPath's ``$.Sale[*]`` gives the values since jsonpath-ng 1.11; the tap has no path to its records."""
    body = {**PAGE, "Sale": {"saleID": "1", "total": "2"}}
    by_path = [match.value for match in jsonpath_ng.parse("$.Sale[*]").find(body)]

    assert walked(body) == ["1"]
    assert not hasattr(RetailStream, "records_jsonpath")
    if tuple(map(int, metadata.version("jsonpath-ng").split(".")[:2])) >= (1, 11):
        assert by_path == ["1", "2"]


def test_a_link_that_cannot_be_read_is_not_the_end() -> None:
    """Rows would be missing, and nobody would know."""
    for link in ("https://x.test/?after=", "https://x.test/?limit=100", "nonsense"):
        with pytest.raises(Malformed, match="next page"):
            walked({**PAGE, "@attributes": {"next": link}})


def test_the_page_before_is_never_followed() -> None:
    """It is called ``previous``, and not ``prev``."""
    back = {"next": "", "previous": "https://x.test/?before=W10", "prev": "https://x.test/?after=W10"}

    assert walked({**PAGE, "@attributes": back}) == ["1", "2"]


def test_pages_are_cursors_and_not_offsets(overheard: Overheard) -> None:
    """V2 counted rows; V3 has no ``offset``, ``orderby`` and ``page``."""
    assert any("after" in query for _, query in overheard.queries)
    for _, query in overheard.queries:
        assert not {*query} & {"offset", "orderby", "orderby_desc", "page", "count", "before"}


# Errors


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 422, 429, 500, 502, 503, 504])
def test_an_error_is_not_an_empty_list(status: int) -> None:
    """Nor nothing, nor a page that lacks its rows."""
    made, _ = client(answer(status, {"httpCode": str(status), "message": "No."}))

    with pytest.raises((Refused, Busy)):
        list(pages(lambda params: made.read("Account/1/Sale.json", params), "Sale", []))


@pytest.mark.parametrize(("status", "said"), [(429, "Slow down."), (409, "No."), (400, "Please try again later.")])
def test_not_every_4xx_is_fatal(status: int, said: str) -> None:
    """These pass."""
    made, vendor = client(answer(status, {"message": said}), answer(200, PAGE))

    assert made.read("Account/1/Sale.json") == PAGE
    assert len(vendor.asked) == 2


@pytest.mark.parametrize("status", [400, 403, 404, 405, 422])
def test_what_no_retry_mends_is_not_retried(status: int) -> None:
    """Ten times 45 seconds for each mistake are no help."""
    made, vendor = client(answer(status, {"message": "No."}))

    with pytest.raises(Refused):
        made.read("Account/1/Sale.json")
    assert len(vendor.asked) == 1


def test_a_mistake_of_our_own_is_not_retried() -> None:
    """An exception is not always the network's."""
    made, vendor = client(ZeroDivisionError("ours"))

    with pytest.raises(ZeroDivisionError):
        made.read("Account/1/Sale.json")
    assert len(vendor.asked) == 1


@pytest.mark.parametrize(
    "lost",
    [
        exceptions.ChunkedEncodingError(),
        exceptions.ContentDecodingError(),
        requests.ReadTimeout(),
        requests.ConnectTimeout(),
        requests.ConnectionError(),
    ],
    ids=lambda lost: type(lost).__name__,
)
def test_an_answer_that_is_lost_on_the_way_is_asked_for_again(lost: Exception) -> None:
    """A body that is cut or garbled too."""
    made, _ = client(lost, answer(200, PAGE))

    assert made.read("Account/1/Sale.json") == PAGE


@pytest.mark.parametrize("body", ['{"Sale": [{"saleID"', "<html>Please wait</html>", "", {"message": "No."}])
def test_a_body_that_cannot_be_read_is_asked_for_again(body: Any) -> None:
    """It is no page without rows, even with status 200."""
    made, _ = client(answer(200, body), answer(200, PAGE))

    assert made.read("Account/1/Sale.json") == PAGE


def test_an_empty_body_is_a_list_without_rows_and_nothing_else() -> None:
    """An account that says nothing of itself is asked again."""
    made, _ = client(answer(200, {}), answer(200, {}), answer(200, {"@attributes": {}, "name": "Main"}))

    assert made.read("Account/1/Sale.json", listed=True) == {}
    assert made.read("Account/1.json")["name"] == "Main"


def test_a_list_without_attributes_is_asked_for_again() -> None:
    """It does not say whether it goes on; what is no list goes without."""
    made, vendor = client(answer(200, {"Sale": {"saleID": "1"}}), answer(200, PAGE), answer(200, {"Account": {}}))

    assert made.read("Account/1/Sale.json", listed=True) == PAGE
    assert len(vendor.asked) == 2
    assert made.read("Account.json") == {"Account": {}}


@pytest.mark.parametrize("status", [500, 504])
def test_a_page_that_is_too_heavy_is_made_smaller(status: int) -> None:
    """From the same cursor on."""
    made, vendor = client(*[answer(status, {})] * 3, answer(200, PAGE))
    lists = Reader(made, Account("1", "CAD"), 100, 120)

    assert [len(rows) for rows in lists.pages("Sale", [("after", "W10")])] == [2]
    assert [dict(each["params"])["limit"] for each in vendor.asked] == ["100", "100", "100", "50"]
    assert {dict(each["params"])["after"] for each in vendor.asked} == {"W10"}


def test_too_heavy_is_said_only_to_who_can_ask_for_less() -> None:
    """All others go on asking."""
    made, _ = client(answer(500, {}))

    with pytest.raises(TooHeavy):
        made.read("Account/1/Sale.json", heavy=True)
    with pytest.raises(Busy):
        made.read("Account/1/Sale.json")


@pytest.mark.parametrize("wait", ["0", "-1", "nan", "inf", "1e9", "soon", "Wed, 01 Jul 2026 12:00:10 GMT", "1.5"])
def test_no_wait_that_a_server_names_is_endless_or_a_hot_loop(wait: str) -> None:
    """It may say anything, and a date too."""
    made, _ = client(answer(429, {}, **{"Retry-After": wait}), answer(200, PAGE))
    slept: list[float] = []
    made._sleep = slept.append

    assert made.read("Account/1/Sale.json") == PAGE
    assert all(1 <= each <= 1.25 * 600 for each in slept)
    assert len(slept) == 1


def test_an_answer_without_a_date_moves_no_clock() -> None:
    """And the first one must have one: bookmarks follow it."""
    made, _ = client(answer(200, PAGE), answer(200, PAGE, Date="yesterday"), answer(200, PAGE, Date=""))
    for _ in range(3):
        made.read("Account/1/Sale.json")
    blind, _ = client(answer(200, PAGE, Date="yesterday"))

    assert made.server_now.isoformat() == "2026-07-01T12:00:00+00:00"
    with pytest.raises(Malformed, match="Date"):
        blind.read("Account/1/Sale.json")


# The rate limit


def test_a_fractional_drip_is_not_rounded() -> None:
    """``int("1.5")`` fails, and 1 would wait too long."""
    slept: list[float] = []
    throttle = Throttle(0.0, lambda: 0.0, slept.append)
    throttle.after(limits({"X-LS-API-Bucket-Level": "90.5/90", "X-LS-Api-Drip-Rate": "1.5"}))
    throttle.before(1.0)

    assert slept == [pytest.approx(1.0)]


# Queries


def test_instants_in_a_query_are_encoded_and_in_utc(overheard: Overheard) -> None:
    """A raw ``+`` is a blank, a raw ``>`` is nothing at all."""
    urls = [str(each.url) for each in overheard.requests if "timeStamp=" in str(each.url)]

    assert urls
    for url in urls:
        assert not {*"+<> "} & {*url}
        assert dict(parse_qsl(urlsplit(url).query))["timeStamp"].endswith("Z")


def test_only_named_relations_are_loaded_and_as_a_json_array(overheard: Overheard) -> None:
    """``all`` is dear, and a list in another form brings none."""
    asked = {query["load_relations"] for _, query in overheard.queries if "load_relations" in query}

    assert len(asked) > 10
    assert {json.dumps(list(each.relations), separators=(",", ":")) for each in SOURCES.values()} >= asked


def test_archived_rows_are_asked_for_always(overheard: Overheard) -> None:
    """Or archiving looks like silence."""
    assert {query.get("archived") for _, query in overheard.queries} == {"true"}


def test_a_filter_by_time_is_sorted_by_that_time_and_takes_equal_seconds(overheard: Overheard) -> None:
    """Unsorted, a run that is cut cannot go on; ``>`` would jump over the second of the bookmark."""
    filters = [
        (name, query["sort"], query[name])
        for _, query in overheard.queries
        for name in query
        if name in ("timeStamp", "updatetime")
    ]

    assert len(filters) > 10
    for name, sort, value in filters:
        assert (sort, value[:3]) == (name, ">=,")


def test_no_question_has_alternatives(overheard: Overheard) -> None:
    """``or`` over two resources costs twenty drips more."""
    assert not [query for _, query in overheard.queries if "or" in query]


def test_no_window_leaves_late_completions_out(overheard: Overheard) -> None:
    """Sales are followed whether they are completed or not, and up to now."""
    queries = [query for name, query in overheard.queries if name == "Sale"]

    assert queries
    for query in queries:
        assert not {*query} & {"completed", "completeTime", "timeStamp"}
        assert not any(value.startswith("><") for value in query.values())


def test_lines_do_not_overwrite_each_other(overheard: Overheard) -> None:
    """The key of a line is its own id, and not its sale's."""
    lines = [json.loads(line)["record"] for line in overheard.lines if '"stream":"sale_lines"' in line.replace(" ", "")
             and '"RECORD"' in line]  # fmt: skip
    of_one_sale: dict[str, set[str]] = {}
    for line in lines:
        of_one_sale.setdefault(line["sale_id"], set()).add(line["id"])

    assert all(row.key_properties == KEYS for row in STREAMS)
    assert max(map(len, of_one_sale.values())) > 1
    assert sum(map(len, of_one_sale.values())) == len(set().union(*of_one_sale.values()))


def test_hosts_version_and_token_endpoint_are_the_current_ones(overheard: Overheard) -> None:
    """V2, ``merchantos.com`` and ``access_token.php`` belong to the past."""
    defaults = {name: each.get("default") for name, each in SETTINGS.to_dict()["properties"].items()}
    paths = {urlsplit(str(each.url)).path for each in overheard.requests}

    assert defaults["api_url"] == "https://api.lightspeedapp.com"
    assert defaults["auth_url"] == "https://cloud.lightspeedapp.com"
    assert all(path.startswith("/API/V3/Account/182255") or path == "/auth/oauth/token" for path in paths)


# Tokens


def test_a_refresh_is_a_form_and_names_no_scope(overheard: Overheard) -> None:
    """As JSON with a scope it has been refused."""
    posts = [each for each in overheard.requests if each.method == "POST"]

    assert posts
    for each in posts:
        assert each.headers["Content-Type"] == "application/x-www-form-urlencoded"
        form = dict(parse_qsl(str(each.body)))
        assert {*form} == {"client_id", "client_secret", "grant_type", "refresh_token"}


def test_no_token_is_logged(overheard: Overheard) -> None:
    """Not even at the finest level; some clients log whole token answers."""
    assert "/auth/oauth/token" in overheard.log
    assert not [secret for secret in overheard.secrets if secret in overheard.log]
    assert "secret" not in repr(Tokens("secret-refresh", "secret-access"))


def test_a_refresh_token_that_rotated_is_used_next(overheard: Overheard, tmp_path: Path) -> None:
    """The one of the settings works once."""
    auth, vendor = authenticator(TokenStore(tmp_path / "t.json", "r0"), pair(1), pair(2), pair(3))
    tokens = [auth.token() for _ in range(3)]

    assert tokens == ["a1", "a2", "a3"]
    assert [each["data"]["refresh_token"] for each in vendor.asked] == ["r0", "r1", "r2"]
    assert TokenStore(tmp_path / "t.json", "r0").load().refresh_token == "r3"


@pytest.mark.parametrize(
    "said",
    [
        answer(200, {"access_token": None, "refresh_token": None, "expires_in": None}),
        answer(200, {"access_token": "a2", "refresh_token": "", "expires_in": 3600}),
        answer(200, {"access_token": "a2", "expires_in": 3600}),
        answer(200, []),
        answer(200, "<html></html>"),
        answer(400, {"error": "invalid_grant"}),
        answer(401, {"error": "invalid_client"}),
        answer(503, ""),
        answer(429, {}, **{"Retry-After": "Wed, 01 Jul 2026 12:00:10 GMT"}),
        exceptions.ChunkedEncodingError(),
    ],
)
def test_no_error_overwrites_good_tokens(tmp_path: Path, said: requests.Response | Exception) -> None:
    """Nor does an answer whose tokens are null."""
    store = TokenStore(tmp_path / "t.json", "r0")
    auth, _ = authenticator(store, pair(1), said)
    auth.token()

    with pytest.raises((Unauthorized, Busy)) as caught:
        auth.token()
    assert isinstance(caught.value, TapError)
    assert (store.load().refresh_token, store.load().access_token) == ("r1", "a1")


def test_a_pair_is_kept_before_it_is_used_all_or_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed in the middle of writing, the pair before is there."""
    store = TokenStore(tmp_path / "t.json", "r0")
    store.save(Tokens("r1", "a1"))
    monkeypatch.setattr("json.dump", lambda _, file: file.write('{"refresh_token": "r'))
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))

    with pytest.raises(KeyboardInterrupt):
        store.save(Tokens("r2", "a2"))
    assert store.load().refresh_token == "r1"
