"""ARCHITECTURE.md shows where things are: every module is in its trees, and what runs is told in its order."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest
from target_salesforce_retail.deliver import decide
from target_salesforce_retail.pipeline import Pipeline

ROOT = Path(__file__).parents[2]
MAP = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
PACKAGES = {
    "tap_lightspeed_retail": ROOT / "tap-lightspeed-retail" / "tap_lightspeed_retail",
    "target_salesforce_retail": ROOT / "target-salesforce-retail" / "target_salesforce_retail",
}
EXEMPT = {"__init__.py", "__main__.py", "py.typed"}
"""Every package has them, and nobody looks for them."""
DATA_APART = ("schemas/",)
"""Folders of data that the tree names as a whole."""
CALLS = {
    "without_common": "inside/common",
    "read_profiles": "inside/profiles",
    "deliver": "deliver",
    "keep": "keep",
    "settle": "stages/settle",
    "look_up": "stages/match",
    "without_crowds": "inside/crowd",
    "plan": "stages/plan",
}
"""Function -> where it stands in the path of one record."""


def in_tree(page: str, package: str) -> set[str]:
    """Files and folders of data that the tree of the package names; what follows a # is said of them."""
    tree = re.search(rf"^{package}/\n((?:  .*\n)+)", page, re.MULTILINE)
    named: set[str] = set()
    folder = ""
    for line in tree.group(1).splitlines() if tree else ():
        folder = folder if line.startswith("   ") else ""
        for word in line.partition("#")[0].split():
            if word in DATA_APART:
                named.add(word)
            elif word.endswith("/"):
                folder = word
            else:
                named.add(f"{folder}{word}" if "." in word else f"{folder}{word}.py")
    return named


def on_disk(package: Path) -> set[str]:
    """The same of what is there."""
    files = [path for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    paths = [path.relative_to(package).as_posix() for path in files if path.name not in EXEMPT]
    return {next((folder for folder in DATA_APART if path.startswith(folder)), path) for path in paths}


@pytest.mark.parametrize("package", PACKAGES)
def test_the_tree_names_every_module(package: str) -> None:
    """In the room it is in, and none that there is not."""
    shown, there = in_tree(MAP, package), on_disk(PACKAGES[package])

    assert (sorted(there - shown), sorted(shown - there)) == ([], [])


def test_a_tree_is_read_by_its_rooms() -> None:
    """Toy page: the door, data as a whole, a room over two lines, one within it, and the door again."""
    door, web = "  tap emit   # the door of it\n  schemas/\n", "  web/   api\n         tokens list.json\n"
    page = f"odd/\n{door}{web}  web/in/  deep\n  end\n\n"

    assert in_tree(page, "odd") == {
        "tap.py",
        "emit.py",
        "schemas/",
        "web/api.py",
        "web/tokens.py",
        "web/list.json",
        "web/in/deep.py",
        "end.py",
    }


@pytest.mark.parametrize("runs", [Pipeline._run, decide])
def test_the_path_of_one_record_is_told_in_its_order(runs: object) -> None:
    """What is no evidence is left out before somebody is looked for by it, or chosen."""
    path = MAP.partition("## The path of one record")[2].partition("\n## ")[0]
    called = [name for name in re.findall(r"(\w+)\(", inspect.getsource(runs)) if name in CALLS]  # type: ignore[arg-type]
    lines = [re.search(rf"^(?:target|    ) +{CALLS[name]}\b", path, re.MULTILINE) for name in called]
    places = [found.start() if found else -1 for found in lines]

    assert len(called) >= 3
    assert places == sorted(set(places))
    assert -1 not in places
