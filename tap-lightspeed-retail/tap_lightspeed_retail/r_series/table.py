"""THE TABLE of R-Series: which resource a stream is read from, by what, how often, and the shape of its records."""

from __future__ import annotations

from collections.abc import Mapping

from tap_lightspeed_retail.r_series.row_types import WHOLE, ChildTable, Part, Source
from tap_lightspeed_retail.r_series.shape import goods, money, people, promises, sales, supply

SOURCES: Mapping[str, Source] = {
    "shops": Source("Shop", people.shop, relations=("Contact",)),
    "registers": Source("Register", people.register),
    "employees": Source("Employee", people.employee, relations=("Contact", "EmployeeRole")),
    "tax_classes": Source("TaxClass", money.tax_class),
    "tax_categories": Source("TaxCategory", money.tax_category, relations=("TaxCategoryClasses",)),
    "discounts": Source("Discount", money.discount),
    "payment_types": Source("PaymentType", money.payment_type),
    "price_lists": Source("PriceLevel", goods.price_list),
    "customer_types": Source("CustomerType", people.customer_type),
    "customers": Source(
        "Customer",
        people.customer,
        "timeStamp",
        relations=("Contact", "Tags", "CustomFieldValues", "CustomFieldValues.value", "Note", "CustomerType"),
        every=60,
        merges=True,
    ),
    "categories": Source("Category", goods.category),  # whole: an insert renumbers others and stamps none of them
    "manufacturers": Source("Manufacturer", goods.manufacturer, "timeStamp"),
    "vendors": Source("Vendor", supply.vendor, "timeStamp", relations=("Contact",)),
    "item_matrices": Source("ItemMatrix", goods.item_matrix, "timeStamp", relations=("ItemAttributeSet",)),
    "items": Source(
        "Item",
        goods.item,
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
    "inventory": Source("ItemShop", goods.stock, "timeStamp", every=60),
    "credit_accounts": Source("CreditAccount", money.credit_account, "timeStamp", fallback=WHOLE),
    "gift_cards": Source("CreditAccount", money.gift_card, "timeStamp", fallback=WHOLE, params=(("giftCard", "true"),)),
    "sales": Source(
        "Sale",
        sales.sale,
        "updatetime",
        fallback="timeStamp",
        relations=("SaleLines", "SaleLines.Note", "SaleNotes", "SalePayments", "SalePayments.PaymentType"),
        parts=(
            Part("SaleLines", "SaleLine", "saleID", "sale_lines", "sale", implied_by="calcSubtotal"),
            Part("SalePayments", "SalePayment", "saleID", "sale_payments", "sale", implied_by="calcPayments"),
        ),
        every=30,
        children=(
            ChildTable("SaleLine", "saleID", sort="timeStamp", every=30),
            ChildTable("SalePayment", "saleID"),
            ChildTable("SaleVoid", "saleID"),
        ),
        open_when=lambda record: record["state"] == "open" and not record["archived"],
        recent=True,
        customer="customerID",
    ),
    "sale_voids": Source("SaleVoid", sales.sale_void, append_only=True, every=60),
    "quotes": Source("Quote", promises.quote),
    "layaways": Source("SaleLine", promises.layaway, relations=("Note",), params=(("saleID", "0"),)),
    "orders": Source(
        "Order",
        supply.order,
        "timeStamp",
        relations=("OrderLines", "Note", "Shop", "CustomFieldValues", "CustomFieldValues.value"),
        parts=(Part("OrderLines", "OrderLine", "orderID", implied_by="totalQuantity"),),
    ),
    "transfers": Source("Inventory/Transfer", supply.transfer, "timeStamp"),
    "transfer_items": Source("TransferItem", supply.transfer_item, "timeStamp"),
    "special_orders": Source(
        "SpecialOrder", promises.special_order, "timeStamp", relations=("SaleLine", "SaleLine.Note")
    ),
    "work_orders": Source(
        "Workorder",
        promises.work_order,
        "timeStamp",
        relations=("WorkorderStatus", "WorkorderItems", "WorkorderLines"),
        parts=(
            Part("WorkorderItems", "WorkorderItem", "workorderID"),
            Part("WorkorderLines", "WorkorderLine", "workorderID"),
        ),
    ),
    "inventory_log": Source("InventoryLog", supply.stock_change, append_only=True, every=300),
    "register_counts": Source(
        "RegisterCount", money.register_count, relations=("RegisterCountAmounts",), append_only=True
    ),
}
