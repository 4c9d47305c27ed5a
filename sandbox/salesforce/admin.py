"""Verbs outside the vendor's paths: look inside the org, do what people do there, and make it misbehave."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.salesforce.bulk.engine import Engine, Trouble
from sandbox.salesforce.calls import Answer, Room
from sandbox.salesforce.faults import Refused
from sandbox.salesforce.oauth import Tokens
from sandbox.salesforce.people import convert_lead, merge, undelete
from sandbox.salesforce.row import Row
from sandbox.salesforce.rows import Org
from sandbox.salesforce.rules import DuplicateRule, ValidationRule
from sandbox.salesforce.sessions import Sessions

Verb = Callable[[Request, Any], Any]
Endpoint = Callable[[Request], Awaitable[Response]]


class Forecast(Protocol):
    """What the verbs need of the weather."""

    def plan_dicts(self, gusts: list[dict[str, Any]]) -> None:
        """Add gusts to the plan."""

    def clear(self) -> None:
        """Drop the plan."""


def render(answer: Answer, extra: Mapping[str, str] = MappingProxyType({})) -> Response:
    """An answer as the vendor sends it, with further headers."""
    if isinstance(answer.body, bytes):
        return Response(answer.body, answer.status, {**answer.headers, **extra, "Content-Type": answer.media})
    return render_json(answer.body, answer.status, {**answer.headers, **extra})


def render_json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer as the vendor sends it. Numbers are doubles there (describe: xsd:double), hence 12 reads 12.0."""
    content = b"" if body is None else json.dumps(body, default=_encode).encode()
    kind = "application/json;charset=UTF-8" if content else None
    return Response(content, status, headers, media_type=kind)


def _encode(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Row):
        return dict(value)
    message = f"a row holds {type(value).__name__}, which is no JSON value"
    raise TypeError(message)


class Admin:
    """The verbs of one org."""

    def __init__(
        self,
        org: Org,
        weather: Forecast,
        *,
        sessions: Sessions,
        tokens: Tokens,
        rooms: Sequence[Room],
        engine: Engine,
    ) -> None:
        self._org, self._weather, self._sessions, self._tokens = org, weather, sessions, tokens
        self._rooms, self._engine = rooms, engine

    def routes(self) -> list[Route]:
        """All verbs, below ``/_sandbox``."""
        verbs: list[tuple[str, str, Verb]] = [
            ("GET", "/counters", self._counters),
            ("POST", "/reset", self._reset),
            ("POST", "/clock", self._advance),
            ("POST", "/weather", self._plan),
            ("DELETE", "/weather", self._clear),
            ("POST", "/expire_sessions", self._expire),
            ("POST", "/deny_sessions", self._deny),
            ("POST", "/certificate", self._certificate),
            ("POST", "/long_calls", self._long_calls),
            ("POST", "/rules", self._rules),
            ("POST", "/duplicate_rules", self._duplicate_rules),
            ("POST", "/locks", self._locks),
            ("POST", "/bulk", self._trouble),
            ("DELETE", "/bulk", self._calm),
            ("POST", "/convert_lead", self._convert),
            ("POST", "/merge", self._merge),
            ("POST", "/undelete", self._undelete),
            ("GET", "/rows/{object}", self._rows),
            ("POST", "/rows/{object}", self._insert),
            ("PATCH", "/rows/{object}/{id}", self._edit),
            ("DELETE", "/rows/{object}/{id}", self._delete),
        ]
        return [Route(f"/_sandbox{path}", _endpoint(verb), methods=[method]) for method, path, verb in verbs]

    def _counters(self, _request: Request, _body: Any) -> Any:
        writes = {f"{verb} {name}": count for (verb, name), count in self._org.writes.items()}
        return {"calls": dict(self._org.calls), "writes": writes}

    def _reset(self, _request: Request, _body: Any) -> Any:
        self._org.reset()
        self._weather.clear()
        self._sessions.clear()
        for room in self._rooms:
            room.clear()
        return {"reset": True}

    def _advance(self, _request: Request, body: Any) -> Any:
        return {"now": self._org.clock.advance(float(body["advance"])).isoformat()}

    def _plan(self, _request: Request, body: Any) -> Any:
        self._weather.plan_dicts(body)
        return {"planned": len(body)}

    def _clear(self, _request: Request, _body: Any) -> Any:
        self._weather.clear()
        return {"planned": 0}

    def _expire(self, _request: Request, _body: Any) -> Any:
        return {"expired": self._sessions.expire_all()}

    def _deny(self, _request: Request, body: Any) -> Any:
        self._sessions.denial = body["message"]
        return {"message": self._sessions.denial}

    def _certificate(self, _request: Request, body: Any) -> Any:
        self._tokens.public_key = body["public_key"]
        return {"registered": True}

    def _long_calls(self, _request: Request, body: Any) -> Any:
        self._org.long_calls = body["running"]
        return {"running": self._org.long_calls}

    def _rules(self, _request: Request, body: Any) -> Any:
        self._org.rules[:] = [ValidationRule(**one) for one in body]
        return {"rules": len(body)}

    def _duplicate_rules(self, _request: Request, body: Any) -> Any:
        self._org.duplicate_rules[:] = [DuplicateRule(**one) for one in body]
        return {"duplicate_rules": len(body)}

    def _locks(self, _request: Request, body: Any) -> Any:
        self._org.locks = set(body)
        return {"locks": len(body)}

    def _trouble(self, _request: Request, body: Any) -> Any:
        self._engine.trouble = Trouble(**body)
        return asdict(self._engine.trouble)

    def _calm(self, _request: Request, _body: Any) -> Any:
        self._engine.trouble = None
        return {}

    def _convert(self, _request: Request, body: Any) -> Any:
        options = {name: value for name, value in body.items() if name != "id"}
        return convert_lead(self._org, body["id"], **options)

    def _merge(self, _request: Request, body: Any) -> Any:
        merge(self._org, body["winner"], body["losers"])
        return {"merged": len(body["losers"])}

    def _undelete(self, _request: Request, body: Any) -> Any:
        return {"undeleted": undelete(self._org, body["id"])}

    def _rows(self, request: Request, _body: Any) -> Any:
        sobject = self._org.object(request.path_params["object"])
        return list(self._org.tables[sobject.name].values())

    def _insert(self, request: Request, body: Any) -> Any:
        return {"id": self._org.insert_as_user(request.path_params["object"], body)}

    def _edit(self, request: Request, body: Any) -> Any:
        self._org.edit_as_user(request.path_params["object"], request.path_params["id"], body)
        return {"id": request.path_params["id"]}

    def _delete(self, request: Request, _body: Any) -> Any:
        self._org.delete_as_user(request.path_params["object"], request.path_params["id"])
        return {"id": request.path_params["id"]}


def _endpoint(verb: Verb) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        try:
            text = await request.body()
            return render_json(verb(request, json.loads(text, parse_float=Decimal) if text else None))
        except Refused as refused:
            return render_json([fault.entry() for fault in refused.faults], refused.status)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            message = f"{request.url.path}: the body is not what this verb takes ({error!r}); see sandbox/README.md"
            return render_json({"error": message}, 400)

    return endpoint
