"""THE TABLE: what each of Salesforce's codes does to a row. Retry, hold or stop.

One hold need not be: of values that were refused by name, and that the mapping can do without, a row goes again
without them (``deliver.can_omit``).

Stop is for what can be no row's, at once. Codes that speak of fields, objects and rights come for single rows too: a
value that cannot be read is ``INVALID_FIELD`` as is a field that was taken away. They hold their row, unless ``judge``
finds that no row could escape them; the table marks them with ``setup``.

Source: docs/vendors/salesforce.md, faults, unique values, duplicate rules. Messages carry labels in the
user's language, so only codes decide, except for the four texts that ``_rule_of`` and ``_taken`` look for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from target_salesforce_retail.nouns import Fault, Reason, Recovery


@dataclass(frozen=True)
class FaultRule:
    """A row of the table. ``setup`` marks what may be no row's: see ``judge``."""

    recovery: Recovery
    reason: Reason
    setup: bool = False


RETRY, HOLD, STOP = Recovery.RETRY, Recovery.HOLD, Recovery.STOP

TABLE: Mapping[str, FaultRule] = {
    # Waited out in org/; what is left after that goes through match again, and is held as locked at last
    "UNABLE_TO_LOCK_ROW": FaultRule(RETRY, Reason.LOCKED),
    "UNABLE_TO_LOCK_RECORD": FaultRule(RETRY, Reason.LOCKED),
    "TOO_MANY_APEX_REQUESTS": FaultRule(RETRY, Reason.LOCKED),
    "REQUEST_RUNNING_TOO_LONG": FaultRule(RETRY, Reason.LOCKED),
    "REQUEST_TIMEOUT_OR_CONFLICT": FaultRule(RETRY, Reason.LOCKED),
    "QUERY_TIMEOUT": FaultRule(RETRY, Reason.LOCKED),
    "FUNCTIONALITY_TEMPORARILY_UNAVAILABLE": FaultRule(RETRY, Reason.LOCKED),
    "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE": FaultRule(RETRY, Reason.LOCKED),
    "SERVER_UNAVAILABLE": FaultRule(RETRY, Reason.LOCKED),
    "SERVICE_UNAVAILABLE": FaultRule(RETRY, Reason.LOCKED),
    "UNKNOWN_EXCEPTION": FaultRule(RETRY, Reason.REFUSED),
    # Only the culprit is at fault; sent again alone
    "ALL_OR_NONE_OPERATION_ROLLED_BACK": FaultRule(RETRY, Reason.REFUSED),
    "PROCESSING_HALTED": FaultRule(RETRY, Reason.REFUSED),
    "BATCH_PROCESSING_HALTED": FaultRule(RETRY, Reason.REFUSED),
    # There already, or gone: ask the org anew. A value that is taken in another field than our key is held instead
    "DUPLICATE_VALUE": FaultRule(RETRY, Reason.KEY_NOT_UNIQUE),
    "DUPLICATES_DETECTED": FaultRule(RETRY, Reason.DUPLICATE_RULE),
    "ENTITY_IS_DELETED": FaultRule(RETRY, Reason.GONE),
    "NOT_FOUND": FaultRule(RETRY, Reason.GONE),
    "INVALID_CROSS_REFERENCE_KEY": FaultRule(RETRY, Reason.ID_REFUSED),
    "CANNOT_UPDATE_CONVERTED_LEAD": FaultRule(RETRY, Reason.CONVERTED),
    # The data: a person decides
    "DUPLICATE_EXTERNAL_ID": FaultRule(HOLD, Reason.KEY_NOT_UNIQUE),
    "REQUIRED_FIELD_MISSING": FaultRule(HOLD, Reason.FIELD_REQUIRED),
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": FaultRule(HOLD, Reason.RULE_BROKEN),
    "FIELD_FILTER_VALIDATION_EXCEPTION": FaultRule(HOLD, Reason.RULE_BROKEN),
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": FaultRule(HOLD, Reason.RULE_BROKEN),
    "FIELD_INTEGRITY_EXCEPTION": FaultRule(HOLD, Reason.VALUE_REFUSED),
    "INVALID_EMAIL_ADDRESS": FaultRule(HOLD, Reason.VALUE_REFUSED),
    "STRING_TOO_LONG": FaultRule(HOLD, Reason.VALUE_REFUSED),
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": FaultRule(HOLD, Reason.VALUE_REFUSED),
    "INVALID_CURRENCY_ISO": FaultRule(HOLD, Reason.VALUE_REFUSED),
    "NUMBER_OUTSIDE_VALID_RANGE": FaultRule(HOLD, Reason.VALUE_REFUSED),
    "INVALID_TYPE_ON_FIELD_IN_RECORD": FaultRule(HOLD, Reason.VALUE_REFUSED),
    "MALFORMED_ID": FaultRule(HOLD, Reason.VALUE_REFUSED),
    "JSON_PARSER_ERROR": FaultRule(HOLD, Reason.VALUE_REFUSED),
    "STANDARD_PRICE_NOT_DEFINED": FaultRule(HOLD, Reason.VALUE_REFUSED),
    # One row: private sharing, an approval's lock, an inactive owner
    "INSUFFICIENT_ACCESS_OR_READONLY": FaultRule(HOLD, Reason.NOT_ALLOWED),
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": FaultRule(HOLD, Reason.NOT_ALLOWED),
    "INVALID_PERSON_ACCOUNT_OPERATION": FaultRule(HOLD, Reason.PERSON_ACCOUNT),
    # A value of the row, or the set-up: judged over the write
    "INVALID_FIELD": FaultRule(HOLD, Reason.VALUE_REFUSED, setup=True),
    "INVALID_TYPE": FaultRule(HOLD, Reason.NOT_ALLOWED, setup=True),
    "INVALID_TYPE_FOR_OPERATION": FaultRule(HOLD, Reason.NOT_ALLOWED, setup=True),
    "INVALID_FIELD_FOR_INSERT_UPDATE": FaultRule(HOLD, Reason.NOT_ALLOWED, setup=True),
    "INSUFFICIENT_ACCESS": FaultRule(HOLD, Reason.NOT_ALLOWED, setup=True),
    # No row's: no other would fare better
    "API_DISABLED_FOR_ORG": FaultRule(STOP, Reason.NOT_ALLOWED),
    "STORAGE_LIMIT_EXCEEDED": FaultRule(STOP, Reason.NOT_ALLOWED),
    "REQUEST_LIMIT_EXCEEDED": FaultRule(STOP, Reason.NOT_ALLOWED),
}
UNKNOWN = FaultRule(HOLD, Reason.REFUSED)
TAKEN = FaultRule(HOLD, Reason.VALUE_TAKEN)

TRANSIENT = frozenset({420, 429, 500, 502, 503, 504})
"""Statuses that time alone cures, whatever their body."""
SENT_ALONE = frozenset({"ALL_OR_NONE_OPERATION_ROLLED_BACK", "PROCESSING_HALTED", "BATCH_PROCESSING_HALTED"})
GRAVITY = (Recovery.RETRY, Recovery.HOLD, Recovery.STOP)
FOREIGN_KEY = "Foreign key external ID"
VALUE_TAKEN = re.compile(
    r"duplicate value found: (\w+) duplicates value on record with id: ([a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?)\b"
)
CODE = re.compile(r"[\w:.-]{1,100}")
Entry = Mapping[str, Any]


def fault_of(errors: Sequence[Entry], key_field: str = "") -> Fault:
    """What a refused row's error list means; of several entries the gravest decides.

    Args:
        errors: Entries as REST (``errorCode``) or as Collections (``statusCode``) give them.
        key_field: The external id that is written by: a value taken there is this record, and no conflict.
    """
    read = [(_code(error), error) for error in errors if isinstance(error, dict)] or [("UNKNOWN", {})]
    rules = [_rule_of(code, error, key_field) for code, error in read]
    gravest = max(range(len(read)), key=lambda each: (GRAVITY.index(rules[each].recovery), rules[each].setup))
    code, rule = read[gravest][0], rules[gravest]
    likewise = [error for each, (other, error) in zip(rules, read, strict=True) if (other, each) == (code, rule)]
    taken = [each for each in map(_taken, likewise) if each] if code == "DUPLICATE_VALUE" else []
    named = [name for _, error in read for name in _fields(error)]
    alike = [_look_alikes(error) for error in likewise] if code == "DUPLICATES_DETECTED" else []
    ids = [record_id for _, record_id in taken] + [each for found, _ in alike for each in found]
    return Fault(
        reason=rule.reason,
        recovery=rule.recovery,
        code=code,
        message="; ".join(str(entry.get("message", "")) for _, entry in read),
        fields=tuple(dict.fromkeys([field for field, _ in taken] + named)),
        candidates=tuple(dict.fromkeys(ids)),
        may_allow=len(alike) == len(read) and all(allowed for _, allowed in alike),
        setup=rule.setup,
    )


def passes(status: int, body: Any) -> bool:
    """True for an answer that is none and that time alone cures, be its status that of a success."""
    if status < 300:
        return is_error(body) and fault_of(body).recovery is RETRY
    return status in TRANSIENT or (is_error(body) and fault_passes(fault_of(body)))


def codes(body: Any) -> str:
    """Salesforce's codes in a body, without its words; a login gives them another name."""
    entries = body if isinstance(body, list) else [body]
    code = (each.get("errorCode", each.get("error")) for each in entries if isinstance(each, dict))
    return ", ".join(each for each in code if isinstance(each, str) and CODE.fullmatch(each))


def fault_passes(fault: Fault) -> bool:
    """True for a fault that is worth sending again as it is, after a pause."""
    return fault.reason is Reason.LOCKED


def is_error(body: Any) -> bool:
    """True for the list of entries that Salesforce gives in place of an answer."""
    return isinstance(body, list) and bool(body) and all(isinstance(each, dict) and _error_code(each) for each in body)


def _error_code(error: Entry) -> str | None:
    """The code; what is of another form is none, and might quote anything."""
    code = error.get("statusCode") or error.get("errorCode")
    return code if isinstance(code, str) and CODE.fullmatch(code) else None


def _code(error: Entry) -> str:
    return _error_code(error) or "UNKNOWN"


def _fields(error: Entry) -> list[str]:
    fields = error.get("fields")
    return [name for name in fields if isinstance(name, str)] if isinstance(fields, list) else []


def _rule_of(code: str, error: Entry, key_field: str) -> FaultRule:
    message = str(error.get("message", ""))
    if code == "INVALID_FIELD" and FOREIGN_KEY in message:
        return FaultRule(Recovery.HOLD, Reason.PARENT_MISSING)
    if code == "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY" and "UNABLE_TO_LOCK_ROW" in message:
        return TABLE["UNABLE_TO_LOCK_ROW"]
    if code == "REQUEST_LIMIT_EXCEEDED" and "Concurrent" in message:
        return TABLE["SERVER_UNAVAILABLE"]
    taken = _taken(error) if code == "DUPLICATE_VALUE" else None
    if taken and taken[0].lower() != key_field.lower():
        return TAKEN
    return TABLE.get(code, UNKNOWN)


def _taken(error: Entry) -> tuple[str, str] | None:
    """Which field has a value that must be unique, and which record has it already; None where it is not said."""
    found = VALUE_TAKEN.search(str(error.get("message", "")))
    return (found[1], found[2]) if found else None


def _look_alikes(error: Entry) -> tuple[list[str], bool]:
    """The records that a duplicate rule named, and whether it only warns.

    The vendor misspells ``duplicateResut``; both forms are met. Half a structure says nothing: no guesses.
    """
    details = error.get("duplicateResut") or error.get("duplicateResult")
    try:
        ids = [
            str(matched["record"]["Id"])
            for result in details["matchResults"]  # type: ignore[index]  # what is not there is caught
            for matched in result["matchRecords"]
        ]
        return ids, details["allowSave"] is True  # type: ignore[index]
    except (LookupError, TypeError):
        return [], False
