"""Custom objects and fields are read from an SFDX project as an org would take them."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.clock import Clock
from sandbox.salesforce.faults import Refused
from sandbox.salesforce.metadata import load_metadata
from sandbox.salesforce.rows import Org
from sandbox.salesforce.schema import Schema
from sandbox.salesforce.standard import standard_schema
from sandbox.switches import Switches

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
NAMESPACE = 'xmlns="http://soap.sforce.com/2006/04/metadata"'
TILL_FIELDS = {
    "Key__c": "<label>Key</label><type>Text</type><length>40</length><externalId>true</externalId>"
    "<unique>true</unique><caseSensitive>true</caseSensitive>",
    "Total__c": "<label>Total</label><type>Currency</type><precision>12</precision><scale>2</scale>",
    "Kind__c": "<label>Kind</label><type>Picklist</type><required>true</required><valueSet>"
    "<restricted>true</restricted><valueSetDefinition><value><fullName>sale</fullName><default>true</default></value>"
    "<value><fullName>refund</fullName><default>false</default></value></valueSetDefinition></valueSet>",
    "Open__c": "<label>Open</label><type>Checkbox</type><defaultValue>true</defaultValue>",
    "Shopper__c": "<label>Shopper</label><type>Lookup</type><referenceTo>Contact</referenceTo>"
    "<relationshipName>Tills</relationshipName><deleteConstraint>Restrict</deleteConstraint>",
    "Note__c": "<label>Note</label><type>LongTextArea</type><length>1000</length>",
    "Secret__c": "<label>Secret</label><type>Text</type><length>10</length>",
}
LINE_FIELDS = {
    "Till__c": "<label>Till</label><type>MasterDetail</type><referenceTo>Till__c</referenceTo>"
    "<relationshipName>Lines</relationshipName>",
    "Quantity__c": "<label>Quantity</label><type>Number</type><precision>8</precision><scale>3</scale>"
    "<defaultValue>1</defaultValue>",
}


def write(path: Path, root: str, body: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{HEAD}<{root} {NAMESPACE}>{body}</{root}>")


def write_object(home: Path, name: str, body: str, fields: dict[str, str]) -> None:
    if body:
        write(home / "objects" / name / f"{name}.object-meta.xml", "CustomObject", body)
    for field, source in fields.items():
        path = home / "objects" / name / "fields" / f"{field}.field-meta.xml"
        write(path, "CustomField", f"<fullName>{field}</fullName>{source}")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    home = tmp_path / "force-app" / "main" / "default"
    numbered = (
        "<nameField><label>Number</label><type>AutoNumber</type><displayFormat>T-{0000}</displayFormat></nameField>"
    )
    named = "<nameField><label>Line</label><type>Text</type></nameField>"
    write_object(home, "Till__c", f"<label>Till</label><pluralLabel>Tills</pluralLabel>{numbered}", TILL_FIELDS)
    write_object(home, "TillLine__c", f"<label>Till Line</label>{named}", LINE_FIELDS)
    write_object(home, "Contact", "", {"Key__c": TILL_FIELDS["Key__c"], "Unseen__c": TILL_FIELDS["Secret__c"]})
    granted = [f"Till__c.{name}" for name in TILL_FIELDS if name not in {"Secret__c", "Kind__c"}]
    grants = "".join(
        f"<fieldPermissions><editable>{str(name != 'Till__c.Note__c').lower()}</editable><field>{name}</field>"
        "<readable>true</readable></fieldPermissions>"
        for name in [*granted, "TillLine__c.Quantity__c", "Contact.Key__c"]
    )
    objects = "".join(
        f"<objectPermissions><allowRead>true</allowRead><object>{name}</object></objectPermissions>"
        for name in ("Till__c", "TillLine__c")
    )
    write(
        home / "permissionsets" / "Sync.permissionset-meta.xml",
        "PermissionSet",
        f"<label>Sync</label>{grants}{objects}",
    )
    return tmp_path


def load_schema(folder: Path) -> Schema:
    return load_metadata(folder, standard_schema())


def org_of(project: Path) -> Org:
    return Org(load_schema(project), Clock(), Switches())


def test_a_field_is_what_its_file_says(project: Path) -> None:
    till = load_schema(project).object("till__c")
    assert till is not None
    assert (till.key_prefix[0], till.custom, till.plural) == ("a", True, "Tills")
    key, total = till.fields["key__c"], till.fields["total__c"]
    assert (key.type, key.length, key.unique, key.external_id, key.id_lookup, key.case_sensitive) == (
        "string", 40, True, True, True, True,
    )  # fmt: skip
    assert (total.type, total.precision, total.scale, total.nillable) == ("currency", 12, 2, True)
    kind, shopper = till.fields["kind__c"], till.fields["shopper__c"]
    assert (kind.picklist, kind.restricted, kind.nillable, kind.default) == (["sale", "refund"], True, False, "sale")
    assert (shopper.refers_to, shopper.relationship, shopper.child_name) == (["Contact"], "Shopper__r", "Tills__r")
    assert till.fields["note__c"].length == 1000


def test_what_no_permission_set_grants_does_not_exist(project: Path) -> None:
    schema = load_schema(project)
    till, contact = schema.object("Till__c"), schema.object("Contact")
    assert till is not None
    assert contact is not None
    assert (till.field("Secret__c"), contact.field("Unseen__c")) == (None, None)
    assert till.fields["kind__c"].createable, "required fields are beyond field-level security"
    assert contact.fields["key__c"].custom
    note = till.fields["note__c"]
    assert (note.createable, note.updateable) == (False, False), "readable is not editable"


def test_an_object_no_permission_set_grants_does_not_exist(project: Path) -> None:
    sets = project / "force-app" / "main" / "default" / "permissionsets" / "Sync.permissionset-meta.xml"
    sets.write_text(sets.read_text().replace("<object>TillLine__c</object>", "<object>Other__c</object>"))
    schema = load_schema(project)
    assert schema.object("TillLine__c") is None
    assert schema.object("Till__c") is not None


def test_a_detail_belongs_to_its_master_and_has_no_owner(project: Path) -> None:
    schema = load_schema(project)
    line, till = schema.object("TillLine__c"), schema.object("Till__c")
    assert line is not None
    assert till is not None
    assert line.field("OwnerId") is None
    assert till.field("OwnerId") is not None
    master = line.fields["till__c"]
    assert (master.master_detail, master.nillable, master.createable, master.updateable) == (True, False, True, False)
    assert [(one.child, one.name, one.cascade) for one in till.child_relationships] == [
        ("TillLine__c", "Lines__r", True)
    ]


def test_rows_get_numbers_defaults_and_names(project: Path) -> None:
    org = org_of(project)
    first, second = org.create("Till__c", {"Kind__c": "sale"}), org.create("Till__c", {})
    assert [org.tables["Till__c"][one]["Name"] for one in (first, second)] == ["T-0001", "T-0002"]
    assert (org.tables["Till__c"][second]["Kind__c"], org.tables["Till__c"][second]["Open__c"]) == ("sale", True)
    line = org.tables["TillLine__c"][org.create("TillLine__c", {"Till__c": first})]
    assert (line["Name"], line["Quantity__c"]) == (line["Id"], 1)


def test_a_restricted_parent_cannot_be_deleted(project: Path) -> None:
    org = org_of(project)
    shopper = org.create("Contact", {"LastName": "B"})
    org.create("Till__c", {"Shopper__c": shopper})
    before = org.snapshot()
    with pytest.raises(Refused, match="DELETE_FAILED"):
        org.delete("Contact", shopper)
    assert org.snapshot() == before


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("<type>Geometry</type>", "does not know the field type Geometry"),
        ("<type>Text</type><defaultValue>TODAY()</defaultValue>", "is a formula"),
        ("<type>Text</type><formula>Name</formula>", "computes no formulas"),
        (
            "<type>Summary</type><summaryForeignKey>A.B</summaryForeignKey><summaryFilterItems><a>x</a></summaryFilterItems>",
            "no filters on roll-up summaries",
        ),
        ("<type>Picklist</type><valueSet><valueSetName>Shared</valueSetName></valueSet>", "global value set"),
    ],
)
def test_what_the_sandbox_cannot_read_is_named_with_its_file(project: Path, source: str, complaint: str) -> None:
    home = project / "force-app" / "main" / "default"
    write_object(home, "Till__c", "", {"Odd__c": f"<label>Odd</label>{source}"})
    with pytest.raises(ValueError, match=complaint) as refused:
        load_schema(project)
    assert "Odd__c.field-meta.xml" in str(refused.value)


def test_bad_xml_and_an_empty_folder_are_named(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    (project / "force-app/main/default/objects/Till__c/fields/Bad__c.field-meta.xml").write_text("<CustomField>")
    with pytest.raises(ValueError, match=r"Bad__c\.field-meta\.xml: not well-formed"):
        load_schema(project)
    with pytest.raises(FileNotFoundError, match="objects/<name>"):
        load_schema(tmp_path_factory.mktemp("empty"))


@pytest.mark.parametrize(
    ("place", "flag"),
    [
        ("objects/Till__c/validationRules/No.validationRule-meta.xml", "active"),
        ("duplicateRules/Contact.No.duplicateRule-meta.xml", "isActive"),
    ],
)
def test_a_rule_that_would_have_to_be_obeyed_is_refused_and_an_idle_one_is_not(
    project: Path, place: str, flag: str
) -> None:
    path = project / "force-app" / "main" / "default" / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"<Rule><{flag}>false</{flag}></Rule>")
    load_schema(project)
    path.write_text(f"<Rule><{flag}>true</{flag}></Rule>")
    with pytest.raises(ValueError, match="the sandbox obeys no") as refused:
        load_schema(project)
    assert path.name in str(refused.value)


def test_a_roll_up_of_the_project_is_computed(project: Path) -> None:
    home = project / "force-app" / "main" / "default"
    source = (
        "<label>Pieces</label><type>Summary</type><summaryForeignKey>TillLine__c.Till__c</summaryForeignKey>"
        "<summaryOperation>sum</summaryOperation><summarizedField>TillLine__c.Quantity__c</summarizedField>"
    )
    (home / "objects/Till__c/fields/Pieces__c.field-meta.xml").write_text(
        f'<CustomField xmlns="http://soap.sforce.com/2006/04/metadata"><fullName>Pieces__c</fullName>{source}</CustomField>'
    )
    inside = "<field>Till__c.Pieces__c</field><readable>true</readable><editable>false</editable>"
    grant = f"<fieldPermissions>{inside}</fieldPermissions>"
    (home / "permissionsets/More.permissionset-meta.xml").write_text(
        f'<PermissionSet xmlns="http://soap.sforce.com/2006/04/metadata">{grant}</PermissionSet>'
    )
    org = org_of(project)
    till = org.create("Till__c", {})
    for quantity in (2, 3):
        org.create("TillLine__c", {"Till__c": till, "Quantity__c": quantity})
    assert org.tables["Till__c"][till]["Pieces__c"] == 5
