"""What a profile says of itself is whole in each status, and what a person has written there stays."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from target_salesforce_retail.stages.inside.profile_fields import ids_in, linked, new_person, noted, to_decide, unlinked

from tests.target.test_deciding import ANN, profile, world

A, B, C = (f"0035e000000000{each}AAA" for each in "123")
IDS = st.sampled_from([A, B, C, B[:15]])
WORDS = st.sampled_from(["ask", "Kim", "(his", "mother)", "14.11.", "Ähnlich"])
SPACES = st.sampled_from([" ", ", ", "\n", "  ", ","])


def text_of(parts: Sequence[tuple[str, str]]) -> str:
    """Words, with what stands between them."""
    return "".join(word + space for word, space in parts).strip(" \n,")


TEXTS = st.lists(st.tuples(st.one_of(IDS, WORDS), SPACES), max_size=7).map(text_of)
MORE = st.sets(IDS, max_size=3)


@pytest.mark.parametrize(
    ("before", "ids", "after"),
    [
        ("", {B, A}, f"{A} {B}"),
        (f"{B} {A}", {A, B}, f"{B} {A}"),
        (f"{B}", {A, B}, f"{A} {B}"),
        ("ask Kim", {"ask", "Kim", B, A}, f"ask Kim {A} {B}"),
        (f"{B} (his mother), ask Kim", {B, "(his", "mother)", "ask", "Kim", A}, f"{B} (his mother), ask Kim {A}"),
        (f"{B}, {A} (his mother)", {A, "(his", "mother)"}, f"{A} (his mother)"),
        (f"ask\nKim {B}", {"ask", "Kim"}, "ask\nKim"),
        (f"{A} {B}", set(), None),
    ],
)
def test_a_remark_stays_where_it_is(before: str, ids: set[str], after: str | None) -> None:
    """Ids before it are not moved, and those behind it are listed in order."""
    assert noted(before, ids) == after


@given(TEXTS, MORE, MORE)
def test_what_is_added_is_there_once_and_in_any_order(text: str, one: set[str], other: set[str]) -> None:
    """All in one step or in two; and what stood there says what it has said."""
    there = {*ids_in(text)}
    first = noted(text, there | one)

    assert {*ids_in(first)} == there | one
    assert noted(first, there | one) == first
    assert noted(first, there | one | other) == noted(text, there | one | other)


@given(TEXTS, MORE)
def test_of_what_a_person_wrote_only_the_ids_leave(text: str, gone: set[str]) -> None:
    """Words and their order are as before; read word by word."""
    left = noted(text, {*ids_in(text)} - gone) or ""
    remarks = [word for word in re.split(r"[\s,]+", text) if word and word not in (A, B, C, B[:15])]

    assert [word for word in re.split(r"[\s,]+", left) if word in remarks] == remarks
    assert {*ids_in(left)} == {*ids_in(text)} - gone


def test_each_status_says_all_of_its_own_fields() -> None:
    """What one leaves out would stand there from the status before."""
    here, _, _ = world()
    rule = here.mappings.ordered[0].profile or next(each.profile for each in here.mappings.ordered if each.profile)
    assert rule

    for said in (
        linked(rule, "Lead", A, B),
        to_decide(rule, B, by="email", evidence=("Contact.Email",), candidates=(C, A)),
        new_person(rule, B),
        unlinked(rule, B),
    ):
        assert set(said) == set(rule.own_fields)
    assert linked(rule, "Lead", A, B)[rule.person["Contact"]] is None


def test_a_remark_outlives_a_run_and_a_decision() -> None:
    """Beside the ids that the run adds to them."""
    here, org, desk = world()
    for each in (A, B):
        org.put("Contact", {"Id": each, "Email": "a@x.org"})
    here.run("customers", ANN)
    profile(org)["Not__c"] = "ask Kim (14.11.)"

    here.run("customers", ANN)
    assert profile(org)["Not__c"] == "ask Kim (14.11.)"
    desk.rule_out(desk.subject("1:1", None), A, "Kim")
    here.run("customers", ANN)
    assert profile(org)["Not__c"] == f"ask Kim (14.11.) {A}"
    desk.link_to(desk.subject("1:1", None), A, "Kim")
    assert profile(org)["Not__c"] == f"ask Kim (14.11.) {B}"
