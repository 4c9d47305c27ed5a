"""Shops, registers, people behind the till, and what is on the shelves."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from sandbox.lightspeed.world import Row, World

SHOPS = (
    ("Montréal Centre", "America/Montreal", "Montréal", "QC", "514"),
    ("Vancouver Main", "America/Vancouver", "Vancouver", "BC", "604"),
    ("Toronto Queen", "America/Toronto", "Toronto", "ON", "416"),
    ("Calgary Eighth", "America/Edmonton", "Calgary", "AB", "403"),
    ("Halifax Quay", "America/Halifax", "Halifax", "NS", "902"),
    ("Laval Carrefour", "America/Montreal", "Laval", "QC", "450"),
    ("Ottawa Bank", "America/Toronto", "Ottawa", "ON", "613"),
    ("Winnipeg Forks", "America/Winnipeg", "Winnipeg", "MB", "204"),
    ("Victoria Wharf", "America/Vancouver", "Victoria", "BC", "250"),
    ("Québec Vieux-Port", "America/Montreal", "Québec", "QC", "418"),
    ("Banff Avenue", "America/Edmonton", "Banff", "AB", "403"),
    ("Saskatoon Broadway", "America/Regina", "Saskatoon", "SK", "306"),
)
PROVINCES = {
    "QC": ("GST", "0.05", "QST", "0.09975"),
    "BC": ("GST", "0.05", "PST", "0.07"),
    "ON": ("HST", "0.13", "", "0"),
    "AB": ("GST", "0.05", "", "0"),
    "NS": ("HST", "0.14", "", "0"),
    "MB": ("GST", "0.05", "PST", "0.07"),
    "SK": ("GST", "0.05", "PST", "0.06"),
}
"""Name and rate of the two taxes; a tax category each."""
CASH, CARD, ACCOUNT, GIFT, ECOM = 1, 3, 4, 5, 6
"""Ids of payment types, the vendor's own where it has defaults (docs/vendors/lightspeed-r-series.md, payments)."""
PAYMENT_TYPES = (
    ("Cash", "cash"),
    ("Cheque", "user defined"),
    ("Credit Card", "credit card"),
    ("Credit Account", "credit account"),
    ("Gift Card", "gift card"),
    ("eCom", "ecom"),
    ("Adjustment", "adjustment"),
)
CATEGORIES = ("Clothing", "Outdoor", "Kitchen", "Lighting")
MAKERS = ("Northvane", "Fabrikette", "Old Quarry")
GOODS = "Hat Scarf Mug Lamp Boots Jacket Tent Rope Kettle Knife Compass Blanket Bottle Torch Gloves Socks".split()
MAKES = "Wool Tin Brass Oak Canvas Felt Birch Slate Copper Linen Cedar Flint".split()
COLOURS = "red green blue black white sand moss rust".split()
ODD_NAMES = ('Shelf 27" «Érable»', "Rope 6/8 mm", "Candle 🕯 'Noël'")
_TILL = {"open": True, "tipEnabled": True, "ccTerminalID": 0, "archived": False}
DISCOUNT = 1
"""The one discount that the tills know by name."""


def seed_catalogue(world: World, rng: Random, shops: int, items: int, now: datetime, *, one_till: bool = False) -> None:
    """Everything that receipts refer to; ``one_till`` is one register a shop, and no web shop."""
    opened = now - timedelta(days=900)
    _types(world, opened)
    for number, shop in enumerate(SHOPS[:shops], 1):
        _shop(world, number, shop, opened, tills=1 if one_till else rng.randrange(2, 5))
    if not one_till:
        world.put("Register", {"name": "eCom", "shopID": 1, **_TILL, "tipEnabled": False})
    for number in range(1, items + 1):
        _item(world, rng, number, opened)


def _types(world: World, opened: datetime) -> None:
    for number, (name, kind) in enumerate(PAYMENT_TYPES, 1):
        row = {"paymentTypeID": number, "name": name, "type": kind, "requireCustomer": kind == "credit account"}
        own = {"archived": False, "internalReserved": kind != "user defined", "refundAsPaymentTypeID": number}
        world.put("PaymentType", {**row, **own})
    for number, name in enumerate(CATEGORIES, 1):
        row = {"categoryID": number, "name": name, "fullPathName": name, "nodeDepth": 0, "parentID": 0}
        tree = {"leftNode": 2 * number - 1, "rightNode": 2 * number}
        world.put("Category", {**row, **tree, "createTime": opened, "timeStamp": opened})
    for number, name in enumerate(MAKERS, 1):
        world.put("Manufacturer", {"manufacturerID": number, "name": name, "createTime": opened, "timeStamp": opened})
    for number, (name1, rate1, name2, rate2) in enumerate(PROVINCES.values(), 1):
        rates = {"tax1Name": name1, "tax2Name": name2, "tax1Rate": Decimal(rate1), "tax2Rate": Decimal(rate2)}
        world.put("TaxCategory", {"taxCategoryID": number, "isTaxInclusive": False, **rates, "timeStamp": opened})
    for number, name in enumerate(("Item", "Untaxed"), 1):
        world.put("TaxClass", {"taxClassID": number, "name": name, "timeStamp": opened})
    world.put("CustomerType", {"customerTypeID": 1, "name": "Regular", "taxCategoryID": 0, "discountID": 0})
    rate = {"discountAmount": Decimal(0), "discountPercent": Decimal("0.4"), "requireCustomer": False}
    row = {"discountID": DISCOUNT, "name": "End of season", **rate, "archived": False}
    world.put("Discount", {**row, "createTime": opened, "timeStamp": opened})


def _shop(world: World, number: int, shop: tuple[str, str, str, str, str], opened: datetime, *, tills: int) -> None:
    name, zone, city, province, area = shop
    address = {"address1": f"{number} Front Street", "city": city, "state": province, "stateCode": province}
    contact = {
        "Addresses": [{**address, "country": "Canada", "countryCode": "CA"}],
        "Phones": [{"number": f"{area}-250-00{number:02d}", "useType": "Work"}],
    }
    row = {"shopID": number, "name": name, "timeZone": zone, "archived": False, "contactID": 9000 + number}
    taxes = {"taxCategoryID": list(PROVINCES).index(province) + 1, "priceLevelID": 1, "timeStamp": opened}
    flags = dict.fromkeys(("taxLabor", "labelMsrp", "zebraBrowserPrint"), False)
    text = {"labelTitle": "Shop Name", "companyRegistrationNumber": "", "vatNumber": "", "serviceRate": Decimal(60)}
    devices = {"receiptSetupID": number, "ccGatewayID": 0, "gatewayConfigID": 0}
    world.put("Shop", {**row, **taxes, **flags, **text, **devices, "Contact": contact})
    for till in range(tills):
        world.put("Register", {"name": f"Till {till + 1}", "shopID": number, **_TILL})
    for keeper in ("Opening", "Closing"):
        row = {"firstName": keeper, "lastName": f"Keeper {number}", "archived": False, "lockOut": False}
        world.put("Employee", {**row, "limitToShopID": number, "timeStamp": opened})


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
        "description": rng.choice(ODD_NAMES) if rng.random() < 0.03 else name,
        "itemType": "default",
        "serialized": False,
        "tax": rng.random() > 0.05,
        "discountable": True,
        "archived": rng.random() < 0.02,
        "defaultCost": (price / 2).quantize(Decimal("0.01")),
        "avgCost": (price / 2).quantize(Decimal("0.01")),
        "modelYear": 0,
        "publishToEcom": rng.random() < 0.5,
        "createTime": made,
        "timeStamp": made,
        "categoryID": rng.randrange(1, len(CATEGORIES) + 1),
        "taxClassID": 1,
        "departmentID": 0,
        "itemMatrixID": 0,
        "manufacturerID": rng.randrange(0, len(MAKERS) + 1),
        "seasonID": 0,
        "defaultVendorID": 0,
        "Prices": _prices(price) if rng.random() > 0.01 else [],
    }
    world.put("Item", row)


def _prices(price: Decimal) -> list[Row]:
    named = (("Default", price), ("MSRP", price * 2), ("Online", price))
    return [{"amount": amount, "useTypeID": number, "useType": use} for number, (use, amount) in enumerate(named, 1)]


def price_of(item: Row) -> Decimal:
    """The default price, or nothing."""
    return next((each["amount"] for each in item["Prices"] if each["useType"] == "Default"), Decimal(0))
