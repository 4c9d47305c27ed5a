"""What a person sees of the ledger: holds, records, runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import simplejson

from target_salesforce_retail.nouns import Reason, Stage, Verdict


@dataclass(frozen=True)
class Hold:
    """An open hold, without its payload."""

    number: int
    stream: str
    key: str
    reason: Reason
    stage: Stage
    fields: tuple[str, ...]
    code: str | None
    attempts: int
    first_seen: datetime


@dataclass(frozen=True)
class Recorded:
    """The latest outcome of a record."""

    verdict: Verdict
    stage: Stage
    object: str | None
    id: str | None
    rule: str | None
    reason: Reason | None
    sent: dict[str, Any]
    code: str | None
    message: str | None
    run: str | None


@dataclass(frozen=True)
class Run:
    """A run; ``streams`` counts what arrived (stream -> verdict -> count), ``reasons`` why it was skipped or held."""

    id: str
    started_at: datetime
    ended_at: datetime | None
    state: str
    note: str | None
    streams: dict[str, dict[str, int]]
    reasons: dict[str, int]


def hold_of(row: Any) -> Hold:
    """A row of the table as a hold."""
    return Hold(
        number=row.number,
        stream=row.stream,
        key=row.key,
        reason=Reason.of(row.reason),
        stage=Stage(row.stage),
        fields=tuple(simplejson.loads(row.fields)),
        code=row.code,
        attempts=row.attempts,
        first_seen=datetime.fromisoformat(row.first_seen),
    )


def recorded_of(row: Any) -> Recorded:
    """A row of the table as what is known of a record."""
    return Recorded(
        verdict=Verdict(row.verdict),
        stage=Stage(row.stage),
        object=row.object,
        id=row.id,
        rule=row.rule,
        reason=Reason.of(row.reason) if row.reason else None,
        sent=simplejson.loads(row.sent, use_decimal=True),
        code=row.code,
        message=row.message,
        run=row.run,
    )
