"""The tables RUNS and RUN_COUNTS: what became, run by run, of all that arrived."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from target_salesforce_retail.ledger.listing import RunSummary
from target_salesforce_retail.ledger.rows import upsert
from target_salesforce_retail.ledger.tables import RUN_COUNTS, RUNS
from target_salesforce_retail.nouns import Outcome


def add_counts(connection: Connection, run: str, outcomes: Sequence[Outcome]) -> None:
    """Count outcomes to their run. What is tried again, or is our own request, is no arrival."""
    counts: Counter[tuple[Any, ...]] = Counter()
    removed: Counter[tuple[Any, ...]] = Counter()
    for outcome in outcomes:
        arrival = outcome.arrival
        reason = outcome.reason.value if outcome.reason else ""
        group = (arrival.stream, outcome.verdict.value, reason, arrival.hold is not None or arrival.fills)
        counts[group] += 1
        removed[group] += outcome.removed
    keys = ("run", "stream", "verdict", "reason", "again")
    rows = [
        {**dict(zip(keys, (run, *group), strict=True)), "records": records, "removed": removed[group]}
        for group, records in counts.items()
    ]
    upsert(connection, RUN_COUNTS, keys, rows, adds=True)


def latest(connection: Connection, limit: int) -> list[RunSummary]:
    """The latest runs, newest first."""
    rows = connection.execute(select(RUNS).order_by(RUNS.c.started_at.desc()).limit(limit)).all()
    return [_run(connection, row) for row in rows]


def last_failed_with(connection: Connection, note: str) -> bool:
    """Whether a run failed with this note, and none has ended well since."""
    failed = (RUNS.c.state == "failed") & (RUNS.c.note == note)
    query = select(RUNS.c.state).where(failed | (RUNS.c.state == "done")).order_by(RUNS.c.ended_at.desc()).limit(1)
    return connection.scalar(query) == "failed"


def _run(connection: Connection, row: Any) -> RunSummary:
    streams: dict[str, Counter[str]] = {}
    reasons: Counter[str] = Counter()
    query = select(RUN_COUNTS).where(RUN_COUNTS.c.run == row.id, RUN_COUNTS.c.again.is_(False))
    for each in connection.execute(query.order_by(RUN_COUNTS.c.stream)):
        streams.setdefault(each.stream, Counter())[each.verdict] += each.records
        if each.reason:
            reasons[each.reason] += each.records
    ended = datetime.fromisoformat(row.ended_at) if row.ended_at else None
    started = datetime.fromisoformat(row.started_at)
    counted = {stream: dict(verdicts) for stream, verdicts in streams.items()}
    return RunSummary(row.id, started, ended, row.state, row.note, counted, dict(reasons))


def count(connection: Connection) -> int:
    """How many runs there were."""
    return int(connection.scalar(select(func.count()).select_from(RUNS)) or 0)
