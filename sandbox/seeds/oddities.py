"""One of everything that a reader must bear, in a small account of its own.

Source: docs/vendors/lightspeed-r-series.md, events.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from sandbox.lightspeed.world import Row, World
from sandbox.seeds.book import ReceiptBook
from sandbox.seeds.catalogue import CARD, CASH, seed_catalogue
from sandbox.seeds.credit import Credit
from sandbox.seeds.people import Person
from sandbox.seeds.picker import Picker, paid_in_full
from sandbox.seeds.profiles import put_shopper
from sandbox.seeds.receipts import ZERO, Line, Tender, cents, due
from sandbox.seeds.sales import ONE, Sales
from sandbox.seeds.shelves import seed_shelves
from sandbox.seeds.workshop import Workshop

SHOPS, ITEMS = 2, 20
ADJUSTMENT = 7
"""The payment type with which an integration writes stock off."""
BURST = 130
"""Rows of one second: more than a page."""
AGO = timedelta(days=30)
LATE = timedelta(hours=20)
TINY = Decimal("1.2E-5")
"""A price that the vendor says with an exponent."""
NOTE = 'said "ring twice"\nback door \\ left / right, «après 18 h» 🎿'
PHONES = (
    "(514) 245-0101",
    "514.245.0102",
    "+1 514 245 0103",
    "1-514-245-0104 ext. 12",
    "245-0105",
    "0044 20 7946 0018",
)
PEOPLE = {
    "ordinary": Person("Ann", "Ashburycroft", email="ann@example.com", mobile=PHONES[0]),
    "odd signs": Person("Zoë 🎿", "O'Dunmere/Ash", email="zoe@example.com", note=NOTE),
    "no names": Person(email="nameless@example.com"),
    "company": Person(company="Ember & Sons Ltd"),
    "same e-mail": Person("Bob", "Beckden", email="shared@example.com"),
    "same e-mail again": Person("Bea", "Beckden", email="SHARED@Example.com"),
    "born in summer": Person("Cam", "Castelgrove", born=date(1981, 7, 9)),
    "born on a leap day": Person("Dee", "Emberley", born=date(1984, 2, 29)),
    "trailing blank": Person("Eve ", "Fairham ", email="eve@example.com"),
    "archived": Person("Fay", "Glenwood", archived=True),
    **{f"phone {number}": Person("Pat", f"Haw{number}", mobile=text) for number, text in enumerate(PHONES, 1)},
}


@dataclass
class Oddities:
    """Ids of what was seeded, by what is odd about it."""

    shoppers: dict[str, int] = field(default_factory=dict)
    items: dict[str, int] = field(default_factory=dict)
    sales: dict[str, int] = field(default_factory=dict)


def seed_oddities(world: World, rng: Random) -> Oddities:
    """Fill the account.

    Args:
        world: The account.
        rng: Prices and tills follow from it; what is there does not.
    """
    now, found = world.clock.now().replace(microsecond=0), Oddities()
    seed_catalogue(world, rng, SHOPS, ITEMS, now)
    _items(world, found)
    seed_shelves(world, rng)
    for number, (name, shopper) in enumerate(PEOPLE.items(), 1):
        put_shopper(world, rng, number, shopper, made=now - 2 * AGO, changed=now - AGO)
        found.shoppers[name] = number
    _crowd(world, rng, now - AGO / 2)
    _receipts(world, rng, found, now)
    tiny = {"Prices": [{"amount": TINY, "useTypeID": 1, "useType": "Default"}]}
    world.put("Item", {**world.tables["Item"][found.items["tiny price"]], **tiny})  # last, so that no basket holds it
    return found


def _items(world: World, found: Oddities) -> None:
    """Odd goods in the places of ordinary ones; the rest has a price and no code in common."""
    for row in world.rows("Item"):
        plain = {"customSku": f"SKU-{row['itemID']}", "archived": False}
        prices = row["Prices"] or [{"amount": Decimal(5), "useTypeID": 1, "useType": "Default"}]
        world.put("Item", {**row, **plain, "Prices": prices})
    odd: dict[str, Row] = {
        "without a price": {"Prices": []},
        "same code": {"customSku": "TWIN"},
        "same code again": {"customSku": "TWIN"},
        "tiny price": {"description": "Bead, by the gross"},
        "archived": {"archived": True},
    }
    for key, (name, changed) in enumerate(odd.items(), 1):
        world.put("Item", {**world.tables["Item"][key], **changed})
        found.items[name] = key


def _crowd(world: World, rng: Random, at: datetime) -> None:
    """Imported at once: more shoppers than a page holds, all of one second."""
    first = max(world.tables["Customer"]) + 1
    for number in range(first, first + BURST):
        put_shopper(world, rng, number, Person("Kim", f"Imported {number}"), made=at, changed=at)


def _receipts(world: World, rng: Random, found: Oddities, now: datetime) -> None:
    """Each event an hour after the one before, then many of one second."""
    book = ReceiptBook(world)
    pick = Picker(book, rng)
    script = _script(Odd(Sales(book, pick, rng), pick, found), Credit(book, pick, rng))
    for number, (name, event) in enumerate(script.items()):
        found.sales[name] = event(now - AGO + timedelta(hours=number))["saleID"]
    till, lines = pick.till(), pick.basket(1)
    for _ in range(BURST):
        book.ring_up(till, now - AGO / 4, lines, paid_in_full(till, lines, CASH))
    Workshop(book, now).fill()


def _script(odd: Odd, credit: Credit) -> dict[str, Callable[[datetime], Row]]:
    """Every row of the table of business events, and odd receipts."""
    sales = odd.sales
    return {
        "ordinary": odd.ordinary,
        "two tenders": odd.two_tenders,
        "open": sales.open_sale,
        "to be completed": sales.open_sale,
        "refund": sales.refund,
        "to be returned in part": odd.several,
        "partial refund": sales.partial_refund,
        "ad hoc refund": sales.ad_hoc_refund,
        "to be exchanged": odd.several,
        "exchange": sales.exchange,
        "to be exchanged evenly": odd.several,
        "even exchange": sales.even_exchange,
        "rebate": sales.rebate,
        "fee": sales.fee,
        "fee given back": odd.fee_given_back,
        "zero void": sales.void,
        "flagged void": sales.flagged_void,
        "open and given up": sales.deleted_open_sale,
        "deposit": credit.layaway,
        "picked up": credit.pick_up,
        "gift card sold": credit.gift_card,
        "gift card redeemed": credit.redeem,
        "on account": credit.on_account,
        "debt paid": credit.pay_account,
        "tip": sales.tipped,
        "web order": sales.web_order,
        "stock written off": odd.written_off,
        "rounded cash": sales.rounded_cash,
        "failed payment, then a good one": sales.declined_then_paid,
        "back-dated": odd.back_dated,
        "no lines": sales.empty,
        "one line": odd.ordinary,
        "more lines than a page": sales.long_sale,
        "no item": odd.no_item,
        "tiny price": odd.tiny_price,
    }


@dataclass
class Odd:
    """Receipts that no till of the chain rings up."""

    sales: Sales
    pick: Picker
    found: Oddities

    def ordinary(self, at: datetime) -> Row:
        """One piece of one thing, to somebody who is known, by card."""
        return self._sold(at, [Line(ITEMS, ONE, Decimal("24.99"))])

    def several(self, at: datetime) -> Row:
        """Three pieces of one thing, so that some can come back."""
        return self._sold(at, [Line(ITEMS, Decimal(3), Decimal("12.50"))])

    def two_tenders(self, at: datetime) -> Row:
        """Half in cash, half by card."""
        till, lines = self.pick.till(), self.pick.basket(2)
        total = due(lines, till.taxes)
        half = cents(total / 2)
        return self.sales.book.ring_up(till, at, lines, [Tender(CASH, half), Tender(CARD, total - half)])

    def fee_given_back(self, at: datetime) -> Row:
        """The goods of a sale with a fee come back, and the fee with them."""
        book = self.sales.book
        sale = book.world.tables["Sale"][self.found.sales["fee"]]
        goods, fee = book.lines_of(sale)[0], book.lines_of(sale)[-1]
        lines = [
            self.pick.back(goods),
            Line(0, -ONE, fee["unitPrice"], taxed=False, kind="item_fee_refund"),
        ]
        till = self.pick.till_of(sale)
        return book.ring_up(till, at, lines, paid_in_full(till, lines, CASH))

    def written_off(self, at: datetime) -> Row:
        """An integration takes goods off the shelf by a sale that nobody pays money for."""
        return self._sold(at, [Line(ITEMS, ONE, Decimal(10))], ADJUSTMENT)

    def back_dated(self, at: datetime) -> Row:
        """It says that it was completed long before it was written."""
        return self._sold(at, [Line(ITEMS, ONE, Decimal(7))], late=LATE)

    def no_item(self, at: datetime) -> Row:
        """Something that has no item."""
        return self._sold(at, [Line(0, ONE, Decimal("3.50"), note="Loose buttons")])

    def tiny_price(self, at: datetime) -> Row:
        """So many pieces of a thing that costs next to nothing."""
        return self._sold(at, [Line(self.found.items["tiny price"], Decimal(100_000), TINY)])

    def _sold(self, at: datetime, lines: list[Line], kind: int = CARD, late: timedelta = timedelta()) -> Row:
        till = self.pick.till(customer=self.found.shoppers["ordinary"])
        return self.sales.book.ring_up(till, at, lines, paid_in_full(till, lines, kind), off_sale=ZERO, late=late)
