"""The table DECISIONS: what persons have said of which person a record is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select

from target_salesforce_retail.ledger.listing import DecisionSummary
from target_salesforce_retail.ledger.rows import in_chunks, storable
from target_salesforce_retail.ledger.tables import DECISIONS
from target_salesforce_retail.nouns import Arrival, Decided


def add(connection: Connection, decided: Sequence[tuple[Arrival, Decided]], at: str) -> None:
    """Append what is not the last word on its record already: a batch may be run twice."""
    last = _last(connection, decided)
    rows = []
    for arrival, each in decided:
        record = (arrival.stream, arrival.key)
        if last.get(record) != (each.what, each.person):
            last[record] = (each.what, each.person)
            entry = {"what": each.what, "person": each.person, "before": each.before[:18], "who": storable(each.who)}
            rows.append({"stream": arrival.stream, "key": arrival.key, **entry, "at": at})
    if rows:
        connection.execute(insert(DECISIONS), rows)


def _last(connection: Connection, decided: Iterable[tuple[Arrival, Decided]]) -> dict[tuple[str, str], tuple[str, str]]:
    """Record -> what was said of it last."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    keys: dict[str, list[str]] = {}
    for arrival, _ in decided:
        keys.setdefault(arrival.stream, []).append(arrival.key)
    for stream, mine in keys.items():
        query = select(DECISIONS).where(DECISIONS.c.stream == stream).order_by(DECISIONS.c.number)
        found |= {
            (stream, row.key): (row.what, row.person) for row in in_chunks(connection, query, DECISIONS.c.key, mine)
        }
    return found


def latest(connection: Connection, *, stream: str | None, key: str | None, limit: int) -> list[DecisionSummary]:
    """The latest decisions, newest first."""
    query = select(DECISIONS).order_by(DECISIONS.c.number.desc()).limit(limit)
    for column, wanted in ((DECISIONS.c.stream, stream), (DECISIONS.c.key, key)):
        query = query.where(column == wanted) if wanted else query
    return [
        DecisionSummary(row.stream, row.key, row.what, row.person, row.before, row.who, datetime.fromisoformat(row.at))
        for row in connection.execute(query)
    ]
