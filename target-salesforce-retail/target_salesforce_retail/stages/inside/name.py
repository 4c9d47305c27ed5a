"""What is this record called, and which version of it is it? Asked of every arrival, sound or not.

Shopper 7 of account 1 has the key 1:7, and shopper 7 of account 2 the key 2:7. Of two arrivals with one key the
version, mostly the time of the last change, says which is the newer.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

import simplejson

from target_salesforce_retail.mapping.convert import convert
from target_salesforce_retail.mapping.rules import StreamMapping
from target_salesforce_retail.mapping.template import fill
from target_salesforce_retail.mapping.text import as_text, is_blank
from target_salesforce_retail.nouns import Record
from target_salesforce_retail.values import LONGEST_KEY

NUMBER = re.compile(r"\d+(\.\d+)?", re.ASCII)
DIGITS = 20
"""Digits before the point of a version: more are not told apart from a mistake."""
AHEAD = timedelta(days=1)
"""A version from further ahead is no version: it would keep out every one that comes before its time."""


def key_of(mapping: StreamMapping, record: Record) -> str | None:
    """The record's key as the mapping builds it, or None when what it is built from is blank or no scalar."""
    parts = [record.get(name) for name in mapping.key.value.properties]
    if any(isinstance(part, bool) or not isinstance(part, str | int | Decimal) for part in parts):
        return None
    try:
        key = fill(mapping.key.value, record)
    except ValueError:
        return None
    return key if key and len(key) <= LONGEST_KEY and key.isprintable() else None


def digest_of(record: Record) -> str:
    """A name for a record that has no key: the same for the same record, and telling nothing of what is in it."""
    text = simplejson.dumps(record, sort_keys=True, use_decimal=True, allow_nan=True, default=str)
    return f"#{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def version_of(mapping: StreamMapping, record: Record, now: datetime) -> str | None:
    """What orders versions of this record, as text that compares as the versions do; None when it is not known.

    Instants become UTC with microseconds; numbers, also those in text, get zeros before the point and none at the end.
    """
    value = record.get(mapping.version) if mapping.version else None
    if is_blank(value) or isinstance(value, bool):
        return None
    if isinstance(value, int | float | Decimal) or NUMBER.fullmatch(str(value).strip()):
        return _number(value)
    try:
        instant = convert("datetime", value)
    except ValueError:
        return None
    if not isinstance(instant, datetime) or instant - now > AHEAD:
        return None
    return instant.isoformat(timespec="microseconds")


def _number(value: object) -> str | None:
    try:
        number = Decimal(str(value).strip())
        whole, _, fraction = as_text(number).partition(".")
    except (InvalidOperation, ValueError):
        return None
    if number < 0 or number.adjusted() >= DIGITS:
        return None
    behind = fraction.rstrip("0")
    return whole.rjust(DIGITS, "0") + (f".{behind}" if behind else "")
