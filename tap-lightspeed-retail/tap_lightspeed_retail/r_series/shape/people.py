"""Shops, tills, shoppers and staff."""

from __future__ import annotations

from tap_lightspeed_retail.r_series.context import Context
from tap_lightspeed_retail.r_series.fields import Fields
from tap_lightspeed_retail.r_series.notes import TEXTS, Row, Shaped
from tap_lightspeed_retail.r_series.shape.common import custom_fields, identity, life, note_of
from tap_lightspeed_retail.r_series.shape.contact import address, contact_of, first, mails, numbers, website

WEB_SHOP = "eCom"
"""A register of exactly this name is the web shop (docs/vendors/lightspeed-r-series.md, registers)."""

NAMELESS = "Customer"
"""The first name of a shopper who was made anonymous; the last is the id in brackets (there, shoppers)."""


def shop(row: Row, known: Context) -> Shaped:
    """A store."""
    fields = Fields("shops", row, "shopID")
    contact = contact_of(fields)
    return Shaped(
        {
            **identity(fields, known),
            "name": fields.text("name"),
            "time_zone": fields.text("timeZone"),
            **address(contact),
            "phone": next((each["number"] for each in numbers(contact)), None),
            "email": next((each["address"] for each in mails(contact)), None),
            "company_registration_number": fields.text("companyRegistrationNumber"),
            "vat_number": fields.text("vatNumber"),
            "tax_category_id": fields.key("taxCategoryID"),
            "price_list_id": fields.key("priceLevelID"),
            "currency": known.currency,
            **life(fields),
        },
        fields.notes,
    )


def customer(row: Row, known: Context) -> Shaped:
    """A shopper."""
    fields = Fields("customers", row, "customerID")
    contact = contact_of(fields)
    phones, addresses = numbers(contact), mails(contact)
    names, lived = (fields.text("firstName"), fields.text("lastName")), life(fields)
    return Shaped(
        {
            **identity(fields, known),
            "code": None,
            "title": fields.text("title"),
            "first_name": names[0],
            "last_name": names[1],
            "company": fields.text("company"),
            "company_registration_number": fields.text("companyRegistrationNumber"),
            "vat_number": fields.text("vatNumber"),
            "email": first(addresses, "address", "primary", "secondary")
            or next((each["address"] for each in addresses), None),
            "emails": addresses,
            "phone": first(phones, "number", "home"),
            "mobile": first(phones, "number", "mobile"),
            "work_phone": first(phones, "number", "work"),
            "phones": phones,
            "website": website(contact),
            **address(contact),
            "birth_date": fields.date("dob", known.known_zones),
            "gender": None,
            "customer_type_id": fields.key("customerTypeID"),
            "customer_type": fields.within(fields.inside("CustomerType")).text("name"),
            "discount_id": fields.key("discountID"),
            "tax_category_id": fields.key("taxCategoryID"),
            "credit_account_id": fields.key("creditAccountID"),
            "note": note_of(fields),
            "tags": fields.texts("Tags", "Tag", told_as="tags"),
            "custom_fields": custom_fields(fields),
            "email_opt_out": contact.flag("noEmail"),
            "phone_opt_out": contact.flag("noPhone"),
            "mail_opt_out": contact.flag("noMail"),
            "balance": None,
            "loyalty_balance": None,
            "currency": known.currency,
            "anonymised": lived["archived"] is True and names == (NAMELESS, f"[{fields.key('customerID')}]"),
            **lived,
        },
        fields.notes,
    )


def register(row: Row, known: Context) -> Shaped:
    """A till."""
    fields = Fields("registers", row, "registerID")
    return Shaped(
        {
            **identity(fields, known),
            "name": fields.text("name", (WEB_SHOP, *TEXTS)),
            "shop_id": fields.key("shopID"),
            "online": fields.text("name") == WEB_SHOP,
            "open": fields.flag("open"),
            "opened_at": fields.instant("openTime"),
            "opened_by_employee_id": fields.key("openEmployeeID"),
            "tips_enabled": fields.flag("tipEnabled"),
            **life(fields, changed=None),
        },
        fields.notes,
    )


def employee(row: Row, known: Context) -> Shaped:
    """A member of staff; the access pin that old rows hold is nobody's business."""
    fields = Fields("employees", row, "employeeID")
    contact = contact_of(fields)
    names = fields.text("firstName"), fields.text("lastName")
    return Shaped(
        {
            **identity(fields, known),
            "name": " ".join(name.strip() for name in names if name and name.strip()) or None,
            "first_name": names[0],
            "last_name": names[1],
            "email": next((each["address"] for each in mails(contact)), None),
            "phone": next((each["number"] for each in numbers(contact)), None),
            "role_id": fields.key("employeeRoleID"),
            "role": fields.within(fields.inside("EmployeeRole")).text("name"),
            "shop_id": fields.key("limitToShopID"),
            "locked_out": fields.flag("lockOut"),
            **life(fields),
        },
        fields.notes,
    )


def customer_type(row: Row, known: Context) -> Shaped:
    """A kind of shopper."""
    fields = Fields("customer_types", row, "customerTypeID")
    return Shaped(
        {
            **identity(fields, known),
            "name": fields.text("name"),
            "discount_id": fields.key("discountID"),
            "tax_category_id": fields.key("taxCategoryID"),
            **life(fields, changed=None),
        },
        fields.notes,
    )
