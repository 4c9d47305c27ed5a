"""What the org says of its objects (docs/vendors/salesforce.md, describe)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from target_salesforce_retail.metadata import FieldDescribe, ObjectDescribe, PicklistEntry, RecordType
from target_salesforce_retail.org.composite import REQUESTS_PER_CALL, no_answer, read
from target_salesforce_retail.org.query import checked_name
from target_salesforce_retail.org.session import Session

Described = Mapping[str, Any]


def describe_objects(session: Session, names: Sequence[str]) -> dict[str, ObjectDescribe | None]:
    """The describe of each object; None for what the org has not, or hides."""
    urls = [f"{session.base}/sobjects/{checked_name(name)}/describe" for name in names]
    parts = read(session, urls, REQUESTS_PER_CALL, absent=True)
    return {name: None if part.refused else _object(name, part.body) for name, part in zip(names, parts, strict=True)}


def _object(name: str, described: Any) -> ObjectDescribe:
    try:
        fields: dict[str, Described] = {each["name"]: each for each in described["fields"]}
        describes = {each: _field(field, fields) for each, field in fields.items()}
        rights = (described.get(right) is not False for right in ("createable", "updateable", "deletable"))
        kinds = tuple(_record_types(described.get("recordTypeInfos") or ()))
        prefix = str(described.get("keyPrefix") or "")
        createable, updateable, deletable = rights
        return ObjectDescribe(
            str(described["name"]), describes, kinds, createable, updateable, deletable, key_prefix=prefix
        )
    except (LookupError, TypeError, ValueError, AttributeError):
        raise no_answer(f"sobjects/{name}/describe") from None


def _field(field: Described, others: Mapping[str, Described]) -> FieldDescribe:
    active = [each for each in field.get("picklistValues") or () if each.get("active")]
    controller = field.get("controllerName") or ""
    return FieldDescribe(
        name=str(field["name"]),
        type=str(field["type"]),
        length=int(field.get("length") or 0),
        precision=int(field.get("precision") or 0),
        scale=int(field.get("scale") or 0),
        createable=bool(field["createable"]),
        updateable=bool(field["updateable"]),
        nillable=bool(field["nillable"]),
        defaulted=bool(field["defaultedOnCreate"]),
        case_sensitive=bool(field.get("caseSensitive")),
        key_like=bool(field.get("externalId") or field.get("idLookup")),
        filterable=field.get("filterable") is not False,
        unique=bool(field.get("unique")),
        refers_to=tuple(field.get("referenceTo") or ()),
        picklist=tuple(each["value"] for each in active) if field.get("restrictedPicklist") else (),
        controller=str(controller),
        choices=tuple(_choices(active, _values(others.get(controller, {})))),
        calculated=bool(field.get("calculated")),
        auto_number=bool(field.get("autoNumber")),
    )


def _record_types(described: Sequence[Described]) -> Iterator[RecordType]:
    for each in described:
        if not each.get("master") and each.get("active", True):
            yield RecordType(str(each["developerName"]), str(each["recordTypeId"]), bool(each["available"]))


def _values(controller: Described) -> list[str]:
    """All values of a controller, inactive ones too: the places of the bitmap count them. A checkbox has two."""
    if controller.get("type") == "boolean":
        return ["false", "true"]
    return [str(each["value"]) for each in controller.get("picklistValues") or ()]


def _choices(entries: Sequence[Described], values: Sequence[str]) -> Iterator[PicklistEntry]:
    for each in entries:
        goes_with = frozenset(_picked(each.get("validFor"), values))
        yield PicklistEntry(str(each["value"]), str(each.get("label") or each["value"]), goes_with)


def _picked(bitmap: str | None, values: Sequence[str]) -> list[str]:
    """The values whose bit is set; the first value is the highest bit of the first byte."""
    try:
        bits = base64.b64decode(bitmap or "", validate=True)
    except binascii.Error:
        return []
    places = (8 * at + bit for at, byte in enumerate(bits) if byte for bit in range(8) if byte & (0x80 >> bit))
    return [values[place] for place in places if place < len(values)]
