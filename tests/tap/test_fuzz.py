"""Damaged answers of every resource: each ends as rows, as rows that say what cannot be told, or in one sentence.

Never in a traceback, never in a tombstone, and never with a value in the log. The damage follows from a seed.
"""

from __future__ import annotations

import copy
import io
import json
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest
import requests
from tap_lightspeed_retail.emit import RetailStream
from tap_lightspeed_retail.errors import TapError
from tap_lightspeed_retail.r_series.account import vendor as r_vendor
from tap_lightspeed_retail.r_series.connect import RSeries
from tap_lightspeed_retail.r_series.context import Account
from tap_lightspeed_retail.r_series.row_types import id_field_of
from tap_lightspeed_retail.r_series.table import SOURCES
from tap_lightspeed_retail.streams import OPT_IN, STREAMS
from tap_lightspeed_retail.tap import TapLightspeedRetail
from tap_lightspeed_retail.web.client import Client
from tap_lightspeed_retail.web.throttle import Throttle

from tests.lanes import FULL

from .test_known_traps import Bearer
from .vendor_rows import GIFT_CARD, ROWS

CASES = 2000 if FULL else 300
CANARY = "canary"
MOST_REQUESTS = 400
NOON, A_DAY_LATER = "Wed, 01 Jul 2026 12:00:00 GMT", "Thu, 02 Jul 2026 18:00:00 GMT"
FREE = {
    "firstName",
    "lastName",
    "company",
    "note",
    "notes",
    "address1",
    "address",
    "number",
    "description",
    "reason",
    "sku",
}
"""Fields of free text: what they hold is a shopper's business."""
Body = dict[str, Any]


def table(resource: str) -> list[Body]:
    """Three rows of a resource, each with parts of its own."""
    kinds = [ROWS[resource], GIFT_CARD] if resource == "CreditAccount" else [ROWS[resource]]
    return [
        _numbered(copy.deepcopy(kind), 10 * place + number)
        for place, kind in enumerate(kinds, 1)
        for number in (1, 2, 3)
    ]


def _numbered(row: Body, number: int) -> Body:
    """The row as another one, with what is within it; its words are canaries."""
    for name, value in row.items():
        if isinstance(value, dict):
            _numbered(value, number)
        elif isinstance(value, list):
            for place, each in enumerate(value):
                if isinstance(each, dict):
                    _numbered(each, 100 * number + place)
        elif name in FREE:
            row[name] = f"{CANARY} {number}"
    first = next(iter(row), "")
    if first.endswith("ID"):
        row[first] = str(number)
    return row


def books() -> dict[str, list[Body]]:
    """What the vendor has: each resource, and the parts of its rows under their own address."""
    tables = {source.key: table(source.key) for source in SOURCES.values()}
    for source in SOURCES.values():
        for part in source.parts:
            for row in tables[source.key]:
                held = row[part.relation][part.resource]
                for each in held if isinstance(held, list) else [held]:
                    each[part.owner] = row[source.id_field]
                    tables.setdefault(part.resource, []).append(each)
    for children in (each for source in SOURCES.values() for each in source.children):
        tables.setdefault(children.resource, [])
    return tables


@dataclass
class Vendor:
    """Answers from the books, and spoils what it is told to spoil."""

    tables: dict[str, list[Body]] = field(default_factory=books)
    date: str = NOON
    spoil: Callable[[str, int, Body], requests.Response] | None = None
    asked: int = 0
    of: dict[str, int] = field(default_factory=dict)

    def get(self, url: str, *, params: list[tuple[str, str]], **_: Any) -> requests.Response:
        self.asked += 1
        if self.asked > MOST_REQUESTS:
            raise Endless
        resource = url.rpartition("/")[2].removesuffix(".json")
        number = self.of[resource] = self.of.get(resource, 0) + 1
        body = {"@attributes": {"next": "", "previous": ""}, resource: self._rows(resource, dict(params))}
        body = copy.deepcopy(body)
        return self.spoil(resource, number - 1, body) if self.spoil else said(json.dumps(body), date=self.date)

    def _rows(self, resource: str, asked: dict[str, str]) -> list[Body]:
        rows, key = self.tables[resource], id_field_of(resource)
        for name, value in asked.items():
            if value.startswith("IN,"):
                rows = [row for row in rows if row[name] in value[4:-1].split(",")]
            elif name == key and value.startswith(">,"):
                rows = [row for row in rows if int(row[name]) > int(value[2:])]
            elif name.endswith("ID"):
                rows = [row for row in rows if row.get(name) == value]
        return sorted(rows, key=lambda row: int(row[key]), reverse=asked.get("sort", "").startswith("-"))


class Endless(BaseException):
    """It would have asked for ever."""


def said(text: str | bytes, status: int = 200, date: str = A_DAY_LATER, **headers: str) -> requests.Response:
    made = requests.Response()
    made.status_code = status
    made._content = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    made.headers.update({"Date": date, "Content-Type": "application/json", **headers})
    return made


# Damage

ODD: list[Any] = [
    None, "", [], {}, CANARY, f"{CANARY}\ud800", 10**30, "1e400", "NaN", "-0", True, -5, 0.1, "9" * 50, "9" * 5000,
    "0000-00-00", "2026-13-45T99:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", [CANARY],
    {CANARY: CANARY}, [[[CANARY]]], [None], [{}], {"@attributes": {"readonly": "true"}}, "²", "\0",
]  # fmt: skip


def nodes(node: Any) -> Iterator[tuple[Any, Any]]:
    """(holder, name) of everything within a body."""
    children = list(node.items()) if isinstance(node, dict) else list(enumerate(node)) if isinstance(node, list) else []
    for name, value in children:
        yield node, name
        yield from nodes(value)


def damaged(body: Body, random: Random, *, once: bool) -> Body:
    """One to three changes anywhere; what could be a deletion in truth happens in one answer only."""
    for _ in range(random.randint(1, 3)):
        found = [(holder, name) for holder, name in nodes(body) if once or not _is_a_row(holder, name)]
        if not found:
            break
        holder, name = random.choice(found)
        value = holder[name]
        change = random.choice(["odd", "odd", "odd", "rename", "remove", "twice", "wrap", "unwrap", "cut"])
        if change == "odd" or not isinstance(holder, dict):
            holder[name] = copy.deepcopy(random.choice(ODD))
        elif change == "rename":
            holder[f"{name}X"] = holder.pop(name)
        elif change == "remove":
            del holder[name]
        elif change == "twice":
            holder[str(name).swapcase()] = copy.deepcopy(random.choice(ODD))
        elif change == "wrap":
            holder[name] = [value]
        elif change == "unwrap" and isinstance(value, dict) and value:
            holder[name] = next(iter(value.values()))
        elif change == "cut" and isinstance(value, str) and not str(name).endswith("ID"):  # half an id is another row's
            holder[name] = value[: len(value) // 2]
    return body


def _is_a_row(holder: Any, name: Any) -> bool:
    return isinstance(holder, list) and isinstance(holder[name], dict)


ATTRIBUTES = [
    "",
    [],
    {},
    None,
    "x",
    {"next": "http://["},
    {"next": {"a": 1}},
    {"next": ["?after=1"]},
    {"next": "?after="},
]
STATUS = [201, 204, 301, 400, 401, 402, 403, 404, 409, 418, 422, 429, 500, 502, 503, 504]


def as_text(body: Body, random: Random) -> requests.Response:
    """An answer that is no JSON of the vendor's, or says the wrong thing around it."""
    text = json.dumps(body)
    ways: list[Callable[[], requests.Response]] = [
        lambda: said(text[: random.randrange(len(text))]),
        lambda: said(f"<html>{CANARY}</html>", **{"Content-Type": "text/html"}),
        lambda: said(""),
        lambda: said(random.choice(["[]", "null", "1", f'"{CANARY}"', "{}", '{"message": "canary"}'])),
        lambda: said(text.encode() + b"\xff\xfe"),
        lambda: said(b"\xff" + text.encode("utf-16")),
        lambda: said("[" * 100_000),
        lambda: said('{"a":' * 3000 + "1" + "}" * 3000),
        lambda: said(re.sub(r'"\d+"', "NaN", text, count=5)),
        lambda: said(text.replace("{", '{"@attributes": {}, ', 1)),
        lambda: said(text, date=random.choice(["", "yesterday", "Wed, 99 Jul 9999 99:99:99 GMT", "0"])),
        lambda: said(json.dumps({**body, "@attributes": random.choice(ATTRIBUTES)})),
        lambda: said(text, random.choice(STATUS), **{"Retry-After": random.choice(["", "nan", "-1", "1e99", CANARY])}),
        lambda: said(json.dumps({"message": f"No. {CANARY}@example.com"}), random.choice(STATUS)),
    ]
    return random.choice(ways)()


def spoiling(random: Random, resources: list[str]) -> Callable[[str, int, Body], requests.Response]:
    """Spoil all answers of one resource in one way, or one of them."""
    victim, once, which, seed = random.choice(resources), random.random() < 0.6, random.randint(0, 3), random.random()

    def spoil(resource: str, number: int, body: Body) -> requests.Response:
        if resource != victim or (once and number != which):
            return said(json.dumps(body))
        own = Random(seed)
        if own.random() < 0.3:
            return as_text(body, own)
        return said(json.dumps(damaged(body, own, once=once)))

    return spoil


# The runs


class Fuzzed:
    """One stream of a tap over a vendor that can be spoilt, with the state of a first, calm run."""

    def __init__(self, name: str) -> None:
        config = {"client_id": "i", "client_secret": "s", "refresh_token": "r", "opt_in": list(OPT_IN)}
        self.tap = TapLightspeedRetail(config=config)
        for stream in self.tap.streams.values():
            stream.selected = True
        found = self.tap.streams[name]
        assert isinstance(found, RetailStream)
        self.stream = found
        source = SOURCES[name]
        self.resources = [
            source.key, source.key, source.key, *(each.resource for each in (*source.parts, *source.children))
        ]  # fmt: skip
        calm = Vendor()
        self.lines = self.run(calm, {})
        self.first = copy.deepcopy(self.stream.stream_state)

    def run(self, vendor: Vendor, state: dict[str, Any]) -> list[Body]:
        """One run from a state on; its messages."""
        auth: Any = Bearer()
        http: Any = vendor
        throttle = Throttle(0.1, lambda: 0.0, lambda _: None)
        client = Client(r_vendor("https://x.test"), auth=auth, throttle=throttle, http=http, sleep=lambda _: None)
        account = Account("1000", "CAD", {"3": "America/Vancouver"})
        self.tap.__dict__["series"] = RSeries(client, account, self.tap.config)
        self.stream._emitted._digests.clear()
        self.stream.stopped_by = None
        self.stream.stream_state.clear()
        self.stream.stream_state.update(copy.deepcopy(state))
        out = io.StringIO()
        with redirect_stdout(out):
            self.stream.sync()
        return [json.loads(line) for line in out.getvalue().splitlines()]


@dataclass
class Tally:
    """How cases ended."""

    whole: int = 0
    unreadable: int = 0
    sentences: int = 0


@pytest.fixture(scope="module")
def fuzzed() -> dict[str, Fuzzed]:
    return {name: Fuzzed(name) for name in SOURCES}


def test_the_calm_run_tells_all(fuzzed: dict[str, Fuzzed]) -> None:
    """Or the damage would be done to nothing."""
    told = {line["stream"] for each in fuzzed.values() for line in each.lines if line["type"] == "RECORD"}

    assert told == {row.name for row in STREAMS}


def test_no_damage_ends_in_a_traceback_or_a_tombstone(
    fuzzed: dict[str, Fuzzed], caplog: pytest.LogCaptureFixture
) -> None:
    """And no value is in the log."""
    caplog.set_level(1)
    names, tally = sorted(SOURCES), Tally()
    for number in range(CASES):
        one = fuzzed[names[number % len(names)]]
        vendor = Vendor(date=A_DAY_LATER, spoil=spoiling(Random(number), one.resources))
        caplog.clear()
        try:
            lines, error = one.run(vendor, one.first), one.stream.stopped_by
        except TapError as caught:
            lines, error = [], caught
        except Exception as wrong:  # the case is what tells
            message = f"case {number} of {one.stream.name}: {type(wrong).__name__}"
            raise AssertionError(message) from wrong
        records = [line["record"] for line in lines if line["type"] == "RECORD"]
        assert not [each["id"] for each in records if each.get("deleted_at")], (number, one.stream.name)
        assert CANARY not in f"{caplog.text}{error}", (number, one.stream.name)
        assert not [each for each in caplog.records if each.exc_info], (number, one.stream.name)
        tally.sentences += error is not None
        tally.unreadable += any(each["unreadable"] for each in records)
        tally.whole += error is None
    logging.getLogger().info("%s", tally)

    assert tally.sentences > CASES / 20
    assert tally.unreadable > CASES / 20
    assert tally.whole > CASES / 4
