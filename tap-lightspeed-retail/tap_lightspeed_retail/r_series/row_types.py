"""The rows of the table of sources, and a row of the vendor's as it was read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tap_lightspeed_retail.r_series.context import Context
from tap_lightspeed_retail.r_series.notes import Row, Shaped
from tap_lightspeed_retail.scan import Reading, Record

WHOLE = ""
"""No field: where filtering is refused, all rows are read."""


def key_of(resource: str) -> str:
    """What the answer calls the rows of a resource: the last word of the path."""
    return resource.rpartition("/")[2]


def id_field_of(resource: str) -> str:
    """The primary key of a resource: ``ItemShop`` -> ``itemShopID``."""
    name = key_of(resource)
    return f"{name[0].lower()}{name[1:]}ID"


@dataclass(frozen=True)
class ChildTable:
    """Rows whose arrival means that their parent must be read again: they move no time of its own.

    Attributes:
        resource: Whose rows.
        owner: Their field that names the parent; ``0`` is none.
        sort: A time to follow; None follows the primary key, for rows that are only ever added.
        every: Seconds between two polls in follow mode.
    """

    resource: str
    owner: str
    sort: str | None = None
    every: int = 60

    @property
    def id_field(self) -> str:
        """Its primary key."""
        return id_field_of(self.resource)


@dataclass(frozen=True)
class Part:
    """A list within a row whose rows have an address of their own too.

    Attributes:
        relation: Its name within the row.
        resource: What its rows are.
        owner: Their field that names the row.
        stream: The stream of their records, where one that leaves its row is told there; empty where nobody watches.
        parent: What those records call the row: ``sale`` for ``sale_id`` and ``sale_updated_at``.
        implied_by: The row's number that is 0 where the list is empty; empty where none tells.
    """

    relation: str
    resource: str
    owner: str
    stream: str = ""
    parent: str = ""
    implied_by: str = ""

    @property
    def id_field(self) -> str:
        """Its primary key."""
        return id_field_of(self.resource)


@dataclass(frozen=True)
class Source:
    """Where a stream's rows come from.

    Attributes:
        resource: Name of the resource, in the path and in the answer.
        shape: Row -> what it makes, or None for rows that are no records.
        sort: The field that pages and bookmark follow; None for a small table that is read whole.
        fallback: The field to follow where ``sort`` may neither be filtered by nor sorted by, or ``WHOLE``.
        relations: Relations to load.
        parts: Lists within a row that must be whole, however long.
        params: What else to ask with; gift cards, for one, come only when they are asked for.
        every: Seconds between two polls in follow mode (docs/vendors/lightspeed-r-series.md, polling).
        children: Rows whose arrival means that a row of this source must be read again.
        open_when: Whether a record is unfinished, and must be read again until it is finished.
        recent: Scan again only the rows of the last ``reconcile_days``; else the whole table.
        append_only: Rows are added and never change: follow their ids, and nothing else.
        merges: Its rows are merged: one vanishes, and what referred to it refers to the other.
        customer: The field that names its customer, where a merge of customers moves rows without a stamp.
    """

    resource: str
    shape: Callable[[Row, Context], Shaped | None]
    sort: str | None = None
    fallback: str | None = None
    relations: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    params: tuple[tuple[str, str], ...] = ()
    every: int = 900
    children: tuple[ChildTable, ...] = ()
    open_when: Callable[[Record], bool] | None = None
    recent: bool = False
    append_only: bool = False
    merges: bool = False
    customer: str = ""

    @property
    def key(self) -> str:
        """What the answer calls its rows."""
        return key_of(self.resource)

    @property
    def id_field(self) -> str:
        """Its primary key."""
        return id_field_of(self.resource)

    @property
    def watched(self) -> tuple[Part, ...]:
        """The lists of which something that leaves is told."""
        return tuple(part for part in self.parts if part.stream)

    def relations_of(self, part: Part) -> tuple[str, ...]:
        """What is loaded with the rows of a part."""
        prefix = f"{part.relation}."
        return tuple(name.removeprefix(prefix) for name in self.relations if name.startswith(prefix))


@dataclass(frozen=True)
class RowReading(Reading):
    """A reading of a row of the vendor's.

    Attributes:
        number: Its id.
        stamp: Its time; empty where none was asked for.
        part_numbers: Ids of its lines and payments, a tuple for each list that is watched.
        customer: The key of its customer, as it came, where its source says that this may move.
    """

    number: int = 0
    stamp: str = ""
    part_numbers: tuple[tuple[int, ...], ...] = ()
    customer: str = ""
