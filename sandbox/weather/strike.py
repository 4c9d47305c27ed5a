"""How a fault is carried out on one call: instead of the vendor's answer, or on the way to it and back."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, replace
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from sandbox.weather.faults import FaultKind
from sandbox.weather.plan import Gust
from sandbox.weather.words import SOAP, refusal, soap_refusal

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]
_PIECES = 10
_NO_FILTERS = ("after", "before", "limit", "sort", "load_relations", "archived")


@dataclass(frozen=True)
class Struck:
    """A call that is hit.

    Attributes:
        gust: By what.
        scope: The call's first line and headers.
        body: Its body, read already.
        app: Who would answer it.
        vendor: "lightspeed" or "salesforce".
        send: Where its answer goes.
    """

    gust: Gust
    scope: MutableMapping[str, Any]
    body: bytes
    app: App
    vendor: str
    send: Send

    def header(self, name: bytes) -> str:
        """A header of the call; empty when it has none."""
        return next((value.decode() for key, value in self.scope["headers"] if key.lower() == name), "")

    async def calm(self, sink: Send) -> None:
        """Let it take effect; its answer goes to ``sink``."""
        await self.app(self.scope, again(self.body), sink)

    async def answer(self) -> Answer:
        """Let it take effect, and hold its answer back."""
        said: list[Message] = []

        async def catch(message: Message) -> None:
            said.append(message)

        await self.calm(catch)
        return Answer(said[0]["status"], said[0]["headers"], b"".join(each.get("body", b"") for each in said))

    def abort(self) -> None:
        """Break the connection. Uvicorn has no public door for it, hence its own object behind ``send``."""
        self.send.__self__.transport.abort()  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Answer:
    """An answer before it leaves."""

    status: int
    headers: Headers
    body: bytes

    async def leave(self, send: Send) -> None:
        """Send it, with its true length."""
        await self.start(send)
        await send({"type": "http.response.body", "body": self.body})

    async def start(self, send: Send) -> None:
        """Send all but its body."""
        headers = [pair for pair in self.headers if pair[0].lower() != b"content-length"]
        length = (b"content-length", str(len(self.body)).encode())
        await send({"type": "http.response.start", "status": self.status, "headers": [*headers, length]})


def again(body: bytes) -> Receive:
    """A request whose body was read already, to be read once more."""

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def strike(struck: Struck) -> None:
    """Carry the fault out."""
    await _WAYS.get(struck.gust.fault, _refused)(struck)


async def _refused(struck: Struck) -> None:
    if struck.gust.commit:
        await struck.answer()
    said = _refusal(struck.gust.kind, struck.vendor, struck.scope["path"])
    body = said.body if struck.gust.body is None else struck.gust.body.encode()
    await replace(said, body=body).leave(struck.send)


def _refusal(kind: FaultKind, vendor: str, path: str) -> Answer:
    if vendor == "salesforce" and path.startswith(SOAP) and not kind.message.startswith("<") and kind.status >= 400:
        return Answer(500, [(b"content-type", b"text/xml; charset=utf-8")], soap_refusal(kind))
    content_type, body = refusal(kind, vendor)
    headers: Headers = [(b"content-type", content_type.encode())]
    if vendor == "lightspeed":
        headers += [(name.encode(), value.encode()) for name, value in kind.headers]
    return Answer(kind.status, headers, body)


async def _echoed(struck: Struck) -> None:
    secret = struck.header(b"authorization") or struck.body.decode()  # SOAP has the token in the body
    kind = replace(struck.gust.kind, message=f"Bad request: {secret}")
    await _refusal(kind, struck.vendor, struck.scope["path"]).leave(struck.send)


async def _dropped(struck: Struck) -> None:
    if struck.gust.commit:
        await struck.answer()
    struck.abort()


async def _late(struck: Struck) -> None:
    await asyncio.sleep(struck.gust.seconds)
    await struck.calm(struck.send)


async def _truncated(struck: Struck) -> None:
    answer = await struck.answer()
    await replace(answer, body=_half(answer.body)).leave(struck.send)


async def _cut(struck: Struck) -> None:
    answer = await struck.answer()
    await answer.start(struck.send)
    await struck.send({"type": "http.response.body", "body": _half(answer.body), "more_body": True})
    await asyncio.sleep(0.01)  # the half must be on its way before the connection breaks
    struck.abort()


async def _garbled(struck: Struck) -> None:
    answer = await struck.answer()
    headers = [*answer.headers, (b"content-encoding", b"gzip")]
    await replace(answer, headers=headers).leave(struck.send)


def _half(body: bytes) -> bytes:
    return body[: max(1, len(body) // 2)]


async def _dripped(struck: Struck) -> None:
    answer = await struck.answer()
    await answer.start(struck.send)
    size = max(1, -(-len(answer.body) // _PIECES))
    for start in range(0, len(answer.body), size):
        await asyncio.sleep(struck.gust.seconds / _PIECES)
        piece = answer.body[start : start + size]
        await struck.send({"type": "http.response.body", "body": piece, "more_body": True})
    await struck.send({"type": "http.response.body", "body": b""})


async def _skewed(struck: Struck) -> None:
    answer = await struck.answer()
    by = timedelta(seconds=struck.gust.seconds)
    headers = [
        (name, format_datetime(parsedate_to_datetime(value.decode()) + by, usegmt=True).encode())
        if name.lower() == b"date"
        else (name, value)
        for name, value in answer.headers
    ]
    await replace(answer, headers=headers).leave(struck.send)


async def _led_to_itself(struck: Struck) -> None:
    answer = await struck.answer()
    page = json.loads(answer.body) if answer.body.startswith(b"{") else {}
    if "@attributes" in page:
        link = f"{struck.scope['scheme']}://{struck.header(b'host')}{struck.scope['path']}"
        page["@attributes"]["next"] = f"{link}?{struck.scope['query_string'].decode()}"
        answer = replace(answer, body=json.dumps(page).encode())
    await answer.leave(struck.send)


def _page_with(change: Callable[[str, Any], dict[str, Any]]) -> Callable[[Struck], Awaitable[None]]:
    """A way to change what a page holds: its rows by their name become something else."""

    async def changed(struck: Struck) -> None:
        answer = await struck.answer()
        page = json.loads(answer.body) if answer.body.startswith(b"{") else {}
        if "@attributes" in page:
            rows = {name: value for name, value in page.items() if name != "@attributes"}
            kept = {"@attributes": page["@attributes"]}
            for name, value in rows.items():
                kept |= change(name, value)
            if not kept.keys() - {"@attributes"}:
                kept = {"@attributes": {"next": "", "previous": ""}}
            answer = replace(answer, body=json.dumps(kept).encode())
        await answer.leave(struck.send)

    return changed


async def _without_attributes(struck: Struck) -> None:
    answer = await struck.answer()
    page = json.loads(answer.body) if answer.body.startswith(b"{") else {}
    if page.pop("@attributes", None) is not None:
        answer = replace(answer, body=json.dumps(page).encode())
    await answer.leave(struck.send)


def _within(change: Callable[[str, Any], dict[str, Any]]) -> Callable[[str, Any], dict[str, Any]]:
    """A change of each list within the rows."""

    def row(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        changed: dict[str, Any] = {}
        for name, held in value.items():
            changed |= change(name, held) if _is_list(held) else {name: held}
        return changed

    return lambda name, rows: {name: [row(each) for each in rows] if isinstance(rows, list) else row(rows)}


def _is_list(held: Any) -> bool:
    """Whether this is a list as the vendor writes it: an object that holds rows under one name."""
    return isinstance(held, dict) and len(held) == 1 and all(isinstance(each, dict | list) for each in held.values())


def _renamed(rows: dict[str, Any]) -> dict[str, Any]:
    return {f"{name}s": value for name, value in rows.items()}


async def _unheeded(struck: Struck) -> None:
    query = parse_qsl(struck.scope["query_string"].decode())
    kept = [(name, value) for name, value in query if name in _NO_FILTERS]
    scope = {**struck.scope, "query_string": urlencode(kept).encode()}
    await replace(struck, scope=scope).calm(struck.send)


async def _one_row_early(struck: Struck) -> None:
    """The cursor's last word is an id: one less, and the row that it names comes again."""
    query = dict(parse_qsl(struck.scope["query_string"].decode()))
    if "after" in query:
        *keys, last = json.loads(base64.b64decode(query["after"]))
        query["after"] = base64.b64encode(json.dumps([*keys, last - 1]).encode()).decode()
    scope = {**struck.scope, "query_string": urlencode(query).encode()}
    await replace(struck, scope=scope).calm(struck.send)


_WAYS: dict[str, Callable[[Struck], Awaitable[None]]] = {
    "400-echo": _echoed,
    "cut": _cut,
    "drop": _dropped,
    "garbled": _garbled,
    "next_self": _led_to_itself,
    "no_attributes": _without_attributes,
    "repeat": _one_row_early,
    "rows_gone": _page_with(lambda _name, _rows: {}),
    "rows_renamed": _page_with(lambda name, rows: _renamed({name: rows})),
    "skew": _skewed,
    "slow": _late,
    "slow_body": _dripped,
    "truncate": _truncated,
    "unheeded": _unheeded,
    "within_gone": _page_with(_within(lambda _name, _held: {})),
    "within_renamed": _page_with(_within(lambda name, held: {name: _renamed(held)})),
}
