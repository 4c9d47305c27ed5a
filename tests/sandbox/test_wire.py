"""What clients that nobody here wrote do on the wire: slashes, compression, and asking for the columns of a query."""

from __future__ import annotations

import gzip
import json
import zlib
from datetime import datetime, timezone
from typing import Any

import pytest

from sandbox.clock import Clock
from sandbox.salesforce.rows import Org
from sandbox.salesforce.standard import standard_schema
from sandbox.switches import Switches
from tests.sandbox.salesforce_client import BASE, Client

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=timezone.utc)


@pytest.fixture
def client() -> Client:
    return Client(Org(standard_schema(), Clock(NOON), Switches())).log_in()


def test_an_instance_url_may_end_in_a_slash(client: Client) -> None:
    assert client.send("GET", f"/{BASE}/limits").status == 200
    made = client.send("POST", f"//{BASE}/sobjects/Account", {"Name": "Shop"})
    assert client.send("GET", f"/{BASE}/sobjects/Account/{made.body['id']}").body["Name"] == "Shop"


@pytest.mark.parametrize(("kind", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_packed_bodies_are_unpacked(client: Client, kind: str, pack: Any) -> None:
    body = pack(json.dumps({"LastName": "Ann"}).encode())
    assert client.data("POST", "/sobjects/Contact", body, content_encoding=kind).status == 201
    refused = client.data("POST", "/sobjects/Contact", b"{}" + body, content_encoding=kind)
    assert refused.codes == ["JSON_PARSER_ERROR"]


def test_long_answers_are_packed_for_those_who_ask(client: Client) -> None:
    path = f"{BASE}/sobjects/Contact/describe"
    _, plain_headers, plain = client.raw("GET", path)
    _, headers, packed = client.raw("GET", path, accept_encoding="gzip")
    assert "content-encoding" not in plain_headers
    assert headers["content-encoding"] == "gzip"
    assert (gzip.decompress(packed), len(packed) < len(plain)) == (plain, True)


# -- columns


def columns(client: Client, soql: str) -> dict[str, Any]:
    body: dict[str, Any] = client.data("GET", f"/query?q={soql}&columns=true").body
    return body


def names(listed: list[dict[str, Any]]) -> list[Any]:
    """Names, each with those below it."""
    return [
        (one["columnName"], names(one["joinColumns"])) if one["joinColumns"] else one["columnName"] for one in listed
    ]


def test_columns_of_fields_tell_their_kinds(client: Client) -> None:
    body = columns(client, "SELECT Id, LastName, AccountId FROM Contact")
    assert {name: body[name] for name in ("entityName", "groupBy", "idSelected", "keyPrefix")} == {
        "entityName": "Contact", "groupBy": False, "idSelected": True, "keyPrefix": "003",
    }  # fmt: skip
    key, name, account = body["columnMetadata"]
    assert name == {
        "aggregate": False, "apexType": "String", "booleanType": False, "columnName": "LastName", "custom": False,
        "displayName": "LastName", "foreignKeyName": None, "insertable": True, "joinColumns": [], "numberType": False,
        "textType": True, "updatable": True,
    }  # fmt: skip
    assert (key["apexType"], key["textType"], key["insertable"], account["apexType"]) == ("Id", False, False, "Id")


def test_columns_of_parents_and_children_hang_below_them(client: Client) -> None:
    soql = "SELECT Name, c.Account.Name, Account.Owner.Name, accountid FROM Contact c"
    listed = columns(client, soql)["columnMetadata"]
    assert names(listed) == ["Name", ("Account", ["Name", ("Owner", ["Name"])]), "AccountId"]
    assert (listed[1]["foreignKeyName"], listed[1]["aggregate"]) == ("AccountId", False)
    nested = columns(client, "SELECT Name, (SELECT LastName, Owner.Name FROM Contacts) FROM Account")["columnMetadata"]
    assert names(nested) == ["Name", ("Contacts", ["LastName", ("Owner", ["Name"])])]
    assert nested[1]["aggregate"] is True


def test_columns_of_aggregates_are_numbered_unless_named(client: Client) -> None:
    soql = "SELECT StageName, AVG(Amount), MAX(CloseDate) latest, COUNT(Id) FROM Opportunity GROUP BY StageName"
    body = columns(client, soql)
    assert body["groupBy"] is True
    shown = [(one["columnName"], one["displayName"], one["numberType"]) for one in body["columnMetadata"]]
    assert shown == [
        ("StageName", "StageName", False),
        ("expr0", "avg(Amount)", True),
        ("latest", "max(CloseDate)", False),
        ("expr1", "count(Id)", True),
    ]
    assert names(columns(client, "SELECT COUNT() FROM Contact")["columnMetadata"]) == ["expr0"]


def test_columns_of_functions_are_numbered_among_the_aggregates(client: Client) -> None:
    soql = "SELECT CALENDAR_YEAR(CloseDate), toLabel(StageName) st, SUM(Amount) FROM Opportunity"
    listed = columns(client, f"{soql} GROUP BY CALENDAR_YEAR(CloseDate), toLabel(StageName)")["columnMetadata"]
    assert [(one["columnName"], one["displayName"], one["aggregate"]) for one in listed] == [
        ("expr0", "calendar_year(CloseDate)", True),
        ("st", "StageName", False),
        ("expr1", "sum(Amount)", True),
    ]


def test_columns_of_parents_of_several_kinds(client: Client) -> None:
    assert names(columns(client, "SELECT Owner.Name, Owner.Type FROM Lead")["columnMetadata"]) == [
        ("Owner", ["Name", "Type"])
    ]
    soql = "SELECT Id, TYPEOF Owner WHEN User THEN Username ELSE Name END FROM Lead"
    assert names(columns(client, soql)["columnMetadata"]) == ["Id", "Owner"]


def test_all_fields_are_columns(client: Client) -> None:
    described = client.data("GET", "/sobjects/Contact/describe").body["fields"]
    soql = "SELECT FIELDS(ALL) FROM Contact LIMIT 200"
    assert names(columns(client, soql)["columnMetadata"]) == [field["name"] for field in described]


def test_columns_of_what_cannot_run_are_refused(client: Client) -> None:
    for soql, code in (
        ("SELECT Nope FROM Contact", "INVALID_FIELD"),
        ("SELECT Id FROM Nope", "INVALID_TYPE"),
        ("SELECT Id, (SELECT Id FROM Nopes) FROM Account", "INVALID_TYPE"),
        ("SELECT Id, (SELECT Nope FROM Contacts) FROM Account", "INVALID_FIELD"),
        ("SELECT FIELDS(ALL) FROM Contact", "MALFORMED_QUERY"),
    ):
        assert client.data("GET", f"/query?q={soql}&columns=true").codes == [code], soql


def keys(record: dict[str, Any]) -> list[Any]:
    """Names of a record's values, each with those below it."""
    return [_key(name, value) for name, value in record.items() if name != "attributes"]


def _key(name: str, value: Any) -> Any:
    if not isinstance(value, dict):
        return name
    return (name, keys(value["records"][0] if "records" in value else value))


@pytest.mark.parametrize(
    "soql",
    [
        "SELECT Id, lastname, Account.Name, Account.Owner.Name, Account.Id FROM Contact",
        "SELECT Name, (SELECT Id, LastName, Owner.Name FROM Contacts) FROM Account",
        "SELECT COUNT(Id), MAX(LastName) most, Account.Name FROM Contact GROUP BY Account.Name",
        "SELECT FIELDS(STANDARD) FROM Account LIMIT 1",
    ],
)
def test_columns_are_the_keys_of_the_records(client: Client, soql: str) -> None:
    account = client.org.create("Account", {"Name": "Shop"})
    client.org.create("Contact", {"LastName": "Ann", "AccountId": account})
    (record,) = client.data("GET", f"/query?q={soql}").body["records"]
    assert names(columns(client, soql)["columnMetadata"]) == keys(record)
