"""The table SUSPECTS: two who may be one person, each pair once for each record that bridges them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, delete, select

from target_salesforce_retail.ledger.rows import chunks, upsert
from target_salesforce_retail.ledger.tables import SUSPECTS
from target_salesforce_retail.nouns import Bridge, Outcome, Reason, Retirement, Suspect, Verdict
from target_salesforce_retail.words import IN_ORG

KEYS = ("stream", "key", "id", "other")


def save(connection: Connection, outcomes: Sequence[Outcome]) -> None:
    """Keep what records say of whom else they may be; what one said when rules were asked before is void.

    So is what one said that is no customer of the shop any more.
    """
    latest = {
        (outcome.arrival.stream, outcome.arrival.key): outcome
        for outcome in outcomes
        if _says(outcome) or _ends(outcome)
    }
    _forget(connection, latest)
    upsert(connection, SUSPECTS, KEYS, [row for each in latest.values() for row in _rows(each)])


def _says(outcome: Outcome) -> bool:
    return outcome.bridges is not None and (outcome.verdict in IN_ORG or outcome.reason is Reason.LEFT_ALONE)


def _ends(outcome: Outcome) -> bool:
    """Whether it leads to nobody any more, or was merged into another; one that is only archived may be back."""
    is_over = outcome.verdict is not Verdict.HELD and outcome.reason is not Reason.SUPERSEDED
    return outcome.lets_go or (outcome.retirement is Retirement.MERGED and is_over)


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
        for each in outcome.bridges or ()
    ]


def of(connection: Connection, stream: str) -> list[Suspect]:
    """All of a stream, by key."""
    query = select(SUSPECTS).where(SUSPECTS.c.stream == stream).order_by(SUSPECTS.c.key, SUSPECTS.c.other)
    return [
        Suspect(row.stream, row.key, row.object, row.id, Bridge(row.other_object, row.other, row.other_rule, row.rule))
        for row in connection.execute(query)
    ]


def remove(connection: Connection, suspects: Iterable[Suspect]) -> None:
    """Take these off the list."""
    for each in suspects:
        mine = (SUSPECTS.c.stream == each.stream) & (SUSPECTS.c.key == each.key)
        connection.execute(delete(SUSPECTS).where(mine, SUSPECTS.c.id == each.id, SUSPECTS.c.other == each.bridge.id))
