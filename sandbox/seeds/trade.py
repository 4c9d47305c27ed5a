"""Time moves on: the shops trade, people mend data, and some of it comes late."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from sandbox.lightspeed.world import Row, World
from sandbox.seeds.chain import Trader, put_shopper, settled
from sandbox.seeds.people import person, respelt

EVENTS_PER_HOUR = 12


def trade(world: World, rng: Random, hours: float) -> dict[str, int]:
    """Let so many hours pass; what happened, counted."""
    start = world.clock.now().replace(microsecond=0)
    world.clock.advance(hours * 3600)
    day = Day(world, rng)
    happened: Counter[str] = Counter()
    count = max(len(day.events), round(hours * EVENTS_PER_HOUR))
    for number in range(count):
        at = start + timedelta(seconds=int(hours * 3600 * (number + 1) / (count + 1)))
        name, event = day.events[number % len(day.events)]
        if event(at):
            happened[name] += 1
    return dict(happened)


class Day:
    """What may happen in a day's trade."""

    def __init__(self, world: World, rng: Random) -> None:
        self._world = world
        self._rng = rng
        self._trader = Trader(world, rng)
        self.events: list[tuple[str, Callable[[datetime], Any]]] = [
            ("sales", self.sale),
            ("sales", self.sale),
            ("refunds", self._trader.refund),
            ("new_shoppers", self.new_shopper),
            ("shopper_edits", self.edit_shopper),
            ("price_changes", self.change_price),
            ("sales", self.sale),
            ("completed_parked_sales", self.complete_parked),
            ("voids", self.void_earlier),
            ("archived_shoppers", self.archive_shopper),
            ("late_sales", self.late_sale),
            ("payment_swaps", self.swap_payment),
            ("exchanges", self._trader.exchange),
            ("lines_taken_off", self.take_line_off),
        ]

    def sale(self, at: datetime) -> Row:
        """A sale; its goods leave the shelf."""
        sale = self._trader.sale(at)
        for line in self._world.children("SaleLine", "saleID", sale["saleID"]):
            self._move_stock(line, sale["shopID"], at)
        return sale

    def _move_stock(self, line: Row, shop: int, at: datetime) -> None:
        for row in self._world.children("ItemShop", "itemID", line["itemID"]):
            if row["shopID"] in (0, shop):
                level = row["qoh"] - line["unitQuantity"]
                self._world.put("ItemShop", {**row, "qoh": level, "sellable": level, "timeStamp": at})

    def new_shopper(self, at: datetime) -> Row:
        """Somebody new at the till."""
        number = max(self._world.tables["Customer"], default=0) + 1
        return put_shopper(self._world, self._rng, number, person(self._rng), at)

    def _shopper(self) -> Row | None:
        alive = [row for row in self._world.tables["Customer"].values() if not row["archived"]]
        return self._rng.choice(alive) if alive else None

    def edit_shopper(self, at: datetime) -> Row | None:
        """A number is spelt anew, or a birthday becomes known."""
        row = self._shopper()
        if row is None:
            return None
        phones = [{**each, "number": respelt(each["number"], self._rng)} for each in row["Contact"]["Phones"]]
        contact = {**row["Contact"], "Phones": phones, "timeStamp": at}
        bumped = {"timeStamp": at} if self._world.switches.contact_bumps_customer else {}
        born = at.replace(year=1985, hour=5, minute=0, second=0)
        return self._world.put("Customer", {**row, "dob": row["dob"] or born, "Contact": contact, **bumped})

    def archive_shopper(self, at: datetime) -> Row | None:
        """Hidden, not deleted."""
        row = self._shopper()
        return self._world.put("Customer", {**row, "archived": True, "timeStamp": at}) if row else None

    def change_price(self, at: datetime) -> Row:
        """A new price tag."""
        row = self._rng.choice(list(self._world.tables["Item"].values()))
        prices = [{**each, "amount": each["amount"] + Decimal("1.50")} for each in row["Prices"]]
        return self._world.put("Item", {**row, "Prices": prices, "timeStamp": at})

    def _sales(self, *, completed: bool) -> list[Row]:
        rows = self._world.tables["Sale"].values()
        return [row for row in rows if row["completed"] is completed and not row["voided"] and not row["archived"]]

    def complete_parked(self, at: datetime) -> Row | None:
        """A parked sale is finished."""
        parked = self._sales(completed=False)
        if not parked:
            return None
        sale = settled(self._world, self._rng.choice(parked))
        times = {"completeTime": at, "timeStamp": at, "updateTime": at + timedelta(seconds=1)}
        return self._world.put("Sale", {**sale, "completed": True, **times})

    def void_earlier(self, at: datetime) -> Row | None:
        """A sale of before is voided."""
        done = self._sales(completed=True)
        if not done:
            return None
        sale = self._rng.choice(done)
        row = {"createTime": at, "reason": "Wrong shopper", "saleID": sale["saleID"], "employeeID": 1}
        self._world.put("SaleVoid", {**row, "shopID": sale["shopID"]})
        return self._world.put("Sale", {**sale, "voided": True, "updateTime": at})

    def late_sale(self, at: datetime) -> Row:
        """Rung up yesterday, completed with yesterday's time, known only now."""
        sale = self._trader.sale(at - timedelta(hours=20))
        return self._world.put("Sale", {**sale, "createTime": at - timedelta(hours=20), "updateTime": at})

    def swap_payment(self, at: datetime) -> Row | None:
        """It was cash after all: the old payment is archived, a new one takes its place."""
        for sale in self._rng.sample(self._sales(completed=True), k=min(10, len(self._sales(completed=True)))):
            payments = self._world.children("SalePayment", "saleID", sale["saleID"])
            if len(payments) == 1 and not payments[0]["archived"]:
                self._world.put("SalePayment", {**payments[0], "archived": True})
                fresh = {name: value for name, value in payments[0].items() if name != "salePaymentID"}
                self._world.put("SalePayment", {**fresh, "paymentTypeID": 1, "createTime": at})
                return self._world.put("Sale", {**sale, "updateTime": at})
        return None

    def take_line_off(self, at: datetime) -> Row | None:
        """A line leaves a parked sale without a trace."""
        for sale in self._sales(completed=False):
            lines = self._world.children("SaleLine", "saleID", sale["saleID"])
            if len(lines) > 1:
                self._world.remove("SaleLine", lines[-1]["saleLineID"])
                bumped = {"updateTime": at} if self._world.switches.child_bumps_parent else {}
                return self._world.put("Sale", {**sale, **bumped})
        return None
