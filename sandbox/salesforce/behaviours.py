"""What standard objects do by themselves: full names, stages, converted leads, price book order, orders.

Source: docs/vendors/salesforce.md, describe, merges, prices.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from sandbox.salesforce.cases import derive_case
from sandbox.salesforce.faults import Fault, Refused, refuse
from sandbox.salesforce.persons import derive_account, is_on
from sandbox.salesforce.row import AnyRow, NewRow, Row
from sandbox.salesforce.store import Store

_CENT = Decimal("0.01")


class _Stage(NamedTuple):
    probability: int
    forecast: str  # its name; "Best Case" is BestCase in the field ForecastCategory
    is_closed: bool = False
    is_won: bool = False


_STAGES = {
    "Prospecting": _Stage(10, "Pipeline"),
    "Qualification": _Stage(10, "Pipeline"),
    "Needs Analysis": _Stage(20, "Pipeline"),
    "Value Proposition": _Stage(50, "Pipeline"),
    "Id. Decision Makers": _Stage(60, "Pipeline"),
    "Perception Analysis": _Stage(70, "Best Case"),
    "Proposal/Price Quote": _Stage(75, "Best Case"),
    "Negotiation/Review": _Stage(90, "Commit"),
    "Closed Won": _Stage(100, "Closed", is_closed=True, is_won=True),
    "Closed Lost": _Stage(0, "Omitted", is_closed=True),
}
_OTHER_STAGE = _Stage(0, "Pipeline")  # the API takes values outside the list (recorded)
_CATEGORIES = {"Best Case": "BestCase", "Commit": "Forecast"}


def derive(store: Store, name: str, row: NewRow, changes: NewRow, before: Row | None) -> None:
    """Fill in what follows from the rest of the row.

    Raises:
        Refused: a rule of the object itself forbids the write.
    """
    behaviour = _BEHAVIOURS.get(name)
    if behaviour:
        behaviour(store, row, changes, before)


def _account(store: Store, row: NewRow, changes: NewRow, _before: Row | None) -> None:
    if is_on(store):
        derive_account(store, row, changes)


def _person(_store: Store, row: NewRow, _changes: NewRow, _before: Row | None) -> None:
    row["Name"] = " ".join(part for part in (row.get("FirstName"), row.get("LastName")) if part) or None


def _lead(store: Store, row: NewRow, changes: NewRow, before: Row | None) -> None:
    if before is not None and before["IsConverted"]:
        raise refuse("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
    _person(store, row, changes, before)


# -- opportunities ------------------------------------------------------------------------------------------------


def _opportunity(_store: Store, row: NewRow, changes: NewRow, before: Row | None) -> None:
    if before is not None and before["HasOpportunityLineItem"]:
        _with_lines(row, changes, before)
    if "StageName" in changes:
        stage = _STAGES.get(row["StageName"], _OTHER_STAGE)
        row["IsClosed"], row["IsWon"] = stage.is_closed, stage.is_won
        row["LastStageChangeDate"] = None if before is None else row["SystemModstamp"]
        if "Probability" not in changes:
            row["Probability"] = Decimal(stage.probability)
        if "ForecastCategoryName" not in changes:
            row["ForecastCategoryName"] = stage.forecast
    row["ForecastCategory"] = _CATEGORIES.get(row["ForecastCategoryName"], row["ForecastCategoryName"])
    if row.get("Amount") is not None and row.get("Probability") is not None:
        row["ExpectedRevenue"] = (row["Amount"] * row["Probability"] / 100).quantize(_CENT)
    if row["CloseDate"]:
        year, month = int(row["CloseDate"][:4]), int(row["CloseDate"][5:7])
        row["FiscalYear"], row["FiscalQuarter"] = year, (month + 2) // 3
        row["Fiscal"] = f"{year} {row['FiscalQuarter']}"


def _with_lines(row: NewRow, changes: NewRow, before: Row) -> None:
    """The amount is the sum of the lines: writing it is no error and has no effect. The price book stays."""
    row["Amount"], row["TotalOpportunityQuantity"] = before["Amount"], before["TotalOpportunityQuantity"]
    if changes.get("Pricebook2Id", before["Pricebook2Id"]) != before["Pricebook2Id"]:
        message = "field integrity exception: Pricebook2Id (the opportunity has products of another price book)"
        raise refuse("FIELD_INTEGRITY_EXCEPTION", message, "Pricebook2Id")


def _line_item(store: Store, row: NewRow, changes: NewRow, before: Row | None) -> None:
    entry = store.tables["PricebookEntry"].get(row["PricebookEntryId"] or "")
    if entry is None:
        message = "Required fields are missing: [PricebookEntryId]"
        raise refuse("REQUIRED_FIELD_MISSING", message, "PricebookEntryId")
    if before is None:
        _same_book(store, row, entry)
        row["Product2Id"], row["ProductCode"], row["Name"] = entry["Product2Id"], entry["ProductCode"], entry["Name"]
        row["ListPrice"] = entry["UnitPrice"]
    _price_line(row, changes)


def _price_line(row: NewRow, changes: NewRow) -> None:
    """A line has a price for one or for all, and the other follows."""
    unit, total = changes.get("UnitPrice"), changes.get("TotalPrice")
    if unit is not None and total is not None:
        message = "field integrity exception: UnitPrice, TotalPrice (a line takes one of the two)"
        raise refuse("FIELD_INTEGRITY_EXCEPTION", message, "UnitPrice", "TotalPrice")
    if row["UnitPrice"] is None and row["TotalPrice"] is None:
        raise refuse("REQUIRED_FIELD_MISSING", "Required fields are missing: [UnitPrice]", "UnitPrice")
    if total is not None and row["Quantity"]:
        row["UnitPrice"] = (row["TotalPrice"] / row["Quantity"]).quantize(_CENT)
    else:
        row["TotalPrice"] = (row["UnitPrice"] * row["Quantity"]).quantize(_CENT)


def _same_book(store: Store, row: NewRow, entry: AnyRow) -> None:
    opportunity = store.tables["Opportunity"][row["OpportunityId"]]
    if opportunity["Pricebook2Id"] not in {None, entry["Pricebook2Id"]}:
        message = (
            "field integrity exception: unknown (pricebook entry is in a different pricebook than the one assigned "
            "to the opportunity)"
        )
        raise refuse("FIELD_INTEGRITY_EXCEPTION", message, "PricebookEntryId")
    _same_currency(row, entry, opportunity)
    store.put("Opportunity", opportunity["Id"], opportunity.changed({"Pricebook2Id": entry["Pricebook2Id"]}))


def _same_currency(row: NewRow, entry: AnyRow, parent: AnyRow) -> None:
    """Where the org has several currencies, a line has its price's, and its parent the same."""
    code = entry.get("CurrencyIsoCode")
    if code != parent.get("CurrencyIsoCode"):
        message = "field integrity exception: unknown (the price is in another currency than the record it goes to)"
        raise refuse("FIELD_INTEGRITY_EXCEPTION", message, "PricebookEntryId")
    if code is not None:
        row["CurrencyIsoCode"] = code


# -- prices and orders --------------------------------------------------------------------------------------------


def _price(store: Store, row: NewRow, _changes: NewRow, before: Row | None) -> None:
    """One price per book, product and currency; the standard price first."""
    if before is not None:
        return
    code = row.get("CurrencyIsoCode")
    same_product = store.lookup("PricebookEntry", "Product2Id", [row["Product2Id"]])
    same = [one for one in same_product if one.get("CurrencyIsoCode") == code]
    if any(one["Pricebook2Id"] == row["Pricebook2Id"] for one in same):
        raise refuse("DUPLICATE_VALUE", "This price definition already exists in this price book")
    standard = next((one for one in same if one["IsActive"] and _is_standard(store, one)), None)
    if standard is None and not _is_standard(store, row):
        raise refuse("STANDARD_PRICE_NOT_DEFINED", "No standard price defined for this product")
    if row["UseStandardPrice"] and standard is not None:
        row["UnitPrice"] = standard["UnitPrice"]
    product = store.tables["Product2"][row["Product2Id"]]
    row["Name"], row["ProductCode"] = product["Name"], product["ProductCode"]


def _is_standard(store: Store, entry: AnyRow) -> bool:
    book = store.tables["Pricebook2"].get(entry["Pricebook2Id"])
    return book is None or book["IsStandard"]


def _order(store: Store, row: NewRow, _changes: NewRow, before: Row | None) -> None:
    if row["AccountId"] is None:
        raise refuse("REQUIRED_FIELD_MISSING", "Required fields are missing: [AccountId]", "AccountId")
    is_active = row["Status"] == "Activated"
    if is_active and not store.lookup("OrderItem", "OrderId", [row["Id"]]):
        raise refuse("FAILED_ACTIVATION", "An order must have at least one product to be activated", "Status")
    if before is not None and before["StatusCode"] == "Activated" and before["AccountId"] != row["AccountId"]:
        raise refuse("FIELD_INTEGRITY_EXCEPTION", "An activated order keeps its account", "AccountId")
    row["StatusCode"] = "Activated" if is_active else "Draft"


def _order_item(store: Store, row: NewRow, _changes: NewRow, before: Row | None) -> None:
    order = store.tables["Order"][row["OrderId"]]
    if order["StatusCode"] == "Activated":
        raise refuse("FIELD_INTEGRITY_EXCEPTION", "The products of an activated order cannot be changed", "OrderId")
    entry = store.tables["PricebookEntry"].get(row["PricebookEntryId"] or "")
    faults = [] if entry else [_MISSING_ENTRY]
    if entry is None or entry["Pricebook2Id"] != order["Pricebook2Id"]:
        faults.append(_OTHER_BOOK)
    if entry is None and row["ListPrice"] is None:
        faults.append(_NO_LIST_PRICE)
    if faults or entry is None:
        raise Refused(*faults)
    if before is None:
        row["Product2Id"], row["ListPrice"] = entry["Product2Id"], entry["UnitPrice"]
        row["UnitPrice"] = entry["UnitPrice"] if row["UnitPrice"] is None else row["UnitPrice"]
        _same_currency(row, entry, order)
    _refuse_return(row)
    row["TotalPrice"] = (row["UnitPrice"] * row["Quantity"]).quantize(_CENT)
    row["AvailableQuantity"] = row["Quantity"]


def _refuse_return(row: NewRow) -> None:
    """Without the order setting for it, nothing is taken back by a negative quantity."""
    if row["Quantity"] <= 0:
        raise refuse(
            "NUMBER_OUTSIDE_VALID_RANGE", "Quantity: the quantity of an order product must be positive", "Quantity"
        )


_MISSING_ENTRY = Fault(
    "REQUIRED_FIELD_MISSING", "Required fields are missing: [PricebookEntryId]", ("PricebookEntryId",)
)
_OTHER_BOOK = Fault(
    "FIELD_INTEGRITY_EXCEPTION",
    "Order Products must have a Price Book Entry that belongs to the Price Book related to the parent Order.: "
    "Price Book Entry ID",
    ("PricebookEntryId",),
)
_NO_LIST_PRICE = Fault("FIELD_INTEGRITY_EXCEPTION", "Enter a List Price.: List Price", ("ListPrice",))

_BEHAVIOURS: dict[str, Callable[[Store, NewRow, NewRow, Row | None], None]] = {
    "Account": _account,
    "Case": derive_case,
    "Contact": _person,
    "Individual": _person,
    "User": _person,
    "Lead": _lead,
    "Opportunity": _opportunity,
    "OpportunityLineItem": _line_item,
    "Order": _order,
    "OrderItem": _order_item,
    "PricebookEntry": _price,
}
