"""Rows that a list did not show are asked for by id before anybody hears that they have gone.

That question could be empty for the same reason as the list was, so that each names a row that is certainly there: an
answer without it says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from tap_lightspeed_retail.errors import Malformed
from tap_lightspeed_retail.r_series.fields import Fields
from tap_lightspeed_retail.r_series.guard import Guard
from tap_lightspeed_retail.r_series.lists import MOST_IN, Lists
from tap_lightspeed_retail.r_series.pages import Params, Row
from tap_lightspeed_retail.r_series.source import Part, Source


class Table(Protocol):
    """What rows can be asked for by id."""

    @property
    def resource(self) -> str:
        """Whose rows."""

    @property
    def id_field(self) -> str:
        """Their primary key."""


@dataclass(frozen=True)
class Gone:
    """Rows that are not there.

    Attributes:
        left: They still exist, but are none of the stream's any more.
        lost: They do not exist.
    """

    left: Sequence[int]
    lost: Sequence[int]


class SecondLook:
    """Asks by id.

    Args:
        lists: Asks.
        guard: What may be believed.
    """

    def __init__(self, lists: Lists, guard: Guard) -> None:
        self._lists = lists
        self.guard = guard

    def missing(self, source: Source, ids: Sequence[int]) -> Gone:
        """Which of these rows are not there any more.

        Raises:
            Malformed: The answer does not hold what is certainly there, or holds what nobody asked for.
            Unlikely: There is no row at all.
        """
        elsewhere = self._elsewhere(source, ids)
        rest = [number for number in ids if number not in elsewhere]
        there = {
            int(fields.id)
            for asked in _chunks(rest)
            for fields in self._witnessed(source, asked, source.params, lambda: self._lists.newest(source))
        }
        left = [number for number, is_ours in elsewhere.items() if not is_ours]
        return Gone(left, [number for number in rest if number not in there])

    def _elsewhere(self, source: Source, ids: Sequence[int]) -> dict[int, bool]:
        """Where a source asks for some rows only: those that exist all the same, and whether each is still its own."""
        chunks = _chunks(ids) if source.params else ()
        found = (row for asked in chunks for row in self._asked(source, asked, ()))
        return {self._id(source, row): self._lists.makes(source, row) for row in found}

    def owners(self, part: Part, ids: Sequence[int]) -> dict[int, str]:
        """Which of these rows of a list there are, each with the key of the row it is in, in the vendor's words.

        Raises:
            Malformed: The answer does not hold what is certainly there, or holds what nobody asked for.
            Unlikely: There is no row at all.
        """
        return {
            int(fields.id): fields.digits(part.owner) or ""
            for asked in _chunks(ids)
            for fields in self._witnessed(part, asked, (), lambda: self._lists.newest_of(part))
        }

    def _witnessed(
        self, table: Table, ids: Sequence[int], params: Params, newest: Callable[[], int | None]
    ) -> list[Fields]:
        """The rows with these ids; asked once more with a fresh witness where the one at hand is not there."""
        for witness in (self._lists.met.get(table.resource), None):
            known = newest() if witness is None else witness
            if known is None:
                self.guard.allow_none(table.resource)
            rows = [*self._asked(table, [*ids, *([] if known is None else [known])], params)]
            there = {self._id(table, row) for row in rows}
            if known is None or known in there:
                return [Fields(table.resource, row, table.id_field) for row in rows]
        raise Malformed(
            "Asked for by its id, a row that was listed a moment ago is not there: what else is missing says nothing.",
            where=table.resource,
            hint="Nothing was said to be deleted. Try again; else report it.",
        )

    def _asked(self, table: Table, ids: Sequence[int], params: Params) -> Iterator[Row]:
        wanted = sorted({*ids})
        asked = [*params, (table.id_field, f"IN,[{','.join(map(str, wanted))}]")]
        for rows in self._lists.pages(table.resource, asked, certain=True):
            if any(self._id(table, row) not in wanted for row in rows):
                raise Malformed(
                    "Asked for some rows by id, Lightspeed answers others.",
                    where=table.resource,
                    hint="Please report it.",
                )
            yield from rows

    @staticmethod
    def _id(table: Table, row: Row) -> int:
        return int(Fields(table.resource, row, table.id_field).id)


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """So many at once that there is room for a witness."""
    size = MOST_IN - 1
    return (ids[start : start + size] for start in range(0, len(ids), size))
