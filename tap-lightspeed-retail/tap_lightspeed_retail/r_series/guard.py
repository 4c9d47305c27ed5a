"""Absence is no evidence: how much may be said to have been deleted, because it is not there any more.

An answer under another name, a table that comes empty, rights that were taken away in the middle: each looks as if all
rows had been deleted. Nobody deletes so much, so that somebody has to look first.
"""

from __future__ import annotations

from dataclasses import dataclass

from tap_lightspeed_retail.errors import FEW, Unlikely

NEVER = 1.0
MOST_ASKED = 1_000_000
"""Rows that are asked for by their ids; ten thousand requests and more."""


@dataclass(frozen=True)
class Guard:
    """Refuses to believe what is unlikely.

    Attributes:
        share: What part of the known rows may be gone at once; 1 believes everything.
    """

    share: float

    def allow(self, what: str, gone: int, known: int) -> None:
        """Let so many of the known rows be gone.

        Raises:
            Unlikely: They are too many.
        """
        if gone > FEW and gone > self.share * known and self.share < NEVER:
            raise _unlikely(what, f"{gone} of {known} rows that were known are not there any more")

    def allow_to_ask(self, what: str, missing: int) -> None:
        """Let so many rows that a scan has not found be asked for by their ids.

        Raises:
            Unlikely: It would take days; no shop has lost so many, and a STATE that says so is not this shop's.
        """
        if missing > MOST_ASKED:
            raise Unlikely(
                f"The STATE names {missing:,} rows that are not there, more than can be asked for by their ids.",
                where=what,
                hint="Look whether the STATE is this account's, then read anew with `meltano run --full-refresh`.",
            )

    def allow_none(self, what: str) -> None:
        """Let a table that had rows have none.

        Raises:
            Unlikely: Something must be there for anything to be missing.
        """
        if self.share < NEVER:
            raise _unlikely(what, "Of all rows that were known none is there any more")


def _unlikely(what: str, seen: str) -> Unlikely:
    return Unlikely(
        f"{seen}: nothing was said to be deleted, and the next run scans again.",
        where=what,
        hint="If they were deleted, run once with max_deleted_share: 1; if not, look at the account and its rights.",
    )
