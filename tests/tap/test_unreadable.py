"""A field that cannot be read makes exactly the properties unreadable that depend on it, and no others."""

from __future__ import annotations

import contextlib
import copy
import json
import logging
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from tap_lightspeed_retail.errors import Malformed
from tap_lightspeed_retail.r_series.context import Context
from tap_lightspeed_retail.r_series.table import SOURCES
from tap_lightspeed_retail.r_series.unreadable import shaped
from tap_lightspeed_retail.streams import RANK, STREAMS

from tests.tap.contract import KNOWN, VALIDATORS, records
from tests.tap.receipts import BACK, CASH, GIFT, line, payment, receipt
from tests.tap.vendor_rows import GIFT_CARD, ROWS

from .runs import Shop

BAD: dict[str, Any] = {"a list": ["secret"], "an object": {"secret": "secret"}, "half a character": "secret\ud800"}


def row_of(stream: str) -> dict[str, Any]:
    return copy.deepcopy(GIFT_CARD if stream == "gift_cards" else ROWS[SOURCES[stream].key])


def read(stream: str, row: dict[str, Any], known: Context = KNOWN) -> tuple[dict[str, list[dict[str, Any]]], list[str]]:
    """Stream -> records, and the vendor's fields at fault."""
    made, faulty = shaped(SOURCES[stream].shape, row, known)
    return ({stream: [made.record], **made.part_records} if made else {}), faulty


def sale(*parts: dict[str, Any], **changed: Any) -> dict[str, list[list[str]]]:
    """What cannot be told of a receipt, and of each of its parts."""
    made, _ = read("sales", {**receipt(*parts), **changed})
    return {name: [each["unreadable"] for each in rows] for name, rows in made.items()}


@pytest.mark.parametrize(
    ("field", "value", "properties"),
    [
        ("calcTotal", "secret", ["total", "total_due", "lines_difference", "balance"]),
        ("calcTotal", "NaN", ["total", "total_due", "lines_difference", "balance"]),
        ("calcTotal", "9" * 40, ["total", "total_due", "lines_difference", "balance"]),
        ("calcTotal", "1e400", ["total", "total_due", "lines_difference", "balance"]),
        ("calcTax1", {"x": "1"}, ["tax", "taxes"]),
        ("completed", "secret", ["state"]),
        ("voided", "secret", ["kind", "state"]),
        ("updateTime", "secret", ["updated_at"]),
        ("completeTime", "0001-01-01T00:00:00+14:00", ["business_date", "completed_at"]),
        ("completeTime", "2026-02-31T10:00:00+00:00", ["business_date", "completed_at"]),
        ("completeTime", "2026-11-20", ["business_date", "completed_at"]),
        ("shopID", ["secret"], ["shop_id"]),
        ("nobodyReadsIt", ["secret"], []),
    ],
)
def test_what_is_worked_out_from_it_cannot_be_told_either(field: str, value: Any, properties: list[str]) -> None:
    """Totals from an amount, the state from a flag; and nothing from what nobody reads."""
    assert sorted(sale(line(1, price="0"), **{field: value})["sales"][0]) == sorted(properties)


def test_a_part_that_cannot_be_read_is_the_only_one() -> None:
    """The receipt is sound as far as it does not depend on it."""
    found = sale(
        line(1), {**line(2), "unitPrice": "?"}, {**payment(1, "10", CASH), "amount": "?"}, payment(2, "5", CASH)
    )

    assert found["sale_lines"] == [[], ["unit_price"]]
    assert found["sale_payments"] == [["amount"], []]
    assert found["sales"] == [["paid", "balance"]]


def test_what_a_line_is_may_depend_on_a_number() -> None:
    """On whether it came back; and so does what the receipt is. What a gift card is depends on a payment."""
    back = sale({**line(1, **BACK), "unitQuantity": "?"})
    card = sale(line(1, price="0", item_id="0"), {**payment(1, "?", GIFT)}, payment(2, "50", CASH))

    assert back == {"sales": [["kind"]], "sale_lines": [["kind", "quantity", "returned_line_id"]], "sale_payments": []}
    assert "kind" in card["sales"][0]
    assert card["sale_lines"] == [["kind"]]


def test_what_is_compared_with_an_amount_may_be_that_amount() -> None:
    """A difference that the drawer rounded is owed by nobody: which one it was cannot be told."""
    found = sale(payment(1, "7.40", CASH), calcTotal="10.00", cashRoundingDelta="?")

    assert found["sales"] == [["rounding", "balance"]]


def test_a_field_that_is_read_in_two_ways_is_tried_in_both() -> None:
    """By its name a register is a web shop's; of other names one is as good as the other."""
    made, _ = read("registers", {**row_of("registers"), "name": ["secret"]})

    assert made["registers"][0]["unreadable"] == ["name", "online"]


def test_what_may_be_no_record_at_all_says_nothing() -> None:
    """Without a shop the row is a sum over all shops, and none of the stream's."""
    made, _ = read("inventory", {**row_of("inventory"), "shopID": ["secret"]})
    record = made["inventory"][0]

    assert record["unreadable"] == [name for name in record if name not in ("account_id", "id", "unreadable")]


def test_a_day_that_no_value_would_give_is_not_told() -> None:
    """The instant is unreadable, and the shop has no zone in which any would have its day."""
    made, _ = read("sales", {**receipt(), "completeTime": "?"}, Context("1000", "CAD", {"3": "Mars/Olympus"}))

    assert made["sales"][0]["unreadable"] == ["completed_at", "business_date"]


def test_without_the_zone_of_its_shop_a_receipt_has_no_day() -> None:
    """Its other instants it has. Where all shops have one zone, it is that of any."""
    row = receipt(line(1))
    odd = Context("1000", "CAD", {"3": "Mars/Olympus", "4": "America/Toronto"})
    several = Context("1000", "CAD", {"4": "America/Toronto", "5": "America/Vancouver"})
    alike = Context("1000", "CAD", {"4": "America/Toronto", "5": "America/Toronto"})
    found = {name: read("sales", row, known)[0]["sales"][0] for name, known in locals().items() if name in KINDS}

    assert [found[name]["unreadable"] for name in KINDS] == [["business_date"], ["business_date"], []]
    assert [found[name]["business_date"] for name in KINDS] == [None, None, "2026-11-20"]
    assert {each["completed_at"] for each in found.values()} == {"2026-11-20T17:23:49+00:00"}


KINDS = ("odd", "several", "alike")


def leaves(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every scalar within a row."""
    if not isinstance(node, dict | list):
        yield path
        return
    for name, value in node.items() if isinstance(node, dict) else enumerate(node):
        yield from leaves(value, (*path, name))


def damaged(stream: str, path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    row = row_of(stream)
    holder = row
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = copy.deepcopy(value)
    return row


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("stream", SOURCES)
def test_any_bad_field_takes_with_it_what_depends_on_it_and_nothing_else(stream: str, bad: str) -> None:
    """Of every field of every row, at any depth: what is told is as the sound row has it, the rest null and named."""
    sound = records(stream, row_of(stream))
    named, refusals = 0, []
    for path in leaves(row_of(stream)):
        if bad == "a list" and str(path[-1]).endswith("Values"):
            continue  # it may be one
        try:
            made, faulty = read(stream, damaged(stream, path, BAD[bad]))
        except Malformed as error:
            refusals.append(str(error))  # an id, or an object within
            continue
        assert "secret" not in json.dumps(made, default=str), path
        assert {name.lower() for name in faulty} <= {str(step).lower() for step in path}
        for name, rows in sound.items():
            for whole, record in zip(rows, made[name], strict=True):
                doubtful = record["unreadable"]
                named += len(doubtful)
                assert dict.fromkeys(doubtful) == {key: record[key] for key in doubtful}
                assert {key: record[key] for key in whole if key not in (*doubtful, "unreadable")} == {
                    key: whole[key] for key in whole if key not in (*doubtful, "unreadable")
                }, path
                breaks = {error.json_path for error in VALIDATORS[name].iter_errors(record)}
                assert ("$.unreadable[0]" in breaks) == bool(doubtful)
    assert named
    assert "secret" not in " ".join(refusals)


@pytest.mark.parametrize("stream", SOURCES)
def test_a_row_is_as_it_was_after_it_was_tried_out(stream: str) -> None:
    """The values that it might have held are gone, from it and from the record."""
    for path in leaves(row_of(stream)):
        row = damaged(stream, path, ["secret"])
        before = copy.deepcopy(row)
        with contextlib.suppress(Malformed):
            read(stream, row)
        assert row == before


def test_every_name_is_one_of_the_contract() -> None:
    """A target's mapping names the same."""
    for stream in SOURCES:
        for path in leaves(row_of(stream)):
            try:
                made, _ = read(stream, damaged(stream, path, ["secret"]))
            except Malformed:
                continue
            for name, rows in made.items():
                known = STREAMS[RANK[name]].schema()["properties"]
                assert all({*each["unreadable"]} <= {*known} - {"unreadable", "id", "account_id"} for each in rows)


def test_the_log_names_the_vendors_field(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    """That is what somebody mends; the record names the property. The neighbours go in."""
    row = shop.box.world.rows("Customer")[0]
    shop.box.world.put("Customer", {**row, "dob": "0000-00-00"})
    told = shop.run()
    warned = [each.getMessage() for each in caplog.records if each.levelno == logging.WARNING]

    named = {each["id"]: each["unreadable"] for each in told.records("customers")}
    assert named.pop(str(row["customerID"])) == ["birth_date"]
    assert {*map(tuple, named.values())} == {()}
    assert [text for text in warned if f"Customer {row['customerID']}: cannot read dob" in text]


def test_amounts_are_exact_when_they_are_read() -> None:
    """As many digits as a number may have."""
    number = "1234567890.123456789012345678"
    made, faulty = read("sales", {**receipt(), "calcTotal": number})

    assert (made["sales"][0]["total"], faulty) == (Decimal(number), [])
