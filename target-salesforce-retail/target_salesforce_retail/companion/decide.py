"""The commands by which a person says who a shopper is: ``decide``, ``unlink``, and ``decisions``, which lists them."""

from __future__ import annotations

import getpass
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from itertools import groupby

import click

from target_salesforce_retail.companion.arguments import Name, Number, number_in
from target_salesforce_retail.companion.command import (
    Settings,
    ledger_of,
    of_all,
    run_of,
    says_what_to_do,
    show,
    table_of,
)
from target_salesforce_retail.companion.deciding import Desk
from target_salesforce_retail.companion.decision_words import decided
from target_salesforce_retail.companion.hold_lines import HoldLine, candidates_of
from target_salesforce_retail.companion.inspect import check_stream
from target_salesforce_retail.companion.printable import printable
from target_salesforce_retail.companion.standing import Subject
from target_salesforce_retail.ledger.listing import DecisionSummary
from target_salesforce_retail.nouns import DecisionKind

BY = "Who decides, for the audit; without it the user of this machine."
STREAM = "The record's stream, where several mappings have a `profile:`. With it, what is named is a key, and no hold."


@click.command()
@click.argument("hold_or_key", type=Name())
@click.option("--is", "person", type=Name(), metavar="ID", help="It is the record with this Salesforce id.")
@click.option("--new", is_flag=True, help="It is nobody who is there: a new record is made.")
@click.option("--not", "refused", type=Name(), metavar="ID", help="It is not the record with this Salesforce id.")
@click.option("--by", type=Name(), metavar="WHO", help=BY)
@click.option("--stream", type=Name(), help=STREAM)
@click.pass_obj
@says_what_to_do
def decide(
    settings: Settings,
    hold_or_key: str,
    *,
    person: str | None,
    refused: str | None,
    by: str | None,
    stream: str | None,
    new: bool,
) -> None:
    """Say who a shopper is: by the number of a hold, or by a key. No rule undoes that."""
    if [bool(person), new, bool(refused)].count(True) != 1:
        message = ["Say one of --is ID, --new and --not ID.", *_choices(settings, hold_or_key, stream)]
        raise click.UsageError("\n".join(message))

    def say(desk: Desk, subject: Subject, who: str) -> str:
        if person:
            return desk.link_to(subject, person.strip(), who)
        return desk.rule_out(subject, refused.strip(), who) if refused else desk.make_new(subject, who)

    _take_down(settings, lambda desk: desk.subject(hold_or_key, stream), by, say)


def _choices(settings: Settings, named: str, stream: str | None) -> list[str]:
    """Whom a hold may be, for whoever has not chosen yet."""
    ledger, number = ledger_of(settings), number_in(named)
    hold = ledger.hold_of(stream, named) if stream else ledger.hold(number) if number else None
    lines = [HoldLine(hold.number, [hold.stream])] if hold else []
    return list(candidates_of(lines, ledger, settings.get("login_url", "")))


@click.command()
@click.argument("key", type=Name())
@click.option("--by", type=Name(), metavar="WHO", help=BY)
@click.option("--stream", type=Name(), help=STREAM)
@click.pass_obj
@says_what_to_do
def unlink(settings: Settings, key: str, by: str | None, stream: str | None) -> None:
    """Say that a shopper is not whom the record is linked to; the rules decide anew, without that one."""
    _take_down(settings, lambda desk: desk.subject_of(key, stream), by, Desk.unlink)


def _take_down(
    settings: Settings, name: Callable[[Desk], Subject], by: str | None, say: Callable[[Desk, Subject, str], str]
) -> None:
    run = run_of(settings)
    ledger = ledger_of(settings)
    describes = run.describes
    ledger.claim(run.session.org_id)
    desk = Desk(run.mappings, run.org, ledger, describes, settings["login_url"])
    with ledger.turn():
        subject = name(desk)
        sentence = say(desk, subject, by or getpass.getuser())
        when = desk.takes_effect(subject)
    click.echo(printable(f"{sentence}. {when}"))


@click.command()
@click.option("--stream", type=Name(), help="Only this stream.")
@click.option("--key", type=Name(), help="Only this record.")
@click.option("--limit", default=50, show_default=True, type=Number(), help="At most this many, newest first.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.pass_obj
@says_what_to_do
def decisions(settings: Settings, stream: str | None, key: str | None, limit: int, form: str) -> None:
    """List what persons have decided, here or in Salesforce, and whom runs have merged: who, when, what was before."""
    ledger = ledger_of(settings)
    check_stream(ledger, settings, stream)
    found = ledger.decisions(stream=stream, key=key, limit=limit)
    if form == "json":
        click.echo(json.dumps([asdict(each) for each in found], default=str, indent=2))
        return
    table = table_of("when", "who", "stream", "key", "decided", "linked before")
    for row in _shown(found):
        table.add_row(*map(printable, row))
    show(table)
    click.echo(_counted(found, *ledger.count_decisions(stream, key)))


def _shown(found: Sequence[DecisionSummary]) -> list[tuple[str, ...]]:
    """A row for each decision, and one for each merge, with the keys of all who are one by it."""
    rows: list[tuple[str, ...]] = []
    for _, some in groupby(found, key=_place):
        entries = list(some)
        first, keys = entries[0], ", ".join(each.key for each in reversed(entries))
        before = "" if first.what is DecisionKind.MERGED else first.before
        rows.append((f"{first.at:%Y-%m-%d %H:%M:%S}", first.who, first.stream, keys, decided(first), before))
    return rows


def _place(decision: DecisionSummary) -> tuple[str, ...]:
    """What the entries of one merge have in common, and no other entry has."""
    if decision.what is DecisionKind.MERGED:
        return decision.what.value, decision.stream, decision.person, decision.before
    return decision.what.value, decision.stream, decision.key, decision.at.isoformat(), decision.person


def _counted(found: Sequence[DecisionSummary], decisions_there: int, merges_there: int) -> str:
    merged = {(each.person, each.before) for each in found if each.what is DecisionKind.MERGED}
    by_persons = sum(each.what is not DecisionKind.MERGED for each in found)
    parts = [of_all(by_persons, decisions_there, "decisions")]
    return " ".join([*parts, *([of_all(len(merged), merges_there, "merges")] if merges_there else [])])
