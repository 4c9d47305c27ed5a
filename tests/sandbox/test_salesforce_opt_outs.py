"""The opt-out fields of contacts and leads: hidden until field-level security grants them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from sandbox.clock import Clock
from sandbox.salesforce.metadata import load_metadata
from sandbox.salesforce.rows import Org
from sandbox.salesforce.schema import Schema
from sandbox.salesforce.standard import standard_schema
from sandbox.salesforce.variants import varied
from sandbox.serve import METADATA
from sandbox.switches import Switches
from tests.sandbox.salesforce_client import Client
from tests.sandbox.test_salesforce_metadata import write, write_object

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=timezone.utc)
OPT_OUTS = {"HasOptedOutOfEmail", "HasOptedOutOfFax", "DoNotCall"}


def client_of(schema: Schema, **switches: Any) -> Client:
    chosen = replace(Switches(), **switches)
    return Client(Org(varied(schema, chosen), Clock(NOON), chosen)).log_in()


def seen(client: Client, name: str) -> dict[str, Any]:
    fields = client.data("GET", f"/sobjects/{name}/describe").body["fields"]
    return {one["name"]: one for one in fields if one["name"].removeprefix("Person") in OPT_OUTS}


@pytest.mark.parametrize("name", ["Contact", "Lead"])
def test_without_a_grant_there_is_no_trace_of_them(name: str) -> None:
    client = client_of(standard_schema())
    assert seen(client, name) == {}
    for field in OPT_OUTS:
        assert client.data("GET", f"/query?q=SELECT+{field}+FROM+{name}").codes == ["INVALID_FIELD"]
        made = client.data("POST", f"/sobjects/{name}", {"LastName": "B", "Company": "C", field: True})
        assert made.body[-1]["message"].startswith("No such column")
    assert not client.org.tables[name]


@pytest.mark.parametrize("name", ["Contact", "Lead"])
def test_a_switch_grants_them_all(name: str) -> None:
    client = client_of(standard_schema(), opt_outs_granted=True)
    fields = seen(client, name)
    assert fields.keys() == OPT_OUTS
    assert all(one["permissionable"] and one["createable"] and one["type"] == "boolean" for one in fields.values())
    values = {"LastName": "B", **({"Company": "C"} if name == "Lead" else {})}
    made = client.data("POST", f"/sobjects/{name}", {**values, "DoNotCall": True})
    row = client.data("GET", f"/sobjects/{name}/{made.body['id']}").body
    assert (row["DoNotCall"], row["HasOptedOutOfFax"]) == (True, False)


@pytest.mark.parametrize("name", ["Contact", "Lead"])
def test_the_projects_own_permission_set_grants_what_the_mappings_write(name: str) -> None:
    client = client_of(load_metadata(METADATA, standard_schema()))
    fields = seen(client, name)
    assert fields.keys() == {"HasOptedOutOfEmail", "DoNotCall"}
    assert all(one["createable"] and one["updateable"] for one in fields.values())


def test_a_permission_set_grants_what_it_lists(tmp_path: Path) -> None:
    write_object(tmp_path, "Contact", "", {"Key__c": "<label>Key</label><type>Text</type><length>9</length>"})
    grants = "".join(
        f"<fieldPermissions><editable>{editable}</editable><field>{field}</field><readable>true</readable>"
        "</fieldPermissions>"
        for field, editable in (("Contact.DoNotCall", "false"), ("Contact.HasOptedOutOfEmail", "true"))
    )
    write(tmp_path / "permissionsets" / "Sync.permissionset-meta.xml", "PermissionSet", f"<label>S</label>{grants}")
    client = client_of(load_metadata(tmp_path, standard_schema()))
    assert seen(client, "Lead") == {}
    fields = seen(client, "Contact")
    assert {name: one["updateable"] for name, one in fields.items()} == {"DoNotCall": False, "HasOptedOutOfEmail": True}
    made = client.data("POST", "/sobjects/Contact", {"LastName": "B", "DoNotCall": True})
    assert made.codes == ["INVALID_FIELD_FOR_INSERT_UPDATE"]
    assert client.data("POST", "/sobjects/Contact", {"LastName": "B", "HasOptedOutOfEmail": True}).status == 201


@pytest.mark.parametrize("granted", [True, False])
def test_a_person_account_shows_what_its_contact_shows(granted: bool) -> None:
    client = client_of(standard_schema(), person_accounts=True, opt_outs_granted=granted)
    assert seen(client, "Account").keys() == ({f"Person{name}" for name in OPT_OUTS} if granted else set())
    if granted:
        (person,) = (row["Id"] for row in client.org.tables["RecordType"].values() if row["IsPersonType"])
        client.org.create("Account", {"RecordTypeId": person, "LastName": "Lee", "PersonDoNotCall": True})
        assert [row["DoNotCall"] for row in client.org.tables["Contact"].values()] == [True]
