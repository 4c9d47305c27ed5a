"""Logging in to the sandbox's org: flows, sessions, identity, and what the front refuses."""

from __future__ import annotations

import base64
from datetime import datetime, timezone
from functools import cache
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sandbox.clock import Clock
from sandbox.salesforce.oauth import CLIENT_ID, CLIENT_SECRET
from sandbox.salesforce.rows import Org
from sandbox.salesforce.sessions import REFRESH_TOKEN
from sandbox.salesforce.standard import standard_schema
from sandbox.switches import Switches
from tests.sandbox.salesforce_client import BASE, Client, Reply

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=timezone.utc)
USER = "integration@sandbox.example"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
APP = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}


@pytest.fixture
def client() -> Client:
    return Client(Org(standard_schema(), Clock(NOON), Switches())).log_in()


@cache
def key(_name: str) -> RSAPrivateKey:
    return generate_private_key(65_537, 2_048)


def post(client: Client, path: str, **form: str) -> Reply:
    return client.send("POST", f"/services/oauth2/{path}", urlencode(form).encode())


# -- flows


def assertion(client: Client, signer: str = "ours", **claims: Any) -> Reply:
    public = key("ours").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    client.send("POST", "/_sandbox/certificate", {"public_key": public})
    said = {"iss": CLIENT_ID, "sub": USER, "aud": "https://login.salesforce.com", "exp": NOON.timestamp() + 180}
    text = jwt.encode({**said, **claims}, key(signer), "RS256")
    return post(client, "token", grant_type=JWT_BEARER, assertion=text)


def test_a_signed_assertion_opens_a_session(client: Client) -> None:
    answer = assertion(client)
    assert (answer.status, answer.body["token_type"]) == (200, "Bearer")
    assert "refresh_token" not in answer.body
    used = client.data("GET", "/limits", authorization=f"Bearer {answer.body['access_token']}")
    assert used.status == 200


@pytest.mark.parametrize(
    ("signer", "claims", "error", "said"),
    [
        ("theirs", {}, "invalid_grant", "invalid assertion"),
        ("ours", {"iss": "nobody"}, "invalid_client_id", "client identifier invalid"),
        ("ours", {"aud": "https://example.com"}, "invalid_grant", "audience is invalid"),
        ("ours", {"exp": NOON.timestamp() - 1}, "invalid_grant", "expired authorization code"),
        ("ours", {"sub": "stranger@example.com"}, "invalid_grant", "user hasn't approved this consumer"),
    ],
)
def test_an_assertion_is_checked(client: Client, signer: str, claims: dict[str, Any], error: str, said: str) -> None:
    answer = assertion(client, signer, **claims)
    assert (answer.status, answer.body) == (400, {"error": error, "error_description": said})


def test_no_assertion_is_good_before_a_certificate_is_registered(client: Client) -> None:
    text = jwt.encode({"iss": CLIENT_ID}, key("ours"), "RS256")
    assert post(client, "token", grant_type=JWT_BEARER, assertion=text).status == 400


@pytest.mark.parametrize("rotates", [False, True])
def test_a_refresh_token_is_good_again_unless_it_rotates(rotates: bool) -> None:
    client = Client(Org(standard_schema(), Clock(NOON), Switches(refresh_rotation=rotates)))
    first = post(client, "token", grant_type="refresh_token", refresh_token=REFRESH_TOKEN, client_id=CLIENT_ID)
    again = post(client, "token", grant_type="refresh_token", refresh_token=REFRESH_TOKEN, **APP)
    assert first.status == 200
    assert ("refresh_token" in first.body) is rotates
    if rotates:
        assert again.body == {"error": "invalid_grant", "error_description": "expired access/refresh token"}
        token = first.body["refresh_token"]
        assert post(client, "token", grant_type="refresh_token", refresh_token=token, **APP).status == 200
    else:
        assert again.status == 200


def test_a_revoked_token_is_dead_and_introspection_says_so(client: Client) -> None:
    token = client.login().body["access_token"]
    assert post(client, "introspect", token=token, **APP).body == {"active": True}
    assert post(client, "revoke", token=token).status == 200
    assert post(client, "introspect", token=token, **APP).body == {"active": False}
    assert post(client, "revoke", token=token).status == 400


# -- who


def test_the_identity_is_where_the_token_answer_says(client: Client) -> None:
    place = client.login().body["id"].partition(":1/")[2]
    who = client.send("GET", f"/{place}")
    assert (who.body["user_id"], who.body["organization_id"]) == (client.org.user_id, client.org.org_id)
    assert who.body["username"] == USER
    assert who.body["urls"]["rest"].endswith("/services/data/v{version}/")
    info = client.send("GET", "/services/oauth2/userinfo").body
    assert (info["preferred_username"], info["sub"]) == (USER, who.body["id"])


def test_the_identity_asks_for_a_token(client: Client) -> None:
    token = client.headers.pop("authorization").removeprefix("Bearer ")
    assert client.send("GET", f"/services/oauth2/userinfo?access_token={token}").status == 200
    assert (client.send("GET", "/services/oauth2/userinfo").status, client.send("GET", "/id/a/b").status) == (403, 403)
    bad = client.send("GET", "/services/oauth2/userinfo", authorization="Bearer nobody")
    assert bad.body == "Bad_OAuth_Token"


# -- sessions and limits


def test_a_session_ends_after_two_idle_hours(client: Client) -> None:
    client.org.clock.advance(7_000)
    assert client.data("GET", "/limits").status == 200
    client.org.clock.advance(7_000)
    assert client.data("GET", "/limits").status == 200
    client.org.clock.advance(7_201)
    answer = client.data("GET", "/limits")
    assert (answer.status, answer.body) == (
        401,
        [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}],
    )


@pytest.mark.parametrize(
    "said", ["Connected app is not attached to Agent", "This session is not valid for use with the REST API"]
)
def test_some_sessions_are_refused_for_good(client: Client, said: str) -> None:
    client.send("POST", "/_sandbox/deny_sessions", {"message": said})
    answer = client.log_in().data("GET", "/limits")
    assert (answer.status, answer.body[0]["message"]) == (401, said)
    client.send("POST", "/_sandbox/deny_sessions", {"message": ""})
    assert client.data("GET", "/limits").status == 200


def test_too_many_long_calls_stop_every_other(client: Client) -> None:
    client.send("POST", "/_sandbox/long_calls", {"running": 24})
    assert client.data("GET", "/limits").status == 200
    client.send("POST", "/_sandbox/long_calls", {"running": 25})
    answer = client.data("GET", "/limits")
    assert (answer.status, answer.codes) == (403, ["REQUEST_LIMIT_EXCEEDED"])
    assert answer.body[0]["message"].startswith("ConcurrentRequests")


def test_a_full_org_takes_no_more_rows() -> None:
    client = Client(Org(standard_schema(), Clock(NOON), Switches(), storage_mb=1)).log_in()
    for number in range(600):
        answer = client.data("POST", "/sobjects/Contact", {"LastName": f"Ann {number}"})
        if answer.status != 201:
            break
    assert (answer.status, answer.codes) == (400, ["STORAGE_LIMIT_EXCEEDED"])
    assert client.data("GET", "/limits").body["DataStorageMB"] == {"Max": 1, "Remaining": 0}
    assert 500 <= number <= 512


# -- the front


def test_a_post_may_mean_another_method(client: Client) -> None:
    made = client.data("POST", "/sobjects/Contact", {"LastName": "Ann"}).body["id"]
    assert client.data("POST", f"/sobjects/Contact/{made}?_HttpMethod=PATCH", {"LastName": "Bo"}).status == 204
    assert client.org.tables["Contact"][made]["LastName"] == "Bo"


def test_a_body_of_another_type_is_refused(client: Client) -> None:
    answer = client.send("POST", f"{BASE}/sobjects/Contact", b"<x/>", content_type="application/xml")
    assert (answer.status, answer.codes) == (415, ["UNSUPPORTED_MEDIA_TYPE"])


def test_the_root_names_what_is_served(client: Client) -> None:
    root = client.data("GET", "").body
    for name, place in root.items():
        if name not in {"identity", "jobs"}:
            assert client.send("GET", place).status != 404
    assert root["identity"].endswith(f"/id/{client.org.org_id}/{client.org.user_id}")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("<login><username>u</username></login>", "INVALID_OPERATION"),
        ("<x:SessionHeader><x:sessionId>nobody</x:sessionId></x:SessionHeader>", "INVALID_SESSION_ID"),
    ],
)
def test_soap_is_over(client: Client, body: str, code: str) -> None:
    status, text = client.soap(body)
    assert status == 500
    assert f"<faultcode>sf:{code}</faultcode>" in text


def test_soap_has_the_same_limit_of_long_calls(client: Client) -> None:
    client.org.long_calls = 25
    token = client.headers["authorization"].removeprefix("Bearer ")
    _, text = client.soap(f"<s:sessionId>{token}</s:sessionId>")
    assert "ConcurrentRequests (Concurrent API Requests) Limit exceeded." in text


def test_introspecting_asks_who_the_client_is(client: Client) -> None:
    token = client.headers["authorization"].partition(" ")[2]
    header = f"Basic {base64.b64encode(f'{CLIENT_ID}:{CLIENT_SECRET}'.encode()).decode()}"
    body = urlencode({"token": token}).encode()
    told = client.send("POST", "/services/oauth2/introspect", body, authorization=header)
    assert told.body == {"active": True}
    for form, error in (({}, "invalid_client_id"), ({"client_id": CLIENT_ID}, "invalid_client")):
        refused = client.send("POST", "/services/oauth2/introspect", urlencode(form).encode(), authorization="")
        assert (refused.status, refused.body["error"]) == (400, error)


def test_a_form_that_is_no_text_is_refused(client: Client) -> None:
    refused = client.send("POST", "/services/oauth2/token", b"grant_type=\xff\xfe")
    assert (refused.status, refused.body["error"]) == (400, "unsupported_grant_type")


def test_a_client_that_reads_xml_only_is_refused(client: Client) -> None:
    assert client.data("GET", "/limits", accept="application/xml").status == 406
    for accepted in ("application/json", "application/xml, application/json", "*/*", "text/csv"):
        assert client.data("GET", "/limits", accept=accepted).status == 200
