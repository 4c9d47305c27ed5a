"""The commands that list what is in the ledger: ``holds`` and ``runs``."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from target_salesforce_retail.companion.command import Settings, ledger_of, says_what_to_do, show, table_of
from target_salesforce_retail.companion.printable import printable


@click.command()
@click.option("--stream", help="Only this stream.")
@click.option("--reason", help="Only this reason (docs/reference/reasons.md).")
@click.option("--limit", default=50, show_default=True, help="At most this many.")
@click.pass_obj
@says_what_to_do
def holds(settings: Settings, stream: str | None, reason: str | None, limit: int) -> None:
    """List open holds: what is held, why, and what to do. Shows no shopper's data."""
    ledger = ledger_of(settings)
    table = table_of(
        "hold", "stream", "key", "reason", "fields", "code", "candidates", "waits for", "tries", "what to do"
    )
    for hold in ledger.holds(stream=stream, reason=reason, limit=limit):
        table.add_row(
            str(hold.number),
            hold.stream,
            printable(hold.key),
            hold.reason.value,
            ", ".join(hold.fields),
            hold.code or "",
            ", ".join(hold.candidates),
            printable(", ".join(hold.waits_for)),
            str(hold.attempts),
            f"{hold.message}. {hold.reason.remedy}" if hold.message else hold.reason.remedy,
        )
    show(table)
    click.echo(f"{ledger.open_holds()} open holds.")


@click.command()
@click.option("--limit", default=20, show_default=True, help="At most this many, newest first.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.pass_obj
@says_what_to_do
def runs(settings: Settings, limit: int, form: str) -> None:
    """List runs: when, how they ended, and a line that adds up."""
    found = ledger_of(settings).runs(limit)
    if form == "json":
        click.echo(json.dumps([asdict(run) for run in found], default=str, indent=2))
        return
    table = table_of("run", "started", "state", "what became of it")
    for run in found:
        table.add_row(run.id[:8], f"{run.started_at:%Y-%m-%d %H:%M:%S}", run.state, run.note or "")
    show(table)
