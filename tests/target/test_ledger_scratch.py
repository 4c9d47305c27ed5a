"""A plan writes in a copy of the ledger: the ledger itself is read at once, whoever has it, and left as it is."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from target_salesforce_retail.errors import ConfigError, LedgerError
from target_salesforce_retail.ledger.scratch import ScratchLedger, _copy_server, open_scratch
from target_salesforce_retail.ledger.store import open_ledger
from target_salesforce_retail.nouns import Outcome

from tests.target.ledgers import URL, Clock, done, empty, held, restored, settle, tables

V1 = Path(__file__).parent / "ledger_v1.sql"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


def nobody(outcomes: Sequence[Outcome]) -> None:
    del outcomes


def scratch(file: Path) -> ScratchLedger:
    ledger = open_scratch(f"sqlite:///{file}", nobody)
    ledger.open_run()
    return ledger


def kept(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def filled(file: Path) -> None:
    """A ledger that a run has left: one shopper is in, one is held."""
    ledger = open_ledger(f"sqlite:///{file}")
    ledger.open_run()
    settle(ledger, done(), held(key="1:8"))
    ledger._engine.dispose()


def test_a_ledger_that_is_not_there_is_not_made(file: Path) -> None:
    """The plan before the first run: it knows nothing, and leaves nothing."""
    assert scratch(file).open_holds() == 0
    assert kept(file.parent) == {}


def test_the_copy_knows_everything_and_keeps_what_it_is_told(file: Path) -> None:
    """A file that may not be written, in a folder that may not, is no hindrance; not a byte or a file is added."""
    filled(file)
    before = kept(file.parent)
    file.chmod(0o400)
    file.parent.chmod(0o500)

    ledger = scratch(file)
    settle(ledger, done(key="1:8", hold=1), held(key="1:9"))

    assert ledger.links("customers", ["1:7", "1:8"]).keys() == {"1:7", "1:8"}
    assert ledger.left_held() == {("customers", "1:9")}
    file.parent.chmod(0o700)
    assert kept(file.parent) == before


def test_what_was_held_before_is_not_left_by_this_run(file: Path) -> None:
    """Unless it is held again."""
    filled(file)
    ledger = scratch(file)
    assert ledger.left_held() == set()

    settle(ledger, held(key="1:8"))

    assert ledger.left_held() == {("customers", "1:8")}


def test_outcomes_are_heard_once_they_are_settled(file: Path) -> None:
    """All of a batch, in their order."""
    heard: list[Outcome] = []
    ledger = open_scratch(f"sqlite:///{file}", heard.extend)
    outcomes = [done(), held(key="1:8")]

    settle(ledger, *outcomes)

    assert heard == outcomes


def test_a_run_that_is_going_on_is_not_waited_for(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has its turn, and what it has committed is known; it goes on as if nobody had looked."""
    monkeypatch.setattr(time, "sleep", lambda _: pytest.fail("it waits for its turn"))
    running = open_ledger(f"sqlite:///{file}")
    running.open_run()
    with running.turn():
        settle(running, done())
        ledger = scratch(file)
        with ledger.turn():
            settle(ledger, done(key="1:8"))
        settle(running, held(key="1:9"))

    assert ledger.links("customers", ["1:7", "1:8"]).keys() == {"1:7", "1:8"}
    assert running.links("customers", ["1:7", "1:8"]).keys() == {"1:7"}


def test_a_ledger_that_a_dead_run_has_left_open_is_read(file: Path, tmp_path: Path) -> None:
    """Its last commits stand in a file beside it, which is read too, and stays."""
    running = open_ledger(f"sqlite:///{file}")
    running.open_run()
    settle(running, done())
    dead = tmp_path / "dead"
    dead.mkdir()
    for path in (file, file.with_name("ledger.db-wal")):
        (dead / path.name).write_bytes(path.read_bytes())

    assert scratch(dead / "ledger.db").links("customers", ["1:7"]).keys() == {"1:7"}
    assert (dead / "ledger.db-wal").read_bytes() == file.with_name("ledger.db-wal").read_bytes()


@pytest.mark.skipif(URL != "sqlite://", reason="a server's older layout is brought up by a run")
def test_an_older_layout_is_brought_up_in_the_copy(tmp_path: Path) -> None:
    """In the copy alone."""
    url = restored(V1, tmp_path)
    before = kept(tmp_path)

    assert open_scratch(url, nobody).open_holds() == 2
    assert kept(tmp_path) == before


def test_a_server_is_copied_row_by_row(tmp_path: Path) -> None:
    """Everything that decides; of a server that has no ledger yet, nothing."""
    there = open_ledger(empty(URL) if URL != "sqlite://" else f"sqlite:///{tmp_path / 'there.db'}")
    there.open_run()
    settle(there, done(), held(key="1:8"))
    here = open_ledger("sqlite://")

    _copy_server(create_engine(f"sqlite:///{tmp_path / 'empty.db'}"), here._engine)
    assert here.open_holds() == 0

    _copy_server(there._engine, here._engine)

    assert tables(here) == tables(there)
    assert [run.id for run in here.runs(9)] == [run.id for run in there.runs(9)]


def test_an_older_layout_on_a_server_is_not_touched(tmp_path: Path) -> None:
    """It says who may bring it up."""
    there = create_engine(restored(V1, tmp_path))

    with pytest.raises(LedgerError, match=r"layout is version 1.*let a run"):
        _copy_server(there, open_ledger("sqlite://")._engine)

    with there.begin() as connection:
        assert connection.scalar(text("SELECT version FROM ledger")) == 1


def test_what_is_no_ledger_is_said(file: Path) -> None:
    """In a sentence, as for a run."""
    file.write_bytes(b"no database " * 1000)

    with pytest.raises(LedgerError, match="cannot be read"):
        scratch(file)
    with pytest.raises(ConfigError, match="ledger_url"):
        open_scratch("nonsense", nobody)


def test_time_is_the_callers(file: Path) -> None:
    """As in the ledger itself."""
    clock = Clock()
    ledger = open_scratch(f"sqlite:///{file}", nobody, now=clock)
    ledger.open_run()

    assert ledger.runs(1)[0].started_at == clock()
