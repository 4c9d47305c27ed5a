"""Each package declares what it imports, and imports what it declares: it must install and run on its own."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

try:
    import tomllib
except ImportError:  # Python 3.10
    import tomli as tomllib  # type: ignore[import-not-found, no-redef]

ROOT = Path(__file__).parents[2]
PACKAGES = {
    "tap-lightspeed-retail": "tap_lightspeed_retail",
    "target-salesforce-retail": "target_salesforce_retail",
}
AT_RUN_TIME = {"tzdata"}
"""Declared for what is in it, not for a module that is imported by name."""


def imported(folder: Path) -> set[str]:
    """The top modules that the code of a package imports, its own and Python's left out; also within functions."""
    found: set[str] = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names) - {folder.name}


def declared(project: Path) -> set[str]:
    """The distributions that a package says it needs."""
    names = tomllib.loads(project.read_text("utf-8"))["project"]["dependencies"]
    return {canonical(re.split(r"[\s<>=!~;\[(]", name, maxsplit=1)[0]) for name in names}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def distributions(module: str) -> set[str]:
    """What may be installed to have a module; the module's own name where nothing is known of it."""
    return {canonical(name) for name in installed().get(module, [module])}


@cache
def installed() -> Mapping[str, list[str]]:
    """Module -> the distributions that have it; every distribution is read for that."""
    return packages_distributions()


def disagreements(folder: Path, project: Path) -> list[str]:
    needed = {module: distributions(module) for module in imported(folder)}
    named = declared(project)
    missing = [f"{module} is imported and not declared" for module, names in needed.items() if not names & named]
    idle = named - set().union(*needed.values()) - AT_RUN_TIME
    return sorted([*missing, *(f"{name} is declared and not imported" for name in idle)])


@pytest.mark.parametrize("name", PACKAGES)
def test_what_is_imported_is_declared_and_the_other_way_round(name: str) -> None:
    """Else it works only where something else happens to bring it along."""
    assert disagreements(ROOT / name / PACKAGES[name], ROOT / name / "pyproject.toml") == []


def test_a_stray_import_is_found_on_a_toy_package(tmp_path: Path) -> None:
    """The test above can fail, either way."""
    folder = tmp_path / "toy"
    folder.mkdir()
    (folder / "one.py").write_text("import json\nfrom . import two\ndef f():\n    from ruamel.yaml import YAML\n")
    project = tmp_path / "pyproject.toml"
    project.write_text('[project]\ndependencies = ["requests[socks]>=2 ; python_version > \'3\'", "tzdata"]\n')

    assert disagreements(folder, project) == [
        "requests is declared and not imported",
        "ruamel is imported and not declared",
    ]
