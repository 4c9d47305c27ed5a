"""The routes of R-Series V3: tokens, limits, lists and single rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta, timezone
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox.lightspeed.admin import Admin
from sandbox.lightspeed.answers import HTML, JSON, XML, as_json, as_xml, fault
from sandbox.lightspeed.call import Call
from sandbox.lightspeed.filters import BadRequest
from sandbox.lightspeed.forms import form_of
from sandbox.lightspeed.jwts import key_set
from sandbox.lightspeed.price import BASE, alternatives_cost, cost
from sandbox.lightspeed.query import Ask, Page, count, page, read
from sandbox.lightspeed.resources import RESOURCES
from sandbox.lightspeed.scopes import UNMASKING, opens
from sandbox.lightspeed.wire import Wire
from sandbox.lightspeed.world import World
from sandbox.weather import Weather

API = "/API/V3"
ACCOUNT = f"{API}/Account/{{account}}"
EDGE = "YUL"
"""The end of every ``Cf-Ray``: where the answer left the vendor's network."""
TILL_ZONE = timezone(timedelta(hours=-4))
Body = dict[str, Any]


def lightspeed_app(world: World, weather: Weather) -> Starlette:
    """The account as an app; ``weather`` is what its admin verbs plan."""
    routes = [*_tokens(world), *_Vendor(world).routes(), *Admin(world, weather).routes()]
    return Starlette(routes=routes, exception_handlers={HTTPException: _nothing_there})


async def _nothing_there(_request: Request, error: Exception) -> Response:
    """An address that nobody serves, or a method: in the vendor's words."""
    assert isinstance(error, HTTPException)
    return Response(as_json(fault(error.status_code, error.detail)), error.status_code, error.headers, HTML)


def _tokens(world: World) -> list[Route]:
    """The authorization server."""

    async def authorize(request: Request) -> Response:
        """A person agrees at once, and the browser goes back with a code."""
        address, why = world.oauth.authorize(dict(request.query_params))
        return RedirectResponse(address) if address else JSONResponse({"error": "invalid_request", "hint": why}, 400)

    async def token(request: Request) -> Response:
        """A pair for a code or for a refresh token; JSON, multipart or urlencoded."""
        if request.method != "POST":
            return JSONResponse({"error": "invalid_request", "hint": "Use POST"}, 405)
        world.calls["token"] += 1
        status, body = world.oauth.token(await form_of(request))
        return JSONResponse(body, status)

    async def revoke(request: Request) -> Response:
        """A refresh token is over, and the access token that came with it."""
        status, body = world.oauth.revoke(await form_of(request))
        return JSONResponse(body, status)

    async def introspect(request: Request) -> Response:
        """What a token is; the vendor's body is not known, this is RFC 7662's."""
        status, body = world.oauth.introspect(request.headers.get("authorization", ""))
        return JSONResponse(body, status)

    async def keys(_request: Request) -> Response:
        """The keys that access tokens are signed with."""
        return JSONResponse(key_set())

    return [
        Route("/auth/oauth/authorize", authorize),
        Route("/auth/oauth/token", token, methods=["GET", "POST", "PUT", "DELETE"]),
        Route("/auth/oauth/revoke", revoke, methods=["POST"]),
        Route("/auth/oauth/introspect", introspect),
        Route("/.well-known/jwks", keys),
    ]


class _Vendor:
    """The API."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        """With and without a suffix, which says only how to answer."""
        places = {
            "/API/Session": self.session,
            "/API/Session.json": self.session,
            f"{API}/Account": self.accounts,
            f"{API}/Account.json": self.accounts,
            ACCOUNT: self.account,
            f"{ACCOUNT}/Inventory/{{resource}}": self.list,
            f"{ACCOUNT}/Inventory/{{resource}}/{{key}}": self.single,
            f"{ACCOUNT}/{{resource}}": self.list,
            f"{ACCOUNT}/{{resource}}/{{key}}": self.single,
        }
        return [Route(path, self._called(handler)) for path, handler in places.items()]

    def _called(self, handler: Callable[[Call], Response]) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            return handler(Call.of(request, accept_wins=self._world.switches.accept_wins))

        endpoint.__doc__ = handler.__doc__
        return endpoint

    def session(self, call: Call) -> Response:
        """Who has come, and what they may do."""

        def body() -> Body:
            rights = dict.fromkeys(sorted(self._world.oauth.scopes(call.bearer)), "true")
            account = {"systemCustomerID": self._world.account_id, "shopCount": str(len(self._world.rows("Shop")))}
            return {**account, **self._employee(), "Rights": rights}

        return self._metered(call, BASE, body)

    def _employee(self) -> Body:
        """The first employee; when they came in is told with the offset of their own place, as recorded."""
        row = next(iter(self._world.rows("Employee")), None)
        if row is None:
            return {}
        since = self._world.clock.now().astimezone(TILL_ZONE).isoformat(timespec="seconds")
        names = {name: str(row[name]) for name in ("employeeID", "firstName", "lastName")}
        return {"Employee": {**names, "isCheckedIn": "true", "checkedInAt": since}}

    def accounts(self, call: Call) -> Response:
        """The one account that the token opens."""
        account = {"accountID": self._world.account_id, "name": self._world.account["name"]}
        link = {"@attributes": {"href": f"{API}/Account/{self._world.account_id}"}}
        body = {"@attributes": {"count": "1"}, "Account": {**account, "link": link}}
        return self._metered(call, BASE, lambda: body)

    def account(self, call: Call) -> Response:
        """The account itself, unwrapped."""
        body = {"@attributes": {"systemCustomerID": self._world.account_id}, **self._world.account}
        return self._metered(call, BASE, lambda: body)

    def list(self, call: Call) -> Response:
        """A page of rows, or how many there are."""
        return self._read(call, self._listed)

    def single(self, call: Call) -> Response:
        """One row by its key."""
        return self._read(call, self._one)

    def _read(self, call: Call, answer: Callable[[Call, Ask, World], Body]) -> Response:
        if not call.is_at_home:
            return self._metered(call, BASE, lambda: fault(404, f"Object of type '{call.resource}' not found."))
        try:
            ask = read(call.resource, call.params, self._world)
        except BadRequest as error:
            sentence = str(error)
            return self._metered(call, BASE, lambda: fault(400, sentence))
        price = self._price(ask, single=bool(call.key))
        return self._metered(
            call, price, lambda: answer(call, ask, self._world.committed()), looks_up_code=ask.looks_up_code
        )

    def _price(self, ask: Ask, *, single: bool) -> float:
        twice = self._world.switches.nested_on_list_cost == "twice"
        price = cost(ask.resource, ask.priced, single=single, count=ask.count, twice=twice)
        return price if ask.count else price + alternatives_cost(ask.alternatives)

    def _one(self, call: Call, ask: Ask, world: World) -> Body:
        row = world.get(call.resource, int(call.key)) if call.key.isdigit() else None
        if row is None:
            return fault(404, f"Object of type '{call.resource}' not found with primary ID '{call.key}'.")
        element = RESOURCES[call.resource].element or call.resource
        return {"@attributes": {"count": "1"}, element: self._wire(call, ask, world).row(call.resource, row)}

    def _listed(self, call: Call, ask: Ask, world: World) -> Body:
        try:
            if ask.count:
                return {"@attributes": {"count": str(count(ask, world))}}
            found = page(ask, world)
        except BadRequest as error:
            return fault(400, str(error))
        wire = self._wire(call, ask, world)
        rows = [wire.row(ask.resource, row) for row in found.rows]
        body: Body = {"@attributes": self._links(call, ask, found)}
        element = RESOURCES[ask.resource].element or ask.resource
        return {**body, element: wire.listed(rows)} if rows else _without_rows(body, element, world.switches.empty_page)

    def _wire(self, call: Call, ask: Ask, world: World) -> Wire:
        return Wire(world, ask.relations, codes=UNMASKING in self._world.oauth.scopes(call.bearer))

    def _links(self, call: Call, ask: Ask, found: Page) -> dict[str, str]:
        """Absolute links to the neighbours, with all parameters and the defaulted sort and limit."""
        given = [(name, value) for name, value in call.params if name not in ("after", "before")]
        names = {name for name, _ in given}
        defaults = [("sort", ask.sort_text), ("limit", str(ask.limit))]
        given += [pair for pair in defaults if pair[0] not in names]
        cursors = {"next": ("after", found.after), "previous": ("before", found.before)}
        return {
            link: f"{call.base}?{urlencode([*given, (name, token)])}" if token else ""
            for link, (name, token) in cursors.items()
        }

    def _metered(
        self, call: Call, price: float, answer: Callable[[], Body], *, looks_up_code: bool = False
    ) -> Response:
        """The answer, if the bearer is good, the limiter lets it pass, and account and scopes are theirs."""
        world = self._world
        world.calls[call.resource] += 1
        refusal = world.oauth.refusal(call.bearer)
        if refusal:
            return self._said(call, dict(refusal), 401, {})
        meter = world.bucket.take(price, world.registers(), looks_up_code=looks_up_code)
        body = _limited(meter.refused) or self._forbidden(call) or answer()
        return self._said(call, body, int(body.get("httpCode", 200)), meter.headers)

    def _forbidden(self, call: Call) -> Body | None:
        world = self._world
        if call.account not in ("", world.account_id):
            return fault(403, "This token does not open this account.")
        suffices = world.switches.read_scopes_suffice
        if call.is_at_home and not opens(world.oauth.scopes(call.bearer), call.resource, read_scopes_suffice=suffices):
            return fault(403, f"This token has no scope that opens {call.resource}.")
        return None

    def _said(self, call: Call, body: Body, status: int, headers: Mapping[str, str]) -> Response:
        account = {"X-LS-Acct-Id": self._world.account_id, "X-LS-OAuth-Client-Id": "51661"}
        edge = {
            "Date": format_datetime(self._world.clock.now(), usegmt=True),
            "Cf-Ray": f"{uuid4().hex[:16]}-{EDGE}",
        }
        told = {**account, **headers, **edge}
        if not call.json:
            return Response(as_xml(call.resource, body), status, told, XML)
        return Response(as_json(body), status, told, JSON if status < 400 else HTML)


def _without_rows(body: Body, key: str, switch: str) -> Body:
    """A list without rows, in the spelling of the switch."""
    spelt: dict[str, Body] = {"absent": body, "body": {}}
    empty: dict[str, Any] = {"text": "", "object": {}, "list": []}
    return spelt[switch] if switch in spelt else {**body, key: empty[switch]}


def _limited(refused: str | None) -> Body | None:
    if refused is None:
        return None
    kind = "burst rate limit exceeded" if "burst" in refused else "rate limit exceeded"
    return fault(429, f"API {kind}.")
