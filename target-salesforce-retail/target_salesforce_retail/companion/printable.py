"""Text of others on a terminal: what would move its cursor, ring its bell or turn its line round is spelt out."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Any

import simplejson


def printable(text: str) -> str:
    """The text with every control, format and half character as its escape, as Python would write it."""
    return "".join(_spelt(char) if _acts(char) else char for char in text)


def iso(moment: date) -> str:
    """An instant or a day as ISO text."""
    return moment.isoformat()


def json_text(whole: Any, moment: Callable[[Any], str] = iso) -> str:
    """JSON for a person's terminal, too: the one control that it lets stand is spelt out.

    Args:
        whole: What to tell.
        moment: How a time is told.
    """
    text: str = simplejson.dumps(whole, indent=2, use_decimal=True, default=moment)
    return text.replace("\x7f", "\\u007f")


def _acts(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def _spelt(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
