"""One of everything that a reader must bear, whatever chance does; and what may happen to rows that were read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

import pytest

from sandbox.lightspeed.wire import Wire
from sandbox.lightspeed.world import World
from sandbox.seeds.happenings import anonymise, complete_late, delete_line, merge
from sandbox.seeds.oddities import Oddities, seed_oddities
from sandbox.serve import running
from tests.sandbox.seeded import NOON, Row, empty_world

LATER = NOON + timedelta(minutes=5)


@dataclass
class Account:
    world: World
    found: Oddities

    def sale(self, name: str) -> Row:
        return self.world.tables["Sale"][self.found.sales[name]]

    def lines(self, name: str) -> list[Row]:
        return self.world.children("SaleLine", "saleID", self.found.sales[name])

    def payments(self, name: str) -> list[Row]:
        return self.world.children("SalePayment", "saleID", self.found.sales[name])

    def kinds(self, name: str) -> set[str]:
        types = self.world.tables["PaymentType"]
        return {types[row["paymentTypeID"]]["type"] for row in self.payments(name) if not row["archived"]}

    def shopper(self, name: str) -> Row:
        return self.world.tables["Customer"][self.found.shoppers[name]]


def odd_account(random_seed: int = 7, **switches: object) -> Account:
    world = empty_world(**switches)
    return Account(world, seed_oddities(world, Random(random_seed)))


@pytest.fixture(scope="module", params=[7, 8, 9])
def account(request: pytest.FixtureRequest) -> Account:
    return odd_account(request.param)


def back(account: Account, name: str) -> list[Row]:
    return [line for line in account.lines(name) if line["unitQuantity"] < 0]


def out(account: Account, name: str) -> list[Row]:
    return [line for line in account.lines(name) if line["unitQuantity"] > 0]


def linked(lines: list[Row]) -> bool:
    return bool(lines) and all(line["parentSaleLineID"] for line in lines)


def whole(account: Account, lines: list[Row]) -> bool:
    sold = account.world.tables["SaleLine"]
    return all(-line["unitQuantity"] == sold[line["parentSaleLineID"]]["unitQuantity"] for line in lines)


SALES: dict[str, Callable[[Account, str], bool]] = {
    "ordinary": lambda box, name: box.sale(name)["completed"] and box.sale(name)["balance"] == 0,
    "two tenders": lambda box, name: box.kinds(name) == {"cash", "credit card"},
    "open": lambda box, name: not box.sale(name)["completed"] and box.sale(name)["completeTime"] is None,
    "refund": lambda box, name: linked(back(box, name)) and not out(box, name) and whole(box, back(box, name)),
    "partial refund": lambda box, name: linked(back(box, name)) and not whole(box, back(box, name)),
    "ad hoc refund": lambda box, name: bool(back(box, name)) and not back(box, name)[0]["parentSaleLineID"],
    "exchange": lambda box, name: linked(back(box, name)) and bool(out(box, name)),
    "even exchange": lambda box, name: linked(back(box, name)) and not box.payments(name),
    "rebate": lambda box, name: any(line["unitPrice"] < 0 and not line["itemID"] for line in box.lines(name)),
    "fee": lambda box, name: box.lines(name)[-1]["parentSaleLineID"] == box.lines(name)[0]["saleLineID"],
    "fee given back": lambda box, name: (
        box.lines(name)[-1]["lineType"] == "item_fee_refund" and linked(back(box, name))
    ),
    "zero void": lambda box, name: box.sale(name)["voided"] and not box.sale(name)["completed"],
    "flagged void": lambda box, name: box.sale(name)["voided"] and box.sale(name)["completed"],
    "open and given up": lambda box, name: box.sale(name)["archived"],
    "deposit": lambda box, name: box.sale(name)["total"] == 0 and "credit account" in box.kinds(name),
    "picked up": lambda box, name: box.lines(name)[0]["createTime"] < box.sale(name)["createTime"],
    "gift card sold": lambda box, name: box.sale(name)["total"] == 0 < box.sale(name)["displayableTotal"],
    "gift card redeemed": lambda box, name: box.sale(name)["total"] > 0 and "gift card" in box.kinds(name),
    "on account": lambda box, name: box.sale(name)["total"] > 0 and box.kinds(name) == {"credit account"},
    "debt paid": lambda box, name: box.sale(name)["total"] == 0 and box.kinds(name) == {"cash", "credit account"},
    "tip": lambda box, name: box.sale(name)["calcTips"] > 0,
    "web order": lambda box, name: box.kinds(name) == {"ecom"} and bool(box.sale(name)["referenceNumberSource"]),
    "stock written off": lambda box, name: box.kinds(name) == {"adjustment"},
    "rounded cash": lambda box, name: box.sale(name)["cashRoundingDelta"] != 0,
    "failed payment, then a good one": lambda box, name: (
        [row["archived"] for row in box.payments(name)] == [True, False]
    ),
    "back-dated": lambda box, name: box.sale(name)["updateTime"] - box.sale(name)["timeStamp"] > timedelta(hours=19),
    "no lines": lambda box, name: not box.lines(name),
    "one line": lambda box, name: len(box.lines(name)) == 1,
    "more lines than a page": lambda box, name: len(box.lines(name)) == 101,
    "no item": lambda box, name: [line["itemID"] for line in box.lines(name)] == [0],
    "tiny price": lambda box, name: Decimal(box.lines(name)[0]["unitPrice"]) < Decimal("0.0001"),
}


@pytest.mark.parametrize("name", SALES)
def test_the_odd_receipt_is_there(account: Account, name: str) -> None:
    """Whatever chance does."""
    assert SALES[name](account, name)


def test_every_receipt_has_its_check(account: Account) -> None:
    """But for those that others need."""
    assert {name for name in account.found.sales if not name.startswith("to be")} == set(SALES)


def test_more_rows_than_a_page_share_a_second(account: Account) -> None:
    """Sales by their update, shoppers by their time stamp."""
    for resource, stamp in (("Sale", "updateTime"), ("Customer", "timeStamp")):
        seconds = Counter(row[stamp] for row in account.world.rows(resource))
        assert max(seconds.values()) > 100


def test_what_is_promised_waits_without_a_sale(account: Account) -> None:
    """A special order and a work order."""
    waiting = account.world.children("SaleLine", "saleID", 0)
    assert any(line["isSpecialOrder"] for line in waiting)
    assert any(line["isWorkorder"] for line in waiting)


def test_the_odd_shoppers_are_there(account: Account) -> None:
    """Signs, no names, one e-mail for two, birthdays at midnight in the shop."""
    row = account.shopper("odd signs")
    assert all(sign in row["Note"]["note"] for sign in ('"', "\n", "\\", "/", "🎿"))
    assert "/" in row["lastName"]
    nameless, company = account.shopper("no names"), account.shopper("company")
    assert (nameless["firstName"], nameless["lastName"], company["firstName"], bool(company["company"])) == (
        "", "", "", True,
    )  # fmt: skip
    twins = [account.shopper(name)["Contact"]["Emails"][0]["address"] for name in ("same e-mail", "same e-mail again")]
    assert twins[0] != twins[1]
    assert twins[0].lower() == twins[1].lower()
    born = account.shopper("born in summer")["dob"]
    assert born.hour == 4
    assert born.astimezone(ZoneInfo("America/Montreal")).hour == 0
    forms = [account.shopper(f"phone {number}")["Contact"]["Phones"][0]["number"] for number in range(1, 7)]
    assert len({"".join("9" if sign.isdigit() else sign for sign in form) for form in forms}) == 6


def test_the_odd_goods_are_there(account: Account) -> None:
    """Without a price, under one code, with a price that is said with an exponent, archived."""
    items = account.world.tables["Item"]
    codes = Counter(row["customSku"] for row in items.values())
    assert items[account.found.items["without a price"]]["Prices"] == []
    assert codes.most_common(2)[0] == ("TWIN", 2)
    assert codes.most_common(2)[1][1] == 1
    assert items[account.found.items["archived"]]["archived"]
    said = Wire(account.world, []).row("Item", items[account.found.items["tiny price"]])
    assert said["Prices"]["ItemPrice"]["amount"] == "1.2E-5"


@pytest.mark.parametrize("switch", ["move", "stamp", "leave"])
def test_merged_shoppers_are_one_and_the_history_moves_or_stays(switch: str) -> None:
    """The other leaves no trace; whether its receipts are moved, and whether they say so, is a switch."""
    account = odd_account(merged_receipts=switch)
    keep, lose = account.found.shoppers["same e-mail"], account.found.shoppers["ordinary"]
    first, *more = account.world.children("Sale", "customerID", lose)
    account.world.put("Sale", {**first, "completed": False})
    moved = [first["saleID"], *(sale["saleID"] for sale in more)]
    merge(account.world, keep, lose, LATER)

    assert more
    assert account.world.get("Customer", lose) is None
    assert account.world.tables["Customer"][keep]["timeStamp"] == LATER
    sales = [account.world.tables["Sale"][key] for key in moved]
    assert sales[0]["customerID"] == keep
    assert {sale["customerID"] for sale in sales[1:]} == {lose if switch == "leave" else keep}
    assert {sale["updateTime"] == LATER for sale in sales} == {switch == "stamp"}


def test_who_wants_to_be_forgotten_keeps_note_and_id() -> None:
    """The vendor's pattern of names, archived, no contact; the note is not cleared."""
    account = odd_account()
    key = account.found.shoppers["odd signs"]
    row = anonymise(account.world, key, LATER)

    assert (row["firstName"], row["lastName"], row["archived"]) == ("Customer", f"[{key}]", True)
    assert row["Contact"]["Emails"] == []
    assert row["Note"]["note"]


@pytest.mark.parametrize("bumps", [True, False])
def test_a_line_is_deleted_without_a_trace(bumps: bool) -> None:
    """Only the set of what is left tells; whether the times do is a switch."""
    account = odd_account(child_bumps_parent=bumps)
    before, lines = account.sale("open"), account.lines("open")
    after = delete_line(account.world, before["saleID"], LATER)

    assert len(account.lines("open")) == len(lines) - 1
    assert ((after["updateTime"], after["timeStamp"]) == (LATER, LATER)) is bumps
    assert bumps or after["updateTime"] == before["updateTime"]


def test_a_sale_is_completed_with_a_time_long_gone() -> None:
    """Its time stamp lies behind every bookmark; its update does not."""
    account = odd_account()
    sale = complete_late(account.world, account.found.sales["to be completed"], LATER, timedelta(days=2))

    assert sale["completed"]
    assert sale["timeStamp"] == sale["completeTime"] == LATER - timedelta(days=2)
    assert sale["updateTime"] == LATER + timedelta(seconds=1)
    assert sale["calcPayments"] == sale["total"]


def test_it_is_a_seed_of_the_served_sandbox() -> None:
    """By its name."""
    with running(seed="oddities") as box:
        assert len(box.world.tables["Customer"]) > 100
        assert any(row["customSku"] == "TWIN" for row in box.world.rows("Item"))
