"""The table SUSPECTS: two who may be one person, each pair once for each record that bridges them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, delete, exists, select

from target_salesforce_retail.ledger.records import is_ruled_out
from target_salesforce_retail.ledger.rows import chunks, in_chunks, upsert
from target_salesforce_retail.ledger.tables import RECORDS, SUSPECTS
from target_salesforce_retail.nouns import Bridge, Outcome, Suspect

KEYS = ("stream", "key", "id", "other")


def save(connection: Connection, outcomes: Sequence[Outcome]) -> None:
    """Keep what records say of whom else they may be; what one said when rules were asked before is void.

    So is what one said that is no customer of the shop any more.
    """
    latest = {
        (outcome.arrival.stream, outcome.arrival.key): outcome
        for outcome in outcomes
        if outcome.bridges_now is not None
    }
    _forget(connection, latest)
    upsert(connection, SUSPECTS, KEYS, [row for each in latest.values() for row in _rows(each)])


def bridging(connection: Connection, stream: str, keys: Iterable[str]) -> set[str]:
    """Those of the keys whose record is one of two who may be one person, also while a rule leaves it out."""
    query = select(SUSPECTS.c.key).where(SUSPECTS.c.stream == stream)
    return {row.key for row in in_chunks(connection, query, SUSPECTS.c.key, keys)}


def _forget(connection: Connection, records: Iterable[tuple[str, str]]) -> None:
    keys: dict[str, list[str]] = {}
    for stream, key in records:
        keys.setdefault(stream, []).append(key)
    for stream, mine in keys.items():
        for some in chunks(mine):
            connection.execute(delete(SUSPECTS).where(SUSPECTS.c.stream == stream, SUSPECTS.c.key.in_(some)))


def _rows(outcome: Outcome) -> list[dict[str, str | None]]:
    return [
        {
            "stream": outcome.arrival.stream,
            "key": outcome.arrival.key,
            "id": outcome.id,
            "other": each.id,
            "object": outcome.object,
            "other_object": each.object,
            "rule": each.by,
            "other_rule": each.rule,
        }
        for each in outcome.bridges_now or ()
    ]


def of(connection: Connection, stream: str) -> list[Suspect]:
    """All of a stream, by key; a record that a rule leaves out says nothing, and may be back."""
    its_own = (RECORDS.c.stream == SUSPECTS.c.stream) & (RECORDS.c.key == SUSPECTS.c.key)
    mine = (SUSPECTS.c.stream == stream) & ~exists().where(its_own, is_ruled_out(RECORDS))
    query = select(SUSPECTS).where(mine).order_by(SUSPECTS.c.key, SUSPECTS.c.other)
    return [
        Suspect(row.stream, row.key, row.object, row.id, Bridge(row.other_object, row.other, row.other_rule, row.rule))
        for row in connection.execute(query)
    ]


def remove(connection: Connection, suspects: Iterable[Suspect]) -> None:
    """Take these off the list."""
    for each in suspects:
        mine = (SUSPECTS.c.stream == each.stream) & (SUSPECTS.c.key == each.key)
        connection.execute(delete(SUSPECTS).where(mine, SUSPECTS.c.id == each.id, SUSPECTS.c.other == each.bridge.id))
