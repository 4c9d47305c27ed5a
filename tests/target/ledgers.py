"""What tests of the ledger share: a fresh one, a clock, outcomes in one line, and its tables as a law sees them.

``LEDGER_TEST_URL`` runs them on a server: an empty database, e.g. postgresql+psycopg://localhost/ledger_test.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, inspect, select, text
from target_salesforce_retail.ledger.store import SqlLedger, open_ledger
from target_salesforce_retail.ledger.tables import HOLDS, MOVED, OUTCOMES, RECORDS, SIBLINGS, WAITS
from target_salesforce_retail.nouns import Arrival, Outcome, Reason, Reference, Stage, Verdict

URL = os.environ.get("LEDGER_TEST_URL", "sqlite://")
ASIDE = {"at", "run", "seq", "first_seen", "last_seen", "due", "number"}
"""Columns that differ between one settle and many: times, runs, and counts of settles and holds."""


class Clock:
    """Stands still until it is moved; who sleeps moves it."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 20, 12, 0, tzinfo=timezone.utc)

    def __call__(self) -> datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


def empty(url: str) -> str:
    """The address of a database without tables."""
    if url != "sqlite://":
        engine = create_engine(url)
        with engine.begin() as connection:
            for name in inspect(connection).get_table_names():
                connection.execute(text(f'DROP TABLE "{name}" CASCADE'))
        engine.dispose()
    return url


def restored(script: Path, folder: Path) -> str:
    """The address of a database that an earlier version has left, as its script says."""
    address = f"sqlite:///{folder / 'ledger.db'}" if URL == "sqlite://" else empty(URL)
    engine = create_engine(address)
    server = engine.dialect.name == "postgresql"
    autonumber = "SERIAL PRIMARY KEY" if server else "INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT"
    with engine.begin() as connection:
        for statement in script.read_text("utf-8").replace("{autonumber}", autonumber).split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement)
    engine.dispose()
    return address


def fresh(clock: Clock | None = None) -> SqlLedger:
    """An empty ledger with a run begun in it."""
    clock = clock or Clock()
    ledger = open_ledger(empty(URL), now=clock, sleep=clock.sleep)
    ledger.open_run()
    return ledger


def arrival(
    key: str = "1:7",
    stream: str = "customers",
    version: str | None = None,
    hold: int | None = None,
    fills: bool = False,
    **record: Any,
) -> Arrival:
    return Arrival(stream, key, {"id": key, **record}, version=version, hold=hold, fills=fills)


def held(
    reason: Reason = Reason.VALUE_REFUSED,
    waits_for: tuple[Reference, ...] = (),
    record_id: str | None = None,
    **more: Any,
) -> Outcome:
    return Outcome(arrival(**more), Verdict.HELD, Stage.SEND, id=record_id, reason=reason, waits_for=waits_for)


def done(
    verdict: Verdict = Verdict.CREATED,
    record_id: str = "003A",
    sent: dict[str, Any] | None = None,
    waits_for: tuple[Reference, ...] = (),
    **more: Any,
) -> Outcome:
    return Outcome(
        arrival(**more), verdict, Stage.SEND, object="Contact", id=record_id, sent=sent or {}, waits_for=waits_for
    )


def skipped(reason: Reason = Reason.EXCLUDED, **more: Any) -> Outcome:
    return Outcome(arrival(**more), Verdict.SKIPPED, Stage.CHECK, reason=reason)


def settle(ledger: SqlLedger, *outcomes: Outcome) -> None:
    ledger.settle(outcomes)


def tables(ledger: SqlLedger, *aside: str) -> dict[str, list[dict[str, Any]]]:
    """All that is known, row by row in a fixed order."""
    found = {}
    for table in (RECORDS, OUTCOMES, HOLDS, WAITS, SIBLINGS, MOVED):
        with ledger._engine.begin() as connection:
            rows = connection.execute(select(table).order_by(*table.primary_key)).mappings().all()
        found[table.name] = [{k: v for k, v in row.items() if k not in ASIDE | set(aside)} for row in rows]
    return found
