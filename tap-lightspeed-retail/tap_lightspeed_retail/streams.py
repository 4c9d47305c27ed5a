"""THE TABLE of streams, in the order in which they are read: parents before children."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

KEYS = ("account_id", "id")


@dataclass(frozen=True)
class StreamRow:
    """One stream of the contract.

    Attributes:
        name: Stream, and name of its schema file.
        says: What a record is, in a line.
        replication_key: What its bookmark follows: a time, or ``id`` where rows are only ever added; None for streams
            read whole, or that come with their parent.
        parent: The stream whose requests bring it, or None.
        series: Which series has it.
        tombstone: What the record of a deleted row says besides ids, for properties that the schema requires.
        opt_in: Personal data of staff: in the catalog only when the setting ``opt_in`` names it.
    """

    name: str
    says: str
    replication_key: str | None = None
    parent: str | None = None
    series: tuple[str, ...] = ("r",)
    opt_in: bool = False
    tombstone: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key_properties(self) -> tuple[str, ...]:
        """Ids are per account, so that the account is part of every key."""
        return KEYS

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of its records."""
        text = (resources.files("tap_lightspeed_retail.schemas") / f"{self.name}.json").read_text("utf-8")
        schema: dict[str, Any] = json.loads(text)
        return schema


STREAMS = (
    StreamRow("shops", "stores, with address and time zone"),
    StreamRow("registers", "tills, and the web shop's"),
    StreamRow("employees", "staff", opt_in=True),
    StreamRow("tax_classes", "kinds of goods that are taxed in their own way"),
    StreamRow("tax_categories", "taxes a shop charges, with their rates"),
    StreamRow("discounts", "discounts that a till may give"),
    StreamRow("payment_types", "ways to pay, and what each is", tombstone={"type": "other"}),
    StreamRow("price_lists", "price levels"),
    StreamRow("customer_types", "kinds of shoppers"),
    StreamRow("customers", "shoppers with contact, tags and custom fields", "updated_at"),
    StreamRow("categories", "the tree of product categories"),
    StreamRow("manufacturers", "makers and brands", "updated_at"),
    StreamRow("vendors", "suppliers", "updated_at"),
    StreamRow("item_matrices", "products that come in variants", "updated_at"),
    StreamRow("items", "products with all their prices", "updated_at"),
    StreamRow("inventory", "stock per item and shop", "updated_at"),
    StreamRow("credit_accounts", "what shoppers owe, or have paid ahead", "updated_at"),
    StreamRow("gift_cards", "gift cards and what is left on them, numbers masked", "updated_at"),
    StreamRow(
        "sales",
        "receipts: what each is, where it stands, what it comes to",
        "updated_at",
        tombstone={"kind": "other", "state": "voided"},
    ),
    StreamRow("sale_lines", "what was on them", parent="sales"),
    StreamRow("sale_payments", "how they were paid", parent="sales"),
    StreamRow("sale_voids", "who voided a sale, when and why", "id"),
    StreamRow("quotes", "offers to shoppers"),
    StreamRow("layaways", "goods put aside and not sold yet"),
    StreamRow("orders", "purchase orders", "updated_at"),
    StreamRow("order_lines", "what was ordered", parent="orders"),
    StreamRow("transfers", "goods sent from shop to shop", "updated_at"),
    StreamRow("transfer_items", "what was sent", "updated_at"),
    StreamRow("special_orders", "goods ordered for one shopper", "updated_at"),
    StreamRow("work_orders", "repairs and other work", "updated_at"),
    StreamRow("work_order_lines", "their parts and labour", parent="work_orders"),
    StreamRow("inventory_log", "every change of stock", "id"),
    StreamRow("register_counts", "closed tills and the money in them", "id"),
)
RANK = {row.name: rank for rank, row in enumerate(STREAMS)}
POLLED = tuple(row.name for row in STREAMS if not row.parent)
"""Streams with requests of their own."""
OPT_IN = tuple(row.name for row in STREAMS if row.opt_in)
