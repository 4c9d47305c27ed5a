"""Products, what they are sorted by, their prices and their stock."""

from __future__ import annotations

from tap_lightspeed_retail.r_series.context import Context
from tap_lightspeed_retail.r_series.fields import Fields, is_text
from tap_lightspeed_retail.r_series.forms import as_list
from tap_lightspeed_retail.r_series.notes import TEXTS, Row, Shaped
from tap_lightspeed_retail.r_series.shape.common import custom_fields, identity, life
from tap_lightspeed_retail.scan import Record

NAMED_PRICES = ("Default", "MSRP", "Online")


def item(row: Row, known: Context) -> Shaped:
    """A product."""
    fields = Fields("items", row, "itemID")
    return Shaped(
        {
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
            "attributes": _attributes(fields),
            "tags": _tags(fields),
            "custom_fields": custom_fields(fields),
            **_prices(fields),
            "cost": fields.number("defaultCost"),
            "currency": known.currency,
            "taxed": fields.flag("tax"),
            "discountable": fields.flag("discountable"),
            "serialized": fields.flag("serialized"),
            "published_online": fields.flag("publishToEcom"),
            **life(fields),
        },
        fields.notes,
    )


def _tags(fields: Fields) -> list[str]:
    """The merchant's own words for it. How the list is spelt is not printed anywhere: this is the API's habit."""
    links = map(fields.within, fields.rows("TagRelations", "TagRelation"))
    names = (link.within(link.inside("Tag")).text("name") for link in links)
    return [name for name in names if name]


def _prices(fields: Fields) -> Record:
    """The three prices that every account has by their names, and all of them."""
    prices = [_price(fields.within(each)) for each in fields.rows("Prices", "ItemPrice")]
    named = {str(each["name"]).lower(): each["amount"] for each in prices}
    return {
        "price": named.get("default"),
        "msrp": named.get("msrp"),
        "online_price": named.get("online"),
        "prices": prices,
    }


def _price(fields: Fields) -> Record:
    name = fields.text("useType", NAMED_PRICES)
    return {"price_list_id": fields.key("useTypeID"), "name": name, "amount": fields.number("amount")}


def _attributes(fields: Fields) -> list[Record]:
    """What tells a variant from others, under the merchant's names where the attribute set is there."""
    held = fields.within(fields.inside("ItemAttributes"))
    named = ((number, held.text(f"attribute{number}")) for number in (1, 2, 3))
    return [{"name": _attribute_name(held, number), "value": value} for number, value in named if value]


def _attribute_name(fields: Fields, number: int) -> str:
    return fields.within(fields.inside("ItemAttributeSet")).text(f"attributeName{number}") or f"attribute{number}"


def item_matrix(row: Row, known: Context) -> Shaped:
    """A product with variants."""
    fields = Fields("item_matrices", row, "itemMatrixID")
    return Shaped(
        {
            **identity(fields, known),
            "name": fields.text("description"),
            "item_type": fields.text("itemType"),
            "category_id": fields.key("categoryID"),
            "manufacturer_id": fields.key("manufacturerID"),
            "vendor_id": fields.key("defaultVendorID"),
            "tax_class_id": fields.key("taxClassID"),
            "attributes": _choices(fields),
            **_prices(fields),
            "cost": fields.number("defaultCost"),
            "currency": known.currency,
            "taxed": fields.flag("tax"),
            "serialized": fields.flag("serialized"),
            **life(fields),
        },
        fields.notes,
    )


def _choices(fields: Fields) -> list[Record]:
    """Each attribute with its values; one value comes as itself, as a list of one does."""
    found = ((number, _texts(fields, f"attribute{number}Values")) for number in (1, 2, 3))
    return [{"name": _attribute_name(fields, number), "values": values} for number, values in found if values]


def _texts(fields: Fields, name: str) -> list[str]:
    values = as_list(fields.raw(name))
    if not all(map(is_text, values)):
        fields.note(name, TEXTS)
        return []
    return [str(each) for each in values]


def category(row: Row, known: Context) -> Shaped:
    """A node of the tree of categories."""
    fields = Fields("categories", row, "categoryID")
    depth = fields.number("nodeDepth")
    return Shaped(
        {
            **identity(fields, known),
            "name": fields.text("name"),
            "full_name": fields.text("fullPathName"),
            "parent_id": fields.key("parentID"),
            "depth": None if depth is None else int(depth),
            **life(fields),
        },
        fields.notes,
    )


def manufacturer(row: Row, known: Context) -> Shaped:
    """A maker."""
    fields = Fields("manufacturers", row, "manufacturerID")
    return Shaped({**identity(fields, known), "name": fields.text("name"), **life(fields)}, fields.notes)


def price_list(row: Row, known: Context) -> Shaped:
    """A price level; in the prices of an item it is the use type (docs/vendors/lightspeed-r-series.md, goods)."""
    fields = Fields("price_lists", row, "priceLevelID")
    return Shaped(
        {
            **identity(fields, known),
            "name": fields.text("name"),
            "type": fields.text("type"),
            "removable": fields.flag("canBeArchived"),
            **life(fields, changed=None),
        },
        fields.notes,
    )


def stock(row: Row, known: Context) -> Shaped | None:
    """Stock of one item in one shop; the all-shops summary row counts the same pieces again and is no record."""
    fields = Fields("inventory", row, "itemShopID")
    if fields.key("shopID") is None and not fields.notes:
        return None
    return Shaped(
        {
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
        },
        fields.notes,
    )
