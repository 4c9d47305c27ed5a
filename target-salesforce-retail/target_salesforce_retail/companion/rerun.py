"""The commands that take records through the stages: ``replay``, and ``plan``, which writes nothing."""

from __future__ import annotations

import sys

import click

from target_salesforce_retail.companion.arguments import File, Name, Number
from target_salesforce_retail.companion.command import (
    Settings,
    checked,
    counted,
    ledger_of,
    run_of,
    says_what_to_do,
    show,
    table_of,
)
from target_salesforce_retail.companion.inspect import check_names
from target_salesforce_retail.companion.plan import Plan, plan_input, plan_replay, something_is_piped_in
from target_salesforce_retail.companion.plan_forms import (
    COUNTED,
    GROUPED,
    as_json,
    as_markdown,
    counts,
    groups,
    other_writes,
    summary,
)
from target_salesforce_retail.companion.plan_forms import examples as example_lines
from target_salesforce_retail.companion.printable import printable
from target_salesforce_retail.errors import RetailError
from target_salesforce_retail.invocation import invoked
from target_salesforce_retail.ledger.replay import replay as replay_holds
from target_salesforce_retail.singer.target import TargetSalesforceRetail


@click.command()
@click.option("--stream", type=Name(), help="Only this stream.")
@click.option("--reason", type=Name(), help="Only this reason.")
@click.option("--hold", "number", type=Number(), help="Only this hold.")
@click.pass_obj
@says_what_to_do
def replay(settings: Settings, stream: str | None, reason: str | None, number: int | None) -> None:
    """Take open holds through the pipeline again, parents first, oldest first. Never writes old over new."""
    run = run_of(settings)
    ledger = ledger_of(settings)  # it has no run in it: what was asked for by mistake is none
    check_names(ledger, settings, stream, reason)
    if number is not None and not ledger.is_held(number):
        raise RetailError(f"There is no open hold {number}.", where="ledger", hint=f"See {invoked('holds')}.")
    ledger.claim(run.session.org_id)
    if not ledger.count_held(stream, reason):
        click.echo(f"nothing to replay. {counted(ledger.open_holds(), 'open holds')}.")
        return
    order = [mapping.stream for mapping in run.mappings.ordered]
    counts = replay_holds(run.ledger, run.pipeline.run, stream=stream, reason=reason, number=number, order=order)
    parts = ", ".join(f"{count} {verdict.value}" for verdict, count in counts.items()) or "nothing to replay"
    followed = run.retry_waiting()
    parts += f"; {followed} that waited for them tried again" if followed else ""
    parts += run.moved()
    run.ledger.close_run("done", f"replay: {parts}")
    click.echo(f"{parts}. {counted(run.ledger.open_holds(), 'open holds')}.")


@click.command()
@click.option(
    "--input", "file", type=File(), help="A file of Singer messages, - for stdin; without one, what the ledger holds."
)
@click.option("--format", "form", type=click.Choice(["table", "json", "markdown"]), default="table", show_default=True)
@click.option("--examples", type=Number(least=0), default=3, show_default=True, help="Records to show of a kind.")
@click.option("--values", is_flag=True, help="Show old and new values: they are shoppers' data.")
@click.pass_obj
@says_what_to_do
def plan(settings: Settings, file: str | None, form: str, examples: int, *, values: bool) -> None:
    """Say what a run would do with these messages, or `replay` with what is held, and write nothing anywhere.

    Exit codes: 0 nothing would be written or held, 3 something would be written, 4 something would be held, 5 no record
    came.
    """
    checked(TargetSalesforceRetail.config_jsonschema, settings)
    found, run = plan_input(settings, file, examples) if file else plan_replay(settings, examples)
    if not file and something_is_piped_in():  # asked last: a tap needs its time to say the first word
        message = "Something is piped in, and without --input the ledger is planned. Say `--input -`, or `< /dev/null`."
        raise click.UsageError(message)
    if form == "table":
        _show_plan(found, values=values)
    else:
        click.echo(as_json(found, values=values) if form == "json" else as_markdown(found, values=values))
    for warning in run.missing_streams() if file else ():
        click.echo(warning, err=True)
    run.enforce_max_holds()
    sys.exit(found.exit_code)


def _show_plan(plan: Plan, *, values: bool) -> None:
    for columns, rows in ((COUNTED, counts(plan)), (GROUPED, groups(plan))):
        table = table_of(*columns)
        for row in rows:
            table.add_row(*map(printable, row))
        if rows:
            show(table)
    for line in (*example_lines(plan, values=values), *other_writes(plan), summary(plan)):
        click.echo(line)
