"""What changed since the last look: by time with overlap, by arriving children, and what is still unfinished.

No one of these is enough, for edits of a line or a payment move no time of their sale, and a completion may be written
with yesterday's time (facts: R-Series section 12). Each generator can be stopped after any batch and taken up again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from tap_lightspeed_retail.errors import Refused
from tap_lightspeed_retail.r_series.bookmark import (
    EVER,
    MOST_BLOCKS,
    MOST_OPEN,
    NOWHERE,
    Bookmark,
    Reached,
    digests_text,
    with_ids,
)
from tap_lightspeed_retail.r_series.departures import Departures
from tap_lightspeed_retail.r_series.fields import Fields
from tap_lightspeed_retail.r_series.guard import Guard
from tap_lightspeed_retail.r_series.ids import Ids
from tap_lightspeed_retail.r_series.lists import Batch, Lists, Read, wire_time
from tap_lightspeed_retail.r_series.pages import Row
from tap_lightspeed_retail.r_series.second_look import SecondLook
from tap_lightspeed_retail.r_series.source import Source, Trigger

LATE_IDS = 200
"""Ids are given in order but may be committed out of it: the last ones are looked at again."""
logger = logging.getLogger("tap-lightspeed-retail")


class Changes:
    """Looks for changes of one source.

    Args:
        source: Its row of the table.
        lists: Asks.
        mark: Its bookmark.
        guard: What may be believed to be gone.
        days: Unfinished rows that are older are left alone.
    """

    def __init__(self, source: Source, lists: Lists, mark: Bookmark, guard: Guard, days: int) -> None:
        self._days = days
        self._source = source
        self._lists = lists
        self._mark = mark
        self._ways = self._all_ways()
        self.second_look = SecondLook(lists, guard)
        self.departures = Departures(source, lists, self.second_look, mark, self._read_again)

    # By time

    def by_time(self) -> Iterator[Batch]:
        """Rows whose time moved. Ways that the server refuses are tried once."""
        try:
            yield from self._ways[0]()
        except Refused as error:
            if error.closed or len(self._ways) == 1:
                raise
            logger.info("%s: the server refuses this filter or sort; trying another way.", self._source.resource)
            self._ways = self._ways[1:]
            yield from self.by_time()

    def _all_ways(self) -> list[Callable[[], Iterator[Batch]]]:
        """Best first. Sorting by update time is documented, filtering by it is not."""
        field, other = str(self._source.sort), self._source.fallback
        ways: list[Callable[[], Iterator[Batch]]] = [partial(self._rising, field), partial(self._falling, field)]
        if other:
            ways.append(partial(self._rising, other))
        elif other is not None:
            ways.append(self._whole)
        return ways

    def _rising(self, field: str) -> Iterator[Batch]:
        """From the bookmark up: it can move with each page."""
        passed = self._place(field)
        params = [("sort", field), (field, f">=,{wire_time(passed.stamp)}")]
        for page in self._lists.rows(self._source, params, stamp=field):
            fresh = [row for row in page if (row.stamp, row.id) > passed or not row.stamp]
            last = Reached(page[-1].stamp, page[-1].id) if page else NOWHERE
            yield Batch(fresh, commit=partial(self._commit, fresh, partial(self._moved, field, self._settled(last))))

    def _place(self, field: str) -> Reached:
        """How far the table was read by a time. The fallback's place is its own: it tells of other changes."""
        mark = self._mark
        if field == self._source.sort:
            return Reached(mark.since, mark.number("passed_id"))
        return Reached.read(mark.seen.get(field) or mark.since)

    def _moved(self, field: str, reached: Reached) -> Mapping[str, Any]:
        if field == self._source.sort:
            return self._mark.read_through(*reached)
        return self._mark.saw(field, str(max(reached, self._place(field))))

    def _settled(self, last: Reached) -> Reached:
        """Where a bookmark may stand: with the last row that was seen, or before it, where rows may still be committed.

        Never beyond what was seen, however late it is by the server's clock: rows may be stamped by another one.
        """
        return min(last, Reached(self._lists.settled(), 0))

    def _falling(self, field: str) -> Iterator[Batch]:
        """From the newest down to the bookmark. Rows that change meanwhile are newer than that: the next look's."""
        reached = NOWHERE
        for page in self._lists.rows(self._source, [("sort", f"-{field}")], stamp=field):
            if page and reached is NOWHERE:
                reached = self._settled(Reached(page[0].stamp, 0))
            fresh = [row for row in page if row.stamp >= self._mark.since]
            yield Batch(fresh, commit=partial(self._commit, fresh))
            if len(fresh) < len(page):
                break
        self._mark.move(**self._mark.read_through(*reached))

    def _whole(self) -> Iterator[Batch]:
        for page in self._lists.rows(self._source, ()):
            yield Batch(page, commit=partial(self._commit, page))

    def _commit(
        self, rows: Sequence[Read], moved: Callable[[], Mapping[str, Any]] = dict, gone: Iterable[int] = ()
    ) -> None:
        self._mark.move(**self._read_again(rows, gone), **moved())

    def _read_again(self, rows: Sequence[Read], gone: Iterable[int] = ()) -> dict[str, Any]:
        """The words for: these rows were read by another look than the walk, and those have gone."""
        return {**self.kept(rows, gone), **self._stale(rows)}

    def _stale(self, rows: Sequence[Read]) -> dict[str, str]:
        """The words for: what a walk knows of these rows is old. Else one that changes back would look unchanged."""
        span, unfinished, blocks = self._mark.span, self._mark.open, self._mark.blocks
        changed = {row.id // span for row in rows if unfinished.get(row.id) != row.digest}
        kept = {block: total for block, total in blocks.items() if block not in changed}
        return {"blocks": digests_text(kept, MOST_BLOCKS)} if len(kept) < len(blocks) else {}

    def kept(self, rows: Sequence[Read], gone: Iterable[int] = ()) -> dict[str, Any]:
        """The words for: these rows were read, those have gone. Rows that make no record count too: gaps cost words."""
        lost = list(gone)
        words: dict[str, Any] = {"known": with_ids(self._mark.ids("known"), add=(row.id for row in rows), drop=lost)}
        if self._source.open_when:
            over = {*lost, *(row.id for row in rows)}
            still = {number: said for number, said in self._mark.open.items() if number not in over}
            still |= {row.id: row.digest for row in rows if self._is_open(row)}
            words["open"] = digests_text(still, MOST_OPEN)
            words |= self.departures.words(rows, still, lost)
        return words

    def _is_open(self, row: Read) -> bool:
        if row.record is None or self._source.open_when is None or not self._source.open_when(row.record):
            return False
        return str(row.record.get("created_at") or "9") >= self._lists.days_ago(self._days)

    # By what arrives

    def begin(self) -> None:
        """Note where every trigger stands before the first read: what arrives meanwhile is not lost."""
        seen = dict(self._mark.seen)
        for trigger in self._source.triggers:
            seen[trigger.resource] = self._place_of(trigger)
        self._mark.move(**self._mark.read_through(self._latest(self._source)), seen=seen)

    def _place_of(self, trigger: Trigger) -> str:
        try:
            return self._latest(trigger) if trigger.sort else self._newest(trigger)
        except Refused as error:
            _closed(trigger, error)
            return ""

    def _latest(self, table: Trigger | Source) -> str:
        """The last time in a table, as far as it is settled; where that cannot be asked for, the server's clock."""
        field = str(table.sort)
        try:
            rows = self._first(table, f"-{field}")
        except Refused as error:
            if error.closed:
                raise
            return self._lists.settled()
        last = _fields(table, rows[0]).instant(field) if rows else None
        return min(self._lists.settled(), last or EVER)

    def _newest(self, table: Trigger | Source) -> str:
        """The last ids that there are; those that are missing between them may still be committed."""
        last = Ids()
        for rows in self._lists.pages(table.resource, [("sort", f"-{table.id_field}")], size=LATE_IDS // 2):
            last.update(_id(table, row) for row in rows)
            if not rows or last.highest - _id(table, rows[-1]) >= LATE_IDS:
                break
        last.drop_below(last.highest - LATE_IDS)
        return str(last)

    def _first(self, table: Trigger | Source, sort: str) -> list[Row]:
        """The first row in some order, if there is one."""
        params = [*(table.params if isinstance(table, Source) else ()), ("sort", sort)]
        return next(self._lists.pages(table.resource, params, size=1), [])

    def by_arrival(self, trigger: Trigger) -> Iterator[Batch]:
        """Rows whose children arrived or changed, read again whole."""
        try:
            for owners, how_far in self._arrivals(trigger):
                yield from self._again(sorted(owners), partial(self._saw, trigger, how_far))
        except Refused as error:
            _closed(trigger, error)

    def _saw(self, trigger: Trigger, how_far: Callable[[], str]) -> None:
        self._mark.move(**self._mark.saw(trigger.resource, how_far()))

    def _again(self, ids: Sequence[int], then: Callable[[], None]) -> Iterator[Batch]:
        """Rows by id; those that are not there any more, a second look included, have gone."""
        lost = 0
        for asked, found in self._lists.by_id(self._source, ids):
            known = self._mark.ids("known")
            missing = sorted(set(asked) - {row.id for row in found})
            gone = self.second_look.missing(self._source, [number for number in missing if number in known])
            lost += len(gone.lost)
            self.second_look.guard.allow(self._source.resource, lost, len(known))
            buried = [*gone.left, *gone.lost]
            forgotten = [number for number in missing if number in buried or number not in known]
            yield Batch(found, buried, commit=partial(self._commit, found, gone=forgotten))
        yield Batch(commit=then)

    def _arrivals(self, trigger: Trigger) -> Iterator[tuple[set[int], Callable[[], str]]]:
        return self._arrived_by_time(trigger) if trigger.sort else self._arrived_by_id(trigger)

    def _arrived_by_time(self, trigger: Trigger) -> Iterator[tuple[set[int], Callable[[], str]]]:
        passed = Reached.read(self._mark.seen.get(trigger.resource) or self._mark.since)
        field = str(trigger.sort)
        for rows in self._lists.pages(trigger.resource, [("sort", field), (field, f">=,{wire_time(passed.stamp)}")]):
            places = [Reached(_fields(trigger, row).instant(field) or "", _id(trigger, row)) for row in rows]
            fresh = [row for row, place in zip(rows, places, strict=True) if place > passed or not place.stamp]
            far = max(passed, self._settled(places[-1])) if places else passed
            yield _owners(trigger, fresh), partial(str, far)

    def _arrived_by_id(self, trigger: Trigger) -> Iterator[tuple[set[int], Callable[[], str]]]:
        seen = Ids(self._mark.seen.get(trigger.resource, ""))
        field = trigger.id_field
        for rows in self._lists.pages(trigger.resource, [("sort", field), (field, f">,{_settled_id(seen)}")]):
            fresh = [row for row in rows if _id(trigger, row) not in seen]
            yield _owners(trigger, fresh), partial(_last_ids, seen, [_id(trigger, row) for row in fresh])

    # What only grows

    def by_growth(self, start_date: str) -> Iterator[Batch]:
        """Rows that were added, where none ever changes; the first look takes all of them, or those since a date."""
        source = self._source
        seen = Ids(self._mark.seen.get(source.resource) or self._passed_over(start_date))
        params = [("sort", source.id_field), (source.id_field, f">,{_settled_id(seen)}")]
        for page in self._lists.rows(source, params):
            fresh = [row for row in page if row.id not in seen]
            yield Batch(fresh, commit=partial(self._grew, seen, fresh))

    def _passed_over(self, start_date: str) -> str:
        """The last ids before the first row since a date; empty where nothing is to be passed over."""
        if not start_date:
            return ""
        first = self._lists.first_since(self._source, wire_time(start_date))
        return self._newest(self._source) if first is None else _last_before(first)

    def _grew(self, seen: Ids, fresh: Sequence[Read]) -> None:
        self._mark.move(**self._mark.saw(self._source.resource, _last_ids(seen, [row.id for row in fresh])))

    # What is unfinished

    def still_open(self) -> Iterator[Batch]:
        """Unfinished rows, read again: a line may have left one without a trace."""
        said = self._mark.open
        for batch in self._again(sorted(said), lambda: None):
            yield replace(batch, read=[row for row in batch.read if said.get(row.id) != row.digest])


def _last_before(number: int) -> str:
    """The ids before one, as far as late commits are looked for."""
    return f"{max(1, number - 1 - LATE_IDS)}-{number - 1}" if number > 1 else ""


def _closed(trigger: Trigger | Source, error: Refused) -> None:
    """A scope that is missing for a trigger costs a warning: what it tells, the reconciliation finds too, but later."""
    if not error.closed:
        raise error
    logger.warning(
        "%s cannot be read (%d): its changes are found by the reconciliation.", trigger.resource, error.status
    )


def _fields(table: Trigger | Source, row: Row) -> Fields:
    return Fields(table.resource, row, table.id_field)


def _id(table: Trigger | Source, row: Row) -> int:
    return int(_fields(table, row).id)


def _owners(trigger: Trigger, rows: Sequence[Row]) -> set[int]:
    """The rows that these belong to; what leads nowhere is found by the reconciliation."""
    keys = (_fields(trigger, row).digits(trigger.owner) for row in rows)
    return {int(key) for key in keys if key} - {0}


def _settled_id(seen: Ids) -> int:
    """The id up to which nothing can be missing any more: the last before a gap, if that is not too old."""
    low = max(0, seen.highest - LATE_IDS)
    return next((number for number in range(low, seen.highest) if number + 1 not in seen), seen.highest)


def _last_ids(seen: Ids, fresh: Sequence[int]) -> str:
    seen.update(fresh)
    seen.drop_below(seen.highest - LATE_IDS)
    return str(seen)
