"""The whole target, from its settings to its exit code, in this process: the sandbox's org, and a ledger in a file."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from target_salesforce_retail.companion.cli import main
from target_salesforce_retail.singer.target import TargetSalesforceRetail

from sandbox.serve import Box
from tests.target.doorway import Line, written


@dataclass(frozen=True)
class Ended:
    """How a run ended.

    Attributes:
        exit_code: Of the process.
        states: What it acknowledged.
        log: What it said, at the finest level.
    """

    exit_code: int
    states: list[Any]
    log: str


@dataclass(frozen=True)
class Target:
    """One target: every ``hear`` is a run of it, every ``companion`` a command of the companion's."""

    box: Box
    folder: Path
    capsys: pytest.CaptureFixture[str]
    caplog: pytest.LogCaptureFixture
    settings: dict[str, Any]

    @property
    def config(self) -> dict[str, Any]:
        ours = {"transforms": str(self.folder / "transforms"), "ledger_url": f"sqlite:///{self.folder / 'ledger.db'}"}
        return {**self.box.target_config(self.folder), **ours, **self.settings}

    def maps(self, **documents: str) -> Target:
        """Write the mappings down, one file each."""
        folder = self.folder / "transforms"
        folder.mkdir(exist_ok=True)
        for stream, text in documents.items():
            (folder / f"{stream}.yml").write_text(text, "utf-8")
        return self

    def hear(self, *lines: Line) -> Ended:
        """A run over these lines."""
        self.caplog.clear()
        self.caplog.set_level(1)
        self.capsys.readouterr()
        text = io.TextIOWrapper(io.BytesIO(b"".join(map(written, lines))), encoding="utf-8")
        code = 0
        try:
            given = SimpleNamespace(config=self.config, parse_env=False)
            TargetSalesforceRetail.invoke(config=given, file_input=text)
        except SystemExit as ended:
            code = int(ended.code or 0)
        states = [json.loads(line) for line in self.capsys.readouterr().out.splitlines()]
        return Ended(code, states, "\n".join(each.getMessage() for each in self.caplog.records))

    def companion(self, *words: str) -> str:
        """What a command of the companion's says."""
        file = self.folder / "config.json"
        file.write_text(json.dumps(self.config), "utf-8")
        return CliRunner().invoke(main, ["--config", str(file), *words]).output

    def explained(self, stream: str, key: str) -> dict[str, Any]:
        """What `explain` says of a record."""
        answer: dict[str, Any] = json.loads(self.companion("explain", stream, key, "--values", "--json"))
        return answer

    def counted(self) -> dict[str, int]:
        """How often each reason came in the last run, as `runs` says."""
        (run,) = json.loads(self.companion("runs", "--limit", "1", "--format", "json"))
        counts: dict[str, int] = run["reasons"]
        return counts

    def reasons(self) -> dict[str, str]:
        """Key -> reason and code of each open hold, as `holds` lists them."""
        lines = [line.split() for line in self.companion("holds").splitlines()[1:-1]]
        return {words[2]: words[3] for words in lines if len(words) > 3 and words[0].isdigit()}

    def rows(self, name: str) -> list[dict[str, Any]]:
        """What the org holds."""
        return [row for row in self.box.org.tables[name].values() if not row.get("IsDeleted")]
