"""YAML that holds plain data alone: texts, numbers, days, lists and maps. All else is refused where it stands."""

from __future__ import annotations

from typing import Any

from ruamel.yaml.constructor import ConstructorError, RoundTripConstructor
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

CORE = "tag:yaml.org,2002:"
TEXT, MERGE = f"{CORE}str", f"{CORE}merge"
KINDS = {SequenceNode: {f"{CORE}seq"}, MappingNode: {f"{CORE}map"}}
SCALARS = {TEXT, MERGE, *(f"{CORE}{name}" for name in ("int", "float", "bool", "null", "timestamp"))}
MOST = 100_000
"""Values in one document, with each alias written out: a few lines of aliases of aliases would be billions."""


class PlainConstructor(RoundTripConstructor):
    """Says where a value stands that is not plain: ruamel says only that there is one, or makes a thing of its own."""

    def construct_document(self, node: Any) -> Any:  # as ruamel calls it
        """What a document holds."""
        self._count(node, {})
        return super().construct_document(node)

    def construct_object(self, node: Any, deep: bool = False) -> Any:  # as ruamel calls it
        """What a node holds."""
        try:
            return super().construct_object(node, deep)
        except ValueError:
            raise _refusal("this looks like a date or a number and is none", node) from None

    def _count(self, node: Any, counted: dict[int, int]) -> int:
        """How many values a node stands for; each is looked at once, whatever stands for it elsewhere."""
        if id(node) in counted:
            if not counted[id(node)]:
                problem = "an alias within what it stands for; take it out"
                raise ConstructorError(problem=problem, problem_mark=node.start_mark)
            return counted[id(node)]
        counted[id(node)] = 0
        self._look_at(node)
        inside = [] if isinstance(node, ScalarNode) else node.value
        parts = [part for each in inside for part in (each if isinstance(each, tuple) else (each,))]
        counted[id(node)] = 1 + sum(self._count(part, counted) for part in parts)
        if counted[id(node)] > MOST:
            problem = f"more than {MOST} values, with aliases written out; take them out"
            raise ConstructorError(problem=problem, problem_mark=node.start_mark)
        return counted[id(node)]

    def _look_at(self, node: Any) -> None:
        tag = str(node.tag)
        if tag not in KINDS.get(type(node), SCALARS) or (
            isinstance(node, ScalarNode)
            and tag != TEXT
            and tag != str(self.resolver.resolve(ScalarNode, node.value, (True, False)))
        ):
            problem = "a tag (`!...`) that this file has no use for; take it away"
            raise ConstructorError(problem=problem, problem_mark=node.start_mark)
        for key, _ in node.value if isinstance(node, MappingNode) else ():
            if str(key.tag) not in (TEXT, MERGE):
                raise _refusal("this stands where a name should, and is no text", key)


def _refusal(problem: str, node: Any) -> ConstructorError:
    quoted = f"{problem}; put it in quotes if it is meant as text"
    return ConstructorError(problem=quoted, problem_mark=node.start_mark)
