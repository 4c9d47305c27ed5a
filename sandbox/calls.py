"""What was called: the latest calls of one vendor, for people who look and tests that ask."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import MutableMapping
from dataclasses import asdict, dataclass
from typing import Any

from sandbox.clock import Clock
from sandbox.weather import App
from sandbox.weather.wind import Message, Receive, Send

_REMEMBERED = 500
_SECRET = re.compile(r"(access_token|refresh_token|client_secret|assertion)=[^&]*")


@dataclass(frozen=True)
class Received:
    """One call, without its body and without any token.

    Attributes:
        at: When, by the sandbox's clock.
        sent: Bytes of its body.
        answered: Bytes of the answer's body.
        status: 0 when the connection broke.
    """

    at: str
    method: str
    path: str
    sent: int
    answered: int
    status: int


class CallLog:
    """The latest calls, the oldest first.

    Args:
        clock: Stamps them.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._calls: deque[Received] = deque(maxlen=_REMEMBERED)

    def latest(self) -> list[dict[str, Any]]:
        """As JSON shows them."""
        return [asdict(call) for call in self._calls]

    def clear(self) -> None:
        """Forget them."""
        self._calls.clear()

    def wrap(self, app: App) -> App:
        """The app, with its calls remembered; the sandbox's own verbs are none."""

        async def listening(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or scope["path"].startswith("/_sandbox"):
                await app(scope, receive, send)
                return
            sizes, status = {"sent": 0, "answered": 0}, [0]

            async def hear() -> Message:
                message = await receive()
                sizes["sent"] += len(message.get("body", b""))
                return message

            async def say(message: Message) -> None:
                status[0] = message.get("status", status[0])
                sizes["answered"] += len(message.get("body", b""))
                await send(message)

            # Whoever breaks a connection looks behind ``send`` for the server's own object.
            try:
                await app(scope, hear, _Behind(say, send))
            finally:
                self._note(scope, status[0], **sizes)

        return listening

    def _note(self, scope: MutableMapping[str, Any], status: int, *, sent: int, answered: int) -> None:
        query = _SECRET.sub(r"\1=...", scope["query_string"].decode("latin-1"))
        path = f"{scope['path']}?{query}" if query else scope["path"]
        at = self._clock.now().isoformat(timespec="milliseconds")
        self._calls.append(Received(at, scope["method"], path, sent, answered, status))


class _Behind:
    """A ``send`` that counts, with the server's own object still behind it."""

    def __init__(self, say: Send, send: Send) -> None:
        self._say = say
        self.__self__ = getattr(send, "__self__", None)

    async def __call__(self, message: Message) -> None:
        await self._say(message)
