"""Text as people and tills leave it: characters that nobody sees, halves of characters, numbers with an exponent."""

from __future__ import annotations

import unicodedata
from datetime import date
from decimal import Decimal

LONGEST_NUMBER = 255
"""Digits before or behind the point that are written out: an exponent can write a number that no memory does."""
UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0") | {
    chr(each) for selectors in (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0)) for each in selectors
}
"""Characters that show nothing although their category is not Cf: fillers, joiners, selectors of variants."""


def visible(text: str) -> str:
    """The text without characters that nobody sees; blanks stay."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(each for each in text if not _is_unseen(each))


def _is_unseen(character: str) -> bool:
    if character in UNSEEN:
        return True
    return unicodedata.category(character) in ("Cf", "Cc") and not character.isspace()


def shows(text: str) -> bool:
    """True when there is something to be seen in it."""
    return any(not (each.isspace() or _is_unseen(each)) for each in text)


def is_blank(value: object) -> bool:
    """True for null, and for text of nothing but blanks and characters that nobody sees."""
    return value is None or (isinstance(value, str) and not shows(value))


def is_whole(text: str) -> bool:
    """False for text that holds half a character: it cannot be sent, nor kept."""
    return text.isascii() or not any("\ud800" <= each <= "\udfff" for each in text)


def as_text(value: object) -> str:
    """A scalar as text fields hold it: numbers written out, instants and days as ISO text.

    Raises:
        ValueError: No scalar, half a character, or a number that no field is long enough for.
    """
    if isinstance(value, str):
        if not is_whole(value):
            raise ValueError("half a character")
        return value.strip()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float | Decimal):
        return _digits(Decimal(str(value)) if isinstance(value, float) else Decimal(value))
    raise ValueError("not a text, number, boolean or instant")


def _digits(number: Decimal) -> str:
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or max(-exponent, number.adjusted()) > LONGEST_NUMBER:
        raise ValueError("not a number that can be written out")
    return format(number, "f")
