"""A lead that buys becomes a contact, as `docs/guides/decide.md` says: whole runs, over REST and SOAP."""

from __future__ import annotations

import re
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sandbox.serve import running
from tests.journeys.lines import change, person, said, sale, shop, summary
from tests.journeys.pair import ROOT, Pair
from tests.journeys.test_interrupted import started, wait_for

GUIDE = (ROOT / "docs" / "guides" / "decide.md").read_text("utf-8")
(CONVERTING,) = re.findall(r"```yaml\n(on_match: .*?)```", GUIDE, re.DOTALL)
LEE = {"FirstName": "Ann", "LastName": "Lee", "Company": "Lee & Co", "Email": "ann@x.org", "Phone": "514-250-0001"}
ANN = person(1, "Ann", "Lee", email="ann@x.org", customer_type="Retail")
BEN = person(2, "Ben", "Roy", email="ben@x.org", customer_type="Staff")
SLOW_UPDATES = {"fault": "slow", "path": "*/composite", "containing": "Lightspeed_Key__c", "times": 1000, "seconds": 2}


def day_one() -> str:
    """Two whom sales had as leads, one of them of staff, and a receipt of each."""
    receipts = said("sales", sale(9, customer_id="1"), sale(8, customer_id="2"))
    return said("shops", shop()) + said("customers", ANN, BEN) + receipts


@pytest.fixture
def converting(pair: Pair) -> Pair:
    """The shipped mappings with what the guide says, and two leads."""
    return prepared(pair)


def prepared(pair: Pair) -> Pair:
    change(pair, "customers", "on_match: {Contact: update, Lead: update}\n", CONVERTING)
    pair.box.org.insert_as_user("Lead", LEE)
    pair.box.org.insert_as_user("Lead", {"LastName": "Roy", "FirstName": "Ben", "Company": "Roy", "Email": "ben@x.org"})
    return pair


def leads(pair: Pair) -> dict[str, Any]:
    """First name -> the lead."""
    return {row["FirstName"]: row for row in pair.rows("Lead")}


def test_a_lead_that_buys_is_a_contact_with_its_receipt(converting: Pair) -> None:
    """A plan says so before, explain afterwards, and a second run writes nothing; staff stay leads."""
    file = converting.folder / "messages.singer"
    file.write_text(day_one(), "utf-8")
    plan = converting.companion("plan", "--input", str(file))
    before = converting.rows("Contact")

    first = summary(converting.load(day_one()))
    written = converting.writes()
    second = summary(converting.load(day_one()))

    lead, (ann,) = leads(converting)["Ann"], converting.rows("Contact")
    assert before == []
    assert f"convert 1 Lead: {lead['Id']}" in plan.stdout
    assert (lead["IsConverted"], lead["ConvertedContactId"], lead["Status"]) == (True, ann["Id"], "Closed - Converted")
    assert (ann["Lightspeed_Key__c"], ann["Email"]) == ("7:1", "ann@x.org")
    assert not leads(converting)["Ben"]["IsConverted"]
    places = {
        row["Lightspeed_Key__c"]: (row["Contact__c"], row["Lead__c"]) for row in converting.rows("Retail_Sale__c")
    }
    assert places == {"7:9": (ann["Id"], None), "7:8": (None, leads(converting)["Ben"]["Id"])}
    assert "2 updated" in first
    assert ("1 lead converted" in first, "converted" in second) == (True, False)
    assert (converting.writes(), "5 unchanged" in second) == (written, True)
    explained = converting.companion("explain", "customers", "7:1").stdout
    assert f"Lead {lead['Id']}, which was found, was converted" in explained
    assert converting.rows("Opportunity") == []


def test_without_the_right_to_convert_shoppers_are_held_with_their_leads(tmp_path: Path) -> None:
    """Nothing is half done, the receipt waits; once the right is granted both go in."""
    with running(switches={"convert_leads_granted": "false"}) as box:
        pair = prepared(Pair(box, tmp_path))
        refused = pair.load(day_one())
        holds = pair.companion("holds").stdout
        untouched = leads(pair)["Ann"]
        box.org.switches = replace(box.org.switches, convert_leads_granted=True)
        replayed = pair.companion("replay")

        assert refused.returncode == 0, refused.stderr
        assert re.search("customers +7:1 +conversion_not_allowed", holds), holds
        assert f"Lead {untouched['Id']}" in holds
        assert (untouched["IsConverted"], untouched["Lightspeed_Key__c"]) == (False, None)
        assert replayed.returncode == 0, replayed.stdout + replayed.stderr
        assert leads(pair)["Ann"]["IsConverted"]
        assert [row["Contact__c"] for row in pair.rows("Retail_Sale__c") if row["Lightspeed_Key__c"] == "7:9"] == [
            row["Id"] for row in pair.rows("Contact")
        ]


def test_killed_between_the_conversion_and_what_the_contact_is_told(converting: Pair) -> None:
    """The next run finds the contact that its lead has become, without the ledger of the first."""
    converting.weather(SLOW_UPDATES)
    file = converting.folder / "messages.singer"
    file.write_text(day_one(), "utf-8")
    with file.open() as lines, started(converting.target_command(), stdin=lines) as target:
        wait_for(lambda: leads(converting)["Ann"]["IsConverted"])
        target.send_signal(signal.SIGKILL)
        target.wait(timeout=10)
    converting.box.weather_s.clear()
    (half,) = converting.rows("Contact")
    for each in converting.folder.glob("ledger.db*"):
        each.unlink()

    done = converting.load(day_one())

    assert done.returncode == 0, done.stderr
    (ann,) = converting.rows("Contact")
    assert (half["Lightspeed_Key__c"], ann["Lightspeed_Key__c"], ann["Id"]) == (None, "7:1", half["Id"])


@pytest.mark.parametrize("fault", ["drop", "503"])
def test_a_lost_answer_converts_nobody_twice(converting: Pair, fault: str) -> None:
    """It was done before it was lost: asked again, it is done."""
    converting.weather({"fault": fault, "path": "/services/Soap/*", "times": 1, "commit": True})

    done = converting.load(day_one())

    assert done.returncode == 0, done.stderr
    assert [row["Lightspeed_Key__c"] for row in converting.rows("Contact")] == ["7:1"]
    assert len(converting.rows("Account")) == 1
