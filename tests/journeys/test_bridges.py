"""Profiles that lead to persons: what one has told, the next is found by; and one that leads to two is reported."""

from __future__ import annotations

import json

from sandbox.salesforce.people import merge
from tests.journeys.lines import by_key, in_words, person, said, summary, told
from tests.journeys.pair import Pair
from tests.journeys.test_decide import decide, forget, nothing_new

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


def test_who_may_be_one_person_is_listed_until_they_are(pair: Pair) -> None:
    """The e-mail is one contact's and the phone another's: the run says so, and `suspects` until they are merged."""
    insert = pair.box.org.insert_as_user
    by_mail = insert("Contact", {"FirstName": "Lou", "LastName": "Berg", "Email": "lou@first.example"})
    by_phone = insert("Contact", {"FirstName": "Lou", "LastName": "Berg", "Phone": "(514) 555-2368"})

    done = pair.load(said("customers", FIRST))

    assert "1 pair may be one person, see `salesforce-retail suspects`" in summary(done)
    explained = in_words(decide(pair, "explain", "customers", "7:5"))
    assert (
        f"phone  Contact {by_phone} answers, too, and a rule before it has decided: the record is found to be both"
        in explained
    )
    (found,) = json.loads(decide(pair, "suspects", "--json"))
    assert found == {
        "stream": "customers",
        "one": {"object": "Contact", "id": by_mail, "rule": "email"},
        "other": {"object": "Contact", "id": by_phone, "rule": "phone"},
        "profiles": 1,
        "keys": ["7:5"],
    }
    forget(pair)
    pair.load(said("customers", FIRST))
    listed = decide(pair, "suspects")
    assert [each for each in (by_mail, by_phone, "7:5", "1 pair may be one person") if each not in listed] == []
    assert "Berg" not in listed
    merge(pair.box.org, by_mail, [by_phone])
    assert "Nobody is suspected to be another." in decide(pair, "suspects")
    assert "may be one person" not in summary(pair.load(said("customers", FIRST)))
