"""The table RECORDS: the newest outcome of every record, and where it went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields

from sqlalchemy import ColumnElement, Connection, func, select
from sqlalchemy.sql.selectable import FromClause

from target_salesforce_retail.ledger.fold import RecordRow
from target_salesforce_retail.ledger.rows import in_chunks, upsert
from target_salesforce_retail.ledger.tables import RECORDS
from target_salesforce_retail.nouns import Link, Reason, Verdict

COLUMNS = [RECORDS.c[field.name] for field in fields(RecordRow)]


def is_skipped(records: FromClause) -> ColumnElement[bool]:
    """Skipped by a rule and not in the org, or let go by one. One that was superseded was not left out."""
    superseded = records.c.reason.is_not_distinct_from(Reason.SUPERSEDED.value)
    excluded = records.c.reason.is_not_distinct_from(Reason.EXCLUDED.value)
    is_out = (records.c.verdict == Verdict.SKIPPED.value) | excluded
    return is_out & records.c.id.is_(None) & ~superseded


def is_ruled_out(records: FromClause) -> ColumnElement[bool]:
    """Deleted in the shop, or left out by ``when``, in the org or not."""
    return records.c.reason.in_([Reason.EXCLUDED.value, Reason.DELETED.value])


def links(connection: Connection, stream: str, keys: Iterable[str]) -> dict[str, Link]:
    """Where records went, by key."""
    columns = select(RECORDS.c.key, RECORDS.c.object, RECORDS.c.id, RECORDS.c.version, RECORDS.c.owner)
    query = columns.where(RECORDS.c.stream == stream, RECORDS.c.id.is_not(None))
    found = in_chunks(connection, query, RECORDS.c.key, keys)
    return {row.key: Link(row.object, row.id, row.version, row.owner) for row in found}


def versions(connection: Connection, stream: str, keys: Iterable[str]) -> dict[str, str]:
    """The newest version of each record that had an outcome, by key."""
    columns = select(RECORDS.c.key, RECORDS.c.told_version)
    query = columns.where(RECORDS.c.stream == stream, RECORDS.c.told_version.is_not(None))
    return {row.key: row.told_version for row in in_chunks(connection, query, RECORDS.c.key, keys)}


def ruled_out(connection: Connection, stream: str, keys: Iterable[str]) -> set[str]:
    """Those of the keys whose record a rule took out: deleted in the shop, or left out by ``when``."""
    query = select(RECORDS.c.key).where(RECORDS.c.stream == stream, is_ruled_out(RECORDS))
    return {row.key for row in in_chunks(connection, query, RECORDS.c.key, keys)}


def skipped(connection: Connection, stream: str, keys: Iterable[str]) -> set[str]:
    """Those of the keys whose record was skipped by a rule and never was in the org."""
    query = select(RECORDS.c.key).where(RECORDS.c.stream == stream, is_skipped(RECORDS))
    return {row.key for row in in_chunks(connection, query, RECORDS.c.key, keys)}


def count(connection: Connection, stream: str) -> int:
    """How many records of a stream went into the org."""
    query = select(func.count()).select_from(RECORDS).where(RECORDS.c.stream == stream, RECORDS.c.id.is_not(None))
    return connection.scalar(query) or 0


def streams(connection: Connection) -> set[str]:
    """Every stream of which a record is known."""
    return set(connection.scalars(select(RECORDS.c.stream).distinct()))


def under_others(connection: Connection, digests: Mapping[str, str]) -> dict[str, int]:
    """Stream -> how many records were last settled under another mapping; of those before layout 4 nobody knows."""
    query = select(RECORDS.c.stream, RECORDS.c.mapping, func.count()).where(RECORDS.c.mapping.is_not(None))
    found: Counter[str] = Counter()
    for stream, mapping, records in connection.execute(query.group_by(RECORDS.c.stream, RECORDS.c.mapping)):
        if mapping != digests.get(stream, mapping):
            found[stream] += records
    return dict(found)


def load(connection: Connection, stream: str, keys: Iterable[str]) -> dict[str, RecordRow]:
    """Whole rows, by key."""
    query = select(*COLUMNS).where(RECORDS.c.stream == stream)
    return {row.key: RecordRow(*row) for row in in_chunks(connection, query, RECORDS.c.key, keys)}


def save(connection: Connection, rows: Iterable[RecordRow]) -> None:
    """Write rows, there or not."""
    upsert(connection, RECORDS, ("stream", "key"), [asdict(row) for row in rows])
