"""The tables WAITS and SIBLINGS: what waits for which parent, and which children a parent has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, delete, insert, select

from target_salesforce_retail.ledger.fold import When, is_newest
from target_salesforce_retail.ledger.rows import as_json, chunks, in_chunks, of_json, upsert
from target_salesforce_retail.ledger.tables import RECORDS, SIBLINGS, WAITS
from target_salesforce_retail.nouns import Arrival, Reference, Siblings

Waits = tuple[str, tuple[Reference, ...]]


def save(connection: Connection, stream: str, waits: Mapping[str, Waits], when: When) -> None:
    """Replace what these records wait for."""
    for keys in chunks(waits):
        connection.execute(delete(WAITS).where(WAITS.c.stream == stream, WAITS.c.key.in_(keys)))
    rows = [
        {
            "stream": stream,
            "key": key,
            "label": reference.label,
            "parent_stream": reference.stream,
            "parent_key": reference.key,
            "kind": kind,
            "seq": when.seq,
        }
        for key, (kind, references) in waits.items()
        for reference in references
    ]
    if rows:
        connection.execute(insert(WAITS), rows)


def of(connection: Connection, stream: str, keys: Iterable[str], kind: str) -> dict[str, tuple[Reference, ...]]:
    """What records wait for, by key."""
    query = select(WAITS).where(WAITS.c.stream == stream, WAITS.c.kind == kind).order_by(WAITS.c.label)
    found: dict[str, list[Reference]] = {}
    for row in in_chunks(connection, query, WAITS.c.key, keys):
        found.setdefault(row.key, []).append(Reference(row.label, row.parent_stream, row.parent_key))
    return {key: tuple(references) for key, references in found.items()}


def fillable(
    connection: Connection, stream: str, after: str, limit: int
) -> list[tuple[Arrival, tuple[Reference, ...]]]:
    """Records in the org with lookups left blank, of which a parent came after that, by key from ``after`` up."""
    parent, child = RECORDS.alias(), RECORDS.alias()
    has_come = parent.c.id.is_not(None) & (parent.c.seq >= WAITS.c.seq)
    query = (
        select(WAITS.c.key, child.c.version)
        .distinct()
        .join(parent, (parent.c.stream == WAITS.c.parent_stream) & (parent.c.key == WAITS.c.parent_key) & has_come)
        .join(child, (child.c.stream == WAITS.c.stream) & (child.c.key == WAITS.c.key) & child.c.id.is_not(None))
        .where(WAITS.c.stream == stream, WAITS.c.kind == "blank", WAITS.c.key > after)
        .order_by(WAITS.c.key)
        .limit(limit)
    )
    rows = connection.execute(query).all()
    references = of(connection, stream, [row.key for row in rows], "blank")
    return [
        (Arrival(stream, row.key, {}, version=row.version, fills=True), references.get(row.key, ())) for row in rows
    ]


def siblings(connection: Connection, stream: str, parents: Iterable[str]) -> dict[str, Siblings]:
    """The newest complete sets of children of ``stream``, by the parent's key."""
    query = select(SIBLINGS).where(SIBLINGS.c.stream == stream)
    return {
        row.parent: Siblings(stream, row.parent, row.version, frozenset(of_json(row.keys)))
        for row in in_chunks(connection, query, SIBLINGS.c.parent, parents)
    }


def save_siblings(connection: Connection, sets: Sequence[Siblings]) -> None:
    """Keep the sets that are the newest; of two of the same version the later one."""
    newest: dict[tuple[str, str], Siblings] = {}
    for stream in dict.fromkeys(each.stream for each in sets):
        mine = [each for each in sets if each.stream == stream]
        newest_of = siblings(connection, stream, [each.parent for each in mine])
        for each in mine:
            before = newest_of.get(each.parent)
            if before is None or is_newest(each.version, before.version):
                newest_of[each.parent] = newest[stream, each.parent] = each
    rows = [
        {"stream": each.stream, "parent": each.parent, "version": each.version, "keys": as_json(sorted(each.keys))}
        for each in newest.values()
    ]
    upsert(connection, SIBLINGS, ("stream", "parent"), rows)
