"""The command ``why-not``: what kept two records from being one person."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import click

from target_salesforce_retail.companion.arguments import Name
from target_salesforce_retail.companion.clue_words import lines
from target_salesforce_retail.companion.command import Settings, checked, ledger_of, says_what_to_do
from target_salesforce_retail.companion.decision_words import NAMED
from target_salesforce_retail.companion.explain_forms import as_end, said_by_rules, trail_as_json
from target_salesforce_retail.companion.printable import json_text, printable
from target_salesforce_retail.companion.standing import see_that_it_is_mapped
from target_salesforce_retail.companion.two_people import Person, said_of
from target_salesforce_retail.errors import RetailError
from target_salesforce_retail.invocation import invoked
from target_salesforce_retail.ledger.listing import DecisionSummary, RecordSummary
from target_salesforce_retail.ledger.store import SqlLedger
from target_salesforce_retail.mapping.rules import Mappings, StreamMapping
from target_salesforce_retail.nouns import DecisionKind, OrgRow, Trail, Why
from target_salesforce_retail.rehearse import RehearsedRun
from target_salesforce_retail.singer.target import TargetSalesforceRetail
from target_salesforce_retail.stages.inside.context import Context
from target_salesforce_retail.stages.inside.refer import living_among

ID = re.compile("[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?")
SIGNIFICANT = 15
"""Characters of an id that tell it from any other; three more are a check."""


@dataclass(frozen=True)
class Side:
    """One of the two that were asked about: a key of the till with what is known of it, or an id.

    Attributes:
        name: The key, or the id.
        record: What the ledger knows of the key.
        heir: The id that lives in its place, where it was merged or converted since; else empty.
    """

    name: str
    record: RecordSummary | None
    heir: str = ""

    @property
    def id(self) -> str | None:
        """Its id in Salesforce, or None."""
        return self.heir or self.id_before

    @property
    def id_before(self) -> str | None:
        """The id that it was known by, or None."""
        return self.record.id if self.record else self.name


@click.command("why-not")
@click.argument("one", type=Name())
@click.argument("other", type=Name())
@click.option("--stream", type=Name(), help="Whose keys they are; without it, the one stream that knows them.")
@click.option("--json", "is_json", is_flag=True, help="For a program.")
@click.pass_obj
@says_what_to_do
def why_not(settings: Settings, one: str, other: str, stream: str | None, *, is_json: bool) -> None:
    """Say what keeps two records from being one: two keys of the till, or a key and a Salesforce id. Writes nothing."""
    run = RehearsedRun(checked(TargetSalesforceRetail.config_jsonschema, settings), lambda _: None)
    ledger = ledger_of(settings)
    mapping = _mapping(run.mappings, ledger, stream, (one, other))
    sides = _sides(ledger, mapping.stream, (one, other))
    now: Trail = ()
    if not _are_one(sides):
        ledger.claim(run.session.org_id)
        context = Context(run.mappings, run.org, ledger, run.describes)
        sides = _as_they_live(sides, mapping, context)
        now = () if _are_one(sides) else _now(sides, mapping, context)
    ruled_out = _ruled_out(ledger, mapping.stream, sides)
    click.echo(_as_json(sides, now) if is_json else _as_text(mapping.stream, sides, now, ruled_out))


def _mapping(mappings: Mappings, ledger: SqlLedger, stream: str | None, keys: Sequence[str]) -> StreamMapping:
    """The mapping of the stream that is asked about.

    Raises:
        RetailError: It has no rules, or it is not clear which one is meant.
    """
    if stream is not None:
        see_that_it_is_mapped(stream, mappings)
    matching = [each for each in mappings.ordered if each.match and stream in (None, each.stream)]
    knowing = [each for each in matching if stream or any(ledger.record(each.stream, key) for key in keys)]
    if len(knowing) == 1:
        return knowing[0]
    names = ", ".join(each.stream for each in knowing or mappings.ordered if each.match)
    what = "More than one stream knows these keys." if knowing else "No stream with match rules knows these keys."
    hint = f"Say --stream with one of: {names or 'none has match rules'}. Keys look like <account_id>:<id>."
    raise RetailError(what, where=" ".join(map(printable, keys)), hint=hint)


def _sides(ledger: SqlLedger, stream: str, keys: Sequence[str]) -> tuple[Side, Side]:
    """Both, the key of the till first.

    Raises:
        RetailError: One is unknown, and looks like no id; or both are ids.
    """
    sides = [Side(key, ledger.record(stream, key)) for key in keys]
    for side in sides:
        if side.record is None and not ID.fullmatch(side.name):
            message = "The ledger does not know this record, and it is no Salesforce id."
            where = f"{stream} {printable(side.name)}"
            raise RetailError(message, where=where, hint="Keys look like <account_id>:<id>.")
    first, second = sorted(sides, key=lambda side: side.record is None)
    if first.record is None:
        raise RetailError(
            "Both are Salesforce ids.", where=stream, hint="Name a key of the till: rules are asked for its records."
        )
    return first, second


def _as_they_live(sides: tuple[Side, Side], mapping: StreamMapping, context: Context) -> tuple[Side, Side]:
    """Both, with who lives in their place: what was merged or converted since the last run the ledger does not know."""
    ids = [side.id for side in sides if side.id]
    living = living_among(ids, mapping, context.org, context.describes) if ids else {}
    heirs = {each[:SIGNIFICANT]: record_id for each, (_, record_id) in living.items()}
    one, other = (replace(side, heir=heirs.get((side.id or "")[:SIGNIFICANT], "")) for side in sides)
    return one, other


def _are_one(sides: Sequence[Side]) -> bool:
    ids = {side.id[:SIGNIFICANT] if side.id else side.name for side in sides}
    return len(ids) == 1


def _now(sides: tuple[Side, Side], mapping: StreamMapping, context: Context) -> Trail:
    """What the rules say today; of two of which one is held, that is the one that comes."""
    ids = [side.id for side in sides if side.id]
    found = (
        context.org.find({name: [{"Id": ids}] for name in mapping.objects}, context.fields_of(mapping)) if ids else []
    )
    rows = {each[:SIGNIFICANT]: row for row in found for each in (row.id, str(row.via.get("Id", row.id)))}
    _see_that_it_is_there(sides[1], rows, mapping)
    people = [_person(side, mapping.stream, rows, context.ledger) for side in sides]
    one, other = sorted(people, key=lambda person: person.arrival is None)
    return said_of(one, other, mapping, context)


def _see_that_it_is_there(side: Side, rows: Mapping[str, OrgRow], mapping: StreamMapping) -> None:
    """Refuse an id of nobody: of what is not there no rule says anything.

    Raises:
        RetailError: Salesforce has no record with this id, of an object that the mapping searches.
    """
    if side.record is None and str(side.id)[:SIGNIFICANT] not in rows:
        names = " or ".join(mapping.objects)
        raise RetailError(
            f"Salesforce has no {names} with this id.",
            where=f"{mapping.stream} {side.name}",
            hint="It was deleted, merged into another, or mistyped: copy it from the record's address in Salesforce.",
        )


def _person(side: Side, stream: str, rows: Mapping[str, OrgRow], ledger: Any) -> Person:
    row = rows.get(side.id[:SIGNIFICANT]) if side.id else None
    held = ledger.held(stream, number=side.record.hold) if side.record and side.record.hold else []
    return Person(side.name, side.name, held[0] if held else None, row)


def _ruled_out(ledger: SqlLedger, stream: str, sides: tuple[Side, Side]) -> DecisionSummary | None:
    """What a person has decided last of the first one, where that keeps the two apart."""
    one, other = sides
    for decision in ledger.decisions(stream=stream, key=one.name):
        is_other = bool(other.id) and decision.person[:SIGNIFICANT] == str(other.id)[:SIGNIFICANT]
        if decision.what in NAMED and not is_other:
            return decision
        if is_other:
            return decision if decision.what is DecisionKind.IS_NOT else None
    return None


def _as_text(stream: str, sides: tuple[Side, Side], now: Trail, ruled_out: DecisionSummary | None) -> str:
    text = [_stands(stream, side) for side in sides]
    if _are_one(sides):
        return "\n".join(map(printable, [*text, *_lives_on(sides), "They are one."]))
    for side in sides:
        trail = said_by_rules(side.record) if side.record else ()
        if trail:
            text += [f"When the rules were asked for {side.name} last", *(f"  {line}" for line in lines(trail))]
    text += ["As they are now", *(f"  {line}" for line in lines(now))] if now else [NOTHING]
    return "\n".join([*map(printable, text), printable(_conclusion(sides, now, ruled_out))])


def _lives_on(sides: tuple[Side, Side]) -> list[str]:
    """Who was merged or converted since the ledger saw it last."""
    ids = {side.id_before: side.id for side in sides}
    return [f"{old} was merged or converted, and lives on in {new}." for old, new in ids.items() if not _same(old, new)]


def _same(one: str | None, other: str | None) -> bool:
    return str(one)[:SIGNIFICANT] == str(other)[:SIGNIFICANT]


NOTHING = "What is known of them now does not tell: one of them has no row in Salesforce, and no record in the ledger."


def _stands(stream: str, side: Side) -> str:
    return f"{stream} {side.name}: {as_end(side.record)}" if side.record else f"Salesforce {side.name}"


def _conclusion(sides: tuple[Side, Side], now: Trail, ruled_out: DecisionSummary | None) -> str:
    """What follows from it."""
    return _of_decisions(sides, ruled_out) or _of_rules(sides, now)


def _of_decisions(sides: tuple[Side, Side], ruled_out: DecisionSummary | None) -> str | None:
    """What a person has decided, or may: of a record of the till and one that is in Salesforce alone."""
    one, other = sides
    choose = invoked(f"decide {one.name} --is {other.id}")
    if ruled_out:
        verdict = "it is somebody else" if ruled_out.what in NAMED else "it is not this one"
        who = f"{ruled_out.who}, {ruled_out.at:%Y-%m-%d}"
        return f"A person has decided that {verdict} ({who}). No rule undoes that, {choose} does."
    if other.record is None and one.record and other.id in one.record.candidates:
        return f"A person decides which of those that answer it is: {choose}, or `--not {other.id}`."
    return None


def _of_rules(sides: tuple[Side, Side], now: Trail) -> str:
    """What the rules say."""
    if all(side.record is not None and side.record.id for side in sides):
        return (
            "Each is known by its own key by now, and no other rule is asked. Are they one person, merge the two in "
            "Salesforce: both keys lead to the one that stays."
        )
    if any(each.why is Why.VETOED for each in now):
        return f"A person decides: correct what differs on either side, then {invoked('replay')}."
    by = next((each.rule for each in now if each.why is Why.ONE), None)
    one, other = sides
    if by and one.id and other.record is None:
        return (
            f"The rule {by} would take them for one, and is not asked any more: {one.name} is {one.id} by now. "
            "Are they one person, merge the two in Salesforce, or say "
            f"{invoked(f'decide {one.name} --is {other.id}')}."
        )
    if by:
        return f"Today the rule {by} would take them for one: {invoked('replay')}, or wait until it comes again."
    return "No rule takes them for one."


def _as_json(sides: tuple[Side, Side], now: Trail) -> str:
    whole = {
        "one": _are_one(sides),
        "records": [_side(side) for side in sides],
        "now": trail_as_json(now),
    }
    return json_text(whole)


def _side(side: Side) -> dict[str, Any]:
    record = side.record
    if record is None:
        return {"id": side.id}
    return {
        "key": side.name,
        "id": side.id,
        "verdict": record.verdict.value,
        "reason": record.reason.value if record.reason else None,
        "hold": record.hold,
        "trail": trail_as_json(record.trail),
    }
