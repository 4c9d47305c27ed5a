"""A vendor's tables in memory, and R-Series over them: whole scans without a server, row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from tap_lightspeed_retail.emit import Emitted
from tap_lightspeed_retail.errors import Refused
from tap_lightspeed_retail.r_series.connect import RSeries
from tap_lightspeed_retail.r_series.context import Account
from tap_lightspeed_retail.r_series.row_types import id_field_of, key_of
from tap_lightspeed_retail.scan import Departure
from tap_lightspeed_retail.web.api import Params

NOON = datetime(2026, 11, 2, 12, tzinfo=timezone.utc)
HOUR, DAY = 3600, 86_400
SETTINGS: Mapping[str, Any] = {
    "page_size": 100,
    "overlap_seconds": 120,
    "reconcile_hours": 24,
    "reconcile_days": 90,
    "max_deleted_share": 0.1,
    "find_moved_sales": True,
    "poll_seconds": {},
}
LISTS = {"SaleLine": "SaleLines", "SalePayment": "SalePayments"}
Row = dict[str, Any]
Test = Callable[[Row], bool]


@dataclass
class Asked:
    """A question, and how many rows answered it."""

    resource: str
    params: dict[str, str]
    rows: int = 0


@dataclass(frozen=True)
class Told:
    """What one run said: ids of rows, of deleted ones, and what left its row."""

    rows: list[int] = field(default_factory=list)
    deleted: list[int] = field(default_factory=list)
    departures: list[Departure] = field(default_factory=list)


class Books:
    """The vendor: tables, a clock that stands still, and what it refuses.

    Attributes:
        tables: Resource -> rows by id.
        asked: Every question.
        refused: (Resource, a word of the question) -> the status with which it is refused.
        state: STATE of the stream that is read.
        nested: So many rows of a list within a row are shown at most.
        hidden: Ids of rows that are there, and not among those that come with their lists.
    """

    def __init__(self) -> None:
        self.tables: dict[str, dict[int, Row]] = {}
        self.asked: list[Asked] = []
        self.refused: dict[tuple[str, str], int] = {}
        self.state: dict[str, Any] = {}
        self.nested = 100
        self.hidden: set[int] = set()
        self.server_now = NOON

    @property
    def requests(self) -> int:
        return len(self.asked)

    def later(self, seconds: float) -> None:
        self.server_now += timedelta(seconds=seconds)

    def ago(self, seconds: float) -> str:
        return (self.server_now - timedelta(seconds=seconds)).isoformat()

    def put(self, resource: str, numbers: int | Iterable[int], ago: float = HOUR, **more: Any) -> None:
        """Rows that were made, or have changed, so many seconds ago."""
        stamp = self.ago(ago)
        for number in [numbers] if isinstance(numbers, int) else numbers:
            before = self.tables.setdefault(resource, {}).get(number, {"createTime": stamp})
            own = {id_field_of(resource): str(number), "timeStamp": stamp, "updateTime": stamp, "archived": "false"}
            self.tables[resource][number] = {**before, **own, **more}

    def remove(self, resource: str, *numbers: int) -> None:
        for number in numbers:
            del self.tables[resource][number]

    def read(
        self, path: str, params: Params = (), *, cost: float = 1.0, heavy: bool = False, listed: bool = False
    ) -> dict[str, Any]:
        """A page, by keyset; lines and payments are within their sale."""
        del cost, heavy, listed
        key = key_of(path.removesuffix(".json"))
        asked = Asked(key, dict(params))
        self.asked.append(asked)
        self._refuse(asked)
        rows = self._found(asked)
        start = int(asked.params.get("after", "0"))
        end = start + int(asked.params["limit"])
        asked.rows = len(rows[start:end])
        more = f"https://x.test/?after={end}" if end < len(rows) else ""
        return {"@attributes": {"next": more}, key: [self._whole(key, row) for row in rows[start:end]]}

    def _refuse(self, asked: Asked) -> None:
        words = {"", *asked.params, *(f"sort={value}" for name, value in asked.params.items() if name == "sort")}
        for word in words:
            if (asked.resource, word) in self.refused:
                raise Refused("No.", where=asked.resource, status=self.refused[asked.resource, word])

    def _found(self, asked: Asked) -> list[Row]:
        key = id_field_of(asked.resource)
        hidden = self.hidden if "load_relations" in asked.params else ()
        rows = [row for number, row in self.tables.get(asked.resource, {}).items() if number not in hidden]
        for name, value in asked.params.items():
            if name not in ("archived", "limit", "sort", "after", "load_relations"):
                rows = [row for row in rows if _passes(row, name, value)]
        sort = asked.params.get("sort", key)
        name = sort.removeprefix("-")
        return sorted(rows, key=lambda row: (_order(_held(row, name)), int(row[key])), reverse=sort.startswith("-"))

    def _whole(self, resource: str, row: Row) -> Row:
        if resource != "Sale":
            return dict(row)
        return {
            **row,
            **{name: {part: self._parts(part, row["saleID"])[: self.nested]} for part, name in LISTS.items()},
        }

    def _parts(self, resource: str, sale_id: str) -> list[Row]:
        return [each for each in self.tables.get(resource, {}).values() if each["saleID"] == sale_id]

    def run(self, stream: str = "sales", *, most: int | None = None, **settings: Any) -> Told:
        """One run of all scans, each batch committed; it may be cut after ``most`` batches of a full scan."""
        series = RSeries(self, Account("1000", "CAD", {"1": "America/Toronto"}), {**SETTINGS, **settings})
        told, emitted = Told(), Emitted()
        batches = 0
        for scan in series.scans(stream, self.state):
            for batch in scan.batches():
                told.rows.extend(int(row.id) for row in batch.readings if row.record and emitted.remember_if_new(row))
                told.deleted.extend(map(int, batch.deleted))
                told.departures.extend(batch.departures)
                batch.commit()
                batches += bool(self.state.get("scan_began"))
                if batches == most:
                    return told
        return told

    def questions(self, resource: str, name: str) -> list[str]:
        """What was asked of a resource, in one parameter."""
        return [each.params[name] for each in self.asked if each.resource == resource and name in each.params]


def _passes(row: Row, name: str, value: str) -> bool:
    held = _held(row, name)
    operator, comma, operand = value.partition(",")
    if operator == "IN":
        wanted = operand[1:-1].split(",")
        assert len(wanted) <= 100, "more than the vendor takes"
        return held in wanted
    if not comma:
        return held == value
    return _order(held) > _order(operand) if operator == ">" else _order(held) >= _order(operand)


def _held(row: Row, name: str) -> str:
    return str(row["updateTime" if name == "updatetime" else name])


def _order(value: str) -> Any:
    """An id as a number, an instant as an instant."""
    return int(value) if value.isdigit() else datetime.fromisoformat(value.replace("Z", "+00:00"))
