"""Injected failure: which call fails, how, and whether it took effect all the same.

Wraps both vendors' apps from outside. ``commit`` lets the call take effect and loses its answer only, which is what
makes duplicates in loaders that retry blindly.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

STATUSES = {"400": 400, "401": 401, "403": 403, "404": 404, "429": 429, "500": 500, "502": 502, "503": 503, "504": 504}
SHAPES = ("html", "truncate", "drop", "slow")
CODES = {
    401: ("INVALID_SESSION_ID", "Session expired or invalid"),
    403: ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
    404: ("NOT_FOUND", "The requested resource does not exist"),
    500: ("UNKNOWN_EXCEPTION", "An unexpected error occurred."),
    503: ("SERVER_UNAVAILABLE", "The service is temporarily unavailable."),
}
"""What Salesforce says with a status (facts: Salesforce sections 2 and 12)."""


@dataclass
class Gust:
    """One piece of bad weather.

    Attributes:
        fault: A status ("401" "403" "429" "500" ...), "html" (200 with a page), "truncate" (half the body), "drop" (the
            connection breaks) or "slow" (the answer comes after ``seconds``).
        method: HTTP method, or ``*``.
        path: Glob over the path.
        containing: Text that the request's body holds.
        skip: So many matching calls pass first.
        times: So many calls are hit.
        commit: The call takes effect; only its answer is lost.
        seconds: For "slow".
    """

    fault: str
    method: str = "*"
    path: str = "*"
    containing: str = ""
    skip: int = 0
    times: int = 1
    commit: bool = False
    seconds: float = 1.0

    def concerns(self, method: str, path: str) -> bool:
        """Whether this call may be hit, as far as its first line tells."""
        return self.times > 0 and self.method in ("*", method) and fnmatchcase(path, self.path)

    def hits(self, body: bytes) -> bool:
        """Whether a call that it concerns is hit; counts down."""
        if self.containing.encode() not in body:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.times -= 1
        return True


class Weather:
    """The plan of one vendor's failures."""

    def __init__(self) -> None:
        self._gusts: list[Gust] = []

    def plan(self, gusts: Sequence[Gust]) -> None:
        """Add to the plan."""
        self._gusts += gusts

    def plan_dicts(self, gusts: Sequence[dict[str, Any]]) -> None:
        """Add gusts as JSON gives them.

        Raises:
            ValueError: An unknown key or fault, with those there are.
        """
        known = {field.name for field in fields(Gust)}
        for gust in gusts:
            if set(gust) - known:
                message = f"unknown {', '.join(sorted(set(gust) - known))}; a gust has {', '.join(sorted(known))}"
                raise ValueError(message)
            if gust.get("fault") not in (*STATUSES, *SHAPES):
                message = f"unknown fault; there are {', '.join((*STATUSES, *SHAPES))}"
                raise ValueError(message)
        self.plan([Gust(**{**gust, "seconds": float(gust.get("seconds", 1.0))}) for gust in gusts])

    def clear(self) -> None:
        """Fair weather."""
        self._gusts.clear()

    def wrap(self, app: App, vendor: str) -> App:
        """The app, with this weather; ``vendor`` is "lightspeed" or "salesforce" and decides what a fault says."""

        async def stormy(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
            gusts = self._concerned(scope)
            if not gusts:
                await app(scope, receive, send)
                return
            body = await _body(receive)

            async def calm(sink: Send) -> None:
                await app(scope, _again(body), sink)

            gust = next((each for each in gusts if each.hits(body)), None)
            if gust is None:
                await calm(send)
            else:
                await _strike(gust, calm, vendor, send)

        return stormy

    def _concerned(self, scope: MutableMapping[str, Any]) -> list[Gust]:
        if scope["type"] != "http" or scope["path"].startswith("/_sandbox"):
            return []
        return [gust for gust in self._gusts if gust.concerns(scope["method"], scope["path"])]


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    more = True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


def _again(body: bytes) -> Receive:
    """A request whose body was read already, to be read once more."""

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _strike(gust: Gust, calm: Callable[[Send], Awaitable[None]], vendor: str, send: Send) -> None:
    if gust.fault == "slow":
        await asyncio.sleep(gust.seconds)
        await calm(send)
        return
    answer = await _answer(calm) if gust.commit or gust.fault == "truncate" else None
    if gust.fault == "drop":
        _abort(send)
    elif gust.fault == "truncate" and answer:
        await _cut(answer, send)
    elif gust.fault == "html":
        await _say(send, 200, b"<html><body>Please wait</body></html>", [(b"content-type", b"text/html")])
    else:
        await _refuse(STATUSES.get(gust.fault, 500), vendor, send)


async def _answer(calm: Callable[[Send], Awaitable[None]]) -> list[Message]:
    """Let the call take effect and catch what it would have answered."""
    said: list[Message] = []

    async def catch(message: Message) -> None:
        said.append(message)

    await calm(catch)
    return said


async def _cut(answer: list[Message], send: Send) -> None:
    body = b"".join(message.get("body", b"") for message in answer)
    headers = [(name, value) for name, value in answer[0]["headers"] if name.lower() != b"content-length"]
    await _say(send, answer[0]["status"], body[: max(1, len(body) // 2)], headers)


async def _refuse(status: int, vendor: str, send: Send) -> None:
    headers: Headers = [(b"content-type", b"application/json")]
    if status == 429:
        headers += [(b"retry-after", b"1"), (b"x-ls-api-ratelimit-type", b"api-leaky-bucket")]
    code, message = CODES.get(status, ("UNKNOWN_EXCEPTION", "An unexpected error occurred."))
    salesforce = [{"message": message, "errorCode": code}]
    lightspeed = {"httpCode": str(status), "httpMessage": "Fault", "message": message, "errorClass": "Exception"}
    body = json.dumps(salesforce if vendor == "salesforce" else lightspeed).encode()
    await _say(send, status, body, headers)


async def _say(send: Send, status: int, body: bytes, headers: Headers) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})


def _abort(send: Send) -> None:
    """Break the connection. Uvicorn has no public door for it, hence its own object behind ``send``."""
    send.__self__.transport.abort()  # type: ignore[attr-defined]
