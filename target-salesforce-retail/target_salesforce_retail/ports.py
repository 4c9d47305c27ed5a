"""All that the core may ask of the world: an org and a ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from target_salesforce_retail.nouns import Arrival, Link, ObjectShape, Outcome, Result, Row, Value


class Org(Protocol):
    """A Salesforce org. Every method may raise ``OrgError``; faults of single rows come back as results."""

    def describe(self, name: str) -> ObjectShape | None:
        """Say what the org has under this object name, or None when it has no such object."""

    def find(self, name: str, wanted: Mapping[str, Sequence[str]], fields: Mapping[str, Sequence[str]]) -> list[Row]:
        """Find live records of object ``name`` where any of the ``wanted`` fields has any of its values.

        Chunked by the org, never one call per value. A converted lead is followed: the row that comes back is its
        contact, if that lives, and ``row.via`` says which values of the lead answered.

        Args:
            name: Object to search.
            wanted: Field (or ``Id``) -> values: OR between fields, IN within one. Text compares as the org compares it.
            fields: Object -> fields to bring, for ``name`` and for what its leads may have become.
        """

    def survivors(self, name: str, ids: Sequence[str]) -> dict[str, str]:
        """Follow merged records: id asked -> id that lives now. Ids without a survivor are absent."""

    def upsert(self, name: str, key_field: str, rows: Sequence[Mapping[str, Value]]) -> list[Result]:
        """Create or update by external id; results in the order of the rows. Each row holds its key."""

    def update(self, name: str, rows: Sequence[tuple[str, Mapping[str, Value]]]) -> list[Result]:
        """Update (id, body) pairs; results in the order of the rows."""

    def delete(self, name: str, ids: Sequence[str]) -> list[Result]:
        """Delete by id; a record that is already gone counts as deleted. Results in the order of the ids."""


class Ledger(Protocol):
    """What was decided, and what waits. Every method may raise ``LedgerError``."""

    def links(self, stream: str, keys: Iterable[str]) -> dict[str, Link]:
        """Where records went, by org key; absent when not known."""

    def left_out(self, stream: str, keys: Iterable[str]) -> set[str]:
        """Those of the org keys whose record was skipped by a rule and never was in the org."""

    def settle(self, outcomes: Sequence[tuple[str | None, Outcome]]) -> None:
        """Commit (org key, outcome) pairs in one transaction.

        That is: the latest outcome of each record, the counts of the run, new holds with their payload, and the
        closing of holds that a settled version of the same record has overtaken.
        """

    def waiting(self, stream: str, after: int, limit: int) -> list[Arrival]:
        """Open holds of one stream whose reason waits, oldest first, with a number greater than ``after``."""
