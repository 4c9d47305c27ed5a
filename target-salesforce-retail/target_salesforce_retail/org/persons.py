"""Whom a lead would become, as far as the vendor's own mapping of fields is known.

Source: docs/vendors/salesforce.md, soap.
"""

from __future__ import annotations

from collections.abc import Mapping

from target_salesforce_retail.metadata import IS_PERSON, ObjectDescribe
from target_salesforce_retail.nouns import Conversion, Value

SHARED = (
    *("Salutation", "FirstName", "LastName", "Email", "Phone", "MobilePhone", "Fax", "Title", "LeadSource"),
    *("Description", "HasOptedOutOfEmail", "OwnerId"),
)
"""Fields of a lead that a contact has under the same name. Of custom fields an administrator says where they go."""
READ = (*SHARED, "Company")
"""Fields of a lead that say what would be made of it."""


def person_of(
    conversion: Conversion, lead: Mapping[str, Value], describes: Mapping[str, ObjectDescribe]
) -> tuple[ObjectDescribe, dict[str, Value]]:
    """What would be made, and with which values: a contact, or an account that is a person.

    Args:
        conversion: What is asked for.
        lead: The lead's fields.
        describes: Contacts and, where the org has them, accounts.
    """
    contact, account = describes["Contact"], describes.get("Account")
    held = {name: lead[name] for name in SHARED if lead.get(name) is not None}
    if conversion.account or lead.get("Company") or account is None or IS_PERSON not in account.fields:
        beside = {"AccountId": conversion.account} if conversion.account else {}
        return contact, {**{name: value for name, value in held.items() if name in contact.fields}, **beside}
    named = {name if name in account.fields else f"Person{name}": value for name, value in held.items()}
    return account, {**{name: value for name, value in named.items() if name in account.fields}, IS_PERSON: True}
