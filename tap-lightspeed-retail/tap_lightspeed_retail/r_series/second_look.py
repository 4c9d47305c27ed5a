"""Rows that a list did not show are asked for by id before anybody hears that they were deleted.

That question could be empty for the same reason as the list was, so that each names a row that is certainly there: an
answer without this witness says nothing. It speaks for the page that it is on, so that all is asked for in one page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from tap_lightspeed_retail.errors import Malformed
from tap_lightspeed_retail.r_series.fields import Fields
from tap_lightspeed_retail.r_series.guard import Guard
from tap_lightspeed_retail.r_series.ids import chunks
from tap_lightspeed_retail.r_series.limits import MOST_IN
from tap_lightspeed_retail.r_series.notes import Row
from tap_lightspeed_retail.r_series.row_types import Part, Source
from tap_lightspeed_retail.web.api import Params

MOST_BESIDE_WITNESS = MOST_IN - 1
"""Ids of one question, such that there is room for a witness."""


class Table(Protocol):
    """What rows can be asked for by id."""

    @property
    def resource(self) -> str:
        """Whose rows."""

    @property
    def id_field(self) -> str:
        """Their primary key."""


class Tables(Protocol):
    """What is asked: the part of a ``Reader`` that is needed here."""

    @property
    def witnesses(self) -> Mapping[str, int]:
        """Resource -> the last row of it that was read, and is there for certain."""

    def pages(self, resource: str, params: Params, *, size: int = 0, certain: bool = False) -> Iterator[list[Row]]:
        """Pages of a resource, of so many rows."""

    def newest(self, source: Source) -> int | None:
        """A row that is listed now, and makes a record."""

    def newest_of(self, part: Part) -> int | None:
        """A row of a list that is listed now."""

    def makes_record(self, source: Source, row: Row) -> bool:
        """Whether a row makes a record."""


@dataclass(frozen=True)
class Missing:
    """Rows that were not listed any more.

    Attributes:
        excluded: They still exist, but are none of the stream's any more.
        deleted: They do not exist.
    """

    excluded: Sequence[int]
    deleted: Sequence[int]


class SecondLook:
    """Asks by id.

    Args:
        tables: What is asked.
        guard: What may be believed.
    """

    def __init__(self, tables: Tables, guard: Guard) -> None:
        self._tables = tables
        self.guard = guard

    def missing(self, source: Source, ids: Sequence[int]) -> Missing:
        """Which of these rows are not there any more.

        Raises:
            Malformed: The answer does not hold what is certainly there, or holds what nobody asked for.
            Unlikely: There is no row at all.
        """
        elsewhere = self._elsewhere(source, ids)
        rest = [number for number in ids if number not in elsewhere]
        there = {
            int(fields.id)
            for asked in chunks(rest, MOST_BESIDE_WITNESS)
            for fields in self._witnessed(source, asked, source.params, lambda: self._tables.newest(source))
        }
        excluded = [number for number, is_ours in elsewhere.items() if not is_ours]
        return Missing(excluded, [number for number in rest if number not in there])

    def owners(self, part: Part, ids: Sequence[int]) -> dict[int, str]:
        """Which of these rows of a list there are, each with the key of the row it is in, in the vendor's words.

        Raises:
            Malformed: The answer does not hold what is certainly there, or holds what nobody asked for.
            Unlikely: There is no row at all.
        """
        return {
            int(fields.id): fields.digits(part.owner) or ""
            for asked in chunks(ids, MOST_BESIDE_WITNESS)
            for fields in self._witnessed(part, asked, (), lambda: self._tables.newest_of(part))
        }

    def _elsewhere(self, source: Source, ids: Sequence[int]) -> dict[int, bool]:
        """Where a source asks for some rows only: those that exist all the same, and whether each is still its own."""
        asking = chunks(ids, MOST_BESIDE_WITNESS) if source.params else ()
        found = (row for asked in asking for page in self._asked(source, asked, ()) for row in page)
        return {_id(source, row): self._tables.makes_record(source, row) for row in found}

    def _witnessed(
        self, table: Table, ids: Sequence[int], params: Params, newest: Callable[[], int | None]
    ) -> list[Fields]:
        """The rows with these ids; asked once more with a fresh witness where the one at hand is not there.

        Where the server cannot make one page of all, what is not there is proved by halves.
        """
        for witness in (self._tables.witnesses.get(table.resource), None):
            known = newest() if witness is None else witness
            if known is None:
                self.guard.allow_none(table.resource)
            answered = [*self._asked(table, [*ids, *([] if known is None else [known])], params)]
            rows = [row for page in answered for row in page]
            there = {_id(table, row) for row in rows}
            if len(answered) > 1 and len(ids) > 1 and not there.issuperset(ids):
                halves = (ids[: len(ids) // 2], ids[len(ids) // 2 :])
                return [each for half in halves for each in self._witnessed(table, half, params, newest)]
            if known is None or known in there:
                return [Fields(table.resource, row, table.id_field) for row in rows]
        raise Malformed(
            "Asked for by its id, a row that was listed a moment ago is not there: what else is missing says nothing.",
            where=table.resource,
            hint="Nothing was said to be deleted. Try again; else report it.",
        )

    def _asked(self, table: Table, ids: Sequence[int], params: Params) -> Iterator[list[Row]]:
        """The pages of an answer; one, unless the server cannot make it."""
        wanted = sorted({*ids})
        asked = [*params, (table.id_field, f"IN,[{','.join(map(str, wanted))}]")]
        for rows in self._tables.pages(table.resource, asked, size=len(wanted), certain=True):
            if any(_id(table, row) not in wanted for row in rows):
                raise Malformed(
                    "Asked for some rows by id, Lightspeed answers others.",
                    where=table.resource,
                    hint="Please report it.",
                )
            yield rows


def _id(table: Table, row: Row) -> int:
    return int(Fields(table.resource, row, table.id_field).id)
