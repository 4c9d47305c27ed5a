"""Reads Singer lines without ever quoting one: a line holds shoppers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import IO, Any

from singer_sdk.io_base import SingerMessageType, SingerReader

from target_salesforce_retail.errors import InputError
from target_salesforce_retail.singer.lines import read

A_TYPE = re.compile(r"[A-Z_]{1,30}")
"""What is no type at all may be anything, also somebody's name: it is not quoted."""


class DiscreetReader(SingerReader):
    """The SDK's reader, except that what it cannot take is named by its line, not quoted."""

    def process_lines(
        self, file_input: IO[str] | None, callbacks: dict[str, Callable[[dict[str, Any]], None]]
    ) -> Counter[str]:
        """Hand every message to who processes its type; returns how many of each type there were.

        Raises:
            InputError: A line is no message that can be processed. Says which line it is.
        """
        counts: Counter[str] = Counter()
        # bytes, where there are any: a line that is not UTF-8 would end the run before it was looked at
        lines: Iterable[str | bytes] = getattr(source := file_input or self.default_input, "buffer", source)
        for number, line in enumerate(lines, 1):
            with _at(number):
                message = self.deserialize_json(line)
                if message:
                    callbacks[message["type"]](message)
                    counts[message["type"]] += 1
        return counts

    def deserialize_json(self, line: str | bytes) -> dict[str, Any]:
        """The message of one line; empty for a line of nothing but blanks.

        Raises:
            InputError: The line is none that can be read, or of a type that Singer does not have.
        """
        found = read(line)
        if found is None:
            return {}
        message = found.value
        if not isinstance(message, dict):
            raise InputError("This is JSON, but no object, and so no message.")
        kind = message.get("type")
        if not isinstance(kind, str) or kind not in set(SingerMessageType):
            raise InputError(_unknown(kind))
        if found.altered and kind != SingerMessageType.RECORD:
            raise InputError(
                f"This {kind} is not UTF-8, is nested too deep, or has a number of thousands of digits: as it is, it "
                "cannot be read."
            )
        return message


@contextmanager
def _at(number: int) -> Iterator[None]:
    try:
        yield
    except InputError as error:
        error.add_place(f"input, line {number}")
        raise


def _unknown(kind: object) -> str:
    if kind is None:
        return "This message has no type."
    named = f" `{kind}`" if isinstance(kind, str) and A_TYPE.fullmatch(kind) else ""
    return f"This message has a type{named} that Singer does not have; what it brings would be lost."
