"""What a person asks of the ledger: holds, records, runs, decisions. Nothing here changes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Engine

from target_salesforce_retail.ledger import decisions, holds, outcomes, records, runs, suspects, waits
from target_salesforce_retail.ledger.database import transaction
from target_salesforce_retail.ledger.listing import (
    DecisionSummary,
    HoldSummary,
    RecordSummary,
    RunSummary,
    hold_summary,
    record_summary,
)
from target_salesforce_retail.ledger.tables import HOLDS
from target_salesforce_retail.nouns import Arrival, Suspect


class Questions:
    """The ledger, to be asked. Every method may raise ``LedgerError``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._run: str | None = None

    def runs(self, limit: int) -> list[RunSummary]:
        """The latest runs, newest first."""
        with transaction(self._engine) as connection:
            return runs.latest(connection, limit)

    def held(
        self, stream: str, *, after: int = 0, limit: int = 200, reason: str | None = None, number: int | None = None
    ) -> list[Arrival]:
        """The arrivals of open holds, oldest first, with a number greater than ``after``."""
        with transaction(self._engine) as connection:
            return holds.held(connection, stream, after=after, limit=limit, reason=reason, number=number)

    def holds(self, *, stream: str | None = None, reason: str | None = None, limit: int = 50) -> list[HoldSummary]:
        """Open holds, oldest first."""
        return self._holds(stream=stream, reason=reason, limit=limit)

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

    def suspects(self, stream: str) -> list[Suspect]:
        """Who of a stream may be one person, by the key of the record that says so."""
        with transaction(self._engine) as connection:
            return suspects.of(connection, stream)

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

    def count_held(self, stream: str | None, reason: str | None) -> int:
        """How many holds of a stream, or of all, are open for a reason, or for any."""
        kinds = self.kinds_held().items()
        return sum(count for (its, why), count in kinds if stream in (None, its) and reason in (None, why))

    def count_runs(self) -> int:
        """How many runs there were."""
        with transaction(self._engine) as connection:
            return runs.count(connection)

    def count_decisions(self, stream: str | None, key: str | None) -> tuple[int, int]:
        """How many decisions of persons, and how many merges: of a stream, or of all; of a record, or of any."""
        with transaction(self._engine) as connection:
            return decisions.count(connection, stream=stream, key=key)

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
            earlier = outcomes.of(connection, stream, key)
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
