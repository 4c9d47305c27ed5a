"""Money does not depend on company either: several profiles of one shopper, in an org with several currencies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from target_salesforce_retail.companion.memory_org import MemoryOrg
from target_salesforce_retail.metadata import CURRENCY, FieldDescribe
from target_salesforce_retail.nouns import Result

from tests.lanes import examples
from tests.target.company import end_alike
from tests.target.reference import Reference
from tests.target.test_company import cuts
from tests.target.world import SHOPPERS, World

SPENT = SHOPPERS.replace("version: updated_at\n", "version: updated_at\ncurrency: currency\n").replace(
    "  LeadSource:",
    "  Spent__c: {from: spent, as: decimal, only: Contact}\n"
    "  Credit__c: {from: credit, as: decimal, update: if_blank, only: Contact}\n  LeadSource:",
)
Values = dict[str, Any]
sums = st.sampled_from([None, None, 0, 5, 9])
codes = st.sampled_from([None, "CAD", "USD", "GBP"])
held = st.fixed_dictionaries(
    {
        "Email": st.sampled_from(["a@x.org", "b@x.org"]),
        "Key__c": st.sampled_from([None, "1:1", "1:9"]),
        "Spent__c": sums,
        "Credit__c": sums,
        CURRENCY: st.sampled_from(["USD", "CAD"]),
    }
)
shoppers = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["1", "2", "3"]),
        "email": st.sampled_from(["a@x.org", "b@x.org", None]),
        "spent": sums,
        "credit": sums,
        "currency": codes,
        "updated_at": st.sampled_from(["2026-11-01T10:00:00Z", "2026-11-02T10:00:00Z"]),
    }
)


class RichOrg(MemoryOrg):
    """Fills in the user's currency where a new record says none."""

    def _upsert(self, name: str, key_field: str, row: Values) -> Result:
        made = super()._upsert(name, key_field, row)
        self.tables[name][str(made.id)].setdefault(CURRENCY, "USD")
        return made


def world_of(kind: type[World], rows: Sequence[Values]) -> World:
    world = kind(SPENT)
    amounts = [FieldDescribe(name, "currency", scale=2) for name in ("Spent__c", "Credit__c")]
    code = FieldDescribe(CURRENCY, "picklist", picklist=("USD", "CAD"))
    contact = world.describes["Contact"]
    world.describes["Contact"] = replace(
        contact, fields={**contact.fields, **{each.name: each for each in (*amounts, code)}}
    )
    world.org = RichOrg(world.describes)
    for number, values in enumerate(rows):
        said = {field: value for field, value in values.items() if value is not None}
        world.org.put("Contact", {"Id": f"Contact-{number}", **said})
    return world


BARE = {"id": "1", "email": "b@x.org", "spent": None, "credit": None, "currency": None}
PRICED = {"id": "2", "email": "b@x.org", "spent": None, "credit": 5, "currency": "USD"}


@example([], [{**BARE, "updated_at": "2026-11-01T10:00:00Z"}, {**PRICED, "updated_at": "2026-11-02T10:00:00Z"}], [])
@settings(max_examples=examples(80))
@given(st.lists(held, max_size=2), st.lists(shoppers, max_size=6), cuts)
def test_money_ends_as_it_would_one_by_one(rows: list[Values], records: list[Values], sizes: list[int]) -> None:
    """Org, ledger, holds, and every single outcome; in one batch and in any partition."""
    end_alike(world_of(Reference, rows), world_of(World, rows), world_of(World, rows), records, sizes)
