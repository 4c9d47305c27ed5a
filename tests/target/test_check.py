"""check: is it mapped, sound and wanted?"""

from __future__ import annotations

from typing import Any

import pytest
from target_salesforce_retail.nouns import Flaw, Reason, Verdict
from target_salesforce_retail.stages.check import check

from tests.target.world import LINES, SALES, SHOPPERS, SHOPS, arrival, mappings

CUSTOMERS = mappings(SHOPPERS.replace("version:", "require: [last_name]\nversion:")).ordered[0]


def test_a_sound_record_goes_on() -> None:
    """No outcome yet."""
    assert check(arrival("customers", id="7", last_name="Lee"), CUSTOMERS) is None


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"archived": True}, Reason.EXCLUDED),
        ({"archived": None}, Reason.EXCLUDED),
        ({"archived": 0}, Reason.EXCLUDED),
        ({"last_name": None}, Reason.REQUIRED_MISSING),
        ({"last_name": "  "}, Reason.REQUIRED_MISSING),
    ],
)
def test_what_stops_a_record(record: dict[str, Any], reason: Reason) -> None:
    """A rule that leaves it out skips it; a missing property holds it. 0 is not false, null is not false."""
    outcome = check(arrival("customers", id="7", **{"last_name": "Lee", **record}), CUSTOMERS)

    assert outcome is not None
    assert reason is outcome.reason


def test_an_unmapped_stream_is_skipped() -> None:
    """And counted, not lost."""
    outcome = check(arrival("weather", id="1"), None)

    assert outcome is not None
    assert (outcome.verdict, outcome.reason) == (Verdict.SKIPPED, Reason.UNMAPPED)


def test_faults_hold_a_record_before_any_rule() -> None:
    """Whether it is wanted cannot be told of a record that is not sound."""
    outcome = check(
        arrival("customers", flaws=(Flaw("email", "breaks `type: string`"),), id="7", archived=True), CUSTOMERS
    )

    assert outcome is not None
    assert (outcome.verdict, outcome.reason) == (Verdict.HELD, Reason.INVALID)
    assert outcome.message == "email: breaks `type: string`"


def test_one_of_several_values_will_do() -> None:
    """`when: {state: [completed, voided]}`."""
    sales = mappings(SHOPPERS, SHOPS, SALES).of("sales")
    verdicts = [check(arrival("sales", id="1", state=state), sales) for state in ("completed", "voided", "open")]

    assert verdicts[:2] == [None, None]
    assert verdicts[2] is not None


def test_a_part_that_was_deleted_goes_on_where_it_is_to_be_taken_out() -> None:
    """Though `deleted` says nothing to set; without `stale: delete` there is nothing to do."""
    taken_out = LINES.replace("parent:", "deleted: {when: deleted_at}\nparent:")
    kept = taken_out.replace("stale: delete", "stale: keep")
    line = arrival("sale_lines", id="1", deleted_at="2026-11-01T10:00:00Z")
    outcomes = [check(line, mappings(SHOPPERS, SHOPS, SALES, each).of("sale_lines")) for each in (taken_out, kept)]

    assert [outcome and outcome.reason for outcome in outcomes] == [None, Reason.DELETED]


@pytest.mark.parametrize(
    ("said", "deleted"),
    [(True, True), ("2026-11-01T10:00:00Z", True), (False, False), (None, False), (" ", False)],
)
def test_a_property_that_says_no_is_no_deletion(said: object, deleted: bool) -> None:
    """Some shops have a date for it, some a checkbox."""
    customers = mappings(SHOPPERS.replace("version:", "deleted: {when: gone}\nversion:")).ordered[0]
    outcome = check(arrival("customers", id="7", last_name="Lee", gone=said), customers)

    assert (outcome and outcome.reason) == (Reason.DELETED if deleted else None)
