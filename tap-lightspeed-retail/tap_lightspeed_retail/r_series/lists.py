"""Lists of one source: pages that shrink when the server cannot make them, and rows by id."""

from __future__ import annotations

import json
import logging
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from tap_lightspeed_retail.errors import Refused, TooHeavy
from tap_lightspeed_retail.r_series.fields import Fields
from tap_lightspeed_retail.r_series.pages import Params, Row, as_list, pages
from tap_lightspeed_retail.r_series.source import Connection, Part, Record, Source, cost_of

logger = logging.getLogger("tap-lightspeed-retail")
SMALLEST_PAGE = 10
UNREADABLE = "%s %s: cannot read %s. The record says so, so that a target holds it; mend the row in Lightspeed."
LONGEST_WITHIN = 100
"""Rows of a list within a row from which on it is read by itself."""
MOST_IN = 100
"""Values that one IN may have (facts: R-Series section 6)."""


def wire_time(stamp: str) -> str:
    """An instant as a query says it."""
    return f"{datetime.fromisoformat(stamp).astimezone(timezone.utc):%Y-%m-%dT%H:%M:%SZ}"


@dataclass(frozen=True)
class Read:
    """A row that was read.

    Attributes:
        id: Its id.
        stamp: Its time; empty where none was asked for.
        record: The record that it makes, if it makes one.
        digest: A number that changes with that.
        request: Number of the request that brought it: of two readings the later one is true.
        parts: Ids of its lines and payments, a tuple for each list that is watched.
    """

    id: int
    stamp: str
    record: Record | None
    digest: int
    request: int
    parts: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True)
class Left:
    """A line or a payment that has left its row.

    Attributes:
        part: The list that it was in.
        id: Its id.
        owner: The row that it was in; None where that is not remembered.
        stamp: Time of that row, when it was seen without it.
    """

    part: Part
    id: int
    owner: int | None = None
    stamp: str | None = None


def digest(record: Record | None) -> int:
    """32 bits that change when the record does."""
    return zlib.crc32(json.dumps(record, sort_keys=True, default=str).encode())


@dataclass(frozen=True)
class Batch:
    """Rows of about one page.

    Attributes:
        read: The rows.
        gone: Ids of rows that have vanished.
        left: Lines and payments that have left their rows.
        commit: Moves the bookmark; to be called when all of the batch was written.
    """

    read: Sequence[Read] = ()
    gone: Sequence[int] = ()
    left: Sequence[Left] = ()
    commit: Callable[[], None] = field(default=lambda: None)


class Lists:
    """Asks for the lists of one account.

    Args:
        connection: Client and account.
        page_size: Rows per page.
        overlap: Seconds by which bookmarks stay behind the server's clock.
    """

    def __init__(self, connection: Connection, page_size: int, overlap: int) -> None:
        self._client = connection.client
        self._account = connection.account
        self._page_size = page_size
        self._overlap = timedelta(seconds=overlap)

    def settled(self) -> str:
        """The instant up to which all is committed, by the server's own clock."""
        return (self._client.server_now - self._overlap).isoformat(timespec="seconds")

    def now(self) -> str:
        """The server's clock."""
        return self._client.server_now.isoformat(timespec="seconds")

    def days_ago(self, days: int) -> str:
        """So many days before."""
        return (self._client.server_now - timedelta(days=days)).isoformat(timespec="seconds")

    def pages(
        self, resource: str, params: Params, *, cost: float = 1.0, size: int = 0, certain: bool = False
    ) -> Iterator[list[Row]]:
        """Pages of a resource, archived rows too. Halved, from the same cursor on, when the server cannot make them."""
        path = f"Account/{self._account.id}/{resource}.json"
        limit = size or self._page_size

        def read(page: Params) -> dict[str, Any]:
            nonlocal limit
            while True:
                asked = [("archived", "true"), ("limit", str(limit)), *page]
                try:
                    return self._client.read(path, asked, cost=cost, heavy=limit > SMALLEST_PAGE, listed=True)
                except TooHeavy:
                    limit = max(SMALLEST_PAGE, limit // 2)

        return pages(read, resource.rpartition("/")[2], params, certain=certain)

    def rows(self, source: Source, params: Params, *, stamp: str = "", certain: bool = False) -> Iterator[list[Read]]:
        """Pages of a source, as the records they make; ``stamp`` names the field of their time."""
        asked = [*source.params, *_relations(source.relations), *params]
        for rows in self.pages(source.resource, asked, cost=source.cost, certain=certain):
            yield [self._read(source, self._whole(source, row), stamp) for row in rows]

    def _whole(self, source: Source, row: Row) -> Row:
        """The row with lists that are whole: a long one may have been cut (facts: R-Series section 16.7)."""
        for part in source.parts:
            held = row.get(part.relation)
            if isinstance(held, dict) and len(as_list(held.get(part.resource))) >= LONGEST_WITHIN:
                row = {**row, part.relation: {part.resource: self._parts(source, row, part)}}
        return row

    def _parts(self, source: Source, row: Row, part: Part) -> list[Row]:
        relations = source.within(part)
        params = [(part.owner, str(row[source.id_field])), *_relations(relations)]
        return [each for rows in self.pages(part.resource, params, cost=cost_of(relations)) for each in rows]

    def first_since(self, source: Source, since: str) -> int | None:
        """The lowest id of the rows that were made since then; 0 where the server refuses to say, None without rows."""
        params = [*source.params, ("sort", source.id_field), ("createTime", f">=,{since}")]
        try:
            page = next(self.pages(source.resource, params, size=1), [])
        except Refused as error:
            if error.closed:
                raise
            return 0
        return int(Fields(source.resource, page[0], source.id_field).id) if page else None

    def rows_if_accepted(self, source: Source, tries: Sequence[Params]) -> Iterator[list[Read]]:
        """Pages for the first query that the server does not refuse; the last one may say why.

        Raises:
            Refused: The resource is closed, or the last query is refused too.
        """
        try:
            yield from self.rows(source, [("sort", source.id_field), *tries[0]])
        except Refused as error:
            if error.closed or len(tries) == 1:
                raise
            yield from self.rows_if_accepted(source, tries[1:])

    def _read(self, source: Source, row: Row, stamp: str) -> Read:
        fields = Fields(source.resource, row, source.id_field)
        record = source.shape(row, self._account.context)
        if record and record["unreadable"]:
            logger.warning(UNREADABLE, source.resource, fields.id, ", ".join(record["unreadable"]))
        moment = (fields.instant(stamp) if stamp else None) or ""
        lists = [record[f"_{part.stream}"] for part in source.watched] if record else []
        parts = tuple(tuple(int(each["id"]) for each in held) for held in lists)
        return Read(int(fields.id), moment, record, digest(record), self._client.requests, parts)

    def by_id(self, source: Source, ids: Sequence[int]) -> Iterator[tuple[Sequence[int], list[Read]]]:
        """Rows by id, a hundred at a time: which were asked for, and which there are."""
        for start in range(0, len(ids), MOST_IN):
            asked = ids[start : start + MOST_IN]
            wanted = ",".join(map(str, asked))
            pages_of_them = self.rows(source, [(source.id_field, f"IN,[{wanted}]")], certain=True)
            yield asked, [read for page in pages_of_them for read in page]

    def missing(self, source: Source, ids: Sequence[int]) -> list[int]:
        """Which of these rows are not there any more."""
        gone: list[int] = []
        for start in range(0, len(ids), MOST_IN):
            asked = ids[start : start + MOST_IN]
            wanted = ",".join(map(str, asked))
            params = [*source.params, (source.id_field, f"IN,[{wanted}]")]
            there = {
                int(Fields(source.resource, row, source.id_field).id)
                for rows in self.pages(source.resource, params, certain=True)
                for row in rows
            }
            gone += [number for number in asked if number not in there]
        return gone

    def owners(self, part: Part, ids: Sequence[int]) -> dict[int, str]:
        """Which of these rows of a list there are, each with the key of the row it is in, in the vendor's words."""
        there: dict[int, str] = {}
        for start in range(0, len(ids), MOST_IN):
            wanted = ",".join(map(str, ids[start : start + MOST_IN]))
            params = [(part.id_field, f"IN,[{wanted}]")]
            for rows in self.pages(part.resource, params, certain=True):
                fields = [Fields(part.resource, row, part.id_field) for row in rows]
                there |= {int(each.id): each.text(part.owner) or "" for each in fields}
        return there


def _relations(names: Sequence[str]) -> Params:
    return [("load_relations", json.dumps(list(names), separators=(",", ":")))] if names else []
