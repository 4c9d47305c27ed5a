"""Graphs, trees, feeds, relationships, and what people do to rows."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from sandbox.clock import Clock
from sandbox.salesforce.rows import Org
from sandbox.salesforce.schema import Field
from sandbox.salesforce.standard import standard_schema
from sandbox.switches import Switches
from tests.sandbox.salesforce_client import BASE, Client

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=timezone.utc)


@pytest.fixture
def client() -> Client:
    key = Field("Key__c", "string", "Key", 50, unique=True, external_id=True, id_lookup=True, custom=True)
    return Client(Org(standard_schema().merged([], {"Contact": [key]}), Clock(NOON), Switches())).log_in()


def node(name: str, path: str, body: Any, method: str = "POST") -> dict[str, Any]:
    return {"method": method, "url": f"{BASE}{path}", "referenceId": name, "body": body}


def names(client: Client, name: str) -> list[str]:
    return sorted(row["Name"] for row in client.org.tables[name].values() if not row["IsDeleted"])


# -- graphs


def test_each_graph_is_all_or_nothing(client: Client) -> None:
    good = [
        node("a", "/sobjects/Account", {"Name": "Acme"}),
        node("c", "/sobjects/Contact/Key__c/1", {"LastName": "Ann", "AccountId": "@{a.id}"}, "PATCH"),
    ]
    bad = [node("b", "/sobjects/Account", {"Name": "Lost"}), node("d", "/sobjects/Contact", {"FirstName": "Nobody"})]
    graphs = [{"graphId": "g", "compositeRequest": good}, {"graphId": "h", "compositeRequest": bad}]
    answer = client.data("POST", "/composite/graph", {"graphs": graphs})
    assert answer.status == 200
    kept, undone = answer.body["graphs"]
    assert (kept["graphId"], kept["isSuccessful"], undone["isSuccessful"]) == ("g", True, False)
    assert [one["httpStatusCode"] for one in kept["graphResponse"]["compositeResponse"]] == [201, 201]
    codes = [one["body"][0]["errorCode"] for one in undone["graphResponse"]["compositeResponse"]]
    assert codes == ["PROCESSING_HALTED", "REQUIRED_FIELD_MISSING"]
    assert names(client, "Account") == ["Acme"]
    (ann,) = client.org.tables["Contact"].values()
    assert client.org.tables["Account"][ann["AccountId"]]["Name"] == "Acme"


@pytest.mark.parametrize(
    "graphs",
    [
        None,
        [{"compositeRequest": []}],
        [{"graphId": "g", "compositeRequest": []}, {"graphId": "g", "compositeRequest": []}],
        [{"graphId": "g", "compositeRequest": [node("q", "/query?q=SELECT Id FROM Contact", None, "GET")]}],
        [{"graphId": "g", "compositeRequest": [node(str(n), "/sobjects/Account", {}) for n in range(501)]}],
        [
            {
                "graphId": "g",
                "compositeRequest": [node("a", "/sobjects/Account", {}), node("a", "/sobjects/Account", {})],
            }
        ],
    ],
)
def test_a_graph_that_cannot_be_is_refused_as_a_whole(client: Client, graphs: Any) -> None:
    assert client.data("POST", "/composite/graph", {"graphs": graphs}).status == 400
    assert names(client, "Account") == []


def test_old_versions_have_no_graphs(client: Client) -> None:
    assert client.send("POST", "/services/data/v49.0/composite/graph", {"graphs": []}).status == 404


def test_a_composite_holds_no_composite(client: Client) -> None:
    inner = node("x", "/composite", {"compositeRequest": []})
    answer = client.data("POST", "/composite", {"compositeRequest": [inner]}).body["compositeResponse"]
    assert (answer[0]["httpStatusCode"], answer[0]["body"][0]["errorCode"]) == (400, "INVALID_INPUT")
    twice = [node("x", "/limits", None, "GET")] * 2
    assert client.data("POST", "/composite", {"compositeRequest": twice}).status == 400


# -- trees


def leaf(name: str, reference: str, kind: str = "Contact", **more: Any) -> dict[str, Any]:
    field = "LastName" if kind == "Contact" else "Name"
    return {"attributes": {"type": kind, "referenceId": reference}, field: name, **more}


def test_a_tree_is_inserted_with_its_children(client: Client) -> None:
    people = {"records": [leaf("Ann", "c1"), leaf("Bo", "c2")]}
    answer = client.data(
        "POST", "/composite/tree/Account", {"records": [leaf("Acme", "a1", "Account", Contacts=people)]}
    )
    assert (answer.status, answer.body["hasErrors"]) == (201, False)
    ids = {one["referenceId"]: one["id"] for one in answer.body["results"]}
    assert set(ids) == {"a1", "c1", "c2"}
    assert client.org.tables["Contact"][ids["c2"]]["AccountId"] == ids["a1"]


def test_a_tree_with_one_bad_leaf_leaves_nothing(client: Client) -> None:
    people = {"records": [leaf("Ann", "c1"), {"attributes": {"type": "Contact", "referenceId": "c2"}}]}
    answer = client.data(
        "POST", "/composite/tree/Account", {"records": [leaf("Acme", "a1", "Account", Contacts=people)]}
    )
    assert (answer.status, answer.body["hasErrors"]) == (400, True)
    (result,) = answer.body["results"]
    assert (result["referenceId"], result["errors"][0]["statusCode"]) == ("c2", "REQUIRED_FIELD_MISSING")
    assert client.org.tables["Account"] == {}


def deep(level: int) -> dict[str, Any]:
    inner = {"ChildAccounts": {"records": [deep(level - 1)]}} if level > 1 else {}
    return leaf("Acme", f"a{level}", "Account", **inner)


@pytest.mark.parametrize(
    "records", [None, [leaf("Ann", "")], [leaf("Ann", "a"), leaf("Bo", "a")], [leaf("x", f"{n}") for n in range(201)]]
)
def test_a_tree_that_cannot_be_is_refused(client: Client, records: Any) -> None:
    assert client.data("POST", "/composite/tree/Contact", {"records": records}).status == 400


def test_a_tree_has_five_levels(client: Client) -> None:
    assert client.data("POST", "/composite/tree/Account", {"records": [deep(5)]}).status == 201
    assert client.data("POST", "/composite/tree/Account", {"records": [deep(6)]}).status == 400


# -- feeds and relationships


def test_the_feeds_tell_what_changed_and_what_went(client: Client) -> None:
    kept, gone = (client.data("POST", "/sobjects/Contact", {"LastName": name}).body["id"] for name in ("Ann", "Bo"))
    client.data("DELETE", f"/sobjects/Contact/{gone}")
    client.org.clock.advance(3_600)
    times = "start=2026-11-25T12:00:00%2B00:00&end=2026-11-25T13:00:00Z"
    updated = client.data("GET", f"/sobjects/Contact/updated/?{times}").body
    assert updated == {"ids": [kept], "latestDateCovered": "2026-11-25T13:00:00.000+0000"}
    deleted = client.data("GET", f"/sobjects/Contact/deleted/?{times}").body
    assert deleted["deletedRecords"] == [{"id": gone, "deletedDate": "2026-11-25T12:00:00.000+0000"}]
    assert set(deleted) == {"deletedRecords", "earliestDateAvailable", "latestDateCovered"}
    later = "start=2026-11-25T12:01:00Z&end=2026-11-25T13:00:00Z"
    assert client.data("GET", f"/sobjects/Contact/updated/?{later}").body["ids"] == []


@pytest.mark.parametrize(
    "times",
    [
        "start=2026-11-25T12:00:00Z&end=2026-11-25T11:00:00Z",
        "start=2026-10-01T12:00:00Z&end=2026-11-25T11:00:00Z",
        "start=yesterday&end=2026-11-25T11:00:00Z",
        "",
    ],
)
def test_a_feed_needs_a_range_of_the_last_month(client: Client, times: str) -> None:
    assert client.data("GET", f"/sobjects/Contact/updated/?{times}").codes == ["INVALID_REPLICATION_DATE"]


def test_a_row_leads_to_its_parent_and_its_children(client: Client) -> None:
    acme = client.org.insert_as_user("Account", {"Name": "Acme"})
    ann = client.org.insert_as_user("Contact", {"LastName": "Ann", "AccountId": acme})
    assert client.data("GET", f"/sobjects/Contact/{ann}/Account?fields=Name").body["Name"] == "Acme"
    found = client.data("GET", f"/sobjects/Account/{acme}/Contacts").body
    assert (found["totalSize"], found["done"], found["records"][0]["Id"]) == (1, True, ann)
    assert client.data("GET", f"/sobjects/Account/{acme}/Nothing").status == 404
    assert client.data("GET", f"/sobjects/Contact/{ann}/ReportsTo").status == 404


def test_a_parent_is_named_once(client: Client) -> None:
    acme = client.org.insert_as_user("Account", {"Name": "Acme"})
    ann = client.org.insert_as_user("Contact", {"LastName": "Ann", "Email": "ann@example.com"})
    body = {"LastName": "Bo", "AccountId": acme, "ReportsToId": ann, "ReportsTo": {"Email": "ann@example.com"}}
    answer = client.data("POST", "/sobjects/Contact", body)
    assert answer.codes == ["INVALID_FIELD"]
    assert "both an external ID reference ReportsTo and a salesforce id, ReportsToId" in answer.body[0]["message"]


# -- people


def admin(client: Client, verb: str, **body: Any) -> Any:
    return client.send("POST", f"/_sandbox/{verb}", body)


def test_a_deleted_row_comes_back_with_its_details(client: Client) -> None:
    acme = client.org.insert_as_user("Account", {"Name": "Acme"})
    ann = client.org.insert_as_user("Contact", {"LastName": "Ann", "AccountId": acme})
    client.data("DELETE", f"/sobjects/Account/{acme}")
    assert client.org.tables["Contact"][ann]["IsDeleted"] is True
    assert admin(client, "undelete", id=acme[:15]).body == {"undeleted": 2}
    assert client.data("GET", f"/sobjects/Contact/{ann}").body["AccountId"] == acme
    assert admin(client, "undelete", id=acme).codes == ["UNDELETE_FAILED"]


def test_a_merged_row_does_not_come_back(client: Client) -> None:
    ids = [client.org.insert_as_user("Contact", {"LastName": name}) for name in ("Ann", "Anne", "An", "Annie")]
    assert admin(client, "merge", winner=ids[0], losers=ids[1:]).codes == ["LIMIT_EXCEEDED"]
    assert admin(client, "merge", winner=ids[0], losers=ids[1:2]).status == 200
    assert client.data("GET", f"/sobjects/Contact/{ids[1]}").codes == ["ENTITY_IS_DELETED"]
    soql = f"SELECT+MasterRecordId+FROM+Contact+WHERE+Id='{ids[1]}'"
    assert client.data("GET", f"/queryAll?q={soql}").body["records"][0]["MasterRecordId"] == ids[0]
    assert admin(client, "undelete", id=ids[1]).codes == ["UNDELETE_FAILED"]
    acme = client.org.insert_as_user("Account", {"Name": "Acme"})
    assert admin(client, "merge", winner=ids[0], losers=[acme]).codes == ["INVALID_OPERATION"]


def test_a_lead_is_converted_as_the_person_wants(client: Client) -> None:
    acme = client.org.insert_as_user("Account", {"Name": "Acme"})
    lead = client.org.insert_as_user("Lead", {"LastName": "Ann", "Company": "Acme"})
    made = admin(client, "convert_lead", id=lead, account_id=acme, opportunity="Boots").body
    assert made["account_id"] == acme
    assert client.org.tables["Opportunity"][made["opportunity_id"]]["AccountId"] == acme
    row = client.org.tables["Lead"][lead]
    assert (row["IsConverted"], row["ConvertedContactId"]) == (True, made["contact_id"])
    assert admin(client, "convert_lead", id=lead).codes == ["CANNOT_UPDATE_CONVERTED_LEAD"]
