"""A loader that knows no siblings, as of SQL, loses what left its sale: by its own record with ``deleted_at``."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tap_lightspeed_retail.r_series.bookmark import OPEN_PARTS_ROOM, Bookmark, open_parts_text
from tap_lightspeed_retail.r_series.ids import Ids

from benchmarks.lightspeed import NOON
from benchmarks.simulated import Watched
from sandbox.clock import Clock
from sandbox.lightspeed.oauth import OAuth
from sandbox.lightspeed.world import PRIMARY_KEYS, Row
from sandbox.serve import Box, running
from sandbox.switches import Switches
from sandbox.weather import Gust
from tests.lanes import examples

from .contract import VALIDATORS
from .pair import SALES, Pair
from .runs import HOUR
from .shop_days import PARTS, Day, Target, plain

DAY = 25 * 3600
RESOURCES = {"sale_lines": "SaleLine", "sale_payments": "SalePayment"}


class SqlTarget(Target):
    """Upserts by key, drops what was deleted, and compares nothing with anything."""

    def __init__(self) -> None:
        super().__init__()
        self.departures: list[tuple[str, dict[str, Any]]] = []

    def load(self, stream: str, record: dict[str, Any]) -> None:
        record = plain(record)
        if not record.get("deleted_at"):
            self.tables[stream][record["id"]] = record
            return
        self.tables[stream].pop(record["id"], None)
        if stream in PARTS:
            self.departures.append((stream, record))


class Till:
    """A shop of few sales, in which anything may leave anything; numbers say which sale and which line."""

    def __init__(self, box: Box) -> None:
        self.box, self.world = box, box.world
        self._last: dict[str, int] = {}  # ids are never given twice
        self.events: dict[str, Callable[[int, int], Any]] = {
            "ring up": self.ring_up,
            "add": self.add,
            "remove": self.remove,
            "remove a payment": lambda sale, which: self.remove(sale, which, "SalePayment"),
            "move": self.move,
            "move silently": lambda sale, which: self.move(sale, which, stamped=False),
            "set aside": self.set_aside,
            "complete": self.complete,
            "delete": self.delete,
        }

    @property
    def now(self) -> Any:
        return self.box.clock.now().replace(microsecond=0)

    def sales(self, *, still_open: bool = False) -> list[Row]:
        return [row for row in self.world.rows("Sale") if not (still_open and row["completed"])]

    def _pick(self, number: int, *, still_open: bool = True) -> Row | None:
        rows = self.sales(still_open=still_open)
        return rows[number % len(rows)] if rows else None

    def parts(self, sale: Row, resource: str = "SaleLine") -> list[Row]:
        return self.world.children(resource, "saleID", sale["saleID"])

    def ring_up(self, lines: int, payments: int) -> Row:
        flags = {"completed": False, "voided": False, "archived": False, "shopID": 1, "calcTotal": Decimal(0)}
        times = dict.fromkeys(("createTime", "timeStamp", "updateTime"), self.now)
        sale = self.world.put("Sale", {**flags, **times, "saleID": max(self.world.tables["Sale"], default=0) + 1})
        for resource, count in (("SaleLine", lines % 4), ("SalePayment", payments % 3)):
            for _ in range(count):
                self._put(resource, sale["saleID"])
        return sale

    def _put(self, resource: str, sale_id: int) -> Row:
        amounts = {"unitQuantity": Decimal(1), "unitPrice": Decimal(5), "amount": Decimal(5), "archived": False}
        times = {"createTime": self.now, "timeStamp": self.now}
        self._last[resource] = key = self._last.get(resource, 0) + 1
        return self.world.put(resource, {PRIMARY_KEYS[resource]: key, **amounts, **times, "saleID": sale_id})

    def add(self, number: int, which: int) -> None:
        sale = self._pick(number)
        if sale:
            self._put(("SaleLine", "SalePayment")[which % 2], sale["saleID"])

    def remove(self, number: int, which: int, resource: str = "SaleLine", *, still_open: bool = True) -> None:
        sale = self._pick(number, still_open=still_open)
        rows = self.parts(sale, resource) if sale else []
        if rows:
            self.world.remove(resource, rows[which % len(rows)][PRIMARY_KEYS[resource]])

    def move(self, number: int, which: int, *, stamped: bool = True) -> None:
        """A line goes over to any other sale."""
        sale, other = self._pick(number), self._pick(number + which + 1, still_open=False)
        rows = self.parts(sale) if sale else []
        if rows and other and other["saleID"] != (sale or {})["saleID"]:
            bumped = {"timeStamp": self.now} if stamped else {}
            self.world.put("SaleLine", {**rows[which % len(rows)], "saleID": other["saleID"], **bumped})

    def set_aside(self, number: int, which: int) -> None:
        """A line goes back to a layaway: it is in no sale."""
        sale = self._pick(number)
        rows = self.parts(sale) if sale else []
        if rows:
            self.world.put("SaleLine", {**rows[which % len(rows)], "saleID": 0})

    def complete(self, number: int, which: int) -> None:
        """And in the same moment a line may leave."""
        sale = self._pick(number)
        if sale:
            if which % 2:
                self.remove(number, which)
            times = dict.fromkeys(("completeTime", "timeStamp", "updateTime"), self.now)
            self.world.put("Sale", {**sale, "completed": True, **times})

    def delete(self, number: int, which: int, *, still_open: bool = True) -> None:
        """A sale with all that is in it."""
        del which
        sale = self._pick(number, still_open=still_open)
        if sale:
            for resource in RESOURCES.values():
                for row in self.parts(sale, resource):
                    self.world.remove(resource, row[PRIMARY_KEYS[resource]])
            self.world.remove("Sale", sale["saleID"])

    def books(self) -> dict[str, dict[str, str]]:
        """The sale that each line and each payment is in."""
        sales = self.world.tables["Sale"]
        return {
            stream: {
                str(key): str(row["saleID"])
                for key, row in self.world.tables[resource].items()
                if row["saleID"] in sales
            }
            for stream, resource in RESOURCES.items()
        }


class Silent(Till):
    """The same in sales that are completed, and no time stamp says a thing."""

    def _pick(self, number: int, *, still_open: bool = True) -> Row | None:
        return super()._pick(number, still_open=False)


@pytest.fixture(scope="module")
def served() -> Iterator[Box]:
    with running() as box:
        yield box


@pytest.fixture
def fresh(
    served: Box, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[[], Pair]:
    """An empty shop, and a tap that has read nothing yet."""

    def make() -> Pair:
        served.weather_l.clear()
        served.world.switches = Switches()
        served.world.reset()
        served.world.oauth = OAuth(served.clock, served.account_id, strict=False)
        served.world.put("Shop", {"shopID": 1, "timeZone": "America/Toronto", "archived": False})
        (tmp_path / "tokens.json").unlink(missing_ok=True)
        pair = Pair(served, tmp_path, capsys, monkeypatch)
        pair.target = SqlTarget()
        return pair

    return make


def run(pair: Pair, till: Till, **settings: Any) -> list[tuple[str, dict[str, Any]]]:
    """One run. Nobody is sent off who is still in a sale, and each departure keeps the contract."""
    target = pair.target
    assert isinstance(target, SqlTarget)
    target.departures = []
    pair.run(only=SALES, **{"max_deleted_share": 1, **settings})  # so small a shop may lose all it has
    books = till.books()
    for stream, record in target.departures:
        assert record["id"] not in books[stream], (stream, record)
        assert not [*VALIDATORS[stream].iter_errors(record)]
        assert {"account_id", "id", "sale_id", "sale_updated_at", "deleted_at"} <= record.keys()
    return target.departures


def held(pair: Pair) -> dict[str, dict[str, str]]:
    return {stream: {key: row["sale_id"] for key, row in pair.target.tables[stream].items()} for stream in RESOURCES}


MOVES = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 30), st.integers(0, 30)), max_size=25)
"""Which event or run, and two numbers for it."""


def live(pair: Pair, till: Till, moves: Sequence[tuple[int, int, int]], **settings: Any) -> None:
    """Things happen, and between them the tap runs, to its end or until it is killed."""
    names = [*till.events, "run", "run", "killed", "a day later"]
    for what, one, other in moves:
        name = names[what]
        if name in till.events:
            till.events[name](one, other)
        else:
            pair.box.clock.advance(DAY if name == "a day later" else 30 * other)
            run(pair, till, stop_after=1 + one if name == "killed" else None, **settings)


LAW = settings(max_examples=examples(20), suppress_health_check=[HealthCheck.function_scoped_fixture])


@LAW
@given(MOVES)
def test_what_left_an_open_sale_is_told_in_the_next_run(
    fresh: Callable[[], Pair], moves: list[tuple[int, int, int]]
) -> None:
    """Without any full scan, and whenever the tap was killed."""
    pair = fresh()
    till = Till(pair.box)
    till.ring_up(3, 2)
    till.ring_up(2, 1)
    run(pair, till, reconcile_hours=0)
    live(pair, till, moves, reconcile_hours=0)
    run(pair, till, reconcile_hours=0)

    assert held(pair) == till.books()


@LAW
@given(MOVES)
def test_what_left_any_sale_is_told_by_the_full_scan(
    fresh: Callable[[], Pair], moves: list[tuple[int, int, int]]
) -> None:
    """Completed ones too, although nothing tells of it; and what they say they consist of is true again."""
    pair = fresh()
    till = Silent(pair.box)
    till.ring_up(3, 2)
    till.complete(0, 0)
    till.ring_up(2, 1)
    run(pair, till)
    live(pair, till, moves)
    for _ in range(2):
        pair.box.clock.advance(DAY)
        run(pair, till)

    assert held(pair) == till.books()
    for sale in till.sales():
        record = pair.target.tables["sales"][str(sale["saleID"])]
        assert record["line_ids"] == [str(row["saleLineID"]) for row in till.parts(sale)]


def told(pair: Pair, till: Till, **settings: Any) -> list[tuple[str, str, str | None]]:
    """What one run sends off: stream, id and the sale that it was in."""
    return [(stream, record["id"], record["sale_id"]) for stream, record in run(pair, till, **settings)]


@pytest.fixture
def parked(fresh: Callable[[], Pair]) -> tuple[Pair, Till]:
    """A parked sale of three lines and two payments that was told, and a completed one of two lines."""
    pair = fresh()
    till = Till(pair.box)
    till.ring_up(3, 2)
    till.ring_up(2, 1)
    till.world.put("Sale", {**till.world.tables["Sale"][2], "completed": True})
    run(pair, till)
    return pair, till


def test_a_line_of_an_open_sale_says_which_sale_it_left(parked: tuple[Pair, Till]) -> None:
    """And of which version of it."""
    pair, till = parked
    till.remove(0, 1)
    till.remove(0, 0, "SalePayment")
    found = dict(run(pair, till, reconcile_hours=0))

    version = pair.target.tables["sales"]["1"]["updated_at"]
    assert {stream: (each["id"], each["sale_id"]) for stream, each in found.items()} == {
        "sale_lines": ("2", "1"),
        "sale_payments": ("1", "1"),
    }
    assert {each["sale_updated_at"] for each in found.values()} == {version}


def test_a_line_of_a_completed_sale_is_told_by_the_next_walk(parked: tuple[Pair, Till]) -> None:
    """Which sale it was in is not remembered; its own id is all that a loader needs."""
    pair, till = parked
    till.world.remove("SaleLine", 5)
    assert told(pair, till) == []
    pair.box.clock.advance(DAY)

    assert told(pair, till) == [("sale_lines", "5", None)]
    pair.box.clock.advance(DAY)
    assert told(pair, till) == []


def test_it_is_said_once(parked: tuple[Pair, Till]) -> None:
    pair, till = parked
    till.remove(0, 1)
    assert len(told(pair, till)) == 1
    assert told(pair, till) == []
    pair.box.clock.advance(DAY)
    assert told(pair, till) == []


@pytest.mark.parametrize("switch", [{"empty_relation": "text"}, {"empty_relation": "object"}, {"nested_limit": 1}])
def test_lists_that_are_cut_or_come_empty_are_no_evidence(parked: tuple[Pair, Till], switch: dict[str, Any]) -> None:
    """What is not among them is asked for by its id; nothing is lost when they are whole again."""
    pair, till = parked
    till.world.switches = replace(till.world.switches, **switch)
    for _ in range(2):
        pair.box.clock.advance(DAY)
        assert told(pair, till) == []
    till.world.switches = Switches()
    till.world.remove("SaleLine", 1)
    pair.box.clock.advance(DAY)

    assert [each[:2] for each in told(pair, till)] == [("sale_lines", "1")]
    assert held(pair) == till.books()


@pytest.mark.parametrize("later", [600, DAY])
def test_a_list_that_is_cut_is_read_by_itself(parked: tuple[Pair, Till], later: int) -> None:
    """Or a loader that knows siblings would drop what the parked sale did not show."""
    pair, till = parked
    till.world.switches = replace(till.world.switches, nested_limit=1)
    for _ in range(2):
        pair.box.clock.advance(later)
        assert told(pair, till) == []
        assert pair.target.tables["sales"]["1"]["line_ids"] == ["1", "2", "3"]
        assert pair.target.tables["sales"]["1"]["payment_ids"] == ["1", "2"]


@pytest.mark.parametrize("spelling", ["absent", "text", "object", "list", "body"])
def test_a_line_has_left_when_the_vendor_lists_none(parked: tuple[Pair, Till], spelling: str) -> None:
    """In whichever spelling."""
    pair, till = parked
    till.world.switches = replace(till.world.switches, empty_page=spelling)
    for number in (1, 2, 3):
        till.world.remove("SaleLine", number)

    assert len(told(pair, till)) == 3
    assert held(pair) == till.books()


def test_what_cannot_be_asked_for_is_not_sent_off(parked: tuple[Pair, Till], caplog: pytest.LogCaptureFixture) -> None:
    """Without the scope for lines nobody has seen that they left."""
    pair, till = parked
    till.remove(0, 1)
    pair.box.weather_l.plan([Gust("403", path="*/SaleLine.json", times=1000)])

    assert told(pair, till) == []
    assert "what has left is told by the first scan that may ask" in caplog.text


@pytest.mark.parametrize("completed", [True, False])
@pytest.mark.parametrize("stamped", [True, False])
def test_a_line_that_moved_is_told_where_it_is(parked: tuple[Pair, Till], stamped: bool, completed: bool) -> None:
    """Nothing sends it off, neither in that run nor later."""
    pair, till = parked
    till.world.put("Sale", {**till.world.tables["Sale"][2], "completed": completed})
    for _ in range(2):  # until nothing is read again for having been committed late
        pair.box.clock.advance(600)
        run(pair, till)
    till.move(0, 0, stamped=stamped)
    assert till.books()["sale_lines"]["1"] == "2"

    for _ in range(3):
        assert told(pair, till) == []
        assert held(pair) == till.books()
        pair.box.clock.advance(DAY)


def test_a_completed_sale_that_changed_back_is_told_again(parked: tuple[Pair, Till]) -> None:
    """A line came, which its time told, and went, which nothing told: to the full scan all is as it was."""
    pair, till = parked
    for change in (lambda: till._put("SaleLine", 2), lambda: till.world.remove("SaleLine", 6)):
        pair.box.clock.advance(3600)
        change()
        run(pair, till)
    assert pair.target.tables["sales"]["2"]["line_ids"] == ["4", "5", "6"]
    pair.box.clock.advance(DAY)

    assert told(pair, till) == [("sale_lines", "6", None)]
    assert pair.target.tables["sales"]["2"]["line_ids"] == ["4", "5"]


def test_a_tap_that_follows_sends_off_too(tmp_path: Path) -> None:
    """Looks take turns, and one may hold rows that another has meanwhile read again, or that have gone."""
    target, random = SqlTarget(), Random(1)
    with running(seed="chain", clock=Clock(NOON)) as box:
        watched = Watched(box, tmp_path, SALES, follow=True, reconcile_hours=1, reconcile_days=3650, page_size=20)
        day, till = Day(box, random), Till(box)
        for event in (day.line_removed, day.line_added, day.sale_removed, day.payment_added, day.line_edited) * 6:
            watched.clock.plan(random.uniform(0, HOUR), event)
        watched.clock.end(2 * HOUR)

        watched.run(lambda said: target.load(said.stream, said.record))

        assert target.departures
        assert {
            stream: {key: row["sale_id"] for key, row in target.tables[stream].items()} for stream in RESOURCES
        } == till.books()


@given(st.dictionaries(st.integers(1, 10**9), st.lists(st.integers(1, 10**9), max_size=40), max_size=80))
def test_state_has_room_for_so_many_open_sales(sales: dict[int, list[int]]) -> None:
    """The newest are kept, each with all that was told with it."""
    wide = {number + 10**9: [[7 * each + number for each in range(200)]] for number in range(len(sales) // 2)}
    lists = {number: tuple(ids_of(each) for each in held) for number, held in {**wide, **_lists(sales)}.items()}
    text = open_parts_text(lists)
    kept = Bookmark({"open_parts": text}, None).open_parts

    assert len(text) <= OPEN_PARTS_ROOM
    assert [*kept] == sorted(lists)[len(lists) - len(kept) :]
    assert all([*map(str, kept[number])] == [*map(str, lists[number])] for number in kept)


def _lists(sales: dict[int, list[int]]) -> dict[int, list[list[int]]]:
    return {number: [ids, ids[:1]] for number, ids in sales.items()}


def ids_of(numbers: Sequence[int]) -> Ids:
    ids = Ids()
    ids.update(numbers)
    return ids


def test_what_an_open_sale_costs_state(fresh: Callable[[], Pair]) -> None:
    """Some thirty characters each, and no more than there is room for."""
    pair = fresh()
    till = Till(pair.box)
    for _ in range(40):
        till.ring_up(3, 1)
    run(pair, till)
    bare = pair.target.state["bookmarks"]["sales"]

    assert len(bare["open_parts"]) < 40 * 30
    assert bare["emitted_parts"] == {"SaleLine": "1-120", "SalePayment": "1-40"}
    assert len(json.dumps(bare)) < 2500
