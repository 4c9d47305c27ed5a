"""A ledger that the version before left in the middle of a batch answers this version as it answered that one.

``ledger_v2.sql`` is its text, ``ledger_v2.json`` what that version said of it. A ledger is on people's disks:
whatever the code calls things, these names stay.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from target_salesforce_retail.ledger.replay import replay
from target_salesforce_retail.ledger.store import SqlLedger, open_ledger
from target_salesforce_retail.nouns import Arrival, Outcome, Reason, Siblings, Stage, Verdict

from tests.target.ledgers import Clock, restored

FOLDER = Path(__file__).parent
SAID: dict[str, Any] = json.loads((FOLDER / "ledger_v2.json").read_text("utf-8"))
YOUNGER = (
    Reason.ID_REFUSED,
    Reason.UNANSWERED,
    Reason.VETOED,
    Reason.BECOMES_UNKNOWN,
    Reason.CONVERSION_DUPLICATE,
    Reason.CONVERSION_NOT_ALLOWED,
)
"""Reasons that there were not when the ledger was recorded."""
STREAMS = [name for name, said in SAID.items() if isinstance(said, dict) and "links" in said]


@pytest.fixture
def ledger(tmp_path: Path) -> SqlLedger:
    """A database that the version before has left, opened two hours later."""
    clock = Clock()
    clock.sleep(7200)
    return open_ledger(restored(FOLDER / "ledger_v2.sql", tmp_path), now=clock, sleep=clock.sleep)


def plain(value: Any) -> Any:
    """As the JSON says it."""
    return json.loads(json.dumps(value, default=str))


def keys_of(stream: str) -> list[str]:
    """Every key that the version before was asked for."""
    said = SAID[stream]
    return [*said["links"], *said["versions"], *said["skipped"], *(hold[1] for hold in said["holds"])]


@pytest.mark.parametrize("stream", STREAMS)
def test_records_are_known_as_before(ledger: SqlLedger, stream: str) -> None:
    """Where each went, in which version, and which of them a rule took out."""
    said, keys = SAID[stream], keys_of(stream)
    links = {
        key: (link.object, link.id, link.version, link.stamped_key) for key, link in ledger.links(stream, keys).items()
    }

    assert plain(links) == said["links"]
    assert ledger.versions(stream, keys) == said["versions"]
    assert sorted(ledger.ruled_out(stream, keys)) == said["ruled_out"]
    assert sorted(ledger.skipped(stream, keys)) == said["skipped"]
    assert ledger.count(stream) == said["count"]


@pytest.mark.parametrize("stream", STREAMS)
def test_holds_are_listed_and_handed_out_as_before(ledger: SqlLedger, stream: str) -> None:
    """With reason, candidates, what they wait for, and our own words alone; payloads with what is wrong with them."""
    said = SAID[stream]
    listed = [
        (
            hold.number,
            hold.key,
            hold.reason.value,
            hold.stage.value,
            hold.fields,
            hold.code,
            hold.attempts,
            hold.candidates,
            hold.waits_for,
            hold.message,
        )
        for hold in ledger.holds(stream=stream, limit=500)
    ]
    arrivals = ledger.held(stream, limit=500)

    assert plain(listed) == said["holds"]
    assert [
        [each.hold, each.key, each.version, [[flaw.property, flaw.rule] for flaw in each.flaws]] for each in arrivals
    ] == said["held"]
    assert [each.hold for each in ledger.waiting(stream, 0, 500)] == said["waiting"]


def test_siblings_runs_and_sums_are_as_before(ledger: SqlLedger) -> None:
    """Complete sets of children, what runs came to, which streams are waited for."""
    siblings: dict[str, Siblings] = ledger.siblings("sale_lines", SAID["sale_lines"]["siblings"])
    runs = [(run.state, run.note, run.streams, run.reasons) for run in ledger.runs(10)]

    assert {key: [each.version, sorted(each.keys)] for key, each in siblings.items()} == SAID["sale_lines"]["siblings"]
    assert plain(runs) == SAID["runs"]
    assert ledger.awaited() == SAID["awaited"]
    assert ledger.open_holds() == SAID["open"]
    assert ledger.last_failed_with("TooManyDeleted") is SAID["warned"]


def test_a_lookup_that_was_left_blank_is_filled(ledger: SqlLedger) -> None:
    """Once the shopper is in for whom it was blank."""
    shopper = Arrival("customers", "1:99", {"id": "99"})
    ledger.settle([Outcome(shopper, Verdict.CREATED, Stage.SEND, object="Contact", id="003000000000099AAA")])

    ((arrival, (reference,)),) = ledger.fillable("sales", "", 10)

    assert (arrival.key, reference.label, reference.stream, reference.key) == ("1:10", "Shopper", "customers", "1:99")


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason not in YOUNGER])
def test_every_reason_is_read_as_what_it_was(ledger: SqlLedger, reason: Reason) -> None:
    """The values of reasons are data: one that was renamed would read as refused."""
    known = ledger.record("reasons", f"1:{reason.value}")

    assert known is not None
    assert known.reason is reason


def test_every_hold_can_be_replayed(ledger: SqlLedger) -> None:
    """Each once, with its payload; what is settled then is not held any more."""
    came: list[Arrival] = []

    def run(stream: str, arrivals: Any) -> list[Outcome]:
        came.extend(arrivals)
        outcomes = [Outcome(each, Verdict.UNCHANGED, Stage.PLAN, object="Contact", id="003A") for each in arrivals]
        ledger.settle(outcomes)
        return outcomes

    ledger.open_run()
    assert replay(ledger, run, order=STREAMS) == {Verdict.UNCHANGED: SAID["open"]}
    assert all(each.record["id"] for each in came)
    assert ledger.open_holds() == 0


def test_the_turn_of_a_run_that_died_is_taken_over(ledger: SqlLedger) -> None:
    """It was left in the middle of a batch, on another machine, and its lease is over."""
    with ledger.turn():
        assert ledger.links("customers", []) == {}
