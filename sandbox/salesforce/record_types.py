"""Record types: kinds of an object's rows. A new row gets the one that it names, or the user's default.

The refusal's text is as seen. Accounts keep the rules of their own that person accounts bring.
"""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.salesforce.faults import Fault
from sandbox.salesforce.row import NewRow
from sandbox.salesforce.schema import Field, Schema, SObject
from sandbox.salesforce.store import Store

FIELD = "RecordTypeId"
KINDS = ("Retail_Customer", "Supplier")  # the first is the integration user's default
_OBJECTS = ("Contact", "Lead")


def with_record_types(schema: Schema) -> Schema:
    """The schema of an org whose contacts and leads have kinds."""
    kind = Field(
        FIELD, "reference", "Record Type ID", 18, refers_to=["RecordType"], relationship="RecordType", defaulted=True
    )
    return schema.merged([], {name: [kind] for name in _OBJECTS})


def kinds() -> Iterator[tuple[str, str]]:
    """The objects that have kinds, with each of them."""
    yield from ((sobject, name) for sobject in _OBJECTS for name in KINDS)


def chosen(store: Store, sobject: SObject, row: NewRow, changes: NewRow) -> Iterator[Fault]:
    """What is wrong with the record type that is written; a new row that names none gets the default."""
    wanted = changes.get(FIELD)
    if wanted is not None:
        kind = store.tables["RecordType"].get(wanted)
        if kind is None or kind["SobjectType"] != sobject.name or not kind["IsActive"]:
            message = f"Record Type ID: this ID value isn't valid for the user: {wanted}"
            yield Fault("INVALID_CROSS_REFERENCE_KEY", message, (FIELD,))
    elif sobject.name in _OBJECTS and row.get(FIELD, wanted) is None and FIELD in row:
        row[FIELD] = next((kind["Id"] for kind in store.lookup("RecordType", "SobjectType", [sobject.name])), None)
