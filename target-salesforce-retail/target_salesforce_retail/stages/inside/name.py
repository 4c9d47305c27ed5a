"""What is this record called, and which version of it is it? Asked of every arrival, sound or not."""

from __future__ import annotations

import hashlib
from datetime import datetime
from decimal import Decimal

import simplejson

from target_salesforce_retail.mapping.convert import convert, fill, is_blank
from target_salesforce_retail.mapping.rules import Mapping
from target_salesforce_retail.nouns import Record

LONGEST_KEY = 255
"""Characters of an external id (facts: Salesforce section 13), and of a key in the ledger."""


def key_of(mapping: Mapping, record: Record) -> str | None:
    """The record's key as the mapping builds it, or None when what it is built from is blank or no scalar."""
    parts = [record.get(name) for name in mapping.key.value.properties]
    if any(isinstance(part, bool) or not isinstance(part, str | int | Decimal) for part in parts):
        return None
    key = fill(mapping.key.value, record)
    return key if key and len(key) <= LONGEST_KEY and key.isprintable() else None


def digest_of(record: Record) -> str:
    """A name for a record that has no key: the same for the same record, and telling nothing of what is in it."""
    text = simplejson.dumps(record, sort_keys=True, use_decimal=True, default=str)
    return f"#{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def version_of(mapping: Mapping, record: Record) -> str | None:
    """What orders versions of this record, as text that compares as the versions do; None when it is not known.

    Instants become UTC with microseconds; whole numbers are padded with zeros.
    """
    value = record.get(mapping.version) if mapping.version else None
    if is_blank(value) or isinstance(value, bool):
        return None
    if isinstance(value, int):
        return f"{value:020d}"
    try:
        instant = convert("datetime", value, None)
    except ValueError:
        return None
    return instant.isoformat(timespec="microseconds") if isinstance(instant, datetime) else None
