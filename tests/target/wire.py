"""A hand on the wire between the live org and the sandbox: what was sent, and what is answered."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import requests
from target_salesforce_retail.org.session import Session

from sandbox.serve import Box

Part = dict[str, Any]


class Wire:
    """Stands where the HTTP client is.

    Attributes:
        sent: Headers and JSON body of every composite call, in order.
        before: Called before each composite call with its body.
        refuse: Says how a request of a composite call is refused, if it is: status, code and perhaps its words. It does
            not reach the org.
        unread: True for the body of a call that the vendor could not even read.
        answers: Bodies to be answered to the next calls, whatever they ask, with their statuses.
    """

    def __init__(self, session: Session) -> None:
        self._through = session._http.request
        self.sent: list[tuple[dict[str, str], dict[str, Any]]] = []
        self.before: Callable[[dict[str, Any]], None] = lambda _: None
        self.refuse: Callable[[Part], tuple[int, str] | tuple[int, str, str] | None] = lambda _: None
        self.unread: Callable[[str], bool] = lambda _: False
        self.answers: list[tuple[int, Any]] = []

    @property
    def rows(self) -> list[list[Any]]:
        """The rows of every request that writes some."""
        return [request["body"]["records"] for request in self.requests if "records" in request.get("body", {})]

    @property
    def requests(self) -> list[Part]:
        """Every request of every composite call."""
        return [request for _, body in self.sent for request in body["compositeRequest"]]

    def request(self, method: str, url: str, **more: Any) -> requests.Response:
        """In place of ``requests.Session.request``."""
        if "/oauth2/" in url:
            return self._through(method, url, **more)
        if self.answers:
            return _answer(*self.answers.pop(0))
        if not url.endswith("/composite"):
            return self._through(method, url, **more)
        body = json.loads(more["data"])
        self.sent.append((more["headers"], body))
        if self.unread(more["data"].decode()):
            return _answer(400, [{"errorCode": "JSON_PARSER_ERROR", "message": "Unexpected character"}])
        self.before(body)
        return self._without_refused(body, method, url, more)

    def _without_refused(self, body: dict[str, Any], method: str, url: str, more: dict[str, Any]) -> requests.Response:
        refused = {each["referenceId"]: found for each in body["compositeRequest"] if (found := self.refuse(each))}
        if not refused:
            return self._through(method, url, **more)
        left = [each for each in body["compositeRequest"] if each["referenceId"] not in refused]
        data = json.dumps({**body, "compositeRequest": left}).encode()
        said = self._through(method, url, **{**more, "data": data}).json()["compositeResponse"] if left else []
        passed = {each["referenceId"]: each for each in said}
        parts = [
            passed[name] if name in passed else _part(name, *refused[name])
            for name in (each["referenceId"] for each in body["compositeRequest"])
        ]
        return _answer(200, {"compositeResponse": parts})


def duplicate_rule(box: Box, name: str, field: str, action: str) -> None:
    """Have the org take records that share a field's value for duplicates; ``action`` is alert or block."""
    rules = [{"object": name, "field": field, "action": action}]
    requests.post(f"{box.salesforce_url}/_sandbox/duplicate_rules", json=rules, timeout=10).raise_for_status()


@contextmanager
def taken_away(box: Box, name: str, field: str = "", **rights: bool) -> Iterator[None]:
    """An administrator hides an object or a field, or takes rights to write it away; in the end all is as before."""
    objects = box.org.schema.objects
    sobject = objects[name.lower()]
    place: dict[str, Any] = sobject.fields if field else objects
    held = place[(field or name).lower()]
    if rights:
        place[(field or name).lower()] = replace(held, **rights)
    else:
        del place[(field or name).lower()]
    try:
        yield
    finally:
        place[(field or name).lower()] = held


def _part(name: str, status: int, code: str, words: str = "no words of a shopper") -> Part:
    body = [{"errorCode": code, "message": words}]
    return {"referenceId": name, "httpStatusCode": status, "httpHeaders": {}, "body": body}


def _answer(status: int, body: Any) -> requests.Response:
    answer = requests.Response()
    answer.status_code = status
    answer._content = json.dumps(body).encode()
    return answer
