"""Record ids: fifteen case-sensitive characters, and the three that make them safe to compare without case."""

from __future__ import annotations

import re

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_SHAPE = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?")


def checksum(short: str) -> str:
    """The three letters after a 15-character id: one per block of five, a bit for each capital.

    Source: docs/vendors/salesforce.md, ids.
    """
    blocks = (short[0:5], short[5:10], short[10:15])
    return "".join(_CHECK[sum(1 << bit for bit, char in enumerate(block) if "A" <= char <= "Z")] for block in blocks)


def make_id(prefix: str, number: int) -> str:
    """The 18-character id of the ``number``-th row under a key prefix."""
    digits = ""
    for _ in range(10):
        number, rest = divmod(number, 62)
        digits = _ALPHABET[rest] + digits
    short = f"{prefix}5e{digits}"
    return short + checksum(short)


def is_id_shaped(text: object) -> bool:
    """Whether a text may be an id at all: fifteen or eighteen letters and digits."""
    return isinstance(text, str) and _SHAPE.fullmatch(text) is not None


def long_id(text: object, *, mend: bool = False) -> str | None:
    """The 18-character form of an id as a client sends it; None when it is no id, or its last three do not fit.

    Args:
        text: What was sent.
        mend: Whether those three mend the case of the others.
    """
    if not isinstance(text, str) or not _SHAPE.fullmatch(text):
        return None
    if len(text) == 15:
        return text + checksum(text)
    if text[15:] == checksum(text[:15]):
        return text
    if not mend:
        return None
    letters = text[15:].upper()
    if not set(letters) <= set(_CHECK):
        return None
    mended = _with_case(text[:15], letters)
    return mended if checksum(mended[:15]) == mended[15:] else None


def _with_case(short: str, letters: str) -> str:
    capitals = [_CHECK.index(letter) >> bit & 1 for letter in letters for bit in range(5)]
    cased = (char.upper() if capital else char.lower() for char, capital in zip(short, capitals, strict=True))
    return "".join(cased) + letters
