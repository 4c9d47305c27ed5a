"""What is promised to a shopper and not sold yet: layaways, special orders, quotes, work orders.

None of it is revenue; a line that is picked up keeps its id and gets a sale (docs/vendors/lightspeed-r-series.md,
events).
"""

from __future__ import annotations

from tap_lightspeed_retail.r_series.context import Context
from tap_lightspeed_retail.r_series.fields import Fields
from tap_lightspeed_retail.r_series.notes import Row, Shaped
from tap_lightspeed_retail.r_series.shape.common import identity, life, note_of
from tap_lightspeed_retail.scan import Record


def layaway(row: Row, known: Context) -> Shaped | None:
    """A line that is put aside; one of a sale, or of a special or work order, is none."""
    fields = Fields("layaways", row, "saleLineID")
    if (fields.key("saleID") or not fields.flag("isLayaway")) and not fields.notes:
        return None
    return Shaped(
        {
            **identity(fields, known),
            "shop_id": fields.key("shopID"),
            "employee_id": fields.key("employeeID"),
            "customer_id": fields.key("customerID"),
            "item_id": fields.key("itemID"),
            "quantity": fields.number("unitQuantity"),
            "unit_price": fields.number("unitPrice"),
            **_amounts(fields),
            "subtotal": fields.number("calcSubtotal"),
            "currency": known.currency,
            "note": note_of(fields),
            **life(fields),
        },
        fields.notes,
    )


def _amounts(fields: Fields) -> Record:
    """The calculated fields: a line's own tax rate may be 0 where its tax is not.

    Source: docs/vendors/lightspeed-r-series.md, lines.
    """
    return {
        "discount": fields.amount("calcLineDiscount") + fields.amount("calcTransactionDiscount"),
        "tax": fields.amount("calcTax1") + fields.amount("calcTax2"),
        "total": fields.number("calcTotal"),
    }


def special_order(row: Row, known: Context) -> Shaped:
    """Goods ordered for one shopper; what they cost is on the sale line."""
    fields = Fields("special_orders", row, "specialOrderID")
    line = fields.within(fields.inside("SaleLine"))
    return Shaped(
        {
            **identity(fields, known),
            "state": fields.text("status"),
            "completed": fields.flag("completed"),
            "contacted": fields.flag("contacted"),
            "customer_id": fields.key("customerID"),
            "shop_id": fields.key("shopID"),
            "item_id": line.key("itemID"),
            "quantity": fields.number("unitQuantity"),
            "unit_price": line.number("unitPrice"),
            **_amounts(line),
            "currency": known.currency,
            "sale_id": line.key("saleID"),
            "sale_line_id": fields.key("saleLineID"),
            "order_line_id": fields.key("orderLineID"),
            "transfer_item_id": fields.key("transferItemID"),
            "note": note_of(line),
            **life(fields),
        },
        fields.notes,
    )


def quote(row: Row, known: Context) -> Shaped:
    """An offer."""
    fields = Fields("quotes", row, "quoteID")
    return Shaped(
        {
            **identity(fields, known),
            "sale_id": fields.key("saleID"),
            "employee_id": fields.key("employeeID"),
            "note": fields.text("notes"),
            "issued_at": fields.instant("issueDate"),
            **life(fields, changed=None),
        },
        fields.notes,
    )


def work_order(row: Row, known: Context) -> Shaped:
    """A repair, with its parts and labour."""
    fields = Fields("work_orders", row, "workorderID")
    status, lines = fields.within(fields.inside("WorkorderStatus")), _work(fields, known)
    return Shaped(
        {
            **identity(fields, known),
            "number": fields.text("systemSku"),
            "state": status.text("systemValue"),
            "status": status.text("name"),
            "customer_id": fields.key("customerID"),
            "employee_id": fields.key("employeeID"),
            "shop_id": fields.key("shopID"),
            "sale_id": fields.key("saleID"),
            "sale_line_id": fields.key("saleLineID"),
            "discount_id": fields.key("discountID"),
            "serialized_id": fields.key("serializedID"),
            "warranty": fields.flag("warranty"),
            "taxed": fields.flag("tax"),
            "received_at": fields.instant("timeIn"),
            "due_at": fields.instant("etaOut"),
            "note": fields.text("note"),
            "internal_note": fields.text("internalNote"),
            "line_ids": [each.record["id"] for each in lines],
            **life(fields),
        },
        fields.notes,
        {"work_order_lines": lines},
    )


def _work(fields: Fields, known: Context) -> list[Shaped]:
    """Parts, then labour."""
    rows = [("part", "workorderItemID", each) for each in fields.rows("WorkorderItems", "WorkorderItem")]
    rows += [("labor", "workorderLineID", each) for each in fields.rows("WorkorderLines", "WorkorderLine")]
    lines = [(kind, Fields("work_order_lines", row, key)) for kind, key, row in rows]
    return [
        Shaped(
            {
                **_work_line(kind, line, known),
                "work_order_id": fields.id,
                "work_order_updated_at": fields.instant("timeStamp"),
                "position": position,
            },
            line.notes,
        )
        for position, (kind, line) in enumerate(lines, 1)
    ]


def _work_line(kind: str, fields: Fields, known: Context) -> Record:
    timed = fields.text("hours") or fields.text("minutes")
    price = fields.number("unitPrice") if kind == "part" else fields.number("unitPriceOverride") or None
    return {
        **identity(fields, known),
        "id": f"{kind}-{fields.id}",
        "kind": kind,
        "item_id": fields.key("itemID"),
        "employee_id": fields.key("employeeID"),
        "sale_id": fields.key("saleID"),
        "sale_line_id": fields.key("saleLineID"),
        "quantity": fields.number("unitQuantity"),
        "minutes": int(60 * fields.amount("hours") + fields.amount("minutes")) if timed else None,
        "unit_price": price,
        "unit_cost": fields.number("unitCost"),
        "currency": known.currency,
        "discount_id": fields.key("discountID"),
        "tax_class_id": fields.key("taxClassID"),
        "approved": fields.flag("approved"),
        "done": fields.flag("done"),
        "warranty": fields.flag("warranty"),
        "taxed": fields.flag("tax"),
        "on_special_order": fields.flag("isSpecialOrder"),
        "note": fields.text("note"),
        **life(fields),
    }
