"""Rows of a Collections call that cannot be read, looked for before any row is written.

By default such a row is refused alone: another client's live test sees MALFORMED_ID, which is a fault of reading too,
on its own row only (docs/vendors/salesforce.md, collections). Nobody has seen it for a wrong type or an unknown name,
so that switches can make one such row refuse the whole call.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sandbox.salesforce.dml import unknown_field
from sandbox.salesforce.faults import Refused, refuse
from sandbox.salesforce.rows import Org
from sandbox.salesforce.schema import SObject
from sandbox.salesforce.values import coerce


def refuse_unreadable(org: Org, records: Iterable[dict[str, Any]]) -> None:
    """Refuse the call as a whole for the first thing in it that a switch says cannot be read.

    Raises:
        Refused: INVALID_FIELD or JSON_PARSER_ERROR.
    """
    if "request" not in (org.switches.wrong_type_in_row, org.switches.unknown_field_in_row):
        return
    for record in records:
        name = (record.get("attributes") or {}).get("type")
        sobject = org.schema.object(name) if isinstance(name, str) else None
        for key, value in record.items() if sobject else ():
            if sobject and key != "attributes":
                _refuse_one(org, sobject, key, value)


def _refuse_one(org: Org, sobject: SObject, key: str, value: Any) -> None:
    field, relation = sobject.field(key), sobject.relationships.get(key.lower())
    if field is None and relation is None:
        if org.switches.unknown_field_in_row == "request":
            raise unknown_field(key, sobject)
    elif org.switches.wrong_type_in_row == "row":
        return
    elif field is None:
        if not isinstance(value, dict | type(None)):
            raise refuse("JSON_PARSER_ERROR", f"Cannot deserialize instance of {key} from value {value}")
    else:
        try:
            coerce(field, value, org.switches)
        except Refused as refused:
            if refused.faults[0].code == "JSON_PARSER_ERROR":
                raise
