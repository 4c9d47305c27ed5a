"""Shops and shoppers, with their contacts."""

from __future__ import annotations

from collections.abc import Iterable

from tap_lightspeed_retail.r_series.fields import Fields, Row, elements
from tap_lightspeed_retail.r_series.shape.common import Context, Record, custom_fields, identity, life


def shop(row: Row, known: Context) -> Record:
    """A store."""
    fields = Fields("shops", row, "shopID")
    contact = _contact(fields)
    return {
        **identity(fields, known),
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
        **life(fields),
    }


def customer(row: Row, known: Context) -> Record:
    """A shopper."""
    fields = Fields("customers", row, "customerID")
    contact = _contact(fields)
    phones, mails = _numbers(contact), _mails(contact)
    note, kind = fields.inside("Note"), fields.inside("CustomerType")
    return {
        **identity(fields, known),
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
        "custom_fields": custom_fields(fields),
        "email_opt_out": contact.flag("noEmail"),
        "phone_opt_out": contact.flag("noPhone"),
        "mail_opt_out": contact.flag("noMail"),
        "balance": None,
        "loyalty_balance": None,
        "currency": known.currency,
        **life(fields),
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
