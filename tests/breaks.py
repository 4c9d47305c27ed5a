"""Deliberate breaks: each, put into a copy of the tree, must turn the test red that is named beside it.

``python -m tests.breaks`` tries all of ``tests/agreements/breaks.yml``, ``python -m tests.breaks NAME ...`` those. A
break is known by the text that it replaces, wherever in its package that stands. Exit 1 if a test stays green, or if
the text is not there exactly once.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
PACKAGES = {
    "tap": Path("tap-lightspeed-retail/tap_lightspeed_retail"),
    "target": Path("target-salesforce-retail/target_salesforce_retail"),
}
EXCLUDED = shutil.ignore_patterns(
    ".git", ".venv", ".meltano", ".*_cache", "__pycache__", ".ledger", "node_modules", "mutants"
)
FAILED = 1
"""What pytest exits with where a test failed; anything else above zero says that none was run."""


@dataclass(frozen=True)
class Break:
    """One deliberate break.

    Attributes:
        name: What is broken.
        package: ``tap`` or ``target``.
        old: Text that stands once in the package.
        new: What takes its place.
        test: Words for pytest that name the test which must turn red.
    """

    name: str
    package: str
    old: str
    new: str
    test: list[str]


def breaks() -> list[Break]:
    """All breaks of the list."""
    listed = YAML(typ="safe").load((ROOT / "tests" / "agreements" / "breaks.yml").read_text("utf-8"))
    return [
        Break(name, each["in"], each["old"].rstrip("\n"), each["new"].rstrip("\n"), list(each["test"]))
        for name, each in listed.items()
    ]


def places(tree: Path, one: Break) -> list[Path]:
    """The file for each time that the text stands in the package."""
    files = sorted((tree / PACKAGES[one.package]).rglob("*.py"))
    return [path for path in files for _ in range(path.read_text("utf-8").count(one.old))]


def tried(tree: Path, one: Break) -> str:
    """Break the tree, run the test, and mend the tree: what came of it, ``red`` where all is well."""
    found = places(tree, one)
    if len(found) != 1:
        return f"its text stands in {len(found)} places"
    (path,) = found
    whole = path.read_text("utf-8")
    path.write_text(whole.replace(one.old, one.new), "utf-8")
    try:
        code = _exit_code(tree, one.test)
    finally:
        path.write_text(whole, "utf-8")
    if code == FAILED:
        return "red"
    return "GREEN" if code == 0 else f"no test was run (pytest exits with {code})"


def _exit_code(tree: Path, test: list[str]) -> int:
    paths = [str(tree), *(str(tree / package.parent) for package in PACKAGES.values())]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1", "CASES": "full"}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *test]
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, check=False).returncode


def main(names: list[str]) -> int:
    """Try the breaks of these names, or all, and say what came of each."""
    chosen = [one for one in breaks() if not names or one.name in names]
    unknown = set(names) - {one.name for one in chosen}
    with tempfile.TemporaryDirectory(prefix="breaks-") as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(ROOT, tree, ignore=EXCLUDED)
        told = {one.name: _said(one.name, tried(tree, one)) for one in chosen}
    told |= {name: _said(name, "no break has this name") for name in sorted(unknown)}
    wrong = [name for name, what in told.items() if what != "red"]
    sys.stdout.write(f"{len(told) - len(wrong)} of {len(told)} breaks turn their test red.\n")
    return 1 if wrong else 0


def _said(name: str, what: str) -> str:
    sys.stdout.write(f"{what:8} {name}\n")
    sys.stdout.flush()
    return what


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
