"""What is not there is no evidence: no answer that came amiss makes a tombstone, and what is unlikely is said first."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tap_lightspeed_retail.errors import FEW, Busy, Malformed, TapError, Unlikely
from tap_lightspeed_retail.r_series.guard import Guard

from sandbox.weather import Gust

from .runs import ALWAYS, CUSTOMERS, DAY, SALES, Shop, Told, clear, plan
from .shop_days import STREAMS, truth
from .test_fuzz import A_DAY_LATER, Fuzzed, Vendor

SHOPS, LINES = "*/Shop.json", "*/SaleLine.json"


def tombstones(told: Told) -> list[dict[str, Any]]:
    return [each["record"] for each in told.messages if each["type"] == "RECORD" and each["record"].get("deleted_at")]


def sentences(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage() for each in caplog.records if each.levelno >= logging.ERROR]


def reconciled(shop: Shop, *gusts: Gust, ends: type[TapError] | None, **settings: Any) -> Told:
    """A calm run, and a day later one in this weather."""
    shop.run()
    shop.box.clock.advance(DAY)
    plan(shop, *gusts)
    told = shop.run(ends=ends, **settings)
    clear(shop)
    return told


def in_order(shop: Shop) -> bool:
    """Whether a run in calm weather, a day later, leaves nothing to be desired."""
    shop.box.clock.advance(DAY)
    return tombstones(shop.run()) == [] and shop.difference() == {}


@pytest.mark.parametrize(("path", "skip"), [(SHOPS, 1), (CUSTOMERS, 0), (CUSTOMERS, 2), ("*/Item.json", 1), (SALES, 2)])
@pytest.mark.parametrize("fault", ["rows_renamed", "rows_gone"])
def test_a_table_that_is_not_there_has_not_been_deleted(
    shop: Shop, caplog: pytest.LogCaptureFixture, fault: str, path: str, skip: int
) -> None:
    """Wherever in the full scan it begins; the question by id goes the same way. One sentence, and the others go on."""
    ends = Malformed if fault == "rows_renamed" else Unlikely
    told = reconciled(shop, Gust(fault, path=path, skip=skip, times=ALWAYS), ends=ends)

    assert tombstones(told) == []
    assert len(sentences(caplog)) == 1
    assert in_order(shop)


@pytest.mark.parametrize("skip", range(4, 10))
def test_a_page_that_comes_empty_in_the_question_by_id_is_no_evidence(shop: Shop, skip: int) -> None:
    """The scan has ended too early, and so does the answer about what it has not found, wherever that may be."""
    early = Gust("rows_gone", path=CUSTOMERS, skip=3)
    told = reconciled(shop, early, Gust("rows_gone", path=CUSTOMERS, skip=skip), ends=None)

    assert tombstones(told) == []
    assert in_order(shop)


@pytest.mark.parametrize("path", [CUSTOMERS, SALES])
def test_a_page_that_does_not_say_whether_there_is_a_next_one_is_not_the_last(shop: Shop, path: str) -> None:
    """In a first load, of which nothing is left out, and in a later scan, which tells nobody of rows behind it."""
    plan(shop, Gust("no_attributes", path=path, skip=1))
    shop.run()
    assert shop.difference() == {}
    told = reconciled(shop, Gust("no_attributes", path=path, skip=2, times=ALWAYS), ends=Busy)

    assert tombstones(told) == []
    assert in_order(shop)


@pytest.mark.parametrize("path", [CUSTOMERS, SALES])
def test_one_page_that_comes_empty_is_found_out_by_id(shop: Shop, path: str) -> None:
    """The rest of the table seems to be gone, and is asked for."""
    told = reconciled(shop, Gust("rows_gone", path=path, skip=1), ends=None)

    assert tombstones(told) == []
    assert in_order(shop)


def test_the_other_streams_go_on(shop: Shop) -> None:
    """And what stopped one is what the run ends with."""
    shop.run()
    shop.box.clock.advance(DAY)
    shop.box.trade(hours=2)
    plan(shop, Gust("rows_renamed", path=CUSTOMERS, times=ALWAYS))
    told = shop.run(ends=Malformed)

    assert "Customer: Rows come under another name" in str(told.error)
    assert {*shop.difference()} <= {"customers"}


@pytest.mark.parametrize("path", [CUSTOMERS, SALES, "*/Item.json"])
def test_lists_whose_rows_are_renamed_are_not_empty(shop: Shop, caplog: pytest.LogCaptureFixture, path: str) -> None:
    """Lines, tags, prices: nobody hears that there are none."""
    told = reconciled(shop, Gust("within_renamed", path=path, times=ALWAYS), ends=Malformed)

    assert tombstones(told) == []
    assert "elements of another name" in str(told.error)
    assert len(sentences(caplog)) == 1
    assert in_order(shop)


def lines_told(told: Told) -> dict[str, list[str]]:
    return {each["id"]: each["line_ids"] for each in told.records("sales")}


@pytest.mark.parametrize("first", [True, False])
def test_lists_that_do_not_come_are_asked_for_by_themselves(
    shop: Shop, caplog: pytest.LogCaptureFixture, first: bool
) -> None:
    """A sale without its lines would have them deleted."""
    if not first:
        shop.run()
        shop.box.clock.advance(DAY)
    plan(shop, Gust("within_gone", path=SALES, times=ALWAYS))
    told = shop.run()

    books = truth(shop.box)["sales"]
    assert lines_told(told) == {key: books[key]["line_ids"] for key in lines_told(told)}
    assert not first or len(lines_told(told)) == len(books)
    assert tombstones(told) == []
    assert "came without the SaleLines" in caplog.text
    clear(shop)
    assert in_order(shop)


@pytest.mark.parametrize(("path", "skip"), [(CUSTOMERS, 1), (CUSTOMERS, 4), (CUSTOMERS, 7), (SALES, 3), (LINES, 0)])
@pytest.mark.parametrize("fault", ["403", "404"])
def test_a_right_that_is_taken_away_in_the_middle_is_no_deletion(shop: Shop, fault: str, path: str, skip: int) -> None:
    """In the full scan, or in the question by id after it."""
    shop.run()
    shop.box.world.remove("Customer", min(shop.box.world.tables["Customer"]))
    shop.box.clock.advance(DAY)
    plan(shop, Gust(fault, path=path, skip=skip, times=ALWAYS))
    told = shop.run()

    known = {str(key) for key in shop.box.world.tables["Customer"]}
    assert not [each for each in tombstones(told) if each["id"] in known]
    clear(shop)
    shop.box.clock.advance(DAY)
    shop.run()
    assert shop.difference() == {}


@pytest.mark.parametrize("path", [CUSTOMERS, SALES, LINES, "*/SalePayment.json"])
def test_a_filter_that_is_not_heeded_is_no_deletion(shop: Shop, path: str) -> None:
    """The page has rows, but not those that were asked for; what is missing among them says nothing."""
    shop.run()
    for resource, key in (("Customer", "customerID"), ("Sale", "saleID")):
        row = shop.box.world.rows(resource)[-1]
        shop.box.world.remove(resource, row[key])
    shop.box.clock.advance(DAY)
    plan(shop, Gust("unheeded", path=path, times=ALWAYS))
    books = truth(shop.box)
    told = shop.run(ends=Malformed)

    gone = {(each["id"], each.get("sale_id")) for each in tombstones(told)}
    assert not [key for key, _ in gone if all(key in books[stream] for stream in STREAMS)]
    clear(shop)
    shop.box.clock.advance(DAY)
    shop.run()
    assert shop.difference() == {}


def crowd(shop: Shop, count: int) -> list[int]:
    """So many more customers; their numbers."""
    some = shop.box.world.rows("Customer")[0]
    numbers = [5000 + number for number in range(count)]
    for number in numbers:
        shop.box.world.put("Customer", {**some, "customerID": number})
    return numbers


def deserted(shop: Shop, numbers: Sequence[int]) -> None:
    for number in numbers:
        shop.box.world.remove("Customer", number)


def test_what_is_unlikely_is_said_and_nothing_of_it_is_told(shop: Shop) -> None:
    """The numbers, and what to do; until somebody says that it is true."""
    numbers = crowd(shop, FEW + 10)
    shop.run()
    deserted(shop, numbers[: FEW + 1])
    for _ in range(2):
        shop.box.clock.advance(DAY)
        told = shop.run(ends=Unlikely)
        assert tombstones(told) == []
        assert f"Customer: {FEW + 1} of 59 rows" in str(told.error)
        assert "max_deleted_share" in str(told.error)
    told = shop.run(max_deleted_share=1)

    assert {each["id"] for each in tombstones(told)} == {*map(str, numbers[: FEW + 1])}
    assert shop.difference() == {}


def test_a_few_may_go_in_any_case(shop: Shop) -> None:
    """A small table is soon a tenth shorter."""
    numbers = crowd(shop, FEW)
    shop.run()
    deserted(shop, numbers)
    shop.box.clock.advance(DAY)

    assert len(tombstones(shop.run())) == FEW
    assert shop.difference() == {}


@pytest.mark.parametrize("share", [0.1, 1])
def test_a_table_that_is_empty_in_truth_needs_somebody_who_says_so(shop: Shop, share: float) -> None:
    """However small it was."""
    world = shop.box.world
    for number in [*world.tables["Item"]][3:]:
        world.remove("Item", number)
    shop.run()
    for number in [*world.tables["Item"]]:
        world.remove("Item", number)
    shop.box.clock.advance(DAY)
    told = shop.run(ends=Unlikely if share < 1 else None, max_deleted_share=share)

    assert len(tombstones(told)) == (3 if share == 1 else 0)


def test_open_sales_that_are_all_gone_need_somebody_too(shop: Shop) -> None:
    """They are looked at by id in each run, without any full scan."""
    shop.run(reconcile_hours=0)
    shop.box.clock.advance(600)
    plan(shop, Gust("rows_gone", path=SALES, times=ALWAYS))
    told = shop.run(ends=Unlikely, reconcile_hours=0)

    assert tombstones(told) == []


def test_the_lines_of_open_sales_are_not_gone_with_their_table(shop: Shop) -> None:
    """The list within the sale lacks one, and so does the answer to the question for it: as for all others."""
    shop.run(reconcile_hours=0)
    plan(shop, Gust("within_gone", path=SALES, times=ALWAYS), Gust("rows_gone", path=LINES, times=ALWAYS))
    shop.box.clock.advance(600)
    told = shop.run(ends=Unlikely, reconcile_hours=0)

    assert tombstones(told) == []
    assert all(lines_told(told).values()) or not lines_told(told)


def test_a_full_scan_that_was_cut_knows_what_it_has_missed(shop: Shop) -> None:
    """The first half of it was read by another run."""
    world = shop.box.world
    shop.run()
    low = min(world.tables["Customer"])
    world.remove("Customer", low)
    shop.box.clock.advance(DAY)
    plan(shop, Gust("403", path=CUSTOMERS, skip=4, times=ALWAYS))
    assert tombstones(shop.run()) == []
    clear(shop)

    assert [each["id"] for each in tombstones(shop.run())] == [str(low)]


@pytest.mark.parametrize("picked_up", [True, False])
def test_layaways_that_were_all_picked_up_have_left_and_that_is_evidence(picked_up: bool) -> None:
    """They are lines of sales now: the question for some rows only is empty, and nothing is wrong with it."""
    one, vendor = Fuzzed("layaways"), Vendor(date=A_DAY_LATER)
    aside = [row for row in vendor.tables["SaleLine"] if row["saleID"] == "0"]
    for row in aside:
        if picked_up:
            row["saleID"] = "11"
        else:
            vendor.tables["SaleLine"].remove(row)
    lines = one.run(vendor, one.first)
    gone = {line["record"]["id"] for line in lines if line["type"] == "RECORD" and line["record"]["deleted_at"]}

    assert gone == ({row["saleLineID"] for row in aside} if picked_up else set())
    assert isinstance(one.stream.stopped_by, Unlikely) is not picked_up


@given(st.integers(0, 10_000), st.integers(0, 10_000), st.floats(0, 1))
def test_the_guard_refuses_what_is_much_and_a_great_part(gone: int, known: int, share: float) -> None:
    """Both, and nothing where it is told to believe."""
    try:
        Guard(share).allow("Sale", gone, known)
        refused = False
    except Unlikely:
        refused = True

    assert refused == (share < 1 and gone > FEW and gone > share * known)
