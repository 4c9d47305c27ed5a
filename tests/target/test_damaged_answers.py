"""Answers that are none: every call that the target makes, under every damage, ends in a result or in one sentence.

Never in a traceback, never in a value that was not written, and never with a shopper's data in what is said.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import requests
from target_salesforce_retail.errors import LoginFailed, RetailError
from target_salesforce_retail.org.live import LiveOrg
from target_salesforce_retail.org.session import Session

KEY = "Lightspeed_Key__c"
NONE: dict[str, None] = {}
ANN = "003000000000001AAA"
SECRET = "ann@example.com"
FIELDS = {"Contact": ("LastName", "Birthdate", "CreatedDate"), "Lead": ("LastName",)}
Deed = Callable[[LiveOrg, str], Any]

DEEDS: dict[str, Deed] = {
    "login": lambda org, _: org._session.login(),
    "which org": lambda org, _: org._session._asked_org(org._session._instance),
    "describe": lambda org, _: org._anew(["Contact", "Lead"]),
    "find": lambda org, ann: org.find(
        {"Contact": [{"Id": [ann]}, {"Email": [SECRET]}], "Lead": [{"Email": ["x"]}]}, FIELDS
    ),
    "changed since": lambda org, _: org.changed_since(org.now(), FIELDS),
    "survivors": lambda org, ann: org.survivors("Contact", [ann]),
    "create": lambda org, _: org.upsert("Contact", KEY, [{KEY: "1:1", "LastName": "Lee", "Email": SECRET}]),
    "update": lambda org, ann: org.update("Contact", KEY, [(ann, {"FirstName": "A"}, NONE)]),
    "fill a blank": lambda org, ann: org.update("Contact", KEY, [(ann, {"Phone": "1"}, {"Phone": None})]),
    "delete": lambda org, ann: org.delete("Contact", [ann]),
}
WRITES = ("create", "update", "fill a blank", "delete")

ERROR = [{"errorCode": "SOME_CODE", "message": SECRET}]
ODD_ERRORS: list[Any] = [
    ERROR,
    [{"errorCode": [SECRET], "message": 7}],
    [{"errorCode": {"a": SECRET}}],
    [{"errorCode": "INVALID_FIELD", "fields": 7, "message": None}],
    [{"errorCode": "DUPLICATES_DETECTED", "duplicateResult": {"matchResults": 7}, "fields": "Email"}],
    [{"errorCode": "DUPLICATE_VALUE", "message": [SECRET], "fields": [None, 7]}],
    [7, None, "x"],
    {"errorCode": "SOME_CODE"},
    {"error": {"a": SECRET}, "error_description": SECRET},
    {"errors": SECRET},
]
NO_JSON = [
    b"",
    b"<html>Please wait, ann@example.com</html>",
    b'{"compositeResponse": [{"body"',
    b"\xff\xfe\x00",
    b"[" * 50_000,
    b'{"a": ' + b"1" * 5_000 + b"}",
    b"NaN",
]
JSON: list[Any] = [None, 7, "text", True, [], {}, [[]], {"compositeResponse": None}, {"compositeResponse": [7]}]
WHOLE: list[tuple[int, bytes]] = [
    *((status, body) for status in (200, 201, 204, 301, 400, 401, 403, 404, 500) for body in NO_JSON[:3]),
    *((200, body) for body in NO_JSON),
    *((200, json.dumps(body).encode()) for body in JSON),
    *((status, json.dumps(body).encode()) for status in (200, 400, 403, 404, 405, 410, 500) for body in ODD_ERRORS),
]
"""(status, body) in place of an answer."""
RECORD = {"attributes": {"type": "Contact"}, "Id": "003000000000001AAA"}
PARTS: list[Any] = [
    None,
    7,
    "text",
    [],
    {},
    [7],
    [None],
    [{}],
    [{"success": True}],
    [{"success": "yes", "id": "003000000000001AAA"}],
    [{"success": True, "id": 7}],
    [{"success": True, "id": SECRET}],
    [{"success": False}],
    [{"success": False, "errors": SECRET}],
    *([{"success": False, "errors": errors}] for errors in ODD_ERRORS),
    *ODD_ERRORS,
    {"name": "Contact", "fields": 7},
    {"name": "Contact", "fields": [{"name": 7}]},
    {"name": "Contact", "fields": [{"name": "X", "type": "string", "picklistValues": [7]}]},
    {"records": 7, "done": True},
    {"records": [7], "done": True},
    {"records": [{"Id": None}], "done": True},
    {"records": [{"Id": SECRET}], "done": True},
    {"records": [{**RECORD, "CreatedDate": SECRET}], "done": True},
    {"records": [{**RECORD, "Birthdate": "2026-13-45"}], "done": True},
    {"records": [RECORD], "done": True},
    {"records": [], "done": False},
    {"records": [], "done": False, "nextRecordsUrl": 7},
    {"records": [], "done": False, "nextRecordsUrl": "@elsewhere.example/x"},
]
"""Bodies in place of those of the parts of a call."""


class Damage:
    """Stands where the HTTP client is: nothing reaches the org, and what comes back is no answer.

    Attributes:
        answer: Gives the answer to a call, by its JSON body.
        hosts: Where the calls went.
    """

    def __init__(self, session: Session) -> None:
        self.answer: Callable[[Any], requests.Response] = lambda _: said(500, b"")
        self.hosts: set[str] = set()
        session._http.request = self.request  # type: ignore[method-assign]
        session._http.post = self.post  # type: ignore[method-assign]

    def request(self, _method: str, url: str, **more: Any) -> requests.Response:
        self.hosts.add(url.split("/")[2])
        return self.answer(json.loads(more["data"]) if isinstance(more.get("data"), bytes) else None)

    def post(self, url: str, **more: Any) -> requests.Response:
        return self.request("POST", url, **more)


def said(status: int, body: bytes) -> requests.Response:
    answer = requests.Response()
    answer.status_code, answer._content = status, body
    return answer


def parts(call: Any, status: int, body: Any) -> requests.Response:
    """A call that was answered, with this in place of every part."""
    names = [each["referenceId"] for each in call["compositeRequest"]] if call else []
    listed = [{"referenceId": name, "httpStatusCode": status, "httpHeaders": {}, "body": body} for name in names]
    return said(200, json.dumps({"compositeResponse": listed}).encode())


@pytest.fixture
def damage(session: Session, org: LiveOrg) -> Damage:
    """In place of the org, once it has been described."""
    org.describe(["Contact", "Lead"])
    return Damage(session)


def try_it(org: LiveOrg, deed: str, known: dict[str, Any]) -> None:
    """Nothing was written, and nothing says that it was; what is raised is one sentence that quotes nobody."""
    org._describes = dict(known)
    told, results = "", []
    try:
        results = DEEDS[deed](org, ANN)
    except RetailError as error:
        told = str(error)
    assert SECRET not in told
    assert len(told.splitlines()) <= 1
    assert told or deed not in WRITES or all(result.fault for result in results)


@pytest.mark.parametrize("deed", DEEDS)
def test_no_answer_is_taken_for_one(org: LiveOrg, damage: Damage, deed: str) -> None:
    """Whatever its status, and whatever stands in its place."""
    known = dict(org._describes)
    for status, body in WHOLE:
        damage.answer = lambda _, status=status, body=body: said(status, body)  # type: ignore[misc]
        try_it(org, deed, known)
    assert len(damage.hosts) == 1


@pytest.mark.parametrize("deed", [each for each in DEEDS if each not in ("login", "which org")])
@pytest.mark.parametrize("status", [200, 400, 404])
def test_no_part_of_an_answer_is_taken_for_one(org: LiveOrg, damage: Damage, deed: str, status: int) -> None:
    """The call was answered, and its requests were not; nor are we led elsewhere."""
    known = dict(org._describes)
    for body in PARTS:
        damage.answer = lambda call, body=body: parts(call, status, body)  # type: ignore[misc]
        try_it(org, deed, known)
    assert len(damage.hosts) == 1


@pytest.mark.parametrize(
    "trouble",
    [
        requests.exceptions.ContentDecodingError(SECRET),
        requests.exceptions.InvalidURL(SECRET),
        requests.exceptions.TooManyRedirects(SECRET),
        requests.exceptions.InvalidHeader(SECRET),
        requests.exceptions.SSLError(SECRET),
    ],
)
@pytest.mark.parametrize("deed", ["login", "find", "create"])
def test_what_goes_wrong_on_the_way_is_a_sentence(org: LiveOrg, damage: Damage, deed: str, trouble: Exception) -> None:
    """Whatever the library calls it."""

    def lost(_: Any) -> requests.Response:
        raise trouble

    damage.answer = lost
    try_it(org, deed, dict(org._describes))


@pytest.mark.parametrize(
    "told",
    [
        {"access_token": "t", "instance_url": 7},
        {"access_token": "t", "instance_url": "acme"},
        {"access_token": "t", "instance_url": "https://"},
        {"access_token": SECRET, "instance_url": None},
        {"error": {"code": SECRET}},
    ],
)
def test_a_login_that_says_nothing_usable_is_a_sentence(session: Session, damage: Damage, told: Any) -> None:
    """No call is made with it."""
    damage.answer = lambda _: said(200, json.dumps(told).encode())

    with pytest.raises(LoginFailed) as raised:
        session.login()

    assert SECRET not in str(raised.value)
