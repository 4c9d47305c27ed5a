"""Time moves on: the shops trade, people mend data, and some of it comes late."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from sandbox.lightspeed.world import Row, World
from sandbox.seeds.book import Moments, ReceiptBook
from sandbox.seeds.catalogue import CARD, CASH
from sandbox.seeds.credit import Credit
from sandbox.seeds.people import Person, person, respelt
from sandbox.seeds.picker import Picker, paid_in_full
from sandbox.seeds.profiles import born, put_shopper
from sandbox.seeds.sales import Sales
from sandbox.seeds.shelves import Shelves

EVENTS_PER_SHOP = 1
"""In an hour."""
LATE = timedelta(hours=20)
"""How far back a late sale says that it was completed."""


def trade(world: World, rng: Random, hours: float) -> dict[str, int]:
    """Let so many hours pass, in which every kind of event happens at least once.

    Returns:
        What happened, counted.

    Raises:
        ValueError: There is no chain to trade in.
    """
    if not _can_trade(world):
        message = f"trade: account {world.account_id} has no chain of shops that could sell; serve with --seed chain"
        raise ValueError(message)
    start = world.clock.now().replace(microsecond=0)
    world.clock.advance(hours * 3600)
    day = Day(world, rng)
    happened: Counter[str] = Counter()
    count = max(len(day.events), round(hours * EVENTS_PER_SHOP * len(world.tables["Shop"])))
    for number in range(count):
        at = start + timedelta(seconds=int(hours * 3600 * (number + 1) / (count + 1)))
        name, event = day.events[number % len(day.events)]
        if event(at) is not None:
            happened[name] += 1
    return dict(happened)


def _can_trade(world: World) -> bool:
    """Whether all is there that a receipt refers to; recorded rows are text, and no till can ring them up."""
    tables = [world.tables[name].values() for name in ("Shop", "Register", "Item", "Customer", "TaxCategory")]
    return all(tables) and all(isinstance(row["registerID"], int) for row in tables[1])


class Day:
    """What may happen in a day's trade."""

    def __init__(self, world: World, rng: Random) -> None:
        self._world = world
        self._rng = rng
        self._book = ReceiptBook(world, Shelves(world))
        self._pick = Picker(self._book, rng)
        sales = Sales(self._book, self._pick, rng)
        credit = Credit(self._book, self._pick, rng)
        self.events: list[tuple[str, Callable[[datetime], Any]]] = [
            ("sales", sales.sale),
            ("sales", sales.sale),
            ("refunds", sales.refund),
            ("new_shoppers", self.new_shopper),
            ("parked_sales", sales.open_sale),
            ("shopper_edits", self.edit_shopper),
            ("price_changes", self.change_price),
            ("sales", sales.sale),
            ("parked_sales", sales.open_sale),
            ("completed_parked_sales", self.complete_parked),
            ("voids", self.void_earlier),
            ("archived_shoppers", self.archive_shopper),
            ("late_sales", self.late_sale),
            ("payment_swaps", self.swap_payment),
            ("exchanges", sales.exchange),
            ("gift_cards", credit.redeem),
            ("lines_taken_off", self.take_line_off),
        ]

    def new_shopper(self, at: datetime) -> Row:
        """Somebody new at the till."""
        number = max(self._world.tables["Customer"], default=0) + 1
        return put_shopper(self._world, self._rng, number, person(self._rng), made=at, changed=at)

    def _shopper(self) -> Row | None:
        alive = [row for row in self._world.tables["Customer"].values() if not row["archived"]]
        return self._rng.choice(alive) if alive else None

    def edit_shopper(self, at: datetime) -> Row | None:
        """The numbers in the contact are spelt anew, or a birthday becomes known."""
        row = self._shopper()
        if row is None:
            return None
        if row["dob"] is None:
            dob = born(Person(born=date(1985, 5, self._rng.randrange(1, 29))))
            return self._world.put("Customer", {**row, "dob": dob, "timeStamp": at})
        phones = [{**each, "number": respelt(each["number"], self._rng)} for each in row["Contact"]["Phones"]]
        contact = {**row["Contact"], "Phones": phones, "timeStamp": at}
        bumped = {"timeStamp": at} if self._world.switches.contact_bumps_customer else {}
        return self._world.put("Customer", {**row, "Contact": contact, **bumped})

    def archive_shopper(self, at: datetime) -> Row | None:
        """Hidden, not deleted."""
        row = self._shopper()
        return self._world.put("Customer", {**row, "archived": True, "timeStamp": at}) if row else None

    def change_price(self, at: datetime) -> Row:
        """A new price tag."""
        row = self._rng.choice([row for row in self._world.tables["Item"].values() if row["Prices"]])
        prices = [{**each, "amount": each["amount"] + Decimal("1.50")} for each in row["Prices"]]
        return self._world.put("Item", {**row, "Prices": prices, "timeStamp": at})

    def complete_parked(self, at: datetime) -> Row | None:
        """The oldest parked sale is finished; a payment that was too high since a line left it is taken anew."""
        sale = next(iter(self._pick.plain(completed=False)), None)
        if sale is None:
            return None
        for payment in self._book.payments_of(sale):
            if payment["amount"] != sale["calcTotal"]:
                self._book.swap(payment, at, amount=sale["calcTotal"])
        times = Moments(sale["createTime"], at).of_sale(self._world.switches)
        self._book.take(sale, self._book.lines_of(sale), at)
        return self._book.settle(sale, completed=True, **times)

    def void_earlier(self, at: datetime) -> Row | None:
        """A sale of before is voided by its flag; its goods go back onto the shelf."""
        done = self._pick.plain(completed=True)
        if not done:
            return None
        sale = self._rng.choice(done)
        self._book.void_reason(sale, at, "Wrong shopper")
        self._book.take(sale, self._book.lines_of(sale), at, back=True)
        bumped = {"updateTime": at} if self._world.switches.void_bumps_update else {}
        return self._world.put("Sale", {**sale, "voided": True, **bumped})

    def late_sale(self, at: datetime) -> Row:
        """Completed with yesterday's time, and known only now: all but the update lies behind every bookmark."""
        till, lines = self._pick.till(), self._pick.basket()
        return self._book.ring_up(till, at, lines, paid_in_full(till, lines, CARD), late=LATE)

    def swap_payment(self, at: datetime) -> Row | None:
        """It was cash after all, or a card."""
        for sale in self._rng.sample(plain := self._pick.plain(completed=True), k=len(plain)):
            payments = self._book.payments_of(sale)
            if len(payments) == 1 and payments[0]["paymentTypeID"] in (CASH, CARD) and not sale["calcTips"]:
                kind = CASH if payments[0]["paymentTypeID"] == CARD else CARD
                self._book.swap(payments[0], at, paymentTypeID=kind)
                return self._book.settle(sale, **self._edited(at))
        return None

    def _edited(self, at: datetime) -> Row:
        return {"updateTime": at} if self._world.switches.edit_bumps_update else {}

    def take_line_off(self, at: datetime) -> Row | None:
        """A line leaves the oldest parked sale without a trace; its times stay unless the switch moves them."""
        parked = self._pick.plain(completed=False)
        sale = next((sale for sale in parked if len(self._book.lines_of(sale)) > 1), None)
        if sale is None:
            return None
        self._world.remove("SaleLine", self._book.lines_of(sale)[-1]["saleLineID"])
        bumped = {"timeStamp": at, "updateTime": at} if self._world.switches.child_bumps_parent else {}
        return self._book.settle(sale, **bumped)
