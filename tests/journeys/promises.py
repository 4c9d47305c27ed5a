"""What must be true when two runs have ended: of persons, of arrivals, of receipts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from target_salesforce_retail.ledger.listing import HoldSummary
from target_salesforce_retail.ledger.store import SqlLedger, open_ledger

from sandbox.serve import Box
from tests.journeys.races import STREAMS, Town, ledger_url


@dataclass
class Findings:
    """What two runs left behind.

    Attributes:
        faults: What must not be.
        doubled: Persons with more than one living record, all of them named by a hold.
        holds: Open holds by stream and reason.
    """

    faults: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    holds: Counter[tuple[str, str]] = field(default_factory=Counter)


def assess(box: Box, folder: Path, ledgers: Sequence[str], scene: Town) -> Findings:
    """Hold the org and the ledgers against what is promised.

    Args:
        box: The sandbox.
        folder: Where the ledgers are.
        ledgers: For each account, the name of its ledger.
        scene: Who came.
    """
    opened = {name: open_ledger(ledger_url(folder, name)) for name in set(ledgers)}
    of_account = {shop.account: opened[name] for shop, name in zip(scene.shops, ledgers, strict=True)}
    holds = [hold for ledger in opened.values() for hold in ledger.holds(limit=10_000)]
    found = Findings(holds=Counter((hold.stream, hold.reason.value) for hold in holds))
    _look_for_doubles(found, box, scene, holds)
    held = {(hold.stream, hold.key) for hold in holds}
    _look_for_lost(found, box, scene, of_account, held)
    _look_for_strayed(found, box, scene, held)
    return found


def living(box: Box, name: str) -> Iterator[Mapping[str, Any]]:
    """Rows that are neither deleted nor converted."""
    return (row for row in box.org.tables[name].values() if not row["IsDeleted"] and not row.get("IsConverted"))


def people(box: Box) -> dict[str, list[Mapping[str, Any]]]:
    """Last name -> living contacts and leads."""
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for name in ("Contact", "Lead"):
        for row in living(box, name):
            found[row["LastName"]].append(row)
    return found


def _look_for_doubles(found: Findings, box: Box, scene: Town, holds: Sequence[HoldSummary]) -> None:
    named: dict[str, set[str]] = defaultdict(set)
    for hold in holds:
        named[hold.key] |= set(hold.candidates)
    for last_name, rows in people(box).items():
        if len(rows) < 2:
            continue
        ids = {row["Id"] for row in rows}
        if ids <= set().union(*(named[key] for key in scene.persons[last_name])):
            found.doubled.append(last_name)
        else:
            keys = [row["Lightspeed_Key__c"] for row in rows]
            found.faults.append(f"{last_name} is there {len(rows)} times and no hold names them: {keys}")


def _look_for_lost(
    found: Findings, box: Box, scene: Town, ledgers: Mapping[str, SqlLedger], held: set[tuple[str, str]]
) -> None:
    there = people(box)
    receipts = {row["Lightspeed_Key__c"] for row in living(box, "Retail_Sale__c")}
    for last_name, keys in scene.persons.items():
        if not there[last_name] and not all(("customers", key) in held for key in keys):
            found.faults.append(f"{last_name} is nowhere")
    for shop in scene.shops:
        for stream in STREAMS:
            for record in shop.records(stream):
                key = f"{shop.account}:{record['id']}"
                if ledgers[shop.account].record(stream, key) is None:
                    found.faults.append(f"{stream} {key} has no outcome")
                if stream == "sales" and key not in receipts and (stream, key) not in held:
                    found.faults.append(f"receipt {key} is neither in the org nor held")


def _look_for_strayed(found: Findings, box: Box, scene: Town, held: set[tuple[str, str]]) -> None:
    """Every receipt that is there hangs on a living record of the person who bought."""
    of_person = {row["Id"]: last_name for last_name, rows in people(box).items() for row in rows}
    for row in living(box, "Retail_Sale__c"):
        key, hangs_on = row["Lightspeed_Key__c"], [row["Contact__c"], row["Lead__c"]]
        owners = [of_person.get(each) for each in hangs_on if each]
        if owners != [row["Name"]]:
            found.faults.append(f"receipt {key} hangs on {owners or 'nobody'}, not on {row['Name']}")
