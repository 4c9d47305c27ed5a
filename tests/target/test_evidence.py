"""Who answers to a draft: whom the org keeps, whom the ledger remembers, who lives on, and whose key is freed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from target_salesforce_retail.ledger.store import open_ledger
from target_salesforce_retail.nouns import OrgRow, Outcome, Result, Verdict
from target_salesforce_retail.ports import Criteria

from tests.target.kept import KeepingOrg, documents
from tests.target.world import World

ANN = {"id": "1", "first_name": "Ann", "last_name": "Lee", "email": "a@x.org"}
ELSEWHERE = {**ANN, "email": "new@x.org"}
NOWHERE = ""
Values = dict[str, Any]


class Org(KeepingOrg):
    """Lookups follow as the org has them, and leads become contacts, or nothing that anybody knows."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.converted: dict[str, str] = {}

    def find(self, wanted: Criteria, fields: Mapping[str, Sequence[str]]) -> list[OrgRow]:
        return [self._followed(row, fields) for row in super().find(wanted, fields)]

    def _followed(self, row: OrgRow, fields: Mapping[str, Sequence[str]]) -> OrgRow:
        if row.id not in self.converted:
            return row
        contact = self.converted[row.id]
        if contact == NOWHERE:
            return replace(row, dead_end=True)
        return replace(self._row("Contact", contact, fields["Contact"]), searched="Lead", via={**row.values})


def world(**contacts: Values) -> tuple[World, Org]:
    """A row of every shopper is kept; these contacts are there."""
    here = World(*documents("all"))
    here.org = org = Org(here.describes)
    for record_id, values in contacts.items():
        org.put("Contact", {"Id": record_id, **values})
    return here, org


def refuse(org: Org, key: str = "1:1") -> None:
    """Somebody empties the lookups: she is not the one whom we have linked."""
    row = org.profile(key)
    assert row
    row |= {"Contact__c": None, "Lead__c": None}


def lose_the_ledger(here: World) -> None:
    here.ledger = open_ledger("sqlite://", now=lambda: here.now)
    here.ledger.open_run()


def said(outcome: Outcome) -> dict[str, str]:
    """What each rule said."""
    return {each.rule: each.why.value for each in outcome.trail}


# Whom the org keeps, and whom the ledger remembers


def test_the_org_knows_whom_nobody_else_knows_any_more() -> None:
    """The ledger is lost, her e-mail is another, and the key on the record is another profile's."""
    here, _ = world(A={"Key__c": "1:9", "Email": "a@x.org"})
    (first,) = here.run("customers", ANN)
    lose_the_ledger(here)

    (outcome,) = here.run("customers", ELSEWHERE)

    assert (first.id, first.rule) == ("A", "email")
    assert (outcome.id, outcome.rule) == ("A", "profile")


def test_who_has_another_records_key_by_now_is_not_believed() -> None:
    """As after a change of orgs: the trail names the stranger, and she is made anew."""
    here = World()
    here.org.put("Contact", {"Id": "A", "Email": "a@x.org"})
    here.run("customers", ANN)
    here.org.tables["Contact"]["A"] |= {"Key__c": "1:9"}

    (outcome,) = here.run("customers", ELSEWHERE)

    assert said(outcome)["ledger"] == "others_key"
    assert outcome.verdict is Verdict.CREATED
    assert here.org.tables["Contact"]["A"]["Key__c"] == "1:9"


@pytest.mark.parametrize(("then", "now", "after"), [(None, None, "1:1"), ("1:9", "1:9", "1:9"), ("1:9", None, "1:1")])
def test_who_has_no_other_key_than_then_is_believed(then: str | None, now: str | None, after: str) -> None:
    """Hers, none, or that of the profile which was there first; a record without one is stamped anew."""
    here = World()
    here.org.put("Contact", {"Id": "A", "Email": "a@x.org", "Key__c": then})
    here.run("customers", ANN)
    here.org.tables["Contact"]["A"] |= {"Key__c": now}

    (outcome,) = here.run("customers", ELSEWHERE)

    assert (outcome.id, outcome.rule) == ("A", "ledger")
    assert here.org.tables["Contact"]["A"]["Key__c"] == after


def test_whom_a_person_has_refused_is_no_stranger() -> None:
    """Her own key is on the record: it answers to nothing, and the trail does not say that the key is another's."""
    here, org = world(A={"Email": "a@x.org"})
    here.run("customers", ANN)
    refuse(org)

    (outcome,) = here.run("customers", ANN)

    assert outcome.verdict is Verdict.CREATED
    assert [said(outcome)[rule] for rule in ("key", "profile", "email")] == ["none"] * 3


# Who lives on


def meanwhile(here: World, monkeypatch: pytest.MonkeyPatch, *deeds: Any) -> None:
    """Somebody does these things, each between a look-up and the update that follows it."""
    update, left = here.org.update, list(deeds)

    def write(*args: Any, **more: Any) -> list[Result]:
        if left:
            left.pop(0)()
        return update(*args, **more)

    monkeypatch.setattr(here.org, "update", write)


@pytest.mark.parametrize("merges", [["AB"], ["AB", "BC"]])
def test_who_is_merged_before_the_write_is_who_lives_on(monkeypatch: pytest.MonkeyPatch, merges: list[str]) -> None:
    """Nothing else tells: the ledger never knew her, and no rule finds the one who stays."""
    here = World()
    here.org.put("Contact", {"Id": "A", "Email": "a@x.org"})
    for other in "BC":
        here.org.put("Contact", {"Id": other, "Email": f"{other}@x.org"})
    deeds = [lambda pair=pair: here.org.merge_by_hand("Contact", winner=pair[1], loser=pair[0]) for pair in merges]
    meanwhile(here, monkeypatch, *deeds)

    (outcome,) = here.run("customers", ANN)

    assert (outcome.id, outcome.rule, outcome.verdict) == (merges[-1][1], "survivor", Verdict.UPDATED)
    assert here.org.tables["Contact"][merges[-1][1]]["Key__c"] == "1:1"
    assert len(here.rows("Contact")) == 3 - len(merges)


def test_who_is_deleted_before_the_write_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody lives on in her place, and the trail says so."""
    here = World()
    here.org.put("Contact", {"Id": "A", "Email": "a@x.org"})
    meanwhile(here, monkeypatch, lambda: here.org.tables["Contact"].pop("A"))

    (outcome,) = here.run("customers", ANN)

    assert (outcome.verdict, said(outcome)["survivor"]) == (Verdict.CREATED, "none")


# Whose key is freed


def test_a_key_is_taken_back_from_whom_she_is_not() -> None:
    """It goes to the record that is made for her, and nothing else of the other one is touched."""
    here, org = world(A={"Email": "a@x.org"})
    here.run("customers", ANN)
    refuse(org)
    before = dict(org.tables["Contact"]["A"])

    (outcome,) = here.run("customers", ELSEWHERE)

    assert org.tables["Contact"]["A"] == {**before, "Key__c": None}
    assert org.tables["Contact"][str(outcome.id)]["Key__c"] == "1:1"


def test_the_key_of_another_shopper_is_not_taken_back() -> None:
    """Her lead has become his contact: her key is on the lead, and the one on the contact is his."""
    here, org = world(A={"Key__c": "1:9", "Email": "his@x.org"})
    org.converted[org.put("Lead", {"Key__c": "1:1", "Email": "a@x.org"})] = "A"
    (first,) = here.run("customers", ANN)
    refuse(org)

    (outcome,) = here.run("customers", ELSEWHERE)

    assert (first.id, outcome.verdict) == ("A", Verdict.CREATED)
    assert org.tables["Contact"]["A"]["Key__c"] == "1:9"


def test_nothing_is_taken_back_from_what_cannot_be_written() -> None:
    """A converted lead that leads nowhere keeps the key it has."""
    here, org = world()
    lead = org.put("Lead", {"Key__c": "1:1", "Email": "a@x.org", "LastName": "Lee"})
    here.run("customers", ANN)
    org.converted[lead] = NOWHERE
    refuse(org)
    org.sent.clear()

    (outcome,) = here.run("customers", ELSEWHERE)

    assert outcome.verdict is Verdict.CREATED
    assert [name for verb, name, _ in org.sent if verb == "update"] == ["Profile__c"]


@pytest.mark.parametrize("size", [1, 2])
def test_a_record_whose_key_was_freed_is_whosever_comes_next(size: int) -> None:
    """In one batch as in two: he has nothing to say to it but that it is his."""
    here, org = world(A={"Email": "a@x.org"})
    here.run("customers", ANN)
    refuse(org)
    records = [ELSEWHERE, {**ANN, "id": "9"}]

    for start in range(0, 2, size):
        here.run("customers", *records[start : start + size])

    assert org.tables["Contact"]["A"]["Key__c"] == "1:9"
