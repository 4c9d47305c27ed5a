"""``make bench``: figures and ratios, printed and never asserted.

Customers matched and upserted on the sandbox (here), the stand-in org alone (``org.py``), the tap against the rate
limit and the till (``lightspeed.py``), who is who among people whom nobody here made up (``people/``), and what match
rules cost (``rules.py``).

For each shape of work: records per second end to end (Singer lines in, STATE out, one process), Salesforce calls per
1,000 records, and the peak memory of the target. The sandbox runs in a process of its own, as an org would.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from benchmarks import lightspeed, org, people, rules
from sandbox.process import served

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
COUNT = 5000


def main() -> None:
    """Print the table."""
    print(f"{'customers':<34}{'records/s':>11}{'calls/1,000':>13}{'peak MB':>9}")
    with tempfile.TemporaryDirectory() as folder, served(seed="empty") as box:
        load = Load(Path(folder), box)
        first = load.measure("all new", COUNT, "Ann")
        again = load.measure("all there, nothing changed", COUNT, "Ann")
        changed = load.measure("all there, one field changed", COUNT, "Anna", ledger="fresh")
    print(f"\nunchanged / new: {again / first:.2f} x the records per second; changed / new: {changed / first:.2f} x")


class Load:
    """Loads customers into the sandbox's org and measures the target's process."""

    def __init__(self, folder: Path, box: dict[str, Any]) -> None:
        self._folder = folder
        self._box = box

    def measure(self, name: str, count: int, first_name: str, *, ledger: str = "ledger") -> float:
        """One load; prints its row and returns records per second."""
        lines = self._folder / "in.singer"
        lines.write_text("".join(f"{json.dumps(line)}\n" for line in customers(count, first_name)))
        calls = self._calls()
        peak_before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        started = time.monotonic()
        with lines.open() as source:
            subprocess.run(self._command(ledger), stdin=source, cwd=ROOT, check=True, capture_output=True)
        seconds = time.monotonic() - started
        peak = max(peak_before, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024
        per_thousand = (self._calls() - calls) * 1000 / count
        print(f"{f'{count:,} {name}':<34}{count / seconds:>11,.0f}{per_thousand:>13.1f}{peak:>9.0f}")
        return count / seconds

    def _command(self, ledger: str) -> list[str]:
        settings = {
            "login_url": self._box["salesforce_url"],
            "client_id": self._box["salesforce_client"][0],
            "client_secret": self._box["salesforce_client"][1],
            "transforms": str(ROOT / "transforms"),
            "ledger_url": f"sqlite:///{self._folder / ledger}.db",
        }
        config = self._folder / "config.json"
        config.write_text(json.dumps(settings))
        return [str(BIN / "target-salesforce-retail"), "--config", str(config)]

    def _calls(self) -> int:
        with urlopen(f"{self._box['salesforce_url']}/_sandbox/counters", timeout=10) as answer:
            return int(sum(json.load(answer)["calls"].values()))


def customers(count: int, first_name: str) -> Iterator[dict[str, Any]]:
    """Singer lines of invented shoppers; every fifth without e-mail, every third without phone."""
    schema = json.loads((ROOT / "tap-lightspeed-retail/tap_lightspeed_retail/schemas/customers.json").read_text())
    yield {"type": "SCHEMA", "stream": "customers", "key_properties": ["account_id", "id"], "schema": schema}
    for number in range(count):
        record = {
            "account_id": "1",
            "id": str(number),
            "first_name": first_name,
            "last_name": f"Lovelock{number}",
            "email": f"ann{number}@example.com" if number % 5 else None,
            "mobile": f"(514) 2{number // 10000:02}-{number % 10000:04}" if number % 3 else None,
            "birth_date": "1990-05-17" if first_name == "Ann" else "1990-05-18",
            "archived": False,
            "updated_at": "2026-11-01T10:00:00+00:00",
        }
        yield {"type": "RECORD", "stream": "customers", "record": record}
    yield {"type": "STATE", "value": {"n": count}}


if __name__ == "__main__":
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    main()
    org.main()
    lightspeed.main()
    people.main()
    rules.main()
