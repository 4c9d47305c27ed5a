"""Reads the rows of one source: pages that shrink when the server cannot make them, and rows by id."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from tap_lightspeed_retail.errors import Malformed, Refused, TooHeavy
from tap_lightspeed_retail.r_series.bookmark import EPOCH
from tap_lightspeed_retail.r_series.context import Account
from tap_lightspeed_retail.r_series.fields import Fields
from tap_lightspeed_retail.r_series.ids import chunks
from tap_lightspeed_retail.r_series.limits import MOST_IN, cost_of
from tap_lightspeed_retail.r_series.notes import Row, Shaped
from tap_lightspeed_retail.r_series.pages import pages
from tap_lightspeed_retail.r_series.row_types import ChildTable, Part, RowReading, Source, key_of
from tap_lightspeed_retail.r_series.unreadable import shaped
from tap_lightspeed_retail.scan import digest
from tap_lightspeed_retail.web.api import Api, Params

logger = logging.getLogger("tap-lightspeed-retail")
SMALLEST_PAGE = 10
UNREADABLE = "%s %s: cannot read %s. The record says what that leaves open, for the target; mend the row in Lightspeed."
NOT_LOADED = (
    "%s %s came without the %s that are in it: where a row has none, they are asked for by themselves from now on."
)
LONGEST_NESTED = 100
"""Rows of a list within a row from which on it is read by itself."""


def wire_time(stamp: str) -> str:
    """An instant as a query says it; an empty one is before all rows."""
    return f"{datetime.fromisoformat(stamp or EPOCH).astimezone(timezone.utc):%Y-%m-%dT%H:%M:%SZ}"


def fields_of(table: Source | Part | ChildTable, row: Row) -> Fields:
    """A row of a table, to be read field by field."""
    return Fields(table.resource, row, table.id_field)


def tries_since(source: Source, start_date: str, bounds: Params) -> Sequence[Params]:
    """What to ask a source for by id: within bounds, rows that changed since a date; where that is refused, with less.

    Args:
        source: Its row of the table.
        start_date: The date; empty for all rows.
        bounds: Filters by id.
    """
    since = f">=,{wire_time(start_date)}" if start_date else ""
    fields = [each for each in (source.sort, source.fallback) if each] if since else []
    return [[*bounds, (field, since)] for field in fields] + [list(bounds)] + ([[]] if bounds else [])


class Reader:
    """Reads the tables of one account.

    Args:
        api: Asks.
        account: Whose rows.
        page_size: Rows per page.
        overlap: Seconds by which bookmarks stay behind the server's clock.

    Attributes:
        witnesses: Resource -> the last row of it that was read, and is there for certain.
    """

    def __init__(self, api: Api, account: Account, page_size: int, overlap: int) -> None:
        self._api = api
        self._account = account
        self._page_size = page_size
        self._overlap = timedelta(seconds=overlap)
        self._distrusted: set[Part] = set()
        self.witnesses: dict[str, int] = {}

    @property
    def knows_the_time(self) -> bool:
        """True once the server has said it, which it does with its first answer."""
        return self._api.server_now > datetime.min.replace(tzinfo=timezone.utc)

    def committed_through(self) -> str:
        """The instant up to which all is committed, by the server's own clock."""
        return (self._api.server_now - self._overlap).isoformat(timespec="seconds")

    def now(self) -> str:
        """The server's clock."""
        return self._api.server_now.isoformat(timespec="seconds")

    def days_ago(self, days: int) -> str:
        """So many days before."""
        return (self._api.server_now - timedelta(days=days)).isoformat(timespec="seconds")

    # Pages

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
                    return self._api.read(path, asked, cost=cost, heavy=limit > SMALLEST_PAGE, listed=True)
                except TooHeavy:
                    limit = max(SMALLEST_PAGE, limit // 2)

        return pages(read, key_of(resource), params, certain=certain)

    def rows(
        self, source: Source, params: Params, *, stamp: str = "", certain: bool = False
    ) -> Iterator[list[RowReading]]:
        """Pages of a source, as the records they make; ``stamp`` names the field of their time."""
        asked = [*source.params, *_relations(source.relations), *params]
        for rows in self.pages(source.resource, asked, cost=cost_of(source.relations), certain=certain):
            distrusted = len(self._distrusted)
            complete = [self._with_complete_lists(source, row) for row in rows]
            if len(self._distrusted) > distrusted:  # those before the first that was found out
                complete = [self._with_complete_lists(source, row) for row in complete]
            yield [self._reading(source, row, stamp) for row in complete]

    def rows_if_accepted(
        self, source: Source, tries: Sequence[Params], *, newest_first: bool = False
    ) -> Iterator[list[RowReading]]:
        """Pages by id for the first query that the server does not refuse; the last one may say why.

        Raises:
            Refused: The resource is closed, or the last query is refused too.
        """
        try:
            sort = f"-{source.id_field}" if newest_first else source.id_field
            yield from self.rows(source, [("sort", sort), *tries[0]])
        except Refused as error:
            if error.closed or len(tries) == 1:
                raise
            yield from self.rows_if_accepted(source, tries[1:], newest_first=newest_first)

    # Rows by id

    def by_id(self, source: Source, ids: Sequence[int]) -> Iterator[tuple[Sequence[int], list[RowReading]]]:
        """Rows by id, a hundred at a time: which were asked for, and which there are."""
        for asked in chunks(ids, MOST_IN):
            wanted = ",".join(map(str, asked))
            found = self.rows(source, [(source.id_field, f"IN,[{wanted}]")], certain=True)
            yield asked, [reading for page in found for reading in page]

    def by_id_completely(self, source: Source, ids: Sequence[int]) -> list[RowReading]:
        """Rows by id, with lists that were asked for by themselves."""
        found: list[RowReading] = []
        for number in ids:
            asked = [*source.params, *_relations(source.relations), (source.id_field, str(number))]
            for rows in self.pages(source.resource, asked, cost=cost_of(source.relations), certain=True):
                complete = [self._with_complete_lists(source, row, even_short=True) for row in rows]
                found += [self._reading(source, row, "") for row in complete]
        return found

    def newest(self, source: Source) -> int | None:
        """A row that is listed now, and makes a record; None where there is none."""
        params = [*source.params, ("sort", f"-{source.id_field}")]
        page = next(self.pages(source.resource, params))
        return next((int(fields_of(source, row).id) for row in page if self.makes_record(source, row)), None)

    def newest_of(self, part: Part) -> int | None:
        """A row of a list that is listed now; None where there is none."""
        page = next(self.pages(part.resource, [("sort", f"-{part.id_field}")], size=1))
        return int(fields_of(part, page[0]).id) if page else None

    def makes_record(self, source: Source, row: Row) -> bool:
        """Whether a row makes a record."""
        return source.shape(row, self._account.context) is not None

    # One row

    def _reading(self, source: Source, row: Row, stamp: str) -> RowReading:
        fields = fields_of(source, row)
        self._account.note_shop(fields.digits("shopID"))
        made, unreadable = shaped(source.shape, row, self._account.context)
        if unreadable:
            logger.warning(UNREADABLE, source.resource, fields.id, ", ".join(unreadable))
        parts = made.part_records if made else {}
        numbers = tuple(tuple(int(each["id"]) for each in parts[part.stream]) for part in source.watched if made)
        self._keep_witness(source, int(fields.id) if made else 0, numbers)
        return RowReading(
            fields.id,
            made.record if made else None,
            digest_of(made),
            self._api.requests,
            parts,
            number=int(fields.id),
            stamp=(fields.instant(stamp) if stamp else None) or "",
            part_numbers=numbers,
            customer=(fields.digits(source.customer) or "") if source.customer else "",
        )

    def _keep_witness(self, source: Source, number: int, parts: Sequence[Sequence[int]]) -> None:
        found = {part.resource: held[-1] for part, held in zip(source.watched, parts, strict=False) if held}
        self.witnesses |= {**found, source.resource: number} if number else found

    def _with_complete_lists(self, source: Source, row: Row, *, even_short: bool = False) -> Row:
        """The row with lists that are complete.

        A long one may have been cut (docs/vendors/lightspeed-r-series.md, relations), and one that is not there looks
        like one of none: where the row says otherwise, or lists have been missing before, its rows are asked for by
        themselves.
        """
        for part in source.parts:
            fields = fields_of(source, row)
            held = fields.rows(part.relation, part.resource)
            doubtful = part in self._distrusted or bool(part.implied_by and fields.amount(part.implied_by))
            if even_short or len(held) >= LONGEST_NESTED or (not held and doubtful):
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
        relations = source.relations_of(part)
        params = [(part.owner, row_id), *_relations(relations)]
        found = [each for rows in self.pages(part.resource, params, cost=cost_of(relations)) for each in rows]
        if any(fields_of(part, each).digits(part.owner) != row_id for each in found):
            raise Malformed(
                "Asked for the rows of one, Lightspeed answers those of others.",
                where=part.resource,
                hint="Please report it.",
            )
        return found


def digest_of(made: Shaped | None) -> int:
    """The digest of a record with its parts."""
    if made is None:
        return digest(None)
    # The digests in STATE were made with this underscore: without it every block of rows would seem to have changed
    return digest({**made.record, **{f"_{stream}": records for stream, records in made.part_records.items()}})


def _relations(names: Sequence[str]) -> Params:
    return [("load_relations", json.dumps(list(names), separators=(",", ":")))] if names else []
