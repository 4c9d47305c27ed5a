"""Text of others on a terminal: what would move its cursor, ring its bell or turn its line round is spelt out."""

from __future__ import annotations

import unicodedata


def printable(text: str) -> str:
    """The text with every control, format and half character as its escape, as Python would write it."""
    return "".join(_spelt(char) if _acts(char) else char for char in text)


def _acts(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def _spelt(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
