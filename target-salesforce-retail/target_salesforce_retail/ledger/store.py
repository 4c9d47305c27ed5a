"""The ledger, behind the port ``Ledger``, and what the companion command asks of it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timezone
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, update

from target_salesforce_retail.errors import LedgerError
from target_salesforce_retail.ledger import carriers as carriers_table
from target_salesforce_retail.ledger import decisions, holds, records, runs, waits
from target_salesforce_retail.ledger import moved as moved_table
from target_salesforce_retail.ledger import outcomes as outcomes_table
from target_salesforce_retail.ledger.database import connect, transaction
from target_salesforce_retail.ledger.fold import RecordState, When, fold
from target_salesforce_retail.ledger.lease import Lease
from target_salesforce_retail.ledger.listing import (
    DecisionSummary,
    HoldSummary,
    RecordSummary,
    RunSummary,
    hold_summary,
    record_summary,
)
from target_salesforce_retail.ledger.tables import HOLDS, LEDGER, RUNS
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


class SqlLedger:
    """Outcomes, holds and runs in one database. Every method may raise ``LedgerError``."""

    def __init__(self, engine: Engine, now: Callable[[], datetime], lease: Lease) -> None:
        self._engine = engine
        self._now = now
        self._lease = lease
        self._run: str | None = None

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

    def runs(self, limit: int) -> list[RunSummary]:
        """The latest runs, newest first."""
        with transaction(self._engine) as connection:
            return runs.latest(connection, limit)

    def last_failed_with(self, note: str) -> bool:
        """Whether a run failed with this note, and none has ended well since."""
        with transaction(self._engine) as connection:
            return runs.last_failed_with(connection, note)

    # What a person asks

    def held(
        self, stream: str, *, after: int = 0, limit: int = 200, reason: str | None = None, number: int | None = None
    ) -> list[Arrival]:
        """The arrivals of open holds, oldest first, with a number greater than ``after``."""
        with transaction(self._engine) as connection:
            return holds.held(connection, stream, after=after, limit=limit, reason=reason, number=number)

    def holds(
        self, *, stream: str | None = None, reason: str | None = None, after: int = 0, limit: int = 50
    ) -> list[HoldSummary]:
        """Open holds, oldest first, with a number greater than ``after``."""
        return self._holds(stream=stream, reason=reason, after=after, limit=limit)

    def hold(self, number: int) -> HoldSummary | None:
        """The open hold with this number, or None."""
        return next(iter(self._holds(number=number, limit=1)), None)

    def hold_of(self, stream: str, key: str) -> HoldSummary | None:
        """The open hold of a record, or None."""
        return next(iter(self._holds(stream=stream, key=key, limit=1)), None)

    def _holds(self, **wanted: Any) -> list[HoldSummary]:
        with transaction(self._engine) as connection:
            return _summaries(connection, holds.listed(connection, **wanted))

    def holds_numbered(self, numbers: Iterable[int]) -> list[HoldSummary]:
        """Open holds of these numbers, oldest first."""
        with transaction(self._engine) as connection:
            return _summaries(connection, holds.numbered(connection, numbers))

    def places_of_holds(self, stream: str | None, reason: str | None) -> list[tuple[int, str, str]]:
        """Number, stream and key of open holds, oldest first."""
        with transaction(self._engine) as connection:
            return holds.places(connection, stream, reason)

    def decisions(self, *, stream: str | None = None, key: str | None = None, limit: int = 50) -> list[DecisionSummary]:
        """What persons have decided, newest first."""
        with transaction(self._engine) as connection:
            return decisions.latest(connection, stream=stream, key=key, limit=limit)

    def open_holds(self, *, this_run: bool = False) -> int:
        """How many holds are open; or only of those that this run held, or held again."""
        with transaction(self._engine) as connection:
            return holds.count(connection, *([HOLDS.c.run == self._run] if this_run else []))

    def is_held(self, number: int) -> bool:
        """Whether there is an open hold of this number."""
        with transaction(self._engine) as connection:
            return holds.is_open(connection, number)

    def kinds_held(self) -> dict[tuple[str, str], int]:
        """(Stream, reason) -> how many holds are open."""
        with transaction(self._engine) as connection:
            return holds.kinds(connection)

    def parents_of_holds(self) -> dict[tuple[str, str], list[tuple[str, str]]]:
        """Stream and key of every open hold that waits for records -> those."""
        with transaction(self._engine) as connection:
            return holds.parents(connection)

    def streams(self) -> set[str]:
        """Every stream of which the ledger knows a record."""
        with transaction(self._engine) as connection:
            return records.streams(connection)

    def awaited(self) -> dict[str, int]:
        """The streams that open holds wait for, each with how many holds do."""
        with transaction(self._engine) as connection:
            return holds.awaited(connection)

    def record(self, stream: str, key: str) -> RecordSummary | None:
        """What is known of one record, or None when the ledger does not know it."""
        with transaction(self._engine) as connection:
            row = records.load(connection, stream, [key]).get(key)
            held = holds.listed(connection, stream=stream, key=key, limit=1)
            references = waits.of(connection, stream, [key], "hold" if held else "blank").get(key, ())
            earlier = outcomes_table.of(connection, stream, key)
        return record_summary(row, held[0] if held else None, references, earlier) if row else None

    def settled_under_others(self, digests: Mapping[str, str]) -> dict[str, int]:
        """Of each of these streams how many records were last settled under another mapping than these digests name."""
        with transaction(self._engine) as connection:
            return records.under_others(connection, digests)


def _summaries(connection: Connection, rows: Sequence[Any]) -> list[HoldSummary]:
    keys: dict[str, list[str]] = {}
    for row in rows:
        keys.setdefault(row.stream, []).append(row.key)
    references = {name: waits.of(connection, name, mine, "hold") for name, mine in keys.items()}
    return [hold_summary(row, references[row.stream].get(row.key, ())) for row in rows]


def _grouped(outcomes: Sequence[Outcome]) -> dict[str, dict[str, list[tuple[int, Outcome]]]]:
    """Stream -> key -> outcomes, each with its place in the batch."""
    groups: dict[str, dict[str, list[tuple[int, Outcome]]]] = {}
    for place, outcome in enumerate(outcomes):
        arrival = outcome.arrival
        groups.setdefault(arrival.stream, {}).setdefault(arrival.key, []).append((place, outcome))
    return groups
