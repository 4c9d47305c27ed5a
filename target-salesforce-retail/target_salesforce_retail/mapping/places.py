"""Where things stand in a YAML document, and how a problem is said: ``file:line path: sentence``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from types import NoneType
from typing import Any

LONGEST = 60
KINDS = {
    "string": "text",
    "number": "number",
    "integer": "whole number",
    "boolean": "true or false",
    "null": "blank",
    "array": "list",
    "object": "map of keys",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a rule stands."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong."""

    file: str
    line: int
    path: str
    text: str

    def __str__(self) -> str:
        return (
            f"{self.file}:{self.line} {self.path}: {self.text}"
            if self.path
            else f"{self.file}:{self.line}: {self.text}"
        )


@dataclass(frozen=True)
class Document:
    """One YAML document with its file; ``data`` is ruamel's round-trip tree, which knows its positions."""

    file: str
    data: Any

    def line(self, path: Iterable[Any]) -> int:
        """Line of the deepest step of the path that has a position of its own."""
        node, line = self.data, self._first_line()
        with suppress(AttributeError, KeyError, TypeError):  # what `<<` merges in has no position here
            for step in path:
                position = node.lc.key(step) if isinstance(step, str) else node.lc.item(step)
                line, node = position[0] + 1, node[step]
        return line

    def _first_line(self) -> int:
        return self.data.lc.line + 1 if hasattr(self.data, "lc") else 1

    def place(self, *path: Any) -> Place:
        """Where a path stands."""
        return Place(self.file, self.line(path))

    def problem(self, path: Iterable[Any], text: str) -> Problem:
        """A problem at a path."""
        steps = list(path)
        return Problem(self.file, self.line(steps), "/".join(short(str(step)) for step in steps), text)

    def problem_at(self, line: int, text: str) -> Problem:
        """A problem at a line."""
        return Problem(self.file, line, "", text)


def sentence(document: Document, error: Any) -> Iterator[Problem]:
    """What a schema error means; an unknown key is named at its own line."""
    path = list(error.absolute_path)
    if error.validator == "additionalProperties":
        known = sorted(error.schema.get("properties", {}))
        for name in sorted(map(str, set(error.instance) - set(known))):
            yield document.problem([*path, name], f"unknown key `{short(name)}`{did_you_mean(name, known)}")
    elif error.validator == "required":
        for name in sorted(set(error.validator_value) - set(error.instance)):
            yield document.problem(path, f"`{name}` is missing")
    elif error.validator == "enum":
        choices = ", ".join(str(each) for each in error.validator_value)
        given = str(error.instance) if isinstance(error.instance, str | int | float) else f"a {_kind(error.instance)}"
        hint = did_you_mean(given, map(str, error.validator_value))
        yield document.problem(path, f"`{short(given)}` is not one of {choices}{hint}")
    else:
        yield document.problem(path, _mismatch(error))


def _mismatch(error: Any) -> str:
    """Without what stands there: that may be a shopper's address, or without end."""
    wanted = error.validator_value
    if error.validator == "type":
        kinds = [wanted] if isinstance(wanted, str) else wanted
        needs_quotes = "string" in kinds and not isinstance(error.instance, list | dict | NoneType)
        quotes = "; put it in quotes" if needs_quotes else ""
        return f"a {_kind(error.instance)} stands where a {' or '.join(KINDS[each] for each in kinds)} should{quotes}"
    if error.validator == "pattern":
        return f"does not look like `{wanted}`"
    if error.validator == "minimum":
        return f"is less than {wanted}"
    if error.validator in ("minItems", "minProperties"):
        return f"needs {wanted} {'entry' if wanted == 1 else 'entries'} at least"
    return f"is not as the grammar wants it (`{error.validator}`)"


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return KINDS["boolean"]
    kinds = {str: "string", int: "number", float: "number", list: "array", dict: "object", type(None): "null"}
    return next((KINDS[name] for kind, name in kinds.items() if isinstance(value, kind)), "date")


def short(text: str) -> str:
    """What a problem may quote of a file."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`; did you mean ...?` when something known is close, else nothing."""
    close = get_close_matches(name, list(known), n=1)
    return f"; did you mean `{close[0]}`?" if close else ""


def names(value: Any) -> tuple[str, ...]:
    """One name or a list of names, as a tuple."""
    if value is None:
        return ()
    return (str(value),) if isinstance(value, str) else tuple(str(each) for each in value)
