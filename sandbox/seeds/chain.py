"""A chain of shops with honest mess, and an org in which people have typed some of its shoppers already."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.lightspeed.world import Row, World
from sandbox.seeds.catalogue import price_of, seed_catalogue
from sandbox.seeds.office import seed_org
from sandbox.seeds.people import Person, people
from sandbox.seeds.receipts import ACCOUNT, CARD, CASH, ECOM, GIFT, Line, Tender, Till, due, ring_up, totals

SIZES = {"small": (4, 40, 60, 80), "full": (12, 300, 2000, 2500)}
"""Shops, items, shoppers, receipts."""
DAYS = 120
ONE = Decimal(1)


def seed_chain(world: World, org: Any, rng: Random, size: str) -> None:
    """Fill the account, and the org with what people have typed there.

    Args:
        world: The account.
        org: The org, or None.
        rng: Everything follows from it.
        size: "small" or "full".
    """
    shops, items, shoppers, receipts = SIZES[size]
    now = world.clock.now().replace(microsecond=0)
    seed_catalogue(world, rng, shops, items, now)
    crowd = people(rng, shoppers)
    for number, shopper in enumerate(crowd, 1):
        put_shopper(
            world, rng, number, shopper, now - timedelta(days=rng.randrange(1, 700), seconds=rng.randrange(86400))
        )
    Trader(world, rng).fill(receipts, now)
    if org is not None:
        seed_org(org, rng, crowd)


def put_shopper(world: World, rng: Random, number: int, shopper: Person, at: datetime) -> Row:
    """A shopper as the vendor keeps them: numbers and addresses in a contact."""
    phones = [(shopper.mobile, "Mobile"), (shopper.home, "Home")]
    address = {"address1": shopper.street, "address2": "", "city": shopper.city, "state": shopper.state}
    contact = {
        "custom": "",
        "noEmail": rng.random() < 0.5,
        "noPhone": False,
        "noMail": True,
        "Addresses": [{**address, "zip": shopper.postal, "country": "Canada", "countryCode": shopper.country}],
        "Phones": [{"number": text, "useType": use} for text, use in phones if text],
        "Emails": [{"address": shopper.email, "useType": "Primary"}] if shopper.email else [],
        "Websites": [],
        "timeStamp": at,
    }
    row: Row = {
        "customerID": number,
        "firstName": shopper.first,
        "lastName": shopper.last,
        "title": "",
        "company": shopper.company,
        "companyRegistrationNumber": "",
        "vatNumber": "",
        "dob": _born(shopper),
        "archived": shopper.archived,
        "createTime": at - timedelta(days=1),
        "timeStamp": at,
        "creditAccountID": 0,
        "customerTypeID": 1,
        "discountID": 0,
        "taxCategoryID": 0,
        "Contact": contact,
        "Tags": list(shopper.tags),
    }
    return world.put("Customer", {**row, "Note": {"note": shopper.note, "isPublic": False}} if shopper.note else row)


def _born(shopper: Person) -> datetime | None:
    """A birthday as the vendor has it: midnight in the shop's time zone, said in UTC."""
    if shopper.born is None:
        return None
    return datetime.combine(shopper.born, time(), ZoneInfo("America/Montreal")).astimezone(timezone.utc)


@dataclass
class Trader:
    """Rings up receipts of all kinds."""

    world: World
    rng: Random

    def fill(self, count: int, now: datetime) -> None:
        """So many receipts over the last days, in the order they happened."""
        instants = sorted(now - timedelta(seconds=self.rng.randrange(60, DAYS * 86400)) for _ in range(count))
        self.open_accounts()
        for number, at in enumerate(instants):
            self.event(number)(at)
        self.layaways(now)

    def event(self, number: int) -> Callable[[datetime], Any]:
        """What happens at the till: mostly sales, and each rarity in turn."""
        rare = (
            self.refund,
            self.exchange,
            self.void,
            self.gift_card,
            self.redeem,
            self.deposit,
            self.pay_account,
            self.open_sale,
            self.declined_then_paid,
            self.tipped,
            self.rebate,
            self.web_order,
            self.fee,
            self.ad_hoc_refund,
            self.empty,
            self.flagged_void,
        )
        return rare[(number // 4) % len(rare)] if number % 4 == 3 else self.sale

    def till(self, *, known: bool = False) -> Till:
        """A till somewhere; every second customer is a walk-in."""
        registers = [row for row in self.world.tables["Register"].values() if row["name"] != "eCom"]
        register = self.rng.choice(registers)
        customers = len(self.world.tables["Customer"])
        customer = self.rng.randrange(1, customers + 1) if customers and (known or self.rng.random() < 0.5) else 0
        return Till(register["shopID"], register["registerID"], register["shopID"] * 2, customer)

    def basket(self, most: int = 6) -> list[Line]:
        """Some lines; one in six discounted."""
        return [self._line() for _ in range(self.rng.randrange(1, most + 1))]

    def _line(self) -> Line:
        item = self.world.tables["Item"][self.rng.randrange(1, len(self.world.tables["Item"]) + 1)]
        discount = Decimal("0.4") if self.rng.random() < 1 / 6 else Decimal(0)
        return Line(item["itemID"], Decimal(self.rng.choice((1, 1, 1, 2, 3))), price_of(item), discount)

    def sale(self, at: datetime) -> Row:
        """An ordinary sale, sometimes with two tenders."""
        lines = self.basket()
        total = due(lines)
        half = (total / 2).quantize(Decimal("0.01"))
        split = self.rng.random() < 0.1
        tenders = (
            [Tender(CASH, half), Tender(CARD, total - half)]
            if split
            else [Tender(self.rng.choice((CASH, CARD)), total)]
        )
        return ring_up(self.world, self.till(), at, lines, tenders)

    def _earlier(self) -> tuple[Row, Row] | None:
        """A completed sale of some shopper with goods on it, and one of its lines."""
        for _ in range(20):
            sale = self.rng.choice(list(self.world.tables["Sale"].values()))
            lines = self.world.children("SaleLine", "saleID", sale["saleID"])
            goods = [line for line in lines if line["itemID"] and line["unitQuantity"] > 0]
            if sale["completed"] and not sale["voided"] and sale["customerID"] and goods:
                return sale, goods[0]
        return None

    def _back(self, line: Row) -> Line:
        return Line(line["itemID"], -ONE, line["unitPrice"], line["discountPercent"], line["saleLineID"])

    def refund(self, at: datetime) -> Row:
        """One piece of an earlier sale comes back."""
        found = self._earlier()
        if found is None:
            return self.sale(at)
        sale, line = found
        till = Till(sale["shopID"], sale["registerID"], sale["employeeID"], sale["customerID"])
        back = [self._back(line)]
        paid = self.world.children("SalePayment", "saleID", sale["saleID"])
        return ring_up(
            self.world, till, at, back, [Tender(CARD, due(back), refund_of=paid[0]["salePaymentID"] if paid else 0)]
        )

    def ad_hoc_refund(self, at: datetime) -> Row:
        """Goods come back without a receipt."""
        back = [Line(line.item, -line.quantity, line.price) for line in self.basket(1)]
        return ring_up(self.world, self.till(), at, back, [Tender(CASH, due(back))])

    def exchange(self, at: datetime) -> Row:
        """One piece back, another out; what differs is paid."""
        found = self._earlier()
        if found is None:
            return self.sale(at)
        sale, line = found
        till = Till(sale["shopID"], sale["registerID"], sale["employeeID"], sale["customerID"])
        lines = [self._back(line), *self.basket(1)]
        return ring_up(self.world, till, at, lines, [Tender(CARD, due(lines))])

    def void(self, at: datetime) -> Row:
        """Voided as the vendor's sample shows it: not completed, all zero, and a row that says why."""
        sale = ring_up(self.world, self.till(), at, (), (), completed=False, voided=True, completeTime=None)
        reason = {
            "createTime": at,
            "reason": "Rung up twice",
            "saleID": sale["saleID"],
            "employeeID": 1,
            "shopID": sale["shopID"],
        }
        self.world.put("SaleVoid", reason)
        return sale

    def flagged_void(self, at: datetime) -> Row:
        """Voided by the flag alone: completed, with its amounts."""
        lines = self.basket(2)
        return ring_up(self.world, self.till(), at, lines, [Tender(CARD, due(lines))], voided=True)

    def open_accounts(self) -> None:
        """Gift cards and credit accounts."""
        now = self.world.clock.now().replace(microsecond=0) - timedelta(days=DAYS + 1)
        for number in range(1, 11):
            row = {"creditAccountID": number, "name": f"Account {number}", "giftCard": number <= 5, "archived": False}
            more = {
                "code": f"**********{8900 + number}" if number <= 5 else "",
                "balance": Decimal(-50),
                "timeStamp": now,
            }
            self.world.put(
                "CreditAccount", {**row, **more, "creditLimit": Decimal(0), "customerID": 0 if number <= 5 else number}
            )

    def gift_card(self, at: datetime) -> Row:
        """A gift card is sold: total 0, money in, the card's balance out."""
        line = Line(0, ONE, Decimal(0), taxed=False, note="Gift Card Purchase 50.00")
        card = self.rng.randrange(1, 6)
        tenders = [Tender(GIFT, Decimal(-50), account=card), Tender(CASH, Decimal(50))]
        return ring_up(self.world, self.till(), at, [line], tenders)

    def redeem(self, at: datetime) -> Row:
        """Paid with a gift card: revenue, and nothing due."""
        lines = self.basket(1)
        return ring_up(self.world, self.till(), at, lines, [Tender(GIFT, due(lines), account=self.rng.randrange(1, 6))])

    def deposit(self, at: datetime) -> Row:
        """A deposit for a layaway: total 0, money in, credit out."""
        tenders = [Tender(CARD, Decimal(20)), Tender(ACCOUNT, Decimal(-20), account=self.rng.randrange(6, 11))]
        return ring_up(self.world, self.till(known=True), at, (), tenders)

    def pay_account(self, at: datetime) -> Row:
        """A shopper pays down their account."""
        tenders = [Tender(CASH, Decimal(35)), Tender(ACCOUNT, Decimal(-35), account=self.rng.randrange(6, 11))]
        return ring_up(self.world, self.till(known=True), at, (), tenders)

    def open_sale(self, at: datetime) -> Row:
        """Parked, with a payment already; its calculated payments say 0, as recorded."""
        lines = self.basket(2)
        more = {"completed": False, "completeTime": None, "calcPayments": Decimal(0), "balance": Decimal(0)}
        return ring_up(self.world, self.till(), at, lines, [Tender(CARD, due(lines))], **more)

    def declined_then_paid(self, at: datetime) -> Row:
        """A card that failed, and one that did not."""
        lines = self.basket(2)
        return ring_up(
            self.world, self.till(), at, lines, [Tender(CARD, due(lines), archived=True), Tender(CARD, due(lines))]
        )

    def tipped(self, at: datetime) -> Row:
        """The payment holds the tip; so the balance falls short by it, as recorded."""
        lines = self.basket(2)
        sale = ring_up(self.world, self.till(), at, lines, [Tender(CARD, due(lines) + 3, tip=Decimal(3))])
        return self.world.put("Sale", {**sale, "balance": Decimal(-3)})

    def rebate(self, at: datetime) -> Row:
        """A negative price is no refund."""
        lines = [*self.basket(1), Line(0, ONE, Decimal(-2), taxed=False, note="Loyalty rebate")]
        return ring_up(self.world, self.till(), at, lines, [Tender(CASH, due(lines))])

    def fee(self, at: datetime) -> Row:
        """A fee line hangs on its item's line, which is no refund either."""
        lines = self.basket(1)
        parent = max(self.world.tables["SaleLine"], default=0) + 1
        lines.append(Line(0, ONE, Decimal("0.10"), parent=parent, taxed=False, kind="item_fee"))
        return ring_up(self.world, self.till(), at, lines, [Tender(CASH, due(lines))])

    def web_order(self, at: datetime) -> Row:
        """Sold in the web shop."""
        lines = self.basket(3)
        register = next(row["registerID"] for row in self.world.rows("Register") if row["name"] == "eCom")
        source = {"referenceNumber": f"W{self.rng.randrange(10000, 99999)}", "referenceNumberSource": "webshop"}
        till = Till(1, register, 1, self.till(known=True).customer)
        return ring_up(self.world, till, at, lines, [Tender(ECOM, due(lines))], **source)

    def empty(self, at: datetime) -> Row:
        """A receipt without lines."""
        return ring_up(self.world, self.till(), at, (), ())

    def layaways(self, now: datetime) -> None:
        """Goods put aside: lines without a sale."""
        for _ in range(3):
            at = now - timedelta(days=self.rng.randrange(1, 30))
            sale = ring_up(self.world, self.till(known=True), at, self.basket(1), ())
            for line in self.world.children("SaleLine", "saleID", sale["saleID"]):
                self.world.put("SaleLine", {**line, "saleID": 0, "isLayaway": True, "customerID": sale["customerID"]})
            self.world.remove("Sale", sale["saleID"])


def settled(world: World, sale: Row) -> Row:
    """The sale with its calculated fields made anew from its lines and payments."""
    lines = world.children("SaleLine", "saleID", sale["saleID"])
    payments = world.children("SalePayment", "saleID", sale["saleID"])
    tenders = [Tender(each["paymentTypeID"], each["amount"], each["tipAmount"], each["archived"]) for each in payments]
    return world.put("Sale", {**sale, **totals(lines, tenders)})
