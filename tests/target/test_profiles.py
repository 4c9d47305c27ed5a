"""What a person decides stands: no rule undoes it, in any company, with any ledger or none."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from target_salesforce_retail.ledger.store import open_ledger
from target_salesforce_retail.nouns import Outcome, Reason, Verdict

from tests.lanes import examples
from tests.target.company import parts, suspects_of
from tests.target.kept import LOOKUPS, KeepingOrg, SlowKeeper, documents
from tests.target.reference import told
from tests.target.world import World

Values = dict[str, Any]
Step = tuple[str, Any]
"""What happens: shoppers come, or a person does something in the org."""
PHONE = "514 250 0001"
IDS = ("1", "2", "3")

contacts = st.fixed_dictionaries(
    {
        "FirstName": st.sampled_from([None, "Ann", "Bob"]),
        "Email": st.sampled_from([None, "a@x.org", "b@x.org"]),
        "Phone": st.sampled_from([None, PHONE]),
        "Key__c": st.sampled_from([None, None, None, "1:1", "1:2", "1:9"]),
    }
)
people = st.lists(st.tuples(st.sampled_from(["Contact", "Contact", "Lead"]), contacts), max_size=4)
shoppers = st.fixed_dictionaries(
    {
        "id": st.sampled_from(IDS),
        "first_name": st.sampled_from([None, "Ann", "Bob"]),
        "last_name": st.sampled_from([None, "Lee"]),
        "email": st.sampled_from([None, "a@x.org", "b@x.org"]),
        "phone": st.sampled_from([None, PHONE]),
        "archived": st.sampled_from([*[False] * 7, True]),
        "deleted_at": st.sampled_from([*[None] * 7, "2026-11-01"]),
    }
)
places = st.integers(0, 3)
chosen = st.tuples(st.just("is"), st.tuples(st.sampled_from(IDS), places))
deeds = st.one_of(
    chosen,
    chosen,
    chosen,
    st.tuples(st.just("empty"), st.sampled_from(IDS)),
    st.tuples(st.just("new"), st.sampled_from(IDS)),
    st.tuples(st.just("merge"), st.tuples(places, places)),
    st.tuples(st.just("delete"), places),
    st.tuples(st.just("lose the ledger"), st.none()),
)
histories = st.lists(st.tuples(st.lists(shoppers, max_size=5), st.lists(deeds, max_size=2)), min_size=2, max_size=4)
sizes_of_parts = st.lists(st.integers(1, 3), max_size=5)


class KeepingWorld(World):
    org: KeepingOrg

    def __init__(self, *texts: str) -> None:
        super().__init__(*texts)
        self.org = KeepingOrg(self.describes)


def world_of(kind: type[World], rows: Sequence[tuple[str, Values]], keep: str) -> Any:
    world = kind(*documents(keep))
    for number, (name, values) in enumerate(rows):
        world.org.put(name, {"Id": f"{name}-{number}", **{field: value for field, value in values.items() if value}})
    return world


def do(world: Any, deed: Step, decided: dict[str, Step]) -> None:
    """What a person does; what she has decided by that is noted by the shopper's key."""
    org: KeepingOrg = world.org
    what, whom = deed
    people = {int(each.partition("-")[2]): each for name in LOOKUPS for each in org.tables[name] if "-" in each}
    row = org.profile(f"1:{whom[0]}") if what in ("is", "empty", "new") else None
    if row:
        judge(row, what, people.get(whom[1]) if what == "is" else None, decided)
    elif what == "merge" and whom[0] != whom[1] and {*whom} <= people.keys():
        winner, loser = (people[each] for each in whom)
        if winner.partition("-")[0] == loser.partition("-")[0]:
            org.merge_by_hand(winner.partition("-")[0], winner, loser)
    elif what == "delete" and whom in people:
        org.remove(people[whom].partition("-")[0], people[whom])
    elif what == "lose the ledger":
        world.ledger = open_ledger("sqlite://", now=lambda: world.now)
        world.ledger.open_run()
        if isinstance(world, SlowKeeper):
            world.carriers.clear()


def judge(row: Values, what: str, person: str | None, decided: dict[str, Step]) -> None:
    """What a person does to a profile."""
    linked = [each for field in LOOKUPS.values() if (each := row.get(field))]
    matched = row.get("Matched__c")
    if what == "is" and person:
        row |= {field: person if person.startswith(name) else None for name, field in LOOKUPS.items()}
        if person != matched:
            decided[row["Key__c"]] = ("is", person)
        elif linked != [matched]:
            decided.pop(row["Key__c"], None)
    elif what == "empty" and linked:
        decided.pop(row["Key__c"], None)
        if linked == [matched]:
            decided[row["Key__c"]] = ("not", matched)
        row |= dict.fromkeys(LOOKUPS.values())
    elif what == "new" and not linked:
        row["Status__c"] = "new person"


def live(world: Any, history: Sequence[tuple[Sequence[Values], Sequence[Step]]], sizes: Sequence[int] = ()) -> Any:
    """Everything that happens, shoppers in batches of these sizes: what became of them, and what was decided."""
    outcomes: list[Outcome] = []
    decided: dict[str, Step] = {}
    day = 0
    for records, done in history:
        dated = [
            {**record, "updated_at": f"2026-11-{day + place + 1:02d}T10:00:00Z"} for place, record in enumerate(records)
        ]
        day += len(records)
        for part in parts(dated, sizes) if sizes else [dated]:
            outcomes += world.run("customers", *part)
        for deed in done:
            do(world, deed, decided)
    return outcomes, decided


def rows_of(world: Any) -> list[Any]:
    """Rows of the org, with ids told by what they stand for, also those that texts list."""
    known = {
        record_id: record_id if "-" in record_id else f"{name}:{values.get('Key__c')}"
        for name, table in world.org.tables.items()
        for record_id, values in table.items()
    }

    def named(held: Any) -> str:
        return " ".join(sorted(known.get(each, each) for each in str(held).split(" ")))

    return sorted(
        (
            name,
            known[record_id],
            sorted((field, named(held)) for field, held in values.items() if held and field != "Id"),
        )
        for name, table in world.org.tables.items()
        for record_id, values in table.items()
    )


KEEP = pytest.mark.parametrize("keep", ["needed", "all", "needed sought", "all sought", "needed sought merges"])


@KEEP
@settings(max_examples=examples(16), deadline=None)
@given(people, histories, sizes_of_parts)
def test_profiles_are_kept_as_if_shoppers_came_one_by_one(
    keep: str, rows: list[Any], history: list[Any], sizes: list[int]
) -> None:
    """Org and outcomes, in one batch and in any partition, whatever persons do between two batches."""
    slow, whole, cut = (world_of(kind, rows, keep) for kind in (SlowKeeper, KeepingWorld, KeepingWorld))
    expected, _ = live(slow, history)

    assert told(live(whole, history)[0]) == told(expected)
    assert told(live(cut, history, sizes)[0]) == told(expected)
    assert rows_of(whole) == rows_of(slow)
    assert rows_of(cut) == rows_of(slow)
    assert suspects_of(whole) == suspects_of(cut) == suspects_of(slow)


@KEEP
@settings(max_examples=examples(16), deadline=None)
@given(people, histories, st.lists(shoppers, min_size=1, max_size=5))
def test_no_rule_undoes_what_a_person_has_decided(
    keep: str, rows: list[Any], history: list[Any], later: list[Values]
) -> None:
    """Whatever comes later: it is whom she has named, or in whom that one lives on; and not whom she has ruled out."""
    world = world_of(KeepingWorld, rows, keep)
    _, decided = live(world, history)
    later = [{**record, "updated_at": f"2026-11-{25 + place}T10:00:00Z"} for place, record in enumerate(later)]
    for outcome in world.run("customers", *later):
        what, person = decided.get(outcome.arrival.key, ("", ""))
        if outcome.verdict in (Verdict.SKIPPED,) or not world.org.is_alive(person):
            continue
        if what == "is":
            assert outcome.id == world.org.heir(person)
            assert outcome.rule == "decided"
        elif what == "not":
            assert outcome.id != world.org.heir(person)


@KEEP
@settings(max_examples=examples(16), deadline=None)
@given(people, histories)
def test_the_same_once_more_writes_nothing_with_a_ledger_or_without(
    keep: str, rows: list[Any], history: list[Any]
) -> None:
    """Once all of it has been said, it has been said."""
    world = world_of(KeepingWorld, rows, keep)
    live(world, history)
    newest = {record["id"]: record for records, _ in history for record in records}
    last = [{**record, "updated_at": "2026-11-25T10:00:00Z"} for record in newest.values()]
    for _ in range(2):
        world.run("customers", *last)
    sent, before = len(world.org.sent), copy.deepcopy(world.org.tables)

    world.run("customers", *last)
    assert (world.org.sent[sent:], world.org.tables) == ([], before)
    do(world, ("lose the ledger", None), {})
    world.run("customers", *last)
    assert (world.org.sent[sent:], world.org.tables) == ([], before)


@KEEP
@settings(max_examples=examples(16), deadline=None)
@given(people, histories)
def test_whoever_is_listed_as_a_suspect_is_found_anew_without_a_ledger(
    keep: str, rows: list[Any], history: list[Any]
) -> None:
    """The list holds nothing that the newest version of a record, as it came last, does not say."""
    world = world_of(KeepingWorld, rows, keep)
    live(world, history)
    newest = {record["id"]: record for records, _ in history for record in records}
    last = [{**record, "updated_at": "2026-11-25T10:00:00Z"} for record in newest.values()]
    for _ in range(2):
        world.run("customers", *last)
    listed = set(map(str, world.pipeline.renew_suspects()))

    do(world, ("lose the ledger", None), {})
    world.run("customers", *last)

    assert listed <= set(map(str, world.pipeline.renew_suspects()))


@settings(max_examples=examples(30), deadline=None)
@given(people, histories)
def test_every_shopper_leads_to_one_person_or_to_one_open_question(rows: list[Any], history: list[Any]) -> None:
    """Never to both, to two, or to nobody."""
    world = world_of(KeepingWorld, rows, "all")
    live(world, history)
    newest = {record["id"]: record for records, _ in history for record in records}
    for record in newest.values():
        (outcome,) = world.run("customers", {**record, "updated_at": "2026-11-25T10:00:00Z"})
        if outcome.verdict is Verdict.SKIPPED:
            continue
        row = world.org.profile(outcome.arrival.key)
        linked = [row[field] for field in LOOKUPS.values() if row.get(field)]
        holds = [each.reason for each in world.ledger.holds(limit=99) if each.key == outcome.arrival.key]
        if outcome.verdict is Verdict.HELD:
            assert (linked, row["Status__c"], holds) == ([], "to decide", [Reason.MANY_MATCHES])
            assert len(row["Candidates__c"].split()) > 1
        else:
            assert (linked, row["Status__c"], holds) == ([outcome.id], "linked", [])
            assert any(outcome.id in world.org.tables[name] for name in LOOKUPS)
