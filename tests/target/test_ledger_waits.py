"""What waits for what, and when it is worth another try."""

from __future__ import annotations

import pytest
from sqlalchemy import event
from target_salesforce_retail.ledger.store import SqlLedger
from target_salesforce_retail.nouns import Outcome, Reason, Reference, Siblings, Verdict

from tests.target.ledgers import URL, Clock, done, fresh, held, settle, skipped

A_DAY = 24 * 60


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(clock: Clock) -> SqlLedger:
    return fresh(clock)


def sale(key: str) -> Reference:
    return Reference("Sale__c", "sales", key)


def line(key: str = "1", *parents: str, reason: Reason = Reason.PARENT_MISSING) -> Outcome:
    return held(reason, stream="lines", key=key, waits_for=tuple(sale(parent) for parent in parents))


def due(ledger: SqlLedger, stream: str = "lines") -> list[str]:
    return [arrival.key for arrival in ledger.waiting(stream, 0, 10)]


def test_a_stream_is_awaited_by_as_many_holds_as_wait_for_it(ledger: SqlLedger) -> None:
    """Each once, however much of the stream it waits for; what was closed, or is in with a blank, waits for nobody."""
    item = Reference("Item__c", "items", "x")
    blank = done(stream="lines", key="5", waits_for=(item,))
    settle(ledger, line("1", "a", "b"), line("2", "a"), line("3", "c"), blank)
    settle(ledger, held(Reason.PARENT_MISSING, stream="lines", key="2", waits_for=(sale("a"), item)))
    settle(ledger, done(stream="lines", key="3"), line("4", "c"), done(stream="lines", key="4"), line("4", "c"))

    assert ledger.awaited() == {"sales": 3, "items": 1}


def test_a_hold_is_due_when_all_its_parents_have_come(ledger: SqlLedger) -> None:
    """Not when one has; in any order; a parent of another stream is none."""
    settle(ledger, line("1", "a", "b"), line("2", "a"))
    assert due(ledger) == []

    settle(ledger, done(stream="sales", key="a"), done(stream="shops", key="b"))
    assert due(ledger) == ["2"]

    settle(ledger, done(stream="sales", key="b"))
    assert due(ledger) == ["1", "2"]


def test_a_parent_that_is_held_has_not_come(ledger: SqlLedger, clock: Clock) -> None:
    """Neither now nor by waiting: it is known, and it comes by its own try."""
    settle(ledger, line("1", "a"), held(stream="sales", key="a"))
    clock.sleep(A_DAY * 60)

    assert due(ledger) == []


def test_one_parent_known_and_not_there_is_enough_to_wait(ledger: SqlLedger, clock: Clock) -> None:
    """That nobody knows the other is no reason to try."""
    settle(ledger, line("1", "a", "b"), held(stream="sales", key="a"))
    clock.sleep(A_DAY * 60)

    assert due(ledger) == []


def test_a_parent_that_a_rule_left_out_has_come(ledger: SqlLedger) -> None:
    """Its child goes on without it."""
    settle(ledger, line("1", "a"))
    settle(ledger, skipped(stream="sales", key="a"))

    assert due(ledger) == ["1"]


def test_what_was_tried_in_vain_waits_for_news(ledger: SqlLedger, clock: Clock) -> None:
    """The parent is known and was deleted in the org: only when it is made anew there is something to try."""
    settle(ledger, done(stream="sales", key="a"))
    settle(ledger, line("1", "a", reason=Reason.PARENT_GONE))
    settle(ledger, done(Verdict.UNCHANGED, stream="sales", key="a"))
    clock.sleep(A_DAY * 60)
    assert due(ledger) == []

    settle(ledger, done(stream="sales", key="a", record_id="003B"))
    assert due(ledger) == ["1"]


def test_parent_and_child_of_one_batch_do_not_miss_each_other(ledger: SqlLedger) -> None:
    """The child was looked up before its parent was made."""
    settle(
        ledger,
        done(stream="lines", key="a"),
        held(Reason.PARENT_MISSING, (Reference("Up", "lines", "a"),), key="1", stream="lines"),
    )

    assert due(ledger) == ["1"]


def test_nobody_knows_the_parent_so_it_is_tried_ever_more_seldom(ledger: SqlLedger, clock: Clock) -> None:
    """Another pipeline may bring it: after 2, 4, 8 minutes and so on, and at least once a day."""
    for tries in range(1, 15):
        settle(ledger, line("1", "a"))
        minutes = min(2**tries, A_DAY)
        clock.sleep(minutes * 60 - 1)
        assert due(ledger) == []
        clock.sleep(1)
        assert due(ledger) == ["1"]


def test_a_lock_is_tried_once_per_run(ledger: SqlLedger) -> None:
    """Not again in the run that held it; a value that was refused needs a person."""
    settle(ledger, held(Reason.LOCKED, stream="lines", key="1"), held(stream="lines", key="2"))
    assert due(ledger) == []

    ledger.open_run()
    assert due(ledger) == ["1"]
    settle(ledger, held(Reason.LOCKED, stream="lines", key="1", hold=1))
    assert due(ledger) == []


def test_holds_come_oldest_first_in_pieces(ledger: SqlLedger) -> None:
    """With their record, faults, version and number."""
    settle(ledger, *(held(Reason.LOCKED, stream="lines", key=key, version="5", n=key) for key in "31"))
    ledger.open_run()

    (first,) = ledger.waiting("lines", 0, 1)
    (second,) = ledger.waiting("lines", first.hold or 0, 9)

    assert (first.key, first.version, first.record) == ("3", "5", {"id": "3", "n": "3"})
    assert second.key == "1"
    assert ledger.waiting("lines", second.hold or 0, 9) == []


@pytest.mark.skipif(URL != "sqlite://", reason="reads the plan of SQLite")
def test_nothing_is_read_of_what_is_not_due(ledger: SqlLedger) -> None:
    """One query for any number of holds, which finds the due ones in indexes, without their payloads."""
    settle(ledger, *(line(str(number), f"p{number}") for number in range(50)))
    asked: list[tuple[str, object]] = []
    event.listen(ledger._engine, "before_cursor_execute", lambda _1, _2, sql, given, *_: asked.append((sql, given)))

    assert due(ledger) == []

    (query,) = [each for each in asked if each[0].startswith("SELECT")]
    with ledger._engine.begin() as connection:
        plan = [str(row[-1]) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query[0]}", query[1])]
    assert any("COVERING INDEX holds_waiting" in step for step in plan)
    assert [step for step in plan if step.startswith("SCAN")] == []


def test_what_was_left_blank_is_filled_when_its_parent_comes(ledger: SqlLedger) -> None:
    """At the settled version, with all that is blank, so that the outcome can say what still is."""
    blank = (Reference("Shop__c", "shops", "s"), Reference("Shopper", "customers", "c"))
    settle(ledger, done(stream="sales", key="9", version="4", waits_for=blank), done(stream="sales", key="8"))
    assert ledger.fillable("sales", "", 10) == []

    settle(ledger, done(stream="customers", key="c"))

    ((wanted, references),) = ledger.fillable("sales", "", 10)
    assert (wanted.stream, wanted.key, wanted.version, wanted.fills, dict(wanted.record)) == (
        "sales",
        "9",
        "4",
        True,
        {},
    )
    assert set(references) == set(blank)
    assert ledger.fillable("sales", "9", 10) == []


def test_a_filled_lookup_is_blank_no_more(ledger: SqlLedger) -> None:
    """What is still blank waits on; and a parent that could not be found in vain once is not asked for again."""
    both = (Reference("Shop__c", "shops", "s"), Reference("Shopper", "customers", "c"))
    settle(ledger, done(stream="sales", key="9", waits_for=both), done(stream="customers", key="c"))
    settle(ledger, done(Verdict.UPDATED, stream="sales", key="9", fills=True, waits_for=both[:1]))
    assert ledger.fillable("sales", "", 10) == []

    settle(ledger, done(stream="shops", key="s"))
    assert len(ledger.fillable("sales", "", 10)) == 1
    settle(ledger, done(Verdict.UNCHANGED, stream="sales", key="9", fills=True, waits_for=both[:1]))
    assert ledger.fillable("sales", "", 10) == []


def test_a_lookup_that_could_not_be_filled_stays_blank(ledger: SqlLedger) -> None:
    """Held, it makes no hold: the record itself is in."""
    settle(ledger, done(stream="sales", key="9", waits_for=(Reference("Shopper", "customers", "c"),)))
    settle(ledger, done(stream="customers", key="c"))
    settle(ledger, held(Reason.LOCKED, stream="sales", key="9", fills=True))

    assert len(ledger.fillable("sales", "", 10)) == 1
    assert ledger.open_holds() == 0


def test_blanks_come_by_key_in_pieces(ledger: SqlLedger) -> None:
    """From the last one up."""
    wanted = (Reference("Shopper", "customers", "c"),)
    settle(ledger, *(done(stream="sales", key=key, waits_for=wanted) for key in "312"))
    settle(ledger, done(stream="customers", key="c"))

    assert [wanted.key for wanted, _ in ledger.fillable("sales", "", 2)] == ["1", "2"]
    assert [wanted.key for wanted, _ in ledger.fillable("sales", "2", 2)] == ["3"]


def test_the_newest_set_of_children_is_known(ledger: SqlLedger) -> None:
    """In whatever order they come; of one version the later."""

    def lines(version: str | None, *keys: str) -> Siblings:
        return Siblings("lines", "9", version, frozenset(keys))

    ledger.settle([], [lines("2", "a", "b"), lines("1", "a", "x")])
    ledger.settle([], [lines("1", "a", "x")])
    assert ledger.siblings("lines", ["9", "8"]) == {"9": lines("2", "a", "b")}
    assert ledger.siblings("payments", ["9"]) == {}

    ledger.settle([], [lines("2", "c")])
    assert ledger.siblings("lines", ["9"]) == {"9": lines("2", "c")}
    ledger.settle([], [lines(None)])
    assert ledger.siblings("lines", ["9"]) == {"9": lines(None)}


def test_a_person_sees_what_a_hold_waits_for(ledger: SqlLedger) -> None:
    """And so does who asks for the record."""
    settle(ledger, line("1", "a", "b"))

    (hold,) = ledger.holds()
    record = ledger.record("lines", "1")

    assert hold.waits_for == ("sales:a", "sales:b")
    assert record is not None
    assert (record.reason, record.waits_for) == (Reason.PARENT_MISSING, hold.waits_for)
