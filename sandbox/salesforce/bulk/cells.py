"""Values of an upload that are of no type of their field, in the words that Bulk has for them.

Reported by users, field name and all (docs/vendors/salesforce.md, bulk results). A plain date for a datetime is one of
them, although single rows take it. That columns are counted from 0 is not verified.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.salesforce.faults import Fault, Refused
from sandbox.salesforce.schema import Field, SObject
from sandbox.salesforce.values import coerce, parse_time
from sandbox.switches import Switches

_TYPES = {
    "boolean": "xsd:boolean",
    "currency": "xsd:double",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "double": "xsd:double",
    "int": "xsd:int",
    "percent": "xsd:double",
}


def unreadable(
    switches: Switches, sobject: SObject, values: Mapping[str, Any], places: Mapping[str, int]
) -> Fault | None:
    """The first value of a row that cannot be read.

    Args:
        switches: What the org makes of values.
        sobject: What the row is of.
        values: The row.
        places: Field -> its column, from 0; a field that is not there stands where it is in the row.
    """
    for place, (name, value) in enumerate(values.items()):
        field = sobject.field(name)
        if field and value and not isinstance(value, dict) and not _is_readable(field, value, switches):
            said = (
                f"Failed to deserialize field at col {places.get(name, place)}. Due to, '{value}' is not a valid value"
            )
            return Fault("INVALID_FIELD", f"{said} for the type {_TYPES[field.type]}", (field.name,))
    return None


def _is_readable(field: Field, value: Any, switches: Switches) -> bool:
    if field.type not in _TYPES:
        return True
    if field.type == "datetime":
        return parse_time(value) is not None
    try:
        coerce(field, value, switches)
    except Refused as refused:
        return refused.faults[0].code != "JSON_PARSER_ERROR"
    return True
