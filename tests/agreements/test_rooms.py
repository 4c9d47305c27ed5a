"""Who may import what. Walks the AST, so imports inside functions and under TYPE_CHECKING count too."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TAP = "tap_lightspeed_retail"
TARGET = "target_salesforce_retail"
HTTP = ("requests", "simple_salesforce", "urllib3")
SDK = ("singer_sdk",)
SQL = ("sqlite3", "sqlalchemy")
CLOCK = ("time", "logging")
"""Stages return: they do not sleep, read the clock or log."""

PATH = ("pipeline", "deliver", "isolate")
"""The modules that lead through the stages."""
ROOMS = ("singer", "companion", "run", *PATH, "stages", "mapping", "org", "ledger")
"""The target's rooms that do something; the others hold what travels between them."""


def all_but(*kept: str) -> tuple[str, ...]:
    """The target's rooms without these."""
    return tuple(f"{TARGET}.{room}" for room in ROOMS if room not in kept)


NEVER: dict[str, tuple[str, ...]] = {
    # room (module prefix) -> module prefixes it never imports
    **{
        f"{TARGET}.{leaf}": (TARGET, *HTTP, *SDK, *SQL, *CLOCK)
        for leaf in ("words", "reasons", "values", "metadata", "errors")
    },
    **{
        f"{TARGET}.{noun}": (*all_but(), f"{TARGET}.errors", f"{TARGET}.ports", *HTTP, *SDK, *SQL, *CLOCK)
        for noun in ("answers", "incoming", "nouns")
    },
    f"{TARGET}.ports": (*all_but(), *HTTP, *SDK, *SQL, *CLOCK),
    f"{TARGET}.defects": (TARGET, *HTTP, *SDK, *SQL, *CLOCK),
    f"{TARGET}.mapping": (*all_but("mapping"), *HTTP, *SDK, *SQL, *CLOCK),
    f"{TARGET}.stages": (*all_but("stages", "mapping"), *HTTP, *SDK, *SQL, *CLOCK),
    **{f"{TARGET}.{step}": (*all_but(*PATH, "stages", "mapping"), *HTTP, *SDK, *SQL, *CLOCK) for step in PATH},
    f"{TARGET}.org": (*all_but("org"), *SDK, *SQL),
    f"{TARGET}.ledger": (*all_but("ledger"), *HTTP, *SDK),
    f"{TARGET}.run": (f"{TARGET}.singer", f"{TARGET}.companion", *HTTP, *SDK, *SQL),
    f"{TARGET}.singer": (*all_but("singer", "run"), *HTTP, *SQL),
    **{
        f"{TARGET}.singer.{leaf}": (*all_but("singer"), f"{TARGET}.singer.target", *SDK, *CLOCK)
        for leaf in ("lines", "messages", "batches", "arrivals", "schemas")
    },
    f"{TARGET}.companion": (f"{TARGET}.org", *HTTP, *SQL),
    f"{TARGET}.companion.memory_org": (*all_but("companion", "mapping"), *SDK),
    f"{TARGET}": (TAP, "sandbox", "tests"),
    **{
        f"{TAP}.r_series.{room}": (*HTTP, *SDK, *CLOCK, f"{TAP}.tap", f"{TAP}.streams", f"{TAP}.r_series.client")
        for room in ("dates", "fields", "unreadable")
    },
    f"{TAP}.r_series.shape": (*HTTP, *SDK, f"{TAP}.tap", f"{TAP}.streams"),
    **{
        f"{TAP}.r_series.{room}": (*HTTP, *SDK, *CLOCK[:1], f"{TAP}.tap", f"{TAP}.r_series.streams")
        for room in (
            "bookmark",
            "changes",
            "guard",
            "ids",
            "jobs",
            "lists",
            "pages",
            "second_look",
            "source",
            "sources",
            "sweep",
        )
    },
    f"{TAP}.follow": (*HTTP, *SDK, "time", f"{TAP}.tap", f"{TAP}.r_series"),
    f"{TAP}.r_series": (f"{TAP}.x_series", f"{TAP}.tap"),
    f"{TAP}.x_series": (f"{TAP}.r_series", f"{TAP}.tap"),
    f"{TAP}.throttle": (TAP, *HTTP, *SDK, "time"),
    f"{TAP}": (TARGET, "sandbox", "tests"),
    "sandbox": (TAP, TARGET, "tests"),
}

ONLY_ORG_SPEAKS_HTTP = ("requests", "simple_salesforce")


@dataclass(frozen=True)
class Import:
    """One import statement: who, what, where."""

    importer: str
    imported: str
    place: str


def modules(root: Path, package: str, base: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted((base / package).rglob("*.py")):
        name = ".".join(path.relative_to(base).with_suffix("").parts)
        yield name.removesuffix(".__init__"), path


def imports(name: str, path: Path, root: Path) -> Iterator[Import]:
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        place = f"{path.relative_to(root)}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Import):
            yield from (Import(name, alias.name, place) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = node.module or ""
            if node.level:
                parts = package.split(".")
                source = ".".join([*parts[: len(parts) - node.level + 1], *filter(None, [source])])
            yield from (Import(name, f"{source}.{alias.name}", place) for alias in node.names)


def within(module: str, room: str) -> bool:
    return module == room or module.startswith(f"{room}.")


def trespasses(found: list[Import]) -> list[str]:
    return [
        f"{each.place}: {each.importer} imports {each.imported}, which {room} never does"
        for each in found
        for room, never in NEVER.items()
        if within(each.importer, room)
        for banned in never
        if within(each.imported, banned) and not within(each.imported, room)
    ]


def all_imports(root: Path) -> list[Import]:
    bases = [(root / "tap-lightspeed-retail", TAP), (root / "target-salesforce-retail", TARGET), (root, "sandbox")]
    return [
        each
        for base, package in bases
        for name, path in modules(root, package, base)
        for each in imports(name, path, root)
    ]


def cycles(found: list[Import]) -> list[str]:
    """Modules of one package that import each other in a ring at import time, each ring once."""
    names = {each.importer for each in found}
    edges: dict[str, set[str]] = {name: set() for name in names}
    for each in found:
        target = each.imported
        while target and target not in names:
            target = target.rpartition(".")[0]
        if target and target != each.importer and not within(each.importer, target):
            edges[each.importer].add(target)
    return sorted({ring for name in names if (ring := _ring(name, edges))})


def _ring(start: str, edges: dict[str, set[str]]) -> str | None:
    seen: set[str] = set()
    stack = [(start, (start,))]
    while stack:
        name, path = stack.pop()
        for following in edges[name]:
            if following == start:
                return " -> ".join(sorted(path))
            if following not in seen:
                seen.add(following)
                stack.append((following, (*path, following)))
    return None


def test_no_room_imports_what_it_never_does() -> None:
    """The rooms of the house keep their doors."""
    assert trespasses(all_imports(ROOT)) == []


def test_every_room_of_the_target_that_has_a_rule_is_there() -> None:
    """A rule about a module that was renamed would hold for ever."""
    there = {name for name, _ in modules(ROOT, TARGET, ROOT / "target-salesforce-retail")}
    named = {room for room in NEVER if within(room, TARGET)} | set(all_but())

    assert named - there == set()


def test_only_the_org_room_speaks_http() -> None:
    """In the target nobody but org/ imports an HTTP client."""
    strangers = [
        f"{each.place}: {each.importer} imports {each.imported}"
        for each in all_imports(ROOT)
        if within(each.importer, TARGET)
        and not within(each.importer, f"{TARGET}.org")
        and any(within(each.imported, client) for client in ONLY_ORG_SPEAKS_HTTP)
    ]

    assert strangers == []


def test_there_is_no_import_cycle() -> None:
    """No ring of modules, in any of the packages."""
    assert cycles(all_imports(ROOT)) == []


@pytest.mark.parametrize(
    ("file", "line"),
    [
        (f"target-salesforce-retail/{TARGET}/stages/plan.py", f"import {TARGET}.org.live"),
        (f"target-salesforce-retail/{TARGET}/stages/plan.py", "def f():\n    import time"),
        (f"target-salesforce-retail/{TARGET}/stages/plan.py", "from ..ledger import store"),
        (f"target-salesforce-retail/{TARGET}/stages/check.py", f"from {TARGET}.singer import settings"),
        (f"target-salesforce-retail/{TARGET}/stages/inside/fit.py", f"import {TARGET}.companion.memory_org"),
        (f"target-salesforce-retail/{TARGET}/run.py", f"from {TARGET}.singer.target import TargetSalesforceRetail"),
        (f"target-salesforce-retail/{TARGET}/singer/lines.py", "import singer_sdk"),
        (f"target-salesforce-retail/{TARGET}/singer/sink.py", f"from {TARGET}.ledger.store import open_ledger"),
        (f"target-salesforce-retail/{TARGET}/nouns.py", "from .errors import RetailError"),
        (f"target-salesforce-retail/{TARGET}/org/write.py", f"from {TARGET}.mapping import rules"),
        (f"target-salesforce-retail/{TARGET}/ledger/store.py", "import requests"),
        (f"tap-lightspeed-retail/{TAP}/r_series/shape.py", "import singer_sdk"),
        (f"tap-lightspeed-retail/{TAP}/tap.py", f"import {TARGET}"),
        ("sandbox/app.py", f"from {TARGET}.nouns import Arrival"),
    ],
)
def test_a_forbidden_import_is_found_on_a_toy_tree(tmp_path: Path, file: str, line: str) -> None:
    """The test above can fail: each of these imports, alone in a toy tree, is named with its file and line."""
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    path.write_text(line, encoding="utf-8")

    found = trespasses(all_imports(tmp_path))

    assert len(found) >= 1
    assert found[0].startswith(f"{file}:{line.count(chr(10)) + 1}: ")


def test_a_ring_is_found_on_a_toy_tree(tmp_path: Path) -> None:
    """Two modules that import each other are one ring."""
    package = tmp_path / "sandbox"
    package.mkdir()
    (package / "a.py").write_text("import sandbox.b", encoding="utf-8")
    (package / "b.py").write_text("from sandbox import a", encoding="utf-8")

    assert cycles(all_imports(tmp_path)) == ["sandbox.a -> sandbox.b"]
