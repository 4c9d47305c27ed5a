"""A leaning: what a decision of a batch stands on that is not certain, because a write is under way.

Two profiles of Ann come in one batch. The first gives her contact the e-mail by which the second finds it: the second
leans on that row. Has it nothing to write, it goes with the first, and is decided again should that be refused; has it
something, it waits for the next round at once (``postponed``).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Leaning:
    """What a decision stands on: rows whose write is under way, and whether something waits for a later round."""

    rows: frozenset[str] = frozenset()
    postponed: bool = False

    def and_also(self, other: Leaning | None) -> Leaning:
        """Both of them."""
        return self if other is None else Leaning(self.rows | other.rows, self.postponed or other.postponed)
