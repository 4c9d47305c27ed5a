"""Recorded and documented payloads of the vendor, through shape, against the contract."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tap_lightspeed_retail.r_series.table import SOURCES

from tests.tap.contract import KEYS, STREAMS_OF, records, rows_in, variants

pytestmark = pytest.mark.recorded
EDITED = ("2021-02-29", "2021-02-28")
"""The pages' samples were edited by hand, and some name a day that never was.

Source: docs/vendors/lightspeed-r-series.md, samples.
"""


def all_rows(recorded: Path) -> list[tuple[str, dict[str, Any]]]:
    files = sorted((recorded / "r-series").rglob("*.json"))
    return [pair for path in files for pair in rows_in(json.loads(path.read_text().replace(*EDITED)))]


def made(resource: str, row: dict[str, Any]) -> Counter[str]:
    """How many sound records of each stream a row makes."""
    counted: Counter[str] = Counter()
    for stream in STREAMS_OF[resource]:
        counted.update({name: len(rows) for name, rows in records(stream, row).items()})
    return counted


def test_every_recorded_row_becomes_a_sound_record(recorded: Path) -> None:
    """Of every resource that is read; each becomes something, but for stock of all shops and lines of sales."""
    found = all_rows(recorded)
    counted = Counter({name: 0 for streams in STREAMS_OF.values() for name in streams})
    silent = set()
    for resource, row in found:
        records_made = made(resource, row)
        counted.update(records_made)
        silent |= set() if records_made else {resource}

    assert KEYS.keys() == {resource for resource, _ in found}
    assert sum(counted.values()) > 300
    assert {name for name, count in counted.items() if not count} == set()
    assert silent <= {"ItemShop", "SaleLine"}


def test_every_relation_may_come_in_every_form(recorded: Path) -> None:
    """One as an object, one in a list, none as text, as an object, as an absent key; at any depth."""
    counted = Counter(
        resource for resource, whole in all_rows(recorded) for row in variants(whole) if made(resource, row)
    )

    assert sum(counted.values()) > 1000
    assert {"Sale", "Customer", "Employee", "Vendor", "TaxCategory", "RegisterCount"} <= set(counted)


def test_every_stream_asks_what_the_vendor_documents(recorded: Path) -> None:
    """Each resource is listed, sorts by what we sort by, and has the relations that we load."""
    pages = json.loads((recorded / "r-series" / "endpoints.json").read_text())
    for stream, source in SOURCES.items():
        page = pages[source.resource.replace("/", " ")]
        assert f"GET /API/V3/Account/{{accountID}}/{source.resource}.json" in page["operations"], stream
        assert {source.sort, source.fallback} - {None, ""} <= set(page["sortable"]), stream
        assert set(source.relations) <= set(page.get("relations") or ()), stream
