"""The routes of R-Series V3, and the admin verbs outside the vendor's paths."""

from __future__ import annotations

import json
from collections.abc import Mapping
from email.utils import format_datetime
from http import HTTPStatus
from random import Random
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox.lightspeed.bucket import cost
from sandbox.lightspeed.query import Ask, BadRequest, Page, count, page, read
from sandbox.lightspeed.resources import RESOURCES
from sandbox.lightspeed.wire import Wire
from sandbox.lightspeed.world import World
from sandbox.seeds.trade import trade
from sandbox.weather import Weather

API = "/API/V3"


def lightspeed_app(world: World, weather: Weather) -> Starlette:
    """The account as an app; ``weather`` is what its admin verbs plan."""
    return Starlette(routes=_Vendor(world).routes() + _Admin(world, weather).routes())


class _Vendor:
    """What the vendor serves."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._bucket = world.bucket

    def routes(self) -> list[Route]:
        return [
            Route("/auth/oauth/authorize", self.authorize),
            Route("/auth/oauth/token", self.token, methods=["POST"]),
            Route("/auth/oauth/revoke", self.revoke, methods=["POST"]),
            Route("/API/Session.json", self.session),
            Route(f"{API}/Account.json", self.accounts),
            Route(f"{API}/Account/{{account}}.json", self.account),
            Route(f"{API}/Account/{{account}}/{{resource}}.json", self.list),
            Route(f"{API}/Account/{{account}}/Inventory/{{resource}}.json", self.list),
            Route(f"{API}/Account/{{account}}/{{resource}}/{{key}}.json", self.single),
            Route(f"{API}/Account/{{account}}/Inventory/{{resource}}/{{key}}.json", self.single),
        ]

    async def authorize(self, request: Request) -> Response:
        address, why = self._world.oauth.authorize(dict(request.query_params))
        return RedirectResponse(address) if address else JSONResponse({"error": "invalid_request", "hint": why}, 400)

    async def token(self, request: Request) -> Response:
        self._world.calls["token"] += 1
        status, body = self._world.oauth.token(await _form(request))
        return JSONResponse(body, status)

    async def revoke(self, request: Request) -> Response:
        self._world.oauth.revoke(await _form(request))
        return JSONResponse({})

    async def session(self, request: Request) -> Response:
        rights = {"systemCustomerID": self._world.account_id, "shopCount": str(len(self._world.rows("Shop")))}
        return self._metered(request, 1.0, lambda: rights)

    async def accounts(self, request: Request) -> Response:
        account = {"accountID": self._world.account_id, "name": self._world.account["name"]}
        link = {"@attributes": {"href": f"{API}/Account/{self._world.account_id}"}}
        body = {"@attributes": {"count": "1"}, "Account": {**account, "link": link}}
        return self._metered(request, 1.0, lambda: body)

    async def account(self, request: Request) -> Response:
        body = {"@attributes": {"systemCustomerID": self._world.account_id}, **self._world.account}
        return self._metered(request, 1.0, lambda: body)

    async def list(self, request: Request) -> Response:
        resource = request.path_params["resource"]
        if not _at_home(request):
            return self._metered(request, 1.0, lambda: _fault(404, f"Object of type '{resource}' not found."))
        try:
            ask = read(resource, request.query_params.multi_items(), self._world)
        except BadRequest as error:
            sentence = str(error)
            return self._metered(request, 1.0, lambda: _fault(400, sentence))
        price = cost(resource, ask.relations, single=False, count=ask.count)
        return self._metered(request, price, lambda: self._listed(request, ask))

    def _listed(self, request: Request, ask: Ask) -> Any:
        try:
            if ask.count:
                return {"@attributes": {"count": str(count(ask, self._world))}}
            found = page(ask, self._world)
        except BadRequest as error:
            return _fault(400, str(error))
        wire = Wire(self._world, ask.relations)
        body: dict[str, Any] = {"@attributes": self._links(request, ask, found)}
        rows = [wire.row(ask.resource, row) for row in found.rows]
        if rows:
            body[ask.resource] = rows[0] if len(rows) == 1 else rows
        elif self._world.switches.empty_page == "object":
            body[ask.resource] = {}
        return body

    def _links(self, request: Request, ask: Ask, found: Page) -> dict[str, str]:
        """Absolute links to the neighbours, with all parameters and the defaulted sort and limit."""
        given = [(name, value) for name, value in request.query_params.multi_items() if name not in ("after", "before")]
        names = {name for name, _ in given}
        defaults = [("sort", ask.sort_text), ("limit", str(ask.limit))]
        given += [pair for pair in defaults if pair[0] not in names]
        base = f"{request.url.scheme}://{request.headers['host']}{request.url.path}"
        cursors = {"next": ("after", found.after), "previous": ("before", found.before)}
        return {
            link: f"{base}?{urlencode([*given, (name, token)])}" if token else ""
            for link, (name, token) in cursors.items()
        }

    async def single(self, request: Request) -> Response:
        resource, key = request.path_params["resource"], request.path_params["key"]
        row = self._world.get(resource, int(key)) if _at_home(request) and key.isdigit() else None
        if row is None:
            sentence = f"Object of type '{resource}' not found with primary ID '{key}'."
            return self._metered(request, 1.0, lambda: _fault(404, sentence))
        try:
            ask = read(resource, request.query_params.multi_items(), self._world)
        except BadRequest as error:
            refused = str(error)
            return self._metered(request, 1.0, lambda: _fault(400, refused))
        price = cost(resource, ask.relations, single=True, count=False)
        body = {"@attributes": {"count": "1"}, resource: Wire(self._world, ask.relations).row(resource, row)}
        return self._metered(request, price, lambda: body)

    def _metered(self, request: Request, price: float, answer: Any) -> Response:
        """The answer, if the bearer is good, the account is theirs and the limiter lets it pass."""
        resource = request.path_params.get("resource", request.url.path)
        self._world.calls[resource] += 1
        refusal = self._world.oauth.refusal(request.headers.get("authorization", ""))
        if refusal:
            return self._said(refusal, 401, {})
        meter = self._bucket.take(price, self._world.registers())
        if meter.refused:
            kind = "burst rate limit exceeded" if "burst" in meter.refused else "rate limit exceeded"
            return self._said(_fault(429, f"API {kind}."), 429, meter.headers)
        if request.path_params.get("account", self._world.account_id) != self._world.account_id:
            return self._said(_fault(403, "This token does not open this account."), 403, meter.headers)
        body = answer()
        return self._said(body, int(body.get("httpCode", 200)), meter.headers)

    def _said(self, body: Any, status: int, headers: Mapping[str, str]) -> Response:
        account = {"X-LS-Acct-Id": self._world.account_id, "X-LS-OAuth-Client-Id": "51661"}
        stamp = {"Date": format_datetime(self._world.clock.now(), usegmt=True)}
        kind = "application/json" if status < 400 else "text/html; charset=UTF-8"  # recorded: JSON under text/html
        return Response(json.dumps(body), status, {**account, **headers, **stamp}, kind)


def _at_home(request: Request) -> bool:
    """Whether there is such a resource in that folder of the API."""
    known = RESOURCES.get(request.path_params["resource"])
    return known is not None and (known.folder == "Inventory") is ("/Inventory/" in request.url.path)


class _Admin:
    """What the sandbox's owner may do."""

    def __init__(self, world: World, weather: Weather) -> None:
        self._world = world
        self._weather = weather
        self._random = Random(11)

    def routes(self) -> list[Route]:
        return [
            Route("/_sandbox/counters", self.counters),
            Route("/_sandbox/reset", self.reset, methods=["POST"]),
            Route("/_sandbox/clock", self.clock, methods=["POST"]),
            Route("/_sandbox/weather", self.weather, methods=["POST", "DELETE"]),
            Route("/_sandbox/trade", self.trade, methods=["POST"]),
            Route("/_sandbox/rows/{resource}", self.put, methods=["PUT"]),
            Route("/_sandbox/rows/{resource}/{key:int}", self.remove, methods=["DELETE"]),
        ]

    async def counters(self, _request: Request) -> Response:
        return JSONResponse({"calls": self._world.calls, "refused": self._world.bucket.refusals})

    async def reset(self, _request: Request) -> Response:
        self._world.reset()
        return JSONResponse({})

    async def clock(self, request: Request) -> Response:
        now = self._world.clock.advance((await request.json())["advance"])
        return JSONResponse({"now": now.isoformat()})

    async def weather(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._weather.clear()
            return JSONResponse({})
        try:
            self._weather.plan_dicts(await request.json())
        except ValueError as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse({})

    async def trade(self, request: Request) -> Response:
        try:
            happened = trade(self._world, self._random, float((await request.json())["hours"]))
        except ValueError as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse(happened)

    async def put(self, request: Request) -> Response:
        row = self._world.put(request.path_params["resource"], await request.json())
        return JSONResponse(row)

    async def remove(self, request: Request) -> Response:
        self._world.remove(request.path_params["resource"], request.path_params["key"])
        return JSONResponse({})


def _fault(status: int, message: str) -> dict[str, str]:
    return {
        "httpCode": str(status),
        "httpMessage": HTTPStatus(status).phrase,
        "message": message,
        "errorClass": "Exception",
    }


async def _form(request: Request) -> dict[str, Any]:
    """A body in any of the encodings that the vendor takes, multipart apart."""
    if request.headers.get("content-type", "").startswith("application/json"):
        body: dict[str, Any] = await request.json()
        return body
    return dict(parse_qsl((await request.body()).decode()))
