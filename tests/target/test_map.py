"""map: the same record in Salesforce words."""

from __future__ import annotations

from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from target_salesforce_retail.nouns import Draft, Outcome, Reason, Reference, Stage, Verdict
from target_salesforce_retail.stages.inside.name import version_of
from target_salesforce_retail.stages.map import draft_of

from tests.target.world import LINES, SALES, SHOPPERS, SHOPS, arrival, mappings

ALL = mappings(SHOPPERS, SHOPS, SALES, LINES)
NOW = datetime(2026, 11, 20, 12, tzinfo=timezone.utc)


def draft(stream: str, **record: Any) -> Draft:
    mapping = ALL.of(stream)
    assert mapping is not None
    made = draft_of(arrival(stream, **record), mapping, ALL)
    assert isinstance(made, Draft), made
    return made


def one_rule(rule: str, **record: Any) -> dict[str, Any]:
    """Values that a single field rule makes."""
    text = (
        "stream: shops\nobject: Shop__c\nregion: {else: CA}\n"
        'key: {field: Key__c, value: "{account_id}:{id}"}\n'
        f"fields: {{F: {rule}}}"
    )
    mapping = mappings(text).ordered[0]
    made = draft_of(arrival("shops", id="1", **record), mapping, mappings(text))
    assert isinstance(made, Draft), made
    return dict(made.values)


@pytest.mark.parametrize(
    ("rule", "record", "expected"),
    [
        ("{from: name}", {"name": " Lee "}, {"F": "Lee"}),
        ("{from: name}", {"name": None}, {}),
        ("{from: name}", {}, {}),
        ("{from: name, on_null: clear}", {"name": None}, {"F": None}),
        ("{from: name, on_null: clear}", {"name": "  "}, {"F": None}),
        ("{from: name, on_null: clear}", {}, {}),
        ("{from: name, else: x}", {"name": None}, {"F": "x"}),
        ("{from: name, else: x}", {}, {"F": "x"}),
        ("{from: [a, b]}", {"a": " ", "b": "B"}, {"F": "B"}),
        ("{from: [a, b], as: phone}", {"a": "nonsense", "b": "514 250 0001"}, {"F": "+15142500001"}),
        ("{from: mail, as: email}", {"mail": " Ann@X.org"}, {"F": "ann@x.org"}),
        ("{from: mail, as: email, refused: leave_out}", {"mail": "none"}, {}),
        ("{from: mail, as: email, refused: leave_out, on_null: clear}", {"mail": "none"}, {}),
        ("{from: mail, as: email, refused: leave_out, else: x@y.org}", {"mail": "none"}, {}),
        ("{from: [a, b], as: decimal, refused: leave_out, else: 0}", {"a": "some", "b": None}, {}),
        ("{from: [a, b], as: decimal}", {"a": "some", "b": 1}, {"F": 1}),
        ('{value: "{a}", refused: leave_out, on_null: clear}', {"a": {"b": 1}}, {}),
        ('{value: "{a}", as: date, refused: leave_out}', {"a": "17.5.1990"}, {}),
        ('{value: "{year}-05-17", as: date}', {"year": 1990}, {"F": date(1990, 5, 17)}),
        ('{value: "{a}[, {b}]"}', {"a": "1", "b": " "}, {"F": "1"}),
        ('{value: "{a}[, {b}]"}', {"a": "1", "b": "2"}, {"F": "1, 2"}),
        ('{value: "{a}[, {b}]"}', {"a": None, "b": "2"}, {}),
        ('{value: "[{a}][, {b}]"}', {"a": None, "b": "2"}, {"F": ", 2"}),
        ('{value: "[{a}][ {b}]"}', {"a": None, "b": "2"}, {"F": "2"}),
        ('{value: "[{a}][ {b}]", on_null: clear}', {"a": None, "b": "\u200b"}, {"F": None}),
        ('{value: "[{a}][ {b}]", on_null: clear}', {}, {}),
        ('{value: "No. {n}"}', {"n": Decimal("1E+3")}, {"F": "No. 1000"}),
        ('{value: "[[{a}]]"}', {"a": "1"}, {"F": "[1]"}),
        ("{value: In store}", {}, {"F": "In store"}),
        ("{value: true}", {}, {"F": True}),
        ('{value: "2.50", as: decimal}', {}, {"F": Decimal("2.50")}),
        ('{value: "514 250 0001", as: phone}', {}, {"F": "+15142500001"}),
        ('{value: "2026-11-20T23:30:00-05:00", as: date, zone: America/Toronto}', {}, {"F": date(2026, 11, 20)}),
        ('{value: "{a} of {b}"}', {"a": "1", "b": "2"}, {"F": "1 of 2"}),
        ('{value: "{a} of {b}"}', {"a": "1"}, {}),
        ('{value: "{a} of {b}", on_null: clear}', {"a": "1", "b": None}, {"F": None}),
        ('{value: "{a} of {b}", on_null: clear}', {"a": "1"}, {}),
        ('{value: "{{a}}"}', {"a": "1"}, {"F": "{a}"}),
        ("{from: n, as: decimal}", {"n": Decimal("1.10")}, {"F": Decimal("1.10")}),
        ("{from: n, as: integer}", {"n": Decimal("2.0")}, {"F": 2}),
        ("{from: tags, as: list}", {"tags": ["a", "b"]}, {"F": "a;b"}),
        ("{from: day, as: date}", {"day": "1990-05-17"}, {"F": date(1990, 5, 17)}),
    ],
)
def test_what_a_rule_says(rule: str, record: dict[str, Any], expected: dict[str, Any]) -> None:
    """A value, None to clear, or nothing at all: an absent property never clears, and neither does a malformed one."""
    assert expected == one_rule(rule, **record)


def test_a_value_that_does_not_fit_holds_the_record() -> None:
    """With the field and the rule, not the value."""
    mapping = ALL.of("sale_lines")
    assert mapping is not None
    outcome = draft_of(arrival("sale_lines", id="1", sale_id="2", quantity="a few"), mapping, ALL)

    assert isinstance(outcome, Outcome)
    assert (outcome.reason, outcome.fields) == (Reason.UNCONVERTIBLE, ("Quantity__c",))
    assert outcome.message
    assert "a few" not in outcome.message


def test_a_record_without_its_key_is_held() -> None:
    """There is nothing to stamp."""
    mapping = ALL.of("customers")
    assert mapping is not None
    outcome = draft_of(arrival("customers", id=None, last_name="Lee"), mapping, ALL)

    assert isinstance(outcome, Outcome)
    assert (outcome.verdict, outcome.stage) == (Verdict.HELD, Stage.MAP)
    assert (outcome.reason, outcome.fields) == (Reason.REQUIRED_MISSING, ("account_id", "id"))


@pytest.mark.parametrize("parent", [{}, {"sale_id": None}, {"sale_id": " "}])
def test_a_part_that_names_no_parent_is_held(parent: dict[str, Any]) -> None:
    """Under the name of the property that should say it: it could hang nowhere."""
    mapping = ALL.of("sale_lines")
    assert mapping is not None
    outcome = draft_of(arrival("sale_lines", id="1", quantity="1", **parent), mapping, ALL)

    assert isinstance(outcome, Outcome)
    assert (outcome.verdict, outcome.stage) == (Verdict.HELD, Stage.MAP)
    assert (outcome.reason, outcome.fields, outcome.message) == (Reason.REQUIRED_MISSING, ("sale_id",), None)


def test_match_keys_stand_in_the_order_of_the_rules() -> None:
    """E-mail, then phones; what is no use for matching is left out."""
    made = draft("customers", id="7", email="Ann@X.org", mobile="(514) 250-0001", phone="555-0100")

    assert made.match_keys == ((("ann@x.org",),), (("+15142500001",),))


def test_references_name_the_other_record_by_its_own_key() -> None:
    """{id} comes from the rule's property, the account from this record; a walk-in refers to nobody."""
    made = draft("sales", id="9", state="completed", shop_id="3", customer_id="7")
    walk_in = draft("sales", id="9", state="completed", shop_id="3", customer_id=None)

    assert {Reference("Shop__c", "shops", "1:3"), Reference("Shopper", "customers", "1:7")} == set(made.references)
    assert [Reference("Shop__c", "shops", "1:3")] == list(walk_in.references)


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("9", "10"),
        (9, "10"),
        (Decimal("9.5"), 10),
        (Decimal("1.25"), Decimal("1.5")),
        (1, "1.01"),
        ("0099", "100"),
        (Decimal("9E+2"), 1000),
        ("2026-11-01T10:00:00+00:00", "2026-11-01T10:00:01+00:00"),
        ("2026-11-01T10:00:00+02:00", "2026-11-01T09:00:00Z"),
        (9, 10),
        (99, 1000),
    ],
)
def test_versions_compare_as_text(older: Any, newer: Any) -> None:
    """Instants in any offset, and numbers, also those that come as text."""
    mapping = ALL.of("customers")
    assert mapping is not None
    texts = [version_of(mapping, {"updated_at": value}, NOW) for value in (older, newer)]

    assert None not in texts
    assert str(texts[0]) < str(texts[1])


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-21T12:00:01+00:00",
        "9999-12-31T23:59:59Z",
        "2026-11-20",
        "soon",
        True,
        -1,
        10**20,
        10**400,
        Decimal("1E+99999"),
        Decimal("NaN"),
        float("inf"),
        {"a": 1},
        [],
    ],
)
def test_what_is_no_version_orders_nothing(value: Any) -> None:
    """Further ahead than a day is a mistake: it would keep out every version that comes before its time."""
    mapping = ALL.of("customers")
    assert mapping is not None

    assert version_of(mapping, {"updated_at": value}, NOW) is None
    assert version_of(mapping, {"updated_at": "2026-11-21T12:00:00Z"}, NOW) == "2026-11-21T12:00:00.000000+00:00"


@given(st.lists(st.decimals(0, 10**9, places=4) | st.integers(0, 10**9), min_size=2, max_size=2))
def test_numbers_order_as_their_texts(pair: list[Any]) -> None:
    """Equal ones too, however they are written."""
    mapping = ALL.of("customers")
    assert mapping is not None
    one, other = (str(version_of(mapping, {"updated_at": value}, NOW)) for value in pair)

    assert (one < other, one == other) == (pair[0] < pair[1], pair[0] == pair[1])


def phone_keys(phone: str, country: str | None) -> tuple[str, ...]:
    """The match keys of a shopper's phone, where the mapping reads it by the shopper's country."""
    mapping = mappings(SHOPPERS.replace("region: {", "region: {from: country, ")).ordered[0]
    made = draft_of(arrival("customers", id="7", phone=phone, country=country), mapping, ALL)
    assert isinstance(made, Draft)
    return made.match_keys[1][0] if made.match_keys[1] else ()


@pytest.mark.parametrize("country", ["CAN", "Canada", "", None])
def test_what_is_no_country_code_leaves_phones_to_the_country_assumed(country: str | None) -> None:
    """Else its numbers would be no numbers, and match nobody."""
    assert phone_keys("514 250 0001", country) == ("+15142500001",)


@pytest.mark.parametrize("country", ["GB", "gb", " Gb "])
def test_a_phone_is_read_by_the_country_of_its_record(country: str) -> None:
    """The same digits are no number in the country assumed."""
    assert phone_keys("020 7946 0018", country) == ("+442079460018",)
    assert phone_keys("020 7946 0018", None) == ()
