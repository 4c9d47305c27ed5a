"""The chain of shops: consistent by the vendor's own arithmetic, messy where people are."""

from __future__ import annotations

from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from random import Random
from typing import Any

import phonenumbers
import pytest

from sandbox.clock import Clock
from sandbox.lightspeed.world import World
from sandbox.seeds.chain import seed_chain
from sandbox.seeds.recorded import seed_recorded
from sandbox.seeds.trade import trade
from sandbox.serve import running
from sandbox.switches import Switches

CENT = Decimal("0.01")


def chain(seed: int = 7, clock: Clock | None = None) -> World:
    made = World(clock or Clock(), Switches())
    seed_chain(made, None, Random(seed), "small")
    return made


@pytest.fixture(scope="module")
def world() -> World:
    made = chain()
    for _ in range(3):
        trade(made, Random(3), 6)
    return made


def cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)


def test_every_receipt_adds_up(world: World) -> None:
    """Facts, R-Series section 10, computed anew from the lines and payments."""
    checked = 0
    for sale in world.rows("Sale"):
        lines = world.children("SaleLine", "saleID", sale["saleID"])
        if not sale["completed"] or sale["saleID"] == 0:
            continue
        checked += 1
        subtotal = sum((line["unitQuantity"] * line["unitPrice"] for line in lines), Decimal(0))
        discount = sum((line["calcLineDiscount"] for line in lines), Decimal(0))
        taxes = [cents(sum((line[name] for line in lines), Decimal(0))) for name in ("calcTax1", "calcTax2")]
        assert subtotal == sale["calcSubtotal"]
        assert cents(subtotal - discount + sum(taxes)) == sale["calcTotal"] == sale["total"]
        live = [each for each in world.children("SalePayment", "saleID", sale["saleID"]) if not each["archived"]]
        paid = sum((each["amount"] for each in live), Decimal(0))
        assert paid == sale["calcPayments"]
        assert abs(sale["calcTotal"] - paid + sale["calcTips"]) <= CENT or not live
    assert checked > 60


def test_children_are_older_than_their_sales_completion(world: World) -> None:
    """Recorded so: lines and payments come before."""
    for sale in world.rows("Sale"):
        if sale["completeTime"] and sale["updateTime"] < sale["completeTime"].replace(year=2100):
            for line in world.children("SaleLine", "saleID", sale["saleID"]):
                assert line["createTime"] <= max(sale["completeTime"], sale["updateTime"])


def test_all_that_happens_in_shops_happens_here(world: World) -> None:
    """Refunds, exchanges, voids of both kinds, gift cards, layaways, walk-ins, open tills, e-commerce."""
    sales = world.rows("Sale")
    lines = world.rows("SaleLine")
    signs = Counter(
        frozenset(line["unitQuantity"] > 0 for line in world.children("SaleLine", "saleID", sale["saleID"]))
        for sale in sales
    )

    assert signs[frozenset({False})] > 0
    assert signs[frozenset({True, False})] > 0
    assert any(sale["voided"] and sale["completed"] for sale in sales)
    assert any(sale["voided"] and not sale["completed"] for sale in sales)
    assert any(not sale["completed"] and not sale["voided"] for sale in chain().rows("Sale"))
    assert any(each["paymentTypeID"] == 5 and each["amount"] < 0 for each in world.rows("SalePayment"))
    assert any(line["saleID"] == 0 and line["isLayaway"] for line in lines)
    assert any(sale["customerID"] == 0 for sale in sales)
    assert any(sale["referenceNumberSource"] for sale in sales)
    assert any(each["archived"] for each in world.rows("SalePayment"))
    assert any(row["shopID"] == 0 for row in world.rows("ItemShop"))


def test_shoppers_are_messy(world: World) -> None:
    """Doubles, families, and what is missing or malformed."""
    people = world.rows("Customer")
    mails = Counter(each["address"].lower() for row in people for each in row["Contact"]["Emails"])
    numbers = [each["number"] for row in people for each in row["Contact"]["Phones"]]
    valid = [text for text in numbers if phonenumbers.is_valid_number(phonenumbers.parse(text, "CA"))]

    assert max(mails.values()) > 1
    assert any(not row["Contact"]["Emails"] for row in people)
    assert any(not row["Contact"]["Phones"] for row in people)
    assert any(row["archived"] for row in people)
    assert any(len(row["lastName"]) > 80 for row in people)
    assert len(valid) >= 0.9 * len(numbers)
    assert all(
        address.partition("@")[2].endswith(("example.com", "example.org", "example.net"))
        for address in mails
        if "." in address
    )


def test_the_same_seed_makes_the_same_chain() -> None:
    """And another seed another one."""
    clock = Clock(Clock().now().replace(microsecond=0))

    def told(seed: int) -> list[Any]:
        return [chain(seed, clock).rows(name) for name in ("Customer", "Sale", "SaleLine", "ItemShop")]

    assert told(7) == told(7)
    assert told(7) != told(8)


def test_trade_moves_time_and_stamps_what_it_touches() -> None:
    """Nothing is stamped beyond the new now; what the facts say does not move a stamp does not."""
    world = chain()
    before = world.clock.now()
    sales = {row["saleID"]: row for row in world.rows("Sale")}

    happened = trade(world, Random(3), 8)

    assert world.clock.now() >= before
    assert (world.clock.now() - before).total_seconds() >= 8 * 3600
    assert happened["sales"] > 3
    changed = [row for row in world.rows("Sale") if sales.get(row["saleID"]) != row]
    assert all(before.replace(microsecond=0) <= row["updateTime"] <= world.clock.now() for row in changed)


def test_the_org_knows_some_of_the_shoppers() -> None:
    """In its own spelling: contacts, leads, doubles, strangers."""
    with running(seed="chain", size="full") as box:
        contacts = [row for row in box.org.tables["Contact"].values() if not row["IsDeleted"]]
        leads = list(box.org.tables["Lead"].values())
        tills = {each["address"].lower() for row in box.world.rows("Customer") for each in row["Contact"]["Emails"]}
        known = [row for row in contacts if (row["Email"] or "") in tills]
        mails = Counter(row["Email"] for row in contacts if row["Email"])

        assert 50 < len(known) < len(contacts)
        assert any(row["IsConverted"] for row in leads)
        assert any(not row["IsConverted"] for row in leads)
        assert max(mails.values()) > 1
        assert any(row["Phone"] and not row["Email"] for row in contacts)


@pytest.mark.recorded
def test_recorded_rows_are_served_as_they_are(recorded: Path) -> None:
    """Text for text."""
    world = World(Clock(), Switches())

    served = seed_recorded(world, recorded / "r-series")

    assert {"Sale", "Customer", "Item", "Shop"} <= set(served)
    assert all(isinstance(value, str | dict | list) for row in world.rows("Sale") for value in row.values())


def test_missing_recordings_are_said(tmp_path: Path) -> None:
    """What, where, and what to do."""
    with pytest.raises(FileNotFoundError, match="--seed chain"):
        seed_recorded(World(Clock(), Switches()), tmp_path / "nowhere")
