"""Duplicate management: the standard rules of a new org, and those an administrator adds."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.clock import Clock
from sandbox.salesforce.duplicates.fields import first_name, last_name, phone, street, zip_code
from sandbox.salesforce.duplicates.text import edits, jaro_winkler, sound
from sandbox.salesforce.people import convert_lead
from sandbox.salesforce.rows import Org
from sandbox.salesforce.schema import Field
from sandbox.salesforce.standard import standard_schema
from sandbox.salesforce.variants import varied
from sandbox.switches import Switches
from tests.sandbox.salesforce_client import BASE, Client, Reply

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=timezone.utc)
KEY = Field("Key__c", "string", "Key", 50, unique=True, external_id=True, id_lookup=True, custom=True)
ADA = {"FirstName": "Ada", "LastName": "Lovelock", "Email": "ada@example.com"}
ALLOW = {"Sforce_Duplicate_Rule_Header": "allowSave=true"}


def an_org(**values: Any) -> Org:
    switches = replace(Switches(), **values)
    return Org(varied(standard_schema().merged([], {"Contact": [KEY]}), switches), Clock(NOON), switches)


@pytest.fixture
def client() -> Client:
    return Client(an_org()).log_in()


def hits(entry: dict[str, Any]) -> dict[str, list[str]]:
    """What a refusal found, by object."""
    results = entry["duplicateResut"]["matchResults"]
    return {one["entityType"]: [record["record"]["Id"] for record in one["matchRecords"]] for one in results}


def create(client: Client, values: dict[str, Any], name: str = "Contact", **headers: str) -> Reply:
    return client.data("POST", f"/sobjects/{name}", values, **headers)


# -- the standard rules


@pytest.mark.parametrize(
    ("there", "comes"),
    [
        (ADA, ADA),
        (ADA, {**ADA, "FirstName": "A."}),
        (ADA, {**ADA, "FirstName": None}),
        (ADA, {**ADA, "FirstName": "Lovelock", "LastName": "Ada"}),
        (ADA, {**ADA, "LastName": "Lovelok"}),
        (ADA, {**ADA, "LastName": "Lovelick"}),
        ({**ADA, "FirstName": "Robert"}, {**ADA, "FirstName": "Bob"}),
        (
            {"FirstName": "Ada", "LastName": "Lovelock", "Phone": "(514) 555-0123"},
            {"FirstName": "Adah", "LastName": "Lovelock", "Phone": "+1 514.555.9999"},
        ),
        (
            {"FirstName": "Ada", "LastName": "L", "MailingStreet": "5 Maple Street", "MailingCity": "Lyon"},
            {"FirstName": "Ada", "LastName": "L", "MailingStreet": "5 Maple St.", "MailingCity": "lyon"},
        ),
    ],
)
def test_a_shopper_who_looks_like_another_is_refused(client: Client, there: Any, comes: Any) -> None:
    twin = client.org.insert_as_user("Contact", there)
    refused = create(client, comes)
    assert (refused.status, refused.codes) == (400, ["DUPLICATES_DETECTED"])
    found = refused.body[0]["duplicateResut"]
    assert hits(refused.body[0]) == {"Contact": [twin]}
    assert (found["allowSave"], found["duplicateRule"]) == (True, "Standard_Contact_Duplicate_Rule")
    assert 50 < found["matchResults"][0]["matchRecords"][0]["matchConfidence"] < 100


@pytest.mark.parametrize(
    "comes",
    [
        {**ADA, "FirstName": "Bob"},
        {**ADA, "LastName": "Kirk"},
        {**ADA, "Email": "ada2@example.com"},
        {"FirstName": "Ada", "LastName": "Lovelock"},
        {"LastName": "Lovelock", "Phone": "514 555 0123"},
        {"FirstName": "Ada", "LastName": "Lovelock", "Phone": "416 555 0123"},
    ],
)
def test_a_name_alone_or_an_address_alone_is_no_duplicate(client: Client, comes: Any) -> None:
    client.org.insert_as_user("Contact", {**ADA, "Phone": "514 555 0123"})
    assert create(client, comes).status == 201


def test_the_rules_look_across_contacts_and_leads_and_name_them_apart(client: Client) -> None:
    lead = client.org.insert_as_user("Lead", {**ADA, "Company": "x"})
    assert hits(create(client, ADA).body[0]) == {"Lead": [lead]}
    contacts = [client.org.insert_as_user("Contact", ADA) for _ in range(2)]
    found = hits(create(client, {**ADA, "Company": "x"}, "Lead").body[0])
    assert {name: sorted(ids) for name, ids in found.items()} == {"Lead": [lead], "Contact": contacts}
    convert_lead(client.org, lead, account_id=None, contact_id=contacts[0])
    assert hits(create(client, ADA).body[0])["Contact"] == contacts
    assert "Lead" not in hits(create(client, ADA).body[0])


def test_accounts_look_alike_by_name_and_place(client: Client) -> None:
    shop = {"Name": "Maple Outfitters Inc.", "BillingStreet": "1 King Street", "BillingPostalCode": "10001"}
    there = client.org.insert_as_user("Account", shop)
    assert hits(create(client, {**shop, "Name": "Maple Outfiters"}, "Account").body[0]) == {"Account": [there]}
    assert create(client, {"Name": "Maple Outfitters"}, "Account").status == 201
    canadian = {"Name": "Acme", "BillingPostalCode": "H2X 1Y4"}
    assert [create(client, canadian, "Account").status for _ in range(2)] == [201, 201]


def test_person_accounts_look_like_people_and_their_contact_is_not_counted_twice() -> None:
    client = Client(an_org(person_accounts=True)).log_in()
    kind = next(row for row in client.org.tables["RecordType"].values() if row["IsPersonType"])["Id"]
    person = {"FirstName": "Ada", "LastName": "Lovelock", "PersonEmail": "ada@example.com", "RecordTypeId": kind}
    there = client.org.insert_as_user("Account", person)
    refused = create(client, person, "Account").body[0]
    assert refused["duplicateResut"]["duplicateRule"] == "Standard_Person_Account_Duplicate_Rule"
    assert hits(refused) == hits(create(client, ADA).body[0]) == {"Account": [there]}


def test_without_the_switch_nobody_is_refused() -> None:
    client = Client(an_org(standard_duplicate_rules=False)).log_in()
    assert [create(client, ADA).status for _ in range(2)] == [201, 201]


def test_edits_are_reported_only_and_so_is_the_update_side_of_an_upsert(client: Client) -> None:
    client.org.insert_as_user("Contact", ADA)
    other = client.org.insert_as_user("Contact", {"LastName": "Kirk", "Key__c": "1"})
    assert client.data("PATCH", f"/sobjects/Contact/{other}", ADA).status == 204
    assert client.data("PATCH", "/sobjects/Contact/Key__c/1", ADA).status == 200
    assert client.data("PATCH", "/sobjects/Contact/Key__c/2", ADA).codes == ["DUPLICATES_DETECTED"]


def test_people_are_only_warned_and_the_bin_is_not_looked_into(client: Client) -> None:
    gone = [client.org.insert_as_user("Contact", {**ADA, "Phone": "5145550123"}) for _ in range(2)]
    for one in gone:
        assert create(client, {**ADA, "Email": None, "Phone": "5145550123"}).codes == ["DUPLICATES_DETECTED"]
        client.org.delete_as_user("Contact", one)
    assert create(client, {**ADA, "Phone": "5145550123"}).status == 201


def test_rows_of_one_save_are_not_compared_with_each_other(client: Client) -> None:
    assert [one["success"] for one in client.collection("POST", "", ADA, ADA)] == [True, True]
    assert [one["success"] for one in client.collection("POST", "", ADA, {"LastName": "Kirk"})] == [False, True]


PEOPLE = st.lists(
    st.fixed_dictionaries(
        {"LastName": st.sampled_from(["Lovelock", "Lovelok", "Kirk"])},
        optional={
            "FirstName": st.sampled_from(["Ada", "A", "Bob", "Robert", "Kirk"]),
            "Email": st.sampled_from(["a@example.com", "B@example.com"]),
            "Phone": st.sampled_from(["514 555 0100", "5145550199", "4165550100"]),
            "MailingStreet": st.sampled_from(["5 Maple Street", "5 Maple St", "6 Maple Street"]),
            "MailingCity": st.sampled_from(["Lyon", "Paris"]),
        },
    ),
    min_size=1,
    max_size=6,
)


@given(PEOPLE, st.booleans())
def test_the_index_finds_what_an_index_made_afresh_finds(people: list[dict[str, Any]], edited: bool) -> None:
    """Whatever came and went before."""
    org, last = an_org(), people[-1]
    client = Client(org).log_in()
    create(client, last)
    for row in people:
        one = org.insert_as_user("Contact", row)
        if edited:
            org.edit_as_user("Contact", one, last)
    kept = create(client, last).body
    org.thaw(org.freeze())
    afresh = create(client, last).body
    assert ("errorCode" in str(kept)) == ("errorCode" in str(afresh))
    if "errorCode" in str(kept):
        assert kept == afresh


# -- how alike


@given(st.text("abcdeo", max_size=8), st.text("abcdeo", max_size=8))
def test_likeness_is_the_same_from_both_sides_and_whole_for_the_same(one: str, other: str) -> None:
    for score in (edits, jaro_winkler, last_name, first_name):
        assert score(one, other) == pytest.approx(score(other, one))
        assert 0 <= score(one, other) <= 100
    assert edits(one, one) == jaro_winkler(one, one) == 100


def test_methods_keep_their_thresholds() -> None:
    assert phone("1-415-555-1234", "(415) 555-5678") == 90
    assert phone("1-415-555-1234", "415-556-1234") == 0
    assert first_name("Marc", "Mark") >= 85 > first_name("Marc", "Marion")
    assert last_name("Lovelock1", "Lovelock2") == 0
    assert zip_code("10001-1234", "10001") == 100
    assert zip_code("WT15 7TB", "WT15 7TB") == 0
    assert street("12 North Road", "12 N Rd") == 100
    assert street("12 North Road", "13 North Road") == 0
    assert sound("Doe") == sound("Toe") == "t"


# -- the header


def test_the_header_saves_over_an_alert_wherever_it_stands(client: Client) -> None:
    client.org.insert_as_user("Contact", ADA)
    assert create(client, ADA, **ALLOW).status == 201
    assert client.data("PATCH", "/sobjects/Contact/Key__c/1", ADA, **ALLOW).status == 201
    body = {"records": [{"attributes": {"type": "Contact"}, **ADA}]}
    assert client.data("POST", "/composite/sobjects", body, **ALLOW).body[0]["success"]
    assert not client.data("POST", "/composite/sobjects", body).body[0]["success"]


@pytest.mark.parametrize(("inherits", "outer"), [(True, 201), (False, 400)])
def test_a_subrequest_has_headers_of_its_own_and_the_outer_ones_by_switch(inherits: bool, outer: int) -> None:
    client = Client(an_org(composite_inherits_headers=inherits)).log_in()
    client.org.insert_as_user("Contact", ADA)
    request = {"method": "POST", "url": f"{BASE}/sobjects/Contact", "referenceId": "a", "body": ADA}
    inner = {**request, "referenceId": "b", "httpHeaders": {"Sforce-Duplicate-Rule-Header": "allowSave=true"}}
    both = {"compositeRequest": [request, inner]}
    with_header = client.data("POST", "/composite", both, **ALLOW).body["compositeResponse"]
    assert [one["httpStatusCode"] for one in with_header] == [outer, 201]
    without = client.data("POST", "/composite", both).body["compositeResponse"]
    assert [one["httpStatusCode"] for one in without] == [400, 201]
    doubled = {**inner, "httpHeaders": {"Authorization": "Bearer x"}}
    assert client.data("POST", "/composite", {"compositeRequest": [doubled]}).codes == ["INVALID_INPUT"]
    graph = {"graphs": [{"graphId": "g", "compositeRequest": [inner]}]}
    assert client.data("POST", "/composite/graph", graph).body["graphs"][0]["isSuccessful"]
    batch = {"batchRequests": [{"method": "POST", "url": "v66.0/sobjects/Contact", "richInput": ADA}]}
    assert [client.data("POST", "/composite/batch", batch, **more).body["hasErrors"] for more in ({}, ALLOW)] == [
        True,
        False,
    ]


def test_bulk_asks_the_rules_too_in_saves_of_200(client: Client) -> None:
    job = client.data("POST", "/jobs/ingest", {"object": "Contact", "operation": "insert"}).body["id"]
    rows = "FirstName,LastName,Email\n" + "Ada,Lovelock,ada@example.com\n" * 201
    client.send("PUT", f"{BASE}/jobs/ingest/{job}/batches", rows.encode(), **{"Content-Type": "text/csv"})
    client.data("PATCH", f"/jobs/ingest/{job}", {"state": "UploadComplete"})
    for _ in range(20):
        client.data("GET", f"/jobs/ingest/{job}")
    told = client.data("GET", f"/jobs/ingest/{job}").body
    assert (told["numberRecordsProcessed"], told["numberRecordsFailed"]) == (201, 1), json.dumps(told)


# -- rules of an administrator


def ruled(client: Client, **rule: Any) -> None:
    client.send("POST", "/_sandbox/duplicate_rules", [{"object": "Contact", **rule}])


def test_a_rule_of_several_fields_wants_all_of_them(client: Client) -> None:
    ruled(client, fields=["LastName", "Title"], action="block")
    there = create(client, {"LastName": "Kirk", "Title": "Clerk"}).body["id"]
    assert create(client, {"LastName": "Kirk", "Title": "Boss"}).status == 201
    assert create(client, {"LastName": "Kirk"}).status == create(client, {"LastName": "Kirk"}).status == 201
    refused = create(client, {"LastName": "KIRK", "Title": "clerk"}, **ALLOW)
    assert (refused.codes, hits(refused.body[0])) == (["DUPLICATES_DETECTED"], {"Contact": [there]})
    assert refused.body[0]["duplicateResut"]["allowSave"] is False


@pytest.mark.parametrize("action", ["block", "alert", "report", "none"])
def test_each_action_on_each_side(client: Client, action: str) -> None:
    for side, other in (("on_create", "on_update"), ("on_update", "on_create")):
        client.send("POST", "/_sandbox/reset")
        client.log_in()
        ruled(client, field="LastName", **{side: action, other: "none"})
        client.org.insert_as_user("Contact", {"LastName": "Kirk"})
        edited = client.org.insert_as_user("Contact", {"LastName": "Ash", "Key__c": "1"})
        for headers in ({}, ALLOW):
            refused = action == "block" or (action == "alert" and not headers)
            made = create(client, {"LastName": "Kirk"}, **headers).status
            changed = client.data("PATCH", f"/sobjects/Contact/{edited}", {"LastName": "Kirk"}, **headers).status
            assert made == (400 if refused and side == "on_create" else 201)
            assert changed == (400 if refused and side == "on_update" else 204)


def test_an_edit_counts_only_where_a_field_of_the_rule_changes(client: Client) -> None:
    ruled(client, field="LastName", action="block")
    twins = [client.org.insert_as_user("Contact", {"LastName": "Kirk"}) for _ in range(2)]
    edited = f"/sobjects/Contact/{twins[0]}"
    assert client.data("PATCH", edited, {"Title": "Clerk", "LastName": "KIRK"}).status == 204
    assert client.data("PATCH", edited, {"LastName": "Ash"}).status == 204
    assert client.data("PATCH", edited, {"LastName": "Kirk"}).codes == ["DUPLICATES_DETECTED"]
    assert [one["success"] for one in client.collection("POST", "", *[{"LastName": "New"}] * 2)] == [True, True]


def test_an_unknown_action_is_told(client: Client) -> None:
    rule = {"object": "Contact", "field": "LastName", "action": "shout"}
    told = client.send("POST", "/_sandbox/duplicate_rules", [rule])
    assert (told.status, "block, alert, report, none, not shout" in told.body["error"]) == (400, True)
