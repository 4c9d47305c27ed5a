"""The live org tells who has a phone number without its key: how many, and which, by id."""

from __future__ import annotations

import pytest
from target_salesforce_retail.errors import OrgRefused
from target_salesforce_retail.org.live import LiveOrg

from sandbox.salesforce.people import convert_lead
from sandbox.serve import Box
from tests.target.wire import Wire, taken_away

CONTACT = {"Main_Phone_Key__c": "Phone", "Mobile_Phone_Key__c": "MobilePhone"}
PHONES = {"Contact": CONTACT, "Lead": {"Main_Phone_Key__c": "Phone"}}


def person(box: Box, name: str = "Contact", **values: str) -> str:
    more = {"Company": "Lee Ltd"} if name == "Lead" else {}
    return box.org.insert_as_user(name, {"LastName": "Lee", **more, **values})


def test_who_lacks_a_key_is_counted_in_one_call(box: Box, org: LiveOrg, wire: Wire) -> None:
    """A number with its key, and a key without a number, are nobody's."""
    person(box)
    person(box, Phone="1")
    person(box, Phone="1", Main_Phone_Key__c="unreadable")
    person(box, Phone="1", Main_Phone_Key__c="+15142500001", MobilePhone="2")
    person(box, Main_Phone_Key__c="+15142500001")
    person(box, "Lead", Phone="1")
    org.describe(["Contact", "Lead"])
    before = len(wire.sent)

    assert org.count_unkeyed(PHONES) == {"Contact": 2, "Lead": 1}
    assert len(wire.sent) == before + 1


def test_they_come_by_id_from_behind_one_up(box: Box, org: LiveOrg) -> None:
    """With the fields that the org has of those that were asked for."""
    ids = sorted(person(box, Phone=f"604 555 010{number}") for number in range(5))

    first = org.unkeyed("Contact", CONTACT, ["Phone", "MailingCountry", "Elsewhere__c"], 2)
    rest = org.unkeyed("Contact", CONTACT, ["Phone"], 99, first[-1].id)

    assert [row.id for row in (*first, *rest)] == ids
    assert first[0].values["Phone"] == "604 555 0100"
    assert "Elsewhere__c" not in first[0].values


def test_converted_leads_are_nobody_to_give_a_key_to(box: Box, org: LiveOrg) -> None:
    """Nobody can change them."""
    lead = person(box, "Lead", Phone="604 555 0142")
    convert_lead(box.org, lead)

    assert org.count_unkeyed({"Lead": PHONES["Lead"]}) == {"Lead": 0}
    assert org.unkeyed("Lead", PHONES["Lead"], ["Phone"], 9) == []


def test_a_key_that_is_gone_is_named(box: Box, org: LiveOrg) -> None:
    """It was there when the run began."""
    org.describe(["Contact"])

    with (
        taken_away(box, "Contact", "Main_Phone_Key__c"),
        pytest.raises(OrgRefused, match=r"Contact\.Main_Phone_Key__c is not there any more"),
    ):
        org.count_unkeyed({"Contact": CONTACT})
