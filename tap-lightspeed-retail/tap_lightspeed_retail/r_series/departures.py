"""Lines and payments that left their row: nothing tells of it, so that what was told is remembered, and looked for.

Of an unfinished row STATE holds the ids of its parts, and each reading of it is compared with them. Of other rows it
holds only that a part was told; what a walk over all rows has not met is looked for when it ends. In both cases a part
is asked for by its own id before it is said to have left: a list within a row may be cut, old, or without its rows.
Where it is in the row all the same, the list is read by itself, so that nobody takes what was cut for what has left.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from tap_lightspeed_retail.errors import Refused
from tap_lightspeed_retail.r_series.bookmark import Bookmark, within_text
from tap_lightspeed_retail.r_series.ids import Ids
from tap_lightspeed_retail.r_series.lists import Batch, Left, Lists, Read
from tap_lightspeed_retail.r_series.second_look import SecondLook
from tap_lightspeed_retail.r_series.source import Part, Source

MOST_ASKED = 5000
"""Parts that a walk asks for at its end, the newest ones: each hundred costs a request."""
MOST_TOLD = 500
"""Ranges of ids that STATE has for what was told; of more the lowest are forgotten. Ids are given without gaps."""
NOWHERE = "0"
"""The vendor's key for: in no row."""
logger = logging.getLogger("tap-lightspeed-retail")


@dataclass(frozen=True)
class _Seen:
    """An unfinished row as it was seen now."""

    id: int
    parts: Sequence[Sequence[int]]
    stamp: str | None
    read: bool = True


class Departures:
    """Watches the lists within the rows of one source.

    Args:
        source: Its row of the table.
        lists: Asks.
        second_look: Asks again for what may have left.
        mark: Its bookmark.
        read_again: The words of the bookmark for rows that were read.
    """

    def __init__(
        self,
        source: Source,
        lists: Lists,
        second_look: SecondLook,
        mark: Bookmark,
        read_again: Callable[[Sequence[Read]], Mapping[str, Any]],
    ) -> None:
        self._source = source
        self._lists = lists
        self._second_look = second_look
        self._mark = mark
        self._read_again = read_again

    # What is remembered

    def words(self, rows: Sequence[Read], unfinished: Mapping[int, Any], lost: Sequence[int]) -> dict[str, Any]:
        """The words of the bookmark for: these rows were read, those are unfinished, those have gone."""
        parts = self._source.watched
        if not parts:
            return {}
        told, unmet = self._mark.sets("told"), self._mark.sets("unmet")
        for place, part in enumerate(parts):
            ids = [number for row in rows if row.parts for number in row.parts[place]]
            told.setdefault(part.resource, Ids()).update(ids)
            for number in ids if part.resource in unmet else ():
                unmet[part.resource].discard(number)
        within = {number: held for number, held in self._mark.within.items() if number not in lost}
        within |= {row.id: tuple(_ids(each) for each in row.parts) for row in rows}
        open_ones = {number: held for number, held in within.items() if number in unfinished and any(map(len, held))}
        return {"told": _texts(told), "unmet": _texts(unmet), "within": within_text(open_ones)}

    def _forget(self, left: Sequence[Left]) -> None:
        told = self._mark.sets("told")
        for each in left:
            told.get(each.part.resource, Ids()).discard(each.id)
        self._mark.move(told=_texts(told))

    # What left an unfinished row

    def noted(self, batches: Iterator[Batch]) -> Iterator[Batch]:
        """Batches, each with what left its rows; a row into which something moved is read with it."""
        for batch in batches:
            yield self._noted(batch) if self._source.watched else batch

    def _noted(self, batch: Batch) -> Batch:
        known = self._mark.within
        waiting = [_seen(row) for row in batch.read]
        waiting += [_Seen(number, (), self._lists.now(), read=False) for number in batch.gone]
        left: list[Left] = []
        moved: list[Read] = []
        looked_at = {each.id for each in waiting}
        cut: set[int] = set()
        while waiting:
            found, owners, mended = self._of([each for each in waiting if each.id in known], known)
            left += found
            cut |= mended
            fresh = self._read(sorted(owners - looked_at))
            moved += fresh
            looked_at |= owners
            waiting = [_seen(row) for row in fresh]
        moved = [row for row in moved if row.id not in cut] + self._lists.whole(self._source, sorted(cut))
        if not left and not moved:
            return batch
        return replace(
            batch,
            read=[*(row for row in batch.read if row.id not in cut), *moved],
            left=[*batch.left, *left],
            commit=partial(self._commit, batch.commit, moved, left),
        )

    def _commit(self, commit: Callable[[], None], moved: Sequence[Read], left: Sequence[Left]) -> None:
        commit()
        self._mark.move(**self._read_again(moved))
        self._forget(left)

    def _of(self, rows: Sequence[_Seen], known: Mapping[int, Sequence[Ids]]) -> tuple[list[Left], set[int], set[int]]:
        """What left these rows, the rows into which something has moved, and those that did not show all they have."""
        left: list[Left] = []
        owners: set[int] = set()
        cut: set[int] = set()
        for place, part in enumerate(self._source.watched):
            missing = {number: row for row in rows for number in _missing(row, known[row.id], place)}
            there = self._there(part, sorted(missing))
            found = [
                Left(part, number, row.id, row.stamp)
                for number, row in missing.items()
                if there.get(number, NOWHERE) == NOWHERE
            ]
            self._allow(part, found)
            left += found
            homes = {
                number: int(there[number]) for number in missing if there.get(number, NOWHERE) not in (NOWHERE, "")
            }
            owners |= {*homes.values()}
            cut |= {home for number, home in homes.items() if home == missing[number].id and missing[number].read}
        return left, owners - cut, cut

    def _allow(self, part: Part, left: Sequence[Left]) -> None:
        """Not more may leave at once than is likely."""
        told = self._mark.sets("told").get(part.resource, Ids())
        self._second_look.guard.allow(part.resource, len(left), len(told))

    def _there(self, part: Part, ids: Sequence[int]) -> Mapping[int, str]:
        """Which of these there still are, and where. What may not be asked counts as there: nobody saw it leave."""
        if not ids:
            return {}
        try:
            return self._second_look.owners(part, ids)
        except Refused as error:
            if not error.closed:
                raise
            logger.warning("%s cannot be read (%d): what has left is not told.", part.resource, error.status)
            return dict.fromkeys(ids, "")

    def _read(self, owners: Sequence[int]) -> list[Read]:
        return [row for _, found in self._lists.by_id(self._source, owners) for row in found]

    # What a walk has not met

    def begun(self, *, first: bool) -> dict[str, Any]:
        """The words for: a walk begins. The first one meets all there is."""
        return {"unmet": {} if first else _texts(self._mark.sets("told"))} if self._source.watched else {}

    def unmet(self) -> Iterator[Batch]:
        """What was told once, and what a walk that has come to its end has not met.

        What is there all the same is in a row older than the walk goes, and forgotten.
        """
        left: list[Left] = []
        unmet = self._mark.sets("unmet")
        for part in self._source.watched:
            ids = [*unmet.get(part.resource, Ids())][-MOST_ASKED:]
            there = self._there(part, ids)
            found = [Left(part, number) for number in ids if there.get(number, NOWHERE) == NOWHERE]
            self._allow(part, found)
            left += found
        if any(map(len, unmet.values())):
            yield Batch(left=left, commit=self._met)

    def _met(self) -> None:
        told = self._mark.sets("told")
        for resource, ids in self._mark.sets("unmet").items():
            told[resource].subtract(ids)
        self._mark.move(told=_texts(told), unmet={})


def _seen(row: Read) -> _Seen:
    return _Seen(row.id, row.parts, (row.record or {}).get("updated_at"))


def _missing(row: _Seen, known: Sequence[Ids], place: int) -> list[int]:
    """What was told with a row, in one of its lists, and is not in it now."""
    there = {*row.parts[place]} if row.parts else set()
    return [number for number in known[place] if number not in there]


def _ids(numbers: Sequence[int]) -> Ids:
    ids = Ids()
    ids.update(numbers)
    return ids


def _texts(sets: Mapping[str, Ids]) -> dict[str, str]:
    return {resource: ids.text(MOST_TOLD) for resource, ids in sets.items()}
