"""The commands that list what is in the ledger: ``holds`` and ``runs``."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import asdict

import click

from target_salesforce_retail.companion.arguments import Name, Number
from target_salesforce_retail.companion.command import (
    Settings,
    digests_of,
    ledger_of,
    of_all,
    says_what_to_do,
    show,
    table_of,
)
from target_salesforce_retail.companion.hold_lines import COLUMNS, candidates_of, lines_of, rows_of
from target_salesforce_retail.companion.printable import json_text, printable
from target_salesforce_retail.ledger.store import SqlLedger
from target_salesforce_retail.mapping.places import did_you_mean
from target_salesforce_retail.nouns import Reason


@click.command()
@click.option("--stream", type=Name(), help="Only this stream.")
@click.option("--reason", type=Name(), help="Only this reason (docs/reference/reasons.md).")
@click.option("--limit", default=50, show_default=True, type=Number(), help="At most this many lines.")
@click.option("--all", "is_all", is_flag=True, help="A line for each hold, also where many wait for one record.")
@click.pass_obj
@says_what_to_do
def holds(settings: Settings, stream: str | None, reason: str | None, limit: int, *, is_all: bool) -> None:
    """List open holds: what is held, why, and what to do. Shows no shopper's data."""
    ledger = ledger_of(settings)
    check_names(ledger, settings, stream, reason)
    lines = lines_of(ledger, stream=stream, reason=reason, limit=limit, is_all=is_all)
    table = table_of(*COLUMNS)
    for row in rows_of(lines, ledger):
        table.add_row(*row)
    show(table)
    for text in candidates_of(lines, ledger, settings.get("login_url", "")):
        click.echo(text)
    click.echo(of_all(sum(line.holds for line in lines), ledger.count_held(stream, reason), "open holds"))


def check_names(ledger: SqlLedger, settings: Settings, stream: str | None, reason: str | None) -> None:
    """See that the stream and the reason that were asked for exist.

    Raises:
        click.UsageError: One does not: it lists those that do.
    """
    kinds = ledger.kinds_held()
    streams, reasons = {its for its, _ in kinds}, {why for _, why in kinds}
    if reason and reason not in reasons | {each.value for each in Reason}:
        raise click.UsageError(_no_such("reason", reason, reasons, [each.value for each in Reason]))
    check_stream(ledger, settings, stream, streams)


def check_stream(ledger: SqlLedger, settings: Settings, stream: str | None, held: Set[str] = frozenset()) -> None:
    """See that a stream that was asked for exists.

    Args:
        ledger: The ledger.
        settings: The settings, for the mappings.
        stream: The stream, if one was asked for.
        held: Those of which something is held, to be named before any other.

    Raises:
        click.UsageError: It does not: it lists those that do.
    """
    known = ledger.streams()
    if stream and stream not in {*held, *known, *digests_of(settings)}:
        raise click.UsageError(_no_such("stream", stream, held or known, (), "held" if held else "known"))


def _no_such(what: str, name: str, there: Iterable[str], known: Iterable[str], is_there: str = "held") -> str:
    hint = did_you_mean(name, {*there, *known})
    listed = ", ".join(sorted(there)) or "none"
    return f"There is no {what} `{printable(name)}`{hint or '.'} What is {is_there} has: {listed}."


@click.command()
@click.option("--limit", default=20, show_default=True, type=Number(), help="At most this many, newest first.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.pass_obj
@says_what_to_do
def runs(settings: Settings, limit: int, form: str) -> None:
    """List runs: when, how they ended, and a line that adds up."""
    ledger = ledger_of(settings)
    found = ledger.runs(limit)
    if form == "json":
        click.echo(json_text([asdict(run) for run in found], str))
        return
    table = table_of("run", "started", "state", "what became of it")
    for run in found:
        table.add_row(run.id[:8], f"{run.started_at:%Y-%m-%d %H:%M:%S}", run.state, printable(run.note or ""))
    show(table)
    click.echo(of_all(len(found), ledger.count_runs(), "runs"))
