"""THE TABLE of R-Series: which resource a stream is read from, by what, how often, and the shape of its records."""

from __future__ import annotations

from collections.abc import Mapping

from tap_lightspeed_retail.r_series import shape
from tap_lightspeed_retail.r_series.source import WHOLE, Part, Source, Trigger

SOURCES: Mapping[str, Source] = {
    "shops": Source("Shop", shape.shop, relations=("Contact",)),
    "registers": Source("Register", shape.register),
    "employees": Source("Employee", shape.employee, relations=("Contact", "EmployeeRole")),
    "tax_classes": Source("TaxClass", shape.tax_class),
    "tax_categories": Source("TaxCategory", shape.tax_category, relations=("TaxCategoryClasses",)),
    "discounts": Source("Discount", shape.discount),
    "payment_types": Source("PaymentType", shape.payment_type, tombstone={"type": "other"}),
    "price_lists": Source("PriceLevel", shape.price_list),
    "customer_types": Source("CustomerType", shape.customer_type),
    "customers": Source(
        "Customer",
        shape.customer,
        "timeStamp",
        relations=("Contact", "Tags", "CustomFieldValues", "CustomFieldValues.value", "Note", "CustomerType"),
        every=60,
    ),
    "categories": Source("Category", shape.category),  # whole: an insert renumbers others and stamps none of them
    "manufacturers": Source("Manufacturer", shape.manufacturer, "timeStamp"),
    "vendors": Source("Vendor", shape.vendor, "timeStamp", relations=("Contact",)),
    "item_matrices": Source("ItemMatrix", shape.item_matrix, "timeStamp", relations=("ItemAttributeSet",)),
    "items": Source(
        "Item",
        shape.item,
        "timeStamp",
        relations=(
            "ItemAttributes",
            "ItemAttributes.ItemAttributeSet",
            "TagRelations",
            "TagRelations.Tag",
            "CustomFieldValues",
            "CustomFieldValues.value",
        ),
        every=300,
    ),
    "inventory": Source("ItemShop", shape.stock, "timeStamp", every=60),
    "credit_accounts": Source("CreditAccount", shape.credit_account, "timeStamp", fallback=WHOLE),
    "gift_cards": Source("CreditAccount", shape.gift_card, "timeStamp", fallback=WHOLE, params=(("giftCard", "true"),)),
    "sales": Source(
        "Sale",
        shape.sale,
        "updatetime",
        fallback="timeStamp",
        relations=("SaleLines", "SaleLines.Note", "SaleNotes", "SalePayments", "SalePayments.PaymentType"),
        parts=(
            Part("SaleLines", "SaleLine", "saleID", "sale_lines", "sale", implied_by="calcSubtotal"),
            Part("SalePayments", "SalePayment", "saleID", "sale_payments", "sale", implied_by="calcPayments"),
        ),
        every=30,
        triggers=(
            Trigger("SaleLine", "saleID", sort="timeStamp", every=30),
            Trigger("SalePayment", "saleID"),
            Trigger("SaleVoid", "saleID"),
        ),
        open_when=lambda record: record["state"] == "open" and not record["archived"],
        recent=True,
        tombstone={"kind": "other", "state": "voided"},
    ),
    "sale_voids": Source("SaleVoid", shape.sale_void, grows=True, every=60),
    "quotes": Source("Quote", shape.quote),
    "layaways": Source("SaleLine", shape.layaway, relations=("Note",), params=(("saleID", "0"),)),
    "orders": Source(
        "Order",
        shape.order,
        "timeStamp",
        relations=("OrderLines", "Note", "Shop", "CustomFieldValues", "CustomFieldValues.value"),
        parts=(Part("OrderLines", "OrderLine", "orderID", implied_by="totalQuantity"),),
    ),
    "transfers": Source("Inventory/Transfer", shape.transfer, "timeStamp"),
    "transfer_items": Source("TransferItem", shape.transfer_item, "timeStamp"),
    "special_orders": Source("SpecialOrder", shape.special_order, "timeStamp", relations=("SaleLine", "SaleLine.Note")),
    "work_orders": Source(
        "Workorder",
        shape.work_order,
        "timeStamp",
        relations=("WorkorderStatus", "WorkorderItems", "WorkorderLines"),
        parts=(
            Part("WorkorderItems", "WorkorderItem", "workorderID"),
            Part("WorkorderLines", "WorkorderLine", "workorderID"),
        ),
    ),
    "inventory_log": Source("InventoryLog", shape.stock_change, grows=True, every=300),
    "register_counts": Source("RegisterCount", shape.register_count, relations=("RegisterCountAmounts",), grows=True),
}
