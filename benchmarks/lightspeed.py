"""The tap against the rate limit and against the till, in simulated time: deterministic, and hours take seconds."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.simulated import Said, Watched
from sandbox.clock import Clock
from sandbox.lightspeed.bucket import BASE_DRIP, BASE_SIZE
from sandbox.lightspeed.world import World
from sandbox.seeds.trade import Day
from sandbox.serve import Box, running

NOON = datetime(2026, 11, 2, 12, tzinfo=timezone.utc)
SALES = 100_000
HOURS = 8
EVERY = 120
"""Seconds between two things that happen at the till, on average."""
RECEIPTS = ("sales", "sale_lines", "sale_payments")
FOLLOWED = ("customers", "items", "inventory", *RECEIPTS)


def main() -> None:
    """Print both tables."""
    print(f"\n{'one register, simulated time':<46}{'figure':>12}")
    with tempfile.TemporaryDirectory() as folder:
        backfill(Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        follow(Path(folder))


def backfill(folder: Path) -> None:
    """All receipts of a shop, once: how long, and how long the leaky bucket permits."""
    with one_register(NOON) as box:
        multiply(box.world, SALES)
        watched = Watched(box, folder, RECEIPTS)
        told = [0]
        started, real = watched.clock.now(), time.monotonic()
        watched.run(lambda said: told.__setitem__(0, told[0] + (said.stream == "sales")))
        seconds, real = watched.clock.now() - started, time.monotonic() - real
        bucket = box.world.bucket
        permitted = (bucket.drips - BASE_SIZE) / BASE_DRIP
        _row("back-fill: receipts", f"{told[0]:,}")
        _row("  drips used", f"{bucket.drips:,.0f}")
        _row("  minutes taken", f"{seconds / 60:.1f}")
        _row("  minutes that the leaky bucket permits", f"{permitted / 60:.1f}")
        _row("  taken / permitted", f"{seconds / permitted:.3f}")
        _row("  answers 429", str(box.world.bucket.refusals))
        _row("  receipts per second of this machine", f"{told[0] / real:,.0f}")


def follow(folder: Path) -> None:
    """A day at the till, followed: from the till to the emitted record."""
    with one_register(NOON) as box:
        watched = Watched(box, folder, FOLLOWED, follow=True)
        till = Till(box, Random(3))
        till.open(watched, HOURS * 3600)
        before = box.world.bucket.drips
        watched.run(till.see)
        lags = sorted(till.lags)
        _row(f"follow: receipts in {HOURS} hours", f"{len(lags):,}")
        _row("  seconds from till to record, median", f"{statistics.median(lags):.1f}")
        _row("  seconds from till to record, 95th percentile", f"{lags[int(len(lags) * 0.95)]:.1f}")
        _row("  seconds from till to record, most", f"{lags[-1]:.1f}")
        _row("  receipts not told", str(len(till.waiting)))
        used = (box.world.bucket.drips - before) / (HOURS * 3600 * BASE_DRIP)
        _row("  share of the rate used", f"{used:.1%}")
        _row("  answers 429", str(box.world.bucket.refusals))


class Till:
    """What happens at the till, and when the tap told of it.

    Attributes:
        waiting: When each receipt that the tap has not told was rung up, by its id.
        lags: Seconds from till to record.
    """

    def __init__(self, box: Box, random: Random) -> None:
        self.waiting: dict[str, datetime] = {}
        self.lags: list[float] = []
        self._box = box
        self._random = random
        self._day = Day(box.world, random)

    def open(self, watched: Watched, seconds: float) -> None:
        """Plan the day, and its end."""
        at, number = 0.0, 0
        while at < seconds:
            name, event = self._day.events[number % len(self._day.events)]
            watched.clock.plan(at, lambda name=name, event=event: self._happens(name, event))
            at += self._random.expovariate(1 / EVERY)
            number += 1
        watched.clock.end(seconds)

    def _happens(self, name: str, event: Any) -> None:
        now = self._box.clock.now()
        row = event(now.replace(microsecond=0))
        if name in ("sales", "refunds", "exchanges", "late_sales"):
            self.waiting[str(row["saleID"])] = now

    def see(self, said: Said) -> None:
        """A record left the tap."""
        rung_up = self.waiting.pop(said.record["id"], None) if said.stream == "sales" else None
        if rung_up:
            self.lags.append((said.at - rung_up).total_seconds())


def multiply(world: World, count: int) -> None:
    """So many receipts, like those that are there, a minute apart."""
    templates = world.rows("Sale")
    parts = {
        resource: {row["saleID"]: world.children(resource, "saleID", row["saleID"]) for row in templates}
        for resource in ("SaleLine", "SalePayment")
    }
    made = world.clock.now() - timedelta(minutes=count)
    next_part = {"SaleLine": 10_000, "SalePayment": 10_000}
    for number in range(count - len(templates)):
        template = templates[number % len(templates)]
        key, at = 10_000 + number, made + timedelta(minutes=number)
        times = {name: at if template[name] else None for name in ("createTime", "completeTime")}
        world.put("Sale", {**template, "saleID": key, **times, "timeStamp": at, "updateTime": at})
        for resource, by_sale in parts.items():
            for part in by_sale[template["saleID"]]:
                name = f"{resource[0].lower()}{resource[1:]}ID"
                world.put(resource, {**part, name: next_part[resource], "saleID": key, "createTime": at})
                next_part[resource] += 1


@contextmanager
def one_register(now: datetime) -> Iterator[Box]:
    """A chain whose subscription has one register only: the smallest bucket there is."""
    with running(seed="chain", clock=Clock(now)) as box:
        for row in box.world.rows("Register")[1:]:
            box.world.remove("Register", row["registerID"])
        yield box


def _row(name: str, figure: str) -> None:
    print(f"{name:<46}{figure:>12}")
