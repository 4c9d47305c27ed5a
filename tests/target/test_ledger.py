"""The ledger: what was decided is kept, what waits is tried again, and nothing is half written."""

from __future__ import annotations

import sqlite3
import stat
from collections import Counter
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from target_salesforce_retail.errors import ConfigError, LedgerError
from target_salesforce_retail.ledger.replay import replay
from target_salesforce_retail.ledger.rows import KEYS_PER_QUERY
from target_salesforce_retail.ledger.store import SqlLedger, open_ledger
from target_salesforce_retail.nouns import Arrival, Link, Outcome, Reason, Stage, Verdict

from tests.target.ledgers import Clock, arrival, done, fresh, held, settle, skipped


@pytest.fixture
def ledger() -> SqlLedger:
    return fresh()


def test_links_lead_where_records_went(ledger: SqlLedger) -> None:
    """By org key; a later hold does not cut them."""
    settle(ledger, done(version="2"))
    settle(ledger, held())

    assert {"1:7": Link("Contact", "003A", "2")} == ledger.links("customers", ["1:7", "1:8"])
    assert ledger.links("shops", ["1:7"]) == {}


def test_what_went_in_is_counted_by_stream(ledger: SqlLedger) -> None:
    """Once, however often it was written and whatever became of it since."""
    settle(ledger, done(version="2"), held(key="1:8"), done(key="1:9"), done(key="1:9", stream="shops"))
    settle(ledger, held(version="3"), done(Verdict.UPDATED, key="1:9"))

    assert [ledger.count(stream) for stream in ("customers", "shops", "sales")] == [2, 1, 0]


def test_how_the_last_run_failed_is_known_until_one_ends_well() -> None:
    """Runs that failed otherwise, or were killed, say nothing of it."""
    clock = Clock()
    ledger, known = fresh(clock), []
    for state, note in [("failed", "Other"), ("failed", "This"), ("failed", "Other"), ("done", "This"), ("done", "")]:
        ledger.close_run(state, note)
        clock.sleep(1)
        ledger.open_run()
        known.append(ledger.last_failed_with("This"))

    assert known == [False, True, True, False, False]


def test_a_held_version_is_not_a_settled_one(ledger: SqlLedger) -> None:
    """Else the mended record would count as overtaken."""
    settle(ledger, done(version="2"))
    settle(ledger, held(version="3"))

    assert ledger.links("customers", ["1:7"])["1:7"].version == "2"


def test_one_hold_per_record(ledger: SqlLedger) -> None:
    """Held again, it counts its tries and keeps its newest payload."""
    settle(ledger, held(version="1", last_name="old"))
    settle(ledger, held(version="2", last_name="new", reason=Reason.RULE_BROKEN))
    settle(ledger, held(version="1", last_name="old"))

    (hold,) = ledger.holds()
    assert (hold.attempts, hold.reason) == (3, Reason.RULE_BROKEN)
    assert ledger.held("customers")[0].record["last_name"] == "new"


def test_whatever_ends_otherwise_closes_the_hold(ledger: SqlLedger) -> None:
    """A newer version that went through, a replay that did, a rule that leaves it out now."""
    for key, outcome in [("1", done), ("2", done)]:
        settle(ledger, held(key=key))
        settle(ledger, outcome(key=key))
    settle(ledger, held(key="3"))
    settle(ledger, skipped(key="3"))

    assert ledger.open_holds() == 0


def test_what_a_rule_left_out_is_known(ledger: SqlLedger) -> None:
    """Unless it is in the org all the same. What was overtaken was not left out."""
    settle(ledger, skipped(key="1"), done(key="2"), skipped(key="5", reason=Reason.SUPERSEDED))
    settle(ledger, skipped(key="2"), held(key="3"))

    assert {"1"} == ledger.skipped("customers", ["1", "2", "3", "4", "5"])


payloads = st.dictionaries(
    st.text(max_size=8),
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.text(max_size=8)
        | st.decimals(allow_nan=False, allow_infinity=False),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
        max_leaves=6,
    ),
    max_size=5,
)


@given(payloads)
def test_a_payload_comes_back_as_it_went(record: dict[str, Any]) -> None:
    """Exact numbers too."""
    ledger = open_ledger("sqlite://")
    ledger.settle([Outcome(Arrival("s", "1", record), Verdict.HELD, Stage.CHECK, reason=Reason.INVALID)])

    (back,) = ledger.held("s")

    assert record == back.record


@given(st.lists(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(list(Verdict))), max_size=6), max_size=6))
def test_the_counts_add_up(batches: list[list[tuple[str, Verdict]]]) -> None:
    """Per run: what arrived is what was counted, and what is held is open."""
    ledger = open_ledger("sqlite://")
    ledger.open_run()
    last: dict[str, Verdict] = {}
    for batch in batches:
        unique = dict(batch)
        ledger.settle(
            [
                Outcome(arrival(key), verdict, Stage.SEND, reason=Reason.LOCKED if verdict is Verdict.HELD else None)
                for key, verdict in unique.items()
            ]
        )
        last |= unique

    (run,) = ledger.runs(1)
    expected = Counter(verdict.value for batch in batches for verdict in dict(batch).values())
    assert dict(expected) == run.streams.get("customers", {})
    assert sum(verdict is Verdict.HELD for verdict in last.values()) == ledger.open_holds()


def test_what_is_tried_again_is_not_counted_as_arrived(ledger: SqlLedger) -> None:
    """A hold of yesterday is no arrival of today, and neither is a blank that is filled."""
    settle(ledger, done(hold=3), done(fills=True))

    assert ledger.runs(1)[0].streams == {}


def test_a_batch_is_kept_whole_or_not_at_all(ledger: SqlLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last write fails: nothing of the batch is there."""

    def fail(*_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("target_salesforce_retail.ledger.runs.add_counts", fail)
    with pytest.raises(RuntimeError):
        settle(ledger, done(key="1"), held(key="2"))

    assert ledger.links("customers", ["1"]) == {}
    assert ledger.open_holds() == 0


def test_the_file_is_private_and_keeps_everything(tmp_path: Path) -> None:
    """Mode 0600, in a folder that is made; opened again, all is there."""
    path = tmp_path / "deep" / "ledger.db"
    first = open_ledger(f"sqlite:///{path}")
    settle(first, done(version="1"), held(key="2", amount=Decimal("1.10")))

    second = open_ledger(f"sqlite:///{path}")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert second.links("customers", ["1:7"])["1:7"].id == "003A"
    assert Decimal("1.10") == second.held("customers")[0].record["amount"]


def test_an_error_of_the_database_quotes_no_parameter(ledger: SqlLedger) -> None:
    """They hold shoppers."""
    with ledger._engine.begin() as connection:
        connection.execute(text("DROP TABLE records"))

    with pytest.raises(LedgerError) as raised:
        settle(ledger, done(last_name="secret-shopper"))

    assert "secret-shopper" not in str(raised.value)
    assert raised.value.__cause__ is None


@pytest.mark.parametrize("url", ["nonsense", "mysterydb://x/y", "sqlite:////proc/nowhere/ledger.db"])
def test_a_ledger_that_cannot_be_opened_says_so(url: str) -> None:
    """The setting, and what it looks like."""
    with pytest.raises((ConfigError, LedgerError), match="ledger"):
        open_ledger(url)


def test_a_ledger_of_another_version_is_refused(tmp_path: Path) -> None:
    """Nothing is guessed about its layout."""
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    with open_ledger(url)._engine.begin() as connection:
        connection.execute(text("UPDATE ledger SET version = 99"))

    with pytest.raises(LedgerError, match="version 99"):
        open_ledger(url)


@pytest.mark.parametrize("is_open", [False, True])
def test_a_ledger_that_another_program_keeps_locked_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_open: bool
) -> None:
    """And what to do; the disk and the rights of its folder are not at fault."""
    monkeypatch.setattr("target_salesforce_retail.ledger.database.PATIENCE_SECONDS", 0)
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    ledger = open_ledger(url)
    with closing(sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerError) as raised:
            ledger.open_run() if is_open else open_ledger(url)

    assert str(raised.value) == (
        "ledger: Another program has kept the ledger locked for 0 seconds. Nothing was acknowledged. Let it end, "
        "or end it: another run, a backup, a browser of databases; then run again."
    )


def test_replay_takes_parents_first_oldest_first_each_once(ledger: SqlLedger) -> None:
    """In chunks that settle one after the other."""
    for key in ("1", "2", "3"):
        settle(ledger, held(key=key, stream="sales"))
    settle(ledger, held(key="9", stream="customers"))
    taken: list[tuple[str, str]] = []

    def run(stream: str, arrivals: Any) -> list[Outcome]:
        outcomes = [done(key=each.key, stream=stream, hold=each.hold) for each in arrivals]
        taken.extend((stream, each.key) for each in arrivals)
        settle(ledger, *outcomes)
        return outcomes

    counts = replay(ledger, run, order=["customers", "sales"])

    assert taken == [("customers", "9"), ("sales", "1"), ("sales", "2"), ("sales", "3")]
    assert counts == {Verdict.CREATED: 4}
    assert ledger.open_holds() == 0


def test_replay_of_what_stays_held_ends(ledger: SqlLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each hold once, even when a chunk is smaller than what is held."""
    monkeypatch.setattr("target_salesforce_retail.ledger.replay.CHUNK", 2)
    for key in "12345":
        settle(ledger, held(key=key))
    taken: list[str] = []

    def run(stream: str, arrivals: Any) -> list[Outcome]:
        outcomes = [held(key=each.key, stream=stream, hold=each.hold) for each in arrivals]
        taken.extend(each.key for each in arrivals)
        settle(ledger, *outcomes)
        return outcomes

    replay(ledger, run, order=["customers"])

    assert list("12345") == taken


def test_look_ups_of_many_keys_are_cut(ledger: SqlLedger) -> None:
    """SQLite takes only so many parameters."""
    settle(ledger, *(done(key=str(number)) for number in range(KEYS_PER_QUERY * 2 + 1)))

    assert len(ledger.links("customers", map(str, range(5000)))) == KEYS_PER_QUERY * 2 + 1


def test_a_ledger_belongs_to_one_org(ledger: SqlLedger) -> None:
    """Ids of another org would lead astray. 15 and 18 characters are the same org."""
    ledger.claim("00D000000000001AAA")
    ledger.claim("00D000000000001")

    with pytest.raises(LedgerError, match=r"belongs to org 00D000000000001, .*00D000000000002.* ledger_url"):
        ledger.claim("00D000000000002AAA")


def test_words_of_others_are_kept_as_far_as_a_database_can() -> None:
    """Half a character, or none at all, stops no batch."""
    ledger = fresh()
    settle(ledger, replace(held(), message="half \ud83d, none \0"))

    record = ledger.record("customers", "1:7")
    assert record is not None
    assert record.message == "half ?, none ?"
