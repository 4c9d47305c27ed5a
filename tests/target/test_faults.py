"""THE TABLE: what Salesforce's codes do to a row."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from target_salesforce_retail.nouns import Reason, Recovery
from target_salesforce_retail.org.faults import TABLE, fault_of


def entry(code: str, message: str = "", key: str = "statusCode", **more: Any) -> dict[str, Any]:
    return {key: code, "message": message, "fields": [], **more}


MUST: dict[tuple[Recovery, Reason], str] = {
    # Time cures it
    (Recovery.RETRY, Reason.LOCKED): (
        "UNABLE_TO_LOCK_ROW UNABLE_TO_LOCK_RECORD TOO_MANY_APEX_REQUESTS REQUEST_RUNNING_TOO_LONG QUERY_TIMEOUT "
        "REQUEST_TIMEOUT_OR_CONFLICT SERVER_UNAVAILABLE SERVICE_UNAVAILABLE FUNCTIONALITY_TEMPORARILY_UNAVAILABLE "
        "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE"
    ),
    # Another row's fault, or nobody's
    (Recovery.RETRY, Reason.REFUSED): (
        "UNKNOWN_EXCEPTION ALL_OR_NONE_OPERATION_ROLLED_BACK PROCESSING_HALTED BATCH_PROCESSING_HALTED"
    ),
    # The org is not as it was when it was asked
    (Recovery.RETRY, Reason.KEY_NOT_UNIQUE): "DUPLICATE_VALUE",
    (Recovery.RETRY, Reason.DUPLICATE_RULE): "DUPLICATES_DETECTED",
    (Recovery.RETRY, Reason.GONE): "ENTITY_IS_DELETED NOT_FOUND",
    (Recovery.RETRY, Reason.CONVERTED): "CANNOT_UPDATE_CONVERTED_LEAD",
    (Recovery.RETRY, Reason.ID_REFUSED): "INVALID_CROSS_REFERENCE_KEY",
    # A person mends the row
    (Recovery.HOLD, Reason.KEY_NOT_UNIQUE): "DUPLICATE_EXTERNAL_ID",
    (Recovery.HOLD, Reason.FIELD_REQUIRED): "REQUIRED_FIELD_MISSING",
    (Recovery.HOLD, Reason.RULE_BROKEN): (
        "FIELD_CUSTOM_VALIDATION_EXCEPTION FIELD_FILTER_VALIDATION_EXCEPTION CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"
    ),
    (Recovery.HOLD, Reason.VALUE_REFUSED): (
        "FIELD_INTEGRITY_EXCEPTION INVALID_EMAIL_ADDRESS STRING_TOO_LONG INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST "
        "NUMBER_OUTSIDE_VALID_RANGE INVALID_TYPE_ON_FIELD_IN_RECORD MALFORMED_ID JSON_PARSER_ERROR "
        "STANDARD_PRICE_NOT_DEFINED INVALID_CURRENCY_ISO INVALID_FIELD"
    ),
    (Recovery.HOLD, Reason.PERSON_ACCOUNT): "INVALID_PERSON_ACCOUNT_OPERATION",
    (Recovery.HOLD, Reason.NOT_ALLOWED): (
        "INSUFFICIENT_ACCESS_OR_READONLY INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY INSUFFICIENT_ACCESS "
        "INVALID_TYPE INVALID_TYPE_FOR_OPERATION INVALID_FIELD_FOR_INSERT_UPDATE"
    ),
    # No row's
    (Recovery.STOP, Reason.NOT_ALLOWED): "API_DISABLED_FOR_ORG STORAGE_LIMIT_EXCEEDED REQUEST_LIMIT_EXCEEDED",
}
"""By hand, from what the vendor says of its codes."""
SETUP = {
    "INVALID_FIELD",
    "INVALID_TYPE",
    "INVALID_TYPE_FOR_OPERATION",
    "INVALID_FIELD_FOR_INSERT_UPDATE",
    "INSUFFICIENT_ACCESS",
}
"""A row's or the set-up's: judged over the write."""
CASES = [(code, verdict) for verdict, codes in MUST.items() for code in codes.split()]


@pytest.mark.parametrize(("code", "verdict"), CASES)
@pytest.mark.parametrize("key", ["statusCode", "errorCode"])
def test_what_each_code_does(code: str, verdict: tuple[Recovery, Reason], key: str) -> None:
    """Collections say statusCode, other resources errorCode."""
    fault = fault_of([entry(code, key=key)])

    assert (code, verdict) == (fault.code, (fault.recovery, fault.reason))
    assert (fault.candidates, fault.may_allow, fault.setup) == ((), False, code in SETUP)


def test_no_code_is_in_the_table_unseen() -> None:
    """Whoever adds a row says here what it must do."""
    assert {code for code, _ in CASES} == set(TABLE)


def test_an_unknown_code_holds() -> None:
    """Nothing is guessed about it, and nothing is lost."""
    fault = fault_of([entry("BRAND_NEW")])

    assert (fault.recovery, fault.reason) == (Recovery.HOLD, Reason.REFUSED)
    assert Recovery.HOLD is fault_of([]).recovery


def test_the_gravest_of_several_decides() -> None:
    """And all fields are named."""
    fault = fault_of([entry("UNABLE_TO_LOCK_ROW", fields=["A"]), entry("STRING_TOO_LONG", fields=["B", "A"])])

    assert (fault.recovery, fault.fields) == (Recovery.HOLD, ("A", "B"))


@pytest.mark.parametrize(
    ("codes", "decides"),
    [
        (["DUPLICATES_DETECTED", "STRING_TOO_LONG"], "STRING_TOO_LONG"),
        (["INVALID_FIELD", "DUPLICATES_DETECTED"], "INVALID_FIELD"),
        (["DUPLICATES_DETECTED", "UNABLE_TO_LOCK_ROW"], "DUPLICATES_DETECTED"),
        (["INVALID_FIELD", "STORAGE_LIMIT_EXCEEDED"], "STORAGE_LIMIT_EXCEEDED"),
        (["STRING_TOO_LONG", "INVALID_FIELD", "ENTITY_IS_DELETED"], "INVALID_FIELD"),
    ],
)
def test_stop_outranks_hold_outranks_retry(codes: list[str], decides: str) -> None:
    """Of holds what may be the set-up's, of equals the first; a duplicate rule in company is not all in the way."""
    fault = fault_of([detected("003000000000001AAA") if code.startswith("DUPLI") else entry(code) for code in codes])

    assert (fault.code, fault.may_allow) == (decides, False)


def detected(*ids: str, key: str = "duplicateResut", allow: Any = True) -> dict[str, Any]:
    """An entry as a duplicate rule gives it: a match result for each id."""
    results = [{"matchRecords": [{"record": {"Id": record_id}}]} for record_id in ids]
    return entry("DUPLICATES_DETECTED", **{key: {"allowSave": allow, "matchResults": results}})


@pytest.mark.parametrize("key", ["duplicateResut", "duplicateResult"])
def test_duplicate_rules_name_every_record_in_either_spelling(key: str) -> None:
    """The vendor misspells it; both are met. Each once, of all match results."""
    one, two, three = (f"00{kind}000000000001AAA" for kind in "31Q")
    fault = fault_of([detected(one, two, key=key), detected(two, three, key=key)])

    assert (fault.recovery, fault.reason) == (Recovery.RETRY, Reason.DUPLICATE_RULE)
    assert (fault.candidates, fault.may_allow) == ((one, two, three), True)


@pytest.mark.parametrize("second", [False, None, "true", 1])
def test_one_rule_that_blocks_is_enough(second: Any) -> None:
    """Only where every rule says outright that it only warns may the row be saved over it."""
    assert not fault_of([detected("003000000000001AAA"), detected("003000000000002AAA", allow=second)]).may_allow


@pytest.mark.parametrize(
    "details",
    [
        None,
        "text",
        {},
        {"allowSave": True},
        {"allowSave": True, "matchResults": None},
        {"allowSave": True, "matchResults": [{}]},
        {"allowSave": True, "matchResults": [{"matchRecords": [{"record": None}]}]},
        {"allowSave": True, "matchResults": [{"matchRecords": [{"record": {"Id": "003000000000001AAA"}}, {}]}]},
        {"matchResults": [{"matchRecords": [{"record": {"Id": "003000000000001AAA"}}]}]},
    ],
)
def test_half_a_structure_says_nothing(details: Any) -> None:
    """No guesses about who it is, nor about whether it may be saved."""
    fault = fault_of([entry("DUPLICATES_DETECTED", duplicateResut=details)])

    assert (fault.code, fault.candidates, fault.may_allow) == ("DUPLICATES_DETECTED", (), False)


def taken(field: str, record_id: str = "0018M000003uKqq") -> dict[str, Any]:
    message = f"duplicate value found: {field} duplicates value on record with id: {record_id}"
    return entry("DUPLICATE_VALUE", message)


@pytest.mark.parametrize("record_id", ["0018M000003uKqq", "0018M000003uKqqQAC"])
def test_a_value_that_another_has_is_a_conflict(record_id: str) -> None:
    """In a field that is not our key. 15 characters in older reports, 18 in newer."""
    fault = fault_of([taken("Loyalty__c", record_id)], "Key__c")

    assert (fault.recovery, fault.reason) == (Recovery.HOLD, Reason.VALUE_TAKEN)
    assert (fault.fields, fault.candidates) == (("Loyalty__c",), (record_id,))


@pytest.mark.parametrize("key_field", ["Key__c", "KEY__c"])
def test_our_own_key_that_is_there_already_is_a_race(key_field: str) -> None:
    """Somebody created the record since we looked: it is this record."""
    fault = fault_of([taken("Key__c")], key_field)

    assert (fault.recovery, fault.reason) == (Recovery.RETRY, Reason.KEY_NOT_UNIQUE)
    assert fault.candidates == ("0018M000003uKqq",)


def test_a_conflict_beside_a_race_is_a_conflict() -> None:
    """The record that has our key does not answer for the other."""
    fault = fault_of([taken("Key__c", "003000000000001"), taken("Loyalty__c", "003000000000002")], "Key__c")

    assert (fault.reason, fault.fields, fault.candidates) == (Reason.VALUE_TAKEN, ("Loyalty__c",), ("003000000000002",))


@pytest.mark.parametrize(
    "message",
    [
        "This price definition already exists in this price book",
        "duplicate value found: <unknown> duplicates value on record with id: <unknown>",
        "doppelter Wert gefunden: Loyalty__c auf Datensatz 0018M000003uKqq",
        "",
    ],
)
def test_where_the_field_is_not_said_the_org_is_asked_anew(message: str) -> None:
    """Messages come in the user's language."""
    fault = fault_of([entry("DUPLICATE_VALUE", message)], "Key__c")

    assert (fault.recovery, fault.candidates) == (Recovery.RETRY, ())


def test_too_many_calls_at_once_pass_and_the_end_of_the_day_does_not() -> None:
    """The same code, told apart by its text."""
    many = fault_of([entry("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.")])
    spent = fault_of([entry("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")])

    assert (many.reason, spent.recovery) == (Reason.LOCKED, Recovery.STOP)


def test_a_missing_parent_waits() -> None:
    """The same code as a missing field, told apart by its text; the set-up has no part in it."""
    waits = fault_of([entry("INVALID_FIELD", "Foreign key external ID: 0116 not found for field X in entity Y")])
    lacks = fault_of([entry("INVALID_FIELD", "No such column 'x' on sobject of type Y")])

    assert (waits.recovery, waits.reason, waits.setup) == (Recovery.HOLD, Reason.PARENT_MISSING, False)
    assert lacks.setup


def test_a_lock_inside_a_triggers_error_is_a_lock() -> None:
    """Worth another attempt."""
    fault = fault_of([entry("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "x: UNABLE_TO_LOCK_ROW, unable to obtain")])

    assert Reason.LOCKED is fault.reason


@pytest.mark.recorded
def test_every_recorded_error_body_has_a_row_or_holds(recorded: Path) -> None:
    """No body that a real org has said is read wrongly."""
    bodies = json.loads((recorded / "salesforce" / "error_bodies.json").read_text())
    read = 0
    for case in bodies:
        errors = case["body"] if isinstance(case["body"], list) else []
        errors = [each for each in errors if isinstance(each, dict)]
        errors = [error for each in errors for error in each.get("errors", [each])]
        known = [each for each in errors if each.get("statusCode") or each.get("errorCode")]
        if known:
            fault = fault_of(known)
            read += 1
            assert fault.code in {each.get("statusCode") or each.get("errorCode") for each in known}, case["name"]
    assert read > 10
