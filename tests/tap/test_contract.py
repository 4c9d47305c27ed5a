"""Every stream keeps its contract, whatever form the vendor's row comes in."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tap_lightspeed_retail.r_series.context import Context
from tap_lightspeed_retail.r_series.table import SOURCES
from tap_lightspeed_retail.streams import STREAMS

from tests.tap.contract import KEYS, records, variants
from tests.tap.vendor_rows import GIFT_CARD, NOTE, ROWS


def row_of(stream: str) -> dict[str, Any]:
    if stream == "gift_cards":
        return GIFT_CARD
    key = SOURCES[stream].key
    assert key in ROWS, f"no row of {key} in tests/tap/vendor_rows.py"
    return ROWS[key]


def one(stream: str, **changed: Any) -> dict[str, Any]:
    """The record of the stream's row, with these fields of the row changed."""
    return records(stream, {**row_of(stream), **changed})[stream][0]


def test_the_table_is_whole() -> None:
    """Every stream has a source or a parent that brings it; parents stand before their children."""
    names = [row.name for row in STREAMS]

    assert {row.name for row in STREAMS if not row.parent} == SOURCES.keys()
    assert all(names.index(row.parent) < names.index(row.name) for row in STREAMS if row.parent)
    assert {row.name for row in STREAMS if row.replication_key} == {
        name for name, source in SOURCES.items() if source.sort or source.append_only
    }


@pytest.mark.parametrize("row", STREAMS, ids=lambda row: row.name)
def test_every_schema_keeps_the_conventions(row: Any) -> None:
    """Key first and required, life last, a description each, money beside its currency, no `multipleOf`."""
    schema = row.schema()
    properties = schema["properties"]

    assert schema["title"] == row.name
    assert list(properties)[:2] == ["account_id", "id"]
    assert list(properties)[-6:] == ["archived", "created_at", "updated_at", "deleted_at", "version", "unreadable"]
    assert {"account_id", "id"} <= set(schema["required"]) <= set(properties)
    assert all(spec.get("description", "").strip().endswith(".") for spec in properties.values())
    assert "multipleOf" not in json.dumps(schema)
    assert ("in `currency`" not in json.dumps(schema)) or "currency" in properties


@pytest.mark.parametrize("stream", SOURCES)
def test_a_whole_row_becomes_a_sound_record(stream: str) -> None:
    """With its parts."""
    made = records(stream, row_of(stream))

    assert len(made[stream]) == 1
    assert made[stream][0]["id"] == row_of(stream)[KEYS[SOURCES[stream].key]]
    assert all(made.values())


@pytest.mark.parametrize("stream", SOURCES)
def test_every_relation_may_come_in_every_form(stream: str) -> None:
    """At any depth; a relation is never the reason that a record is lost."""
    for row in variants(row_of(stream)):
        assert len(records(stream, row)[stream]) == 1


@given(st.sampled_from(sorted(SOURCES)), st.data())
def test_any_field_may_be_absent_or_empty(stream: str, data: Any) -> None:
    """But for the key, and what decides whether a row is one of the stream's."""
    whole = row_of(stream)
    needed = {KEYS[SOURCES[stream].key], "giftCard", "isLayaway", "shopID", "transferID", "saleID"}
    rest = sorted(set(whole) - needed)
    gone = data.draw(st.sets(st.sampled_from(rest)))
    empty = data.draw(st.sets(st.sampled_from(rest)))
    row = {name: "" if name in empty else value for name, value in whole.items() if name not in gone}

    assert len(records(stream, row)[stream]) == 1


@given(st.sampled_from(sorted(SOURCES)), st.sampled_from([str.lower, str.upper, str.swapcase]))
def test_the_case_of_a_field_says_nothing(stream: str, recase: Any) -> None:
    """The pages and the recordings differ."""
    row = {recase(name): value for name, value in row_of(stream).items()}

    assert records(stream, row) == records(stream, row_of(stream))


@pytest.mark.parametrize("stream", SOURCES)
def test_no_key_is_zero(stream: str) -> None:
    """`0` is none, for whatever the row names."""
    keys = {name: "0" for name in row_of(stream) if name.endswith("ID") and name != KEYS[SOURCES[stream].key]}
    own = {"shopID": "3"} if stream == "inventory" else {}
    record = records(stream, {**row_of(stream), **keys, **own, "transferID": row_of(stream).get("transferID", "0")})

    assert not [name for name, value in record[stream][0].items() if name.endswith("_id") and value == "0"]


def test_money_is_exact() -> None:
    """Never through a float."""
    item = one(
        "items", Prices={"ItemPrice": {"amount": "0.1000000000000000055", "useTypeID": "1", "useType": "Default"}}
    )

    assert item["price"] == Decimal("0.1000000000000000055")
    assert isinstance(one("orders")["total"], Decimal)


# What each says


def test_the_web_shop_is_a_register_of_that_name() -> None:
    """Exactly `eCom`."""
    assert one("registers", name="eCom")["online"] is True
    assert [one("registers", name=name)["online"] for name in ("Till 1", "ecom", "eCom 2")] == [False] * 3


def test_staff_without_pins_and_rights() -> None:
    """Name, contact and role, and no more."""
    record = one("employees")

    assert (record["name"], record["role"], record["email"]) == ("Kim Keeper", "Owner", "ann@outfitters.example")
    assert "1234" not in json.dumps(record)


def test_a_vendors_credentials_stay_out() -> None:
    """Old rows hold a password."""
    record = one("vendors")

    assert "hush" not in json.dumps(record, default=str)
    assert (record["purchasing_currency"], record["purchasing_currency_rate"]) == ("USD", Decimal("0.73"))


@pytest.mark.parametrize(
    ("code", "number"),
    [
        ("2312345678904", "*********8904"),
        ("**********8904", "**********8904"),
        ("123456789", "*****6789"),
        ("12345678", "********"),
        ("99", "**"),
        ("", None),
    ],
)
def test_a_gift_cards_number_is_masked(code: str, number: str | None) -> None:
    """Whether the token may see it or not; a short one wholly."""
    assert one("gift_cards", code=code)["number"] == number


@given(st.text("0123456789", min_size=8, max_size=32))
def test_no_gift_cards_number_gets_out(code: str) -> None:
    """Not in its name and its description either."""
    record = one("gift_cards", code=code, name=f"Card {code}", description=code)

    assert code not in json.dumps(record, default=str)


def test_stored_value_has_a_sign() -> None:
    """The vendor's balance is below 0 when the store owes: of a card, that is what is left on it."""
    assert one("gift_cards", balance="-100")["balance"] == Decimal(100)
    assert one("credit_accounts", balance="-20")["balance"] == Decimal(-20)
    assert one("credit_accounts", balance="35")["balance"] == Decimal(35)


@pytest.mark.parametrize(("gift", "streams"), [("true", ["gift_cards"]), ("false", ["credit_accounts"])])
def test_an_account_is_one_or_the_other(gift: str, streams: list[str]) -> None:
    """Whichever of the two questions brings it."""
    row = {**ROWS["CreditAccount"], "giftCard": gift}

    assert [name for name in ("credit_accounts", "gift_cards") if records(name, row)] == streams


def test_a_discount_is_an_amount_or_a_rate() -> None:
    """The vendor writes 0 for the other."""
    rate, amount = one("discounts"), one("discounts", discountAmount="5", discountPercent="0")

    assert (rate["rate"], rate["amount"]) == (Decimal("0.4"), None)
    assert (amount["rate"], amount["amount"]) == (None, Decimal(5))


def test_a_tax_category_with_one_tax_and_exceptions() -> None:
    """The second tax has neither name nor rate."""
    record = one("tax_categories")

    assert record["rates"] == [{"name": "GST", "rate": Decimal("0.05")}]
    assert [(each["tax_class_id"], each["rate"]) for each in record["class_rates"]] == [
        ("2", 0),
        ("4", Decimal("0.01")),
    ]


def test_a_payment_type_is_what_its_type_says() -> None:
    """Not its name, which is in the merchant's language."""
    assert one("payment_types")["type"] == "gift_card"
    assert one("payment_types", type="user defined")["type"] == "other"


def test_a_variant_without_its_attribute_set() -> None:
    """The vendor's own names stand in."""
    assert [each["name"] for each in one("items")["attributes"]] == ["attribute1", "attribute2"]


def test_a_matrix_names_its_attributes() -> None:
    """One value comes as itself."""
    expected = [{"name": "Colour", "values": ["moss"]}, {"name": "Size", "values": ["M", "L"]}]

    assert one("item_matrices")["attributes"] == expected
    assert one("item_matrices", attribute1Values="")["attributes"] == expected[1:]


@pytest.mark.parametrize(
    ("said", "shop_zone", "account_zone", "day"),
    [
        ("2021-08-29T07:00:00+00:00", "US/Pacific", "America/Toronto", "2021-08-29"),
        ("2021-08-29T04:00:00+00:00", "", "America/Toronto", "2021-08-29"),
        ("2021-08-28T22:00:00+00:00", "Europe/Berlin", "America/Toronto", "2021-08-29"),
    ],
)
def test_the_day_of_an_order_does_not_shift(said: str, shop_zone: str, account_zone: str, day: str) -> None:
    """Midnight in the zone of the shop that orders; of the account where that shop is not there."""
    row = {**ROWS["Order"], "orderedDate": said, "Shop": {"shopID": "3", "timeZone": shop_zone} if shop_zone else ""}

    assert records("orders", row, Context("1000", "CAD", {"1": account_zone}))["orders"][0]["ordered_on"] == day


def test_an_order_names_all_its_lines() -> None:
    """And they name their version of it."""
    made = records("orders", ROWS["Order"])

    assert made["orders"][0]["line_ids"] == [each["id"] for each in made["order_lines"]] == ["73"]
    assert made["order_lines"][0]["order_updated_at"] == made["orders"][0]["updated_at"]
    assert made["orders"][0]["note"] == NOTE["note"]


def test_parts_and_labour_do_not_share_ids() -> None:
    """The vendor counts both from 1."""
    made = records("work_orders", ROWS["Workorder"])
    lines = made["work_order_lines"]

    assert made["work_orders"][0]["line_ids"] == [each["id"] for each in lines] == ["part-1", "labor-1"]
    assert [(each["minutes"], each["unit_price"]) for each in lines] == [(None, Decimal("12.5")), (90, None)]


@pytest.mark.parametrize(
    ("row", "state"),
    [
        ({"status": "Sent"}, "sent"),
        ({"status": "", "sent": "true", "received": "true"}, "received"),
        ({"status": "", "sent": "true", "received": "false"}, "sent"),
        ({"status": "", "sent": "false", "received": "false"}, "open"),
    ],
)
def test_a_transfer_in_the_words_of_either_endpoint(row: dict[str, str], state: str) -> None:
    """One has a state, the other two flags."""
    assert one("transfers", **row)["state"] == state


def test_a_transfer_of_the_older_endpoint_knows_its_shops() -> None:
    """Inside, where they are there."""
    ends = {"TransferFrom": {"shopID": "3", "employeeID": "2", "sentOn": ""}, "TransferTo": {"shopID": "4"}}
    record = one("transfers", sendingShopID="", receivingShopID="", **ends)

    assert (record["from_shop_id"], record["to_shop_id"], record["sent_by_employee_id"]) == ("3", "4", "2")


def test_a_counted_till_says_what_is_missing() -> None:
    """Per way to pay."""
    [amount] = one("register_counts")["amounts"]

    assert (amount["expected"], amount["counted"], amount["difference"]) == (
        Decimal("312.45"),
        Decimal("310.45"),
        Decimal(-2),
    )
