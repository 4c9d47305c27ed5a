"""Opens the ledger's database: a SQLite file by default, a server by URL."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, insert, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from target_salesforce_retail.errors import ConfigError, LedgerError
from target_salesforce_retail.ledger.tables import LEDGER, METADATA, VERSION

KEPT = "Nothing was acknowledged. Check ledger_url, the disk and the rights of its folder."


def connect(url: str) -> Engine:
    """An engine whose tables are there and of our version.

    Raises:
        ConfigError: The URL is none, or names a database whose driver is not installed.
        LedgerError: The database cannot be opened, or holds a ledger of another version.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite" and parsed.database:
            _private_file(Path(parsed.database))
        engine = create_engine(parsed)
    except (ArgumentError, ImportError) as error:
        raise ConfigError(
            f"ledger_url cannot be used: {type(error).__name__}.",
            where="ledger",
            hint="It looks like sqlite:///path/ledger.db or postgresql+psycopg://user:password@host/name.",
        ) from None
    except OSError as error:
        raise LedgerError(f"The ledger's file cannot be made: {error.strerror}.", where="ledger", hint=KEPT) from None
    if engine.dialect.name == "sqlite":
        _steady(engine)
    with transaction(engine) as connection:
        METADATA.create_all(connection)
        _check_version(connection)
    return engine


def _private_file(path: Path) -> None:
    """Make the file readable by its owner only, before anything is in it: it holds shoppers."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def _steady(engine: Engine) -> None:
    """SQLite: commits survive a power cut, readers do not block the writer, and a second writer waits its turn."""

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, record: Any) -> None:
        del record
        connection.isolation_level = None  # transactions begin below, not where the driver guesses
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000"):
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
    except SQLAlchemyError as error:
        # the error's own text quotes parameters, and so shoppers: only its kind is said
        kind = type(getattr(error, "orig", None) or error).__name__
        raise LedgerError(f"The ledger refused: {kind}.", where="ledger", hint=KEPT) from None


def _check_version(connection: Connection) -> None:
    version = connection.scalar(select(LEDGER.c.version))
    if version is None:
        connection.execute(insert(LEDGER).values(version=VERSION))
    elif version != VERSION:
        raise LedgerError(
            f"The ledger's layout is version {version}; this target writes version {VERSION}.",
            where="ledger",
            hint="Use the target that made it, or another ledger_url.",
        )
