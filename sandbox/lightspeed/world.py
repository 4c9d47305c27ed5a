"""One account's rows: typed vendor rows in tables, with the orders and relations that pages are cut from."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

from sandbox.clock import Clock
from sandbox.lightspeed.bucket import Bucket
from sandbox.lightspeed.oauth import OAuth
from sandbox.lightspeed.resources import RESOURCES
from sandbox.switches import Switches

Row = dict[str, Any]
SortKey = tuple[Any, int]
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
        self.bucket = Bucket(clock, refused_calls_cost=switches.refused_calls_cost)
        self.calls: Counter[str] = Counter()
        self.oauth = OAuth(clock, account_id, strict=switches.strict_refresh)
        self.tables: dict[str, dict[int, Row]] = {name: {} for name in RESOURCES}
        self._orders: dict[tuple[str, str], list[SortKey]] = {}
        self._families: dict[tuple[str, str], dict[int, list[int]]] = {}

    def reset(self) -> None:
        """Forget every row."""
        for name in self.tables:
            self.tables[name].clear()
            self._forget(name)

    def put(self, resource: str, row: Row) -> Row:
        """Insert or replace by primary key; a row without one gets the next."""
        key = PRIMARY_KEYS[resource]
        if not row.get(key):
            row = {key: max(self.tables[resource], default=0) + 1, **row}
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


def rank(value: Any) -> Any:
    """A value in the form that sorts and compares: instants, numbers and text each in one form; absent sorts first."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat()
    if isinstance(value, int | Decimal):
        return Decimal(value)
    return _ranked_text(str(value))


def _ranked_text(text: str) -> Any:
    if text.lstrip("-").isdigit() and len(text) < 16:
        return Decimal(text)
    return text
