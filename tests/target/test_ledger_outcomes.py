"""What a record was before is kept: the last outcomes of each, and none for what changed nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import func, select
from target_salesforce_retail.ledger.outcomes import KEPT
from target_salesforce_retail.ledger.store import SqlLedger
from target_salesforce_retail.ledger.tables import OUTCOMES
from target_salesforce_retail.nouns import Clue, Reason, Reference, Verdict, Why

from tests.target.ledgers import done, fresh, held, settle, skipped

BY_EMAIL = (Clue("key", Why.NONE), Clue("email", Why.ONE, (("Contact", "003A"),)))


def told(ledger: SqlLedger, key: str = "1:7") -> list[tuple[Any, ...]]:
    """The newest first."""
    record = ledger.record("customers", key)
    assert record is not None
    return [(each.verdict.value, each.sent) for each in (record, *record.earlier)]


def lines(ledger: SqlLedger) -> int:
    with ledger._engine.begin() as connection:
        return connection.scalar(select(func.count()).select_from(OUTCOMES)) or 0


def test_a_record_tells_its_last_outcomes() -> None:
    """Five, the newest first; those before have made room."""
    ledger = fresh()
    for number in range(9):
        settle(ledger, done(Verdict.UPDATED, version=str(number), sent={"X": number}))

    assert told(ledger) == [("updated", {"X": number}) for number in (8, 7, 6, 5, 4)]
    assert lines(ledger) == KEPT - 1


def test_in_one_batch_it_is_the_same() -> None:
    """However many outcomes a record has in it."""
    ledger = fresh()
    settle(ledger, *(done(Verdict.UPDATED, version=str(number), sent={"X": number}) for number in range(9)))

    assert told(ledger) == [("updated", {"X": number}) for number in (8, 7, 6, 5, 4)]


def test_what_changed_nothing_has_no_line() -> None:
    """Unchanged, come too late, held again for the same, or a lookup that was filled in."""
    ledger = fresh()
    settle(ledger, done(version="2", sent={"X": 1}))
    settle(ledger, done(Verdict.UNCHANGED, version="3"), skipped(Reason.SUPERSEDED, version="1"))
    settle(ledger, replace(done(Verdict.UPDATED, fills=True, sent={"Y": 2}), trail=()))
    settle(ledger, held(key="1:8"), held(key="1:8"))

    assert told(ledger) == [("created", {"X": 1, "Y": 2})]
    assert lines(ledger) == 0


def test_a_hold_that_came_in_tells_what_it_was_held_for() -> None:
    """With what it waited for then."""
    ledger = fresh()
    waits = (Clue("Shop__c", Why.WAITS, (("shops", "1:3"),)),)
    settle(ledger, replace(held(Reason.PARENT_MISSING, (Reference("Shop__c", "shops", "1:3"),)), trail=waits))
    settle(ledger, replace(done(), trail=BY_EMAIL))

    record = ledger.record("customers", "1:7")

    assert record is not None
    assert (record.verdict, record.trail) == ("created", BY_EMAIL)
    assert [(each.reason, each.trail) for each in record.earlier] == [("parent_missing", waits)]


def test_what_is_unchanged_keeps_how_it_was_matched() -> None:
    """As it keeps what was sent; the trail of a hold is that of its last try."""
    ledger = fresh()
    settle(ledger, replace(done(), trail=BY_EMAIL))
    settle(ledger, replace(done(Verdict.UNCHANGED), trail=(Clue("key", Why.ONE, (("Contact", "003A"),)),)))
    settle(ledger, replace(held(Reason.MANY_MATCHES, key="1:8"), trail=(Clue("email", Why.SEVERAL),)))
    settle(ledger, replace(held(Reason.MANY_MATCHES, key="1:8"), trail=BY_EMAIL))

    first, second = ledger.record("customers", "1:7"), ledger.record("customers", "1:8")

    assert first is not None
    assert second is not None
    assert (first.trail, second.trail, second.attempts) == (BY_EMAIL, BY_EMAIL, 2)


def test_a_record_that_is_known_by_its_key_tells_what_the_rules_said_last() -> None:
    """However often it has changed since: they are not asked any more; what it waits for is told as it is."""
    ledger = fresh()
    by_key = (Clue("key", Why.ONE, (("Contact", "003A"),)), Clue("email", Why.NOT_ASKED))
    waits = Clue("Shop__c", Why.WAITS, (("shops", "1:3"),))
    settle(ledger, replace(done(), trail=BY_EMAIL))
    for number in range(9):
        settle(ledger, replace(done(Verdict.UPDATED, sent={"X": number}), trail=(*by_key, waits)))

    record = ledger.record("customers", "1:7")

    assert record is not None
    assert (record.sent, record.trail) == ({"X": 8}, (*BY_EMAIL, waits))
    settle(ledger, replace(done(Verdict.UPDATED, key="1:8"), trail=by_key))
    never_asked = ledger.record("customers", "1:8")
    assert never_asked is not None
    assert never_asked.trail == by_key


def test_a_record_knows_the_mapping_that_settled_it_last() -> None:
    """Also where that changed nothing; what came too late was not settled by it."""
    ledger = fresh()
    ledger.settle([done(key="1:1", version="2"), done(key="1:2"), done(key="1:3")], mapping="old")
    ledger.settle([done(Verdict.UNCHANGED, key="1:1", version="2")], mapping="new")
    ledger.settle([skipped(Reason.SUPERSEDED, key="1:2", version="1")], mapping="new")
    ledger.settle([done(stream="shops", key="1:1")], mapping="another")
    settle(ledger, done(key="1:4"))

    record = ledger.record("customers", "1:1")

    assert record is not None
    assert (record.mapping, record.earlier) == ("new", ())
    assert ledger.settled_under_others({"customers": "new", "shops": "another"}) == {"customers": 2}
    assert ledger.settled_under_others({"customers": "old", "shops": "new"}) == {"customers": 1, "shops": 1}


def test_what_is_old_or_only_fills_a_lookup_in_leaves_the_trail_and_the_mapping() -> None:
    """They are of the newest version, as it was settled as a whole."""
    ledger = fresh()
    ledger.settle([replace(done(version="2"), trail=BY_EMAIL)], mapping="old")
    late = replace(done(Verdict.UPDATED, version="1"), trail=(Clue("email", Why.NONE),))
    filled = replace(done(Verdict.UPDATED, fills=True), trail=(Clue("email", Why.NONE),))
    ledger.settle([late, filled], mapping="new")

    record = ledger.record("customers", "1:7")

    assert record is not None
    assert (record.trail, record.mapping) == (BY_EMAIL, "old")


def test_what_another_mapping_settles_alike_is_no_news_to_those_who_wait() -> None:
    """A receipt whose shopper changed is tried again; one whose mapping did is not."""
    ledger = fresh()
    settle(ledger, held(Reason.PARENT_MISSING, (Reference("S", "customers", "1:1"),), stream="sales", key="1:9"))
    ledger.settle([done(key="1:1")], mapping="old")
    settle(ledger, held(Reason.PARENT_MISSING, (Reference("S", "customers", "1:1"),), stream="sales", key="1:9"))
    ledger.settle([done(Verdict.UNCHANGED, key="1:1")], mapping="new")

    assert ledger.waiting("sales", 0, 10) == []
