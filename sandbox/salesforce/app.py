"""Salesforce over HTTP: sessions, limits and headers around the resources."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.salesforce.admin import Admin, Forecast, render, render_json
from sandbox.salesforce.bulk import Bulk
from sandbox.salesforce.calls import Answer, Call, Room, parse_json, split_path
from sandbox.salesforce.faults import Refused, refuse
from sandbox.salesforce.oauth import Sessions
from sandbox.salesforce.queries import Cursors
from sandbox.salesforce.resources import Resources, versions
from sandbox.salesforce.rows import Org

_LONGEST_HEAD = 16_384  # bytes of URI and headers together (facts: Salesforce section 2)
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def salesforce_app(org: Org, weather: Forecast) -> Starlette:
    """The org as a web application.

    Args:
        org: What it stands for.
        weather: Told by the admin verbs; whoever serves the app wraps it.
    """
    sessions, bulk = Sessions(org), Bulk(org)
    rooms: list[Room] = [Cursors(), bulk]
    front = _Front(org, sessions, Resources(rooms), bulk)
    routes = [
        Route("/services/oauth2/token", front.token, methods=["POST"]),
        Route("/services/oauth2/userinfo", front.who, methods=["GET", "POST"]),
        Route("/id/{org}/{user}", front.who, methods=["GET"]),
        Route("/services/async/{rest:path}", front.old_bulk, methods=_METHODS),
        Route("/services/data", front.versions, methods=["GET"]),
        Route("/services/data/", front.versions, methods=["GET"]),
        Route("/services/data/{rest:path}", front.data, methods=_METHODS),
        *Admin(org, weather, sessions, rooms, bulk.engine).routes(),
    ]
    return Starlette(routes=routes)


class _Front:
    """Between HTTP and the resources. Handlers run to the end without waiting, so no write sees half of another."""

    def __init__(self, org: Org, sessions: Sessions, resources: Resources, bulk: Bulk) -> None:
        self._org, self._sessions, self._resources, self._bulk = org, sessions, resources, bulk

    async def token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        answer = self._sessions.token(form, request.headers.get("authorization", ""), _base(request))
        return render_json(answer.body, answer.status)

    async def who(self, request: Request) -> Response:
        if not self._sessions.is_open(request.headers.get("authorization", "")):
            return render_json("Missing_OAuth_Token", 403)
        answer = self._sessions.who(_base(request))
        return render_json(answer.body, answer.status)

    async def versions(self, _request: Request) -> Response:
        return render_json(versions())

    async def data(self, request: Request) -> Response:
        text = await request.body()
        try:
            answer = self._answer(request, text)
        except Refused as refused:
            answer = Answer(refused.status, [fault.entry() for fault in refused.faults])
        self._bulk.engine.start()
        usage = {"Sforce-Limit-Info": f"api-usage={self._org.allowance.used()}/{self._org.daily_calls}"}
        return render(answer, usage)

    async def old_bulk(self, request: Request) -> Response:
        headers = dict(request.headers)
        session = headers.get("x-sfdc-session")
        is_open = self._sessions.is_open(f"Bearer {session}" if session else headers.get("authorization", ""))
        text = await request.body()
        reply = self._bulk.old.answer(request.method, request.url.path, headers, text, is_open=is_open)
        self._bulk.engine.start()
        return Response(reply.body, reply.status, {"Content-Type": reply.media})

    def _answer(self, request: Request, text: bytes) -> Answer:
        path = _raw_path(request)
        _refuse_long(path, request)
        if not self._sessions.is_open(request.headers.get("authorization", "")):
            raise refuse("INVALID_SESSION_ID", "Session expired or invalid")
        if self._org.allowance.used() >= self._org.daily_calls:
            raise refuse("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        version, parts = split_path(path)
        if version is None:
            raise refuse("NOT_FOUND", "The requested resource does not exist")
        call = Call(
            org=self._org,
            method=request.method,
            version=version,
            parts=parts,
            query=dict(request.query_params),
            headers=dict(request.headers),
        )
        route = self._resources.route(call)
        if route.counted:
            self._org.calls[route.counted] += 1
        return route.handler(replace(call, body=text if route.takes == "bytes" else parse_json(text)))


def _base(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"


def _raw_path(request: Request) -> str:
    """The path with its escapes: a slash inside an external id is not a slash of the path."""
    raw: bytes = request.scope["raw_path"]
    return raw.decode("ascii").partition("?")[0]


def _refuse_long(path: str, request: Request) -> None:
    uri = len(path) + len(request.scope["query_string"])
    if uri > _LONGEST_HEAD:
        raise refuse("URI_TOO_LONG", "The length of the URI exceeds the limit", status=414)
    if uri + sum(len(name) + len(value) for name, value in request.headers.raw) > _LONGEST_HEAD:
        message = "The combined length of the URI and headers exceeds the limit"
        raise refuse("REQUEST_HEADER_FIELDS_TOO_LARGE", message, status=431)
