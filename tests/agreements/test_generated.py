"""What is declared once in code is what the docs and meltano.yml say."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_docs", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generated_files_are_fresh(generate: ModuleType) -> None:
    """docs/reference and the settings in meltano.yml follow the code; `make docs` refreshes them."""
    stale = [
        str(path.relative_to(ROOT))
        for path, text in generate.generated().items()
        if not path.exists() or path.read_text("utf-8") != text
    ]

    assert stale == [], "stale; run `make docs` and commit the result"


def test_there_is_no_page_that_nobody_generates(generate: ModuleType) -> None:
    """docs/reference holds generated pages only."""
    pages = {path.name for path in (ROOT / "docs" / "reference").iterdir()}

    assert pages == set(generate.PAGES)


def test_meltano_declares_exactly_the_settings_that_about_reports(generate: ModuleType) -> None:
    """Same names, secrets marked, and a namespace on every plugin so that no Hub is asked."""
    plugins = YAML(typ="safe").load((ROOT / "meltano.yml").read_text("utf-8"))["plugins"]
    entries = {entry["name"]: entry for entry in [*plugins["extractors"], *plugins["loaders"]]}
    for plugin in (generate.TapLightspeedRetail, generate.TargetSalesforceRetail):
        declared = {setting["name"]: setting for setting in entries[plugin.name]["settings"]}
        reported = generate.about(plugin)["settings"]["properties"]

        assert declared.keys() == reported.keys()
        assert {name for name, setting in declared.items() if setting.get("sensitive")} == {
            name for name, spec in reported.items() if spec.get("secret")
        }
    assert all("namespace" in entry for entry in entries.values())


def test_what_is_secret_is_marked(generate: ModuleType) -> None:
    """Every setting whose name says secret or token value is marked as a secret."""
    for plugin in (generate.TapLightspeedRetail, generate.TargetSalesforceRetail):
        for name, spec in generate.settings_of(plugin).items():
            if name.endswith(("secret", "_token", "password")):
                assert spec.get("secret"), f"{plugin.name}: {name}"
