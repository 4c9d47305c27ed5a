"""The table MOVED: records whose link leads elsewhere than before, until the org's rows that refer to them follow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set

from sqlalchemy import Connection, delete, select, update

from target_salesforce_retail.ledger.rows import chunks, upsert
from target_salesforce_retail.ledger.tables import MOVED
from target_salesforce_retail.nouns import Move


def save(connection: Connection, stream: str, keys: Iterable[str], seq: int) -> None:
    """Note who has moved; whoever had before has moved once more."""
    rows = [{"stream": stream, "key": key, "seq": seq, "run": None} for key in keys]
    upsert(connection, MOVED, ("stream", "key"), rows)


def due(connection: Connection, stream: str, after: str, run: str | None, limit: int) -> list[Move]:
    """Those that this run has not tried in vain, by key from ``after`` up."""
    untried = MOVED.c.run.is_(None) | (MOVED.c.run != run)
    query = select(MOVED.c.key, MOVED.c.seq).where(MOVED.c.stream == stream, MOVED.c.key > after, untried)
    return [Move(row.key, row.seq) for row in connection.execute(query.order_by(MOVED.c.key).limit(limit))]


def end(connection: Connection, stream: str, moved: Sequence[Move], in_vain: Set[str], run: str | None) -> None:
    """Forget these, and note of those in vain that this run has tried them; a later move is another one."""
    for some in chunks(moved):
        latest = max(move.seq for move in some)
        these = (MOVED.c.stream == stream) & (MOVED.c.seq <= latest)
        tried = [move.key for move in some if move.key in in_vain]
        done = [move.key for move in some if move.key not in in_vain]
        connection.execute(update(MOVED).where(these, MOVED.c.key.in_(tried)).values(run=run))
        connection.execute(delete(MOVED).where(these, MOVED.c.key.in_(done)))
