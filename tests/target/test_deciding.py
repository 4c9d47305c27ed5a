"""What a person decides by a command is what the next run goes by, whatever stands in the profile already."""

from __future__ import annotations

from typing import Any

from target_salesforce_retail.companion.deciding import Desk

from tests.target.kept import KeepingOrg, documents
from tests.target.world import World

ANN = {"id": "1", "first_name": "Ann", "last_name": "Lee", "email": "a@x.org"}
Row = dict[str, Any]


def world(*texts: str) -> tuple[World, KeepingOrg, Desk]:
    """A row of every shopper."""
    here = World(*(texts or documents("all")))
    org = KeepingOrg(here.describes)
    here.org = org
    return here, org, Desk(here.mappings, org, here.ledger, here.describes)


def profile(org: KeepingOrg, key: str = "1:1") -> Row:
    """Her profile as it stands."""
    row = org.profile(key)
    assert row
    return row


def with_a_lead_put_beside() -> tuple[World, KeepingOrg, Desk]:
    """We have linked her to contact A, and somebody has put lead L into the other lookup."""
    here, org, desk = world()
    org.put("Contact", {"Id": "A", "Email": "a@x.org"})
    org.put("Lead", {"Id": "L", "Email": "l@x.org"})
    here.run("customers", ANN)
    profile(org)["Lead__c"] = "L"
    return here, org, desk


# Not this one


def test_not_this_one_holds_of_whichever_lookup_names_it() -> None:
    """The lead that somebody has put beside our contact is taken out, and she stays the contact."""
    here, org, desk = with_a_lead_put_beside()

    desk.is_not(desk.subject("1:1", None), "L", "Kim")
    (outcome,) = here.run("customers", ANN)

    assert outcome.id == "A"
    assert (profile(org)["Contact__c"], profile(org)["Lead__c"], profile(org)["Not__c"]) == ("A", None, "L")
    assert [(each.what, each.person, each.before) for each in here.ledger.decisions()] == [("not", "L", "L")]


def test_not_the_one_before_leaves_whom_somebody_has_put_in() -> None:
    """The lead stands, and the contact is out of its lookup at once."""
    here, org, desk = with_a_lead_put_beside()

    desk.is_not(desk.subject("1:1", None), "A", "Kim")
    assert (profile(org)["Contact__c"], profile(org)["Lead__c"], profile(org)["Not__c"]) == (None, "L", "A")

    (outcome,) = here.run("customers", ANN)
    assert outcome.id == "L"


def test_who_lives_on_in_another_is_ruled_out_with_that_one() -> None:
    """A lookup may name a record that was merged: it is emptied for the one that stays."""
    here, org, desk = world()
    org.put("Contact", {"Id": "A", "Email": "a@x.org"})
    org.put("Contact", {"Id": "B", "Email": "b@x.org"})
    here.run("customers", ANN)
    org.merge("Contact", "B", "A")
    profile(org)["Contact__c"] = "A"

    desk.is_not(desk.subject("1:1", None), "B", "Kim")
    assert (profile(org)["Contact__c"], profile(org)["Status__c"]) == (None, "unlinked")

    (outcome,) = here.run("customers", ANN)
    assert outcome.id not in ("A", "B")
