"""Whole runs of the tap: order, state, resumption."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tap_lightspeed_retail.errors import Busy, SettingsError
from tap_lightspeed_retail.streams import RANK, STREAMS
from tap_lightspeed_retail.tap import TapLightspeedRetail

from sandbox.serve import Box, running
from sandbox.weather import Gust


@pytest.fixture
def box() -> Iterator[Box]:
    with running(seed="chain", size="small") as made:
        yield made


class Run:
    """What one run of the tap said."""

    def __init__(self, lines: str) -> None:
        self.messages = [json.loads(line, parse_float=Decimal) for line in lines.splitlines()]

    def records(self, stream: str) -> list[dict[str, Any]]:
        return [each["record"] for each in self.messages if each["type"] == "RECORD" and each["stream"] == stream]

    @property
    def state(self) -> dict[str, Any]:
        states = [each["value"] for each in self.messages if each["type"] == "STATE"]
        return states[-1] if states else {}


@pytest.fixture
def run(box: Box, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    # Who waits lets time pass in the sandbox, or its bucket would never leak.
    monkeypatch.setattr("time.sleep", box.clock.advance)

    def once(state: dict[str, Any] | None = None, *, select: list[str] | None = None, **settings: Any) -> Run:
        capsys.readouterr()
        tap = TapLightspeedRetail(config={**box.tap_config(tmp_path), **settings}, state=state)
        if select is not None:
            for stream in tap.streams.values():
                stream.selected = stream.name in select
        with contextlib.suppress(Busy):
            tap.sync_all()
        return Run(capsys.readouterr().out)

    return once


def test_parents_come_first(run: Any) -> None:
    """In the table's order; lines and payments right after their sale."""
    said = run()
    order = [each["stream"] for each in said.messages if each["type"] == "RECORD"]
    first = list(dict.fromkeys(order))

    assert first == sorted(first, key=lambda name: RANK[name])
    assert {"shops", "customers", "items", "inventory", "sales", "sale_lines", "sale_payments"} <= set(first)
    current = ""
    for message in said.messages:
        if message["type"] == "RECORD" and message["stream"] == "sales":
            current = message["record"]["id"]
        elif message["type"] == "RECORD" and message["stream"] in ("sale_lines", "sale_payments"):
            assert current == message["record"]["sale_id"]


def test_a_sale_names_the_complete_set_of_its_parts(run: Any) -> None:
    """And the set is what was emitted."""
    said = run()
    lines: dict[str, list[str]] = {}
    for each in said.records("sale_lines"):
        lines.setdefault(each["sale_id"], []).append(each["id"])

    assert {each["id"]: each["line_ids"] for each in said.records("sales") if each["line_ids"]} == lines


def test_one_schema_each_and_few_states(run: Any) -> None:
    """Not one per parent, as the SDK's child streams would say."""
    kinds = [each["type"] for each in run().messages]
    offered = len([row for row in STREAMS if not row.opt_in])

    assert kinds.count("SCHEMA") == offered
    assert kinds.count("STATE") < 3 * offered  # one a page, and one a stream


@pytest.mark.parametrize("select", [["sales"], ["sale_lines"], ["sale_payments", "shops"]])
def test_any_choice_of_streams_works(run: Any, box: Box, select: list[str]) -> None:
    """A child without its parent too, with a bookmark all the same."""
    said = run(select=select)

    assert set(select) == {each["stream"] for each in said.messages if each["type"] == "RECORD"}
    again = run(said.state, select=select)
    assert len(again.records(select[0])) < len(said.records(select[0])) or select[0] == "shops"


def test_the_state_says_whose_it_is(run: Any, box: Box) -> None:
    """Another account's is refused before any row is asked for, and so is nobody's."""
    said = run()
    assert box.account_id == said.state["account_id"]
    calls = box.world.calls["Customer"]

    for owner in ({"account_id": "4711"}, {}):
        bookmarks = {"bookmarks": said.state["bookmarks"]}
        with pytest.raises(SettingsError, match="state belongs to"):
            run({**bookmarks, **owner})

    assert calls == box.world.calls["Customer"]
    run({})


def test_the_second_run_brings_what_changed(run: Any, box: Box) -> None:
    """And everything that did."""
    first = run()
    box.trade(hours=5)
    changed = {
        row["saleID"] for row in box.world.rows("Sale") if row["updateTime"] > box.clock.now() - timedelta(hours=5)
    }

    second = run(first.state)

    assert {str(each) for each in changed} <= {each["id"] for each in second.records("sales")}
    assert len(second.records("sales")) < len(first.records("sales"))


def test_a_bookmark_stays_behind_the_servers_clock(run: Any, box: Box) -> None:
    """A stamp in the future moves it no further; a row that is committed late, with an older stamp, still comes."""
    future = box.clock.now().replace(microsecond=0) + timedelta(days=30)
    sale = box.world.rows("Sale")[-1]
    box.world.put("Sale", {**sale, "updateTime": future})
    first = run()
    marked = datetime.fromisoformat(first.state["bookmarks"]["sales"]["replication_key_value"])
    assert marked <= box.clock.now() - timedelta(seconds=119)

    late = box.clock.now().replace(microsecond=0) - timedelta(seconds=100)
    box.world.put("Sale", {**sale, "saleID": 9999, "updateTime": late, "completeTime": late})

    assert "9999" in {each["id"] for each in run(first.state).records("sales")}


@pytest.mark.parametrize("cut", [1, 2, 3, 5, 7])
def test_a_run_cut_at_any_page_resumes(run: Any, box: Box, cut: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both runs together bring every sale, and the second repeats little."""
    asked_before = 1  # for the newest
    box.weather_l.plan([Gust("503", path="*Sale.json*", skip=cut + asked_before, times=50)])
    first = run(page_size=10, select=["sales"])
    box.weather_l.clear()

    second = run(first.state, page_size=10, select=["sales"])

    assert 10 * cut == len(first.records("sales"))
    together = [each["id"] for each in [*first.records("sales"), *second.records("sales")]]
    assert {str(row["saleID"]) for row in box.world.rows("Sale")} == set(together)
    assert len(together) - len(set(together)) <= 1


def test_equal_seconds_over_page_edges_lose_nothing(run: Any, box: Box) -> None:
    """A hundred sales in one second, ten a page."""
    moment = box.clock.now().replace(microsecond=0) - timedelta(hours=1)
    for sale in box.world.rows("Sale"):
        box.world.put("Sale", {**sale, "updateTime": moment})

    assert len(box.world.rows("Sale")) == len(run(page_size=10, select=["sales"]).records("sales"))


def test_start_date_begins_where_there_is_no_bookmark(run: Any, box: Box) -> None:
    """The bookmark wins afterwards."""
    since = (box.clock.now() - timedelta(days=20)).isoformat()

    said = run(start_date=since, select=["sales"])

    assert 0 < len(said.records("sales")) < len(box.world.rows("Sale"))
    assert all(each["updated_at"] >= since[:10] for each in said.records("sales"))


def test_archived_rows_are_data(run: Any, box: Box) -> None:
    """Archiving is not silence."""
    box.world.put("Customer", {**box.world.rows("Customer")[0], "archived": True})

    assert any(each["archived"] for each in run(select=["customers"]).records("customers"))


def test_no_token_and_no_shopper_in_the_log(run: Any, box: Box, caplog: pytest.LogCaptureFixture) -> None:
    """At the finest level."""
    caplog.set_level(1)
    said = run()
    words = {each["email"] for each in said.records("customers") if each["email"] and "@" in each["email"]}
    tokens = {*box.world.oauth._accesses, *box.world.oauth._refreshes}

    assert not [word for word in words | tokens if word in caplog.text]
    assert not [token for token in tokens if token in json.dumps(said.state)]


@pytest.fixture
def unfiltered(tmp_path: Path) -> Iterator[Box]:
    with running(seed="chain", size="small", switches={"updatetime_filter": "false"}) as made:
        yield made


def test_where_update_times_cannot_be_filtered_time_stamps_are_followed(
    unfiltered: Box, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The vendor documents the sort, not the filter: both worlds are read."""
    config = unfiltered.tap_config(tmp_path)
    TapLightspeedRetail(config=config).sync_all()
    first = Run(capsys.readouterr().out)
    unfiltered.trade(hours=5)

    TapLightspeedRetail(config=config, state=first.state).sync_all()
    second = Run(capsys.readouterr().out)

    assert 0 < len(second.records("sales")) < len(first.records("sales"))
