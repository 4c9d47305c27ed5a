"""Recorded vendor payloads served as they are, where the folder with them is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sandbox.lightspeed.resources import RESOURCES
from sandbox.lightspeed.world import PRIMARY_KEYS, World


def seed_recorded(world: World, folder: Path) -> list[str]:
    """Load every row of a known resource that a recorded or documented payload shows.

    The first row of a key wins, and one that was asked for by itself comes before a copy nested in another: nested
    copies lack fields (docs/vendors/lightspeed-r-series.md, spellings).

    Returns:
        Names of the resources that have rows now.

    Raises:
        FileNotFoundError: The folder is not there.
    """
    if not folder.is_dir():
        message = f"no recorded payloads at {folder}; use --seed chain, or name their folder with --recorded-folder"
        raise FileNotFoundError(message)
    found = [each for path in sorted(folder.rglob("*.json")) for each in rows_in(json.loads(path.read_text("utf-8")))]
    for _, resource, row in sorted(found, key=lambda each: each[0]):
        key = str(row.get(PRIMARY_KEYS[resource], ""))
        if key.isdigit() and int(key) and world.get(resource, int(key)) is None:
            world.put(resource, row)
    return [name for name in RESOURCES if world.tables[name]]


def rows_in(node: Any, nested: bool = False) -> Iterator[tuple[bool, str, dict[str, Any]]]:
    """(nested in another row, resource, row) for every row of a known resource anywhere in a payload."""
    if isinstance(node, list):
        for each in node:
            yield from rows_in(each, nested)
    elif isinstance(node, dict):
        for name, value in node.items():
            known = name in RESOURCES
            if known:
                rows = value if isinstance(value, list) else [value]
                yield from ((nested, name, row) for row in rows if isinstance(row, dict))
            yield from rows_in(value, nested or known)
