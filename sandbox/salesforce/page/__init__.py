"""A page over the org: what a person would look at in the CRM, for demonstrations and for finding faults."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox.calls import CallLog
from sandbox.salesforce.faults import Refused
from sandbox.salesforce.ids import long_id
from sandbox.salesforce.page.html import document, link, table, text
from sandbox.salesforce.page.record import record_page
from sandbox.salesforce.page.rows import rows_page
from sandbox.salesforce.rows import Org
from sandbox.weather.plan import Forecast

HOME = "/_sandbox/"
__all__ = ["Page"]


class Page:
    """Plain HTML below ``/_sandbox/``; it reads and changes nothing.

    Args:
        org: What it shows.
        weather: What is planned and what has struck.
        log: The calls received.
    """

    def __init__(self, org: Org, weather: Forecast, log: CallLog) -> None:
        self._org, self._weather, self._log = org, weather, log

    def routes(self) -> list[Route]:
        """The addresses of the page."""
        return [
            Route(HOME, self._shown(lambda _request: self._objects())),
            Route(f"{HOME}find", self._find),
            Route(f"{HOME}objects/{{name}}", self._shown(self._rows)),
            Route(f"{HOME}records/{{id}}", self._shown(self._record)),
            Route(f"{HOME}traffic", self._shown(lambda _request: self._traffic())),
        ]

    def _shown(self, make: Callable[[Request], str]) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            try:
                return HTMLResponse(make(request))
            except Refused as refused:
                return HTMLResponse(document("Not there", text(str(refused))), 404)

        return endpoint

    def _objects(self) -> str:
        rows = [
            (
                link(f"{HOME}objects/{one.name}", one.plural or one.label),
                text(one.name),
                text(f"{count:,}"),
                text(f"{gone:,}"),
            )
            for one in sorted(self._org.schema.objects.values(), key=lambda one: (not one.custom, one.label))
            if (table_ := self._org.tables[one.name])
            for gone in [sum(row["IsDeleted"] for row in table_.values())]
            for count in [len(table_) - gone]
        ]
        return document("Objects", table("Objects with rows", ("Object", "Name", "Rows", "In the recycle bin"), rows))

    async def _find(self, request: Request) -> Response:
        """An id leads to its record, anything else to the shoppers whose names or addresses hold it."""
        asked = request.query_params.get("q", "").strip()
        if long_id(asked) and self._org.schema.by_prefix.get(asked[:3]):
            return RedirectResponse(f"{HOME}records/{asked}")
        return RedirectResponse(f"{HOME}objects/Contact?{urlencode({'q': asked})}")

    def _rows(self, request: Request) -> str:
        query: Mapping[str, str] = request.query_params
        return rows_page(self._org, self._org.object(request.path_params["name"]), query)

    def _record(self, request: Request) -> str:
        return record_page(self._org, request.path_params["id"])

    def _traffic(self) -> str:
        calls = [
            tuple(text(call[name]) for name in ("at", "method", "path", "status", "sent", "answered"))
            for call in reversed(self._log.latest())
        ]
        planned = [
            (text(one["fault"]), text(one["method"]), text(one["path"]), text(one["times"]))
            for one in self._weather.planned()
        ]
        struck = [
            (text(one["fault"]), text(one.get("path") or one.get("object")), text("yes" if one["commit"] else "no"))
            for one in reversed(self._weather.struck)
        ]
        return document(
            "Traffic",
            table("Weather to come", ("Fault", "Method", "Path", "Times"), planned),
            table("Weather that struck", ("Fault", "Where", "Took effect"), struck),
            table("Calls received, the latest first", ("At", "Method", "Path", "Status", "Sent", "Answered"), calls),
        )
