"""What left a row, on a vendor in memory: told once, as having left the row that it was in, and where it is now."""

from __future__ import annotations

import pytest
from tap_lightspeed_retail.errors import Unlikely
from tap_lightspeed_retail.r_series import bookmark, departures
from tap_lightspeed_retail.r_series.bookmark import open_parts_text
from tap_lightspeed_retail.r_series.ids import Ids
from tap_lightspeed_retail.scan import Departure

from .books import DAY, Books, Told

NOTHING = Told()


@pytest.fixture
def books() -> Books:
    """Two open sales and a completed one, each with three lines, and with two payments."""
    books = Books()
    books.put("Sale", [1, 2], ago=2 * DAY, completed="false")
    books.put("Sale", 3, ago=DAY, completed="true", shopID="1")
    for sale in (1, 2, 3):
        books.put("SaleLine", [10 * sale + number for number in (1, 2, 3)], ago=2 * DAY, saleID=str(sale))
        books.put("SalePayment", [10 * sale + number for number in (1, 2)], ago=2 * DAY, saleID=str(sale))
    books.run()
    books.later(600)
    return books


def move(books: Books, line: int, sale: int) -> None:
    """No time tells of it."""
    books.tables["SaleLine"][line]["saleID"] = str(sale)


def left(stream: str, number: int, sale: int | None, stamp: str | None) -> Departure:
    return Departure(stream, str(number), "sale", None if sale is None else str(sale), stamp)


def test_what_left_is_told_with_its_sale_and_the_version_without_it(books: Books) -> None:
    """Of each list, and once."""
    stamp = books.tables["Sale"][1]["updateTime"]
    books.remove("SaleLine", 12)
    books.remove("SalePayment", 11)

    assert books.run() == Told([1], [], [left("sale_lines", 12, 1, stamp), left("sale_payments", 11, 1, stamp)])
    assert books.run() == NOTHING
    assert books.state["open_parts"] == "1:11,13:12 2:21-23:21-22"
    assert books.state["emitted_parts"] == {"SaleLine": "11 13 21-23 31-33", "SalePayment": "12 21-22 31-32"}


def test_what_left_and_what_moved_in_one_batch_are_both_told(books: Books) -> None:
    """A sale into which a line has moved is read with it, and may itself have lost one."""
    books.remove("SaleLine", 11)
    move(books, 12, 3)

    told = books.run()

    assert told.rows == [1, 3]
    assert [(each.id, each.parent_id) for each in told.departures] == [("11", "1")]
    assert books.run() == NOTHING
    assert books.state["emitted_parts"]["SaleLine"] == "12-13 21-23 31-33"


def test_a_sale_that_is_read_for_what_moved_into_it_is_compared_too(books: Books) -> None:
    """By children: of the two sales only the first was to be read again."""
    books.put("SaleVoid", 1, saleID="1")
    move(books, 12, 2)
    books.remove("SaleLine", 22)
    books.tables["Sale"][1]["ticketNumber"] = "1"

    told = books.run()

    assert sorted(told.rows) == [1, 2]
    assert [(each.id, each.parent_id) for each in told.departures] == [("22", "2")]
    assert books.state["open_parts"] == "1:11,13:11-12 2:12,21,23:21-22"


def test_sales_whose_lists_are_cut_are_told_whole(books: Books) -> None:
    """That which was to be read again, and that into which one of its lines has moved."""
    books.put("SaleVoid", 1, saleID="1")
    move(books, 12, 2)
    books.nested = 1

    told = books.run()

    assert sorted(told.rows) == [1, 2]
    assert told.departures == []
    assert books.state["open_parts"] == "1:11,13:11-12 2:12,21-23:21-22"


def test_a_line_that_was_set_aside_has_left(books: Books) -> None:
    """It is in no sale: a layaway again."""
    move(books, 12, 0)

    assert [(each.id, each.parent_id) for each in books.run().departures] == [("12", "1")]


def test_with_an_open_sale_that_was_deleted_all_that_was_in_it_has_left(books: Books) -> None:
    """When that was seen; a line that has moved out of it before has not."""
    books.remove("Sale", 1)
    books.remove("SaleLine", 11, 12)
    books.remove("SalePayment", 11, 12)
    move(books, 13, 2)

    told = books.run()

    assert (told.rows, told.deleted) == ([2], [1])
    assert sorted(told.departures, key=lambda each: (each.stream, each.id)) == [
        left("sale_lines", 11, 1, books.ago(0)),
        left("sale_lines", 12, 1, books.ago(0)),
        left("sale_payments", 11, 1, books.ago(0)),
        left("sale_payments", 12, 1, books.ago(0)),
    ]
    assert books.state["open_parts"] == "2:13,21-23:21-22"


def test_what_left_a_completed_sale_is_told_when_a_full_scan_is_over(books: Books) -> None:
    """Which one it was in is not remembered; what is in a sale all the same is not asked for again."""
    books.remove("SaleLine", 32)
    books.remove("SalePayment", 31)
    assert books.run() == NOTHING
    books.later(DAY)

    told = books.run()

    assert told.departures == [left("sale_lines", 32, None, None), left("sale_payments", 31, None, None)]
    assert books.state["missing_parts"] == {}
    assert books.state["emitted_parts"] == {"SaleLine": "11-13 21-23 31 33", "SalePayment": "11-12 21-22 32"}
    books.later(DAY)
    assert books.run() == NOTHING


def test_of_very_many_that_a_full_scan_has_not_found_the_newest_are_asked_for(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each hundred costs a request; the others are asked for by the scans after it."""
    monkeypatch.setattr(departures, "MOST_AT_END", 2)
    books.remove("SaleLine", 31, 32, 33)
    books.later(DAY)

    assert [each.id for each in books.run().departures] == ["32", "33"]
    assert books.state["emitted_parts"]["SaleLine"] == "11-13 21-23 31"
    books.later(DAY)
    assert [each.id for each in books.run().departures] == ["31"]
    assert books.state["emitted_parts"]["SaleLine"] == "11-13 21-23"
    books.later(DAY)
    assert books.run() == NOTHING


@pytest.mark.parametrize("completed", ["true", "false"])
@pytest.mark.parametrize(("gone", "likely"), [(30, True), (50, False)])
def test_not_more_may_leave_at_once_than_is_likely(completed: str, gone: int, likely: bool) -> None:
    """A tenth of the lines that were emitted; of payments there are others."""
    books = Books()
    books.put("Sale", range(1, 6), ago=2 * DAY, completed=completed)
    for sale in range(1, 6):
        books.put("SaleLine", range(80 * sale, 80 * sale + 80), ago=2 * DAY, saleID=str(sale))
    books.put("SalePayment", range(1, 9), ago=2 * DAY, saleID="2")
    books.run()
    books.later(2 * DAY)
    books.run()
    books.remove("SaleLine", *range(80, 80 + gone))
    books.later(2 * DAY)

    if likely:
        assert len(books.run().departures) == gone
    else:
        with pytest.raises(Unlikely, match="SaleLine: 50 of 400 rows"):
            books.run()
        assert books.state["scan_began"] == ""


def test_lines_that_may_not_be_asked_for_have_not_left(books: Books, caplog: pytest.LogCaptureFixture) -> None:
    """Nobody saw them leave."""
    books.remove("SaleLine", 12)
    books.refused = {("SaleLine", "saleLineID"): 403}
    assert books.run().departures == []
    assert "SaleLine cannot be read (403): what has left is told by the first scan that may ask." in caplog.text


@pytest.mark.parametrize("status", [403, 404])
@pytest.mark.parametrize("hours", [0, 24])
def test_what_left_an_open_sale_while_nobody_might_ask_is_told_once_somebody_may(
    books: Books, status: int, hours: int
) -> None:
    """By the next run, without any full scan too; a payment that left meanwhile needs no line to be asked for."""
    stamp = books.tables["Sale"][1]["updateTime"]
    books.remove("SaleLine", 12)
    books.remove("SalePayment", 11)
    books.refused = {("SaleLine", "saleLineID"): status}
    assert [each.stream for each in books.run(reconcile_hours=hours).departures] == ["sale_payments"]
    assert books.run(reconcile_hours=hours).departures == []
    books.refused = {}

    assert books.run(reconcile_hours=hours).departures == [left("sale_lines", 12, 1, stamp)]
    assert books.run(reconcile_hours=hours) == NOTHING
    assert books.state["open_parts"] == "1:11,13:12 2:21-23:21-22"


@pytest.mark.parametrize("status", [403, 404])
def test_what_left_a_completed_sale_while_nobody_might_ask_is_told_once_somebody_may(books: Books, status: int) -> None:
    """By the first full scan that may ask, however many might not."""
    books.remove("SaleLine", 32)
    books.remove("SalePayment", 31)
    books.refused = {("SaleLine", "saleLineID"): status}
    books.later(DAY)
    assert books.run().departures == [left("sale_payments", 31, None, None)]
    books.later(DAY)
    assert books.run().departures == []
    books.refused = {}
    books.later(DAY)

    assert books.run().departures == [left("sale_lines", 32, None, None)]
    assert books.state["emitted_parts"] == {"SaleLine": "11-13 21-23 31 33", "SalePayment": "11-12 21-22 32"}
    books.later(DAY)
    assert books.run() == NOTHING


def test_what_left_a_sale_that_was_completed_while_nobody_might_ask_is_told_by_a_full_scan(books: Books) -> None:
    """The sale is open no more, so that STATE does not remember which one it was."""
    books.remove("SaleLine", 12)
    books.put("Sale", 1, ago=0, completed="true")
    books.refused = {("SaleLine", "saleLineID"): 403}
    assert books.run().departures == []
    books.refused = {}
    assert books.run().departures == []
    books.later(DAY)

    assert books.run().departures == [left("sale_lines", 12, None, None)]


@pytest.mark.parametrize(("room", "kept"), [(27, [1, 8, 9]), (26, [8, 9]), (18, [8, 9]), (17, [9]), (8, [])])
def test_state_forgets_the_oldest_open_sales_for_which_it_has_no_room(
    room: int, kept: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each with all that was in it; nine characters for each of these, the blank behind it included."""
    monkeypatch.setattr(bookmark, "OPEN_PARTS_ROOM", room)
    text = open_parts_text({number: (Ids("1-3 7"), Ids()) for number in (1, 8, 9)})

    assert text == " ".join(f"{number}:1-3,7:" for number in kept)
    parts = bookmark.Bookmark({"open_parts": text}, None).open_parts
    assert {number: [*map(str, held)] for number, held in parts.items()} == {number: ["1-3 7", ""] for number in kept}


def test_a_sale_too_long_for_state_hides_those_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest are kept without a gap."""
    monkeypatch.setattr(bookmark, "OPEN_PARTS_ROOM", 20)

    assert open_parts_text({7: (Ids("1"),), 8: (Ids("1 3 5 7 9 11 13"),), 9: (Ids("1"),)}) == "9:1"
