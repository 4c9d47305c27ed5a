"""A mistake of ours: the row that the target fails on is held alone, in whichever stage that is."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from target_salesforce_retail import deliver, pipeline
from target_salesforce_retail.companion.memory_org import MemoryOrg
from target_salesforce_retail.errors import OrgBusy, RowAfterRow
from target_salesforce_retail.isolate import ENOUGH, Way, isolate
from target_salesforce_retail.ledger.store import SqlLedger
from target_salesforce_retail.mapping.convert import CONVERTERS
from target_salesforce_retail.nouns import Arrival, Outcome, Reason, Stage, Verdict
from target_salesforce_retail.run import Run

from tests.target.world import World, arrival

CANARY = "quince@example.org"
POISON = "poison@example.org"


class Mistake(Exception):
    """Nobody foresaw it."""


def poisoned(thing: Any) -> bool:
    """Whether the poisonous row is in it, however it is wrapped up by now."""
    if isinstance(thing, Arrival):
        return thing.record.get("email") == POISON
    if isinstance(thing, list | tuple):
        return any(map(poisoned, thing))
    if isinstance(thing, Outcome) and thing.reason is Reason.DEFECT:
        return False
    for name in ("arrival", "draft", "match", "attempt"):
        if hasattr(thing, name):
            return poisoned(getattr(thing, name))
    return False


def faulty(real: Callable[..., Any], *, late: bool) -> Callable[..., Any]:
    """Raises once it gets to see the row; ``late``: when its work is done."""

    def run(*args: Any, **kwargs: Any) -> Any:
        if late:
            done = real(*args, **kwargs)
        if any(map(poisoned, args)):
            raise Mistake(CANARY)
        return done if late else real(*args, **kwargs)

    return run


STEPS = [
    (pipeline, "identify"),
    (pipeline, "check"),
    (pipeline, "draft_of"),
    (pipeline, "skip_superseded"),
    (pipeline, "sets_of"),
    (SqlLedger, "settle"),
    (deliver, "look_up"),
    (deliver, "plan"),
    (deliver, "send"),
    (deliver, "outcome_of"),
]


@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("module", "step"), STEPS, ids=[step for _, step in STEPS])
@pytest.mark.parametrize("place", [0, 3, 6])
def test_a_row_that_a_step_fails_on_is_held_and_its_neighbours_go_in(
    monkeypatch: pytest.MonkeyPatch, module: Any, step: str, late: bool, place: int
) -> None:
    """Wherever it stands in the batch. The hold tells the kind of mistake and the place in our code, not its words."""
    monkeypatch.setattr(module, step, faulty(getattr(module, step), late=late))
    world = World()
    people = [{"id": str(number), "last_name": "Lee", "email": f"{number}@x.org"} for number in range(7)]
    people[place]["email"] = POISON

    outcomes = world.run("customers", *people)

    assert [outcome.arrival.record["id"] for outcome in outcomes] == [str(number) for number in range(7)]
    held = outcomes[place]
    assert (held.verdict, held.reason) == (Verdict.HELD, Reason.DEFECT)
    assert str(held.code).startswith("Mistake at ")
    assert CANARY not in repr(held)
    others = {outcome.verdict for number, outcome in enumerate(outcomes) if number != place}
    assert others <= {Verdict.CREATED, Verdict.UNCHANGED}
    assert {row["Email"] for row in world.rows("Contact")} - {POISON} == {f"{n}@x.org" for n in range(7) if n != place}
    assert world.ledger.open_holds() == 1


def test_the_stage_is_the_one_that_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the place is the last one in our code."""

    def fail(value: object, region: str | None) -> Any:
        del region
        return {}[value]

    monkeypatch.setitem(CONVERTERS, "email", fail)
    (held,) = World().run("customers", {"id": "1", "email": CANARY})

    assert held.stage is Stage.MAP
    assert str(held.code).startswith("KeyError at mapping/convert.py:")


def test_a_row_held_for_a_mistake_goes_in_once_it_is_mended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under its own key, also by a newer version of it; a mistake that stays keeps it held."""
    world = World()
    with monkeypatch.context() as patch:
        patch.setattr(deliver, "plan", faulty(deliver.plan, late=False))
        world.run("customers", *({"id": str(number), "email": POISON} for number in range(2)))
        again = world.pipeline.run("customers", world.ledger.held("customers"))
    assert [outcome.reason for outcome in again] == [Reason.DEFECT] * 2
    assert [hold.key for hold in world.ledger.holds()] == ["1:0", "1:1"]

    mended = world.pipeline.run("customers", world.ledger.held("customers", limit=1))
    newer = world.run("customers", {"id": "1", "email": "1@x.org", "updated_at": "2026-11-05T10:00:00Z"})

    assert [outcome.verdict for outcome in (*mended, *newer)] == [Verdict.CREATED] * 2
    assert world.ledger.open_holds() == 0


def test_a_lookup_that_cannot_be_filled_in_keeps_no_other_from_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is to be filled in is rows like any other."""
    world = World()
    world.run("sales", *({"id": str(n), "state": "completed", "customer_id": f"c{n}"} for n in range(4)))
    world.run("customers", *({"id": f"c{n}", "last_name": "Lee"} for n in range(4)))
    real = pipeline.fill_draft

    def fail(each: Arrival, *rest: Any) -> Any:
        if each.key == "1:2":
            raise Mistake(CANARY)
        return real(each, *rest)

    monkeypatch.setattr(pipeline, "fill_draft", fail)
    filled = world.pipeline.fill_blanks("sales")

    assert [outcome.reason for outcome in filled] == [None, None, Reason.DEFECT, None]
    assert sum(bool(row.get("Contact__c")) for row in world.rows("Sale__c")) == 3
    monkeypatch.setattr(pipeline, "fill_draft", real)
    assert [outcome.verdict for outcome in world.pipeline.fill_blanks("sales")] == [Verdict.UPDATED]


def test_what_the_world_refuses_is_no_row_s_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """An org that answers nothing stops the batch, once: nobody is held, and nothing is sent again in halves."""
    calls: list[int] = []

    def busy(attempts: Sequence[Any], *rest: Any, **more: Any) -> Any:
        calls.append(len(attempts))
        raise OrgBusy("busy")

    monkeypatch.setattr(deliver, "look_up", busy)
    world = World()
    monkeypatch.setattr(world.org, "answers", lambda: False)
    with pytest.raises(OrgBusy):
        world.run("customers", {"id": "1"}, {"id": "2"})

    assert calls == [2]
    assert world.ledger.open_holds() == 0


def test_a_mistake_on_every_row_stops_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then it is not the rows, and thousands of look-ups would be in vain."""
    monkeypatch.setattr(deliver, "plan", faulty(deliver.plan, late=False))
    world = World()

    with pytest.raises(RowAfterRow) as stopped:
        world.run("customers", *({"id": str(number), "email": POISON} for number in range(ENOUGH + 5)))

    assert CANARY not in str(stopped.value)
    assert "Mistake at deliver.py:" in str(stopped.value)


def test_a_mistake_is_logged_once_with_its_place(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """So that somebody can report it; without what the row holds."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(deliver, "plan", faulty(deliver.plan, late=False))
    world, run = World(), Run({})
    run.__dict__.update(mappings=world.mappings, ledger=world.ledger, pipeline=world.pipeline)

    run.load("customers", [arrival("customers", id=str(n), email=POISON if n % 2 else None) for n in range(6)])

    errors = [entry.getMessage() for entry in caplog.records if entry.levelno >= logging.ERROR]
    assert len(errors) == 1
    assert "customers: a record is held" in errors[0]
    assert "Mistake at deliver.py:" in errors[0]
    assert not {CANARY, POISON} & set(errors[0].split())


class Ended(NamedTuple):
    """What an outcome is to ``isolate``."""

    item: int
    how: str
    sent: Mapping[str, Any] = {}


@given(st.lists(st.booleans(), min_size=1, max_size=60), st.integers(1, 60))
def test_each_is_run_to_its_end_in_order(bad: list[bool], enough: int) -> None:
    """Or, where the first ones all fail, none goes on for ever."""
    runs: list[int] = []

    def run(part: Sequence[int]) -> list[Any]:
        runs.append(len(part))
        if any(bad[each] for each in part):
            raise Mistake
        return [Ended(each, "well") for each in part]

    def alone(each: int, error: Exception) -> Any:
        return [Ended(each, type(error).__name__)]

    way: Way[int] = Way(run, alone, MemoryOrg({}))
    hopeless = all(bad[:enough]) and len(bad) >= enough
    if hopeless:
        with pytest.raises(RowAfterRow):
            isolate(way, range(len(bad)), enough)
    else:
        found: Iterable[Any] = isolate(way, range(len(bad)), enough)
        assert found == [Ended(each, "Mistake" if is_bad else "well") for each, is_bad in enumerate(bad)]
    assert len(runs) <= 1 + 2 * 6 * sum(bad)
