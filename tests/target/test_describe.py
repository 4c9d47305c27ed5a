"""What the org says of its objects: in one call, once, and never a traceback."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from target_salesforce_retail.errors import OrgBusy, OrgRefused, RequestRefused
from target_salesforce_retail.metadata import FieldDescribe, ObjectDescribe, PicklistEntry
from target_salesforce_retail.org.describe import _object
from target_salesforce_retail.org.live import LiveOrg
from target_salesforce_retail.org.session import ATTEMPTS

from sandbox.serve import Box
from sandbox.weather import Gust
from tests.target.wire import Wire


def test_all_objects_in_one_call_and_once_a_run(org: LiveOrg, wire: Wire) -> None:
    """What is not there is remembered too."""
    describes = org.describe(["Contact", "Lead", "Nothing__c", "Contact"])

    assert list(describes) == ["Contact", "Lead"]
    assert org.describe(["Nothing__c", "Lead", "Contact"]) == {name: describes[name] for name in ("Lead", "Contact")}
    assert len(wire.sent) == 1


def test_twenty_five_to_a_call(org: LiveOrg, wire: Wire) -> None:
    """The vendor takes no more."""
    names = [f"Nothing{number}__c" for number in range(26)]

    describes = org.describe([*names, "Contact"])

    assert list(describes) == ["Contact"]
    assert [len(body["compositeRequest"]) for _, body in wire.sent] == [25, 2]


def test_a_name_is_never_a_path(org: LiveOrg) -> None:
    """It is refused before it is asked."""
    with pytest.raises(OrgRefused, match="no name"):
        org.describe(["Contact/describe?x="])


def test_a_missing_composite_resource_is_said_in_a_sentence(org: LiveOrg, box: Box) -> None:
    """A proxy, or another host than the org's."""
    box.weather_s.plan([Gust("404", path="*/composite")])

    with pytest.raises(OrgRefused) as raised:
        org.describe(["Contact"])

    assert str(raised.value) == (
        "composite: Salesforce has no composite resource at this address: 404. "
        "Check api_version, and that login_url is the org's My Domain."
    )


def test_an_errors_body_with_a_good_status_is_asked_again(org: LiveOrg, box: Box) -> None:
    """Once is nothing."""
    box.weather_s.plan([Gust("200-error", path="*/composite")])

    assert "Contact" in org.describe(["Contact"])


def test_an_errors_body_that_stays_is_busy(org: LiveOrg, box: Box, wire: Wire) -> None:
    """Bounded."""
    box.weather_s.plan([Gust("200-error", path="*/composite", times=99)])

    with pytest.raises(OrgBusy, match="UNKNOWN_EXCEPTION"):
        org.describe(["Contact"])

    assert len(wire.sent) == ATTEMPTS


def test_a_request_within_a_call_that_stays_busy_is_told_as_one(org: LiveOrg, wire: Wire) -> None:
    """Asked again after a pause each time, and bounded; the others of the call are not asked again."""
    wire.refuse = lambda each: (503, "SERVER_UNAVAILABLE") if "/Lead/" in each["url"] else None

    with pytest.raises(OrgBusy) as raised:
        org.describe(["Contact", "Lead"])

    assert [len(body["compositeRequest"]) for _, body in wire.sent] == [2, *[1] * (ATTEMPTS - 1)]
    assert str(raised.value) == (
        "composite: Salesforce did not answer after 6 attempts: 503 SERVER_UNAVAILABLE. "
        "Nothing is lost: the state stays where it was, and the next run goes on from there."
    )


def test_a_request_within_a_call_that_is_refused_is_named(org: LiveOrg, wire: Wire) -> None:
    """With its address and its code, not its words."""
    wire.refuse = lambda _: (403, "INSUFFICIENT_ACCESS", "secret words")

    with pytest.raises(RequestRefused) as raised:
        org.describe(["Contact"])

    assert raised.value.code == "INSUFFICIENT_ACCESS"
    assert str(raised.value) == (
        "/services/data/v66.0/sobjects/Contact/describe: Salesforce refused a request: 403 INSUFFICIENT_ACCESS. "
        "Check the mapping's objects and fields against the org with `salesforce-retail preflight`."
    )


PART = {"referenceId": "r0", "httpStatusCode": 200, "httpHeaders": {}}


def test_a_request_that_is_refused_without_a_word_has_no_code(org: LiveOrg, wire: Wire) -> None:
    """As by a proxy: the status is said, and no code is made up for the ledger."""
    wire.answers = [(200, {"compositeResponse": [{**PART, "httpStatusCode": 400, "body": "<html>"}]})]

    with pytest.raises(RequestRefused, match=r"refused a request: 400\.") as raised:
        org.describe(["Contact"])

    assert raised.value.code == ""


@pytest.mark.parametrize(
    "body",
    [
        7,
        "text",
        None,
        [],
        {},
        {"compositeResponse": None},
        {"compositeResponse": []},
        {"compositeResponse": [7]},
        {"compositeResponse": [{"referenceId": "r0"}]},
        {"compositeResponse": [{**PART, "body": [{"errorCode": "UNKNOWN_EXCEPTION", "message": "secret words"}]}]},
        {"compositeResponse": [{**PART, "body": {"name": "Contact"}}]},
        {"compositeResponse": [{**PART, "body": {"name": "Contact", "fields": [7]}}]},
        {"compositeResponse": [{**PART, "body": {"name": "Contact", "fields": [{"name": "Id"}]}}]},
        {"compositeResponse": [{**PART}]},
        [{"errorCode": "SOME_CODE", "message": "secret words"}],
    ],
)
def test_what_is_no_answer_is_refused_in_a_sentence(org: LiveOrg, wire: Wire, body: Any) -> None:
    """Whatever it looks like; and none of its words are repeated."""
    wire.answers = [(200, body)]

    with pytest.raises(
        OrgRefused, match=r"^(composite|sobjects/Contact/describe): Salesforce's answer is none"
    ) as raised:
        org.describe(["Contact"])

    assert "secret words" not in str(raised.value)


def test_answers_are_told_apart_by_their_reference(org: LiveOrg, wire: Wire) -> None:
    """What came for another request is no answer to this one."""
    contact = {"name": "Contact", "fields": []}
    wire.answers = [(200, {"compositeResponse": [{**PART, "referenceId": "r1", "body": contact}]})]

    with pytest.raises(OrgRefused):
        org.describe(["Contact"])


FLAGS = {"createable": True, "updateable": True, "nillable": True, "defaultedOnCreate": False}


def described(*fields: dict[str, Any]) -> dict[str, FieldDescribe]:
    describe = _object(
        "Contact", {"name": "Contact", "fields": [{**FLAGS, "type": "picklist", **each} for each in fields]}
    )
    return dict(describe.fields)


@pytest.mark.parametrize(
    ("told", "known"),
    [
        ({"type": "string", "length": 80}, FieldDescribe("X__c", "string", length=80)),
        ({"type": "string", "calculated": True}, FieldDescribe("X__c", "string", calculated=True)),
        ({"type": "string", "autoNumber": True}, FieldDescribe("X__c", "string", auto_number=True)),
        ({"type": "currency", "precision": 18, "scale": 2}, FieldDescribe("X__c", "currency", precision=18, scale=2)),
        ({"type": "date", "length": None, "precision": None, "scale": None}, FieldDescribe("X__c", "date")),
        ({"type": "date", "createable": False}, FieldDescribe("X__c", "date", createable=False)),
        ({"type": "date", "updateable": False}, FieldDescribe("X__c", "date", updateable=False)),
        ({"type": "date", "nillable": False}, FieldDescribe("X__c", "date", nillable=False)),
        ({"type": "date", "defaultedOnCreate": True}, FieldDescribe("X__c", "date", defaulted=True)),
        ({"type": "string", "caseSensitive": True}, FieldDescribe("X__c", "string", case_sensitive=True)),
        ({"type": "string", "externalId": True}, FieldDescribe("X__c", "string", key_like=True)),
        ({"type": "string", "idLookup": True}, FieldDescribe("X__c", "string", key_like=True)),
        ({"type": "string", "unique": True}, FieldDescribe("X__c", "string", unique=True)),
        (
            {"type": "reference", "referenceTo": ["Contact", "Lead"]},
            FieldDescribe("X__c", "reference", refers_to=("Contact", "Lead")),
        ),
    ],
)
def test_each_thing_that_is_said_of_a_field_is_known(told: dict[str, Any], known: FieldDescribe) -> None:
    """And nothing else with it."""
    assert described({"name": "X__c", **told}) == {"X__c": known}


@pytest.mark.parametrize("right", ["createable", "updateable", "deletable"])
def test_a_right_that_is_denied_is_known(right: str) -> None:
    """What is not said is allowed."""
    rights = {"createable": True, "updateable": True, "deletable": True}
    told = {"name": "Contact", "fields": [], "keyPrefix": "003"}

    assert _object("Contact", told) == ObjectDescribe("Contact", {}, **rights, key_prefix="003")
    refused = ObjectDescribe("Contact", {}, **{**rights, right: False}, key_prefix="003")
    assert _object("Contact", {**told, right: False}) == refused


@pytest.mark.parametrize("prefix", [{}, {"keyPrefix": None}])
def test_an_object_whose_ids_begin_with_nothing_of_its_own_has_no_prefix(prefix: dict[str, None]) -> None:
    """None is made up for it: by its letters ids are told apart."""
    assert _object("Contact", {"name": "Contact", "fields": [], **prefix}).key_prefix == ""


def bitmap(places: set[int], size: int) -> str:
    """As text of zeros and ones, the first place first, filled up to whole bytes."""
    digits = "".join("1" if place in places else "0" for place in range(size)).ljust(-(-size // 8) * 8, "0")
    return base64.b64encode(bytes(int(digits[start : start + 8], 2) for start in range(0, len(digits), 8))).decode()


def option(
    value: str, valid_for: str | None = None, *, active: bool = True, label: str | None = None
) -> dict[str, Any]:
    return {"value": value, "label": label or value, "active": active, "defaultValue": False, "validFor": valid_for}


@given(st.lists(st.sets(st.integers(0, 39)), min_size=1, max_size=5), st.integers(40, 260))
def test_every_value_knows_what_it_goes_with(picked: list[set[int]], size: int) -> None:
    """However many countries there are, the first in the highest bit; inactive ones count as places."""
    countries = [option(f"C{place}", active=place % 3 > 0) for place in range(size)]
    states = [option(f"S{number}", bitmap(places, size)) for number, places in enumerate(picked)]

    fields = described(
        {"name": "MailingCountryCode", "picklistValues": countries, "restrictedPicklist": True},
        {"name": "MailingStateCode", "picklistValues": states, "controllerName": "MailingCountryCode"},
    )

    state = fields["MailingStateCode"]
    assert state.controller == "MailingCountryCode"
    assert {choice.value: choice.goes_with for choice in state.choices} == {
        f"S{number}": frozenset(f"C{place}" for place in places) for number, places in enumerate(picked)
    }
    country = fields["MailingCountryCode"]
    assert country.controller == ""
    assert country.choices == tuple(PicklistEntry(f"C{place}", f"C{place}") for place in range(size) if place % 3 > 0)


def test_one_code_may_be_two_states() -> None:
    """Each with the name it has in its country."""
    states = [option("WA", "gA==", label="Washington"), option("WA", "QA==", label="Western Australia")]
    fields = described(
        {"name": "MailingCountryCode", "picklistValues": [option("US"), option("AU")]},
        {"name": "MailingStateCode", "picklistValues": states, "controllerName": "MailingCountryCode"},
    )

    assert fields["MailingStateCode"].choices == (
        PicklistEntry("WA", "Washington", frozenset({"US"})),
        PicklistEntry("WA", "Western Australia", frozenset({"AU"})),
    )


def test_a_checkbox_may_control() -> None:
    """Its two places are false and true."""
    fields = described(
        {"name": "Flag__c", "type": "boolean"},
        {"name": "X__c", "controllerName": "Flag__c", "picklistValues": [option("no", "gAAA"), option("yes", "QAAA")]},
    )

    goes_with = {choice.value: choice.goes_with for choice in fields["X__c"].choices}
    assert goes_with == {"no": frozenset({"false"}), "yes": frozenset({"true"})}


def test_a_bitmap_may_end_before_the_values_do() -> None:
    """What it has no bit for goes with nothing, however few bytes there are."""
    countries = [option(f"C{place}") for place in range(20)]
    states = [option("none", ""), option("first", bitmap({0}, 8)), option("ninth", bitmap({8}, 16))]
    fields = described(
        {"name": "MailingCountryCode", "picklistValues": countries},
        {"name": "MailingStateCode", "picklistValues": states, "controllerName": "MailingCountryCode"},
    )

    goes_with = {choice.value: choice.goes_with for choice in fields["MailingStateCode"].choices}
    assert goes_with == {"none": frozenset(), "first": frozenset({"C0"}), "ninth": frozenset({"C8"})}


def test_values_without_a_readable_bitmap_go_with_nothing() -> None:
    """And a value that is not active is none; a controller that is hidden has no values."""
    values = [option("a"), option("b", "%"), option("c", "wAAA"), option("d", "wAAA", active=False)]
    (field,) = described({"name": "X__c", "controllerName": "Hidden__c", "picklistValues": values}).values()

    assert field.choices == tuple(PicklistEntry(value, value) for value in "abc")


@pytest.mark.parametrize(("said", "counts"), [({}, True), ({"active": True}, True), ({"active": False}, False)])
def test_a_record_type_of_which_nothing_is_said_is_active(said: dict[str, Any], counts: bool) -> None:
    """Only what is said to be inactive is no choice."""
    told = {"developerName": "Shopper", "recordTypeId": "012000000000001", "available": True, **said}
    describe = _object("Contact", {"name": "Contact", "fields": [], "recordTypeInfos": [told]})

    assert [each.name for each in describe.record_types] == ["Shopper"] * counts
