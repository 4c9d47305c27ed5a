"""What every command for people begins with: its settings, and how it ends in a sentence and shows a table."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec

import click
from rich.console import Console
from rich.table import Table

from target_salesforce_retail.companion.printable import printable
from target_salesforce_retail.defects import REPORT, named
from target_salesforce_retail.errors import ConfigError, RetailError
from target_salesforce_retail.ledger.store import SqlLedger, open_ledger
from target_salesforce_retail.mapping.load import load
from target_salesforce_retail.mapping.rules import Mappings
from target_salesforce_retail.run import Run
from target_salesforce_retail.singer.settings import ENV_PREFIX, read_file, setting_problems, with_defaults
from target_salesforce_retail.singer.target import TargetSalesforceRetail

P = ParamSpec("P")
Settings = dict[str, Any]
SETTINGS = (
    "Name a file that holds the settings of the target as one JSON object, or none: then the environment is read."
)
LISTS = frozenset({"fields", "candidates", "waits for"})
"""Columns that may hold several names or ids."""
CLICKS_OWN = (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError)


def settings_of(files: Sequence[str]) -> Settings:
    """Settings of the files, or of the environment; with defaults. Which are missing depends on the command."""
    settings: Settings = {}
    for file in files:
        settings |= read_file(file, SETTINGS)
    if not files:
        settings = dict(TargetSalesforceRetail._env_var_config)  # noqa: SLF001
    schema = {**TargetSalesforceRetail.config_jsonschema, "required": []}
    return checked(schema, with_defaults(schema, settings))


def checked(schema: dict[str, Any], settings: Settings) -> Settings:
    """The settings, once they fit the schema.

    Raises:
        ConfigError: They do not; every problem at once.
    """
    problems = setting_problems(schema, settings, ENV_PREFIX)
    if problems:
        raise ConfigError(" ".join(problems), where="settings")
    return settings


def run_of(settings: Settings) -> Run:
    """A run as the target's own, of which what it needs is made when it is needed."""
    return Run(checked(TargetSalesforceRetail.config_jsonschema, settings))


def ledger_of(settings: Settings) -> SqlLedger:
    """The ledger alone: for what needs no org."""
    return open_ledger(settings["ledger_url"])


def mappings_of(settings: Settings) -> Mappings:
    """The mappings as they are now; none where they cannot be read."""
    with suppress(RetailError):
        return load(Path(settings["transforms"]))
    return Mappings(())


def digests_of(settings: Settings) -> Mapping[str, str]:
    """Stream -> the digest of its mapping as it is now; empty where the mappings cannot be read."""
    return mappings_of(settings).digests


def says_what_to_do(command: Callable[P, None]) -> Callable[P, None]:
    """End with the error's own sentence and exit code instead of a traceback."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except RetailError as error:
            click.echo("\n".join(map(printable, str(error).splitlines())), err=True)
            sys.exit(error.exit_code)
        except CLICKS_OWN:
            raise
        except Exception as error:
            click.echo(f"The command failed: {named(error)}. {REPORT}", err=True)
            sys.exit(1)

    return run


def table_of(*columns: str) -> Table:
    """A table whose words stay whole; lists wrap, and the last column, which stays wide enough to be read."""
    table = Table(box=None)
    for name in columns[:-1]:
        table.add_column(name, no_wrap=name not in LISTS)
    table.add_column(columns[-1], min_width=30)
    return table


def show(table: Table) -> None:
    """Print a table as wide as the terminal; what is piped on is not cut."""
    console = Console(markup=False, emoji=False)  # a key is no markup
    if not console.is_terminal:
        console.width = 180
    console.print(table)


def of_all(shown: int, there: int, what: str) -> str:
    """How much of a list was shown, as a sentence.

    Args:
        shown: So many.
        there: Of so many.
        what: Of what.
    """
    return f"{counted(there, what)}." if shown == there else f"{shown:,} of {there:,} {what} shown."


def counted(number: int, what: str) -> str:
    """So many of what is named in the plural: ``1 open hold`` of ``open holds``."""
    return f"{number:,} {what.removesuffix('s') if number == 1 else what}"
