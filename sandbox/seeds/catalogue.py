"""Shops, registers, people behind the till, and what is on the shelves."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from sandbox.lightspeed.world import Row, World

SHOPS = (
    ("Montréal Centre", "America/Montreal", "Montréal", "QC"),
    ("Vancouver Main", "America/Vancouver", "Vancouver", "BC"),
    ("Toronto Queen", "America/Toronto", "Toronto", "ON"),
    ("Calgary Eighth", "America/Edmonton", "Calgary", "AB"),
    ("Halifax Quay", "America/Halifax", "Halifax", "NS"),
    ("Laval Carrefour", "America/Montreal", "Laval", "QC"),
    ("Ottawa Bank", "America/Toronto", "Ottawa", "ON"),
    ("Winnipeg Forks", "America/Winnipeg", "Winnipeg", "MB"),
    ("Victoria Wharf", "America/Vancouver", "Victoria", "BC"),
    ("Québec Vieux-Port", "America/Montreal", "Québec", "QC"),
    ("Banff Avenue", "America/Edmonton", "Banff", "AB"),
    ("Saskatoon Broadway", "America/Regina", "Saskatoon", "SK"),
)
PAYMENT_TYPES = (
    ("Cash", "cash"),
    ("Cheque", "user defined"),
    ("Credit Card", "credit card"),
    ("Credit Account", "credit account"),
    ("Gift Card", "gift card"),
    ("eCom", "ecom"),
    ("Adjustment", "adjustment"),
)
GOODS = "Hat Scarf Mug Lamp Boots Jacket Tent Rope Kettle Knife Compass Blanket Bottle Torch Gloves Socks".split()
MAKES = "Wool Tin Brass Oak Canvas Felt Birch Slate Copper Linen Cedar Flint".split()
COLOURS = "red green blue black white sand moss rust".split()


def seed_catalogue(world: World, rng: Random, shops: int, items: int, now: datetime) -> None:
    """Everything that receipts refer to."""
    opened = now - timedelta(days=900)
    _shops(world, rng, shops, opened)
    for number, (name, kind) in enumerate(PAYMENT_TYPES, 1):
        row = {"paymentTypeID": number, "name": name, "type": kind, "archived": False, "requireCustomer": False}
        world.put("PaymentType", row)
    for number, name in enumerate(("Clothing", "Outdoor", "Kitchen"), 1):
        world.put("Category", {"categoryID": number, "name": name, "fullPathName": name, "timeStamp": opened})
    for number, name in enumerate(("Northwind", "Fabrik"), 1):
        world.put("Manufacturer", {"manufacturerID": number, "name": name, "createTime": opened, "timeStamp": opened})
    rates = {"tax1Rate": Decimal("0.05"), "tax2Rate": Decimal("0.09975"), "isTaxInclusive": False, "timeStamp": opened}
    world.put("TaxCategory", {"taxCategoryID": 1, "tax1Name": "GST", "tax2Name": "QST", **rates})
    world.put("TaxClass", {"taxClassID": 1, "name": "Item", "timeStamp": opened})
    world.put("CustomerType", {"customerTypeID": 1, "name": "Regular"})
    for number in range(1, items + 1):
        _item(world, rng, number, opened)


def _shops(world: World, rng: Random, count: int, opened: datetime) -> None:
    for number, (name, zone, city, state) in enumerate(SHOPS[:count], 1):
        address = {
            "address1": f"{number} Front Street",
            "city": city,
            "state": state,
            "country": "Canada",
            "countryCode": "CA",
        }
        contact = {"Addresses": [address], "Phones": [{"number": f"514-250-00{number:02d}", "useType": "Work"}]}
        row = {
            "shopID": number,
            "name": name,
            "timeZone": zone,
            "archived": False,
            "taxCategoryID": 1,
            "timeStamp": opened,
        }
        world.put("Shop", {**row, "contactID": 9000 + number, "Contact": contact})
        for till in range(rng.randrange(2, 5)):
            world.put("Register", {"name": f"Till {till + 1}", "open": True, "shopID": number, "archived": False})
        for _ in range(2):
            employee = {"firstName": "Till", "lastName": f"Keeper {number}", "archived": False, "lockOut": False}
            world.put("Employee", {**employee, "timeStamp": opened})
    world.put("Register", {"name": "eCom", "open": True, "shopID": 1, "archived": False})


def _item(world: World, rng: Random, number: int, opened: datetime) -> None:
    price = Decimal(rng.randrange(200, 25000)) / 100
    made = opened + timedelta(days=rng.randrange(700))
    name = f"{rng.choice(MAKES)} {rng.choice(GOODS)}, {rng.choice(COLOURS)}"
    row: Row = {
        "itemID": number,
        "systemSku": str(210000000000 + number + rng.randrange(3)),
        "upc": f"0{rng.randrange(10**10, 10**11)}" if rng.random() < 0.4 else "",
        "ean": "",
        "customSku": f"SKU-{number // 2}" if rng.random() < 0.6 else "",
        "manufacturerSku": "",
        "description": name,
        "itemType": "default",
        "serialized": False,
        "tax": True,
        "discountable": True,
        "archived": rng.random() < 0.02,
        "defaultCost": (price / 2).quantize(Decimal("0.01")),
        "publishToEcom": rng.random() < 0.5,
        "createTime": made,
        "timeStamp": made,
        "categoryID": rng.randrange(1, 4),
        "taxClassID": 1,
        "departmentID": 0,
        "itemMatrixID": 0,
        "manufacturerID": rng.randrange(0, 3),
        "seasonID": 0,
        "defaultVendorID": 0,
        "Prices": [
            {"amount": price, "useTypeID": 1, "useType": "Default"},
            {"amount": (price * 2).quantize(Decimal("0.01")), "useTypeID": 2, "useType": "MSRP"},
        ],
    }
    world.put("Item", row if rng.random() > 0.01 else {**row, "Prices": []})
    stock(world, rng, number, made)


def stock(world: World, rng: Random, item: int, made: datetime) -> None:
    """One row per shop, and the all-shops summary row that counts them once more."""
    levels = {shop["shopID"]: Decimal(rng.randrange(-1, 40)) for shop in world.rows("Shop")}
    for shop, level in {**levels, 0: sum(levels.values(), Decimal(0))}.items():
        row = {"itemID": item, "shopID": shop, "qoh": level, "sellable": level, "backorder": 0, "reorderPoint": 5}
        more = {"reorderLevel": 20, "onLayaway": 0, "onSpecialOrder": 0, "onWorkOrder": 0, "onTransferIn": 0}
        world.put("ItemShop", {**row, **more, "onTransferOut": 0, "timeStamp": made})


def price_of(item: Row) -> Decimal:
    """The default price, or nothing."""
    return next((each["amount"] for each in item["Prices"] if each["useType"] == "Default"), Decimal(0))
