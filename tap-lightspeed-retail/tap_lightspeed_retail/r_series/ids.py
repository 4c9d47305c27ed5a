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

    Attributes:
        ranges: First and last id of each range, as they rise.
    """

    def __init__(self, text: str = "") -> None:
        self.ranges: list[tuple[int, int]] = []
        for word in text.split():
            first, _, last = word.partition("-")
            self.ranges.append((int(first), int(last or first)))

    def __str__(self) -> str:
        return self.text(MOST_RANGES)

    def text(self, most: int) -> str:
        """As ``str``, with so many ranges at most: the lowest are forgotten."""
        kept = self.ranges[-most:]
        return " ".join(str(first) if first == last else f"{first}-{last}" for first, last in kept)

    def __iter__(self) -> Iterator[int]:
        for first, last in self.ranges:
            yield from range(first, last + 1)

    def __len__(self) -> int:
        return sum(last - first + 1 for first, last in self.ranges)

    def __contains__(self, number: int) -> bool:
        at = self._at(number)
        return at >= 0 and number <= self.ranges[at][1]

    @property
    def highest(self) -> int:
        """The greatest of them; 0 when there is none."""
        return self.ranges[-1][1] if self.ranges else 0

    def add(self, number: int) -> None:
        """Take a number in, joining what it touches."""
        if number in self:
            return
        at = self._at(number)
        first = last = number
        low, high = at + 1, at + 1
        if at >= 0 and self.ranges[at][1] == number - 1:
            first, low = self.ranges[at][0], at
        if high < len(self.ranges) and self.ranges[high][0] == number + 1:
            last, high = self.ranges[high][1], high + 1
        self.ranges[low:high] = [(first, last)]

    def discard(self, number: int) -> None:
        """Take a number out."""
        if number not in self:
            return
        at = self._at(number)
        first, last = self.ranges[at]
        parts = [(first, number - 1), (number + 1, last)]
        self.ranges[at : at + 1] = [part for part in parts if part[0] <= part[1]]

    def update(self, numbers: Iterable[int]) -> None:
        """Take several in."""
        for number in numbers:
            self.add(number)

    def join(self, other: Ids) -> None:
        """Take another set in, range by range: a STATE may name more ids than can be counted one by one."""
        joined: list[tuple[int, int]] = []
        for first, last in sorted([*self.ranges, *other.ranges]):
            if joined and first <= joined[-1][1] + 1:
                joined[-1] = (joined[-1][0], max(joined[-1][1], last))
            else:
                joined.append((first, last))
        self.ranges = joined

    def within(self, above: int, through: int) -> Ids:
        """Those greater than ``above``, up to and with ``through``."""
        cut = ((max(first, above + 1), min(last, through)) for first, last in self.ranges)
        found = Ids()
        found.ranges = [(first, last) for first, last in cut if first <= last]
        return found

    def last(self, most: int) -> list[int]:
        """The greatest of them, so many at most, as they rise."""
        found: list[int] = []
        for first, last in reversed(self.ranges):
            found += range(last, max(first - 1, last - most + len(found)), -1)
            if len(found) >= most:
                break
        return found[::-1]

    def drop_below(self, floor: int) -> None:
        """Forget those less than ``floor``."""
        self.ranges = [(max(first, floor), last) for first, last in self.ranges if last >= floor]

    def _at(self, number: int) -> int:
        """Index of the last range that begins at or before the number; -1 when there is none."""
        return bisect_right(self.ranges, number, key=lambda span: span[0]) - 1
