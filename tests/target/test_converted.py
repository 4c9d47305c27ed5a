"""Shoppers whose lead was converted: followed to what it became; where that leads nowhere, held and not made twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from target_salesforce_retail.ledger.store import SqlLedger, open_ledger
from target_salesforce_retail.mapping.lint import lint
from target_salesforce_retail.mapping.load import parse
from target_salesforce_retail.mapping.rules import Mappings
from target_salesforce_retail.nouns import Outcome, Reason, Verdict
from target_salesforce_retail.org.live import LiveOrg
from target_salesforce_retail.org.session import OrgSettings, Session
from target_salesforce_retail.pipeline import Pipeline

from sandbox.salesforce.people import convert_lead
from sandbox.serve import Box, running
from tests.target.world import arrival

KEY = "Lightspeed_Key__c"
LEADS_ONLY = """
stream: customers
object: Lead
key: {field: Lightspeed_Key__c, value: "{account_id}:{id}"}
version: updated_at
match:
  - by: key
  - {by: email, from: email, to: {Lead: Email}}
fields:
  LastName: {from: last_name}
  Company: {value: At home, update: never, only: Lead}
  Email: {from: email, as: email}
  Phone: {from: phone}
"""
WITH_CONTACTS = LEADS_ONLY.replace("to: {Lead: Email}", "to: {Contact: Email, Lead: Email}")
CONTACT_FIRST = WITH_CONTACTS.replace("object: Lead", "object: Contact")
SALES = """
stream: sales
object: Retail_Sale__c
key: {field: Lightspeed_Key__c, value: "{account_id}:{id}"}
fields:
  Name: {from: id}
  Shopper: {reference: customers, from: customer_id, to: {Lead: Lead__c}}
"""
SALES_WITH_CONTACTS = SALES.replace("{Lead: Lead__c}", "{Lead: Lead__c, Contact: Contact__c}")
ANN = {"id": "1", "last_name": "Ann", "email": "ann@x.org", "updated_at": "1"}


@dataclass
class Town:
    """A pipeline on the sandbox, with mappings that may be mended."""

    box: Box
    ledger: SqlLedger
    mappings: Mappings

    def __post_init__(self) -> None:
        client_id, secret = self.box.salesforce_client
        self.org = LiveOrg(Session(OrgSettings(self.box.salesforce_url, client_id, secret), sleep=lambda _: None))

    def run(self, stream: str, *records: dict[str, Any]) -> list[Outcome]:
        names = [name for mapping in self.mappings.ordered for name in mapping.objects]
        pipeline = Pipeline(self.mappings, self.org, self.ledger, self.org.describe(names))
        return pipeline.run(stream, [arrival(stream, **record) for record in records])

    def replay(self, stream: str) -> list[Outcome]:
        names = [name for mapping in self.mappings.ordered for name in mapping.objects]
        pipeline = Pipeline(self.mappings, self.org, self.ledger, self.org.describe(names))
        return pipeline.run(stream, self.ledger.held(stream))

    def living(self, name: str) -> list[dict[str, Any]]:
        return [row for row in self.box.org.tables[name].values() if not row["IsDeleted"]]


def town(box: Box, *documents: str) -> Town:
    box.org.reset()
    ledger = open_ledger("sqlite://")
    ledger.open_run()
    return Town(box, ledger, mappings(*documents))


def mappings(*documents: str) -> Mappings:
    faults: list[Any] = []
    found = [mapping for text in documents for mapping in parse(text, "test.yml", faults)]
    assert [*map(str, faults), *map(str, lint(found))] == []
    return Mappings(tuple(found))


@pytest.mark.parametrize("known", ["by key", "by e-mail"])
def test_under_a_mapping_of_leads_alone_it_is_held_and_says_why(box: Box, known: str) -> None:
    """Whoever it is known by; again and again; and no second lead is made. Her receipt waits for her."""
    here = town(box, LEADS_ONLY, SALES)
    if known == "by key":
        lead = str(here.run("customers", ANN)[0].id)
    else:
        lead = box.org.insert_as_user("Lead", {"LastName": "Ann", "Company": "x", "Email": "ann@x.org"})
    convert_lead(box.org, lead)

    (first,) = here.run("customers", {**ANN, "phone": "1", "updated_at": "2"})
    (again,) = here.replay("customers")
    (receipt,) = here.run("sales", {"id": "7", "customer_id": "1"})

    for outcome in (first, again):
        assert (outcome.verdict, outcome.reason, outcome.candidates) == (Verdict.HELD, Reason.CONVERTED, (lead,))
    assert [row["Id"] for row in here.living("Lead")] == [lead]
    assert (receipt.verdict, receipt.reason) == (Verdict.HELD, Reason.PARENT_MISSING)


@pytest.mark.parametrize("mended", [WITH_CONTACTS, CONTACT_FIRST])
def test_once_the_mapping_knows_contacts_the_replay_brings_it_in(box: Box, mended: str) -> None:
    """To the contact that she became, and her receipt with her."""
    here = town(box, LEADS_ONLY, SALES)
    contact = str(convert_lead(box.org, str(here.run("customers", ANN)[0].id))["contact_id"])
    here.run("customers", {**ANN, "phone": "1", "updated_at": "2"})
    here.run("sales", {"id": "7", "customer_id": "1"})

    here.mappings = mappings(mended, SALES_WITH_CONTACTS)
    (outcome,) = here.replay("customers")
    (receipt,) = here.replay("sales")

    assert (outcome.verdict, outcome.object, outcome.id) == (Verdict.UPDATED, "Contact", contact)
    assert (box.org.tables["Contact"][contact]["Phone"], len(here.living("Contact"))) == ("1", 1)
    assert receipt.verdict is Verdict.CREATED
    assert [row["Contact__c"] for row in here.living("Retail_Sale__c")] == [contact]


def test_where_the_contact_is_gone_no_second_lead_is_made(box: Box) -> None:
    """Until it is back, or another answers to her e-mail."""
    here = town(box, WITH_CONTACTS)
    lead = str(here.run("customers", ANN)[0].id)
    contact = str(convert_lead(box.org, lead)["contact_id"])
    box.org.delete_as_user("Contact", contact)

    (outcome,) = here.run("customers", {**ANN, "phone": "1", "updated_at": "2"})
    assert (outcome.verdict, outcome.reason, len(here.living("Lead"))) == (Verdict.HELD, Reason.CONVERTED, 1)

    other = box.org.insert_as_user("Contact", {"LastName": "Ann", "Email": "ann@x.org"})
    (found,) = here.replay("customers")
    assert (found.verdict, found.id) == (Verdict.UPDATED, other)


def test_where_shoppers_become_contacts_a_new_one_is_made(box: Box) -> None:
    """As for any contact that was deleted."""
    here = town(box, CONTACT_FIRST)
    lead = box.org.insert_as_user("Lead", {"LastName": "Ann", "Company": "x", "Email": "ann@x.org"})
    box.org.delete_as_user("Contact", str(convert_lead(box.org, lead)["contact_id"]))

    (outcome,) = here.run("customers", ANN)

    assert (outcome.verdict, outcome.object) == (Verdict.CREATED, "Contact")


def test_who_skips_what_is_not_found_skips_it(box: Box) -> None:
    """As the remedy says."""
    here = town(box, LEADS_ONLY.replace("object: Lead", "object: Lead\non_none: skip"))
    lead = box.org.insert_as_user("Lead", {"LastName": "Ann", "Company": "x", "Email": "ann@x.org"})
    convert_lead(box.org, lead)

    (outcome,) = here.run("customers", ANN)

    assert (outcome.verdict, outcome.reason) == (Verdict.SKIPPED, Reason.NOT_WANTED)


def test_a_lead_that_is_converted_before_the_write_is_followed(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or held, where the mapping does not know contacts: not as gone."""
    for documents, verdict in ((WITH_CONTACTS, Verdict.UPDATED), (LEADS_ONLY, Verdict.HELD)):
        here = town(box, documents)
        lead = str(here.run("customers", ANN)[0].id)
        update = here.org.update

        def converting(*args: Any, lead: str = lead, update: Any = update, **more: Any) -> Any:
            if not box.org.tables["Lead"][lead]["IsConverted"]:
                convert_lead(box.org, lead)
            return update(*args, **more)

        monkeypatch.setattr(here.org, "update", converting)
        (outcome,) = here.run("customers", {**ANN, "phone": "1", "updated_at": "2"})
        assert outcome.verdict is verdict
        assert outcome.reason in (None, Reason.CONVERTED)


# -- persons ------------------------------------------------------------------------------------------------------

PERSONS = LEADS_ONLY.replace("to: {Lead: Email}", "to: {Account: PersonEmail, Lead: Email}").replace(
    "  Email: {from: email, as: email}\n", "  Email: {from: email, as: email, only: Lead}\n"
)


@pytest.fixture(scope="module")
def of_persons() -> Iterator[Box]:
    with running(switches={"person_accounts": "true"}) as box:
        box.org.schema.objects["account"].fields[KEY.lower()] = box.org.schema.objects["lead"].fields[KEY.lower()]
        yield box


@pytest.mark.parametrize("documents", [PERSONS, WITH_CONTACTS])
def test_a_lead_that_became_a_person_is_that_account(of_persons: Box, documents: str) -> None:
    """Where the mapping knows accounts; else the contact behind it, as for any other contact."""
    here = town(of_persons, documents)
    person_type = next(
        row["Id"] for row in of_persons.org.tables["RecordType"].values() if row["DeveloperName"] == "PersonAccount"
    )
    lead = of_persons.org.insert_as_user("Lead", {"LastName": "Ann", "Company": "x", "Email": "ann@x.org"})
    values = {"LastName": "Ann", "RecordTypeId": person_type, "PersonEmail": "ann.b@x.org"}
    account = of_persons.org.insert_as_user("Account", values)
    contact = of_persons.org.tables["Account"][account]["PersonContactId"]
    convert_lead(of_persons.org, lead, account_id=account, contact_id=contact)

    (outcome,) = here.run("customers", {**ANN, "phone": "1"})

    expected = ("Account", account) if documents == PERSONS else ("Contact", contact)
    assert (outcome.verdict, outcome.object, outcome.id) == (Verdict.UPDATED, *expected)
