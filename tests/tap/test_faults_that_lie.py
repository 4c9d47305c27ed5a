"""Pages that lead to themselves or come again, and clocks that are wrong."""

from __future__ import annotations

from random import Random

import pytest
from tap_lightspeed_retail.errors import Malformed

from .runs import ALWAYS, CENTURY, CUSTOMERS, DAY, HOUR, SALES, Shop, clear, edit_a_line_and_void_a_sale, gust, plan
from .shop_days import Day


@pytest.mark.parametrize("skip", [0, 3], ids=["the first page", "a later page"])
@pytest.mark.parametrize("path", [SALES, CUSTOMERS])
def test_a_page_that_leads_to_itself_ends_the_run(shop: Shop, path: str, skip: int) -> None:
    """Neither an endless scan nor the end of the table."""
    plan(shop, gust("next_self", path, skip=skip, times=ALWAYS))
    told = shop.run(ends=Malformed)
    assert "next page" in str(told.error)

    clear(shop)
    shop.run()

    assert shop.difference() == {}


def test_rows_that_come_again_on_the_next_page_are_told_once(shop: Shop) -> None:
    """On every page of both streams."""
    plan(shop, gust("repeat", skip=0, times=ALWAYS), gust("repeat", CUSTOMERS, skip=0, times=ALWAYS))
    told = shop.run()

    assert shop.difference() == {}
    assert {*told.often("sales").values(), *told.often("customers").values()} == {1}


# Clocks that lie


@pytest.mark.parametrize("wrong", [-2 * DAY, HOUR])
def test_the_clock_of_this_machine_may_be_wrong(shop: Shop, wrong: int) -> None:
    """Bookmarks follow the server's."""
    for _ in range(2):
        shop.run(wrong_clock=wrong, reconcile_hours=0)
        shop.box.trade(hours=1)
        Day(shop.box, Random(4)).committed_late()
    shop.run(wrong_clock=wrong, reconcile_hours=0)

    assert shop.difference() == {}


@pytest.mark.parametrize(
    ("path", "seconds", "first"),
    [
        (SALES, -DAY, False),
        (SALES, DAY, False),
        ("*/SaleLine.json", DAY, False),
        ("*/SaleVoid.json", DAY, True),
        ("*/182255.json", DAY, True),
        ("*/SaleVoid.json", CENTURY, True),
    ],
)
def test_the_clock_of_the_server_may_be_wrong_for_a_while(shop: Shop, path: str, seconds: float, first: bool) -> None:
    """One server of many answers: what changes afterwards is told by the next run, and not by the full scan."""
    if not first:
        shop.run(reconcile_hours=0)
    shop.box.clock.advance(HOUR)
    plan(shop, gust("skew", path, skip=0, seconds=seconds))
    shop.run(reconcile_hours=0)
    edit_a_line_and_void_a_sale(shop)

    shop.run(reconcile_hours=0)

    assert shop.difference() == {}


def test_the_clock_of_the_server_may_be_ahead_of_its_rows(shop: Shop) -> None:
    """In every answer (docs/vendors/lightspeed-r-series.md, stamps: never beyond the greatest time that was seen)."""
    plan(shop, gust("skew", "*", skip=0, times=ALWAYS, seconds=HOUR))
    shop.run(reconcile_hours=0)
    edit_a_line_and_void_a_sale(shop)

    shop.run(reconcile_hours=0)

    assert shop.difference() == {}
