"""Lines and payments that left their row: nothing tells of it, so that what was emitted is remembered, and looked for.

Of an unfinished row STATE holds the ids of its parts, and each reading of it is compared with them. Of other rows it
holds only that a part was emitted; what a full scan has not found is looked for when it ends. In both cases a part is
asked for by its own id before it is said to have left: a list within a row may be cut, old, or without its rows. Where
it is in the row all the same, the list is read by itself, so that nobody takes what was cut for what has left.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import cast

from tap_lightspeed_retail.errors import Refused
from tap_lightspeed_retail.r_series.bookmark import Bookmark
from tap_lightspeed_retail.r_series.ids import Ids
from tap_lightspeed_retail.r_series.progress import Progress
from tap_lightspeed_retail.r_series.reader import Reader
from tap_lightspeed_retail.r_series.row_types import Part, RowReading, Source
from tap_lightspeed_retail.r_series.second_look import SecondLook
from tap_lightspeed_retail.scan import Batch, Departure

MOST_AT_END = 5000
"""Parts that a full scan asks for at its end, the newest ones: each hundred costs a request."""
NO_ROW = "0"
"""The vendor's key for: in no row."""
NOT_ASKED = "%s cannot be read (%d): what has left is told by the first scan that may ask."
logger = logging.getLogger("tap-lightspeed-retail")


@dataclass(frozen=True)
class _Unfinished:
    """An unfinished row as it is now; one that was deleted has no parts, and was not read."""

    id: int
    parts: Sequence[Sequence[int]]
    stamp: str | None
    was_read: bool = True


@dataclass(frozen=True)
class _Departed:
    """A part that has left, and the row that it was in, where that is remembered."""

    part: Part
    id: int
    row: _Unfinished | None = None

    @property
    def departure(self) -> Departure:
        """As it travels on."""
        owner, stamp = (str(self.row.id), self.row.stamp) if self.row else (None, None)
        return Departure(self.part.stream, str(self.id), self.part.parent, owner, stamp)


@dataclass(frozen=True)
class _Compared:
    """What a comparison of rows with what was emitted of them has shown.

    Attributes:
        departed: What left them.
        new_owners: Rows into which something has moved.
        cut: Rows that did not show all they have.
        unasked: What they lack and may not be asked for: row, place of the list, id.
    """

    departed: Sequence[_Departed]
    new_owners: set[int]
    cut: set[int]
    unasked: Sequence[tuple[int, int, int]]


class Departures:
    """Watches the lists within the rows of one source.

    Args:
        source: Its row of the table.
        reader: Asks.
        second_look: Asks again for what may have left.
        bookmark: Its bookmark.
        progress: Works out how that moves.
    """

    def __init__(
        self, source: Source, reader: Reader, second_look: SecondLook, bookmark: Bookmark, progress: Progress
    ) -> None:
        self._source = source
        self._reader = reader
        self._second_look = second_look
        self._bookmark = bookmark
        self._progress = progress

    def added_to(self, batches: Iterator[Batch]) -> Iterator[Batch]:
        """Batches, each with what left its rows; a row into which something moved is read with it."""
        for batch in batches:
            yield self._added_to(batch) if self._source.watched else batch

    def never_found(self) -> Iterator[Batch]:
        """What was emitted once, and what a full scan that has come to its end has not found.

        What is there all the same is in a row older than the scan goes, and forgotten; what could not be asked for is
        left to the next scan.
        """
        departed: list[_Departed] = []
        asked: dict[str, Sequence[int]] = {}
        missing = self._bookmark.sets("missing_parts")
        for part in self._source.watched:
            ids = missing.get(part.resource, Ids()).last(MOST_AT_END)
            there = self._owners(part, ids)
            if there is None:
                continue
            found = [_Departed(part, number) for number in ids if _is_gone(there, number)]
            self._allow(part, found)
            departed += found
            asked[part.resource] = ids
        if any(map(len, missing.values())):
            commit = partial(self._commit_never_found, asked)
            yield Batch(departures=[each.departure for each in departed], commit=commit)

    def _commit_never_found(self, asked: Mapping[str, Sequence[int]]) -> None:
        self._bookmark.update(**self._progress.without_missing_parts(asked))

    def _added_to(self, batch: Batch) -> Batch:
        known = self._bookmark.open_parts
        readings = cast("Sequence[RowReading]", batch.readings)
        waiting = [_unfinished(each) for each in readings]
        waiting += [_Unfinished(int(each), (), self._reader.now(), was_read=False) for each in batch.deleted]
        departed: list[_Departed] = []
        moved: list[RowReading] = []
        compared = {each.id for each in waiting}
        cut: set[int] = set()
        unasked: list[tuple[int, int, int]] = []
        while waiting:
            found = self._compared([each for each in waiting if each.id in known], known)
            departed += found.departed
            cut |= found.cut
            unasked += found.unasked
            fresh = self._read(sorted(found.new_owners - compared))
            moved += fresh
            compared |= found.new_owners
            waiting = [_unfinished(each) for each in fresh]
        moved = [each for each in moved if each.number not in cut]
        moved += self._reader.by_id_completely(self._source, sorted(cut))
        if not departed and not moved and not unasked:
            return batch
        return replace(
            batch,
            readings=[*(each for each in readings if each.number not in cut), *moved],
            departures=[*batch.departures, *(each.departure for each in departed)],
            commit=partial(self._commit, batch.commit, moved, departed, unasked),
        )

    def _commit(
        self,
        commit: Callable[[], None],
        moved: Sequence[RowReading],
        departed: Sequence[_Departed],
        unasked: Sequence[tuple[int, int, int]],
    ) -> None:
        commit()
        self._bookmark.update(**self._progress.after(moved))
        self._bookmark.update(**self._progress.without_parts((each.part, each.id) for each in departed))
        self._bookmark.update(**self._progress.still_expecting(unasked))

    def _compared(self, rows: Sequence[_Unfinished], known: Mapping[int, Sequence[Ids]]) -> _Compared:
        departed: list[_Departed] = []
        owners: set[int] = set()
        cut: set[int] = set()
        unasked: list[tuple[int, int, int]] = []
        for place, part in enumerate(self._source.watched):
            missing = {number: row for row in rows for number in _missing(row, known[row.id], place)}
            there = self._owners(part, sorted(missing))
            if there is None:
                unasked += [(row.id, place, number) for number, row in missing.items()]
                continue
            found = [_Departed(part, number, row) for number, row in missing.items() if _is_gone(there, number)]
            self._allow(part, found)
            departed += found
            homes = {number: int(there[number]) for number in missing if not _is_gone(there, number) and there[number]}
            owners |= {*homes.values()}
            cut |= {home for number, home in homes.items() if home == missing[number].id and missing[number].was_read}
        return _Compared(departed, owners - cut, cut, unasked)

    def _allow(self, part: Part, departed: Sequence[_Departed]) -> None:
        """Not more may leave at once than is likely."""
        emitted = self._bookmark.sets("emitted_parts").get(part.resource, Ids())
        self._second_look.guard.allow(part.resource, len(departed), len(emitted))

    def _owners(self, part: Part, ids: Sequence[int]) -> Mapping[int, str] | None:
        """Which of these there still are, and where; None where that may not be asked: nobody saw them leave."""
        if not ids:
            return {}
        try:
            return self._second_look.owners(part, ids)
        except Refused as error:
            if not error.closed:
                raise
            logger.warning(NOT_ASKED, part.resource, error.status)
            return None

    def _read(self, owners: Sequence[int]) -> list[RowReading]:
        return [row for _, found in self._reader.by_id(self._source, owners) for row in found]


def _unfinished(reading: RowReading) -> _Unfinished:
    return _Unfinished(reading.number, reading.part_numbers, (reading.record or {}).get("updated_at"))


def _is_gone(there: Mapping[int, str], number: int) -> bool:
    return there.get(number, NO_ROW) == NO_ROW


def _missing(row: _Unfinished, known: Sequence[Ids], place: int) -> list[int]:
    """What was emitted with a row, in one of its lists, and is not in it now."""
    there = {*row.parts[place]} if row.parts else set()
    return [number for number in known[place] if number not in there]
