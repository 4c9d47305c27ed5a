"""A copy of the ledger for a plan to write in: the ledger itself is read, in one look, and left as it is.

The copy is a temporary database of SQLite's own: in memory, and what does not fit there in a file without a name, which
goes with the process. Runs that are going on are neither waited for nor held up.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Engine, StaticPool, create_engine, delete, insert, select, update
from sqlalchemy.engine import URL, make_url

from target_salesforce_retail.errors import LedgerError
from target_salesforce_retail.invocation import invoked
from target_salesforce_retail.ledger.carriers import mend_secret
from target_salesforce_retail.ledger.database import KEPT, bring_up, explained, layout_of, steady, transaction
from target_salesforce_retail.ledger.fold import OPEN
from target_salesforce_retail.ledger.lease import Lease
from target_salesforce_retail.ledger.store import SqlLedger
from target_salesforce_retail.ledger.tables import (
    CARRIERS,
    DECISIONS,
    HOLDS,
    LEDGER,
    MOVED,
    RECORDS,
    RUNS,
    SIBLINGS,
    SUSPECTS,
    VERSION,
    WAITS,
)
from target_salesforce_retail.nouns import Carrier, Outcome, Siblings

COPIED = (LEDGER, RUNS, RECORDS, HOLDS, WAITS, SIBLINGS, CARRIERS, MOVED, DECISIONS, SUSPECTS)
"""All but the counts of runs and what records were before, which decide nothing."""
ROWS_AT_ONCE = 1000
Hear = Callable[[Sequence[Outcome]], None]


def utc_now() -> datetime:
    """The time by this machine."""
    return datetime.now(tz=timezone.utc)


class ScratchLedger(SqlLedger):
    """A ledger that knows what another one knows, and keeps to itself what it is told.

    Args:
        engine: A database that goes with the process.
        hear: Called with all outcomes of each batch, once they are settled.
        now: The clock.
    """

    def __init__(self, engine: Engine, hear: Hear, now: Callable[[], datetime]) -> None:
        super().__init__(engine, now, Lease(engine, now, time.sleep))
        self._hear = hear

    def settle(
        self,
        outcomes: Sequence[Outcome],
        sets: Sequence[Siblings] = (),
        carriers: Sequence[Carrier] = (),
        *,
        mapping: str | None = None,
        is_followed: bool = False,
    ) -> None:
        """Commit the outcomes of a batch to the copy."""
        super().settle(outcomes, sets, carriers, mapping=mapping, is_followed=is_followed)
        self._hear(outcomes)

    def left_held(self) -> set[tuple[str, str]]:
        """Stream and key of the open holds that this run held, or held again."""
        query = select(HOLDS.c.stream, HOLDS.c.key).where(HOLDS.c.state == OPEN, HOLDS.c.run == self._run)
        with transaction(self._engine) as connection:
            return {(row.stream, row.key) for row in connection.execute(query)}


def open_scratch(url: str, hear: Hear, *, now: Callable[[], datetime] = utc_now) -> ScratchLedger:
    """A copy of the ledger at this URL; where there is none yet, an empty one, and none is made there.

    Raises:
        ConfigError: The URL cannot be used.
        LedgerError: The database cannot be read.
    """
    with explained():
        source = make_url(url)
        scratch = sqlite3.connect("", check_same_thread=False)
        if source.get_backend_name() == "sqlite":
            _copy_file(source, scratch)
        engine = create_engine("sqlite://", poolclass=StaticPool, creator=lambda: scratch)
        steady(engine)
        with transaction(engine) as connection:
            bring_up(connection)
        if source.get_backend_name() != "sqlite":
            _copy_server(create_engine(source), engine)
        with transaction(engine) as connection:  # whoever has the turn there has none here
            connection.execute(update(LEDGER).values(holder=None, until=0))
            mend_secret(connection)
    return ScratchLedger(engine, hear, now)


def _copy_file(url: URL, scratch: sqlite3.Connection) -> None:
    """Page by page, as its readers see it at this moment."""
    path = Path(url.database or "")
    if not url.database or url.database == ":memory:" or not path.exists():
        return
    try:
        if not _copy_at_rest(path, scratch):
            _copy_in_use(path, scratch)
    except sqlite3.Error as error:
        raise LedgerError(f"The ledger cannot be read: {type(error).__name__}.", where="ledger", hint=KEPT) from None


def _copy_at_rest(path: Path, scratch: sqlite3.Connection) -> bool:
    """Copy a file that nobody has open; False when somebody has. SQLite is told so: else it leaves files beside it."""
    before = path.stat()
    if _log_of(path).exists():
        return False
    _copy(f"{_uri(path)}?immutable=1", scratch)
    after = path.stat()
    is_same = (before.st_mtime_ns, before.st_size) == (after.st_mtime_ns, after.st_size)
    return is_same and not _log_of(path).exists()


def _copy_in_use(path: Path, scratch: sqlite3.Connection) -> None:
    """Copy a file beside which there is a log of what was written last: of a run that is going on, or was killed."""
    _copy(f"{_uri(path)}?mode=ro", scratch)


def _copy(uri: str, scratch: sqlite3.Connection) -> None:
    with closing(sqlite3.connect(uri, uri=True)) as source:
        source.backup(scratch)


def _log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def _uri(path: Path) -> str:
    return f"file:{quote(str(path.absolute()))}"


def _copy_server(source: Engine, scratch: Engine) -> None:
    """Row by row, all as of one moment."""
    snapshot = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    options = snapshot if source.dialect.name == "postgresql" else {}
    with transaction(source.execution_options(**options)) as reading, transaction(scratch) as writing:
        version = layout_of(reading)
        if version not in (None, VERSION):
            raise LedgerError(
                f"The ledger's layout is version {version}; this target plans with version {VERSION}.",
                where="ledger",
                hint=f"A plan writes nothing: let a run, or {invoked('runs')}, bring the ledger up first.",
            )
        if version is not None:
            copy_rows(reading, writing)
    source.dispose()


def copy_rows(reading: Connection, writing: Connection) -> None:
    """Everything that decides, from a ledger to an empty one of the same layout."""
    for table in COPIED:
        writing.execute(delete(table))
        rows = reading.execution_options(yield_per=ROWS_AT_ONCE).execute(select(table))
        for some in rows.mappings().partitions():
            writing.execute(insert(table), [dict(row) for row in some])
