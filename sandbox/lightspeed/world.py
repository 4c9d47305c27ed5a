"""One account's rows: typed vendor rows in tables, with the orders and relations that pages are cut from."""

from __future__ import annotations

import copy
import re
from collections import Counter, defaultdict
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from sandbox.clock import Clock
from sandbox.lightspeed.bucket import Bucket
from sandbox.lightspeed.oauth import OAuth
from sandbox.lightspeed.resources import ELEMENTS, RESOURCES
from sandbox.switches import Switches

Row = dict[str, Any]
Rank = tuple[int, Any]
SortKey = tuple[Rank, int]
STAMPS = ("updateTime", "timeStamp", "createTime")
"""What tells when a row was written, the first of them that it has."""
NUMBER = re.compile(r"-?\d{1,15}(\.\d+)?")
PRIMARY_KEYS = {name: resource.key for name, resource in RESOURCES.items()}


class World:
    """An R-Series account.

    Rows hold vendor field names with Python values: int keys (0 is none), Decimal, bool, aware datetime, text, None for
    absent. Recorded rows hold text only and pass as they are.
    """

    def __init__(self, clock: Clock, switches: Switches, account_id: str = "182255") -> None:
        self.clock = clock
        self.switches = switches
        self.account_id = account_id
        self.account: Row = {"name": "Sandbox Outfitters", "defaultCurrency": {"code": "CAD", "symbol": "$"}}
        self.bucket = Bucket(
            clock,
            refused_calls_cost=switches.refused_calls_cost,
            refuses_when_full=switches.full_bucket == "refuse",
        )
        self.calls: Counter[str] = Counter()
        self.oauth = OAuth(
            clock, account_id, strict=switches.strict_refresh, reuse_revokes_all=switches.reuse_revokes_all
        )
        self.tables: dict[str, dict[int, Row]] = {name: {} for name in RESOURCES}
        self._before: dict[tuple[str, int], tuple[datetime, Row | None]] = {}
        self._orders: dict[tuple[str, str], list[SortKey]] = {}
        self._families: dict[tuple[str, str], dict[int, list[int]]] = {}

    def reset(self) -> None:
        """Forget every row."""
        self._before.clear()
        for name in self.tables:
            self.tables[name].clear()
            self._forget(name)

    def put(self, resource: str, row: Row) -> Row:
        """Insert or replace by primary key; a row without one gets the next."""
        key = PRIMARY_KEYS[resource]
        if not row.get(key):
            row = {**row, key: max(self.tables[resource], default=0) + 1}
        self._note_lag(resource, int(row[key]), row)
        self.tables[resource][int(row[key])] = row
        self._forget(resource)
        return row

    def get(self, resource: str, key: int) -> Row | None:
        """One row, or None."""
        return self.tables[resource].get(key)

    def remove(self, resource: str, key: int) -> None:
        """Hard delete: no trace is left."""
        self.tables[resource].pop(key, None)
        self._forget(resource)

    def rows(self, resource: str) -> list[Row]:
        """All rows, by primary key."""
        return [self.tables[resource][key] for key in sorted(self.tables[resource])]

    def _note_lag(self, resource: str, key: int, row: Row) -> None:
        """Until when the row before, or none, is what a client sees."""
        if not self.switches.commit_lag_seconds:
            return
        lag = timedelta(seconds=self.switches.commit_lag_seconds)
        stamp = next((row[name] for name in STAMPS if isinstance(row.get(name), datetime)), None)
        if stamp and stamp + lag > self.clock.now():
            seen = self._before.get((resource, key), (None, self.tables[resource].get(key)))[1]
            self._before[resource, key] = (stamp + lag, seen)

    def committed(self) -> World:
        """The account as a client sees it: what is stamped with the last seconds may not be committed yet."""
        now = self.clock.now()
        self._before = {place: before for place, before in self._before.items() if before[0] > now}
        if not self._before:
            return self
        seen = copy.copy(self)
        seen._orders, seen._families = {}, {}  # noqa: SLF001
        seen.tables = {name: dict(rows) for name, rows in self.tables.items()}
        for (resource, key), (_, row) in self._before.items():
            seen.tables[resource].pop(key, None)
            if row is not None:
                seen.tables[resource][key] = row
        return seen

    def registers(self) -> int:
        """How many registers the subscription has; at least one."""
        return max(1, len(self.tables["Register"]))

    def order(self, resource: str, field: str) -> list[SortKey]:
        """(value, key) of every row, ascending: what a page is cut from."""
        if (resource, field) not in self._orders:
            rows = self.tables[resource].items()
            self._orders[resource, field] = sorted((rank(row.get(field)), key) for key, row in rows)
        return self._orders[resource, field]

    def children(self, resource: str, field: str, parent: int) -> list[Row]:
        """Rows whose foreign key names the parent, by primary key."""
        if (resource, field) not in self._families:
            families: defaultdict[int, list[int]] = defaultdict(list)
            for key in sorted(self.tables[resource]):
                families[int(self.tables[resource][key].get(field) or 0)].append(key)
            self._families[resource, field] = families
        return [self.tables[resource][key] for key in self._families[resource, field].get(parent, ())]

    def _forget(self, resource: str) -> None:
        """Drop what was derived from the table."""
        for cache in (self._orders, self._families):
            for key in [key for key in cache if key[0] == resource]:
                del cache[key]


def rank(value: Any) -> Rank:
    """A value in the form that sorts and compares: nothing first, then numbers, then text, and instants as text."""
    if value is None or value == "":
        return (0, "")
    if isinstance(value, bool):
        return (2, str(value).lower())
    if isinstance(value, datetime):
        return (2, value.astimezone(timezone.utc).isoformat())
    if isinstance(value, int | Decimal) or NUMBER.fullmatch(str(value)):
        return (1, Decimal(value))
    return (2, str(value))


def listed(row: Row, name: str) -> list[Any]:
    """What is kept inside a row, as a list: our rows keep lists, recorded ones what the vendor wraps them in."""
    value = row.get(name)
    if isinstance(value, dict) and set(value) == {ELEMENTS.get(name)}:
        value = value[ELEMENTS[name]]
    return value if isinstance(value, list) else [value] if value else []
