"""The ledger, behind the port ``Ledger``, and what the companion command asks of it."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timezone
from typing import Any

import simplejson
from sqlalchemy import Connection, Engine, Select, case, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from target_salesforce_retail.ledger.database import connect, transaction
from target_salesforce_retail.ledger.look import Hold, Recorded, Run, hold_of, recorded_of
from target_salesforce_retail.ledger.tables import HOLDS, RECORDS, RUN_COUNTS, RUNS
from target_salesforce_retail.nouns import Arrival, Link, Outcome, Reason, Verdict

SETTLED = (Verdict.CREATED, Verdict.UPDATED, Verdict.UNCHANGED)
KEYS_PER_QUERY = 500
Pair = tuple[str | None, Outcome]


def open_ledger(url: str, *, now: Callable[[], datetime] = lambda: datetime.now(tz=timezone.utc)) -> SqlLedger:
    """Open, or make, the ledger at an SQLAlchemy URL.

    Raises:
        ConfigError: The URL cannot be used.
        LedgerError: The database cannot be opened.
    """
    return SqlLedger(connect(url), now)


class SqlLedger:
    """Outcomes, holds and runs in one database. Every method may raise ``LedgerError``."""

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now
        self._run: str | None = None
        dialect = postgresql if engine.dialect.name == "postgresql" else sqlite
        self._insert = dialect.insert

    # The port

    def links(self, stream: str, keys: Iterable[str]) -> dict[str, Link]:
        """Where records went, by org key."""
        columns = select(RECORDS.c.key, RECORDS.c.object, RECORDS.c.id, RECORDS.c.version)
        query = columns.where(RECORDS.c.stream == stream, RECORDS.c.id.is_not(None))
        with transaction(self._engine) as connection:
            rows = _in_chunks(connection, query, RECORDS.c.key, keys)
            return {row.key: Link(row.object, row.id, row.version) for row in rows}

    def left_out(self, stream: str, keys: Iterable[str]) -> set[str]:
        """Those of the org keys whose record was skipped by a rule and never was in the org."""
        skipped = (RECORDS.c.verdict == Verdict.SKIPPED.value) & RECORDS.c.id.is_(None)
        query = select(RECORDS.c.key).where(RECORDS.c.stream == stream, skipped)
        with transaction(self._engine) as connection:
            return {row.key for row in _in_chunks(connection, query, RECORDS.c.key, keys)}

    def settle(self, outcomes: Sequence[Pair]) -> None:
        """Commit the outcomes of a batch, and all that follows from them, in one transaction."""
        at = self._now().isoformat()
        with transaction(self._engine) as connection:
            self._keep_records(connection, outcomes, at)
            self._keep_holds(connection, [outcome for _, outcome in outcomes], at)
            self._keep_counts(connection, [outcome for _, outcome in outcomes])

    def waiting(self, stream: str, after: int, limit: int) -> list[Arrival]:
        """Open holds that heal without a person, oldest first."""
        return self.held(stream, after=after, limit=limit, only_waiting=True)

    def held(
        self,
        stream: str,
        *,
        after: int = 0,
        limit: int = 200,
        only_waiting: bool = False,
        reason: str | None = None,
        number: int | None = None,
    ) -> list[Arrival]:
        """The arrivals of open holds, oldest first, with a number greater than ``after``."""
        query = select(HOLDS).where(HOLDS.c.state == "open", HOLDS.c.stream == stream, HOLDS.c.number > after)
        if only_waiting:
            query = query.where(HOLDS.c.waits)
        if reason:
            query = query.where(HOLDS.c.reason == reason)
        if number:
            query = query.where(HOLDS.c.number == number)
        with transaction(self._engine) as connection:
            rows = connection.execute(query.order_by(HOLDS.c.number).limit(limit)).all()
        return [
            Arrival(row.stream, row.key, _record(row.payload), tuple(simplejson.loads(row.faults)), row.number)
            for row in rows
        ]

    def _keep_records(self, connection: Connection, outcomes: Sequence[Pair], at: str) -> None:
        rows = {(outcome.arrival.stream, _key(pair)): pair for pair in outcomes for outcome in [pair[1]]}
        if not rows:
            return
        statement = self._insert(RECORDS)
        new = statement.excluded
        kept = {
            "object": case((new.id.is_not(None), new.object), else_=func.coalesce(RECORDS.c.object, new.object)),
            "id": func.coalesce(new.id, RECORDS.c.id),
            "version": func.coalesce(new.version, RECORDS.c.version),  # empty unless the outcome settled it
        }
        plain = {
            name: getattr(new, name)
            for name in ("verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at")
        }
        upsert = statement.on_conflict_do_update(index_elements=["stream", "key"], set_={**plain, **kept})
        connection.execute(upsert, [self._record_row(pair, at) for pair in rows.values()])

    def _record_row(self, pair: Pair, at: str) -> dict[str, Any]:
        outcome = pair[1]
        return {
            "stream": outcome.arrival.stream,
            "key": _key(pair),
            "object": outcome.object,
            "id": outcome.id,
            "version": outcome.version if outcome.verdict in SETTLED else None,
            "verdict": outcome.verdict.value,
            "stage": outcome.stage.value,
            "rule": outcome.rule,
            "reason": outcome.reason.value if outcome.reason else None,
            "fields": simplejson.dumps(outcome.fields),
            "sent": _json(outcome.sent),
            "code": outcome.code,
            "message": outcome.message,
            "run": self._run,
            "at": at,
        }

    def _keep_holds(self, connection: Connection, outcomes: Sequence[Outcome], at: str) -> None:
        latest = {(outcome.arrival.stream, outcome.arrival.key): outcome for outcome in outcomes}
        for stream in {stream for stream, _ in latest}:
            mine = {key: outcome for (name, key), outcome in latest.items() if name == stream}
            columns = select(HOLDS.c.key, HOLDS.c.number, HOLDS.c.version, HOLDS.c.attempts)
            query = columns.where(HOLDS.c.stream == stream, HOLDS.c.state == "open")
            open_holds = {row.key: row for row in _in_chunks(connection, query, HOLDS.c.key, mine)}
            new = [
                {**self._hold_row(outcome, at), "attempts": 1, "first_seen": at, "state": "open"}
                for key, outcome in mine.items()
                if outcome.verdict is Verdict.HELD and key not in open_holds
            ]
            if new:
                connection.execute(insert(HOLDS), new)
            for key, row in open_holds.items():
                connection.execute(
                    update(HOLDS).where(HOLDS.c.number == row.number).values(**self._next(row, mine[key], at))
                )

    def _hold_row(self, outcome: Outcome, at: str) -> dict[str, Any]:
        reason = outcome.reason or Reason.REFUSED
        return {
            "stream": outcome.arrival.stream,
            "key": outcome.arrival.key,
            "payload": _json(outcome.arrival.record),
            "faults": simplejson.dumps(outcome.arrival.faults),
            "version": outcome.version,
            "stage": outcome.stage.value,
            "reason": reason.value,
            "waits": reason.waits,
            "fields": simplejson.dumps(outcome.fields),
            "code": outcome.code,
            "message": outcome.message,
            "last_seen": at,
            "run": self._run,
        }

    def _next(self, row: Any, outcome: Outcome, at: str) -> dict[str, Any]:
        """What becomes of an open hold when its record comes again."""
        if outcome.verdict is not Verdict.HELD:
            overtaken = outcome.reason is Reason.OVERTAKEN or outcome.arrival.hold is None
            return {"state": "overtaken" if overtaken else "resolved", "last_seen": at}
        older = bool(row.version and outcome.version and outcome.version < row.version)
        return (
            {"attempts": row.attempts + 1} if older else {**self._hold_row(outcome, at), "attempts": row.attempts + 1}
        )

    def _keep_counts(self, connection: Connection, outcomes: Sequence[Outcome]) -> None:
        if self._run is None:
            return
        counts: Counter[tuple[Any, ...]] = Counter()
        removed: Counter[tuple[Any, ...]] = Counter()
        for outcome in outcomes:
            reason = outcome.reason.value if outcome.reason else ""
            group = (outcome.arrival.stream, outcome.verdict.value, reason, outcome.arrival.hold is not None)
            counts[group] += 1
            removed[group] += outcome.removed
        statement = self._insert(RUN_COUNTS)
        added = {name: RUN_COUNTS.c[name] + statement.excluded[name] for name in ("records", "removed")}
        keys = ["run", "stream", "verdict", "reason", "again"]
        rows = [
            dict(zip(keys, (self._run, *group), strict=True), records=count, removed=removed[group])
            for group, count in counts.items()
        ]
        if rows:
            connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=added), rows)

    # Runs

    def open_run(self) -> str:
        """Begin a run; what is settled from now on is counted to it."""
        self._run = uuid.uuid4().hex
        with transaction(self._engine) as connection:
            row = {"id": self._run, "started_at": self._now().isoformat(), "state": "running"}
            connection.execute(insert(RUNS).values(**row))
        return self._run

    def close_run(self, state: str, note: str) -> None:
        """End the run as done or failed, with a line that says what became of it."""
        ended = {"ended_at": self._now().isoformat(), "state": state, "note": note}
        with transaction(self._engine) as connection:
            connection.execute(update(RUNS).where(RUNS.c.id == self._run).values(**ended))

    def runs(self, limit: int) -> list[Run]:
        """The latest runs, newest first."""
        with transaction(self._engine) as connection:
            rows = connection.execute(select(RUNS).order_by(RUNS.c.started_at.desc()).limit(limit)).all()
            return [self._run_of(connection, row) for row in rows]

    def _run_of(self, connection: Connection, row: Any) -> Run:
        streams: dict[str, Counter[str]] = {}
        reasons: Counter[str] = Counter()
        query = select(RUN_COUNTS).where(RUN_COUNTS.c.run == row.id, RUN_COUNTS.c.again.is_(False))
        for count in connection.execute(query.order_by(RUN_COUNTS.c.stream)):
            streams.setdefault(count.stream, Counter())[count.verdict] += count.records
            if count.reason:
                reasons[count.reason] += count.records
        ended = datetime.fromisoformat(row.ended_at) if row.ended_at else None
        started = datetime.fromisoformat(row.started_at)
        counted = {stream: dict(verdicts) for stream, verdicts in streams.items()}
        return Run(row.id, started, ended, row.state, row.note, counted, dict(reasons))

    # What a person asks

    def holds(self, *, stream: str | None = None, reason: str | None = None, limit: int = 50) -> list[Hold]:
        """Open holds, oldest first."""
        query = select(HOLDS).where(HOLDS.c.state == "open").order_by(HOLDS.c.number).limit(limit)
        if stream:
            query = query.where(HOLDS.c.stream == stream)
        if reason:
            query = query.where(HOLDS.c.reason == reason)
        with transaction(self._engine) as connection:
            return [hold_of(row) for row in connection.execute(query)]

    def open_holds(self, *, this_run: bool = False) -> int:
        """How many holds are open; or only of those that this run held, or held again."""
        query = select(func.count()).where(HOLDS.c.state == "open")
        if this_run:
            query = query.where(HOLDS.c.run == self._run)
        with transaction(self._engine) as connection:
            return int(connection.scalar(query) or 0)

    def record(self, stream: str, key: str) -> Recorded | None:
        """The latest outcome of one record, or None when the ledger does not know it."""
        query = select(RECORDS).where(RECORDS.c.stream == stream, RECORDS.c.key == key)
        with transaction(self._engine) as connection:
            row = connection.execute(query).first()
        return recorded_of(row) if row else None


def _key(pair: Pair) -> str:
    org_key, outcome = pair
    return org_key or outcome.arrival.key


def _json(value: Any) -> str:
    text: str = simplejson.dumps(value, use_decimal=True, default=lambda moment: moment.isoformat())
    return text


def _record(payload: str) -> dict[str, object]:
    record: dict[str, object] = simplejson.loads(payload, use_decimal=True)
    return record


def _in_chunks(connection: Connection, query: Select[Any], column: Any, keys: Iterable[str]) -> Iterator[Any]:
    wanted = list(dict.fromkeys(keys))
    for start in range(0, len(wanted), KEYS_PER_QUERY):
        yield from connection.execute(query.where(column.in_(wanted[start : start + KEYS_PER_QUERY]))).all()
