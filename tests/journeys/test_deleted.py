"""What vanishes in the shop is told, and does in Salesforce what the mappings say; nothing else of it changes."""

from __future__ import annotations

from typing import Any

from tests.journeys.pair import Pair


def held(pair: Pair, name: str, key: int) -> dict[str, Any]:
    rows = (row for row in pair.rows(name) if row["Lightspeed_Key__c"] == f"{pair.box.account_id}:{key}")
    return {field: value for field, value in next(rows).items() if not field.endswith(("Date", "Modstamp"))}


def test_what_vanished_is_marked_and_keeps_its_face(chain: Pair) -> None:
    """An item that was merged into another, its stock, a shopper, and a receipt with its lines."""
    chain.sync()
    world = chain.box.world
    item = world.rows("Item")[3]
    stock = next(row for row in world.children("ItemShop", "itemID", item["itemID"]) if row["shopID"])
    stamped = {row["Lightspeed_Key__c"] for row in chain.rows("Contact")}
    shopper = next(row for row in world.rows("Customer") if f"{chain.box.account_id}:{row['customerID']}" in stamped)
    sale = next(row for row in world.rows("Sale") if row["completed"] and not row["voided"])
    kept = {
        ("Product2", item["itemID"]): {"Archived__c": True},
        ("Retail_Stock__c", stock["itemShopID"]): {"On_Hand__c": 0, "Sellable__c": 0},
        ("Retail_Sale__c", sale["saleID"]): {"State__c": "voided"},
        ("Contact", shopper["customerID"]): {},
    }
    before = {place: held(chain, *place) for place in kept}
    lines = len(chain.rows("Retail_Sale_Line__c"))
    gone = [("Item", "itemID", item), ("ItemShop", "itemShopID", stock), ("Customer", "customerID", shopper)]
    parts = [("SaleLine", "saleLineID"), ("SalePayment", "salePaymentID")]
    gone += [(name, key, row) for name, key in parts for row in world.children(name, "saleID", sale["saleID"])]
    for name, key, row in [*gone, ("Sale", "saleID", sale)]:
        world.remove(name, row[key])
    chain.box.clock.advance(25 * 3600)

    done = chain.sync()

    assert done.returncode == 0, done.stderr
    assert {place: held(chain, *place) for place in kept} == {
        place: {**before[place], **changed} for place, changed in kept.items()
    }
    assert len(chain.rows("Retail_Sale_Line__c")) == lines - sum(1 for name, _, _ in gone if name == "SaleLine")
