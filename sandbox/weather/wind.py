"""Weather around an app: which call fails, how, and whether it took effect all the same.

``commit`` lets the call take effect and loses its answer only, which is what makes duplicates in loaders that retry
blindly.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from sandbox.weather.faults import FaultKind
from sandbox.weather.plan import Forecast, Gust

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]
_PIECES = 10


class Weather(Forecast):
    """The failures of one vendor, planned and carried out."""

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
                self.note(gust, method=scope["method"], path=scope["path"])
                await _strike(gust, calm, vendor, send)

        return stormy

    def _concerned(self, scope: MutableMapping[str, Any]) -> list[Gust]:
        if scope["type"] != "http" or scope["path"].startswith("/_sandbox"):
            return []
        return self.concerned(scope["method"], scope["path"])


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
    needs_answer = gust.commit or gust.fault in ("truncate", "slow_body")
    answer = await _answer(calm) if needs_answer else []
    if gust.fault == "drop":
        _abort(send)
    elif gust.fault == "truncate":
        await _cut(answer, send)
    elif gust.fault == "slow_body":
        await _drip(answer, send, gust.seconds)
    else:
        await _refuse(gust.kind, vendor, send)


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


async def _drip(answer: list[Message], send: Send, seconds: float) -> None:
    body = b"".join(message.get("body", b"") for message in answer)
    await send(answer[0])
    size = max(1, -(-len(body) // _PIECES))
    for start in range(0, len(body), size):
        await asyncio.sleep(seconds / _PIECES)
        await send({"type": "http.response.body", "body": body[start : start + size], "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _refuse(kind: FaultKind, vendor: str, send: Send) -> None:
    if kind.message.startswith("<"):
        await _say(send, kind.status, kind.message.encode(), [(b"content-type", b"text/html;charset=UTF-8")])
        return
    headers: Headers = [(b"content-type", b"application/json;charset=UTF-8")]
    if vendor == "lightspeed":
        headers += [(name.encode(), value.encode()) for name, value in kind.headers]
    salesforce = [{"message": kind.message, "errorCode": kind.code}]
    lightspeed = {
        "httpCode": str(kind.status),
        "httpMessage": "Fault",
        "message": kind.message,
        "errorClass": "Exception",
    }
    body = json.dumps(salesforce if vendor == "salesforce" else lightspeed).encode()
    await _say(send, kind.status, body, headers)


async def _say(send: Send, status: int, body: bytes, headers: Headers) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})


def _abort(send: Send) -> None:
    """Break the connection. Uvicorn has no public door for it, hence its own object behind ``send``."""
    send.__self__.transport.abort()  # type: ignore[attr-defined]
