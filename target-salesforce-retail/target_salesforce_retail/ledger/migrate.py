"""Brings a ledger of an older layout up to ours, in the transaction that opens it: wholly or not at all."""

from __future__ import annotations

from sqlalchemy import Column, Connection, Table, text
from sqlalchemy.schema import CreateColumn

from target_salesforce_retail.ledger.carriers import new_secret
from target_salesforce_retail.ledger.tables import (
    CARRIERS,
    DECISIONS,
    HOLDS,
    HOLDS_ONE_OPEN,
    HOLDS_WAITING,
    LEDGER,
    MOVED,
    OUTCOMES,
    RECORDS,
    RECORDS_BY_MAPPING,
    SIBLINGS,
    SUSPECTS,
    WAITS,
)

TOLD = """
UPDATE records SET told_version = COALESCE(
    (SELECT holds.version FROM holds
     WHERE holds.stream = records.stream AND holds.key = records.key AND holds.state = 'open'
       AND (records.version IS NULL OR holds.version > records.version)),
    records.version)
"""
ONE_OPEN = """
UPDATE holds SET state = 'overtaken' WHERE state = 'open' AND EXISTS
    (SELECT 1 FROM holds AS newer WHERE newer.state = 'open' AND newer.number > holds.number
       AND newer.stream = holds.stream AND newer.key = holds.key)
"""


def from_1_to_2(connection: Connection) -> None:
    """Version 1 knew no org, no turns, no waits, no sets of siblings, and of each record only what came last."""
    for column in (LEDGER.c.org, LEDGER.c.seq, LEDGER.c.holder, LEDGER.c.until):
        _add(connection, LEDGER, column)
    for column in (RECORDS.c.told_version, RECORDS.c.candidates, RECORDS.c.seq, RECORDS.c.owner):
        _add(connection, RECORDS, column)
    for column in (HOLDS.c.candidates, HOLDS.c.due):
        _add(connection, HOLDS, column)
    if connection.dialect.name == "postgresql":  # SQLite minds no length
        for table, names in ((RECORDS, ("key", "version", "rule", "code")), (HOLDS, ("key", "version", "code"))):
            for name in names:
                connection.execute(text(f'ALTER TABLE {table.name} ALTER COLUMN "{name}" TYPE TEXT'))
    connection.execute(text(ONE_OPEN))
    connection.execute(text(TOLD))
    for index in (HOLDS_WAITING, HOLDS_ONE_OPEN):
        index.create(connection)
    for table in (WAITS, SIBLINGS):
        table.create(connection)
    connection.execute(text("UPDATE ledger SET version = 2"))


def from_2_to_3(connection: Connection) -> None:
    """Version 2 did not count who shares a match key. What came before is counted when it comes again."""
    _add(connection, LEDGER, LEDGER.c.secret)
    CARRIERS.create(connection)
    connection.execute(text("UPDATE ledger SET secret = :secret, version = 3"), {"secret": new_secret()})


def from_3_to_4(connection: Connection) -> None:
    """Version 3 told neither how a record was matched, nor under which mapping, nor what it was before."""
    for column in (RECORDS.c.trail, RECORDS.c.mapping, RECORDS.c.earlier):
        _add(connection, RECORDS, column)
    RECORDS_BY_MAPPING.create(connection)
    OUTCOMES.create(connection)
    connection.execute(text("UPDATE ledger SET version = 4"))


def with_moved(connection: Connection) -> None:
    """The version before did not note whose links had changed. What has moved until now is not known."""
    MOVED.create(connection)
    connection.execute(text("UPDATE ledger SET version = version + 1"))


def with_decisions(connection: Connection) -> None:
    """The version before kept no audit of what persons decide."""
    DECISIONS.create(connection)
    connection.execute(text("UPDATE ledger SET version = version + 1"))


def with_suspects(connection: Connection) -> None:
    """The version before did not note who may be one person: that shows when their records are asked about again."""
    SUSPECTS.create(connection)
    connection.execute(text("UPDATE ledger SET version = version + 1"))


STEPS = {1: from_1_to_2, 2: from_2_to_3, 3: from_3_to_4, 4: with_moved, 5: with_decisions, 6: with_suspects}
"""Version -> what brings it up to the next one."""


def _add(connection: Connection, table: Table, column: Column[object]) -> None:
    definition = CreateColumn(column).compile(dialect=connection.dialect)
    connection.execute(text(f"ALTER TABLE {table.name} ADD COLUMN {definition}"))
