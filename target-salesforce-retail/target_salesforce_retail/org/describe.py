"""What the org says of its objects, as shapes (facts: Salesforce section 3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from target_salesforce_retail.nouns import FieldShape, ObjectShape
from target_salesforce_retail.org.session import Session


def describe(session: Session, name: str) -> tuple[ObjectShape, str] | None:
    """The shape of an object and its key prefix, or None when the org has no such object or hides it."""
    answer = session.call("GET", f"{session.base}/sobjects/{name}/describe")
    if answer.status == 404:
        return None
    shape = ObjectShape(str(answer.body["name"]), {field["name"]: _shape(field) for field in answer.body["fields"]})
    return shape, str(answer.body.get("keyPrefix") or "")


def _shape(field: Mapping[str, Any]) -> FieldShape:
    values = [each["value"] for each in field.get("picklistValues") or () if each.get("active")]
    return FieldShape(
        name=str(field["name"]),
        type=str(field["type"]),
        length=int(field.get("length") or 0),
        scale=int(field.get("scale") or 0),
        createable=bool(field["createable"]),
        updateable=bool(field["updateable"]),
        nillable=bool(field["nillable"]),
        defaulted=bool(field["defaultedOnCreate"]),
        case_sensitive=bool(field.get("caseSensitive")),
        key_like=bool(field.get("externalId") or field.get("idLookup")),
        unique=bool(field.get("unique")),
        refers_to=tuple(field.get("referenceTo") or ()),
        picklist=tuple(values) if field.get("restrictedPicklist") else (),
    )
