"""Amounts in an org with several currencies: 5.00 CAD is never 5.00 USD. The sandbox's org judges."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from target_salesforce_retail.mapping.preflight import preflight
from target_salesforce_retail.metadata import ObjectDescribe
from target_salesforce_retail.nouns import Action, Draft, Intent, Match, OrgRow, Reason
from target_salesforce_retail.org.describe import _object
from target_salesforce_retail.stages.check import identify
from target_salesforce_retail.stages.map import draft_of
from target_salesforce_retail.stages.plan import plan

from sandbox.clock import Clock
from sandbox.salesforce.metadata import load_metadata
from sandbox.salesforce.rows import Org
from sandbox.salesforce.schema import Schema
from sandbox.salesforce.standard import standard_schema
from sandbox.salesforce.variants import varied
from sandbox.serve import METADATA
from sandbox.switches import Switches
from tests.sandbox.salesforce_client import Client
from tests.target.world import arrival, mappings

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=timezone.utc)
SALE = "Retail_Sale__c"
KEY, CODE, PAID, TIP, TOTAL = "Lightspeed_Key__c", "CurrencyIsoCode", "Paid__c", "Tip__c", "Total__c"
SEEN = (KEY, CODE, TOTAL, TIP, PAID)
SALES = """
stream: sales
object: Retail_Sale__c
key: {{field: Lightspeed_Key__c, value: "{{account_id}}:{{id}}"}}
{said}
fields:
  Total__c: {{from: total, as: decimal, update: {total}}}
  Tip__c: {{from: tip, as: decimal, update: {tip}, on_null: {on_null}}}
"""


def an_org(*, several: bool = True) -> Org:
    return Org(schema(several=several), Clock(NOON), replace(Switches(), multi_currency=several))


@cache
def schema(*, several: bool) -> Schema:
    return varied(load_metadata(METADATA, standard_schema()), replace(Switches(), multi_currency=several))


@cache
def describe(name: str = SALE, *, several: bool = True) -> ObjectDescribe:
    client = Client(an_org(several=several)).log_in()
    return _object(name, client.data("GET", f"/sobjects/{name}/describe").body)


def sales(total: str = "always", tip: str = "always", on_null: str = "keep", said: str = "currency: currency") -> Any:
    return mappings(SALES.format(total=total, tip=tip, on_null=on_null, said=said))


def action(
    record: dict[str, Any], row: dict[str, Any] | None, rules: Any, shaped: ObjectDescribe | None = None
) -> Action:
    """What is planned for a receipt; a row that carries another key is not ours to overwrite."""
    mapping = rules.ordered[0]
    draft = draft_of(identify(arrival("sales", id="7", **record), mapping, rules, NOON), mapping, rules)
    assert isinstance(draft, Draft)
    held = OrgRow(SALE, "A", row) if row is not None else None
    match = Match(draft, row=held, stamped_key=str(row[KEY]) if row else None)
    return plan(match, mapping, rules, {SALE: shaped or describe()})


def kept(org: Org, record_id: str) -> dict[str, Any]:
    return {name: org.tables[SALE][record_id].get(name) for name in SEEN}


SUMS = st.sampled_from([None, Decimal(0), Decimal(5), Decimal("7.25")])
CODES = st.sampled_from([None, "", "CAD", "cad ", "USD", "GBP"])
UPDATES = st.sampled_from(["always", "if_blank", "never"])
RULES = st.builds(sales, UPDATES, UPDATES, st.sampled_from(["keep", "clear"]))
RECORDS = st.fixed_dictionaries({}, optional={"total": SUMS, "tip": SUMS, "currency": CODES})
HELD = st.fixed_dictionaries({CODE: st.sampled_from(["USD", "CAD"]), TOTAL: SUMS, TIP: SUMS, PAID: SUMS})


def code_of(record: dict[str, Any]) -> str:
    return str(record.get("currency") or "").strip().upper()


@given(RECORDS, HELD, RULES, st.booleans())
def test_no_sum_of_money_ever_changes_its_currency_by_the_way(
    record: dict[str, Any], held: dict[str, Any], rules: Any, ours: bool
) -> None:
    """What is written is in the till's currency; what is not is in the one it was in; and nothing is written twice."""
    org = an_org()
    one = org.create(SALE, {KEY: "1:7" if ours else "1:1", **held})
    before = kept(org, one)

    first = action(record, before, rules)
    if first.intent is Intent.UPDATE:
        org.update(SALE, one, dict(first.body))
    after = kept(org, one)
    second = action(record, after, rules)

    said = {TOTAL: record.get("total"), TIP: record.get("tip")}
    for name in (TOTAL, TIP, PAID):
        stays = (before[name], before[CODE]) == (after[name], after[CODE])
        tills = name in said and (said[name], code_of(record)) == (after[name], after[CODE])
        assert stays or tills or not after[name]
    assert second.body == {}
    assert second.intent is (Intent.HOLD if first.intent is Intent.HOLD else Intent.NOTHING)


@given(RECORDS, RULES)
def test_a_new_record_is_in_the_tills_currency_or_held(record: dict[str, Any], rules: Any) -> None:
    """A sum without a currency, or with one that the org has not, makes no record; the hold names what is wrong."""
    made = action(record, None, rules)
    code, has_sums = code_of(record), any(record.get(name) is not None for name in ("total", "tip"))

    if made.intent is Intent.HOLD:
        expected = (Reason.VALUE_REFUSED, (CODE,)) if code else (Reason.REQUIRED_MISSING, ("currency",))
        assert (made.reason, made.fields) == expected
        assert code == "GBP" or (not code and has_sums)
    else:
        org = an_org()
        assert org.tables[SALE][org.create(SALE, dict(made.body))][CODE] == (code or "USD")
        assert code or not has_sums


def test_the_law_can_fail() -> None:
    """This org takes 5.00 for 5.00 USD, when nobody says otherwise."""
    org = an_org()
    made = action({"total": 5, "currency": "CAD"}, None, sales(said=""))

    assert org.tables[SALE][org.create(SALE, dict(made.body))][CODE] == "USD"


HELD_IN_USD = {KEY: "1:7", CODE: "USD", TOTAL: Decimal(5), TIP: None, PAID: None}
OTHERS = {**HELD_IN_USD, KEY: "1:1"}


@pytest.mark.parametrize(
    ("record", "row", "intent", "body"),
    [
        # the currency alone is a change
        ({"total": 5, "currency": "CAD"}, HELD_IN_USD, Intent.UPDATE, {CODE: "CAD"}),
        ({"total": 5, "currency": "usd"}, HELD_IN_USD, Intent.NOTHING, {}),
        # without sums there is nothing to be in another currency
        ({"currency": "CAD"}, HELD_IN_USD, Intent.NOTHING, {}),
        # a sum that a person wrote would be another
        ({"total": 5, "currency": "CAD"}, {**HELD_IN_USD, PAID: Decimal(3)}, Intent.HOLD, {}),
        ({"total": 5, "currency": "CAD"}, {**HELD_IN_USD, PAID: Decimal(0)}, Intent.UPDATE, {CODE: "CAD"}),
        # no currency: what the record says already needs none, what it does not is held
        ({"total": 5, "currency": None}, HELD_IN_USD, Intent.NOTHING, {}),
        ({"total": 6, "currency": None}, HELD_IN_USD, Intent.HOLD, {}),
        # another profile's record is filled in with money of its own currency only
        ({"tip": 1, "currency": "USD"}, OTHERS, Intent.UPDATE, {TIP: Decimal("1.00")}),
        ({"tip": 1, "currency": "CAD"}, OTHERS, Intent.NOTHING, {}),
    ],
)
def test_a_record_that_is_there(record: Any, row: Any, intent: Intent, body: Any) -> None:
    """Of its own accord no currency changes under a sum."""
    made = action(record, row, sales())

    assert (made.intent, made.body) == (intent, body)


def test_a_sum_that_is_left_out_keeps_its_currency() -> None:
    """The org still has the sum that was there before, and that one is in its own."""
    rules = sales(total="always, refused: leave_out")
    made = action({"total": Decimal("1e30"), "currency": "CAD"}, HELD_IN_USD, rules)

    assert (made.intent, made.body, made.fields) == (Intent.NOTHING, {}, (TOTAL,))


def test_a_sum_that_the_till_may_not_change_keeps_its_currency() -> None:
    """It was written by a person, or by an earlier version; a blank beside it is not filled in then."""
    blanks = sales(total="if_blank", tip="if_blank")

    assert action({"total": 9, "currency": "CAD"}, HELD_IN_USD, blanks).intent is Intent.NOTHING
    assert action({"total": 9, "tip": 1, "currency": "CAD"}, HELD_IN_USD, blanks).reason is Reason.OTHER_CURRENCY


def test_what_was_not_filled_in_is_named() -> None:
    """`explain` tells it."""
    assert action({"tip": 1, "currency": "CAD"}, OTHERS, sales()).fields == (TIP,)


def test_a_key_that_is_to_be_freed_is_freed_though_nothing_is_filled_in() -> None:
    """Money of another currency stays out, and what a person has decided of the key is done all the same."""
    mapping = sales().ordered[0]
    draft = Draft(arrival("sales", id="7", currency="CAD"), {TIP: Decimal(1)}, ())
    match = Match(draft, row=OrgRow(SALE, "A", OTHERS), stamped_key="1:1", frees=((SALE, "B"),))

    made = plan(match, mapping, sales(), {SALE: describe()})

    assert (made.intent, made.body, made.frees) == (Intent.UPDATE, {}, ((SALE, "B"),))


def test_in_an_org_with_one_currency_the_key_does_nothing() -> None:
    """Nor is anybody held for want of it."""
    plain = describe(several=False)

    assert CODE not in action({"total": 5, "currency": "CAD"}, None, sales(), plain).body
    assert action({"total": 5}, None, sales(), plain).intent is Intent.CREATE


@pytest.mark.parametrize(("open_to", "expected"), [("create", Intent.HOLD), ("nobody", Intent.HOLD)])
def test_a_currency_that_cannot_be_changed_keeps_other_money_out(open_to: str, expected: Intent) -> None:
    """Some records take it on create only, and some take it from their parent."""
    code = replace(describe().fields[CODE], updateable=False, createable=open_to == "create")
    fixed = replace(describe(), fields={**describe().fields, CODE: code})

    made = action({"total": 6, "currency": "CAD"}, HELD_IN_USD, sales(), fixed)
    assert (made.intent, made.reason) == (expected, Reason.OTHER_CURRENCY)
    assert action({"total": 6, "currency": "USD"}, HELD_IN_USD, sales(), fixed).body == {TOTAL: Decimal("6.00")}
    assert (CODE in action({"total": 6, "currency": "CAD"}, None, sales(), fixed).body) is (open_to == "create")


def preflighted(rules: Any, *, several: bool = True) -> list[str]:
    return preflight(rules, lambda names: {name: describe(name, several=several) for name in names})[1]


def test_preflight_refuses_amounts_without_a_currency() -> None:
    """With its place, the fields and what to say; in an org with one currency there is nothing to say."""
    (fault,) = preflighted(sales(said=""))

    assert fault == (
        "test.yml:2: this org has several currencies, and Retail_Sale__c.Tip__c and Total__c would be in the "
        "integration user's; say `currency: <property>`, or give CurrencyIsoCode a rule"
    )
    assert preflighted(sales(said=""), several=False) == []
    assert preflighted(sales()) == []


def test_a_rule_for_the_field_itself_is_taken_at_its_word() -> None:
    """One shop, one currency."""
    rules = mappings(
        SALES.format(total="always", tip="always", on_null="keep", said="") + "  CurrencyIsoCode: {value: CAD}\n"
    )

    assert preflighted(rules) == []
    assert action({"total": 5}, None, rules).body[CODE] == "CAD"
