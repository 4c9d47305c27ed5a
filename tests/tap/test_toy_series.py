"""A second series, as small as can be: text ids, one version for everything. The house takes it in as it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import pytest
from tap_lightspeed_retail import tap as door
from tap_lightspeed_retail.clock import Clock
from tap_lightspeed_retail.scan import Batch, Departure, Reading, Scan, digest
from tap_lightspeed_retail.series import Offer, Series
from tap_lightspeed_retail.streams import STREAMS
from tap_lightspeed_retail.tap import TapLightspeedRetail

NOW = "2026-11-02T12:00:00+00:00"
PAGE = 2
Message = dict[str, Any]


def uuid(name: str) -> str:
    return str(uuid5(NAMESPACE_OID, name))


class Till:
    """What the vendor holds: of each sale its version and its lines, or None where it was deleted."""

    def __init__(self) -> None:
        self.sales: dict[str, tuple[int, tuple[str, ...] | None]] = {}

    def put(self, sale: str, *lines: str) -> None:
        self.sales[uuid(sale)] = (self._next(), tuple(uuid(line) for line in lines))

    def delete(self, sale: str) -> None:
        self.sales[uuid(sale)] = (self._next(), None)

    def _next(self) -> int:
        return 1 + max((version for version, _ in self.sales.values()), default=0)


class ToySeries:
    """One account of it; see ``Series``."""

    account_id = uuid("account")

    def __init__(self, till: Till) -> None:
        self._till = till
        self.requests = 0

    def now(self) -> str:
        return NOW

    def scans(self, stream: str, state: dict[str, Any]) -> Sequence[Scan]:
        assert stream == "sales"
        return [Scan(10, partial(self._by_version, state)), Scan(60, self._full, patient=True)]

    def _by_version(self, state: dict[str, Any]) -> Iterator[Batch]:
        while page := self._page(state.get("version", 0))[:PAGE]:
            there = {sale: lines for sale, _, lines in page if lines is not None}
            said = {f"lines of {sale}": " ".join(lines or ()) for sale, _, lines in page}
            yield Batch(
                [self._reading(*each) for each in page if each[0] in there],
                [sale for sale, *_ in page if sale not in there],
                [
                    Departure("sale_lines", line, "sale", sale, NOW)
                    for sale, lines in there.items()
                    for line in state.get(f"lines of {sale}", "").split()
                    if line not in lines
                ],
                partial(state.update, said, version=page[-1][1]),
            )

    def _full(self) -> Iterator[Batch]:
        yield Batch([self._reading(*each) for each in self._page(0) if each[2] is not None])

    def _page(self, after: int) -> list[tuple[str, int, tuple[str, ...] | None]]:
        self.requests += 1
        rows = [(sale, version, lines) for sale, (version, lines) in self._till.sales.items() if version > after]
        return sorted(rows, key=lambda row: row[1])

    def _reading(self, sale: str, version: int, lines: tuple[str, ...] | None) -> Reading:
        own = {"account_id": self.account_id, "id": sale, "version": version}
        record = {**own, "kind": "sale", "state": "completed", "line_ids": list(lines or ()), "payment_ids": []}
        parts = [{**own, "id": line, "sale_id": sale} for line in lines or ()]
        return Reading(sale, record, digest(record), self.requests, {"sale_lines": parts})


class Waiting(Clock):
    """Nothing waits; after so many seconds the tap is ended.

    Args:
        end: Seconds.
        meanwhile: What happens while it waits.
    """

    def __init__(self, end: float, meanwhile: Callable[[float], None]) -> None:
        self._at, self._end, self._meanwhile = 0.0, end, meanwhile

    def monotonic(self) -> float:
        return self._at

    def sleep(self, seconds: float) -> None:
        self._at += seconds
        if self._at > self._end:
            raise KeyboardInterrupt
        self._meanwhile(self._at)


@pytest.fixture
def till() -> Till:
    made = Till()
    for number in range(5):
        made.put(f"sale {number}", f"line {number}", f"gift wrap {number}")
    return made


@pytest.fixture
def made(till: Till, monkeypatch: pytest.MonkeyPatch) -> Callable[..., TapLightspeedRetail]:
    """The tap, where its tables name another series: that is all there is to do."""
    rows = [replace(row, series=("r", "x")) if row.name in ("sales", "sale_lines") else row for row in STREAMS]
    schema = deepcopy(TapLightspeedRetail.config_jsonschema)
    schema["properties"]["series"]["enum"].append("x")

    def connect(_settings: Mapping[str, Any], _clock: Clock) -> Series:
        return ToySeries(till)

    monkeypatch.setitem(door.SERIES, "x", Offer(connect, lambda _stream, _bookmark: None))
    monkeypatch.setattr(door, "STREAMS", rows)
    monkeypatch.setattr(TapLightspeedRetail, "config_jsonschema", schema)

    def make(state: dict[str, Any] | None = None, **settings: Any) -> TapLightspeedRetail:
        config = {"client_id": "c", "client_secret": "s", "series": "x", **settings}
        return TapLightspeedRetail(config=config, state=state)

    return make


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Callable[[], list[Message]]:
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def records(messages: Sequence[Message], stream: str) -> list[dict[str, Any]]:
    return [each["record"] for each in messages if each["type"] == "RECORD" and each["stream"] == stream]


def last_state(messages: Sequence[Message]) -> dict[str, Any]:
    state: dict[str, Any] = [each["value"] for each in messages if each["type"] == "STATE"][-1]
    return state


def version(state: dict[str, Any]) -> int:
    number: int = state["bookmarks"]["sales"].get("version", 0)
    return number


def test_it_offers_what_the_table_says_it_has(made: Any) -> None:
    """And nothing of the other's."""
    assert [*made().streams] == ["sales", "sale_lines"]


def test_a_sale_is_followed_by_its_lines_and_each_batch_by_a_state(made: Any, said: Any, till: Till) -> None:
    """In the vendor's order; the full scan that comes after says nothing again."""
    made().sync_all()
    messages = said()

    ids = [each["record"]["id"] for each in messages if each["type"] == "RECORD"]
    assert ids == [each for sale, (_, lines) in till.sales.items() for each in (sale, *(lines or ()))]
    assert ids[0] == uuid("sale 0")
    assert [each["stream"] for each in messages if each["type"] == "SCHEMA"] == ["sales", "sale_lines"]
    emitted, states = 0, []
    for each in messages:
        emitted += each["type"] == "RECORD" and each["stream"] == "sales"
        if each["type"] == "STATE" and "sales" in each["value"].get("bookmarks", {}):
            states.append(version(each["value"]))
            assert states[-1] <= emitted  # sales were rung up one version each
    assert [*dict.fromkeys(states)][-3:] == [2, 4, 5]
    assert last_state(messages)["account_id"] == ToySeries.account_id


def test_a_run_goes_on_where_the_last_state_was(made: Any, said: Any) -> None:
    """Killed after a batch, from the version that it holds."""
    made().sync_all()
    first = said()
    state = next(each["value"] for each in first if each["type"] == "STATE" and version_of(each) == PAGE)

    tap = made(state, follow=True)
    tap.clock = Waiting(0, lambda _: None)
    with pytest.raises(KeyboardInterrupt):
        tap.sync_all()

    assert [each["id"] for each in records(said(), "sales")] == [uuid(f"sale {number}") for number in (2, 3, 4)]


def version_of(message: Message) -> int:
    marks = message["value"].get("bookmarks", {})
    return version(message["value"]) if "sales" in marks else 0


def test_what_left_is_told(made: Any, said: Any, till: Till) -> None:
    """A sale that was deleted, and a line that has left its sale."""
    made().sync_all()
    state = last_state(said())
    till.put("sale 1", "line 1")
    till.delete("sale 3")

    tap = made(state, follow=True)
    tap.clock = Waiting(0, lambda _: None)
    with pytest.raises(KeyboardInterrupt):
        tap.sync_all()
    messages = said()

    changed, deleted = records(messages, "sales")
    assert (changed["id"], changed["line_ids"]) == (uuid("sale 1"), [uuid("line 1")])
    assert (deleted["id"], deleted["deleted_at"], deleted["state"]) == (uuid("sale 3"), NOW, "voided")
    line, departed = records(messages, "sale_lines")
    assert (line["id"], line.get("deleted_at")) == (uuid("line 1"), None)
    assert (departed["id"], departed["sale_id"]) == (uuid("gift wrap 1"), uuid("sale 1"))
    assert departed["deleted_at"] == departed["sale_updated_at"] == NOW
    assert version(last_state(messages)) == 7


def test_it_is_followed_and_says_nothing_twice(made: Any, said: Any, till: Till) -> None:
    """What is rung up leaves with the next poll, and the patient scan between the polls has nothing to add."""
    rung = iter(range(20, 26))

    def ring(at: float) -> None:
        if at % 20 < 5 and (number := next(rung, None)):
            till.put(f"sale {number}", f"line {number}")

    tap = made(follow=True)
    tap.clock = Waiting(200, ring)
    with pytest.raises(KeyboardInterrupt):
        tap.sync_all()
    messages = said()

    ids = [each["id"] for each in records(messages, "sales")]
    assert ids == [*till.sales]
    assert len(ids) == 11
    assert len(records(messages, "sale_lines")) == 16
    assert tap.series.requests > 25
    versions = [version(each["value"]) for each in messages if each["type"] == "STATE" and version_of(each)]
    assert all(before <= after for before, after in pairwise(versions))
    assert versions[-1] == 11


def test_a_connection_test_stops_at_a_sale(made: Any, said: Any) -> None:
    """That one the SDK writes, with its lines; the bookmark does not move."""
    assert made().run_connection_test()
    messages = said()

    assert [each["id"] for each in records(messages, "sales")] == [uuid("sale 0")]
    assert not any(version_of(each) for each in messages if each["type"] == "STATE")


def test_a_dry_run_writes_no_record(made: Any, said: Any) -> None:
    """Neither sales nor their lines."""
    stream = made().streams["sales"]

    assert len([*stream._sync_records(write_messages=False)]) == 5
    assert not [each for each in said() if each["type"] == "RECORD"]
