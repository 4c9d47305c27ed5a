"""The back room of the chain: price levels, vendors, purchase orders, transfers, counted tills, and changes of stock.

A few honest rows of each; chance has no part in them, so that the receipts stay as they were drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.lightspeed.world import Row, World
from sandbox.seeds.catalogue import CARD, CASH

PRICE_LEVELS = ("Default", "MSRP", "Online", "Staff")
"""The first three are the vendor's own; an item names them by number."""
VENDORS = (("Nordfjord Supply", "CAD", "1"), ("Harbor & Pine", "USD", "0.73"))
"""Name, currency and what one unit of the account's is worth in it."""
CUT = Decimal("0.01")
UNREDUCED = {
    "shippingCostMethod": "evenly",
    "discountMethod": "proportionally",
    "discountIsPercent": False,
    **dict.fromkeys(("discountMoneyValue", "discountMoneyVendorValue", "discountPercentValue"), Decimal(0)),
}
"""How an order shares its costs out, and that nothing is taken off."""
SHARED = (
    "orderID vendorCurrencyCode vendorCurrencyRate shippingCostMethod discountMethod discountMoneyValue "
    "discountMoneyVendorValue discountPercentValue"
).split()
"""What a shipment says as its order does."""
NOTHING = (
    "employeeID itemID shopID orderID transferID saleID inventoryCountID customerID vendorReturnID itemImportID"
).split()


def _id(sale: Row) -> int:
    return int(sale["saleID"])


@dataclass
class BackRoom:
    """Fills the tables that no receipt refers to.

    Args:
        world: The account, with its catalogue.
        now: When it is.
    """

    world: World
    now: datetime

    def fill(self) -> None:
        """Everything, in the order in which rows refer to each other."""
        self._price_levels()
        self._staff()
        self._tills()
        self._tax_exceptions()
        self._vendors()
        self._variants()
        self._order(1, days=40, vendor=1, items=(4, 5), complete=True)
        self._order(2, days=3, vendor=2, items=(6,), complete=False)
        if len(self.world.rows("Shop")) > 1:
            self._transfer(1, days=20, item=4, state="received")
            self._transfer(2, days=1, item=7, state="open")
        self._adjustment(8, Decimal(-2))

    def _ago(self, **span: float) -> datetime:
        return self.now - timedelta(**span)

    def _day(self, shop: int, days: int) -> datetime:
        """A date as the vendor has it: midnight in the shop's zone, said in UTC.

        Source: docs/vendors/lightspeed-r-series.md, times.
        """
        zone = ZoneInfo(self.world.tables["Shop"][shop]["timeZone"])
        return datetime.combine(self._ago(days=days).astimezone(zone), time(), zone).astimezone(timezone.utc)

    def _price_levels(self) -> None:
        for number, name in enumerate(PRICE_LEVELS, 1):
            row = {"priceLevelID": number, "name": name, "archived": False, "canBeArchived": number > 3}
            self.world.put("PriceLevel", {**row, "type": "fixed", "Calculation": ""})

    def _staff(self) -> None:
        """The first of a shop opens it; each has a contact and a role."""
        for row in self.world.rows("Employee"):
            number = row["employeeID"]
            role = {"employeeRoleID": 2 - number % 2, "name": "Manager" if number % 2 else "Clerk"}
            mail = {"address": f"till{number}@outfitters.example", "useType": "Primary"}
            contact = {"contactID": 9100 + number, "Addresses": [], "Phones": [], "Emails": [mail], "Websites": []}
            more = {"contactID": 9100 + number, "employeeRoleID": role["employeeRoleID"], "EmployeeRole": role}
            last = max((sale for sale in self.world.rows("Sale") if sale["employeeID"] == number), key=_id, default={})
            was = {f"last{name}ID": last.get(f"{name.lower()}ID", 0) for name in ("Shop", "Sale", "Register")}
            self.world.put("Employee", {**row, **more, **was, "clockInEmployeeHoursID": 0, "Contact": contact})

    def _tills(self) -> None:
        """Every till was opened this morning but the first of several, which was counted last night and is closed."""
        only = len(self.world.rows("Register")) == 1
        for row in self.world.rows("Register"):
            opened = {"openTime": self._ago(hours=3), "openEmployeeID": 2 * row["shopID"] - 1}
            closed = {"open": False, "openTime": None, "openEmployeeID": 0}
            self.world.put("Register", {**row, **(closed if row["registerID"] == 1 and not only else opened)})
        count = {"registerID": 1, "openEmployeeID": 1, "closeEmployeeID": 2, "notes": "Two short, counted twice"}
        count |= {"createTime": self._ago(hours=14), "openTime": self._ago(hours=24)}
        self.world.put("RegisterCount", {"registerCountID": 1, **count})
        for kind, calculated, actual in ((CASH, "312.45", "310.45"), (CARD, "1204.10", "1204.10")):
            amounts = {"calculated": Decimal(calculated), "actual": Decimal(actual)}
            self.world.put("RegisterCountAmount", {"registerCountID": 1, "paymentTypeID": kind, **amounts})

    def _tax_exceptions(self) -> None:
        """Nothing is due on what is untaxed."""
        row = self.world.tables["TaxCategory"][1]
        rates = {"tax1Rate": Decimal(0), "tax2Rate": Decimal(0), "timeStamp": row["timeStamp"]}
        only = {"taxCategoryClassID": 1, **rates, "taxCategoryID": 1, "taxClassID": 2}
        self.world.put("TaxCategory", {**row, "TaxCategoryClasses": [only]})

    def _vendors(self) -> None:
        for number, (name, code, rate) in enumerate(VENDORS, 1):
            mail = {"address": f"orders{number}@supply.example", "useType": "Primary"}
            contact = {"Addresses": [], "Phones": [], "Emails": [mail], "Websites": []}
            row = {"vendorID": number, "name": name, "archived": False, "accountNumber": f"A-{100 + number}"}
            flags = dict.fromkeys(("updatePrice", "updateCost", "updateDescription", "shareSellThrough"), False)
            currency = {"code": code, "symbol": "$", "rate": Decimal(rate)}
            own = {"priceLevel": "", "timeStamp": self._ago(days=300), "b2bSellerUID": "", "Contact": contact}
            self.world.put("Vendor", {**row, **flags, **own, "purchasingCurrency": currency})

    def _variants(self) -> None:
        """Socks in one colour and two sizes: a matrix, and two of the items are its variants."""
        names = {"attributeName1": "Colour", "attributeName2": "Size", "attributeName3": ""}
        row = {"itemAttributeSetID": 1, "name": "Colour/Size", **names, "system": True, "archived": False}
        self.world.put("ItemAttributeSet", row)
        for item, size in ((2, "M"), (3, "L")):
            attributes = {"attribute1": "moss", "attribute2": size, "attribute3": "", "itemAttributeSetID": 1}
            whole = self.world.tables["Item"][item]
            tags = [{"tagRelationID": item, "tagID": 1, "itemID": item, "Tag": {"tagID": 1, "name": "winter"}}]
            own = {"itemMatrixID": 1, "ItemAttributes": attributes, "TagRelations": tags}
            self.world.put("Item", {**whole, **own})
        first = self.world.tables["Item"][2]
        said = {"description": "Birch Socks", "itemType": "default", "modelYear": 0, "archived": False}
        kept = {name: first[name] for name in ("tax", "defaultCost", "serialized", "timeStamp", "Prices")}
        keys = {name: first[name] for name in ("categoryID", "taxClassID", "manufacturerID", "defaultVendorID")}
        values = {"attribute1Values": ["moss"], "attribute2Values": ["M", "L"]}
        more = {"itemAttributeSetID": 1, "seasonID": 0, "departmentID": 0, **values}
        self.world.put("ItemMatrix", {"itemMatrixID": 1, **said, **kept, **keys, **more})

    def _order(self, number: int, *, days: int, vendor: int, items: tuple[int, ...], complete: bool) -> None:
        """Ordered for the first shop; when it is complete, it came a week later and is in stock."""
        rate = Decimal(VENDORS[vendor - 1][2])
        lines = [self._order_line(number, item, days=days, rate=rate, complete=complete) for item in items]
        subtotal, shipping = sum((line["total"] for line in lines), Decimal(0)), Decimal("7.50")
        dates = {
            "orderedDate": self._day(1, days),
            "arrivalDate": self._day(1, days - 10),
            "receivedDate": self._day(1, days - 7) if complete else None,
        }
        money = {
            "shipCost": shipping,
            "shipVendorCost": (shipping * rate).quantize(CUT),
            "otherCost": Decimal(0),
            "otherVendorCost": Decimal(0),
            "discount": Decimal(0),
            "totalDiscount": Decimal(0),
            "subTotalCost": subtotal,
            "totalCost": subtotal + shipping,
            "totalQuantity": sum((line["quantity"] for line in lines), Decimal(0)),
            "vendorCurrencyCode": VENDORS[vendor - 1][1],
            "vendorCurrencyRate": rate,
        }
        head = {"orderID": number, "vendorID": vendor, "shopID": 1, "createdByEmployeeID": 1, "noteID": 0}
        text = {"refNum": f"PO-{number}", "shipInstructions": "", "stockInstructions": ""}
        text |= {"b2bOrderUID": "", "b2bOrderNumber": ""}
        times = {"createTime": self._ago(days=days), "timeStamp": self._ago(days=days - 7 if complete else days)}
        state = {"complete": complete, "archived": False, "hasShipments": complete, "costsModifiedAfterShipment": False}
        note = {"Note": {"note": "Leave at the back door", "isPublic": False}}
        row = {**head, **text, **state, **dates, **money, **UNREDUCED, **times, **note}
        self.world.put("Order", row)
        if complete:
            self._shipment(row, lines)

    def _shipment(self, order: Row, lines: list[Row]) -> None:
        """All of an order came at once."""
        shipping = {"shippingCost": order["shipCost"], "shippingVendorCost": order["shipVendorCost"]}
        vendor = sum((line["vendorCost"] * line["quantity"] for line in lines), Decimal(0))
        money = {
            "cost": order["subTotalCost"],
            "vendorCost": vendor,
            "totalCost": order["totalCost"],
            "totalVendorCost": vendor + order["shipVendorCost"],
            **shipping,
            "shippingCostOrderFullValue": order["shipCost"],
            "shippingCostOrderFullVendorValue": order["shipVendorCost"],
            "discountOrderFullMoneyValue": Decimal(0),
            "discountOrderFullMoneyVendorValue": Decimal(0),
            "currencyCode": self.world.account["defaultCurrency"]["code"],
        }
        came = order["receivedDate"]
        times = {"createTime": came, "timeStamp": came, "receptionDate": came}
        due = {"paymentDueDate": f"{came + timedelta(days=30):%Y-%m-%d}", "shipmentPackingRefNum": ""}
        head = {"sequenceNumber": 1, "employeeID": 1, "status": "received", "totalQtyReceived": order["totalQuantity"]}
        shared = {name: order[name] for name in SHARED}
        self.world.put("Shipment", {**head, **shared, **money, **times, **due, "OrderShipmentItems": []})

    def _order_line(self, order: int, item: int, *, days: int, rate: Decimal, complete: bool) -> Row:
        cost, pieces = self.world.tables["Item"][item]["defaultCost"], Decimal(6)
        if complete:
            more = {"costChange": cost, "orderID": order}
            self._log(item, pieces, at=self._ago(days=days - 7), reason="BusinessProcessAddInventory", **more)
        money = {
            "price": cost,
            "originalPrice": cost,
            "vendorCost": (cost * rate).quantize(CUT),
            "total": cost * pieces,
            **dict.fromkeys(("shippingCost", "shippingVendorCost", "discountMoneyValue"), Decimal(0)),
            **dict.fromkeys(("discountMoneyVendorValue", "discountPercentValue"), Decimal(0)),
        }
        counts = {"quantity": pieces, "checkedIn": pieces if complete else Decimal(0), "numReceived": Decimal(0)}
        at = self._ago(days=days)
        row = {"orderID": order, "itemID": item, "createTime": at, "timeStamp": at}
        return self.world.put("OrderLine", {**row, **counts, **money})

    def _transfer(self, number: int, *, days: int, item: int, state: str) -> None:
        """From the first shop to the second."""
        done, at, pieces = state == "received", self._ago(days=days), Decimal(3)
        shops = {"sendingShopID": 1, "receivingShopID": 2, "sentByEmployeeID": 1 if done else 0}
        times = {"createTime": at, "timeStamp": at, "needBy": at + timedelta(days=2), "sentOn": at if done else None}
        row = {"transferID": number, "note": "For the window", "archived": done, "status": state}
        self.world.put("Transfer", {**row, **shops, "createdByEmployeeID": 1, **times})
        moved = pieces if done else Decimal(0)
        value = moved * self.world.tables["Item"][item]["defaultCost"]
        counts = {"toSend": pieces - moved, "toReceive": Decimal(0), "sent": moved, "received": moved}
        line = {"transferID": number, "itemID": item, "comment": "", "timeStamp": at}
        self.world.put("TransferItem", {**line, **counts, "sentValue": value, "receivedValue": value})
        if done:
            self._log(item, -pieces, at=at, reason="RemoveForTransfer", transferID=number)
            self._log(item, pieces, at=at, reason="AddForTransfer", transferID=number, shopID=2)

    def _adjustment(self, item: int, pieces: Decimal) -> None:
        """Somebody counted; the date is that of the damage, earlier than that of the row before."""
        self._log(item, pieces, at=self._ago(days=60), reason="ManualQuantityAdjustment", automated=False)

    def _log(self, item: int, pieces: Decimal, *, at: datetime, reason: str, **more: Any) -> None:
        row = {**dict.fromkeys(NOTHING, 0), "itemID": item, "shopID": 1, "employeeID": 1, "qohChange": pieces}
        said = {"costChange": Decimal(0), "createTime": at, "automated": True, "causedNegative": False}
        self.world.put("InventoryLog", {**row, **said, "reason": reason, **more})
