"""plan: what differs, under the mapping's rules. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from target_salesforce_retail.metadata import FieldDescribe, ObjectDescribe
from target_salesforce_retail.nouns import Draft, Intent, Match, OrgRow, Reason
from target_salesforce_retail.stages.inside.compare import fitted, same
from target_salesforce_retail.stages.plan import plan

from tests.target.world import SALES, SHOPPERS, SHOPS, arrival, mappings

ALL = mappings(SHOPPERS, SHOPS, SALES)
CUSTOMERS = ALL.of("customers")


def describe(name: str, **types: str) -> ObjectDescribe:
    return ObjectDescribe(
        name, {field: FieldDescribe(field, kind, scale=2) for field, kind in {"Key__c": "string", **types}.items()}
    )


CONTACT = describe(
    "Contact",
    FirstName="string", LastName="string", Email="email", Phone="phone", MobilePhone="phone", Birthdate="date",
    LeadSource="picklist",
)  # fmt: skip


def action(values: dict[str, Any], row: dict[str, Any] | None, *, owns: bool = True) -> Any:
    assert CUSTOMERS is not None
    draft = Draft(arrival("customers", id="7"), values, ((), ()))
    held = OrgRow("Contact", "A", row) if row is not None else None
    return plan(Match(draft, row=held, stamped_key="1:7" if owns else "1:1"), CUSTOMERS, ALL, {"Contact": CONTACT})


def test_a_new_record_gets_everything_that_is_not_blank() -> None:
    """Its key too; blanks are left to the org's defaults."""
    made = action({"LastName": "Lee", "Birthdate": None, "LeadSource": "In store"}, None)

    assert Intent.CREATE is made.intent
    assert made.body == {"Key__c": "1:7", "LastName": "Lee", "LeadSource": "In store"}


@pytest.mark.parametrize(
    ("values", "row", "expected"),
    [
        ({"LastName": "Lee"}, {"Key__c": "1:7", "LastName": "Lee"}, {}),
        ({"LastName": "Lee"}, {"Key__c": "1:7", "LastName": "lee"}, {"LastName": "Lee"}),
        ({"FirstName": "Ann"}, {"Key__c": "1:7", "FirstName": "Anna"}, {}),
        ({"FirstName": "Ann"}, {"Key__c": "1:7", "FirstName": None}, {"FirstName": "Ann"}),
        ({"FirstName": "Ann"}, {"Key__c": "1:7", "FirstName": " "}, {"FirstName": "Ann"}),
        ({"LeadSource": "In store"}, {"Key__c": "1:7"}, {}),
        ({"Birthdate": None}, {"Key__c": "1:7", "Birthdate": date(1990, 5, 17)}, {"Birthdate": None}),
        ({"Birthdate": None}, {"Key__c": "1:7"}, {}),
        ({"LastName": None}, {"Key__c": "1:7", "LastName": "Lee"}, {}),
        ({"Email": "Ann@X.org"}, {"Key__c": "1:7", "Email": "ann@x.org"}, {}),
        ({}, {"Key__c": None}, {"Key__c": "1:7"}),
    ],
)
def test_only_what_differs_and_may_change_is_sent(values: Any, row: Any, expected: Any) -> None:
    """always, if_blank, never; keep and clear."""
    made = action(values, row)

    assert expected == made.body
    assert (Intent.UPDATE if expected else Intent.NOTHING) is made.intent


@pytest.mark.parametrize(
    ("row", "owns", "intent", "body"),
    [
        ({"Key__c": "1:7", "LeadSource": "In store"}, True, Intent.UPDATE, {"LeadSource": "Gone"}),
        ({"Key__c": "1:7", "LeadSource": "Gone"}, True, Intent.NOTHING, {}),
        ({"Key__c": "1:1", "LeadSource": "In store"}, False, Intent.SKIP, {}),
        (None, True, Intent.SKIP, {}),
    ],
)
def test_a_deleted_record_changes_only_what_the_mapping_sets(row: Any, owns: bool, intent: Intent, body: Any) -> None:
    """Fields that are never updated otherwise, too; it creates nothing, and is silent on another profile's record."""
    assert CUSTOMERS is not None
    draft = Draft(arrival("customers", id="7"), {"LeadSource": "Gone"}, ((), ()), deleted=True)
    held = OrgRow("Contact", "A", row) if row is not None else None
    made = plan(Match(draft, row=held, stamped_key="1:7" if owns else "1:1"), CUSTOMERS, ALL, {"Contact": CONTACT})

    assert (made.intent, made.body) == (intent, body)
    assert (made.reason is Reason.DELETED) is (intent is Intent.SKIP)


def test_who_does_not_speak_fills_blanks_only() -> None:
    """No value is changed, none is cleared, and the key stays the other's."""
    row = {"Key__c": "1:1", "LastName": "Lee", "Birthdate": date(1990, 5, 17), "Phone": None}
    made = action({"LastName": "Leigh", "Birthdate": None, "Phone": "1"}, row, owns=False)

    assert made.body == {"Phone": "1", "Phone_E164__c": "unreadable"}


@pytest.mark.parametrize(
    ("policy", "row", "intent", "reason"),
    [
        ("on_match: {Contact: leave}", {}, Intent.SKIP, Reason.LEFT_ALONE),
        ("on_match: {Contact: hold}", {}, Intent.HOLD, Reason.MATCH_HELD),
        ("on_none: skip", None, Intent.SKIP, Reason.NOT_WANTED),
        ("on_none: hold", None, Intent.HOLD, Reason.NONE_HELD),
    ],
)
def test_declared_policies(policy: str, row: Any, intent: Intent, reason: Reason) -> None:
    """What to do with who matched, who is named with it, and with who did not."""
    rules = mappings(SHOPPERS.replace("match:", f"{policy}\nmatch:")).ordered[0]
    draft = Draft(arrival("customers", id="7"), {}, ((), ()))
    held = OrgRow("Contact", "A", row) if row is not None else None
    made = plan(Match(draft, row=held), rules, ALL, {"Contact": CONTACT})

    assert (intent, reason, "A" if held else None) == (made.intent, made.reason, made.id)


def test_a_lead_that_became_a_contact_leaves_the_leads_lookup() -> None:
    """The receipt follows the shopper."""
    sales = ALL.of("sales")
    assert sales is not None
    describes = {
        "Sale__c": describe(
            "Sale__c", Total__c="currency", Shop__c="reference", Contact__c="reference", Lead__c="reference"
        )
    }
    draft = Draft(arrival("sales", id="9"), {})
    row = OrgRow("Sale__c", "X", {"Key__c": "1:9", "Lead__c": "00Q000000000001AAA", "Contact__c": None})
    made = plan(Match(draft, row=row, found={"Shopper": ("Contact", "003000000000001AAA")}), sales, ALL, describes)

    assert made.body == {"Contact__c": "003000000000001AAA", "Lead__c": None}


@pytest.mark.parametrize(
    ("kind", "wanted", "held", "expected"),
    [
        ("currency", Decimal("11.4860025"), Decimal("11.49"), True),
        ("currency", Decimal("0.125"), Decimal("0.13"), True),
        ("currency", Decimal("-0.825"), Decimal("-0.83"), True),
        ("currency", Decimal("1"), Decimal("1.00"), True),
        ("currency", Decimal("1"), None, False),
        ("boolean", False, None, True),
        ("boolean", True, None, False),
        ("string", "", None, True),
        ("string", "12", "12", True),
        ("reference", "003000000000001", "003000000000001AAA", True),
        ("date", date(1990, 5, 17), date(1990, 5, 17), True),
        ("picklist", "a", "A", False),
    ],
)
def test_the_same_as_the_org_stores_it(kind: str, wanted: Any, held: Any, expected: bool) -> None:
    """Rounded half up at the field's scale, in the org's case, by the id's first 15 characters."""
    field = FieldDescribe("F", kind, scale=2)

    assert expected is same(fitted(wanted, field), held, field)


@given(st.datetimes(), st.integers(-12, 12))
def test_instants_compare_in_any_offset(moment: datetime, hours: int) -> None:
    """The org says UTC, whatever we say; it keeps whole seconds."""
    field = FieldDescribe("F", "datetime")
    sent = moment.replace(microsecond=0, year=2026, tzinfo=timezone(timedelta(hours=hours)))

    assert same(fitted(sent, field), sent.astimezone(timezone.utc), field)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=5, min_value=-(10**9), max_value=10**9))
def test_what_was_stored_once_is_not_sent_again(number: Decimal) -> None:
    """A fitted number equals itself after the org has rounded it."""
    field = FieldDescribe("F", "currency", scale=2)
    stored = fitted(number, field)

    assert same(fitted(number, field), stored, field)
    assert fitted(stored, field) == stored


@pytest.mark.parametrize(("owns", "expected"), [(True, {"FirstName"}), (False, {"FirstName", "LastName"})])
def test_what_only_fills_a_blank_is_told_apart(owns: bool, expected: set[str]) -> None:
    """So that a person who fills it meanwhile is not overwritten: rules that say `if_blank`, and other profiles."""
    made = action({"FirstName": "Ann", "LastName": "Lee"}, {"Key__c": "1:7"}, owns=owns)

    assert set(made.body) == {"FirstName", "LastName"}
    assert made.blanks.keys() == expected


@pytest.mark.parametrize(("held", "expected"), [(None, {"Open__c": True}), (False, {"Open__c": True}), (True, {})])
def test_a_checkbox_that_is_not_ticked_is_blank(held: bool | None, expected: dict[str, Any]) -> None:
    """A checkbox is never null in the org."""
    (shops,) = mappings(SHOPS.replace("fields: {", "fields: {Open__c: {from: open, update: if_blank}, ")).ordered
    row = OrgRow("Shop__c", "S", {"Key__c": "1:3", "Open__c": held})
    match = Match(Draft(arrival("shops", id="3"), {"Open__c": True}), row)

    assert plan(match, shops, ALL, {"Shop__c": describe("Shop__c", Open__c="boolean", Name="string")}).body == expected
