"""Vendor row -> canonical record. Pure, and the only room with R-Series field names.

Amounts stay ``Decimal``; how values are written is ``fields.py``'s business.
"""

from tap_lightspeed_retail.r_series.shape.common import Context
from tap_lightspeed_retail.r_series.shape.goods import category, item, item_matrix, manufacturer, price_list, stock
from tap_lightspeed_retail.r_series.shape.money import (
    credit_account,
    discount,
    gift_card,
    payment_type,
    register_count,
    tax_category,
    tax_class,
)
from tap_lightspeed_retail.r_series.shape.people import customer, customer_type, employee, register, shop
from tap_lightspeed_retail.r_series.shape.promises import layaway, quote, special_order, work_order
from tap_lightspeed_retail.r_series.shape.sales import sale, sale_void
from tap_lightspeed_retail.r_series.shape.supply import order, stock_change, transfer, transfer_item, vendor

__all__ = [
    "Context",
    "category",
    "credit_account",
    "customer",
    "customer_type",
    "discount",
    "employee",
    "gift_card",
    "item",
    "item_matrix",
    "layaway",
    "manufacturer",
    "order",
    "payment_type",
    "price_list",
    "quote",
    "register",
    "register_count",
    "sale",
    "sale_void",
    "shop",
    "special_order",
    "stock",
    "stock_change",
    "tax_category",
    "tax_class",
    "transfer",
    "transfer_item",
    "vendor",
    "work_order",
]
