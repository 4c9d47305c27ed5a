"""The ledger, behind the port ``Ledger``: what runs write into it, and ask of it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timezone

from sqlalchemy import Connection, Engine, insert, select, update

from target_salesforce_retail.errors import LedgerError
from target_salesforce_retail.ledger import carriers as carriers_table
from target_salesforce_retail.ledger import decisions, holds, records, runs, suspects, waits
from target_salesforce_retail.ledger import moved as moved_table
from target_salesforce_retail.ledger import outcomes as outcomes_table
from target_salesforce_retail.ledger.database import connect, transaction
from target_salesforce_retail.ledger.erased import forget
from target_salesforce_retail.ledger.fold import RecordState, When, fold
from target_salesforce_retail.ledger.lease import Lease
from target_salesforce_retail.ledger.questions import Questions
from target_salesforce_retail.ledger.tables import LEDGER, RUNS
from target_salesforce_retail.nouns import (
    Arrival,
    Carrier,
    Decided,
    Link,
    Move,
    Outcome,
    Reason,
    Reference,
    Sharing,
    Siblings,
    Suspect,
    Trait,
    Undecided,
)


def open_ledger(
    url: str,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(tz=timezone.utc),
    sleep: Callable[[float], None] = time.sleep,
) -> SqlLedger:
    """Open, or make, the ledger at an SQLAlchemy URL. ``sqlite://`` is one in memory, for as long as it is held.

    Raises:
        ConfigError: The URL cannot be used.
        LedgerError: The database cannot be opened.
    """
    engine = connect(url)
    return SqlLedger(engine, now, Lease(engine, now, sleep))


class SqlLedger(Questions):
    """Outcomes, holds and runs in one database. Every method may raise ``LedgerError``."""

    def __init__(self, engine: Engine, now: Callable[[], datetime], lease: Lease) -> None:
        super().__init__(engine)
        self._now = now
        self._lease = lease

    def claim(self, org_id: str) -> None:
        """Say which org this ledger is of. The first to say so is believed, from then on it must be that one.

        Ids of another org mean nothing here: links would lead astray, and what is unchanged there would count as
        unchanged here. A ledger of layout version 1 has links and names no org; it is believed to be of the first that
        claims it, for no older target could have used it with two orgs unharmed, and to refuse would lose its holds.

        Raises:
            LedgerError: It belongs to another org.
        """
        org = org_id[:15]
        with transaction(self._engine) as connection:
            connection.execute(update(LEDGER).where(LEDGER.c.org.is_(None)).values(org=org))
            ours = connection.scalar(select(LEDGER.c.org))
        if ours != org:
            raise LedgerError(
                f"This ledger belongs to org {ours}, the login opens {org}.",
                where="ledger",
                hint="Set another ledger_url for this org, or the login_url and credentials of the ledger's org.",
            )

    # The port

    def turn(self) -> AbstractContextManager[None]:
        """The right to look up and write, which one run at a time has; waits for it."""
        return self._lease.turn()

    def links(self, stream: str, keys: Iterable[str]) -> dict[str, Link]:
        """Where records went, by key."""
        with self._look_up() as connection:
            return records.links(connection, stream, keys)

    def versions(self, stream: str, keys: Iterable[str]) -> dict[str, str]:
        """The newest version of each record that had any outcome, by key."""
        with transaction(self._engine) as connection:
            return records.versions(connection, stream, keys)

    def ruled_out(self, stream: str, keys: Iterable[str]) -> set[str]:
        """Those of the keys whose record a rule took out: deleted in the shop, or left out by ``when``."""
        with transaction(self._engine) as connection:
            return records.ruled_out(connection, stream, keys)

    def bridging(self, stream: str, keys: Iterable[str]) -> set[str]:
        """Those of the keys whose record is one of two who may be one person."""
        with transaction(self._engine) as connection:
            return suspects.bridging(connection, stream, keys)

    def skipped(self, stream: str, keys: Iterable[str]) -> set[str]:
        """Those of the keys whose record was skipped by a rule and never was in the org."""
        with self._look_up() as connection:
            return records.skipped(connection, stream, keys)

    def siblings(self, stream: str, parents: Iterable[str]) -> dict[str, Siblings]:
        """The newest complete sets of children of ``stream``, by the parent's key."""
        with self._look_up() as connection:
            return waits.siblings(connection, stream, parents)

    def count(self, stream: str) -> int:
        """How many records of a stream are known to have gone into the org."""
        with self._look_up() as connection:
            return records.count(connection, stream)

    def sharing(self, stream: str, traits: Iterable[Trait], keys: Iterable[str]) -> dict[Trait, Sharing]:
        """How many records have ever carried each trait, and which of ``keys`` are among them."""
        with self._look_up() as connection:
            return carriers_table.sharing(connection, stream, traits, keys)

    @contextmanager
    def _look_up(self) -> Iterator[Connection]:
        """A look-up is a sign of life, and the last moment to learn that the turn was lost: what follows is a write."""
        with transaction(self._engine) as connection:
            self._lease.renew(connection)
            yield connection

    def settle(
        self,
        outcomes: Sequence[Outcome],
        sets: Sequence[Siblings] = (),
        carriers: Sequence[Carrier] = (),
        *,
        mapping: str | None = None,
        is_followed: bool = False,
    ) -> None:
        """Commit the outcomes of a batch, and all that follows from them, in one transaction."""
        with transaction(self._engine) as connection:
            self._lease.renew(connection)
            connection.execute(update(LEDGER).values(seq=LEDGER.c.seq + 1))
            seq = connection.scalar(select(LEDGER.c.seq)) or 0
            self._keep(
                connection, outcomes, When(self._run, self._now().isoformat(), seq, mapping), is_followed=is_followed
            )
            waits.save_siblings(connection, sets)
            carriers_table.save(connection, carriers)
            suspects.save(connection, outcomes)
            if self._run:
                runs.add_counts(connection, self._run, outcomes)

    def _keep(self, connection: Connection, outcomes: Sequence[Outcome], when: When, *, is_followed: bool) -> None:
        new = []
        for stream, by_key in _grouped(outcomes).items():
            rows = records.load(connection, stream, by_key)
            arrivals = [outcome.arrival for mine in by_key.values() for _, outcome in mine]
            open_holds = holds.load(connection, stream, arrivals)
            after = {
                key: fold(RecordState(rows.get(key), tuple(filter(None, [open_holds.get(key)]))), mine, when)
                for key, mine in by_key.items()
            }
            changed = [each.record for key, each in after.items() if each.record and each.record != rows.get(key)]
            records.save(connection, changed)
            outcomes_table.save(connection, (each.earlier for each in after.values()))
            new += holds.save(connection, open_holds, {key: each.holds for key, each in after.items()}, when)
            waits.save(connection, stream, {key: each.waits for key, each in after.items() if each.waits}, when)
            if is_followed:
                moved_table.save(connection, stream, [key for key, each in after.items() if each.has_moved], when.seq)
        holds.add(connection, new, when)
        forget(connection, outcomes)

    def waiting(self, stream: str, after: int, limit: int) -> list[Arrival]:
        """Open holds that are worth another try, oldest first."""
        with transaction(self._engine) as connection:
            return holds.waiting(connection, holds.due(stream, after, self._run, self._now()), limit)

    def undecided(self, stream: str, reasons: Iterable[Reason], after: int, limit: int) -> list[Undecided]:
        """Open holds of one stream for these reasons, oldest first."""
        with transaction(self._engine) as connection:
            return holds.undecided(connection, stream, reasons, after, limit)

    def held_as(self, numbers: Sequence[int]) -> list[Arrival]:
        """The arrivals of open holds with these numbers, oldest first."""
        with transaction(self._engine) as connection:
            return holds.held_as(connection, numbers)

    def note(self, decided: Sequence[tuple[Arrival, Decided]]) -> None:
        """Keep what persons have decided, for the audit."""
        if decided:
            with transaction(self._engine) as connection:
                decisions.add(connection, decided, self._now().isoformat())

    def clear_suspects(self, gone: Sequence[Suspect]) -> None:
        """Take pairs off the list of who may be one person."""
        with transaction(self._engine) as connection:
            suspects.remove(connection, gone)

    def fillable(self, stream: str, after: str, limit: int) -> list[tuple[Arrival, tuple[Reference, ...]]]:
        """Records with lookups that were left blank for want of a parent which is there now.

        With all that is blank, so that the outcome can say what still is.
        """
        with transaction(self._engine) as connection:
            return waits.fillable(connection, stream, after, limit)

    def moved(self, stream: str, after: str, limit: int) -> list[Move]:
        """Records that have moved and that nobody has tried to follow in this run."""
        with transaction(self._engine) as connection:
            return moved_table.due(connection, stream, after, self._run, limit)

    def followed(self, stream: str, moved: Sequence[Move], in_vain: Set[str]) -> None:
        """Forget these, but for those in vain."""
        with transaction(self._engine) as connection:
            self._lease.renew(connection)
            moved_table.end(connection, stream, moved, in_vain, self._run)

    # Runs

    def open_run(self) -> str:
        """Begin a run; what is settled from now on is counted to it."""
        self._run = uuid.uuid4().hex
        with transaction(self._engine) as connection:
            row = {"id": self._run, "started_at": self._now().isoformat(), "state": "running"}
            connection.execute(insert(RUNS).values(**row))
        return self._run

    def close_run(self, state: str, note: str) -> None:
        """End the run as done or failed, with a line that says what became of it."""
        ended = {"ended_at": self._now().isoformat(), "state": state, "note": note}
        with transaction(self._engine) as connection:
            connection.execute(update(RUNS).where(RUNS.c.id == self._run).values(**ended))

    def last_failed_with(self, note: str) -> bool:
        """Whether a run failed with this note, and none has ended well since."""
        with transaction(self._engine) as connection:
            return runs.last_failed_with(connection, note)


def _grouped(outcomes: Sequence[Outcome]) -> dict[str, dict[str, list[tuple[int, Outcome]]]]:
    """Stream -> key -> outcomes, each with its place in the batch."""
    groups: dict[str, dict[str, list[tuple[int, Outcome]]]] = {}
    for place, outcome in enumerate(outcomes):
        arrival = outcome.arrival
        groups.setdefault(arrival.stream, {}).setdefault(arrival.key, []).append((place, outcome))
    return groups
