"""The command ``suspects``: which two of the org may be one person, as a profile says that both rules take for one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from target_salesforce_retail.companion.arguments import Number
from target_salesforce_retail.companion.command import Settings, ledger_of, run_of, says_what_to_do, show, table_of
from target_salesforce_retail.companion.printable import json_text, printable
from target_salesforce_retail.nouns import Suspect
from target_salesforce_retail.pipeline import Pipeline
from target_salesforce_retail.stages.inside.bridges import counted, pairs_of

SHOWN = 3
"""So many of the keys of one pair the table names; JSON names all."""
COLUMNS = ("one", "the other", "by", "the other by", "profiles", "keys")


@click.command()
@click.option("--limit", default=50, show_default=True, type=Number(), help="At most this many pairs.")
@click.option("--json", "is_json", is_flag=True, help="For a program; all pairs.")
@click.pass_obj
@says_what_to_do
def suspects(settings: Settings, limit: int, *, is_json: bool) -> None:
    """List pairs that may be one person: a profile is one of them, and by another rule the other. Asks the org."""
    run = run_of(settings)
    ledger, describes = ledger_of(settings), run.describes
    ledger.claim(run.session.org_id)
    pairs = pairs_of(Pipeline(run.mappings, run.org, ledger, describes).renew_suspects())
    if is_json:
        click.echo(json_text(list(map(_as_json, pairs))))
        return
    table = table_of(*COLUMNS)
    for pair in pairs[:limit]:
        table.add_row(*map(printable, _cells(pair)))
    show(table)
    click.echo(f"{counted(len(pairs)) if pairs else 'Nobody is suspected to be another'}.")


def _cells(pair: Sequence[Suspect]) -> tuple[str, ...]:
    first = pair[0]
    more = len(pair) - SHOWN
    keys = [each.key for each in pair[:SHOWN]] + ([f"and {more:,} more"] if more > 0 else [])
    people = (f"{first.object} {first.id}", f"{first.bridge.object} {first.bridge.id}")
    return (*people, first.bridge.by, first.bridge.rule, str(len(pair)), ", ".join(keys))


def _as_json(pair: Sequence[Suspect]) -> dict[str, Any]:
    first = pair[0]
    return {
        "stream": first.stream,
        "one": {"object": first.object, "id": first.id, "rule": first.bridge.by},
        "other": {"object": first.bridge.object, "id": first.bridge.id, "rule": first.bridge.rule},
        "profiles": len(pair),
        "keys": [each.key for each in pair],
    }
