"""What a command takes as a number: whatever else is refused in a sentence, and never quoted."""

from __future__ import annotations

import re
from typing import Any

import click

from target_salesforce_retail.ledger.listing import LARGEST_NUMBER

DIGITS = re.compile("[0-9]{1,19}")


class Number(click.IntRange):
    """A whole number that the ledger can be asked for.

    Args:
        least: The smallest that makes sense.
    """

    def __init__(self, least: int = 1) -> None:
        super().__init__(least)  # the largest is said where it matters, not in every help

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number that a text says; click ends the command with a sentence where it says none."""
        text = str(value)
        number = int(text) if DIGITS.fullmatch(text) else -1
        if not (self.min or 0) <= number <= LARGEST_NUMBER:
            self.fail(f"Say a whole number from {self.min} to {LARGEST_NUMBER:,}.", param, ctx)
        return number


def number_in(text: str) -> int | None:
    """The number that a text says, for what may be a number or a name; None where no hold can have it."""
    number = int(text) if DIGITS.fullmatch(text) else 0
    return number if 0 < number <= LARGEST_NUMBER else None
