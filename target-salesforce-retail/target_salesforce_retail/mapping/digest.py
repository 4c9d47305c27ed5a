"""The digest of a mapping: the same as long as it says the same, wherever and in whatever order of its fields.

It is of the mapping as it was read, layers and all, with the blocklist: comments and places are not in it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from target_salesforce_retail.mapping.blocked import Blocklist
from target_salesforce_retail.mapping.rules import StreamMapping

LENGTH = 12
"""Hex digits: enough to tell the mappings of one project apart."""
PLACES = ("at", "places")
UNORDERED = ("fields", "phone_keys", "references")
"""Rules of which none goes before another."""


def digest(mapping: StreamMapping, blocklist: Blocklist) -> str:
    """What tells this mapping from any other, in a few digits."""
    text = json.dumps([_plain(mapping), _plain(blocklist)], ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:LENGTH]


def _plain(value: Any) -> Any:
    """As JSON has it. Of a mapping the order tells: the object that is named first goes before the next."""
    if is_dataclass(value):
        named = [(each.name, getattr(value, each.name)) for each in fields(value) if each.name not in PLACES]
        return [
            [name, _sorted(each) if name in UNORDERED and isinstance(each, tuple) else _plain(each)]
            for name, each in named
        ]
    if isinstance(value, Mapping):
        return [[str(name), _plain(each)] for name, each in value.items()]
    if isinstance(value, set | frozenset):
        return _sorted(value)
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Enum):
        return value.value
    return value if value is None or isinstance(value, bool | int | str) else f"{type(value).__name__} {value}"


def _sorted(values: Any) -> list[Any]:
    return sorted(map(_plain, values), key=json.dumps)
