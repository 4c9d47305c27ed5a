"""Laws of writing: twice is once, what is rolled back leaves no trace, results keep the order of the request."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sandbox.clock import Clock
from sandbox.salesforce.rows import Org
from sandbox.salesforce.schema import Field
from sandbox.salesforce.standard import standard_schema
from sandbox.switches import Switches
from tests.sandbox.salesforce_client import BASE, Client

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=timezone.utc)
KEY = Field("Key__c", "string", "Key", 50, unique=True, external_id=True, id_lookup=True, custom=True)
TEXTS = st.sampled_from([None, "", "Ann", " Bo ", "x" * 81])
EMAILS = st.sampled_from([None, "ann@example.com", "ANN@example.com", "not an address"])
RECORDS = st.lists(
    st.fixed_dictionaries(
        {"Key__c": st.sampled_from(["1", "2", "3", None])},
        optional={"LastName": TEXTS, "FirstName": TEXTS, "Email": EMAILS, "Birthdate": st.sampled_from(["x", None])},
    ),
    max_size=6,
)


def client() -> Client:
    return Client(Org(standard_schema().merged([], {"Contact": [KEY]}), Clock(NOON), Switches())).log_in()


def seeded() -> Client:
    made = client()
    made.collection("PATCH", "/Contact/Key__c", {"Key__c": "1", "LastName": "One", "Email": "one@example.com"})
    return made


def state(org: Org) -> Any:
    """Everything a call could change, what the indexes say included."""
    found = {
        email: [row["Id"] for row in org.lookup("Contact", "Email", [email])] for email in ("ann@example.com", None)
    }
    return org.snapshot(), found, dict(org.writes)


@given(RECORDS)
def test_upserting_twice_is_upserting_once(records: list[dict[str, Any]]) -> None:
    one = seeded()
    first = one.collection("PATCH", "/Contact/Key__c", *records)
    rows, created = one.org.snapshot(), one.org.writes["create", "Contact"]
    second = one.collection("PATCH", "/Contact/Key__c", *records)
    assert one.org.snapshot() == rows
    assert one.org.writes["create", "Contact"] == created
    assert [result["success"] for result in second] == [result["success"] for result in first]
    assert not any(result.get("created") for result in second)


@given(RECORDS)
def test_a_collection_that_is_rolled_back_leaves_no_trace(records: list[dict[str, Any]]) -> None:
    one = seeded()
    before = state(one.org)
    results = one.collection("PATCH", "/Contact/Key__c", *records, {"Key__c": None}, all_or_none=True)
    assert not any(result["success"] for result in results)
    assert all(result["created"] is True for result in results)
    assert state(one.org) == before


@given(RECORDS, st.sampled_from(["composite", "graph", "tree"]))
def test_a_family_that_is_rolled_back_leaves_no_trace(records: list[dict[str, Any]], family: str) -> None:
    one = seeded()
    before = state(one.org)
    nodes = [
        {"method": "POST", "url": f"{BASE}/sobjects/Contact", "referenceId": f"r{place}", "body": body}
        for place, body in enumerate([*records, {}])
    ]
    leaves = [
        {"attributes": {"type": "Contact", "referenceId": f"r{place}"}, **body}
        for place, body in enumerate([*records, {}])
    ]
    bodies: dict[str, tuple[str, Any]] = {
        "composite": ("/composite", {"allOrNone": True, "compositeRequest": nodes}),
        "graph": ("/composite/graph", {"graphs": [{"graphId": "g", "compositeRequest": nodes}]}),
        "tree": ("/composite/tree/Contact", {"records": leaves}),
    }
    path, body = bodies[family]
    one.data("POST", path, body)
    assert state(one.org) == before


@given(RECORDS)
def test_results_keep_the_order_of_the_request(records: list[dict[str, Any]]) -> None:
    one = seeded()
    results = one.collection("PATCH", "/Contact/Key__c", *records)
    assert len(results) == len(records)
    for record, result in zip(records, results, strict=True):
        if result["success"]:
            assert one.org.tables["Contact"][result["id"]]["Key__c"] == record["Key__c"]
