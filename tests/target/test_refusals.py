"""Writes that are refused: only the culprit stays out, only what no row escapes stops."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from target_salesforce_retail.errors import OrgBusy, OrgRefused
from target_salesforce_retail.nouns import Reason, Recovery, Result
from target_salesforce_retail.org.collections import ATTEMPTS, ENOUGH
from target_salesforce_retail.org.ids import long_id
from target_salesforce_retail.org.live import LiveOrg

from sandbox.serve import Box
from sandbox.weather import Gust
from tests.lanes import examples
from tests.target.wire import Wire, duplicate_rule

KEY = "Lightspeed_Key__c"
NONE: dict[str, None] = {}
ASSIGN, DUPLICATES = "Sforce-Auto-Assign", "Sforce-Duplicate-Rule-Header"


def rows(count: int, bad: Collection[int] = (), **more: Any) -> list[dict[str, Any]]:
    return [{KEY: f"1:{each}", "LastName": "spoils" if each in bad else f"L{each}", **more} for each in range(count)]


def spoiled(request: dict[str, Any]) -> bool:
    return "spoils" in str(request.get("body"))


def writes(request: dict[str, Any]) -> bool:
    return request["method"] != "GET"


def codes(results: list[Result]) -> dict[int, str]:
    return {place: result.fault.code for place, result in enumerate(results) if result.fault}


# -- headers ------------------------------------------------------------------------------------------------------


def test_no_write_runs_the_assignment_rules(org: LiveOrg, wire: Wire) -> None:
    """On the call and on every request in it: a request takes no such header from its call."""
    org.describe(["Contact"])
    created = [str(result.id) for result in org.upsert("Contact", KEY, rows(2))]
    org.update("Contact", KEY, [(created[0], {"FirstName": "A"}, NONE)])
    org.update("Contact", KEY, [(created[1], {"Phone": "1"}, {"Phone": None})])
    org.delete("Contact", created)

    assert [headers.get(ASSIGN) for headers, _ in wire.sent] == [None, *["FALSE"] * 4]
    writes = [each for each in wire.requests if each["method"] != "GET"]
    assert [each["httpHeaders"] for each in writes] == [{ASSIGN: "FALSE"}] * 4
    assert not any(DUPLICATES in headers for headers, _ in wire.sent)


@pytest.mark.parametrize("action", ["alert", "block"])
def test_duplicates_are_allowed_only_where_asked_and_only_over_an_alert(
    org: LiveOrg, box: Box, wire: Wire, action: str
) -> None:
    """Else the row comes back with whom it looks like, and whether it may be allowed."""
    known = box.org.insert_as_user("Contact", {"LastName": "Ann", "Email": "ann@x.org"})
    duplicate_rule(box, "Contact", "Email", action)
    (row,) = rows(1, Email="ann@x.org")

    (refused,) = org.upsert("Contact", KEY, [row])
    (allowed,) = org.upsert("Contact", KEY, [row], allow_duplicates=True)

    assert refused.fault is not None
    assert (refused.fault.recovery, refused.fault.reason) == (Recovery.RETRY, Reason.DUPLICATE_RULE)
    assert (refused.fault.candidates, refused.fault.may_allow) == ((known,), action == "alert")
    assert (allowed.fault is None, allowed.created) == (action == "alert", action == "alert")
    assert wire.sent[-1][0][DUPLICATES] == "allowSave=true"


def test_updates_may_be_allowed_too(org: LiveOrg, box: Box) -> None:
    """Guarded or not."""
    box.org.insert_as_user("Contact", {"LastName": "Ann", "Email": "ann@x.org"})
    twin = box.org.insert_as_user("Contact", {"LastName": "Bob"})
    duplicate_rule(box, "Contact", "Email", "alert")

    for blanks in (NONE, {"Email": None}):
        (refused,) = org.update("Contact", KEY, [(twin, {"Email": "ann@x.org"}, blanks)])
        (allowed,) = org.update("Contact", KEY, [(twin, {"Email": "ann@x.org"}, blanks)], allow_duplicates=True)
        assert (codes([refused]), allowed) == ({0: "DUPLICATES_DETECTED"}, Result(twin))
        box.org.edit_as_user("Contact", twin, {"Email": None})


# -- whole requests -----------------------------------------------------------------------------------------------


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(30))
@given(st.sets(st.integers(0, 15), max_size=15))
def test_only_what_is_refused_alone_keeps_its_fault(org: LiveOrg, box: Box, wire: Wire, bad: set[int]) -> None:
    """Whoever they are, and however many: the others are in, in their order."""
    box.org.reset()
    wire.refuse = lambda each: (400, "INVALID_FIELD") if spoiled(each) else None

    results = org.upsert("Contact", KEY, rows(16, bad))

    assert codes(results) == dict.fromkeys(sorted(bad), "INVALID_FIELD")
    names = [box.org.tables["Contact"][str(each.id)]["LastName"] for each in results if not each.fault]
    assert names == [f"L{place}" for place in range(16) if place not in bad]


def test_a_culprit_among_many_is_found_in_few_calls(org: LiveOrg, wire: Wire) -> None:
    """Halves of the refused request only, and both in one call."""
    wire.refuse = lambda each: (400, "JSON_PARSER_ERROR") if spoiled(each) else None

    results = org.upsert("Contact", KEY, rows(1000, {777}))

    assert codes(results) == {777: "JSON_PARSER_ERROR"}
    assert results[777].fault is not None
    assert results[777].fault.recovery is Recovery.HOLD
    assert len(wire.sent) <= 1 + 8


@pytest.mark.parametrize("count", [2, 3, 201])
def test_what_no_row_escapes_stops(org: LiveOrg, wire: Wire, count: int) -> None:
    """A few are refused alone, with one code of the set-up, and nothing goes in: not all have to be tried alone."""
    wire.refuse = lambda each: (400, "INVALID_FIELD") if writes(each) else None

    with pytest.raises(OrgRefused, match="no row of Contact was taken"):
        org.upsert("Contact", KEY, rows(count))
    assert len(wire.sent) <= 13


def test_a_guarded_row_is_judged_with_the_others(org: LiveOrg, box: Box, wire: Wire) -> None:
    """It travels apart, but it is not alone."""
    ann, bob = (box.org.insert_as_user("Contact", {"LastName": name}) for name in ("Ann", "Bob"))
    wire.refuse = lambda each: (400, "INVALID_FIELD") if spoiled(each) else None

    results = org.update("Contact", KEY, [(ann, {"FirstName": "A"}, NONE), (bob, {"Phone": "spoils"}, {"Phone": None})])

    assert codes(results) == {1: "INVALID_FIELD"}


def test_refusals_that_hold_do_not_stop_though_all_meet_them(org: LiveOrg, wire: Wire) -> None:
    """A person can mend each of them."""
    wire.refuse = lambda _: (400, "JSON_PARSER_ERROR")

    assert len(codes(org.upsert("Contact", KEY, rows(3)))) == 3


@pytest.mark.parametrize("code", ["STORAGE_LIMIT_EXCEEDED", "API_DISABLED_FOR_ORG", "REQUEST_LIMIT_EXCEEDED"])
def test_what_says_nothing_of_any_row_stops_at_once(org: LiveOrg, wire: Wire, code: str) -> None:
    """Halves would cost calls and fare no better."""
    wire.refuse = lambda _: (403, code)

    with pytest.raises(OrgRefused) as raised:
        org.upsert("Contact", KEY, rows(200))

    assert str(raised.value) == (
        f"composite/sobjects: Salesforce refused a whole request: {code}. "
        "Check the org's storage, its API access and its limits. Nothing of the batch is acknowledged."
    )
    assert len(wire.sent) == 1


@pytest.mark.parametrize("trouble", [(500, "UNKNOWN_EXCEPTION"), (400, "UNABLE_TO_LOCK_ROW"), (503, "X")])
def test_a_request_that_fails_in_passing_is_sent_again_whole(
    org: LiveOrg, wire: Wire, trouble: tuple[int, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a pause, and not in halves."""
    pauses: list[int] = []
    monkeypatch.setattr(org._session, "pause", pauses.append)
    wire.refuse = lambda _: trouble if len(wire.sent) < 3 else None

    results = org.upsert("Contact", KEY, rows(150))

    assert not codes(results)
    assert {result.repeated for result in results} == {trouble[1] != "UNABLE_TO_LOCK_ROW"}
    assert [len(each) for each in wire.rows] == [150, 150, 150]
    assert pauses == [0, 1]


@pytest.mark.parametrize("trouble", [(500, "UNKNOWN_EXCEPTION"), (503, "X")])
@pytest.mark.parametrize("bad", [{3}, {0, 449}, set(range(200))], ids=["one", "two", "whole"])
def test_a_request_that_one_row_makes_fail_each_time_is_halved(
    org: LiveOrg, box: Box, wire: Wire, trouble: tuple[int, str], bad: set[int]
) -> None:
    """After the attempts, so that its neighbours go in; what a lock says is the row's own and waits as it is."""
    wire.refuse = lambda request: trouble if "spoils" in str(request) else None

    results = org.upsert("Contact", KEY, rows(450, bad))

    assert codes(results) == dict.fromkeys(sorted(bad), trouble[1])
    assert {each.fault.reason for each in results if each.fault} == {Reason.UNANSWERED}
    assert len(box.org.tables["Contact"]) == 450 - len(bad)


@pytest.mark.parametrize("count", [1, 3, 200])
def test_requests_of_which_none_is_answered_are_no_row_s(org: LiveOrg, wire: Wire, count: int) -> None:
    """A few rows alone speak for all; whether the org is well is asked by whoever can send less."""
    wire.refuse = lambda request: (500, "UNKNOWN_EXCEPTION") if writes(request) else None

    with pytest.raises(OrgBusy, match="UNKNOWN_EXCEPTION"):
        org.upsert("Contact", KEY, rows(count))

    assert len(wire.sent) <= ATTEMPTS + 2 * 8 + ENOUGH


@pytest.mark.parametrize(
    ("field", "recovery", "reason"),
    [(KEY, Recovery.RETRY, Reason.KEY_NOT_UNIQUE), ("Loyalty__c", Recovery.HOLD, Reason.VALUE_TAKEN)],
)
def test_a_whole_request_too_may_meet_our_key_or_a_value_of_another(
    org: LiveOrg, wire: Wire, field: str, recovery: Recovery, reason: Reason
) -> None:
    """The one is a race, to be looked up again; the other a person has to settle."""
    said = f"duplicate value found: {field} duplicates value on record with id: 003000000000001"
    wire.refuse = lambda each: (400, "DUPLICATE_VALUE", said) if writes(each) else None

    (result,) = org.upsert("Contact", KEY, rows(1))

    assert result.fault is not None
    assert (result.fault.recovery, result.fault.reason) == (recovery, reason)


def test_too_many_calls_at_once_pass_for_a_whole_request_too(org: LiveOrg, wire: Wire) -> None:
    """By its text alone is it told from the end of the day; and what does not pass waits for the next run."""
    said = "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
    wire.refuse = lambda each: (403, "REQUEST_LIMIT_EXCEEDED", said) if writes(each) else None

    assert {each.fault and each.fault.reason for each in org.upsert("Contact", KEY, rows(3))} == {Reason.LOCKED}


# -- a call that could not even be read ---------------------------------------------------------------------------


@pytest.mark.parametrize("bad", [{3}, {0, 11}, {5, 6, 450}])
def test_a_value_that_spoils_the_whole_call_takes_nobody_down(
    org: LiveOrg, box: Box, wire: Wire, bad: set[int]
) -> None:
    """One request to a call, then halves, until it is alone."""
    wire.unread = lambda text: "spoils" in text

    results = org.upsert("Contact", KEY, rows(460, bad))

    assert codes(results) == dict.fromkeys(sorted(bad), "JSON_PARSER_ERROR")
    assert len(box.org.tables["Contact"]) == 460 - len(bad)


def test_who_shared_the_call_is_not_refused_for_it(org: LiveOrg, wire: Wire) -> None:
    """A request of a single row beside one that is spoiled; and halves are not sent together in vain."""
    wire.unread = lambda text: "spoils" in text

    assert codes(org.upsert("Contact", KEY, rows(201, {3}))) == {3: "JSON_PARSER_ERROR"}
    assert len(wire.sent) <= 1 + 2 + 2 * 8


def test_half_an_emoji_takes_nobody_down(org: LiveOrg, box: Box) -> None:
    """Whatever the org makes of that row itself."""
    results = org.upsert("Contact", KEY, [*rows(2), {KEY: "1:9", "LastName": "half \ud83d"}])

    assert [result.fault for result in results[:2]] == [None, None]


def test_any_other_refusal_of_a_call_is_nobodys(org: LiveOrg, wire: Wire) -> None:
    """It stops, with its code."""
    wire.answers = [(400, [{"errorCode": "LIMIT_EXCEEDED", "message": "secret words"}])]

    with pytest.raises(OrgRefused) as raised:
        org.upsert("Contact", KEY, rows(2))

    assert str(raised.value) == (
        "composite: Salesforce refused a composite call: 400 LIMIT_EXCEEDED. "
        "Check api_version, the permission set and the org's limits."
    )


PART = {"referenceId": "r0", "httpStatusCode": 200}


@pytest.mark.parametrize(
    "body",
    [
        {"x": 1},
        {"compositeResponse": [{**PART, "body": None}]},
        {"compositeResponse": [{**PART, "body": []}]},
        {"compositeResponse": [{**PART, "body": [{"success": True, "id": "x"}] * 3}]},
        {"compositeResponse": [{**PART, "body": [7, 7]}]},
        {"compositeResponse": [{**PART, "body": [{"success": True}, {"success": True}]}]},
    ],
)
def test_what_is_no_result_acknowledges_nothing(org: LiveOrg, wire: Wire, body: Any) -> None:
    """One sentence, and the next run sends it again."""
    wire.answers = [(200, body)]

    with pytest.raises(OrgRefused):
        org.upsert("Contact", KEY, rows(2))


@pytest.mark.parametrize("fault", ["200-error", "REQUEST_RUNNING_TOO_LONG"])
def test_an_answer_that_got_lost_on_the_way_is_asked_for_again(org: LiveOrg, box: Box, fault: str) -> None:
    """The rows are there once."""
    box.weather_s.plan([Gust(fault, path="*/composite", commit=True)])

    assert not codes(org.upsert("Contact", KEY, rows(2)))
    assert len(box.org.tables["Contact"]) == 2
    box.weather_s.plan([Gust(fault, path="*/composite", times=99)])
    with pytest.raises(OrgBusy):
        org.upsert("Contact", KEY, rows(2))


# -- single rows --------------------------------------------------------------------------------------------------


def test_one_record_without_access_is_one_row(org: LiveOrg, box: Box) -> None:
    """Private sharing or an approval, not the set-up."""
    box.weather_s.plan([Gust("INSUFFICIENT_ACCESS_OR_READONLY", rows="L1")])

    results = org.upsert("Contact", KEY, rows(3))

    assert codes(results) == {1: "INSUFFICIENT_ACCESS_OR_READONLY"}
    assert results[1].fault is not None
    assert (results[1].fault.recovery, results[1].fault.reason) == (Recovery.HOLD, Reason.NOT_ALLOWED)


def test_a_lock_inside_a_triggers_text_is_waited_out(org: LiveOrg, box: Box) -> None:
    """The code is the trigger's, the fault is the lock's."""
    box.weather_s.plan([Gust("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", rows="L1", times=2)])

    assert not codes(org.upsert("Contact", KEY, rows(3)))


def test_a_value_that_must_be_unique_is_told_from_our_key(org: LiveOrg) -> None:
    """The same answer of the org means a race in the one field and a conflict in the other."""
    first, second = (str(result.id) for result in org.upsert("Contact", KEY, rows(2)))

    (race,) = org.update("Contact", KEY, [(second, {KEY: "1:0"}, NONE)])
    (conflict,) = org.update("Contact", "Other__c", [(second, {KEY: "1:0"}, NONE)])

    assert race.fault is not None
    assert conflict.fault is not None
    assert (race.fault.recovery, conflict.fault.recovery) == (Recovery.RETRY, Recovery.HOLD)
    assert (conflict.fault.reason, conflict.fault.fields) == (Reason.VALUE_TAKEN, (KEY,))
    assert {each[:15] for each in conflict.fault.candidates} == {first[:15]}


def test_an_id_twice_is_the_callers_mistake(org: LiveOrg, box: Box) -> None:
    """In either length."""
    ann = box.org.insert_as_user("Contact", {"LastName": "Ann"})

    for other in (ann, ann[:15]):
        with pytest.raises(ValueError, match="twice"):
            org.update("Contact", KEY, [(ann, {"FirstName": "A"}, NONE), (other, {"FirstName": "B"}, NONE)])


def test_nothing_to_send_is_no_call(org: LiveOrg, wire: Wire) -> None:
    """Nor a stop."""
    org.describe(["Contact"])
    wire.sent.clear()

    assert [org.upsert("Contact", KEY, []), org.update("Contact", KEY, []), org.delete("Contact", [])] == [[], [], []]
    assert not wire.sent


# -- ids ----------------------------------------------------------------------------------------------------------


def test_what_is_no_id_never_stands_in_a_url(org: LiveOrg, box: Box, wire: Wire) -> None:
    """Ids come from ledgers and messages too: such a row is refused here, and the others go."""
    ann = box.org.insert_as_user("Contact", {"LastName": "Ann"})
    bob = box.org.insert_as_user("Contact", {"LastName": "Bob"})

    results = org.delete("Contact", [ann, f"{bob}&allOrNone=true", f"{bob},{ann}", "", "../x", bob])

    assert codes(results) == dict.fromkeys(range(1, 5), "MALFORMED_ID")
    assert [result.id for result in results] == [ann, None, None, None, None, bob]
    assert [each["url"].count("=") for each in wire.requests] == [2]


@pytest.mark.parametrize("other", [str.upper, str.lower, lambda each: each[:15]])
def test_one_record_in_two_forms_is_the_callers_mistake(org: LiveOrg, box: Box, wire: Wire, other: Any) -> None:
    """Longer or shorter, in whatever case; two that differ in case alone are two where their ends say so."""
    one, two = long_id("0035e0000000aaA"), long_id("0035e0000000aAA")

    with pytest.raises(ValueError, match="twice"):
        org.update("Contact", KEY, [(one, {"FirstName": "A"}, NONE), (other(one), {"FirstName": "B"}, NONE)])
    for spelled in ((one[:15], two[:15]), (one, two)):
        assert len(org.update("Contact", KEY, [(each, {"FirstName": "A"}, NONE) for each in spelled])) == 2
