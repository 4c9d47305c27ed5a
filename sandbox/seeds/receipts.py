"""Receipts by the vendor's own arithmetic (facts: R-Series sections 9.5 to 9.7 and 10).

A line's discount is rounded to cents, its taxes are not; the sale rounds the sum of each tax, half away from zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sandbox.lightspeed.world import Row, World

CENT = Decimal("0.01")
TAX1, TAX2 = Decimal("0.05"), Decimal("0.09975")
CASH, CARD, ACCOUNT, GIFT, ECOM = 1, 3, 4, 5, 6


@dataclass(frozen=True)
class Line:
    """What goes onto a receipt."""

    item: int
    quantity: Decimal
    price: Decimal
    discount: Decimal = Decimal(0)
    """A fraction of the price."""
    parent: int = 0
    taxed: bool = True
    kind: str = ""
    note: str = ""


@dataclass(frozen=True)
class Tender:
    """How it is paid; negative when money goes out."""

    type: int
    amount: Decimal
    tip: Decimal = Decimal(0)
    archived: bool = False
    account: int = 0
    refund_of: int = 0


@dataclass(frozen=True)
class Till:
    """Where, by whom and for whom."""

    shop: int
    register: int
    employee: int
    customer: int = 0


def cents(value: Decimal) -> Decimal:
    """Rounded to cents, half away from zero."""
    return value.quantize(CENT, ROUND_HALF_UP)


def ring_up(
    world: World, till: Till, at: datetime, lines: Sequence[Line], tenders: Sequence[Tender], **more: Any
) -> Row:
    """A completed sale with its lines and payments; returns the sale."""
    sale_id = max(world.tables["Sale"], default=0) + 1
    made = at - timedelta(seconds=120)
    rows = [_line(world, sale_id, till, made, line) for line in lines]
    for tender in tenders:
        _payment(world, sale_id, till, made + timedelta(seconds=60), tender)
    sale = {
        "saleID": sale_id,
        "ticketNumber": str(220000000000 + sale_id),
        "shopID": till.shop,
        "registerID": till.register,
        "employeeID": till.employee,
        "customerID": till.customer,
        "quoteID": 0,
        "shipToID": 0,
        "discountID": 0,
        "taxCategoryID": 1,
        "referenceNumber": "",
        "referenceNumberSource": "",
        "completed": True,
        "voided": False,
        "archived": False,
        "isTaxInclusive": False,
        "createTime": made,
        "completeTime": at,
        "timeStamp": at,
        "updateTime": at + timedelta(seconds=1),
        **totals(rows, tenders),
        **more,
    }
    return world.put("Sale", sale)


def totals(lines: Sequence[Row], tenders: Sequence[Tender]) -> Row:
    """The calculated fields of a sale."""
    subtotal = sum((line["calcSubtotal"] for line in lines), Decimal(0))
    discount = sum((line["calcLineDiscount"] + line["calcTransactionDiscount"] for line in lines), Decimal(0))
    tax1 = cents(sum((line["calcTax1"] for line in lines), Decimal(0)))
    tax2 = cents(sum((line["calcTax2"] for line in lines), Decimal(0)))
    total = cents(subtotal - discount + tax1 + tax2)
    live = [tender for tender in tenders if not tender.archived]
    tips = sum((tender.tip for tender in live), Decimal(0))
    paid = sum((tender.amount for tender in live), Decimal(0))
    stored = sum((tender.amount for tender in live if tender.type in (GIFT, ACCOUNT)), Decimal(0))
    sold_cards = -sum((tender.amount for tender in live if tender.type == GIFT and tender.amount < 0), Decimal(0))
    return {
        "calcSubtotal": subtotal,
        "calcDiscount": discount,
        "calcTax1": tax1,
        "calcTax2": tax2,
        "calcTotal": total,
        "total": total,
        "taxTotal": tax1 + tax2,
        "totalDue": total - stored,
        "displayableSubtotal": subtotal,
        "displayableTotal": total + sold_cards,
        "calcPayments": paid,
        "calcTips": tips,
        "balance": total - (paid - tips),
        "change": Decimal(0),
        "calcAvgCost": sum((line["avgCost"] * line["unitQuantity"] for line in lines), Decimal(0)),
        "tax1Rate": TAX1,
        "tax2Rate": TAX2,
    }


def due(lines: Sequence[Line]) -> Decimal:
    """What these lines come to, before they are rung up."""
    rows = [_amounts(line) for line in lines]
    return Decimal(totals(rows, ())["calcTotal"])


def _amounts(line: Line) -> Row:
    subtotal = line.quantity * line.price
    discount = cents(subtotal * line.discount)
    net = subtotal - discount if line.taxed else Decimal(0)
    tax1, tax2 = net * TAX1, net * TAX2
    return {
        "calcSubtotal": subtotal,
        "calcLineDiscount": discount,
        "calcTransactionDiscount": Decimal(0),
        "displayableSubtotal": subtotal - discount,
        "calcTax1": tax1,
        "calcTax2": tax2,
        "calcTotal": subtotal - discount + tax1 + tax2,
        "avgCost": cents(line.price / 2),
        "unitQuantity": line.quantity,
    }


def _line(world: World, sale_id: int, till: Till, at: datetime, line: Line) -> Row:
    row = {
        "saleID": sale_id,
        "itemID": line.item,
        "shopID": till.shop,
        "employeeID": till.employee,
        "customerID": 0,
        "unitPrice": line.price,
        "normalUnitPrice": Decimal(0),
        "discountPercent": line.discount,
        "discountID": 0,
        "taxClassID": 1,
        "noteID": 0,
        "parentSaleLineID": line.parent,
        "isLayaway": False,
        "isSpecialOrder": False,
        "isWorkorder": False,
        "lineType": line.kind,
        "createTime": at,
        "timeStamp": at + timedelta(seconds=90),
        **_amounts(line),
    }
    if line.note:
        row["Note"] = {"note": line.note, "isPublic": True}
    return world.put("SaleLine", row)


def _payment(world: World, sale_id: int, till: Till, at: datetime, tender: Tender) -> Row:
    row = {
        "saleID": sale_id,
        "amount": tender.amount,
        "tipAmount": tender.tip,
        "createTime": at,
        "archived": tender.archived,
        "paymentTypeID": tender.type,
        "ccChargeID": 0,
        "refPaymentID": tender.refund_of,
        "registerID": till.register,
        "employeeID": till.employee,
        "creditAccountID": tender.account,
        "remoteReference": "",
    }
    return world.put("SalePayment", row)
