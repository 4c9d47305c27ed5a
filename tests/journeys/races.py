"""Two runs at once over two accounts with the same shoppers, and what must be true when both have ended.

A person is told by the last name, which no two have; the target does not match by it.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from target_salesforce_retail.assemble import Assembly
from target_salesforce_retail.config import with_defaults
from target_salesforce_retail.door import Door
from target_salesforce_retail.ledger.look import Hold
from target_salesforce_retail.ledger.store import SqlLedger, open_ledger
from target_salesforce_retail.mapping.load import load as load_mappings
from target_salesforce_retail.mapping.rules import Mappings
from target_salesforce_retail.org.session import OrgSettings, Session
from target_salesforce_retail.target import SETTINGS

from sandbox.serve import ROOT, Box

ACCOUNTS = ("1", "2")
STREAMS = ("customers", "sales")
SYLLABLES = (
    "ba",
    "cor",
    "den",
    "fil",
    "gam",
    "hul",
    "jo",
    "kem",
    "lun",
    "mir",
    "nor",
    "pax",
    "quil",
    "rud",
    "sev",
    "tor",
)
FIRST_NAMES = ("Ada", "Bela", "Carl", "Dora", "Emil", "Fenja", "Gustav", "Hedwig", "Ivo", "Jette")
Record = dict[str, Any]


@dataclass
class Shop:
    """What one account has: its customers and its sales, in the order in which they come."""

    account: str
    customers: list[Record] = field(default_factory=list)
    sales: list[Record] = field(default_factory=list)

    def records(self, stream: str) -> list[Record]:
        return self.customers if stream == "customers" else self.sales

    def singer(self) -> str:
        """As Singer lines, with a STATE at the end."""
        lines: list[Record] = []
        for stream in STREAMS:
            lines.append(
                {"type": "SCHEMA", "stream": stream, "key_properties": ["account_id", "id"], "schema": schema(stream)}
            )
            lines += [{"type": "RECORD", "stream": stream, "record": record} for record in self.records(stream)]
        lines.append({"type": "STATE", "value": {"account": self.account}})
        return "".join(f"{json.dumps(line)}\n" for line in lines)


@dataclass
class Town:
    """Shoppers who buy in both accounts.

    Attributes:
        shops: The two accounts.
        persons: Last name -> keys of that person's profiles.
        known: Rows that the org has of some of them beforehand: (object, values).
    """

    shops: tuple[Shop, Shop]
    persons: dict[str, list[str]]
    known: list[tuple[str, Record]]

    def settle_in(self, box: Box) -> None:
        """Let the org know whom it knows beforehand."""
        for name, values in self.known:
            box.org.insert_as_user(name, values)


@cache
def schema(stream: str) -> Record:
    path = ROOT / f"tap-lightspeed-retail/tap_lightspeed_retail/schemas/{stream}.json"
    found: Record = json.loads(path.read_text())
    return found


def town(seed: int, shoppers: int = 40) -> Town:
    """Shoppers with the same e-mail or phone in both accounts, some with two profiles in one, some known to the org."""
    draw = random.Random(seed)
    shops = (Shop("1"), Shop("2"))
    persons: dict[str, list[str]] = {}
    known: list[tuple[str, Record]] = []
    for number, last_name in enumerate(_last_names(draw, shoppers)):
        person = _person(draw, number, last_name)
        keys = persons[last_name] = []
        for shop in shops:
            profiles = draw.choice((0, 1, 1, 1, 1, 2))
            keys.extend(_profile(draw, shop, person, 1 + number * 10 + profile) for profile in range(profiles))
        if draw.random() < 0.2:
            known.append(_known(draw, person))
    for shop in shops:
        draw.shuffle(shop.sales)
        if draw.random() < 0.5:  # else both come to the same shoppers at the same time
            draw.shuffle(shop.customers)
    return Town(shops, {name: keys for name, keys in persons.items() if keys}, known)


def _last_names(draw: random.Random, count: int) -> list[str]:
    names: dict[str, None] = {}
    while len(names) < count:
        names["".join(draw.sample(SYLLABLES, 4)).capitalize()] = None
    return list(names)


def _person(draw: random.Random, number: int, last_name: str) -> Record:
    by_phone = draw.random() < 0.25
    return {
        "first_name": draw.choice(FIRST_NAMES),
        "last_name": last_name,
        "email": None if by_phone else f"{last_name.lower()}@example.com",
        "mobile": f"514250{number:04d}" if by_phone or draw.random() < 0.5 else None,
    }


def _profile(draw: random.Random, shop: Shop, person: Record, number: int) -> str:
    email, mobile = person["email"], person["mobile"]
    record = {
        **person,
        "account_id": shop.account,
        "id": str(number),
        "email": email and draw.choice((email, email.upper())),
        "mobile": mobile and draw.choice((mobile, f"({mobile[:3]}) {mobile[3:6]}-{mobile[6:]}")),
        "archived": False,
        "updated_at": "2026-11-01T10:00:00+00:00",
    }
    shop.customers.append(record)
    for receipt in range(draw.randint(0, 3)):
        shop.sales.append(
            {
                "account_id": shop.account,
                "id": str(number * 10 + receipt),
                "number": person["last_name"],  # so that a receipt says whose it is
                "kind": "sale",
                "state": "completed",
                "customer_id": str(number),
                "total": 10 + receipt,
                "line_ids": [],
                "payment_ids": [],
                "updated_at": "2026-11-01T10:00:00+00:00",
            }
        )
    return f"{shop.account}:{number}"


def _known(draw: random.Random, person: Record) -> tuple[str, Record]:
    values = {"LastName": person["last_name"], "FirstName": person["first_name"]}
    reached = {"Email": person["email"]} if person["email"] else {"Phone": person["mobile"]}
    if draw.random() < 0.6:
        return "Contact", values | reached
    return "Lead", {**values, **reached, "Company": "At home"}


# Running, within this process

DESCRIBED: dict[str, Any] = {}
"""What the org's objects look like: no news from one run to the next, nor are the calls that ask for it."""


@cache
def mappings() -> Mappings:
    """Those of the streams that are run here, and of what they refer to."""
    everything = load_mappings(ROOT / "transforms")
    return Mappings(tuple(each for each in everything.ordered if each.stream in ("shops", *STREAMS)))


def assembly(box: Box, ledger_url: str, *, pace: float = 0.02, seed: int = 0) -> Assembly:
    """A run's assembly that waits only ``pace`` of what it would."""
    client_id, secret = box.salesforce_client
    settings = {
        "login_url": box.salesforce_url,
        "client_id": client_id,
        "client_secret": secret,
        "transforms": str(ROOT / "transforms"),
        "ledger_url": ledger_url,
    }
    made = Assembly(with_defaults(SETTINGS.to_dict(), settings))
    made.__dict__["mappings"] = mappings()
    jitter = random.Random(seed).random
    made.__dict__["session"] = Session(
        OrgSettings(box.salesforce_url, client_id, secret),
        sleep=lambda seconds: time.sleep(seconds * pace),
        jitter=jitter,
    )
    ledger = open_ledger(ledger_url, sleep=lambda seconds: time.sleep(seconds * pace))
    ledger.open_run()
    made.__dict__["ledger"] = ledger
    made.org._known |= DESCRIBED
    return made


def load(run: Assembly, shop: Shop, batch: int, streams: Sequence[str] = STREAMS) -> None:
    """What the target does with a shop's lines, from SCHEMA to the end of input."""
    for stream in streams:
        run.expect(stream, schema(stream))
        door = Door(stream, schema(stream), ["account_id", "id"])
        arrivals = [door.arrival(record) for record in shop.records(stream)]
        for start in range(0, len(arrivals), batch):
            run.run(stream, arrivals[start : start + batch])
    run.finish()
    DESCRIBED.update(run.org._known)


def at_once(*deeds: Callable[[], None]) -> None:
    """All deeds, each in a thread of its own, begun together; the first failure is raised."""
    gate = threading.Barrier(len(deeds))
    failed: list[BaseException] = []

    def run(deed: Callable[[], None]) -> None:
        gate.wait()
        try:
            deed()
        except BaseException as error:  # it is raised below
            failed.append(error)

    threads = [threading.Thread(target=run, args=(deed,), daemon=True) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=110)
        assert not thread.is_alive(), "a run hangs"
    if failed:
        raise failed[0]


# Weather


def slow_weather(box: Box, seed: int) -> None:
    """Some calls are slow, some are lost before or after they took effect, some are refused with 503."""
    draw = random.Random(seed)
    gusts = [
        {
            "fault": "slow",
            "path": "*/composite",
            "skip": draw.randint(0, 4),
            "times": draw.randint(1, 3),
            "seconds": draw.choice((0.02, 0.1, 0.3)),
        }
        for _ in range(6)
    ]
    box.weather_s.plan_dicts(gusts)
    box.weather_s.storm(seed, 0.12, ["503", "drop", "truncate"])


# What must be true


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


def ledger_url(folder: Path, name: str) -> str:
    return f"sqlite:///{folder / name}.db"


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


def _look_for_doubles(found: Findings, box: Box, scene: Town, holds: Sequence[Hold]) -> None:
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
