"""The commands on mappings: ``lint``, ``cases``, and ``preflight``, which holds them against the org."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
from jsonschema import Draft7Validator

from target_salesforce_retail.companion.arguments import File
from target_salesforce_retail.companion.cases import run_cases
from target_salesforce_retail.companion.command import Settings, run_of, says_what_to_do
from target_salesforce_retail.errors import ConfigError, MappingError
from target_salesforce_retail.mapping.load import lint_streams, load
from target_salesforce_retail.singer.settings import read_file

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


def _streams(catalog: str) -> dict[str, Any]:
    """Stream -> its properties with their schemas."""
    read = read_file(catalog, CATALOGS, "catalog")
    for error in Draft7Validator(CATALOG).iter_errors(read):
        place = "/".join(map(str, error.absolute_path)) or "the whole"
        raise ConfigError(f"This is no catalog: {place} breaks `{error.validator}`.", where=catalog, hint=CATALOGS)
    return {each["stream"]: each["schema"]["properties"] for each in read["streams"]}


@click.command()
@click.option("--catalog", type=File(), help="A tap's catalog: properties are held against it too.")
@click.pass_obj
@says_what_to_do
def lint(settings: Settings, catalog: str | None) -> None:
    """Read all mappings and list every problem, each with file:line. Needs no org."""
    mappings = load(Path(settings["transforms"]))
    if catalog:
        problems = lint_streams(mappings, _streams(catalog))
        if problems:
            raise MappingError(problems)
    click.echo(f"{len(mappings.ordered)} mappings, no problem: {', '.join(each.stream for each in mappings.ordered)}.")


@click.command()
@click.pass_obj
@says_what_to_do
def cases(settings: Settings) -> None:
    """Run every <stream>.cases.yml through the pipeline. Needs no org."""
    results = run_cases(Path(settings["transforms"]))
    failed = [result for result in results if result.problem]
    for result in failed:
        click.echo(f"{result.place}: {result.name}: {result.problem}", err=True)
    click.echo(f"{len(results)} cases, {len(failed)} failed.")
    sys.exit(1 if failed else 0)


@click.command()
@click.pass_obj
@says_what_to_do
def preflight(settings: Settings) -> None:
    """Log in, and hold every mapping against what the org has. Writes nothing."""
    run = run_of(settings)
    click.echo(f"The org has all that {len(run.mappings.ordered)} mappings name: {', '.join(run.describes)}.")
