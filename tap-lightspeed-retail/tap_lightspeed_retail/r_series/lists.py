"""Lists of one source: pages that shrink when the server cannot make them, and rows by id."""

from __future__ import annotations

import json
import logging
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from tap_lightspeed_retail.errors import Malformed, Refused, TooHeavy
from tap_lightspeed_retail.r_series.fields import Fields
from tap_lightspeed_retail.r_series.pages import Params, Row, pages
from tap_lightspeed_retail.r_series.source import Connection, Part, Record, Source, cost_of, key_of
from tap_lightspeed_retail.r_series.unreadable import shaped

logger = logging.getLogger("tap-lightspeed-retail")
SMALLEST_PAGE = 10
UNREADABLE = "%s %s: cannot read %s. The record says what that leaves open, for the target; mend the row in Lightspeed."
NOT_LOADED = (
    "%s %s came without the %s that are in it: where a row has none, they are asked for by themselves from now on."
)
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

    Attributes:
        met: Resource -> the last row of it that was read, and is there for certain.
    """

    def __init__(self, connection: Connection, page_size: int, overlap: int) -> None:
        self._client = connection.client
        self._account = connection.account
        self._page_size = page_size
        self._overlap = timedelta(seconds=overlap)
        self._distrusted: set[Part] = set()
        self.met: dict[str, int] = {}

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

        return pages(read, key_of(resource), params, certain=certain)

    def rows(self, source: Source, params: Params, *, stamp: str = "", certain: bool = False) -> Iterator[list[Read]]:
        """Pages of a source, as the records they make; ``stamp`` names the field of their time."""
        asked = [*source.params, *_relations(source.relations), *params]
        for rows in self.pages(source.resource, asked, cost=source.cost, certain=certain):
            trusted = len(self._distrusted)
            whole = [self._whole(source, row) for row in rows]
            if len(self._distrusted) > trusted:  # those before the first that was found out
                whole = [self._whole(source, row) for row in whole]
            yield [self._read(source, row, stamp) for row in whole]

    def _whole(self, source: Source, row: Row, *, of_old: bool = False) -> Row:
        """The row with lists that are whole.

        A long one may have been cut (facts: R-Series section 16.7), and one that is not there looks like one of none:
        where the row says otherwise, or lists have been missing before, its rows are asked for by themselves.
        """
        for part in source.parts:
            fields = _fields(source, row)
            held = fields.rows(part.relation, part.resource)
            doubtful = part in self._distrusted or bool(part.implied_by and fields.amount(part.implied_by))
            if of_old or len(held) >= LONGEST_WITHIN or (not held and doubtful):
                parts = self._parts(source, fields.id, part)
                row = {**row, part.relation: {part.resource: parts}}
                if parts and not held:
                    self._distrust(source, fields.id, part)
        return row

    def _distrust(self, source: Source, row_id: str, part: Part) -> None:
        if part not in self._distrusted:
            logger.warning(NOT_LOADED, source.resource, row_id, part.relation)
            self._distrusted.add(part)

    def _parts(self, source: Source, row_id: str, part: Part) -> list[Row]:
        """The rows of a list by their own address.

        Raises:
            Malformed: There are rows of others among them: the server did not heed the question.
        """
        relations = source.within(part)
        params = [(part.owner, row_id), *_relations(relations)]
        found = [each for rows in self.pages(part.resource, params, cost=cost_of(relations)) for each in rows]
        if any(_fields(part, each).digits(part.owner) != row_id for each in found):
            raise Malformed(
                "Asked for the rows of one, Lightspeed answers those of others.",
                where=part.resource,
                hint="Please report it.",
            )
        return found

    def first_since(self, source: Source, since: str) -> int | None:
        """The lowest id of the rows that were made since then; 0 where the server refuses to say, None without rows."""
        params = [*source.params, ("sort", source.id_field), ("createTime", f">=,{since}")]
        try:
            page = next(self.pages(source.resource, params, size=1), [])
        except Refused as error:
            if error.closed:
                raise
            return 0
        return int(_fields(source, page[0]).id) if page else None

    def newest(self, source: Source) -> int | None:
        """A row that is listed now, and makes a record; None where there is none."""
        params = [*source.params, ("sort", f"-{source.id_field}")]
        page = next(self.pages(source.resource, params), [])
        return next((int(_fields(source, row).id) for row in page if self.makes(source, row)), None)

    def newest_of(self, part: Part) -> int | None:
        """A row of a list that is listed now; None where there is none."""
        page = next(self.pages(part.resource, [("sort", f"-{part.id_field}")], size=1), [])
        return int(_fields(part, page[0]).id) if page else None

    def makes(self, source: Source, row: Row) -> bool:
        """Whether a row makes a record."""
        return source.shape(row, self._account.context) is not None

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
        fields = _fields(source, row)
        self._account.meet(fields.digits("shopID"), self._client)
        record, faulty = shaped(source.shape, row, self._account.context)
        if faulty:
            logger.warning(UNREADABLE, source.resource, fields.id, ", ".join(faulty))
        moment = (fields.instant(stamp) if stamp else None) or ""
        lists = [record[f"_{part.stream}"] for part in source.watched] if record else []
        parts = tuple(tuple(int(each["id"]) for each in held) for held in lists)
        self._meet(source, int(fields.id) if record else 0, parts)
        return Read(int(fields.id), moment, record, digest(record), self._client.requests, parts)

    def _meet(self, source: Source, number: int, parts: Sequence[Sequence[int]]) -> None:
        found = {part.resource: held[-1] for part, held in zip(source.watched, parts, strict=False) if held}
        self.met |= {**found, source.resource: number} if number else found

    def by_id(self, source: Source, ids: Sequence[int]) -> Iterator[tuple[Sequence[int], list[Read]]]:
        """Rows by id, a hundred at a time: which were asked for, and which there are."""
        for start in range(0, len(ids), MOST_IN):
            asked = ids[start : start + MOST_IN]
            wanted = ",".join(map(str, asked))
            pages_of_them = self.rows(source, [(source.id_field, f"IN,[{wanted}]")], certain=True)
            yield asked, [read for page in pages_of_them for read in page]

    def whole(self, source: Source, ids: Sequence[int]) -> list[Read]:
        """Rows by id, with lists that were asked for by themselves."""
        found: list[Read] = []
        for number in ids:
            asked = [*source.params, *_relations(source.relations), (source.id_field, str(number))]
            for rows in self.pages(source.resource, asked, cost=source.cost, certain=True):
                found += [self._read(source, self._whole(source, row, of_old=True), "") for row in rows]
        return found


def _fields(table: Source | Part, row: Row) -> Fields:
    return Fields(table.resource, row, table.id_field)


def _relations(names: Sequence[str]) -> Params:
    return [("load_relations", json.dumps(list(names), separators=(",", ":")))] if names else []
