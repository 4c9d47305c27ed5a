"""What a command takes as a number, a name or a file: whatever else is refused in a sentence, and never quoted."""

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


class Name(click.types.StringParamType):
    """A key, an id or a name."""

    longest = 1_000
    any_bytes = False

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The text; click ends the command with a sentence where it is none."""
        text = super().convert(value, param, ctx)
        if len(text) > self.longest:
            what = f"It has {len(text):,} characters, and none has more than {self.longest:,}."
            self.fail(f"{what} Look for a quote that was not closed, or for what was pasted.", param, ctx)
        if not self.any_bytes and any("\ud800" <= each <= "\udfff" for each in text):  # no database and no org takes it
            self.fail("It is not UTF-8. Copy it as `holds` shows it, into a terminal that is set to UTF-8.", param, ctx)
        return text


class File(Name):
    """The name of a file, in whatever bytes the system has for it."""

    longest = 4_096
    any_bytes = True


def number_in(text: str) -> int | None:
    """The number that a text says, for what may be a number or a name; None where no hold can have it."""
    number = int(text) if DIGITS.fullmatch(text) else 0
    return number if 0 < number <= LARGEST_NUMBER else None
