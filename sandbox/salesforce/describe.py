"""What describe tells of objects and fields, with every key the vendor prints.

Source: docs/vendors/salesforce.md, describe.
"""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from sandbox.salesforce.calls import Answer, Call, Route
from sandbox.salesforce.schema import NUMBER_TYPES, TEXT_TYPES, ChildRelationship, Field, Option, SObject
from sandbox.salesforce.standard import opt_out_fields
from sandbox.salesforce.tables import LOCKED_OBJECTS, MERGEABLE_OBJECTS

_SOAP_TYPES = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "int": "xsd:int",
    "address": "urn:address",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    **dict.fromkeys(NUMBER_TYPES, "xsd:double"),
    **dict.fromkeys(TEXT_TYPES, "xsd:string"),
}
_UNGROUPED = NUMBER_TYPES | {"address", "combobox", "datetime"}
_BYTES = {"id": 1, "reference": 1, **dict.fromkeys(TEXT_TYPES, 3)}
_OPT_OUTS = frozenset(one.name for one in opt_out_fields())
_MASTER_RECORD_TYPE = "012000000000000AAA"


def describe_all(call: Call) -> Answer:
    """``GET /sobjects``."""
    entries = [_summary(call, one) for one in call.org.schema.objects.values()]
    return _unless_unchanged(call, {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": entries})


def describe_basic(call: Call) -> Answer:
    """``GET /sobjects/T``."""
    sobject = call.org.object(call.parts[1])
    return Answer(200, {"objectDescribe": _summary(call, sobject), "recentItems": []})


def describe_object(call: Call) -> Answer:
    """``GET /sobjects/T/describe``."""
    sobject = call.org.object(call.parts[1])
    return _unless_unchanged(call, {**_summary(call, sobject), **_details(call, sobject)})


def _unless_unchanged(call: Call, body: dict[str, Any]) -> Answer:
    """304 when the client's copy is as new as the schema (recorded inside Composite)."""
    deployed = call.org.deployed_at
    headers = {"ETag": f'"{int(deployed.timestamp()):x}"', "Last-Modified": format_datetime(deployed, usegmt=True)}
    since = call.headers.get("if-modified-since")
    if since and _is_current(since, call):
        return Answer(304, None, headers)
    return Answer(200, body, headers)


def _is_current(since: str, call: Call) -> bool:
    try:
        return parsedate_to_datetime(since) >= call.org.deployed_at
    except (TypeError, ValueError):
        return False


def _summary(call: Call, sobject: SObject) -> dict[str, Any]:
    is_open = sobject.name not in LOCKED_OBJECTS
    return {
        "activateable": False,
        "associateEntityType": None,
        "associateParentEntity": None,
        "createable": sobject.createable,
        "custom": sobject.custom,
        "customSetting": False,
        "deepCloneable": sobject.name == "Opportunity",
        "deletable": is_open and sobject.deletable and sobject.name != "User",
        "deprecatedAndHidden": False,
        "feedEnabled": is_open and not sobject.custom,
        "hasSubtypes": False,
        "isInterface": False,
        "isSubtype": False,
        "keyPrefix": sobject.key_prefix,
        "label": sobject.label,
        "labelPlural": sobject.plural,
        "layoutable": is_open,
        "mergeable": sobject.name in MERGEABLE_OBJECTS,
        "mruEnabled": is_open,
        "name": sobject.name,
        "queryable": True,
        "replicateable": True,
        "retrieveable": True,
        "searchable": is_open,
        "triggerable": is_open,
        "undeletable": is_open and sobject.name != "User",
        "updateable": True,
        "urls": _urls(call, sobject),
    }


def _urls(call: Call, sobject: SObject) -> dict[str, str]:
    home = f"{call.base}/sobjects/{sobject.name}"
    return {
        "compactLayouts": f"{home}/describe/compactLayouts",
        "rowTemplate": f"{home}/{{ID}}",
        "approvalLayouts": f"{home}/describe/approvalLayouts",
        "listviews": f"{home}/listviews",
        "describe": f"{home}/describe",
        "quickActions": f"{home}/quickActions",
        "layouts": f"{home}/describe/layouts",
        "sobject": home,
    }


def _details(call: Call, sobject: SObject) -> dict[str, Any]:
    return {
        "actionOverrides": [],
        "childRelationships": [_child(one) for one in sobject.child_relationships],
        "compactLayoutable": True,
        "defaultImplementation": None,
        "extendedBy": None,
        "extendsInterfaces": None,
        "fields": [describe_field(one) for one in sobject.fields.values()],
        "implementedBy": None,
        "implementsInterfaces": None,
        "listviewable": None,
        "lookupLayoutable": None,
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": [*_record_types(call, sobject)],
        "searchLayoutable": True,
        "sobjectDescribeOption": "FULL",
        "supportedScopes": [{"label": f"All {sobject.plural.lower()}", "name": "everything"}],
    }


def _child(relation: ChildRelationship) -> dict[str, Any]:
    return {
        "cascadeDelete": relation.cascade,
        "childSObject": relation.child,
        "deprecatedAndHidden": False,
        "field": relation.field,
        "junctionIdListNames": [],
        "junctionReferenceTo": [],
        "relationshipName": relation.name,
        "restrictedDelete": relation.restricted,
    }


def _record_types(call: Call, sobject: SObject) -> Iterator[dict[str, Any]]:
    """The record types of an object, the master last; it is the default where there is no other."""
    kinds = call.org.lookup("RecordType", "SobjectType", [sobject.name])
    for place, kind in enumerate(kinds):
        yield _record_type(call, sobject, kind["DeveloperName"], kind["Name"], kind["Id"], is_default=place == 0)
    yield _record_type(call, sobject, "Master", "Master", _MASTER_RECORD_TYPE, is_default=not kinds)


def _record_type(
    call: Call, sobject: SObject, developer_name: str, name: str, record_type_id: str, *, is_default: bool
) -> dict[str, Any]:
    return {
        "active": True,
        "available": True,
        "defaultRecordTypeMapping": is_default,
        "developerName": developer_name,
        "master": record_type_id == _MASTER_RECORD_TYPE,
        "name": name,
        "recordTypeId": record_type_id,
        "urls": {"layout": f"{call.base}/sobjects/{sobject.name}/describe/layouts/{record_type_id}"},
    }


def describe_field(field: Field) -> dict[str, Any]:
    """One field with the vendor's 57 keys."""
    return {**_constants(), **_shape(field), **_rights(field), **_links(field)}


def _constants() -> dict[str, Any]:
    """What is the same on every field the sandbox knows."""
    return {
        "aiPredictionField": False,
        "calculatedFormula": None,
        "defaultValueFormula": None,
        "deprecatedAndHidden": False,
        "displayLocationInDecimal": False,
        "encrypted": False,
        "filteredLookupInfo": None,
        "formulaTreatNullNumberAsZero": False,
        "highScaleNumber": False,
        "inlineHelpText": None,
        "mask": None,
        "maskType": None,
        "referenceTargetField": None,
    }


def _shape(field: Field) -> dict[str, Any]:
    is_long = field.type == "textarea" and field.length > 255
    return {
        "aggregatable": field.type not in {"boolean", "address"} and not is_long,
        "autoNumber": field.number_format is not None,
        "byteLength": field.length * _BYTES.get(field.type, 0),
        "caseSensitive": field.case_sensitive,
        "compoundFieldName": field.compound,
        "controllerName": field.controller,
        "dependentPicklist": field.controller is not None,
        "digits": 8 if field.type == "int" else 0,
        "extraTypeInfo": "plaintextarea" if field.type == "textarea" else None,
        "filterable": not is_long,
        "groupable": field.type not in _UNGROUPED and not is_long,
        "htmlFormatted": False,
        "label": field.label,
        "length": field.length,
        "name": field.name,
        "nameField": field.name_field,
        "picklistValues": [_picklist_value(field, one) for one in field.options or map(_option, field.picklist)],
        "precision": field.precision,
        "scale": field.scale,
        "searchPrefilterable": field.type == "reference" and field.createable,
        "soapType": _SOAP_TYPES[field.type],
        "queryByDistance": field.type == "address",
        "sortable": field.type != "address" and not is_long,
        "type": field.type,
    }


def _option(value: str) -> Option:
    return Option(value, value)


def _picklist_value(field: Field, one: Option) -> dict[str, Any]:
    is_default = one.value == field.default
    return {
        "active": True,
        "defaultValue": is_default,
        "label": one.label,
        "validFor": one.valid_for,
        "value": one.value,
    }


def _rights(field: Field) -> dict[str, Any]:
    return {
        "calculated": field.calculated,
        "createable": field.createable,
        "custom": field.custom,
        "defaultValue": False if field.type == "boolean" and field.defaulted else field.default,
        "defaultedOnCreate": field.defaulted,
        "externalId": field.external_id,
        "idLookup": field.id_lookup,
        "nillable": field.nillable,
        "permissionable": field.type == "address"
        or field.name.removeprefix("Person") in _OPT_OUTS
        or (field.nillable and (field.createable or field.updateable)),
        "restrictedPicklist": field.restricted,
        "unique": field.unique,
        "updateable": field.updateable,
        "writeRequiresMasterRead": False,
    }


def _links(field: Field) -> dict[str, Any]:
    return {
        "cascadeDelete": field.master_detail or field.delete_constraint == "Cascade",
        "namePointing": len(field.refers_to) > 1,
        "polymorphicForeignKey": len(field.refers_to) > 1,
        "referenceTo": field.refers_to,
        "relationshipName": field.relationship,
        "relationshipOrder": 0 if field.master_detail else None,
        "restrictedDelete": field.delete_constraint == "Restrict",
    }


ROUTES = [
    Route("GET", "sobjects", describe_all, "describe", "every object the user may see; 304 with If-Modified-Since"),
    Route("GET", "sobjects/{object}", describe_basic, "describe", "one object in short"),
    Route("GET", "sobjects/{object}/describe", describe_object, "describe", "one object whole: fields of 57 keys; 304"),
]
