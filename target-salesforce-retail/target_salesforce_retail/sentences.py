"""What a run says of rows and counts, in words."""

from __future__ import annotations

from target_salesforce_retail.nouns import Outcome


def left_behind(outcome: Outcome) -> str:
    """A sentence on a row that did not follow; it holds no value."""
    why = f"Salesforce answered {outcome.code}" if outcome.code else str(outcome.reason and outcome.reason.value)
    return (
        f"{outcome.arrival.stream} {outcome.arrival.key}, follow: its lookup stays as it is, for {why}"
        f"{f' on {outcome.object} {outcome.id}' if outcome.id else ''}. The next run tries again."
    )


def in_number(number: int, what: str) -> str:
    """So many of something."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def are(number: int) -> str:
    """What goes with so many."""
    return "is" if number == 1 else "are"
