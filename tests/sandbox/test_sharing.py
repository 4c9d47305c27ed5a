"""Private sharing: rows that the API user may only read, and rows that it does not see."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any
from urllib.parse import quote

import pytest

from sandbox.clock import Clock
from sandbox.salesforce.rows import Org
from sandbox.salesforce.schema import Field, SObject
from sandbox.salesforce.standard import standard_schema, system_fields
from sandbox.switches import Switches
from tests.sandbox.salesforce_client import Client, Reply

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=timezone.utc)
UNSEEN, UNWRITTEN = "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "INSUFFICIENT_ACCESS_OR_READONLY"
KEY = Field("Key__c", "string", "Key", 50, unique=True, external_id=True, id_lookup=True, custom=True)


def detail() -> SObject:
    master = Field(
        "Contact__c",
        "reference",
        "Contact",
        18,
        refers_to=["Contact"],
        relationship="Contact__r",
        master_detail=True,
        custom=True,
        nillable=False,
    )
    name = Field("Name", "string", "Name", 80, name_field=True)
    fields = [*system_fields("Line"), name, master]
    return SObject("Line__c", "Line", "a00", {one.name.lower(): one for one in fields}, custom=True, plural="Lines")


@pytest.fixture
def client() -> Client:
    schema = standard_schema().merged([detail()], {"Contact": [KEY]})
    switches = Switches(search_lag_seconds=0)
    return Client(Org(schema, Clock(NOON), switches)).log_in()


@pytest.fixture
def kirk(client: Client) -> str:
    account = client.org.insert_as_user("Account", {"Name": "Starfleet"})
    values = {"LastName": "Kirk", "FirstName": "Jim", "Email": "jim@example.com", "AccountId": account, "Key__c": "1"}
    return client.org.insert_as_user("Contact", values)


def shared(client: Client, **ids: list[str]) -> None:
    assert client.send("POST", "/_sandbox/sharing", ids).status == 200


def query(client: Client, soql: str) -> Reply:
    return client.data("GET", f"/query?q={quote(soql)}")


def writes(client: Client, kirk: str) -> list[Any]:
    """The code that every way to write a row is answered with; None where it is written."""
    collection = client.collection("PATCH", "", {"Id": kirk, "Title": "x"})
    bulk = client.data("POST", "/composite/tree/Line__c", _line(kirk))
    return [
        *(client.data("PATCH", f"/sobjects/Contact/{kirk}", {"Title": "x"}).body or [{"errorCode": None}]),
        {"errorCode": (collection[0]["errors"] or [{"statusCode": None}])[0]["statusCode"]},
        *(client.data("DELETE", f"/sobjects/Contact/{kirk}").body or [{"errorCode": None}]),
        {"errorCode": bulk.body["results"][0]["errors"][0]["statusCode"] if bulk.body["hasErrors"] else None},
    ]


def _line(kirk: str) -> Any:
    return {"records": [{"attributes": {"type": "Line__c", "referenceId": "a"}, "Contact__c": kirk}]}


def test_a_read_only_row_is_seen_and_not_written(client: Client, kirk: str) -> None:
    shared(client, read_only=[kirk[:15]])
    assert client.data("GET", f"/sobjects/Contact/{kirk}").body["LastName"] == "Kirk"
    assert query(client, "SELECT Id FROM Contact").body["totalSize"] == 1
    assert [one["errorCode"] for one in writes(client, kirk)] == [UNWRITTEN] * 4
    upsert = client.collection(
        "PATCH", "/Contact/Key__c", {"Key__c": "1", "Title": "x"}, {"LastName": "B", "Key__c": "2"}
    )
    assert [one["success"] for one in upsert] == [False, True]
    assert upsert[0]["errors"][0]["statusCode"] == UNWRITTEN
    assert client.org.tables["Contact"][kirk]["Title"] is None
    client.org.edit_as_user("Contact", kirk, {"Title": "Captain"})


def test_a_lookup_may_point_to_what_may_only_be_read_but_not_to_what_is_hidden(client: Client, kirk: str) -> None:
    account = client.org.tables["Contact"][kirk]["AccountId"]
    row = {"LastName": "Spock", "AccountId": account}
    shared(client, read_only=[account])
    assert client.data("POST", "/sobjects/Contact", row).status == 201
    shared(client, hidden=[account])
    assert client.data("POST", "/sobjects/Contact", row).codes == [UNSEEN]


def test_a_hidden_row_is_in_no_answer(client: Client, kirk: str) -> None:
    account = client.org.tables["Contact"][kirk]["AccountId"]
    reads = [
        lambda: query(client, "SELECT Id FROM Contact").body["records"],
        lambda: query(client, f"SELECT Id FROM Contact WHERE Id = '{kirk}'").body["records"],
        lambda: query(client, "SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact)").body["records"],
        lambda: query(client, "SELECT (SELECT Id FROM Contacts) FROM Account").body["records"][0]["Contacts"],
        lambda: client.data("GET", f"/search?q={quote('FIND {Kirk} RETURNING Contact(Id)')}").body["searchRecords"],
        lambda: client.data("GET", f"/composite/sobjects/Contact?ids={kirk}&fields=Id").body[0],
        lambda: client.data("GET", f"/sobjects/Account/{account}/Contacts").body["records"],
        lambda: client.data("GET", f"/sobjects/Contact/{kirk}").status == 200,
        lambda: client.data("GET", "/sobjects/Contact/Key__c/1").status == 200,
        lambda: client.data(
            "GET", "/sobjects/Contact/updated?start=2026-11-25T11:00:00Z&end=2026-11-25T13:00:00Z"
        ).body["ids"],
    ]
    assert all(read() for read in reads)
    shared(client, hidden=[kirk])
    assert not any(read() for read in reads)
    shared(client, hidden=[account])
    assert query(client, "SELECT Account.Name FROM Contact").body["records"][0]["Account"] is None
    assert client.data("GET", f"/sobjects/Contact/{kirk}/Account").status == 404


def test_a_hidden_row_cannot_be_written_and_its_unique_key_is_taken(client: Client, kirk: str) -> None:
    shared(client, hidden=[kirk])
    assert [one["errorCode"] for one in writes(client, kirk)] == [UNSEEN] * 4
    upsert = client.data("PATCH", "/sobjects/Contact/Key__c/1", {"LastName": "Kirk"})
    assert upsert.codes == ["DUPLICATE_VALUE"]
    assert client.org.tables["Contact"][kirk]["IsDeleted"] is False


def test_duplicate_rules_do_not_tell_of_hidden_rows(client: Client, kirk: str) -> None:
    twin = {"LastName": "Kirk", "FirstName": "Jim", "Email": "jim@example.com"}
    client.send("POST", "/_sandbox/duplicate_rules", [{"object": "Contact", "field": "LastName", "action": "block"}])
    assert set(client.data("POST", "/sobjects/Contact", twin).codes) == {"DUPLICATES_DETECTED"}
    shared(client, hidden=[kirk])
    assert client.data("POST", "/sobjects/Contact", twin).status == 201
    client.send("POST", "/_sandbox/reset")
    assert client.org.hidden == set()
