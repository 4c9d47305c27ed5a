"""The resources below ``/services/data/vXX.X``: which handler answers which method and path."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.salesforce import collections, composite, describe, feeds, graph, records, tree
from sandbox.salesforce.calls import Answer, Call, Room, Route
from sandbox.salesforce.faults import refuse

OLDEST, NEWEST = 31.0, 68.0
_RETIRED_FROM = 21.0
_SEASONS = {0: "Winter", 1: "Spring", 2: "Summer"}
_NAMES = ("composite", "jobs", "limits", "parameterizedSearch", "query", "queryAll", "search", "sobjects")


def versions() -> list[dict[str, str]]:
    """The body of ``GET /services/data``, which asks for no session."""
    return [
        {"label": _label(number), "url": f"/services/data/v{number}.0", "version": f"{number}.0"}
        for number in range(int(OLDEST), int(NEWEST) + 1)
    ]


def _label(number: int) -> str:
    """65 is Winter '26, and each third release after it starts another year (docs/vendors/salesforce.md, releases)."""
    return f"{_SEASONS[(number - 65) % 3]} '{26 + (number - 65) // 3}"


class Resources:
    """Answers calls; a composite subrequest comes through the same door as a request.

    Args:
        rooms: What they serve comes first; the first route that fits wins.
    """

    def __init__(self, rooms: Sequence[Room]) -> None:
        self.routes = [
            *_ROUTES,
            *(route for room in rooms for route in room.routes()),
            *describe.ROUTES,
            *feeds.ROUTES,
            *records.ROUTES,
            *composite.routes(self.answer),
            *graph.routes(self.answer),
            *tree.ROUTES,
            *collections.ROUTES,
        ]

    def answer(self, call: Call) -> Answer:
        """Perform a call whose body is parsed.

        Raises:
            Refused: with the vendor's code; NOT_FOUND for an unknown path or version, METHOD_NOT_ALLOWED.
        """
        return self.route(call).handler(call)

    def route(self, call: Call) -> Route:
        """Which route answers; raises Refused as ``answer`` does."""
        _check_version(call.version)
        fits = [route for route in self.routes if route.fits(call.parts)]
        if not fits:
            raise refuse("NOT_FOUND", "The requested resource does not exist")
        for route in fits:
            if route.method == call.method:
                return route
        allowed = ",".join(sorted({route.method for route in fits}))
        message = f"HTTP Method '{call.method}' not allowed. Allowed are {allowed}"
        raise refuse("METHOD_NOT_ALLOWED", message)


def _check_version(version: str) -> None:
    number = float(version)
    if _RETIRED_FROM <= number < OLDEST:
        message = f"API version {version} is retired; use {OLDEST} to {NEWEST}"
        raise refuse("UNSUPPORTED_API_VERSION", message, status=410)
    if not OLDEST <= number <= NEWEST or not version.endswith(".0"):
        raise refuse("NOT_FOUND", "The requested resource does not exist")


def _root(call: Call) -> Answer:
    """Addresses below the version, and the identity's own. Orgs list many more; these are served."""
    home = call.headers.get("host", "127.0.0.1")
    identity = f"http://{home}/id/{call.org.org_id}/{call.org.user_id}"
    return Answer(200, {**{name: f"{call.base}/{name}" for name in _NAMES}, "identity": identity})


def _limits(call: Call) -> Answer:
    """Names as the documentation lists them; a real body has not been recorded.

    Source: docs/vendors/salesforce.md, allowances.
    """
    org = call.org
    left = {
        "DailyApiRequests": (org.daily_calls, org.daily_calls - org.allowance.used()),
        "DailyBulkApiBatches": (15_000, 15_000),
        "DailyBulkV2QueryFileStorageMB": (976_562, 976_562),
        "DailyBulkV2QueryJobs": (10_000, 10_000),
        "DataStorageMB": (org.storage_mb, org.storage_mb - org.used_mb),
        "FileStorageMB": (1_024, 1_024),
    }
    return Answer(200, {name: {"Max": most, "Remaining": max(rest, 0)} for name, (most, rest) in left.items()})


def _record_count(call: Call) -> Answer:
    """Objects that never had a row are left out; one whose rows are all deleted counts 0 (both recorded)."""
    wanted = [call.org.object(name) for name in call.query.get("sObjects", "").split(",") if name]
    shown = []
    for sobject in wanted or call.org.schema.objects.values():
        rows = call.org.tables[sobject.name].values()
        if rows:
            shown.append({"count": sum(not row["IsDeleted"] for row in rows), "name": sobject.name})
    return Answer(200, {"sObjects": shown})


_ROUTES = [
    Route("GET", "", _root, "resources", "names and addresses of the resources"),
    Route(
        "GET",
        "limits",
        _limits,
        "limits",
        "what is left of the day's calls and the storage",
        "the whole list of names; only calls and storage are counted",
    ),
    Route(
        "GET",
        "limits/recordCount",
        _record_count,
        "limits",
        "rows by object; an object that never had a row is left out",
    ),
]
