"""The HTTP session: login, retries, budget; and no secret in any error."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
import requests
import responses
from target_salesforce_retail.errors import BudgetSpent, LoginFailed, OrgBusy, OrgRefused
from target_salesforce_retail.org.session import ATTEMPTS, OrgSettings, Session
from target_salesforce_retail.org.wire import encode
from urllib3.exceptions import LocationParseError

LOGIN = "https://acme.test/services/oauth2/token"
CALL = "https://eu1.test/services/data/v66.0/limits"
EXPIRED = [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


@pytest.fixture
def web() -> Any:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def session(**more: Any) -> Session:
    slept: list[float] = []
    settings = OrgSettings("https://acme.test/", "id", "hunter2", **more)
    made = Session(settings, sleep=slept.append, jitter=lambda: 1.0)
    made.slept = slept  # type: ignore[attr-defined]
    return made


def token(web: Any, value: str = "t1", org: str = "00D000000000001EAA") -> None:
    body = {"access_token": value, "instance_url": "https://eu1.test", "id": f"https://login.test/id/{org}/005"}
    web.post(LOGIN, json=body)


def nameless(web: Any, **answer: Any) -> None:
    """A login that does not say which org it opens; the org itself answers so."""
    web.post(LOGIN, json={"access_token": "t1", "instance_url": "https://eu1.test"})
    web.get("https://eu1.test/services/data/v66.0/query", **answer)


def test_calls_go_to_the_instance_with_the_token(web: Any) -> None:
    """Where the login's answer says, not where the login was."""
    token(web)
    web.get(CALL, json={"n": 1.10})

    answer = session().call("GET", "/services/data/v66.0/limits")

    assert {"n": Decimal("1.10")} == answer.body
    assert web.calls[1].request.headers["Authorization"] == "Bearer t1"


def test_the_user_comes_from_the_login(web: Any) -> None:
    """In 18 characters; empty where the answer does not say, for nothing hangs on it."""
    body = {"access_token": "t1", "instance_url": "https://eu1.test"}
    said = [
        "https://login.test/id/00D000000000001EAA/005000000000001AAA",
        "https://login.test/id/00D000000000001EAA/x",
        None,
    ]
    for each in said:
        web.post(LOGIN, json={**body, "id": each})

    assert [session().user_id for _ in said] == ["005000000000001AAA", "", ""]


def test_an_expired_session_is_renewed_once(web: Any) -> None:
    """And the call is made again as it was."""
    token(web)
    web.post(CALL, status=401, json=EXPIRED)
    token(web, "t2")
    web.post(CALL, json={})

    session().call("POST", "/services/data/v66.0/limits", body={"a": Decimal("1.10")})

    assert [call.request.headers["Authorization"] for call in web.calls if call.request.url == CALL] == [
        "Bearer t1",
        "Bearer t2",
    ]
    assert web.calls[-1].request.body == b'{"a":1.10}'


def test_a_session_that_is_refused_again_fails(web: Any) -> None:
    """No endless loop (the library we rent has one)."""
    token(web)
    web.get(CALL, status=401, json=EXPIRED)

    with pytest.raises(LoginFailed) as raised:
        session().call("GET", "/services/data/v66.0/limits")

    assert (raised.value.where, raised.value.hint) == ("GET /services/data/v66.0/limits", "Check the app.")
    assert sum(call.request.url == CALL for call in web.calls) == 2


@pytest.mark.parametrize(
    "trouble",
    [
        {"status": 503, "json": [{"errorCode": "SERVER_UNAVAILABLE"}]},
        {"status": 500, "json": []},
        {"status": 429, "json": []},
        {"status": 200, "body": "<html>wait</html>"},
        {"status": 200, "body": '{"cut'},
        {"status": 400, "json": [{"errorCode": "QUERY_TIMEOUT", "message": "too long"}]},
        {"status": 400, "json": [{"errorCode": "REQUEST_RUNNING_TOO_LONG", "message": "too long"}]},
        {"body": requests.ConnectionError()},
        {"body": requests.ReadTimeout()},
        {
            "status": 403,
            "json": [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "ConcurrentRequests Limit exceeded."}],
        },
    ],
)
def test_what_passes_is_waited_out(web: Any, trouble: dict[str, Any]) -> None:
    """With growing pauses."""
    token(web)
    web.get(CALL, **trouble)
    web.get(CALL, **trouble)
    web.get(CALL, json={"ok": True})
    made = session()

    assert made.call("GET", "/services/data/v66.0/limits").body == {"ok": True}
    assert made.slept == [0.5, 1.0]  # type: ignore[attr-defined]


def test_no_pause_is_longer_than_a_minute() -> None:
    """However often it was tried before."""
    made = session()

    for attempt in (6, 7, 60):
        made.pause(attempt)

    assert made.slept == [32.0, 60.0, 60.0]  # type: ignore[attr-defined]


def test_what_does_not_pass_ends_in_busy(web: Any) -> None:
    """Bounded, and the state stays."""
    token(web)
    web.get(CALL, status=503, json=[{"errorCode": "SERVER_UNAVAILABLE", "message": "ann@example.com"}])

    with pytest.raises(OrgBusy) as raised:
        session().call("GET", "/services/data/v66.0/limits?q=ann@example.com")

    assert sum("limits" in str(call.request.url) for call in web.calls) == ATTEMPTS
    assert str(raised.value) == (
        "GET /services/data/v66.0/limits: Salesforce did not answer after 6 attempts: 503 SERVER_UNAVAILABLE. "
        "Nothing is lost: the state stays where it was, and the next run goes on from there."
    )


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        ({"body": requests.ConnectTimeout("ann@example.com")}, "ConnectTimeout"),
        ({"body": '{"cut ann@example.com'}, "200 without the JSON it announced"),
    ],
)
def test_what_did_not_come_is_called_by_its_kind(web: Any, trouble: dict[str, Any], said: str) -> None:
    """Not by its words."""
    token(web)
    web.get(CALL, **trouble)

    with pytest.raises(OrgBusy, match=f"after 6 attempts: {said}"):
        session().call("GET", "/services/data/v66.0/limits")


@pytest.mark.parametrize("trouble", [requests.exceptions.InvalidURL, LocationParseError, UnicodeError])
def test_a_call_that_cannot_be_made_is_refused_at_once(web: Any, trouble: type[Exception]) -> None:
    """As where the address is none, or a redirection leads to one."""
    web.post(LOGIN, body=trouble("hunter2"))

    with pytest.raises(OrgRefused) as raised:
        session().call("GET", "/services/data/v66.0/limits")

    assert str(raised.value) == f"login: The call cannot be made: {trouble.__name__}. Check login_url."
    assert len(web.calls) == 1


@pytest.mark.parametrize("status", [400, 403, 405, 410])
def test_what_no_retry_mends_is_refused_at_once(web: Any, status: int) -> None:
    """With the code, and what to look at."""
    token(web)
    web.get(CALL, status=status, json=[{"errorCode": "SOME_CODE", "message": "secret words"}])

    with pytest.raises(OrgRefused) as raised:
        session().call("GET", "/services/data/v66.0/limits?q=secret")

    assert str(raised.value) == (
        f"GET /services/data/v66.0/limits: Salesforce answered {status} SOME_CODE. "
        "Check api_version, the permission set and the org's limits."
    )
    assert len(web.calls) == 2


def test_the_daily_budget_is_watched(web: Any) -> None:
    """At the share, by whomever it was used; the next call is not made."""
    token(web)
    web.get(CALL, json={}, headers={"Sforce-Limit-Info": "api-usage=79/100"})
    web.get(CALL, json={}, headers={"Sforce-Limit-Info": "api-usage=80/100; per-app-api-usage=1/2(appName=x)"})
    made = session()
    for _ in range(2):
        made.call("GET", "/services/data/v66.0/limits")

    with pytest.raises(BudgetSpent, match="80 of the org's 100"):
        made.call("GET", "/services/data/v66.0/limits")

    assert len(web.calls) == 3


def test_a_refused_login_names_the_vendors_word_only(web: Any) -> None:
    """Once, without a retry: secrets must not be tried in a loop."""
    web.post(LOGIN, status=400, json={"error": "invalid_client", "error_description": "hunter2 is wrong"})

    with pytest.raises(LoginFailed, match="invalid_client") as raised:
        session().call("GET", "/services/data/v66.0/limits")

    assert "hunter2" not in str(raised.value)
    assert len(web.calls) == 1


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"status": 400, "json": {"error": "invalid_grant", "error_description": "hunter2"}}, "400 invalid_grant"),
        ({"status": 400, "json": {"error": "hunter2 is wrong"}}, "400 no reason given"),
        ({"status": 403, "json": []}, "403 no reason given"),
        ({"status": 200, "json": ["hunter2"]}, "200 no reason given"),
    ],
)
def test_a_refused_login_says_where_and_what_to_look_at(web: Any, answer: dict[str, Any], said: str) -> None:
    """Without a word of the answer that is no code."""
    web.post(LOGIN, **answer)

    with pytest.raises(LoginFailed) as raised:
        session().call("GET", "/services/data/v66.0/limits")

    assert str(raised.value) == (
        f"login_url: Salesforce refused the login: {said}. "
        "Check login_url (My Domain), client_id, client_secret and the app's Run As user."
    )


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"status": 400, "json": {"error": "invalid_client"}}, None),
        ({"json": {"access_token": "t1"}}, None),
        (
            {"json": {"access_token": "t1", "instance_url": "https://eu1.test", "id": "/id/00D000000000001/"}},
            "00D000000000002",
        ),
    ],
    ids=["refused", "half an answer", "another org"],
)
def test_a_failed_login_quotes_no_address(web: Any, answer: dict[str, Any], expected: str | None) -> None:
    """There may be a password in it; the setting's name is enough to find it."""
    address = "https://user:hunter2@acme.test"
    web.post(f"{address}/services/oauth2/token", **answer)

    with pytest.raises(LoginFailed) as raised:
        Session(OrgSettings(address, "id", "s", expected_org_id=expected)).login()

    assert str(raised.value).startswith("login_url: ")
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_the_secret_follows_no_redirect(web: Any, status: int) -> None:
    """It is sent to the address of the settings, and nowhere else."""
    web.post(LOGIN, status=status, headers={"Location": "https://elsewhere.test/"})

    with pytest.raises(LoginFailed, match=f"refused the login: {status} no reason given"):
        session().login()

    assert [call.request.url for call in web.calls] == [LOGIN]


def test_no_call_is_waited_for_without_end(web: Any) -> None:
    """Ten seconds for a connection, two minutes for an answer; the login as any other."""
    token(web)
    web.get(CALL, json={})

    session().call("GET", "/services/data/v66.0/limits")

    assert [call.request.req_kwargs["timeout"] for call in web.calls] == [(10, 120)] * 2


@pytest.mark.parametrize("named", ["00D000000000001", "00D000000000001EAA"])
@pytest.mark.parametrize("expected", ["00D000000000001", "00D000000000001EAA"])
def test_the_org_is_checked_before_anything_else(web: Any, expected: str, named: str) -> None:
    """In either length of the id, on either side."""
    token(web, org=named)
    web.get(CALL, json={})
    session(expected_org_id=expected).call("GET", "/services/data/v66.0/limits")

    with pytest.raises(LoginFailed, match="another org"):
        session(expected_org_id="00D000000000002AAA").call("GET", "/services/data/v66.0/limits")


@pytest.mark.parametrize(
    "expected", ["00D00000000000", "00D", "00d000000000001", "00D000000000001EAB", "0D000000000001"]
)
def test_half_an_org_id_is_another_org(web: Any, expected: str) -> None:
    """It is compared whole, with its case; and a second call is not made in that org either."""
    token(web)
    web.get(CALL, json={})
    made = session(expected_org_id=expected)

    for _ in range(2):
        with pytest.raises(LoginFailed, match="another org"):
            made.call("GET", "/services/data/v66.0/limits")

    assert not [call for call in web.calls if call.request.url == CALL]


@pytest.mark.parametrize("named", ["00D000000000001", "00D000000000001EAA"])
def test_the_login_says_which_org_it_is(web: Any, named: str) -> None:
    """In 15 characters, and without a further call."""
    token(web, org=named)

    assert session().org_id == "00D000000000001"
    assert len(web.calls) == 1


def test_an_org_that_the_login_does_not_name_is_asked(web: Any) -> None:
    """Once; and checked as any other."""
    nameless(web, json={"totalSize": 1, "done": True, "records": [{"Id": "00D000000000001EAA"}]})
    made = session(expected_org_id="00D000000000001EAA")

    assert [made.org_id, made.org_id] == ["00D000000000001", "00D000000000001"]
    assert len(web.calls) == 2
    assert web.calls[1].request.headers["Authorization"] == "Bearer t1"
    assert "Content-Type" not in web.calls[1].request.headers
    with pytest.raises(LoginFailed, match="another org"):
        session(expected_org_id="00D000000000002AAA").call("GET", "/services/data/v66.0/limits")


@pytest.mark.parametrize(
    "answer",
    [{"status": 400, "json": [{"errorCode": "INVALID_TYPE", "message": "x"}]}, {"json": {"records": []}}, {"json": 7}],
)
def test_an_org_that_nobody_names_is_refused(web: Any, answer: dict[str, Any]) -> None:
    """The ledger must not be given to just any org."""
    nameless(web, **answer)

    with pytest.raises(OrgRefused, match="which org"):
        _ = session().org_id


@pytest.mark.parametrize("lacking", ["access_token", "instance_url"])
def test_a_login_without_its_half_is_a_failed_login(web: Any, lacking: str) -> None:
    """In a sentence."""
    body = {"access_token": "t1", "instance_url": "https://eu1.test", "id": "https://login.test/id/00D000000000001/005"}
    del body[lacking]
    web.post(LOGIN, json=body)

    with pytest.raises(LoginFailed, match="names no"):
        session().call("GET", "/services/data/v66.0/limits")


def test_headers_travel_with_the_call_and_its_repetition(web: Any) -> None:
    """A replay after a new login says the same."""
    token(web)
    web.post(CALL, status=401, json=EXPIRED)
    web.post(CALL, json={})

    session().call("POST", "/services/data/v66.0/limits", body={}, headers={"Sforce-Auto-Assign": "FALSE"})

    sent = [call.request.headers.get("Sforce-Auto-Assign") for call in web.calls if call.request.url == CALL]
    assert sent == ["FALSE", "FALSE"]


def test_the_question_which_org_it_is_is_no_exception_to_the_budget(web: Any) -> None:
    """A login that does not say it may tell that the share is used."""
    body = {"access_token": "t1", "instance_url": "https://eu1.test"}
    web.post(LOGIN, json=body, headers={"Sforce-Limit-Info": "api-usage=80/100"})

    with pytest.raises(BudgetSpent) as raised:
        _ = session().org_id

    assert str(raised.value).startswith("org: 80 of the org's 100 daily API calls are used, by whomever. ")
    assert len(web.calls) == 1


def test_what_is_owed_is_not_stopped_by_the_budget(web: Any) -> None:
    """It repairs what an earlier call did."""
    token(web)
    web.get(CALL, json={}, headers={"Sforce-Limit-Info": "api-usage=99/100"})
    made = session()
    made.call("GET", "/services/data/v66.0/limits")

    made.call("GET", "/services/data/v66.0/limits", owed=True)

    with pytest.raises(BudgetSpent):
        made.call("GET", "/services/data/v66.0/limits")


def test_values_are_written_as_salesforce_reads_them() -> None:
    """Exact money, ISO dates, instants in UTC with a T."""
    local = datetime(2026, 11, 20, 12, 23, 49, tzinfo=timezone(timedelta(hours=-5)))
    body = {"m": Decimal("11.10"), "d": date(1990, 5, 17), "t": local, "n": None, "u": "Zoë"}

    assert encode(body) == b'{"m":11.10,"d":"1990-05-17","t":"2026-11-20T17:23:49.000Z","n":null,"u":"Zo\\u00eb"}'


def test_what_no_field_can_hold_is_called_by_its_kind() -> None:
    """Not by its value, which may be a shopper's."""
    with pytest.raises(TypeError) as raised:
        encode({"Email": {"ann@x.org"}})

    assert raised.value.args == ("set fits no field",)
