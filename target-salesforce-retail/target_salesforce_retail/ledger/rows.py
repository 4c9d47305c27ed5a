"""Between rows and Python: JSON columns, and look-ups that are cut to what a database takes in one query."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import simplejson
from sqlalchemy import Connection, Insert, Select
from sqlalchemy.dialects import postgresql, sqlite

KEYS_PER_QUERY = 500


def as_json(value: Any) -> str:
    """Text of a value; numbers exact, instants and dates as ISO text."""
    text: str = simplejson.dumps(value, use_decimal=True, default=lambda moment: moment.isoformat())
    return text


def of_json(text: str) -> Any:
    """The value of a text; numbers with a fraction are ``Decimal``."""
    return simplejson.loads(text, use_decimal=True)


def storable(text: str | None) -> str | None:
    """Others' words, without what a database refuses in text."""
    return text and text.encode("utf-8", "replace").decode("utf-8").replace("\0", "?")


def chunks(values: Iterable[Any]) -> Iterator[list[Any]]:
    """Values, each once, so many at a time as one query may name."""
    wanted = list(dict.fromkeys(values))
    return (wanted[start : start + KEYS_PER_QUERY] for start in range(0, len(wanted), KEYS_PER_QUERY))


def in_chunks(connection: Connection, query: Select[Any], column: Any, values: Iterable[Any]) -> Iterator[Any]:
    """Rows whose column has any of the values."""
    for some in chunks(values):
        yield from connection.execute(query.where(column.in_(some))).all()


def upsert(
    connection: Connection, table: Any, keys: Iterable[str], rows: list[dict[str, Any]], *, adds: bool = False
) -> None:
    """Insert rows; those that are there take the new values, or have them added to theirs."""
    if not rows:
        return
    statement = _insert(connection, table)
    names = list(keys)
    new: Mapping[str, Any] = statement.excluded  # type: ignore[attr-defined]
    values = {name: table.c[name] + new[name] if adds else new[name] for name in rows[0] if name not in names}
    connection.execute(
        statement.on_conflict_do_update(index_elements=names, set_=values),  # type: ignore[attr-defined]
        rows,
    )


def insert_new(connection: Connection, table: Any, rows: list[dict[str, Any]]) -> None:
    """Insert rows; those that are there stay as they are."""
    if rows:
        connection.execute(_insert(connection, table).on_conflict_do_nothing(), rows)  # type: ignore[attr-defined]


def _insert(connection: Connection, table: Any) -> Insert:
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement: Insert = dialect.insert(table)
    return statement
