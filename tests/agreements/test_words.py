"""One word per thing: the words that the house has given up are in no name, and the telling ones in no sentence.

ARCHITECTURE.md has the words that took their place. A *name* is one of Python's; its parts are what `_` and capitals
divide. A *sentence* is a comment, a docstring, a message, a line of YAML or of a page.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
RETIRED = YAML(typ="safe").load((Path(__file__).parent / "retired_words.yml").read_text("utf-8"))
NAMES: dict[str, str] = RETIRED["names"]
"""Whole names, without leading underscores, however they are written -> what to say instead."""
PARTS: dict[str, str] = RETIRED["parts"]
"""Parts of names, and words of sentences, too -> what to say instead."""
PHRASES: dict[str, str] = RETIRED["phrases"]
PACKAGES = ("tap-lightspeed-retail", "target-salesforce-retail")
TESTS = ("tests/tap", "tests/target")
PAGES = ("docs/guides", "docs/reference", "transforms", "salesforce", *PACKAGES)
NAMES_IN = {
    "tap-lightspeed-retail": {**NAMES, **RETIRED["only_tap"]},
    "target-salesforce-retail": {**NAMES, **RETIRED["only_target"]},
}
"""Tests may call their own things as they like, but for the words of ``PARTS``."""
CODE = ROOT / "target-salesforce-retail" / "target_salesforce_retail"
TABLE = (ROOT / "ARCHITECTURE.md").read_text("utf-8").partition("## Words")[2]
WORD = re.compile(r"[a-z]+|[A-Z][a-z]*")


def parts_of(name: str) -> list[str]:
    return [part.lower() for part in WORD.findall(name)]


def names_in(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield line, node.name
        elif isinstance(node, ast.arg | ast.keyword):
            yield line, node.arg or ""
        elif isinstance(node, ast.Attribute):
            yield line, node.attr
        elif isinstance(node, ast.Name):
            yield line, node.id
        elif isinstance(node, ast.alias):
            yield line, node.asname or node.name.rpartition(".")[2]
        elif isinstance(node, ast.ImportFrom):
            yield line, (node.module or "").rpartition(".")[2]


def sentences_in(source: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in (tokenize.COMMENT, tokenize.STRING):
            yield token.start[0], token.string


def retired_name(name: str, names: dict[str, str]) -> str | None:
    """The retired word in a name, with what took its place."""
    bare = name.strip("_")
    if bare.lower() in names:
        return f"{name}: say {names[bare.lower()]}"
    found = next((part for part in parts_of(bare) if part in PARTS), None)
    return f"{name}: say {PARTS[found]}" if found else None


def retired_words(text: str) -> Iterator[str]:
    """The retired words of a sentence, with what took their place."""
    yield from (f"{word}: say {PARTS[word]}" for word in re.findall(r"[a-z]+", text.lower()) if word in PARTS)
    yield from (f"{phrase}: say {better}" for phrase, better in PHRASES.items() if phrase in text.lower())


def found_in(path: Path, names: dict[str, str]) -> Iterator[str]:
    source = path.read_text("utf-8")
    place = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path.name
    if path.suffix != ".py":
        lines = enumerate(source.splitlines(), 1)
        yield from (f"{place}:{number}: {found}" for number, line in lines for found in retired_words(line))
        return
    if found := retired_name(path.stem, names):
        yield f"{place}: {found}"
    named = ((line, retired_name(name, names)) for line, name in names_in(ast.parse(source)))
    yield from (f"{place}:{line}: {found}" for line, found in named if found)
    said = ((line, found) for line, text in sentences_in(source) for found in retired_words(text))
    yield from (f"{place}:{line}: {found}" for line, found in said)


def files_of(folder: str, *endings: str) -> list[Path]:
    found = [path for ending in endings for path in sorted((ROOT / folder).rglob(f"*{ending}"))]
    return [path for path in found if str(path.relative_to(ROOT)) not in RETIRED["exempt"]]


@pytest.mark.parametrize("folder", [*PACKAGES, *TESTS])
def test_no_retired_word_is_in_the_code(folder: str) -> None:
    """Names, comments, docstrings, messages."""
    found = [each for path in files_of(folder, ".py") for each in found_in(path, NAMES_IN.get(folder, {}))]

    assert found == []


def test_no_retired_word_is_on_a_page_or_in_yaml() -> None:
    """What users and admins read."""
    paths = [path for folder in PAGES for path in files_of(folder, ".md", ".yml", ".json")]
    paths += [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "meltano.yml")]
    found = [each for path in paths for each in found_in(path, {})]

    assert found == []


def nouns_of(path: Path) -> Iterator[str]:
    """The names of the classes and of the types that a module declares."""
    for each in ast.parse(path.read_text("utf-8")).body:
        if isinstance(each, ast.ClassDef):
            yield each.name
        elif isinstance(each, ast.Assign) and isinstance(each.targets[0], ast.Name):
            name = each.targets[0].id
            yield from [] if name.isupper() or name.startswith("_") else [name]


def spelt(name: str) -> str:
    """DeadEnd as the table has it: dead end."""
    return re.sub(r"(?<!^)(?=[A-Z])", " ", name).lower()


def words_shown(table: str) -> set[str]:
    """The words in bold of a table, and names of the code beside them."""
    return {word for bold in re.findall(r"\*\*([^*]+)\*\*", table) for word in bold.split(", ")} | {
        name for first in re.findall(r"^\| (.+?) \|", table, re.MULTILINE) for name in re.findall(r"`(\w+)`", first)
    }


def test_each_word_that_is_meant_instead_is_in_the_table() -> None:
    """Whoever is told to say something else finds out what it means."""
    meant = {better for words in (PARTS, PHRASES) for better in words.values()}

    assert sorted(meant - words_shown(TABLE)) == []


@pytest.mark.parametrize("module", ["nouns", "incoming", "answers", "trail", "words", "reasons", "ports"])
def test_each_noun_of_the_target_is_in_the_table(module: str) -> None:
    """What travels from room to room, and what the ports are asked, is explained once, to all."""
    shown = words_shown(TABLE)

    assert [name for name in nouns_of(CODE / f"{module}.py") if not {name, spelt(name)} & shown] == []


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("def sweep_all(): ...", 1),
        ("x = 1\nclass FirstSweep: ...", 2),
        ("f(sweep=1)", 1),
        ("from a import sweep", 1),
        ("# one sweep more", 1),
        ("log('The sweep is over.')", 1),
    ],
)
def test_a_retired_word_is_found(tmp_path: Path, source: str, line: int) -> None:
    """Wherever it hides, with its line."""
    path = tmp_path / "toy.py"
    path.write_text(source, "utf-8")
    found = list(found_in(path, {}))

    assert found[0].startswith(f"toy.py:{line}: ")
