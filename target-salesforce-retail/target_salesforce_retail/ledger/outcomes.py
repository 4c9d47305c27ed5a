"""The table OUTCOMES: what a record was before. The newest outcome is in RECORDS: a first one costs nothing more.

The places of a record are a ring: the newest of them takes that of the oldest, and nothing has to be deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, select

from target_salesforce_retail.ledger.fold import RecordRow
from target_salesforce_retail.ledger.rows import upsert
from target_salesforce_retail.ledger.tables import OUTCOMES

KEPT = 5
"""So many outcomes of a record are kept, the newest one included."""
PLACES = KEPT - 1
KEYS = ("stream", "key", "place")
COLUMNS = [column.name for column in OUTCOMES.c if column.name not in ("place", "number")]


def save(connection: Connection, earlier: Iterable[Sequence[RecordRow]]) -> None:
    """Keep the last of the outcomes that records had before."""
    rows = [_row(each) for mine in earlier for each in mine[-PLACES:]]
    upsert(connection, OUTCOMES, KEYS, rows)


def of(connection: Connection, stream: str, key: str) -> Sequence[Row[Any]]:
    """What a record was before, the newest first."""
    query = select(OUTCOMES).where(OUTCOMES.c.stream == stream, OUTCOMES.c.key == key)
    return connection.execute(query.order_by(OUTCOMES.c.number.desc())).all()


def _row(record: RecordRow) -> dict[str, Any]:
    values = asdict(record)
    place = {"place": record.earlier % PLACES, "number": record.earlier}
    return {**{name: values[name] for name in COLUMNS}, **place}
