"""A small set of mappings and an org in memory for tests of the stages: shoppers, shops, sales and their lines."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from functools import cache
from typing import Any

from target_salesforce_retail.companion.memory_org import MemoryOrg, describes_of
from target_salesforce_retail.ledger.store import open_ledger
from target_salesforce_retail.mapping.lint import lint
from target_salesforce_retail.mapping.load import parse
from target_salesforce_retail.mapping.rules import Mappings
from target_salesforce_retail.nouns import Arrival, Flaw, Outcome
from target_salesforce_retail.pipeline import Pipeline
from target_salesforce_retail.stages.inside.deletions import Deletions
from target_salesforce_retail.stages.inside.unkeyed import Unkeyed

SHOPPERS = """
stream: customers
object: Contact
when: {archived: false}
key: {field: Key__c, value: "{account_id}:{id}"}
version: updated_at
region: {else: CA}
match:
  - by: key
  - {by: email, from: email, to: {Contact: Email, Lead: Email}}
  - {by: phone, from: [mobile, phone], to: {Contact: [Phone, MobilePhone], Lead: Phone}, agree: {FirstName: first_name}}
fields:
  FirstName: {from: first_name, update: if_blank}
  LastName: {from: last_name, else: "(unknown)"}
  Email: {from: email, as: email, refused: leave_out}
  Phone: {from: phone}
  MobilePhone: {from: mobile, only: Contact}
  Birthdate: {from: birth_date, as: date, on_null: clear, only: Contact}
  LeadSource: {value: In store, update: never}
  Phone_E164__c: {key_of: Phone}
  Mobile_E164__c: {key_of: MobilePhone, only: Contact}
"""
SHOPS = """
stream: shops
object: Shop__c
key: {field: Key__c, value: "{account_id}:{id}"}
fields: {Name: {from: name}}
"""
SALES = """
stream: sales
object: Sale__c
when: {state: [completed, voided]}
key: {field: Key__c, value: "{account_id}:{id}"}
version: updated_at
fields:
  Total__c: {from: total, as: decimal}
  Shop__c: {reference: shops, from: shop_id}
  Shopper: {reference: customers, from: customer_id, to: {Contact: Contact__c, Lead: Lead__c}, missing: blank}
"""
LINES = """
stream: sale_lines
object: Line__c
key: {field: Key__c, value: "{account_id}:{id}"}
parent: {reference: sales, from: sale_id, field: Sale__c, siblings: line_ids, stale: delete}
fields: {Quantity__c: {from: quantity, as: decimal}}
"""


@cache
def mappings(*documents: str) -> Mappings:
    """Mappings of YAML texts; a text that is at fault fails the test at once."""
    faults: list[Any] = []
    found = [mapping for text in documents for mapping in parse(text, "test.yml", faults)]
    assert [*map(str, faults), *map(str, lint(found))] == []
    order = ["shops", "customers", "sales", "sale_lines"]
    return Mappings(tuple(sorted(found, key=lambda mapping: order.index(mapping.stream))))


class World:
    """A pipeline on an org in memory, and a ledger in memory with a run begun in it."""

    unkeyed: Unkeyed | None = None
    """Whom one run knows by a number that has no key; each batch reads them anew where this is not set."""

    def __init__(self, *documents: str) -> None:
        self.mappings = mappings(*(documents or (SHOPPERS, SHOPS, SALES, LINES)))
        self.describes = describes_of(self.mappings)
        self.org = MemoryOrg(self.describes)
        self.now = datetime(2026, 11, 20, 12, 0, tzinfo=timezone.utc)
        self.ledger = open_ledger("sqlite://", now=lambda: self.now)
        self.ledger.open_run()
        self.deletions = Deletions()

    @property
    def pipeline(self) -> Pipeline:
        return Pipeline(
            self.mappings,
            self.org,
            self.ledger,
            self.describes,
            self.deletions,
            lambda: self.now,
            unkeyed=self.unkeyed or Unkeyed(),
        )

    def run(self, stream: str, *records: dict[str, Any]) -> list[Outcome]:
        return self.pipeline.run(stream, [arrival(stream, **record) for record in records])

    def later(self, **time: float) -> None:
        """Let time pass, and begin another run."""
        self.now += timedelta(**time)
        self.ledger.open_run()

    def rows(self, name: str) -> list[dict[str, Any]]:
        return list(self.org.tables[name].values())


def arrival(stream: str, flaws: tuple[Flaw, ...] = (), **record: Any) -> Arrival:
    """An arrival of account 1."""
    whole = {"account_id": "1", **({"archived": False} if stream == "customers" else {}), **record}
    return Arrival(stream, f"1:{record.get('id')}", whole, flaws)
