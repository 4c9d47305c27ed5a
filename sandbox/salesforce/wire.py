"""What happens to calls on the wire, before and after the org sees them."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any

from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SMALLEST = 1_024  # bytes; shorter answers are sent as they are
_UNPACK = {"gzip": gzip.decompress, "deflate": zlib.decompress}


class OneSlash:
    """Takes several slashes at the start of a path for one.

    The vendor's CLI keeps an instance URL with a slash at its end, and so calls ``//services/data``; real orgs answer.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on."""
        if scope["type"] == "http" and scope["path"].startswith("//"):
            raw = b"/" + scope["raw_path"].lstrip(b"/")
            scope = {**scope, "path": "/" + scope["path"].lstrip("/"), "raw_path": raw}
        await self._app(scope, receive, send)


class Unpacked:
    """Unpacks bodies that come with ``Content-Encoding`` gzip or deflate (documentation: "Compression Headers")."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on. A body that cannot be unpacked stays as it is: whoever reads it refuses it."""
        unpack = _UNPACK.get(_encoding(scope))
        await self._app(scope, await _unpacked(receive, unpack) if unpack else receive, send)


def _encoding(scope: MutableMapping[str, Any]) -> str:
    headers: dict[bytes, bytes] = dict(scope.get("headers", ()))
    return headers.get(b"content-encoding", b"").decode("latin-1").lower()


async def _unpacked(receive: Receive, unpack: Any) -> Receive:
    parts: list[bytes] = []
    more = True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    body = b"".join(parts)
    with suppress(OSError, EOFError, zlib.error):
        body = unpack(body)

    async def again() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return again


WIRE = [
    Middleware(OneSlash),
    Middleware(Unpacked),
    Middleware(GZipMiddleware, minimum_size=_SMALLEST, compresslevel=1),
]
"""Answers are packed for those who ask for it: orgs need not, "but normally do", as the documentation says."""
