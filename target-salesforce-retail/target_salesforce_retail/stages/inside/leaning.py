"""What a decision of a batch stands on while writes are under way."""

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
