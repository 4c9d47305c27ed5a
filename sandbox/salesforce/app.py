"""Salesforce over HTTP: which part answers which address."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.calls import CallLog
from sandbox.salesforce.admin import Admin, Parts
from sandbox.salesforce.bulk import Bulk
from sandbox.salesforce.calls import Room
from sandbox.salesforce.front import DataFront, LoginFront
from sandbox.salesforce.oauth import Tokens
from sandbox.salesforce.page import Page
from sandbox.salesforce.queries import Cursors
from sandbox.salesforce.resources import Resources
from sandbox.salesforce.rows import Org
from sandbox.salesforce.search import Search
from sandbox.salesforce.sessions import Sessions
from sandbox.salesforce.wire import WIRE
from sandbox.weather.plan import Forecast

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Place:
    """An address outside the versioned resources.

    Attributes:
        path: Its pattern.
        methods: HTTP methods.
        endpoint: Answers it.
        says: One line for the reference.
        unverified: What of it nobody has seen a real org do.
    """

    path: str
    methods: Sequence[str]
    endpoint: Callable[[Request], Awaitable[Response]]
    says: str
    unverified: str = ""


class Served:
    """Everything that one org serves; the reference is generated from it.

    Args:
        org: What it stands for.
        weather: Told by the admin verbs, and asked for every row; whoever serves the app wraps it.
        log: What was called; whoever serves the app wraps it.
    """

    def __init__(self, org: Org, weather: Forecast, log: CallLog) -> None:
        sessions, bulk = Sessions(org), Bulk(org)
        tokens = Tokens(sessions)
        rooms: list[Room] = [Cursors(), Search(), bulk]
        org.row_weather = weather.row_fault
        self.resources = Resources(rooms)
        self.admin = Admin(Parts(org, weather, log, sessions, tokens, rooms, bulk.engine))
        self._login, self._page = LoginFront(org, sessions, tokens), Page(org, weather, log)
        self._data = DataFront(org, sessions, self.resources, bulk)

    def places(self) -> list[Place]:
        """Addresses outside the versioned resources."""
        login, data = self._login, self._data
        return [
            Place(
                "/services/oauth2/token",
                ["POST"],
                login.token,
                "client credentials, JWT bearer (signature checked), refresh token; the password flow is refused",
            ),
            Place("/services/oauth2/introspect", ["POST"], login.introspect, "whether a token is good"),
            Place("/services/oauth2/revoke", ["POST"], login.revoke, "end a session or a refresh token"),
            Place("/services/oauth2/userinfo", ["GET", "POST"], login.userinfo, "who is behind a session"),
            Place("/id/{org}/{user}", ["GET"], login.identity, "the same, where the token answer says"),
            Place(
                "/services/Soap/{kind}/{rest:path}",
                ["POST"],
                login.soap,
                "merge and convertLead of the partner API; login is over, and REST has the rest",
                "the fault for login() where it is switched off; which refusals come by the row",
            ),
            Place(
                "/services/async/{rest:path}",
                _METHODS,
                data.old_bulk,
                "Bulk 1.0: jobs and batches in XML and JSON, rows in CSV, JSON and XML; no PK chunking",
                "texts of refusals",
            ),
            Place("/services/data", ["GET"], data.versions, "the versions from 31.0 to 68.0, without a session"),
            Place("/services/data/", ["GET"], data.versions, "the same"),
            Place("/services/data/{rest:path}", _METHODS, data.data, "the resources below; 410 for retired versions"),
        ]

    def app(self) -> Starlette:
        """All of it as one application."""
        routes = [Route(one.path, one.endpoint, methods=[*one.methods]) for one in self.places()]
        return Starlette(routes=[*routes, *self._page.routes(), *self.admin.routes()], middleware=WIRE)


def salesforce_app(org: Org, weather: Forecast, log: CallLog | None = None) -> Starlette:
    """The org as a web application; see ``Served``."""
    return Served(org, weather, log or CallLog(org.clock)).app()
