"""What waits, waits cheaply, says for whom, and goes on when its shopper is there again, whoever she is by then."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from sandbox.salesforce.people import convert_lead, merge, undelete
from sandbox.salesforce.rules import ValidationRule
from sandbox.serve import running
from tests.journeys.lines import by_key, day, line, person, said, sale, shop, state, summary, told
from tests.journeys.pair import Pair

SHOPS = said("shops", shop())
LOU = person(5, "Lou", "Berg", email="lou@example.org")
NEVER = "which did not come in this run"


def calls(pair: Pair) -> int:
    return sum(pair.box.org.calls.values())


def warnings(stderr: str) -> list[str]:
    return [each.split(" | ", 3)[-1] for each in stderr.splitlines() if NEVER in each]


def test_waiting_for_nobody_is_cheap_and_is_said(pair: Pair) -> None:
    """Receipts whose shoppers nobody selected: the next run costs next to nothing, and says what to do."""
    crowd = said("sales", *(sale(number, customer_id=str(number)) for number in range(300, 600)))
    first = pair.load(SHOPS + crowd + state(n=1))
    assert "300 held" in summary(first)
    before = calls(pair)

    done = pair.load(SHOPS + state(n=2))

    assert calls(pair) - before <= 6
    assert "1 arrived = 0 created + 0 updated + 1 unchanged + 0 skipped + 0 held; 300 held" in summary(done)
    (hint,) = warnings(done.stderr)
    assert hint.startswith("300 holds wait for `customers`, which did not come in this run: select it")
    assert "customers:7:300" in pair.companion("holds", "--limit", "1").stdout


def test_what_is_due_again_is_asked_for_in_bulk(pair: Pair) -> None:
    """Now and then somebody else may have brought the shoppers: 300 receipts ask for theirs with a handful of calls."""
    crowd = said("sales", *(sale(number, customer_id=str(number)) for number in range(300, 600)))
    pair.load(SHOPS + crowd)
    with sqlite3.connect(pair.folder / "ledger.db") as ledger:
        ledger.execute("UPDATE holds SET due = 0")  # as after a while
    before = calls(pair)

    done = pair.load(SHOPS)

    assert "300 earlier holds tried again" in summary(done)
    assert calls(pair) - before <= 10


def test_a_stream_that_comes_empty_is_not_missed(pair: Pair) -> None:
    """Nothing new of customers is no reason to tell people to select them; nor is a run in which nothing waits."""
    quiet = pair.load(SHOPS + said("sales", sale(3)))
    waiting = pair.load(said("customers") + said("sales", sale(4, customer_id="5")))

    assert "1 held" in summary(waiting)
    assert warnings(quiet.stderr) == warnings(waiting.stderr) == []


def test_every_stream_that_is_missed_is_named(pair: Pair) -> None:
    """A line waits for its receipt, a receipt for its shopper; the hint names streams and counts, and nobody."""
    line = {"id": "30", "sale_id": "9", "kind": "item", "quantity": 1, "sale_updated_at": day(1)}
    done = pair.load(SHOPS + said("sales", sale(4, customer_id="5"), sale(5, customer_id="5")))
    last = pair.load(said("sale_lines", line))

    assert [hint.split(", ")[0] for hint in warnings(done.stderr)] == ["2 holds wait for `customers`"]
    assert [hint.split(", ")[0] for hint in warnings(last.stderr)] == [
        "2 holds wait for `customers`",
        "1 hold waits for `sales`",
    ]


# Who was there and is gone, or is somebody else by now


def deserted(pair: Pair) -> str:
    """A receipt of a shopper whose contact was deleted in Salesforce, and only receipts come; her contact's id."""
    pair.load(SHOPS + said("customers", LOU) + said("sales", sale(3, customer_id="5")))
    contact = str(pair.rows("Contact")[0]["Id"])
    pair.box.org.delete_as_user("Contact", contact)
    done = pair.load(said("sales", sale(4, customer_id="5")) + state(n=1))
    assert "1 held" in summary(done)
    assert told(pair, "sales", "7:4")["reason"] == "parent_gone"
    assert "recycle bin" in told(pair, "sales", "7:4")["remedy"]
    return contact


def test_a_receipt_of_a_deleted_shopper_is_in_once_she_is_restored(pair: Pair) -> None:
    """The first remedy: out of the recycle bin, and replay."""
    contact = deserted(pair)
    assert "1 held" in pair.companion("replay").stdout
    undelete(pair.box.org, contact)

    replayed = pair.companion("replay")

    assert "1 created. 0 open holds" in replayed.stdout, replayed.stderr
    assert by_key(pair, "Retail_Sale__c")["4"]["Contact__c"] == contact


@pytest.mark.parametrize("edited", [{"updated_at": day(2), "city": "Windsor"}, {}], ids=["an edit", "a full refresh"])
def test_a_receipt_of_a_deleted_shopper_is_in_once_she_comes_again(pair: Pair, edited: dict[str, str]) -> None:
    """The second remedy: her record comes again, as a newer version or as it was, and is a new contact."""
    deserted(pair)

    done = pair.load(said("customers", {**LOU, **edited}))

    assert "1 arrived = 1 created" in summary(done)
    assert by_key(pair, "Retail_Sale__c")["4"]["Contact__c"] == pair.rows("Contact")[0]["Id"]
    assert "0 open holds" in pair.companion("holds").stdout


def test_receipts_follow_a_lead_that_was_converted(pair: Pair) -> None:
    """Between two runs, of which the second brings receipts alone: a new one, and the one that hung on the lead."""
    known = {"FirstName": "Lou", "LastName": "Berg", "Company": "Berg & Co", "Email": "lou@example.org"}
    lead = pair.box.org.insert_as_user("Lead", known)
    bought = sale(3, customer_id="5")
    pair.load(SHOPS + said("customers", LOU) + said("sales", bought))
    assert pair.rows("Retail_Sale__c")[0]["Lead__c"] == lead
    contact = convert_lead(pair.box.org, lead)["contact_id"]

    done = pair.load(said("sales", {**bought, "updated_at": day(2)}, sale(4, customer_id="5")))

    assert done.returncode == 0, done.stderr
    rows = by_key(pair, "Retail_Sale__c").values()
    assert [(row["Contact__c"], row["Lead__c"]) for row in rows] == [(contact, None)] * 2
    assert len(pair.rows("Contact")) == 1


def test_receipts_follow_a_contact_that_was_merged(pair: Pair) -> None:
    """Two shoppers were one person, as somebody saw in Salesforce: receipts of both hang on the contact that stayed."""
    pair.load(SHOPS + said("customers", LOU, person(6, "Louise", "Berg", email="louise@example.org")))
    rows = by_key(pair, "Contact")
    merge(pair.box.org, rows["5"]["Id"], [rows["6"]["Id"]])

    done = pair.load(said("sales", sale(3, customer_id="5"), sale(4, customer_id="6")))

    assert "2 arrived = 2 created" in summary(done)
    assert {row["Contact__c"] for row in pair.rows("Retail_Sale__c")} == {rows["5"]["Id"]}


# Whose ledger it is


def test_the_ledger_of_another_org_is_refused(pair: Pair, tmp_path: Path) -> None:
    """Its ids mean nothing there: exit 1, with both orgs and the remedy, before anything is written or said."""
    pair.load(said("customers", LOU))
    ours = pair.box.org.org_id[:15]
    with running(seed="empty") as box:
        box.org.org_id = "00D5g0000001ABCEA2"
        elsewhere = Pair(box, tmp_path)
        loaded = elsewhere.load(said("customers", LOU) + state(n=2))
        replayed = elsewhere.companion("replay")
        writes = elsewhere.writes()

    for done in (loaded, replayed):
        assert done.returncode == 1
        assert f"This ledger belongs to org {ours}, the login opens 00D5g0000001ABC" in done.stderr
        assert "Set another ledger_url" in done.stderr
        assert "Traceback" not in done.stderr
    assert not loaded.stdout
    assert writes == {}


def test_who_is_replayed_brings_in_what_waited(pair: Pair) -> None:
    """A hold that is replayed by its number lets its receipts follow at once, with their lines."""
    pair.box.org.rules.append(ValidationRule("Contact", "LastName", "Featherstonehaugh", "not this one"))
    pair.load(said("shops", shop()) + said("customers", person(1, "Cecil", "Featherstonehaugh")) + state(n=1))
    pair.load(said("sales", sale(5, 1, customer_id="1")) + said("sale_lines", line(1, of=5)) + state(n=2))
    pair.box.org.rules.clear()  # the admin takes the rule away

    done = pair.companion("replay", "--hold", "1")

    assert "1 created; 2 that waited for them tried again. 0 open holds." in done.stdout, done.stdout + done.stderr
    assert len(pair.rows("Retail_Sale_Line__c")) == 1
