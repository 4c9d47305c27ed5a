"""What standard objects do by themselves: full names, stages, converted leads, price book order."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from sandbox.salesforce.faults import refuse
from sandbox.salesforce.row import NewRow, Row
from sandbox.salesforce.store import Store

# stage -> probability, closed, won; a stage outside the list is open (facts: Salesforce section 3).
_STAGES: dict[str, tuple[int, bool, bool]] = {
    "Prospecting": (10, False, False),
    "Qualification": (10, False, False),
    "Needs Analysis": (20, False, False),
    "Value Proposition": (50, False, False),
    "Id. Decision Makers": (60, False, False),
    "Perception Analysis": (70, False, False),
    "Proposal/Price Quote": (75, False, False),
    "Negotiation/Review": (90, False, False),
    "Closed Won": (100, True, True),
    "Closed Lost": (0, True, False),
}


def derive(store: Store, name: str, row: NewRow, changes: NewRow, before: Row | None) -> None:
    """Fill in what follows from the rest of the row.

    Raises:
        Refused: a rule of the object itself forbids the write.
    """
    behaviour = _BEHAVIOURS.get(name)
    if behaviour:
        behaviour(store, row, changes, before)


def _person(_store: Store, row: NewRow, _changes: NewRow, _before: Row | None) -> None:
    row["Name"] = " ".join(part for part in (row.get("FirstName"), row.get("LastName")) if part) or None


def _lead(store: Store, row: NewRow, changes: NewRow, before: Row | None) -> None:
    if before is not None and before["IsConverted"]:
        raise refuse("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
    _person(store, row, changes, before)


def _opportunity(_store: Store, row: NewRow, changes: NewRow, _before: Row | None) -> None:
    if "StageName" in changes:
        probability, row["IsClosed"], row["IsWon"] = _STAGES.get(row["StageName"], (0, False, False))
        if "Probability" not in changes:
            row["Probability"] = Decimal(probability)
    if row.get("Amount") is not None and row.get("Probability") is not None:
        row["ExpectedRevenue"] = row["Amount"] * row["Probability"] / 100


def _price(store: Store, row: NewRow, _changes: NewRow, before: Row | None) -> None:
    if before is not None:
        return
    same_product = store.lookup("PricebookEntry", "Product2Id", [row["Product2Id"]])
    if any(one["Pricebook2Id"] == row["Pricebook2Id"] for one in same_product):
        raise refuse("DUPLICATE_VALUE", "This price definition already exists in this price book")
    books = store.tables["Pricebook2"]
    book = books.get(row["Pricebook2Id"])
    is_custom = book is not None and not book["IsStandard"]
    if is_custom and not any(one["IsActive"] and books[one["Pricebook2Id"]]["IsStandard"] for one in same_product):
        raise refuse("STANDARD_PRICE_NOT_DEFINED", "No standard price defined for this product")
    product = store.tables["Product2"][row["Product2Id"]]
    row["Name"], row["ProductCode"] = product["Name"], product["ProductCode"]


def _line_item(store: Store, row: NewRow, changes: NewRow, before: Row | None) -> None:
    """The roll-up of lines into the opportunity's amount is not done here."""
    entry = store.tables["PricebookEntry"].get(row["PricebookEntryId"] or "")
    if entry is None:
        message = "Required fields are missing: [PricebookEntryId]"
        raise refuse("REQUIRED_FIELD_MISSING", message, "PricebookEntryId")
    if before is None:
        _same_book(store, row, entry)
        row["Product2Id"], row["ProductCode"], row["Name"] = entry["Product2Id"], entry["ProductCode"], entry["Name"]
        row["ListPrice"] = entry["UnitPrice"]
    if row["UnitPrice"] is None and row["TotalPrice"] is None:
        raise refuse("REQUIRED_FIELD_MISSING", "Required fields are missing: [UnitPrice]", "UnitPrice")
    if "TotalPrice" in changes and row["TotalPrice"] is not None and row["Quantity"]:
        row["UnitPrice"] = (row["TotalPrice"] / row["Quantity"]).quantize(Decimal("0.01"))
    else:
        row["TotalPrice"] = row["UnitPrice"] * row["Quantity"]


def _same_book(store: Store, row: NewRow, entry: Row) -> None:
    opportunity = store.tables["Opportunity"][row["OpportunityId"]]
    if opportunity["Pricebook2Id"] not in {None, entry["Pricebook2Id"]}:
        message = (
            "field integrity exception: unknown (pricebook entry is in a different pricebook than the one assigned "
            "to the opportunity)"
        )
        raise refuse("FIELD_INTEGRITY_EXCEPTION", message, "PricebookEntryId")
    update = {"Pricebook2Id": entry["Pricebook2Id"], "HasOpportunityLineItem": True}
    store.put("Opportunity", opportunity["Id"], {**opportunity, **update})


_BEHAVIOURS: dict[str, Callable[[Store, NewRow, NewRow, Row | None], None]] = {
    "Contact": _person,
    "User": _person,
    "Lead": _lead,
    "Opportunity": _opportunity,
    "OpportunityLineItem": _line_item,
    "PricebookEntry": _price,
}
