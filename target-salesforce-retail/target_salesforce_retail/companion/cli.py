"""``salesforce-retail``: the companion of the Singer command, for mappings, holds and runs.

Settings come from ``--config`` files, or else from the same environment variables as the target's, so that
``meltano invoke target-salesforce-retail:holds`` works as it is.
"""

from __future__ import annotations

import click

from target_salesforce_retail import __version__
from target_salesforce_retail.companion.arguments import File
from target_salesforce_retail.companion.backfill_keys import backfill_keys
from target_salesforce_retail.companion.command import says_what_to_do, settings_of
from target_salesforce_retail.companion.decide import decide, decisions, unlink
from target_salesforce_retail.companion.explain import explain
from target_salesforce_retail.companion.inspect import holds, runs
from target_salesforce_retail.companion.mappings import cases, lint, preflight
from target_salesforce_retail.companion.rerun import plan, replay
from target_salesforce_retail.companion.suspects import suspects
from target_salesforce_retail.companion.why_not import why_not


@click.group()
@click.version_option(__version__, prog_name="salesforce-retail")
@click.option(
    "--config", "files", multiple=True, type=File(), help="Settings file (JSON); without one, the environment is read."
)
@click.pass_context
@says_what_to_do
def main(context: click.Context, files: tuple[str, ...]) -> None:
    """Mappings, holds and runs of target-salesforce-retail."""
    context.obj = settings_of(files)


READING = (lint, cases, preflight, holds, explain, why_not, decisions, suspects, plan, runs)
for command in (*READING, backfill_keys, decide, unlink, replay):
    main.add_command(command)
