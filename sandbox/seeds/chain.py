"""A chain of shops with honest mess, and an org in which people have typed some of its shoppers already."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sandbox.lightspeed.world import World
from sandbox.seeds.backroom import BackRoom
from sandbox.seeds.book import ReceiptBook
from sandbox.seeds.catalogue import seed_catalogue
from sandbox.seeds.credit import Credit
from sandbox.seeds.office import seed_org
from sandbox.seeds.people import people
from sandbox.seeds.picker import Picker
from sandbox.seeds.profiles import put_shopper
from sandbox.seeds.sales import Sales
from sandbox.seeds.shelves import seed_shelves
from sandbox.seeds.workshop import Workshop

SIZES = {"small": (4, 40, 60, 80), "full": (12, 300, 2000, 2500), "corner": (1, 25, 30, 60)}
"""Shops, items, shoppers, receipts; the corner shop has one till, and with it the smallest rate limits there are."""
DAYS = 120
STORY = 1
"""The shopper whose receipts make a good story: in the org already, several receipts, one of them a refund."""
Event = Callable[[datetime], Any]


@dataclass(frozen=True)
class Chain:
    """What was seeded.

    Attributes:
        rows: Rows per Lightspeed resource.
        known: Rows per Salesforce object that people have typed; empty without an org.
        story: customerID of the shopper to show.
    """

    rows: dict[str, int]
    known: dict[str, int]
    story: int


def seed_chain(world: World, org: Any, rng: Random, size: str) -> Chain:
    """Fill the account, and the org with what people have typed there.

    Args:
        world: The account.
        org: The org, or None.
        rng: Everything follows from it.
        size: "small" or "full"; or "corner", one small shop with one till.
    """
    shops, items, shoppers, receipts = SIZES[size]
    now = world.clock.now().replace(microsecond=0)
    seed_catalogue(world, rng, shops, items, now, one_till=size == "corner")
    seed_shelves(world, rng)
    crowd = people(rng, shoppers)
    for number, shopper in enumerate(crowd, 1):
        made = now - timedelta(days=rng.randrange(DAYS + 1, 900), seconds=rng.randrange(86400))
        put_shopper(world, rng, number, shopper, made=made, changed=made + (now - made) * rng.random())
    _receipts(world, rng, receipts, now, long=size == "full")
    BackRoom(world, now).fill()
    Workshop(ReceiptBook(world), now).fill()
    known = seed_org(org, rng, crowd, STORY) if org is not None else {}
    return Chain({name: len(rows) for name, rows in world.tables.items() if rows}, known, STORY)


def _receipts(world: World, rng: Random, count: int, now: datetime, *, long: bool) -> None:
    """So many receipts over the last days, in the order they happened: mostly sales, and each rarity in turn."""
    book = ReceiptBook(world)
    pick = Picker(book, rng)
    sales, credit = Sales(book, pick, rng), Credit(book, pick, rng)
    script = _story(sales, count)
    if long:
        script[_slot(count, 6)] = sales.long_sale
    rare = _rarities(sales, credit)
    for number, at in enumerate(sorted(now - timedelta(seconds=rng.randrange(60, DAYS * 86400)) for _ in range(count))):
        ordinary = rare[(number // 3) % len(rare)] if number % 3 == 2 else sales.sale
        script.get(number, ordinary)(at)


def _story(sales: Sales, count: int) -> dict[int, Event]:
    """One shopper buys four times and brings something back, so that somebody's timeline is worth a look."""
    script: dict[int, Event] = {_slot(count, share): lambda at: sales.sale(at, STORY) for share in (1, 3, 5, 7)}
    script[_slot(count, 9)] = lambda at: sales.refund(at, STORY)
    return script


def _slot(count: int, tenth: int) -> int:
    """The place of a receipt that is not one of the rarities, which are every third."""
    return count * tenth // 30 * 3


def _rarities(sales: Sales, credit: Credit) -> tuple[Event, ...]:
    """What needs something earlier comes late, so that the small chain has each of them too."""
    return (
        credit.gift_card,
        credit.layaway,
        sales.web_order,
        credit.on_account,
        sales.void,
        sales.open_sale,
        sales.declined_then_paid,
        sales.rounded_cash,
        sales.tipped,
        sales.rebate,
        sales.fee,
        sales.ad_hoc_refund,
        credit.layaway,
        sales.flagged_void,
        sales.empty,
        sales.deleted_open_sale,
        sales.open_sale,
        credit.redeem,
        sales.refund,
        sales.exchange,
        sales.partial_refund,
        credit.pay_account,
        credit.pick_up,
        sales.even_exchange,
        sales.refund,
    )
