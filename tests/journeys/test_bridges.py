"""Profiles that lead to persons: what one of them has told, the next is found by."""

from __future__ import annotations

from tests.journeys.lines import by_key, person, said, told
from tests.journeys.pair import Pair
from tests.journeys.test_decide import forget, nothing_new

PHONE = "514-555-2368"
FIRST = person(5, "Lou", "Berg", mobile=PHONE, email="lou@first.example")
SECOND = person(6, "Lou", "Berg", mobile=PHONE, email="lou@second.example")
THIRD = person(7, "Lou", "Berg", phone="604-555-0100", email="lou@second.example")
FOURTH = person(8, "Lou", "Berg", phone="604-555-0100")


def test_each_profile_of_a_person_leads_the_next_to_her(pair: Pair) -> None:
    """Her contact keeps its first e-mail; by what her other profiles say she stays one, with the ledger or without."""
    done = pair.load(said("customers", FIRST))
    assert done.returncode == 0, done.stderr
    (lou,) = by_key(pair, "Contact").values()

    done = pair.load(said("customers", SECOND, THIRD))
    assert done.returncode == 0, done.stderr
    forget(pair)
    done = pair.load(said("customers", FOURTH))
    assert done.returncode == 0, done.stderr

    (contact,) = by_key(pair, "Contact").values()
    profiles = by_key(pair, "Retail_Profile__c")
    assert (contact["Id"], contact["Email"]) == (lou["Id"], "lou@first.example")
    assert {key: row["Contact__c"] for key, row in profiles.items()} == dict.fromkeys("678", lou["Id"])
    assert profiles["7"]["Evidence__c"] == "Retail_Profile__c.Email__c"
    assert told(pair, "customers", "7:8")["rule"] == "phone"
    nothing_new(pair, said("customers", FIRST, SECOND, THIRD, FOURTH))
