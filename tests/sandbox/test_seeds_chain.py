"""What the chain of shops holds: every documented business event, honest mess, and an org that knows some of it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
import pytest

from sandbox.lightspeed.resources import RESOURCES
from sandbox.seeds.chain import DAYS
from tests.sandbox.seeded import NOON, Row, Seeded, seeded, seeded_world


@pytest.fixture(scope="module")
def full() -> Seeded:
    return seeded("full")


@pytest.fixture(scope="module")
def small() -> Seeded:
    return seeded("small")


BOTH = pytest.mark.parametrize("size", ["small", "full"])


def test_chance_alone_decides() -> None:
    """The same random seed gives the same rows, another one others."""
    first, again, other = seeded(random_seed=3), seeded(random_seed=3), seeded(random_seed=4)

    assert first.world.tables == again.world.tables
    assert first.org.tables == again.org.tables
    assert first.world.tables["Sale"] != other.world.tables["Sale"]


def test_the_full_chain_is_seeded_in_four_seconds() -> None:
    """Processor time, so that a busy machine does not fail it."""
    started = time.process_time()
    chain = seeded("full").chain

    assert chain.rows["Sale"] >= 2000
    assert time.process_time() - started < 4


@BOTH
def test_every_foreign_key_leads_to_a_row(size: str, request: pytest.FixtureRequest) -> None:
    """Every key that names another resource's row, of every row; 0 is none."""
    world = request.getfixturevalue(size).world
    keys = {resource.key: name for name, resource in RESOURCES.items()} | {"parentSaleLineID": "SaleLine"}
    lost = [
        (name, field, row[field])
        for name in RESOURCES
        for row in world.rows(name)
        for field in row
        if field in keys and row[field] and world.get(keys[field], row[field]) is None
    ]

    assert lost == []


@BOTH
def test_every_shop_has_tills_and_every_item_a_level_in_it(size: str, request: pytest.FixtureRequest) -> None:
    """Two to four tills a shop, one web shop, and per item a row per shop and one for all shops that is their sum."""
    box = request.getfixturevalue(size)
    tills = Counter(row["shopID"] for row in box.rows("Register") if row["name"] != "eCom")
    shops = {row["shopID"] for row in box.rows("Shop")}
    levels: dict[int, dict[int, Any]] = {}
    for row in box.rows("ItemShop"):
        levels.setdefault(row["itemID"], {})[row["shopID"]] = row["qoh"]

    assert set(tills) == shops
    assert set(tills.values()) <= {2, 3, 4}
    assert len(box.rows("Register", name="eCom")) == 1
    assert set(levels) == {row["itemID"] for row in box.rows("Item")}
    assert all(set(row) == {0, *shops} for row in levels.values())
    assert all(row.pop(0) == sum(row.values()) for row in levels.values())


def test_shops_lie_in_several_time_zones_of_canada(full: Seeded) -> None:
    """And the account sells in Canadian dollars."""
    assert full.world.account["defaultCurrency"]["code"] == "CAD"
    assert len({row["timeZone"] for row in full.rows("Shop")}) >= 5
    assert all(ZoneInfo(row["timeZone"]) for row in full.rows("Shop"))


def test_every_kind_of_payment_type_is_there(small: Seeded) -> None:
    """All values that the vendor defines."""
    kinds = {"cash", "gift card", "credit account", "credit card", "ecom", "adjustment", "user defined"}

    assert {row["type"] for row in small.rows("PaymentType")} == kinds


def paid_by(box: Seeded, sale: Row) -> set[str]:
    types = box.world.tables["PaymentType"]
    return {types[row["paymentTypeID"]]["type"] for row in box.parts("SalePayment", sale) if not row["archived"]}


def lines(box: Seeded, sale: Row) -> list[Row]:
    return box.parts("SaleLine", sale)


def signs(box: Seeded, sale: Row) -> set[bool]:
    return {line["unitQuantity"] < 0 for line in lines(box, sale)}


def linked(box: Seeded, sale: Row) -> bool:
    return any(line["parentSaleLineID"] and line["unitQuantity"] < 0 for line in lines(box, sale))


def part_of_a_line(box: Seeded, sale: Row) -> bool:
    parents = box.world.tables["SaleLine"]
    back = [line for line in lines(box, sale) if line["unitQuantity"] < 0 and line["parentSaleLineID"]]
    return any(-line["unitQuantity"] < parents[line["parentSaleLineID"]]["unitQuantity"] for line in back)


def failed_then_good(box: Seeded, sale: Row) -> bool:
    archived = {row["archived"] for row in box.parts("SalePayment", sale)}
    return bool(sale["completed"]) and archived == {True, False}


EVENTS: dict[str, Callable[[Seeded, Row], bool]] = {
    "walk-in": lambda box, sale: sale["customerID"] == 0,
    "two tenders": lambda box, sale: paid_by(box, sale) == {"cash", "credit card"},
    "discount on a line": lambda box, sale: any(line["calcLineDiscount"] for line in lines(box, sale)),
    "discount on the sale": lambda box, sale: any(line["calcTransactionDiscount"] for line in lines(box, sale)),
    "linked refund": lambda box, sale: signs(box, sale) == {True} and linked(box, sale),
    "partial refund": part_of_a_line,
    "card refund": lambda box, sale: any(row["refPaymentID"] for row in box.parts("SalePayment", sale)),
    "ad hoc refund": lambda box, sale: signs(box, sale) == {True} and not linked(box, sale),
    "exchange": lambda box, sale: signs(box, sale) == {True, False} and linked(box, sale),
    "flagged void": lambda box, sale: sale["voided"] and sale["completed"] and sale["total"] > 0,
    "zero void": lambda box, sale: sale["voided"] and not sale["completed"] and sale["total"] == 0,
    "gift card sold": lambda box, sale: sale["total"] == 0 < sale["totalDue"] and "gift card" in paid_by(box, sale),
    "gift card redeemed": lambda box, sale: sale["total"] > 0 and "gift card" in paid_by(box, sale),
    "deposit or debt paid": lambda box, sale: sale["total"] == 0 and "credit account" in paid_by(box, sale),
    "on account": lambda box, sale: sale["total"] > 0 and paid_by(box, sale) == {"credit account"},
    "picked up": lambda box, sale: sale["completed"] and any(line["isLayaway"] for line in lines(box, sale)),
    "open with a payment": lambda box, sale: not sale["completed"] and bool(paid_by(box, sale)),
    "open and given up": lambda box, sale: sale["archived"] and not sale["completed"],
    "failed payment, then a good one": failed_then_good,
    "tip": lambda box, sale: sale["calcTips"] > 0,
    "rebate": lambda box, sale: any(line["unitPrice"] < 0 and line["itemID"] == 0 for line in lines(box, sale)),
    "fee": lambda box, sale: any(line["lineType"] == "item_fee" for line in lines(box, sale)),
    "web order": lambda box, sale: bool(sale["referenceNumberSource"]) and paid_by(box, sale) == {"ecom"},
    "no lines": lambda box, sale: not lines(box, sale),
    "rounded to what cash can pay": lambda box, sale: sale["cashRoundingDelta"] != 0,
    "change": lambda box, sale: sale["change"] > 0,
}


@pytest.mark.parametrize("event", EVENTS)
def test_the_business_event_is_among_the_receipts(small: Seeded, full: Seeded, event: str) -> None:
    """In the full chain several times, and in the small one as well, for demos and journeys run on that."""
    assert any(EVENTS[event](small, sale) for sale in small.rows("Sale"))
    assert sum(EVENTS[event](full, sale) for sale in full.rows("Sale")) >= 5


def test_about_half_of_the_receipts_are_walk_ins(full: Seeded) -> None:
    """Between a third and two thirds."""
    share = len(full.rows("Sale", customerID=0)) / len(full.rows("Sale"))

    assert 1 / 3 < share < 2 / 3


def test_only_the_full_chain_has_a_receipt_longer_than_a_page(small: Seeded, full: Seeded) -> None:
    """101 lines."""
    assert max(len(lines(full, sale)) for sale in full.rows("Sale")) == 101
    assert max(len(lines(small, sale)) for sale in small.rows("Sale")) <= 7


def test_a_fee_hangs_on_the_line_of_its_goods(full: Seeded) -> None:
    """Its parent is a line of the same sale with an item on it."""
    fees = full.rows("SaleLine", lineType="item_fee")

    assert fees
    for fee in fees:
        parent = full.world.tables["SaleLine"][fee["parentSaleLineID"]]
        assert parent["saleID"] == fee["saleID"]
        assert parent["itemID"]


def test_web_orders_are_rung_up_at_the_web_shop(full: Seeded) -> None:
    """The register named eCom has them all, and besides them only what came back."""
    register = full.rows("Register", name="eCom")[0]["registerID"]
    orders = [sale for sale in full.rows("Sale") if sale["referenceNumberSource"]]

    assert orders
    assert orders == [sale for sale in full.rows("Sale", registerID=register) if True not in signs(full, sale)]


def test_goods_put_aside_are_lines_without_a_sale(full: Seeded) -> None:
    """They have a shopper and reserved stock, and no ordinary line has either."""
    aside = full.rows("SaleLine", saleID=0)

    assert aside
    kinds = [[flag for flag in ("isLayaway", "isSpecialOrder", "isWorkorder") if line[flag]] for line in aside]
    assert all(len(kind) == 1 for kind in kinds)
    assert {flag for [flag] in kinds} == {"isLayaway", "isSpecialOrder", "isWorkorder"}
    assert all(line["customerID"] for line in aside)
    assert all(bool(line["InventorySales"]) is not line["isSpecialOrder"] for line in aside)
    assert all(
        line["isLayaway"] or line["isSpecialOrder"] or line["isWorkorder"]
        for line in full.rows("SaleLine")
        if line["customerID"]
    )


def test_goods_picked_up_keep_the_line_of_then(full: Seeded) -> None:
    """The line is older than its sale."""
    sales = full.world.tables["Sale"]
    fetched = [line for line in full.rows("SaleLine", isLayaway=True) if line["saleID"]]

    assert fetched
    assert all(line["createTime"] < sales[line["saleID"]]["createTime"] for line in fetched)
    assert all(line["timeStamp"] == sales[line["saleID"]]["completeTime"] for line in fetched)


def test_a_zero_void_says_why_in_a_row_of_its_own(full: Seeded) -> None:
    """And that row is younger than the sale's time stamp."""
    reasons = {row["saleID"]: row for row in full.rows("SaleVoid")}
    voids = [sale for sale in full.rows("Sale", voided=True) if not sale["completed"]]

    assert {sale["saleID"] for sale in voids} == set(reasons)
    assert all(sale["timeStamp"] < reasons[sale["saleID"]]["createTime"] for sale in voids)


def test_gift_cards_name_their_account_on_the_payment(full: Seeded) -> None:
    """In SaleAccounts, as the vendor does; accounts of shoppers lead back to them."""
    accounts = full.world.tables["CreditAccount"]
    for payment in full.rows("SalePayment"):
        if payment["creditAccountID"]:
            assert payment["SaleAccounts"][0]["creditAccountID"] == payment["creditAccountID"]
            assert accounts[payment["creditAccountID"]]["giftCard"] is (payment["paymentTypeID"] == 5)
    owned = [row for row in accounts.values() if row["customerID"]]
    assert owned
    assert all(full.world.get("Customer", row["customerID"])["creditAccountID"] for row in owned)  # type: ignore[index]


@BOTH
def test_times_are_as_the_vendor_keeps_them(size: str, request: pytest.FixtureRequest) -> None:
    """Completion is the time stamp, the update a second later, parts are older; all lie in the last 120 days."""
    box = request.getfixturevalue(size)
    for sale in box.rows("Sale"):
        assert (
            NOON - timedelta(days=DAYS, seconds=120) <= sale["createTime"] < sale["updateTime"] or not sale["completed"]
        )
        assert sale["updateTime"] < NOON
        if sale["completed"]:
            assert sale["timeStamp"] == sale["completeTime"] == sale["updateTime"] - timedelta(seconds=1)
            parts = [*lines(box, sale), *box.parts("SalePayment", sale)]
            assert all(part["createTime"] < sale["completeTime"] for part in parts)
        else:
            assert sale["completeTime"] is None
            assert sale["timeStamp"] == sale["createTime"]
    assert all(
        value.utcoffset() == timedelta(0) and value.microsecond == 0
        for name in RESOURCES
        for row in box.rows(name)
        for field in ("createTime", "timeStamp", "updateTime", "completeTime", "dob")
        if (value := row.get(field)) is not None
    )


def test_nobody_buys_before_they_are_known(full: Seeded) -> None:
    """A shopper's profile is older than their receipts."""
    made = {row["customerID"]: row["createTime"] for row in full.rows("Customer")}

    assert all(made[sale["customerID"]] < sale["createTime"] for sale in full.rows("Sale") if sale["customerID"])


def numbers(box: Seeded) -> list[str]:
    return [phone["number"] for row in box.rows("Customer") for phone in row["Contact"]["Phones"]]


def test_well_formed_phones_are_valid_numbers(full: Seeded) -> None:
    """Nearly all with an area code are valid Canadian or US numbers; the forms differ."""
    whole = [text for text in numbers(full) if sum(map(str.isdigit, text)) >= 10]
    valid = [text for text in whole if phonenumbers.is_valid_number(phonenumbers.parse(text, "CA"))]
    forms = {"".join("9" if sign.isdigit() else sign for sign in text) for text in whole}

    assert len(valid) >= 0.8 * len(whole)
    assert len(forms) >= 6
    assert any("ext" in text for text in whole)


def mails(row: Row) -> list[str]:
    return [each["address"] for each in row["Contact"]["Emails"]]


MESS: dict[str, Callable[[Row], bool]] = {
    "no e-mail": lambda row: not mails(row),
    "no phone": lambda row: not row["Contact"]["Phones"],
    "no name": lambda row: not row["firstName"] and not row["lastName"],
    "company": lambda row: bool(row["company"]),
    "trailing blank": lambda row: row["lastName"] != row["lastName"].rstrip(),
    "emoji": lambda row: any(ord(sign) > 0xFFFF for sign in row["firstName"]),
    "accents": lambda row: any(0x7F < ord(sign) < 0x250 for sign in row["firstName"]),
    "apostrophe": lambda row: "'" in row["lastName"],
    "quotes and a new line in the note": lambda row: (
        '"' in (note := row.get("Note", {}).get("note", "")) and "\n" in note
    ),
    "invalid e-mail": lambda row: any("." not in mail.partition("@")[2] for mail in mails(row)),
    "archived": lambda row: row["archived"],
    "birthday": lambda row: row["dob"] is not None,
    "custom fields": lambda row: bool(row["CustomFieldValues"]),
    "tags": lambda row: bool(row["Tags"]),
}


@pytest.mark.parametrize("kind", MESS)
def test_the_mess_is_among_the_shoppers(small: Seeded, full: Seeded, kind: str) -> None:
    """Each in the small chain, and several of each in the full one."""
    assert any(MESS[kind](row) for row in small.rows("Customer"))
    assert sum(MESS[kind](row) for row in full.rows("Customer")) >= 5


def test_one_last_name_is_longer_than_salesforce_takes(full: Seeded) -> None:
    """More than 80 characters, once."""
    assert sum(len(row["lastName"]) > 80 for row in full.rows("Customer")) == 1


def digits(text: str) -> str:
    return "".join(filter(str.isdigit, text.partition("ext")[0])).removeprefix("1")


def test_people_are_there_twice_and_families_share_a_phone(full: Seeded) -> None:
    """One e-mail, differently spelt, is one person; one number, differently spelt, may be two with other e-mails."""
    by_mail: dict[str, set[str]] = {}
    by_phone: dict[str, set[str]] = {}
    for row in full.rows("Customer"):
        for mail in mails(row):
            by_mail.setdefault(mail.lower(), set()).add(mail)
            for phone in row["Contact"]["Phones"]:
                by_phone.setdefault(digits(phone["number"]), set()).add(mail.lower())

    assert sum(len(spellings) > 1 for spellings in by_mail.values()) >= 20
    assert sum(len(people) > 1 for number, people in by_phone.items() if len(number) == 10) >= 20


def test_birthdays_are_midnight_where_the_shop_is(full: Seeded) -> None:
    """Said in UTC, so that the date there is another one than here for nobody."""
    zone = ZoneInfo(full.rows("Shop")[0]["timeZone"])
    born = [row["dob"].astimezone(zone) for row in full.rows("Customer") if row["dob"]]

    assert all((moment.hour, moment.minute, moment.second) == (0, 0, 0) for moment in born)


def test_nobody_has_a_deliverable_address(full: Seeded) -> None:
    """E-mails end under the example domains, or are none."""
    hosts = {mail.lower().partition("@")[2] for row in full.rows("Customer") for mail in mails(row)}

    assert {host for host in hosts if "." in host} == {"example.com", "example.org", "example.net"}


def test_the_org_knows_some_of_the_shoppers(full: Seeded) -> None:
    """About one in seven as a contact, by e-mail in other case or by phone alone, one in twenty as a lead."""
    crowd = full.rows("Customer")
    contacts, leads = full.typed("Contact"), full.typed("Lead")
    known_mails = {mail.lower() for row in crowd for mail in mails(row)}
    known_phones = {digits(text) for text in numbers(full)}
    by_mail = [row for row in contacts if row["Email"] and row["Email"].lower() in known_mails]
    phone_only = [row for row in contacts if not row["Email"] and (row["Phone"] or row["MobilePhone"])]

    assert 0.10 < len([*by_mail, *phone_only]) / len(crowd) < 0.22
    assert all(digits(row["Phone"] or row["MobilePhone"]) in known_phones for row in phone_only)
    assert {bool(row["Phone"]) for row in phone_only} == {True, False}
    assert 0.03 < len(leads) / len(crowd) < 0.07
    assert {row["IsConverted"] for row in leads} == {True, False}
    assert any(not row["Email"] or row["Email"].lower() not in known_mails for row in contacts if row not in phone_only)
    assert any(row["MailingCity"] for row in contacts)


def test_some_contacts_are_ambiguous(full: Seeded) -> None:
    """Several contacts with one e-mail, which is some shopper's."""
    counts = Counter(row["Email"].lower() for row in full.typed("Contact") if row["Email"])

    assert sum(count > 1 for count in counts.values()) >= 3


@pytest.mark.parametrize("random_seed", range(5))
def test_somebody_has_a_story_to_show(random_seed: int) -> None:
    """In the org by e-mail, with four receipts at least, one of them a refund; whatever chance does."""
    box = seeded(random_seed=random_seed)
    sales = box.rows("Sale", customerID=box.chain.story)
    mail = mails(box.world.tables["Customer"][box.chain.story])[0]

    assert len(sales) >= 4
    assert any(signs(box, sale) == {True} and linked(box, sale) for sale in sales)
    assert mail.lower() in {row["Email"].lower() for row in box.typed("Contact") if row["Email"]}


def test_the_summary_counts_what_is_there(small: Seeded) -> None:
    """Per resource and per object."""
    assert small.chain.rows["Sale"] == len(small.rows("Sale")) == 84
    assert small.chain.known["Contact"] == len(small.typed("Contact"))


def test_an_account_can_be_seeded_without_an_org() -> None:
    """The same rows as with one."""
    assert seeded_world(random_seed=5).tables["Sale"] == seeded(random_seed=5).world.tables["Sale"]
