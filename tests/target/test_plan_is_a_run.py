"""What a plan says and what a run then does are the same, record by record and field by field."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from itertools import compress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from target_salesforce_retail.companion.memory_org import EPOCH
from target_salesforce_retail.ledger.database import connect, transaction
from target_salesforce_retail.ledger.scratch import ScratchLedger, copy_rows
from target_salesforce_retail.nouns import OrgRow, Outcome, Result, Verdict
from target_salesforce_retail.org.rehearsal import Rehearsal
from target_salesforce_retail.rehearse import PlannedDeletion, PlannedOutcome, planned

from tests.lanes import examples
from tests.target.company import all_of, parts
from tests.target.ledgers import tables
from tests.target.test_company import DOCUMENTS, FussyOrg, Values, cuts, org_rows, shoppers, tell, world_of
from tests.target.test_moved import FOLLOWING
from tests.target.test_one_of_two_laws import crowds, live, sizes
from tests.target.till import LINES_WITH_VERSIONS, SALES_THAT_WAIT, Event, histories
from tests.target.world import SHOPPERS, SHOPS, World

Names = Mapping[str, str]
Told = list[dict[str, Any]]


class WatchedOrg(FussyOrg):
    """Stamps what is made, and keeps what each row held before it was written."""

    def __init__(self, describes: Any) -> None:
        super().__init__(describes)
        self.before: list[tuple[str, Values, Values]] = []

    def put(self, name: str, values: Values) -> str:
        made = super().put(name, values)
        self.tables[name][made].setdefault("CreatedDate", self._time)
        return made

    def _update(self, name: str, record_id: str, row: Values) -> Result:
        held = copy.copy(self.tables[name].get(record_id, {}))
        self.before.append((record_id, row, {field: held.get(field) for field in row}))
        return super()._update(name, record_id, row)


class OnPaper(World):
    """A world as a plan sees it: a rehearsal in front of its org, and a copy of its ledger."""

    def __init__(self, world: World) -> None:
        self.mappings, self.describes, self.deletions = world.mappings, world.describes, world.deletions
        self.unkeyed = world.unkeyed
        self.now = world.now
        self.org: Any = Rehearsal(world.org)
        engine = connect("sqlite://")
        with transaction(world.ledger._engine) as reading, transaction(engine) as writing:
            copy_rows(reading, writing)
        self.ledger = ScratchLedger(engine, self.hear, lambda: self.now)
        self.ledger.open_run()
        self.told: list[PlannedOutcome] = []
        self.deleted: list[str] = []

    def hear(self, outcomes: Sequence[Outcome]) -> None:
        for each in planned(outcomes, self.org.take_unsent(), self.org.is_made_up):
            if isinstance(each, PlannedDeletion):
                self.deleted.append(each.id)
            elif isinstance(each, PlannedOutcome):
                self.told.append(each)


def watched(rows: Sequence[tuple[str, Values]], documents: Sequence[str]) -> World:
    world = world_of(World, [], documents) if "Loyalty__c" in documents[0] else World(*documents)
    world.org = WatchedOrg(world.describes)
    for number, (name, values) in enumerate(rows):
        filled = {field: value for field, value in values.items() if value}
        made = EPOCH - timedelta(days=9 - number)
        world.org.put(name, {"Id": f"{name}-{number}", "CreatedDate": made, **filled})
    return world


def names_of(outcomes: Iterable[Outcome]) -> dict[str, str]:
    """What was created, by what stays the same from a plan to a run: its key, and how often it was made."""
    made = [(str(each.id), f"{each.object}:{each.arrival.key}") for each in outcomes if each.verdict is Verdict.CREATED]
    return {record_id: f"{name}:{place}" for place, (record_id, name) in enumerate(made)}


def named(value: Any, names: Names) -> Any:
    return names.get(value, value) if isinstance(value, str) else value


def line(outcome: Outcome, changes: Any, names: Names, *, is_new: bool) -> dict[str, Any]:
    return {
        "record": (outcome.arrival.stream, outcome.arrival.key, outcome.version),
        "verdict": (outcome.verdict, outcome.stage, outcome.reason, outcome.code, outcome.fields),
        "row": (outcome.object, named(outcome.id, names), is_new, outcome.rule, outcome.stamped_key),
        "changes": [(field, named(old, names), named(new, names)) for field, old, new in changes],
        "removed": outcome.removed,
        "candidates": sorted(named(each, names) for each in outcome.candidates),
        "waits_for": outcome.waits_for,
    }


def plan_then_run(world: World, work: Callable[[World], None]) -> tuple[Told, Told]:
    """What a plan says, which leaves everything as it is, and what a run of the same then does."""
    before = (copy.deepcopy(world.org.tables), all_of(world), tables(world.ledger), list(world.org.sent))
    paper = OnPaper(world)
    work(paper)
    assert (world.org.tables, all_of(world), tables(world.ledger), world.org.sent) == before

    known = {record_id for table in world.org.tables.values() for record_id in table}
    sent, org = len(world.org.sent), world.org
    assert isinstance(org, WatchedOrg)
    org.before.clear()
    done = settled(world, work)
    names, paper_names = names_of(done), names_of(each.outcome for each in paper.told)
    said = [
        line(
            each.outcome,
            [(change.field, change.before, change.after) for change in each.changes],
            paper_names,
            is_new=each.is_new,
        )
        for each in paper.told
    ]
    did = [line(each, changes_of(each, org), names, is_new=bool(each.id) and each.id not in known) for each in done]
    gone = [named(row["Id"], names) for verb, _, row in world.org.sent[sent:] if verb == "delete"]
    assert [named(each, paper_names) for each in paper.deleted] == gone
    return said, did


def settled(world: World, work: Callable[[World], None]) -> list[Outcome]:
    """Every outcome of the work, as the ledger is told."""
    outcomes: list[Outcome] = []
    settle = world.ledger.settle

    def listening(some: Sequence[Outcome], *beside: Any, **more: Any) -> None:
        settle(some, *beside, **more)
        outcomes.extend(some)

    world.ledger.settle = listening  # type: ignore[method-assign]
    try:
        work(world)
    finally:
        world.ledger.settle = settle  # type: ignore[method-assign]
    return outcomes


def changes_of(outcome: Outcome, org: WatchedOrg) -> list[tuple[str, Any, Any]]:
    if outcome.verdict is Verdict.HELD:
        return []
    writes = (before for record_id, body, before in org.before if record_id == outcome.id and body == outcome.sent)
    before = next(writes, {})
    return [(field, before.get(field), value) for field, value in outcome.sent.items()]


@settings(max_examples=examples(24))
@given(org_rows, st.lists(shoppers, max_size=8), cuts)
def test_shoppers_become_what_the_plan_says(
    rows: list[tuple[str, Values]], records: list[Values], sizes: list[int]
) -> None:
    """Whatever the org holds, whoever comes with whom, and numbers that only one may have."""
    taken = [without_refusals(each) for each in records]

    def work(world: World) -> None:
        for part in parts(taken, sizes):
            world.run("customers", *part)

    said, did = plan_then_run(watched(rows, DOCUMENTS), work)

    assert said == did


def test_what_a_plan_made_in_an_earlier_batch_is_no_twin() -> None:
    """A number that is none in its country is in the first contact as it was typed; the second is another person's."""
    stranger = {"id": "1", "country": "AU", "phone": "514/250/0001", "updated_at": "2026-11-01T10:00:00Z"}
    shopper = {"id": "2", "phone": "514 250 0001", "updated_at": "2026-11-01T10:00:00Z"}

    def work(world: World) -> None:
        world.run("customers", stranger)
        world.run("customers", shopper)

    said, did = plan_then_run(watched([], DOCUMENTS), work)

    assert said == did
    assert [each["verdict"][0] for each in said] == [Verdict.CREATED, Verdict.CREATED]


@settings(max_examples=examples(12))
@given(histories(), cuts, st.integers(0, 12))
def test_receipts_become_what_the_plan_says(
    history: tuple[list[Event], dict[str, Values]], sizes: list[int], done: int
) -> None:
    """From the middle of a history on, with what waits and what leaves; and when all of it is told once more."""
    events, _ = history
    world = watched([], (SHOPPERS, SHOPS, SALES_THAT_WAIT, LINES_WITH_VERSIONS))
    tell(world, events[:done], sizes)

    for told in (events[done:], events):
        said, did = plan_then_run(world, partial(tell, events=told, sizes=sizes))

        assert said == did


@settings(max_examples=examples(16))
@given(org_rows, st.lists(shoppers, max_size=8), cuts)
def test_a_plan_after_the_run_has_nothing_to_write(
    rows: list[tuple[str, Values]], records: list[Values], sizes: list[int]
) -> None:
    """Of what the run has settled; as in the law that what comes again changes nothing, no null takes turns."""
    world = watched(rows, [text.replace("on_null: clear, ", "") for text in DOCUMENTS])
    versions = [
        {**without_refusals(record), "updated_at": f"2026-11-{day:02d}T10:00:00Z"}
        for day, record in enumerate(records, 1)
    ]
    outcomes = world.run("customers", *versions)
    is_settled = [outcome.verdict is not Verdict.HELD for outcome in outcomes]
    paper = OnPaper(world)

    for part in parts(list(compress(versions, is_settled)), sizes):
        paper.run("customers", *part)

    assert [each.outcome for each in paper.told if each.changes or each.outcome.removed] == []


def without_refusals(record: Values) -> Values:
    """What the org itself would refuse a plan cannot know."""
    return {name: "Rufus" if value == "Refused" else value for name, value in record.items()}


def test_what_follows_in_a_plan_follows_in_a_run() -> None:
    """A shopper whose key was moved, one who was moved before, and a receipt that comes between the two."""
    world = watched([], (SHOPPERS, SHOPS, FOLLOWING, LINES_WITH_VERSIONS))
    sale = {"state": "completed", "customer_id": "1", "updated_at": "2026-11-01T10:00:00Z"}
    shopper = {"id": "1", "updated_at": "2026-11-01T10:00:00Z"}
    world.run("customers", shopper)
    world.run("sales", *({**sale, "id": str(number)} for number in range(3)))
    world.pipeline.follow("customers")
    (row,) = world.rows("Contact")
    row["Key__c"] = None
    world.org.put("Contact", {"Key__c": "1:1"})

    def work(of: World) -> None:
        of.run("customers", {**shopper, "updated_at": "2026-11-02T10:00:00Z"})
        of.run("sales", {**sale, "id": "1", "updated_at": "2026-11-02T10:00:00Z"})
        of.pipeline.follow("customers")

    said, did = plan_then_run(world, work)

    assert said == did
    assert [each["record"][1] for each in said if each["row"][3] == "follow"] == ["1:0", "1:2"]


@settings(max_examples=examples(8), deadline=None)
@given(crowds, sizes, sizes)
def test_who_would_be_merged_is(crowd: list[Values], runs: list[int], batches: list[int]) -> None:
    """The same pairs in the same order, with the same fields filled; and what waited for that ends the same."""
    records = [{"id": str(number), **each} for number, each in enumerate(crowd)]
    before, *others = parts(records, runs)
    world = live(before, [], batches)
    watch(world)
    pairs: dict[type[World], list[tuple[str, str, str]]] = {}

    def work(of: World) -> None:
        for record in (each for part in others for each in part):
            of.run("customers", record)
        pipeline = of.pipeline
        again = True
        while again:
            done = [each.pair for each in pipeline.merge_suspects() if not each.against]
            pairs.setdefault(type(of), []).extend(
                (keyed(pair.stays), keyed(pair.goes), pair.stays.object) for pair in done
            )
            again = bool(pipeline.retry_merged("customers"))

    said, did = plan_then_run(world, work)

    assert said == did
    assert pairs.get(OnPaper, []) == pairs.get(type(world), [])


def watch(world: World) -> None:
    """Give a world an org that is watched, with all that it holds."""
    org = WatchedOrg(world.describes)
    org.tables, org.user_id, org.merged = world.org.tables, world.org.user_id, world.org.merged
    org._time, org._touched, org._made = world.org._time, world.org._touched, world.org._made
    for number, row in enumerate(org.tables["Contact"].values()):
        row["CreatedDate"] = EPOCH - timedelta(days=99 - number)
    world.org = org


def keyed(row: OrgRow) -> str:
    return str(row.values.get("Key__c"))
