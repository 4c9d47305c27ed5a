"""Each kind of scan on a vendor in memory: what it asks, what it tells, and what STATE says afterwards."""

from __future__ import annotations

from typing import Any

import pytest
from tap_lightspeed_retail.errors import Refused, Unlikely

from .books import DAY, HOUR, Books, Told

DONE = {"completed": "true", "shopID": "1"}
NOTHING = Told()


@pytest.fixture
def books() -> Books:
    return Books()


def calm(books: Books) -> None:
    """Time for what was read to be committed, and a run that finds nothing new."""
    for _ in range(2):
        books.later(600)
        books.run()


# The first run


def test_what_state_says_after_a_first_run(books: Books) -> None:
    """The next run goes on from the last time and the last ids of each table; of open sales it knows their parts."""
    books.put("Sale", [1, 2, 4], ago=2 * HOUR, **DONE)
    books.put("Sale", 3, completed="false")
    books.put("SaleLine", [11, 12], ago=3 * HOUR, saleID="1")
    books.put("SaleLine", [13, 14, 16], saleID="3")
    books.put("SalePayment", [21], saleID="3")
    books.put("SaleVoid", [5], saleID="4")

    told = books.run()

    assert told.rows == [1, 2, 3, 4]
    assert [each.params["limit"] for each in books.asked if each.params.get("sort") == "-updatetime"] == ["1"]
    digest, of_block = books.state["open"].partition(":")[2], books.state["blocks"].partition(":")[2]
    of_customers = books.state["customer_blocks"].partition(":")[2]
    assert (len(digest), len(of_block), len(of_customers)) == (8, 8, 8)
    assert books.state == {
        "replication_key": "updated_at",
        "replication_key_value": books.ago(HOUR),
        "last_id": 3,
        "positions": {"SaleLine": f"{books.ago(HOUR)} 16", "SalePayment": "21", "SaleVoid": "5"},
        "scanned_at": books.ago(0),
        "scan_began": "",
        "scan_from": 0,
        "scan_id": 0,
        "scan_digest": 0,
        "scan_missing": "",
        "blocks": f"0:{of_block}",
        "known": "1-4",
        "open": f"3:{digest}",
        "open_parts": "3:13-14,16:21",
        "emitted_parts": {"SaleLine": "11-14 16", "SalePayment": "21"},
        "missing_parts": {},
        "customer_span": 100,
        "customer_blocks": f"0:{of_customers}",
        "scan_customers": "",
    }


def test_a_table_that_was_empty_is_followed_from_before_all_times(books: Books) -> None:
    """Its first row may be stamped long ago, and so may the first line of a sale that was."""
    books.run(reconcile_hours=0)
    books.put("Sale", 1, ago=300 * DAY, **DONE)
    assert books.run(reconcile_hours=0).rows == [1]
    books.later(600)
    books.put("SaleLine", 1, ago=200 * DAY, saleID="1")

    assert books.run(reconcile_hours=0).rows == [1]


def test_a_first_run_that_was_cut_goes_on_and_changes_are_looked_for_from_its_beginning(books: Books) -> None:
    """A row that was passed already may have changed since."""
    books.put("Sale", range(1, 9), ago=DAY, **DONE)
    books.put("Sale", 9, **DONE)
    first = books.run(most=3, page_size=2)
    books.later(HOUR)
    books.put("Sale", 1, ago=60, **DONE)
    second = books.run(page_size=2)

    assert first.rows == [1, 2, 3, 4, 5, 6]
    assert second.rows == [7, 8, 9, 1]


def test_a_start_date_leaves_out_what_has_not_changed_since(books: Books) -> None:
    """By the time of the table; where that is refused by the other one, and else all rows come."""
    for refused, rows in (((), [3, 4]), (("updatetime",), [3, 4]), (("updatetime", "timeStamp"), [1, 2, 3, 4])):
        books = Books()
        books.put("Sale", [1, 2], ago=9 * DAY, **DONE)
        books.put("Sale", [3, 4], ago=DAY, **DONE)
        books.refused = {("Sale", word): 400 for word in refused}
        assert next(_batches_of_the_first_scan(books, start_date=books.ago(5 * DAY))) == rows


def _batches_of_the_first_scan(books: Books, **settings: Any) -> Any:
    yield books.run(most=1, **settings).rows


# By time


def test_rows_of_the_bookmarks_own_second_come_once(books: Books) -> None:
    """The last one that was read is known by its id; rows that were made in that second, too, come with the next."""
    books.put("Sale", [1, 2, 5], **DONE)
    books.run()
    assert books.run() == NOTHING
    books.put("Sale", [3, 7], **DONE)

    assert books.run().rows == [7]  # ids are given in order: 3 is the full scan's
    assert books.state["last_id"] == 7


def test_the_bookmark_stays_behind_what_may_still_be_committed(books: Books) -> None:
    """What is newer than the overlap is read again, page by page, and the bookmark never goes back."""
    books.put("Sale", [1], ago=DAY, **DONE)
    books.run()
    books.put("Sale", [2, 3], ago=300, **DONE)
    books.put("Sale", [4, 5], ago=60, **DONE)

    assert books.run(page_size=2).rows == [2, 3, 4, 5]
    assert (books.state["replication_key_value"], books.state["last_id"]) == (books.ago(120), 0)
    assert books.run(page_size=2).rows == [4, 5]
    assert books.run(overlap_seconds=600).rows == [4, 5]
    assert books.state["replication_key_value"] == books.ago(120)
    books.later(600)
    assert books.run().rows == [4, 5]
    assert (books.state["replication_key_value"], books.state["last_id"]) == (books.ago(660), 5)


def test_without_the_filter_rows_are_read_from_the_newest_down_to_the_bookmark(books: Books) -> None:
    """The bookmark moves when that is reached: the next run reads a page."""
    books.put("Sale", range(1, 41), ago=DAY, **DONE)
    books.refused = {("Sale", "updatetime"): 400}
    books.run()
    books.later(HOUR)
    books.put("Sale", [41, 42, 43], ago=300, **DONE)
    books.put("Sale", 44, ago=30, **DONE)

    assert books.run(page_size=2).rows == [44, 43, 42, 41, *range(40, 0, -1)]
    assert (books.state["replication_key_value"], books.state["last_id"]) == (books.ago(120), 0)
    assert books.state["known"] == "1-44"
    books.later(HOUR)
    before = books.requests
    assert books.run(page_size=2).rows == [44]
    falling = [each for each in books.asked[before:] if each.params.get("sort") == "-updatetime"]
    assert [each.rows for each in falling] == [2]
    assert books.state["replication_key_value"] == books.ago(HOUR + 30)


def test_where_update_times_are_refused_time_stamps_have_a_position_of_their_own(books: Books) -> None:
    """They tell of other changes: the bookmark stays where it was."""
    books.put("Sale", [1, 2], ago=DAY, **DONE)
    books.refused = {("Sale", "updatetime"): 400, ("Sale", "sort=-updatetime"): 400}
    books.run()
    mark = books.state["replication_key_value"]
    assert mark == books.ago(120)
    books.later(HOUR)
    books.put("Sale", 3, ago=600, **DONE)

    assert books.run().rows == [3]
    assert books.state["positions"]["timeStamp"] == f"{books.ago(600)} 3"
    assert books.state["replication_key_value"] == mark
    assert books.run() == NOTHING
    assert books.questions("Sale", "timeStamp")[-1] == f">=,{books.ago(600).replace('+00:00', 'Z')}"


def test_a_refused_way_is_tried_once_a_run_and_the_last_one_says_why(books: Books) -> None:
    """Customers have one time only, credit accounts may be read whole."""
    books.put("Customer", [1, 2], ago=DAY)
    books.run("customers")
    for word in ("timeStamp", "sort=-timeStamp"):
        books.refused["Customer", word] = 422
    with pytest.raises(Refused, match="No") as caught:
        books.run("customers")
    assert caught.value.status == 422

    books.state = {}
    books.put("CreditAccount", [1, 2], ago=DAY)
    for word in ("timeStamp", "sort=-timeStamp"):
        books.refused["CreditAccount", word] = 422
    books.run("credit_accounts")
    books.put("CreditAccount", 3, ago=9 * DAY)
    assert books.run("credit_accounts").rows == [1, 2, 3]
    assert books.state["known"] == "1-3"


def test_a_closed_table_is_asked_for_once(books: Books) -> None:
    """No other filter opens it."""
    books.put("Sale", 1, **DONE)
    books.run()
    books.refused = {("Sale", ""): 403}
    before = books.requests

    with pytest.raises(Refused) as caught:
        books.run()
    assert caught.value.closed
    assert books.requests == before + 1


# What vanished


def test_customers_that_vanish_do_so_each_time_under_another_name(books: Books) -> None:
    """Within one scan too: who looks for the sales of the first would think that she has looked for all of them."""
    books.put("Customer", range(1, 301), ago=DAY)
    names: list[str] = []
    for gone in ([], [3], range(101, 221), []):
        books.remove("Customer", *gone)
        books.put("Customer", 9, ago=60)  # who has changed has not vanished
        assert books.run("customers", max_deleted_share=1).deleted == [*gone]
        names.append(books.state.get("vanished", ""))
        books.later(DAY)

    assert names == ["", f"{books.ago(3 * DAY)} 1", f"{books.ago(2 * DAY)} 3", f"{books.ago(2 * DAY)} 3"]


def test_sales_that_are_deleted_have_not_vanished(books: Books) -> None:
    """They are merged into nothing, so that nobody looks for what was theirs."""
    books.put("Sale", [1, 2], ago=DAY, **DONE)
    books.run()
    books.remove("Sale", 2)
    books.later(DAY)

    assert books.run(max_deleted_share=1).deleted == [2]
    assert "vanished" not in books.state


# By children


def test_children_are_followed_from_where_they_were(books: Books) -> None:
    """A quiet run reads no sale again; a line that may be followed by others of its time is heard of again."""
    books.put("Sale", [1, 2, 3], ago=DAY, **DONE)
    books.put("SaleLine", [1, 2, 3], ago=DAY, saleID="1")
    books.run()
    calm(books)
    before = books.requests
    books.run()
    assert not [each for each in books.asked[before:] if each.params.get("saleID", "").startswith("IN")]

    books.put("SaleLine", 4, ago=300, saleID="2")
    books.put("SaleLine", 5, ago=60, saleID="3")
    books.put("SaleLine", 6, ago=60, saleID="0")
    assert books.run().rows == [2, 3]
    assert books.state["positions"]["SaleLine"] == books.ago(120)
    before = books.requests
    books.run()
    assert books.questions("Sale", "saleID")[-1] == "IN,[3]"
    books.later(600)
    books.run()
    assert books.state["positions"]["SaleLine"] == f"{books.ago(660)} 6"


def test_children_that_are_only_added_are_followed_by_id(books: Books) -> None:
    """From before the first gap, for what is committed late; of long tables the last ids are enough to know."""
    books.put("Sale", [1, 2, 3], ago=DAY, **DONE)
    books.put("SaleVoid", range(1, 1001), saleID="1")
    books.run(page_size=40)
    assert len(books.questions("SaleVoid", "sort")) == 3 + 1
    assert books.state["positions"]["SaleVoid"] == "800-1000"
    books.put("SaleVoid", [1001, 1003], saleID="2")
    assert books.run().rows == [2]
    books.put("SaleVoid", 1002, saleID="3")

    assert books.run().rows == [3]
    assert books.questions("SaleVoid", "saleVoidID") == [">,1000", ">,1000", ">,1001"]
    assert books.state["positions"]["SaleVoid"] == "803-1003"


def test_where_lines_cannot_be_sorted_by_time_they_are_followed_from_the_servers_clock(books: Books) -> None:
    """Closed ones cost a warning, and their position is not known."""
    books.put("SaleLine", [1], ago=DAY, saleID="1")
    books.refused = {("SaleLine", "sort=-timeStamp"): 400}
    books.run()
    assert books.state["positions"]["SaleLine"] == books.ago(120)
    books.state, books.refused = {}, {("SaleLine", ""): 404}
    books.run()
    assert books.state["positions"]["SaleLine"] == ""
    books.state, books.refused = {}, {("SaleVoid", ""): 422}
    with pytest.raises(Refused):
        books.run()


def test_a_child_table_that_state_does_not_know_is_read_from_its_beginning(books: Books) -> None:
    """As after a version that did not follow it."""
    books.put("Sale", [1, 2], ago=DAY, **DONE)
    books.put("SaleLine", 1, ago=DAY, saleID="1")
    books.put("SaleVoid", 1, ago=DAY, saleID="2")
    books.run()
    calm(books)
    del books.state["positions"]["SaleVoid"]
    assert books.run().rows == [2]
    del books.state["positions"]["SaleLine"]
    books.put("SaleLine", 2, ago=9 * DAY, saleID="2")
    books.put("SaleLine", 3, ago=300, saleID="1")

    assert books.run().rows == [1]  # from the bookmark of the sales on


# By id


def test_a_first_run_from_a_date_tells_what_was_added_since(books: Books) -> None:
    """What is before its first row counts as read; where there is none all there is does, and one row is asked for."""
    books.put("SaleVoid", range(1, 501), ago=9 * DAY, saleID="1")
    books.put("SaleVoid", range(501, 504), ago=DAY, saleID="1")
    start = {"start_date": books.ago(5 * DAY)}
    assert books.run("sale_voids", **start).rows == [501, 502, 503]
    assert books.questions("SaleVoid", "limit") == ["1", "100"]
    assert books.state["positions"] == {"SaleVoid": "303-503"}

    books.state, books.asked = {}, []
    start = {"start_date": books.ago(HOUR)}
    assert books.run("sale_voids", **start) == NOTHING
    assert books.questions("SaleVoid", "saleVoidID") == [">,503"]
    books.put("SaleVoid", 504, ago=9 * DAY, saleID="1")
    assert books.run("sale_voids", **start).rows == [504]


def test_where_a_date_may_not_be_asked_for_all_rows_come(books: Books) -> None:
    """But a table that is closed is closed."""
    books.put("SaleVoid", [1, 2], ago=9 * DAY, saleID="1")
    books.refused = {("SaleVoid", "createTime"): 400}
    assert books.run("sale_voids", start_date=books.ago(DAY)).rows == [1, 2]
    books.state, books.refused = {}, {("SaleVoid", "createTime"): 403}
    with pytest.raises(Refused):
        books.run("sale_voids", start_date=books.ago(DAY))


# Still open


def test_open_sales_that_are_gone_are_counted_together(books: Books) -> None:
    """They are asked for by the hundred; few in each are many in all."""
    books.put("Sale", range(1, 251), completed="false")
    books.run(reconcile_hours=0)
    books.remove("Sale", *range(1, 21), *range(101, 121))

    with pytest.raises(Unlikely, match="Sale: 40 of 2"):
        books.run(reconcile_hours=0)


def test_an_open_sale_is_told_again_when_it_has_changed(books: Books) -> None:
    """Which no time tells of; one that was deleted is asked for a second time, and then no more."""
    books.put("Sale", range(1, 7), completed="false")
    books.put("Sale", 7, ago=200 * DAY, createTime=books.ago(200 * DAY), completed="false")
    books.run(reconcile_hours=0)
    assert [*_numbers(books.state["open"])] == [1, 2, 3, 4, 5, 6]  # the seventh is too old to be waited for
    books.later(600)
    books.tables["Sale"][2]["ticketNumber"] = "2"
    books.remove("Sale", 4)

    assert books.run(reconcile_hours=0) == Told([2], [4])
    assert books.run(reconcile_hours=0) == NOTHING
    assert (books.state["known"], [*_numbers(books.state["open"])]) == ("1-3 5-7", [1, 2, 3, 5, 6])


def test_an_open_sale_that_does_not_come_and_is_there_is_waited_for(books: Books) -> None:
    """Nothing is said of it, and when it comes again it is told."""
    books.put("Sale", [1, 2], ago=DAY, completed="false")
    books.run(reconcile_hours=0)
    calm(books)
    books.hidden = {2}
    assert books.run(reconcile_hours=0) == NOTHING
    assert (books.state["known"], _numbers(books.state["open"])) == ("1-2", [1, 2])
    books.hidden = set()
    books.tables["Sale"][2]["ticketNumber"] = "2"

    assert books.run(reconcile_hours=0) == Told([2])


def test_an_open_sale_that_state_has_forgotten_and_that_is_gone_is_not_waited_for(books: Books) -> None:
    """Nobody knows that it was told; it is asked for no more."""
    books.put("Sale", [1, 2], ago=DAY, completed="false")
    books.run(reconcile_hours=0)
    books.state["known"] = "2"
    books.remove("Sale", 1)

    assert books.run(reconcile_hours=0) == NOTHING
    assert (books.state["known"], _numbers(books.state["open"])) == ("2", [2])
    books.run(reconcile_hours=0)
    assert books.questions("Sale", "saleID")[-1] == "IN,[2]"


def _numbers(digests: str) -> list[int]:
    return [int(word.partition(":")[0]) for word in digests.split()]


# Full


def seeded(page_size: int) -> Books:
    """Twenty sales in blocks of five ids, the third of which is empty; read once."""
    books = Books()
    books.state = {"span": 5}
    books.put("Sale", [*range(1, 10), *range(15, 26)], ago=2 * DAY, **DONE)
    books.run(page_size=page_size)
    return books


SIZES = [1, 2, 3, 4, 5, 7, 20, 100]


@pytest.mark.parametrize("size", SIZES)
def test_a_full_scan_tells_the_blocks_in_which_something_changed(size: int) -> None:
    """However its pages fall: digests are of whole blocks. What is gone is told when the scan is over."""
    books = seeded(size)
    books.later(2 * DAY)
    books.run(page_size=size)
    assert books.state["blocks"] == _blocks_of_a_large_page()
    books.later(DAY)
    assert books.run(page_size=size) == NOTHING
    books.tables["Sale"][17]["ticketNumber"] = "17"
    books.remove("Sale", 4, 25)
    books.later(DAY)

    assert books.run(page_size=size) == Told([1, 2, 3, 15, 16, 17, 18, 19], [4, 25])
    assert books.state["known"] == "1-3 5-9 15-24"
    assert _numbers(books.state["blocks"]) == [0, 1, 3, 4]
    books.later(DAY)
    assert books.run(page_size=size) == NOTHING


def _blocks_of_a_large_page() -> str:
    books = seeded(100)
    books.later(2 * DAY)
    books.run()
    assert _numbers(books.state["blocks"]) == [0, 1, 3, 4, 5]
    return str(books.state["blocks"])


@pytest.mark.parametrize("size", [1, 3, 7])
@pytest.mark.parametrize("most", [1, 2, 3, 4])
def test_a_full_scan_that_was_cut_tells_the_rest(size: int, most: int) -> None:
    """What it had missed before the cut is not forgotten, nothing comes twice, and it waits for no other to be due."""
    books = seeded(size)
    books.later(2 * DAY)
    books.run(page_size=size)
    books.later(DAY)
    for number in (2, 18):
        books.tables["Sale"][number]["ticketNumber"] = str(number)
    books.remove("Sale", 7, 16)
    first = books.run(page_size=size, most=most)
    began = books.state["scan_began"]
    books.later(60)
    second = books.run(page_size=size, reconcile_hours=1000)

    assert began
    assert first.rows + second.rows == [1, 2, 3, 4, 5, 6, 8, 9, 15, 17, 18, 19]
    assert first.deleted + second.deleted == [7, 16]
    assert books.state["scanned_at"] == began
    assert (books.state["scan_began"], books.state["scan_missing"]) == ("", "")


def test_a_full_scan_comes_when_it_is_due(books: Books) -> None:
    """So many hours after the last one began, and never where they are none."""
    books.put("Sale", range(1, 5), ago=DAY, **DONE)
    books.run()
    books.remove("Sale", 2)
    books.later(24 * HOUR - 1)
    assert books.run() == NOTHING
    books.later(1)
    assert books.run(reconcile_hours=0) == NOTHING
    assert books.run().deleted == [2]


def test_blocks_are_as_wide_as_it_takes_and_no_wider(books: Books) -> None:
    """STATE has room for so many: with them the digests of narrower ones are of no use."""
    books.put("Sale", [7, 51_300, 60_000], ago=2 * DAY, **DONE)
    for _ in range(2):
        books.run()
        books.later(DAY)
    assert (books.state["span"], _numbers(books.state["blocks"])) == (200, [0, 256, 300])
    books.put("Sale", [600_000], ago=HOUR, **DONE)
    for _ in range(2):
        books.run()
        books.later(DAY)

    assert (books.state["span"], _numbers(books.state["blocks"])) == (1600, [0, 32, 37, 375])


def test_of_old_sales_state_forgets_what_no_full_scan_reads(books: Books) -> None:
    """From the first sale of the last days on, at the begin of its block; all of them are forgotten at last."""
    books.state = {"span": 5}
    books.put("Sale", range(1, 20), ago=50 * DAY, **DONE)
    books.put("Sale", range(20, 26), ago=DAY, **DONE)
    books.tables["Sale"][18]["createTime"] = books.ago(20 * DAY)
    books.run(reconcile_days=30)
    assert books.state["known"] == "1-25"
    books.later(2 * DAY)
    books.tables["Sale"][3]["ticketNumber"] = books.tables["Sale"][16]["ticketNumber"] = "x"

    assert books.run(reconcile_days=30).rows == [*range(15, 20), *range(20, 26)]
    assert (books.state["scan_from"], books.state["known"]) == (14, "15-25")
    assert _numbers(books.state["blocks"]) == [3, 4, 5]
    assert books.questions("Sale", "saleID")[-1] == ">,14"
    books.later(100 * DAY)
    books.run(reconcile_days=30)
    assert (books.state["scan_from"], books.state["known"]) == (24, "25")


@pytest.mark.parametrize(("gone", "share", "told"), [(250, 1, 250), (30, 0.1, None), (30, 0.12, 30), (25, 0, 25)])
def test_rows_that_are_gone_are_asked_for_by_the_hundred(
    books: Books, gone: int, share: float, told: int | None
) -> None:
    """A witness among them; where too many are gone nothing of the scan is kept, and the next begins anew."""
    books.put("Customer", range(1, 251), ago=DAY)
    books.put("Customer", 251, ago=DAY)
    for _ in range(2):
        books.run("customers")
        books.later(DAY)
    books.remove("Customer", *range(1, gone + 1))
    settings = {"max_deleted_share": share}
    if told is None:
        with pytest.raises(Unlikely, match="30 of 251 rows"):
            books.run("customers", **settings)
        assert (books.state["scan_began"], books.state["scan_missing"]) == ("", "")
        books.put("Customer", range(1, gone + 1), ago=DAY)
        books.run("customers", **settings)
    else:
        assert books.run("customers", **settings).deleted == [*range(1, gone + 1)]
        assert books.run("customers", **settings) == NOTHING


# STATE of a clock that was wrong

TO_COME = "2099-01-01T00:00:00+00:00"


@pytest.mark.parametrize("key", ["replication_key_value", "scanned_at", "scan_began", "SaleLine"])
def test_an_instant_in_state_that_is_still_to_come_is_not_believed(
    books: Books, caplog: pytest.LogCaptureFixture, key: str
) -> None:
    """What changes from now on is read by its time, what changed before is found by a full scan, in the same run."""
    books.put("Sale", [1, 2, 3], ago=2 * HOUR, **DONE)
    books.put("SaleLine", 11, ago=2 * HOUR, saleID="2")
    calm(books)
    said = books.state["positions"] if key == "SaleLine" else books.state
    said[key] = f"{TO_COME} 99" if key == "SaleLine" else TO_COME
    books.put("Sale", 1, ago=60, voided="true")
    books.put("SaleLine", 11, ago=60, unitPrice="7")
    books.put("Sale", 3, ago=1800, voided="true")

    assert sorted(books.run().rows) == [1, 2, 3]
    assert TO_COME not in str(books.state)
    assert len(caplog.records) == 1
    said_so = caplog.records[0].getMessage()
    assert said_so.startswith("Sale: STATE names an instant that is still to come by Lightspeed's clock.")
    assert f"Changes are read from {books.ago(120)} on" in said_so
    calm(books)
    assert books.run() == NOTHING
    assert len(caplog.records) == 1


def test_an_instant_in_state_that_has_just_come_is_believed(books: Books, caplog: pytest.LogCaptureFixture) -> None:
    """A run may begin in the second in which the last one did."""
    books.put("Sale", [1, 2], ago=2 * HOUR, **DONE)
    calm(books)
    books.state |= {"replication_key_value": books.ago(0), "scanned_at": books.ago(0)}

    assert books.run() == NOTHING
    assert books.state["replication_key_value"] == books.ago(0)
    assert caplog.records == []


@pytest.mark.parametrize("hours", [0, 24])
def test_a_first_scan_that_is_under_way_goes_on_when_its_begin_is_still_to_come(books: Books, hours: int) -> None:
    """It has begun no later than now."""
    books.put("Sale", range(1, 251), ago=2 * HOUR, **DONE)
    books.run(most=1)
    begun = books.state["scan_id"]
    books.state["scan_began"] = TO_COME
    books.later(HOUR)

    assert books.run(reconcile_hours=hours).rows[0] == begun + 1
    assert books.state["scanned_at"] == books.ago(0)
