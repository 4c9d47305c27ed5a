"""All that the core may ask of the world: an org and a ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from target_salesforce_retail.metadata import ObjectDescribe
from target_salesforce_retail.nouns import (
    Arrival,
    Carrier,
    Conversion,
    Decided,
    Link,
    Merge,
    Move,
    OrgRow,
    Outcome,
    Reason,
    Reference,
    Result,
    Sharing,
    Siblings,
    Suspect,
    Trait,
    Undecided,
    Value,
)

Condition = Mapping[str, Sequence[str]]
"""Field (or ``Id``) -> values, of which a record has one in each of the fields."""
Criteria = Mapping[str, Sequence[Condition]]
"""Object -> conditions, of which any may find a record."""


class ReadableOrg(Protocol):
    """What may be asked of a Salesforce org. Every method may raise ``OrgError``."""

    @property
    def user_id(self) -> str:
        """The id of the user that the login runs as, in 18 characters; empty where the login does not say."""

    def describe(self, names: Sequence[str]) -> dict[str, ObjectDescribe]:
        """What the org has under these object names, all in one call; names that it does not know are absent."""

    def find(self, wanted: Criteria, fields: Mapping[str, Sequence[str]]) -> list[OrgRow]:
        """Find live records, each once, that any of the conditions finds.

        All objects travel together, cut into chunks by the org, never one call per value. A converted lead is
        followed: the row that comes back is its contact (or the account of a person), if that lives and is one of
        ``fields``, and ``row.via`` says which values of the lead answered. Else the lead comes as a dead end.

        Args:
            wanted: What to look for. Text compares as the org compares it; what is no id is not asked for as one.
                A condition of several fields may bring more than it asks for, where many travel together.
            fields: Object -> fields to bring, for every object of ``wanted`` and for what its leads may have become.
        """

    def answers(self) -> bool:
        """Whether it answers a question that no row has a part in: asked when a call with rows has failed."""

    def hurry(self, is_hurried: bool) -> None:
        """From now on give calls up early, or as late as usual: of rows among which one spoils every call."""

    def now(self) -> datetime:
        """The org's own time, as far as its last answer tells; never ahead of it."""

    def changed_since(self, moment: datetime, fields: Mapping[str, Sequence[str]]) -> list[OrgRow]:
        """Live records that were created or changed at this moment of the org's time or later.

        Args:
            moment: As ``now`` said it.
            fields: Object -> fields to bring, for every object to look at.
        """

    def count_unkeyed(self, phones: Mapping[str, Mapping[str, str]]) -> dict[str, int]:
        """How many live records have a phone number and no key beside it; converted leads are left alone.

        Args:
            phones: Object -> its keys, each with the phone field beside it.
        """

    def unkeyed(
        self, name: str, phones: Mapping[str, str], fields: Sequence[str], limit: int, after: str = ""
    ) -> list[OrgRow]:
        """Such records by id, from ``after`` up.

        Args:
            name: Object.
            phones: Its keys, each with the phone field beside it.
            fields: Fields to bring.
            limit: At most so many.
            after: An id that was brought before.
        """

    def survivors(self, name: str, ids: Sequence[str]) -> dict[str, str]:
        """Follow merged records: id asked -> id that lives now. Ids without a survivor are absent."""


class Org(ReadableOrg, Protocol):
    """A Salesforce org, to be asked and written. Faults of single rows come back as results."""

    def upsert(
        self, name: str, key_field: str, rows: Sequence[Mapping[str, Value]], *, allow_duplicates: bool = False
    ) -> list[Result]:
        """Create or update by external id; results in the order of the rows. Each row holds its key, none twice.

        Args:
            name: Object.
            key_field: The external id.
            rows: Field -> value.
            allow_duplicates: Save although a duplicate rule of the kind that only warns objects.
        """

    def update(
        self,
        name: str,
        key_field: str,
        rows: Sequence[tuple[str, Mapping[str, Value], Mapping[str, Value]]],
        *,
        allow_duplicates: bool = False,
    ) -> list[Result]:
        """Update (id, body, blanks) triples, no id twice; results in the order of the rows.

        ``blanks`` names fields of the body that were blank when they were read, with what stood there all the same.
        What a person has filled in since is put back, and named in the result's ``kept``.
        """

    def delete(self, name: str, ids: Sequence[str]) -> list[Result]:
        """Delete by id; a record that is already gone counts as deleted. Results in the order of the ids."""

    def merge(self, name: str, pairs: Sequence[Merge]) -> list[Result]:
        """Merge records, and fill blanks of those that stay; results in the order of the pairs, with who stays.

        Children move to the one that stays, the other goes to the recycle bin, and ``survivors`` leads from it to the
        one that stays. One that has been merged into it before, directly or through others, counts as merged.
        """

    def convert(self, leads: Sequence[Conversion]) -> list[Result]:
        """Convert leads; results in their order, with the contact, or with the account that is a person.

        A lead that has been converted before counts as converted, whatever it became.
        """


class Ledger(Protocol):
    """What was decided, and what waits. Every method may raise ``LedgerError``."""

    def turn(self) -> AbstractContextManager[None]:
        """The right to look up and write, which one run at a time has; waits for it."""

    def links(self, stream: str, keys: Iterable[str]) -> dict[str, Link]:
        """Where records went, by key; absent when not known."""

    def versions(self, stream: str, keys: Iterable[str]) -> dict[str, str]:
        """The newest version of each record that had any outcome, by key; absent when not known."""

    def ruled_out(self, stream: str, keys: Iterable[str]) -> set[str]:
        """Those of the keys whose record a rule took out: deleted in the shop, or left out by ``when``."""

    def bridging(self, stream: str, keys: Iterable[str]) -> set[str]:
        """Those of the keys whose record is one of two who may be one person, also while a rule leaves it out."""

    def skipped(self, stream: str, keys: Iterable[str]) -> set[str]:
        """Those of the keys whose record was skipped by a rule and never was in the org."""

    def siblings(self, stream: str, parents: Iterable[str]) -> dict[str, Siblings]:
        """The newest complete sets of children of ``stream``, by the parent's key; absent when not known."""

    def count(self, stream: str) -> int:
        """How many records of a stream are known to have gone into the org, whatever became of them there since."""

    def sharing(self, stream: str, traits: Iterable[Trait], keys: Iterable[str]) -> dict[Trait, Sharing]:
        """How many records of a stream have ever carried each trait, and which of ``keys`` are among them."""

    def settle(
        self,
        outcomes: Sequence[Outcome],
        sets: Sequence[Siblings] = (),
        carriers: Sequence[Carrier] = (),
        *,
        mapping: str | None = None,
        is_followed: bool = False,
    ) -> None:
        """Commit outcomes, complete sets of children, and who carries which trait, in one transaction.

        That is: the latest outcome of each record, the counts of the run, new holds with their payload, what waits for
        which parent, and the closing of holds that a settled version of the same record has superseded. Outcomes are
        taken in their order, as if each had been committed alone.

        Args:
            outcomes: Of one batch.
            sets: Complete sets of children.
            carriers: Who carries which trait.
            mapping: The digest of what settled them.
            is_followed: Rows in the org follow these records: which of them have moved is kept with their outcomes.
        """

    def moved(self, stream: str, after: str, limit: int) -> list[Move]:
        """Records that have moved and that nobody has tried to follow in this run, by key from ``after`` up.

        A record has moved when its link leads to another row than before; also when none was known before, for an
        earlier ledger may have known another one.
        """

    def followed(self, stream: str, moved: Sequence[Move], in_vain: Set[str]) -> None:
        """Forget these, but for those of the keys ``in_vain``, which are tried again in the next run."""

    def waiting(self, stream: str, after: int, limit: int) -> list[Arrival]:
        """Open holds of one stream that are worth another try, oldest first, with a number greater than ``after``."""

    def undecided(self, stream: str, reasons: Iterable[Reason], after: int, limit: int) -> list[Undecided]:
        """Open holds of one stream for these reasons, oldest first, with a number greater than ``after``."""

    def held_as(self, numbers: Sequence[int]) -> list[Arrival]:
        """The arrivals of open holds with these numbers, oldest first."""

    def note(self, decided: Sequence[tuple[Arrival, Decided]]) -> None:
        """Keep what persons have decided, for the audit; what was the last word on a record already is no news."""

    def suspects(self, stream: str) -> list[Suspect]:
        """Who of a stream may be one person with whom, by the key of the record that says so."""

    def clear_suspects(self, gone: Sequence[Suspect]) -> None:
        """Take these off that list."""

    def fillable(self, stream: str, after: str, limit: int) -> list[tuple[Arrival, tuple[Reference, ...]]]:
        """Records with lookups that were left blank for want of a parent which is there now, by key from ``after`` up.

        Each is our own request (``fills``) to fill those lookups in, with the references to resolve.
        """
