"""Person accounts: one account, and behind it a contact that nobody makes.

Source: docs/vendors/salesforce.md, person accounts.

Documented: such a contact can be changed, and the account follows; it is neither created nor deleted by itself, and it
is the only contact of its account. Seen: a record type of its own is refused as access. The other codes are guesses.
"""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.salesforce.faults import Fault, refuse
from sandbox.salesforce.row import AnyRow, NewRow
from sandbox.salesforce.schema import SObject
from sandbox.salesforce.store import Store
from sandbox.switches import Switches

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


def keep_account(store: Store, before: AnyRow | None, after: AnyRow) -> None:
    """Bring the account up to date with the contact behind it, when that was edited."""
    if not is_on(store) or not after["IsPersonAccount"] or before is None or after["IsDeleted"]:
        return
    account = store.tables["Account"][after["AccountId"]]
    told = {mirror: after[name] for name, mirror in _mirrors(store) if mirror in account}
    told |= {name: after[name] for name in ("Name", "LastModifiedDate", "LastModifiedById", "SystemModstamp")}
    store.put("Account", account["Id"], account.changed(told))


def barred_contact(
    store: Store, sobject: SObject, before: AnyRow | None, changes: NewRow, switches: Switches
) -> Iterator[Fault]:
    """What a contact behind a person account does not bear, and what its account does not."""
    if sobject.name != "Contact" or not is_on(store):
        return
    account = store.tables["Account"].get(changes.get("AccountId") or "")
    if before is not None and before["IsPersonAccount"]:
        if not switches.person_contact_edits or changes.get("RecordTypeId") is not None:
            yield Fault("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")
        elif changes.get("AccountId", before["AccountId"]) != before["AccountId"]:
            yield Fault("INVALID_PERSON_ACCOUNT_OPERATION", "a person account keeps its contact", ("AccountId",))
    elif account is not None and account["IsPersonAccount"]:
        yield Fault("INVALID_PERSON_ACCOUNT_OPERATION", "a person account has no other contacts", ("AccountId",))


def keeps_contact(store: Store, sobject: SObject, row: AnyRow) -> Iterator[Fault]:
    """Why a contact is not deleted by itself."""
    if sobject.name == "Contact" and is_on(store) and row["IsPersonAccount"]:
        yield Fault("INVALID_PERSON_ACCOUNT_OPERATION", "delete the person account instead")


def _mirrored(store: Store, account: AnyRow) -> Iterator[tuple[str, object]]:
    """The contact's values that the account carries: as they are, behind ``Person``, or as ``X__pc`` for ``X__c``."""
    yield "Name", account["Name"]
    yield from ((name, account[mirror]) for name, mirror in _mirrors(store) if mirror in account)


def _mirrors(store: Store) -> Iterator[tuple[str, str]]:
    """Fields of a contact, each with what a person account calls it."""
    for field in store.schema.objects["contact"].fields.values():
        mirror = f"{field.name.removesuffix('__c')}__pc" if field.custom else f"Person{field.name}"
        yield field.name, field.name if field.name in _SAME else mirror
