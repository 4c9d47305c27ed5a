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


@pytest.mark.parametrize("code", sorted(TABLE))
@pytest.mark.parametrize("key", ["statusCode", "errorCode"])
def test_both_spellings_of_the_code_are_read(code: str, key: str) -> None:
    """Collections say statusCode, other resources errorCode."""
    fault = fault_of([entry(code, key=key)])

    assert (code, TABLE[code].recovery) == (fault.code, fault.recovery)


def test_an_unknown_code_holds() -> None:
    """Nothing is guessed about it, and nothing is lost."""
    fault = fault_of([entry("BRAND_NEW")])

    assert (fault.recovery, fault.reason) == (Recovery.HOLD, Reason.REFUSED)
    assert Recovery.HOLD is fault_of([]).recovery


def test_the_gravest_of_several_decides() -> None:
    """And all fields are named."""
    fault = fault_of([entry("UNABLE_TO_LOCK_ROW", fields=["A"]), entry("STRING_TOO_LONG", fields=["B", "A"])])

    assert (fault.recovery, fault.fields) == (Recovery.HOLD, ("A", "B"))


@pytest.mark.parametrize("key", ["duplicateResut", "duplicateResult"])
def test_duplicate_rules_name_the_record_in_either_spelling(key: str) -> None:
    """The vendor misspells it; both are met."""
    details = {"matchResults": [{"matchRecords": [{"record": {"Id": "003000000000001AAA"}}]}]}
    fault = fault_of([entry("DUPLICATES_DETECTED", **{key: details})])

    assert (fault.recovery, fault.existing) == (Recovery.RETRY, ("003000000000001AAA",))


@pytest.mark.parametrize("record_id", ["0018M000003uKqq", "0018M000003uKqqQAC"])
def test_duplicate_values_name_the_record_in_either_length(record_id: str) -> None:
    """15 characters in older reports, 18 in newer."""
    message = f"duplicate value found: Key__c duplicates value on record with id: {record_id}"

    assert (record_id,) == fault_of([entry("DUPLICATE_VALUE", message)]).existing


def test_a_missing_parent_waits() -> None:
    """The same code as a missing field, told apart by its text."""
    waits = fault_of([entry("INVALID_FIELD", "Foreign key external ID: 0116 not found for field X in entity Y")])
    stops = fault_of([entry("INVALID_FIELD", "No such column 'x' on sobject of type Y")])

    assert (waits.recovery, waits.reason) == (Recovery.HOLD, Reason.PARENT_MISSING)
    assert Recovery.STOP is stops.recovery


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
