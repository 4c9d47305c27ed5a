"""Recorded and documented payloads of the vendor, through shape, against the contract."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from tap_lightspeed_retail.r_series.shape import Context, customer, item, sale, shop, stock
from tap_lightspeed_retail.streams import RANK, STREAMS

pytestmark = pytest.mark.recorded
KNOWN = Context("1000", "CAD", "America/Vancouver")
SHAPES: dict[str, tuple[str, str, Callable[..., Any]]] = {
    "Shop": ("shopID", "shops", shop),
    "Customer": ("customerID", "customers", customer),
    "Item": ("itemID", "items", item),
    "ItemShop": ("itemShopID", "inventory", stock),
    "Sale": ("saleID", "sales", sale),
}
VALIDATORS = {stream.name: Draft7Validator(stream.schema()) for stream in STREAMS}


def rows(node: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """(resource, row) anywhere in a payload."""
    if isinstance(node, list):
        for each in node:
            yield from rows(each)
    elif isinstance(node, dict):
        for name, value in node.items():
            if name in SHAPES:
                for row in value if isinstance(value, list) else [value]:
                    if isinstance(row, dict) and isinstance(row.get(SHAPES[name][0]), str):
                        yield name, row
            yield from rows(value)


def all_rows(recorded: Path) -> list[tuple[str, dict[str, Any]]]:
    files = sorted((recorded / "r-series").rglob("*.json"))
    return [pair for path in files for pair in rows(json.loads(path.read_text()))]


def check(resource: str, row: dict[str, Any]) -> int:
    """Shape and validate one row with its parts; how many records it made."""
    _, stream, shape = SHAPES[resource]
    record = shape(row, KNOWN)
    if record is None:
        return 0
    made = [(stream, record)]
    for part in ("sale_lines", "sale_payments"):
        made += [(part, each) for each in record.pop(f"_{part}", [])]
    for name, each in made:
        errors = [
            f"{name} {each['id']}: {error.json_path} {error.validator}" for error in VALIDATORS[name].iter_errors(each)
        ]
        assert errors == []
        assert STREAMS[RANK[name]].schema()["properties"].keys() == each.keys()
    return len(made)


def test_every_recorded_row_becomes_a_sound_record(recorded: Path) -> None:
    """Of all five resources, many of each."""
    found = all_rows(recorded)

    assert sum(check(resource, row) for resource, row in found) > 100
    assert SHAPES.keys() == {resource for resource, _ in found}


def variants(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The row with each of its relations in every form that the vendor has for lists and for nothing."""
    for name, value in row.items():
        if isinstance(value, dict) and name != "@attributes":
            for empty in ("", {}):
                yield {**row, name: empty}
            yield {other: kept for other, kept in row.items() if other != name}
            for element, rows_of in value.items():
                if not isinstance(rows_of, dict | list):
                    continue
                one = copy.deepcopy(row)
                one[name][element] = rows_of[0] if isinstance(rows_of, list) and rows_of else [rows_of]
                yield one


def test_every_relation_may_come_in_every_form(recorded: Path) -> None:
    """One as an object, one in a list, none as text, as an object, as an absent key."""
    made = [check(resource, row) for resource, whole in all_rows(recorded) for row in variants(whole)]

    assert len(made) > 200
