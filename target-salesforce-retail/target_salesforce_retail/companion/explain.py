"""The command ``explain``: the chain of one record, as a person reads it or as JSON."""

from __future__ import annotations

import click

from target_salesforce_retail.companion.arguments import Name
from target_salesforce_retail.companion.command import Settings, ledger_of, mappings_of, says_what_to_do
from target_salesforce_retail.companion.explain_forms import Explained, as_json, as_text
from target_salesforce_retail.errors import RetailError
from target_salesforce_retail.ledger.listing import RecordSummary
from target_salesforce_retail.ledger.store import SqlLedger

DECISIONS = 5
"""So many decisions on the record are told, the newest first, as of its outcomes."""


@click.command()
@click.argument("stream", type=Name())
@click.argument("key", type=Name())
@click.option("--values", is_flag=True, help="Show values and Salesforce's own words: they may hold a shopper's data.")
@click.option("--json", "is_json", is_flag=True, help="For a program.")
@click.pass_obj
@says_what_to_do
def explain(settings: Settings, stream: str, key: str, *, values: bool, is_json: bool) -> None:
    """Say what became of a record, rule by rule: who answered, what was sent, what came back, what it was before."""
    ledger = ledger_of(settings)
    record = known(ledger, stream, key)
    parents = {(name, of): ledger.record(name, of) for name, of in waited_for(record)}
    decisions = ledger.decisions(stream=stream, key=key, limit=DECISIONS)
    mappings = mappings_of(settings)
    mapping = mappings.of(stream)
    kept_in = mapping.profile.object if mapping and mapping.profile else ""
    explained = Explained(stream, key, record, parents, mappings.digests.get(stream), decisions, kept_in)
    click.echo(as_json(explained, values=values) if is_json else as_text(explained, values=values))


def known(ledger: SqlLedger, stream: str, key: str) -> RecordSummary:
    """What the ledger knows of a record.

    Raises:
        RetailError: Nothing.
    """
    record = ledger.record(stream, key)
    if record is None:
        message = "The ledger does not know this record."
        raise RetailError(message, where=f"{stream} {key}", hint="Keys look like <account_id>:<id>.")
    return record


def waited_for(record: RecordSummary) -> list[tuple[str, str]]:
    """Stream and key of the records that it waits for, or whose lookups were left blank."""
    return [(stream, key) for stream, _, key in (each.partition(":") for each in record.waits_for)]
