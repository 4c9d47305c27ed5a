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

    with pytest.raises(LoginFailed):
        session().call("GET", "/services/data/v66.0/limits")

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


def test_what_does_not_pass_ends_in_busy(web: Any) -> None:
    """Bounded, and the state stays."""
    token(web)
    web.get(CALL, status=503, json=[{"errorCode": "SERVER_UNAVAILABLE", "message": "ann@example.com"}])

    with pytest.raises(OrgBusy) as raised:
        session().call("GET", "/services/data/v66.0/limits?q=ann@example.com")

    assert sum("limits" in str(call.request.url) for call in web.calls) == ATTEMPTS
    assert "SERVER_UNAVAILABLE" in str(raised.value)
    assert "ann@example.com" not in str(raised.value)


@pytest.mark.parametrize("status", [400, 403, 405, 410])
def test_what_no_retry_mends_is_refused_at_once(web: Any, status: int) -> None:
    """With the code, and what to look at."""
    token(web)
    web.get(CALL, status=status, json=[{"errorCode": "SOME_CODE", "message": "secret words"}])

    with pytest.raises(OrgRefused, match="SOME_CODE") as raised:
        session().call("GET", "/services/data/v66.0/limits")

    assert "secret words" not in str(raised.value)
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
