"""Leads that are converted: found, converted, and told what the till says as the contact that they have become."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from target_salesforce_retail.companion.deciding import Desk
from target_salesforce_retail.companion.explain_forms import Explained, as_text
from target_salesforce_retail.nouns import Clue, Conversion, Fault, Reason, Recovery, Result, Stage, Verdict, Why
from target_salesforce_retail.rehearse import PlannedBeside, PlannedConversion
from target_salesforce_retail.stages.settle import OF_CONVERSIONS
from target_salesforce_retail.trail import unconverted_lead

from sandbox.salesforce.duplicates import DuplicateRule
from sandbox.serve import Box, running
from tests.target.converting import ANN, CUSTOMERS, STATUS, Town
from tests.target.kept import documents
from tests.target.test_profiles import KeepingWorld

ACCOUNTS = """
account:
  - key: Lightspeed_Key__c
    shared: {company: text}
    fields: {Name: {from: company}}
"""
SALES = """
stream: sales
object: Retail_Sale__c
key: {field: Lightspeed_Key__c, value: "{account_id}:{id}"}
fields:
  Name: {from: id}
  Shopper_Key__c: {value: "{account_id}:{customer_id}", on_null: clear}
  Shopper: {reference: customers, from: customer_id, to: {Lead: Lead__c, Contact: Contact__c}, follow: Shopper_Key__c}
"""
BY_STAFF = "convert: {when: {type: shopper}, else: %s}\nfields:"


def fault(reason: Reason, recovery: Recovery = Recovery.HOLD, **more: Any) -> Fault:
    return Fault(reason, recovery, "A_CODE", "in words", **more)


def test_the_lead_becomes_the_contact_that_is_told_the_rest(box: Box) -> None:
    """In one batch; she is found by her rule and then by her key, and a second time nothing is written."""
    here = Town(box)
    lead = here.lead(Phone=None)

    (outcome,) = here.run({**ANN, "phone": "1"})

    (contact,) = here.living("Contact")
    assert (outcome.verdict, outcome.object, outcome.id) == (Verdict.UPDATED, "Contact", contact["Id"])
    assert (contact["Lightspeed_Key__c"], contact["Phone"], outcome.rule) == ("1:1", "1", "email")
    assert [(each.why, each.rows) for each in outcome.trail][-1] == (Why.CONVERTED, (("Lead", lead),))
    assert here.org.asked == [Conversion(lead, STATUS)]
    assert [each["Name"] for each in here.living("Account")] == ["Lee & Co"]
    assert here.living("Opportunity") == []
    (again,) = here.run({**ANN, "phone": "1"})
    assert (again.verdict, again.id, len(here.org.asked)) == (Verdict.UNCHANGED, contact["Id"], 1)


def test_a_contact_that_has_nothing_left_to_be_told_is_updated_all_the_same(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For its lead was converted for it: that is a write, and no run passes it over in silence."""
    here = Town(box, (CUSTOMERS,))
    here.lead()
    convert = here.org.convert

    def copying_the_key(leads: Sequence[Conversion]) -> list[Result]:
        (result,) = convert(leads)
        box.org.edit_as_user("Contact", str(result.id), {"Lightspeed_Key__c": "1:1"})
        return [result]

    monkeypatch.setattr(here.org, "convert", copying_the_key)

    (outcome,) = here.run(ANN)

    assert (outcome.verdict, outcome.stage, outcome.sent) == (Verdict.UPDATED, Stage.SEND, {})


def test_her_account_is_that_of_a_new_contact(box: Box) -> None:
    """Made just before, or found by its key; the lead's own company is nobody's then."""
    here = Town(box, (CUSTOMERS.replace("fields:", ACCOUNTS + "fields:"),))
    here.lead()
    here.lead(Email="ben@x.org", FirstName="Ben")

    here.run({**ANN, "company": "Zoo"}, {**ANN, "id": "2", "email": "ben@x.org", "company": "ZOO"})

    (account,) = here.living("Account")
    assert account["Name"] == "Zoo"
    assert {each.account for each in here.org.asked} == {account["Id"]}
    assert {each["AccountId"] for each in here.living("Contact")} == {account["Id"]}


def test_an_account_that_is_refused_leaves_the_lead_alone(box: Box) -> None:
    """As a new contact is held for its account."""
    here = Town(box, (CUSTOMERS.replace("fields:", ACCOUNTS + "fields:"),))
    lead = here.lead()

    (outcome,) = here.run({**ANN, "company": "Z" * 300})

    assert (outcome.verdict, outcome.reason, outcome.object, outcome.id) == (
        Verdict.HELD,
        Reason.VALUE_REFUSED,
        "Lead",
        lead,
    )
    assert here.org.asked == []


@pytest.mark.parametrize(
    ("otherwise", "verdict", "reason"),
    [
        ("update", Verdict.UPDATED, None),
        ("leave", Verdict.SKIPPED, Reason.LEFT_ALONE),
        ("hold", Verdict.HELD, Reason.MATCH_HELD),
    ],
)
def test_whose_lead_is_converted_the_record_says(
    box: Box, otherwise: str, verdict: Verdict, reason: Reason | None
) -> None:
    """The lead of any other is treated as the mapping says, and stays one."""
    here = Town(box, (CUSTOMERS.replace("fields:", BY_STAFF % otherwise),))
    lead = here.lead()
    here.lead(Email="ben@x.org")

    staff, shopper = here.run({**ANN, "type": "staff"}, {**ANN, "id": "2", "email": "ben@x.org", "type": "shopper"})

    assert (staff.verdict, staff.reason, staff.id) == (verdict, reason, lead)
    assert shopper.object == "Contact"
    assert not box.org.tables["Lead"][lead]["IsConverted"]


@pytest.mark.parametrize("reason", [Reason.RULE_BROKEN, Reason.NOT_ALLOWED, Reason.REFUSED, Reason.FIELD_REQUIRED])
def test_who_is_refused_is_held_with_her_lead(box: Box, reason: Reason) -> None:
    """With what Salesforce said; nothing is half done, her neighbour goes in, and once it is mended she does too."""
    here = Town(box)
    lead = here.lead()
    here.lead(Email="ben@x.org")
    here.org.faults = {lead: fault(reason)}

    ann, ben = here.run(ANN, {**ANN, "id": "2", "email": "ben@x.org"})

    ends_as = OF_CONVERSIONS.get(reason, reason)
    assert (ann.verdict, ann.reason, ann.object, ann.id) == (Verdict.HELD, ends_as, "Lead", lead)
    assert ann.trail[-1] == Clue("convert", Why.UNCONVERTED, (("Lead", lead),))
    assert (ann.code, ann.sent) == ("A_CODE", {"Status": STATUS})
    assert (ben.verdict, len(here.living("Contact"))) == (Verdict.UPDATED, 1)
    assert box.org.tables["Lead"][lead]["Lightspeed_Key__c"] is None
    here.org.faults = {}
    (mended,) = here.pipeline.run("customers", here.ledger.held("customers"))
    assert (mended.verdict, mended.object) == (Verdict.UPDATED, "Contact")


@pytest.mark.parametrize("names", [True, False])
def test_a_duplicate_rule_is_asked_once_and_names_whom_it_means(
    box: Box, monkeypatch: pytest.MonkeyPatch, names: bool
) -> None:
    """A look-alike is no other choice, for her lead is found: a person decides; some orgs do not say whom it means."""
    here = Town(box)
    here.lead()
    other = str(box.org.insert_as_user("Contact", {"FirstName": "Ann", "LastName": "Lee"}))
    box.org.duplicate_rules[:] = [DuplicateRule.of({"object": "Contact", "field": "LastName", "action": "alert"})]
    switches = replace(box.org.switches, soap_names_duplicates=names, standard_duplicate_rules=False)
    monkeypatch.setattr(box.org, "switches", switches)

    (outcome,) = here.run(ANN)

    assert (outcome.verdict, outcome.reason) == (Verdict.HELD, Reason.CONVERSION_DUPLICATE)
    assert outcome.candidates == ((other,) if names else ())
    assert len(here.org.asked) == 1


def test_a_lock_is_tried_again_and_held_at_last(box: Box) -> None:
    """As for any other row."""
    here = Town(box)
    lead = here.lead()
    here.org.faults = {lead: fault(Reason.LOCKED, Recovery.RETRY)}

    (outcome,) = here.run(ANN)

    assert (outcome.verdict, outcome.reason, len(here.org.asked)) == (Verdict.HELD, Reason.LOCKED, 3)


def test_what_the_contact_would_not_take_is_seen_while_the_lead_is_one(box: Box) -> None:
    """Held for the value, with the field; nothing is half done."""
    here = Town(box)
    lead = here.lead()

    (outcome,) = here.run({**ANN, "phone": "1" * 99})

    assert (outcome.verdict, outcome.reason, outcome.fields) == (Verdict.HELD, Reason.VALUE_REFUSED, ("Phone",))
    assert (outcome.object, outcome.id, here.org.asked) == ("Lead", lead, [])


def test_that_a_lead_known_by_its_key_was_converted_is_told_beside_what_the_rules_said(box: Box) -> None:
    """She was a lead for a while, found by a rule that is not asked any more."""
    here = Town(box, (CUSTOMERS.replace("{Lead: convert}", "{Lead: update}"),))
    lead = here.lead()
    here.run(ANN)
    here.documents = (CUSTOMERS,)

    here.run({**ANN, "updated_at": "2"})

    record = here.ledger.record("customers", "1:1")
    assert record
    assert [(each.rule, each.why) for each in record.trail] == [
        ("key", Why.NONE),
        ("email", Why.ONE),
        ("convert", Why.CONVERTED),
    ]
    assert record.trail[-1].rows == (("Lead", lead),)


def test_what_could_not_be_converted_once_is_not_told_of_what_was_later(box: Box) -> None:
    """Refused, `explain` says what was asked for; then converted, that alone."""
    here = Town(box)
    lead = here.lead(Lightspeed_Key__c="1:1")
    here.org.faults = {lead: fault(Reason.RULE_BROKEN)}
    here.run(ANN)
    refused = explained(here)
    here.org.faults = {}

    here.pipeline.run("customers", here.ledger.held("customers"))

    assert f"What was sent\n  the conversion of Lead {lead}\n  Status\n" in refused
    assert f"Lead {lead}, which was found, was to be converted, and Salesforce refused that" in refused
    assert "refused" not in explained(here)
    assert f"Lead {lead}, which was found, was converted" in explained(here)


def explained(here: Town) -> str:
    record = here.ledger.record("customers", "1:1")
    assert record
    return as_text(Explained("customers", "1:1", record, {}, None), values=False)


def test_two_shoppers_of_one_lead_are_one_contact(box: Box) -> None:
    """It is converted once, for the first of them; the second finds the contact."""
    here = Town(box)
    here.lead()

    first, second = here.run(ANN, {**ANN, "id": "2", "phone": "2"})

    (contact,) = here.living("Contact")
    assert (first.id, second.id, len(here.org.asked)) == (contact["Id"], contact["Id"], 1)
    assert (contact["Lightspeed_Key__c"], contact["Phone"]) == ("1:1", "2")


def test_a_plan_says_what_a_run_then_does(box: Box) -> None:
    """Which leads it would convert, what their contacts would be told, and for whom that is one already."""
    here = Town(box, (CUSTOMERS.replace("fields:", ACCOUNTS + "fields:"),))
    lead = here.lead()
    records = ({**ANN, "phone": "1", "company": "Zoo"}, {**ANN, "id": "2"})

    rehearsed, plan = here.rehearse(*records)
    nothing = ([*here.org.asked], here.living("Contact"), here.living("Account"))
    done = here.run(*records)

    assert nothing == ([], [], [])
    assert [(each.verdict, each.object, each.rule, each.sent) for each in rehearsed] == [
        (each.verdict, each.object, each.rule, each.sent) for each in done
    ]
    assert [each for each in plan if isinstance(each, PlannedConversion)] == [PlannedConversion("Lead", lead)]
    assert [each.object for each in plan if isinstance(each, PlannedBeside)] == ["Account"]


def test_receipts_follow_to_the_contact(box: Box) -> None:
    """As after a conversion by hand: those that are in move from the lead, new ones hang on the contact."""
    leaving = CUSTOMERS.replace("{Lead: convert}", "{Lead: update}")
    here = Town(box, (leaving, SALES))
    here.lead()
    here.run(ANN)
    here.run({"id": "7", "customer_id": "1"}, stream="sales")
    (before,) = here.living("Retail_Sale__c")
    here.documents = (CUSTOMERS, SALES)

    (outcome,) = here.run({**ANN, "updated_at": "2"})
    here.pipeline.follow("customers")

    (after,) = here.living("Retail_Sale__c")
    assert before["Lead__c"]
    assert not before["Contact__c"]
    assert (after["Lead__c"], after["Contact__c"]) == (None, outcome.id)


def test_a_lead_that_salesforce_shows_as_a_living_one_is_not_converted_for_ever(box: Box) -> None:
    """She is held, with its id."""
    here = Town(box)
    lead = here.lead()
    here.org.does_nothing = True

    (outcome,) = here.run(ANN)

    assert (outcome.verdict, outcome.reason, outcome.id) == (Verdict.HELD, Reason.CONVERTED, lead)
    assert len(here.org.asked) == 1


def test_a_deletion_at_the_till_converts_nothing(box: Box) -> None:
    """It only changes who is there."""
    here = Town(box, (CUSTOMERS + "deleted: {when: deleted_at, set: {Title: gone}}\n",))
    lead = here.lead(Lightspeed_Key__c="1:1")

    (outcome,) = here.run({**ANN, "deleted_at": "2026-11-01"})

    assert (outcome.verdict, outcome.object, outcome.id, here.org.asked) == (Verdict.UPDATED, "Lead", lead, [])


def test_who_is_found_as_a_contact_has_no_lead_converted(box: Box) -> None:
    """Her old lead beside it stays what it is: the contact goes before it."""
    here = Town(box)
    here.lead()
    contact = str(box.org.insert_as_user("Contact", {"FirstName": "Ann", "LastName": "Lee", "Email": "ann@x.org"}))

    (outcome,) = here.run(ANN)

    assert (outcome.id, here.org.asked) == (contact, [])


def test_the_answer_of_a_conversion_that_was_done_before_leads_to_the_contact(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody was quicker: it is converted by now."""
    here = Town(box)
    lead = here.lead()
    quicker = here.org.convert

    def convert(leads: Sequence[Conversion]) -> list[Result]:
        return [Result(None, fault=fault(Reason.CONVERTED, Recovery.RETRY)) for _ in quicker(leads)]

    monkeypatch.setattr(here.org, "convert", convert)

    (outcome,) = here.run(ANN)

    assert (outcome.verdict, outcome.object) == (Verdict.UPDATED, "Contact")
    assert box.org.tables["Lead"][lead]["ConvertedContactId"] == outcome.id


# -- profiles -----------------------------------------------------------------------------------------------------


def kept(keep: str) -> KeepingWorld:
    """A world that keeps profiles, and a lead of Ann's."""
    texts = (text.replace("match:", "on_match: {Lead: convert}\nmatch:", 1) for text in documents(keep))
    here = KeepingWorld(*texts)
    here.org.put("Lead", {"Id": "Lead-1", "FirstName": "Ann", "Email": "ann@x.org"})
    return here


def test_her_profile_leads_to_the_contact() -> None:
    """As her contact's own row, and no more to the lead."""
    here = kept("all")

    (outcome,) = here.run("customers", ANN)

    (row,) = here.rows("Profile__c")
    assert (row["Contact__c"], row.get("Lead__c"), row["Status__c"]) == (outcome.id, None, "linked")


def test_whose_profile_leads_to_the_lead_as_a_person_has_decided_is_the_contact_then() -> None:
    """Though no rule finds her; the decision stands, and leads to what the lead has become."""
    here = kept("all")
    here.run("customers", {**ANN, "email": "other@x.org"})
    (row,) = here.rows("Profile__c")
    row |= {"Contact__c": None, "Lead__c": "Lead-1"}

    (outcome,) = here.run("customers", {**ANN, "email": "other@x.org", "updated_at": "2"})
    (again,) = here.run("customers", {**ANN, "email": "other@x.org", "updated_at": "3"})

    assert (outcome.verdict, outcome.rule, outcome.id) == (Verdict.UPDATED, "decided", here.org.converted["Lead-1"])
    assert (again.verdict, again.rule, again.id) == (Verdict.UNCHANGED, "decided", outcome.id)
    assert (row["Contact__c"], row["Lead__c"], row["Rule__c"]) == (outcome.id, None, "decided")


def refused_for_a_likeness(monkeypatch: pytest.MonkeyPatch) -> KeepingWorld:
    """She is held with her lead, for a duplicate rule finds contact C."""
    here = kept("all")
    here.org.put("Contact", {"Id": "C", "FirstName": "Ann", "Email": "other@x.org"})
    likeness = fault(Reason.DUPLICATE_RULE, Recovery.RETRY, candidates=("C",))
    monkeypatch.setattr(here.org, "convert", lambda leads: [Result(None, fault=likeness) for _ in leads])
    (held,) = here.run("customers", ANN)
    assert (held.reason, held.candidates) == (Reason.CONVERSION_DUPLICATE, ("C",))
    return here


def test_that_she_is_the_lead_settles_nothing_where_that_cannot_be_converted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command says so, and what does; no run tries again for it."""
    here = refused_for_a_likeness(monkeypatch)
    desk = Desk(here.mappings, here.org, here.ledger, here.describes)

    desk.link_to(desk.subject("1", None), "Lead-1", "Kim")

    sentence = desk.takes_effect(desk.subject("1", None))
    assert sentence.startswith("That does not settle hold 1 (conversion_duplicate). Convert the lead by hand")
    assert here.pipeline.retry_decided("customers") == []


@pytest.mark.parametrize("how", ["--is", "--not", "--new"])
def test_who_a_person_says_she_is_in_place_of_the_lead(monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    """The look-alike, or not the lead, or nobody: the next run acts on it, and the lead stays one."""
    here = refused_for_a_likeness(monkeypatch)
    desk = Desk(here.mappings, here.org, here.ledger, here.describes)
    subject = desk.subject("1", None)

    if how == "--is":
        desk.link_to(subject, "C", "Kim")
    elif how == "--not":
        desk.rule_out(subject, "Lead-1", "Kim")
    else:
        desk.make_new(subject, "Kim")

    assert desk.takes_effect(subject).startswith("The next run acts on it")
    (outcome,) = here.pipeline.retry_decided("customers")
    assert outcome.object == "Contact"
    assert (outcome.id == "C") is (how == "--is")
    record = here.ledger.record("customers", "1:1")
    assert record
    assert unconverted_lead(record.trail) == ""
    assert here.org.converted == {}


# -- persons ------------------------------------------------------------------------------------------------------

PERSONS = (
    CUSTOMERS.replace("object: Contact", "object: Account\nrecord_type: PersonAccount")
    .replace("{Contact: Email, Lead: Email}", "{Account: PersonEmail, Lead: Email}")
    .replace("  Email: {from: email, as: email}\n", "  Email: {from: email, as: email, only: Lead}\n")
)
ON_HER_OWN: dict[str, Any] = {"Company": None}


@pytest.fixture(scope="module")
def of_persons() -> Iterator[Box]:
    with running(switches={"person_accounts": "true"}) as box:
        key = "lightspeed_key__c"
        box.org.schema.objects["account"].fields[key] = box.org.schema.objects["lead"].fields[key]
        yield box


def test_a_lead_without_a_company_becomes_the_person_account_that_is_told_the_rest(of_persons: Box) -> None:
    """Where the mapping makes persons."""
    here = Town(of_persons, (PERSONS,))
    here.lead(**ON_HER_OWN)

    (outcome,) = here.run({**ANN, "phone": "1"})

    (person,) = here.living("Account")
    assert (outcome.verdict, outcome.object, outcome.id) == (Verdict.UPDATED, "Account", person["Id"])
    assert (person["IsPersonAccount"], person["PersonEmail"], person["Phone"]) == (True, "ann@x.org", "1")


def test_where_the_mapping_makes_contacts_it_is_the_contact_behind_the_person(of_persons: Box) -> None:
    """Which has no other account, whatever `account` says."""
    here = Town(of_persons, (CUSTOMERS.replace("fields:", ACCOUNTS + "fields:"),))
    here.lead(**ON_HER_OWN)

    (outcome,) = here.run({**ANN, "company": "Zoo", "phone": "1"})

    (person,) = here.living("Account")
    assert (outcome.verdict, outcome.object, outcome.id) == (Verdict.UPDATED, "Contact", person["PersonContactId"])
    assert here.org.asked[0].account is None


def test_a_lead_with_a_company_is_held_where_the_mapping_makes_persons_alone(of_persons: Box) -> None:
    """It would become a contact, to which the mapping can write nothing: it stays a lead."""
    here = Town(of_persons, (PERSONS,))
    lead = here.lead()

    (outcome,) = here.run(ANN)

    assert (outcome.verdict, outcome.reason, outcome.id) == (Verdict.HELD, Reason.BECOMES_UNKNOWN, lead)
    assert here.org.asked == []
