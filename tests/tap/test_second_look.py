"""A row that a list did not show is asked for by its id, beside a witness: without that nothing is concluded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from tap_lightspeed_retail.errors import Malformed, Unlikely
from tap_lightspeed_retail.r_series.guard import Guard
from tap_lightspeed_retail.r_series.notes import Row
from tap_lightspeed_retail.r_series.row_types import Part, Source
from tap_lightspeed_retail.r_series.second_look import Missing, SecondLook
from tap_lightspeed_retail.r_series.table import SOURCES
from tap_lightspeed_retail.web.api import Params

SALES, GIFT_CARDS = SOURCES["sales"], SOURCES["gift_cards"]
LINES = SALES.parts[0]


@dataclass
class Tables:
    """What is asked: the rows that there are, those that are listed now, and the questions.

    Attributes:
        largest: Rows of a page at most: the server cannot make larger ones.
        cut: Only first pages have rows.
    """

    there: dict[int, dict[str, str]]
    witnesses: dict[str, int] = field(default_factory=dict)
    listed: int | None = None
    asked: list[list[int]] = field(default_factory=list)
    unasked_for: int | None = None
    largest: int = 100
    cut: bool = False

    def pages(self, resource: str, params: Params, *, size: int = 0, certain: bool = False) -> Iterator[list[Row]]:
        assert certain
        *others, (name, value) = params
        assert resource in ("Sale", "SaleLine", "CreditAccount")
        ids = [int(word) for word in value.removeprefix("IN,[").removesuffix("]").split(",")]
        self.asked.append(ids)
        assert size == len(ids)
        found: list[Row] = []
        for number in [*ids, *([self.unasked_for] if self.unasked_for else [])]:
            row = self.there.get(number)
            if row is not None and all(row.get(each) == wanted for each, wanted in others):
                found.append({name: str(number), **row})
        most = min(size, self.largest)
        for start in range(0, max(1, len(found)), most):
            yield [] if self.cut and start else found[start : start + most]

    def newest(self, source: Source) -> int | None:
        assert source in (SALES, GIFT_CARDS)
        return self.listed

    def newest_of(self, part: Part) -> int | None:
        assert part is LINES
        return self.listed

    def makes_record(self, source: Source, row: Row) -> bool:
        return bool(source is GIFT_CARDS and row["giftCard"] == "true")


def look(there: dict[int, Any] | list[int], *, share: float = 0.1, **more: Any) -> tuple[SecondLook, Tables]:
    rows = there if isinstance(there, dict) else {number: {} for number in there}
    tables = Tables(rows, **more)
    return SecondLook(tables, Guard(share)), tables


def test_what_is_not_beside_its_witness_is_not_there() -> None:
    """The witness is a row that was read, and nothing else of it is said."""
    second, tables = look([2, 9], witnesses={"Sale": 9, "SaleLine": 4})

    assert second.missing(SALES, [1, 2, 3]) == Missing([], [1, 3])
    assert tables.asked == [[1, 2, 3, 9]]


def test_a_witness_that_has_gone_itself_is_replaced_by_one_that_is_listed() -> None:
    """Asked once more; where that is not there either, the answer is worth nothing."""
    second, tables = look([2, 8], witnesses={"Sale": 9}, listed=8)
    assert second.missing(SALES, [1, 2]) == Missing([], [1])
    assert tables.asked == [[1, 2, 9], [1, 2, 8]]

    second, _ = look([2], witnesses={"Sale": 9}, listed=8)
    with pytest.raises(Malformed, match=r"Sale: Asked for by its id, a row .* Nothing was said to be deleted."):
        second.missing(SALES, [1, 2])


def test_without_any_witness_that_was_read_a_listed_one_is_taken() -> None:
    """The first question has it already."""
    second, tables = look([8], listed=8)

    assert second.missing(SALES, [1]) == Missing([], [1])
    assert tables.asked == [[1, 8]]


def test_where_nothing_is_listed_somebody_has_to_say_that_all_may_be_gone() -> None:
    """Then the answer is believed without a witness."""
    second, _ = look([])
    with pytest.raises(Unlikely, match="Sale: Of all rows that were known none is there any more"):
        second.missing(SALES, [1])
    second, tables = look([2], share=1)

    assert second.missing(SALES, [1, 2]) == Missing([], [1])
    assert tables.asked == [[1, 2]]


def test_no_question_has_more_than_a_hundred_ids() -> None:
    """The witness among them; none of them is left out."""
    second, tables = look([500, 100], witnesses={"Sale": 500})

    assert second.missing(SALES, range(1, 251)).deleted == [number for number in range(1, 251) if number != 100]
    assert [len(ids) for ids in tables.asked] == [100, 100, 53]
    assert second.missing(SALES, []) == Missing([], [])
    assert len(tables.asked) == 3


@pytest.mark.parametrize("cut", [False, True])
def test_a_witness_proves_the_page_that_it_is_on_and_no_other(cut: bool) -> None:
    """Where the server makes smaller pages than one of all ids, the halves are asked for, each with the witness."""
    second, tables = look([*range(1, 60), 61], witnesses={"Sale": 1, "SaleLine": 1}, largest=10, cut=cut)

    assert second.missing(SALES, range(2, 62)) == Missing([], [60])
    assert {*range(1, 62)} - {*second.owners(LINES, range(2, 62))} == {60}
    assert all(1 in ids for ids in tables.asked)


def test_pages_on_which_all_is_there_need_no_witness() -> None:
    """A server may announce a page behind one that is full."""
    second, tables = look([*range(1, 31)], witnesses={"Sale": 1}, largest=10)

    assert second.missing(SALES, range(2, 31)) == Missing([], [])
    assert len(tables.asked) == 1


def test_rows_that_nobody_asked_for_are_no_answer() -> None:
    """The question was not heeded."""
    second, _ = look([1, 7, 9], witnesses={"Sale": 9}, unasked_for=7)

    with pytest.raises(Malformed, match=r"Sale: Asked for some rows .* answers others\. Please report it"):
        second.missing(SALES, [1])


def test_a_row_of_a_list_is_in_the_row_that_it_names() -> None:
    """In none where it names none."""
    there = {1: {"saleID": "7"}, 2: {"saleID": "0"}, 3: {"saleID": "?"}, 9: {"saleID": "8"}}
    second, tables = look(there, witnesses={"SaleLine": 9, "Sale": 4})

    assert second.owners(LINES, [1, 2, 3, 4]) == {1: "7", 2: "0", 3: "", 9: "8"}
    assert tables.asked == [[1, 2, 3, 4, 9]]
    second, _ = look(there, listed=9)
    assert second.owners(LINES, [1])[1] == "7"


def test_what_is_none_of_the_streams_any_more_is_told_apart_from_what_is_deleted() -> None:
    """Where a source asks for some rows only: asked for without that condition, it may exist all the same."""
    there = {1: {"giftCard": "true"}, 2: {"giftCard": "false"}, 9: {"giftCard": "true"}}
    second, tables = look(there, witnesses={"CreditAccount": 9})

    assert second.missing(GIFT_CARDS, [1, 2, 3]) == Missing([2], [3])
    assert tables.asked == [[1, 2, 3], [3, 9]]
