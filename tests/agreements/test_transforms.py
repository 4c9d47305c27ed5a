"""Mappings against the contract of the tap, and against the org's package."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from simple_salesforce import __file__ as simple_salesforce
from tap_lightspeed_retail.streams import STREAMS
from target_salesforce_retail.mapping.load import lint_streams, load
from target_salesforce_retail.mapping.rules import StreamMapping

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "salesforce" / "force-app" / "main" / "default"
SPACE = "{http://soap.sforce.com/2006/04/metadata}"
MAPPINGS = load(ROOT / "transforms")
STANDARD = {
    "Contact": """
        FirstName LastName Email MobilePhone HomePhone Phone LeadSource Birthdate
        MailingStreet MailingCity MailingState MailingPostalCode MailingCountry HasOptedOutOfEmail DoNotCall
    """,
    "Lead": """
        FirstName LastName Email MobilePhone Phone LeadSource Street City State PostalCode Country
        HasOptedOutOfEmail DoNotCall
    """,
    "Product2": "Name ProductCode StockKeepingUnit Description IsActive",
}
"""Standard fields that the mappings write; Name is standard on every custom object."""
HIDDEN = {f"{name}.{field}" for name in ("Contact", "Lead") for field in ("HasOptedOutOfEmail", "DoNotCall")}
"""Of these, the fields that nobody sees until field-level security grants them."""


AWAITED = {"Retail_Profile__c.Account__c"}
"""For mappings of one's own: that shoppers are accounts, the shipped ones do not say."""


def written(mapping: StreamMapping, name: str) -> set[str]:
    if mapping.profile and name == mapping.profile.object:
        return {*mapping.profile.all_fields}
    rules = (*mapping.fields, *mapping.phone_keys)
    fields = {rule.name for rule in rules if not rule.only or name in rule.only}
    return {mapping.key.field, *fields, *(field for rule in mapping.links for field in rule.fields.values())}


def objects_of(mapping: StreamMapping) -> tuple[str, ...]:
    return (*mapping.objects, *((mapping.profile.object,) if mapping.profile else ()))


def declared(name: str) -> dict[str, ElementTree.Element]:
    files = (PACKAGE / "objects" / name / "fields").glob("*.field-meta.xml")
    return {path.name.removesuffix(".field-meta.xml"): ElementTree.parse(path).getroot() for path in files}


def text(node: ElementTree.Element, name: str) -> str:
    return (node.findtext(f"{SPACE}{name}") or "").strip()


def test_every_property_that_a_mapping_reads_is_in_the_contract() -> None:
    """A typo would load blanks."""
    contract = {stream.name: stream.schema()["properties"] for stream in STREAMS}

    assert lint_streams(MAPPINGS, contract) == []
    assert {mapping.stream for mapping in MAPPINGS.ordered} <= contract.keys()


def test_every_field_that_a_mapping_writes_exists() -> None:
    """In the package, or in the short list of standard fields."""
    lacking = [
        f"{mapping.stream}: {name}.{field}"
        for mapping in MAPPINGS.ordered
        for name in objects_of(mapping)
        for field in written(mapping, name)
        if field not in declared(name) and field not in STANDARD.get(name, "Name").split()
    ]

    assert lacking == []


def test_every_declared_field_is_written() -> None:
    """The package holds nothing that nobody fills; of accounts, that the guide shows how."""
    accounts = (ROOT / "docs" / "guides" / "accounts.md").read_text("utf-8")
    idle = [
        f"{path.name}.{field}"
        for path in sorted((PACKAGE / "objects").iterdir())
        for field in declared(path.name)
        if not (path.name == "Account" and f"key: {field}" in accounts)
        and not any(
            path.name in objects_of(mapping) and field in written(mapping, path.name) for mapping in MAPPINGS.ordered
        )
    ]

    assert {*idle} == AWAITED


def test_the_permission_set_grants_what_can_be_granted() -> None:
    """Every custom field, except masters and required ones: a deploy refuses those.

    Source: docs/vendors/salesforce.md, permissions.

    And the standard fields that are hidden without it.
    """
    permissions = ElementTree.parse(PACKAGE / "permissionsets" / "Retail_Integration.permissionset-meta.xml").getroot()
    granted = {text(each, "field") for each in permissions.findall(f"{SPACE}fieldPermissions")}
    expected = {
        f"{path.name}.{field}"
        for path in (PACKAGE / "objects").iterdir()
        for field, node in declared(path.name).items()
        if text(node, "type") != "MasterDetail" and text(node, "required") != "true"
    }

    assert expected | HIDDEN == granted


def test_keys_are_unique_case_sensitive_external_ids() -> None:
    """On every object that a mapping may find."""
    for mapping in MAPPINGS.ordered:
        for name in objects_of(mapping):
            key = declared(name)[mapping.key.field]
            assert (
                text(key, "externalId"),
                text(key, "unique"),
                text(key, "caseSensitive"),
            ) == ("true", "true", "true")


@pytest.mark.parametrize(
    ("field", "stream", "name"),
    [
        ("Retail_Sale__c.Kind__c", "sales", "kind"),
        ("Retail_Sale__c.State__c", "sales", "state"),
        ("Retail_Sale_Line__c.Kind__c", "sale_lines", "kind"),
        ("Retail_Payment__c.Type__c", "sale_payments", "type"),
    ],
)
def test_picklists_hold_what_the_contract_says(field: str, stream: str, name: str) -> None:
    """Restricted, and value by value."""
    owner, _, api_name = field.partition(".")
    node = declared(owner)[api_name]
    values = {value.text for value in node.iter(f"{SPACE}fullName")} - {api_name}
    schema = json.loads((ROOT / f"tap-lightspeed-retail/tap_lightspeed_retail/schemas/{stream}.json").read_text())

    assert set(schema["properties"][name]["enum"]) == values
    assert text(node.find(f"{SPACE}valueSet"), "restricted") == "true"  # type: ignore[arg-type]


def test_every_file_is_what_the_metadata_api_takes() -> None:
    """By the schema inside the vendor's own WSDL: names, types, order of elements.

    Source: docs/vendors/salesforce.md, metadata.
    """
    etree = pytest.importorskip("lxml.etree")
    wsdl = etree.parse(str(Path(simple_salesforce).parent / "metadata.wsdl"))
    xsd = next(
        each
        for each in wsdl.iter("{http://www.w3.org/2001/XMLSchema}schema")
        if each.get("targetNamespace") == SPACE.strip("{}")
    )
    for root in ("CustomObject", "CustomField", "PermissionSet", "Flow"):
        element = etree.SubElement(xsd, "{http://www.w3.org/2001/XMLSchema}element")
        element.set("name", root)
        element.set("type", f"tns:{root}")
    schema = etree.XMLSchema(etree.fromstring(etree.tostring(xsd)))
    files = sorted(PACKAGE.rglob("*-meta.xml"))

    wrong = [
        f"{path.name}: {schema.error_log.last_error}" for path in files if not schema.validate(etree.parse(str(path)))
    ]

    assert wrong == []
    assert len(files) > 60
