"""Whom a person chooses among: the object, the id, and an address at which to look. No shopper's data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from target_salesforce_retail.nouns import Trail, Why

PREFIX = 3
"""Characters at the start of an id that tell its object."""


def address_of(record_id: str, login_url: str) -> str:
    """Where a browser shows a record; empty where the settings do not name the org."""
    return f"{login_url.rstrip('/')}/{record_id}" if login_url else ""


def shown(ids: Iterable[str], objects: Mapping[str, str], login_url: str) -> list[str]:
    """Each with its object and its address, as far as they are known.

    Args:
        ids: Their ids.
        objects: First characters of an id -> object.
        login_url: The org's My Domain.
    """
    parts = ((objects.get(each[:PREFIX], ""), each, address_of(each, login_url)) for each in ids)
    return [" ".join(filter(None, part)) for part in parts]


def objects_in(trail: Trail) -> dict[str, str]:
    """First characters of an id -> object, of the rows that rules have named."""
    rows = (row for each in trail if each.why is not Why.WAITS for row in each.rows)
    return {record_id[:PREFIX]: name for name, record_id in rows}
