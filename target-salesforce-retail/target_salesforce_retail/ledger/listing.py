"""What a person sees of the ledger: holds, records, runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from target_salesforce_retail.ledger.rows import of_json
from target_salesforce_retail.nouns import DecisionKind, Reason, Reference, Stage, Trail, Verdict
from target_salesforce_retail.trail import of_plain

OURS = (Stage.CHECK, Stage.MAP)
"""Stages whose messages are our own: they name the property and the rule, never a value."""
LARGEST_NUMBER = 2**63 - 1
"""The largest that a database counts to: of a hold, or of how many are listed."""


@dataclass(frozen=True)
class HoldSummary:
    """An open hold, without its payload.

    Attributes:
        candidates: Ids of the records that it may be.
        waits_for: The records that it waits for, as ``stream:key``.
        message: What is wrong, in our own words; None where it would be Salesforce's, which may quote a shopper.
    """

    number: int
    stream: str
    key: str
    reason: Reason
    stage: Stage
    fields: tuple[str, ...]
    code: str | None
    attempts: int
    first_seen: datetime
    candidates: tuple[str, ...] = ()
    waits_for: tuple[str, ...] = ()
    message: str | None = None


@dataclass(frozen=True)
class RecordSummary:
    """The outcome of the newest version of a record; of a record that is held, its hold's.

    Attributes:
        fields: What the reason is about.
        omitted: What was left out of a record that went in.
        at: When it was settled.
        version: The newest version of it that had an outcome.
        trail: What each match rule said when they were asked last; empty where an older target has settled it.
        mapping: The digest of the mapping that settled it last; of an outcome before, the one that settled that.
        hold: The number of its open hold.
        attempts: How often that was tried.
        earlier: The outcomes it had before, the newest first.
    """

    verdict: Verdict
    stage: Stage
    object: str | None
    id: str | None
    rule: str | None
    reason: Reason | None
    fields: tuple[str, ...]
    omitted: tuple[str, ...]
    sent: dict[str, Any]
    code: str | None
    message: str | None
    candidates: tuple[str, ...]
    waits_for: tuple[str, ...]
    run: str | None
    at: datetime
    version: str | None
    trail: Trail = ()
    mapping: str | None = None
    hold: int | None = None
    attempts: int = 0
    earlier: tuple[RecordSummary, ...] = ()


@dataclass(frozen=True)
class DecisionSummary:
    """What a person has decided.

    Attributes:
        what: What was said.
        person: The id that was chosen or refused; empty for a new person.
        before: The id that was linked before; empty when there was none.
        who: A user of the org by id, or of the machine by name.
    """

    stream: str
    key: str
    what: DecisionKind
    person: str
    before: str
    who: str
    at: datetime


@dataclass(frozen=True)
class RunSummary:
    """A run; ``streams`` counts what arrived (stream -> verdict -> count), ``reasons`` why it was skipped or held."""

    id: str
    started_at: datetime
    ended_at: datetime | None
    state: str
    note: str | None
    streams: dict[str, dict[str, int]]
    reasons: dict[str, int]


def hold_summary(row: Any, waits_for: Iterable[Reference]) -> HoldSummary:
    """A row of the table as a hold."""
    stage = Stage(row.stage)
    return HoldSummary(
        number=row.number,
        stream=row.stream,
        key=row.key,
        reason=Reason.of(row.reason),
        stage=stage,
        fields=tuple(of_json(row.fields)),
        code=row.code,
        attempts=row.attempts,
        first_seen=datetime.fromisoformat(row.first_seen),
        candidates=tuple(of_json(row.candidates)),
        waits_for=_names(waits_for),
        message=row.message if stage in OURS else None,
    )


def record_summary(
    row: Any, hold: Any | None = None, waits_for: Iterable[Reference] = (), earlier: Iterable[Any] = ()
) -> RecordSummary:
    """A row of the table, the record's open hold and what it was before, as what is known of a record."""
    latest = hold or row
    fields = tuple(of_json(latest.fields))
    return RecordSummary(
        verdict=Verdict.HELD if hold else Verdict(row.verdict),
        stage=Stage(latest.stage),
        object=row.object,
        id=row.id,
        rule=row.rule,
        reason=Reason.of(latest.reason) if latest.reason else None,
        fields=fields if latest.reason else (),
        omitted=() if latest.reason else fields,
        sent=of_json(row.sent),
        code=latest.code,
        message=latest.message,
        candidates=tuple(of_json(latest.candidates)),
        waits_for=_names(waits_for),
        run=latest.run,
        at=datetime.fromisoformat(hold.last_seen if hold else row.at),
        version=row.told_version,
        trail=of_plain(of_json(row.trail)) if row.trail else (),
        mapping=row.mapping,
        hold=hold.number if hold else None,
        attempts=hold.attempts if hold else 0,
        earlier=tuple(map(record_summary, earlier)),
    )


def _names(references: Iterable[Reference]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"{reference.stream}:{reference.key}" for reference in references))
