"""Salesforce over HTTP: which part answers which address."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.routing import Route

from sandbox.salesforce.admin import Admin, Forecast
from sandbox.salesforce.bulk import Bulk
from sandbox.salesforce.calls import Room
from sandbox.salesforce.front import DataFront, LoginFront
from sandbox.salesforce.oauth import Tokens
from sandbox.salesforce.queries import Cursors
from sandbox.salesforce.resources import Resources
from sandbox.salesforce.rows import Org
from sandbox.salesforce.search import Search
from sandbox.salesforce.sessions import Sessions
from sandbox.salesforce.wire import WIRE

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


def salesforce_app(org: Org, weather: Forecast) -> Starlette:
    """The org as a web application.

    Args:
        org: What it stands for.
        weather: Told by the admin verbs; whoever serves the app wraps it.
    """
    sessions, bulk = Sessions(org), Bulk(org)
    tokens = Tokens(sessions)
    rooms: list[Room] = [Cursors(), Search(), bulk]
    login, data = LoginFront(org, sessions, tokens), DataFront(org, sessions, Resources(rooms), bulk)
    routes = [
        Route("/services/oauth2/token", login.token, methods=["POST"]),
        Route("/services/oauth2/introspect", login.introspect, methods=["POST"]),
        Route("/services/oauth2/revoke", login.revoke, methods=["POST"]),
        Route("/services/oauth2/userinfo", login.userinfo, methods=["GET", "POST"]),
        Route("/id/{org}/{user}", login.identity, methods=["GET"]),
        Route("/services/Soap/{kind}/{rest:path}", login.soap, methods=["POST"]),
        Route("/services/async/{rest:path}", data.old_bulk, methods=_METHODS),
        Route("/services/data", data.versions, methods=["GET"]),
        Route("/services/data/", data.versions, methods=["GET"]),
        Route("/services/data/{rest:path}", data.data, methods=_METHODS),
        *Admin(org, weather, sessions=sessions, tokens=tokens, rooms=rooms, engine=bulk.engine).routes(),
    ]
    return Starlette(routes=routes, middleware=WIRE)
