"""SOSL and parameterized search, and the index that lags."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any
from urllib.parse import quote

import pytest

from sandbox.clock import Clock
from sandbox.salesforce.rows import Org
from sandbox.salesforce.standard import standard_schema
from sandbox.switches import Switches
from tests.sandbox.salesforce_client import Client, Reply

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=timezone.utc)
PEOPLE = (
    {"FirstName": "Ann", "LastName": "Lee", "Email": "ann.lee@example.com", "Phone": "+1 514 555 0100"},
    {"FirstName": "Anna", "LastName": "O'Hara", "Email": "anna@example.org", "Description": "knows Ann well"},
    {"FirstName": "Bo", "LastName": "Lee-Ann"},
)


@pytest.fixture
def client() -> Client:
    client = Client(Org(standard_schema(), Clock(NOON), Switches())).log_in()
    for person in PEOPLE:
        client.org.insert_as_user("Contact", person)
    client.org.insert_as_user("Lead", {"LastName": "Lee", "Company": "Ann's"})
    client.org.clock.advance(11)
    return client


def ask(client: Client, sosl: str) -> Reply:
    return client.data("GET", f"/search?q={quote(sosl)}")


def found(client: Client, words: str, scope: str = "ALL", more: str = "") -> list[str]:
    reply = ask(client, f"FIND {{{words}}} IN {scope} FIELDS RETURNING Contact(FirstName ORDER BY FirstName{more})")
    return [record["FirstName"] for record in reply.body["searchRecords"]]


@pytest.mark.parametrize(
    ("words", "scope", "people"),
    [
        ("ann", "ALL", ["Ann", "Anna", "Bo"]),
        ("ANN", "NAME", ["Ann", "Bo"]),
        ("ann*", "NAME", ["Ann", "Anna", "Bo"]),
        ("ann?", "NAME", ["Anna"]),
        ("ann lee", "ALL", ["Ann", "Bo"]),
        ("ann AND well", "ALL", ["Anna"]),
        ('"lee ann"', "ALL", ["Bo"]),
        ("O\\'Hara", "NAME", ["Anna"]),
        ("ann.lee@example.com", "EMAIL", ["Ann"]),
        ("0100", "PHONE", ["Ann"]),
        ("nobody", "ALL", []),
    ],
)
def test_words_find_people(client: Client, words: str, scope: str, people: list[str]) -> None:
    assert found(client, words, scope) == people


def test_every_object_gives_what_it_is_asked_for(client: Client) -> None:
    sosl = "FIND {lee} RETURNING Contact(Id, Email WHERE Email != null LIMIT 5), Lead(LastName) LIMIT 10"
    records = ask(client, sosl).body["searchRecords"]
    assert [record["attributes"]["type"] for record in records] == ["Contact", "Lead"]
    assert [sorted(record) for record in records] == [["Email", "Id", "attributes"], ["LastName", "attributes"]]
    assert len(ask(client, "FIND {lee}").body["searchRecords"]) == 3
    assert len(ask(client, "FIND {lee} LIMIT 1").body["searchRecords"]) == 1


def test_the_index_lags_and_forgets_the_deleted(client: Client) -> None:
    new = client.org.insert_as_user("Contact", {"FirstName": "Late", "LastName": "Comer"})
    assert found(client, "comer") == []
    client.org.clock.advance(10)
    assert found(client, "comer") == ["Late"]
    client.data("DELETE", f"/sobjects/Contact/{new}")
    client.org.clock.advance(10)
    assert found(client, "comer") == []


@pytest.mark.parametrize(
    "sosl",
    [
        "FIND ann",
        "FIND {a}",
        "FIND {}",
        "SELECT Id FROM Contact",
        "FIND {ann} IN SHOE FIELDS",
        "FIND {ann} RETURNING Contact(Id WHERE Shoe = 9)",
        "FIND {ann} RETURNING Contact(Id",
    ],
)
def test_what_is_no_search_is_refused(client: Client, sosl: str) -> None:
    assert ask(client, sosl).codes == ["MALFORMED_SEARCH"]


def test_an_unknown_object_is_refused(client: Client) -> None:
    assert ask(client, "FIND {ann} RETURNING Shoe").codes == ["INVALID_TYPE"]


@pytest.mark.parametrize(
    "body",
    [
        {"q": "lee", "in": "NAME", "sobjects": [{"name": "Lead", "fields": ["LastName"], "where": "Company != null"}]},
        {"q": "lee", "fields": ["LastName"], "sobjects": [{"name": "Lead", "limit": 1}], "overallLimit": 9},
    ],
)
def test_search_by_parameters(client: Client, body: dict[str, Any]) -> None:
    records = client.data("POST", "/parameterizedSearch", body).body["searchRecords"]
    assert [record["LastName"] for record in records] == ["Lee"]
    by_query = client.data("GET", "/parameterizedSearch?q=lee&sobject=Lead&fields=LastName&in=NAME")
    assert by_query.body["searchRecords"] == records
