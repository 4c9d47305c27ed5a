"""Where goods come from and go to: vendors, purchase orders, transfers, changes of stock."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from tap_lightspeed_retail.r_series.context import Context, zone_named
from tap_lightspeed_retail.r_series.fields import Fields
from tap_lightspeed_retail.r_series.notes import Row, Shaped
from tap_lightspeed_retail.r_series.shape.common import custom_fields, identity, life, note_of
from tap_lightspeed_retail.r_series.shape.contact import address, contact_of, mails, numbers, website


def vendor(row: Row, known: Context) -> Shaped:
    """A supplier; the credentials of its web service that old rows hold are nobody's business."""
    fields = Fields("vendors", row, "vendorID")
    contact, currency = contact_of(fields), fields.within(fields.inside("purchasingCurrency"))
    return Shaped(
        {
            **identity(fields, known),
            "name": fields.text("name"),
            "account_number": fields.text("accountNumber"),
            **address(contact),
            "phone": next((each["number"] for each in numbers(contact)), None),
            "email": next((each["address"] for each in mails(contact)), None),
            "website": website(contact),
            "purchasing_currency": currency.text("code"),
            "purchasing_currency_rate": currency.number("rate"),
            **life(fields),
        },
        fields.notes,
    )


def order(row: Row, known: Context) -> Shaped:
    """A purchase order, with its lines; its dates are midnights of the shop that orders."""
    fields = Fields("orders", row, "orderID")
    updated = fields.instant("timeStamp")
    zones = _zones(fields, known)
    lines = [_order_line(each, known, fields.id, updated, n) for n, each in enumerate(_lines(fields), 1)]
    return Shaped(
        {
            **identity(fields, known),
            "vendor_id": fields.key("vendorID"),
            "shop_id": fields.key("shopID"),
            "employee_id": fields.key("createdByEmployeeID"),
            "reference": fields.text("refNum"),
            "completed": fields.flag("complete"),
            "ordered_on": fields.date("orderedDate", zones),
            "expected_on": fields.date("arrivalDate", zones),
            "received_on": fields.date("receivedDate", zones),
            "quantity": fields.number("totalQuantity"),
            "subtotal": fields.number("subTotalCost"),
            "discount": fields.number("totalDiscount"),
            "shipping": fields.number("shipCost"),
            "other_costs": fields.number("otherCost"),
            "total": fields.number("totalCost"),
            "currency": known.currency,
            "vendor_currency": fields.text("vendorCurrencyCode"),
            "vendor_currency_rate": fields.number("vendorCurrencyRate"),
            "note": note_of(fields),
            "custom_fields": custom_fields(fields),
            "line_ids": [each.record["id"] for each in lines],
            **life(fields),
        },
        fields.notes,
        {"order_lines": lines},
    )


def _zones(fields: Fields, known: Context) -> list[ZoneInfo]:
    """The zone of the shop that orders, then those of the others."""
    own = zone_named(fields.within(fields.inside("Shop")).text("timeZone") or "")
    return [*([own] if own else []), *known.known_zones]


def _lines(fields: Fields) -> list[Row]:
    return fields.rows("OrderLines", "OrderLine")


def _order_line(row: Row, known: Context, order_id: str, updated: str | None, position: int) -> Shaped:
    fields = Fields("order_lines", row, "orderLineID")
    return Shaped(
        {
            **identity(fields, known),
            "order_id": order_id,
            "order_updated_at": updated,
            "position": position,
            "item_id": fields.key("itemID"),
            "quantity": fields.number("quantity"),
            "received": fields.number("numReceived"),
            "checked_in": fields.number("checkedIn"),
            "unit_cost": fields.number("price"),
            "original_unit_cost": fields.number("originalPrice"),
            "vendor_unit_cost": fields.number("vendorCost"),
            "discount": fields.number("discountMoneyValue"),
            "shipping": fields.number("shippingCost"),
            "total": fields.number("total"),
            "currency": known.currency,
            **life(fields),
        },
        fields.notes,
    )


def transfer(row: Row, known: Context) -> Shaped:
    """Goods on their way between shops, in the words of either of the vendor's two endpoints for them."""
    fields = Fields("transfers", row, "transferID")
    out, into = fields.inside("TransferFrom"), fields.inside("TransferTo")
    start, end = fields.within(out), fields.within(into)
    return Shaped(
        {
            **identity(fields, known),
            "from_shop_id": fields.key("sendingShopID") or start.key("shopID"),
            "to_shop_id": fields.key("receivingShopID") or end.key("shopID"),
            "state": _transfer_state(fields),
            "employee_id": fields.key("createdByEmployeeID"),
            "sent_by_employee_id": fields.key("sentByEmployeeID") or start.key("employeeID"),
            "order_id": fields.key("orderID"),
            "note": fields.text("note"),
            "due_at": fields.instant("needBy") or end.instant("needBy"),
            "sent_at": fields.instant("sentOn") or start.instant("sentOn"),
            **life(fields),
        },
        fields.notes,
    )


def _transfer_state(fields: Fields) -> str:
    said = fields.text("status")
    if said:
        return said.lower()
    if fields.flag("received"):
        return "received"
    return "sent" if fields.flag("sent") else "open"


def transfer_item(row: Row, known: Context) -> Shaped:
    """One item of a transfer."""
    fields = Fields("transfer_items", row, "transferItemID")
    return Shaped(
        {
            **identity(fields, known),
            "transfer_id": fields.text("transferID"),
            "item_id": fields.key("itemID"),
            "to_send": fields.number("toSend"),
            "to_receive": fields.number("toReceive"),
            "sent": fields.number("sent"),
            "received": fields.number("received"),
            "sent_value": fields.number("sentValue"),
            "received_value": fields.number("receivedValue"),
            "currency": known.currency,
            "note": fields.text("comment"),
            **life(fields),
        },
        fields.notes,
    )


def stock_change(row: Row, known: Context) -> Shaped:
    """One change of stock."""
    fields = Fields("inventory_log", row, "inventoryLogID")
    return Shaped(
        {
            **identity(fields, known),
            "item_id": fields.key("itemID"),
            "shop_id": fields.key("shopID"),
            "employee_id": fields.key("employeeID"),
            "customer_id": fields.key("customerID"),
            "reason": fields.text("reason"),
            "quantity_change": fields.number("qohChange"),
            "unit_cost": fields.number("costChange"),
            "currency": known.currency,
            "automatic": fields.flag("automated"),
            "caused_negative": fields.flag("causedNegative"),
            "sale_id": fields.key("saleID"),
            "order_id": fields.key("orderID"),
            "transfer_id": fields.key("transferID"),
            "inventory_count_id": fields.key("inventoryCountID"),
            "vendor_return_id": fields.key("vendorReturnID"),
            "import_id": fields.key("itemImportID"),
            "happened_at": fields.instant("createTime"),
            **life(fields, changed=None),
        },
        fields.notes,
    )
