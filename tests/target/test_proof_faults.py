"""What each of Salesforce's codes must do, written down by hand and provoked through the whole target.

Nothing here is computed from the target's own table: who changes that table without meaning to finds out here.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from target_salesforce_retail.org.faults import TABLE

from sandbox.salesforce.rules import ValidationRule
from sandbox.serve import Box
from tests.target.doorway import record, schema, state
from tests.target.proof import Target

SHOPPERS = """
stream: customers
object: Contact
key: {field: Lightspeed_Key__c, value: "{account_id}:{id}"}
match: [{by: key}]
fields: {LastName: {from: last_name}}
"""


@dataclass(frozen=True)
class Must:
    """What a code must do to the row that meets it.

    Attributes:
        reason: Why it is held, as operators read it; None where the run stops.
        remedy: Words that tell the operator what to do.
        tries: How often the row is sent in one run, alone in its batch.
        words: The words of the vendor that tell this variant of the code from others.
        code: Salesforce's code; the name of the case where it has no variants.
        stage: The stage that decides: who is named by a duplicate rule is matched anew, and not sent again.
    """

    reason: str | None
    remedy: str
    tries: int
    words: str = "no"
    code: str = ""
    stage: str = "send"


LOCKED = Must("locked", "it is tried again in the next run", 12)
"""Four times in the org's own patience, and three times matched anew."""
ROLLED_BACK = Must("refused", "Read the answer in `explain`, then replay", 12)
ASKED_ANEW = 3
STOPS = Must(None, "Check the org's storage, its API access and its limits. Nothing of the batch is acknowledged", 1)
RULE = Must("rule_broken", "Mend the value or the rule, then replay", 1)
VALUE = Must("value_refused", "Mend the value", 1)
ACCESS = Must("not_allowed", "Check sharing, approvals and the permission set", 1)

MUST = {
    "UNABLE_TO_LOCK_ROW": LOCKED,
    "UNABLE_TO_LOCK_RECORD": LOCKED,
    "TOO_MANY_APEX_REQUESTS": LOCKED,
    "REQUEST_RUNNING_TOO_LONG": LOCKED,
    "REQUEST_TIMEOUT_OR_CONFLICT": LOCKED,
    "QUERY_TIMEOUT": LOCKED,
    "FUNCTIONALITY_TEMPORARILY_UNAVAILABLE": LOCKED,
    "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE": LOCKED,
    "SERVER_UNAVAILABLE": LOCKED,
    "SERVICE_UNAVAILABLE": LOCKED,
    "UNKNOWN_EXCEPTION": Must("refused", "Read the answer in `explain`", ASKED_ANEW),
    "ALL_OR_NONE_OPERATION_ROLLED_BACK": ROLLED_BACK,
    "PROCESSING_HALTED": ROLLED_BACK,
    "BATCH_PROCESSING_HALTED": ROLLED_BACK,
    "DUPLICATE_VALUE": Must("key_not_unique", "Merge them in Salesforce, then replay", ASKED_ANEW),
    "DUPLICATE_VALUE, our key": Must(
        "key_not_unique",
        "Merge them in Salesforce, then replay",
        ASKED_ANEW,
        "duplicate value found: Lightspeed_Key__c duplicates value on record with id: 003000000000001",
        "DUPLICATE_VALUE",
    ),
    "DUPLICATE_VALUE, another field": Must(
        "value_taken",
        "Mend one of the two, then replay",
        1,
        "duplicate value found: Loyalty__c duplicates value on record with id: 003000000000001",
        "DUPLICATE_VALUE",
    ),
    "DUPLICATES_DETECTED": Must("duplicate_rule", "`on_duplicate_rule: allow`", 1, stage="plan"),
    "ENTITY_IS_DELETED": Must("gone", "Replay: it will be matched anew", ASKED_ANEW),
    "NOT_FOUND": Must("gone", "Replay: it will be matched anew", ASKED_ANEW),
    "INVALID_CROSS_REFERENCE_KEY": Must("id_refused", "or mend the id in the mapping; then replay", ASKED_ANEW),
    "CANNOT_UPDATE_CONVERTED_LEAD": Must("converted", "add Contact", ASKED_ANEW),
    "DUPLICATE_EXTERNAL_ID": Must("key_not_unique", "Merge them in Salesforce, then replay", 1),
    "REQUIRED_FIELD_MISSING": Must("field_required", "Map the field or give it an `else`", 1),
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": RULE,
    "FIELD_FILTER_VALIDATION_EXCEPTION": RULE,
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": RULE,
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY, a lock": Must(
        "locked",
        "it is tried again in the next run",
        12,
        "Trigger: execution of AfterUpdate caused by: UNABLE_TO_LOCK_ROW, unable to obtain exclusive access",
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
    ),
    "FIELD_INTEGRITY_EXCEPTION": VALUE,
    "INVALID_EMAIL_ADDRESS": VALUE,
    "STRING_TOO_LONG": VALUE,
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": VALUE,
    "INVALID_CURRENCY_ISO": VALUE,
    "NUMBER_OUTSIDE_VALID_RANGE": VALUE,
    "INVALID_TYPE_ON_FIELD_IN_RECORD": VALUE,
    "MALFORMED_ID": VALUE,
    "JSON_PARSER_ERROR": VALUE,
    "STANDARD_PRICE_NOT_DEFINED": VALUE,
    "INSUFFICIENT_ACCESS_OR_READONLY": ACCESS,
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": ACCESS,
    "INVALID_PERSON_ACCOUNT_OPERATION": Must("person_account", "edit person accounts", 1),
    "INVALID_FIELD": VALUE,
    "INVALID_FIELD, a parent": Must(
        "parent_missing",
        "it comes in after that record",
        1,
        "Foreign key external ID: 1:7 not found for field Key__c in entity Sale__c",
        "INVALID_FIELD",
    ),
    "INVALID_TYPE": ACCESS,
    "INVALID_TYPE_FOR_OPERATION": ACCESS,
    "INVALID_FIELD_FOR_INSERT_UPDATE": ACCESS,
    "INSUFFICIENT_ACCESS": ACCESS,
    "API_DISABLED_FOR_ORG": STOPS,
    "STORAGE_LIMIT_EXCEEDED": STOPS,
    "REQUEST_LIMIT_EXCEEDED": STOPS,
    "REQUEST_LIMIT_EXCEEDED, at once": Must(
        "locked",
        "it is tried again in the next run",
        12,
        "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
        "REQUEST_LIMIT_EXCEEDED",
    ),
    "A_CODE_NOBODY_KNOWS": Must("refused", "Read the answer in `explain`", 1),
}
JUDGED_OVER_THE_WRITE = [
    "INVALID_FIELD",
    "INVALID_TYPE",
    "INVALID_TYPE_FOR_OPERATION",
    "INVALID_FIELD_FOR_INSERT_UPDATE",
    "INSUFFICIENT_ACCESS",
]
"""A value of the row, or the set-up: they stop the run when every row of a write meets them and none escaped."""

ONE_OF_EACH_KIND = [
    "UNABLE_TO_LOCK_ROW",
    "NOT_FOUND",
    "FIELD_CUSTOM_VALIDATION_EXCEPTION",
    "STORAGE_LIMIT_EXCEEDED",
    "INSUFFICIENT_ACCESS_OR_READONLY",
]


def code_of(case: str) -> str:
    return MUST[case].code or case


class Refuses:
    """Has the org refuse whoever is called ``spoils``, and counts how often."""

    def __init__(self, box: Box, case: str) -> None:
        self.times = 0
        self._rule = ValidationRule("Contact", "LastName", "spoils", MUST[case].words, code_of(case))
        box.org.rules[:] = [self]

    def __call__(self, name: str, row: object) -> object:
        fault = self._rule(name, row)  # type: ignore[arg-type]
        self.times += fault is not None
        return fault


def people(*names: str) -> list[object]:
    return [schema("customers"), *(record("customers", number, last_name=name) for number, name in enumerate(names))]


def test_every_code_of_the_table_is_written_down_here() -> None:
    """And one that is in no table."""
    assert {code_of(case) for case in MUST} - {"A_CODE_NOBODY_KNOWS"} == set(TABLE)


@pytest.mark.parametrize("case", MUST)
def test_a_row_alone(whole: Target, case: str) -> None:
    """It is tried so often, held for that reason, and its operator learns what to do; or the run stops with exit 1."""
    must, refuses = MUST[case], Refuses(whole.box, case)
    whole.maps(customers=SHOPPERS)

    ended = whole.hear(*people("spoils"), state(1))

    assert refuses.times == must.tries
    if must.reason is None:
        assert (ended.exit_code, ended.states) == (1, [])
        assert code_of(case) in ended.log
        assert must.remedy in ended.log
        assert whole.reasons() == {}
        return
    told = whole.explained("customers", "1:0")
    assert (ended.exit_code, ended.states) == (0, [{"n": 1}])
    assert "1 arrived = 0 created + 0 updated + 0 unchanged + 0 skipped + 1 held" in ended.log
    assert (told["verdict"], told["stage"], told["reason"]) == ("held", must.stage, must.reason)
    assert (told["code"], told["message"]) == (code_of(case), must.words)
    assert must.remedy in told["remedy"]
    assert whole.reasons() == {"1:0": must.reason}


@pytest.mark.parametrize("case", MUST)
def test_a_row_among_others(whole: Target, case: str) -> None:
    """The others are in, once, though the row is held; where the run stops, nothing is acknowledged."""
    must = MUST[case]
    Refuses(whole.box, case)
    whole.maps(customers=SHOPPERS)

    ended = whole.hear(*people("Ann", "spoils", "Bob"), state(1))

    assert sorted(each["LastName"] for each in whole.rows("Contact")) == ["Ann", "Bob"]
    if must.reason is None:
        assert (ended.exit_code, ended.states) == (1, [])
    else:
        assert (ended.exit_code, ended.states) == (0, [{"n": 1}])
        assert "3 arrived = 2 created + 0 updated + 0 unchanged + 0 skipped + 1 held" in ended.log
        assert whole.reasons() == {"1:1": must.reason}


@pytest.mark.parametrize("case", [*JUDGED_OVER_THE_WRITE, *ONE_OF_EACH_KIND])
def test_two_rows_of_two(whole: Target, case: str) -> None:
    """No row of the write has gone in: only codes that may be the set-up's stop for it, and no STATE leaves."""
    must = MUST[case]
    Refuses(whole.box, case)
    whole.maps(customers=SHOPPERS)

    ended = whole.hear(*people("spoils", "spoils"), state(1))

    if case in JUDGED_OVER_THE_WRITE or must.reason is None:
        assert (ended.exit_code, ended.states) == (1, [])
        assert code_of(case) in ended.log
        assert whole.reasons() == {}
    else:
        assert (ended.exit_code, ended.states) == (0, [{"n": 1}])
        assert whole.reasons() == {"1:0": must.reason, "1:1": must.reason}


@pytest.mark.parametrize("case", [case for case in MUST if MUST[case].tries > 1])
def test_what_passes_while_it_is_tried_costs_nothing(whole: Target, case: str) -> None:
    """The row is in, and nobody is bothered."""
    refuses = Refuses(whole.box, case)
    whole.maps(customers=SHOPPERS)
    whole.box.org.rules[:] = [lambda name, row: refuses(name, row) if refuses.times < 1 else None]  # type: ignore[list-item,return-value]

    ended = whole.hear(*people("Ann", "spoils"), state(1))

    assert refuses.times == 1
    assert ended.exit_code == 0
    assert "2 arrived = 2 created + 0 updated + 0 unchanged + 0 skipped + 0 held" in ended.log
    assert whole.reasons() == {}
