"""Person accounts: one account, and behind it a contact that nobody makes (facts: Salesforce section 11)."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.salesforce.faults import refuse
from sandbox.salesforce.row import AnyRow, NewRow
from sandbox.salesforce.store import Store

PERSON_TYPE, BUSINESS_TYPE = "PersonAccount", "Business_Account"
_NAMES = ("FirstName", "LastName", "Salutation")
_SAME = (*_NAMES, "Phone", "Fax", "OwnerId", "Description")


def is_on(store: Store) -> bool:
    """Whether the org has person accounts."""
    return store.schema.objects["account"].field("IsPersonAccount") is not None


def derive_account(store: Store, row: NewRow, changes: NewRow) -> None:
    """Make the account a person's or a business's, as its record type says.

    Raises:
        Refused: fields of the one kind are written to the other, or its name is missing.
    """
    kind = store.tables["RecordType"].get(row["RecordTypeId"] or "")
    row["IsPersonAccount"] = kind is not None and kind["IsPersonType"]
    closed = ["Name"] if row["IsPersonAccount"] else [*_NAMES, *(name for name in changes if name.startswith("Person"))]
    bad = [name for name in closed if changes.get(name) is not None]
    if bad:
        message = f"Account: bad field names on insert/update call: {', '.join(bad)}"
        raise refuse("INVALID_FIELD_FOR_INSERT_UPDATE", message, *bad)
    needed = "LastName" if row["IsPersonAccount"] else "Name"
    if row[needed] is None:
        raise refuse("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{needed}]", needed)
    if row["IsPersonAccount"]:
        row["Name"] = " ".join(part for part in (row["FirstName"], row["LastName"]) if part)


def keep_contact(store: Store, _before: AnyRow | None, after: AnyRow) -> None:
    """Make or bring up to date the contact behind a person account."""
    if not is_on(store) or not after["IsPersonAccount"]:
        return
    contact_id = after["PersonContactId"] or store.new_id("Contact")
    held = store.tables["Contact"].get(contact_id)
    contact = {**(held or store.templates["Contact"]), **dict(_mirrored(store, after))}
    stamps = ("CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp", "IsDeleted")
    contact |= {name: after[name] for name in stamps}
    store.put("Contact", contact_id, {**contact, "Id": contact_id, "AccountId": after["Id"], "IsPersonAccount": True})
    if after["PersonContactId"] is None:
        store.put("Account", after["Id"], {**after, "PersonContactId": contact_id})


def _mirrored(store: Store, account: AnyRow) -> Iterator[tuple[str, object]]:
    """The contact's values that the account carries: as they are, behind ``Person``, or as ``X__pc`` for ``X__c``."""
    yield "Name", account["Name"]
    for field in store.schema.objects["contact"].fields.values():
        mirror = f"{field.name.removesuffix('__c')}__pc" if field.custom else f"Person{field.name}"
        if field.name in _SAME:
            yield field.name, account[field.name]
        elif mirror in account:
            yield field.name, account[mirror]
