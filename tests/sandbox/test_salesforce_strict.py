"""What the org refuses although it looks well: days nobody meant, ids in the wrong case, one row named twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.clock import Clock
from sandbox.salesforce.faults import Refused
from sandbox.salesforce.people import undelete
from sandbox.salesforce.rows import Org
from sandbox.salesforce.schema import Field
from sandbox.salesforce.soql import SoqlError, select
from sandbox.salesforce.standard import standard_schema
from sandbox.switches import Switches
from tests.sandbox.salesforce_client import BASE, Client

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=timezone.utc)


def org_with(**switches: Any) -> Org:
    chosen = replace(Switches(), **switches)
    extra = [
        Field("Key__c", "string", "Key", 50, unique=True, external_id=True, id_lookup=True, custom=True),
        Field("Seen__c", "datetime", "Seen", custom=True),
    ]
    return Org(standard_schema().merged([], {"Contact": extra}), Clock(NOON), chosen)


@pytest.fixture
def org() -> Org:
    return org_with()


def refusals(org: Org, **values: Any) -> list[str]:
    try:
        org.create("Contact", {"LastName": "B", **values})
    except Refused as refused:
        return [fault.code for fault in refused.faults]
    return []


# -- days


@given(st.dates(min_value=date(1, 1, 1), max_value=date(9999, 12, 31)))
def test_days_from_1700_to_4000_are_kept_and_no_others(day: date) -> None:
    org = org_with()
    outcome = [] if date(1700, 1, 1) <= day <= date(4000, 12, 31) else ["FIELD_INTEGRITY_EXCEPTION"]
    assert refusals(org, Birthdate=day.isoformat()) == outcome
    assert refusals(org, Seen__c=f"{day.isoformat()}T12:00:00Z") == outcome


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("1700-01-01T00:00:00Z", "1700-01-01T00:00:00.000+0000"),
        ("1700-01-01T00:00:00+01:00", None),
        ("4000-12-31T23:59:59.999Z", "4000-12-31T23:59:59.000+0000"),
        ("4000-12-31T23:59:59-01:00", None),
        ("0001-01-01T00:00:00+14:00", None),
    ],
)
def test_the_first_and_the_last_second_that_are_kept(org: Org, sent: str, kept: str | None) -> None:
    if kept is None:
        assert refusals(org, Seen__c=sent) == ["FIELD_INTEGRITY_EXCEPTION"]
    else:
        assert org.tables["Contact"][org.create("Contact", {"LastName": "B", "Seen__c": sent})]["Seen__c"] == kept


@given(st.datetimes(timezones=st.just(timezone.utc)).filter(lambda moment: 1700 <= moment.year <= 4000))
def test_a_datetime_is_kept_to_the_second_never_rounded_up(moment: datetime) -> None:
    org = org_with()
    made = org.create("Contact", {"LastName": "B", "Seen__c": moment.isoformat(timespec="microseconds")})
    kept = datetime.strptime(org.tables["Contact"][made]["Seen__c"], "%Y-%m-%dT%H:%M:%S.000%z")
    assert timedelta(0) <= moment - kept < timedelta(seconds=1)


# -- ids


def wrong_case(org: Org) -> tuple[str, str]:
    """An id with letters, and the same in lower case."""
    for _ in range(12):
        made = org.create("Contact", {"LastName": "B"})
    return made, made.lower()


@pytest.mark.parametrize(("switch", "found"), [("miss", 0), ("mend", 1)])
def test_an_id_in_the_wrong_case_follows_the_switch(switch: str, found: int) -> None:
    org = org_with(wrong_case_id=switch)
    made, lower = wrong_case(org)
    child = org.create("Contact", {"LastName": "C", "ReportsToId": made})
    for where in (f"Id = '{lower}'", f"Id IN ('{lower}')", f"ReportsToId = '{lower}'", f"ReportsTo.Id = '{lower}'"):
        assert len(select(org, f"SELECT Id FROM Contact WHERE {where}").records) == found
    assert len(select(org, f"SELECT Id FROM Contact WHERE ReportsToId = '{made[:15]}'").records) == 1
    assert (refusals(org, ReportsToId=lower) == []) is bool(found)
    assert child != made


def test_an_id_in_the_wrong_case_may_be_refused() -> None:
    org = org_with(wrong_case_id="refuse")
    made, lower = wrong_case(org)
    assert select(org, f"SELECT Id FROM Contact WHERE Id = '{made}'").total == 1
    with pytest.raises(SoqlError, match=f"invalid ID field: {lower}"):
        select(org, f"SELECT Id FROM Contact WHERE Id = '{lower}'")


def test_a_malformed_id_refuses_the_whole_query_over_http(org: Org) -> None:
    client = Client(org).log_in()
    reply = client.data("GET", "/query?q=SELECT+Id+FROM+Contact+WHERE+AccountId+IN+(null,'zzz')")
    assert (reply.status, reply.codes) == (400, ["INVALID_QUERY_FILTER_OPERATOR"])
    assert reply.body[0]["message"].endswith("invalid ID field: zzz")


@pytest.mark.parametrize(("switch", "most"), [("error", 1), ("twelve", 12)])
def test_one_id_many_times_in_one_update(switch: str, most: int) -> None:
    client = Client(org_with(same_id_twice=switch)).log_in()
    made = client.org.create("Contact", {"LastName": "B"})
    sent = [{"Id": (made, made[:15])[number % 2], "Title": str(number)} for number in range(14)]
    for path in ("", "/Contact/Id"):
        results = client.collection("PATCH", path, *sent)
        assert [one["success"] for one in results] == [number < most for number in range(14)]
        assert results[-1]["errors"][0]["statusCode"] == "DUPLICATE_VALUE"
        assert results[-1]["errors"][0]["message"].startswith("Duplicate id specified")


def test_a_key_that_is_no_value_spoils_its_own_row_only(org: Org) -> None:
    client = Client(org).log_in()
    results = client.collection(
        "PATCH", "/Contact/Key__c", {"Key__c": ["a"], "LastName": "B"}, {"Key__c": "b", "LastName": "B"}
    )
    assert [one["success"] for one in results] == [False, True]


# -- rows that cannot be read

WRONG_TYPES = [{"Title": ["x"]}, {"NumberOfEmployees": "many"}, {"Birthdate": "tomorrow"}, {"Account": "Acme"}]


def mixed(org: Org, wrong: dict[str, Any], **options: Any) -> tuple[int, Any]:
    """One good row and one wrong, by the call that creates."""
    client, kind = Client(org).log_in(), "Account" if "NumberOfEmployees" in wrong else "Contact"
    name = "Name" if kind == "Account" else "LastName"
    good, bad = ({"attributes": {"type": kind}, name: "B", **more} for more in ({}, wrong))
    reply = client.data("POST", "/composite/sobjects", {"records": [good, bad], **options})
    return reply.status, reply.body


@pytest.mark.parametrize("wrong", WRONG_TYPES)
@pytest.mark.parametrize("switch", ["row", "request"])
def test_a_wrong_type_refuses_its_row_or_the_call(switch: str, wrong: dict[str, Any]) -> None:
    org = org_with(wrong_type_in_row=switch)
    status, body = mixed(org, wrong)
    if switch == "row":
        assert (status, [one["success"] for one in body]) == (200, [True, False])
        assert body[1]["errors"][0]["statusCode"] == "JSON_PARSER_ERROR"
    else:
        assert (status, body[0]["errorCode"]) == (400, "JSON_PARSER_ERROR")
        assert not org.writes


@pytest.mark.parametrize("switch", ["row", "request"])
def test_an_unknown_field_refuses_its_row_or_the_call(switch: str) -> None:
    org = org_with(unknown_field_in_row=switch)
    status, body = mixed(org, {"Shoe": 9})
    said = body[1]["errors"][0] if switch == "row" else body[0]
    assert status == (200 if switch == "row" else 400)
    assert said["message"] == "No such column 'Shoe' on sobject of type Contact"
    assert org.writes == ({("create", "Contact"): 1} if switch == "row" else {})


def test_a_refused_value_is_no_wrong_type() -> None:
    org = org_with(wrong_type_in_row="request", unknown_field_in_row="request")
    status, body = mixed(org, {"Email": "nobody", "Account": None})
    assert (status, [one["success"] for one in body]) == (200, [True, False])


def test_the_call_that_is_refused_may_be_one_of_a_composite() -> None:
    org = org_with(wrong_type_in_row="request")
    records = [{"attributes": {"type": "Contact"}, "LastName": "B", "Title": 7}]
    parts = [
        {"method": "POST", "url": f"{BASE}/composite/sobjects", "referenceId": name, "body": {"records": rows}}
        for name, rows in (("bad", records), ("good", [{**records[0], "Title": "x"}]))
    ]
    reply = Client(org).log_in().data("POST", "/composite", {"compositeRequest": parts})
    assert [one["httpStatusCode"] for one in reply.body["compositeResponse"]] == [400, 200]


@pytest.mark.parametrize(("switch", "outcome"), [("refuse", False), ("ignore", True)])
def test_a_create_only_field_sent_again_with_its_value(switch: str, outcome: bool) -> None:
    org = org_with(detail_parent_on_update=switch)
    ann, bo = (org.create("Contact", {"LastName": name}) for name in ("Ann", "Bo"))
    sale = org.create(
        "Opportunity", {"Name": "Boots", "StageName": "Open", "CloseDate": "2026-11-25", "ContactId": ann}
    )
    client = Client(org).log_in()
    sent = {"attributes": {"type": "Opportunity"}, "Id": sale, "NextStep": "pay"}
    for person, accepted in ((ann, outcome), (bo, False)):
        (result,) = client.collection("PATCH", "", {**sent, "ContactId": person})
        assert result["success"] is accepted
    for closed in ("IsClosed", "HasOpportunityLineItem"):
        (result,) = client.collection("PATCH", "", {**sent, closed: False})
        assert result["errors"][0]["statusCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"


# -- values


@pytest.mark.parametrize(("address", "outcome"), [(".a@x.org", ["INVALID_EMAIL_ADDRESS"]), ("a.b@x.org", [])])
def test_an_address_does_not_begin_with_a_dot(org: Org, address: str, outcome: list[str]) -> None:
    assert refusals(org, Email=address) == outcome


TAGS = ["card", "cash", "gift"]


def tagged(*, restricted: bool) -> Org:
    tags = Field("Tags__c", "multipicklist", "Tags", 4099, picklist=TAGS, restricted=restricted, custom=True)
    return Org(standard_schema().merged([], {"Contact": [tags]}), Clock(NOON), Switches())


@given(st.lists(st.sampled_from([*TAGS, "Gift", " cash ", "coin"]), min_size=1))
def test_multi_select_values_come_back_once_in_the_order_of_the_list(sent: list[str]) -> None:
    org = tagged(restricted=False)
    kept = org.tables["Contact"][org.create("Contact", {"LastName": "B", "Tags__c": ";".join(sent)})]["Tags__c"]
    meant = {one.strip().lower() for one in sent}
    assert kept.split(";") == [one for one in [*TAGS, "coin"] if one in meant]


def test_multi_select_values_outside_a_restricted_list_are_refused() -> None:
    org = tagged(restricted=True)
    assert refusals(org, Tags__c="gift;coin") == ["INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"]
    assert refusals(org, Tags__c=" ; ") == []
    assert [row["Tags__c"] for row in org.tables["Contact"].values()] == [None]


# -- out of the recycle bin


@pytest.mark.parametrize("switch", ["refuse", "lose"])
def test_a_row_comes_back_onto_a_key_that_another_has_now(switch: str) -> None:
    org = org_with(undelete_taken_key=switch)
    old = org.create("Contact", {"LastName": "Old", "Key__c": "k"})
    org.delete("Contact", old)
    org.create("Contact", {"LastName": "New", "Key__c": "K"})
    if switch == "refuse":
        with pytest.raises(Refused, match="DUPLICATE_VALUE"):
            undelete(org, old)
        assert org.tables["Contact"][old]["IsDeleted"]
    else:
        undelete(org, old)
        assert (org.tables["Contact"][old]["Key__c"], org.tables["Contact"][old]["IsDeleted"]) == (None, False)
    assert [row["LastName"] for row in org.lookup("Contact", "Key__c", ["k"])] == ["New"]


def test_what_went_with_a_row_keeps_it_out_too_and_may_come_back_later() -> None:
    org = org_with()
    acme = org.create("Account", {"Name": "Acme"})
    org.create("Contact", {"LastName": "Old", "Key__c": "k", "AccountId": acme})
    org.delete("Account", acme)
    new = org.create("Contact", {"LastName": "New", "Key__c": "k"})
    with pytest.raises(Refused, match="DUPLICATE_VALUE"):
        undelete(org, acme)
    assert org.tables["Account"][acme]["IsDeleted"]
    org.delete("Contact", new)
    assert undelete(org, acme) == 2


# -- calls in one


def test_describes_do_not_count_among_the_five_queries_of_a_composite(org: Org) -> None:
    org.create("Contact", {"LastName": "B"})
    urls = [f"{BASE}/sobjects/{name}/describe" for name in ("Account", "Contact", "Lead", "Case", "Event", "User")]
    urls += [f"{BASE}/query?q=SELECT Id FROM Contact WHERE LastName LIKE 'B%'"] * 5
    parts = [{"method": "GET", "url": url, "referenceId": f"r{number}"} for number, url in enumerate(urls)]
    client = Client(org).log_in()
    answers = client.data("POST", "/composite", {"compositeRequest": parts}).body["compositeResponse"]
    assert {one["httpStatusCode"] for one in answers} == {200}
    assert [one["body"]["name"] for one in answers[:6]] == ["Account", "Contact", "Lead", "Case", "Event", "User"]
    assert [one["body"]["totalSize"] for one in answers[6:]] == [1] * 5
    assert org.calls == {"composite": 1}
    sixth = [*parts, {**parts[-1], "url": parts[-1]["url"].replace("/query", "/queryall"), "referenceId": "more"}]
    assert client.data("POST", "/composite", {"compositeRequest": sixth}).codes == ["LIMIT_EXCEEDED"]
