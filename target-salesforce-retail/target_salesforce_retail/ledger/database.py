"""Opens the ledger's database: a SQLite file by default, a server by URL."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, StaticPool, create_engine, event, insert, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from target_salesforce_retail.errors import ConfigError, LedgerError
from target_salesforce_retail.ledger.carriers import mend_secret, new_secret
from target_salesforce_retail.ledger.migrate import STEPS
from target_salesforce_retail.ledger.tables import LEDGER, METADATA, VERSION

KEPT = "Nothing was acknowledged. Check ledger_url, the disk and the rights of its folder."
PATIENCE_SECONDS = 30
"""So long SQLite waits where another program writes."""
OPENING = 0x1ED6E2
"""The name, among PostgreSQL's advisory locks, of opening a ledger: tables are made and migrated once."""


def connect(url: str) -> Engine:
    """An engine whose tables are there and of our version.

    Raises:
        ConfigError: The URL is none, says what its database cannot read, or needs a driver that is not installed.
        LedgerError: The database cannot be opened, or holds a ledger of another version or a damaged one.
    """
    with explained():
        return _engine(make_url(url))


@contextmanager
def explained() -> Iterator[None]:
    """Say of an address or a file that is at fault what is wrong with it.

    Raises:
        ConfigError: The URL is none, or names a database whose driver is not installed.
        LedgerError: The file cannot be made, or not be read.
    """
    try:
        yield
    except (ArgumentError, ImportError, ValueError, TypeError, OverflowError) as error:
        raise ConfigError(
            f"ledger_url cannot be used: {type(error).__name__}.",
            where="ledger",
            hint="It looks like sqlite:///path/ledger.db or postgresql+psycopg://user:password@host/name.",
        ) from None
    except OSError as error:
        raise LedgerError(f"The ledger's file cannot be opened: {error.strerror}.", where="ledger", hint=KEPT) from None


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        engine = create_engine(url)
    elif url.database and url.database != ":memory:":
        _private_file(Path(url.database))
        engine = create_engine(url)
        steady(engine)
    else:
        return _in_memory(url)
    with transaction(engine) as connection:
        bring_up(connection)
    return engine


def _in_memory(url: URL) -> Engine:
    """A copy of an empty ledger. Cases and tests open hundreds: none of them compiles again what one has."""
    first, copies, compiled = _first_in_memory()

    def copy() -> Any:
        made = sqlite3.connect(":memory:", check_same_thread=False)
        copies.backup(made)
        return made

    # one connection each: with a second one would come a second, empty ledger
    engine = Engine(StaticPool(copy), first.dialect, url, execution_options={"compiled_cache": compiled})
    steady(engine)
    return engine


@cache
def _first_in_memory() -> tuple[Engine, sqlite3.Connection, dict[Any, Any]]:
    made = sqlite3.connect(":memory:", check_same_thread=False)
    engine = create_engine("sqlite://", poolclass=StaticPool, creator=lambda: made)
    steady(engine)
    with transaction(engine) as connection:
        bring_up(connection)
    return engine, made, {}


def _private_file(path: Path) -> None:
    """Make the file readable by its owner only, before anything is in it: it holds shoppers."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def steady(engine: Engine) -> None:
    """SQLite: commits survive a power cut, readers do not block the writer, and a second writer waits its turn."""

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, record: Any) -> None:
        del record
        connection.isolation_level = None  # transactions begin below, not where the driver guesses
        for pragma in (f"busy_timeout={PATIENCE_SECONDS * 1000}", "journal_mode=WAL", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """All or nothing.

    Raises:
        LedgerError: The database refused; nothing of the transaction is kept.
    """
    try:
        with engine.begin() as connection:
            yield connection
    except (SQLAlchemyError, UnicodeError) as error:
        raise _refusal(getattr(error, "orig", None) or error) from None


def _refusal(error: BaseException) -> LedgerError:
    """The error's own text quotes parameters, and so shoppers: only its kind is said, or who is in the way."""
    if str(error) == "database is locked":
        return LedgerError(
            f"Another program has kept the ledger locked for {PATIENCE_SECONDS} seconds.",
            where="ledger",
            hint="Nothing was acknowledged. Let it end, or end it: another run, a backup, a browser of databases; "
            "then run again.",
        )
    return LedgerError(f"The ledger refused: {type(error).__name__}.", where="ledger", hint=KEPT)


def bring_up(connection: Connection) -> None:
    """Make the tables where there are none, migrate those of an older layout, refuse those of a newer one."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:name)"), {"name": OPENING})
    version = layout_of(connection)
    if version is None:
        METADATA.create_all(connection)
        connection.execute(insert(LEDGER).values(version=VERSION, secret=new_secret()))
        return
    while step := STEPS.get(version):
        step(connection)
        version += 1
    if version != VERSION:
        raise LedgerError(
            f"The ledger's layout is version {version}; this target writes version {VERSION}.",
            where="ledger",
            hint="Use the target that made it, or another ledger_url.",
        )
    mend_secret(connection)


def layout_of(connection: Connection) -> int | None:
    """The layout's version; None when the database holds no ledger yet."""
    if not inspect(connection).has_table(LEDGER.name):
        return None
    # by text: an older layout lacks columns of ours
    version: int | None = connection.scalar(text("SELECT version FROM ledger"))
    return version
