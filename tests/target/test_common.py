"""What too many share is no evidence: a law that no company changes, and what it means for one shopper."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from target_salesforce_retail.nouns import Reason, Trait, Verdict
from target_salesforce_retail.stages.inside.common import Common, masked

from tests.lanes import examples
from tests.target import test_company_of_rules as of_rules
from tests.target.company import all_of, end_alike, parts
from tests.target.reference import Reference
from tests.target.test_company import DOCUMENTS, contacts, cuts, leads, shoppers, world_of
from tests.target.world import SHOPPERS, World

Values = dict[str, Any]
FEW = (
    DOCUMENTS[0]
    .replace("Lead: Email}}", "Lead: Email}, shared_by: 2, agree: {FirstName: {from: first_name, by: name}}}")
    .replace(
        "agree: {FirstName: first_name}}", "agree: {FirstName: {from: first_name, blank: differs}}, shared_by: 1}"
    ),
    *DOCUMENTS[1:],
)
PEOPLE = st.lists(st.tuples(st.just("Contact"), contacts) | st.tuples(st.just("Lead"), leads), max_size=6)


@settings(max_examples=examples(60))
@given(PEOPLE, st.lists(shoppers, max_size=9), cuts)
def test_a_batch_ends_as_its_records_would_where_few_may_share(
    rows: list[tuple[str, Values]], records: list[Values], sizes: list[int]
) -> None:
    """Who is the third with an e-mail is so in any partition; the ledger counts the same."""
    end_alike(world_of(Reference, rows, FEW), world_of(World, rows, FEW), world_of(World, rows, FEW), records, sizes)


@settings(max_examples=examples(30))
@given(PEOPLE, st.lists(shoppers, max_size=8), cuts)
def test_who_was_recognised_before_stays_who_they_are(
    rows: list[tuple[str, Values]], records: list[Values], sizes: list[int]
) -> None:
    """However many have come since: what comes again changes neither org nor ledger."""
    world = world_of(World, rows, [text.replace("on_null: clear, ", "") for text in FEW])
    versions = [{**record, "updated_at": f"2026-11-{day:02d}T10:00:00Z"} for day, record in enumerate(records, 1)]
    outcomes = world.run("customers", *versions)
    before = all_of(world)
    settled = [each for each, outcome in zip(versions, outcomes, strict=True) if outcome.verdict is not Verdict.HELD]

    for part in parts(settled, sizes):
        world.run("customers", *part)

    assert all_of(world) == before


FEW_OF_ANY_MAKE = (
    of_rules.SHOPPERS.replace("unless: {Birthdate: birth_date}", "unless: {Birthdate: birth_date}, shared_by: 2")
    .replace(
        "    agree: {FirstName: first_name}\n",
        "    agree: {FirstName: {from: first_name, by: name}}\n    shared_by: 1\n",
    )
    .replace("  - name: birthday\n", "  - name: birthday\n    shared_by: 1\n")
)


@settings(max_examples=examples(60))
@given(st.lists(of_rules.org_rows.map(tuple), max_size=2), st.lists(of_rules.shoppers, max_size=8), cuts)
def test_so_it_does_by_rules_of_any_make(
    halves: list[tuple[tuple[str, Values], ...]], records: list[Values], sizes: list[int]
) -> None:
    """Of several comparisons it is all of them together that few may share."""
    rows = [row for half in halves for row in half]
    slow, whole, cut = (of_rules.world_of(kind, rows, FEW_OF_ANY_MAKE) for kind in (Reference, World, World))
    assert isinstance(slow, Reference)
    end_alike(slow, whole, cut, records, sizes)


NAMED_TWICE = """
stream: customers
object: Contact
key: {field: Key__c, value: "{account_id}:{id}"}
match:
  - by: key
  - name: both
    all:
      - {by: text, from: [first, called], to: {Contact: FirstName}}
      - {by: text, from: [last, maiden], to: {Contact: LastName}}
    shared_by: 1
fields:
  FirstName: {from: first}
  LastName: {from: last}
"""


GIVEN, LAST = st.sampled_from(["Ann", "Bob", "Cy"]), st.sampled_from(["Lee", "Roy", "Kim"])
named = st.fixed_dictionaries(
    {"id": st.sampled_from("12345"), "first": GIVEN, "called": GIVEN, "last": LAST, "maiden": LAST}
)
names = st.fixed_dictionaries({"FirstName": GIVEN, "LastName": LAST})


@settings(max_examples=examples(60))
@given(st.lists(names, max_size=3), st.lists(named, max_size=8), cuts)
def test_so_it_does_where_each_comparison_has_two_keys(
    rows: list[Values], records: list[Values], sizes: list[int]
) -> None:
    """Just the choices of one key for each comparison that too many share are out, and no other."""
    people = [("Contact", row) for row in rows]
    slow, whole, cut = (of_rules.world_of(kind, people, NAMED_TWICE) for kind in (Reference, World, World))
    assert isinstance(slow, Reference)
    end_alike(slow, whole, cut, records, sizes)


def named_twice(number: int) -> Values:
    """A record whose first choice everybody shares, and whose other three nobody does."""
    return {"id": str(number), "first": "Shop", "called": f"A{number}", "last": "Shop", "maiden": f"B{number}"}


@pytest.mark.parametrize("at_once", [True, False])
def test_a_choice_that_too_many_share_does_not_come_back_by_the_others(at_once: bool) -> None:
    """Each of the two values is still looked for beside others, the two together are not."""
    world = World(NAMED_TWICE)
    parts_of_it = [[named_twice(1), named_twice(2), named_twice(3)]]
    parts_of_it = parts_of_it if at_once else [[each] for each in parts_of_it[0]]

    outcomes = [outcome for part in parts_of_it for outcome in world.run("customers", *part)]

    assert [each.verdict for each in outcomes] == [Verdict.CREATED] * 3


@pytest.mark.parametrize(
    ("first", "last", "rule"),
    [("Shop", "Shop", None), ("Shop", "B1", "both"), ("A1", "Shop", "both"), ("A1", "B1", "both")],
)
def test_the_choices_that_few_share_still_find(first: str, last: str, rule: str | None) -> None:
    """Two people in the org carry the shop's name twice over; one alone has what is the shopper's."""
    world = World(NAMED_TWICE)
    for _ in range(2):
        world.org.put("Contact", {"FirstName": "Shop", "LastName": "Shop"})
    if rule:
        world.org.put("Contact", {"FirstName": first, "LastName": last})

    (outcome,) = world.run("customers", named_twice(1))

    assert (outcome.verdict, outcome.rule) == (Verdict.UPDATED if rule else Verdict.CREATED, rule)


def shared(number: int, **more: Any) -> Values:
    return {"id": str(number), "email": "counter@shop.ca", **more}


def test_who_comes_sixth_is_nobody_by_that() -> None:
    """The five before stay who they are; the others are new, and each is known by its key from then on."""
    world = World(SHOPPERS)
    first = world.run("customers", *(shared(number) for number in range(1, 6)))
    others = world.run("customers", *(shared(number) for number in range(6, 9)))
    again = world.run("customers", *(shared(number) for number in range(1, 9)))

    assert [each.verdict for each in first] == [Verdict.CREATED] + [Verdict.UNCHANGED] * 4
    assert [each.verdict for each in others] == [Verdict.CREATED] * 3
    assert {each.verdict for each in again} == {Verdict.UNCHANGED}
    assert len(world.rows("Contact")) == 4


def test_another_rule_decides_where_one_is_no_evidence() -> None:
    """The mobile is hers alone."""
    world = World(SHOPPERS)
    ann = world.org.put("Contact", {"FirstName": "Ann", "MobilePhone": "514 250 0001"})
    world.run("customers", *(shared(number) for number in range(1, 7)))

    (outcome,) = world.run("customers", shared(7, first_name="Ann", mobile="514 250 0001"))

    assert (outcome.id, outcome.rule) == (ann, "phone")


def test_a_shopper_who_comes_again_and_again_is_one() -> None:
    """Versions of one record count once, in one batch as in many."""
    world = World(SHOPPERS)
    versions = [shared(1, updated_at=f"2026-11-0{day}T10:00:00Z", last_name=f"L{day}") for day in range(1, 9)]
    *_, outcome = world.run("customers", *versions, shared(2))

    assert (outcome.verdict, outcome.rule) == (Verdict.UNCHANGED, "email")


def test_who_was_held_counts_too() -> None:
    """Over all profiles ever seen, whatever became of them; but for those that a rule leaves out."""
    world = World(SHOPPERS)
    world.run("customers", *(shared(number, birth_date="never") for number in range(1, 4)))
    world.run("customers", *(shared(number, archived=True) for number in range(4, 9)))
    world.org.put("Contact", {"Email": "counter@shop.ca"})

    outcomes = world.run("customers", shared(9), shared(10), shared(11), shared(12), shared(13), shared(14))

    assert [each.rule for each in outcomes] == ["email"] * 5 + [None]


def test_people_who_carry_a_key_of_the_till_are_no_crowd_of_the_org() -> None:
    """The ledger counts them; one that was lost begins anew."""
    world = World(SHOPPERS)
    for number in range(9):
        world.org.put("Contact", {"Email": "counter@shop.ca", "Key__c": f"1:{number}", "FirstName": f"F{number}"})

    (outcome,) = world.run("customers", shared(77))

    assert outcome.reason is Reason.MANY_MATCHES


@pytest.mark.parametrize(
    ("trait", "said"),
    [
        (Trait(("email",), ("counter@shop.example.ca",)), "email c***@s***.ca"),
        (Trait(("email",), ("anna@b.org",)), "email ***@***.org"),
        (Trait(("email",), ("counter@host.ann-lee-5142620100",)), "email c***@***"),
        (Trait(("phone",), ("+15145550142",)), "phone ***42"),
        (Trait(("text",), ("7",)), "text ***"),
        (Trait(("text",), ("L-1001",)), "text L***"),
        (Trait(("name", "postal_code"), ("obrien", "H2X1Y4")), "name o*** and postal_code H***"),
    ],
)
def test_a_trait_is_masked(trait: Trait, said: str) -> None:
    """So that it may stand in a log."""
    assert masked(trait) == said


def test_the_most_shared_are_named() -> None:
    """Three, and how many more; each with the most that were seen."""
    common = Common()
    assert str(common) == ""
    for count, name in ((6, "annie"), (1200, "bobby"), (9, "cyril"), (7, "diana"), (8, "cyril"), (6, "evely")):
        common.add(Trait(("email",), (f"{name}@shops.org",)), count, "customers")

    assert str(common) == (
        "email b***@s***.org (1,200 customers), email c***@s***.org (9 customers), email d***@s***.org (7 customers), "
        "2 more"
    )


def test_who_leaves_the_crowd_may_yet_fail_to() -> None:
    """Three share an address where two may. The first shopper is one of them by phone, and her write is refused.

    So they stay three, and the next shopper is none of them: not the one whose name agrees, had they been two.
    """
    people = [("Contact", {"FirstName": name, "Email": "a@x.org"}) for name in ("Ann", "Bob")]
    people.append(("Contact", {"FirstName": "Cy", "Email": "a@x.org", "Phone": "514 250 0001"}))
    records = [
        {"id": "1", "first_name": "Cy", "phone": "514 250 0001", "last_name": "Refused"},
        {"id": "2", "first_name": "Ann", "email": "a@x.org", "last_name": "Lee"},
    ]

    end_alike(world_of(Reference, people, FEW), world_of(World, people, FEW), world_of(World, people, FEW), records, [])
