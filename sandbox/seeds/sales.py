"""What happens at a till: sales, returns, exchanges, voids.

Source: docs/vendors/lightspeed-r-series.md, events: a method per row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from random import Random

from sandbox.lightspeed.world import Row
from sandbox.seeds.book import ReceiptBook
from sandbox.seeds.catalogue import CARD, CASH, ECOM
from sandbox.seeds.picker import Picker, paid_in_full
from sandbox.seeds.receipts import ZERO, Line, Tender, Till, cents, due

ONE = Decimal(1)
NICKEL = Decimal("0.05")
NOTE = Decimal(5)
"""The smallest bank note."""
LONG = 101
"""Lines of the longest receipt: one more than a page of the API."""


@dataclass
class Sales:
    """Rings up sales of all kinds."""

    book: ReceiptBook
    pick: Picker
    rng: Random

    def sale(self, at: datetime, customer: int = 0) -> Row:
        """An ordinary sale; one in ten with a discount on the whole, one in ten with two tenders."""
        till, lines = self.pick.till(customer=customer), self.pick.basket()
        off_sale = Decimal("0.15") if self.rng.random() < 0.1 else ZERO
        total = due(lines, till.taxes, off_sale)
        if self.rng.random() < 0.1:
            half = cents(total / 2)
            return self.book.ring_up(
                till, at, lines, [Tender(CASH, half), Tender(CARD, total - half)], off_sale=off_sale
            )
        kind = self.rng.choice((CASH, CARD))
        change = _to_notes(total) - total if kind == CASH and self.rng.random() < 0.5 else ZERO
        return self.book.ring_up(till, at, lines, [Tender(kind, total)], off_sale=off_sale, change=change)

    def refund(self, at: datetime, customer: int = 0) -> Row:
        """A line of an earlier sale comes back whole, or what is left of it."""
        return self._refund(at, customer, partly=False)

    def partial_refund(self, at: datetime) -> Row:
        """One piece of an earlier line comes back."""
        return self._refund(at, 0, partly=True)

    def _refund(self, at: datetime, customer: int, *, partly: bool) -> Row:
        found = self.pick.earlier(customer, 2 if partly else 1)
        if found is None:
            return self.sale(at, customer)
        sale, line = found
        till, back = self.pick.till_of(sale), [self.pick.back(line, partly=partly)]
        off = sale["discountPercent"]
        return self.book.ring_up(till, at, back, self._out(sale, due(back, till.taxes, off)), off_sale=off)

    def _out(self, sale: Row, amount: Decimal) -> list[Tender]:
        return [self.pick.tender_back(sale, amount)] if amount else []

    def ad_hoc_refund(self, at: datetime) -> Row:
        """Goods come back without a receipt."""
        till, line = self.pick.till(), self.pick.line()
        back = [Line(line.item, -line.quantity, line.price, taxed=line.taxed)]
        return self.book.ring_up(till, at, back, paid_in_full(till, back, CASH))

    def exchange(self, at: datetime) -> Row:
        """One thing back, another out; the difference is paid, or paid out."""
        found = self.pick.earlier()
        if found is None:
            return self.sale(at)
        sale, line = found
        till, off = self.pick.till_of(sale), sale["discountPercent"]
        lines = [self.pick.back(line), *self.pick.basket(1)]
        total = due(lines, till.taxes, off)
        tenders = [Tender(CARD, total)] if total > 0 else self._out(sale, total)
        return self.book.ring_up(till, at, lines, tenders, off_sale=off)

    def even_exchange(self, at: datetime) -> Row:
        """The same thing in another size: nothing is paid."""
        found = self.pick.earlier()
        if found is None:
            return self.sale(at)
        sale, line = found
        back = self.pick.back(line)
        out = Line(back.item, -back.quantity, back.price, back.discount, taxed=back.taxed)
        return self.book.ring_up(self.pick.till_of(sale), at, [back, out], (), off_sale=sale["discountPercent"])

    def void(self, at: datetime) -> Row:
        """Voided as the vendor's sample shows it: not completed, all zero, and a row that says why."""
        item = self.pick.line()
        made, nothing = at - timedelta(seconds=120), [Line(item.item, ZERO, item.price, taxed=item.taxed)]
        bumped = {"updateTime": at} if self.book.world.switches.void_bumps_update else {}
        sale = self.book.park(self.pick.till(), made, nothing, (), voided=True, **bumped)
        self.book.void_reason(sale, at, "Rung up twice")
        return sale

    def flagged_void(self, at: datetime) -> Row:
        """Voided by the flag alone: completed, with its amounts."""
        till, lines = self.pick.till(), self.pick.basket(2)
        return self.book.ring_up(till, at, lines, paid_in_full(till, lines, CARD), voided=True)

    def open_sale(self, at: datetime) -> Row:
        """Parked, with a payment already."""
        till, lines = self.pick.till(), [self.pick.line(), *self.pick.basket(2)]
        return self.book.park(till, at, lines, paid_in_full(till, lines, CARD))

    def deleted_open_sale(self, at: datetime) -> Row:
        """Parked and given up: an open sale is archived, never deleted."""
        return self.book.park(self.pick.till(), at, self.pick.basket(2), (), archived=True)

    def declined_then_paid(self, at: datetime) -> Row:
        """A card that failed, and one that did not."""
        till, lines = self.pick.till(), self.pick.basket(2)
        total = due(lines, till.taxes)
        return self.book.ring_up(till, at, lines, [Tender(CARD, total, archived=True), Tender(CARD, total)])

    def tipped(self, at: datetime) -> Row:
        """The payment holds the tip, so the balance falls short by it (docs/vendors/lightspeed-r-series.md, sales)."""
        till, lines = self.pick.till(), self.pick.basket(2)
        tip = Decimal(3)
        return self.book.ring_up(till, at, lines, [Tender(CARD, due(lines, till.taxes) + tip, tip)], tipEnabled=True)

    def rebate(self, at: datetime) -> Row:
        """A negative price is no refund."""
        lines = [*self.pick.basket(1), Line(0, ONE, Decimal(-2), taxed=False, note="Loyalty rebate")]
        till = self.pick.till()
        return self.book.ring_up(till, at, lines, paid_in_full(till, lines, CASH))

    def fee(self, at: datetime) -> Row:
        """A fee hangs on its item's line, which makes it no refund either."""
        till = self.pick.till()
        lines = [*self.pick.basket(1), Line(0, ONE, Decimal("0.10"), taxed=False, kind="item_fee")]
        return self.book.ring_up(till, at, lines, paid_in_full(till, lines, CASH))

    def web_order(self, at: datetime) -> Row:
        """Sold in the web shop, under the web shop's number."""
        till = self.pick.web_till()
        if till is None:
            return self.sale(at)
        lines = self.pick.basket(3)
        number: Row = {"referenceNumber": f"W{self.rng.randrange(10000, 99999)}", "referenceNumberSource": "webshop"}
        notes = {"PrintedNote": {"note": "Gift wrapped"}, "InternalNote": {"note": "Leave it with the neighbour"}}
        tenders = paid_in_full(till, lines, ECOM)
        return self.book.ring_up(till, at, lines, tenders, **number, SaleNotes=notes)

    def empty(self, at: datetime) -> Row:
        """A receipt without lines."""
        return self.book.ring_up(self.pick.till(), at, (), ())

    def long_sale(self, at: datetime) -> Row:
        """More lines than a page has rows."""
        till, lines = self.pick.till(), [self.pick.line() for _ in range(LONG)]
        return self.book.ring_up(till, at, lines, paid_in_full(till, lines, CARD))

    def rounded_cash(self, at: datetime) -> Row:
        """There are no cents in Canada: the drawer takes the nearest five."""
        till = self.pick.till()
        lines = self._uneven(till)
        total = due(lines, till.taxes)
        paid = (total / NICKEL).quantize(ONE, ROUND_HALF_UP) * NICKEL
        return self.book.ring_up(
            till,
            at,
            lines,
            [Tender(CASH, paid)],
            cashRoundingDelta=paid - total,
            cashRoundedTotal=paid,
            cashRoundedBalance=ZERO,
        )

    def _uneven(self, till: Till) -> list[Line]:
        """Something that does not come to a multiple of five cents."""
        for price in ("3.99", "4.98", "7.51", "9.02"):
            lines = [Line(self.pick.line().item, ONE, Decimal(price))]
            if due(lines, till.taxes) % NICKEL:
                break
        return lines


def _to_notes(total: Decimal) -> Decimal:
    """The total in whole bank notes."""
    return (total / NOTE).to_integral_value(ROUND_CEILING) * NOTE
