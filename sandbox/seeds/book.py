"""The book of receipts: writes sales with their lines and payments as the vendor keeps them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sandbox.lightspeed.world import Row, World
from sandbox.seeds.catalogue import DISCOUNT
from sandbox.seeds.receipts import ZERO, Line, Taxes, Tender, Till, line_amounts, sale_amounts
from sandbox.seeds.shelves import Shelves
from sandbox.switches import Switches

TICKETS = 220000000000
"""A ticket's number is this and the id of its sale, in all that was recorded."""
CODES = 60_000_000_001_000
"""A gift card's code is this and its id; the API masks it."""
NOT_LATE = timedelta()


@dataclass(frozen=True)
class Moments:
    """When a sale was made, when it says that it was completed, if it was, and how much later that was written."""

    made: datetime
    completed: datetime | None = None
    late: timedelta = NOT_LATE

    def of_sale(self, switches: Switches) -> Row:
        """Completion is the time stamp, and the update comes a second later.

        Source: docs/vendors/lightspeed-r-series.md, stamps.
        """
        times = {"createTime": self.made, "completeTime": self.completed}
        if self.completed is None:
            return {**times, "timeStamp": self.made, "updateTime": self.made}
        written = self.completed + self.late
        stamp = self.completed if switches.completion_is_timestamp else written
        return {**times, "timeStamp": stamp, "updateTime": written + timedelta(seconds=switches.update_after_seconds)}


class ReceiptBook:
    """Writes receipts into an account.

    Args:
        world: The account.
        shelves: Goods are taken from there, when it is given.
    """

    def __init__(self, world: World, shelves: Shelves | None = None) -> None:
        self.world = world
        self._shelves = shelves
        self._last: dict[str, int] = {}
        self._parts = {name: self._by_sale(name) for name in ("SaleLine", "SalePayment")}
        self._returned: defaultdict[int, Decimal] = defaultdict(Decimal)
        for row in world.tables["SaleLine"].values():
            self._note_return(row)

    def _by_sale(self, name: str) -> defaultdict[int, list[int]]:
        keys: defaultdict[int, list[int]] = defaultdict(list)
        for key, row in self.world.tables[name].items():
            keys[row["saleID"]].append(key)
        return keys

    def next_id(self, resource: str) -> int:
        """The next key of a table."""
        if resource not in self._last:
            self._last[resource] = max(self.world.tables[resource], default=0)
        self._last[resource] += 1
        return self._last[resource]

    def _parts_of(self, name: str, sale_id: int) -> list[Row]:
        rows = (self.world.get(name, key) for key in self._parts[name].get(sale_id, ()))
        return [row for row in rows if row is not None and row["saleID"] == sale_id]

    def lines_of(self, sale: Row) -> list[Row]:
        """The lines of a sale."""
        return self._parts_of("SaleLine", sale["saleID"])

    def waiting(self) -> list[Row]:
        """Lines that are put aside and belong to no sale yet."""
        return self._parts_of("SaleLine", 0)

    def payments_of(self, sale: Row) -> list[Row]:
        """The payments of a sale that count."""
        return [row for row in self._parts_of("SalePayment", sale["saleID"]) if not row["archived"]]

    def left(self, line: Row) -> Decimal:
        """How many pieces of a line have not come back yet."""
        return Decimal(line["unitQuantity"]) - self._returned[line["saleLineID"]]

    def taxes(self, shop: int) -> Taxes:
        """The taxes of a shop."""
        row = self.world.tables["TaxCategory"][self.world.tables["Shop"][shop]["taxCategoryID"]]
        return Taxes(row["taxCategoryID"], row["tax1Rate"], row["tax2Rate"])

    def ring_up(
        self,
        till: Till,
        at: datetime,
        lines: Sequence[Line],
        tenders: Sequence[Tender],
        *,
        off_sale: Decimal = ZERO,
        waiting: Sequence[Row] = (),
        late: timedelta = NOT_LATE,
        **more: Any,
    ) -> Row:
        """A completed sale; its parts were made in the two minutes before.

        Args:
            till: Where, and for whom.
            at: When it was written.
            lines: What is sold.
            tenders: How it is paid.
            off_sale: Discount on the whole sale, a fraction.
            waiting: Lines that were put aside and are picked up now; they keep their ids.
            late: How much earlier it says that it was completed.
            more: Fields of the sale that differ.
        """
        moments = Moments(at - late - timedelta(seconds=120), at - late, late)
        return self._write(till, moments, lines, tenders, waiting=waiting, more={"discountPercent": off_sale, **more})

    def park(self, till: Till, at: datetime, lines: Sequence[Line], tenders: Sequence[Tender], **more: Any) -> Row:
        """A sale that is not completed; its parts come later and leave its times alone, as recorded."""
        return self._write(till, Moments(at), lines, tenders, waiting=(), more={"discountPercent": ZERO, **more})

    def _write(
        self,
        till: Till,
        moments: Moments,
        lines: Sequence[Line],
        tenders: Sequence[Tender],
        *,
        waiting: Sequence[Row],
        more: Row,
    ) -> Row:
        sale_id = self.next_id("Sale")
        rows = [self._pick_up(sale_id, row, moments) for row in waiting]
        for line in lines:
            parent = rows[-1]["saleLineID"] if line.kind else line.parent
            amounts = line_amounts(line, till.taxes, more["discountPercent"])
            rows.append(self._line(sale_id, till, moments, line, {"parentSaleLineID": parent, **amounts}))
        hung_on = rows[0]["saleLineID"] if rows else 0
        payments = [self._payment(sale_id, till, moments, tender, hung_on) for tender in tenders if tender.amount]
        done = moments.completed is not None
        amounts = sale_amounts(rows, payments, completed=done)
        head = self._head(sale_id, till)
        times = moments.of_sale(self.world.switches)
        sale = self.world.put("Sale", {**head, "completed": done, **times, **amounts, **more})
        if moments.completed is not None:
            self.take(sale, rows, moments.completed + moments.late)
        return sale

    def take(self, sale: Row, lines: Sequence[Row], at: datetime, *, back: bool = False) -> None:
        """The goods leave the shelf, or come back."""
        if self._shelves is None:
            return
        for line in lines:
            pieces = line["unitQuantity"]
            self._shelves.take(line["itemID"], sale["shopID"], -pieces if back else pieces, self._by_now(at))

    @staticmethod
    def _head(sale_id: int, till: Till) -> Row:
        return {
            "saleID": sale_id,
            "ticketNumber": str(TICKETS + sale_id),
            "shopID": till.shop,
            "registerID": till.register,
            "employeeID": till.employee,
            "tipEmployeeID": till.employee,
            "customerID": till.customer,
            "quoteID": 0,
            "shipToID": 0,
            "discountID": 0,
            "taxCategoryID": till.taxes.category,
            "tax1Rate": till.taxes.tax1,
            "tax2Rate": till.taxes.tax2,
            "referenceNumber": "",
            "referenceNumberSource": "",
            "voided": False,
            "archived": False,
            "enablePromotions": True,
            "isTaxInclusive": False,
            "tipEnabled": False,
            "receiptPreference": "printed",
            "MetaData": {"tipOption1": 10, "tipOption2": 15, "tipOption3": 20},
        }

    def _line(self, sale_id: int, till: Till, moments: Moments, line: Line, more: Row) -> Row:
        made = self._by_now(moments.made + timedelta(seconds=20))
        row = {
            "saleLineID": self.next_id("SaleLine"),
            "saleID": sale_id,
            "itemID": line.item,
            "shopID": till.shop,
            "employeeID": till.employee,
            "customerID": 0,
            "normalUnitPrice": ZERO,
            "discountAmount": ZERO,
            "discountPercent": line.discount,
            "discountID": DISCOUNT if line.discount else 0,
            "taxClassID": 1 if line.taxed else 2,
            "taxCategoryID": till.taxes.category,
            "noteID": 0,
            "itemFeeID": 1 if line.kind else 0,
            "isLayaway": False,
            "isSpecialOrder": False,
            "isWorkorder": False,
            "createTime": made,
            "timeStamp": moments.completed or made,
            **more,
        }
        return self._keep_line({**row, "Note": {"note": line.note, "isPublic": True}} if line.note else row)

    def _keep_line(self, row: Row) -> Row:
        self._parts["SaleLine"][row["saleID"]].append(row["saleLineID"])
        self._note_return(row)
        return self.world.put("SaleLine", row)

    def _note_return(self, row: Row) -> None:
        if row["unitQuantity"] < 0 and row["parentSaleLineID"]:
            self._returned[row["parentSaleLineID"]] -= row["unitQuantity"]

    def set_aside(self, till: Till, at: datetime, line: Line) -> Row:
        """Goods put aside for a shopper: a line without a sale."""
        number = len(self._parts["SaleLine"][0]) + 1
        stock = {"inventorySaleID": number, "quantity": line.quantity, "inventoryID": 300000 + line.item}
        more = {"customerID": till.customer, "isLayaway": True, "InventorySales": [stock], "parentSaleLineID": 0}
        return self._line(0, till, Moments(at), line, {**more, **line_amounts(line, till.taxes)})

    def _pick_up(self, sale_id: int, row: Row, moments: Moments) -> Row:
        return self._keep_line({**row, "saleID": sale_id, "timeStamp": moments.completed or moments.made})

    def _payment(self, sale_id: int, till: Till, moments: Moments, tender: Tender, line_id: int) -> Row:
        key = self.next_id("SalePayment")
        paid = self._by_now(moments.made + timedelta(seconds=40))
        row: Row = {
            "salePaymentID": key,
            "saleID": sale_id,
            "amount": tender.amount,
            "tipAmount": tender.tip,
            "createTime": paid,
            "archived": tender.archived,
            "paymentTypeID": tender.type,
            "ccChargeID": 0,
            "refPaymentID": tender.refund_of,
            "registerID": till.register,
            "employeeID": till.employee,
            "creditAccountID": tender.account,
            "remoteReference": "",
            "paymentID": "",
        }
        if tender.account:
            self._move_balance(tender.account, tender.amount, moments.completed or moments.made)
            account = {"saleAccountID": key, "creditAccountID": tender.account, "salePaymentID": key}
            row["SaleAccounts"] = [{**account, "saleLineID": line_id}]
        self._parts["SalePayment"][sale_id].append(key)
        return self.world.put("SalePayment", row)

    def _move_balance(self, account: int, amount: Decimal, at: datetime) -> None:
        row = self.world.tables["CreditAccount"][account]
        self.world.put("CreditAccount", {**row, "balance": row["balance"] + amount, "timeStamp": at})

    def open_account(self, at: datetime, *, customer: int = 0) -> int:
        """A credit account of a shopper, or else a gift card; a negative balance is what the store owes."""
        key = self.next_id("CreditAccount")
        row = {"creditAccountID": key, "giftCard": not customer, "archived": False, "customerID": customer}
        said = {"name": f"Account {key}", "description": "", "code": "" if customer else f"{CODES + key}"}
        money = {"balance": ZERO, "creditLimit": Decimal(500) if customer else ZERO, "timeStamp": at}
        self.world.put("CreditAccount", {**row, **said, **money})
        if customer:
            owner = self.world.tables["Customer"][customer]
            self.world.put("Customer", {**owner, "creditAccountID": key, "timeStamp": max(at, owner["timeStamp"])})
        return key

    def swap(self, payment: Row, at: datetime, **changed: Any) -> Row:
        """Another payment after all: the old one is archived, a new one takes its place."""
        self.world.put("SalePayment", {**payment, "archived": True})
        fresh = {**payment, "salePaymentID": self.next_id("SalePayment"), "createTime": at, **changed}
        self._parts["SalePayment"][payment["saleID"]].append(fresh["salePaymentID"])
        return self.world.put("SalePayment", fresh)

    def settle(self, sale: Row, **more: Any) -> Row:
        """The sale with its calculated fields made anew from its parts."""
        sale = {**sale, **more}
        amounts = sale_amounts(self.lines_of(sale), self.payments_of(sale), completed=sale["completed"])
        return self.world.put("Sale", {**sale, **amounts})

    def void_reason(self, sale: Row, at: datetime, reason: str) -> Row:
        """The row that says who voided a sale, when and why."""
        row = {"saleVoidID": self.next_id("SaleVoid"), "createTime": at, "reason": reason, "saleID": sale["saleID"]}
        return self.world.put("SaleVoid", {**row, "employeeID": sale["employeeID"], "shopID": sale["shopID"]})

    def _by_now(self, moment: datetime) -> datetime:
        """Nothing is stamped in the future."""
        return min(moment, self.world.clock.now().replace(microsecond=0))
