"""Two contacts that we have made are one person, as a third profile says: they are merged, or the run says who."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.journeys.lines import by_key, day, person, said, sale, shop, summary
from tests.journeys.pair import Pair
from tests.journeys.test_decide import decide, forget, stamped, whose

PHONE = "514-555-2368"
BY_MAIL = person(5, "Lou", "Berg", email="lou@first.example", customer_type="Retail")
BY_PHONE = person(6, "Lou", "Berg", mobile=PHONE, email="lou@second.example", birth_date="1980-02-29", tags=["vip"])
BOTH = person(7, "Lou", "Berg", mobile=PHONE, email="lou@first.example")
SHOPS = said("shops", shop())
FIRST_TWO = (
    SHOPS + said("customers", BY_MAIL, BY_PHONE) + said("sales", sale(1, customer_id="5"), sale(2, customer_id="6"))
)
THIRD = SHOPS + said("customers", BOTH) + said("sales", sale(3, customer_id="7"))


@pytest.fixture
def bridged(pair: Pair) -> Pair:
    """One by her e-mail and one by her phone, each with a receipt."""
    done = pair.load(FIRST_TWO)
    assert done.returncode == 0, done.stderr
    assert len(by_key(pair, "Contact")) == 2
    return pair


def ended_as_one(pair: Pair, stays: str) -> None:
    """One contact with what both knew; every key and receipt leads to her."""
    (contact,) = pair.rows("Contact")
    assert (contact["Id"], contact["Lightspeed_Key__c"], contact["Email"]) == (stays, "7:5", "lou@first.example")
    assert (contact["Birthdate"], contact["MobilePhone"]) == ("1980-02-29", PHONE)
    assert whose(pair) == [stays] * len(by_key(pair, "Retail_Sale__c"))
    profiles = by_key(pair, "Retail_Profile__c")
    assert {key: (row["Contact__c"], row["Matched__c"]) for key, row in profiles.items()} == dict.fromkeys(
        "67", (stays, stays)
    )


def quiet(pair: Pair, singer: str) -> None:
    """Once her profiles have said all of it again, nothing more is written."""
    pair.load(singer)
    before = pair.writes()
    again = pair.load(singer)
    assert again.returncode == 0, again.stderr
    assert pair.writes() == before


@pytest.mark.parametrize("ledger", ["kept", "lost"])
def test_who_is_found_to_be_both_makes_them_one(bridged: Pair, ledger: str) -> None:
    """At the end of the run; receipts of both hang on her, and what was told of the other finds her, ledger or none."""
    stays, goes = stamped(bridged)["5"], stamped(bridged)["6"]

    done = bridged.load(THIRD)

    assert done.returncode == 0, done.stderr
    assert "1 pair merged" in summary(done)
    assert "may be one person" not in summary(done)
    ended_as_one(bridged, stays)
    for key in ("7:5", "7:6", "7:7"):
        explained = decide(bridged, "explain", "customers", key)
        assert "What was merged\n" in explained
        assert f"the rules email and phone, for 7:7: {goes} was merged into {stays}\n" in explained
    if ledger == "lost":
        forget(bridged)
    later = person(8, "Lou", "Berg", email="lou@second.example")
    assert bridged.load(said("customers", later)).returncode == 0
    assert by_key(bridged, "Retail_Profile__c")["8"]["Contact__c"] == stays
    quiet(bridged, FIRST_TWO + THIRD)


@pytest.mark.parametrize("touch", [{"MailingCity": "Paris"}, {"Description": "prefers tea"}])
def test_whom_an_admin_has_touched_stays_and_is_reported(bridged: Pair, touch: dict[str, Any]) -> None:
    """Whether the field is the till's or not; the same pair is listed by `suspects`."""
    ids = stamped(bridged)
    bridged.box.org.edit_as_user("Contact", ids["6"], touch)

    done = bridged.load(THIRD)

    assert done.returncode == 0, done.stderr
    assert "1 pair may be one person" in summary(done)
    assert "merged" not in summary(done)
    assert stamped(bridged) == ids
    (found,) = json.loads(decide(bridged, "suspects", "--json"))
    assert (found["one"]["id"], found["other"]["id"]) == (ids["5"], ids["6"])


@pytest.mark.parametrize("fault", [{"fault": "drop", "commit": True}, {"fault": "503"}], ids=str)
def test_whatever_becomes_of_the_call_the_next_run_ends_the_same(bridged: Pair, fault: dict[str, Any]) -> None:
    """The answer is lost, or there is none: then the two are looked at anew before they are merged, by the next run."""
    stays = stamped(bridged)["5"]
    bridged.weather({"path": "/services/Soap/*", **fault})

    done = bridged.load(THIRD)

    assert done.returncode == 0, done.stderr
    assert ("Salesforce gave no answer" in done.stderr) is ("commit" not in fault)
    assert len(bridged.rows("Contact")) == (1 if "commit" in fault else 2)
    assert by_key(bridged, "Retail_Profile__c").keys() == {"6", "7"}
    bridged.weather()
    done = bridged.load(SHOPS)
    assert done.returncode == 0, done.stderr
    ended_as_one(bridged, stays)
    quiet(bridged, FIRST_TWO + THIRD)


def test_nobody_is_merged_on_a_word_that_the_till_has_taken_back(bridged: Pair) -> None:
    """The number was another shopper's, and Salesforce would not merge the two before it was corrected."""
    ids = stamped(bridged)
    bridged.box.org.read_only.add(ids["6"])
    assert "1 pair may be one person" in summary(bridged.load(THIRD))
    bridged.box.org.read_only.clear()

    done = bridged.load(SHOPS + said("customers", {**BOTH, "mobile": "514-555-4444", "updated_at": day(3)}))

    assert done.returncode == 0, done.stderr
    assert "merged" not in summary(done)
    assert "may be one person" not in summary(done)
    assert len(bridged.rows("Contact")) == 2


def test_a_plan_says_who_would_be_merged(bridged: Pair) -> None:
    """By their ids, and merges nobody."""
    ids = stamped(bridged)
    (bridged.folder / "said.jsonl").write_text(THIRD)
    before = bridged.writes()

    planned = bridged.companion("plan", "--input", str(bridged.folder / "said.jsonl"))

    assert planned.returncode == 3, planned.stderr
    assert f"merge Contact {ids['6']} into {ids['5']}" in planned.stdout
    assert "1 pair would be merged" in planned.stdout
    assert (bridged.writes(), stamped(bridged)) == (before, ids)


def test_who_may_not_be_merged_is_named_and_the_run_goes_on(bridged: Pair) -> None:
    """By ids and code alone, once; the pair stays reported, and the next run in which it may be merged does."""
    ids = stamped(bridged)
    bridged.box.org.read_only.add(ids["6"])

    done = bridged.load(THIRD)

    assert done.returncode == 0, done.stderr
    (warning,) = [line for line in done.stderr.splitlines() if "stay two" in line]
    assert f"Contact {ids['5']} and {ids['6']} stay two, for Salesforce answered INSUFFICIENT_ACCESS" in warning
    assert "Berg" not in warning
    assert "1 pair may be one person" in summary(done)
    bridged.box.org.read_only.clear()
    assert "1 pair merged" in summary(bridged.load(SHOPS))
    ended_as_one(bridged, ids["5"])
