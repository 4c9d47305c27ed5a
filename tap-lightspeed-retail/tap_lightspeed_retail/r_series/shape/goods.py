"""Products and their stock."""

from __future__ import annotations

from tap_lightspeed_retail.r_series.fields import Fields, Row
from tap_lightspeed_retail.r_series.shape.common import Context, Record, custom_fields, identity, life


def item(row: Row, known: Context) -> Record:
    """A product."""
    fields = Fields("items", row, "itemID")
    prices = [_price(each) for each in fields.rows("Prices", "ItemPrice")]
    named = {str(each["name"]).lower(): each["amount"] for each in prices}
    return {
        **identity(fields, known),
        "sku": fields.text("systemSku"),
        "custom_sku": fields.text("customSku"),
        "manufacturer_sku": fields.text("manufacturerSku"),
        "upc": fields.text("upc"),
        "ean": fields.text("ean"),
        "name": fields.text("description"),
        "description": None,
        "item_type": fields.text("itemType"),
        "category_id": fields.key("categoryID"),
        "manufacturer_id": fields.key("manufacturerID"),
        "vendor_id": fields.key("defaultVendorID"),
        "tax_class_id": fields.key("taxClassID"),
        "matrix_id": fields.key("itemMatrixID"),
        "attributes": _attributes(fields.inside("ItemAttributes")),
        "tags": None,
        "custom_fields": custom_fields(fields),
        "price": named.get("default"),
        "msrp": named.get("msrp"),
        "online_price": named.get("online"),
        "prices": prices,
        "cost": fields.number("defaultCost"),
        "currency": known.currency,
        "taxed": fields.flag("tax"),
        "discountable": fields.flag("discountable"),
        "serialized": fields.flag("serialized"),
        "published_online": fields.flag("publishToEcom"),
        **life(fields),
    }


def _price(row: Row) -> Record:
    fields = Fields("items", {"useTypeID": "0", **row}, "useTypeID")
    return {"price_list_id": fields.key("useTypeID"), "name": fields.text("useType"), "amount": fields.number("amount")}


def _attributes(row: Row) -> list[Record]:
    named = ((f"attribute{number}", row.get(f"attribute{number}")) for number in (1, 2, 3))
    return [{"name": name, "value": str(value)} for name, value in named if value not in (None, "")]


def stock(row: Row, known: Context) -> Record | None:
    """Stock of one item in one shop; the all-shops summary row counts the same pieces again and is no record."""
    fields = Fields("inventory", row, "itemShopID")
    if fields.key("shopID") is None:
        return None
    return {
        **identity(fields, known),
        "item_id": fields.key("itemID"),
        "shop_id": fields.key("shopID"),
        "on_hand": fields.number("qoh"),
        "sellable": fields.number("sellable"),
        "backorder": fields.number("backorder"),
        "reorder_point": fields.number("reorderPoint"),
        "reorder_level": fields.number("reorderLevel"),
        "on_layaway": fields.number("onLayaway"),
        "on_special_order": fields.number("onSpecialOrder"),
        "on_work_order": fields.number("onWorkOrder"),
        "on_transfer_in": fields.number("onTransferIn"),
        "on_transfer_out": fields.number("onTransferOut"),
        "average_cost": fields.number("averageCost"),
        "total_value": fields.number("totalValueFifo"),
        "currency": known.currency,
        **life(fields),
    }
