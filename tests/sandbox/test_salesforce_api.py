"""The org over HTTP: paths, statuses, headers and bodies."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest

from sandbox.clock import Clock
from sandbox.salesforce.oauth import CLIENT_ID, CLIENT_SECRET
from sandbox.salesforce.rows import Org
from sandbox.salesforce.schema import Field
from sandbox.salesforce.standard import standard_schema
from sandbox.switches import Switches
from tests.sandbox.salesforce_client import BASE, Client


@pytest.fixture
def client() -> Client:
    key = Field("Key__c", "string", "Key", 50, unique=True, external_id=True, id_lookup=True, custom=True)
    schema = standard_schema().merged([], {"Contact": [key]})
    clock = Clock(datetime(2026, 11, 25, 12, 0, tzinfo=timezone.utc))
    return Client(Org(schema, clock, Switches())).log_in()


# -- sessions


def test_client_credentials_open_a_session_by_body_or_basic(client: Client) -> None:
    answer = client.login()
    assert answer.status == 200
    assert answer.body["id"].endswith(f"/id/{client.org.org_id}/{client.org.user_id}")
    assert answer.body["instance_url"].startswith("http://")
    assert "expires_in" not in answer.body
    pair = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
    basic = client.send(
        "POST", "/services/oauth2/token", b"grant_type=client_credentials", authorization=f"Basic {pair}"
    )
    token = basic.body["access_token"]
    assert client.data("GET", "/limits", authorization=f"Bearer {token}").status == 200


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "password", "username": "u", "password": "p"}, "invalid_grant"),
        ({"grant_type": "client_credentials", "client_id": "x", "client_secret": "y"}, "invalid_client_id"),
        ({"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": "y"}, "invalid_client"),
        ({"grant_type": "magic"}, "unsupported_grant_type"),
    ],
)
def test_other_logins_are_refused(client: Client, form: dict[str, str], error: str) -> None:
    answer = client.login(**form)
    assert (answer.status, answer.body["error"]) == (400, error)


def test_a_session_ends_when_expired_or_idle(client: Client) -> None:
    for end in (
        lambda: client.send("POST", "/_sandbox/expire_sessions"),
        lambda: client.send("POST", "/_sandbox/clock", {"advance": 7201}),
    ):
        client.log_in()
        assert client.data("GET", "/sobjects").status == 200
        end()
        answer = client.data("GET", "/sobjects")
        assert answer.status == 401
        assert answer.body == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]
        assert client.send("GET", "/services/oauth2/userinfo").status == 403


def test_the_identity_names_org_and_user(client: Client) -> None:
    answer = client.send("GET", f"/id/{client.org.org_id}/{client.org.user_id}")
    assert (answer.body["organization_id"], answer.body["user_id"]) == (client.org.org_id, client.org.user_id)


# -- versions and limits


def test_versions_are_public_and_name_their_seasons(client: Client) -> None:
    client.headers.clear()
    labels = {one["version"]: one["label"] for one in client.send("GET", "/services/data").body}
    assert (labels["68.0"], labels["67.0"], labels["65.0"]) == ("Winter '27", "Summer '26", "Winter '26")
    assert labels["31.0"] == "Summer '14"


@pytest.mark.parametrize(
    ("version", "status"), [("31.0", 200), ("68.0", 200), ("30.0", 410), ("69.0", 404), ("9.0", 404)]
)
def test_retired_versions_are_gone(client: Client, version: str, status: int) -> None:
    assert client.send("GET", f"/services/data/v{version}/").status == status


def test_every_call_counts_and_the_allowance_ends(client: Client) -> None:
    client.org.daily_calls = 3
    assert client.data("GET", "/sobjects").headers["sforce-limit-info"] == "api-usage=1/3"
    batch = [{"method": "GET", "url": "v66.0/limits"}] * 2
    answer = client.data("POST", "/composite/batch", {"batchRequests": batch})
    assert answer.headers["sforce-limit-info"] == "api-usage=3/3", "each subrequest of a batch is a call"
    refused = client.data("GET", "/sobjects")
    assert (refused.status, refused.codes) == (403, ["REQUEST_LIMIT_EXCEEDED"])
    assert refused.body[0]["message"] == "TotalRequests Limit exceeded."
    client.org.clock.advance(24 * 3600)
    assert client.log_in().data("GET", "/limits").body["DailyApiRequests"] == {"Max": 3, "Remaining": 2}


def test_too_long_a_head_is_refused(client: Client) -> None:
    assert client.data("GET", f"/query?q={'x' * 16_400}").status == 414
    assert client.data("GET", f"/query?q={'x' * 16_200}", padding="y" * 300).status == 431


def test_unknown_paths_methods_and_bodies_are_refused(client: Client) -> None:
    for method, path, body, status, code in (
        ("GET", "/nothing", None, 404, "NOT_FOUND"),
        ("GET", "/sobjects/Foo", None, 404, "NOT_FOUND"),
        ("PUT", "/sobjects/Contact", None, 405, "METHOD_NOT_ALLOWED"),
        ("POST", "/sobjects/Contact", b"{", 400, "JSON_PARSER_ERROR"),
        ("POST", "/sobjects/Contact", [], 400, "JSON_PARSER_ERROR"),
        ("POST", "/sobjects/Organization", {}, 400, "INVALID_TYPE_FOR_OPERATION"),
    ):
        answer = client.data(method, path, body)
        assert (answer.status, answer.codes) == (status, [code]), path


# -- single rows


def test_a_row_lives_and_dies(client: Client) -> None:
    created = client.data("POST", "/sobjects/Contact/", {"LastName": "Byron", "Phone": "1"})
    record_id = created.body["id"]
    assert (created.status, created.body) == (201, {"id": record_id, "success": True, "errors": []})
    assert created.headers["location"] == f"{BASE}/sobjects/Contact/{record_id}"
    assert client.data("PATCH", f"/sobjects/Contact/{record_id}", {"Phone": None}).status == 204
    row = client.data("GET", f"/sobjects/contact/{record_id}").body
    assert row["attributes"] == {"type": "Contact", "url": f"{BASE}/sobjects/Contact/{record_id}"}
    assert (row["LastName"], row["Phone"]) == ("Byron", None)
    few = client.data("GET", f"/sobjects/Contact/{record_id}?fields=LastName").body
    assert set(few) == {"attributes", "Id", "LastName"}
    assert client.data("DELETE", f"/sobjects/Contact/{record_id}").status == 204
    again = client.data("DELETE", f"/sobjects/Contact/{record_id}")
    assert (again.status, again.codes) == (404, ["ENTITY_IS_DELETED"])
    assert client.data("GET", "/sobjects/Contact/003000000000000AAA").status == 404


def test_a_refused_row_has_the_body_of_the_vendor(client: Client) -> None:
    answer = client.data("POST", "/sobjects/Account", {})
    fault = {
        "message": "Required fields are missing: [Name]",
        "errorCode": "REQUIRED_FIELD_MISSING",
        "fields": ["Name"],
    }
    assert (answer.status, answer.body) == (400, [fault])


def test_money_is_a_number_with_its_cents(client: Client) -> None:
    values = {"Name": "D", "StageName": "Prospecting", "CloseDate": "2026-01-01", "Amount": 19.99}
    record_id = client.data("POST", "/sobjects/Opportunity", values).body["id"]
    assert client.data("GET", f"/sobjects/Opportunity/{record_id}?fields=Amount").body["Amount"] == 19.99


def test_upsert_by_external_id_says_whether_it_created(client: Client) -> None:
    path = "/sobjects/Contact/Key__c/a%2Fb%20c"
    created = client.data("PATCH", path, {"LastName": "B"})
    record_id = created.body["id"]
    assert (created.status, created.body["created"]) == (201, True)
    assert client.org.tables["Contact"][record_id]["Key__c"] == "a/b c"
    updated = client.data("PATCH", path, {"LastName": "C"})
    assert (updated.status, updated.body["created"], updated.body["id"]) == (200, False, record_id)
    assert client.send("PATCH", f"/services/data/v45.0{path}", {"LastName": "D"}).status == 204
    assert client.data("GET", path).body["LastName"] == "D"
    assert client.data("PATCH", path, {"Key__c": "x"}).codes == ["INVALID_FIELD"]
    assert client.data("PATCH", "/sobjects/Contact/Key__c/new?updateOnly=true", {"LastName": "B"}).status == 404
    assert client.data("PATCH", "/sobjects/Contact/Namez/x", {}).body == [
        {"message": "Provided external ID field does not exist or is not accessible: Namez", "errorCode": "NOT_FOUND"}
    ]
    assert client.data("DELETE", path).status == 204
    assert client.data("GET", path).status == 404


def test_a_key_that_several_rows_share_is_a_choice_and_writes_nothing(client: Client) -> None:
    ids = [client.org.insert_as_user("Contact", {"LastName": "B", "Email": "a@b.co"}) for _ in range(2)]
    before = client.org.snapshot()
    answer = client.data("PATCH", "/sobjects/Contact/Email/A@b.co", {"LastName": "C"})
    assert (answer.status, answer.body) == (300, [f"{BASE}/sobjects/Contact/{one}" for one in ids])
    assert client.org.snapshot() == before


# -- collections


def test_collections_answer_in_order_whatever_fails(client: Client) -> None:
    results = client.collection("POST", "", {"LastName": "A"}, {}, {"LastName": "C", "Email": "no"}, {"LastName": "D"})
    assert [one["success"] for one in results] == [True, False, False, True]
    assert results[0] == {"id": results[0]["id"], "success": True, "errors": []}
    assert results[1]["errors"] == [
        {
            "message": "Required fields are missing: [LastName]",
            "statusCode": "REQUIRED_FIELD_MISSING",
            "fields": ["LastName"],
        }
    ]
    assert results[2]["errors"][0]["statusCode"] == "INVALID_EMAIL_ADDRESS"
    updated = client.collection("PATCH", "", {"Id": results[0]["id"], "Phone": "1"}, {"Id": "x"}, {"Phone": "1"})
    assert [one["errors"][0]["statusCode"] if one["errors"] else None for one in updated] == [
        None, "MALFORMED_ID", "MISSING_ARGUMENT",
    ]  # fmt: skip


def test_a_rolled_back_collection_leaves_no_trace_but_claims_to_have_created(client: Client) -> None:
    before, written = client.org.snapshot(), dict(client.org.writes)
    results = client.collection(
        "PATCH", "/Contact/Key__c", {"Key__c": "a", "LastName": "A"}, {"Key__c": "b"}, all_or_none=True
    )
    assert [one["errors"][0]["statusCode"] for one in results] == [
        "ALL_OR_NONE_OPERATION_ROLLED_BACK", "REQUIRED_FIELD_MISSING",
    ]  # fmt: skip
    assert [(one["success"], one["created"]) for one in results] == [(False, True), (False, True)]
    assert (client.org.snapshot(), dict(client.org.writes)) == (before, written)


def test_a_collection_upserted_twice_is_upserted_once(client: Client) -> None:
    records = [{"Key__c": f"k{number}", "LastName": f"L{number}"} for number in range(5)]
    first = client.collection("PATCH", "/Contact/Key__c", *records)
    once = client.org.snapshot()
    second = client.collection("PATCH", "/Contact/Key__c", *records)
    assert client.org.snapshot() == once
    assert [one["id"] for one in first] == [one["id"] for one in second]
    assert {one["created"] for one in first} | {not one["created"] for one in second} == {True}


@pytest.mark.parametrize(
    ("switch", "outcome"), [("error", [True, False]), ("both", [False, False]), ("last", [True, True])]
)
def test_one_key_twice_in_a_batch_follows_the_switch(client: Client, switch: str, outcome: list[bool]) -> None:
    client.org.switches = Switches(same_key_twice=switch)
    results = client.collection(
        "PATCH", "/Contact/Key__c", {"Key__c": "a", "LastName": "A"}, {"Key__c": "A", "LastName": "B"}
    )
    assert [one["success"] for one in results] == outcome
    assert len(client.org.tables["Contact"]) == any(outcome)


def test_more_than_two_hundred_rows_are_too_many(client: Client) -> None:
    body = {"records": [{"attributes": {"type": "Contact"}, "LastName": "B"}] * 201}
    assert client.data("POST", "/composite/sobjects", body).codes == ["EXCEEDED_ID_LIMIT"]
    assert not client.org.tables["Contact"]


def test_retrieving_keeps_places_and_deleting_tells_each(client: Client) -> None:
    one, two = (client.org.create("Contact", {"LastName": name}) for name in "AB")
    client.org.delete("Contact", one)
    body = {"ids": [one, two, "nonsense"], "fields": ["LastName"]}
    got = client.data("POST", "/composite/sobjects/Contact", body).body
    assert [row and row["LastName"] for row in got] == [None, "B", None]
    assert client.data("GET", f"/composite/sobjects/Contact?ids={one},{two}&fields=Id,LastName").body[0] is None
    results = client.data("DELETE", f"/composite/sobjects?ids={one},{two}").body
    assert [result["success"] for result in results] == [False, True]


# -- composite


def part(url: str, reference: str, method: str = "GET", body: Any = None) -> dict[str, Any]:
    return {"method": method, "url": f"{BASE}{url}", "referenceId": reference, "body": body}


def composite(client: Client, *parts: Any, all_or_none: bool = False) -> Any:
    return client.data("POST", "/composite", {"allOrNone": all_or_none, "compositeRequest": list(parts)}).body


def test_later_subrequests_refer_to_earlier_answers_and_all_are_one_call(client: Client) -> None:
    answer = composite(
        client,
        part("/sobjects/Account", "acc", "POST", {"Name": "A"}),
        part("/sobjects/Contact", "con", "POST", {"LastName": "B", "AccountId": "@{acc.id}"}),
        part("/query?q=SELECT Id, AccountId FROM Contact WHERE Id = '@{con.id}'", "q"),
        part("/sobjects/Contact/@{q.records[0].Id}", "get"),
        part("/sobjects/Account/@{nobody.id}", "lost"),
        part("/sobjects/Foo", "foo"),
    )["compositeResponse"]
    assert [one["httpStatusCode"] for one in answer] == [201, 201, 200, 200, 400, 404]
    assert answer[3]["body"]["AccountId"] == answer[0]["body"]["id"]
    assert answer[0]["httpHeaders"]["Location"].endswith(answer[0]["body"]["id"])
    assert answer[4]["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert dict(client.org.calls) == {"composite": 1}


def test_a_composite_of_all_or_none_leaves_no_trace(client: Client) -> None:
    before = client.org.snapshot()
    answer = composite(
        client,
        part("/sobjects/Account", "one", "POST", {"Name": "A"}),
        part("/sobjects/Contact", "two", "POST", {}),
        part("/sobjects/Account", "three", "POST", {"Name": "C"}),
        all_or_none=True,
    )["compositeResponse"]
    assert [one["body"][0]["errorCode"] for one in answer] == [
        "PROCESSING_HALTED", "REQUIRED_FIELD_MISSING", "PROCESSING_HALTED",
    ]  # fmt: skip
    assert client.org.snapshot() == before


def test_a_subrequest_takes_no_other_header_of_the_call(client: Client) -> None:
    client.send("POST", "/_sandbox/duplicate_rules", [{"object": "Contact", "field": "Email", "action": "alert"}])
    values = {"LastName": "B", "Email": "a@b.co"}
    client.data("POST", "/sobjects/Contact", values)
    again = part("/sobjects/Contact", "again", "POST", values)
    header = "allowSave=true"
    outside = client.data("POST", "/composite", {"compositeRequest": [again]}, Sforce_Duplicate_Rule_Header=header)
    inside = composite(client, {**again, "httpHeaders": {"Sforce-Duplicate-Rule-Header": header}})
    assert outside.body["compositeResponse"][0]["body"][0]["errorCode"] == "DUPLICATES_DETECTED"
    assert inside["compositeResponse"][0]["httpStatusCode"] == 201


def test_composite_has_its_limits(client: Client) -> None:
    heavy = [part("/query?q=SELECT Id FROM Account", f"r{number}") for number in range(6)]
    many = [part("/limits", f"r{number}") for number in range(26)]
    nameless = [{"method": "GET", "url": f"{BASE}/limits"}]
    assert [composite(client, *parts)[0]["errorCode"] for parts in (heavy, many, nameless)] == [
        "LIMIT_EXCEEDED", "LIMIT_EXCEEDED", "JSON_PARSER_ERROR",
    ]  # fmt: skip
    assert len(composite(client, *heavy[:5])["compositeResponse"]) == 5


def test_a_batch_halts_on_request(client: Client) -> None:
    requests = [{"method": "GET", "url": "v66.0/sobjects/Foo"}, {"method": "GET", "url": "v66.0/limits"}]
    for halt, statuses in ((True, [404, 412]), (False, [404, 200])):
        body = client.data("POST", "/composite/batch", {"batchRequests": requests, "haltOnError": halt}).body
        assert body["hasErrors"]
        assert [one["statusCode"] for one in body["results"]] == statuses


# -- queries and describe


def test_a_long_result_comes_in_pages(client: Client) -> None:
    for number in range(450):
        client.org.create("Contact", {"LastName": f"L{number}"})
    page = client.data("GET", "/query/?q=SELECT+LastName+FROM+Contact", Sforce_Query_Options="batchSize=200").body
    names = [row["LastName"] for row in page["records"]]
    assert (page["totalSize"], page["done"], len(names)) == (450, False, 200)
    while not page["done"]:
        page = client.send("GET", page["nextRecordsUrl"], Sforce_Query_Options="batchSize=200").body
        names += [row["LastName"] for row in page["records"]]
    assert sorted(names) == sorted(f"L{number}" for number in range(450))
    assert client.data("GET", "/query/01g000000000000AAA-200").codes == ["INVALID_QUERY_LOCATOR"]
    assert client.data("GET", "/query?q=SELECT COUNT() FROM Contact").body == {
        "totalSize": 450, "done": True, "records": [],
    }  # fmt: skip


def test_query_all_sees_the_recycle_bin(client: Client) -> None:
    client.org.delete("Contact", client.org.create("Contact", {"LastName": "Gone"}))
    assert client.data("GET", "/query?q=SELECT Id FROM Contact").body["totalSize"] == 0
    assert client.data("GET", "/queryAll?q=SELECT Id FROM Contact WHERE IsDeleted = true").body["totalSize"] == 1
    assert client.data("GET", "/query?q=nonsense").codes == ["MALFORMED_QUERY"]


def test_describe_is_unchanged_until_something_is_deployed(client: Client) -> None:
    first = client.data("GET", "/sobjects/Contact/describe")
    since = first.headers["last-modified"]
    again = client.data("GET", "/sobjects/Contact/describe", If_Modified_Since=since)
    assert (first.status, again.status, again.body) == (200, 304, None)
    key = next(one for one in first.body["fields"] if one["name"] == "Key__c")
    assert (key["externalId"], key["unique"], key["idLookup"], key["custom"]) == (True, True, True, True)
    assert client.data("GET", "/sobjects/Contact/describe", If_Modified_Since="nonsense").status == 200


def test_record_counts_leave_out_what_never_had_a_row(client: Client) -> None:
    client.org.create("Contact", {"LastName": "B"})
    client.org.delete("Lead", client.org.create("Lead", {"LastName": "B", "Company": "C"}))
    assert client.data("GET", "/limits/recordCount?sObjects=Contact,Account,Lead").body == {
        "sObjects": [{"count": 1, "name": "Contact"}, {"count": 0, "name": "Lead"}]
    }


# -- admin verbs


def test_people_use_the_org_through_the_admin_verbs(client: Client) -> None:
    made = client.send("POST", "/_sandbox/rows/Lead", {"LastName": "B", "Company": "Acme"}).body["id"]
    client.send("PATCH", f"/_sandbox/rows/Lead/{made}", {"Phone": "1"})
    rows = client.send("GET", "/_sandbox/rows/Lead").body
    assert [(row["Id"], row["Phone"]) for row in rows] == [(made, "1")]
    contact = client.send("POST", "/_sandbox/convert_lead", {"id": made}).body["contact_id"]
    other = client.send("POST", "/_sandbox/rows/Contact", {"LastName": "B"}).body["id"]
    client.send("POST", "/_sandbox/merge", {"winner": contact, "losers": [other]})
    assert client.org.tables["Contact"][other]["MasterRecordId"] == contact
    client.send("DELETE", f"/_sandbox/rows/Contact/{contact}")
    assert client.org.tables["Contact"][contact]["IsDeleted"]
    assert client.send("GET", "/_sandbox/counters").body == {"calls": {}, "writes": {}}
    assert client.send("POST", "/_sandbox/rows/Lead", {"Nope": 1}).status == 400
    assert client.send("POST", "/_sandbox/clock", {"forward": 1}).status == 400


def test_rules_and_locks_are_set_from_outside(client: Client) -> None:
    rule = {"object": "Contact", "field": "Title", "equals": "x", "message": "no x"}
    client.send("POST", "/_sandbox/rules", [rule])
    refused = client.data("POST", "/sobjects/Contact", {"LastName": "B", "Title": "x"})
    assert refused.codes == ["FIELD_CUSTOM_VALIDATION_EXCEPTION"]
    record_id = client.org.create("Contact", {"LastName": "B"})
    client.send("POST", "/_sandbox/locks", [record_id])
    assert client.data("PATCH", f"/sobjects/Contact/{record_id}", {"Phone": "1"}).codes == ["UNABLE_TO_LOCK_ROW"]
    client.send("POST", "/_sandbox/locks", [])
    assert client.data("PATCH", f"/sobjects/Contact/{record_id}", {"Phone": "1"}).status == 204


def test_weather_and_reset_reach_the_plan(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[object] = []
    record: Callable[..., None] = lambda *args: told.append(args)  # noqa: E731
    monkeypatch.setattr(client.weather, "plan_dicts", record)
    monkeypatch.setattr(client.weather, "clear", lambda: told.append("clear"))
    client.send("POST", "/_sandbox/weather", [{"fault": "503"}])
    client.send("DELETE", "/_sandbox/weather")
    client.send("POST", "/_sandbox/reset")
    assert told == [([{"fault": "503"}],), "clear", "clear"]
