"""The table HOLDS: what could not be placed, with its payload, until it is; and which holds are worth a try."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, exists, func, insert, or_, select, true, update

from target_salesforce_retail.ledger.fold import OPEN, SUPERSEDED, HoldRow, When
from target_salesforce_retail.ledger.records import is_skipped
from target_salesforce_retail.ledger.rows import as_json, in_chunks, of_json, storable
from target_salesforce_retail.ledger.tables import HOLDS, RECORDS, WAITS
from target_salesforce_retail.nouns import Arrival, Flaw, Reason, Undecided
from target_salesforce_retail.trail import of_plain, unconverted_lead

A_MINUTE = 60
A_DAY_OF_MINUTES = 24 * 60
IS_OPEN = HOLDS.c.state == OPEN
LISTED = [column for column in HOLDS.c if column.name not in ("payload", "faults")]
ITS_WAITS = (WAITS.c.stream == HOLDS.c.stream) & (WAITS.c.key == HOLDS.c.key) & (WAITS.c.kind == "hold")


def load(connection: Connection, stream: str, arrivals: Sequence[Arrival]) -> dict[str, HoldRow]:
    """The open holds of these records, by key.

    A hold that is tried again may have another key by now, for the mapping was changed: it goes on under the new one,
    or is closed when there is one already.
    """
    columns = select(HOLDS.c.key, HOLDS.c.number, HOLDS.c.version, HOLDS.c.attempts).where(IS_OPEN)
    query = columns.where(HOLDS.c.stream == stream)
    found = in_chunks(connection, query, HOLDS.c.key, [arrival.key for arrival in arrivals])
    open_holds = {row.key: HoldRow(row.number, row.version, row.attempts) for row in found}
    numbers = {hold.number for hold in open_holds.values()}
    renamed = {arrival.hold: arrival.key for arrival in arrivals if arrival.hold and arrival.hold not in numbers}
    for row in in_chunks(connection, columns, HOLDS.c.number, renamed):
        key = renamed[row.number]
        if key in open_holds:
            _change(connection, {row.number: {"state": SUPERSEDED}})
        else:
            open_holds[key] = HoldRow(row.number, row.version, row.attempts)
            _change(connection, {row.number: {"key": key}})
    return open_holds


def save(
    connection: Connection, before: Mapping[str, HoldRow], after: Mapping[str, Sequence[HoldRow]], when: When
) -> list[HoldRow]:
    """Write what changed of holds that are there; returns the new ones, for ``add``."""
    all_holds = [(before.get(key), hold) for key, holds in after.items() for hold in holds]
    changed = {hold.number: _row(hold, when) for was, hold in all_holds if hold.number and hold != was}
    _change(connection, changed)
    return [hold for _, hold in all_holds if hold.number is None]


def add(connection: Connection, new: Iterable[HoldRow], when: When) -> None:
    """Insert new holds, numbered in the order in which they were opened."""
    rows = [{**_row(hold, when), "first_seen": when.at} for hold in sorted(new, key=lambda hold: hold.place)]
    if rows:
        connection.execute(insert(HOLDS), rows)


def _change(connection: Connection, changes: Mapping[int, Mapping[str, Any]]) -> None:
    """Number -> columns; those that change the same columns travel together."""
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for number, values in changes.items():
        alike.setdefault(tuple(values), []).append({"of": number, **values})
    for columns, rows in alike.items():
        values = {name: bindparam(name) for name in columns}
        connection.execute(update(HOLDS).where(HOLDS.c.number == bindparam("of")).values(values), rows)


def _row(hold: HoldRow, when: When) -> dict[str, Any]:
    row: dict[str, Any] = {"attempts": hold.attempts, "state": hold.state}
    if hold.state != OPEN:
        row["last_seen"] = when.at
    if hold.latest is None:
        return row
    outcome, reason = hold.latest, hold.latest.reason or Reason.REFUSED
    seen = int(datetime.fromisoformat(when.at).timestamp())
    return {
        **row,
        "stream": outcome.arrival.stream,
        "key": outcome.arrival.key,
        "payload": as_json(outcome.arrival.record),
        "faults": as_json([[flaw.property, flaw.rule] for flaw in outcome.arrival.flaws]),
        "version": outcome.version,
        "stage": outcome.stage.value,
        "reason": reason.value,
        "waits": reason.waits,
        "fields": as_json(outcome.fields),
        "code": storable(outcome.code),
        "message": storable(outcome.message),
        "candidates": as_json(outcome.candidates),
        "last_seen": when.at,
        "run": when.run,
        "due": seen + A_MINUTE * min(2 ** min(hold.attempts, 11), A_DAY_OF_MINUTES),
    }


# Which are worth a try


def due(stream: str, after: int, run: str | None, now: datetime) -> ColumnElement[bool]:
    """True for open holds that wait, and whose time has come.

    * All parents have come since: each is in the org, or was left out by a rule, and changed after the hold was seen.
    * It waits for no record (a lock): once per run.
    * The ledger knows nothing of a parent, for another pipeline may bring it: ever more seldom, at least once a day.
    """
    parent = (RECORDS.c.stream == WAITS.c.parent_stream) & (RECORDS.c.key == WAITS.c.parent_key)
    has_come = (RECORDS.c.id.is_not(None) | is_skipped(RECORDS)) & (RECORDS.c.seq >= WAITS.c.seq)

    def some_wait(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
        return exists(select(1).select_from(WAITS).where(ITS_WAITS, *conditions).correlate(HOLDS))

    def its_parent(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
        return exists(select(1).select_from(RECORDS).where(parent, *conditions).correlate(WAITS))

    in_another_run = HOLDS.c.run.is_distinct_from(run) if run else true()
    in_vain = some_wait(its_parent(~has_come))
    nobody_knows = (HOLDS.c.due <= int(now.timestamp())) & some_wait(~its_parent()) & ~in_vain
    worth_it = or_(
        and_(~some_wait(), in_another_run),
        and_(some_wait(), ~some_wait(~its_parent(has_come))),
        nobody_knows,
    )
    return and_(IS_OPEN, HOLDS.c.stream == stream, HOLDS.c.waits, HOLDS.c.number > after, worth_it)


def waiting(connection: Connection, condition: ColumnElement[bool], limit: int) -> list[Arrival]:
    """The arrivals of holds that are due, oldest first; only theirs are the payloads that are read."""
    numbers = select(HOLDS.c.number).where(condition).order_by(HOLDS.c.number).limit(limit)
    rows = connection.execute(select(HOLDS).where(HOLDS.c.number.in_(numbers)).order_by(HOLDS.c.number))
    return [_arrival(row) for row in rows]


# What a person asks


def held(
    connection: Connection, stream: str, *, after: int, limit: int, reason: str | None, number: int | None
) -> list[Arrival]:
    """The arrivals of open holds, oldest first, with a number greater than ``after``."""
    query = select(HOLDS).where(IS_OPEN, HOLDS.c.stream == stream, HOLDS.c.number > after)
    if reason:
        query = query.where(HOLDS.c.reason == reason)
    if number:
        query = query.where(HOLDS.c.number == number)
    return [_arrival(row) for row in connection.execute(query.order_by(HOLDS.c.number).limit(limit))]


def undecided(
    connection: Connection, stream: str, reasons: Iterable[Reason], after: int, limit: int
) -> list[Undecided]:
    """Open holds for these reasons, oldest first, without their payloads."""
    columns = select(HOLDS.c.number, HOLDS.c.key, HOLDS.c.reason, HOLDS.c.candidates, RECORDS.c.trail)
    its_record = (RECORDS.c.stream == HOLDS.c.stream) & (RECORDS.c.key == HOLDS.c.key)
    wanted = HOLDS.c.reason.in_([reason.value for reason in reasons])
    query = columns.join(RECORDS, its_record, isouter=True).where(
        IS_OPEN, HOLDS.c.stream == stream, wanted, HOLDS.c.number > after
    )
    rows = connection.execute(query.order_by(HOLDS.c.number).limit(limit))
    return [
        Undecided(row.number, row.key, Reason.of(row.reason), tuple(of_json(row.candidates)), _lead(row.trail))
        for row in rows
    ]


def _lead(trail: str | None) -> str:
    return unconverted_lead(of_plain(of_json(trail))) if trail else ""


def held_as(connection: Connection, numbers: Sequence[int]) -> list[Arrival]:
    """The arrivals of open holds with these numbers, oldest first."""
    query = select(HOLDS).where(IS_OPEN).order_by(HOLDS.c.number)
    return [_arrival(row) for row in in_chunks(connection, query, HOLDS.c.number, numbers)]


def listed(
    connection: Connection,
    *,
    stream: str | None = None,
    key: str | None = None,
    reason: str | None = None,
    number: int | None = None,
    limit: int,
) -> Sequence[Row[Any]]:
    """Open holds without their payloads, oldest first."""
    query = select(*LISTED).where(IS_OPEN).order_by(HOLDS.c.number).limit(limit)
    conditions = ((HOLDS.c.stream, stream), (HOLDS.c.key, key), (HOLDS.c.reason, reason), (HOLDS.c.number, number))
    for column, wanted in conditions:
        if wanted:
            query = query.where(column == wanted)
    return connection.execute(query).all()


def count(connection: Connection, *conditions: ColumnElement[bool]) -> int:
    """How many holds are open."""
    return int(connection.scalar(select(func.count()).select_from(HOLDS).where(IS_OPEN, *conditions)) or 0)


def numbered(connection: Connection, numbers: Iterable[int]) -> list[Row[Any]]:
    """Open holds of these numbers without their payloads, oldest first."""
    found = in_chunks(connection, select(*LISTED).where(IS_OPEN), HOLDS.c.number, numbers)
    return sorted(found, key=lambda row: int(row.number))


def places(connection: Connection, stream: str | None, reason: str | None) -> list[tuple[int, str, str]]:
    """Number, stream and key of open holds, oldest first."""
    query = select(HOLDS.c.number, HOLDS.c.stream, HOLDS.c.key).where(IS_OPEN).order_by(HOLDS.c.number)
    for column, wanted in ((HOLDS.c.stream, stream), (HOLDS.c.reason, reason)):
        query = query if wanted is None else query.where(column == wanted)
    return [(row.number, row.stream, row.key) for row in connection.execute(query)]


def is_open(connection: Connection, number: int) -> bool:
    """Whether there is an open hold of this number."""
    return count(connection, HOLDS.c.number == number) > 0


def kinds(connection: Connection) -> dict[tuple[str, str], int]:
    """(Stream, reason) -> how many holds are open."""
    query = select(HOLDS.c.stream, HOLDS.c.reason, func.count()).where(IS_OPEN)
    found = connection.execute(query.group_by(HOLDS.c.stream, HOLDS.c.reason))
    return {(stream, reason): int(number) for stream, reason, number in found}


def parents(connection: Connection) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """Stream and key of every open hold that waits for records -> those."""
    columns = select(WAITS.c.stream, WAITS.c.key, WAITS.c.parent_stream, WAITS.c.parent_key)
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for stream, key, *parent in connection.execute(columns.join(HOLDS, ITS_WAITS).where(IS_OPEN)):
        found.setdefault((stream, key), []).append((parent[0], parent[1]))
    return found


def awaited(connection: Connection) -> dict[str, int]:
    """Stream -> how many open holds wait for a record of it."""
    counted = func.count(HOLDS.c.number.distinct())
    query = select(WAITS.c.parent_stream, counted).join(HOLDS, ITS_WAITS).where(IS_OPEN).group_by(WAITS.c.parent_stream)
    return {stream: int(number) for stream, number in connection.execute(query)}


def _arrival(row: Any) -> Arrival:
    flaws = tuple(map(_flaw, of_json(row.faults)))
    return Arrival(row.stream, row.key, of_json(row.payload), flaws, version=row.version, hold=row.number)


def _flaw(kept: list[str] | str) -> Flaw:
    """Ledgers of old kept a sentence, which does not tell the property for certain."""
    return Flaw("", kept) if isinstance(kept, str) else Flaw(*kept)
