"""Outcomes are taken in their order as if each had been committed alone; what is old changes nothing.

``Slow`` says the rules a second time, one outcome at a time over plain dictionaries: the law's other side.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
import simplejson
from hypothesis import given, settings
from hypothesis import strategies as st
from target_salesforce_retail.ledger.store import SqlLedger
from target_salesforce_retail.nouns import Arrival, Clue, Outcome, Reason, Reference, Siblings, Stage, Verdict, Why

from tests.lanes import examples
from tests.target.ledgers import URL, done, fresh, held, settle, skipped, tables

REASONS = {
    Verdict.SKIPPED: [Reason.EXCLUDED, Reason.SUPERSEDED, Reason.LEFT_ALONE],
    Verdict.HELD: [Reason.INVALID, Reason.PARENT_MISSING, Reason.LOCKED, Reason.TWIN, Reason.MANY_MATCHES],
}
REFERENCES = st.lists(st.builds(Reference, st.sampled_from(["Shop", "Shopper"]), st.just("p"), st.sampled_from("12")))
LAW = settings(max_examples=examples(80), deadline=None)


@st.composite
def outcome(draw: st.DrawFn, versions: Sequence[str | None] = (None, "1", "2", "3")) -> Outcome:
    verdict = draw(st.sampled_from(list(Verdict)))
    version = draw(st.sampled_from(versions))
    fills = draw(st.integers(0, 5)) == 0
    return Outcome(
        Arrival("s", draw(st.sampled_from("ab")), {"of": version}, version=version, hold=draw(HOLD), fills=fills),
        verdict,
        Stage.SEND,
        object="Contact",
        id=draw(st.sampled_from([None, "003A", "003B"])),
        sent=draw(st.dictionaries(st.sampled_from("XY"), st.just(Decimal("1.10")), max_size=1)),
        reason=draw(st.sampled_from(REASONS[verdict])) if verdict in REASONS else None,
        code=draw(st.sampled_from([None, "SOME_CODE"])),
        waits_for=tuple(draw(REFERENCES)),
        trail=draw(st.sampled_from([(), (Clue("key", Why.NONE),)])),
    )


HOLD = st.sampled_from([None, 999])
SET = st.builds(
    Siblings,
    st.sampled_from(["lines", "payments"]),
    st.sampled_from("ab"),
    st.sampled_from([None, "1", "2"]),
    st.frozensets(st.sampled_from("xyz")),
)


@pytest.mark.skipif(URL != "sqlite://", reason="compares three ledgers, and a server has one")
@LAW
@given(st.lists(outcome(), max_size=12), st.lists(SET, max_size=6), st.data())
def test_any_partition_ends_in_the_same_tables(
    outcomes: list[Outcome], sets: list[Siblings], data: st.DataObject
) -> None:
    """One settle, one for each, or anything between."""
    whole, single, parts = fresh(), fresh(), fresh()
    whole.settle(outcomes, sets, is_followed=True)
    for each in outcomes:
        single.settle([each], is_followed=True)
    for each_set in sets:
        single.settle([], [each_set])
    cuts = sorted(data.draw(st.lists(st.integers(0, len(outcomes)), max_size=3)))
    for start, end in zip([0, *cuts], [*cuts, len(outcomes)], strict=True):
        parts.settle(outcomes[start:end], is_followed=True)
    parts.settle([], sets)

    assert tables(whole) == tables(single) == tables(parts)


class Slow:
    """The rules, said slowly."""

    def __init__(self) -> None:
        self.records: dict[str, dict[str, Any]] = {}
        self.holds: list[dict[str, Any]] = []
        self.waits: dict[str, set[tuple[str, str, str]]] = {}

    def take(self, outcome: Outcome) -> None:
        key, verdict, version = outcome.arrival.key, outcome.verdict.value, outcome.version
        row = self.records.get(key)
        told = row["told"] if row else None
        late = bool(version and told and version < told)
        passed = row is not None and (late or outcome.reason is Reason.SUPERSEDED)
        if not outcome.arrival.fills:
            self.take_hold(outcome, late)
        if outcome.arrival.fills and row is None:
            return
        if not passed and not (outcome.arrival.fills and verdict == "held"):
            self.take_waits(outcome)
        if row is None:
            row = self.records[key] = {"id": None, "version": None, "told": None, "verdict": None, "sent": {}}
        elif outcome.reason is Reason.SUPERSEDED:
            return
        if outcome.arrival.fills:
            if verdict == "updated" and not late:
                row["sent"] = row["sent"] | dict(outcome.sent)
        elif not late and not (verdict == "unchanged" and row["verdict"] in ("created", "updated", "unchanged")):
            row |= {"verdict": verdict, "sent": dict(outcome.sent), "code": outcome.code}
            row |= {"reason": outcome.reason.value if outcome.reason else None}
        self.move(row, outcome)

    def take_waits(self, outcome: Outcome) -> None:
        kind = {"held": "hold", "skipped": ""}.get(outcome.verdict.value, "blank")
        references = outcome.waits_for if kind else ()
        self.waits[outcome.arrival.key] = {(kind, each.label, each.key) for each in references}

    def move(self, row: dict[str, Any], outcome: Outcome) -> None:
        """Link and versions."""
        version = outcome.version
        if outcome.reason is Reason.SUPERSEDED and row["verdict"] is not None and row.get("reason") != "overtaken":
            return
        backwards = bool(version and row["version"] and version < row["version"])
        settled = outcome.verdict.value in ("created", "updated", "unchanged") or outcome.reason is Reason.LEFT_ALONE
        if outcome.id and not backwards and settled:
            row["id"] = outcome.id
        if version and outcome.verdict.value in ("created", "updated", "unchanged"):
            row["version"] = max(version, row["version"] or "")
        if version:
            row["told"] = max(version, row["told"] or "")

    def take_hold(self, outcome: Outcome, late: bool) -> None:
        key, version, is_held = outcome.arrival.key, outcome.version, outcome.verdict is Verdict.HELD
        open_holds = [hold for hold in self.holds if hold["key"] == key and hold["state"] == "open"]
        fresh_hold = {"key": key, "version": version, "attempts": 1, "state": "open", "of": version}
        if not open_holds:
            if is_held and not late:
                self.holds.append(fresh_hold)
            return
        (hold,) = open_holds
        older = bool(version and hold["version"] and version < hold["version"])
        if is_held:
            hold["attempts"] += 1
        if is_held and not older:
            hold |= {"version": version, "of": version}
        if not is_held and not older:
            hold["state"] = "resolved" if outcome.arrival.hold else "overtaken"


@LAW
@given(st.lists(outcome(), max_size=12))
def test_the_tables_are_what_the_rules_say(outcomes: list[Outcome]) -> None:
    """Said twice, in two ways."""
    ledger, slow = fresh(), Slow()
    ledger.settle(outcomes)
    for each in outcomes:
        slow.take(each)

    found = tables(ledger)
    told = {
        row["key"]: {name: row[name] for name in ("id", "version", "verdict", "code", "reason")}
        | {"told": row["told_version"], "sent": simplejson.loads(row["sent"], use_decimal=True)}
        for row in found["records"]
    }
    waits: dict[str, set[tuple[str, str, str]]] = {}
    for row in found["waits"]:
        waits.setdefault(row["key"], set()).add((row["kind"], row["label"], row["parent_key"]))
    holds = [
        {name: row[name] for name in ("key", "version", "attempts", "state")}
        | {"of": simplejson.loads(row["payload"])["of"]}
        for row in found["holds"]
    ]
    assert slow.records == told
    assert holds == slow.holds
    assert waits == {key: mine for key, mine in slow.waits.items() if mine}


@LAW
@given(st.lists(outcome(["1", "2", "3"]), max_size=12), st.data())
def test_what_is_old_changes_nothing_but_counts(outcomes: list[Outcome], data: st.DataObject) -> None:
    """Redelivered in any order, as often as may be: versions before the settled one."""
    ledger = fresh()
    ledger.settle(outcomes)
    before = tables(ledger, "attempts")
    settled = {row["key"]: row["version"] for row in before["records"]}
    old = [each for each in outcomes if (each.version or "") < (settled.get(each.arrival.key) or "")]

    ledger.settle(data.draw(st.lists(st.sampled_from(old), max_size=6)) if old else [])

    assert before == tables(ledger, "attempts")


def test_a_newest_version_that_is_invalid_stays_held() -> None:
    """Whatever comes again of the sound one before it, and in whichever order the two came."""
    ledger = fresh()
    sound, invalid = done(version="1"), held(Reason.INVALID, version="2")
    for outcomes in ([sound, invalid], [sound], [sound, sound], [invalid, sound]):
        settle(ledger, *outcomes)

        (hold,) = ledger.holds()
        assert hold.reason is Reason.INVALID
        assert ledger.held("customers")[0].version == "2"


def test_a_sound_version_after_an_invalid_one_closes_its_hold() -> None:
    """And the invalid one, delivered again, opens none."""
    ledger = fresh()
    settle(ledger, held(Reason.INVALID, version="1"), done(version="2"))
    settle(ledger, held(Reason.INVALID, version="1"))

    assert ledger.open_holds() == 0


def test_what_was_sent_is_told_after_it_came_again() -> None:
    """Unchanged says nothing new; a lookup that was filled in does."""
    ledger = fresh()
    settle(ledger, done(sent={"Name": "Ann"}, version="1"), done(Verdict.UNCHANGED, version="2"))
    settle(ledger, done(Verdict.UPDATED, sent={"Shop__c": "001A"}, version="2", fills=True))

    record = ledger.record("customers", "1:7")

    assert record is not None
    assert (record.verdict, record.sent) == (Verdict.CREATED, {"Name": "Ann", "Shop__c": "001A"})
    assert ledger.links("customers", ["1:7"])["1:7"].version == "2"


def test_a_doubtful_record_is_no_link() -> None:
    """Nobody knows yet whether it is that one."""
    ledger = fresh()
    settle(ledger, *(held(reason, record_id="003B", key=str(reason)) for reason in (Reason.TWIN, Reason.MATCH_HELD)))

    assert ledger.links("customers", ["twin", "match_held"]) == {}


def test_a_link_never_goes_back() -> None:
    """An older version does not know where the record is now."""
    ledger = fresh()
    settle(ledger, done(record_id="003B", version="2"), done(record_id="003A", version="1"), skipped(Reason.SUPERSEDED))

    assert ledger.links("customers", ["1:7"])["1:7"].id == "003B"
    assert record_of(ledger).verdict is Verdict.CREATED


def record_of(ledger: SqlLedger) -> Any:
    return ledger.record("customers", "1:7")
