"""The tables: rows that keep only what they say, indexes that stay true, and writes that can be undone."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sandbox.salesforce.row import Shapes
from sandbox.salesforce.schema import Field, Schema, SObject
from sandbox.salesforce.store import Store

DEFAULTS = {
    "Id": None,
    "Name": None,
    "Email": None,
    "Total": None,
    "Active": False,
    "Status": "New",
    "IsDeleted": False,
}
VALUES = st.one_of(
    st.none(), st.booleans(), st.sampled_from(["New", "", "ann@example.com", "ANN@example.com"]), st.just(Decimal("0"))
)
ROWS = st.dictionaries(st.sampled_from(sorted(DEFAULTS)), VALUES)
EMAILS = st.sampled_from([None, "ann@example.com", "ANN@example.com", "bo@example.com"])
STEPS = st.lists(
    st.tuples(st.sampled_from("abcd"), st.one_of(st.none(), st.fixed_dictionaries({"Email": EMAILS}))), max_size=12
)


@given(ROWS, ROWS)
def test_a_row_reads_as_the_dict_that_it_was(values: dict[str, Any], changes: dict[str, Any]) -> None:
    whole = {**DEFAULTS, **values}
    row = Shapes(DEFAULTS).keep(whole)
    assert dict(row) == whole
    assert {name: row.get(name) for name in DEFAULTS} == whole
    assert row.changed(changes) == {**whole, **changes}
    assert len(row) == len(whole)


def test_nought_is_not_false_and_null_is_not_the_default() -> None:
    row = Shapes(DEFAULTS).keep({**DEFAULTS, "Active": 0, "Status": None})
    assert (row["Active"], type(row["Active"]), row["Status"]) == (0, int, None)


def test_a_field_that_the_object_lacks_is_kept_and_others_miss_it() -> None:
    shapes = Shapes(DEFAULTS)
    assert shapes.keep({**DEFAULTS, "Odd": 1})["Odd"] == 1
    assert shapes.keep(DEFAULTS).get("Odd", "none") == "none"


def store() -> Store:
    fields = [Field("Id", "id"), Field("Email", "email"), Field("IsDeleted", "boolean")]
    sobject = SObject("Person", "Person", "00P", {field.name.lower(): field for field in fields})
    return Store(Schema([sobject]))


def found(people: Store, email: str | None) -> set[str]:
    return {row["Id"] for row in people.lookup("Person", "Email", [email])}


def scanned(people: Store, email: str | None) -> set[str]:
    rows = people.tables["Person"].values()
    return {row["Id"] for row in rows if (row["Email"] or "").lower() == (email or "").lower()}


def apply(people: Store, steps: list[tuple[str, dict[str, Any] | None]]) -> None:
    for record_id, values in steps:
        if values is not None:
            people.put("Person", record_id, {"Id": record_id, "IsDeleted": False, **values})
        elif record_id in people.tables["Person"]:
            people.discard("Person", record_id)


@given(STEPS, STEPS)
def test_an_index_finds_what_a_scan_finds(
    before: list[tuple[str, dict[str, Any] | None]], after: list[tuple[str, dict[str, Any] | None]]
) -> None:
    people = store()
    apply(people, before)
    found(people, None)
    apply(people, after)
    for email in (None, "ann@example.com", "Bo@example.com", "nobody@example.com"):
        assert found(people, email) == scanned(people, email)


@given(STEPS, STEPS)
def test_what_is_undone_leaves_no_trace(
    before: list[tuple[str, dict[str, Any] | None]], undone: list[tuple[str, dict[str, Any] | None]]
) -> None:
    people = store()
    apply(people, before)
    held = people.snapshot(), found(people, "ann@example.com"), found(people, None)
    with suppress(ZeroDivisionError), people.atomic():
        apply(people, undone)
        raise ZeroDivisionError
    assert (people.snapshot(), found(people, "ann@example.com"), found(people, None)) == held
