"""A run that would delete, or mark as deleted, too large a share of a stream stops before it does."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from target_salesforce_retail.companion.memory_org import MemoryOrg
from target_salesforce_retail.errors import TooManyDeleted
from target_salesforce_retail.ledger.replay import replay
from target_salesforce_retail.nouns import Fault, Reason, Recovery, Result, Verdict
from target_salesforce_retail.run import Run
from target_salesforce_retail.stages.inside.deletions import ALL, FLOOR, Deletions

from tests.lanes import examples
from tests.target.company import parts
from tests.target.world import LINES, SALES, SHOPPERS, SHOPS, World, arrival

DELETED_SALES = SALES + "deleted: {when: deleted_at, set: {Total__c: 0}}\n"
DELETED_LINES = LINES + "deleted: {when: deleted_at}\n"
DOCUMENTS = (SHOPPERS, SHOPS, DELETED_SALES, DELETED_LINES)
GONE = "2026-11-20T00:00:00Z"
Values = dict[str, Any]


def sale(number: int, *lines: int, on: int = 1) -> Values:
    at = f"2026-11-{on:02d}T10:00:00Z"
    return {"id": str(number), "total": 5, "state": "completed", "updated_at": at, "line_ids": [*map(str, lines)]}


def line(number: int, of: int) -> Values:
    return {"id": str(number), "sale_id": str(of), "quantity": 1}


def gone(number: int) -> Values:
    return {"id": str(number), "deleted_at": GONE, "updated_at": GONE}


def shop(sales: int, share: float = 0.1, *, lines: bool = True) -> World:
    """A shop whose receipts, with a line each, came in an earlier run."""
    world = World(*DOCUMENTS)
    world.run("sales", *(sale(number, number) for number in range(sales)))
    world.run("sale_lines", *(line(number, number) for number in range(sales if lines else 0)))
    world.later(hours=1)
    world.deletions = Deletions(share)
    return world


def struck(world: World) -> int:
    """How many receipts are marked as deleted."""
    return sum(row["Total__c"] == 0 for row in world.rows("Sale__c"))


MISHAPS: dict[str, tuple[str, list[Values]]] = {
    "an emptied table of receipts": ("sales", [gone(number) for number in range(60)]),
    "an emptied table of lines": ("sale_lines", [{**gone(number), "sale_id": str(number)} for number in range(60)]),
    "lines that came under another name": ("sales", [sale(number, on=2) for number in range(60)]),
}


@pytest.mark.parametrize("mishap", MISHAPS)
def test_a_mishap_writes_nothing(mishap: str) -> None:
    """Neither in the org nor in the ledger; the sentence names the stream, the numbers and what to do."""
    world = shop(100)
    before = deepcopy((world.rows("Sale__c"), world.rows("Line__c"), world.org.sent, world.ledger.open_holds()))
    stream, records = MISHAPS[mishap]

    with pytest.raises(TooManyDeleted) as raised:
        world.run(stream, *records)

    assert (world.rows("Sale__c"), world.rows("Line__c"), world.org.sent, world.ledger.open_holds()) == before
    parts = "sale_lines" if mishap != "an emptied table of receipts" else "sales"
    assert str(raised.value).startswith(f"{parts}: This run would delete 60 of 100 records")
    assert "max_deleted_share is 0.1" in str(raised.value)
    assert "Look at the shop" in str(raised.value)


@pytest.mark.parametrize("mishap", MISHAPS)
def test_who_says_that_they_are_gone_indeed_is_believed(mishap: str) -> None:
    """For one run."""
    world = shop(100, ALL)
    stream, records = MISHAPS[mishap]

    outcomes = world.run(stream, *records)

    assert {Verdict.UPDATED} == {outcome.verdict for outcome in outcomes}


@settings(max_examples=examples(50))
@given(st.integers(0, 90), st.integers(0, 70), st.lists(st.integers(1, 40), max_size=4), st.sampled_from([0, 0.5, 1]))
def test_no_more_goes_than_the_share_and_what_may_go_goes(
    known: int, deleted: int, sizes: list[int], share: float
) -> None:
    """However the run is cut; and below the share it ends as without the guard."""
    world = shop(known, share, lines=False)
    allowed = known if share == 1 else max(FLOOR, int(share * known))
    records = [gone(number) for number in range(min(deleted, known))]
    try:
        for part in parts(records, sizes):
            world.run("sales", *part)
        stopped = False
    except TooManyDeleted:
        stopped = True

    assert stopped is (len(records) > allowed)
    assert struck(world) <= allowed
    assert stopped or struck(world) == len(records)


def test_the_ledger_is_asked_only_where_it_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    """To count a stream takes time: not below the floor, and not again below the share of what is known."""
    world, asked = shop(100, 0.5, lines=False), list[str]()
    count = world.ledger.count
    monkeypatch.setattr(world.ledger, "count", lambda stream: asked.append(stream) or count(stream))

    for number in range(50):
        world.run("sales", gone(number))

    assert struck(world) == 50
    assert asked == ["sales"]


def test_what_is_deleted_twice_counts_once() -> None:
    """A tombstone that comes again changes nothing."""
    world = shop(100)
    for _ in range(3):
        world.run("sales", *(gone(number) for number in range(20)))

    assert struck(world) == 20


def test_what_was_deleted_in_an_earlier_run_counts_no_more() -> None:
    """A full refresh brings every tombstone that there ever was."""
    world = shop(100)
    for numbers in (range(20), range(20, 40), range(40)):
        world.deletions = Deletions(0.1)
        world.run("sales", *(gone(number) for number in numbers))

    assert struck(world) == 40


def test_the_count_begins_anew_with_each_run_and_each_stream() -> None:
    """Twenty receipts and twenty lines are no forty of either."""
    world = shop(100)

    world.run("sales", *(gone(number) for number in range(20)))
    world.run("sale_lines", *(gone(number) for number in range(20)))
    world.deletions = Deletions(0.1)
    world.run("sales", *(gone(number) for number in range(20, 40)))

    assert struck(world) == 40
    assert len(world.rows("Line__c")) == 80


def test_what_the_run_itself_brings_counts_as_known() -> None:
    """The share is of what is there when it decides."""
    world = shop(30)
    world.run("sales", *(sale(number) for number in range(100, 400)))

    world.run("sales", *(gone(number) for number in range(30)))

    assert struck(world) == 30


@pytest.mark.parametrize("company", [False, True])
def test_with_a_lost_ledger_the_share_is_of_what_came(company: bool) -> None:
    """Who deletes a part of what it brings goes on; who brings nothing but deletions stops."""
    world = shop(300)
    lost = World(*DOCUMENTS)
    lost.org, lost.deletions = world.org, Deletions(0.1)
    records = [sale(number, number, on=2) for number in range(30, 300)] if company else []

    if company:
        lost.run("sales", *records, *(gone(number) for number in range(30)))
        assert struck(world) == 30
    else:
        with pytest.raises(TooManyDeleted):
            lost.run("sales", *(gone(number) for number in range(30)))
        assert struck(world) == 0


class StubbornOrg(MemoryOrg):
    """Refuses every change, while it is told to."""

    refuses = True

    def _update(self, name: str, record_id: str, row: Values) -> Result:
        if self.refuses:
            return Result(None, fault=Fault(Reason.RULE_BROKEN, Recovery.HOLD, "RULE", "no"))
        return super()._update(name, record_id, row)


def test_after_a_stop_no_run_has_a_share_of_its_own() -> None:
    """Run after run would take one each until nothing was left; a few may go, and all when somebody says so."""
    world = shop(300)

    world.deletions = Deletions(0.1, warned=True)
    with pytest.raises(TooManyDeleted, match="and the last run did too"):
        world.run("sales", *(gone(number) for number in range(30)))
    world.deletions = Deletions(0.1, warned=True)
    world.run("sales", *(gone(number) for number in range(FLOOR)))
    world.deletions = Deletions(1.0, warned=True)
    world.run("sales", *(gone(number) for number in range(300)))

    assert struck(world) == 300


def test_replay_goes_through_the_same_gate() -> None:
    """What was held for another reason is no way round it."""
    world = shop(100)
    stubborn = StubbornOrg(world.describes)
    stubborn.tables = world.org.tables
    world.org = stubborn
    world.deletions = Deletions(ALL)
    outcomes = world.run("sales", *(gone(number) for number in range(60)))
    assert {Verdict.HELD} == {outcome.verdict for outcome in outcomes}
    stubborn.refuses = False
    world.later(hours=1)
    world.deletions = Deletions(0.1)

    with pytest.raises(TooManyDeleted):
        replay(world.ledger, world.pipeline.run, order=["sales", "sale_lines"])

    assert struck(world) == 0


def test_what_left_the_org_is_said_in_the_summary() -> None:
    """A line by its own record, and one that its receipt does not name any more; a receipt that is marked stays."""
    world, run = shop(3), Run({})
    run.__dict__.update(mappings=world.mappings, ledger=world.ledger, pipeline=world.pipeline)

    run.load("sale_lines", [arrival("sale_lines", **gone(0), sale_id="0")])
    run.load("sales", [arrival("sales", **sale(1, on=2)), arrival("sales", **gone(2))])

    assert run.summary() == (
        "3 arrived = 0 created + 3 updated + 0 unchanged + 0 skipped + 0 held; 2 deleted from Salesforce with them."
    )
