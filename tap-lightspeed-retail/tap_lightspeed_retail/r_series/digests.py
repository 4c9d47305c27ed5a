"""Digests by number, of blocks of rows or of single ones, and how STATE says them: ``7:0badcafe 8:0000001c``."""

from __future__ import annotations

from collections.abc import Mapping

SPAN = 100
"""Ids per block of rows, at least."""
MOST_BLOCKS = 512


def digests_in(text: str) -> dict[int, int]:
    """What ``digests_text`` has written."""
    pairs = (word.partition(":") for word in text.split())
    return {int(number): int(digest, 16) for number, _, digest in pairs}


def digests_text(digests: Mapping[int, int], most: int) -> str:
    """Digests by number, as STATE says them; of more than ``most`` the lowest are forgotten."""
    return " ".join(f"{number}:{digests[number]:08x}" for number in sorted(digests)[-most:])
