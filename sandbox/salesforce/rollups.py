"""What follows in other rows from a write: sums over children, and the contact behind a person account.

Source: docs/vendors/salesforce.md, person accounts, metadata.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

from sandbox.salesforce.persons import keep_account, keep_contact
from sandbox.salesforce.row import AnyRow, Row
from sandbox.salesforce.schema import Field, RollUp, SObject
from sandbox.salesforce.store import Store

_CENT = Decimal("0.01")


def settle(store: Store, sobject: SObject, before: AnyRow | None, after: AnyRow) -> None:
    """Bring other rows up to date with one that was written, deleted or brought back."""
    for parent, field, roll_up in store.schema.roll_ups.get(sobject.name, ()):
        for parent_id in _parents(roll_up.parent_field, before, after):
            _sum_up(store, parent, field, roll_up, parent_id)
    follow = _FOLLOWS.get(sobject.name)
    if follow:
        follow(store, before, after)


def _parents(field: str, *rows: AnyRow | None) -> set[str]:
    return {row[field] for row in rows if row is not None and row[field]}


def _sum_up(store: Store, parent: SObject, field: Field, roll_up: RollUp, parent_id: str) -> None:
    row = store.tables[parent.name].get(parent_id)
    if row is not None:
        children = store.lookup(roll_up.child, roll_up.parent_field, [parent_id])
        values = [child[roll_up.field] for child in children if roll_up.field and child[roll_up.field] is not None]
        store.put(parent.name, parent_id, row.changed({field.name: _total(roll_up, children, values)}))


def _total(roll_up: RollUp, children: Sequence[Row], values: Sequence[Any]) -> Any:
    if roll_up.operation == "count":
        return Decimal(len(children))
    if roll_up.operation == "sum":
        return sum(values, Decimal(0))
    return (min if roll_up.operation == "min" else max)(values, default=None)


def _opportunity(store: Store, before: AnyRow | None, after: AnyRow) -> None:
    """With lines the amount is their sum, and not the API user's to write."""
    for opportunity_id in _parents("OpportunityId", before, after):
        row = store.tables["Opportunity"].get(opportunity_id)
        if row is None or row["IsDeleted"]:
            continue
        lines = store.lookup("OpportunityLineItem", "OpportunityId", [opportunity_id])
        sums: dict[str, Any] = {"HasOpportunityLineItem": bool(lines)}
        if lines:
            sums |= {"Amount": _of(lines, "TotalPrice"), "TotalOpportunityQuantity": _of(lines, "Quantity")}
            sums["ExpectedRevenue"] = (sums["Amount"] * (row["Probability"] or 0) / 100).quantize(_CENT)
        store.put("Opportunity", opportunity_id, row.changed(sums))


def _order(store: Store, before: AnyRow | None, after: AnyRow) -> None:
    for order_id in _parents("OrderId", before, after):
        row = store.tables["Order"].get(order_id)
        if row is not None:
            items = store.lookup("OrderItem", "OrderId", [order_id])
            store.put("Order", order_id, row.changed({"TotalAmount": _of(items, "TotalPrice")}))


def _of(rows: Iterable[AnyRow], field: str) -> Decimal:
    return sum((row[field] for row in rows if row[field] is not None), Decimal(0))


_FOLLOWS: dict[str, Callable[[Store, AnyRow | None, AnyRow], None]] = {
    "Account": keep_contact,
    "Contact": keep_account,
    "OpportunityLineItem": _opportunity,
    "OrderItem": _order,
}
