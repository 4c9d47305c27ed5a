"""Verbs outside the vendors' paths: what the sandbox's owner may do, told by a table and served below one address."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

HOME = "/_sandbox"
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
Words = Mapping[str, Any]
"""The words in the path of a verb, by name."""
Render = Callable[[Any, int], Response]
Endpoint = Callable[[Request], Awaitable[Response]]


class Refusal(Exception):
    """The vendor's own refusal of what a verb tried.

    Args:
        body: What it says.
        status: HTTP status.
    """

    def __init__(self, body: Any, status: int) -> None:
        super().__init__(status)
        self.body = body
        self.status = status


@dataclass(frozen=True)
class Verb:
    """One verb below ``/_sandbox``.

    Attributes:
        method: HTTP method.
        path: With names in braces for words.
        body: What the request carries, as an example; "" for nothing.
        says: What it does.
        run: Does it: the words of its path, and its body, numbers exact.
    """

    method: str
    path: str
    body: str
    says: str
    run: Callable[[Words, Any], Any]


def routes_of(verbs: Sequence[Verb], render: Render) -> list[Route]:
    """The verbs as addresses, and an answer for whoever asks for another."""
    routes = [Route(f"{HOME}{verb.path}", _endpoint(verb, render), methods=[verb.method]) for verb in verbs]
    unknown = _unknown([f"{verb.method} {HOME}{verb.path}" for verb in verbs], render)
    return [*routes, Route(f"{HOME}/{{rest:path}}", unknown, methods=METHODS)]


def _endpoint(verb: Verb, render: Render) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        try:
            text = await request.body()
            return render(verb.run(request.path_params, json.loads(text, parse_float=Decimal) if text else None), 200)
        except Refusal as refusal:
            return render(refusal.body, refusal.status)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            why = str(error) if isinstance(error, ValueError) else f"this cannot be done ({error!r})"
            takes = f"; it takes {verb.body}" if verb.body else ""
            return render({"error": f"{request.url.path}: {why}{takes}"}, 400)

    return endpoint


def _unknown(listed: Sequence[str], render: Render) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        message = f"there is no {request.method} {request.url.path}; there are: {', '.join(listed)}"
        return render({"error": message}, 404)

    return endpoint
