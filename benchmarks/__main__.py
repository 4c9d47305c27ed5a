"""``make bench``: figures and ratios, printed and never asserted.

Customers matched and upserted on the sandbox (here), the stand-in org alone (``org.py``), the tap against the rate
limit and the till (``lightspeed.py``), who is who among people whom nobody here made up (``people/``) and in a messy
chain with known truth (``messy/``), and what match rules cost (``rules.py``). ``make bench PROFILES=2000`` is a smaller
chain.

For each shape of work: records per second end to end (Singer lines in, STATE out, one process), Salesforce calls per
1,000 records, and the peak memory of the target. The sandbox runs in a process of its own, as an org would.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import lightspeed, messy, org, people, rules
from benchmarks.target import Target, shopper_schema, singer
from sandbox.process import served

COUNT = 5000


def main() -> None:
    """Print the table."""
    print(f"{'customers':<34}{'records/s':>11}{'calls/1,000':>13}{'peak MB':>9}")
    with tempfile.TemporaryDirectory() as folder, served(seed="empty") as box:
        first = measure("all new", "Ann", Target(Path(folder), box))
        again = measure("all there, nothing changed", "Ann", Target(Path(folder), box))
        changed = measure("all there, one field changed", "Anna", Target(Path(folder), box, ledger="fresh"))
    print(f"\nunchanged / new: {again / first:.2f} x the records per second; changed / new: {changed / first:.2f} x")


def measure(name: str, first_name: str, target: Target) -> float:
    """One load; prints its row and returns records per second."""
    cost = target.take(singer("customers", customers(COUNT, first_name), shopper_schema()))
    print(f"{f'{COUNT:,} {name}':<34}{cost.per_second:>11,.0f}{cost.per_thousand:>13.1f}{cost.peak:>9.0f}")
    return cost.per_second


def customers(count: int, first_name: str) -> Iterator[dict[str, Any]]:
    """Invented shoppers; every fifth without e-mail, every third without phone."""
    for number in range(count):
        yield {
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


if __name__ == "__main__":
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    main()
    org.main()
    lightspeed.main()
    people.main()
    messy.main(int(sys.argv[1]) if sys.argv[1:] else messy.PROFILES)
    rules.main()
