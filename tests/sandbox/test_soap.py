"""What SOAP serves: merges and conversions, under the rights, rules and faults of the org."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any
from xml.etree import ElementTree

import pytest

from sandbox.clock import Clock
from sandbox.salesforce.rows import Org
from sandbox.salesforce.rules import ValidationRule
from sandbox.salesforce.schema import Field
from sandbox.salesforce.standard import standard_schema
from sandbox.switches import Switches
from sandbox.weather import Gust
from tests.sandbox.salesforce_client import Client

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=timezone.utc)
ENVELOPE, PARTNER = "http://schemas.xmlsoap.org/soap/envelope/", "urn:partner.soap.sforce.com"
KEY = Field("Key__c", "string", "Key", 50, unique=True, external_id=True, id_lookup=True, custom=True)
Found = list[dict[str, list[str]]]


def opened(**switches: Any) -> Client:
    schema = standard_schema().merged([], {"Contact": [KEY]})
    return Client(Org(schema, Clock(NOON), Switches(search_lag_seconds=0, **switches))).log_in()


@pytest.fixture
def client() -> Client:
    return opened()


def contact(client: Client, name: str, **more: Any) -> str:
    return client.org.insert_as_user("Contact", {"LastName": name, **more})


def call(client: Client, inside: str, *, version: str = "66.0") -> tuple[int, ElementTree.Element]:
    token = client.headers["authorization"].removeprefix("Bearer ")
    body = (
        f'<s:Envelope xmlns:s="{ENVELOPE}" xmlns="{PARTNER}" xmlns:o="urn:sobject.partner.soap.sforce.com">'
        f"<s:Header><SessionHeader><sessionId>{token}</sessionId></SessionHeader></s:Header>"
        f"<s:Body>{inside}</s:Body></s:Envelope>"
    )
    status, _, text = client.raw("POST", f"/services/Soap/u/{version}", body.encode())
    return status, ElementTree.fromstring(text)


def merged(client: Client, *requests: tuple[Any, ...], name: str = "Contact") -> Found:
    """The results of requests, each of the id that stays, the ids that go, and fields."""
    return results(client, f"<merge>{''.join(request(name, *each) for each in requests)}</merge>")


def request(name: str, stays: str, gone: list[str], fields: str = "") -> str:
    losers = "".join(f"<recordToMergeIds>{each}</recordToMergeIds>" for each in gone)
    master = f"<o:type>{name}</o:type><o:Id>{stays}</o:Id>{fields}"
    return f"<request><masterRecord>{master}</masterRecord>{losers}</request>"


def converted(client: Client, *leads: str, status: str = "Closed - Converted", more: str = "") -> Found:
    asked = "".join(
        f"<leadConverts>{more}<convertedStatus>{status}</convertedStatus>"
        "<doNotCreateOpportunity>true</doNotCreateOpportunity>"
        f"<leadId>{lead}</leadId></leadConverts>"
        for lead in leads
    )
    return results(client, f"<convertLead>{asked}</convertLead>")


def results(client: Client, inside: str) -> Found:
    status, envelope = call(client, inside)
    assert status == 200, ElementTree.tostring(envelope)
    return [flat(each) for each in envelope.iter(f"{{{PARTNER}}}result")]


def flat(result: ElementTree.Element) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in result.iter():
        if each is not result and not len(each):
            found.setdefault(each.tag.rpartition("}")[2], []).append(each.text or "")
    return found


def fault(client: Client, inside: str, **where: str) -> str:
    status, envelope = call(client, inside, **where)
    assert status == 500
    return envelope.findtext(f".//{{{ENVELOPE}}}Fault/faultcode") or ""


def code(found: Found) -> list[list[str]]:
    return [each.get("statusCode", []) for each in found]


def test_a_merge_writes_what_it_is_given_and_moves_what_hangs_on_the_others(client: Client) -> None:
    """The answer names who stays, who went and what moved; times and users are those of the call."""
    stays, first, second = (contact(client, name) for name in "abc")
    task = client.org.insert_as_user("Task", {"WhoId": second, "Subject": "call"})
    client.org.clock.advance(60)

    (found,) = merged(client, (stays, [first, second], "<o:Phone>1</o:Phone><o:Email>A@x.org</o:Email>"))

    row, gone = client.org.tables["Contact"][stays], client.org.tables["Contact"][first]
    assert (found["id"], found["success"], found["mergedRecordIds"]) == ([stays], ["true"], [first, second])
    assert found["updatedRelatedIds"] == [task]
    assert (row["Phone"], row["Email"], row["LastModifiedDate"]) == ("1", "a@x.org", client.org.now())
    assert (gone["IsDeleted"], gone["MasterRecordId"]) == (True, stays)
    assert (gone["SystemModstamp"], gone["LastModifiedById"]) == (client.org.now(), client.org.user_id)
    assert client.org.writes["merge", "Contact"] == 1


def test_each_request_is_a_transaction(client: Client) -> None:
    """One that is refused undoes its own, and nobody else's."""
    first, second = ([contact(client, name) for name in names] for names in ("ab", "cd"))
    client.org.rules.append(ValidationRule("Contact", "Phone", "1", "no"))

    found = merged(client, (first[0], first[1:], "<o:Phone>1</o:Phone>"), (second[0], second[1:]))

    assert code(found) == [["FIELD_CUSTOM_VALIDATION_EXCEPTION"], []]
    assert not client.org.tables["Contact"][first[1]]["IsDeleted"]


@pytest.mark.parametrize(
    ("spoil", "refused"),
    [
        (lambda org, _stays, goes: org.delete_as_user("Contact", goes), "ENTITY_IS_DELETED"),
        (lambda org, stays, _goes: org.delete_as_user("Contact", stays), "ENTITY_IS_DELETED"),
        (lambda org, _stays, goes: org.locks.add(goes), "UNABLE_TO_LOCK_ROW"),
        (lambda org, stays, _goes: org.locks.add(stays), "UNABLE_TO_LOCK_ROW"),
        (lambda org, _stays, goes: org.read_only.add(goes), "INSUFFICIENT_ACCESS_OR_READONLY"),
        (lambda org, stays, _goes: org.hidden.add(stays), "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"),
        (lambda org, *_: setattr(org.object("Contact"), "deletable", False), "INSUFFICIENT_ACCESS_OR_READONLY"),
    ],
)
def test_what_keeps_a_client_from_a_merge(client: Client, spoil: Any, refused: str) -> None:
    """Rights, locks and the recycle bin count for either row."""
    stays, goes = contact(client, "a"), contact(client, "b")
    spoil(client.org, stays, goes)

    assert code(merged(client, (stays, [goes]))) == [[refused]]


def test_what_is_no_merge(client: Client) -> None:
    """Too many rows, none, of two objects, into itself, an id that is none."""
    rows = [contact(client, name) for name in "abcd"]
    account = client.org.insert_as_user("Account", {"Name": "x"})
    requests = [(rows[0], rows[1:]), (rows[0], []), (rows[0], [account]), (rows[0], rows[:1]), ("nobody", rows[:1])]

    assert code(merged(client, *requests)) == [
        ["LIMIT_EXCEEDED"],
        ["LIMIT_EXCEEDED"],
        ["INVALID_OPERATION"],
        ["INVALID_OPERATION"],
        ["INVALID_CROSS_REFERENCE_KEY"],
    ]


def test_what_a_call_as_a_whole_is_refused_for(client: Client) -> None:
    """More than it takes, a field or an object that is none, another call, an old version, what is no XML."""
    stays, goes = contact(client, "a"), contact(client, "b")
    one = request("Contact", stays, [goes])

    assert fault(client, f"<merge>{one * 201}</merge>") == "sf:EXCEEDED_ID_LIMIT"
    assert fault(client, f"<convertLead>{'<leadConverts/>' * 101}</convertLead>") == "sf:EXCEEDED_ID_LIMIT"
    assert (
        fault(client, f"<merge>{request('Contact', stays, [], '<o:No__c>1</o:No__c>')}</merge>") == "sf:INVALID_FIELD"
    )
    assert fault(client, f"<merge>{request('No__c', stays, [goes])}</merge>") == "sf:INVALID_TYPE"
    assert fault(client, "<query/>") == "sf:UNKNOWN_EXCEPTION"
    assert fault(client, f"<merge>{one}</merge>", version="30.0") == "sf:UNSUPPORTED_API_VERSION"
    assert fault(client, "<merge/><merge/>") == "soapenv:Client"
    assert fault(client, "<merge>") == "soapenv:Client"
    assert not client.org.tables["Contact"][goes]["IsDeleted"]


@pytest.mark.parametrize(("frees", "refused"), [(False, [["DUPLICATE_VALUE"]]), (True, [[]])])
def test_a_unique_value_of_the_one_that_goes(frees: bool, refused: list[list[str]]) -> None:
    """Nobody has seen which it is: a switch has both."""
    client = opened(merge_frees_keys=frees)
    stays, goes = contact(client, "a"), contact(client, "b", Key__c="1")

    assert code(merged(client, (stays, [goes], "<o:Key__c>1</o:Key__c>"))) == refused


def test_a_lead_becomes_an_account_and_a_contact(client: Client) -> None:
    """It is read-only then, and names them."""
    lead = client.org.insert_as_user("Lead", {"LastName": "a", "Company": "A & Co", "Email": "a@x.org"})

    (found,) = converted(client, lead)

    row = client.org.tables["Lead"][lead]
    assert found["success"] == ["true"]
    assert (found["accountId"], found["contactId"]) == ([row["ConvertedAccountId"]], [row["ConvertedContactId"]])
    assert client.org.tables["Contact"][row["ConvertedContactId"]]["Email"] == "a@x.org"
    assert row["LastModifiedById"] == client.org.user_id
    assert code(converted(client, lead)) == [["CANNOT_UPDATE_CONVERTED_LEAD"]]


def test_a_contact_that_is_there_gets_what_it_lacks(client: Client) -> None:
    """What it has stays."""
    account = client.org.insert_as_user("Account", {"Name": "Home"})
    there = contact(client, "b", AccountId=account, Email="b@x.org")
    lead = client.org.insert_as_user("Lead", {"LastName": "a", "Company": "A", "Email": "a@x.org", "Phone": "1"})

    found = converted(client, lead, more=f"<accountId>{account}</accountId><contactId>{there}</contactId>")

    row = client.org.tables["Contact"][there]
    assert (found[0]["contactId"], row["Email"], row["Phone"]) == ([there], "b@x.org", "1")


def test_what_is_no_conversion(client: Client) -> None:
    """A status that is none of those, a lead that is somebody's lock, no permission."""
    lead = client.org.insert_as_user("Lead", {"LastName": "a", "Company": "A"})
    assert code(converted(client, lead, status="Working - Contacted")) == [["INVALID_STATUS"]]
    client.org.locks.add(lead)
    assert code(converted(client, lead)) == [["UNABLE_TO_LOCK_ROW"]]
    client.org.locks.clear()
    client.org.switches = replace(client.org.switches, convert_leads_granted=False)
    assert code(converted(client, lead)) == [["INSUFFICIENT_ACCESS_OR_READONLY"]]
    assert client.org.tables["Contact"] == {}


@pytest.mark.parametrize(("looks", "refused"), [(True, [["DUPLICATES_DETECTED"]]), (False, [[]])])
def test_duplicate_rules_look_at_what_is_made(looks: bool, refused: list[list[str]]) -> None:
    """But never at the lead itself, which is all that its contact looks like."""
    client = opened(convert_duplicate_rules=looks)
    values = {"FirstName": "Ann", "LastName": "Lee", "Company": "A", "Email": "ann@x.org"}
    first, second = (client.org.insert_as_user("Lead", values) for _ in range(2))
    client.org.delete_as_user("Lead", second)
    assert code(converted(client, first)) == [[]]
    third = client.org.insert_as_user("Lead", values)

    assert code(converted(client, third)) == refused


@pytest.mark.parametrize("names", [True, False])
def test_what_a_duplicate_rule_has_found_is_in_its_error(names: bool) -> None:
    """In an org whose SOAP says so: the ids, as sObjects."""
    client = opened(soap_names_duplicates=names)
    values = {"FirstName": "Ann", "LastName": "Lee", "Email": "ann@x.org"}
    lead = client.org.insert_as_user("Lead", {**values, "Company": "A"})
    there = contact(client, "Lee", FirstName="Ann", Email="ann@x.org")

    (found,) = converted(client, lead)

    assert (found["statusCode"], found.get("Id", []), found.get("allowSave", [])) == (
        ["DUPLICATES_DETECTED"],
        [there] * names,
        ["true"] * names,
    )


def test_calls_are_counted_and_told(client: Client) -> None:
    """In the header of the answer; at the end of the allowance there is a fault."""
    stays, goes = contact(client, "a"), contact(client, "b")
    _, envelope = call(client, f"<merge>{request('Contact', stays, [goes])}</merge>")
    info = envelope.find(f".//{{{PARTNER}}}limitInfo")
    assert info is not None
    assert [each.text for each in info] == [str(client.org.allowance.used()), "15000", "API REQUESTS"]
    client.org.daily_calls = client.org.allowance.used()

    assert fault(client, "<merge/>") == "sf:REQUEST_LIMIT_EXCEEDED"


def test_an_end_of_the_session_is_a_fault(client: Client) -> None:
    """After two hours without a call, and while an administrator denies all."""
    client.send("POST", "/_sandbox/deny_sessions", {"message": "This session is not valid for use with the REST API"})
    assert fault(client, "<merge/>") == "sf:INVALID_SESSION_ID"
    client.send("POST", "/_sandbox/deny_sessions", {"message": ""})
    client.org.clock.advance(timedelta(hours=3).total_seconds())
    assert fault(client, "<merge/>") == "sf:INVALID_SESSION_ID"


def test_weather_refuses_single_rows(client: Client) -> None:
    """Whichever of the rows it hits, the one that stays, the one that goes, or a lead."""
    stays, goes = contact(client, "a"), contact(client, "b")
    lead = client.org.insert_as_user("Lead", {"LastName": "c", "Company": "C"})
    for name in (stays, goes, lead):
        client.weather.plan([Gust("UNABLE_TO_LOCK_ROW", rows=name)])

    assert code(merged(client, (stays, [goes]), (stays, [goes]))) == [["UNABLE_TO_LOCK_ROW"]] * 2
    assert code(converted(client, lead)) == [["UNABLE_TO_LOCK_ROW"]]
