"""What lies on the shelves: a row per item and shop, and one for all shops that counts the same pieces again."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from random import Random

from sandbox.lightspeed.world import Row, World

ALL_SHOPS = 0
"""The shop of the summary row (docs/vendors/lightspeed-r-series.md, goods)."""
LOTS = 310000
"""A lot of goods has this and the id of its item: each came once."""
NOTHING = (
    "backorder componentQoh componentBackorder onLayaway onSpecialOrder onWorkOrder onTransferIn onTransferOut "
    "totalValueNegativeInventory"
).split()


def seed_shelves(world: World, rng: Random) -> None:
    """Levels for every item in every shop."""
    shops = [shop["shopID"] for shop in world.rows("Shop")]
    number = 0
    for item in world.rows("Item"):
        levels = {shop: Decimal(rng.randrange(-1, 40)) for shop in shops}
        for shop, level in {**levels, ALL_SHOPS: sum(levels.values(), Decimal(0))}.items():
            number += 1
            world.put("ItemShop", {"itemShopID": number, **_row(item, shop, level)})


def _row(item: Row, shop: int, level: Decimal) -> Row:
    """The average cost is known for all shops together only."""
    cost = item["defaultCost"]
    return {
        "itemID": item["itemID"],
        "shopID": shop,
        "qoh": level,
        "sellable": level,
        "reorderPoint": Decimal(5),
        "reorderLevel": Decimal(20),
        **dict.fromkeys(NOTHING, Decimal(0)),
        "averageCost": cost if shop == ALL_SHOPS else None,
        "totalValueFifo": cost * max(level, Decimal(0)),
        "totalValueAvgCost": cost * max(level, Decimal(0)),
        "lastReceivedCost": cost,
        "lastReceivedLotID": LOTS + item["itemID"],
        "nextFifoLotCost": cost,
        "nextFifoLotID": LOTS + item["itemID"],
        "timeStamp": item["timeStamp"],
    }


class Shelves:
    """Moves goods off the shelves, and back."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._places = {(row["itemID"], row["shopID"]): key for key, row in world.tables["ItemShop"].items()}

    def take(self, item: int, shop: int, pieces: Decimal, at: datetime) -> None:
        """So many pieces leave the shop; the all-shops row says so too. A negative number comes back."""
        for place in (shop, ALL_SHOPS):
            row = self._world.get("ItemShop", self._places.get((item, place), 0))
            if row is not None and pieces:
                level = row["qoh"] - pieces
                self._world.put("ItemShop", {**row, "qoh": level, "sellable": level, "timeStamp": at})
