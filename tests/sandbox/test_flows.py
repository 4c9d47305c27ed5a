"""Flows of the project: what runs before a row is saved. Here those that keep phone keys honest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sandbox.clock import Clock
from sandbox.salesforce.metadata import load_metadata
from sandbox.salesforce.rows import Org
from sandbox.salesforce.standard import standard_schema
from sandbox.serve import METADATA
from sandbox.switches import Switches

MOBILE, MAIN, TILL = "Mobile_Phone_Key__c", "Main_Phone_Key__c", "Phone_Key__c"
KEYED = {"MobilePhone": "604-555-0142", MOBILE: "+16045550142", TILL: "+16045550142", MAIN: "+15142500001"}


@pytest.fixture
def org() -> Org:
    return Org(load_metadata(METADATA, standard_schema()), Clock(), Switches())


def keys_after(org: Org, name: str, change: dict[str, Any], *, person: bool = True) -> list[Any]:
    """The keys of a keyed contact or lead, after one save."""
    more = {"Company": "Lee Ltd"} if name == "Lead" else {}
    record_id = org.insert_as_user(name, {"LastName": "Lee", "Phone": "514 250 0001", **KEYED, **more})
    (org.edit_as_user if person else org.update)(name, record_id, change)
    row = org.tables[name][record_id]
    return [row[MOBILE], row[MAIN], row[TILL]]


@pytest.mark.parametrize("name", ["Contact", "Lead"])
@pytest.mark.parametrize("person", [True, False])
def test_who_changes_a_phone_and_not_its_key_leaves_the_key_blank(org: Org, name: str, person: bool) -> None:
    """The key of that phone, and that of the till, which may be of the number that is gone; a person or an import."""
    assert keys_after(org, name, {"MobilePhone": "604 555 0199"}, person=person) == [None, "+15142500001", None]


@pytest.mark.parametrize("name", ["Contact", "Lead"])
def test_who_sets_the_key_in_the_same_save_is_believed(org: Org, name: str) -> None:
    assert keys_after(org, name, {"MobilePhone": "604 555 0199", MOBILE: "+16045550199"}) == [
        "+16045550199",
        "+15142500001",
        "+16045550142",
    ]


def test_a_phone_that_is_taken_away_has_no_key(org: Org) -> None:
    assert keys_after(org, "Contact", {"MobilePhone": None})[0] is None


def test_what_is_no_phone_leaves_the_keys_alone(org: Org) -> None:
    assert keys_after(org, "Contact", {"LastName": "Leigh", "MobilePhone": "604-555-0142"})[0] == "+16045550142"


def test_each_phone_of_a_contact_has_its_own_key(org: Org) -> None:
    """The home phone and the other one too."""
    keys = {"Home_Phone_Key__c": "+15142500001", "Other_Phone_Key__c": "+15142500002"}
    numbers = {"HomePhone": "1", "OtherPhone": "2"}
    record_id = org.insert_as_user("Contact", {"LastName": "Lee", **numbers, **keys})

    org.edit_as_user("Contact", record_id, {"OtherPhone": "3"})

    row = org.tables["Contact"][record_id]
    assert [row[each] for each in keys] == ["+15142500001", None]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("RecordBeforeSave", "RecordAfterSave"),
        ("<recordTriggerType>Update", "<recordTriggerType>CreateAndUpdate"),
        ("NotEqualTo", "StartsWith"),
        ("<conditionLogic>and", "<conditionLogic>or"),
        ("<operator>Assign", "<operator>Add"),
        ("<start>", "<recordLookups><name>Other</name></recordLookups><start>"),
    ],
)
def test_a_flow_that_the_sandbox_cannot_run_is_refused(tmp_path: Path, old: str, new: str) -> None:
    """It would be kinder than the org, or harder. One that is a draft runs nowhere."""
    for path in (METADATA / "flows").iterdir():
        (tmp_path / path.name).write_text(path.read_text().replace(old, new))
    (tmp_path / "objects" / "Contact").mkdir(parents=True)

    with pytest.raises(ValueError, match="the sandbox runs no flow with"):
        load_metadata(tmp_path, standard_schema())

    for path in tmp_path.glob("*.xml"):
        path.write_text(path.read_text().replace("<status>Active", "<status>Draft"))
    assert load_metadata(tmp_path, standard_schema()).flows == ()
