"""Assignment rules: who owns a lead after it was saved, by header and rule."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from sandbox.clock import Clock
from sandbox.salesforce.rows import Org
from sandbox.salesforce.standard import standard_schema
from sandbox.switches import Switches
from tests.sandbox.salesforce_client import BASE, Client

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=timezone.utc)
OFF = {"Sforce_Auto_Assign": "FALSE"}


def a_client(**switches: Any) -> Client:
    return Client(Org(standard_schema(), Clock(NOON), Switches(**switches))).log_in()


@pytest.fixture
def client() -> Client:
    return a_client()


def a_user(client: Client, name: str = "Seller") -> str:
    values = {"Username": f"{name}@example.com", "Email": f"{name}@example.com", "LastName": name, "Alias": name[:8]}
    return client.org.insert_as_user("User", values)


def ruled(client: Client, *rules: dict[str, Any]) -> list[str]:
    answer = client.send("POST", "/_sandbox/assignment_rules", [{"object": "Lead", **rule} for rule in rules])
    ids: list[str] = answer.body["assignment_rules"]
    return ids


def owners(client: Client) -> list[str]:
    return [row["OwnerId"] for row in client.org.tables["Lead"].values()]


def lead(number: int = 1, **more: Any) -> dict[str, Any]:
    return {"LastName": f"Lead{number}", "Company": f"{number} Ltd", **more}


@pytest.mark.parametrize(("headers", "runs"), [({}, True), ({"Sforce_Auto_Assign": "TRUE"}, True), (OFF, False)])
def test_a_rule_runs_on_create_and_on_update_unless_the_header_says_no(
    client: Client, headers: Any, runs: bool
) -> None:
    seller, integration = a_user(client), client.org.user_id
    there = client.org.insert_as_user("Lead", lead(1))
    ruled(client, {"owner": seller})
    assert owners(client) == [integration]
    assert client.data("POST", "/sobjects/Lead", lead(2), **headers).status == 201
    assert client.data("PATCH", f"/sobjects/Lead/{there}", {"Title": "x"}, **headers).status == 204
    assert owners(client) == [seller if runs else integration] * 2


def test_the_header_holds_for_collections_and_upserts(client: Client) -> None:
    seller, integration = a_user(client), client.org.user_id
    ruled(client, {"owner": seller})
    rows = [{"attributes": {"type": "Lead"}, **lead(number)} for number in (1, 2)]
    client.data("POST", "/composite/sobjects", {"records": rows}, **OFF)
    client.data("PATCH", "/sobjects/Lead/Email/a@example.com", lead(3), **OFF)
    assert owners(client) == [integration] * 3
    client.data("PATCH", "/sobjects/Lead/Email/a@example.com", lead(3))
    client.data("POST", "/composite/sobjects", {"records": [{"attributes": {"type": "Lead"}, **lead(4)}]})
    assert owners(client)[2:] == [seller] * 2


@pytest.mark.parametrize("inherits", [True, False])
def test_a_subrequest_has_a_header_of_its_own_and_the_outer_one_by_switch(inherits: bool) -> None:
    client = a_client(composite_inherits_headers=inherits)
    seller, integration = a_user(client), client.org.user_id
    ruled(client, {"owner": seller})
    outer = {"method": "POST", "url": f"{BASE}/sobjects/Lead", "referenceId": "a", "body": lead(1)}
    inner = {**outer, "referenceId": "b", "body": lead(2), "httpHeaders": {"Sforce-Auto-Assign": "FALSE"}}
    client.data("POST", "/composite", {"compositeRequest": [outer, inner]}, **OFF)
    assert owners(client) == [integration if inherits else seller, integration]
    client.data("POST", "/composite", {"compositeRequest": [{**outer, "body": lead(3)}]})
    assert owners(client)[2] == seller


def test_the_first_active_rule_that_takes_the_row_decides(client: Client) -> None:
    first, second = a_user(client, "First"), a_user(client, "Second")
    web = {"field": "LeadSource", "equals": "Web"}
    ruled(client, {"owner": second, "active": False}, {"owner": first, **web}, {"owner": second, **web})
    client.data("POST", "/sobjects/Lead", lead(1, LeadSource="Web"))
    client.data("POST", "/sobjects/Lead", lead(2))
    assert owners(client) == [first, client.org.user_id]


def test_the_header_may_name_a_rule_active_or_not(client: Client) -> None:
    first, second = a_user(client, "First"), a_user(client, "Second")
    ids = ruled(client, {"owner": first}, {"owner": second, "active": False})
    client.data("POST", "/sobjects/Lead", lead(1), Sforce_Auto_Assign=ids[1][:15])
    assert owners(client) == [second]
    unknown = client.data("POST", "/sobjects/Lead", lead(2), Sforce_Auto_Assign="01Q000000000099")
    assert unknown.codes == ["INVALID_CROSS_REFERENCE_KEY"]


def test_contacts_and_people_are_left_alone(client: Client) -> None:
    ruled(client, {"owner": a_user(client)})
    client.data("POST", "/sobjects/Contact", {"LastName": "Kirk"})
    client.org.insert_as_user("Lead", lead(1))
    contacts = [row["OwnerId"] for row in client.org.tables["Contact"].values()]
    assert owners(client) == contacts == [client.org.user_id]


@pytest.mark.parametrize(("named", "runs"), [(False, False), (True, True)])
def test_a_bulk_job_assigns_only_by_the_rule_it_names(client: Client, named: bool, runs: bool) -> None:
    seller = a_user(client)
    ids = ruled(client, {"owner": seller})
    job = {"object": "Lead", "operation": "insert", **({"assignmentRuleId": ids[0]} if named else {})}
    home = f"{BASE}/jobs/ingest/{client.data('POST', '/jobs/ingest', job).body['id']}"
    client.send("PUT", f"{home}/batches", b"LastName,Company\nA,B\n", **{"Content-Type": "text/csv"})
    client.send("PATCH", home, {"state": "UploadComplete"})
    for _ in range(5):
        client.send("GET", home)
    assert owners(client) == [seller if runs else client.org.user_id]


@pytest.mark.parametrize("rule", [{"object": "Contact"}, {"owner": "005000000000099"}])
def test_a_rule_that_cannot_be_is_told(client: Client, rule: Any) -> None:
    told = client.send("POST", "/_sandbox/assignment_rules", [{"object": "Lead", "owner": client.org.user_id, **rule}])
    assert told.status == 400
