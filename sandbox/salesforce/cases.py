"""What cases do by themselves: they close, and show how their contact is reached."""

from __future__ import annotations

from sandbox.salesforce.row import NewRow, Row
from sandbox.salesforce.store import Store

_SHOWN = {"ContactPhone": "Phone", "ContactMobile": "MobilePhone", "ContactEmail": "Email", "ContactFax": "Fax"}


def derive_case(store: Store, row: NewRow, changes: NewRow, _before: Row | None) -> None:
    """Fill in what follows from status and contact."""
    was_closed, row["IsClosed"] = row["IsClosed"], row["Status"] == "Closed"
    if row["IsClosed"] != was_closed:
        row["ClosedDate"] = row["SystemModstamp"] if row["IsClosed"] else None
    if "ContactId" in changes:
        contact = store.tables["Contact"].get(row["ContactId"] or "")
        row.update({name: contact and contact[source] for name, source in _SHOWN.items()})
        if contact and row["AccountId"] is None:
            row["AccountId"] = contact["AccountId"]
