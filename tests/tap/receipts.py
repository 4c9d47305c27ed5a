"""Receipts as the vendor writes them, for stories."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.tap.contract import records

CARD = {"paymentTypeID": "3", "name": "Visa", "type": "credit card"}
CASH = {"paymentTypeID": "1", "name": "Cash", "type": "cash"}
GIFT = {"paymentTypeID": "5", "name": "Gift Card", "type": "gift card"}
ACCOUNT = {"paymentTypeID": "4", "name": "Account", "type": "credit account"}


def line(number: int, quantity: str = "1", price: str = "10", item_id: str = "5", **more: Any) -> dict[str, Any]:
    total = str(Decimal(quantity) * Decimal(price))
    row = {
        "saleLineID": str(number),
        "itemID": item_id,
        "unitQuantity": quantity,
        "unitPrice": price,
        "calcTotal": total,
    }
    return {**row, "calcSubtotal": total, "parentSaleLineID": "0", "lineType": "", **more}


def payment(number: int, amount: str, kind: dict[str, str], **more: Any) -> dict[str, Any]:
    return {"salePaymentID": str(number), "amount": amount, "archived": "false", "PaymentType": kind, **more}


FEE = {"item_id": "0", "lineType": "item_fee", "parentSaleLineID": "1"}
FEE_BACK = {**FEE, "lineType": "item_fee_refund"}
CARD_SOLD = (payment(1, "-50", GIFT), payment(2, "50", CASH))
BACK = {"parentSaleLineID": "7"}


def receipt(*parts: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A sale row with its parts, each list as the vendor writes it."""
    lists = {}
    for name, element, key in (
        ("SaleLines", "SaleLine", "saleLineID"),
        ("SalePayments", "SalePayment", "salePaymentID"),
    ):
        rows = [part for part in parts if key in part]
        if rows:
            lists[name] = {element: rows[0] if len(rows) == 1 else rows}
    total = str(sum((Decimal(part["calcTotal"]) for part in parts if "saleLineID" in part), Decimal(0)))
    row = {"saleID": "9", "completed": "true", "voided": "false", "archived": "false", "calcTotal": total}
    times = {"updateTime": "2026-11-20T17:23:50+00:00", "completeTime": "2026-11-20T17:23:49+00:00"}
    return {**row, **times, "customerID": "0", "shopID": "3", **lists, **more}


def shaped(row: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]:
    """The sale with its lines and its payments, each sound."""
    made = records("sales", row)
    return made["sales"][0], made["sale_lines"], made["sale_payments"]
