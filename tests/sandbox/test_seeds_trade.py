"""Time moves on: what trade changes, and what it stamps."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from random import Random
from typing import Any

import pytest

from sandbox.lightspeed.resources import RESOURCES
from sandbox.lightspeed.world import World
from sandbox.seeds.chain import seed_chain
from sandbox.seeds.trade import trade
from tests.sandbox.seeded import NOON, Row, empty_world, seeded_world

HOURS = 6
EVENTS = {
    "sales",
    "refunds",
    "new_shoppers",
    "parked_sales",
    "shopper_edits",
    "price_changes",
    "completed_parked_sales",
    "voids",
    "archived_shoppers",
    "late_sales",
    "payment_swaps",
    "exchanges",
    "gift_cards",
    "lines_taken_off",
}
Tables = dict[str, dict[int, Row]]


def traded(hours: float = HOURS, **switches: Any) -> tuple[Tables, World, dict[str, int]]:
    """The tables before, the account after, and what happened."""
    world = seeded_world(**switches)
    before = copy.deepcopy(world.tables)
    return before, world, trade(world, Random(1), hours)


@pytest.fixture(scope="module")
def day() -> tuple[Tables, World, dict[str, int]]:
    return traded()


def changed(before: Tables, world: World, resource: str) -> Iterator[tuple[Row | None, Row]]:
    """(row before, row after) of every row that is new or differs."""
    for key, row in world.tables[resource].items():
        if before[resource].get(key) != row:
            yield before[resource].get(key), row


def test_every_kind_of_event_happens(day: tuple[Tables, World, dict[str, int]]) -> None:
    """Even in a few hours, counted under its name."""
    _, world, happened = day

    assert set(happened) == EVENTS
    assert min(happened.values()) >= 1
    assert world.clock.now() == NOON + timedelta(hours=HOURS)


def test_trade_goes_on_for_days() -> None:
    """Every call finds something for every kind of event."""
    world = seeded_world()

    for number in range(8):
        assert set(trade(world, Random(number), 12)) == EVENTS


def test_the_same_chance_trades_the_same() -> None:
    """Two accounts with the same seeds have the same rows after."""
    assert traded()[1].tables == traded()[1].tables


def test_what_changes_is_stamped_within_the_time_that_passed(day: tuple[Tables, World, dict[str, int]]) -> None:
    """Sales by their update, shoppers, items and stock by their time stamp: none earlier, none in the future."""
    before, world, _ = day
    stamps = {"Sale": "updateTime", "Customer": "timeStamp", "Item": "timeStamp", "ItemShop": "timeStamp"}
    for resource, stamp in stamps.items():
        found = [
            (old, new)
            for old, new in changed(before, world, resource)
            # A line taken off a parked sale moves its amounts and not its times, as recorded.
            if not (resource == "Sale" and old and not new["completed"] and old[stamp] == new[stamp])
        ]
        assert found, resource
        assert all(NOON < new[stamp] <= world.clock.now() for _, new in found), resource


def test_nothing_is_stamped_in_the_future() -> None:
    """Not even the parts of what was parked in the last second."""
    _, world, _ = traded(hours=0.05)
    now = world.clock.now()
    late = [
        (name, row)
        for name in RESOURCES
        for row in world.rows(name)
        for field in ("createTime", "timeStamp", "updateTime", "completeTime")
        if (value := row.get(field)) is not None and value > now
    ]

    assert late == []


def test_stock_follows_what_is_sold(day: tuple[Tables, World, dict[str, int]]) -> None:
    """Levels move by the lines of sales that were completed or voided since, in the shop and in the all-shops row."""
    before, world, _ = day
    moved: dict[tuple[int, int], Any] = {}
    for old, new in changed(before, world, "Sale"):
        was = bool(old and old["completed"] and not old["voided"])
        step = int(bool(new["completed"] and not new["voided"])) - int(was)
        for line in world.children("SaleLine", "saleID", new["saleID"]):
            for shop in (new["shopID"], 0):
                key = (line["itemID"], shop)
                moved[key] = moved.get(key, 0) - step * line["unitQuantity"]
    seen = {
        (new["itemID"], new["shopID"]): new["qoh"] - (old or {})["qoh"]
        for old, new in changed(before, world, "ItemShop")
        if new["qoh"] != (old or {})["qoh"]
    }

    assert seen
    assert seen == {key: step for key, step in moved.items() if step and key[0]}


def test_a_late_sale_says_that_it_was_completed_long_ago(day: tuple[Tables, World, dict[str, int]]) -> None:
    """Its time stamp lies before all that was read, its update does not."""
    before, world, happened = day
    late = [new for old, new in changed(before, world, "Sale") if old is None and new["timeStamp"] < NOON]

    assert len(late) == happened["late_sales"]
    assert all(sale["timeStamp"] == sale["completeTime"] and sale["updateTime"] > NOON for sale in late)


def test_a_parked_sale_is_completed_under_its_id(day: tuple[Tables, World, dict[str, int]]) -> None:
    """Then its payments count."""
    before, world, happened = day
    done = [
        (old, new) for old, new in changed(before, world, "Sale") if old and new["completed"] and not old["completed"]
    ]

    assert 1 <= len(done) <= happened["completed_parked_sales"]
    for old, new in done:
        assert old["completeTime"] is None
        assert old["calcPayments"] == 0
        assert new["completeTime"] == new["timeStamp"] == new["updateTime"] - timedelta(seconds=1)
        assert new["calcPayments"] == new["total"]


def test_a_voided_sale_has_its_reason(day: tuple[Tables, World, dict[str, int]]) -> None:
    """As many rows as voids, each naming a sale that is voided now and was not."""
    before, world, happened = day
    reasons = [new for old, new in changed(before, world, "SaleVoid") if old is None]

    assert len(reasons) == happened["voids"]
    for row in reasons:
        assert world.tables["Sale"][row["saleID"]]["voided"]
        assert not before["Sale"].get(row["saleID"], {}).get("voided")


def test_a_swapped_payment_is_archived_and_another_takes_its_place() -> None:
    """A new id, another type, the same amount; the sale keeps its completion and says when it was updated."""
    before, world, happened = traded(hours=24)
    archived = [new for old, new in changed(before, world, "SalePayment") if new["archived"] and old != new and old]
    swapped = [row for row in archived if before["Sale"][row["saleID"]]["completed"]]

    assert 1 <= len(swapped) <= happened["payment_swaps"]
    for row in swapped:
        sale = world.tables["Sale"][row["saleID"]]
        fresh = [each for each in world.children("SalePayment", "saleID", row["saleID"]) if not each["archived"]]
        assert sum(each["amount"] for each in fresh) == row["amount"]
        assert {each["salePaymentID"] for each in fresh}.isdisjoint(before["SalePayment"])
        assert sale["completeTime"] == before["Sale"][row["saleID"]]["completeTime"]
        assert sale["updateTime"] > NOON


@pytest.mark.parametrize("bumps", [True, False])
def test_a_line_taken_off_leaves_no_trace(bumps: bool) -> None:
    """The row is gone; whether the sale's times move is a switch."""
    before, world, _ = traded(hours=1, child_bumps_parent=bumps)
    gone = [row for key, row in before["SaleLine"].items() if key not in world.tables["SaleLine"]]
    still_open = [sale for row in gone if not (sale := world.tables["Sale"][row["saleID"]])["completed"]]

    assert gone
    assert still_open
    for sale in still_open:
        old = before["Sale"][sale["saleID"]]
        assert (sale["updateTime"] > old["updateTime"]) is bumps
        assert (sale["timeStamp"] > old["timeStamp"]) is bumps
        assert sale["total"] <= old["total"]


@pytest.mark.parametrize("bumps", [True, False])
def test_a_void_moves_the_update_time_or_not(bumps: bool) -> None:
    """By the switch, both where it is traded and where it is seeded."""
    before, world, _ = traded(hours=1, void_bumps_update=bumps)
    voided = [(old, new) for old, new in changed(before, world, "Sale") if old and new["voided"] and not old["voided"]]
    seeded_voids = [sale for sale in before["Sale"].values() if sale["voided"] and not sale["completed"]]

    assert voided
    assert seeded_voids
    assert {new["updateTime"] > old["updateTime"] for old, new in voided} == {bumps}
    assert {sale["updateTime"] > sale["timeStamp"] for sale in seeded_voids} == {bumps}


@pytest.mark.parametrize("bumps", [True, False])
def test_another_payment_moves_the_update_time_or_not(bumps: bool) -> None:
    """By the switch."""
    before, world, _ = traded(hours=24, edit_bumps_update=bumps)
    swapped = {
        new["saleID"]
        for old, new in changed(before, world, "SalePayment")
        if old and new["archived"] and before["Sale"][new["saleID"]]["completed"]
    }
    moved = {
        world.tables["Sale"][key]["updateTime"] > before["Sale"][key]["updateTime"]
        for key in swapped
        if not world.tables["Sale"][key]["voided"]
    }

    assert moved == {bumps}


@pytest.mark.parametrize("seconds", [0, 1])
@pytest.mark.parametrize("is_timestamp", [True, False])
def test_a_completed_sale_is_stamped_as_the_switches_say(is_timestamp: bool, seconds: int) -> None:
    """Its time stamp is when it says that it was completed, or when that was written; its update is written later."""
    switches = {"void_bumps_update": False, "edit_bumps_update": False}
    before, world, _ = traded(completion_is_timestamp=is_timestamp, update_after_seconds=seconds, **switches)
    done = [(old or {}, new) for old, new in changed(before, world, "Sale") if new["completed"]]
    fresh = [new for old, new in done if not old.get("completed")]
    late = [sale for sale in fresh if sale["updateTime"] - sale["completeTime"] > timedelta(hours=1)]
    written = timedelta(seconds=seconds)

    assert late
    assert len(late) < len(fresh)
    for sale in fresh:
        stamped = sale["completeTime"] if is_timestamp else sale["updateTime"] - written
        assert sale["timeStamp"] == stamped
        if sale not in late:
            assert sale["updateTime"] == sale["completeTime"] + written


@pytest.mark.parametrize("bumps", [True, False])
def test_an_edited_contact_moves_its_shopper_or_not(bumps: bool) -> None:
    """The contact's time stamp always moves; whether the customer's does is a switch."""
    before, world, _ = traded(hours=24, contact_bumps_customer=bumps)
    edited = [
        (old, new)
        for old, new in changed(before, world, "Customer")
        if old
        and new["Contact"] != old["Contact"]
        and (new["dob"], new["archived"], new["creditAccountID"])
        == (old["dob"], old["archived"], old["creditAccountID"])
    ]

    assert edited
    for old, new in edited:
        assert new["Contact"]["timeStamp"] > NOON
        assert (new["timeStamp"] > old["timeStamp"]) is bumps


def test_prices_rise_and_shoppers_come_and_go(day: tuple[Tables, World, dict[str, int]]) -> None:
    """New profiles, archived ones that are still there, new price tags."""
    before, world, happened = day
    profiles = list(changed(before, world, "Customer"))
    priced = [new for old, new in changed(before, world, "Item") if old and new["Prices"] != old["Prices"]]

    assert sum(old is None for old, _ in profiles) == happened["new_shoppers"]
    archived = [new for old, new in profiles if new["archived"] and not (old or new)["archived"]]
    assert 1 <= len(archived) <= happened["archived_shoppers"]
    assert priced


@pytest.mark.parametrize("day", [date(2028, 2, 29), date(2026, 3, 8), date(2026, 11, 1)])
def test_any_day_will_do(day: date) -> None:
    """Leap days and the days on which clocks change."""
    world = empty_world(datetime(day.year, day.month, day.day, 6, tzinfo=timezone.utc))
    seed_chain(world, None, Random(2), "small")

    assert set(trade(world, Random(2), 24)) == EVENTS


@pytest.mark.parametrize("rows", [{}, {"Shop": {"shopID": "1"}, "Register": {"registerID": "1", "shopID": "1"}}])
def test_there_must_be_a_chain_to_trade_in(rows: dict[str, Row]) -> None:
    """An account that is empty, or holds recorded rows, says so; its clock stays."""
    world = empty_world()
    for resource, row in rows.items():
        world.put(resource, row)

    with pytest.raises(ValueError, match=r"trade: account 182255 has no chain .* --seed chain"):
        trade(world, Random(1), 4)
    assert world.clock.now() == NOON
