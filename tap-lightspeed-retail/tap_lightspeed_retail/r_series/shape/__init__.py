"""Vendor row -> canonical record. Pure, and the only room with R-Series field names.

Amounts stay ``Decimal``; how values are written is ``fields.py``'s business.
"""

from tap_lightspeed_retail.r_series.shape.common import Context
from tap_lightspeed_retail.r_series.shape.goods import item, stock
from tap_lightspeed_retail.r_series.shape.people import customer, shop
from tap_lightspeed_retail.r_series.shape.sales import sale

__all__ = ["Context", "customer", "item", "sale", "shop", "stock"]
