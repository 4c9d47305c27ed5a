"""Thousands of lines: never a traceback, never a value in the log, an outcome for each record, STATE only after it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from target_salesforce_retail.errors import MappingError
from target_salesforce_retail.nouns import Reason, Verdict

from tests.lanes import FULL
from tests.target.doorway import Doorway, schema, written
from tests.target.hostile import CANARY, runs
from tests.target.ledgers import tables

STREAMS = ("customers", "sales")
LINES = 2000 if FULL else 800
HEAD = b"".join(written(schema(stream, required=stream == "sales")) for stream in STREAMS)


class Watched(Doorway):
    """Knows how many records each STATE acknowledges, and what has an outcome by then."""

    early: list[tuple[int, int]]

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.early = []
        self.before = 0

    def acknowledged(self, value: Any) -> None:
        super().acknowledged(value)
        if len(self.outcomes) - self.before < value["n"]:
            self.early.append((value["n"], len(self.outcomes) - self.before))


@pytest.mark.parametrize("seed", range(5))
def test_lines_of_all_kinds(seed: int, caplog: pytest.LogCaptureFixture) -> None:
    """Sound, damaged, hostile; each run over one ledger, until the line that ends it."""
    caplog.set_level(1)
    doorway = Watched(checkpoint_rows=25, batch_size_rows=40)
    fates: Counter[str] = Counter()
    for run in runs(seed, LINES, STREAMS):
        fates.update(fate for _, fate in run)
        doorway.before, goes, said = len(doorway.outcomes), 0, [HEAD]
        for text, fate in run:
            goes += fate == "goes"
            said += [text + b"\n", written({"type": "STATE", "value": {"n": goes}})]
        stopped = doorway.listen(b"".join(said))
        has_stop = bool(run) and run[-1][1] == "stops"

        assert bool(stopped) == has_stop, (stopped, run[-1:])
        if stopped:
            place = f"input, line {len(STREAMS) + 2 * len(run) - 1}"
            assert isinstance(stopped, MappingError) or str(stopped).startswith(place)
            assert CANARY not in str(stopped)
        else:
            assert len(doorway.outcomes) - doorway.before == goes

    assert doorway.early == []
    assert CANARY not in caplog.text
    assert fates["goes"] > 0.75 * LINES
    assert fates["stops"] > 0.005 * LINES
    _every_outcome_is_kept(doorway)


def _every_outcome_is_kept(doorway: Watched) -> None:
    """In the ledger, holds with their payload; and nobody is in the org twice."""
    kept = tables(doorway.world.ledger)
    records = {(row["stream"], row["key"]) for row in kept["records"]}
    holds = {(row["stream"], row["key"]) for row in kept["holds"] if row["payload"]}
    assert {(each.arrival.stream, each.arrival.key) for each in doorway.outcomes} <= records
    newest = {(row["stream"], row["key"]) for row in kept["records"] if row["verdict"] == "held"}
    assert newest <= holds
    assert [outcome.code for outcome in doorway.outcomes if outcome.reason is Reason.DEFECT] == []
    verdicts = Counter(outcome.verdict for outcome in doorway.outcomes)
    assert min(verdicts[each] for each in (Verdict.CREATED, Verdict.UPDATED, Verdict.HELD)) > 0.005 * LINES
    for name in ("Contact", "Sale__c"):
        rows = doorway.world.rows(name)
        assert len({row["Key__c"] for row in rows}) == len(rows)
        assert not any("\\ud" in repr(row) for row in rows), "half a character"
