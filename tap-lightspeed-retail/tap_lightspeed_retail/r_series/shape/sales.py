"""Receipts with their lines and payments: what they say, and what they are.

Source: docs/vendors/lightspeed-r-series.md, events.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from tap_lightspeed_retail.r_series.context import Context
from tap_lightspeed_retail.r_series.fields import ZERO, Fields
from tap_lightspeed_retail.r_series.notes import TEXTS, Row, Shaped
from tap_lightspeed_retail.r_series.shape.common import identity, life, note_of, payment_kind
from tap_lightspeed_retail.scan import Record

STORED_VALUE = ("gift_card", "credit_account")
FEES: Mapping[str, str | None] = {"item_fee": "fee", "item_fee_refund": "fee_return"}


def sale(row: Row, known: Context) -> Shaped:
    """A receipt, with its lines and payments."""
    fields = Fields("sales", row, "saleID")
    updated = fields.instant("updateTime") or fields.instant("timeStamp")
    payments = [
        payment(each, known, fields.id, updated, fields.key("shopID"))
        for each in fields.rows("SalePayments", "SalePayment")
    ]
    live = [each.record for each in payments if not each.record["voided"]]
    card_sold = any(each["type"] == "gift_card" and (each["amount"] or ZERO) < 0 for each in live)
    lines = [
        line(each, known, fields.id, updated, position, card_sold=card_sold)
        for position, each in enumerate(fields.rows("SaleLines", "SaleLine"), 1)
    ]
    line_records = [each.record for each in lines]
    return Shaped(
        {
            **identity(fields, known),
            "number": fields.text("ticketNumber"),
            "kind": sale_kind(fields, line_records, live),
            "state": _state(fields),
            "shop_id": fields.key("shopID"),
            "register_id": fields.key("registerID"),
            "employee_id": fields.key("employeeID"),
            "customer_id": fields.key("customerID"),
            "quote_id": fields.key("quoteID"),
            "reference": fields.text("referenceNumber"),
            "reference_source": fields.text("referenceNumberSource"),
            "note": _note(fields),
            **_money(fields, line_records, live),
            "currency": known.currency,
            "tax_inclusive": fields.flag("isTaxInclusive"),
            "taxes": _taxes(fields),
            "payment_types": sorted({each["type"] for each in live}),
            "returned_sale_ids": [],
            "line_ids": [each["id"] for each in line_records],
            "payment_ids": [each.record["id"] for each in payments],
            "completed_at": fields.instant("completeTime"),
            "business_date": fields.day("completeTime", known.zone_of(fields.key("shopID")), told_as="business_date"),
            "voided_at": None,
            **life(fields),
            "updated_at": updated,
        },
        fields.notes,
        {"sale_lines": lines, "sale_payments": payments},
    )


def _note(fields: Fields) -> str | None:
    """What is printed on the receipt, then what is not."""
    said = (fields.within(each).text("note") for each in fields.rows("SaleNotes", "PrintedNote", "InternalNote"))
    return "\n".join(filter(None, said)) or None


def _money(fields: Fields, lines: list[Record], live: list[Record]) -> Record:
    """The amounts of a receipt.

    What is due and what is still to pay is worked out here, because the vendor's own words disagree with each other: a
    balance falls short by the tip or does not, a refund to a card is due or is not, and a sale that is not completed
    says nothing of its payments (docs/vendors/lightspeed-r-series.md, sales). Goods, tax and total are the vendor's.
    """
    said = fields.number("calcTotal")
    total = fields.number("total") if said is None else said
    paid, tip = _sum(live, "amount"), _sum(live, "tip") if live else fields.amount("calcTips")
    stored = _sum([each for each in live if each["type"] in STORED_VALUE or each["credit_account_id"]], "amount")
    return {
        "subtotal": fields.number("calcSubtotal"),
        "discount": fields.number("calcDiscount"),
        "tax": fields.amount("calcTax1") + fields.amount("calcTax2"),
        "total": total,
        "total_due": (total or ZERO) - stored,
        "display_total": fields.number("displayableTotal"),
        "tip": tip,
        "fees": fields.number("calcItemFees"),
        "rounding": fields.number("cashRoundingDelta"),
        "lines_difference": (total or ZERO) - _sum(lines, "total"),
        "paid": paid,
        "balance": _balance(fields, (total or ZERO) - paid + tip),
        "change": fields.number("change"),
        "cost": fields.number("calcAvgCost"),
    }


def _balance(fields: Fields, unpaid: Decimal) -> Decimal:
    """What is still to pay: of a void nothing, nor what the drawer rounded, whichever sign the vendor gives that."""
    rounded = abs(unpaid) == abs(fields.amount("cashRoundingDelta"))
    return ZERO if rounded or fields.flag("voided") else unpaid


def _sum(rows: list[Record], name: str) -> Decimal:
    return sum((each[name] or ZERO for each in rows), ZERO)


def _state(fields: Fields) -> str:
    if fields.flag("voided"):
        return "voided"
    return "completed" if fields.flag("completed") else "open"


def _taxes(fields: Fields) -> list[Record]:
    return [
        {"id": None, "name": f"tax{n}", "rate": fields.number(f"tax{n}Rate"), "amount": fields.amount(f"calcTax{n}")}
        for n in (1, 2)
        if fields.amount(f"calcTax{n}")
    ]


def sale_kind(fields: Fields, lines: list[Record], live: list[Record]) -> str:
    """What a receipt is, by what is on it (docs/vendors/lightspeed-r-series.md, events).

    A negative quantity means goods came back; a negative price does not. Stored value that is paid *into* moves a
    liability and is no revenue; whether a credit account got a deposit or had a debt paid down, the sale does not say.
    """
    if fields.flag("voided"):
        return "void"
    back = [each for each in lines if each["kind"] in ("return", "fee_return")]
    out = [each for each in lines if each["kind"] == "item" or (each["kind"] == "other" and each["unit_price"])]
    if back:
        return "exchange" if out else "refund"
    into = {each["type"] for each in live if each["type"] in STORED_VALUE and (each["amount"] or ZERO) < 0}
    if not fields.amount("calcTotal") and into:
        return "gift_card" if "gift_card" in into else "deposit"
    return "credit" if lines and all((each["unit_price"] or ZERO) < 0 for each in lines) else "sale"


def line(
    row: Row, known: Context, sale_id: str, updated: str | None, position: int, *, card_sold: bool = False
) -> Shaped:
    """A line of a receipt; ``card_sold`` says that its payments put money on a gift card."""
    fields = Fields("sale_lines", row, "saleLineID")
    kind = _line_kind(fields, card_sold=card_sold)
    parent = fields.key("parentSaleLineID")
    fee = kind in ("fee", "fee_return")
    note = note_of(fields)
    return Shaped(
        {
            **identity(fields, known),
            "sale_id": sale_id,
            "sale_updated_at": updated,
            "position": position,
            "kind": kind,
            "item_id": fields.key("itemID"),
            "description": note if fields.key("itemID") is None else None,
            "shop_id": fields.key("shopID"),
            "employee_id": fields.key("employeeID"),
            "customer_id": fields.key("customerID"),
            "quantity": fields.number("unitQuantity"),
            "unit_price": fields.number("unitPrice"),
            "discount": fields.amount("calcLineDiscount") + fields.amount("calcTransactionDiscount"),
            "subtotal": fields.number("calcSubtotal"),
            "tax": fields.amount("calcTax1") + fields.amount("calcTax2"),
            "total": fields.number("calcTotal"),
            "cost": fields.number("avgCost"),
            "currency": known.currency,
            "tax_class_id": fields.key("taxClassID"),
            "discount_id": fields.key("discountID"),
            "parent_line_id": parent if fee else None,
            "returned_line_id": parent if kind == "return" else None,
            "on_layaway": fields.flag("isLayaway"),
            "on_special_order": fields.flag("isSpecialOrder"),
            "on_work_order": fields.flag("isWorkorder"),
            "note": note,
            **life(fields),
        },
        fields.notes,
    )


def _line_kind(fields: Fields, *, card_sold: bool) -> str:
    """What a line is; a parent line alone makes no return, for fees have one too.

    The vendor rings a gift card up as a line of no item for nothing; its note says so, in the merchant's language.
    """
    written = fields.choice("lineType", FEES, None)
    if written:
        return written
    if fields.amount("unitQuantity") < 0:
        return "return"
    if fields.key("itemID"):
        return "item"
    if fields.amount("unitPrice") < 0:
        return "credit"
    if card_sold and not fields.amount("unitPrice"):
        return "gift_card"
    return "gift_card" if "gift card" in (note_of(fields, ("gift card", *TEXTS)) or "").lower() else "other"


def payment(row: Row, known: Context, sale_id: str, updated: str | None, shop_id: str | None) -> Shaped:
    """A payment of a receipt; an archived one no longer counts."""
    fields = Fields("sale_payments", row, "salePaymentID")
    kind = fields.within(fields.inside("PaymentType"))
    return Shaped(
        {
            **identity(fields, known),
            "sale_id": sale_id,
            "sale_updated_at": updated,
            "type": payment_kind(kind),
            "payment_type_id": fields.key("paymentTypeID"),
            "name": kind.text("name"),
            "amount": fields.number("amount"),
            "tip": fields.number("tipAmount"),
            "currency": known.currency,
            "shop_id": shop_id,
            "register_id": fields.key("registerID"),
            "employee_id": fields.key("employeeID"),
            "credit_account_id": fields.key("creditAccountID"),
            "refunded_payment_id": fields.key("refPaymentID"),
            "reference": fields.text("remoteReference"),
            "voided": fields.flag("archived") or False,
            "paid_at": fields.instant("createTime"),
            **life(fields, changed=None),
        },
        fields.notes,
    )


def sale_void(row: Row, known: Context) -> Shaped:
    """Who voided a sale, when and why."""
    fields = Fields("sale_voids", row, "saleVoidID")
    return Shaped(
        {
            **identity(fields, known),
            "sale_id": fields.key("saleID"),
            "shop_id": fields.key("shopID"),
            "employee_id": fields.key("employeeID"),
            "reason": fields.text("reason"),
            "voided_at": fields.instant("createTime"),
            **life(fields, changed=None),
        },
        fields.notes,
    )
