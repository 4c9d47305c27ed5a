"""Picks by chance: a till, a basket, an earlier sale."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from random import Random

from sandbox.lightspeed.world import Row
from sandbox.seeds.book import ReceiptBook
from sandbox.seeds.catalogue import ACCOUNT, CARD, CASH, ECOM, GIFT, price_of
from sandbox.seeds.receipts import ZERO, Line, Tender, Till, due

WEB_SHOP = "eCom"
"""A register of exactly this name is the web shop (docs/vendors/lightspeed-r-series.md, registers)."""
TRIES = 20


@dataclass
class Picker:
    """Picks from what the account holds."""

    book: ReceiptBook
    rng: Random

    def till(self, *, known: bool = False, customer: int = 0) -> Till:
        """A till somewhere; every second customer is a walk-in unless they must be known."""
        registers = [row for row in self.book.world.tables["Register"].values() if row["name"] != WEB_SHOP]
        if not customer and (known or self.rng.random() < 0.5):
            customer = self._customer()
        return self._at(self.rng.choice(registers), customer)

    def web_till(self) -> Till | None:
        """The web shop, where everybody has a name; None where there is none."""
        registers = self.book.world.tables["Register"].values()
        found = next((row for row in registers if row["name"] == WEB_SHOP), None)
        return self._at(found, self._customer()) if found else None

    def till_of(self, sale: Row) -> Till:
        """The till of an earlier sale, for the same shopper."""
        taxes = self.book.taxes(sale["shopID"])
        return Till(sale["shopID"], sale["registerID"], sale["employeeID"], taxes, sale["customerID"])

    def _at(self, register: Row, customer: int) -> Till:
        shop = register["shopID"]
        keeper = 2 * shop - self.rng.randrange(2)
        return Till(shop, register["registerID"], keeper, self.book.taxes(shop), customer)

    def _customer(self) -> int:
        return self.rng.choice(list(self.book.world.tables["Customer"]))

    def basket(self, most: int = 6) -> list[Line]:
        """One line or more; one in six discounted."""
        return [self.line() for _ in range(self.rng.randrange(1, most + 1))]

    def line(self) -> Line:
        """Some pieces of some item."""
        item = self.rng.choice(list(self.book.world.tables["Item"].values()))
        discount = Decimal("0.4") if self.rng.random() < 1 / 6 else ZERO
        pieces = Decimal(self.rng.choice((1, 1, 1, 2, 3)))
        return Line(item["itemID"], pieces, price_of(item), discount, taxed=item["tax"])

    def earlier(self, customer: int = 0, pieces: int = 1) -> tuple[Row, Row] | None:
        """A completed sale to somebody with a name, and a line of it that has not come back yet.

        Args:
            customer: Only a sale to this shopper.
            pieces: At least so many of the line are still out.
        """
        rows = self.book.world.tables["Sale"].values()
        sales = [row for row in rows if self._returnable(row) and customer in (0, row["customerID"])]
        for sale in self.rng.sample(sales, min(TRIES, len(sales))):
            goods = [row for row in self.book.lines_of(sale) if row["itemID"] and self.book.left(row) >= pieces]
            if goods:
                return sale, self.rng.choice(goods)
        return None

    @staticmethod
    def _returnable(sale: Row) -> bool:
        return bool(sale["completed"] and not sale["voided"] and sale["customerID"] and sale["calcTotal"] > 0)

    def back(self, line: Row, *, partly: bool = False) -> Line:
        """What is left of a line comes back, or one piece of it."""
        pieces = Decimal(1) if partly else self.book.left(line)
        price, discount = line["unitPrice"], line["discountPercent"]
        return Line(line["itemID"], -pieces, price, discount, line["saleLineID"], taxed=line["tax"])

    def tender_back(self, sale: Row, amount: Decimal) -> Tender:
        """Money goes out the way it came in: to the card, to the web shop, or else from the drawer."""
        paid = [row for row in self.book.payments_of(sale) if row["amount"] > 0]
        payment = next((row for row in paid if row["paymentTypeID"] in (CARD, ECOM)), None)
        if payment is None:
            return Tender(CASH, amount)
        card = payment["paymentTypeID"] == CARD
        return Tender(payment["paymentTypeID"], amount, refund_of=payment["salePaymentID"] if card else 0)

    def plain(self, *, completed: bool) -> list[Row]:
        """Sales without returns and stored value, of which nothing has come back: they may still change. No quotes."""
        rows = self.book.world.tables["Sale"].values()
        hidden = ("voided", "archived", "quoteID")
        wanted = [row for row in rows if row["completed"] is completed and not any(row[name] for name in hidden)]
        return [row for row in wanted if self._is_plain(row)]

    def _is_plain(self, sale: Row) -> bool:
        lines = self.book.lines_of(sale)
        kinds = {row["paymentTypeID"] for row in self.book.payments_of(sale)}
        whole = all(row["unitQuantity"] > 0 and self.book.left(row) == row["unitQuantity"] for row in lines)
        return bool(lines) and whole and not kinds & {GIFT, ACCOUNT} and not sale["cashRoundingDelta"]


def paid_in_full(till: Till, lines: list[Line], kind: int, off_sale: Decimal = ZERO) -> list[Tender]:
    """One tender for all of it."""
    return [Tender(kind, due(lines, till.taxes, off_sale))]
