"""Whether JSON that somebody else wrote is what a schema says: where it is not, and what was expected there.

Of what is there instead nothing is quoted: it may be a secret.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from jsonschema import Draft7Validator

LONGEST_NAME = 60
HALF = "text without halves of characters (lone surrogates)"


class Misfit(NamedTuple):
    """The first place where something else was expected.

    Attributes:
        path: The names and numbers that lead there.
        wanted: What was expected.
    """

    path: tuple[str | int, ...]
    wanted: str

    @property
    def place(self) -> str:
        """The path in one word, which a log can hold whatever the names are."""
        return ".".join(plain(str(each)) for each in self.path)


def plain(name: str) -> str:
    """A name as a log can hold it."""
    return ascii(name)[1:-1][:LONGEST_NAME]


def misfit(validator: Draft7Validator, said: Any) -> Misfit | None:
    """The first place that breaks a schema whose every part has a ``description``: what is expected there."""
    error = next(iter(validator.iter_errors(said)), None)
    return Misfit(tuple(error.absolute_path), error.schema["description"]) if error else None


def half_character(said: Any) -> Misfit | None:
    """The first text, or name, that holds half a character: nothing can send it or write it."""
    return next((Misfit(path, HALF) for path, text in _texts(said) if _is_cut(text)), None)


def _texts(said: Any) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every text and every name, however deep, and the path to it."""
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), said)]
    while waiting:
        path, each = waiting.pop()
        if isinstance(each, str):
            yield path, each
        elif isinstance(each, dict):
            yield from (((*path, name), name) for name in each)
            waiting += [((*path, name), value) for name, value in each.items()]
        elif isinstance(each, list):
            waiting += [((*path, number), value) for number, value in enumerate(each)]


def _is_cut(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
