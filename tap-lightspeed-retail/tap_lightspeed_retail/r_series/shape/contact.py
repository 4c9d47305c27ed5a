"""The contact of a shop, a shopper, a vendor or a member of staff, sparse or whole (facts: R-Series section 4.1)."""

from __future__ import annotations

from collections.abc import Iterable

from tap_lightspeed_retail.r_series.fields import Fields
from tap_lightspeed_retail.r_series.shape.common import Record


def contact_of(fields: Fields) -> Fields:
    """The contact within a row; an empty one when there is none."""
    return fields.within(fields.inside("Contact"))


def address(contact: Fields) -> Record:
    """The first address."""
    found = contact.rows("Addresses", "ContactAddress")
    first = contact.within(found[0] if found else {})
    return {
        "address_line1": first.text("address1"),
        "address_line2": first.text("address2"),
        "city": first.text("city"),
        "state": first.text("stateCode") or first.text("state"),
        "postal_code": first.text("zip"),
        "country": first.text("countryCode") or first.text("country"),
    }


def numbers(contact: Fields) -> list[Record]:
    """Phone numbers with their type, in lower case."""
    rows = contact.rows("Phones", "ContactPhone")
    return [{"number": row.get("number"), "type": str(row.get("useType", "")).lower() or None} for row in rows]


def mails(contact: Fields) -> list[Record]:
    """E-mail addresses with their type, in lower case."""
    rows = contact.rows("Emails", "ContactEmail")
    return [{"address": row.get("address"), "type": str(row.get("useType", "")).lower() or None} for row in rows]


def website(contact: Fields) -> str | None:
    """The first website."""
    return next((row.get("url") for row in contact.rows("Websites", "ContactWebsite")), None)


def first(rows: Iterable[Record], value: str, *types: str) -> str | None:
    """The value of the first row of the first type that has one."""
    found = list(rows)
    return next((row[value] for kind in types for row in found if row["type"] == kind and row[value]), None)
