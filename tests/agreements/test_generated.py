"""What is declared once in code is what the docs and meltano.yml say."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from ruamel.yaml import YAML
from target_salesforce_retail.mapping.load import grammar

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
MAY_BE_BLANK = {
    "mappings.md": {"values", "default", "example", "becomes", "refused, for it is"},
    "reasons.md": {"waits"},
    "sandbox.md": {"status", "body", "sorts besides the key", "relations", "any of these scopes"},
    "settings.md": {"default"},
}
"""Page -> columns in which a blank says that there is none."""


def cells(page: str) -> Iterator[tuple[str, str, str]]:
    """The first cell of the row, the head of the column and what is written there, for each cell of each table."""
    head: list[str] = []
    for line in page.splitlines():
        row = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if head:
            yield from ((row[0], column, cell) for column, cell in zip(head, row, strict=bool(row)))
        head = head or row if row else []


def choices(schema: Any) -> Iterator[list[str]]:
    """Every list of words that a schema lets somebody choose from."""
    if isinstance(schema, dict):
        yield from [schema["enum"]] if "enum" in schema else []
        yield from (found for each in schema.values() for found in choices(each))


def module_of(path: Path) -> ModuleType:
    """A module of docs, which is no package."""
    spec = importlib.util.spec_from_file_location(f"docs_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    return module_of(ROOT / "docs" / "generate.py")


@pytest.fixture(scope="module")
def mappings_page() -> ModuleType:
    return module_of(ROOT / "docs" / "mappings_page.py")


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
    pages = {path.name for path in REFERENCE.iterdir()}

    assert pages == set(generate.PAGES)


def test_no_row_of_a_page_is_left_blank() -> None:
    """Who looks up a key reads what it means, wherever in the code that is said."""
    blank = [
        f"{path.name}: {row}: {column}"
        for path in REFERENCE.iterdir()
        for row, column, cell in cells(path.read_text("utf-8"))
        if not cell and column not in MAY_BE_BLANK.get(path.name, set())
    ]

    assert blank == []


def test_every_word_that_a_mapping_may_choose_is_in_its_page() -> None:
    """Those of a table's entries and those that several keys share, too."""
    page = (REFERENCE / "mappings.md").read_text("utf-8")
    listed = {cell for _, column, cell in cells(page) if column == "values"}

    wanted = {", ".join(f"`{word}`" for word in words) for words in choices(grammar())}
    assert wanted - listed == set()


def test_a_row_has_what_the_grammar_says_elsewhere(mappings_page: ModuleType) -> None:
    """Toy grammar: what a key refers to, what it says itself all the same, and the words of a table's entries."""
    shared = {"how": {"enum": ["a", "b"], "description": "How."}}
    own = {"$ref": "#/definitions/how", "description": "Its own."}
    table = {"description": "A table.", "additionalProperties": {"$ref": "#/definitions/how"}}
    deep = {"description": "A list.", "items": {"properties": {"by": {"$ref": "#/definitions/how"}}}}
    toy = {"definitions": shared, "properties": {"by": own, "each": table, "all": deep}}

    assert [row[:3] for row in mappings_page.grammar_rows(toy)] == [
        ("`by`", "Its own.", "`a`, `b`"),
        ("`each`", "A table.", "`a`, `b`"),
        ("`all`", "A list.", ""),
        ("`all[].by`", "How.", "`a`, `b`"),
    ]


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
