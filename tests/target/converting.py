"""A pipeline on the sandbox whose mapping converts leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from target_salesforce_retail.ledger.store import SqlLedger, open_ledger
from target_salesforce_retail.mapping.preflight import preflight
from target_salesforce_retail.mapping.rules import Mappings
from target_salesforce_retail.nouns import Conversion, Fault, Outcome, Result
from target_salesforce_retail.org.live import LiveOrg
from target_salesforce_retail.org.rehearsal import Rehearsal
from target_salesforce_retail.org.session import OrgSettings, Session
from target_salesforce_retail.pipeline import Pipeline
from target_salesforce_retail.rehearse import Planned, planned

from sandbox.serve import Box
from tests.target.world import arrival, mappings

CUSTOMERS = """
stream: customers
object: Contact
key: {field: Lightspeed_Key__c, value: "{account_id}:{id}"}
version: updated_at
match:
  - by: key
  - {by: email, from: email, to: {Contact: Email, Lead: Email}}
on_match: {Lead: convert}
fields:
  FirstName: {from: first_name}
  LastName: {from: last_name}
  Email: {from: email, as: email}
  Phone: {from: phone}
"""
STATUS = "Closed - Converted"
ANN = {"id": "1", "first_name": "Ann", "last_name": "Lee", "email": "ann@x.org", "updated_at": "1"}


class ConvertingOrg(LiveOrg):
    """Keeps what it is asked to convert, and refuses, or does nothing, where a test says so.

    Attributes:
        asked: What it was asked for.
        faults: Id of a lead -> why it is refused.
        does_nothing: It calls leads converted, and leaves them.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.asked: list[Conversion] = []
        self.faults: dict[str, Fault] = {}
        self.does_nothing = False

    def convert(self, leads: Sequence[Conversion]) -> list[Result]:
        self.asked += leads
        if self.does_nothing:
            return [Result("0035e0000000001AAA") for _ in leads]
        sent = iter(super().convert([each for each in leads if each.lead not in self.faults]))
        refused = (self.faults.get(each.lead) for each in leads)
        return [Result(None, fault=fault) if fault else next(sent) for fault in refused]


@dataclass
class Town:
    """A pipeline on the sandbox, with a ledger that may be lost."""

    box: Box
    documents: tuple[str, ...] = (CUSTOMERS,)
    ledger: SqlLedger = field(init=False)
    org: ConvertingOrg = field(init=False)

    def __post_init__(self) -> None:
        self.box.org.reset()
        client_id, secret = self.box.salesforce_client
        self.org = ConvertingOrg(Session(OrgSettings(self.box.salesforce_url, client_id, secret), sleep=lambda _: None))
        self.lose_ledger()

    def lose_ledger(self) -> None:
        self.ledger = open_ledger("sqlite://")
        self.ledger.open_run()

    @property
    def mappings(self) -> Mappings:
        return mappings(*self.documents)

    @property
    def pipeline(self) -> Pipeline:
        describes, problems = preflight(self.mappings, self.org.describe, self.org.find)
        assert problems == [], problems
        return Pipeline(self.mappings, self.org, self.ledger, describes)

    def rehearse(self, *records: dict[str, Any]) -> tuple[list[Outcome], list[Planned]]:
        """What a run would do, and what a plan says of that."""
        rehearsal = Rehearsal(self.org)
        pipeline = replace(self.pipeline, org=rehearsal, ledger=open_ledger("sqlite://"))
        pipeline.ledger.open_run()
        outcomes = pipeline.run("customers", [arrival("customers", **record) for record in records])
        return outcomes, planned(outcomes, rehearsal.take_unsent(), rehearsal.is_made_up)

    def run(self, *records: dict[str, Any], stream: str = "customers") -> list[Outcome]:
        return self.pipeline.run(stream, [arrival(stream, **record) for record in records])

    def lead(self, **values: Any) -> str:
        whole = {"FirstName": "Ann", "LastName": "Lee", "Company": "Lee & Co", "Email": "ann@x.org", **values}
        return self.box.org.insert_as_user("Lead", whole)

    def living(self, name: str) -> list[dict[str, Any]]:
        return [row for row in self.box.org.tables[name].values() if not row["IsDeleted"]]
