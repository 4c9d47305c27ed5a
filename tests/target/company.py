"""Records in company: how they are cut into batches, and what two worlds are compared by when all is done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import select
from target_salesforce_retail.ledger.tables import CARRIERS, HOLDS, RECORDS, SUSPECTS, WAITS
from target_salesforce_retail.stages.inside.unkeyed import Unkeyed

from tests.target.reference import Reference, told
from tests.target.world import World

T = TypeVar("T")
Values = dict[str, Any]


def end_alike(slow: Reference, whole: World, cut: World, records: Sequence[Values], sizes: Sequence[int]) -> None:
    """Shoppers one by one, in one batch, and in batches of these sizes: every outcome, the org and the ledger agree.

    The batches are of one run, that reads once who lacks a phone key.
    """
    cut.unkeyed = Unkeyed()
    expected = slow.run("customers", *records)
    in_one = whole.run("customers", *records)
    in_parts = [outcome for part in parts(records, sizes) for outcome in cut.run("customers", *part)]

    assert told(in_one) == told(expected)
    assert told(in_parts) == told(expected)
    assert all_of(whole) == all_of(slow)
    assert all_of(cut) == all_of(slow)


def parts(records: Sequence[T], sizes: Sequence[int]) -> list[Sequence[T]]:
    """The records in pieces of these sizes, and what is left as the last one."""
    found: list[Sequence[T]] = []
    rest = list(records)
    for size in (*sizes, len(rest)):
        found.append(rest[:size])
        rest = rest[size:]
    return [part for part in found if part]


def names_of(world: World) -> dict[str, str]:
    """Id -> what it stands for: rows that we made are told by their key."""
    return {
        record_id: f"{name}:{values.get('Key__c')}" if "-" not in record_id else record_id
        for name, table in world.org.tables.items()
        for record_id, values in table.items()
    }


def rows_of(world: World) -> list[Any]:
    known = names_of(world)
    return sorted(
        (
            known[record_id],
            sorted(
                (field, known.get(str(held), str(held))) for field, held in values.items() if held and field != "Id"
            ),
        )
        for table in world.org.tables.values()
        for record_id, values in table.items()
    )


def table_of(world: World, table: Any, *columns: str, where: Any = None) -> list[Any]:
    """Rows of the ledger, with ids told by what they stand for."""
    known = names_of(world)

    def named(value: Any) -> str:
        text = str(value)
        for record_id, name in known.items():
            text = text.replace(record_id, name)
        return ", ".join(sorted(text.strip("[]").split(", "))) if text.startswith("[") else text

    query = select(*(table.c[column] for column in columns))
    query = query if where is None else query.where(where)
    with world.ledger._engine.begin() as connection:
        return sorted(tuple(named(value) for value in row) for row in connection.execute(query))


def records_of(world: World) -> list[Any]:
    columns = ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent")
    return table_of(world, RECORDS, *columns, "code", "message", "candidates")


def holds_of(world: World) -> list[Any]:
    columns = ("stream", "key", "version", "stage", "reason", "fields", "payload", "code")
    return table_of(world, HOLDS, *columns, where=HOLDS.c.state == "open")


def waits_of(world: World) -> list[Any]:
    return table_of(world, WAITS, "stream", "key", "label", "parent_stream", "parent_key", "kind")


def suspects_of(world: World) -> list[Any]:
    return table_of(world, SUSPECTS, "stream", "key", "object", "id", "rule", "other_object", "other", "other_rule")


def all_of(world: World) -> Values:
    return {
        "org": rows_of(world),
        "records": records_of(world),
        "holds": holds_of(world),
        "waits": waits_of(world),
        "carriers": table_of(world, CARRIERS, "stream", "hash", "key"),
        "suspects": suspects_of(world),
    }
