"""No function is left behind that nobody calls any more."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("tap-lightspeed-retail", "target-salesforce-retail", "sandbox")


def uncalled(source: str) -> list[str]:
    """Functions of a module that are its own alone, by their names, and that nothing in it names but themselves."""
    tree = ast.parse(source)
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    named = Counter(_names(tree))
    own = [each for each in tree.body if isinstance(each, functions) and each.name.startswith("_")]
    private = [each for each in own if not each.decorator_list]  # a decorator may hand it to whoever calls it
    return [each.name for each in private if named[each.name] == Counter(_names(each))[each.name]]


def _names(tree: ast.AST) -> list[str]:
    """What is named in it, by itself or of something; a definition does not name what it defines."""
    names = [each.id for each in ast.walk(tree) if isinstance(each, ast.Name)]
    return names + [each.attr for each in ast.walk(tree) if isinstance(each, ast.Attribute)]


def test_every_private_function_of_a_module_is_named_in_it() -> None:
    """Others have no business with it: what its own module does not call is dead."""
    dead = [
        f"{path.relative_to(ROOT)}: {name}"
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        for name in uncalled(path.read_text("utf-8"))
    ]

    assert dead == []


def test_who_calls_nobody_but_itself_is_not_called() -> None:
    """Handed on as a value, used as a decorator, or given to one: all that is a call."""
    source = (
        "def _dead(n): return _dead(n - 1)\n"
        "def _key(row): return row\n"
        "def _wrap(f): return f\n"
        "async def _gone(): ...\n"
        "@_wrap\ndef listed(rows): return sorted(rows, key=_key)\n"
        "@_wrap\ndef _registered(): ...\n"
    )

    assert uncalled(source) == ["_dead", "_gone"]
