"""What a receipt says and is, as small stories: each business event, and each contradiction of the vendor's words.

Source: docs/vendors/lightspeed-r-series.md, sales, lines, payments, events.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tap.contract import records
from tests.tap.receipts import (
    ACCOUNT,
    BACK,
    CARD,
    CARD_SOLD,
    CASH,
    FEE,
    FEE_BACK,
    GIFT,
    line,
    payment,
    receipt,
    shaped,
)
from tests.tap.vendor_rows import ROWS

ECOM = {"paymentTypeID": "6", "name": "Web", "type": "ecom"}
ADJUSTMENT = {"paymentTypeID": "7", "name": "Count", "type": "adjustment"}
CHEQUE = {"paymentTypeID": "8", "name": "Cheque", "type": "user defined"}
MISC = {"item_id": "0", "Note": {"note": "Alteration", "isPublic": "true"}}
CARD_LINE = line(1, price="0", item_id="0")
OPEN: dict[str, Any] = {"completed": "false", "completeTime": ""}
STORE_CREDIT = {"creditAccountID": "4"}


@dataclass(frozen=True)
class Story:
    """A receipt, and what is to be said of it."""

    name: str
    row: dict[str, Any]
    kind: str
    total: str
    paid: str
    due: str
    state: str = "completed"
    balance: str = "0"
    types: tuple[str, ...] = ()


STORIES = [
    Story("a normal sale", receipt(line(1), payment(1, "10", CARD)), "sale", "10", "10", "10", types=("card",)),
    Story(
        "several tenders",
        receipt(line(1), payment(1, "4", CASH), payment(2, "6", CHEQUE)),
        "sale",
        "10",
        "10",
        "10",
        types=("cash", "other"),
    ),
    Story(
        "change is given: the tender is the due",
        receipt(line(1), payment(1, "10", CASH), change="10"),
        "sale",
        "10",
        "10",
        "10",
        types=("cash",),
    ),
    Story("parked, nothing paid", receipt(line(1), **OPEN), "sale", "10", "0", "10", "open", "10"),
    Story(
        "parked and paid: the vendor's sums leave that out",
        receipt(line(1), payment(1, "10", CARD), **OPEN, calcPayments="0", balance="0"),
        "sale",
        "10",
        "10",
        "10",
        "open",
        types=("card",),
    ),
    Story(
        "parked, half paid",
        receipt(line(1), payment(1, "4", CARD), **OPEN, balance="0"),
        "sale",
        "10",
        "4",
        "10",
        "open",
        "6",
        ("card",),
    ),
    Story("parked and given up", receipt(line(1), **OPEN, archived="true"), "sale", "10", "0", "10", "open", "10"),
    Story("a quote holds an open sale", receipt(line(1), **OPEN, quoteID="1"), "sale", "10", "0", "10", "open", "10"),
    Story(
        "one piece comes back",
        receipt(line(1, "-1", **BACK), payment(1, "-10", CARD, refPaymentID="3")),
        "refund",
        "-10",
        "-10",
        "-10",
        types=("card",),
    ),
    Story(
        "one of two comes back",
        receipt(line(1, "-1", "5", **BACK), payment(1, "-5", CASH)),
        "refund",
        "-5",
        "-5",
        "-5",
        types=("cash",),
    ),
    Story(
        "comes back without a receipt",
        receipt(line(1, "-1"), payment(1, "-10", CASH)),
        "refund",
        "-10",
        "-10",
        "-10",
        types=("cash",),
    ),
    Story(
        "comes back for store credit",
        receipt(line(1, "-1", **BACK), payment(1, "-10", ACCOUNT, **STORE_CREDIT)),
        "refund",
        "-10",
        "-10",
        "0",
        types=("credit_account",),
    ),
    Story(
        "one back, another out",
        receipt(line(1, "-1", **BACK), line(2, price="12"), payment(1, "2", CASH)),
        "exchange",
        "2",
        "2",
        "2",
        types=("cash",),
    ),
    Story("even exchange, nothing paid", receipt(line(1, "-1"), line(2)), "exchange", "0", "0", "0"),
    Story(
        "one back, work without an item out",
        receipt(line(1, "-1"), line(2, price="4", **MISC), payment(1, "-6", CASH)),
        "exchange",
        "-6",
        "-6",
        "-6",
        types=("cash",),
    ),
    Story(
        "one back, with a rebate",
        receipt(line(1, "-1"), line(2, price="-1", item_id="0"), payment(1, "-11", CASH)),
        "refund",
        "-11",
        "-11",
        "-11",
        types=("cash",),
    ),
    Story(
        "store credit is granted",
        receipt(line(1, price="-5", item_id="0"), payment(1, "-5", ACCOUNT, **STORE_CREDIT)),
        "credit",
        "-5",
        "-5",
        "0",
        types=("credit_account",),
    ),
    Story(
        "a rebate on a sale",
        receipt(line(1), line(2, price="-2", item_id="0"), payment(1, "8", CASH)),
        "sale",
        "8",
        "8",
        "8",
        types=("cash",),
    ),
    Story(
        "a fee has a parent and is no refund",
        receipt(line(1), line(2, price="1", **FEE), payment(1, "11", CASH)),
        "sale",
        "11",
        "11",
        "11",
        types=("cash",),
    ),
    Story(
        "a fee comes back with its piece",
        receipt(line(1, "-1"), line(2, "-1", "1", **FEE_BACK), payment(1, "-11", CASH)),
        "refund",
        "-11",
        "-11",
        "-11",
        types=("cash",),
    ),
    Story(
        "a piece comes back, for a fee",
        receipt(line(1, "-1"), line(2, price="2", **FEE), payment(1, "-8", CASH)),
        "refund",
        "-8",
        "-8",
        "-8",
        types=("cash",),
    ),
    Story(
        "voided, all zero",
        receipt(line(1, "0"), **OPEN, voided="true", SalePayments=""),
        "void",
        "0",
        "0",
        "0",
        "voided",
    ),
    Story(
        "voided by the flag alone",
        receipt(line(1), payment(1, "10", CARD, archived="true"), voided="true"),
        "void",
        "10",
        "0",
        "10",
        "voided",
    ),
    Story(
        "voided by the flag, payments kept",
        receipt(line(1), payment(1, "10", CARD), voided="true"),
        "void",
        "10",
        "10",
        "10",
        "voided",
        types=("card",),
    ),
    Story("a refund is voided", receipt(line(1, "-1", **BACK), voided="true"), "void", "-10", "0", "-10", "voided"),
    Story(
        "a gift card is sold",
        receipt(CARD_LINE, *CARD_SOLD, displayableTotal="50", calcPayments="0"),
        "gift_card",
        "0",
        "0",
        "50",
        types=("cash", "gift_card"),
    ),
    Story(
        "a gift card is sold with goods",
        receipt(CARD_LINE, line(2), payment(1, "-50", GIFT), payment(2, "60", CASH)),
        "sale",
        "10",
        "10",
        "60",
        types=("cash", "gift_card"),
    ),
    Story(
        "a gift card is used",
        receipt(line(1, price="11.49"), payment(1, "11.49", GIFT, creditAccountID="9")),
        "sale",
        "11.49",
        "11.49",
        "0",
        types=("gift_card",),
    ),
    Story(
        "a gift card pays a part",
        receipt(line(1), payment(1, "4", GIFT), payment(2, "6", CARD)),
        "sale",
        "10",
        "10",
        "6",
        types=("card", "gift_card"),
    ),
    Story(
        "a deposit",
        receipt(payment(1, "20", CARD), payment(2, "-20", ACCOUNT)),
        "deposit",
        "0",
        "0",
        "20",
        types=("card", "credit_account"),
    ),
    Story(
        "a layaway is picked up",
        receipt(line(1, isLayaway="true", customerID="7"), payment(1, "4", ACCOUNT), payment(2, "6", CASH)),
        "sale",
        "10",
        "10",
        "6",
        types=("cash", "credit_account"),
    ),
    Story(
        "on account", receipt(line(1), payment(1, "10", ACCOUNT)), "sale", "10", "10", "0", types=("credit_account",)
    ),
    Story(
        "an account is paid down: the sale says no more than of a deposit",
        receipt(payment(1, "35", CASH), payment(2, "-35", ACCOUNT)),
        "deposit",
        "0",
        "0",
        "35",
        types=("cash", "credit_account"),
    ),
    Story(
        "a web order",
        receipt(line(1), payment(1, "10", ECOM), referenceNumber="W1", referenceNumberSource="shop"),
        "sale",
        "10",
        "10",
        "10",
        types=("online",),
    ),
    Story(
        "an integration mends the stock",
        receipt(line(1), payment(1, "10", ADJUSTMENT)),
        "sale",
        "10",
        "10",
        "10",
        types=("adjustment",),
    ),
    Story(
        "a card was declined, another was not",
        receipt(line(1), payment(1, "10", CARD, archived="true"), payment(2, "10", CASH)),
        "sale",
        "10",
        "10",
        "10",
        types=("cash",),
    ),
    Story("nothing on it", receipt(), "sale", "0", "0", "0"),
]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_a_receipt_is_what_happened(story: Story) -> None:
    """Its kind, its state, what it comes to, what was paid and how, and what is still to pay."""
    record, _, _ = shaped(story.row)

    assert (record["kind"], record["state"]) == (story.kind, story.state)
    said = {name: record[name] for name in ("total", "paid", "total_due", "balance")}
    expected = {"total": story.total, "paid": story.paid, "total_due": story.due, "balance": story.balance}
    assert said == {name: Decimal(amount) for name, amount in expected.items()}
    assert record["payment_types"] == list(story.types)


# Lines


@pytest.mark.parametrize(
    ("story", "row", "kind"),
    [
        ("goods", line(1), "item"),
        ("goods for nothing", line(1, price="0"), "item"),
        ("goods come back", line(1, "-1"), "return"),
        ("something without an item comes back", line(1, "-1", item_id="0"), "return"),
        ("a fee", line(1, **FEE), "fee"),
        ("a fee comes back", line(1, "-1", **FEE_BACK), "fee_return"),
        ("a rebate", line(1, price="-2", item_id="0"), "credit"),
        ("work without an item", line(1, **MISC), "other"),
        ("its note says gift card", line(1, price="0", item_id="0", Note={"note": "Gift Card Purchase"}), "gift_card"),
    ],
)
def test_what_a_line_is(story: str, row: dict[str, Any], kind: str) -> None:
    """By its type, its sign and its item; a negative price is no return."""
    _, [record], _ = shaped(receipt(row))

    assert record["kind"] == kind, story


def test_a_gift_cards_line_is_known_in_any_language() -> None:
    """By the payment that fills it."""
    french = {**CARD_LINE, "Note": {"note": "Achat d'une carte-cadeau"}}
    _, lines, _ = shaped(receipt(french, line(2), *CARD_SOLD))

    assert [each["kind"] for each in lines] == ["gift_card", "item"]


def test_lines_say_what_they_return_and_what_they_belong_to() -> None:
    """The same field means both."""
    _, lines, _ = shaped(
        receipt(line(1, "-1", parentSaleLineID="7"), line(2, item_id="0", lineType="item_fee", parentSaleLineID="1"))
    )

    assert (lines[0]["returned_line_id"], lines[0]["parent_line_id"]) == ("7", None)
    assert (lines[1]["returned_line_id"], lines[1]["parent_line_id"]) == (None, "1")


def test_a_line_without_an_item_says_what_it_is() -> None:
    """By its note; an item speaks for itself."""
    _, lines, _ = shaped(receipt(line(1, **MISC), line(2, Note={"note": "gift wrap"})))

    assert [each["description"] for each in lines] == ["Alteration", None]
    assert [each["item_id"] for each in lines] == [None, "5"]


def test_goods_put_aside_are_no_line_of_a_sale() -> None:
    """They are a stream of their own until they are picked up, under the id that their sale line will have."""
    aside = ROWS["SaleLine"]
    assert records("layaways", aside)["layaways"][0]["id"] == aside["saleLineID"]
    assert records("layaways", {**aside, "saleID": "9"}) == {}

    record, [picked_up], _ = shaped(receipt({**aside, "saleID": "9"}))
    assert picked_up["on_layaway"]
    assert record["line_ids"] == [aside["saleLineID"]]


@pytest.mark.parametrize("flag", ["isSpecialOrder", "isWorkorder"])
def test_other_lines_without_a_sale_are_no_layaways(flag: str) -> None:
    """Special orders and work orders bring theirs themselves."""
    assert records("layaways", {**ROWS["SaleLine"], "isLayaway": "false", flag: "true"}) == {}


def test_a_special_order_brings_its_line() -> None:
    """With taxes from the calculated fields: the line's own rate may be 0."""
    [order] = records("special_orders", ROWS["SpecialOrder"])["special_orders"]

    assert (order["sale_id"], order["sale_line_id"], order["item_id"]) == (None, "31", "5")
    assert (order["tax"], order["total"]) == (Decimal("2.249"), Decimal("47.229"))


# Rounding and taxes


@given(st.lists(st.decimals("-500", "500", places=7), min_size=1, max_size=6))
def test_rounding_is_carried_not_hidden(totals: list[Decimal]) -> None:
    """Lines are unrounded, the receipt is not; lines and the difference are the receipt, exactly."""
    whole = sum(totals, Decimal(0)).quantize(Decimal("0.01"))
    parts = [line(number, calcTotal=f"{total:f}") for number, total in enumerate(totals, 1)]
    record, lines, _ = shaped(receipt(*parts, calcTotal=str(whole)))

    assert sum(each["total"] for each in lines) + record["lines_difference"] == record["total"] == whole


def test_taxes_by_rate() -> None:
    """Those that were charged."""
    rates = {"tax1Rate": "0.05", "tax2Rate": "0.09975", "calcTax1": "0.5", "calcTax2": "0"}
    record, _, _ = shaped(receipt(line(1), **rates))

    assert record["tax"] == Decimal("0.5")
    assert [(each["rate"], each["amount"]) for each in record["taxes"]] == [(Decimal("0.05"), Decimal("0.5"))]


@pytest.mark.parametrize("inclusive", ["true", "false"])
def test_prices_with_and_without_tax_in_them(inclusive: str) -> None:
    """The total is the vendor's in both; which of the two it is, is said."""
    record, _, _ = shaped(receipt(line(1), payment(1, "10", CASH), calcTax1="0.48", isTaxInclusive=inclusive))

    assert (record["total"], record["balance"], record["tax_inclusive"]) == (Decimal(10), 0, inclusive == "true")


def test_only_an_old_total_is_there() -> None:
    """Old answers lack the calculated one."""
    row = {**receipt(line(1)), "total": "10"}
    del row["calcTotal"]

    assert shaped(row)[0]["total"] == Decimal(10)


# Contradictions: both ways


@pytest.mark.parametrize("balance", ["-3", "0"])
@pytest.mark.parametrize("tips", ["3", "0"])
def test_a_tip_is_in_what_was_paid_and_owed_by_nobody(balance: str, tips: str) -> None:
    """Whether the vendor's balance falls short by it or not, and whether it is summed already or not."""
    row = receipt(line(1), payment(1, "13", CARD, tipAmount="3"), balance=balance, calcTips=tips, calcPayments="13")
    record, _, _ = shaped(row)

    assert tuple(record[name] for name in ("total", "tip", "paid", "balance")) == (10, 3, 13, 0)


def test_tips_without_payments_are_the_sums() -> None:
    """Where payments are not there to be added."""
    assert shaped(receipt(line(1), calcTips="3"))[0]["tip"] == Decimal(3)


@pytest.mark.parametrize("kind", [CARD, CASH])
@pytest.mark.parametrize("due", ["0", "-10"])
def test_a_refund_is_due_whatever_it_is_paid_with(kind: dict[str, str], due: str) -> None:
    """The vendor's formula takes refunds to a card off, and leaves those in cash."""
    record, _, _ = shaped(receipt(line(1, "-1", **BACK), payment(1, "-10", kind), totalDue=due))

    assert record["total_due"] == Decimal(-10)


@pytest.mark.parametrize("subtotal", ["24.99", "14.99"])
def test_a_subtotal_is_before_discount(subtotal: str) -> None:
    """The displayed one is after discount on a line and before it on a sale; neither is asked."""
    parts = line(1, price="24.99", calcLineDiscount="10", calcTotal="14.99", displayableSubtotal=subtotal)
    record, [part], _ = shaped(receipt(parts, calcSubtotal="24.99", calcDiscount="10", displayableSubtotal=subtotal))

    assert [record[name] for name in ("subtotal", "discount", "total")] == list(map(Decimal, ("24.99", "10", "14.99")))
    assert [part[name] for name in ("subtotal", "discount", "total")] == list(map(Decimal, ("24.99", "10", "14.99")))


@pytest.mark.parametrize("embedded", [True, False])
def test_an_archived_payment_counts_nowhere(embedded: bool) -> None:
    """Whether the sale brings it or hides it; where it comes, it is a voided payment."""
    failed = [payment(1, "10", CARD, archived="true")] if embedded else []
    record, _, payments = shaped(receipt(line(1), *failed, payment(2, "10", CASH)))

    assert (record["paid"], record["payment_types"]) == (Decimal(10), ["cash"])
    assert [each["id"] for each in payments if each["voided"]] == ["1"] * embedded
    assert record["payment_ids"] == [each["id"] for each in payments]


@pytest.mark.parametrize("delta", ["0.01", "-0.01", "0"])
def test_what_the_drawer_rounds_is_owed_by_nobody(delta: str) -> None:
    """Whichever sign the vendor gives it; without a word of it, the cent is open."""
    row = receipt(line(1, price="3.99"), payment(1, "4.00", CASH), cashRoundingDelta=delta)
    record, _, _ = shaped(row)

    assert record["balance"] == (0 if Decimal(delta) else Decimal("-0.01"))
    assert record["rounding"] == Decimal(delta)


def test_a_payment_type_is_swapped_later() -> None:
    """The old payment is archived, a new one has its place: the set is complete, the sums are of the new one."""
    before = receipt(line(1), payment(1, "10", CARD))
    after = receipt(line(1), payment(1, "10", CARD, archived="true"), payment(2, "10", CASH))

    assert [shaped(row)[0]["payment_types"] for row in (before, after)] == [["card"], ["cash"]]
    assert shaped(after)[0]["payment_ids"] == ["1", "2"]


def test_stored_value_is_known_by_its_account_too() -> None:
    """A payment that moves one is stored value, whatever the merchant calls its type."""
    record, _, _ = shaped(receipt(line(1), payment(1, "10", CHEQUE, creditAccountID="9")))

    assert (record["total_due"], record["paid"]) == (0, Decimal(10))


amounts = st.decimals("-99", "99", places=2).filter(bool)
tenders = st.tuples(
    amounts, st.sampled_from([CARD, CASH, GIFT, ACCOUNT]), st.decimals("0", "9", places=2), st.booleans()
)


@given(st.lists(amounts, max_size=4), st.lists(tenders, max_size=4), st.booleans(), st.booleans())
def test_the_amounts_of_any_receipt_add_up(
    prices: list[Decimal], tendered: list[tuple[Any, ...]], done: bool, voided: bool
) -> None:
    """Paid is what counts, the balance is what is left of total and tip, the due is what stored value leaves."""
    lines = [line(number, price=str(price)) for number, price in enumerate(prices, 1)]
    paid = [
        payment(number, str(amount), kind, tipAmount=str(tip), archived=str(gone).lower())
        for number, (amount, kind, tip, gone) in enumerate(tendered, 1)
    ]
    flags = {"completed": str(done).lower(), "voided": str(voided).lower()}
    record, _, payments = shaped(receipt(*lines, *paid, **flags))
    live = [each for each in payments if not each["voided"]]
    stored = [each["amount"] for each in live if each["type"] in ("gift_card", "credit_account")]

    assert record["total"] == sum(prices)
    assert record["paid"] == sum(each["amount"] for each in live)
    assert record["total_due"] == record["total"] - sum(stored)
    assert record["balance"] == (0 if voided else record["total"] + record["tip"] - record["paid"])
    assert record["state"] == ("voided" if voided else "completed" if done else "open")


def test_the_recorded_times() -> None:
    """Instants in UTC; completion is the user's to change, an open sale has none."""
    row = receipt(line(1), completeTime="2026-11-19T20:00:00-05:00", createTime="2026-11-20T17:00:00Z")
    record, _, _ = shaped(row)

    assert record["completed_at"] == "2026-11-20T01:00:00+00:00"
    assert record["created_at"] == "2026-11-20T17:00:00+00:00"
    assert shaped(receipt(**OPEN))[0]["completed_at"] is None
