"""``salesforce-retail``: the companion of the Singer command, for mappings, holds and runs.

Settings come from ``--config`` files, or else from the same environment variables as the target's, so that
``meltano invoke target-salesforce-retail:holds`` works as it is.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec

import click
import simplejson
from jsonschema import Draft7Validator
from rich.console import Console
from rich.table import Table

from target_salesforce_retail import __version__
from target_salesforce_retail.companion.cases import run_cases
from target_salesforce_retail.companion.plan import Plan, plan_input, plan_replay, something_is_piped_in
from target_salesforce_retail.companion.plan_forms import (
    COUNTED,
    GROUPED,
    as_json,
    as_markdown,
    counts,
    deletions,
    groups,
    summary,
)
from target_salesforce_retail.companion.plan_forms import examples as example_lines
from target_salesforce_retail.companion.printable import printable
from target_salesforce_retail.defects import REPORT, named
from target_salesforce_retail.errors import ConfigError, MappingError, RetailError
from target_salesforce_retail.ledger.listing import OURS
from target_salesforce_retail.ledger.replay import replay as replay_holds
from target_salesforce_retail.ledger.store import SqlLedger, open_ledger
from target_salesforce_retail.mapping.load import lint_streams, load
from target_salesforce_retail.run import Run
from target_salesforce_retail.singer.settings import ENV_PREFIX, read_file, setting_problems, with_defaults
from target_salesforce_retail.singer.target import TargetSalesforceRetail

P = ParamSpec("P")
Settings = dict[str, Any]
SETTINGS = (
    "Name a file that holds the settings of the target as one JSON object, or none: then the environment is read."
)
CATALOGS = "Name a file that a tap has written with `--discover`."
CATALOG: dict[str, Any] = {
    "required": ["streams"],
    "properties": {
        "streams": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["stream", "schema"],
                "properties": {
                    "stream": {"type": "string"},
                    "schema": {
                        "type": "object",
                        "required": ["properties"],
                        "properties": {"properties": {"type": "object"}},
                    },
                },
            },
        }
    },
}
"""What `lint` needs of a catalog."""
LISTS = frozenset({"fields", "candidates", "waits for"})
"""Columns that may hold several names or ids."""
CLICKS_OWN = (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError)


def _settings(files: Sequence[str]) -> Settings:
    """Settings of the files, or of the environment; with defaults. Which are missing depends on the command."""
    settings: Settings = {}
    for file in files:
        settings |= read_file(file, SETTINGS)
    if not files:
        settings = dict(TargetSalesforceRetail._env_var_config)  # noqa: SLF001
    schema = {**TargetSalesforceRetail.config_jsonschema, "required": []}
    return _checked(schema, with_defaults(schema, settings))


def _checked(schema: dict[str, Any], settings: Settings) -> Settings:
    problems = setting_problems(schema, settings, ENV_PREFIX)
    if problems:
        raise ConfigError(" ".join(problems), where="settings")
    return settings


def _streams(catalog: str) -> dict[str, Any]:
    """Stream -> its properties with their schemas."""
    read = read_file(catalog, CATALOGS, "catalog")
    for error in Draft7Validator(CATALOG).iter_errors(read):
        place = "/".join(map(str, error.absolute_path)) or "the whole"
        raise ConfigError(f"This is no catalog: {place} breaks `{error.validator}`.", where=catalog, hint=CATALOGS)
    return {each["stream"]: each["schema"]["properties"] for each in read["streams"]}


def _run(settings: Settings) -> Run:
    return Run(_checked(TargetSalesforceRetail.config_jsonschema, settings))


def _ledger(settings: Settings) -> SqlLedger:
    return open_ledger(settings["ledger_url"])


def _says_what_to_do(command: Callable[P, None]) -> Callable[P, None]:
    """End with the error's own sentence and exit code instead of a traceback."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except RetailError as error:
            click.echo(str(error), err=True)
            sys.exit(error.exit_code)
        except CLICKS_OWN:
            raise
        except Exception as error:
            click.echo(f"The command failed: {named(error)}. {REPORT}", err=True)
            sys.exit(1)

    return run


def _table(*columns: str) -> Table:
    """A table whose words stay whole; lists wrap, and the last column, which stays wide enough to be read."""
    table = Table(box=None)
    for name in columns[:-1]:
        table.add_column(name, no_wrap=name not in LISTS)
    table.add_column(columns[-1], min_width=30)
    return table


def _show(table: Table) -> None:
    console = Console(markup=False, emoji=False)  # a key is no markup
    if not console.is_terminal:
        console.width = 180
    console.print(table)


@click.group()
@click.version_option(__version__, prog_name="salesforce-retail")
@click.option("--config", "files", multiple=True, help="Settings file (JSON); without one, the environment is read.")
@click.pass_context
@_says_what_to_do
def main(context: click.Context, files: tuple[str, ...]) -> None:
    """Mappings, holds and runs of target-salesforce-retail."""
    context.obj = _settings(files)


@main.command()
@click.option("--catalog", type=click.Path(exists=True), help="A tap's catalog: properties are held against it too.")
@click.pass_obj
@_says_what_to_do
def lint(settings: Settings, catalog: str | None) -> None:
    """Read all mappings and list every problem, each with file:line. Needs no org."""
    mappings = load(Path(settings["transforms"]))
    if catalog:
        problems = lint_streams(mappings, _streams(catalog))
        if problems:
            raise MappingError(problems)
    click.echo(f"{len(mappings.ordered)} mappings, no problem: {', '.join(each.stream for each in mappings.ordered)}.")


@main.command()
@click.pass_obj
@_says_what_to_do
def cases(settings: Settings) -> None:
    """Run every <stream>.cases.yml through the pipeline. Needs no org."""
    results = run_cases(Path(settings["transforms"]))
    failed = [result for result in results if result.problem]
    for result in failed:
        click.echo(f"{result.place}: {result.name}: {result.problem}", err=True)
    click.echo(f"{len(results)} cases, {len(failed)} failed.")
    sys.exit(1 if failed else 0)


@main.command()
@click.pass_obj
@_says_what_to_do
def preflight(settings: Settings) -> None:
    """Log in, and hold every mapping against what the org has. Writes nothing."""
    run = _run(settings)
    click.echo(f"The org has all that {len(run.mappings.ordered)} mappings name: {', '.join(run.describes)}.")


@main.command()
@click.option("--stream", help="Only this stream.")
@click.option("--reason", help="Only this reason (docs/reference/reasons.md).")
@click.option("--limit", default=50, show_default=True, help="At most this many.")
@click.pass_obj
@_says_what_to_do
def holds(settings: Settings, stream: str | None, reason: str | None, limit: int) -> None:
    """List open holds: what is held, why, and what to do. Shows no shopper's data."""
    ledger = _ledger(settings)
    table = _table(
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
    _show(table)
    click.echo(f"{ledger.open_holds()} open holds.")


@main.command()
@click.argument("stream")
@click.argument("key")
@click.option("--values", is_flag=True, help="Show values and Salesforce's own words: they may hold a shopper's data.")
@click.pass_obj
@_says_what_to_do
def explain(settings: Settings, stream: str, key: str, *, values: bool) -> None:
    """Say what became of a record: which rule matched it, to what, what was sent, what Salesforce answered."""
    record = _ledger(settings).record(stream, key)
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


@main.command()
@click.option("--stream", help="Only this stream.")
@click.option("--reason", help="Only this reason.")
@click.option("--hold", "number", type=int, help="Only this hold.")
@click.pass_obj
@_says_what_to_do
def replay(settings: Settings, stream: str | None, reason: str | None, number: int | None) -> None:
    """Take open holds through the pipeline again, parents first, oldest first. Never writes old over new."""
    run = _run(settings)
    order = [mapping.stream for mapping in run.mappings.ordered]
    counts = replay_holds(run.ledger, run.pipeline.run, stream=stream, reason=reason, number=number, order=order)
    parts = ", ".join(f"{count} {verdict.value}" for verdict, count in counts.items()) or "nothing to replay"
    followed = run.retry_waiting()
    parts += f"; {followed} that waited for them tried again" if followed else ""
    parts += run.moved()
    run.ledger.close_run("done", f"replay: {parts}")
    click.echo(f"{parts}. {run.ledger.open_holds()} open holds.")


@main.command()
@click.option("--input", "file", help="A file of Singer messages, - for stdin; without one, what the ledger holds.")
@click.option("--format", "form", type=click.Choice(["table", "json", "markdown"]), default="table", show_default=True)
@click.option("--examples", type=click.IntRange(min=0), default=3, show_default=True, help="Records to show of a kind.")
@click.option("--values", is_flag=True, help="Show old and new values: they are shoppers' data.")
@click.pass_obj
@_says_what_to_do
def plan(settings: Settings, file: str | None, form: str, examples: int, *, values: bool) -> None:
    """Say what a run would do with these messages, or `replay` with what is held, and write nothing anywhere.

    Exit codes: 0 nothing would be written or held, 3 something would be written, 4 something would be held, 5 no record
    came.
    """
    _checked(TargetSalesforceRetail.config_jsonschema, settings)
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
        table = _table(*columns)
        for row in rows:
            table.add_row(*map(printable, row))
        if rows:
            _show(table)
    for line in (*example_lines(plan, values=values), *deletions(plan), summary(plan)):
        click.echo(line)


@main.command()
@click.option("--limit", default=20, show_default=True, help="At most this many, newest first.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.pass_obj
@_says_what_to_do
def runs(settings: Settings, limit: int, form: str) -> None:
    """List runs: when, how they ended, and a line that adds up."""
    found = _ledger(settings).runs(limit)
    if form == "json":
        click.echo(json.dumps([asdict(run) for run in found], default=str, indent=2))
        return
    table = _table("run", "started", "state", "what became of it")
    for run in found:
        table.add_row(run.id[:8], f"{run.started_at:%Y-%m-%d %H:%M:%S}", run.state, run.note or "")
    _show(table)
