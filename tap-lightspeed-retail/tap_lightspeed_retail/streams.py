"""THE TABLE of streams, in the order in which they are read: parents before children."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources
from typing import Any

KEYS = ("account_id", "id")


@dataclass(frozen=True)
class StreamRow:
    """One stream of the contract.

    Attributes:
        name: Stream, and name of its schema file.
        replication_key: What its bookmark follows; None for streams read whole, or that come with their parent.
        parent: The stream whose requests bring it, or None.
        series: Which series has it.
    """

    name: str
    replication_key: str | None = None
    parent: str | None = None
    series: tuple[str, ...] = ("r",)

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
    StreamRow("shops"),
    StreamRow("customers", "updated_at"),
    StreamRow("items", "updated_at"),
    StreamRow("inventory", "updated_at"),
    StreamRow("sales", "updated_at"),
    StreamRow("sale_lines", parent="sales"),
    StreamRow("sale_payments", parent="sales"),
)
RANK = {row.name: rank for rank, row in enumerate(STREAMS)}
