"""Who may import what. Walks the AST, so imports inside functions and under TYPE_CHECKING count too."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
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

PATH = ("pipeline", "deliver", "keep", "merging", "isolate")
"""The modules that lead through the stages."""
ROOMS = ("singer", "companion", "run", "sentences", "rehearse", *PATH, "stages", "mapping", "org", "ledger")
"""The target's rooms that do something; the others hold what travels between them."""

SERIES = (f"{TAP}.r_series", f"{TAP}.x_series")
AWAITED = {f"{TAP}.x_series"}
"""Rooms whose rules are there before them."""
TAP_ROOMS = (
    *(
        "authorize",
        "catalog",
        "cli",
        "clock",
        "defects",
        "emit",
        "errors",
        "files",
        "follow",
        "misfits",
        "scan",
        "series",
        "settings",
        "state",
        "streams",
        "tap",
        "web",
    ),
    *("writer", "r_series", "x_series"),
)
"""All rooms of the tap. What every series shares knows none of them."""
R_LEAVES = ("context", "dates", "forms", "ids", "notes")
R_MEANINGS = (
    "bookmark",
    "bookmark_schema",
    "fields",
    "guard",
    "late_ids",
    "progress",
    "row_types",
    "shape",
    "table",
    "unreadable",
)
"""What rows and bookmarks mean, whoever asks for them and whenever."""
R_STEPS = ("limits", "pages", "positions", "reread", "scans.by_id", "scans.full", "scans.still_open", "second_look")
"""Modules that ask what they are given to ask; they do not sleep, read the clock or log either."""
FLOORS = 8
"""Modules from the door of the tap down to one that imports none of ours: so many a reader has to keep in mind."""


def all_but(*kept: str) -> tuple[str, ...]:
    """The target's rooms without these."""
    return tuple(f"{TARGET}.{room}" for room in ROOMS if room not in kept)


def all_of_tap_but(*kept: str) -> tuple[str, ...]:
    """The tap's rooms without these."""
    return tuple(f"{TAP}.{room}" for room in TAP_ROOMS if room not in kept)


RULES: tuple[tuple[str, tuple[str, ...]], ...] = (
    # room (module prefix), module prefixes it never imports
    *(
        (f"{TARGET}.{leaf}", (TARGET, *HTTP, *SDK, *SQL, *CLOCK))
        for leaf in ("words", "reasons", "trail", "values", "metadata", "errors", "invocation")
    ),
    *(
        (f"{TARGET}.{noun}", (*all_but(), f"{TARGET}.errors", f"{TARGET}.ports", *HTTP, *SDK, *SQL, *CLOCK))
        for noun in ("answers", "incoming", "nouns")
    ),
    (f"{TARGET}.ports", (*all_but(), *HTTP, *SDK, *SQL, *CLOCK)),
    (f"{TARGET}.defects", (TARGET, *HTTP, *SDK, *SQL, *CLOCK)),
    (f"{TARGET}.mapping", (*all_but("mapping"), *HTTP, *SDK, *SQL, *CLOCK)),
    (f"{TARGET}.stages", (*all_but("stages", "mapping"), *HTTP, *SDK, *SQL, *CLOCK)),
    *((f"{TARGET}.{step}", (*all_but(*PATH, "stages", "mapping"), *HTTP, *SDK, *SQL, *CLOCK)) for step in PATH),
    (f"{TARGET}.org", (*all_but("org"), *SDK, *SQL)),
    (f"{TARGET}.ledger", (*all_but("ledger"), *HTTP, *SDK)),
    (f"{TARGET}.sentences", (*all_but("sentences"), *HTTP, *SDK, *SQL, *CLOCK)),
    (f"{TARGET}.run", (f"{TARGET}.singer", f"{TARGET}.companion", f"{TARGET}.rehearse", *HTTP, *SDK, *SQL)),
    (f"{TARGET}.rehearse", (f"{TARGET}.singer", f"{TARGET}.companion", *HTTP, *SDK, *SQL)),
    (f"{TARGET}.singer", (*all_but("singer", "run"), *HTTP, *SQL)),
    *(
        (f"{TARGET}.singer.{leaf}", (*all_but("singer"), f"{TARGET}.singer.target", *SDK, *CLOCK))
        for leaf in ("lines", "messages", "batches", "arrivals", "schemas")
    ),
    (f"{TARGET}.companion", (f"{TARGET}.org", *HTTP, *SQL)),
    (f"{TARGET}.companion.memory_org", (*all_but("companion", "mapping"), *SDK)),
    (f"{TARGET}", (TAP, "sandbox", "tests")),
    *(
        (f"{TAP}.{leaf}", (TAP, *HTTP, *SDK, *SQL, *CLOCK))
        for leaf in (
            "errors",
            "misfits",
            "scan",
            "streams",
            "web.api",
            "web.throttle",
            *(f"r_series.{each}" for each in R_LEAVES),
        )
    ),
    (f"{TAP}.defects", (*all_of_tap_but("errors"), *HTTP, *SQL, "time")),
    (f"{TAP}.files", (*all_of_tap_but("errors"), *HTTP, *SDK, *SQL, *CLOCK)),
    (f"{TAP}.clock", (TAP, *HTTP, *SDK, *SQL, "logging")),
    (f"{TAP}.writer", (TAP, *HTTP, *SQL, *CLOCK)),
    (f"{TAP}.series", (*all_of_tap_but("clock", "misfits", "scan"), *HTTP, *SDK, *SQL, *CLOCK)),
    (f"{TAP}.catalog", (*all_of_tap_but("errors", "misfits", "streams"), *HTTP, *SQL, *CLOCK)),
    (f"{TAP}.state", (*all_of_tap_but("errors", "misfits"), *HTTP, *SDK, *SQL, *CLOCK)),
    (f"{TAP}.settings", (*all_of_tap_but("errors", "misfits", "streams"), *HTTP, *SQL, *CLOCK)),
    (f"{TAP}.emit", (*all_of_tap_but("errors", "scan", "series", "streams"), *HTTP, *SQL, *CLOCK)),
    (f"{TAP}.follow", (*all_of_tap_but("clock", "errors", "scan"), *HTTP, *SDK, *SQL, "time")),
    (f"{TAP}.web", (*all_of_tap_but("errors", "web"), *SDK, *SQL, "time")),
    (f"{TAP}.authorize", (*all_of_tap_but("defects", "errors", "web"), *SDK, *SQL)),
    (f"{TAP}.tap", (f"{TAP}.cli", f"{TAP}.authorize", f"{TAP}.web", *HTTP, *SQL, *CLOCK)),
    (f"{TAP}.cli", (*all_of_tap_but("authorize", "tap"), *HTTP, *SDK, *SQL, *CLOCK)),
    *(
        (
            series,
            (
                *(other for other in SERIES if other != series),
                *(
                    f"{TAP}.{door}"
                    for door in ("tap", "catalog", "emit", "follow", "settings", "state", "writer", "cli", "authorize")
                ),
                *HTTP,
                *SDK,
                *SQL,
                "time",
            ),
        )
        for series in SERIES
    ),
    *(
        (f"{TAP}.r_series.{room}", (f"{TAP}.clock", f"{TAP}.web", f"{TAP}.r_series.reader", *CLOCK))
        for room in R_MEANINGS
    ),
    *(
        (f"{TAP}.r_series.{room}", (f"{TAP}.clock", *(f"{TAP}.web.{part}" for part in ("client", "transport")), *CLOCK))
        for room in R_STEPS
    ),
    (f"{TAP}", (TARGET, "sandbox", "tests")),
    ("sandbox", (TAP, TARGET, "tests")),
)
NEVER = dict(RULES)

SPEAK_HTTP = {TARGET: (f"{TARGET}.org",), TAP: (f"{TAP}.web", f"{TAP}.authorize")}
"""Who speaks HTTP. ``authorize`` asks for the first tokens, before there is anything to connect to."""


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
    rules = {
        name: [(room, NEVER[room]) for room in NEVER if within(name, room)] for name in {e.importer for e in found}
    }
    return [
        f"{each.place}: {each.importer} imports {each.imported}, which {room} never does"
        for each in found
        for room, never in rules[each.importer]
        for banned in never
        if within(each.imported, banned) and not within(each.imported, room)
    ]


def plugins(root: Path) -> list[tuple[Path, str]]:
    return [(root / "tap-lightspeed-retail", TAP), (root / "target-salesforce-retail", TARGET)]


@cache
def all_imports(root: Path) -> list[Import]:
    return [
        each
        for base, package in [*plugins(root), (root, "sandbox")]
        for name, path in modules(root, package, base)
        for each in imports(name, path, root)
    ]


def imported_modules(found: list[Import]) -> dict[str, set[str]]:
    """Which of these modules each of them imports, without the packages that it is in."""
    edges: dict[str, set[str]] = {each.importer: set() for each in found}
    for each in found:
        target = each.imported
        while target and target not in edges:
            target = target.rpartition(".")[0]
        if target and target != each.importer and not within(each.importer, target):
            edges[each.importer].add(target)
    return edges


def cycles(found: list[Import]) -> list[str]:
    """Modules of one package that import each other in a ring at import time, each ring once."""
    edges = imported_modules(found)
    return sorted({ring for name in edges if (ring := _ring(name, edges))})


def floors(found: list[Import], *doors: str) -> list[str]:
    """The longest chain of imports from one of these doors down; where there is no ring."""
    edges = imported_modules(found)
    longest: dict[str, list[str]] = {}

    def down(name: str) -> list[str]:
        if name not in longest:
            longest[name] = [name, *max((down(each) for each in sorted(edges[name])), key=len, default=[])]
        return longest[name]

    return max((down(door) for door in doors), key=len)


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


def missing_rooms(root: Path) -> set[str]:
    """Modules of the two plugins that a rule names and that are not there, on either side of it."""
    there = {name for base, package in plugins(root) for name, _ in modules(root, package, base)}
    named = {*NEVER, *(room for never in NEVER.values() for room in never)}
    return {room for room in named if within(room, TAP) or within(room, TARGET)} - there


def test_every_room_that_has_a_rule_is_there() -> None:
    """A rule about a module that was renamed would hold for ever."""
    assert missing_rooms(ROOT) == AWAITED


def test_a_room_has_one_rule() -> None:
    """Of two, the one that is written first would be lost."""
    assert [room for room, count in Counter(room for room, _ in RULES).items() if count > 1] == []


def test_every_room_of_the_tap_has_a_rule() -> None:
    """A new one is asked what it may know."""
    below = {name.split(".")[1] for name, _ in modules(ROOT, TAP, ROOT / "tap-lightspeed-retail") if "." in name}

    assert below - {"__main__", "schemas"} == {*TAP_ROOMS} - {room.rpartition(".")[2] for room in AWAITED}
    assert {f"{TAP}.{room}" for room in TAP_ROOMS} <= {*NEVER}


def test_a_room_that_is_gone_is_found_on_a_toy_tree(tmp_path: Path) -> None:
    """In the tap as in the target."""
    missing = missing_rooms(tmp_path)

    assert {f"{TAP}.emit", f"{TAP}.r_series.ids", f"{TARGET}.run", f"{TARGET}.org"} <= missing


@pytest.mark.parametrize("package", [TAP, TARGET])
def test_only_who_must_speaks_http(package: str) -> None:
    """In the target nobody but org/ imports an HTTP client, in the tap nobody but web/ and ``authorize``."""
    strangers = [
        f"{each.place}: {each.importer} imports {each.imported}"
        for each in all_imports(ROOT)
        if within(each.importer, package)
        and not any(within(each.importer, room) for room in SPEAK_HTTP[package])
        and any(within(each.imported, client) for client in HTTP)
    ]

    assert strangers == []


def test_the_tap_has_few_floors() -> None:
    """From its door down to the last module."""
    found = [each for each in all_imports(ROOT) if within(each.importer, TAP)]
    chain = floors(found, f"{TAP}.cli", f"{TAP}.tap")

    assert len(chain) <= FLOORS, " -> ".join(chain)


def test_a_deep_house_is_found_on_a_toy_tree(tmp_path: Path) -> None:
    """The longest of the chains, and imports within functions count."""
    package = tmp_path / "sandbox"
    package.mkdir()
    for number in range(9):
        (package / f"m{number}.py").write_text(f"def f():\n    from sandbox.m{number + 1} import x", encoding="utf-8")
    (package / "door.py").write_text("import sandbox.m7\nimport sandbox.m0", encoding="utf-8")
    (package / "m9.py").write_text("import json", encoding="utf-8")

    chain = floors(all_imports(tmp_path), "sandbox.m3", "sandbox.door")

    assert chain == ["sandbox.door", *(f"sandbox.m{number}" for number in range(10))]
    assert len(chain) > FLOORS


def test_of_those_who_lead_through_the_stages_the_pipeline_alone_reads_a_clock() -> None:
    """A stage is told what time it is, or asks the org, which tells it as any other answer."""
    house = ROOT / "target-salesforce-retail" / TARGET
    paths = [*sorted((house / "stages").rglob("*.py")), *(house / f"{step}.py" for step in PATH)]
    asking = [
        path.relative_to(house).as_posix()
        for path in paths
        if re.search(r"\bdate(time)?\.(now|today|utcnow)\(", path.read_text("utf-8"))
    ]

    assert asking == ["pipeline.py"]


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
        (f"tap-lightspeed-retail/{TAP}/r_series/shape/sales.py", "import singer_sdk"),
        (f"tap-lightspeed-retail/{TAP}/r_series/connect.py", f"from {TAP} import emit"),
        (f"tap-lightspeed-retail/{TAP}/r_series/reader.py", "import requests"),
        (f"tap-lightspeed-retail/{TAP}/r_series/ids.py", f"from {TAP}.scan import Reading"),
        (f"tap-lightspeed-retail/{TAP}/r_series/bookmark.py", "import logging"),
        (f"tap-lightspeed-retail/{TAP}/r_series/fields.py", f"from {TAP}.web.api import Params"),
        (f"tap-lightspeed-retail/{TAP}/r_series/scans/full.py", f"from {TAP}.clock import Clock"),
        (f"tap-lightspeed-retail/{TAP}/r_series/connect.py", f"from {TAP} import x_series"),
        (f"tap-lightspeed-retail/{TAP}/x_series/connect.py", f"from {TAP}.r_series.bookmark import Bookmark"),
        (f"tap-lightspeed-retail/{TAP}/emit.py", f"def f():\n    from {TAP}.r_series import connect"),
        (f"tap-lightspeed-retail/{TAP}/settings.py", f"from {TAP}.r_series.guard import Guard"),
        (f"tap-lightspeed-retail/{TAP}/web/client.py", "from .. import series"),
        (f"tap-lightspeed-retail/{TAP}/web/throttle.py", "import time"),
        (f"tap-lightspeed-retail/{TAP}/follow.py", "import singer_sdk"),
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
