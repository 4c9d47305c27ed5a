"""Days in a shop as bad as docs/vendors tell of, and what must be true of it afterwards."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from copy import copy
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from tap_lightspeed_retail.r_series.context import Context
from tap_lightspeed_retail.r_series.table import SOURCES
from tap_lightspeed_retail.r_series.unreadable import shaped

from sandbox.lightspeed.wire import Wire
from sandbox.lightspeed.world import PRIMARY_KEYS, Row
from sandbox.serve import Box

PARTS = {"sale_lines": "line_ids", "sale_payments": "payment_ids"}
STREAMS = ("shops", "customers", "items", "sales")
View = dict[str, dict[str, Any]]


def plain(value: Any) -> Any:
    """A value in one spelling, however it travelled."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return str(Decimal(str(value)).normalize())
    return value


class Target:
    """What a loader that keeps to the contract would hold: the last version of each key, without what has gone."""

    def __init__(self) -> None:
        self.tables: dict[str, View] = {name: {} for name in (*STREAMS, *PARTS)}
        self.state: dict[str, Any] = {}

    def take(self, lines: str) -> Counter[str]:
        """Load what a run said; returns how many records of each stream it was."""
        told: Counter[str] = Counter()
        for line in lines.splitlines():
            message = json.loads(line, parse_float=Decimal)
            if message["type"] == "STATE":
                self.state = message["value"]
            elif message["type"] == "RECORD" and message["stream"] in self.tables:
                self.load(message["stream"], message["record"])
                told[message["stream"]] += 1
        return told

    def load(self, stream: str, record: dict[str, Any]) -> None:
        """Load one record."""
        record = plain(record)
        table = self.tables[stream]
        if record.get("deleted_at"):
            table.pop(record["id"], None)
        else:
            table[record["id"]] = record
        if stream == "sales":
            for part, ids in PARTS.items():
                self._replace(part, record["id"], set(record[ids]))

    def _replace(self, part: str, sale: str, ids: set[str]) -> None:
        gone = [key for key, row in self.tables[part].items() if row["sale_id"] == sale and key not in ids]
        for key in gone:
            del self.tables[part][key]


def truth(box: Box) -> dict[str, View]:
    """What is in the shop's books now."""
    zones = {str(row["shopID"]): row["timeZone"] for row in box.world.rows("Shop")}
    known = Context(box.account_id, box.world.account["defaultCurrency"]["code"], zones)
    tables: dict[str, View] = {name: {} for name in (*STREAMS, *PARTS)}
    world = copy(box.world)
    world.switches = replace(world.switches, nested_limit=0)  # the books are whole, whatever an answer says of them
    for stream in STREAMS:
        source = SOURCES[stream]
        wire = Wire(world, source.relations)
        for row in box.world.rows(source.resource):
            made, _ = shaped(source.shape, wire.row(source.resource, row), known)
            if made is None:
                continue
            for part, records in made.part_records.items():
                if part in PARTS:
                    tables[part].update({each["id"]: said(each) for each in records})
            tables[stream][made.record["id"]] = said(made.record)
    return tables


def said(record: dict[str, Any]) -> dict[str, Any]:
    return dict(plain(json.loads(json.dumps(record, default=str))))


def difference(target: Target, box: Box) -> dict[str, list[str]]:
    """Which rows are not what the books say, by stream; numbers compared by value."""
    books = truth(box)
    return {
        stream: wrong
        for stream, table in books.items()
        if (
            wrong := sorted(
                key for key in {*table, *target.tables[stream]} if not _same(key, table, target.tables[stream])
            )
        )
    }


def _same(key: str, books: View, target: View) -> bool:
    left, right = books.get(key), target.get(key)
    if left is None or right is None:
        return False
    return left == right or _numbers(left) == _numbers(right)


def _numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _numbers(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_numbers(each) for each in value]
    try:
        return Decimal(value) if isinstance(value, str) else value
    except ArithmeticError:
        return value


class Day:
    """Events of a kind that moves no time, or the wrong one; each returns the sale or row that it touched."""

    def __init__(self, box: Box, random: Random) -> None:
        self._box = box
        self._world = box.world
        self._random = random
        self.events: dict[str, Callable[[], Row | None]] = {
            "line_edited": self.line_edited,
            "line_added": self.line_added,
            "payment_added": self.payment_added,
            "payment_archived": self.payment_archived,
            "line_removed": self.line_removed,
            "completed_yesterday": self.completed_yesterday,
            "committed_late": self.committed_late,
            "committed_very_late": self.committed_very_late,
            "customers_merged": self.customers_merged,
            "voided_silently": self.voided_silently,
            "burst": self.burst,
            "item_removed": self.item_removed,
            "sale_removed": self.sale_removed,
        }

    @property
    def _now(self) -> Any:
        return self._box.clock.now().replace(microsecond=0)

    def _sale(self, *, completed: bool | None = None) -> Row:
        rows = [row for row in self._world.rows("Sale") if completed is None or row["completed"] is completed]
        return self._random.choice(rows or self._world.rows("Sale"))

    def _parts(self, resource: str, sale: Row) -> list[Row]:
        return self._world.children(resource, "saleID", sale["saleID"])

    def line_edited(self) -> Row:
        sale = self._sale()
        for line in self._parts("SaleLine", sale)[:1]:
            self._world.put("SaleLine", {**line, "unitQuantity": line["unitQuantity"] + 1, "timeStamp": self._now})
        return sale

    def line_added(self) -> Row:
        sale = self._sale(completed=False)
        return self.add("SaleLine", sale, timeStamp=self._now)

    def add(self, resource: str, sale: Row, **more: Any) -> Row:
        """A line or a payment like some other, on this sale."""
        some, key = self._random.choice(self._world.rows(resource)), max(self._world.tables[resource]) + 1
        own = {PRIMARY_KEYS[resource]: key, "saleID": sale["saleID"], "createTime": self._now}
        self._world.put(resource, {**some, **own, **more})
        return sale

    def payment_added(self) -> Row:
        sale = self._sale()
        return self.add("SalePayment", sale)

    def payment_archived(self) -> Row:
        sale = next(row for row in self._world.rows("Sale") if not row["completed"] and self._parts("SalePayment", row))
        for payment in self._parts("SalePayment", sale):
            self._world.put("SalePayment", {**payment, "archived": True})
        return sale

    def line_removed(self) -> Row:
        sale = self._sale()
        for line in self._parts("SaleLine", sale)[-1:]:
            self._world.remove("SaleLine", line["saleLineID"])
        return sale

    def completed_yesterday(self) -> Row:
        sale = self._sale(completed=False)
        then = self._now - timedelta(hours=20)
        times = {"completeTime": then, "timeStamp": then, "updateTime": self._now}
        return self._world.put("Sale", {**sale, "completed": True, **times})

    def _new_sale(self, moment: Any) -> Row:
        key = max(self._world.tables["Sale"]) + 1
        times = dict.fromkeys(("createTime", "completeTime", "timeStamp", "updateTime"), moment)
        return self._world.put("Sale", {**self._sale(completed=True), "saleID": key, **times})

    def committed_late(self) -> Row:
        return self._new_sale(self._now - timedelta(seconds=100))

    def committed_very_late(self) -> Row:
        newest = max(row["updateTime"] for row in self._world.rows("Sale"))
        return self._new_sale(newest - timedelta(hours=30))

    def customers_merged(self) -> Row | None:
        loser, keeper = self._random.sample(self._world.rows("Customer"), 2)
        for sale in self._world.rows("Sale"):
            if sale["customerID"] == loser["customerID"]:
                self._world.put("Sale", {**sale, "customerID": keeper["customerID"]})
        self._world.remove("Customer", loser["customerID"])
        return self._world.put("Customer", {**keeper, "timeStamp": self._now})

    def voided_silently(self) -> Row:
        sale = self._sale(completed=True)
        key = max(self._world.tables["SaleVoid"], default=0) + 1
        void = {"saleVoidID": key, "saleID": sale["saleID"], "createTime": self._now, "reason": "no"}
        self._world.put("SaleVoid", void)
        return self._world.put("Sale", {**sale, "voided": True})

    def burst(self) -> Row | None:
        sale = None
        for _ in range(25):
            sale = self._new_sale(self._now)
        return sale

    def item_removed(self) -> Row:
        item = self._random.choice(self._world.rows("Item"))
        self._world.remove("Item", item["itemID"])
        return item

    def sale_removed(self) -> Row:
        sale = self._sale(completed=False)
        for resource, key in (("SaleLine", "saleLineID"), ("SalePayment", "salePaymentID")):
            for part in self._parts(resource, sale):
                self._world.remove(resource, part[key])
        self._world.remove("Sale", sale["saleID"])
        return sale
