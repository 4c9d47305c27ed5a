"""What a person decides by a command is what the next run goes by, whatever stands in the profile already."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from target_salesforce_retail.companion.deciding import Desk
from target_salesforce_retail.companion.standing import Senseless, Subject
from target_salesforce_retail.nouns import Flaw, Reason

from tests.target.kept import KeepingOrg, documents
from tests.target.world import World, arrival

ANN = {"id": "1", "first_name": "Ann", "last_name": "Lee", "email": "a@x.org"}
Row = dict[str, Any]


def world(*texts: str) -> tuple[World, KeepingOrg, Desk]:
    """A row of every shopper."""
    here = World(*(texts or documents("all")))
    org = KeepingOrg(here.describes)
    here.org = org
    return here, org, Desk(here.mappings, org, here.ledger, here.describes)


def profile(org: KeepingOrg, key: str = "1:1") -> Row:
    """Her profile as it stands."""
    row = org.profile(key)
    assert row
    return row


def with_a_lead_put_beside() -> tuple[World, KeepingOrg, Desk]:
    """We have linked her to contact A, and somebody has put lead L into the other lookup."""
    here, org, desk = world()
    org.put("Contact", {"Id": "A", "Email": "a@x.org"})
    org.put("Lead", {"Id": "L", "Email": "l@x.org"})
    here.run("customers", ANN)
    profile(org)["Lead__c"] = "L"
    return here, org, desk


# Not this one


def test_not_this_one_holds_of_whichever_lookup_names_it() -> None:
    """The lead that somebody has put beside our contact is taken out, and she stays the contact."""
    here, org, desk = with_a_lead_put_beside()

    desk.rule_out(desk.subject("1:1", None), "L", "Kim")
    (outcome,) = here.run("customers", ANN)

    assert outcome.id == "A"
    assert (profile(org)["Contact__c"], profile(org)["Lead__c"], profile(org)["Not__c"]) == ("A", None, "L")
    assert [(each.what, each.person, each.before) for each in here.ledger.decisions()] == [("not", "L", "L")]


def test_not_the_one_before_leaves_whom_somebody_has_put_in() -> None:
    """The lead stands, and the contact is out of its lookup at once."""
    here, org, desk = with_a_lead_put_beside()

    desk.rule_out(desk.subject("1:1", None), "A", "Kim")
    assert (profile(org)["Contact__c"], profile(org)["Lead__c"], profile(org)["Not__c"]) == (None, "L", "A")

    (outcome,) = here.run("customers", ANN)
    assert outcome.id == "L"


def test_who_lives_on_in_another_is_ruled_out_with_that_one() -> None:
    """A lookup may name a record that was merged: it is emptied for the one that stays."""
    here, org, desk = world()
    org.put("Contact", {"Id": "A", "Email": "a@x.org"})
    org.put("Contact", {"Id": "B", "Email": "b@x.org"})
    here.run("customers", ANN)
    org.merge_by_hand("Contact", "B", "A")
    profile(org)["Contact__c"] = "A"

    desk.rule_out(desk.subject("1:1", None), "B", "Kim")
    assert (profile(org)["Contact__c"], profile(org)["Status__c"]) == (None, "unlinked")

    (outcome,) = here.run("customers", ANN)
    assert outcome.id not in ("A", "B")


# A new person


@pytest.mark.parametrize("forgotten", [False, True])
def test_who_was_made_as_a_new_person_is_not_made_once_more(forgotten: bool) -> None:
    """The same words again would make a third: they write nothing and say what does, ledger or none."""
    here, org, desk = world()
    here.run("customers", ANN)
    desk.make_new(desk.subject("1:1", None), "Kim")
    (made,) = here.run("customers", ANN)
    desk = replace(desk, ledger=World(*documents("all")).ledger) if forgotten else desk
    before = dict(profile(org))

    with pytest.raises(Senseless, match=f"It is {made.id} already, .*Nothing was written.*unlink 1:1"):
        desk.make_new(desk.subject_of("1:1", None), "Kim")

    assert profile(org) == before
    desk.unlink(desk.subject_of("1:1", None), "Kim")
    assert desk.make_new(desk.subject_of("1:1", None), "Kim") == "1:1 is a new person"


def test_whom_a_person_has_named_may_still_be_a_new_person() -> None:
    """That is another decision, not the same one again."""
    here, org, desk = world()
    org.put("Contact", {"Id": "A", "Email": "z@x.org"})
    here.run("customers", ANN)
    desk.link_to(desk.subject("1:1", None), "A", "Kim")
    here.run("customers", ANN)

    assert desk.make_new(desk.subject("1:1", None), "Kim") == "1:1 is a new person"


# What is held


def held_for_want_of_anybody() -> tuple[World, KeepingOrg, Desk]:
    """Nobody answers to her, and `on_none` says that a person decides; another contact is there."""
    shoppers, *others = documents("all")
    here, org, desk = world(shoppers.replace("match:", "on_none: hold\nmatch:"), *others)
    org.put("Contact", {"Id": "A", "Email": "z@x.org"})
    (held,) = here.run("customers", ANN)
    assert held.reason is Reason.NONE_HELD
    return here, org, desk


def test_whom_nobody_answers_to_is_taken_up_again_once_she_is_named() -> None:
    """The next run links her; what it promises is what it does."""
    here, _, desk = held_for_want_of_anybody()
    subject = desk.subject("1:1", None)

    desk.link_to(subject, "A", "Kim")
    assert "The next run acts on it" in desk.takes_effect(subject)
    (outcome,) = here.pipeline.retry_decided("customers")

    assert (outcome.id, here.ledger.open_holds()) == ("A", 0)


def test_what_does_not_settle_a_hold_is_said_with_what_does() -> None:
    """That she is new says nothing of what is to be made of her: she is not tried again, and the command says so."""
    here, _, desk = held_for_want_of_anybody()
    subject = desk.subject("1:1", None)

    desk.make_new(subject, "Kim")

    assert "does not settle hold 1 (none_held). Say which record it is: `decide --is`" in desk.takes_effect(subject)
    assert here.pipeline.retry_decided("customers") == []


def test_who_is_linked_and_held_for_a_value_is_not_tried_in_every_run() -> None:
    """Her link is no answer to what she is held for."""
    here, org, desk = world()
    org.put("Contact", {"Id": "A", "Email": "a@x.org"})
    here.run("customers", ANN)
    (held,) = here.pipeline.run("customers", [arrival("customers", (Flaw("email", "is no e-mail"),), **ANN)])
    assert held.reason is Reason.INVALID
    subject = desk.subject("1:1", None)

    desk.link_to(subject, "A", "Kim")

    assert "does not settle hold 1 (invalid). Mend it at the source" in desk.takes_effect(subject)
    assert here.pipeline.retry_decided("customers") == []


# Receipts meanwhile


@pytest.mark.parametrize(
    ("decide", "wait"),
    [
        (lambda desk, subject: desk.link_to(subject, "B", "Kim"), False),
        (lambda desk, subject: desk.rule_out(subject, "B", "Kim"), False),
        (lambda desk, subject: desk.rule_out(subject, "A", "Kim"), True),
        (lambda desk, subject: desk.make_new(subject, "Kim"), True),
        (lambda desk, subject: desk.unlink(subject, "Kim"), True),
    ],
    ids=["is", "not another", "not this one", "new", "unlink"],
)
def test_what_is_said_of_receipts_is_what_becomes_of_them(decide: Callable[[Desk, Subject], str], wait: bool) -> None:
    """Of a shopper who is in: of somebody she is, they go by it at once; else they wait until she has come."""
    here, org, desk = world(*(each.replace(", missing: blank", "") for each in documents("all")))
    for each, email in (("A", "a@x.org"), ("B", "b@x.org")):
        org.put("Contact", {"Id": each, "Email": email})
    here.run("shops", {"id": "1", "name": "Mile End"})
    here.run("customers", ANN)
    subject = desk.subject_of("1:1", None)

    decide(desk, subject)
    said = desk.takes_effect(subject)
    (receipt,) = here.run("sales", {"id": "9", "state": "completed", "total": "1", "shop_id": "1", "customer_id": "1"})

    assert ("receipts that come wait until then" in said) == (receipt.reason is Reason.PARENT_MISSING) == wait
    assert ("receipts that come go by it now" in said) == (receipt.id is not None) == (not wait)


def linked_without_a_row() -> tuple[World, KeepingOrg, Desk]:
    """She is A by her e-mail, and B has a phone that may be hers; nobody keeps a row of her."""
    here, org, desk = world(*(each.replace(", missing: blank", "") for each in documents("needed")))
    org.put("Contact", {"Id": "A", "Email": "a@x.org", "FirstName": "Ann", "LastName": "Lee"})
    org.put("Contact", {"Id": "B", "Email": "b@x.org"})
    here.run("shops", {"id": "1", "name": "Mile End"})
    here.run("customers", ANN)
    assert org.profile("1:1") is None
    return here, org, desk


@pytest.mark.parametrize("forgotten", [False, True])
def test_to_refuse_another_keeps_whom_she_is_linked_to(forgotten: bool) -> None:
    """The row that is made for it says all of how her link stands, and the next run has nothing to add."""
    here, org, desk = linked_without_a_row()
    desk = replace(desk, ledger=World(*documents("needed")).ledger) if forgotten else desk
    subject = desk.subject_of("1:1", None)

    desk.rule_out(subject, "B", "Kim")

    row = profile(org)
    assert (row["Status__c"], row["Contact__c"], row["Matched__c"], row["Not__c"]) == ("linked", "A", "A", "B")
    assert row["Rule__c"] == ("key" if forgotten else "email")
    assert "receipts that come go by it now" in desk.takes_effect(subject)
    before = dict(row)
    (again,) = here.run("customers", ANN)
    assert (again.id, profile(org)["Rule__c"], here.ledger.decisions()[1:]) == ("A", row["Rule__c"], [])
    assert {name: value for name, value in profile(org).items() if name in before} == before


def test_who_is_linked_to_nobody_is_so_in_the_row_of_a_refusal() -> None:
    """She is held, and nobody was asked about."""
    here, org, desk = world(*documents("needed"))
    org.put("Contact", {"Id": "B", "Email": "b@x.org"})
    here.pipeline.run("customers", [arrival("customers", (Flaw("email", "is no e-mail"),), **ANN)])

    desk.rule_out(desk.subject("1:1", None), "B", "Kim")

    row = profile(org)
    assert (row["Status__c"], row.get("Contact__c"), row["Not__c"]) == ("unlinked", None, "B")


def test_receipts_of_who_is_linked_without_a_row_go_by_that_at_once() -> None:
    """The ledger knows her, whoever she is not."""
    here, org, desk = linked_without_a_row()
    subject = desk.subject_of("1:1", None)
    org.put("Profile__c", {"Key__c": "1:1", "Not__c": "B"})

    said = desk.takes_effect(subject)
    (receipt,) = here.run("sales", {"id": "9", "state": "completed", "total": "1", "shop_id": "1", "customer_id": "1"})

    assert "go by it now" in said
    assert receipt.id is not None


# Whom nobody has asked about


def among_two() -> tuple[World, KeepingOrg, Desk]:
    """A and B answer to her; Z is somebody else."""
    here, org, desk = world()
    for each, email in (("A", "a@x.org"), ("B", "a@x.org"), ("Z", "z@x.org")):
        org.put("Contact", {"Id": each, "Email": email})
    here.run("customers", ANN)
    return here, org, replace(desk, login_url="https://acme.my.salesforce.com/")


def test_who_is_no_candidate_is_named_and_the_candidates_with_her() -> None:
    """A mistyped id of somebody who is there: it is taken down all the same, and the sentence shows where to look."""
    here, _, desk = among_two()

    said = desk.link_to(desk.subject("1", None), "Z", "Kim")

    where = "https://acme.my.salesforce.com"
    assert said.startswith(f"1:1 is Contact Z ({where}/Z), who is none of its candidates: ")
    assert f"A {where}/A" in said
    assert f"B {where}/B. It is taken down all the same" in said
    assert [outcome.id for outcome in here.pipeline.retry_decided("customers")] == ["Z"]


def test_to_refuse_who_is_no_candidate_is_said_too() -> None:
    """She stays asked about."""
    _, org, desk = among_two()

    said = desk.rule_out(desk.subject("1", None), "Z", "Kim")

    assert "1:1 is not Contact Z (https://acme.my.salesforce.com/Z), who is none of its candidates" in said
    assert profile(org)["Candidates__c"] == "A B"


def test_to_refuse_whom_she_is_not_linked_to_names_whom_she_is() -> None:
    """She is A; that she is not Z changes nothing."""
    here, _, desk = among_two()
    desk.link_to(desk.subject("1", None), "A", "Kim")
    here.pipeline.retry_decided("customers")

    assert desk.rule_out(desk.subject_of("1:1", None), "Z", "Kim") == ("1:1 is not Contact Z, but it is linked to A")


@pytest.mark.parametrize("merged", [False, True])
def test_of_a_candidate_nothing_odd_is_said(merged: bool) -> None:
    """Nor of who lives on in the place of one."""
    _, org, desk = among_two()
    if merged:
        org.merge_by_hand("Contact", "Z", "A")

    chosen = "Z" if merged else "A"
    assert desk.link_to(desk.subject("1", None), chosen, "Kim") == f"1:1 is Contact {chosen}"


# Of whom it is


def test_a_stream_that_no_mapping_has_is_said_to_be_none() -> None:
    """It is misspelt, and not without `profile:`."""
    _, _, desk = world()

    with pytest.raises(Senseless, match="No mapping has the stream `custmers`; did you mean `customers`"):
        desk.subject("1:1", "custmers")
    with pytest.raises(Senseless, match="The mapping of `sales` has no `profile:`"):
        desk.subject("1:1", "sales")


def with_keys_that_are_numbers() -> Desk:
    """Hold 1 is of customer 77; customer 1 is in."""
    shoppers, *others = documents("all")
    here, org, desk = world(shoppers.replace('value: "{account_id}:{id}"', 'value: "{id}"', 1), *others)
    for each in ("A", "B"):
        org.put("Contact", {"Id": each, "Email": "d@x.org"})
    here.run("customers", {**ANN, "id": "77", "email": "d@x.org"})
    here.run("customers", ANN)
    return desk


def test_a_number_that_names_a_hold_and_a_key_is_refused() -> None:
    """Two shoppers are meant by it: which, only a person knows."""
    desk = with_keys_that_are_numbers()

    with pytest.raises(Senseless, match="1 is hold 1, of customers 77, and the key of a record"):
        desk.subject("1", None)


def test_with_its_stream_a_number_is_a_key() -> None:
    """Never a hold; what is held of it is found all the same."""
    desk = with_keys_that_are_numbers()

    assert desk.subject("1", "customers").key == "1"
    assert desk.subject("77", "customers").candidates == ("A", "B")


def test_to_unlink_is_said_of_a_key_alone() -> None:
    """A number is the key of the one record, whatever is held under that number."""
    desk = with_keys_that_are_numbers()

    assert desk.subject_of("1", None).key == "1"
    assert desk.subject("77", None).key == "77"


@pytest.mark.parametrize("number", ["0", "2", str(2**63), "9" * 20, "9" * 5000, "\u0663"])
def test_a_number_that_no_hold_has_is_said_to_be_none(number: str) -> None:
    """However many digits it has, and whosever they are."""
    _, _, desk = world()

    with pytest.raises(Senseless, match="There is no open hold"):
        desk.subject(number, None)


# The audit


def test_who_is_a_new_person_twice_is_in_the_audit_twice() -> None:
    """Each time of somebody else than the time before: two decisions, and two more contacts."""
    here, _, desk = world()
    here.run("customers", ANN)
    desk.make_new(desk.subject("1:1", None), "Kim")
    here.run("customers", ANN)
    desk.unlink(desk.subject("1:1", None), "Kim")
    desk.make_new(desk.subject("1:1", None), "Kim")
    here.run("customers", ANN)

    assert len({each["Id"] for each in here.rows("Contact")}) == 3
    assert [(each.what) for each in here.ledger.decisions()] == ["new", "not", "new"]


def test_a_decision_that_a_run_sees_is_no_news_after_the_command() -> None:
    """The run does not know who it was before, or knows it as the command did: one decision, one row."""
    here, org, desk = world()
    org.put("Contact", {"Id": "A", "Email": "z@x.org"})
    here.run("customers", ANN)

    desk.link_to(desk.subject("1:1", None), "A", "Kim")
    here.run("customers", ANN)
    here.run("customers", ANN)
    desk.make_new(desk.subject("1:1", None), "Kim")
    here.run("customers", ANN)

    assert [each.what for each in here.ledger.decisions()] == ["new", "is"]
