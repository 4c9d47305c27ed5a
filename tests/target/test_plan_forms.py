"""What is counted of a plan, and how it is shown: never a value that was not asked for."""

from __future__ import annotations

import json
import unicodedata
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from target_salesforce_retail.companion.plan import HOLDS, NOTHING, WRITES, Plan
from target_salesforce_retail.companion.plan_forms import as_json, as_markdown, counts, examples, groups, other_writes
from target_salesforce_retail.companion.plan_forms import summary as summary_of
from target_salesforce_retail.merging import Merging
from target_salesforce_retail.nouns import Arrival, OrgRow, Outcome, Reason, Stage, Verdict
from target_salesforce_retail.rehearse import (
    FieldChange,
    PlannedBeside,
    PlannedConversion,
    PlannedDeletion,
    PlannedOutcome,
)
from target_salesforce_retail.stages.inside.untouched import Pair
from target_salesforce_retail.trail import of_conversion

GUIDE = (Path(__file__).parents[2] / "docs" / "guides" / "plan.md").read_text("utf-8")
ANN = (FieldChange("Email", "ann@x.org", "ann@y.org"), FieldChange("Phone", None, "7"), FieldChange("Fax", "8", None))


def ended(verdict: Verdict, key: str = "1:7", changes: Any = (), **more: Any) -> PlannedOutcome:
    outcome = Outcome(Arrival("customers", key, {}), verdict, Stage.SEND, object="Contact", id="003A", **more)
    return PlannedOutcome(outcome, verdict is Verdict.CREATED, tuple(changes))


def held(key: str = "1:7", reason: Reason = Reason.MANY_MATCHES, **more: Any) -> PlannedOutcome:
    return ended(Verdict.HELD, key, reason=reason, **more)


def plan_of(*told: PlannedOutcome | PlannedDeletion | PlannedConversion, left: Any = (), most: int = 3) -> Plan:
    plan = Plan(most)
    plan.hear(told)
    plan.end(left)
    return plan


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ((), NOTHING),
        ((ended(Verdict.UNCHANGED), ended(Verdict.SKIPPED, reason=Reason.EXCLUDED)), NOTHING),
        ((ended(Verdict.CREATED),), WRITES),
        ((ended(Verdict.UPDATED),), WRITES),
        ((PlannedDeletion("Line__c", "a01"),), WRITES),
        ((held(),), HOLDS),
        ((ended(Verdict.CREATED), held()), HOLDS),
    ],
)
def test_the_exit_code_says_what_matters_most(told: Any, code: int) -> None:
    """Holds, else writes, else nothing."""
    assert plan_of(*told, left=[("customers", "1:7")]).exit_code == code


def test_what_comes_in_later_in_the_same_run_is_no_hold() -> None:
    """A receipt that waited for its shopper: only what is left is said to be held, each record once."""
    plan = plan_of(held("1:1"), held("1:2"), held("1:2"), ended(Verdict.CREATED, "1:1"), left=[("customers", "1:2")])

    assert counts(plan) == [["customers", "1", "0", "0", "0", "1"]]


def test_examples_are_as_many_as_were_asked_for() -> None:
    """Of each kind; what is counted is everything."""
    plan = plan_of(*(ended(Verdict.CREATED, f"1:{number}", ANN) for number in range(1500)), most=2)

    assert [line.split()[2] for line in examples(plan, values=False)] == ["1:0", "1:1"]
    assert groups(plan) == [
        ["create", "customers", "Contact", "", "", "1,500", "Email 1,500, Phone 1,500, Fax 1,500"],
    ]


def test_records_of_another_rule_or_reason_are_another_kind() -> None:
    """What would be created comes first, what would be held last."""
    plan = plan_of(
        held("1:1"),
        held("1:2", Reason.DUPLICATE_RULE),
        *(ended(Verdict.UPDATED, rule=rule) for rule in ("email", "phone", "email")),
        ended(Verdict.CREATED),
        left=[("customers", "1:1"), ("customers", "1:2")],
    )

    assert [[row[0], row[3], row[4], row[5]] for row in groups(plan)] == [
        ["create", "", "", "1"],
        ["update", "email", "", "2"],
        ["update", "phone", "", "1"],
        ["hold", "", "many_matches", "1"],
        ["hold", "", "duplicate_rule", "1"],
    ]


def test_a_change_is_told_by_what_becomes_of_the_field() -> None:
    """And with the old and the new value, once they are asked for."""
    plan = plan_of(ended(Verdict.UPDATED, changes=ANN, rule="email", removed=2, fields=("Suffix",)))

    assert examples(plan, values=False) == [
        "update customers 1:7 -> Contact 003A: Email changed; Phone set; Fax cleared; without Suffix; deletes 2"
    ]
    (line,) = examples(plan, values=True)
    assert "Email ann@x.org -> ann@y.org; Phone blank -> 7; Fax 8 -> blank" in line


def test_a_hold_says_why() -> None:
    """The fields, the candidates, what it waits for."""
    plan = plan_of(held(fields=("Email",), candidates=("003A", "003B")), left=[("customers", "1:7")])

    assert examples(plan, values=False) == [
        "hold customers 1:7 -> Contact 003A: many_matches (Email); candidates 003A, 003B"
    ]


def test_a_lead_that_would_be_converted_is_told_with_its_record_and_counted() -> None:
    """Of many the first few, as of what would be deleted."""
    told = [ended(Verdict.UPDATED, f"1:{each}", trail=of_conversion(f"00Q{each}")) for each in range(3)]
    plan = plan_of(*told, *(PlannedConversion("Lead", f"00Q{each}") for each in range(3)), most=2)

    assert examples(plan, values=False)[0] == "update customers 1:0 -> Contact 003A: converts Lead 00Q0"
    assert other_writes(plan) == ["convert 3 Lead: 00Q0, 00Q1, ..."]
    whole = json.loads(as_json(plan, values=False))
    assert whole["converted"] == {"records": 3, "examples": ["00Q0", "00Q1"]}
    assert whole["groups"][0]["examples"][1]["converts"] == ["00Q1"]


def test_json_tells_values_only_when_they_are_asked_for() -> None:
    """Numbers as numbers; of Salesforce's own words, which may quote a shopper, neither."""
    change = FieldChange("Total__c", Decimal("1.10"), Decimal("2.20"))
    told = (
        ended(Verdict.UPDATED, changes=[change]),
        held("1:8", message="ann@x.org is no e-mail"),
        PlannedDeletion("Line__c", "a01"),
    )
    plan = plan_of(*told, left=[("customers", "1:8")])

    plain, whole = (json.loads(as_json(plan, values=values)) for values in (False, True))

    assert plain["groups"][0]["examples"][0]["changes"] == [{"field": "Total__c", "change": "changed"}]
    assert whole["groups"][0]["examples"][0]["changes"] == [
        {"field": "Total__c", "change": "changed", "before": 1.1, "after": 2.2}
    ]
    assert "message" not in plain["groups"][1]["examples"][0]
    assert whole["groups"][1]["examples"][0]["message"] == "ann@x.org is no e-mail"
    assert plain["groups"][1]["remedy"] == Reason.MANY_MATCHES.remedy
    assert (plain["deleted"], plain["exit_code"]) == ({"Line__c": {"records": 1, "examples": ["a01"]}}, HOLDS)


def test_a_value_breaks_no_comment_on_a_pull_request() -> None:
    """Whatever a shopper is called: examples stand as code, behind a fence that is longer than any in them."""
    name = "```\n</details> @everyone | [x](http://x)"
    text = as_markdown(plan_of(ended(Verdict.UPDATED, changes=[FieldChange("Name|", None, name)])), values=True)

    fence, example, end = text.splitlines()[-4:-1]
    assert (fence, end) == ("````text", "````")
    assert example.endswith("Name| blank -> ``` </details> @everyone | [x](http://x)")
    assert "| Name&#124; 1 |" in text


@given(st.text(st.characters()))
@example("\x1b[2J\x07\u202e\x7f\x9b\ud800\u2028")
def test_a_value_does_nothing_to_a_terminal(text: str) -> None:
    """Whatever a shopper is called, and whatever a key is: no form lets through what is no line of letters."""
    plan = plan_of(ended(Verdict.UPDATED, f"1:{text}", [FieldChange("Name", text, f"x{text}")]))

    whole = [*examples(plan, values=True), *as_json(plan, values=True).splitlines()]
    whole += as_markdown(plan, values=True).split("\n")

    assert not [char for char in "".join(whole) if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}]


def test_what_would_be_deleted_is_counted_by_object() -> None:
    """With the first few ids."""
    plan = plan_of(*(PlannedDeletion("Line__c", f"a0{number}") for number in range(3)), most=2)

    assert other_writes(plan) == ["delete 3 Line__c: a00, a01, ..."]
    assert summary_of(plan) == "0 records would be written, 3 rows would be deleted, 0 would be held. Nothing was."


def test_one_of_a_kind_is_said_as_one() -> None:
    """A record, a row, a profile, a pair."""
    a, b = (OrgRow("Contact", f"003{each}", {}) for each in "AB")
    plan = plan_of(ended(Verdict.CREATED), PlannedDeletion("Line__c", "a00"))
    plan.end((), 1, [Merging("customers", Pair(a, b, ()))])

    assert summary_of(plan) == (
        "1 record would be written, 1 row would be deleted, 1 profile would be written, 1 pair would be merged, "
        "0 would be held. Nothing was."
    )


def test_what_would_be_written_beside_the_records_is_counted() -> None:
    """The accounts of new contacts, in every form; that is no all-clear."""
    made = [PlannedBeside("Account", f"~{number}", is_new=True) for number in range(2)]
    plan = plan_of(*made, PlannedBeside("Account", "001", is_new=False))

    assert other_writes(plan) == ["create 2 Account beside them", "update 1 Account beside them"]
    assert {"intent": "create", "object": "Account", "records": 2} in json.loads(as_json(plan, values=False))["beside"]
    assert "create 2 Account beside them" in as_markdown(plan, values=False)
    assert plan.exit_code == 3


def test_who_would_be_merged_is_named() -> None:
    """Each pair that would be, in every form; that is no all-clear. Whoever would stay two is no part of it."""
    a, b, c = (OrgRow("Contact", f"003{each}", {}) for each in "ABC")
    plan = Plan(3)
    plan.end((), 0, [Merging("customers", Pair(a, b, ())), Merging("customers", Pair(a, c, ()), "a lock")])

    assert other_writes(plan) == ["merge Contact 003B into 003A"]
    assert json.loads(as_json(plan, values=False))["merged"] == [{"object": "Contact", "goes": "003B", "stays": "003A"}]
    assert "1 pair would be merged" in summary_of(plan)
    assert plan.exit_code == WRITES


def test_the_guide_shows_what_else_would_be_done_as_a_plan_says_it() -> None:
    """Line by line, but for ids."""
    contacts = (OrgRow("Contact", each, {}) for each in ("0035e0000000002AAA", "0035e0000000003AAA"))
    lines = [PlannedDeletion("Retail_Sale_Line__c", f"a035e000000000{each}AAA") for each in (1, 2, 3)]
    beside = [PlannedBeside("Account", f"~{number}", is_new=True) for number in range(2)]
    plan = plan_of(*beside, PlannedConversion("Lead", "00Q5e0000000001AAA"), *lines, most=2)
    plan.end((), 0, [Merging("customers", Pair(*contacts, ()))])

    assert "".join(f"{line}\n" for line in other_writes(plan)) in GUIDE


def test_a_plan_of_nothing_is_one_line() -> None:
    """In Markdown too."""
    assert as_markdown(plan_of(), values=False) == "Nothing would be written, and nothing would be held."
