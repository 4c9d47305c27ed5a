"""The back room and the workshop of the chain: what they hold adds up, and agrees with the receipts."""

from __future__ import annotations

from datetime import datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sandbox.lightspeed.resources import RESOURCES
from tests.sandbox.seeded import Seeded, seeded


@pytest.fixture(scope="module")
def chain() -> Seeded:
    return seeded()


def test_every_resource_has_rows(chain: Seeded) -> None:
    """So that a sync of everything shows everything."""
    assert [name for name in RESOURCES if not chain.rows(name)] == []


def test_chance_has_no_part_in_it() -> None:
    """Another random seed draws other receipts, and the same orders but for what goods cost."""
    one, other = seeded(random_seed=1), seeded(random_seed=2)
    for name in ("Vendor", "Transfer", "SpecialOrder", "WorkorderStatus", "RegisterCount", "PriceLevel"):
        left, right = one.rows(name), other.rows(name)
        own = ("saleLineID",)
        assert [without(row, own) for row in left] == [without(row, own) for row in right]


def without(row: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


def test_orders_add_up(chain: Seeded) -> None:
    """Lines to pieces and subtotal, subtotal and costs to the total; in the vendor's currency by the rate."""
    for order in chain.rows("Order"):
        lines = chain.rows("OrderLine", orderID=order["orderID"])
        assert order["totalQuantity"] == sum(line["quantity"] for line in lines)
        assert order["subTotalCost"] == sum(line["quantity"] * line["price"] for line in lines)
        costs = order["shipCost"] + order["otherCost"] - order["totalDiscount"]
        assert order["totalCost"] == order["subTotalCost"] + costs
        for line in lines:
            assert abs(line["vendorCost"] - line["price"] * order["vendorCurrencyRate"]) < Decimal("0.01")


def test_an_orders_day_is_midnight_in_its_shop(chain: Seeded) -> None:
    """Said in UTC."""
    for order in chain.rows("Order"):
        zone = ZoneInfo(chain.rows("Shop", shopID=order["shopID"])[0]["timeZone"])
        days: list[datetime] = [order[name] for name in ("orderedDate", "arrivalDate", "receivedDate") if order[name]]
        assert days
        assert {day.astimezone(zone).time() for day in days} == {time()}


def test_changes_of_stock_agree_with_what_caused_them(chain: Seeded) -> None:
    """What is checked in came in; what was sent left one shop for the other."""
    log = chain.rows("InventoryLog")
    for order in chain.rows("Order"):
        came = sum(row["qohChange"] for row in log if row["orderID"] == order["orderID"])
        assert came == sum(line["checkedIn"] for line in chain.rows("OrderLine", orderID=order["orderID"]))
    for transfer in chain.rows("Transfer"):
        moved = [row for row in log if row["transferID"] == transfer["transferID"]]
        sent = sum(line["sent"] for line in chain.rows("TransferItem", transferID=transfer["transferID"]))
        assert sum(row["qohChange"] for row in moved) == 0
        assert -sum(row["qohChange"] for row in moved if row["shopID"] == transfer["sendingShopID"]) == sent


def test_the_log_is_not_in_the_order_of_its_times(chain: Seeded) -> None:
    """A change can be dated back, so that only the id tells what is new."""
    times = [row["createTime"] for row in chain.rows("InventoryLog")]

    assert times != sorted(times)


@pytest.mark.parametrize("resource", ["SpecialOrder", "WorkorderItem"])
def test_what_is_promised_has_a_line_that_is_sold_later(chain: Seeded, resource: str) -> None:
    """The line has no sale until then; afterwards a completed one, for the same shopper."""
    lines = {row["saleLineID"]: row for row in chain.rows("SaleLine")}
    sales = [lines[row["saleLineID"]]["saleID"] for row in chain.rows(resource)]

    assert sorted(map(bool, sales)) == [False, True]
    for row in chain.rows(resource):
        line = lines[row["saleLineID"]]
        sale = chain.world.get("Sale", line["saleID"])
        assert sale is None or (sale["completed"] and sale["customerID"] == line["customerID"])


def test_a_quote_names_its_latest_sale(chain: Seeded) -> None:
    """The sale of before stays, open; no till completes either."""
    [quote] = chain.rows("Quote")
    sales = chain.rows("Sale", quoteID=quote["quoteID"])

    assert [sale["completed"] for sale in sales] == [False, False]
    assert quote["saleID"] == sales[-1]["saleID"]


def test_one_till_is_closed_and_was_counted(chain: Seeded) -> None:
    """The others are open, and say since when."""
    closed = {row["registerID"] for row in chain.rows("Register") if not row["open"]}

    assert closed == {row["registerID"] for row in chain.rows("RegisterCount")}
    assert all((row["openTime"] is not None) is row["open"] for row in chain.rows("Register"))


def test_variants_name_their_matrix(chain: Seeded) -> None:
    """With a value of each of its attributes."""
    [matrix] = chain.rows("ItemMatrix")
    variants = chain.rows("Item", itemMatrixID=matrix["itemMatrixID"])

    assert len(variants) == 2
    for number in (1, 2):
        assert {row["ItemAttributes"][f"attribute{number}"] for row in variants} == set(
            matrix[f"attribute{number}Values"]
        )
