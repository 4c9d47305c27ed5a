"""The resources below ``/services/data/vXX.X``: which handler answers which method and path."""

from __future__ import annotations

from typing import Any

from sandbox.salesforce import collections, composite, describe, records
from sandbox.salesforce.calls import Answer, Call, Handler
from sandbox.salesforce.faults import refuse
from sandbox.salesforce.queries import Cursors

OLDEST, NEWEST = 31.0, 68.0
_RETIRED_FROM = 21.0
_SEASONS = {0: "Winter", 1: "Spring", 2: "Summer"}
_NAMES = ("composite", "limits", "query", "queryAll", "sobjects")


def versions() -> list[dict[str, str]]:
    """The body of ``GET /services/data``, which asks for no session."""
    return [
        {"label": _label(number), "url": f"/services/data/v{number}.0", "version": f"{number}.0"}
        for number in range(int(OLDEST), int(NEWEST) + 1)
    ]


def _label(number: int) -> str:
    """65 is Winter '26, and each third release after it starts another year (facts: Salesforce section 0)."""
    return f"{_SEASONS[(number - 65) % 3]} '{26 + (number - 65) // 3}"


def kind_of(parts: list[str]) -> str:
    """What a call is counted as; nothing for a batch, whose subrequests are counted one by one."""
    head = [part.lower() for part in parts[:2]]
    if head[:1] == ["sobjects"]:
        is_describe = len(parts) < 3 or parts[2] == "describe"
        return "describe" if is_describe else "rows"
    if head == ["composite", "sobjects"]:
        return "collections"
    if head == ["composite", "batch"]:
        return ""
    first = head[0] if head else "resources"
    return "query" if first == "queryall" else first


class Resources:
    """Answers calls; a composite subrequest comes through the same door as a request.

    Args:
        cursors: Keeps result sets between pages.
    """

    def __init__(self, cursors: Cursors) -> None:
        # "*" stands for any one segment; the first row that fits wins.
        self._routes: list[tuple[str, tuple[str, ...], Handler]] = [
            ("GET", (), _root),
            ("GET", ("limits",), _limits),
            ("GET", ("limits", "recordcount"), _record_count),
            ("GET", ("query",), cursors.query),
            ("GET", ("queryall",), cursors.query),
            ("GET", ("query", "*"), cursors.more),
            ("GET", ("sobjects",), describe.describe_all),
            ("GET", ("sobjects", "*"), describe.describe_basic),
            ("POST", ("sobjects", "*"), records.create),
            ("GET", ("sobjects", "*", "describe"), describe.describe_object),
            ("POST", ("sobjects", "*", "id"), records.create),
            ("GET", ("sobjects", "*", "*"), records.read),
            ("PATCH", ("sobjects", "*", "*"), records.change),
            ("DELETE", ("sobjects", "*", "*"), records.delete),
            ("GET", ("sobjects", "*", "*", "*"), records.read_by_key),
            ("PATCH", ("sobjects", "*", "*", "*"), records.upsert_by_key),
            ("DELETE", ("sobjects", "*", "*", "*"), records.delete_by_key),
            ("POST", ("composite",), lambda call: composite.composite(call, self.answer)),
            ("POST", ("composite", "batch"), lambda call: composite.batch(call, self.answer)),
            ("POST", ("composite", "sobjects"), collections.create),
            ("PATCH", ("composite", "sobjects"), collections.update),
            ("DELETE", ("composite", "sobjects"), collections.delete),
            ("GET", ("composite", "sobjects", "*"), collections.retrieve),
            ("POST", ("composite", "sobjects", "*"), collections.retrieve),
            ("PATCH", ("composite", "sobjects", "*", "*"), collections.upsert),
        ]

    def answer(self, call: Call) -> Answer:
        """Perform the call.

        Raises:
            Refused: with the vendor's code; NOT_FOUND for an unknown path or version, METHOD_NOT_ALLOWED.
        """
        _check_version(call.version)
        fits = [(method, handler) for method, pattern, handler in self._routes if _fits(pattern, call.parts)]
        if not fits:
            raise refuse("NOT_FOUND", "The requested resource does not exist")
        for method, handler in fits:
            if method == call.method:
                return handler(call)
        allowed = ",".join(sorted({method for method, _ in fits}))
        message = f"HTTP Method '{call.method}' not allowed. Allowed are {allowed}"
        raise refuse("METHOD_NOT_ALLOWED", message)


def _fits(pattern: tuple[str, ...], parts: list[str]) -> bool:
    return len(pattern) == len(parts) and all(
        want in {"*", part.lower()} for want, part in zip(pattern, parts, strict=True)
    )


def _check_version(version: str) -> None:
    number = float(version)
    if _RETIRED_FROM <= number < OLDEST:
        message = f"API version {version} is retired; use {OLDEST} to {NEWEST}"
        raise refuse("UNSUPPORTED_API_VERSION", message, status=410)
    if not OLDEST <= number <= NEWEST or not version.endswith(".0"):
        raise refuse("NOT_FOUND", "The requested resource does not exist")


def _root(call: Call) -> Answer:
    return Answer(200, {name: f"{call.base}/{name}" for name in _NAMES})


def _limits(call: Call) -> Answer:
    used = call.org.allowance.used()
    body: dict[str, Any] = {
        "DailyApiRequests": {"Max": call.org.daily_calls, "Remaining": max(call.org.daily_calls - used, 0)},
        "DataStorageMB": {"Max": 1024, "Remaining": 1024},
    }
    return Answer(200, body)


def _record_count(call: Call) -> Answer:
    """Objects that never had a row are left out; one whose rows are all deleted counts 0 (both recorded)."""
    wanted = [call.org.object(name) for name in call.query.get("sObjects", "").split(",") if name]
    shown = []
    for sobject in wanted or call.org.schema.objects.values():
        rows = call.org.tables[sobject.name].values()
        if rows:
            shown.append({"count": sum(not row["IsDeleted"] for row in rows), "name": sobject.name})
    return Answer(200, {"sObjects": shown})
