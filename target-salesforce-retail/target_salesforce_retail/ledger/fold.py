"""What an outcome makes of what the ledger knows of its record: pure, one outcome after the other.

``settle`` folds a whole batch with these and writes once; the tables are the same as if every outcome had been
committed alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from target_salesforce_retail.ledger.rows import as_json, of_json, storable
from target_salesforce_retail.nouns import Outcome, Reason, Reference, Verdict
from target_salesforce_retail.trail import asks_rules, last_asked, of_plain, plain
from target_salesforce_retail.words import IN_ORG

OPEN, RESOLVED, SUPERSEDED = "open", "resolved", "overtaken"


@dataclass(frozen=True, slots=True)
class When:
    """The settle that is under way: its run, its time, its number in the ledger's own count, the mapping's digest."""

    run: str | None
    at: str
    seq: int
    mapping: str | None = None


@dataclass(frozen=True, slots=True)
class RecordRow:
    """A row of RECORDS, column by column."""

    stream: str
    key: str
    verdict: str
    stage: str
    object: str | None = None
    id: str | None = None
    version: str | None = None
    told_version: str | None = None
    rule: str | None = None
    reason: str | None = None
    fields: str = "[]"
    sent: str = "{}"
    code: str | None = None
    message: str | None = None
    candidates: str = "[]"
    owner: str | None = None
    run: str | None = None
    at: str = ""
    seq: int = 0
    trail: str | None = None
    mapping: str | None = None
    earlier: int = 0


@dataclass(frozen=True, slots=True)
class HoldRow:
    """What decides about a hold; ``latest`` is the outcome whose content it takes on, None when it keeps what it has.

    ``number`` is None for one that is not in the database yet; then ``place`` is that of the outcome that opened it.
    """

    number: int | None
    version: str | None
    attempts: int
    state: str = OPEN
    latest: Outcome | None = None
    place: int = 0


@dataclass(frozen=True, slots=True)
class RecordState:
    """All that the ledger knows of one record, and what an outcome changes of it.

    Attributes:
        record: Its row, or None.
        holds: The holds of this settle in their order; only the last one can be open.
        waits: What it waits for from now on, and whether held or blank; None: as before.
        earlier: Outcomes that it had before the one in ``record``.
        has_moved: Rows in the org may refer to another row than it leads to now.
    """

    record: RecordRow | None = None
    holds: tuple[HoldRow, ...] = ()
    waits: tuple[str, tuple[Reference, ...]] | None = None
    earlier: tuple[RecordRow, ...] = ()
    has_moved: bool = False

    @property
    def hold(self) -> HoldRow | None:
        """The open hold."""
        return self.holds[-1] if self.holds and self.holds[-1].state == OPEN else None


def fold(state: RecordState, outcomes: Iterable[tuple[int, Outcome]], when: When) -> RecordState:
    """What is known after these outcomes of one record, each with its place in the batch, in their order."""
    for place, outcome in outcomes:
        state = _next(state, place, outcome, when)
    return state


def _next(state: RecordState, place: int, outcome: Outcome, when: When) -> RecordState:
    newest = state.record.told_version if state.record else None
    hold = next_hold(state.hold, outcome, newest)
    if hold and not state.hold:
        hold = replace(hold, place=place)
    before = state.holds[:-1] if state.hold else state.holds
    waits = next_waits(state.record, outcome)
    record = next_record(state.record, outcome, when)
    is_another = state.record is not None and record is not None and record.earlier > state.record.earlier
    return RecordState(
        record=record,
        holds=(*before, hold) if hold else before,
        waits=state.waits if waits is None else waits,
        earlier=(*state.earlier, state.record) if state.record and is_another else state.earlier,
        has_moved=state.has_moved or leads_elsewhere(state.record, record),
    )


def leads_elsewhere(before: RecordRow | None, after: RecordRow | None) -> bool:
    """Whether rows in the org may lead elsewhere than a record's link does now.

    Of a record without a link nobody knows where an earlier ledger had it.
    """
    known = before.id if before else None
    return after is not None and after.id is not None and after.id != known


def next_record(row: RecordRow | None, outcome: Outcome, when: When) -> RecordRow | None:
    """The record's row after an outcome.

    The link and the version that is in the org never go back; the outcome that is kept is the newest version's.
    """
    if row is None:
        return None if outcome.arrival.fills else _first(outcome, when)
    if outcome.reason is Reason.SUPERSEDED:
        return row
    linked = row if _older(outcome.version, row.version) else _linked(row, outcome)
    updated = _with_newest(linked, outcome)
    if updated != linked:
        updated = replace(updated, run=when.run, at=when.at)
    if updated != row:
        is_another = not outcome.arrival.fills
        updated = replace(updated, seq=when.seq, earlier=row.earlier + is_another)
    return replace(
        _explained(updated, row, outcome, when),
        version=_newest(row.version, outcome.version if outcome.verdict in IN_ORG else None),
        told_version=_newest(row.told_version, outcome.version),
    )


def next_hold(hold: HoldRow | None, outcome: Outcome, newest: str | None) -> HoldRow | None:
    """The record's open hold after an outcome: none, opened, replaced, or closed.

    Args:
        hold: The open hold, or None.
        outcome: The outcome.
        newest: The newest version that had an outcome before: what is older needs nobody's attention any more.
    """
    if outcome.arrival.fills:
        return hold
    held = outcome.verdict is Verdict.HELD
    if hold is None:
        is_news = held and not _older(outcome.version, newest)
        return HoldRow(None, outcome.version, 1, latest=outcome) if is_news else None
    if _older(outcome.version, hold.version):
        return replace(hold, attempts=hold.attempts + 1) if held else hold
    if held:
        return replace(hold, version=outcome.version, attempts=hold.attempts + 1, latest=outcome)
    return replace(hold, state=SUPERSEDED if outcome.arrival.hold is None else RESOLVED)


def next_waits(row: RecordRow | None, outcome: Outcome) -> tuple[str, tuple[Reference, ...]] | None:
    """What the record waits for after an outcome; None when that stays as it was."""
    is_old = row is not None and (outcome.reason is Reason.SUPERSEDED or _older(outcome.version, row.told_version))
    held = outcome.verdict is Verdict.HELD
    if is_old or outcome.arrival.follows or (outcome.arrival.fills and (held or row is None)):
        return None
    wanted = () if outcome.verdict is Verdict.SKIPPED else tuple(dict.fromkeys(outcome.waits_for))
    return "hold" if held else "blank", wanted


def is_newest(version: str | None, newest: str | None) -> bool:
    """True when nothing newer is known. Versions that are equal, or not known, go by who comes later."""
    return not _older(version, newest)


def _older(version: str | None, newest: str | None) -> bool:
    return version is not None and newest is not None and version < newest


def _newest(newest: str | None, version: str | None) -> str | None:
    return newest if version is None or _older(version, newest) else version


def _explained(updated: RecordRow, row: RecordRow, outcome: Outcome, when: When) -> RecordRow:
    """With the trail of the outcome that is kept, and under which mapping the record was settled last."""
    if outcome.arrival.fills or _older(outcome.version, row.told_version):
        return updated
    trail = row.trail if _keeps_what_was_sent(row, outcome) else _trail(outcome, row.trail)
    return replace(updated, trail=trail, mapping=when.mapping)


def _trail(outcome: Outcome, before: str | None = None) -> str | None:
    known = of_plain(of_json(before)) if before and not asks_rules(outcome.trail) else ()
    trail = last_asked(known, outcome.trail)
    return as_json(plain(trail)) if trail else None


def _first(outcome: Outcome, when: When) -> RecordRow:
    row = _with_outcome(RecordRow(outcome.arrival.stream, outcome.arrival.key, "", ""), outcome)
    row = replace(row, trail=_trail(outcome), mapping=when.mapping)
    in_org = outcome.version if outcome.verdict in IN_ORG else None
    row = replace(_linked(row, outcome), run=when.run, at=when.at, seq=when.seq)
    return replace(row, version=in_org, told_version=outcome.version)


def _linked(row: RecordRow, outcome: Outcome) -> RecordRow:
    if outcome.lets_go:
        return replace(row, id=None, owner=None)
    if outcome.id and (outcome.verdict in IN_ORG or outcome.reason is Reason.LEFT_ALONE):
        return replace(row, object=outcome.object, id=outcome.id, owner=outcome.stamped_key)
    return replace(row, object=row.object or outcome.object)


def _with_newest(row: RecordRow, outcome: Outcome) -> RecordRow:
    if _older(outcome.version, row.told_version):
        return row
    if outcome.arrival.fills:
        if outcome.verdict is not Verdict.UPDATED:
            return row
        return replace(row, sent=as_json({**of_json(row.sent), **outcome.sent}))
    return row if _keeps_what_was_sent(row, outcome) else _with_outcome(row, outcome)


def _keeps_what_was_sent(row: RecordRow, outcome: Outcome) -> bool:
    """True when nothing changed since, so that it can still be told how it was matched and what was sent."""
    if outcome.lets_go:
        return False
    return outcome.verdict is Verdict.UNCHANGED and row.verdict in [verdict.value for verdict in IN_ORG]


def _with_outcome(row: RecordRow, outcome: Outcome) -> RecordRow:
    return replace(
        row,
        verdict=outcome.verdict.value,
        stage=outcome.stage.value,
        rule=outcome.rule,
        reason=outcome.reason.value if outcome.reason else None,
        fields=as_json(outcome.fields),
        sent=as_json(outcome.sent),
        code=storable(outcome.code),
        message=storable(outcome.message),
        candidates=as_json(outcome.candidates),
    )
