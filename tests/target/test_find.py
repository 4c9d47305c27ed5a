"""Looking records up: everything together, nothing that no record can have, and no traceback."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest
from target_salesforce_retail.errors import OrgBusy, OrgRefused
from target_salesforce_retail.org.ids import long_id
from target_salesforce_retail.org.live import LiveOrg
from target_salesforce_retail.org.session import ATTEMPTS, Session

from sandbox.salesforce.people import convert_lead
from sandbox.serve import Box
from tests.target.wire import Wire, taken_away

FIELDS = {"Contact": ("LastName", "Email"), "Lead": ("LastName",), "Account": ("Name",)}


@pytest.fixture(autouse=True)
def known(org: LiveOrg, wire: Wire) -> None:
    """Shapes are known from preflight; only the look-ups count here."""
    org.describe(list(FIELDS))
    wire.sent.clear()


def asked(wire: Wire) -> list[str]:
    return [unquote(request["url"].partition("?q=")[2]) for request in wire.requests]


def test_all_objects_travel_together(org: LiveOrg, box: Box, wire: Wire) -> None:
    """Five queries to a call, whatever they ask about."""
    ann = box.org.insert_as_user("Contact", {"LastName": "Ann", "Email": "ann@x.org"})
    lee = box.org.insert_as_user("Lead", {"LastName": "Lee", "Company": "x", "Email": "lee@x.org"})
    hat = box.org.insert_as_user("Account", {"Name": "Hat"})
    many = [f"{number}@x.org" + "x" * 70 for number in range(1000)]

    rows = org.find(
        {
            "Contact": [{"Email": [*many, "ann@x.org"]}],
            "Lead": [{"Email": ["lee@x.org"]}],
            "Account": [{"Name": ["Hat"]}],
        },
        FIELDS,
    )

    assert {(row.object, row.id, row.searched) for row in rows} == {
        ("Contact", ann, "Contact"),
        ("Lead", lee, "Lead"),
        ("Account", hat, "Account"),
    }
    assert len(asked(wire)) > 5
    assert [len(body["compositeRequest"]) for _, body in wire.sent] == [5, len(asked(wire)) - 5]
    assert {row.values["LastName"] for row in rows if row.object != "Account"} == {"Ann", "Lee"}


def test_leads_that_were_not_converted_cost_no_call(session: Session, box: Box, wire: Wire) -> None:
    """Nor need it be known what a contact is."""
    lee = box.org.insert_as_user("Lead", {"LastName": "Lee", "Company": "x", "Email": "lee@x.org"})
    fresh = LiveOrg(session)
    fresh.describe(["Lead"])
    wire.sent.clear()

    assert [row.id for row in fresh.find({"Lead": [{"Email": ["lee@x.org"]}]}, FIELDS)] == [lee]
    assert len(wire.sent) == 1


def test_all_converted_leads_cost_one_call_more(org: LiveOrg, box: Box, wire: Wire) -> None:
    """And each lead speaks for what it answered to."""
    box.org.insert_as_user("Lead", {"LastName": "Lee", "Company": "x", "Email": "lee@x.org"})
    first = box.org.insert_as_user("Lead", {"LastName": "A", "Company": "x", "Email": "a@x.org"})
    contact = str(convert_lead(box.org, first)["contact_id"])
    second = box.org.insert_as_user("Lead", {"LastName": "B", "Company": "x", "Email": "b@x.org"})
    convert_lead(box.org, second, contact_id=contact)
    third = box.org.insert_as_user("Lead", {"LastName": "C", "Company": "x", "Email": "c@x.org"})
    convert_lead(box.org, third)

    rows = org.find({"Lead": [{"Email": ["a@x.org", "b@x.org", "c@x.org", "lee@x.org"]}]}, FIELDS)

    assert len(wire.sent) == 2
    assert sorted((row.object, str(row.via["Email"])) for row in rows) == [
        ("Contact", "a@x.org"),
        ("Contact", "b@x.org"),
        ("Contact", "c@x.org"),
        ("Lead", "lee@x.org"),
    ]


@pytest.mark.parametrize("contact", ["deleted", "not of the mapping"])
def test_a_converted_lead_that_leads_nowhere_is_a_dead_end(org: LiveOrg, box: Box, contact: str) -> None:
    """Nobody can write to it, and it says who it was."""
    lead = box.org.insert_as_user("Lead", {"LastName": "A", "Company": "x", "Email": "a@x.org"})
    became = str(convert_lead(box.org, lead)["contact_id"])
    fields = {"Lead": FIELDS["Lead"]}
    if contact == "deleted":
        box.org.delete_as_user("Contact", became)
        fields = FIELDS

    (row,) = org.find({"Lead": [{"Email": ["a@x.org"]}]}, fields)

    assert (row.object, row.id, row.dead_end, row.via) == ("Lead", lead, True, {"Email": "a@x.org"})


BIRTHDAYS = {"Contact": ("LastName", "Birthdate")}


def test_a_condition_of_several_fields_finds_who_has_them_all(org: LiveOrg, box: Box, wire: Wire) -> None:
    """Conditions of the same fields travel together; who is found for another's half is sorted out by who asked."""
    people = [("Ann", "1980-01-02"), ("Bob", "1980-01-02"), ("Eve", "1990-05-17"), ("Ann", "1990-05-17")]
    rows = [box.org.insert_as_user("Contact", {"LastName": name, "Birthdate": day}) for name, day in people]
    conditions = [
        {"LastName": ["ann", "x"], "Birthdate": ["1980-01-02"]},
        {"LastName": ["Eve"], "Birthdate": ["1990-05-17"]},
    ]

    found = org.find({"Contact": conditions}, BIRTHDAYS)

    assert {row.id for row in found} == {rows[0], rows[2], rows[3]}
    (soql,) = asked(wire)
    assert "WHERE (LastName IN ('ann','x','Eve') AND Birthdate IN (1980-01-02,1990-05-17))" in soql


def test_what_is_found_anyhow_is_not_asked_for_twice(org: LiveOrg, box: Box, wire: Wire) -> None:
    """Who has this name and that birthday is among all who have the name; another name's birthday is asked for."""
    rows = [
        box.org.insert_as_user("Contact", {"LastName": name, "Birthdate": "1980-01-02"})
        for name in ("Ann", "Bob", "Eve")
    ]
    conditions = [
        {"LastName": ["Ann", "Lee"], "Birthdate": ["1980-01-02"]},
        {"LastName": ["Ann"]},
        {"LastName": ["Bob", "Ann"], "Birthdate": ["1980-01-02"]},
        {"LastName": ["Lee"]},
    ]

    found = org.find({"Contact": conditions}, BIRTHDAYS)

    assert {row.id for row in found} == set(rows[:2])
    assert {field for row in found for field in row.via} == {"LastName", "Birthdate"}
    (soql,) = asked(wire)
    assert "LastName IN ('Ann','Lee')" in soql
    assert "LastName IN ('Bob','Ann') AND" in soql


def test_a_condition_of_which_a_part_can_be_nowhere_is_not_asked(org: LiveOrg, wire: Wire) -> None:
    """A day that no field takes would refuse the whole query."""
    conditions = [
        {"LastName": ["Ann"], "Birthdate": [day]} for day in ("1066-10-14", "4001-01-01", "1980-02-30", "x", "")
    ]

    assert org.find({"Contact": conditions}, BIRTHDAYS) == []
    assert asked(wire) == []


def test_many_conditions_are_cut_into_statements(org: LiveOrg, box: Box, wire: Wire) -> None:
    """Each condition is whole in one of them."""
    ann = box.org.insert_as_user("Contact", {"LastName": "Ann900", "Birthdate": "1980-01-02"})
    conditions = [{"LastName": [f"Ann{number}", "y" * 60], "Birthdate": ["1980-01-02"]} for number in range(3000)]

    assert [row.id for row in org.find({"Contact": conditions}, BIRTHDAYS)] == [ann]
    assert 1 < len(asked(wire)) < 5


NO_IDS = ["", "zzz", "003", "003000000000001'", "00300000000000\u0661", "003 00000000001", "0030000000000011", "x" * 18]


def test_what_is_no_id_of_the_object_is_not_asked_for(org: LiveOrg, box: Box, wire: Wire) -> None:
    """One malformed id refuses the whole query; those of other objects are never found."""
    ann = box.org.insert_as_user("Contact", {"LastName": "Ann"})
    lee = box.org.insert_as_user("Lead", {"LastName": "Lee", "Company": "x"})
    ids = [*NO_IDS, lee, ann[:15]]

    assert [row.id for row in org.find({"Contact": [{"Id": ids}]}, FIELDS)] == [ann]
    assert org.survivors("Contact", ids) == {ann[:15]: ann}
    assert not [soql for soql in asked(wire) if "zzz" in soql or lee in soql]


def test_lookups_are_asked_for_ids_only(org: LiveOrg, box: Box, wire: Wire) -> None:
    """A field that refers to a record is as strict as the id."""
    shop = box.org.insert_as_user("Account", {"Name": "Hat"})
    ann = box.org.insert_as_user("Contact", {"LastName": "Ann", "AccountId": shop})

    rows = org.find({"Contact": [{"AccountId": [*NO_IDS, shop]}]}, {"Contact": ("AccountId",)})

    assert [row.id for row in rows] == [ann]
    assert not [soql for soql in asked(wire) if "zzz" in soql]


@pytest.mark.parametrize("value", ["half \ud83d", "\udc00", "x" * 4001])
def test_what_no_record_can_hold_is_not_asked_for(org: LiveOrg, box: Box, wire: Wire, value: str) -> None:
    """Half an emoji cannot be sent; its neighbours are found all the same."""
    ann = box.org.insert_as_user("Contact", {"LastName": "Ann", "Email": "ann@x.org"})

    assert [row.id for row in org.find({"Contact": [{"Email": [value, "ann@x.org"]}]}, FIELDS)] == [ann]
    wire.sent.clear()
    assert org.find({"Contact": [{"Email": [value]}], "Lead": []}, FIELDS) == []
    assert not wire.sent


@pytest.mark.parametrize(
    "trouble",
    [
        (400, "QUERY_TIMEOUT"),
        (400, "REQUEST_RUNNING_TOO_LONG"),
        (400, "UNABLE_TO_LOCK_ROW"),
        (500, "UNKNOWN_EXCEPTION"),
        (503, "SERVER_UNAVAILABLE"),
    ],
)
def test_a_query_that_fails_in_passing_is_asked_again_alone(
    org: LiveOrg, box: Box, wire: Wire, trouble: tuple[int, str]
) -> None:
    """The others of its call have answered."""
    ann = box.org.insert_as_user("Contact", {"LastName": "Ann"})
    hat = box.org.insert_as_user("Account", {"Name": "Hat"})
    wire.refuse = lambda request: trouble if "FROM%20Contact" in request["url"] and len(wire.sent) < 3 else None

    rows = org.find({"Contact": [{"LastName": ["Ann"]}], "Account": [{"Name": ["Hat"]}]}, FIELDS)

    assert [row.id for row in rows] == [ann, hat]
    assert [len(body["compositeRequest"]) for _, body in wire.sent] == [2, 1, 1]


def test_a_query_that_fails_in_passing_for_ever_is_busy(org: LiveOrg, wire: Wire) -> None:
    """At most so many attempts, with the session's pauses between."""
    wire.refuse = lambda _: (400, "QUERY_TIMEOUT")

    with pytest.raises(OrgBusy, match="QUERY_TIMEOUT"):
        org.find({"Contact": [{"LastName": ["Ann"]}]}, FIELDS)

    assert len(wire.sent) == ATTEMPTS


@pytest.mark.parametrize("trouble", [(400, "MALFORMED_QUERY"), (404, "NOT_FOUND"), (400, "INVALID_FIELD")])
def test_a_query_that_is_refused_is_refused(org: LiveOrg, wire: Wire, trouble: tuple[int, str]) -> None:
    """At once, with the code and without a shopper's data."""
    wire.refuse = lambda request: trouble if "/query" in request["url"] else None

    with pytest.raises(OrgRefused, match=trouble[1]) as raised:
        org.find({"Contact": [{"LastName": ["Ann"]}]}, FIELDS)

    assert "Ann" not in str(raised.value)
    assert "shopper" not in str(raised.value)
    assert raised.value.of_a_row is (trouble[0] == 400)
    assert len([soql for soql in asked(wire) if soql]) == 1


def test_what_is_gone_since_the_run_began_is_named(org: LiveOrg, box: Box) -> None:
    """A field, several, or the whole object: a query tells it first."""
    with taken_away(box, "Contact", "Email"), pytest.raises(OrgRefused) as field:
        org.find({"Contact": [{"LastName": ["Ann"]}]}, FIELDS)
    with (
        taken_away(box, "Contact", "Email"),
        taken_away(box, "Contact", "LastName"),
        pytest.raises(OrgRefused) as fields,
    ):
        org.changed_since(org.now(), {"Contact": ("LastName", "Email")})
    with taken_away(box, "Contact"), pytest.raises(OrgRefused) as whole:
        org.changed_since(org.now(), {"Contact": ("LastName",)})

    assert [str(raised.value) for raised in (field, fields, whole)] == [
        f"query: {gone} is not there any more, or hidden. "
        "Nothing of the batch is acknowledged. Check the permission set of the integration user."
        for gone in ("Contact.Email", "Contact.LastName, Contact.Email", "Contact")
    ]
    assert org.find({"Contact": [{"LastName": ["Ann"]}]}, FIELDS) == []


PART = {"referenceId": "r0", "httpStatusCode": 200}
PAGE = {"totalSize": 2, "done": False, "records": [], "nextRecordsUrl": "/services/data/v66.0/query/01g-1"}


@pytest.mark.parametrize(
    "answers",
    [
        [{"compositeResponse": [{**PART, "body": None}]}],
        [{"compositeResponse": [{**PART, "body": [{"errorCode": "X"}]}]}],
        [{"compositeResponse": [{**PART, "body": {"records": []}}]}],
        [{"compositeResponse": [{**PART, "body": {**PAGE, "nextRecordsUrl": None}}]}, 7],
        [{"compositeResponse": [{**PART, "body": PAGE}]}, [{"errorCode": "INVALID_QUERY_LOCATOR"}]],
        [{"compositeResponse": [{**PART, "body": PAGE}]}, {"done": True}],
    ],
)
def test_what_is_no_page_is_refused_in_a_sentence(org: LiveOrg, wire: Wire, answers: list[Any]) -> None:
    """The first as any later one."""
    wire.answers = [(200, answer) for answer in answers]

    with pytest.raises(OrgRefused) as raised:
        org.find({"Contact": [{"LastName": ["Ann"]}]}, FIELDS)

    assert str(raised.value) == (
        "query: Salesforce's answer is none: it has not the form that its documentation gives. "
        "Nothing of it is acknowledged; the next run asks again. Look for a proxy in between if it stays."
    )


@pytest.mark.parametrize(
    "record_id", ["0035500001H9dBVAAZ", "750P0000006HoS1IAK", "00Q9H00000C6pycUAB", "012000000000000AAA"]
)
def test_ids_are_lengthened_as_the_org_does(record_id: str) -> None:
    """Three characters say which of the others are capitals."""
    assert long_id(record_id[:15]) == record_id
    assert long_id(record_id) == record_id
    assert [long_id(each) for each in (*NO_IDS[:-1], record_id[:16])] == [""] * len(NO_IDS)
