"""Sets of row ids, kept in STATE as ranges: ids are given in order, so that thousands of them are a few words."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

MOST_RANGES = 2000
"""What STATE may hold of one set; beyond that the lowest ids are forgotten."""
END = 2**62
"""An id beyond all."""


def chunks(ids: Sequence[int], most: int) -> Iterator[Sequence[int]]:
    """Ids in their order, so many at a time at most."""
    return (ids[start : start + most] for start in range(0, len(ids), most))


class Ids:
    """A set of positive integers.

    Args:
        text: What ``str`` of a set said: ``1-200 202 207-210``.
    """

    def __init__(self, text: str = "") -> None:
        self._ranges: list[tuple[int, int]] = []
        for word in text.split():
            first, _, last = word.partition("-")
            self._ranges.append((int(first), int(last or first)))

    def __str__(self) -> str:
        return self.text(MOST_RANGES)

    def text(self, most: int) -> str:
        """As ``str``, with so many ranges at most: the lowest are forgotten."""
        kept = self._ranges[-most:]
        return " ".join(str(first) if first == last else f"{first}-{last}" for first, last in kept)

    def __iter__(self) -> Iterator[int]:
        for first, last in self._ranges:
            yield from range(first, last + 1)

    def __len__(self) -> int:
        return sum(last - first + 1 for first, last in self._ranges)

    def __contains__(self, number: int) -> bool:
        at = self._at(number)
        return at >= 0 and number <= self._ranges[at][1]

    @property
    def highest(self) -> int:
        """The greatest of them; 0 when there is none."""
        return self._ranges[-1][1] if self._ranges else 0

    def add(self, number: int) -> None:
        """Take a number in, joining what it touches."""
        if number in self:
            return
        at = self._at(number)
        first = last = number
        low, high = at + 1, at + 1
        if at >= 0 and self._ranges[at][1] == number - 1:
            first, low = self._ranges[at][0], at
        if high < len(self._ranges) and self._ranges[high][0] == number + 1:
            last, high = self._ranges[high][1], high + 1
        self._ranges[low:high] = [(first, last)]

    def discard(self, number: int) -> None:
        """Take a number out."""
        if number not in self:
            return
        at = self._at(number)
        first, last = self._ranges[at]
        parts = [(first, number - 1), (number + 1, last)]
        self._ranges[at : at + 1] = [part for part in parts if part[0] <= part[1]]

    def update(self, numbers: Iterable[int]) -> None:
        """Take several in."""
        for number in numbers:
            self.add(number)

    def within(self, above: int, through: int) -> list[int]:
        """Those greater than ``above``, up to and with ``through``."""
        found: list[int] = []
        for first, last in self._ranges:
            found += range(max(first, above + 1), min(last, through) + 1)
        return found

    def drop_below(self, floor: int) -> None:
        """Forget those less than ``floor``."""
        self._ranges = [(max(first, floor), last) for first, last in self._ranges if last >= floor]

    def _at(self, number: int) -> int:
        """Index of the last range that begins at or before the number; -1 when there is none."""
        return bisect_right(self._ranges, number, key=lambda span: span[0]) - 1
