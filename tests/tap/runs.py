"""Whole runs of the tap in simulated time, watched: what they emit, what their STATE claims, and what they let slip."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
from singer_sdk.singerlib import Catalog
from tap_lightspeed_retail.errors import TapError
from tap_lightspeed_retail.r_series.ids import Ids
from tap_lightspeed_retail.tap import TapLightspeedRetail

from benchmarks import simulated
from sandbox.lightspeed.wire import scalar
from sandbox.lightspeed.world import Row
from sandbox.serve import Box
from sandbox.weather import Gust

from .shop_days import PARTS, STREAMS, Day, Target, difference

SALES, CUSTOMERS, TOKEN = "*/Sale.json", "*/Customer.json", "*/token"
ALWAYS = 100_000
HOUR, DAY, CENTURY = 3600, 86_400, 36_525 * 86_400
SCANNED = {"customers": ("Customer", "customerID"), "items": ("Item", "itemID"), "sales": ("Sale", "saleID")}
"""Streams that are scanned by id at first: their resource and its key."""


class Simulated(simulated.Simulated):
    """The sandbox's clock, for the tap: nothing waits.

    Args:
        box: Whose clock.
        wrong: Seconds by which this machine's own wall clock is wrong.
        meanwhile: What happens while the tap waits.
    """

    def __init__(self, box: Box, wrong: float = 0.0, meanwhile: Callable[[], None] = lambda: None) -> None:
        super().__init__(box)
        self._wrong = wrong
        self._meanwhile = meanwhile
        self.slept: list[float] = []

    def now(self) -> float:
        return self.monotonic() + self._wrong

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        super().sleep(seconds)
        self._meanwhile()


@cache
def catalog_of(*names: str) -> Catalog:
    """A catalog with these streams alone: half of what a short run costs is what the SDK makes of all the others."""
    tap = TapLightspeedRetail(config={"client_id": "a", "client_secret": "b"})
    streams = [stream for stream in tap.catalog_dict["streams"] if stream["tap_stream_id"] in names]
    return Catalog.from_dict({"streams": streams})


@dataclass(frozen=True)
class Told:
    """What one run said.

    Attributes:
        messages: Its Singer messages.
        error: What it ended with, if it did not end well.
        clock: Its clock.
        log: Its log, at the finest level, and what it wrote to stderr.
    """

    messages: Sequence[dict[str, Any]]
    error: Exception | None
    clock: Simulated
    log: str

    def records(self, stream: str) -> list[dict[str, Any]]:
        return [each["record"] for each in self.messages if each["type"] == "RECORD" and each["stream"] == stream]

    def often(self, stream: str) -> Counter[str]:
        """How often each id came."""
        return Counter(each["id"] for each in self.records(stream))


class Shop:
    """A sandbox, a tap that reads it run by run, and a loader that holds what the runs have told together."""

    def __init__(
        self, box: Box, folder: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
    ) -> None:
        self.box = box
        self.target = Target()
        self._folder = folder
        self._capsys = capsys
        self._caplog = caplog
        self._emitted: dict[str, set[int]] = {name: set() for name in SCANNED}
        self._versions: dict[str, set[tuple[int, str]]] = {name: set() for name in SCANNED}

    def run(
        self,
        *,
        ends: type[BaseException] | None = None,
        wrong_clock: float = 0.0,
        meanwhile: Callable[[], None] = lambda: None,
        **settings: Any,
    ) -> Told:
        """One run, from the last STATE on; ``ends`` is what it must end with, ``meanwhile`` happens while it waits."""
        self._caplog.set_level(1)
        self._caplog.clear()
        config = {**self.box.tap_config(self._folder), "page_size": 4, "reconcile_days": 3650, **settings}
        tap = TapLightspeedRetail(config=config, state=self.target.state, catalog=catalog_of(*STREAMS, *PARTS))
        tap.clock = clock = Simulated(self.box, wrong_clock, meanwhile)
        for stream in tap.streams.values():
            stream.selected = stream.name in (*STREAMS, *PARTS)
        error = self._synced(tap, ends)
        output = self._capsys.readouterr()
        messages = [json.loads(line, parse_float=Decimal) for line in output.out.splitlines()]
        told = Told(messages, error, clock, self._caplog.text + output.err)
        self._watch(told)
        self.target.take(output.out)
        return told

    @staticmethod
    def _synced(tap: TapLightspeedRetail, ends: type[BaseException] | None) -> Any:
        if ends is None:
            tap.sync_all()
            return None
        with pytest.raises(ends) as caught:
            tap.sync_all()
        assert isinstance(caught.value, TapError) or not isinstance(caught.value, Exception)
        return caught.value

    def difference(self) -> dict[str, list[str]]:
        """Where the loader and the shop's books differ."""
        return difference(self.target, self.box)

    def _watch(self, told: Told) -> None:
        """No STATE claims what was not emitted before it, and nothing private slips out."""
        for message in told.messages:
            if message["type"] == "RECORD" and message["stream"] in SCANNED:
                number = int(message["record"]["id"])
                self._emitted[message["stream"]].add(number)
                self._versions[message["stream"]].add((number, message["record"]["updated_at"]))
            elif message["type"] == "STATE":
                unseen = self._unfounded(message["value"].get("bookmarks", {}))
                assert not unseen, unseen
        assert not [*self._slips(told)]  # what slipped is not printed here either

    def _unfounded(self, bookmarks: dict[str, Any]) -> dict[str, set[Any]]:
        """What a STATE claims to have been read and nobody has seen, by stream."""
        marks = {name: bookmarks.get(name, {}) for name in SCANNED}
        claims = {
            name: (self._scanned(name, mark) - self._emitted[name])
            | (self._followed(name, mark) - self._versions[name])
            for name, mark in marks.items()
        }
        return {name: unseen for name, unseen in claims.items() if unseen}

    def _scanned(self, stream: str, mark: dict[str, Any]) -> set[int]:
        """Rows that a full scan by id has passed, and those that are called known."""
        resource, key = SCANNED[stream]
        through = int(mark.get("scan_id") or 0)
        ids = {int(row[key]) for row in self._rows(resource)}
        return {number for number in ids if number <= through} | set(Ids(mark.get("known", "")))

    def _followed(self, stream: str, mark: dict[str, Any]) -> set[tuple[int, str]]:
        """Versions of rows that lie before the instant up to which changes were read, once the table was."""
        resource, key = SCANNED[stream]
        stamps = {int(row[key]): scalar(row.get("updateTime") or row["timeStamp"]) for row in self._rows(resource)}
        since = mark.get("replication_key_value", "") if mark.get("scanned_at") else ""
        return {(number, stamp) for number, stamp in stamps.items() if stamp < since}

    def _rows(self, resource: str) -> list[Row]:
        return self.box.world.rows(resource)

    def _slips(self, told: Told) -> Iterator[str]:
        """Tokens, and names and addresses of shoppers, in the log, in the error, and tokens in any message."""
        said = f"{told.log}\n{told.error}"
        everything = f"{said}\n{json.dumps(told.messages, default=str)}"
        yield from (secret for secret in self.box.world.oauth.secrets() if secret in everything)
        yield from self._private() & {*re.findall(r"[\w.+-]+@[\w.-]+|[(+]\d[\d() -]+|[^\W\d_]+", said)}

    def _private(self) -> set[str]:
        """Names, e-mail addresses and telephone numbers of the shop's customers."""
        words: set[str] = set()
        for row in self.box.world.rows("Customer"):
            contact = row["Contact"]
            words |= {*row["firstName"].split(), *row["lastName"].split()}
            words |= {each["address"] for each in contact["Emails"]} | {each["number"] for each in contact["Phones"]}
        return {word.strip() for word in words if len(word.strip()) > 2}


def gust(fault: str, path: str = SALES, **how: Any) -> Gust:
    """A gust in the middle of the full scan."""
    return Gust(fault, **{"path": path, "skip": 3, "seconds": 0.4, **how})


def plan(shop: Shop, *gusts: Gust) -> None:
    shop.box.weather_l.plan(gusts)


def clear(shop: Shop) -> None:
    shop.box.weather_l.clear()


def edit_a_line_and_void_a_sale(shop: Shop) -> None:
    shop.box.clock.advance(600)
    day = Day(shop.box, Random(5))
    day.line_edited()
    moment = shop.box.clock.now().replace(microsecond=0) - timedelta(seconds=60)
    sale = shop.box.world.rows("Sale")[0]
    shop.box.world.put("Sale", {**sale, "voided": True, "updateTime": moment})
