"""The mutants of a file: what is changed is mutmut's to say.

Left out is what only people read, and what says the same twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

import libcst as cst
from mutmut.mutation.file_mutation import create_mutations, deep_replace


@dataclass(frozen=True)
class Mutant:
    """One change of one file.

    Attributes:
        path: The file, from the root of the project.
        lines: The lines of the unbroken file that it changes, from 1.
        was: The text of these lines, stripped.
        now: The text in their place, stripped.
        code: The whole broken file.
    """

    path: Path
    lines: range
    was: str
    now: str
    code: str

    def diff(self, original: str) -> str:
        """The change, as `diff -u` shows it."""
        found = list(unified_diff(original.splitlines(), self.code.splitlines(), lineterm="", n=1))
        return "\n".join(f"    {line}" for line in found[3:])


class Mutants:
    """What may be changed in a file; rendering is dear, so that a mutant is made when it is asked for."""

    def __init__(self, root: Path, path: Path, left_alone: frozenset[str]):
        self.path, self._left_alone = path, left_alone
        self._source = (root / path).read_text(encoding="utf-8")
        self._module, found, _, _ = create_mutations(str(path), self._source)
        self._parents = dict(_parents(self._module))
        self._changes = [(one.original_node, one.mutated_node) for one in found if self._tells(one)]

    def __len__(self) -> int:
        return len(self._changes)

    def __getitem__(self, index: int) -> Mutant:
        """The mutant of that number.

        Raises:
            IndexError: there is none.
        """
        changed = deep_replace(self._module, *self._changes[index])
        assert isinstance(changed, cst.Module)
        before, after = self._source.splitlines(), changed.code.splitlines()
        top = _alike(before, after)
        bottom = min(_alike(before[::-1], after[::-1]), len(before) - top, len(after) - top)
        was, now = before[top : len(before) - bottom], after[top : len(after) - bottom]
        return Mutant(self.path, range(top + 1, top + 1 + max(len(was), 1)), _text(was), _text(now), changed.code)

    def _tells(self, one: object) -> bool:
        node, mutated = one.original_node, one.mutated_node  # type: ignore[attr-defined]
        text = isinstance(node, cst.BaseString) and isinstance(mutated, cst.SimpleString)
        if text and ("XX" not in mutated.value or self._within(node, cst.Raise)):
            return False
        return not any(self._is_left_alone(above) for above in (node, *self._above(node)))

    def _is_left_alone(self, node: cst.CSTNode) -> bool:
        if not isinstance(node, cst.Call):
            return False
        name = node.func.attr if isinstance(node.func, cst.Attribute) else node.func
        return isinstance(name, cst.Name) and name.value in self._left_alone

    def _within(self, node: cst.CSTNode, kind: type[cst.CSTNode]) -> bool:
        return any(isinstance(above, kind) for above in self._above(node))

    def _above(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        while (above := self._parents.get(node)) is not None:
            yield above
            node = above


def _parents(node: cst.CSTNode) -> Iterator[tuple[cst.CSTNode, cst.CSTNode]]:
    for child in node.children:
        yield child, node
        yield from _parents(child)


def _alike(one: list[str], other: list[str]) -> int:
    return next(
        (i for i, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), min(len(one), len(other))
    )


def _text(lines: list[str]) -> str:
    return " ".join(" ".join(lines).split())
