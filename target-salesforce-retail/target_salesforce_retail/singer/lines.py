"""One line of Singer input, or of a batch file, as a value. Never quotes it: a line holds shoppers.

Whatever can be read is read, so that a record is held by its name and keeps nobody else waiting: bytes that are no
UTF-8 become half characters, numbers that Python does not take stay text, what is nested without end is cut.
``arrivals`` objects to all of these. Only what is no JSON at all is an error.
"""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from target_salesforce_retail.errors import InputError

DEEPEST = 200
"""Levels that are read, the message's own included: more than ``arrivals`` lets in, and fewer than Python takes."""
MARKS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[{]|[\]}]')


@dataclass(frozen=True, slots=True)
class Line:
    """A line that was read; ``altered`` when it is not quite what was written."""

    value: Any
    altered: bool


def read(line: str | bytes) -> Line | None:
    """The value of a line, or None of a blank one. Numbers with a fraction become ``Decimal``.

    Raises:
        InputError: The line is not JSON.
    """
    text, is_utf8 = _text(line)
    if not text.strip():
        return None
    shallow = _shallow(text)
    try:
        value, is_exact = _value(shallow)
    except json.JSONDecodeError as error:
        raise InputError(f"This is not JSON: {error.msg.partition(':')[0]} at column {error.colno}.") from None
    return Line(value, altered=not (is_utf8 and is_exact and shallow is text))


def _text(line: str | bytes) -> tuple[str, bool]:
    if isinstance(line, str):
        return line.removeprefix("\ufeff"), True
    line = line.removeprefix(codecs.BOM_UTF8)
    try:
        return line.decode("utf-8"), True
    except UnicodeDecodeError:
        return line.decode("utf-8", "surrogateescape"), False


def _value(text: str) -> tuple[Any, bool]:
    """The value, and whether all its numbers are. NaN and Infinity, which JSON does not have, stay text."""
    try:
        return json.loads(text, strict=False, parse_float=Decimal, parse_constant=str), True
    except json.JSONDecodeError:
        raise
    except (ValueError, ArithmeticError):  # thousands of digits, or an exponent of as many
        value = json.loads(text, strict=False, parse_float=_number, parse_int=_number, parse_constant=str)
        return value, False


def _number(text: str) -> Decimal | int | str:
    try:
        return int(text) if text.lstrip("-").isdigit() else Decimal(text)
    except (ValueError, ArithmeticError):
        return text


def _shallow(text: str) -> str:
    """The text with null for whatever is nested too deep; the same object where nothing is."""
    if text.count("{") + text.count("[") <= DEEPEST:
        return text
    parts: list[str] = []
    depth = kept = 0
    for token in MARKS.finditer(text):
        mark = token.group()[0]
        if mark in "[{":
            depth += 1
            if depth == DEEPEST + 1:
                parts.append(text[kept : token.start()])
                kept = len(text)
        elif mark in "]}":
            if depth == DEEPEST + 1:
                parts.append("null")
                kept = token.end()
            depth -= 1
    return "".join([*parts, text[kept:]]) if parts else text
