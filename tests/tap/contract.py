"""What a record must be to keep the contract, and the vendor's rows in every form that they may take."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from jsonschema import Draft7Validator, FormatChecker
from tap_lightspeed_retail.r_series.context import Context
from tap_lightspeed_retail.r_series.table import SOURCES
from tap_lightspeed_retail.streams import RANK, STREAMS

KNOWN = Context("1000", "CAD", {"3": "America/Vancouver"})
FORMATS = FormatChecker(formats=())
KEYS = {
    "Workorder": "workorderID",
    "InventoryLog": "inventoryLogID",
    **{
        name: f"{name[0].lower()}{name[1:]}ID"
        for name in {source.key for source in SOURCES.values()} - {"Workorder", "InventoryLog"}
    },
}
"""Resource -> the field that holds its key."""
STREAMS_OF: dict[str, list[str]] = {}
for _stream, _source in SOURCES.items():
    STREAMS_OF.setdefault(_source.key, []).append(_stream)


@FORMATS.checks("date-time", raises=ValueError)
def is_instant(value: object) -> bool:
    """In UTC, with its offset; to the second."""
    return not isinstance(value, str) or (
        datetime.fromisoformat(value).utcoffset() == timedelta(0) and value.endswith("+00:00") and len(value) == 25
    )


@FORMATS.checks("date", raises=ValueError)
def is_date(value: object) -> bool:
    """A day, without a time."""
    return not isinstance(value, str) or date.fromisoformat(value).isoformat() == value


VALIDATORS = {row.name: Draft7Validator(row.schema(), format_checker=FORMATS) for row in STREAMS}


def kept(stream: str, record: dict[str, Any]) -> dict[str, Any]:
    """The record, after the contract had nothing against it: its schema, and exactly its properties."""
    faults = [f"{stream}: {error.json_path} {error.message}" for error in VALIDATORS[stream].iter_errors(record)]
    assert faults == []
    assert STREAMS[RANK[stream]].schema()["properties"].keys() == record.keys(), stream
    return record


def records(stream: str, row: dict[str, Any], known: Context = KNOWN) -> dict[str, list[dict[str, Any]]]:
    """Stream -> the sound records that a row makes: its own, and its parts'."""
    made = SOURCES[stream].shape(row, known)
    if made is None:
        return {}
    assert made.parts.keys() == {each.name for each in STREAMS if each.parent == stream}
    assert [note for each in made.family() for note in each.notes] == []
    rows = {stream: [made.record], **made.part_records}
    return {name: [kept(name, each) for each in found] for name, found in rows.items()}


def rows_in(node: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """(resource, row) for every row of a resource that is read, anywhere in a payload."""
    if isinstance(node, list):
        for each in node:
            yield from rows_in(each)
    elif isinstance(node, dict):
        for name, value in node.items():
            if name in KEYS:
                for row in value if isinstance(value, list) else [value]:
                    if isinstance(row, dict) and isinstance(row.get(KEYS[name]), str):
                        yield name, row
            yield from rows_in(value)


Change = Callable[[dict[str, Any]], None]


def variants(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The row with one of its relations, at any depth, in another of the vendor's forms for lists and for nothing."""
    for path in relations(row):
        for change in (_emptied(""), _emptied({}), _absent, _one_or_many):
            changed = copy.deepcopy(row)
            holder = changed
            for step in path[:-1]:
                holder = holder[step]
            change(holder, path[-1])
            yield changed


def relations(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of everything within a row that is no scalar."""
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, value in children:
        if isinstance(value, dict | list) and name != "@attributes":
            yield (*path, name)
            yield from relations(value, (*path, name))


def _emptied(nothing: Any) -> Callable[[Any, Any], None]:
    def change(holder: Any, name: Any) -> None:
        holder[name] = copy.deepcopy(nothing) if isinstance(name, str) else holder[name]

    return change


def _absent(holder: Any, name: Any) -> None:
    del holder[name]


def _one_or_many(holder: Any, name: Any) -> None:
    """A list of one as itself; of what may be many, one in a list."""
    value = holder[name]
    if isinstance(value, list):
        holder[name] = value[0]
    elif isinstance(name, str) and isinstance(holder, dict) and len(holder) == 1:
        holder[name] = [value]
