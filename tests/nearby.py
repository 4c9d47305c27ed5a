"""Asks a sandbox of this very process without a socket, where nothing that a test has planned happens on the wire.

A socket costs more than the question: two event loops, a header parser on either side, and a change of threads each
way. What is under test begins above them: `requests` still prepares each call and reads each answer, and the whole app
behind the server answers, weather and all. Faults of the connection itself go over a real one, as do all calls with
``SHORTCUTS=none``, of the journeys, and of the sandbox's own tests.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse

from sandbox.serve import SERVED
from sandbox.weather.wind import App, Message
from tests.lanes import SHORTCUTS

LOG = logging.getLogger("urllib3.connectionpool")
over_a_socket = HTTPAdapter.send
_of_the_environment = requests.utils.get_environ_proxies


@contextmanager
def asked_nearby() -> Iterator[None]:
    """Within, calls to what this process serves take the short way."""
    with pytest.MonkeyPatch.context() as patch:
        if SHORTCUTS:
            patch.setattr(HTTPAdapter, "send", _send)
            patch.setattr(requests.sessions, "get_environ_proxies", _proxies)
        yield


def _proxies(url: str, no_proxy: str | None) -> dict[str, str]:
    """None stands before a sandbox: the environment need not be read through for each call."""
    return {} if urlsplit(url).netloc in SERVED else _of_the_environment(url, no_proxy)


def _send(adapter: HTTPAdapter, request: requests.PreparedRequest, *args: Any, **how: Any) -> requests.Response:
    """As the adapter's own."""
    address = urlsplit(request.url or "")
    app, weather = SERVED.get(address.netloc, (None, None))
    if app is None or weather is None or weather.is_of_the_wire:
        return over_a_socket(adapter, request, *args, **how)
    status, headers, body = _answer(app, request, address)
    raw = HTTPResponse(
        io.BytesIO(body),
        headers=headers,
        status=status,
        reason=HTTPStatus(status).phrase if status in {*HTTPStatus} else "",
        preload_content=False,
        request_method=request.method,
    )
    _log(request, address, raw)
    return adapter.build_response(request, raw)


def _log(request: requests.PreparedRequest, address: SplitResult, raw: HTTPResponse) -> None:
    """What urllib3 says of a call at the finest level: nothing private may slip there either."""
    where = (address.scheme, address.hostname, address.port, request.method, request.path_url)
    LOG.debug('%s://%s:%s "%s %s %s" %s %s', *where, "HTTP/1.1", raw.status, raw.length_remaining)


def _answer(app: App, request: requests.PreparedRequest, address: SplitResult) -> tuple[int, HTTPHeaderDict, bytes]:
    """What the app says; it waits for nothing, so that it needs no event loop."""
    said: list[Message] = []
    body = request.body or b""
    body = body.encode() if isinstance(body, str) else body
    assert isinstance(body, bytes), "a body that comes in pieces needs a socket"

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        said.append(message)

    try:
        app(_scope(request, address), receive, send).__await__().send(None)
    except StopIteration:
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in said[0]["headers"]]
        return said[0]["status"], HTTPHeaderDict(headers), b"".join(part.get("body", b"") for part in said[1:])
    raise AssertionError("the sandbox waits for something: this needs a socket")


def _scope(request: requests.PreparedRequest, address: SplitResult) -> dict[str, Any]:
    """The first line and the headers, as uvicorn hands them on; packing is for the way, and there is none."""
    headers = [("host", address.netloc), *request.headers.items()]
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": address.scheme,
        "path": unquote(address.path),
        "raw_path": address.path.encode(),
        "query_string": address.query.encode(),
        "root_path": "",
        "headers": [
            (_latin(name).lower(), _latin(value)) for name, value in headers if name.lower() != "accept-encoding"
        ],
        "client": ("127.0.0.1", 0),
        "server": (address.hostname, address.port),
        "state": {},
    }


def _latin(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("latin-1")
