"""Vendor row -> canonical record. Pure, and the only file with R-Series field names.

Amounts stay ``Decimal``; how values are written is ``fields.py``'s business. The meaning of sales follows the facts on
R-Series, section 10.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tap_lightspeed_retail.r_series.fields import ZERO, Fields, Row, elements

Record = dict[str, Any]
PAYMENT_TYPES = {
    "cash": "cash",
    "credit card": "card",
    "gift card": "gift_card",
    "credit account": "credit_account",
    "ecom": "online",
    "adjustment": "adjustment",
}
STORED_VALUE = ("gift_card", "credit_account")


@dataclass(frozen=True)
class Context:
    """What a row does not say of itself: its account, that account's currency, and the zone of its birthdays."""

    account_id: str
    currency: str | None
    time_zone: str


def _identity(fields: Fields, known: Context) -> Record:
    return {"account_id": known.account_id, "id": fields.id}


def _life(fields: Fields, *, changed: str | None = "timeStamp") -> Record:
    return {
        "archived": fields.flag("archived") or False,
        "created_at": fields.instant("createTime"),
        "updated_at": fields.instant(changed) if changed else None,
        "deleted_at": None,
        "version": None,
    }


def _address(contact: Fields) -> Record:
    found = contact.rows("Addresses", "ContactAddress")
    address = Fields("contact", {"id": "0", **(found[0] if found else {})}, "id")
    return {
        "address_line1": address.text("address1"),
        "address_line2": address.text("address2"),
        "city": address.text("city"),
        "state": address.text("stateCode") or address.text("state"),
        "postal_code": address.text("zip"),
        "country": address.text("countryCode") or address.text("country"),
    }


def _contact(fields: Fields) -> Fields:
    return Fields("contact", {"contactID": "0", **fields.inside("Contact")}, "contactID")


def _numbers(contact: Fields) -> list[Record]:
    rows = contact.rows("Phones", "ContactPhone")
    return [{"number": row.get("number"), "type": str(row.get("useType", "")).lower() or None} for row in rows]


def _mails(contact: Fields) -> list[Record]:
    rows = contact.rows("Emails", "ContactEmail")
    return [{"address": row.get("address"), "type": str(row.get("useType", "")).lower() or None} for row in rows]


def _first(rows: Iterable[Record], value: str, *types: str) -> str | None:
    """The value of the first row of the first type that has one."""
    found = list(rows)
    return next((row[value] for kind in types for row in found if row["type"] == kind and row[value]), None)


def shop(row: Row, known: Context) -> Record:
    """A store."""
    fields = Fields("shops", row, "shopID")
    contact = _contact(fields)
    return {
        **_identity(fields, known),
        "name": fields.text("name"),
        "time_zone": fields.text("timeZone"),
        **_address(contact),
        "phone": next((each["number"] for each in _numbers(contact)), None),
        "email": next((each["address"] for each in _mails(contact)), None),
        "company_registration_number": fields.text("companyRegistrationNumber"),
        "vat_number": fields.text("vatNumber"),
        "tax_category_id": fields.key("taxCategoryID"),
        "price_list_id": fields.key("priceLevelID"),
        "currency": known.currency,
        **_life(fields),
    }


def customer(row: Row, known: Context) -> Record:
    """A shopper."""
    fields = Fields("customers", row, "customerID")
    contact = _contact(fields)
    phones, mails = _numbers(contact), _mails(contact)
    note, kind = fields.inside("Note"), fields.inside("CustomerType")
    return {
        **_identity(fields, known),
        "code": None,
        "title": fields.text("title"),
        "first_name": fields.text("firstName"),
        "last_name": fields.text("lastName"),
        "company": fields.text("company"),
        "email": _first(mails, "address", "primary", "secondary") or next((each["address"] for each in mails), None),
        "emails": mails,
        "phone": _first(phones, "number", "home"),
        "mobile": _first(phones, "number", "mobile"),
        "work_phone": _first(phones, "number", "work"),
        "phones": phones,
        "website": next((each.get("url") for each in contact.rows("Websites", "ContactWebsite")), None),
        **_address(contact),
        "birth_date": fields.birthday("dob", known.time_zone),
        "gender": None,
        "customer_type_id": fields.key("customerTypeID"),
        "customer_type": kind.get("name"),
        "discount_id": fields.key("discountID"),
        "tax_category_id": fields.key("taxCategoryID"),
        "credit_account_id": fields.key("creditAccountID"),
        "note": note.get("note") or None,
        "tags": [str(each) for each in elements(fields.inside("Tags"), "Tag")],
        "custom_fields": _custom(fields),
        "email_opt_out": contact.flag("noEmail"),
        "phone_opt_out": contact.flag("noPhone"),
        "mail_opt_out": contact.flag("noMail"),
        "balance": None,
        "loyalty_balance": None,
        "currency": known.currency,
        **_life(fields),
    }


def _custom(fields: Fields) -> list[Record]:
    return [
        {
            "id": each.get("customFieldID"),
            "name": each.get("name"),
            "type": each.get("type"),
            "value": _custom_value(each.get("value")),
        }
        for each in fields.rows("CustomFieldValues", "CustomFieldValue")
    ]


def _custom_value(value: Any) -> str | None:
    """Text as it is; a choice by its name; several choices by their names."""
    if isinstance(value, Mapping):
        chosen = value.get("name") or value.get("value")
        return str(chosen) if chosen else None
    if isinstance(value, list):
        return ", ".join(filter(None, map(_custom_value, value))) or None
    return str(value) if value not in (None, "") else None


def item(row: Row, known: Context) -> Record:
    """A product."""
    fields = Fields("items", row, "itemID")
    prices = [_price(each) for each in fields.rows("Prices", "ItemPrice")]
    named = {str(each["name"]).lower(): each["amount"] for each in prices}
    return {
        **_identity(fields, known),
        "sku": fields.text("systemSku"),
        "custom_sku": fields.text("customSku"),
        "manufacturer_sku": fields.text("manufacturerSku"),
        "upc": fields.text("upc"),
        "ean": fields.text("ean"),
        "name": fields.text("description"),
        "description": None,
        "item_type": fields.text("itemType"),
        "category_id": fields.key("categoryID"),
        "manufacturer_id": fields.key("manufacturerID"),
        "vendor_id": fields.key("defaultVendorID"),
        "tax_class_id": fields.key("taxClassID"),
        "matrix_id": fields.key("itemMatrixID"),
        "attributes": _attributes(fields.inside("ItemAttributes")),
        "tags": None,
        "custom_fields": _custom(fields),
        "price": named.get("default"),
        "msrp": named.get("msrp"),
        "online_price": named.get("online"),
        "prices": prices,
        "cost": fields.number("defaultCost"),
        "currency": known.currency,
        "taxed": fields.flag("tax"),
        "discountable": fields.flag("discountable"),
        "serialized": fields.flag("serialized"),
        "published_online": fields.flag("publishToEcom"),
        **_life(fields),
    }


def _price(row: Row) -> Record:
    fields = Fields("items", {"useTypeID": "0", **row}, "useTypeID")
    return {"price_list_id": fields.key("useTypeID"), "name": fields.text("useType"), "amount": fields.number("amount")}


def _attributes(row: Row) -> list[Record]:
    named = ((f"attribute{number}", row.get(f"attribute{number}")) for number in (1, 2, 3))
    return [{"name": name, "value": str(value)} for name, value in named if value not in (None, "")]


def stock(row: Row, known: Context) -> Record | None:
    """Stock of one item in one shop; the all-shops summary row counts the same pieces again and is no record."""
    fields = Fields("inventory", row, "itemShopID")
    if fields.key("shopID") is None:
        return None
    return {
        **_identity(fields, known),
        "item_id": fields.key("itemID"),
        "shop_id": fields.key("shopID"),
        "on_hand": fields.number("qoh"),
        "sellable": fields.number("sellable"),
        "backorder": fields.number("backorder"),
        "reorder_point": fields.number("reorderPoint"),
        "reorder_level": fields.number("reorderLevel"),
        "on_layaway": fields.number("onLayaway"),
        "on_special_order": fields.number("onSpecialOrder"),
        "on_work_order": fields.number("onWorkOrder"),
        "on_transfer_in": fields.number("onTransferIn"),
        "on_transfer_out": fields.number("onTransferOut"),
        "average_cost": fields.number("averageCost"),
        "total_value": fields.number("totalValueFifo"),
        "currency": known.currency,
        **_life(fields),
    }


def sale(row: Row, known: Context) -> Record:
    """A receipt, with its parts under ``_sale_lines`` and ``_sale_payments``."""
    fields = Fields("sales", row, "saleID")
    updated = fields.instant("updateTime") or fields.instant("timeStamp")
    lines = [line(each, known, fields.id, updated, n) for n, each in enumerate(fields.rows("SaleLines", "SaleLine"), 1)]
    payments = [
        payment(each, known, fields.id, updated, fields.key("shopID"))
        for each in fields.rows("SalePayments", "SalePayment")
    ]
    live = [each for each in payments if not each["voided"]]
    total = fields.amount("calcTotal")
    return {
        **_identity(fields, known),
        "number": fields.text("ticketNumber"),
        "kind": sale_kind(fields, lines, live),
        "state": _state(fields),
        "shop_id": fields.key("shopID"),
        "register_id": fields.key("registerID"),
        "employee_id": fields.key("employeeID"),
        "customer_id": fields.key("customerID"),
        "quote_id": fields.key("quoteID"),
        "reference": fields.text("referenceNumber"),
        "reference_source": fields.text("referenceNumberSource"),
        "note": None,
        "subtotal": fields.number("calcSubtotal"),
        "discount": fields.number("calcDiscount"),
        "tax": fields.amount("calcTax1") + fields.amount("calcTax2"),
        "total": fields.number("calcTotal"),
        "total_due": fields.number("totalDue"),
        "display_total": fields.number("displayableTotal"),
        "tip": fields.number("calcTips"),
        "fees": fields.number("calcItemFees"),
        "rounding": fields.number("cashRoundingDelta"),
        "lines_difference": total - sum((each["total"] or ZERO for each in lines), ZERO),
        "paid": sum((each["amount"] or ZERO for each in live), ZERO),
        "balance": fields.number("balance"),
        "change": fields.number("change"),
        "cost": fields.number("calcAvgCost"),
        "currency": known.currency,
        "tax_inclusive": fields.flag("isTaxInclusive"),
        "taxes": _taxes(fields),
        "payment_types": sorted({each["type"] for each in live}),
        "returned_sale_ids": [],
        "line_ids": [each["id"] for each in lines],
        "payment_ids": [each["id"] for each in payments],
        "completed_at": fields.instant("completeTime"),
        "voided_at": None,
        **_life(fields),
        "updated_at": updated,
        "_sale_lines": lines,
        "_sale_payments": payments,
    }


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
    """What a receipt is, by what is on it (facts: R-Series section 10).

    A negative quantity means goods came back; a negative price does not. Stored value that is paid *into* moves a
    liability and is no revenue; whether a credit account got a deposit or had a debt paid down, the sale does not say.
    """
    if fields.flag("voided"):
        return "void"
    back = [each for each in lines if each["kind"] in ("return", "fee_return")]
    out = [each for each in lines if each["kind"] not in ("return", "fee_return") and each["item_id"]]
    if back:
        return "exchange" if out else "refund"
    into = {each["type"] for each in live if each["type"] in STORED_VALUE and (each["amount"] or ZERO) < 0}
    if not fields.amount("calcTotal") and into:
        return "gift_card" if "gift_card" in into else "deposit"
    return "credit" if lines and all((each["unit_price"] or ZERO) < 0 for each in lines) else "sale"


def line(row: Row, known: Context, sale_id: str, updated: str | None, position: int) -> Record:
    """A line of a receipt."""
    fields = Fields("sale_lines", row, "saleLineID")
    kind = _line_kind(fields)
    parent = fields.key("parentSaleLineID")
    fee = kind in ("fee", "fee_return")
    note = fields.inside("Note").get("note") or None
    return {
        **_identity(fields, known),
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
        **_life(fields),
    }


def _line_kind(fields: Fields) -> str:
    """What a line is; a parent line alone makes no return, for fees have one too."""
    written = {"item_fee": "fee", "item_fee_refund": "fee_return"}.get(fields.text("lineType") or "")
    if written:
        return written
    if fields.amount("unitQuantity") < 0:
        return "return"
    if fields.key("itemID"):
        return "item"
    if fields.amount("unitPrice") < 0:
        return "credit"
    note = str(fields.inside("Note").get("note", ""))
    return "gift_card" if "gift card" in note.lower() else "other"


def payment(row: Row, known: Context, sale_id: str, updated: str | None, shop_id: str | None) -> Record:
    """A payment of a receipt; an archived one no longer counts."""
    fields = Fields("sale_payments", row, "salePaymentID")
    kind = Fields("sale_payments", {"paymentTypeID": "0", **fields.inside("PaymentType")}, "paymentTypeID")
    return {
        **_identity(fields, known),
        "sale_id": sale_id,
        "sale_updated_at": updated,
        "type": PAYMENT_TYPES.get((kind.text("type") or "").lower(), "other"),
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
        **_life(fields, changed=None),
    }
