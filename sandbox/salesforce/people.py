"""What people do in the browser, and SOAP does for clients: convert leads, merge rows; and bring deleted ones back.

Source: docs/vendors/salesforce.md, merges, soap.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sandbox.salesforce.dml import Caller, existing
from sandbox.salesforce.faults import Fault, Refused, refuse
from sandbox.salesforce.persons import is_on
from sandbox.salesforce.rollups import settle
from sandbox.salesforce.row import AnyRow, Row
from sandbox.salesforce.rows import PERSON, Org
from sandbox.salesforce.rules import locked
from sandbox.salesforce.schema import SObject
from sandbox.salesforce.sharing import UNWRITTEN, barred
from sandbox.salesforce.tables import MERGEABLE_OBJECTS

_SHARED = (
    *("Salutation", "FirstName", "LastName", "Email", "Phone", "MobilePhone", "Fax", "Title", "LeadSource"),
    "Description",
)
_MOST_LOSERS = 2  # a merge takes at most three rows
_QUEUE = "00G"
_CONVERTED = "Closed - Converted"


def convert_lead(
    org: Org,
    lead_id: str,
    *,
    account_id: str | None = None,
    contact_id: str | None = None,
    opportunity: str | None = None,
    status: str = _CONVERTED,
    owner_id: str | None = None,
    caller: Caller = PERSON,
) -> dict[str, str | None]:
    """Make an account and a contact of a lead; of one without a company a person, in an org that has those.

    Args:
        org: Whose lead.
        lead_id: The lead.
        account_id: An account to use instead of a new one.
        contact_id: A contact to use instead of a new one; it needs its account.
        opportunity: Name of an opportunity to make, if any.
        status: The status that the lead gets.
        owner_id: Who is to own what is made; the lead's owner, unless that is a queue.
        caller: Who does it.

    Returns:
        The ids of account, contact and opportunity.

    Raises:
        Refused: the lead is not there or already converted, or what it is to become is refused.
    """
    sobject = org.object("Lead")
    lead = existing(org, sobject, lead_id)
    if lead["IsConverted"]:
        raise refuse("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
    if not any(one["ApiName"] == status and one["IsConverted"] for one in org.tables["LeadStatus"].values()):
        raise refuse("INVALID_STATUS", f"invalid convertedStatus: {status}")
    _refuse_kept(org, sobject, lead, caller)
    if owner_id is None and not caller.person and str(lead["OwnerId"]).startswith(_QUEUE):
        raise refuse("INVALID_CROSS_REFERENCE_KEY", "a queue owns no contact: name an owner", "OwnerId")
    with org.atomic():
        org.put("Lead", lead["Id"], lead.changed({"IsConverted": True}))  # or it would look like its own contact
        owner = owner_id or (lead["OwnerId"] if lead["OwnerId"] in org.tables["User"] else org.user_id)
        account, contact = _people_of(org, {**lead, "OwnerId": owner}, account_id, contact_id, caller)
        sale = _sale(org, account, opportunity, caller) if opportunity else None
        outcome = {
            "IsConverted": True,
            "Status": status,
            "ConvertedDate": org.now()[:10],
            "ConvertedAccountId": account,
            "ConvertedContactId": contact,
            "ConvertedOpportunityId": sale,
        }
        org.put("Lead", lead["Id"], lead.changed({**outcome, **_stamps(org, caller)}))
    return {"account_id": account, "contact_id": contact, "opportunity_id": sale}


def _people_of(
    org: Org, lead: AnyRow, account_id: str | None, contact_id: str | None, caller: Caller
) -> tuple[str, str]:
    """The ids of account and contact, which are made where they are not given."""
    shared = {name: lead[name] for name in _SHARED if lead[name] is not None}
    owner = {"OwnerId": lead["OwnerId"]}
    if account_id is None and lead["Company"] is None and is_on(org):
        return _person_of(org, {**shared, **owner}, caller)
    account = account_id or org.create("Account", {"Name": lead["Company"], **owner}, caller)
    if contact_id is None:
        return account, org.create("Contact", {**shared, **owner, "AccountId": account}, caller)
    held = existing(org, org.object("Contact"), contact_id)
    blank = {name: value for name, value in shared.items() if held[name] is None}
    org.update("Contact", contact_id, blank, caller)
    return account, held["Id"]


def _person_of(org: Org, shared: dict[str, Any], caller: Caller) -> tuple[str, str]:
    kind = next(one["Id"] for one in org.tables["RecordType"].values() if one["IsPersonType"])
    fields = org.object("Account").fields
    values = {name if name.lower() in fields else f"Person{name}": value for name, value in shared.items()}
    account = org.create("Account", {**values, "RecordTypeId": kind}, caller)
    return account, org.tables["Account"][account]["PersonContactId"]


def _sale(org: Org, account: str, name: str, caller: Caller) -> str:
    sale = {"Name": name, "StageName": "Prospecting", "CloseDate": org.now()[:10], "AccountId": account}
    return org.create("Opportunity", sale, caller)


def merge(
    org: Org, winner: str, losers: list[str], values: dict[str, Any] | None = None, caller: Caller = PERSON
) -> list[str]:
    """Keep one row of several; the children of the others move to it. Answers the ids of those children.

    Args:
        org: Whose rows.
        winner: The row that stays.
        losers: The others, two at most.
        values: Written to the row that stays, as an update would; None for no update.
        caller: Who does it.

    Raises:
        Refused: rows of different objects, of one that is not merged, or more than three; or a row is refused.
    """
    sobject = org.schema.by_prefix.get(winner[:3])
    if sobject is None or sobject.name not in MERGEABLE_OBJECTS or any(loser[:3] != winner[:3] for loser in losers):
        raise refuse("INVALID_OPERATION", "merge takes accounts, contacts or leads, all of one object")
    sobject = org.object(sobject.name)
    if not 0 < len(losers) <= _MOST_LOSERS:
        raise refuse("LIMIT_EXCEEDED", "merge takes at most three rows")
    kept = existing(org, sobject, winner)
    gone = [existing(org, sobject, loser) for loser in losers]
    _refuse_unlike(kept, gone)
    for row in gone:
        _refuse_kept(org, sobject, row, caller, deletes=True)
    moved: list[str] = []
    with org.atomic():
        if values is not None and not org.switches.merge_frees_keys:
            org.update(sobject.name, kept["Id"], values, caller)
        for row in gone:
            moved += _absorb(org, sobject, kept["Id"], row, caller)
        if values is not None and org.switches.merge_frees_keys:
            org.update(sobject.name, kept["Id"], values, caller)
    return moved


def _refuse_unlike(kept: Row, gone: Iterable[Row]) -> None:
    """Rows that are no two, leads of which one is converted, a person and a business."""
    for row in gone:
        if row["Id"] == kept["Id"]:
            raise refuse("INVALID_OPERATION", "a row is not merged into itself")
        if row.get("IsConverted") or kept.get("IsConverted"):
            raise refuse("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
        if row.get("IsPersonAccount") != kept.get("IsPersonAccount"):
            raise refuse("INVALID_PERSON_ACCOUNT_OPERATION", "a person account is merged with person accounts only")


def _refuse_kept(org: Org, sobject: SObject, row: Row, caller: Caller, *, deletes: bool = False) -> None:
    """What keeps a client from a row that goes: no right to it, or somebody else's lock."""
    faults: list[Fault] = []
    if not caller.person:
        kind = org.row_weather(sobject.name, row) if org.row_weather else None
        faults += [Fault(kind.code, kind.message)] if kind else []
        faults += barred(row, hidden=org.hidden, read_only=org.read_only)
        faults += [UNWRITTEN] if deletes and not sobject.deletable else []
    held = locked(org.locks, sobject, row)
    faults += [held] if held else []
    if faults:
        raise Refused(*faults)


def _absorb(org: Org, sobject: SObject, kept: str, row: Row, caller: Caller) -> list[str]:
    """Move what hangs on a row to the one that stays, and the row into the recycle bin."""
    moved: list[str] = []
    for relation, child in list(org.children(sobject, row["Id"])):
        if sobject.name == "Account" and relation.child == "Contact" and child.get("IsPersonAccount"):
            moved += _absorb(org, org.object("Contact"), org.tables["Account"][kept]["PersonContactId"], child, caller)
            continue
        if relation.field == "PersonContactId":  # an account does not change its person
            continue
        to = None if child["Id"] == kept else kept
        after = child.changed({relation.field: to, "SystemModstamp": org.now()})
        org.put(relation.child, child["Id"], after)
        settle(org, org.object(relation.child), child, after)
        moved.append(child["Id"])
    now = org.tables[sobject.name][row["Id"]]
    org.put(sobject.name, row["Id"], now.changed({"IsDeleted": True, "MasterRecordId": kept, **_stamps(org, caller)}))
    settle(org, sobject, row, org.tables[sobject.name][row["Id"]])
    return moved


def _stamps(org: Org, caller: Caller) -> dict[str, str]:
    now = org.now()
    return {"LastModifiedDate": now, "LastModifiedById": org.who(caller), "SystemModstamp": now}


def undelete(org: Org, record_id: str) -> int:
    """Bring a row back from the recycle bin, and what went with it; answers how many rows.

    Raises:
        Refused: the row is not in the recycle bin, was merged into another, or another has its unique value now.
    """
    full = org.id_of(record_id) or ""
    sobject = org.schema.by_prefix.get(full[:3])
    row = org.tables[sobject.name].get(full) if sobject else None
    if sobject is None or row is None or not row["IsDeleted"] or row.get("MasterRecordId"):
        raise refuse("UNDELETE_FAILED", "Entity is not in the recycle bin")
    return org.restore(sobject, row)
