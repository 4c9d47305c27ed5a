"""Scopes: what a merchant may grant, and what each opens (docs/vendors/lightspeed-r-series.md, scopes)."""

from __future__ import annotations

from sandbox.lightspeed.resources import RESOURCES

PREFIX = "employee:"
_PUBLIC = (
    "all admin admin_employees admin_inventory admin_purchases admin_shops admin_void_sale categories customers "
    "customers_read customers_view_gift_card_numbers inventory inventory_counts inventory_counts_reconcile "
    "inventory_read manufacturers product_cost product_edit purchase_orders register register_layaway "
    "register_read register_refund reports special_orders tags transfers vendors vendor_returns workbench"
)
PUBLIC = frozenset(_PUBLIC.split())
SEED = (
    "register_read customers_read inventory_read product_cost purchase_orders special_orders workbench transfers "
    "admin_void_sale"
)
"""What the sandbox's own refresh token was granted: enough to read every resource, and nothing that unmasks."""
UNMASKING = "customers_view_gift_card_numbers"


def named(text: str) -> frozenset[str]:
    """The scopes in a text, without their prefix."""
    return frozenset(each.removeprefix(PREFIX) for each in text.split())


def spelt(names: str) -> str:
    """Scopes as a token says them."""
    return " ".join(f"{PREFIX}{name}" for name in names.split())


def opens(granted: frozenset[str], resource: str, *, read_scopes_suffice: bool) -> bool:
    """Whether these scopes open a resource; any of those that its page names does."""
    known = RESOURCES[resource]
    enough = {*known.scopes, *(known.reads if read_scopes_suffice else ())}
    return not known.scopes or "all" in granted or bool(enough & granted)
