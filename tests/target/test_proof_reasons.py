"""Each reason, written down by hand: a record is skipped or held for exactly that reason, through the whole target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from target_salesforce_retail.mapping.convert import CONVERTERS
from target_salesforce_retail.reasons import Reason

from sandbox.salesforce.people import convert_lead
from sandbox.serve import running
from sandbox.weather import Gust
from tests.target.doorway import TEXT, Line, record, schema
from tests.target.proof import Target
from tests.target.test_proof_faults import MUST as CODES
from tests.target.wire import duplicate_rule
from tests.target.world import SALES as SALES_HERE
from tests.target.world import SHOPPERS as SHOPPERS_HERE
from tests.target.world import SHOPS as SHOPS_HERE
from tests.target.world import World

KEY = 'key: {field: Lightspeed_Key__c, value: "{account_id}:{id}"}'
SHOPPERS = f"""
stream: customers
object: Contact
{KEY}
version: updated_at
match: [{{by: key}}, {{by: email, from: email, to: {{Contact: Email}}}}]
fields:
  LastName: {{from: last_name}}
  Email: {{from: email, as: email}}
"""
LEADS = SHOPPERS.replace("Contact", "Lead").replace("fields:", "fields:\n  Company: {value: At home, update: never}")
SALES = f"""
stream: sales
object: Retail_Sale__c
when: {{state: completed}}
{KEY}
version: updated_at
fields:
  Total__c: {{from: total, as: decimal}}
  Contact__c: {{reference: customers, from: customer_id}}
"""
LINES = f"""
stream: sale_lines
object: Retail_Sale_Line__c
{KEY}
parent: {{reference: sales, from: sale_id, field: Sale__c, siblings: line_ids, stale: delete}}
fields: {{Quantity__c: {{from: quantity, as: decimal}}}}
"""
NEW, OLD = "2026-11-02T10:00:00Z", "2026-11-01T10:00:00Z"
PEOPLE, RECEIPTS = schema("customers", deleted_at=TEXT), schema("sales", currency=TEXT)
PARTS = schema("sale_lines", **dict.fromkeys(("account_id", "id", "sale_id"), TEXT), quantity={"type": "number"})
Before = Callable[[Target, pytest.MonkeyPatch], Any]


@dataclass(frozen=True)
class Story:
    """How a record meets its reason.

    Attributes:
        lines: What the run hears whose reasons count.
        verdict: Skipped or held.
        remedy: Words that tell the operator what to do about a hold.
        maps: Mappings that differ from the usual ones.
        before: What happened before that run.
    """

    lines: list[Line]
    verdict: str
    remedy: str = ""
    maps: dict[str, str] = field(default_factory=dict)
    before: Before = lambda whole, patch: None


def ann(**more: Any) -> list[Line]:
    return [PEOPLE, record("customers", 1, **{"email": "ann@x.org", "last_name": "Ann", **more})]


def receipt(**more: Any) -> list[Line]:
    return [RECEIPTS, record("sales", 7, **{"total": 5, **more})]


def line(number: int = 1) -> list[Line]:
    said = {"account_id": "1", "id": str(number), "sale_id": "7", "quantity": 1}
    return [PARTS, {"type": "RECORD", "stream": "sale_lines", "record": said}]


def heard(*lines: Line) -> Before:
    return lambda whole, _: whole.hear(*lines)


def known(*emails: str, **more: str) -> Before:
    """Contacts that the org has already."""

    def put(whole: Target, _: pytest.MonkeyPatch) -> None:
        for email in emails:
            whole.box.org.insert_as_user("Contact", {"LastName": "Ann", "Email": email, **more})

    return put


def gone(name: str, *lines: Line) -> Before:
    """The record was in, and a person deleted it in the org."""

    def delete(whole: Target, _: pytest.MonkeyPatch) -> None:
        whole.hear(*lines)
        (row,) = whole.rows(name)
        whole.box.org.delete_as_user(name, row["Id"])

    return delete


def converted(whole: Target, _: pytest.MonkeyPatch) -> None:
    whole.hear(*ann(updated_at=OLD))
    (lead,) = whole.rows("Lead")
    convert_lead(whole.box.org, lead["Id"])


def mistaken(_: Target, patch: pytest.MonkeyPatch) -> None:
    def mistake(*_: Any) -> Any:
        raise ZeroDivisionError

    patch.setitem(CONVERTERS, "email", mistake)


def colleague(whole: Target, patch: pytest.MonkeyPatch) -> None:
    """A colleague makes the same person while ours is under way, and the org lets nobody delete ours."""
    made: list[str] = []

    def meanwhile(*_: Any) -> None:
        if not made:
            made.append("")
            made[0] = whole.box.org.insert_as_user("Contact", {"LastName": "Ann", "Email": "ann@x.org"})

    def refuse(name: str, record_id: str, *_: Any) -> None:
        whole.box.org.read_only = {record_id}
        delete(name, record_id)

    delete = whole.box.org.delete
    patch.setattr(whole.box.org, "delete", refuse)
    whole.box.org.rules[:] = [meanwhile]


def failing(whole: Target, _: pytest.MonkeyPatch) -> None:
    """The org fails on every call with this row."""
    whole.box.weather_s.plan([Gust("500", method="POST", containing="odd", times=1_000)])


STORIES = {
    "unmapped": Story([schema("gift_cards", id=TEXT, account_id=TEXT), record("gift_cards", 1)], "skipped"),
    "excluded": Story(receipt(state="open"), "skipped"),
    "deleted": Story(
        ann(deleted_at=NEW),
        "skipped",
        maps={"customers": SHOPPERS.replace("fields:", "deleted: {when: deleted_at}\nfields:")},
    ),
    "left_alone": Story(
        ann(),
        "skipped",
        maps={"customers": SHOPPERS.replace("fields:", "on_match: {Contact: leave}\nfields:")},
        before=known("ann@x.org"),
    ),
    "not_wanted": Story(ann(), "skipped", maps={"customers": SHOPPERS.replace("fields:", "on_none: skip\nfields:")}),
    "overtaken": Story(ann(updated_at=OLD), "skipped", before=heard(*ann(updated_at=NEW))),
    "parent_skipped": Story(line(), "skipped", before=heard(*receipt(state="open"))),
    "left_parent": Story(line(), "skipped", before=heard(*receipt(line_ids=["2"]))),
    "invalid": Story(ann(last_name=7), "held", "Mend it at the source; a newer version closes this hold"),
    "required_missing": Story(
        ann(email=None),
        "held",
        "Fill it in Lightspeed, or relax `require`",
        maps={"customers": SHOPPERS.replace("fields:", "require: [email]\nfields:")},
    ),
    "unconvertible": Story(
        ann(birth_date="last May"),
        "held",
        "Mend the value in Lightspeed, or the rule's `as`",
        maps={"customers": SHOPPERS + "  Birthdate: {from: birth_date, as: date}"},
    ),
    "defect": Story(ann(), "held", "Report the place; once a newer target is installed, replay", before=mistaken),
    "many_matches": Story(
        ann(), "held", "merge the duplicates in Salesforce and replay", before=known("ann@x.org", "ann@x.org")
    ),
    "vetoed": Story(
        ann(birth_date="1990-05-17"),
        "held",
        "Say whether they are one: `decide`, or correct the wrong value on either side",
        maps={"customers": SHOPPERS.replace("Contact: Email}", "Contact: Email}, unless: {Birthdate: birth_date}")},
        before=known("ann@x.org", Birthdate="1980-01-02"),
    ),
    "match_held": Story(
        ann(),
        "held",
        "Decide, then replay or change `on_match`",
        maps={"customers": SHOPPERS.replace("fields:", "on_match: {Contact: hold}\nfields:")},
        before=known("ann@x.org"),
    ),
    "none_held": Story(
        ann(),
        "held",
        "Say which record it is: `decide --is`, or create or mend it",
        maps={"customers": SHOPPERS.replace("fields:", "on_none: hold\nfields:")},
    ),
    "parent_missing": Story(receipt(customer_id="1"), "held", "it comes in after that record"),
    "parent_gone": Story(
        receipt(customer_id="1"), "held", "Restore it from the recycle bin and replay", before=gone("Contact", *ann())
    ),
    "parent_held": Story(
        receipt(customer_id="1"),
        "held",
        "Bring the parent in, then replay",
        maps={"sales": SALES.replace("from: customer_id", "from: customer_id, missing: hold")},
    ),
    "converted": Story(
        ann(last_name="Lee", updated_at=NEW),
        "held",
        "Say which record it is: `decide --is`, or restore it, add Contact",
        maps={"customers": LEADS, "sales": SALES.replace("Contact__c", "Lead__c")},
        before=converted,
    ),
    "twin": Story(ann(), "held", "If it stays: merge the two records in Salesforce", before=colleague),
    "unanswered": Story(ann(last_name="odd"), "held", "look for what is odd in it", before=failing),
    "value_refused": Story(ann(last_name="x" * 81), "held", "Mend the value, or say `too_long`"),
}
TOLD_APART = {
    "other_currency", "gone_from_org", "becomes_unknown", "conversion_duplicate", "conversion_not_allowed",
}  # fmt: skip
"""Each has a test of its own below."""
BY_A_CODE = {
    "rule_broken", "field_required", "duplicate_rule", "value_taken", "key_not_unique", "gone", "not_allowed",
    "person_account", "id_refused", "locked", "refused",
}  # fmt: skip
"""Provoked with each code that gives it, in ``test_proof_faults``."""


def test_every_reason_is_provoked() -> None:
    """By a story here, or by a code."""
    assert {*STORIES, *TOLD_APART, *BY_A_CODE} == {reason.value for reason in Reason}
    assert {must.reason for must in CODES.values()} >= BY_A_CODE


@pytest.mark.parametrize("reason", STORIES)
def test_a_record_meets_its_reason(whole: Target, monkeypatch: pytest.MonkeyPatch, reason: str) -> None:
    """It has that reason and no other, is counted with it, and a hold says what to do. The run goes well."""
    story = STORIES[reason]
    whole.maps(**{"customers": SHOPPERS, "sales": SALES, "sale_lines": LINES, **story.maps})
    story.before(whole, monkeypatch)

    ended = whole.hear(*story.lines)

    assert ended.exit_code == 0
    assert whole.counted() == {reason: 1}
    assert f" 1 {story.verdict}" in ended.log
    assert [*whole.reasons().values()] == ([reason] if story.verdict == "held" else [])
    assert story.remedy in " ".join(whole.companion("holds").split())


def test_amounts_in_another_currency(whole: Target) -> None:
    """In an org with several."""
    with running(switches={"multi_currency": "true"}) as box:
        rich = Target(box, whole.folder, whole.capsys, whole.caplog, {})
        rich.maps(
            customers=SHOPPERS,
            sales=SALES.replace("fields:", "currency: currency\nfields:\n  Tip__c: {value: 1, update: never}"),
        )
        first = rich.hear(*receipt(currency="USD"))
        ended = rich.hear(*receipt(currency="CAD", updated_at=NEW))

        assert (first.exit_code, ended.exit_code) == (0, 0)
        assert rich.counted() == {"other_currency": 1}
        assert rich.reasons() == {"1:7": "other_currency"}
        assert [row["CurrencyIsoCode"] for row in rich.rows("Retail_Sale__c")] == ["USD"]


def test_a_lead_that_would_become_a_contact_under_a_mapping_of_persons(whole: Target) -> None:
    """In an org that has person accounts."""
    with running(switches={"person_accounts": "true"}) as box:
        key = "lightspeed_key__c"
        box.org.schema.objects["account"].fields[key] = box.org.schema.objects["lead"].fields[key]
        rich = Target(box, whole.folder, whole.capsys, whole.caplog, {})
        persons = SHOPPERS.replace("object: Contact", "object: Account\nrecord_type: PersonAccount")
        persons = persons.replace("{Contact: Email}", "{Account: PersonEmail, Lead: Email}").replace(
            "as: email}", "as: email, only: Lead}"
        )
        rich.maps(customers=persons.replace("fields:", "on_match: {Lead: convert}\nfields:"))
        box.org.insert_as_user("Lead", {"LastName": "Ann", "Company": "Ann & Co", "Email": "ann@x.org"})

        ended = rich.hear(*ann())

        assert (ended.exit_code, rich.counted()) == (0, {"becomes_unknown": 1}), ended.log
        assert rich.reasons() == {"1:1": "becomes_unknown"}
        assert "Take the company off the lead" in " ".join(rich.companion("holds").split())


@pytest.mark.parametrize(
    ("switches", "reason", "remedy"),
    [
        ({}, "conversion_duplicate", "Convert the lead by hand in Salesforce"),
        ({"convert_leads_granted": "false"}, "conversion_not_allowed", "permission set Retail_Convert_Leads"),
    ],
)
def test_a_lead_that_salesforce_does_not_convert(
    whole: Target, switches: dict[str, str], reason: str, remedy: str
) -> None:
    """For a duplicate rule finds its like, or for the right is missing: `holds` names the lead and what to do."""
    with running(switches={**switches, "standard_duplicate_rules": "false"}) as box:
        here = Target(box, whole.folder, whole.capsys, whole.caplog, {})
        here.maps(
            customers=SHOPPERS.replace("{Contact: Email}", "{Contact: Email, Lead: Email}").replace(
                "fields:", "on_match: {Lead: convert}\nfields:"
            )
        )
        lead = box.org.insert_as_user("Lead", {"LastName": "Ann", "Company": "Ann & Co", "Email": "ann@x.org"})
        box.org.insert_as_user("Contact", {"LastName": "Ann"})
        duplicate_rule(box, "Contact", "LastName", "alert")

        ended = here.hear(*ann())
        holds = " ".join(here.companion("holds").split())

        assert (ended.exit_code, here.counted(), here.reasons()) == (0, {reason: 1}, {"1:1": reason}), ended.log
        assert remedy in holds
        assert f"hold 1: Lead {lead} " in holds


def test_a_lookup_that_nobody_is_left_to_fill() -> None:
    """It was left blank, the record is deleted in the org, and then comes whom it waited for."""
    world = World(SHOPPERS_HERE, SHOPS_HERE, SALES_HERE)
    world.run("sales", {"id": "7", "state": "completed", "customer_id": "1"})
    world.org.tables["Sale__c"].clear()
    world.run("customers", {"id": "1", "last_name": "Ann"})

    (outcome,) = world.pipeline.fill_blanks("sales")

    assert (outcome.verdict.value, outcome.reason and outcome.reason.value) == ("skipped", "gone_from_org")
    assert world.rows("Sale__c") == []
    assert world.pipeline.fill_blanks("sales") == []
