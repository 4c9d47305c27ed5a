"""THE TABLE: what each of Salesforce's codes does to a row. Retry, hold or stop; nothing else decides it.

Source: facts, Salesforce section 12 (classes of transience) and section 9 (duplicates). Messages carry labels in the
user's language, so only codes decide, except for the two texts named below.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from target_salesforce_retail.nouns import Fault, Reason, Recovery


@dataclass(frozen=True)
class Verdict:
    """A row of the table."""

    recovery: Recovery
    reason: Reason


RETRY, HOLD, STOP = Recovery.RETRY, Recovery.HOLD, Recovery.STOP

TABLE: Mapping[str, Verdict] = {
    # Waited out in org/write.py; what is left after that goes through match again, and is held as locked at last
    "UNABLE_TO_LOCK_ROW": Verdict(RETRY, Reason.LOCKED),
    "UNABLE_TO_LOCK_RECORD": Verdict(RETRY, Reason.LOCKED),
    "TOO_MANY_APEX_REQUESTS": Verdict(RETRY, Reason.LOCKED),
    "REQUEST_RUNNING_TOO_LONG": Verdict(RETRY, Reason.LOCKED),
    "SERVER_UNAVAILABLE": Verdict(RETRY, Reason.LOCKED),
    "SERVICE_UNAVAILABLE": Verdict(RETRY, Reason.LOCKED),
    "UNKNOWN_EXCEPTION": Verdict(RETRY, Reason.REFUSED),
    # Only the culprit is at fault; sent again alone
    "ALL_OR_NONE_OPERATION_ROLLED_BACK": Verdict(RETRY, Reason.REFUSED),
    "PROCESSING_HALTED": Verdict(RETRY, Reason.REFUSED),
    "BATCH_PROCESSING_HALTED": Verdict(RETRY, Reason.REFUSED),
    # There already, or gone: ask the org anew
    "DUPLICATE_VALUE": Verdict(RETRY, Reason.KEY_NOT_UNIQUE),
    "DUPLICATES_DETECTED": Verdict(RETRY, Reason.DUPLICATE_RULE),
    "ENTITY_IS_DELETED": Verdict(RETRY, Reason.GONE),
    "NOT_FOUND": Verdict(RETRY, Reason.GONE),
    "INVALID_CROSS_REFERENCE_KEY": Verdict(RETRY, Reason.PARENT_HELD),
    "CANNOT_UPDATE_CONVERTED_LEAD": Verdict(RETRY, Reason.GONE),
    # The data: a person decides
    "DUPLICATE_EXTERNAL_ID": Verdict(HOLD, Reason.KEY_NOT_UNIQUE),
    "REQUIRED_FIELD_MISSING": Verdict(HOLD, Reason.FIELD_REQUIRED),
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": Verdict(HOLD, Reason.RULE_BROKEN),
    "FIELD_FILTER_VALIDATION_EXCEPTION": Verdict(HOLD, Reason.RULE_BROKEN),
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": Verdict(HOLD, Reason.RULE_BROKEN),
    "FIELD_INTEGRITY_EXCEPTION": Verdict(HOLD, Reason.VALUE_REFUSED),
    "INVALID_EMAIL_ADDRESS": Verdict(HOLD, Reason.VALUE_REFUSED),
    "STRING_TOO_LONG": Verdict(HOLD, Reason.VALUE_REFUSED),
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": Verdict(HOLD, Reason.VALUE_REFUSED),
    "NUMBER_OUTSIDE_VALID_RANGE": Verdict(HOLD, Reason.VALUE_REFUSED),
    "INVALID_TYPE_ON_FIELD_IN_RECORD": Verdict(HOLD, Reason.VALUE_REFUSED),
    "MALFORMED_ID": Verdict(HOLD, Reason.VALUE_REFUSED),
    "JSON_PARSER_ERROR": Verdict(HOLD, Reason.VALUE_REFUSED),
    "STANDARD_PRICE_NOT_DEFINED": Verdict(HOLD, Reason.VALUE_REFUSED),
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": Verdict(HOLD, Reason.NOT_ALLOWED),
    # The set-up: no other row would fare better
    "INVALID_FIELD": Verdict(STOP, Reason.NOT_ALLOWED),
    "INVALID_TYPE": Verdict(STOP, Reason.NOT_ALLOWED),
    "INVALID_FIELD_FOR_INSERT_UPDATE": Verdict(STOP, Reason.NOT_ALLOWED),
    "INSUFFICIENT_ACCESS": Verdict(STOP, Reason.NOT_ALLOWED),
    "INSUFFICIENT_ACCESS_OR_READONLY": Verdict(STOP, Reason.NOT_ALLOWED),
    "API_DISABLED_FOR_ORG": Verdict(STOP, Reason.NOT_ALLOWED),
    "STORAGE_LIMIT_EXCEEDED": Verdict(STOP, Reason.NOT_ALLOWED),
    "REQUEST_LIMIT_EXCEEDED": Verdict(STOP, Reason.NOT_ALLOWED),
}
UNKNOWN = Verdict(HOLD, Reason.REFUSED)

WAITED_OUT = frozenset(code for code, row in TABLE.items() if row.reason is Reason.LOCKED)
"""Codes of a row that is worth sending again as it is, after a pause."""
SENT_ALONE = frozenset({"ALL_OR_NONE_OPERATION_ROLLED_BACK", "PROCESSING_HALTED", "BATCH_PROCESSING_HALTED"})

GRAVITY = (Recovery.RETRY, Recovery.HOLD, Recovery.STOP)
RECORD_ID = re.compile(r"\b[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?\b")
FOREIGN_KEY = "Foreign key external ID"


def fault_of(errors: Sequence[Mapping[str, Any]]) -> Fault:
    """What a refused row's error list means; of several entries the gravest decides.

    Args:
        errors: Entries as REST (``errorCode``) or as Collections (``statusCode``) give them.
    """
    read = [(_code(error), error) for error in errors] or [("UNKNOWN", {})]
    code, error = max(read, key=lambda each: GRAVITY.index(_verdict(*each).recovery))
    verdict = _verdict(code, error)
    existing = tuple(dict.fromkeys(each for found, entry in read for each in _existing(found, entry)))
    fields = dict.fromkeys(str(name) for _, entry in read for name in entry.get("fields") or ())
    return Fault(
        reason=verdict.reason,
        recovery=verdict.recovery,
        code=code,
        message="; ".join(str(entry.get("message", "")) for _, entry in read),
        fields=tuple(fields),
        existing=existing,
    )


def _code(error: Mapping[str, Any]) -> str:
    return str(error.get("statusCode") or error.get("errorCode") or "UNKNOWN")


def _verdict(code: str, error: Mapping[str, Any]) -> Verdict:
    message = str(error.get("message", ""))
    if code == "INVALID_FIELD" and FOREIGN_KEY in message:
        return Verdict(Recovery.HOLD, Reason.PARENT_MISSING)
    if code == "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY" and "UNABLE_TO_LOCK_ROW" in message:
        return TABLE["UNABLE_TO_LOCK_ROW"]
    return TABLE.get(code, UNKNOWN)


def _existing(code: str, error: Mapping[str, Any]) -> Iterator[str]:
    """Ids of the records that are there already. The vendor misspells ``duplicateResut``; both spellings are met."""
    if code == "DUPLICATES_DETECTED":
        details = error.get("duplicateResut") or error.get("duplicateResult") or {}
        for result in details.get("matchResults") or ():
            for matched in result.get("matchRecords") or ():
                record_id = (matched.get("record") or {}).get("Id")
                if record_id:
                    yield str(record_id)
    elif code == "DUPLICATE_VALUE":
        named = str(error.get("message", "")).rpartition(":")[2]
        yield from RECORD_ID.findall(named)
