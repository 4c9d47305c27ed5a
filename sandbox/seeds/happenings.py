"""What may happen to rows that have been read already, each at an instant.

Source: docs/vendors/lightspeed-r-series.md, shoppers, events, changes.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sandbox.lightspeed.world import Row, World
from sandbox.seeds.book import Moments, ReceiptBook

NAMELESS = "Customer"
"""The first name of whoever was made anonymous."""


def merge(world: World, keep: int, lose: int, at: datetime) -> Row:
    """Two profiles become one: the other is deleted without a trace; what becomes of its receipts is a switch."""
    switch = world.switches.merged_receipts
    bumped = {"updateTime": at} if switch == "stamp" else {}
    for sale in world.children("Sale", "customerID", lose):
        if switch != "leave" or not sale["completed"]:
            world.put("Sale", {**sale, "customerID": keep, **bumped})
    for account in world.children("CreditAccount", "customerID", lose):
        world.put("CreditAccount", {**account, "customerID": keep, "timeStamp": at})
    world.remove("Customer", lose)
    return world.put("Customer", {**world.tables["Customer"][keep], "timeStamp": at})


def anonymise(world: World, customer: int, at: datetime) -> Row:
    """Somebody wants to be forgotten: name and contact go, notes and custom fields stay."""
    row = world.tables["Customer"][customer]
    nothing: Row = {"Addresses": [], "Phones": [], "Emails": [], "Websites": []}
    names = {"firstName": NAMELESS, "lastName": f"[{customer}]", "company": "", "dob": None}
    contact = {**row["Contact"], **nothing, "timeStamp": at}
    return world.put("Customer", {**row, **names, "archived": True, "Contact": contact, "timeStamp": at})


def delete_line(world: World, sale_id: int, at: datetime) -> Row:
    """The last line leaves a sale without a trace; whether the sale's times move is a switch."""
    book, sale = ReceiptBook(world), world.tables["Sale"][sale_id]
    world.remove("SaleLine", book.lines_of(sale)[-1]["saleLineID"])
    bumped = {"timeStamp": at, "updateTime": at} if world.switches.child_bumps_parent else {}
    return book.settle(sale, **bumped)


def complete_late(world: World, sale_id: int, at: datetime, late: timedelta) -> Row:
    """An open sale is completed now, with a time that is so much earlier."""
    sale = world.tables["Sale"][sale_id]
    times = Moments(sale["createTime"], at - late, late).of_sale(world.switches)
    return ReceiptBook(world).settle(sale, completed=True, **times)
