"""What STATE may say of each stream, declared once: the words that ``Bookmark`` reads, and what each of them holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache, partial
from itertools import pairwise
from typing import Any

from jsonschema import Draft7Validator, FormatChecker

from tap_lightspeed_retail.misfits import Misfit, misfit
from tap_lightspeed_retail.r_series.bookmark import RENAMED
from tap_lightspeed_retail.r_series.ids import END
from tap_lightspeed_retail.r_series.row_types import Source
from tap_lightspeed_retail.r_series.table import SOURCES

FORMATS = FormatChecker(())
MOST_PARTS = 10**5
"""In one list of one row: lines, or payments, of a sale."""
MOST_IDS = 10**9
"""Of one set: more than any shop has, and less than what no machine can hold."""
UTC = re.compile(r"(19[7-9]\d|[2-9]\d{3})-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3}(\d{3})?)?\+00:00", re.ASCII)
"""Instants are compared as text: in any other form, or zone, they would be in another order."""
ID = r"\d{1,19}"
ONE_ID = re.compile(ID, re.ASCII)
DIGEST = re.compile(rf"{ID}:[0-9a-f]{{1,8}}", re.ASCII)
RANGE = re.compile(rf"{ID}(-{ID})?", re.ASCII)

Schema = dict[str, Any]


def _text(kind: str, description: str, *, may_be_null: bool = True) -> Schema:
    return {"type": ["string", "null"] if may_be_null else "string", "format": kind, "description": description}


INSTANT = _text("instant", "an instant such as 2026-01-31T12:00:00+00:00")
POSITION = _text("position", "an instant such as 2026-01-31T12:00:00+00:00, with or without an id", may_be_null=False)
NUMBER: Schema = {"type": ["integer", "null"], "minimum": 0, "maximum": END, "description": "a whole number from 0 on"}
RISING = "rising ids such as 1-200 202"
IDS, DIGESTS = _text("ids", RISING), _text("digests", "digests by number such as 7:0badcafe 8:1c")
IDS_OF_POSITION = _text("ids", RISING, may_be_null=False)
SETS: Schema = {
    "type": ["object", "null"],
    "additionalProperties": IDS_OF_POSITION,
    "description": "an object of rising ids by resource",
}
WORDS: Mapping[str, Schema] = {
    "last_id": NUMBER,
    "scan_began": INSTANT,
    "scan_from": NUMBER,
    "scan_id": NUMBER,
    "scan_digest": NUMBER,
    "scan_missing": IDS,
    "scanned_at": INSTANT,
    "span": NUMBER,
    "known": IDS,
    "blocks": DIGESTS,
    "open": DIGESTS,
    "emitted_parts": SETS,
    "missing_parts": SETS,
}
"""Those of every stream. What else a bookmark says nobody here reads, and it stays."""
CUSTOMERS: Mapping[str, Schema] = {
    "customer_span": NUMBER,
    "customer_blocks": DIGESTS,
    "scan_customers": DIGESTS,
    "moved_id": NUMBER,
    "moved_for": POSITION,
    "moved_before": POSITION,
}
"""Those of a stream whose rows move when customers are merged."""


def bookmark_misfit(stream: str, said: Mapping[str, Any]) -> Misfit | None:
    """What of a stream's bookmark cannot be read, under the words of today or those of version 0.1."""
    return misfit(_validator(stream), said) if stream in SOURCES else None


@cache
def _validator(stream: str) -> Draft7Validator:
    words = words_of(SOURCES[stream])
    old = {then: words[now] for then, now in RENAMED.items() if now in words}
    return Draft7Validator({"properties": {**words, **old}, "description": "an object"}, format_checker=FORMATS)


def words_of(source: Source) -> dict[str, Schema]:
    """The words of one source."""
    words = {**WORDS, "positions": _positions(source)}
    if source.sort:
        words["replication_key_value"] = INSTANT
    if source.merges:
        words["vanished"] = POSITION
    if source.customer:
        words |= CUSTOMERS
    if source.watched:
        words["open_parts"] = _open_parts(len(source.watched))
    return words


def _open_parts(count: int) -> Schema:
    """Unfinished rows, each with so many lists."""
    kind = f"{count} lists"
    return _text(kind, f"rows with {kind} of ids, such as {':'.join(['7', *['1-3,5'] * count])}")


def _positions(source: Source) -> Schema:
    """How far each table was read: by time, or by id where rows are only ever added."""
    names = {each.resource: POSITION if each.sort else IDS_OF_POSITION for each in source.children}
    if source.fallback:
        names[source.fallback] = POSITION
    if source.append_only:
        names[source.resource] = IDS_OF_POSITION
    return {"type": ["object", "null"], "properties": names, "description": "an object of positions by table"}


# What the texts are; of null and numbers the type says enough


def _of_texts(holds: Callable[[str], bool]) -> Callable[[object], bool]:
    return lambda said: not isinstance(said, str) or holds(said)


@FORMATS.checks("instant")
@_of_texts
def _is_instant(said: str) -> bool:
    return not said or _is_utc(said)


@FORMATS.checks("position")
@_of_texts
def _is_position(said: str) -> bool:
    stamp, space, number = said.partition(" ")
    return _is_instant(stamp) and (not space or _is_id(number))


@FORMATS.checks("ids")
@_of_texts
def _is_set(said: str) -> bool:
    return _are_rising(said.split())


@FORMATS.checks("digests")
@_of_texts
def _has_digests(said: str) -> bool:
    return all(DIGEST.fullmatch(word) for word in said.split())


def _has_lists(count: int, said: str) -> bool:
    words = (word.split(":") for word in said.split())
    return all(_is_id(row) and len(lists) == count and all(map(_is_list, lists)) for row, *lists in words)


for _count in {len(source.watched) for source in SOURCES.values()}:
    FORMATS.checks(f"{_count} lists")(_of_texts(partial(_has_lists, _count)))


def _is_list(said: str) -> bool:
    return _are_rising(said.replace(",", " ").split(), MOST_PARTS)


def _is_utc(said: str) -> bool:
    try:
        return bool(UTC.fullmatch(said) and datetime.fromisoformat(said))
    except ValueError:
        return False


def _is_id(said: str) -> bool:
    return bool(ONE_ID.fullmatch(said)) and int(said) <= END


def _are_rising(words: Sequence[str], most: int = MOST_IDS) -> bool:
    if not all(map(RANGE.fullmatch, words)):
        return False
    ranges = [(int(first), int(last or first)) for first, _, last in (word.partition("-") for word in words)]
    in_order = all(first <= last <= END for first, last in ranges) and all(a[1] < b[0] for a, b in pairwise(ranges))
    return in_order and sum(last - first + 1 for first, last in ranges) <= most
