"""The streams of R-Series: what to ask for, and which shape makes records of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, ClassVar

from singer_sdk import Stream, Tap
from singer_sdk.helpers.conform import TypeConformanceLevel

from tap_lightspeed_retail.errors import Refused
from tap_lightspeed_retail.r_series import shape
from tap_lightspeed_retail.r_series.client import Client
from tap_lightspeed_retail.r_series.pages import Params, Row, as_list, pages
from tap_lightspeed_retail.streams import RANK, STREAMS

MANY = (
    "SaleLines",
    "SalePayments",
    "Tags",
    "CustomFieldValues",
    "OrderLines",
    "WorkorderItems",
    "WorkorderLines",
    "TaxCategoryClasses",
    "RegisterCountAmounts",
)
WHOLE = ""
"""No field: where filtering is refused, all rows are read."""
BASE_COST, TO_ONE, TO_MANY = 1.0, 0.2, 0.4
"""Drips of a list request and of each relation on it (facts: R-Series section 7.2)."""


@dataclass(frozen=True)
class Account:
    """What every shape needs to know of the account."""

    id: str
    currency: str | None
    time_zone: str

    @classmethod
    def read(cls, client: Client, account_id: str) -> Account:
        """Ask for the account's currency and its first shop's time zone, in which birthdays are written."""
        account = client.read(f"Account/{account_id}.json")
        shops = client.read(f"Account/{account_id}/Shop.json", [("limit", "1")])
        zone = next((row.get("timeZone") for row in as_list(shops.get("Shop")) if row.get("timeZone")), "UTC")
        return cls(account_id, (account.get("defaultCurrency") or {}).get("code"), str(zone))


@dataclass(frozen=True)
class Source:
    """Where a stream's rows come from.

    Attributes:
        resource: Name of the resource, in the path and in the answer.
        shape: Row -> record, or None for rows that are no records.
        sort: The field that pages and bookmark follow; None for a small table that is read whole.
        fallback: The field to follow where filtering by ``sort`` is refused, or ``WHOLE``.
        relations: Relations to load.
        params: What else to ask with; gift cards, for one, come only when they are asked for.
    """

    resource: str
    shape: Callable[[Row, shape.Context], dict[str, Any] | None]
    sort: str | None = None
    fallback: str | None = None
    relations: tuple[str, ...] = ()
    params: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        """What the answer calls its rows: the last word of the path."""
        return self.resource.rpartition("/")[2]

    @property
    def cost(self) -> float:
        """Drips of one page."""
        return BASE_COST + sum(TO_MANY if name in MANY else TO_ONE for name in self.relations)


SOURCES: Mapping[str, Source] = {
    "shops": Source("Shop", shape.shop, relations=("Contact",)),
    "registers": Source("Register", shape.register),
    "employees": Source("Employee", shape.employee, relations=("Contact", "EmployeeRole")),
    "tax_classes": Source("TaxClass", shape.tax_class),
    "tax_categories": Source("TaxCategory", shape.tax_category, relations=("TaxCategoryClasses",)),
    "discounts": Source("Discount", shape.discount),
    "payment_types": Source("PaymentType", shape.payment_type),
    "price_lists": Source("PriceLevel", shape.price_list),
    "customer_types": Source("CustomerType", shape.customer_type),
    "customers": Source(
        "Customer",
        shape.customer,
        "timeStamp",
        relations=("Contact", "Tags", "CustomFieldValues", "CustomFieldValues.value", "Note", "CustomerType"),
    ),
    "categories": Source("Category", shape.category),  # whole: an insert renumbers others and stamps none of them
    "manufacturers": Source("Manufacturer", shape.manufacturer, "timeStamp"),
    "vendors": Source("Vendor", shape.vendor, "timeStamp", relations=("Contact",)),
    "item_matrices": Source("ItemMatrix", shape.item_matrix, "timeStamp", relations=("ItemAttributeSet",)),
    "items": Source(
        "Item",
        shape.item,
        "timeStamp",
        relations=("ItemAttributes", "ItemAttributes.ItemAttributeSet", "CustomFieldValues", "CustomFieldValues.value"),
    ),
    "inventory": Source("ItemShop", shape.stock, "timeStamp"),
    "credit_accounts": Source("CreditAccount", shape.credit_account, "timeStamp", fallback=WHOLE),
    "gift_cards": Source("CreditAccount", shape.gift_card, "timeStamp", fallback=WHOLE, params=(("giftCard", "true"),)),
    "sales": Source(
        "Sale",
        shape.sale,
        "updatetime",
        fallback="timeStamp",
        relations=("SaleLines", "SaleLines.Note", "SalePayments", "SalePayments.PaymentType"),
    ),
    "sale_voids": Source("SaleVoid", shape.sale_void),
    "quotes": Source("Quote", shape.quote),
    "layaways": Source("SaleLine", shape.layaway, relations=("Note",), params=(("saleID", "0"),)),
    "orders": Source(
        "Order",
        shape.order,
        "timeStamp",
        relations=("OrderLines", "Note", "Shop", "CustomFieldValues", "CustomFieldValues.value"),
    ),
    "transfers": Source("Inventory/Transfer", shape.transfer, "timeStamp"),
    "transfer_items": Source("TransferItem", shape.transfer_item, "timeStamp"),
    "special_orders": Source("SpecialOrder", shape.special_order, "timeStamp", relations=("SaleLine", "SaleLine.Note")),
    "work_orders": Source(
        "Workorder",
        shape.work_order,
        "timeStamp",
        relations=("WorkorderStatus", "WorkorderItems", "WorkorderLines"),
    ),
    "inventory_log": Source("InventoryLog", shape.stock_change),
    "register_counts": Source("RegisterCount", shape.register_count, relations=("RegisterCountAmounts",)),
}


@dataclass
class Connection:
    """What all streams of one tap share; made when the first of them reads."""

    client: Client
    account: Account


class RetailStream(Stream):
    """A stream of one resource.

    Sorted by its bookmark, so that a run cut anywhere resumes there. ``check_sorted`` is off because a page may hold
    rows older than the bookmark: the SDK then takes the last value, which the clamp below keeps honest.
    """

    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE
    STATE_MSG_FREQUENCY = 1000
    check_sorted = False

    def __init__(self, tap: Tap, name: str, connect: Callable[[], Connection]) -> None:
        row = STREAMS[RANK[name]]
        super().__init__(tap, schema=row.schema(), name=name)
        self.primary_keys = row.key_properties
        self.replication_key = row.replication_key
        self._connect = connect

    @property
    def is_sorted(self) -> bool:
        """By the replication key, where there is one."""
        return self.replication_key is not None

    def get_records(self, context: Mapping[str, Any] | None) -> Iterator[dict[str, Any]]:
        """All records since the bookmark."""
        connection = self._connect()
        source = SOURCES[self.name]
        account = connection.account
        known = shape.Context(account.id, account.currency, account.time_zone)
        for rows in self._pages(connection, source, context):
            for row in rows:
                record = source.shape(row, known)
                if record is not None:
                    yield record

    def _pages(self, connection: Connection, source: Source, context: Mapping[str, Any] | None) -> Iterator[list[Row]]:
        since = self.get_starting_timestamp(dict(context) if context else None) if source.sort else None
        try:
            yield from self._walk(connection, source, source.sort, since)
        except Refused:
            if source.fallback is None or since is None:
                raise
            instead = f"following {source.fallback}" if source.fallback else "reading all of it"
            self.logger.info("Filtering %s by %s is refused; %s.", self.name, source.sort, instead)
            yield from self._walk(connection, source, source.fallback, since)

    def _walk(
        self, connection: Connection, source: Source, sort: str | None, since: datetime | None
    ) -> Iterator[list[Row]]:
        params: list[tuple[str, str]] = [("archived", "true"), ("limit", str(self.config["page_size"])), *source.params]
        if source.relations:
            params.append(("load_relations", json.dumps(list(source.relations), separators=(",", ":"))))
        if sort:
            params.append(("sort", sort))
        if sort and since:
            params.append((sort, f">=,{since.astimezone(timezone.utc):%Y-%m-%dT%H:%M:%SZ}"))
        path = f"Account/{connection.account.id}/{source.resource}.json"

        def read(page: Params) -> dict[str, Any]:
            return connection.client.read(path, page, cost=source.cost)

        return pages(read, source.key, params)

    def _increment_stream_state(self, latest_record: Mapping[str, Any], *, context: Any = None) -> None:
        """Move the bookmark, but never past the server's own clock less the overlap.

        Rows are committed some time after the stamp they carry, and a stamp may lie in the future.
        """
        key = self.replication_key
        stamp = latest_record.get(key) if key else None
        if key and stamp:
            overlap = timedelta(seconds=self.config["overlap_seconds"])
            latest = (self._connect().client.server_now - overlap).isoformat(timespec="seconds")
            super()._increment_stream_state({**latest_record, key: min(stamp, latest)}, context=context)


class ParentStream(RetailStream):
    """A stream whose own requests bring others: sales their lines and payments, orders their lines.

    The SDK's child streams cost a state, a schema and three log lines for every parent (facts: Singer SDK section 0.6);
    here the children write their records right after their parent.
    """

    def get_records(self, context: Mapping[str, Any] | None) -> Iterator[dict[str, Any]]:
        """Its records; their parts are written beside them."""
        for child in self.child_streams:
            if child.selected:
                child._write_schema_message()  # noqa: SLF001
        yield from super().get_records(context)

    def _process_record(self, record: dict[str, Any], child_context: Any = None, partition_context: Any = None) -> None:
        """Take the parts off the record; where the parent itself is deselected, nobody else will write them."""
        del child_context, partition_context
        self._parts = {child.name: record.pop(f"_{child.name}") for child in self.child_streams}
        if not self.selected:
            self._write_parts()
            self._increment_stream_state(record)

    def _write_record_message(self, record: dict[str, Any]) -> None:
        super()._write_record_message(record)
        self._write_parts()

    def _write_parts(self) -> None:
        for child in self.child_streams:
            if child.selected:
                for part in self._parts[child.name]:
                    child._write_record_message(part)  # noqa: SLF001


class PartStream(RetailStream):
    """Lines, payments: they come with their parent."""

    state_partitioning_keys: ClassVar[tuple[str, ...]] = ()

    def get_records(self, context: Mapping[str, Any] | None) -> Iterator[dict[str, Any]]:
        """None of its own."""
        del context
        return iter(())


def streams(tap: Tap, connect: Callable[[], Connection]) -> list[RetailStream]:
    """The streams of R-Series, in the order of the table; those to opt in to where the settings do."""
    rows = [row for row in STREAMS if "r" in row.series and (not row.opt_in or row.name in tap.config["opt_in"])]
    kinds = _kinds()
    return [kinds.get(row.name, RetailStream)(tap, row.name, connect) for row in rows]


def _kinds() -> dict[str, type[RetailStream]]:
    """A class for each parent and for its parts: the SDK knows families by their classes."""
    parents = {row.parent: type(row.parent, (ParentStream,), {}) for row in STREAMS if row.parent}
    parts = {
        row.name: type(row.name, (PartStream,), {"parent_stream_type": parents[row.parent]})
        for row in STREAMS
        if row.parent
    }
    return {**parents, **parts}
