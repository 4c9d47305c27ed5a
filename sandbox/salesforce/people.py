"""What people do in the browser that no REST call does: convert leads, merge rows, bring deleted ones back.

Source: docs/vendors/salesforce.md, merges.
"""

from __future__ import annotations

from sandbox.salesforce.dml import existing
from sandbox.salesforce.faults import refuse
from sandbox.salesforce.rows import Org
from sandbox.salesforce.tables import MERGEABLE_OBJECTS

_SHARED = ("FirstName", "LastName", "Email", "Phone", "MobilePhone", "Title", "LeadSource")
_MOST_LOSERS = 2  # a merge takes at most three rows


def convert_lead(
    org: Org,
    lead_id: str,
    *,
    account_id: str | None = None,
    contact_id: str | None = None,
    opportunity: str | None = None,
) -> dict[str, str | None]:
    """Make an account and a contact of a lead.

    Args:
        org: Whose lead.
        lead_id: The lead.
        account_id: An account to use instead of a new one.
        contact_id: A contact to use instead of a new one; it needs its account.
        opportunity: Name of an opportunity to make, if any.

    Returns:
        The ids of account, contact and opportunity.

    Raises:
        Refused: the lead is not there or already converted.
    """
    lead = existing(org, org.object("Lead"), lead_id)
    if lead["IsConverted"]:
        raise refuse("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
    account_id = account_id or org.insert_as_user("Account", {"Name": lead["Company"]})
    shared = {name: lead[name] for name in _SHARED}
    contact_id = contact_id or org.insert_as_user("Contact", {**shared, "AccountId": account_id})
    opportunity_id = None
    if opportunity:
        sale = {"Name": opportunity, "StageName": "Prospecting", "CloseDate": org.now()[:10], "AccountId": account_id}
        opportunity_id = org.insert_as_user("Opportunity", sale)
    outcome = {
        "IsConverted": True,
        "Status": "Closed - Converted",
        "ConvertedDate": org.now()[:10],
        "ConvertedAccountId": account_id,
        "ConvertedContactId": contact_id,
        "ConvertedOpportunityId": opportunity_id,
    }
    org.put("Lead", lead["Id"], {**lead, **outcome, "SystemModstamp": org.now()})
    return {"account_id": account_id, "contact_id": contact_id, "opportunity_id": opportunity_id}


def merge(org: Org, winner: str, losers: list[str]) -> None:
    """Keep one row of several; the children of the others move to it.

    Raises:
        Refused: rows of different objects, of one that is not merged, or more than three.
    """
    sobject = org.schema.by_prefix.get(winner[:3])
    if sobject is None or sobject.name not in MERGEABLE_OBJECTS or any(loser[:3] != winner[:3] for loser in losers):
        raise refuse("INVALID_OPERATION", "merge takes accounts, contacts or leads, all of one object")
    if len(losers) > _MOST_LOSERS:
        raise refuse("LIMIT_EXCEEDED", "merge takes at most three rows")
    kept = existing(org, sobject, winner)["Id"]
    for loser in losers:
        row = existing(org, sobject, loser)
        for relation, child in org.children(sobject, row["Id"]):
            org.put(relation.child, child["Id"], {**child, relation.field: kept, "SystemModstamp": org.now()})
        gone = {"IsDeleted": True, "MasterRecordId": kept, "SystemModstamp": org.now()}
        org.put(sobject.name, row["Id"], {**row, **gone})


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
