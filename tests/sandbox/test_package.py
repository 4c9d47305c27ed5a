"""The sandbox is a package of its own, and its tests need nothing of the tap or the target."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.lanes import ROOT, imports

try:
    import tomllib
except ImportError:  # Python 3.10
    import tomli as tomllib  # type: ignore[import-not-found, no-redef]

SANDBOX = ROOT / "sandbox"
DEMO = SANDBOX / "demo.py"
"""The repository's, not the package's."""
NEVER = {"tap_lightspeed_retail", "target_salesforce_retail", "benchmarks", "singer_sdk", "meltano"}
FOR_ITSELF = {"tzdata", "httptools"}
"""Needed for what is in it, or by uvicorn, which takes it where it is; imported by name by nobody."""
BUILD = "import hatchling.build, sys; print(hatchling.build.build_wheel(sys.argv[1]))"
SERVE = "import sys; sys.path.insert(0, sys.argv.pop(1)); from sandbox.__main__ import main; sys.exit(main())"


def modules() -> list[Path]:
    return [ROOT / "tests" / "conftest.py", ROOT / "tests" / "lanes.py", *(ROOT / "tests" / "sandbox").rglob("*.py")]


def top(module: Path) -> set[str]:
    return {name.partition(".")[0] for name in imports(module)}


@pytest.mark.parametrize("folder", ["sandbox", "its tests"])
def test_neither_tap_nor_target_is_needed(folder: str) -> None:
    """Nor what they are made of; of the tests it needs its own."""
    looked_at = [*SANDBOX.rglob("*.py")] if folder == "sandbox" else modules()
    others = [
        (module.name, name)
        for module in looked_at
        for name in imports(module)
        if name.startswith("tests.") and not name.startswith(("tests.sandbox", "tests.lanes"))
    ]

    assert len(looked_at) > 30
    assert [(module.name, found) for module in looked_at if (found := top(module) & NEVER)] == []
    assert others == []


def test_what_is_imported_is_declared_and_the_other_way_round() -> None:
    """Else it works only where something else happens to bring it along."""
    project = tomllib.loads((SANDBOX / "pyproject.toml").read_text("utf-8"))["project"]
    declared = {re.split(r"[\s<>=!~;\[(]", each, maxsplit=1)[0].lower() for each in project["dependencies"]}
    found = set().union(*(top(module) for module in SANDBOX.rglob("*.py") if module != DEMO))
    known = packages_distributions()
    needed = {name.lower() for module in found - {*sys.stdlib_module_names, "sandbox"} for name in known[module]}

    assert needed == declared - FOR_ITSELF


def test_the_wheel_serves_on_its_own(tmp_path: Path) -> None:
    """Built, and run from elsewhere without the repository: the SFDX project is all it is given."""
    built = subprocess.run(
        [sys.executable, "-c", BUILD, str(tmp_path)], cwd=SANDBOX, capture_output=True, text=True, check=True
    )
    wheel = tmp_path / built.stdout.split()[-1]
    words = ["serve", "--seed", "corner", "--lightspeed-port", "0", "--salesforce-port", "0", "--metadata-folder"]
    command = [sys.executable, "-I", "-c", SERVE, str(wheel), *words]

    with subprocess.Popen([*command, str(ROOT / "salesforce")], cwd=tmp_path, stdout=subprocess.PIPE) as process:
        assert process.stdout
        try:
            box = json.loads(process.stdout.readline())
            with urlopen(f"{box['salesforce_url']}/_sandbox/", timeout=20) as page:
                assert page.status == 200
        finally:
            process.terminate()
    without = subprocess.run(command[:-1], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert process.returncode == 0
    assert without.returncode == 1
    assert "give the folder of an SFDX project" in without.stderr
