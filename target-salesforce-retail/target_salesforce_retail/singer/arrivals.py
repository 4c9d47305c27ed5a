"""Where a Singer record becomes an arrival: its key is named and what is wrong with it is listed.

fastjsonschema says quickly whether a record is sound; only for one that is not does jsonschema list every flaw
(docs/decisions/0004-libraries.md). Flaws name the property and the broken rule, never the value; and a property only
when its schema does, for the name of any other may be a shopper's. Whatever a value makes the validators raise is a
flaw too.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any

import simplejson

from target_salesforce_retail.nouns import Arrival, Flaw, Record
from target_salesforce_retail.singer.schemas import Schema
from target_salesforce_retail.values import LONGEST_KEY

DEEPEST = 100
"""Levels that a record may have: whoever looks into it later does so level by level."""
MOST_FLAWS = 1000
"""Of a list with a million bad entries it is enough to know that it is bad."""
PLAIN = frozenset({int, bool, Decimal, type(None)})
HALF = "holds half a character"
DEEP = f"is nested deeper than {DEEPEST} levels"
STRANGE = "holds what JSON does not have"


class ArrivalBuilder:
    """Turns the records of one stream into arrivals.

    Args:
        stream: Singer stream name.
        schema: The JSON Schema of its SCHEMA message, or None for a stream whose records are looked at by nobody.
        key_properties: The properties that name a record.

    Raises:
        InputError: The schema is none.
    """

    def __init__(self, stream: str, schema: Mapping[str, Any] | None, key_properties: Sequence[str]) -> None:
        self._stream = stream
        self._keys = tuple(key_properties)
        self._schema = Schema(stream, schema) if schema is not None else None
        self._wanted = [name for name in key_properties if name not in (schema or {}).get("required", ())]

    def arrival(self, record: object) -> Arrival:
        """The arrival this record is; of one that is no object, a hold to be."""
        if not isinstance(record, dict):
            return self.damaged(record, "is no object")
        flaws = tuple(sorted(set(islice(self._flaws(record), MOST_FLAWS)), key=str))
        strange = any(flaw.rule == STRANGE for flaw in flaws)
        return Arrival(self._stream, self._key(record), _written(record) if strange else record, flaws)

    def damaged(self, record: object, rule: str) -> Arrival:
        """The arrival that this record would be, were it not for what is wrong with it as a whole."""
        payload = record if isinstance(record, dict) else {"record": record}
        return Arrival(self._stream, self._key(payload), payload, (Flaw("", rule),))

    def _key(self, record: Record) -> str:
        """Singer's own key; empty where the record has none that could be written down."""
        parts = [record.get(name) for name in self._keys]
        if any(isinstance(part, bool) or not isinstance(part, str | int | Decimal) for part in parts):
            return ""
        key = ":".join(map(str, parts))
        return key if len(key) <= LONGEST_KEY and key.isprintable() else ""

    def _flaws(self, record: dict[str, Any]) -> Iterator[Flaw]:
        if self._schema is None:
            return
        yield from (Flaw(name, "is a key property, and missing") for name in self._wanted if name not in record)
        for name, value in record.items():
            if name.isascii() and _is_plain(value):  # nearly all are: this is done for every value that ever arrives
                continue
            if not _is_text(name):
                yield Flaw("", f"has a property whose name {HALF}")
            rule = _odd(value, 1)
            if rule:
                yield Flaw(self._schema.named(name), rule)
        yield from self._schema.flaws(record)


def _odd(value: Any, depth: int) -> str | None:
    """Why a value is none that can be passed on, whatever its schema says, or None."""
    kind = type(value)
    if _is_plain(value):
        return None
    if kind is str:
        return None if _is_text(value) else HALF
    if kind is list or kind is dict:
        within = value if kind is list else (*value, *value.values())
        return DEEP if depth >= DEEPEST else next((rule for each in within if (rule := _odd(each, depth + 1))), None)
    return None if isinstance(value, date) or (kind is float and math.isfinite(value)) else STRANGE


def _is_plain(value: Any) -> bool:
    return type(value) in PLAIN or (type(value) is str and value.isascii())


def _is_text(text: str) -> bool:
    """False for half of a surrogate pair, which no UTF-8 has."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _written(record: dict[str, Any]) -> dict[str, Any]:
    """The record with names of types for what only a stream map can have made of it."""
    text = simplejson.dumps(record, use_decimal=True, ignore_nan=True, default=lambda value: type(value).__name__)
    plain: dict[str, Any] = simplejson.loads(text, use_decimal=True)
    return plain
