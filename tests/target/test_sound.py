"""A flaw of one property: held where it matters, else as if that property were not there."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from target_salesforce_retail.nouns import Arrival, Draft, Flaw, Outcome, Reason, Verdict
from target_salesforce_retail.stages.check import check, identify
from target_salesforce_retail.stages.inside.parts import sets_of
from target_salesforce_retail.stages.map import draft_of

from tests.target.world import LINES, SALES, SHOPPERS, SHOPS, World, arrival, mappings

NOW = datetime(2026, 11, 20, 12, tzinfo=timezone.utc)
TEXT = (
    SHOPPERS.replace("match:", "unreadable: unreadable\nrequire: [code]\nmatch:")
    .replace("as: email, ", "as: email, on_null: clear, ")
    .replace("{from: phone}", "{from: [phone, mobile], refused: leave_out, else: none}")
    .replace("{from: first_name, ", "{from: first_name, refused: leave_out, ")
    .replace("{from: mobile, ", "{from: mobile, refused: leave_out, ")
    .replace("region: {", "region: {from: country, ")
    .replace("archived: false}", "archived: false}\ndeleted: {when: deleted_at, set: {LeadSource: Gone}}")
    .replace("  LeadSource", '  Title: {value: "{title}[ {suffix}]", refused: leave_out}\n  LeadSource')
)
ALL = mappings(TEXT, SHOPS, SALES, LINES)
RECORD: dict[str, Any] = {
    "id": "7", "first_name": "Ann", "last_name": "Lee", "email": "ann@x.org", "phone": "514 250 0001", "code": "C",
    "mobile": "604 250 0001", "birth_date": "1990-05-17", "updated_at": "2026-11-01T10:00:00Z", "title": "Dr",
    "suffix": "II", "shoe_size": 7, "country": "CA", "deleted_at": None, "unreadable": [],
}  # fmt: skip


def came(*flawed: str, unreadable: list[Any] | None = None, **more: Any) -> Arrival:
    flaws = tuple(Flaw(name, "odd") for name in flawed)
    record = {**RECORD, "unreadable": unreadable or [], **more}
    return identify(arrival("customers", flaws, **record), ALL.of("customers"), ALL, NOW)


def drafted(arrived: Arrival) -> Draft:
    rules = ALL.of("customers")
    assert rules is not None
    assert check(arrived, rules) is None
    made = draft_of(arrived, rules, ALL)
    assert isinstance(made, Draft)
    return made


def held(arrived: Arrival) -> Outcome:
    outcome = check(arrived, ALL.of("customers"))
    assert outcome is not None
    assert (outcome.verdict, outcome.reason) == (Verdict.HELD, Reason.INVALID)
    return outcome


@pytest.mark.parametrize(
    "name",
    ["id", "account_id", "archived", "code", "updated_at", "deleted_at", "first_name", "last_name", "birth_date"],
)
@pytest.mark.parametrize("how", ["schema", "tap"])
def test_what_matters_holds_and_is_named(name: str, how: str) -> None:
    """Key, version, `when`, `require`, `deleted`, `agree`, and fields whose rules say so."""
    arrived = came(name) if how == "schema" else came("unreadable", unreadable=[name])

    assert held(arrived).fields == (name,)
    assert str(held(arrived).message).startswith(f"{name}: ")


@pytest.mark.parametrize(
    ("name", "omitted"),
    [("email", {"Email"}), ("phone", {"Phone"}), ("title", {"Title"}), ("suffix", {"Title"}), ("shoe_size", set())],
)
@pytest.mark.parametrize("how", ["schema", "tap"])
def test_what_does_not_matter_says_nothing(name: str, omitted: set[str], how: str) -> None:
    """It clears nothing, and nothing steps in for it: that it cannot be read does not make it blank."""
    value = {"odd": 1} if how == "schema" else None
    arrived = came(name, **{name: value}) if how == "schema" else came("unreadable", unreadable=[name], **{name: value})

    made, sound = drafted(arrived), drafted(came())

    assert set(made.fallbacks) == omitted
    assert made.values == {field: each for field, each in sound.values.items() if field not in omitted}


def test_what_cannot_be_read_is_no_evidence() -> None:
    """The other phone still is; of a country that cannot be read, no number without its own."""
    assert drafted(came("email", "mobile")).match_keys == ((), (("+15142500001",),))
    assert drafted(came("country")).match_keys == ((("ann@x.org",),), ())
    assert drafted(came("country", phone="+1 514 250 0001")).match_keys[1] == (("+15142500001",),)


@pytest.mark.parametrize("value", [None, {"odd": 1}, "1961-01-02"])
def test_what_cannot_be_read_contradicts_nothing(value: Any) -> None:
    """A birthday that would make a doubt of it, could it be read."""
    rule = "{Contact: Email, Lead: Email}, unless: {Birthdate: birth_date}"
    text = TEXT.replace("{Contact: Email, Lead: Email}", rule).replace("as: date", "as: date, refused: leave_out")
    world = World(text, SHOPS, SALES, LINES)
    known = world.org.put("Contact", {"Email": "ann@x.org", "FirstName": "Ann", "Birthdate": "1990-05-17"})
    record = {**RECORD, "account_id": "1", "archived": False, "birth_date": value, "unreadable": ["birth_date"]}

    (outcome,) = world.run("customers", record)
    assert (outcome.verdict, outcome.id) == (Verdict.UPDATED, known)

    (contradicted,) = world.run("customers", {**record, "id": "8", "birth_date": "1961-01-02", "unreadable": []})
    assert contradicted.reason is Reason.VETOED


def test_what_says_what_a_record_becomes_holds_it() -> None:
    """Whoever cannot be read there might be staff."""
    said = "on_none: [{when: {kind: staff}, do: skip}, {create: Contact}]\nmatch:"
    world = World(TEXT.replace("match:", said), SHOPS, SALES, LINES)
    record = {**RECORD, "account_id": "1", "archived": False, "kind": None}

    (outcome,) = world.run("customers", {**record, "unreadable": ["kind"]})

    assert (outcome.reason, outcome.fields) == (Reason.INVALID, ("kind",))


def test_a_second_phone_steps_in_for_a_blank_one_only() -> None:
    """One that cannot be read may be the better. In a new record that has to have one it does."""
    assert drafted(came(phone=None)).values["Phone"] == "604 250 0001"
    assert drafted(came("phone")).fallbacks == {"Phone": "604 250 0001"}
    assert drafted(came("phone", mobile=None)).fallbacks == {"Phone": "none"}
    assert drafted(came("mobile")).values["Phone"] == "514 250 0001"


@pytest.mark.parametrize("names", [["dob"], ["email", "dob"]])
def test_a_name_that_nobody_knows_holds(names: list[str]) -> None:
    """What it meant cannot be told."""
    assert held(came("unreadable", unreadable=names)).fields == ("dob",)


@pytest.mark.parametrize("listing", [[7], [""], "email", {"email": 1}])
def test_a_list_that_is_none_holds_if_the_schema_says_so(listing: Any) -> None:
    """By its own name."""
    assert held(came("unreadable", unreadable=listing)).fields == ("unreadable",)


def test_the_record_as_a_whole_holds() -> None:
    """Whatever else is at fault."""
    outcome = held(came("email", ""))

    assert outcome.message == "record: odd"


def test_a_deleted_record_needs_little() -> None:
    """It says nothing but that."""
    arrived = came("birth_date", "archived", deleted_at="2026-11-02T10:00:00Z")

    assert drafted(arrived).values == {"LeadSource": "Gone"}
    assert held(came("deleted_at", deleted_at="2026-11-02T10:00:00Z")).fields == ("deleted_at",)


@pytest.mark.parametrize("name", ["line_ids", "customer_id", "state"])
def test_what_others_hang_on_holds(name: str) -> None:
    """A list of lines that cannot be read takes no line away, and a customer that cannot be read is no walk-in."""
    record = arrival("sales", (Flaw(name, "odd"),), id="9", state="completed", line_ids=[], customer_id=None)
    sale = identify(record, ALL.of("sales"), ALL, NOW)

    outcome = check(sale, ALL.of("sales"))
    assert outcome is not None
    assert outcome.fields == (name,)


def test_the_currency_of_an_amount_holds() -> None:
    """In an org with one currency nobody would miss it; in others the sum would be another."""
    money = mappings(SALES.replace("fields:", "currency: currency\nfields:"), SHOPPERS, SHOPS, LINES)
    record = arrival("sales", (Flaw("currency", "odd"),), id="9", state="completed", total=1, currency=7)
    outcome = check(identify(record, money.of("sales"), money, NOW), money.of("sales"))

    assert outcome is not None
    assert outcome.fields == ("currency",)


@pytest.mark.parametrize(("name", "known"), [("note", True), ("line_ids", False), ("total", False)])
def test_a_list_of_lines_counts_where_its_record_does(name: str, known: bool) -> None:
    """What a record that is held lists is not believed either."""
    record = arrival("sales", (Flaw(name, "odd"),), id="9", state="completed", line_ids=["1"], total=1, note={})
    sales = ALL.of("sales")
    assert sales is not None
    sale = identify(record, sales, ALL, NOW)

    assert bool(sets_of([sale], sales, ALL)) is known


def test_a_version_that_cannot_be_read_orders_nothing() -> None:
    """A number in place of an instant would."""
    assert came("updated_at", updated_at=5).version is None
    assert came("email").version is not None


def test_a_hold_is_weighed_anew_when_it_comes_again() -> None:
    """By the mapping of that day: a field that can now be left out lets it in."""
    world = World(SHOPPERS.replace("match:", "unreadable: unreadable\nmatch:"), SHOPS, SALES, LINES)
    world.run("customers", {"id": "7", "birth_date": None, "unreadable": ["birth_date"], "last_name": "Lee"})
    (again,) = world.ledger.held("customers")

    world.mappings = mappings(
        TEXT.replace("as: date, ", "as: date, refused: leave_out, ").replace("require: [code]\n", "")
    )
    (outcome,) = world.pipeline.run("customers", [again])

    assert (outcome.verdict, outcome.fields) == (Verdict.CREATED, ("Birthdate",))
    assert again.flaws == (Flaw("birth_date", "could not be read by its tap"),)
