"""A row that comes back from the recycle bin while another has taken its unique values."""

from __future__ import annotations

from sandbox.salesforce.dml import duplicates
from sandbox.salesforce.faults import Refused
from sandbox.salesforce.row import NewRow, Row
from sandbox.salesforce.schema import SObject
from sandbox.salesforce.store import Store


def given_up(store: Store, sobject: SObject, row: Row, rule: str) -> NewRow:
    """The fields in which a row comes back empty.

    Args:
        store: Where the others are.
        sobject: What the row is of.
        row: The row.
        rule: "refuse", or "lose" for a row that comes back without what is taken.

    Raises:
        Refused: DUPLICATE_VALUE, by the rule "refuse".
    """
    held = {one.name: row.get(one.name) for one in sobject.fields.values() if one.unique}
    taken = {
        name: fault for name, value in held.items() for fault in duplicates(store, sobject, row["Id"], {name: value})
    }
    if taken and rule == "refuse":
        raise Refused(*taken.values())
    return dict.fromkeys(taken)
