"""Recorded payloads are served as they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.lightspeed.resources import RESOURCES
from sandbox.lightspeed.wire import Wire
from sandbox.lightspeed.world import PRIMARY_KEYS
from sandbox.seeds.recorded import seed_recorded
from tests.sandbox.seeded import empty_world, seeded_world

SALE = {
    "saleID": "7",
    "completed": "true",
    "Customer": {"customerID": "3", "firstName": "Nested"},
    "SaleLines": {"SaleLine": [{"saleLineID": "70", "saleID": "7"}, {"saleLineID": "71", "saleID": "7"}]},
    "SalePayments": {"SalePayment": {"salePaymentID": "700", "saleID": "7", "amount": "5"}},
}
CUSTOMER = {"customerID": "3", "firstName": "Whole", "lastName": "Profile", "archived": "false"}


def write(folder: Path, name: str, body: Any) -> None:
    (folder / name).write_text(json.dumps(body), encoding="utf-8")


def test_rows_are_found_however_they_are_wrapped(tmp_path: Path) -> None:
    """Alone, in a list, in a sample of the pages, nested in another row; text stays text."""
    world = empty_world()
    write(tmp_path, "a.json", {"samples": [{"heading": "GET", "json": {"@attributes": {}, "Sale": SALE}}]})
    write(tmp_path, "b.json", {"Item": [{"itemID": "1"}, {"itemID": "2"}]})

    served = seed_recorded(world, tmp_path)

    assert served == ["Customer", "Item", "Sale", "SaleLine", "SalePayment"]
    assert world.get("Sale", 7) == SALE
    assert [row["saleLineID"] for row in world.children("SaleLine", "saleID", 7)] == ["70", "71"]
    assert set(world.tables["Item"]) == {1, 2}


def test_the_first_row_of_a_key_wins(tmp_path: Path) -> None:
    """In the order of the files' names."""
    world = empty_world()
    write(tmp_path, "b.json", {"Item": {"itemID": "1", "description": "second"}})
    write(tmp_path, "a.json", {"Item": {"itemID": "1", "description": "first"}})

    seed_recorded(world, tmp_path)

    assert world.get("Item", 1) == {"itemID": "1", "description": "first"}


def test_a_row_of_its_own_wins_over_a_nested_copy(tmp_path: Path) -> None:
    """Whichever file comes first: a nested copy lacks fields."""
    world = empty_world()
    write(tmp_path, "a.json", {"Sale": SALE})
    write(tmp_path, "z.json", {"Customer": CUSTOMER})

    seed_recorded(world, tmp_path)

    assert world.get("Customer", 3) == CUSTOMER


def test_rows_without_a_key_are_no_rows(tmp_path: Path) -> None:
    """Field lists, examples and the walk-in customer 0."""
    world = empty_world()
    write(tmp_path, "a.json", {"Item": {"fields": ["itemID"]}, "Customer": {"customerID": "0"}, "Shop": "shopID"})

    assert seed_recorded(world, tmp_path) == []


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    """With what to do about it."""
    with pytest.raises(FileNotFoundError, match=r"no recorded payloads at .*absent; use --seed chain"):
        seed_recorded(empty_world(), tmp_path / "absent")


PAGES = {"Transfer": "inventory-transfer"}
"""The page of a resource whose page is not named after it."""
ONLY_SAMPLED = {"SaleLine": {"SalesAccounts", "ItemFee"}, "Order": {"m"}, "Workorder": {"m"}}
"""Relations that come in samples, and that no table of relations names."""


@pytest.mark.recorded
@pytest.mark.parametrize("resource", RESOURCES)
def test_the_chain_says_every_key_that_the_vendor_says(recorded: Path, resource: str) -> None:
    """Of the samples of the resource's own page, in whichever case; relations come when they are asked for."""
    page = recorded / "r-series" / "docs_samples" / f"{PAGES.get(resource, resource.lower())}.json"
    if not page.is_file():
        pytest.skip("no page of its own")
    element = RESOURCES[resource].element or resource
    bodies = [each["json"] for each in json.loads(page.read_text())["samples"] if each["heading"].startswith("GET")]
    samples = [row for body in bodies for row in _rows(body.get(element))]
    world = seeded_world()
    said = {name.lower() for row in world.rows(resource) for name in Wire(world, ()).row(resource, row)}
    known = {*RESOURCES[resource].relations, *ONLY_SAMPLED.get(resource, ())}

    assert samples
    assert {name for row in samples for name in row if name not in known and name.lower() not in said} == set()


def _rows(value: Any) -> list[dict[str, Any]]:
    return value if isinstance(value, list) else [value] if value else []


@pytest.mark.recorded
def test_the_recorded_payloads_are_served(recorded: Path) -> None:
    """The resources that the tap reads, each under its own keys, all values as they came."""
    world = empty_world()

    served = seed_recorded(world, recorded / "r-series")

    assert {"Customer", "Item", "ItemShop", "Sale", "SaleLine", "SalePayment", "Shop"} <= set(served)
    for name in served:
        assert {int(row[PRIMARY_KEYS[name]]) for row in world.rows(name)} == set(world.tables[name])
    assert any(isinstance(row["completed"], str) for row in world.rows("Sale"))
