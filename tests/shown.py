"""Who shows the effect of what is declared: the node id of a test, which is there and names the thing in its code."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from singer_sdk.plugin_base import PluginBase

from tests.lanes import ROOT


def unshown(shown: Mapping[str, str]) -> list[str]:
    """What is not named, word for word, by the test that is said to show it: in its decorators, or in its body."""
    return [each for each, node_id in shown.items() if not all(_is_word(word, node_id) for word in each.split())]


def of_the_sdk(plugin: type[PluginBase]) -> set[str]:
    """The settings that the Singer SDK adds to those of a plugin."""
    schema: dict[str, Any] = {"properties": {}}
    plugin.append_builtin_config(schema)
    return {*schema["properties"]}


def _is_word(word: str, node_id: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", _code(node_id)) is not None


@cache
def _code(node_id: str) -> str:
    """The code of a test without its name and its docstring; empty where there is no such test."""
    path, _, name = node_id.partition("::")
    for node in ast.parse((ROOT / path).read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            body = node.body[1:] if ast.get_docstring(node) else node.body
            return "\n".join(map(ast.unparse, [*node.decorator_list, *body]))
    return ""
