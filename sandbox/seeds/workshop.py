"""What is promised to shoppers: special orders, work orders and quotes.

Source: docs/vendors/lightspeed-r-series.md, stored value, events.

A few honest rows of each, written after the receipts; chance has no part in them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sandbox.lightspeed.world import Row
from sandbox.seeds.book import ReceiptBook
from sandbox.seeds.catalogue import CARD, price_of
from sandbox.seeds.receipts import Line, Tender, Till, total_of

STATUSES = ("open", "estimate", "waiting", "finished", "paid")
"""The vendor's own; the merchant may add others, which have no system value."""
TAGS = 250000000000
"""A work order's number is this and its id, as a product's is 210000000000 and about its own."""
PIECE = Decimal(1)


@dataclass
class Workshop:
    """Takes orders and repairs in.

    Args:
        book: The receipts of the account.
        now: When it is.
    """

    book: ReceiptBook
    now: datetime

    def fill(self) -> None:
        """Special orders and work orders, one waiting and one done of each; a quote that was changed once."""
        self._statuses()
        self._special_order(1, item=6, customer=3, days=3, picked_up=False)
        self._special_order(2, item=9, customer=4, days=30, picked_up=True)
        self._work_order(1, customer=5, days=2, paid=False)
        self._work_order(2, customer=6, days=15, paid=True)
        self._quote(customer=2)

    def _ago(self, **span: float) -> datetime:
        return self.now - timedelta(**span)

    def _till(self, customer: int) -> Till:
        return Till(1, 1, 1, self.book.taxes(1), customer)

    def _line(self, item: int) -> Line:
        row = self.book.world.tables["Item"][item]
        return Line(item, PIECE, price_of(row), taxed=row["tax"])

    def _set_aside(self, flag: str, item: int, customer: int, at: datetime) -> Row:
        """A line without a sale, for an order of either kind; nothing is reserved of what is still to come."""
        row = self.book.set_aside(self._till(customer), at, self._line(item))
        reserved = [] if flag == "isSpecialOrder" else row["InventorySales"]
        return self.book.world.put("SaleLine", {**row, "isLayaway": False, flag: True, "InventorySales": reserved})

    def _pick_up(self, line: Row, customer: int, at: datetime) -> Row:
        """The line of then on a sale of now, paid by card."""
        return self.book.ring_up(self._till(customer), at, (), [Tender(CARD, total_of([line]))], waiting=[line])

    def _special_order(self, number: int, *, item: int, customer: int, days: int, picked_up: bool) -> None:
        """The first is on the purchase order of its item."""
        line = self._set_aside("isSpecialOrder", item, customer, self._ago(days=days))
        if picked_up:
            self._pick_up(line, customer, self._ago(days=days - 20))
        orders = self.book.world.rows("OrderLine")
        ordered = next((row["orderLineID"] for row in orders if row["itemID"] == item), 0)
        state = {"status": "Ready For Pickup" if picked_up else "Ordered", "completed": picked_up}
        keys = {"customerID": customer, "shopID": 1, "saleLineID": line["saleLineID"], "orderLineID": ordered}
        row = {"specialOrderID": number, "unitQuantity": PIECE, "contacted": picked_up, "transferItemID": 0}
        at = self._ago(days=days - 20 if picked_up else days)
        self.book.world.put("SpecialOrder", {**row, **state, **keys, "timeStamp": at})

    def _statuses(self) -> None:
        for number, name in enumerate((*STATUSES, "Waiting for parts"), 1):
            row = {"workorderStatusID": number, "name": name.capitalize(), "sortOrder": str(number), "htmlColor": ""}
            self.book.world.put("WorkorderStatus", {**row, "systemValue": name if name in STATUSES else ""})

    def _work_order(self, number: int, *, customer: int, days: int, paid: bool) -> None:
        """One part and an hour and a half of labour."""
        at = self._ago(days=days)
        line = self._set_aside("isWorkorder", 10, customer, at)
        sale = self._pick_up(line, customer, self._ago(days=days - 5))["saleID"] if paid else 0
        status = STATUSES.index("paid") + 1 if paid else len(STATUSES) + 1
        keys = {"customerID": customer, "discountID": 0, "employeeID": 2, "serializedID": 0, "shopID": 1}
        text = {"note": "Squeaks", "internalNote": "", "hookIn": "A3", "hookOut": "", "systemSku": str(TAGS + number)}
        flags = {"warranty": False, "tax": True, "archived": False, "saveParts": False, "assignEmployeeToAll": True}
        stamp = self._ago(days=days - 5) if paid else at
        times = {"timeIn": at, "etaOut": at + timedelta(days=5), "timeStamp": stamp}
        more = {"saleID": sale, "saleLineID": 0, "workorderStatusID": status}
        self.book.world.put("Workorder", {"workorderID": number, **text, **flags, **keys, **times, **more})
        self._work(number, line, sale, stamp)

    def _work(self, number: int, line: Row, sale: int, at: datetime) -> None:
        shared = {"workorderID": number, "employeeID": 2, "saleID": sale, "discountID": 0, "timeStamp": at}
        shared |= {"approved": True, "warranty": False, "tax": True, "unitQuantity": PIECE}
        part = {"itemID": line["itemID"], "unitPrice": line["unitPrice"], "isSpecialOrder": False, "note": ""}
        labour = {"itemID": 0, "unitPriceOverride": Decimal(0), "unitCost": Decimal(20), "hours": 1, "minutes": 30}
        done = {"done": bool(sale), "note": "Labor", "taxClassID": 1, "saleLineID": 0}
        self.book.world.put("WorkorderItem", {**shared, **part, "saleLineID": line["saleLineID"]})
        self.book.world.put("WorkorderLine", {**shared, **labour, **done})

    def _quote(self, customer: int) -> None:
        """Changed once: it has a new sale since, and the old one stays, open for ever."""
        for days in (6, 5):
            sale = self.book.park(self._till(customer), self._ago(days=days), [self._line(11)], (), quoteID=1)
        row = {"quoteID": 1, "issueDate": self._ago(days=6), "notes": "Valid for a month", "archived": False}
        self.book.world.put("Quote", {**row, "employeeID": 1, "saleID": sale["saleID"]})
