"""The two calls of SOAP that are served: ``merge`` and ``convertLead``.

Source: docs/vendors/salesforce.md, soap. Each element is a transaction of its own; a call with too many of them, or
with a field that is none, is refused as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation
from typing import Any
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from sandbox.salesforce.dml import Caller
from sandbox.salesforce.duplicates.result import duplicate_xml
from sandbox.salesforce.faults import Fault, Refused, refuse
from sandbox.salesforce.people import convert_lead, merge
from sandbox.salesforce.rows import Org
from sandbox.salesforce.schema import Field, SObject

PARTNER = "urn:partner.soap.sforce.com"
_OBJECT = "urn:sobject.partner.soap.sforce.com"
_MOST_MERGES, _MOST_CONVERSIONS = 200, 100
_TRUTH = {"true": True, "1": True, "false": False, "0": False}


class CallRefused(Exception):
    """A call is refused as a whole.

    Args:
        code: The fault's code.
        message: What it says.
        prefix: Of the code: ``sf`` for the vendor's own.
    """

    def __init__(self, code: str, message: str, *, prefix: str = "sf") -> None:
        super().__init__(message)
        self.code, self.message, self.prefix = code, message, prefix


def _merge_all(org: Org, call: Element) -> list[str]:
    requests = _some(call, "request", _MOST_MERGES)
    read = [(*_master(org, _only(each, "masterRecord")), _texts(each, "recordToMergeIds")) for each in requests]
    return [_merge(org, *each) for each in read]


def _master(org: Org, master: Element) -> tuple[SObject, str, list[tuple[Field, str | None]]]:
    """The object, the id and the values of the record that stays. Raises CallRefused for a field that is none."""
    name = _text(master, "type", _OBJECT)
    sobject = org.schema.object(name)
    if sobject is None:
        raise CallRefused("INVALID_TYPE", f"sObject type '{name}' is not supported.")
    values: list[tuple[Field, str | None]] = []
    for each in master:
        key = each.tag.rpartition("}")[2]
        if key in ("type", "Id"):
            continue
        named = (each.text or "") if key == "fieldsToNull" else key
        field = sobject.field(named)
        if field is None:
            raise CallRefused("INVALID_FIELD", f"No such column '{named}' on entity '{sobject.name}'.")
        values.append((field, None if key == "fieldsToNull" else each.text or ""))
    return sobject, _text(master, "Id", _OBJECT), values


def _merge(org: Org, sobject: SObject, record_id: str, values: list[tuple[Field, str | None]], gone: list[str]) -> str:
    caller = Caller(dedupes=org.switches.merge_duplicate_rules)
    try:
        body = {field.name: None if text is None else _typed(field, text) for field, text in values}
        if sobject.name != getattr(org.schema.by_prefix.get(record_id[:3]), "name", ""):
            raise refuse("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
        moved = merge(org, record_id, gone, body, caller)
    except Refused as refused:
        return _errors(org, refused.faults) + '<id xsi:nil="true"/><success>false</success>'
    org.writes["merge", sobject.name] += 1
    ids = "".join(f"<mergedRecordIds>{org.id_of(each)}</mergedRecordIds>" for each in gone)
    related = "".join(f"<updatedRelatedIds>{each}</updatedRelatedIds>" for each in moved)
    return f"<id>{org.id_of(record_id)}</id>{ids}<success>true</success>{related}"


def _convert_all(org: Org, call: Element) -> list[str]:
    return [_convert(org, each) for each in _some(call, "leadConverts", _MOST_CONVERSIONS)]


def _convert(org: Org, asked: Element) -> str:
    lead = _text(asked, "leadId")
    caller = Caller(dedupes=org.switches.convert_duplicate_rules)
    try:
        if not org.switches.convert_leads_granted:
            raise refuse("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")
        makes_sale = _text(asked, "doNotCreateOpportunity") != "true"
        made = convert_lead(
            org,
            lead,
            account_id=_text(asked, "accountId") or None,
            contact_id=_text(asked, "contactId") or None,
            opportunity=(_text(asked, "opportunityName") or "New") if makes_sale else None,
            status=_text(asked, "convertedStatus"),
            owner_id=_text(asked, "ownerId") or None,
            caller=caller,
        )
    except Refused as refused:
        nothing = "".join(f'<{name} xsi:nil="true"/>' for name in ("accountId", "contactId"))
        return f"{nothing}{_errors(org, refused.faults)}<leadId>{escape(lead)}</leadId><success>false</success>"
    org.writes["convert", "Lead"] += 1
    is_person = org.tables["Account"][str(made["account_id"])].get("IsPersonAccount")
    if is_person and not org.switches.conversion_names_person:
        made["contact_id"] = None
    names = {"accountId": made["account_id"], "contactId": made["contact_id"], "leadId": org.id_of(lead)}
    ids = {**names, "opportunityId": made["opportunity_id"]}
    listed = (f"<{name}>{value}</{name}>" if value else f'<{name} xsi:nil="true"/>' for name, value in ids.items())
    return "".join(listed) + "<success>true</success>"


def _typed(field: Field, text: str) -> Any:
    """A text as JSON would bring the value; raises Refused."""
    if field.type == "boolean" and text in _TRUTH:
        return _TRUTH[text]
    try:
        if field.type in ("double", "currency", "percent", "int"):
            return Decimal(text)
    except InvalidOperation:
        message = f"{field.label}: value not of required type: {text}"
        raise refuse("INVALID_TYPE_ON_FIELD_IN_RECORD", message, field.name) from None
    return text


def _errors(org: Org, faults: Iterable[Fault]) -> str:
    return "".join(_error(fault, names=org.switches.soap_names_duplicates) for fault in faults)


def _error(fault: Fault, *, names: bool) -> str:
    """One error; that of a duplicate rule is a type of its own, which holds what was found."""
    fields = "".join(f"<fields>{escape(name)}</fields>" for name in fault.fields or ())
    told = f"{fields}<message>{escape(fault.message)}</message><statusCode>{fault.code}</statusCode>"
    results = [duplicate_xml(each) for each in fault.detail.values()] if names else []
    return f'<errors xsi:type="DuplicateError">{told}{results[0]}</errors>' if results else f"<errors>{told}</errors>"


def _some(call: Element, name: str, most: int) -> list[Element]:
    found = call.findall(f"{{{PARTNER}}}{name}")
    if len(found) > most:
        message = f"record limit reached. cannot submit more than {most} records in a single request"
        raise CallRefused("EXCEEDED_ID_LIMIT", message)
    return found


def _only(parent: Element, name: str) -> Element:
    found = parent.find(f"{{{PARTNER}}}{name}")
    if found is None:
        raise CallRefused("Client", f"Element {name} is missing", prefix="soapenv")
    return found


def _texts(parent: Element, name: str) -> list[str]:
    return [each.text or "" for each in parent.findall(f"{{{PARTNER}}}{name}")]


def _text(parent: Element, name: str, namespace: str = PARTNER) -> str:
    return parent.findtext(f"{{{namespace}}}{name}") or ""


CALLS: dict[str, Callable[[Org, Element], list[str]]] = {"merge": _merge_all, "convertLead": _convert_all}
"""What is served, by its name."""
