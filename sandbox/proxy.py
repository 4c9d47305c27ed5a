"""A small TCP proxy on loopback, for faults below HTTP: refused, cut, delayed and doubled connections.

It stands in front of one server and knows nothing of HTTP but where a request ends, which it needs to send one twice.
"""

from __future__ import annotations

import asyncio
import re
import socket
import struct
import threading
from collections import deque
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

_CHUNK = 65_536
_RESET = struct.pack("ii", 1, 0)  # close without lingering: the peer sees a reset
_LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)
What = Literal["refuse", "cut_request", "cut_answer", "delay", "double"]


@dataclass(frozen=True)
class Mishap:
    """What happens to one connection.

    Attributes:
        what: "refuse" closes it at once; "cut_request" and "cut_answer" close it after ``after`` bytes of the one or
            the other; "delay" holds every piece of the answer back for ``seconds``; "double" sends the first request
            twice and delivers the second answer, as a path that repeats itself does.
        after: Bytes that pass before a cut.
        seconds: Of a delay, for each piece.
        reset: Whether a cut is a reset; otherwise it looks like a proper end.
    """

    what: What
    after: int = 0
    seconds: float = 0.0
    reset: bool = True


class Proxy:
    """A proxy that is running.

    Attributes:
        url: Where to go instead of the server.
        struck: The mishaps that have happened.
    """

    def __init__(self, url: str, target: tuple[str, int]) -> None:
        self.url = url
        self.struck: list[Mishap] = []
        self._target = target
        self._planned: deque[Mishap] = deque()

    def plan(self, mishaps: Sequence[Mishap]) -> None:
        """The next connections meet these, one each, in order."""
        self._planned += mishaps

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection."""
        mishap = self._planned.popleft() if self._planned else None
        if mishap:
            self.struck.append(mishap)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                if mishap is None or mishap.what != "refuse":
                    await self._carry(reader, writer, mishap)
        finally:
            is_cut = mishap is not None and mishap.what in {"refuse", "cut_request", "cut_answer"}
            _close(writer, reset=is_cut and mishap is not None and mishap.reset)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, mishap: Mishap | None) -> None:
        request = b""
        if mishap and mishap.what == "double":
            request = await _request(reader)
            await self._answer_of(request)
        server_reader, server_writer = await self._upstream()
        try:
            server_writer.write(request)
            await _both(
                _pump(reader, server_writer, mishap, "cut_request"), _pump(server_reader, writer, mishap, "cut_answer")
            )
        finally:
            _close(server_writer, reset=False)

    async def _answer_of(self, request: bytes) -> None:
        """Send a request and wait for its answer, which is lost."""
        reader, writer = await self._upstream()
        try:
            writer.write(request)
            await reader.read(_CHUNK)
        finally:
            _close(writer, reset=False)

    async def _upstream(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(*self._target)


async def _both(outward: Coroutine[Any, Any, bool], homeward: Coroutine[Any, Any, bool]) -> None:
    """Carry both ways until the answer ends or one of them is cut; who has said all may still listen."""
    ways = [asyncio.create_task(outward), asyncio.create_task(homeward)]
    try:
        done, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        if ways[1] not in done and not ways[0].result():
            await ways[1]
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter, mishap: Mishap | None, cut: str) -> bool:
    """Carry bytes one way until the source ends or the cut comes; whether it was cut."""
    left = mishap.after if mishap and mishap.what == cut else None
    with suppress(ConnectionError):
        while piece := await source.read(_CHUNK):
            if mishap and mishap.what == "delay" and cut == "cut_answer":
                await asyncio.sleep(mishap.seconds)
            sink.write(piece if left is None else piece[:left])
            await sink.drain()
            if left is not None:
                left -= len(piece)
                if left <= 0:
                    return True
    return False


async def _request(reader: asyncio.StreamReader) -> bytes:
    """One request with its body."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = _LENGTH.search(head)
    return head + (await reader.readexactly(int(length[1])) if length else b"")


def _close(writer: asyncio.StreamWriter, *, reset: bool) -> None:
    if reset:
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.close()


@contextmanager
def proxied(url: str) -> Iterator[Proxy]:
    """A proxy before the server at ``url``, on a free port, in a thread of its own until the block ends."""
    place = urlsplit(url)
    listener = socket.create_server(("127.0.0.1", 0))
    proxy = Proxy(f"http://127.0.0.1:{listener.getsockname()[1]}", (str(place.hostname), int(place.port or 80)))
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=_run, args=(loop, proxy, listener), daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=10)
        listener.close()


def _run(loop: asyncio.AbstractEventLoop, proxy: Proxy, listener: socket.socket) -> None:
    asyncio.set_event_loop(loop)
    server = loop.run_until_complete(asyncio.start_server(proxy.serve, sock=listener))
    try:
        loop.run_forever()
    finally:
        server.close()
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        loop.run_until_complete(asyncio.sleep(0))  # transports close in the step after
        loop.close()
