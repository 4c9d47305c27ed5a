"""Two runs at once over two accounts with the same shoppers, and what must be true when both have ended.

A person is told by the last name, which no two have; the target does not match by it.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from target_salesforce_retail.ledger.store import open_ledger
from target_salesforce_retail.mapping.load import load as load_mappings
from target_salesforce_retail.mapping.rules import Mappings
from target_salesforce_retail.org.session import OrgSettings, Session
from target_salesforce_retail.run import Run
from target_salesforce_retail.singer.arrivals import ArrivalBuilder
from target_salesforce_retail.singer.settings import SETTINGS, with_defaults

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


def ledger_url(folder: Path, name: str) -> str:
    return f"sqlite:///{folder / name}.db"


def new_run(box: Box, ledger_url: str, *, pace: float = 0.02, seed: int = 0) -> Run:
    """A run's assembly that waits only ``pace`` of what it would."""
    client_id, secret = box.salesforce_client
    settings = {
        "login_url": box.salesforce_url,
        "client_id": client_id,
        "client_secret": secret,
        "transforms": str(ROOT / "transforms"),
        "ledger_url": ledger_url,
    }
    made = Run(with_defaults(SETTINGS.to_dict(), settings))
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
    made.org._describes |= DESCRIBED
    return made


def load(run: Run, shop: Shop, batch: int, streams: Sequence[str] = STREAMS) -> None:
    """What the target does with a shop's lines, from SCHEMA to the end of input."""
    for stream in streams:
        run.check_schema(stream, schema(stream))
        builder = ArrivalBuilder(stream, schema(stream), ["account_id", "id"])
        arrivals = [builder.arrival(record) for record in shop.records(stream)]
        for start in range(0, len(arrivals), batch):
            run.load(stream, arrivals[start : start + batch])
    run.finish()
    DESCRIBED.update(run.org._describes)


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
