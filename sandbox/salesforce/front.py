"""Between HTTP and the org: sessions, limits and headers around tokens and resources."""

from __future__ import annotations

from dataclasses import replace
from email.utils import format_datetime
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from sandbox.salesforce.bulk import Bulk
from sandbox.salesforce.calls import Answer, Call, parse_json, split_path
from sandbox.salesforce.calls import Route as Resource
from sandbox.salesforce.faults import Refused, refuse
from sandbox.salesforce.identity import identity, userinfo
from sandbox.salesforce.oauth import Tokens
from sandbox.salesforce.render import render, render_json
from sandbox.salesforce.resources import Resources, versions
from sandbox.salesforce.rows import Org
from sandbox.salesforce.sessions import Sessions
from sandbox.salesforce.soap import Soap

_LONGEST_HEAD = 16_384  # bytes of URI and headers together (docs/vendors/salesforce.md, requests)


class LoginFront:
    """Tokens, identities, and the door of SOAP."""

    def __init__(self, org: Org, sessions: Sessions, tokens: Tokens) -> None:
        self._org, self._sessions, self._tokens = org, sessions, tokens
        self._soap = Soap(org, sessions)

    async def token(self, request: Request) -> Response:
        """The token endpoint."""
        answer = self._tokens.token(await _form(request), request.headers.get("authorization", ""), _base(request))
        return render(answer)

    async def introspect(self, request: Request) -> Response:
        """Whether a token is good."""
        return render(self._tokens.introspect(await _form(request), request.headers.get("authorization", "")))

    async def revoke(self, request: Request) -> Response:
        """End a token."""
        return render(self._tokens.revoke(await _form(request)))

    async def userinfo(self, request: Request) -> Response:
        """Who is behind a session."""
        return self._refusal(request) or render(userinfo(self._org, _base(request)))

    async def identity(self, request: Request) -> Response:
        """Who is behind a session, at the address that the token answer gave."""
        return self._refusal(request) or render(identity(self._org, _base(request)))

    def _refusal(self, request: Request) -> Response | None:
        header, token = request.headers.get("authorization", ""), request.query_params.get("access_token", "")
        if self._sessions.is_open(header or f"Bearer {token}"):
            return None
        return render_json("Bad_OAuth_Token" if header or token else "Missing_OAuth_Token", 403)

    async def soap(self, request: Request) -> Response:
        """Any SOAP call."""
        place = f"{request.path_params['kind']}/{request.path_params['rest']}"
        status, text = self._soap.answer(place, await request.body())
        date = format_datetime(self._org.clock.now(), usegmt=True)
        return Response(text.encode(), status, {"Content-Type": "text/xml; charset=utf-8", "Date": date})


class DataFront:
    """The resources. Handlers run to the end without waiting, so no write sees half of another."""

    def __init__(self, org: Org, sessions: Sessions, resources: Resources, bulk: Bulk) -> None:
        self._org, self._sessions, self._resources, self._bulk = org, sessions, resources, bulk

    async def versions(self, _request: Request) -> Response:
        """Which versions there are; asks for no session."""
        return render_json(versions())

    async def data(self, request: Request) -> Response:
        """Any call below a version."""
        text = await request.body()
        try:
            answer = self._answer(request, text)
        except Refused as refused:
            answer = Answer(refused.status, [fault.entry() for fault in refused.faults])
        self._bulk.engine.start()
        headers = {
            "Sforce-Limit-Info": f"api-usage={self._org.allowance.used()}/{self._org.daily_calls}",
            "Date": format_datetime(self._org.clock.now(), usegmt=True),
        }
        return render(answer, headers)

    async def old_bulk(self, request: Request) -> Response:
        """Any call of Bulk 1.0, whose session may come in a header of its own."""
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
        self._check_session(request)
        self._check_limits()
        _refuse_xml(request)
        version, parts = split_path(path)
        if version is None:
            raise refuse("NOT_FOUND", "The requested resource does not exist")
        call = Call(
            org=self._org,
            method=_method(request),
            version=version,
            parts=parts,
            query=dict(request.query_params),
            headers=dict(request.headers),
        )
        route = self._resources.route(call)
        if route.counted:
            self._org.calls[route.counted] += 1
        return route.handler(replace(call, body=_body(route, request, text)))

    def _check_session(self, request: Request) -> None:
        if self._sessions.denial:
            raise refuse("INVALID_SESSION_ID", self._sessions.denial)
        if not self._sessions.is_open(request.headers.get("authorization", "")):
            raise refuse("INVALID_SESSION_ID", "Session expired or invalid")

    def _check_limits(self) -> None:
        if self._org.allowance.used() >= self._org.daily_calls:
            raise refuse("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        if self._org.is_busy:
            message = "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
            raise refuse("REQUEST_LIMIT_EXCEEDED", message)


def _refuse_xml(request: Request) -> None:
    """Orgs answer XML to those who accept nothing else; we do not, and say so instead of sending JSON."""
    accepted = request.headers.get("accept", "")
    if "xml" in accepted and "json" not in accepted and "*/*" not in accepted:
        raise refuse("NOT_ACCEPTABLE", "The sandbox serves no XML here; accept application/json", status=406)


def _body(route: Resource, request: Request, text: bytes) -> object:
    if route.takes == "bytes":
        return text
    kind = request.headers.get("content-type", "application/json")
    if text and "json" not in kind:
        message = f"The content type {kind.partition(';')[0]} is not supported here; send application/json"
        raise refuse("UNSUPPORTED_MEDIA_TYPE", message, status=415)
    return parse_json(text)


def _method(request: Request) -> str:
    """The method, or the one that a POST says it means, as the vendor allows to clients that have no PATCH."""
    meant = request.query_params.get("_HttpMethod") if request.method == "POST" else None
    return meant or ("GET" if request.method == "HEAD" else request.method)


async def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode(errors="replace")))


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
