"""Two rows of the org are compared as a run would compare them: by their phone keys, those that they lack included."""

from __future__ import annotations

from typing import Any

import pytest
from target_salesforce_retail.companion.two_people import Person, said_of
from target_salesforce_retail.nouns import Trail, Why

from tests.target.world import World

TEXT = """
stream: customers
object: Contact
key: {field: Key__c, value: "{account_id}:{id}"}
region: {from: country, else: CA}
match:
  - by: key
  - {by: phone, from: phone, to: {Contact: Phone_E164__c}}
fields:
  LastName: {from: last_name}
  MailingCountry: {from: country}
  Phone: {from: phone}
  Phone_E164__c: {key_of: Phone}
"""
FRENCH = {"Phone": "06 12 34 56 78", "MailingCountry": "France"}
KEYED = {**FRENCH, "Phone_E164__c": "+33612345678"}
OTHER = {"Phone": "514 250 0001"}


def said(one: dict[str, Any], other: dict[str, Any]) -> Trail:
    """What the rules say of two contacts."""
    world = World(TEXT)
    mapping = world.mappings.ordered[0]
    ids = [world.org.put("Contact", each) for each in (one, other)]
    context = world.pipeline.context
    found = world.org.find({"Contact": [{"Id": ids}]}, context.fields_of(mapping))
    first, second = (Person(row.id, row.id, row=row) for row in found)
    return said_of(first, second, mapping, context)


@pytest.mark.parametrize(("one", "other"), [(FRENCH, KEYED), (KEYED, FRENCH), (FRENCH, FRENCH), (KEYED, KEYED)])
def test_a_number_without_its_key_is_read_in_the_country_of_its_row(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Whichever of the two is named first, and whoever of them lacks the key."""
    assert [each.why for each in said(one, other)] == [Why.ONE]


def test_another_number_without_its_key_differs() -> None:
    """It is no blank: the row has a number."""
    assert [each.why for each in said(KEYED, OTHER)] == [Why.DIFFERS]
    assert [each.why for each in said(KEYED, {"LastName": "Lee"})] == [Why.BLANK]
