"""What changed and what went: the feeds for copies that are kept by polling (docs/vendors/salesforce.md, feeds)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sandbox.salesforce.calls import Answer, Call, Route
from sandbox.salesforce.faults import refuse
from sandbox.salesforce.row import Row
from sandbox.salesforce.values import parse_time, vendor_time

_KEPT = timedelta(days=30)


def updated(call: Call) -> Answer:
    """``GET /sobjects/T/updated``: the ids of rows that were made or changed between two instants."""
    rows, end = _between(call)
    return Answer(200, {"ids": [row["Id"] for row in rows if not row["IsDeleted"]], "latestDateCovered": end})


def deleted(call: Call) -> Answer:
    """``GET /sobjects/T/deleted``: the ids of rows that went into the recycle bin between two instants."""
    rows, end = _between(call)
    gone = [{"id": row["Id"], "deletedDate": row["SystemModstamp"]} for row in rows if row["IsDeleted"]]
    earliest = vendor_time(call.org.clock.now() - _KEPT)
    return Answer(200, {"deletedRecords": gone, "earliestDateAvailable": earliest, "latestDateCovered": end})


def _between(call: Call) -> tuple[list[Row], str]:
    """Rows whose stamp lies between ``start`` and ``end``, by whole minutes, and the end that was covered."""
    start, end = (_instant(call, name) for name in ("start", "end"))
    if end <= start:
        raise refuse("INVALID_REPLICATION_DATE", "startDate before org replication enabled date or after endDate")
    if start < call.org.clock.now() - _KEPT:
        raise refuse("INVALID_REPLICATION_DATE", "startDate cannot be more than 30 days ago")
    sobject = call.org.object(call.parts[1])
    first, last = vendor_time(start), vendor_time(end)
    rows = [row for row in call.org.tables[sobject.name].values() if first <= row["SystemModstamp"] < last]
    return [row for row in rows if row["Id"] not in call.org.hidden], last


def _instant(call: Call, name: str) -> datetime:
    text = call.query.get(name, "").replace(" ", "+")
    instant = parse_time(text)
    if instant is None:
        raise refuse("INVALID_REPLICATION_DATE", f"{name} must be an instant with its offset, not {text!r}")
    return instant.replace(second=0, microsecond=0)


_RANGE = "between start and end, at most 30 days ago"
ROUTES = [
    Route("GET", "sobjects/{object}/updated", updated, "rows", f"ids of rows made or changed {_RANGE}"),
    Route("GET", "sobjects/{object}/deleted", deleted, "rows", f"ids of rows deleted {_RANGE}"),
]
