"""The limits of R-Series: what headers say of them, and what a request costs.

Source: docs/vendors/lightspeed-r-series.md, limits.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from tap_lightspeed_retail.web.throttle import Limits

TO_MANY_RELATIONS = (
    "SaleLines",
    "SaleNotes",
    "SalePayments",
    "Tags",
    "TagRelations",
    "CustomFieldValues",
    "OrderLines",
    "WorkorderItems",
    "WorkorderLines",
    "TaxCategoryClasses",
    "RegisterCountAmounts",
)
MOST_IN = 100
"""Values that one IN may have (docs/vendors/lightspeed-r-series.md, filters)."""
BASE_COST, TO_ONE, TO_MANY = 1.0, 0.2, 0.4
"""Drips of a list request and of each relation on it (docs/vendors/lightspeed-r-series.md, costs)."""


def cost_of(relations: Sequence[str]) -> float:
    """Drips of a page with these relations."""
    return BASE_COST + sum(TO_MANY if name in TO_MANY_RELATIONS else TO_ONE for name in relations)


def limits(headers: Mapping[str, str]) -> Limits:
    """What an answer says; header names are compared without regard to case, values may be fractional."""
    known = {name.lower(): value for name, value in headers.items()}
    level, size = _pair(known.get("x-ls-api-bucket-level")) or (None, None)
    _, burst = _pair(known.get("x-ls-api-burst-level")) or (None, None)
    return Limits(level, size, _number(known.get("x-ls-api-drip-rate")), burst)


def _pair(text: str | None) -> tuple[float, float] | None:
    first, _, second = (text or "").partition("/")
    level, size = _number(first), _number(second)
    return (level, size) if level is not None and size else None


def _number(text: str | None) -> float | None:
    """A number as a header says it; none that arithmetic cannot bear."""
    try:
        number = float(text) if text else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None
