"""A whole sync of every stream on a seeded account: sound records, ids once, and foreign ids that lead somewhere."""

from __future__ import annotations

import contextlib
import io
import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from singer_sdk.exceptions import ConfigValidationError
from tap_lightspeed_retail.r_series.limits import cost_of
from tap_lightspeed_retail.r_series.table import SOURCES
from tap_lightspeed_retail.streams import OPT_IN, STREAMS
from tap_lightspeed_retail.tap import TapLightspeedRetail

from benchmarks.lightspeed import NOON
from benchmarks.simulated import Said, Watched
from sandbox.clock import Clock
from sandbox.lightspeed.price import cost
from sandbox.lightspeed.resources import walk
from sandbox.serve import Box, running
from tests.tap.contract import kept
from tests.tap.shop_days import Target, difference

Records = dict[str, list[dict[str, Any]]]

REFERS_TO = {
    "shop_id": "shops",
    "from_shop_id": "shops",
    "to_shop_id": "shops",
    "register_id": "registers",
    "employee_id": "employees",
    "opened_by_employee_id": "employees",
    "closed_by_employee_id": "employees",
    "sent_by_employee_id": "employees",
    "customer_id": "customers",
    "customer_type_id": "customer_types",
    "item_id": "items",
    "matrix_id": "item_matrices",
    "category_id": "categories",
    "manufacturer_id": "manufacturers",
    "vendor_id": "vendors",
    "tax_class_id": "tax_classes",
    "tax_category_id": "tax_categories",
    "discount_id": "discounts",
    "payment_type_id": "payment_types",
    "refund_payment_type_id": "payment_types",
    "price_list_id": "price_lists",
    "quote_id": "quotes",
    "sale_id": "sales",
    "parent_line_id": "sale_lines",
    "returned_line_id": "sale_lines",
    "refunded_payment_id": "sale_payments",
    "order_id": "orders",
    "order_line_id": "order_lines",
    "transfer_id": "transfers",
    "transfer_item_id": "transfer_items",
    "work_order_id": "work_orders",
}
ELSEWHERE = {"role_id", "serialized_id", "inventory_count_id", "vendor_return_id", "import_id", "account_id"}
"""Foreign ids of what is no stream."""
EITHER = {
    "parent_id": ("categories",),
    "credit_account_id": ("credit_accounts", "gift_cards"),
    "sale_line_id": ("sale_lines", "layaways", "special_orders", "work_order_lines"),
}
"""Ids that several streams may hold; a line that is promised is its own order's."""


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    with running(seed="chain", size="small") as made:
        yield made


def spoken(box: Box, folder: Path, **settings: Any) -> Records:
    """Stream -> its records, of one run; the token store in the folder outlives it."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), pytest.MonkeyPatch.context() as patch:
        patch.setattr("time.sleep", box.clock.advance)
        TapLightspeedRetail(config={**box.tap_config(folder), **settings}).sync_all()
    found: Records = defaultdict(list)
    for text in out.getvalue().splitlines():
        message = json.loads(text, parse_float=Decimal)
        if message["type"] == "RECORD":
            found[message["stream"]].append(message["record"])
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("all_streams")


@pytest.fixture(scope="module")
def everything(box: Box, folder: Path) -> Records:
    return spoken(box, folder, opt_in=list(OPT_IN))


def test_every_stream_keeps_its_contract(everything: Records) -> None:
    """Each has records, each record is sound, and each id comes once."""
    assert everything.keys() == {row.name for row in STREAMS}
    for stream, records in everything.items():
        ids = [kept(stream, record)["id"] for record in records]
        assert len(set(ids)) == len(ids), stream


def test_every_foreign_id_leads_somewhere(everything: Records, box: Box) -> None:
    """Within the account, and every property that ends like one is known to this test."""
    ids = {stream: {record["id"] for record in records} for stream, records in everything.items()}
    ids["special_orders"] = {record["sale_line_id"] for record in everything["special_orders"]}
    ids["work_order_lines"] = {record["sale_line_id"] for record in everything["work_order_lines"]}
    lost = []
    for stream, records in everything.items():
        for name, value, holder in (each for record in records for each in foreign(record)):
            homes = EITHER.get(name) or (REFERS_TO[name],)
            if not any(value in ids[home] for home in homes):
                lost.append((stream, holder, name, value))

    assert lost == []
    assert {record["account_id"] for records in everything.values() for record in records} == {box.account_id}


def foreign(record: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(property, id, id of the record) for every foreign id of a record, and of what is nested in it."""
    nested = [each for value in record.values() if isinstance(value, list) for each in value if isinstance(each, dict)]
    for holder in (record, *nested):
        for name, value in holder.items():
            if name.endswith("_id") and name not in ELSEWHERE and value is not None:
                yield name, value, record["id"]


@pytest.mark.parametrize("stream", SOURCES)
def test_a_page_costs_what_the_vendor_takes_for_it(stream: str) -> None:
    """So that arithmetic foresees every 429; each relation is one that the vendor has."""
    source = SOURCES[stream]

    assert all(walk(source.key, path) for path in source.relations)
    assert cost_of(source.relations) == pytest.approx(cost(source.key, source.relations, single=False, count=False))


@pytest.mark.parametrize(
    ("stream", "name"),
    [
        ("shops", "city"),
        ("employees", "email"),
        ("employees", "role"),
        ("tax_categories", "class_rates"),
        ("customers", "email"),
        ("customers", "tags"),
        ("customers", "custom_fields"),
        ("customers", "note"),
        ("customers", "customer_type"),
        ("vendors", "email"),
        ("items", "attributes"),
        ("sale_lines", "description"),
        ("sale_payments", "name"),
        ("orders", "note"),
        ("special_orders", "total"),
        ("work_orders", "state"),
        ("register_counts", "amounts"),
    ],
)
def test_relations_are_asked_for(everything: Records, stream: str, name: str) -> None:
    """What only a relation brings is there for somebody."""
    assert any(record[name] for record in everything[stream])


def test_attributes_have_the_merchants_names(everything: Records) -> None:
    """Of a matrix and of its variants, by their attribute set."""
    [matrix] = everything["item_matrices"]
    variants = [record["attributes"] for record in everything["items"] if record["matrix_id"] == matrix["id"]]

    assert variants == [[{"name": "Colour", "value": "moss"}, {"name": "Size", "value": size}] for size in ("M", "L")]
    assert matrix["attributes"] == [{"name": "Colour", "values": ["moss"]}, {"name": "Size", "values": ["M", "L"]}]


def test_families_are_complete(everything: Records) -> None:
    """A parent names its children, in their order, and those are what came."""
    for parent, child, key, named in (
        ("sales", "sale_lines", "sale_id", "line_ids"),
        ("sales", "sale_payments", "sale_id", "payment_ids"),
        ("orders", "order_lines", "order_id", "line_ids"),
        ("work_orders", "work_order_lines", "work_order_id", "line_ids"),
    ):
        came: dict[str, list[str]] = {record["id"]: [] for record in everything[parent]}
        for record in everything[child]:
            came[record[key]].append(record["id"])
        assert {record["id"]: record[named] for record in everything[parent]} == came


def test_stock_is_per_shop_and_never_of_all_shops(everything: Records, box: Box) -> None:
    """Its sum is what the all-shops rows say."""
    whole = sum(row["qoh"] for row in box.world.rows("ItemShop") if row["shopID"] == 0)

    assert sum(record["on_hand"] for record in everything["inventory"]) == whole


def test_stored_value_comes_in_two_streams(everything: Records, box: Box) -> None:
    """Every account in one of them."""
    rows = box.world.rows("CreditAccount")

    assert {record["id"] for record in everything["gift_cards"]} == {
        str(row["creditAccountID"]) for row in rows if row["giftCard"]
    }
    assert len(everything["gift_cards"]) + len(everything["credit_accounts"]) == len(rows)


def test_what_is_promised_is_no_line_of_a_sale(everything: Records) -> None:
    """Until it is picked up; then it is one under the same id."""
    sold = {record["id"] for record in everything["sale_lines"]}
    orders = everything["special_orders"]

    assert not sold & {record["id"] for record in everything["layaways"]}
    assert {record["sale_line_id"] in sold for record in orders} == {True, False}
    assert all((record["sale_line_id"] in sold) is (record["sale_id"] is not None) for record in orders)


def test_a_quote_that_was_changed_has_a_new_sale(everything: Records) -> None:
    """Both are open, and neither is revenue."""
    [quote] = everything["quotes"]
    sales = [record for record in everything["sales"] if record["quote_id"] == quote["id"]]

    assert len(sales) == 2
    assert {record["state"] for record in sales} == {"open"}
    assert quote["sale_id"] == max((record["id"] for record in sales), key=int)


def test_an_order_is_of_the_day_it_was_placed(everything: Records, box: Box) -> None:
    """In the zone of its shop."""
    placed = {row["orderID"]: row["createTime"] for row in box.world.rows("Order")}
    for record in everything["orders"]:
        drift = abs((placed[int(record["id"])].date() - date.fromisoformat(record["ordered_on"])).days)
        assert drift <= 1


def test_staff_are_read_only_where_somebody_says_so(everything: Records, box: Box, folder: Path) -> None:
    """Not in the catalog, not asked for; and a typo is no opt-in."""
    asked = box.world.calls["Employee"]

    assert everything.keys() - spoken(box, folder).keys() == {"employees"}
    assert box.world.calls["Employee"] == asked
    with pytest.raises(ConfigValidationError):
        TapLightspeedRetail(config={**box.tap_config(folder), "opt_in": ["employee"]})


@pytest.mark.parametrize(
    "switches",
    [
        {"empty_relation": "text", "empty_page": "object", "updatetime_name": "updatetime"},
        {"empty_relation": "object", "gift_card_query": "also", "credit_account_ranges": "false"},
    ],
    ids=["text", "object"],
)
def test_every_stream_in_the_vendors_other_words(everything: Records, switches: dict[str, str], tmp_path: Path) -> None:
    """Where the vendor names, lists and refuses differently, as many records come; where filters are not taken, too."""
    with running(seed="chain", size="small", switches=switches) as other:
        said = spoken(other, tmp_path, opt_in=list(OPT_IN), start_date="2020-01-01T00:00:00Z")

    for stream, records in said.items():
        assert [kept(stream, record)["id"] for record in records]
    assert {name: len(records) for name, records in said.items()} == {
        name: len(records) for name, records in everything.items()
    }


def test_one_of_everything_that_a_reader_must_bear(tmp_path: Path) -> None:
    """Odd names, codes, prices, notes, a second with more rows than a page: sound records, and what the books say."""
    target = Target()
    with running(seed="oddities", clock=Clock(NOON)) as box:
        watched = Watched(box, tmp_path, tuple(row.name for row in STREAMS if not row.opt_in))

        def see(said: Said) -> None:
            kept(said.stream, said.record)
            if said.stream in target.tables:
                target.load(said.stream, said.record)

        watched.run(see)

        assert difference(target, box) == {}
    assert len(target.tables["sales"]) > 150


def test_discovery_needs_no_network(socket_disabled: None, capsys: pytest.CaptureFixture[str]) -> None:
    """The catalog comes from the table and the schemas; no socket can be made here."""
    del socket_disabled
    names = ("client_id", "client_secret", "refresh_token")
    tap = TapLightspeedRetail(config=dict.fromkeys(names, "none"))

    tap.run_discovery()

    offered = [stream["stream"] for stream in json.loads(capsys.readouterr().out)["streams"]]
    assert {*offered} == {row.name for row in STREAMS} - {*OPT_IN}


@pytest.mark.parametrize(("text", "faults"), [("0.2", 0), ("nan", 1), ("much", 1), ("1.5", 1)])
def test_a_decimal_of_the_environment_is_read(text: str, faults: int) -> None:
    """The environment holds text only; what is no number, or too large a one, is refused by name."""
    known = {"client_id": "id", "client_secret": "none", "rate_reserve": text}  # pragma: allowlist secret

    tap = TapLightspeedRetail(config=known, validate_config=False)
    said = tap._validate_config(raise_errors=False)

    assert len(said) == faults
    assert all("rate_reserve" in sentence for sentence in said)
