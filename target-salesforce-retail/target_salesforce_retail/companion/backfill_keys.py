"""The command ``backfill-keys``."""

from __future__ import annotations

import sys

import click

from target_salesforce_retail.companion.arguments import Number
from target_salesforce_retail.companion.backfill import backfills
from target_salesforce_retail.companion.command import Settings, run_of, says_what_to_do


@click.command("backfill-keys")
@click.option("--limit", type=Number(), help="At most this many persons of each object.")
@click.option("--again", is_flag=True, help="Also those whose number could not be read when it was tried.")
@click.option("--plan", "plans", is_flag=True, help="Read and count alone, and write nothing.")
@click.pass_obj
@says_what_to_do
def backfill_keys(settings: Settings, limit: int | None, *, again: bool, plans: bool) -> None:
    """Give phone keys to people of the org who have a number and lack its key, so that they are found by it.

    Stop it when you like: the next one goes on. Exit codes: 0 nobody lacks a key, 3 some still do or would be written
    to, 4 Salesforce refused some.
    """
    run = run_of(settings)
    run.describes  # noqa: B018  # the mappings fit the org, or it ends here
    worst = 0
    for each in backfills(run.mappings.ordered, run.org, lambda line: click.echo(line, err=True), writes=not plans):
        tally = each.run(limit or sys.maxsize, again=again)
        click.echo(f"{each.name}: {tally}{', nothing written' if plans else ''}.")
        worst = max(worst, tally.exit_code, 3 if plans and tally.read else 0)
    sys.exit(worst)
