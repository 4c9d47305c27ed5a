"""The arithmetic of a receipt, as the vendor does it (docs/vendors/lightspeed-r-series.md, lines, events). Pure.

A discount is rounded to cents per line, taxes are not; the sale rounds the sum of each tax, half away from zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from sandbox.lightspeed.world import Row
from sandbox.seeds.catalogue import ACCOUNT, CARD, GIFT

CENT = Decimal("0.01")
ZERO = Decimal(0)


@dataclass(frozen=True)
class Taxes:
    """A tax category and its two rates, as fractions."""

    category: int
    tax1: Decimal
    tax2: Decimal


@dataclass(frozen=True)
class Line:
    """What goes onto a receipt."""

    item: int
    quantity: Decimal
    price: Decimal
    discount: Decimal = ZERO
    """A fraction of the price."""
    parent: int = 0
    """The line whose goods come back. A fee hangs on the line above it."""
    taxed: bool = True
    kind: str = ""
    note: str = ""


@dataclass(frozen=True)
class Tender:
    """How it is paid; negative when money goes out. The amount holds the tip."""

    type: int
    amount: Decimal
    tip: Decimal = ZERO
    archived: bool = False
    account: int = 0
    refund_of: int = 0


@dataclass(frozen=True)
class Till:
    """Where, by whom, for whom and with which taxes."""

    shop: int
    register: int
    employee: int
    taxes: Taxes
    customer: int = 0


def cents(value: Decimal) -> Decimal:
    """Rounded to cents, half away from zero."""
    return value.quantize(CENT, ROUND_HALF_UP)


def line_amounts(line: Line, taxes: Taxes, off_sale: Decimal = ZERO) -> Row:
    """The amounts of a line.

    Args:
        line: The line.
        taxes: Of the shop.
        off_sale: Discount on the whole sale, a fraction; it comes after the line's own.
    """
    subtotal = line.quantity * line.price
    discount = cents(subtotal * line.discount)
    off = cents((subtotal - discount) * off_sale)
    net = subtotal - discount - off
    tax1, tax2 = (net * taxes.tax1, net * taxes.tax2) if line.taxed else (ZERO, ZERO)
    cost = cents(line.price / 2) if line.item else ZERO
    return {
        "lineType": line.kind,
        "unitQuantity": line.quantity,
        "unitPrice": line.price,
        "tax": line.taxed,
        "tax1Rate": taxes.tax1,
        "tax2Rate": taxes.tax2,
        "avgCost": cost,
        "fifoCost": cost,
        "displayableUnitPrice": line.price,
        "displayableSubtotal": net,
        "calcSubtotal": subtotal,
        "calcLineDiscount": discount,
        "calcTransactionDiscount": off,
        "calcTax1": tax1,
        "calcTax2": tax2,
        "calcTotal": net + tax1 + tax2,
    }


def due(lines: Sequence[Line], taxes: Taxes, off_sale: Decimal = ZERO) -> Decimal:
    """What these lines come to, before they are rung up."""
    return total_of([line_amounts(line, taxes, off_sale) for line in lines])


def total_of(lines: Sequence[Row]) -> Decimal:
    """What these rows come to."""
    return Decimal(_sums(lines)["calcTotal"])


def sale_amounts(lines: Sequence[Row], payments: Sequence[Row], *, completed: bool = True) -> Row:
    """The calculated fields of a sale; one that is not completed says nothing of its payments, as recorded."""
    sums = _sums(lines)
    return {**sums, **_paid(sums["calcTotal"], [each for each in payments if not each["archived"]], completed)}


def _sum(rows: Sequence[Row], *names: str) -> Decimal:
    return sum((row[name] for row in rows for name in names), ZERO)


def _sums(lines: Sequence[Row]) -> Row:
    subtotal = _sum(lines, "calcSubtotal")
    discount = _sum(lines, "calcLineDiscount", "calcTransactionDiscount")
    tax1, tax2 = cents(_sum(lines, "calcTax1")), cents(_sum(lines, "calcTax2"))
    total = subtotal - discount + tax1 + tax2
    taxed = _sum([line for line in lines if line["tax"]], "displayableSubtotal")
    cost = sum((line["avgCost"] * line["unitQuantity"] for line in lines), ZERO)
    return {
        "calcSubtotal": subtotal,
        "calcDiscount": discount,
        "calcTaxable": taxed,
        "calcNonTaxable": subtotal - discount - taxed,
        "calcTax1": tax1,
        "calcTax2": tax2,
        "taxTotal": tax1 + tax2,
        "calcTotal": total,
        "total": total,
        "displayableSubtotal": subtotal,
        "calcItemFees": _sum([line for line in lines if line["lineType"]], "calcSubtotal"),
        "calcAvgCost": cost,
        "calcFIFOCost": cost,
    }


def _paid(total: Decimal, live: Sequence[Row], completed: bool) -> Row:
    stored = [each for each in live if each["paymentTypeID"] in (GIFT, ACCOUNT)]
    card_refunds = [each for each in live if each["paymentTypeID"] == CARD and each["amount"] < 0]
    gift_cards_sold = [each for each in stored if each["paymentTypeID"] == GIFT and each["amount"] < 0]
    paid = _sum(live, "amount") if completed else ZERO
    balance = total - paid if completed else ZERO
    return {
        "totalDue": total - _sum(stored, "amount") - _sum(card_refunds, "amount"),
        "displayableTotal": total - _sum(gift_cards_sold, "amount"),
        "calcPayments": paid,
        "calcTips": _sum(live, "tipAmount"),
        "balance": balance,
        "change": ZERO,
        "cashRoundingDelta": ZERO,
        "cashRoundedTotal": total,
        "cashRoundedBalance": balance,
    }
