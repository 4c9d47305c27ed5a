"""The ledger's tables. Times are ISO text in UTC, payloads JSON text, so that any SQL database will do."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, MetaData, String, Table, Text

VERSION = 1
"""Of this layout; kept in the table ``ledger`` and checked at every opening."""

METADATA = MetaData()

LEDGER = Table("ledger", METADATA, Column("version", Integer, nullable=False))

RUNS = Table(
    "runs",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("started_at", String(32), nullable=False),
    Column("ended_at", String(32)),
    Column("state", String(10), nullable=False),  # running, done, failed
    Column("note", Text),
)

RUN_COUNTS = Table(
    "run_counts",
    METADATA,
    Column("run", String(32), primary_key=True),
    Column("stream", String(255), primary_key=True),
    Column("verdict", String(10), primary_key=True),
    Column("reason", String(40), primary_key=True),  # empty for verdicts that need none
    Column("again", Boolean, primary_key=True),  # an earlier hold tried again, not an arrival
    Column("records", Integer, nullable=False),
    Column("removed", Integer, nullable=False),
)

RECORDS = Table(  # the latest outcome of every record, and where it went
    "records",
    METADATA,
    Column("stream", String(255), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("object", String(80)),
    Column("id", String(18)),
    Column("version", String(40)),
    Column("verdict", String(10), nullable=False),
    Column("stage", String(10), nullable=False),
    Column("rule", String(20)),
    Column("reason", String(40)),
    Column("fields", Text, nullable=False),
    Column("sent", Text, nullable=False),
    Column("code", String(80)),
    Column("message", Text),
    Column("run", String(32)),
    Column("at", String(32), nullable=False),
)

HOLDS = Table(
    "holds",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("stream", String(255), nullable=False),
    Column("key", String(255), nullable=False),
    Column("payload", Text, nullable=False),
    Column("faults", Text, nullable=False),
    Column("version", String(40)),
    Column("stage", String(10), nullable=False),
    Column("reason", String(40), nullable=False),
    Column("waits", Boolean, nullable=False),
    Column("fields", Text, nullable=False),
    Column("code", String(80)),
    Column("message", Text),
    Column("attempts", Integer, nullable=False),
    Column("first_seen", String(32), nullable=False),
    Column("last_seen", String(32), nullable=False),
    Column("state", String(10), nullable=False),  # open, resolved, overtaken
    Column("run", String(32)),
    Index("holds_open", "state", "stream", "number"),
    Index("holds_of_record", "stream", "key", "state"),
    sqlite_autoincrement=True,
)
