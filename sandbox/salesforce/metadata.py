"""Custom objects and fields, read from the SFDX project that a user would deploy.

What no permission set grants is not in the schema: to the API user it does not exist (docs/vendors/salesforce.md,
permissions). Roll-ups are computed, flows run. What would have to be obeyed and is not, formulas and active rules, is
refused: an org that lets through what the real one stops would flatter whoever is tried on it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from sandbox.salesforce.flows import load_flows
from sandbox.salesforce.schema import Field, RollUp, Schema, SObject
from sandbox.salesforce.standard import opt_out_fields, system_fields

_NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"
# Source type -> describe type and the length the source leaves unsaid.
_TYPES: dict[str, tuple[str, int]] = {
    "Text": ("string", 255),
    "TextArea": ("textarea", 255),
    "LongTextArea": ("textarea", 32768),
    "Html": ("textarea", 32768),
    "Checkbox": ("boolean", 0),
    "Currency": ("currency", 0),
    "Number": ("double", 0),
    "Percent": ("percent", 0),
    "Date": ("date", 0),
    "DateTime": ("datetime", 0),
    "Email": ("email", 80),
    "Phone": ("phone", 40),
    "Url": ("url", 255),
    "Picklist": ("picklist", 255),
    "MultiselectPicklist": ("multipicklist", 4099),
    "Lookup": ("reference", 18),
    "MasterDetail": ("reference", 18),
    "AutoNumber": ("string", 30),
    "Summary": ("currency", 0),
}


@dataclass
class Grants:
    """What the permission sets give, added up: objects that may be read, fields that may be read or written."""

    objects: set[str] = field(default_factory=set)
    readable: set[str] = field(default_factory=set)
    editable: set[str] = field(default_factory=set)


def load_metadata(folder: Path, base: Schema) -> Schema:
    """The base schema with everything deployed from an SFDX project.

    Args:
        folder: The project; ``objects`` and ``permissionsets`` may lie anywhere below it.
        base: The standard objects.

    Raises:
        FileNotFoundError: The folder holds no ``objects``.
        ValueError: A file is no XML, or holds what the sandbox does not know or obey; the message names the file.
    """
    _refuse_rules(folder)
    homes = sorted(path for objects in folder.glob("**/objects") for path in objects.iterdir() if path.is_dir())
    if not homes:
        message = f"{folder} holds no objects/<name>/ folder; give the folder of an SFDX project"
        raise FileNotFoundError(message)
    grants = _grants(folder)
    custom: list[SObject] = []
    extra: defaultdict[str, list[Field]] = defaultdict(list)
    for number, home in enumerate(homes):
        extra[home.name].extend(_granted(home.name, _read_fields(home), grants))
        if home.name.endswith("__c"):
            custom.append(_custom_object(home, number, owned=not any(one.master_detail for one in extra[home.name])))
    for name in ("Contact", "Lead"):
        extra[name].extend(_granted(name, iter(opt_out_fields()), grants))
    hidden = {one.name for one in custom} - grants.objects
    schema = base.merged(
        [one for one in custom if one.name not in hidden],
        {name: fields for name, fields in extra.items() if name not in hidden},
    )
    return schema.with_flows(load_flows(folder, _read))


def _refuse_rules(folder: Path) -> None:
    """Raise for the first active rule of the project."""
    for kind, flag in (("validationRule", "active"), ("duplicateRule", "isActive")):
        for path in sorted(folder.glob(f"**/*.{kind}-meta.xml")):
            if _read(path).get(flag) == "true":
                message = f"{path}: the sandbox obeys no {kind} of a project; set one up by the verbs, or leave it out"
                raise ValueError(message)


def _read(path: Path) -> dict[str, Any]:
    try:
        root = ElementTree.parse(path).getroot()
    except ElementTree.ParseError as error:
        message = f"{path}: not well-formed XML ({error}); mend the file"
        raise ValueError(message) from error
    return _plain(root)


def _plain(node: ElementTree.Element) -> dict[str, Any]:
    """Children by name: text, a nested dict, or a list when there are several."""
    plain: dict[str, Any] = {}
    for child in node:
        name = child.tag.removeprefix(_NAMESPACE)
        value: Any = _plain(child) if len(child) else (child.text or "").strip()
        if name in plain:
            held = plain[name]
            plain[name] = [*(held if isinstance(held, list) else [held]), value]
        else:
            plain[name] = value
    return plain


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _grants(folder: Path) -> Grants:
    grants = Grants()
    for path in sorted(folder.glob("**/permissionsets/*.permissionset-meta.xml")):
        source = _read(path)
        for one in _several(source.get("objectPermissions")):
            if one.get("allowRead") == "true":
                grants.objects.add(one["object"])
        for one in _several(source.get("fieldPermissions")):
            if one.get("readable") == "true":
                grants.readable.add(one["field"])
            if one.get("editable") == "true":
                grants.editable.add(one["field"])
    return grants


def _granted(owner: str, fields: Iterator[Field], grants: Grants) -> Iterator[Field]:
    for one in fields:
        path = f"{owner}.{one.name}"
        # Required fields and masters are beyond field-level security: no permission set may name them.
        if one.master_detail or (not one.nillable and one.type != "boolean" and not one.number_format):
            yield one
        elif path in grants.readable:
            editable = path in grants.editable
            yield replace(one, createable=one.createable and editable, updateable=one.updateable and editable)


def _custom_object(home: Path, number: int, *, owned: bool) -> SObject:
    path = home / f"{home.name}.object-meta.xml"
    if not path.exists():
        message = f"{path}: missing; a custom object needs its own file beside its fields"
        raise ValueError(message)
    source = _read(path)
    label = source.get("label", home.name)
    fields = [*system_fields(label), _name_field(source.get("nameField", {}))]
    if owned:
        fields.append(_OWNER)
    return SObject(
        name=home.name,
        label=label,
        key_prefix=f"a{number:02d}",
        fields={one.name.lower(): one for one in fields},
        custom=True,
        plural=source.get("pluralLabel", label),
    )


_OWNER = Field(
    "OwnerId", "reference", "Owner ID", 18, nillable=False, defaulted=True, refers_to=["User"], relationship="Owner"
)


def _name_field(source: dict[str, Any]) -> Field:
    numbered = source.get("type") == "AutoNumber"
    return Field(
        "Name",
        "string",
        source.get("label", "Name"),
        80,
        nillable=not numbered,
        createable=not numbered,
        updateable=not numbered,
        defaulted=True,
        id_lookup=True,
        name_field=True,
        number_format=source.get("displayFormat", "{0}") if numbered else None,
    )


def _read_fields(home: Path) -> Iterator[Field]:
    for path in sorted((home / "fields").glob("*.field-meta.xml")):
        source = _read(path)
        if source.get("fullName", "").endswith("__c"):
            yield _field(path, source)


def _field(path: Path, source: dict[str, Any]) -> Field:
    kind = source.get("type", "")
    if kind not in _TYPES:
        message = f"{path}: the sandbox does not know the field type {kind or '(none)'}; it knows {', '.join(_TYPES)}"
        raise ValueError(message)
    name = source["fullName"]
    if "formula" in source:
        message = f"{path}: the sandbox computes no formulas; leave the field out of what it deploys"
        raise ValueError(message)
    calculated = kind == "Summary"
    master, numbered = kind == "MasterDetail", kind == "AutoNumber"
    return Field(
        name=name,
        type=_TYPES[kind][0],
        label=source.get("label", name),
        length=int(source.get("length", _TYPES[kind][1])),
        precision=int(source.get("precision", 18 if kind == "Summary" else 0)),
        scale=int(source.get("scale", 0)),
        nillable=not (master or numbered or kind == "Checkbox" or source.get("required") == "true"),
        createable=not (calculated or numbered),
        updateable=not (calculated or numbered or (master and source.get("reparentableMasterDetail") != "true")),
        unique=source.get("unique") == "true",
        external_id=source.get("externalId") == "true",
        id_lookup=source.get("externalId") == "true",
        case_sensitive=source.get("caseSensitive") == "true",
        calculated=calculated,
        defaulted=numbered or kind == "Checkbox" or "defaultValue" in source,
        default=_default(path, kind, source),
        custom=True,
        master_detail=master,
        number_format=source.get("displayFormat", "{0}") if numbered else None,
        roll_up=_roll_up(path, source) if kind == "Summary" else None,
        **_relation(source, name),
        **_values(path, source),
    )


def _roll_up(path: Path, source: dict[str, Any]) -> RollUp:
    if "summaryFilterItems" in source:
        message = f"{path}: the sandbox knows no filters on roll-up summaries"
        raise ValueError(message)
    child, _, parent_field = source["summaryForeignKey"].partition(".")
    return RollUp(child, parent_field, source["summaryOperation"], source.get("summarizedField", "").partition(".")[2])


def _relation(source: dict[str, Any], name: str) -> dict[str, Any]:
    if "referenceTo" not in source:
        return {}
    child_name = source.get("relationshipName")
    return {
        "refers_to": [source["referenceTo"]],
        "relationship": name.removesuffix("__c") + "__r",
        "child_name": f"{child_name}__r" if child_name else None,
        "delete_constraint": source.get("deleteConstraint", "SetNull"),
    }


def _values(path: Path, source: dict[str, Any]) -> dict[str, Any]:
    value_set = source.get("valueSet")
    if value_set is None:
        return {}
    if "valueSetDefinition" not in value_set:
        message = f"{path}: the sandbox reads picklist values from the field itself, not from a global value set"
        raise ValueError(message)
    values = _several(value_set["valueSetDefinition"].get("value"))
    return {"picklist": [one["fullName"] for one in values], "restricted": value_set.get("restricted") == "true"}


def _default(path: Path, kind: str, source: dict[str, Any]) -> str | bool | Decimal | None:
    """Defaults are formulas in general; the sandbox reads literals only."""
    text = source.get("defaultValue")
    if kind == "Checkbox":
        return text == "true"
    if text is None:
        return _default_of_set(source)
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return str(text[1:-1])
    if _TYPES[kind][0] in {"currency", "double", "percent"}:
        return Decimal(text)
    message = f"{path}: defaultValue {text} is a formula; the sandbox reads quoted text, numbers, true and false"
    raise ValueError(message)


def _default_of_set(source: dict[str, Any]) -> str | None:
    values = _several(source.get("valueSet", {}).get("valueSetDefinition", {}).get("value"))
    return next((str(one["fullName"]) for one in values if one.get("default") == "true"), None)
