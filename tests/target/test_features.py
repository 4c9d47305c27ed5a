"""Orgs with person accounts and record types: the sandbox's org judges, over the wire."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from target_salesforce_retail.ledger.store import open_ledger
from target_salesforce_retail.mapping.load import load
from target_salesforce_retail.mapping.preflight import preflight
from target_salesforce_retail.mapping.rules import Mappings, OnNone
from target_salesforce_retail.metadata import RecordType
from target_salesforce_retail.nouns import Outcome, Reason, Verdict
from target_salesforce_retail.org.live import LiveOrg
from target_salesforce_retail.org.session import OrgSettings, Session
from target_salesforce_retail.pipeline import Pipeline
from target_salesforce_retail.stages.inside.name import key_of

from sandbox.salesforce.rows import Org
from sandbox.serve import Box, running
from tests.journeys.pair import ROOT
from tests.target.world import arrival

KEY = "Lightspeed_Key__c"
CUSTOMERS = (ROOT / "transforms" / "customers.yml").read_text("utf-8")


class Till:
    """The target with one mapping of shoppers, on the sandbox's org."""

    def __init__(self, box: Box, folder: Path, said: str = "") -> None:
        (folder / "customers.yml").write_text(CUSTOMERS.replace("object: Contact\n", f"object: Contact\n{said}\n"))
        self.mappings: Mappings = load(folder)
        client_id, secret = box.salesforce_client
        self.org = LiveOrg(Session(OrgSettings(box.salesforce_url, client_id, secret), sleep=lambda _: None))
        self.ledger = open_ledger("sqlite://")

    def faults(self) -> list[str]:
        return preflight(self.mappings, self.org.describe)[1]

    def say(self, **record: Any) -> Outcome:
        describes, faults = preflight(self.mappings, self.org.describe)
        assert faults == []
        came = arrival("customers", **record)
        assert key_of(self.mappings.ordered[0], came.record)
        return Pipeline(self.mappings, self.org, self.ledger, describes).run("customers", [came])[0]


@contextmanager
def an_org(**switches: str) -> Iterator[Box]:
    with running(switches=switches) as box:
        yield box


def person_account(org: Org, **more: Any) -> dict[str, Any]:
    """A person's account; answers the contact behind it."""
    kind = next(row["Id"] for row in org.tables["RecordType"].values() if row["IsPersonType"])
    made = org.insert_as_user("Account", {"RecordTypeId": kind, "LastName": "Lee", **more})
    return dict(org.tables["Contact"][org.tables["Account"][made]["PersonContactId"]])


def test_the_contact_behind_a_person_account_is_written_and_the_account_follows(tmp_path: Path) -> None:
    """As the vendor documents it; and the second time there is nothing to write."""
    with an_org(person_accounts="true") as box:
        till = Till(box, tmp_path)
        contact = person_account(box.org, FirstName="Ann", PersonEmail="ann@example.com")

        first = till.say(id="7", first_name="Ann", email="ann@example.com", birth_date="1990-05-17")
        second = till.say(id="7", first_name="Ann", email="ann@example.com", birth_date="1990-05-17")

        account = box.org.tables["Account"][contact["AccountId"]]
        assert (first.verdict, first.id) == (Verdict.UPDATED, contact["Id"])
        assert (account["FirstName"], account["Lightspeed_Key__pc"]) == ("Ann", "1:7")
        assert str(account["PersonBirthdate"]) == "1990-05-17"
        assert second.verdict is Verdict.UNCHANGED


def test_an_org_that_lets_nobody_write_such_a_contact_says_so(tmp_path: Path) -> None:
    """It is held, with a remedy that helps; nobody is made twice, and others go in."""
    with an_org(person_accounts="true", person_contact_edits="false") as box:
        till = Till(box, tmp_path)
        contact = person_account(box.org, FirstName="Ann", PersonEmail="ann@example.com")

        held = till.say(id="7", first_name="Ann", email="ann@example.com")
        made = till.say(id="8", first_name="Bob", last_name="Roy", email="bob@example.com")

        assert (held.verdict, held.reason, held.id) == (Verdict.HELD, Reason.PERSON_ACCOUNT, contact["Id"])
        assert "person account" in Reason.PERSON_ACCOUNT.remedy
        assert made.verdict is Verdict.CREATED
        assert len(box.org.tables["Contact"]) == 2


def test_a_new_shopper_is_a_contact_without_account(tmp_path: Path) -> None:
    """In an org with person accounts too."""
    with an_org(person_accounts="true") as box:
        made = Till(box, tmp_path).say(id="7", last_name="Lee", email="ann@example.com")

        contact = box.org.tables["Contact"][str(made.id)]
        assert (contact["AccountId"], contact["IsPersonAccount"]) == (None, False)
        assert len(box.org.tables["Account"]) == 0


def test_a_person_who_has_no_access_for_another_reason_is_told_so(tmp_path: Path) -> None:
    """The reason is the person account's only where it is one."""
    with an_org(person_accounts="true") as box:
        till = Till(box, tmp_path)
        made = box.org.insert_as_user("Contact", {"FirstName": "Ann", "LastName": "Lee", "Email": "ann@example.com"})
        box.org.read_only.add(made)

        assert till.say(id="7", first_name="Ann", email="ann@example.com").reason is Reason.NOT_ALLOWED


# Record types


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("record_type: Supplier", "Supplier"),
        ("record_type: default", "Retail_Customer"),
    ],
)
def test_a_new_record_gets_the_record_type_that_is_said(tmp_path: Path, said: str, expected: str) -> None:
    """By its developer name; and an update leaves what a person has made of it."""
    with an_org(record_types="true") as box:
        till = Till(box, tmp_path, said)
        kinds = {row["DeveloperName"]: row["Id"] for row in box.org.lookup("RecordType", "SobjectType", ["Contact"])}

        made = till.say(id="7", last_name="Lee", email="ann@example.com")
        assert box.org.tables["Contact"][str(made.id)]["RecordTypeId"] == kinds[expected]

        other = next(each for name, each in kinds.items() if name != expected)
        box.org.edit_as_user("Contact", str(made.id), {"RecordTypeId": other})
        again = till.say(id="7", last_name="Lee", first_name="Ann", email="ann@example.com")
        assert again.verdict is Verdict.UPDATED
        assert box.org.tables["Contact"][str(made.id)]["RecordTypeId"] == other


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("", ["a new Contact may be `Retail_Customer` or `Supplier`; say `record_type:`", "`record_type: default`"]),
        ("record_type: Suplier", ["Contact has no active record type `Suplier`; did you mean `Supplier`?"]),
        ("record_type: Elsewhere", ["has no active record type `Elsewhere`; it has Retail_Customer, Supplier"]),
    ],
)
def test_preflight_asks_which_record_type(tmp_path: Path, said: str, expected: list[str]) -> None:
    """Where there are several; with the place."""
    with an_org(record_types="true") as box:
        (fault,) = Till(box, tmp_path, said).faults()

        file = tmp_path / "customers.yml"
        line = next(
            at for at, text in enumerate(file.read_text().splitlines(), 1) if text.startswith(said or "stream:")
        )
        assert fault.startswith(f"{file}:{line}: ")
        assert all(words in fault for words in expected)


def test_who_makes_no_records_is_not_asked(tmp_path: Path) -> None:
    """A match keeps the record type that it has."""
    with an_org(record_types="true") as box:
        till = Till(box, tmp_path)
        mapping = till.mappings.ordered[0]
        mapping = replace(mapping, on_none=tuple(replace(each, do=OnNone.SKIP) for each in mapping.on_none))
        till.mappings = Mappings((mapping,))

        assert till.faults() == []


def test_a_record_type_that_is_not_ours_to_give_is_a_fault(tmp_path: Path) -> None:
    """It is assigned by profile or permission set."""
    with an_org(record_types="true") as box:
        till = Till(box, tmp_path, "record_type: Supplier")
        describes = till.org.describe(["Contact", "Lead", "Retail_Profile__c"])
        kinds = tuple(
            RecordType(each.name, each.id, each.name != "Supplier") for each in describes["Contact"].record_types
        )
        closed = {**describes, "Contact": replace(describes["Contact"], record_types=kinds)}

        (fault,) = preflight(till.mappings, lambda names: {name: closed[name] for name in names})[1]

        assert "`Supplier` of Contact is not assigned to the integration user" in fault


def test_an_org_without_record_types_asks_nothing(tmp_path: Path) -> None:
    """But a name that it has not is a fault all the same."""
    with an_org() as box:
        assert Till(box, tmp_path).faults() == []
        (fault,) = Till(box, tmp_path, "record_type: Supplier").faults()
        assert "no active record type `Supplier`; it has none" in fault
