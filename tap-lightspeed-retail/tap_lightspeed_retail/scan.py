"""The nouns that travel from a series to the door: a scan, its batches, the readings in them. Ids are text here."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Record = dict[str, Any]


def digest(record: Record | None) -> int:
    """32 bits that change when the record does."""
    return zlib.crc32(json.dumps(record, sort_keys=True, default=str).encode())


@dataclass(frozen=True)
class Reading:
    """A row as it was read once.

    Attributes:
        id: Its id.
        record: The record that it makes, if it makes one; without its parts.
        parts: Records of its lines and payments, by stream.
        digest: A number that changes with the record and its parts.
        request: Number of the request that brought it: of two readings the later one is true.
    """

    id: str
    record: Record | None
    digest: int
    request: int
    parts: Mapping[str, Sequence[Record]] = field(default_factory=dict)


@dataclass(frozen=True)
class Departure:
    """A line or a payment that has left its parent.

    Attributes:
        stream: The stream of its records.
        id: Its id.
        parent: What those records call the parent: ``sale`` for ``sale_id`` and ``sale_updated_at``.
        parent_id: The parent that it was in; None where that is not remembered.
        parent_updated_at: Time of the parent, when it was seen without it.
    """

    stream: str
    id: str
    parent: str
    parent_id: str | None = None
    parent_updated_at: str | None = None


@dataclass(frozen=True)
class Batch:
    """Rows of about one page.

    Attributes:
        readings: The rows.
        deleted: Ids of rows that are not there any more.
        departures: Lines and payments that have left their parents.
        commit: Moves the bookmark; to be called when all of the batch was written.
    """

    readings: Sequence[Reading] = ()
    deleted: Sequence[str] = ()
    departures: Sequence[Departure] = ()
    commit: Callable[[], None] = field(default=lambda: None)


@dataclass(frozen=True)
class Scan:
    """One kind of reading of one stream.

    Attributes:
        every: Seconds from one scan to the next, in follow mode.
        batches: One scan. It may be left after any batch.
        patient: It can wait for a quiet moment: a tap that follows does it between the others.
    """

    every: float
    batches: Callable[[], Iterator[Batch]]
    patient: bool = False
