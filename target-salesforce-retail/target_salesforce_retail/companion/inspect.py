"""The commands that read the ledger: ``holds``, ``explain`` and ``runs``."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import click
import simplejson

from target_salesforce_retail.companion.command import Settings, ledger_of, says_what_to_do, show, table_of
from target_salesforce_retail.companion.printable import printable
from target_salesforce_retail.errors import RetailError
from target_salesforce_retail.ledger.listing import OURS


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
@click.argument("stream")
@click.argument("key")
@click.option("--values", is_flag=True, help="Show values and Salesforce's own words: they may hold a shopper's data.")
@click.pass_obj
@says_what_to_do
def explain(settings: Settings, stream: str, key: str, *, values: bool) -> None:
    """Say what became of a record: which rule matched it, to what, what was sent, what Salesforce answered."""
    record = ledger_of(settings).record(stream, key)
    if record is None:
        message = "The ledger does not know this record."
        raise RetailError(message, where=f"{stream} {key}", hint="Keys look like <account_id>:<id>.")
    answer: dict[str, Any] = {
        "verdict": record.verdict.value,
        "stage": record.stage.value,
        "object": record.object,
        "id": record.id,
        "rule": record.rule,
        "sent": record.sent if values else sorted(record.sent),
        "reason": record.reason.value if record.reason else None,
        "remedy": record.reason.remedy if record.reason else None,
        "fields": record.fields,
        "left_out": record.omitted,
        "candidates": record.candidates,
        "waits_for": record.waits_for,
        "code": record.code,
        "message": record.message if values or record.stage in OURS else None,
        "run": record.run,
    }
    text = simplejson.dumps({name: value for name, value in answer.items() if value}, indent=2, use_decimal=True)
    click.echo(text.replace("\x7f", "\\u007f"))


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
