"""Vendor rows become records: what a receipt is, and every odd spelling of a field."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from tap_lightspeed_retail.r_series.fields import Fields, ShapeError, elements
from tap_lightspeed_retail.r_series.shape import Context, customer, item, sale, shop, stock
from tap_lightspeed_retail.streams import RANK, STREAMS

KNOWN = Context("1000", "CAD", "America/Vancouver")
CARD = {"paymentTypeID": "3", "name": "Visa", "type": "credit card"}
CASH = {"paymentTypeID": "1", "name": "Cash", "type": "cash"}
GIFT = {"paymentTypeID": "5", "name": "Gift Card", "type": "gift card"}
ACCOUNT = {"paymentTypeID": "4", "name": "Account", "type": "credit account"}


def line(number: int, quantity: str = "1", price: str = "10", item_id: str = "5", **more: Any) -> dict[str, Any]:
    total = str(Decimal(quantity) * Decimal(price))
    row = {
        "saleLineID": str(number),
        "itemID": item_id,
        "unitQuantity": quantity,
        "unitPrice": price,
        "calcTotal": total,
    }
    return {**row, "calcSubtotal": total, "parentSaleLineID": "0", "lineType": "", **more}


def payment(number: int, amount: str, kind: dict[str, str], **more: Any) -> dict[str, Any]:
    return {"salePaymentID": str(number), "amount": amount, "archived": "false", "PaymentType": kind, **more}


FEE = {"item_id": "0", "lineType": "item_fee", "parentSaleLineID": "1"}
FEE_BACK = {**FEE, "lineType": "item_fee_refund"}
CARD_SOLD = (payment(1, "-50", GIFT), payment(2, "50", CASH))
BACK = {"parentSaleLineID": "7"}


def receipt(*parts: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A sale row with its parts, each list as the vendor writes it."""
    lists = {}
    for name, element, key in (
        ("SaleLines", "SaleLine", "saleLineID"),
        ("SalePayments", "SalePayment", "salePaymentID"),
    ):
        rows = [part for part in parts if key in part]
        if rows:
            lists[name] = {element: rows[0] if len(rows) == 1 else rows}
    total = str(sum((Decimal(part["calcTotal"]) for part in parts if "saleLineID" in part), Decimal(0)))
    row = {"saleID": "9", "completed": "true", "voided": "false", "archived": "false", "calcTotal": total}
    times = {"updateTime": "2026-11-20T17:23:50+00:00", "completeTime": "2026-11-20T17:23:49+00:00"}
    return {**row, **times, "customerID": "0", "shopID": "3", **lists, **more}


def valid(stream: str, record: dict[str, Any]) -> dict[str, Any]:
    """The record, after its schema had nothing against it."""
    schema = STREAMS[RANK[stream]].schema()
    assert [error.message for error in Draft7Validator(schema).iter_errors(record)] == []
    assert schema["properties"].keys() == record.keys()
    return record


def shaped(row: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]:
    record = sale(row, KNOWN)
    lines, payments = record.pop("_sale_lines"), record.pop("_sale_payments")
    for each in lines:
        valid("sale_lines", each)
    for each in payments:
        valid("sale_payments", each)
    return valid("sales", record), lines, payments


@pytest.mark.parametrize(
    ("story", "row", "kind", "state"),
    [
        ("a normal sale", receipt(line(1), payment(1, "10", CARD)), "sale", "completed"),
        ("parked, paid already", receipt(line(1), payment(1, "10", CARD), completed="false"), "sale", "open"),
        ("one piece comes back", receipt(line(1, "-1", **BACK), payment(1, "-10", CARD)), "refund", "completed"),
        ("comes back without a receipt", receipt(line(1, "-1"), payment(1, "-10", CASH)), "refund", "completed"),
        ("one back, another out", receipt(line(1, "-1", **BACK), line(2, price="12")), "exchange", "completed"),
        ("even exchange, nothing paid", receipt(line(1, "-1"), line(2)), "exchange", "completed"),
        ("store credit granted", receipt(line(1, price="-5", item_id="0")), "credit", "completed"),
        ("a rebate on a sale is no refund", receipt(line(1), line(2, price="-2", item_id="0")), "sale", "completed"),
        ("a fee has a parent and is no refund", receipt(line(1), line(2, **FEE)), "sale", "completed"),
        ("a fee comes back with its piece", receipt(line(1, "-1"), line(2, "-1", **FEE_BACK)), "refund", "completed"),
        ("voided, all zero", receipt(completed="false", voided="true"), "void", "voided"),
        ("voided by the flag", receipt(line(1), payment(1, "10", CARD), voided="true"), "void", "voided"),
        ("a gift card is sold", receipt(line(1, price="0", item_id="0"), *CARD_SOLD), "gift_card", "completed"),
        ("a gift card is used", receipt(line(1), payment(1, "10", GIFT)), "sale", "completed"),
        ("a deposit", receipt(payment(1, "20", CARD), payment(2, "-20", ACCOUNT)), "deposit", "completed"),
        ("on account", receipt(line(1), payment(1, "10", ACCOUNT)), "sale", "completed"),
        ("nothing on it", receipt(), "sale", "completed"),
    ],
)  # fmt: skip
def test_what_a_receipt_is(story: str, row: dict[str, Any], kind: str, state: str) -> None:
    """Facts, R-Series section 10, row by row."""
    record, _, _ = shaped(row)

    assert (kind, state) == (record["kind"], record["state"]), story


def test_a_void_never_counts_a_declined_card() -> None:
    """Archived payments are there, voided, and in no sum."""
    record, _, payments = shaped(receipt(line(1), payment(1, "10", CARD, archived="true"), payment(2, "10", CASH)))

    assert [each["voided"] for each in payments] == [True, False]
    assert (Decimal(10), ["cash"], ["1", "2"]) == (record["paid"], record["payment_types"], record["payment_ids"])


def test_rounding_is_carried_not_hidden() -> None:
    """Lines are unrounded, the receipt is not."""
    record, _, _ = shaped(receipt(line(1, calcTotal="11.4860025"), calcTotal="11.49"))

    assert Decimal("0.0039975") == record["lines_difference"]


def test_lines_say_what_they_return_and_what_they_belong_to() -> None:
    """The same field means both."""
    _, lines, _ = shaped(
        receipt(line(1, "-1", parentSaleLineID="7"), line(2, item_id="0", lineType="item_fee", parentSaleLineID="1"))
    )

    assert (lines[0]["returned_line_id"], lines[0]["parent_line_id"]) == ("7", None)
    assert (lines[1]["returned_line_id"], lines[1]["parent_line_id"]) == (None, "1")


@pytest.mark.parametrize("name", ["updateTime", "updatetime", "UPDATETIME"])
def test_names_vary_in_case(name: str) -> None:
    """Recordings and documentation differ."""
    row = receipt(line(1))
    del row["updateTime"]

    assert shaped({**row, name: "2026-11-20T13:00:00-05:00"})[0]["updated_at"] == "2026-11-20T18:00:00+00:00"


def test_without_an_update_time_the_time_stamp_stands_in() -> None:
    """Old recordings have no other."""
    row = {**receipt(line(1)), "timeStamp": "2016-02-13T00:00:00+00:00"}
    del row["updateTime"]

    assert shaped(row)[0]["updated_at"] == "2016-02-13T00:00:00+00:00"


@pytest.mark.parametrize("empty", ["", {}, None])
def test_nothing_has_many_forms(empty: Any) -> None:
    """Empty text, an empty object, an absent key."""
    row = {"customerID": "7", "archived": "false", "Contact": empty, "Tags": empty, "CustomFieldValues": empty}

    record = valid("customers", customer({name: value for name, value in row.items() if value is not None}, KNOWN))

    assert (record["emails"], record["tags"], record["custom_fields"], record["city"]) == ([], [], [], None)


CONTACT = {
    "noEmail": "true",
    "Addresses": {
        "ContactAddress": {"address1": "1 Example St", "city": "Laval", "state": "Quebec", "stateCode": "QC"}
    },
    "Phones": {"ContactPhone": [{"number": "1", "useType": "Home"}, {"number": "2", "useType": "Mobile"}]},
    "Emails": {"ContactEmail": {"address": "ann@example.com", "useType": "Primary"}},
    "Websites": "",
}


def test_a_shopper_with_one_of_each() -> None:
    """Lists of one come as objects."""
    row = {
        "customerID": "7", "firstName": "Ann", "lastName": "Lee ", "customerTypeID": "0", "archived": "true",
        "Contact": CONTACT, "Tags": {"Tag": "vip"}, "Note": {"note": "rings twice", "isPublic": "false"},
        "CustomFieldValues": {"CustomFieldValue": {"customFieldID": "1", "name": "Shoe", "type": "single_choice",
                                                   "value": {"name": "42"}}},
    }  # fmt: skip
    record = valid("customers", customer(row, KNOWN))

    assert tuple(record[name] for name in ("email", "phone", "mobile", "state")) == ("ann@example.com", "1", "2", "QC")
    assert tuple(record[name] for name in ("tags", "note", "archived", "customer_type_id")) == (
        ["vip"],
        "rings twice",
        True,
        None,
    )
    assert record["custom_fields"] == [{"id": "1", "name": "Shoe", "type": "single_choice", "value": "42"}]


@pytest.mark.parametrize(
    ("said", "zone", "day"),
    [
        ("1981-04-09T08:00:00+00:00", "America/Vancouver", "1981-04-09"),
        ("2012-10-04T04:00:00+00:00", "America/Toronto", "2012-10-04"),
        ("1990-05-16T22:00:00+00:00", "Europe/Berlin", "1990-05-17"),
        ("1990-05-17T00:00:00+00:00", "No/Such_Zone", "1990-05-17"),
    ],
)
def test_a_birthday_does_not_shift(said: str, zone: str, day: str) -> None:
    """Midnight in the shop's zone, said in UTC."""
    record = customer({"customerID": "7", "dob": said}, Context("1000", "CAD", zone))

    assert day == record["birth_date"]


def test_the_all_shops_row_is_no_stock() -> None:
    """It counts the same pieces once more."""
    row = {"itemShopID": "1", "itemID": "5", "shopID": "0", "qoh": "33"}

    assert stock(row, KNOWN) is None
    assert valid("inventory", stock({**row, "shopID": "3", "onWorkorder": "2"}, KNOWN) or {})["shop_id"] == "3"


def test_prices_are_exact_and_named() -> None:
    """By their use, whatever their number."""
    prices = {"ItemPrice": [{"amount": "24.99", "useType": "Default"}, {"amount": "1.0E-8", "useType": "MSRP"}]}
    record = valid("items", item({"itemID": "5", "description": "Hat", "Prices": prices}, KNOWN))

    assert (Decimal("24.99"), Decimal("1.0E-8"), None) == (record["price"], record["msrp"], record["online_price"])


def test_a_shop_with_its_contact() -> None:
    """Address and zone."""
    record = valid("shops", shop({"shopID": "3", "name": "Main", "timeZone": "US/Pacific", "Contact": CONTACT}, KNOWN))

    assert (record["time_zone"], record["city"], record["currency"]) == ("US/Pacific", "Laval", "CAD")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("calcTotal", "secret"),
        ("completed", "secret"),
        ("updateTime", "secret"),
        ("calcTotal", "NaN"),
        ("shopID", ["secret"]),
    ],
)
def test_what_cannot_be_read_is_named_not_quoted(field: str, value: Any) -> None:
    """Stream, key and field."""
    with pytest.raises(ShapeError, match=rf"sales 9: {field} is not") as raised:
        sale({**receipt(), field: value}, KNOWN)

    assert "secret" not in str(raised.value)


def test_an_element_of_attributes_only_is_nothing() -> None:
    """Left over from XML."""
    assert Fields("s", {"id": "1", "x": {"@attributes": {"readonly": "true"}}}, "id").text("x") is None


@given(st.lists(st.dictionaries(st.text(min_size=1), st.text()), max_size=4))
def test_a_list_is_a_list_however_it_comes(rows: list[dict[str, str]]) -> None:
    """None as nothing, one as itself, several as they are."""
    rows = [row for row in rows if row]
    said: Any = "" if not rows else rows[0] if len(rows) == 1 else rows

    assert rows == elements({"Row": said}, "Row")
