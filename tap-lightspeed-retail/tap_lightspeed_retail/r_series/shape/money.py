"""Ways to pay, discounts, taxes, stored value, and the money in the tills."""

from __future__ import annotations

from tap_lightspeed_retail.r_series.context import Context
from tap_lightspeed_retail.r_series.fields import ZERO, Fields
from tap_lightspeed_retail.r_series.notes import Row, Shaped
from tap_lightspeed_retail.r_series.shape.common import identity, life, payment_kind
from tap_lightspeed_retail.scan import Record

SHOWN = 4
"""So many characters of a gift card's number may be seen: whoever knows all of them can spend it."""


def payment_type(row: Row, known: Context) -> Shaped:
    """A way to pay."""
    fields = Fields("payment_types", row, "paymentTypeID")
    return Shaped(
        {
            **identity(fields, known),
            "name": fields.text("name"),
            "code": fields.text("code"),
            "type": payment_kind(fields),
            "requires_customer": fields.flag("requireCustomer"),
            "reserved": fields.flag("internalReserved"),
            "refund_payment_type_id": fields.key("refundAsPaymentTypeID"),
            **life(fields),
        },
        fields.notes,
    )


def discount(row: Row, known: Context) -> Shaped:
    """An amount off, or a fraction; the vendor writes 0 for the one that it is not."""
    fields = Fields("discounts", row, "discountID")
    return Shaped(
        {
            **identity(fields, known),
            "name": fields.text("name"),
            "amount": fields.number("discountAmount") or None,
            "rate": fields.number("discountPercent") or None,
            "currency": known.currency,
            "requires_customer": fields.flag("requireCustomer"),
            **life(fields),
        },
        fields.notes,
    )


def tax_category(row: Row, known: Context) -> Shaped:
    """Two taxes at most; the second has no name when there is one only."""
    fields = Fields("tax_categories", row, "taxCategoryID")
    return Shaped(
        {
            **identity(fields, known),
            "tax_inclusive": fields.flag("isTaxInclusive"),
            "rates": [
                {"name": fields.text(f"tax{n}Name"), "rate": fields.number(f"tax{n}Rate")}
                for n in (1, 2)
                if fields.text(f"tax{n}Name") or fields.amount(f"tax{n}Rate")
            ],
            "class_rates": [
                rate
                for each in fields.rows("TaxCategoryClasses", "TaxCategoryClass")
                for rate in _class_rates(fields.within(each), fields)
            ],
            **life(fields),
        },
        fields.notes,
    )


def _class_rates(fields: Fields, category: Fields) -> list[Record]:
    return [
        {
            "tax_class_id": fields.key("taxClassID"),
            "name": category.text(f"tax{n}Name"),
            "rate": fields.number(f"tax{n}Rate"),
        }
        for n in (1, 2)
        if category.text(f"tax{n}Name") or fields.amount(f"tax{n}Rate")
    ]


def tax_class(row: Row, known: Context) -> Shaped:
    """A kind of goods."""
    fields = Fields("tax_classes", row, "taxClassID")
    return Shaped({**identity(fields, known), "name": fields.text("name"), **life(fields)}, fields.notes)


def credit_account(row: Row, known: Context) -> Shaped | None:
    """A shopper's account; the vendor's balance is negative when the store owes.

    Source: docs/vendors/lightspeed-r-series.md, stored value.
    """
    fields = Fields("credit_accounts", row, "creditAccountID")
    if fields.flag("giftCard"):
        return None
    return Shaped(
        {
            **identity(fields, known),
            "customer_id": fields.key("customerID"),
            "name": fields.text("name"),
            "description": fields.text("description"),
            "balance": fields.number("balance"),
            "credit_limit": fields.number("creditLimit"),
            "currency": known.currency,
            **life(fields),
        },
        fields.notes,
    )


def gift_card(row: Row, known: Context) -> Shaped | None:
    """A gift card; what the store owes is what is left on it."""
    fields = Fields("gift_cards", row, "creditAccountID")
    if not fields.flag("giftCard") and not fields.notes:
        return None
    code, balance = fields.text("code"), fields.number("balance")
    return Shaped(
        {
            **identity(fields, known),
            "number": _masked(code),
            "customer_id": fields.key("customerID"),
            "name": _without(code, fields.text("name")),
            "description": _without(code, fields.text("description")),
            "balance": None if balance is None else ZERO - balance,
            "currency": known.currency,
            **life(fields),
        },
        fields.notes,
    )


def _masked(code: str | None) -> str | None:
    """All but the last characters hidden; of a short number, all of them."""
    if code is None:
        return None
    shown = code[-SHOWN:] if len(code) > 2 * SHOWN else ""
    return "*" * (len(code) - len(shown)) + shown


def _without(code: str | None, text: str | None) -> str | None:
    """A text in which the number, should somebody have put it there, is masked too."""
    return text.replace(code, _masked(code) or "") if code and text else text


def register_count(row: Row, known: Context) -> Shaped:
    """The count that closes a till."""
    fields = Fields("register_counts", row, "registerCountID")
    return Shaped(
        {
            **identity(fields, known),
            "register_id": fields.key("registerID"),
            "opened_by_employee_id": fields.key("openEmployeeID"),
            "closed_by_employee_id": fields.key("closeEmployeeID"),
            "opened_at": fields.instant("openTime"),
            "closed_at": fields.instant("createTime"),
            "amounts": [
                _counted(fields.within(each)) for each in fields.rows("RegisterCountAmounts", "RegisterCountAmount")
            ],
            "currency": known.currency,
            "note": fields.text("notes"),
            **life(fields, changed=None),
        },
        fields.notes,
    )


def _counted(fields: Fields) -> Record:
    expected, counted = fields.amount("calculated"), fields.amount("actual")
    return {
        "payment_type_id": fields.key("paymentTypeID"),
        "expected": expected,
        "counted": counted,
        "difference": counted - expected,
    }
