"""The table DECISIONS: what persons have said of which person a record is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, insert, select

from target_salesforce_retail.ledger.listing import DecisionSummary
from target_salesforce_retail.ledger.rows import in_chunks, storable
from target_salesforce_retail.ledger.tables import DECISIONS
from target_salesforce_retail.nouns import Arrival, Decided, DecisionKind

Entry = dict[str, str]
"""What was said, of whom, and who it was before."""


def add(connection: Connection, decided: Sequence[tuple[Arrival, Decided]], at: str) -> None:
    """Append what is not the last word on its record already: a batch may be run twice."""
    last = _last(connection, decided)
    rows = []
    for arrival, each in decided:
        record = (arrival.stream, arrival.key)
        entry = {"what": each.what.value, "person": each.person, "before": each.before[:18]}
        if not _says_the_same(entry, last.get(record)):
            last[record] = entry
            rows.append({"stream": arrival.stream, "key": arrival.key, **entry, "who": storable(each.who), "at": at})
    if rows:
        connection.execute(insert(DECISIONS), rows)


def _says_the_same(entry: Entry, last: Entry | None) -> bool:
    """A run that sees what a command has taken down does not know any more who it was before."""
    if last is None:
        return False
    return entry == (last if entry["before"] else {**last, "before": ""})


def _last(connection: Connection, decided: Iterable[tuple[Arrival, Decided]]) -> dict[tuple[str, str], Entry]:
    """Record -> what was said of it last."""
    found: dict[tuple[str, str], Entry] = {}
    keys: dict[str, list[str]] = {}
    for arrival, _ in decided:
        keys.setdefault(arrival.stream, []).append(arrival.key)
    for stream, mine in keys.items():
        query = select(DECISIONS).where(DECISIONS.c.stream == stream).order_by(DECISIONS.c.number)
        found |= {
            (stream, row.key): {"what": row.what, "person": row.person, "before": row.before}
            for row in in_chunks(connection, query, DECISIONS.c.key, mine)
        }
    return found


def latest(connection: Connection, *, stream: str | None, key: str | None, limit: int) -> list[DecisionSummary]:
    """The latest decisions, newest first."""
    query = _of(select(DECISIONS), stream, key).order_by(DECISIONS.c.number.desc()).limit(limit)
    return [
        DecisionSummary(
            row.stream,
            row.key,
            DecisionKind(row.what),
            row.person,
            row.before,
            row.who,
            datetime.fromisoformat(row.at),
        )
        for row in connection.execute(query)
    ]


def count(connection: Connection, *, stream: str | None, key: str | None) -> tuple[int, int]:
    """How many decisions of persons there are, and how many merges: of one each record of the two has an entry."""
    is_merge = DECISIONS.c.what == DecisionKind.MERGED.value
    by_persons = _of(select(func.count()).select_from(DECISIONS).where(~is_merge), stream, key)
    pairs = _of(select(DECISIONS.c.person, DECISIONS.c.before).where(is_merge).distinct(), stream, key).subquery()
    merges = select(func.count()).select_from(pairs)
    return int(connection.scalar(by_persons) or 0), int(connection.scalar(merges) or 0)


def _of(query: Select[Any], stream: str | None, key: str | None) -> Select[Any]:
    for column, wanted in ((DECISIONS.c.stream, stream), (DECISIONS.c.key, key)):
        query = query.where(column == wanted) if wanted else query
    return query
