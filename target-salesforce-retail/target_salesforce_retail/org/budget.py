"""The org's daily calls: how many are used, as its answers say, and how many of them may be.

What others use counts too, and a share is left to them.
"""

from __future__ import annotations

import re

from target_salesforce_retail.errors import BudgetSpent

USAGE = re.compile(r"api-usage=(\d+)/(\d+)")


class Budget:
    """A share of the daily allowance.

    Args:
        share: What part of it may be used before calls are refused.
    """

    def __init__(self, share: float) -> None:
        self._share = share
        self._used: tuple[int, int] | None = None

    def note(self, header: str, usage: tuple[int, int] | None = None) -> None:
        """Take note of what an answer says in its header ``Sforce-Limit-Info`` or in its body; it may say nothing."""
        found = USAGE.search(header)
        self._used = (int(found[1]), int(found[2])) if found else usage or self._used

    def watch(self) -> None:
        """See that the share is not used up.

        Raises:
            BudgetSpent: It is.
        """
        if self._used and self._used[0] >= self._used[1] * self._share:
            raise BudgetSpent(
                f"{self._used[0]:,} of the org's {self._used[1]:,} daily API calls are used, by whomever.",
                where="org",
                hint="The state is kept; the next run goes on. Raise api_budget_share or buy calls if this is usual.",
            )
