"""Runs the real commands against a sandbox, as a person would: the tap, the target, and the pipe between them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import requests

from tests.journeys.warm import COMMANDS, Warm
from tests.lanes import SHORTCUTS

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
MELTANO = str(BIN / "meltano")
NETGUARD = Path(__file__).parent / "netguard"
QUIET = {"PYTHONPATH": f"{ROOT}:{ROOT / 'tap-lightspeed-retail'}:{ROOT / 'target-salesforce-retail'}"}


def environment(**more: str) -> dict[str, str]:
    """This process's environment with the repository's packages first."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, **QUIET, **more}


@dataclass
class Pair:
    """The tap and the target, configured for one sandbox."""

    box: Any
    folder: Path
    target_settings: dict[str, Any] = field(default_factory=dict)
    tap_settings: dict[str, Any] = field(default_factory=dict)

    @property
    def state_file(self) -> Path:
        return self.folder / "state.json"

    def _config(self, name: str, settings: dict[str, Any]) -> str:
        path = self.folder / f"{name}.config.json"
        path.write_text(json.dumps(settings))
        return str(path)

    def tap_command(self) -> list[str]:
        config = self._config("tap", {**self.box.tap_config(self.folder), **self.tap_settings})
        command = [str(BIN / "tap-lightspeed-retail"), "--config", config]
        return [*command, "--state", str(self.state_file)] if self.state_file.exists() else command

    def target_command(self) -> list[str]:
        config = self._config("target", {**self.box.target_config(self.folder), **self.target_settings})
        return [str(BIN / "target-salesforce-retail"), "--config", config]

    def companion(self, *words: str) -> subprocess.CompletedProcess[str]:
        config = self._config("target", {**self.box.target_config(self.folder), **self.target_settings})
        return run([str(BIN / "salesforce-retail"), "--config", config, *words])

    def extract(self) -> str:
        """What the tap says, with the state of the last load."""
        done = run(self.tap_command())
        assert done.returncode == 0, done.stderr
        return done.stdout

    def load(self, singer: str) -> subprocess.CompletedProcess[str]:
        """Pipe Singer lines into the target and keep the last state it says, as Meltano does."""
        done = run(self.target_command(), input=singer)
        lines = done.stdout.splitlines()
        if lines:
            self.state_file.write_text(lines[-1])
        return done

    def sync(self) -> subprocess.CompletedProcess[str]:
        """Tap into target."""
        return self.load(self.extract())

    def rows(self, name: str) -> list[dict[str, Any]]:
        """What the org holds, as the sandbox's admin sees it."""
        return [row for row in self.box.org.tables[name].values() if not row.get("IsDeleted")]

    def writes(self) -> dict[tuple[str, str], int]:
        return {key: count for key, count in self.box.org.writes.items() if count}

    def weather(self, *gusts: dict[str, Any], vendor: str = "salesforce") -> None:
        url = getattr(self.box, f"{vendor}_url")
        requests.post(f"{url}/_sandbox/weather", json=list(gusts), timeout=5).raise_for_status()


def run(command: list[str], **kwargs: Any) -> subprocess.CompletedProcess[str]:
    """Run to the end, with output as text.

    A plugin's command is forked from a process that has it loaded; with ``SHORTCUTS=none`` each is started anew, as
    what a story starts by itself always is.
    """
    env = kwargs.pop("env", environment())
    timeout = kwargs.pop("timeout", 110)
    if SHORTCUTS and command[0] in {str(BIN / name) for name in COMMANDS} and kwargs.keys() <= {"input"}:
        return warm().run(command, env=env, timeout=timeout, said=kwargs.get("input", ""))
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, env=env, check=False, **kwargs)


@cache
def warm() -> Warm:
    """This test process's own."""
    return Warm(environment())


STAMPS = {"Id", "CreatedDate", "LastModifiedDate", "SystemModstamp", "LastViewedDate", "LastReferencedDate"}


def comparable(org: Any) -> dict[str, list[str]]:
    """The org's rows without what two honest runs may differ in: ids, time stamps, and numbers that the org counts up.

    Lookups are told by the key of what they refer to.
    """
    keys = {
        row_id: row.get("Lightspeed_Key__c") or row.get("Email") or row.get("Name")
        for table in org.tables.values()
        for row_id, row in table.items()
    }
    counted = {
        sobject.name: {field.name for field in sobject.fields.values() if field.number_format}
        for sobject in org.schema.objects.values()
    }
    return {
        name: sorted(
            json.dumps(
                {field: keys.get(value, value) for field, value in row.items() if field not in STAMPS | counted[name]},
                sort_keys=True,
                default=str,
            )
            for row in table.values()
        )
        for name, table in org.tables.items()
        if table
    }
