"""A wrong mapping stops before the first write, with all its faults at once, each with file:line."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.journeys.pair import ROOT, Pair
from tests.journeys.test_singer_file import shopper, singer


def transforms(pair: Pair) -> Path:
    folder = pair.folder / "transforms"
    shutil.copytree(ROOT / "transforms", folder)
    pair.target_settings["transforms"] = str(folder)
    return folder


def line_of(path: Path, text: str) -> int:
    return next(number for number, line in enumerate(path.read_text().splitlines(), 1) if text in line)


def test_unknown_keys_and_cycles_are_all_named(pair: Pair) -> None:
    """Two files, three faults, one report; nothing was written."""
    folder = transforms(pair)
    customers, shops = folder / "customers.yml", folder / "shops.yml"
    customers.write_text(customers.read_text().replace("on_many:", "on_meny:"))
    shops.write_text(
        shops.read_text().rstrip() + "\n  Loop__c: {reference: sales, from: id}\n  Odd__c: {from: name, as: shout}\n"
    )

    done = pair.load(singer(shopper(1)))

    assert done.returncode == 2
    assert f"customers.yml:{line_of(customers, 'on_meny')}" in done.stderr
    assert f"shops.yml:{line_of(shops, 'Odd__c')}" in done.stderr
    assert "shout" in done.stderr
    assert "Traceback" not in done.stderr
    assert pair.writes() == {}


def test_a_cyclic_reference_is_named(pair: Pair) -> None:
    """shops -> sales -> shops."""
    folder = transforms(pair)
    shops = folder / "shops.yml"
    shops.write_text(shops.read_text().rstrip() + "\n  Loop__c: {reference: sales, from: id}\n")

    done = pair.load(singer(shopper(1)))

    assert done.returncode == 2
    assert "shops -> sales -> shops" in done.stderr or "sales -> shops -> sales" in done.stderr
    assert pair.writes() == {}


def test_what_the_org_lacks_is_named(pair: Pair) -> None:
    """Two fields that the org does not have, in two files: both named with file:line before the first write."""
    folder = transforms(pair)
    customers, shops = folder / "customers.yml", folder / "shops.yml"
    customers.write_text(customers.read_text().replace("\nfields:\n", "\nfields:\n  Shoe_Size__c: {from: title}\n", 1))
    shops.write_text(shops.read_text().rstrip() + "\n  Colour__c: {from: name}\n")

    done = pair.load(singer(shopper(1)))

    assert done.returncode == 2
    assert f"customers.yml:{line_of(customers, 'Shoe_Size__c')}" in done.stderr
    assert f"shops.yml:{line_of(shops, 'Colour__c')}" in done.stderr
    assert pair.writes() == {}


def test_a_property_that_the_stream_lacks_is_named(pair: Pair) -> None:
    """`from: frist_name` would otherwise load blanks for months."""
    folder = transforms(pair)
    customers = folder / "customers.yml"
    customers.write_text(customers.read_text().replace("first_name", "frist_name"))

    done = pair.load(singer(shopper(1)))

    assert done.returncode == 2
    assert "frist_name" in done.stderr
    assert "customers.yml:" in done.stderr
    assert pair.writes() == {}
