"""Receipts, lines, shoppers and items find each other, in whatever order they come; what left hangs nowhere."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.journeys.lines import Record, by_key, change, day, item, line, person, said, sale, shop, state, summary, told
from tests.journeys.pair import Pair

SHOPS = said("shops", shop())


def receipts(sales: Sequence[Record], lines: Sequence[Record] = ()) -> str:
    return said("sales", *sales) + said("sale_lines", *lines)


def on_receipts(pair: Pair) -> dict[str, str]:
    """The lines of the org: their ids at the till, and of the receipt each hangs on."""
    keys = {row["Id"]: key for key, row in by_key(pair, "Retail_Sale__c").items()}
    return {key: keys[row["Sale__c"]] for key, row in by_key(pair, "Retail_Sale_Line__c").items()}


# The newest version counts


def test_of_two_versions_that_wait_the_newer_is_kept(pair: Pair) -> None:
    """Both wait for a shopper; when she comes, the receipt says what its newer version said."""
    older, newer = (sale(3, on=number, total=number * 11, customer_id="5") for number in (1, 2))
    pair.load(SHOPS + receipts([older, newer]) + state(n=1))
    assert "1 open hold" in pair.companion("holds").stdout

    done = pair.load(said("customers", person(5, "Lou", "Berg")) + state(n=2))

    assert "1 earlier hold tried again" in summary(done)
    assert [float(row["Total__c"]) for row in pair.rows("Retail_Sale__c")] == [22.0]
    assert "0 open holds" in pair.companion("holds").stdout


@pytest.mark.parametrize(
    "broken", [{"mail_opt_out": 12}, {"birth_date": "some day in May"}], ids=["invalid", "unconvertible"]
)
@pytest.mark.parametrize("alone", [False, True], ids=["in one batch", "one by one"])
def test_the_newest_version_is_held_though_an_older_one_is_in(pair: Pair, broken: Record, alone: bool) -> None:
    """A shopper moved, and the record of it is broken: the hold says so, whether it came alone or not."""
    if alone:
        pair.target_settings["batch_size_rows"] = 1
    change(pair, "customers", "as: date, refused: leave_out", "as: date")
    before = person(5, "Lou", "Berg", city="Amherst")
    after = {**before, "city": "Oxford", "updated_at": day(2), **broken}

    done = pair.load(said("customers", before, after) + state(n=1))

    assert "2 arrived = 1 created + 0 updated + 0 unchanged + 0 skipped + 1 held; 1 held" in summary(done)
    assert told(pair, "customers", "7:5")["verdict"] == "held"
    assert [row["MailingCity"] for row in pair.rows("Contact")] == ["Amherst"]


# What a receipt refers to


def test_a_line_finds_its_item_later(pair: Pair) -> None:
    """Made at the till and sold at once: the line does not wait, and its item is filled in when it has come."""
    pair.load(SHOPS + receipts([sale(3, 30)], [line(30, 3, item_id="77")]))
    assert [row["Item__c"] for row in pair.rows("Retail_Sale_Line__c")] == [None]
    assert "0 open holds" in pair.companion("holds").stdout

    done = pair.load(said("items", item(77)))

    assert "1 blank lookup filled" in summary(done)
    assert [row["Item__c"] for row in pair.rows("Retail_Sale_Line__c")] == [pair.rows("Product2")[0]["Id"]]


def test_what_was_left_blank_is_not_filled_over_what_a_newer_version_says(pair: Pair) -> None:
    """The line was of item 77, and is of item 78 by now: 77 comes too late."""
    pair.load(SHOPS + receipts([sale(3, 30)], [line(30, 3, item_id="77")]))
    pair.load(said("items", item(78)) + receipts([sale(3, 30, on=2)], [line(30, 3, on=2, item_id="78")]))

    pair.load(said("items", item(77)))

    (sold,) = pair.rows("Retail_Sale_Line__c")
    assert sold["Item__c"] == by_key(pair, "Product2")["78"]["Id"]


@pytest.mark.parametrize(("kept", "said_so"), [(False, True), (True, True), (True, False)], ids=str)
def test_a_receipt_that_lost_its_shopper(pair: Pair, kept: bool, said_so: bool) -> None:
    """A null takes the lookup away, unless the mapping keeps it; a property that is absent says nothing."""
    if kept and said_so:
        change(pair, "sales", "    missing: wait", "    on_null: keep\n    missing: wait")
        change(
            pair, "sales", '"{account_id}:{customer_id}", on_null: clear', '"{account_id}:{customer_id}", on_null: keep'
        )
    bought = sale(3, customer_id="5")
    pair.load(SHOPS + said("customers", person(5, "Lou", "Berg")) + said("sales", bought))
    lost = {**bought, "updated_at": day(2), "total": 21, "customer_id": None}
    if not said_so:
        del lost["customer_id"]

    pair.load(said("sales", lost))

    (receipt,) = pair.rows("Retail_Sale__c")
    assert float(receipt["Total__c"]) == 21.0
    assert receipt["Contact__c"] == (pair.rows("Contact")[0]["Id"] if kept else None)


@pytest.mark.parametrize(("kept", "said_so"), [(False, True), (True, True), (True, False)], ids=str)
def test_a_line_that_lost_its_item(pair: Pair, kept: bool, said_so: bool) -> None:
    """The same of a line whose item was removed at the till."""
    if kept and said_so:
        change(pair, "sale_lines", "missing: blank}", "missing: blank, on_null: keep}")
    pair.load(SHOPS + said("items", item(77)) + receipts([sale(3, 30)], [line(30, 3, item_id="77")]))
    lost = line(30, 3, on=2, quantity=2)
    if not said_so:
        del lost["item_id"]

    pair.load(receipts([sale(3, 30, on=2)], [lost]))

    (sold,) = pair.rows("Retail_Sale_Line__c")
    assert float(sold["Quantity__c"]) == 2.0
    assert sold["Item__c"] == (pair.rows("Product2")[0]["Id"] if kept else None)


# Lines that leave


LEFT = (sale(3, 30, 31), sale(3, 31, on=2))
LINES = (line(30, 3), line(31, 3), line(31, 3, on=2))


def test_a_line_that_left_is_gone(pair: Pair) -> None:
    """Its receipt comes without it: it leaves the org, and when it is delivered again it stays away."""
    pair.load(SHOPS + receipts(LEFT[:1], LINES[:2]))
    assert on_receipts(pair) == {"30": "3", "31": "3"}

    pair.load(receipts(LEFT[1:], LINES[2:]))
    assert on_receipts(pair) == {"31": "3"}
    again = pair.load(receipts(LEFT, LINES))

    assert on_receipts(pair) == {"31": "3"}
    assert told(pair, "sale_lines", "7:30")["reason"] == "left_parent"
    assert "0 created + 0 updated" in summary(again)


@pytest.mark.parametrize("rows", [1000, 1], ids=["in one batch", "one by one"])
def test_a_line_that_came_and_left_at_once(pair: Pair, rows: int) -> None:
    """Both versions of the receipt, and the lines of both, in one run."""
    pair.target_settings["batch_size_rows"] = rows

    done = pair.load(SHOPS + receipts(LEFT, LINES) + state(n=1))

    assert done.returncode == 0, done.stderr
    assert on_receipts(pair) == {"31": "3"}
    assert "0 open holds" in pair.companion("holds").stdout


def test_a_line_that_left_while_all_waited(pair: Pair) -> None:
    """Receipt and lines wait for a shopper; by the time she comes, the receipt has lost a line."""
    whole, less = ({**each, "customer_id": "5"} for each in LEFT)
    pair.load(SHOPS + receipts([whole], LINES[:2]) + state(n=1))
    pair.load(receipts([less], LINES[2:]) + state(n=2))
    assert not pair.rows("Retail_Sale_Line__c")

    done = pair.load(said("customers", person(5, "Lou", "Berg")) + state(n=3))

    assert done.returncode == 0, done.stderr
    assert on_receipts(pair) == {"31": "3"}
    assert "0 open holds" in pair.companion("holds").stdout


@pytest.mark.parametrize("at_once", [False, True], ids=["in two runs", "in one batch"])
def test_a_line_that_moved_hangs_on_its_new_receipt(pair: Pair, at_once: bool) -> None:
    """A receipt was split: one of its lines is of another receipt now, once."""
    before = SHOPS, receipts([sale(3, 30, 31)], [line(30, 3), line(31, 3)])
    after = [sale(3, 31, on=2), sale(4, 30, on=2)], [line(31, 3, on=2), line(30, 4, on=2)]
    if at_once:
        sales, lines = after
        pair.load(SHOPS + receipts([sale(3, 30, 31), *sales], [line(30, 3), line(31, 3), *lines]))
    else:
        pair.load("".join(before))
        pair.load(receipts(*after))

    assert on_receipts(pair) == {"30": "4", "31": "3"}
    assert len(pair.rows("Retail_Sale_Line__c")) == 2
    assert "0 open holds" in pair.companion("holds").stdout


def test_a_line_moves_before_its_old_receipt_says_so(pair: Pair) -> None:
    """The new receipt comes first, and Salesforce moves no line: it is made anew; the old one lets it be."""
    pair.load(SHOPS + receipts([sale(3, 30, 31)], [line(30, 3), line(31, 3)]))

    moved = pair.load(receipts([sale(4, 30, on=2)], [line(30, 4, on=2)]))
    assert moved.returncode == 0, moved.stderr
    assert on_receipts(pair) == {"30": "4", "31": "3"}
    pair.load(receipts([sale(3, 31, on=3)], [line(31, 3, on=3)]))

    assert on_receipts(pair) == {"30": "4", "31": "3"}
    assert "0 open holds" in pair.companion("holds").stdout


@pytest.mark.parametrize("parent", ["3", None], ids=["names its receipt", "names none"])
def test_a_lines_tombstone_takes_it_out(pair: Pair, parent: str | None) -> None:
    """A line that vanished gets a record that says so: it leaves the org, and a second such record changes nothing."""
    pair.load(SHOPS + receipts([sale(3, 30, 31)], [line(30, 3), line(31, 3)]))
    stone = said("sale_lines", line(30, 3, on=2, sale_id=parent, deleted_at=day(2)))

    first, second = summary(pair.load(stone)), summary(pair.load(stone))

    assert on_receipts(pair) == {"31": "3"}
    assert "1 arrived = 0 created + 1 updated" in first
    assert "1 skipped" in second


def test_a_tombstone_closes_what_its_line_waited_for(pair: Pair) -> None:
    """The line waits for its receipt, and vanishes at the till: nobody is to wait any more, and it never gets in."""
    pair.load(SHOPS + receipts([sale(3, 30, customer_id="5")], [line(30, 3)]))
    pair.load(said("sale_lines", line(30, 3, on=2, deleted_at=day(2))))
    assert "1 open hold" in pair.companion("holds").stdout

    pair.load(said("customers", person(5, "Lou", "Berg")))

    assert len(pair.rows("Retail_Sale__c")) == 1
    assert not pair.rows("Retail_Sale_Line__c")
