"""The target in a process of its own, as Meltano starts it, for all benches that take records through it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from sqlalchemy import Row, create_engine, text

ROOT = Path(__file__).parents[1]
KEYS = ["account_id", "id"]
Message = dict[str, Any]


@dataclass(frozen=True)
class Cost:
    """What one load took.

    Attributes:
        records: How many went in.
        seconds: By the wall.
        cpu: Seconds of CPU of the target.
        calls: To Salesforce.
        peak: Most memory of the target, in MB.
    """

    records: int
    seconds: float
    cpu: float
    calls: int
    peak: float

    @property
    def per_second(self) -> float:
        """Records, end to end: lines in, STATE out."""
        return self.records / self.seconds

    @property
    def per_thousand(self) -> float:
        """Calls for each 1,000 records."""
        return self.calls * 1000 / self.records


@dataclass(frozen=True)
class Target:
    """A target with its settings.

    Attributes:
        folder: For its settings, its ledger and the lines that it is sent.
        box: The sandbox, as ``served`` says it.
        transforms: The folder of its mappings.
        ledger: The name of its ledger; another name is a target that knows nobody yet.
    """

    folder: Path
    box: Mapping[str, Any]
    transforms: Path = ROOT / "transforms"
    ledger: str = "ledger"

    def take(self, messages: Iterable[Message]) -> Cost:
        """Take a stream's lines in."""
        lines, said = self.folder / "in.singer", list(messages)
        lines.write_text("".join(f"{json.dumps(each)}\n" for each in said))
        command = self._command("target-salesforce-retail")
        calls, started = self.calls, time.monotonic()
        with lines.open() as source, (self.folder / "out.log").open("w") as log:
            process = subprocess.Popen(command, stdin=source, stdout=log, stderr=log, cwd=ROOT)
            _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - started
        if process.returncode:
            raise SystemExit((self.folder / "out.log").read_text()[-2000:])
        records = sum(each["type"] == "RECORD" for each in said)
        return Cost(records, seconds, used.ru_utime + used.ru_stime, self.calls - calls, used.ru_maxrss / 1024)

    def order(self, *words: str) -> None:
        """One of the commands for people, as an operator gives it before the first run."""
        subprocess.run([*self._command("salesforce-retail"), *words], cwd=ROOT, check=True, capture_output=True)

    def _command(self, name: str) -> list[str]:
        config = self.folder / "config.json"
        config.write_text(json.dumps(self._settings))
        return [str(Path(sys.executable).parent / name), "--config", str(config)]

    @property
    def _settings(self) -> dict[str, str]:
        client_id, client_secret = self.box["salesforce_client"]
        return {
            "login_url": self.box["salesforce_url"],
            "client_id": client_id,
            "client_secret": client_secret,
            "transforms": str(self.transforms),
            "ledger_url": self._ledger_url,
        }

    @property
    def _ledger_url(self) -> str:
        return f"sqlite:///{self.folder / self.ledger}.db"

    @property
    def calls(self) -> int:
        """How many calls the org has had."""
        with urlopen(f"{self.box['salesforce_url']}/_sandbox/counters", timeout=60) as answer:
            return int(sum(json.load(answer)["calls"].values()))

    def found(self, columns: str) -> list[Row[Any]]:
        """What the ledger says of each record.

        Args:
            columns: Of its table ``records``.
        """
        engine = create_engine(self._ledger_url)
        with engine.connect() as connection:
            rows = list(connection.execute(text(f"SELECT {columns} FROM records")))
        engine.dispose()
        return rows


def singer(stream: str, records: Iterable[Message], schema: Message | None = None) -> Iterator[Message]:
    """Records as a stream that ends with its STATE.

    Args:
        stream: Its name.
        records: Of one shape.
        schema: What they are; without it texts, by the names of the first one.
    """
    all_of_them = list(records)
    texts = {"type": "object", "properties": {name: {"type": ["string", "null"]} for name in all_of_them[0]}}
    yield {"type": "SCHEMA", "stream": stream, "key_properties": KEYS, "schema": schema or texts}
    for record in all_of_them:
        yield {"type": "RECORD", "stream": stream, "record": record}
    yield {"type": "STATE", "value": {"n": len(all_of_them)}}


def shopper_schema() -> Message:
    """What the tap says of shoppers."""
    path = ROOT / "tap-lightspeed-retail/tap_lightspeed_retail/schemas/customers.json"
    schema: Message = json.loads(path.read_text())
    return schema
