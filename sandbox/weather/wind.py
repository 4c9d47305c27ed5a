"""Weather around an app: which call fails, how, and whether it took effect all the same.

``commit`` lets the call take effect and loses its answer only, which is what makes duplicates in loaders that retry
blindly.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any
from urllib.parse import unquote

from sandbox.weather.plan import Forecast, Gust
from sandbox.weather.strike import App, Message, Receive, Send, Struck, again, strike

__all__ = ["App", "Message", "Receive", "Send", "Weather"]


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
            gust = next((each for each in gusts if each.hits(body)), None)
            if gust is None:
                await app(scope, again(body), send)
                return
            self.note(gust, method=scope["method"], path=scope["path"])
            await strike(Struck(gust, scope, body, app, vendor, send))

        return stormy

    def _concerned(self, scope: MutableMapping[str, Any]) -> list[Gust]:
        if scope["type"] != "http" or scope["path"].startswith("/_sandbox"):
            return []
        return self.concerned(scope["method"], scope["path"], unquote(scope["query_string"].decode()))


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    more = True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)
