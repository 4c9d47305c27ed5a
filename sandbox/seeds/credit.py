"""Stored value: gift cards, credit accounts and goods put aside.

Source: docs/vendors/lightspeed-r-series.md, stored value, events.

A negative balance is what the store owes; no sale of stored value is revenue.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from random import Random

from sandbox.lightspeed.world import Row
from sandbox.seeds.book import ReceiptBook
from sandbox.seeds.catalogue import ACCOUNT, CARD, CASH, GIFT
from sandbox.seeds.picker import Picker
from sandbox.seeds.receipts import ZERO, Line, Tender, Till, due, total_of

DEPOSIT = Decimal(20)
FACE_VALUES = tuple(map(Decimal, (25, 50, 100)))


@dataclass
class Credit:
    """Rings up what moves stored value."""

    book: ReceiptBook
    pick: Picker
    rng: Random

    def _accounts(self, *, gift: bool, owed: bool) -> list[Row]:
        """Accounts that the store owes (balance below 0), or that owe the store."""
        rows = self.book.world.tables["CreditAccount"].values()
        return [row for row in rows if row["giftCard"] is gift and (row["balance"] < 0 if owed else row["balance"] > 0)]

    def _account_of(self, customer: int, at: datetime) -> int:
        known = self.book.world.tables["Customer"].get(customer, {}).get("creditAccountID", 0)
        return known or self.book.open_account(at, customer=customer)

    def gift_card(self, at: datetime) -> Row:
        """A gift card is sold: total 0, money in, the card's value out."""
        value = self.rng.choice(FACE_VALUES)
        line = Line(0, Decimal(1), ZERO, taxed=False, note=f"Gift Card Purchase {value:.2f}")
        tenders = [Tender(GIFT, -value, account=self.book.open_account(at)), Tender(CASH, value)]
        return self.book.ring_up(self.pick.till(), at, [line], tenders)

    def redeem(self, at: datetime) -> Row:
        """Paid with a gift card as far as it goes: revenue."""
        cards = self._accounts(gift=True, owed=True)
        if not cards:
            return self.gift_card(at)
        till, lines, card = self.pick.till(), self.pick.basket(1), self.rng.choice(cards)
        return self.book.ring_up(till, at, lines, self._from(card, GIFT, due(lines, till.taxes)))

    @staticmethod
    def _from(account: Row, kind: int, total: Decimal) -> list[Tender]:
        """As much as the account has, and the rest by card."""
        stored = max(ZERO, min(total, -account["balance"]))
        return [Tender(kind, stored, account=account["creditAccountID"]), Tender(CARD, total - stored)]

    def layaway(self, at: datetime) -> Row:
        """Goods are put aside, and a deposit is paid for them: total 0, money in, credit out."""
        till = self.pick.till(known=True)
        self.book.set_aside(till, at, self.pick.line())
        account = self._account_of(till.customer, at)
        return self.book.ring_up(till, at, (), [Tender(CARD, DEPOSIT), Tender(ACCOUNT, -DEPOSIT, account=account)])

    def pick_up(self, at: datetime) -> Row:
        """Goods put aside are fetched: the line of then, paid with the deposit and the rest by card."""
        waiting = self.book.waiting()
        if not waiting:
            return self.layaway(at)
        line = self.rng.choice(waiting)
        till = self._till_for(line)
        account = self.book.world.tables["CreditAccount"][self._account_of(line["customerID"], at)]
        return self.book.ring_up(till, at, (), self._from(account, ACCOUNT, total_of([line])), waiting=[line])

    def _till_for(self, line: Row) -> Till:
        registers = self.book.world.tables["Register"].values()
        register = next(row["registerID"] for row in registers if row["shopID"] == line["shopID"])
        taxes = self.book.taxes(line["shopID"])
        return Till(line["shopID"], register, line["employeeID"], taxes, line["customerID"])

    def on_account(self, at: datetime) -> Row:
        """A shopper takes goods and pays later: the balance of the account rises."""
        till, lines = self.pick.till(known=True), self.pick.basket(2)
        account = self._account_of(till.customer, at)
        return self.book.ring_up(till, at, lines, [Tender(ACCOUNT, due(lines, till.taxes), account=account)])

    def pay_account(self, at: datetime) -> Row:
        """A shopper pays down what they owe: total 0, money in, debt down."""
        debts = self._accounts(gift=False, owed=False)
        if not debts:
            return self.on_account(at)
        account = self.rng.choice(debts)
        amount = min(Decimal(35), account["balance"])
        tenders = [Tender(CASH, amount), Tender(ACCOUNT, -amount, account=account["creditAccountID"])]
        return self.book.ring_up(self.pick.till(customer=account["customerID"]), at, (), tenders)
