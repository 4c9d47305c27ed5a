"""The contact of a shop, a shopper, a vendor or a member of staff, sparse or whole.

Source: docs/vendors/lightspeed-r-series.md, spellings.
"""

from __future__ import annotations

from collections.abc import Iterable

from tap_lightspeed_retail.r_series.fields import Fields
from tap_lightspeed_retail.scan import Record

USES = ("Home", "Mobile", "Work", "Primary", "Secondary", "Fax")
"""What a number or an address is for, as far as a property of its own depends on it."""


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
    rows = map(contact.within, contact.rows("Phones", "ContactPhone"))
    return [{"number": row.text("number"), "type": _use(row)} for row in rows]


def mails(contact: Fields) -> list[Record]:
    """E-mail addresses with their type, in lower case."""
    rows = map(contact.within, contact.rows("Emails", "ContactEmail"))
    return [{"address": row.text("address"), "type": _use(row)} for row in rows]


def _use(row: Fields) -> str | None:
    return (row.text("useType", USES) or "").lower() or None


def website(contact: Fields) -> str | None:
    """The first website."""
    return next((contact.within(row).text("url") for row in contact.rows("Websites", "ContactWebsite")), None)


def first(rows: Iterable[Record], value: str, *types: str) -> str | None:
    """The value of the first row of the first type that has one."""
    found = list(rows)
    return next((row[value] for kind in types for row in found if row["type"] == kind and row[value]), None)
