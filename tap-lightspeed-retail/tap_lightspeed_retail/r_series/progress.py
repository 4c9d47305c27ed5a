"""What STATE says of rows once they were read, by whichever scan: the changes of the bookmark that go with a batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from tap_lightspeed_retail.r_series.bookmark import MOST_OPEN, Bookmark, Position, open_parts_text, with_ids
from tap_lightspeed_retail.r_series.customer_blocks import CustomerBlocks
from tap_lightspeed_retail.r_series.digests import MOST_BLOCKS, digests_text
from tap_lightspeed_retail.r_series.ids import Ids
from tap_lightspeed_retail.r_series.row_types import Part, RowReading, Source

MOST_EMITTED = 500
"""Ranges of ids that STATE has for parts that were emitted; of more the lowest are forgotten. Ids come without gaps."""


class Progress:
    """Works out the changes of one bookmark.

    Args:
        source: Its row of the table.
        bookmark: What STATE says now.
        oldest_open: The instant before which unfinished rows are left alone.
    """

    def __init__(self, source: Source, bookmark: Bookmark, oldest_open: Callable[[], str]) -> None:
        self._source = source
        self._bookmark = bookmark
        self._oldest_open = oldest_open

    def after(self, rows: Sequence[RowReading], deleted: Iterable[int] = ()) -> dict[str, Any]:
        """The changes for: these rows were read by another scan than the full one, and those were deleted."""
        return {**self.after_full_scan(rows, deleted), **self._outdated_blocks(rows)}

    def after_full_scan(self, rows: Sequence[RowReading], deleted: Iterable[int] = ()) -> dict[str, Any]:
        """The changes for: these rows were read, those deleted. Rows that make no record count too: gaps cost room."""
        lost = list(deleted)
        known = with_ids(self._bookmark.ids("known"), add=(row.number for row in rows), drop=lost)
        changes: dict[str, Any] = {"known": known}
        if self._source.merges and lost:
            before = Position.read(self._bookmark.text("vanished"))
            changes["vanished"] = str(Position(self._bookmark.text("scan_began"), before.id + 1))
        if self._source.open_when:
            read = {*lost, *(row.number for row in rows)}
            still = {number: held for number, held in self._bookmark.open.items() if number not in read}
            still |= {row.number: row.digest for row in rows if self._is_open(row)}
            changes["open"] = digests_text(still, MOST_OPEN)
            changes |= self._parts_of(rows, still, lost)
        return changes

    def without_parts(self, departed: Iterable[tuple[Part, int]]) -> dict[str, Any]:
        """The changes for: these lines and payments have left."""
        emitted = self._bookmark.sets("emitted_parts")
        for part, number in departed:
            emitted.get(part.resource, Ids()).discard(number)
        return {"emitted_parts": _texts(emitted)}

    def still_expecting(self, unasked: Iterable[tuple[int, int, int]]) -> dict[str, Any]:
        """The changes for: these unfinished rows lack these parts (row, place of the list, id), for whatever reason.

        Their digests are forgotten, so that the next scan compares the rows although they have not changed.
        """
        unfinished, lists = self._bookmark.open, self._bookmark.open_parts
        for row, place, number in unasked:
            if row in unfinished:
                lists.setdefault(row, tuple(Ids() for _ in self._source.watched))[place].add(number)
                unfinished[row] = 0
        return {"open": digests_text(unfinished, MOST_OPEN), "open_parts": open_parts_text(lists)}

    def without_missing_parts(self, asked: Mapping[str, Sequence[int]]) -> dict[str, Any]:
        """The changes for: lines and payments that a full scan has not found were asked for, and are not expected.

        Those that were not asked for stay so, and the next full scan misses them again.
        """
        emitted = self._bookmark.sets("emitted_parts")
        for resource, ids in asked.items():
            for number in ids:
                emitted.get(resource, Ids()).discard(number)
        return {"emitted_parts": _texts(emitted), "missing_parts": {}}

    def at_full_scan(self) -> dict[str, Any]:
        """The changes for: a full scan begins, which has found no parts yet."""
        return {"missing_parts": _texts(self._bookmark.sets("emitted_parts"))} if self._source.watched else {}

    def _outdated_blocks(self, rows: Sequence[RowReading]) -> dict[str, str | int]:
        """What a full scan knows of these rows is old. Else one that changes back would look unchanged."""
        unfinished, blocks = self._bookmark.open, self._bookmark.blocks
        changed = [row.number for row in rows if unfinished.get(row.number) != row.digest]
        outdated = {number // self._bookmark.span for number in changed}
        kept = {block: total for block, total in blocks.items() if block not in outdated}
        return {"blocks": digests_text(kept, MOST_BLOCKS), **self._outdated_customers(changed)}

    def _outdated_customers(self, changed: Sequence[int]) -> dict[str, str | int]:
        if not self._source.customer:
            return {}
        customers = CustomerBlocks(self._bookmark)
        customers.forget(changed)
        return customers.changes()

    def _is_open(self, row: RowReading) -> bool:
        if row.record is None or self._source.open_when is None or not self._source.open_when(row.record):
            return False
        return str(row.record.get("created_at") or "9") >= self._oldest_open()

    def _parts_of(
        self, rows: Sequence[RowReading], unfinished: Mapping[int, Any], lost: Sequence[int]
    ) -> dict[str, Any]:
        """The lines and payments of rows that were read: emitted, found, and those of unfinished rows."""
        parts = self._source.watched
        if not parts:
            return {}
        emitted, missing = self._bookmark.sets("emitted_parts"), self._bookmark.sets("missing_parts")
        for place, part in enumerate(parts):
            ids = [number for row in rows if row.part_numbers for number in row.part_numbers[place]]
            emitted.setdefault(part.resource, Ids()).update(ids)
            for number in ids if part.resource in missing else ():
                missing[part.resource].discard(number)
        held = {number: lists for number, lists in self._bookmark.open_parts.items() if number not in lost}
        held |= {row.number: tuple(_ids(each) for each in row.part_numbers) for row in rows}
        of_open = {number: lists for number, lists in held.items() if number in unfinished and any(map(len, lists))}
        return {
            "emitted_parts": _texts(emitted),
            "missing_parts": _texts(missing),
            "open_parts": open_parts_text(of_open),
        }


def _ids(numbers: Sequence[int]) -> Ids:
    ids = Ids()
    ids.update(numbers)
    return ids


def _texts(sets: Mapping[str, Ids]) -> dict[str, str]:
    return {resource: ids.text(MOST_EMITTED) for resource, ids in sets.items()}
