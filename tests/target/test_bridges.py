"""Who is one person by one rule, and another one by another: the two may be one, and a person is told."""

from __future__ import annotations

from typing import Any

import pytest
from target_salesforce_retail.ledger.store import open_ledger
from target_salesforce_retail.nouns import Clue, Verdict, Why
from target_salesforce_retail.stages.inside.bridges import counted, pairs_of

from tests.target.kept import SOUGHT, KeepingOrg, documents
from tests.target.test_profiles import KeepingWorld

Values = dict[str, Any]
PHONE = "514 555 0142"
KEYED = "+15145550142"
BOTH = {"id": "1", "first_name": "Ann", "email": "b@x.org", "phone": PHONE}


def world(retired: str = "", *, keep: str = "needed") -> KeepingWorld:
    """A contact with the phone, and one with the e-mail, by which the shopper is found first."""
    here = KeepingWorld(*documents(keep, retired))
    here.org.put("Contact", {"Id": "Contact-mail", "Email": "b@x.org"})
    here.org.put("Contact", {"Id": "Contact-phone", "FirstName": "Ann", "Phone": PHONE, "Phone_E164__c": KEYED})
    return here


def suspected(here: KeepingWorld) -> list[tuple[str, str, str, str, str]]:
    """Key, whom it is by which rule, and whom else by which."""
    found = here.pipeline.renew_suspects()
    return [(each.key, each.id, each.bridge.by, each.bridge.id, each.bridge.rule) for each in found]


PAIR = ("1:1", "Contact-mail", "email", "Contact-phone", "phone")


def test_a_profile_of_two_is_one_and_the_pair_is_noted() -> None:
    """The first rule decides as ever; what comes again without the rules being asked takes nothing off."""
    here = world()

    (outcome,) = here.run("customers", BOTH)

    assert (outcome.id, outcome.rule) == ("Contact-mail", "email")
    assert Clue("phone", Why.BESIDE, (("Contact", "Contact-phone"),)) in outcome.trail
    assert suspected(here) == [PAIR]
    here.run("customers", BOTH)
    assert suspected(here) == [PAIR]


@pytest.mark.parametrize("found_as", ["her key", "her profile"])
def test_a_pair_is_found_anew_once_the_ledger_is_lost(found_as: str) -> None:
    """When the profile comes again, whichever way it is known by then."""
    here = world()
    if found_as == "her profile":
        here.org.tables["Contact"]["Contact-mail"]["Key__c"] = "1:9"
    here.run("customers", BOTH)
    here.ledger = open_ledger("sqlite://", now=lambda: here.now)
    here.ledger.open_run()
    assert suspected(here) == []

    sent = len(here.org.sent)
    here.run("customers", BOTH)

    assert suspected(here) == [PAIR]
    assert here.org.sent[sent:] == []


def test_where_a_rule_finds_several_others_nobody_is_suspected() -> None:
    """Which of them she may be as well it does not say."""
    here = world()
    here.org.put("Contact", {"FirstName": "Ann", "Phone": PHONE, "Phone_E164__c": KEYED})

    here.run("customers", BOTH, {"id": "2", "email": "c@x.org"})

    assert suspected(here) == []


def test_whom_a_rule_vetoes_is_no_bridge() -> None:
    """Two birthdays that contradict each other are two people."""
    text, *others = documents("needed")
    agree = "agree: {FirstName: first_name}}"
    assert agree in text
    here = KeepingWorld(text.replace(agree, f"{agree[:-1]}, unless: {{Birthdate: birth_date}}}}"), *others)
    here.org.tables = world().org.tables
    here.org.tables["Contact"]["Contact-phone"]["Birthdate"] = "1980-01-01"

    here.run("customers", {**BOTH, "birth_date": "1990-02-02"})

    assert suspected(here) == []


@pytest.mark.parametrize("what", ["merge", "delete", "refuse"])
def test_a_pair_goes_off_the_list(what: str) -> None:
    """Once the two are one, one of them is gone, or a person has said that the shopper is not the other."""
    here = world(keep="all")
    here.run("customers", BOTH)
    if what == "merge":
        here.org.merge_by_hand("Contact", "Contact-phone", "Contact-mail")
    elif what == "delete":
        here.org.remove("Contact", "Contact-phone")
    else:
        row = here.org.profile("1:1")
        assert row
        row["Not__c"] = "Contact-phone"

    assert suspected(here) == []
    assert here.ledger.suspects("customers") == []


def test_what_is_merged_into_somebody_else_leads_to_that_one() -> None:
    """The pair stays, under the ids that live."""
    here = world()
    here.run("customers", BOTH)
    other = here.org.put("Contact", {"Id": "Contact-other"})
    here.org.merge_by_hand("Contact", other, "Contact-phone")

    assert [each[3] for each in suspected(here)] == ["Contact-other"]


def test_pairs_count_profiles_whichever_of_the_two_they_are() -> None:
    """The pair of which most is told comes first."""
    here = world()
    here.org.put("Contact", {"Id": "Contact-third", "FirstName": "Ann", "Phone": "604 555 0100"})
    here.org.tables["Contact"]["Contact-third"]["Phone_E164__c"] = "+16045550100"
    here.run("customers", {**BOTH, "id": "3", "phone": "604 555 0100"}, BOTH, {**BOTH, "id": "2"})

    assert [[each.key for each in pair] for pair in pairs_of(here.pipeline.renew_suspects())] == [
        ["1:1", "1:2"],
        ["1:3"],
    ]
    assert counted(2) == "2 pairs may be one person each"


def test_nobody_is_asked_about_where_there_is_no_bridge(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a call more."""
    here = KeepingWorld(*documents("needed"))
    here.run("customers", BOTH)

    def refuse(*_: Any) -> Any:
        raise AssertionError

    monkeypatch.setattr(KeepingOrg, "find", refuse)
    assert suspected(here) == []


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "one by one"])
def test_whom_the_same_batch_has_made_may_be_the_other_one(together: bool) -> None:
    """With the id that she has got."""
    here = KeepingWorld(*documents("needed"))
    records = [{"id": "8", "email": "b@x.org"}, {"id": "9", "first_name": "Ann", "phone": PHONE}, BOTH]

    for part in [records] if together else [[each] for each in records]:
        here.run("customers", *part)

    keys = {row["Id"]: row["Key__c"] for row in here.rows("Contact")}
    ((key, one, by, other, rule),) = suspected(here)
    assert (key, keys[one], by, keys[other], rule) == ("1:1", "1:8", "email", "1:9", "phone")


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "one by one"])
def test_a_profile_of_the_same_batch_leads_to_nobody_by_what_it_does_not_say_any_more(together: bool) -> None:
    """Whoever looks for it waits, though another rule has decided."""
    here = KeepingWorld(*documents(f"needed {SOUGHT}"))
    here.org.put("Contact", {"Id": "Contact-mail", "Email": "b@x.org", "Key__c": "1:8"})
    ann = here.org.put("Contact", {"FirstName": "Ann", "Key__c": "1:9"})
    row = {"Key__c": "1:2", "Status__c": "linked", "Contact__c": ann, "Matched__c": ann, "Phone_Key__c": KEYED}
    here.org.put("Profile__c", row)
    records = [{"id": "2", "phone": "604 555 0100"}, BOTH]

    for part in [records] if together else [[each] for each in records]:
        here.run("customers", *part)

    assert suspected(here) == []


def test_who_writes_nothing_names_the_other_by_the_id_that_it_gets() -> None:
    """In the very round in which the other one is made."""
    here = KeepingWorld(*documents("needed"))
    whole = {"Key__c": "1:8", "FirstName": "Ann", "LastName": "Lee", "Email": "b@x.org", "Phone": "604 555 0100"}
    here.org.put("Contact", {**whole, "Phone_E164__c": "+16045550100"})

    *_, outcome = here.run("customers", {"id": "9", "first_name": "Ann", "phone": PHONE}, BOTH)

    ((_, one, _, other, _),) = suspected(here)
    assert (outcome.verdict, one) == (Verdict.UNCHANGED, outcome.id)
    assert here.org.tables["Contact"][other]["Key__c"] == "1:9"


def test_who_is_not_found_any_more_is_off_the_list_once_the_profile_comes_again() -> None:
    """Also of whom a profile tells: rules are asked who else she is as long as somebody is listed."""
    here = world()
    here.org.tables["Contact"]["Contact-mail"]["Key__c"] = "1:9"
    here.run("customers", BOTH)
    here.org.tables["Contact"]["Contact-mail"]["Key__c"] = "1:7"
    here.org.tables["Contact"]["Contact-phone"] |= {"Phone": None, "Phone_E164__c": None}

    here.run("customers", BOTH)

    assert suspected(here) == []


LATER = {**BOTH, "updated_at": "2026-11-09T10:00:00Z"}
LAST = "2026-11-10T10:00:00Z"


def come(here: KeepingWorld, records: list[Values], *, is_alone: bool) -> None:
    """One by one, or in one batch."""
    for part in [[each] for each in records] if is_alone else [records]:
        here.run("customers", *part)


@pytest.mark.parametrize("is_alone", [False, True])
@pytest.mark.parametrize("phone", ["604 555 0100", None])
def test_what_the_till_has_taken_back_bridges_nobody(phone: str | None, is_alone: bool) -> None:
    """A mistyped number is corrected: nobody is listed, or merged, on a word that nobody says any more."""
    here = world()

    come(here, [BOTH, {**LATER, "phone": phone}], is_alone=is_alone)

    assert here.ledger.suspects("customers") == []


@pytest.mark.parametrize("is_alone", [False, True])
def test_a_record_that_names_nobody_any_more_bridges_nobody(is_alone: bool) -> None:
    """Neither e-mail nor phone is left, so that there is no rule to ask."""
    here = world()

    come(here, [BOTH, {"id": "1", "first_name": "Ann", "updated_at": LATER["updated_at"]}], is_alone=is_alone)

    assert here.ledger.suspects("customers") == []


@pytest.mark.parametrize("is_alone", [False, True])
def test_who_bridges_others_by_now_is_asked_about_again_and_no_more_after_that(is_alone: bool) -> None:
    """In place of the pair that was comes the one that is."""
    here = world()
    other = {"FirstName": "Ann", "Phone": "604 555 0100", "Phone_E164__c": "+16045550100"}
    here.org.put("Contact", {"Id": "Contact-other", **other})

    come(here, [BOTH, {**LATER, "phone": "604 555 0100"}], is_alone=is_alone)

    assert [(each[1], each[3]) for each in suspected(here)] == [("Contact-mail", "Contact-other")]


@pytest.mark.parametrize("is_alone", [False, True])
def test_an_old_version_that_comes_late_takes_nothing_back(is_alone: bool) -> None:
    """Neither one with another number, nor one from when she was archived."""
    here = world()
    old = [{**BOTH, "phone": "604 555 0100", "updated_at": "2026-11-01T10:00:00Z"}]

    come(here, [LATER, *old, {**BOTH, "archived": True, "updated_at": "2026-11-02T10:00:00Z"}], is_alone=is_alone)

    assert suspected(here) == [PAIR]


@pytest.mark.parametrize("is_alone", [False, True])
@pytest.mark.parametrize("phone", [PHONE, "604 555 0100"])
def test_who_was_left_out_and_is_back_says_what_she_says_now(phone: str, is_alone: bool) -> None:
    """As if she had never been away."""
    here = world()
    away = {**LATER, "archived": True}

    come(here, [BOTH, away, {**BOTH, "phone": phone, "updated_at": LAST}], is_alone=is_alone)

    assert suspected(here) == ([PAIR] if phone == PHONE else [])


def test_the_org_is_asked_once_more_for_those_who_are_listed_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is known costs the look-up of her key, as ever."""
    here = world()
    here.run("customers", BOTH, {"id": "2", "email": "c@x.org"})
    asked: list[Any] = []
    real = KeepingOrg.find

    def find(org: KeepingOrg, wanted: Any, fields: Any) -> Any:
        asked.append(wanted)
        return real(org, wanted, fields)

    monkeypatch.setattr(KeepingOrg, "find", find)
    here.run("customers", {"id": "2", "email": "c@x.org"})
    as_ever = len(asked)
    here.run("customers", BOTH, {"id": "2", "email": "c@x.org"})

    assert len(asked) == as_ever + as_ever + 1
    assert "c@x.org" not in str(asked[as_ever:])


@pytest.mark.parametrize(
    ("what", "remembered"),
    [
        ({"archived": True}, 1),
        ({"archived": True, "tier": "gone"}, 0),
        ({"archived": True, "tier": "erase"}, 0),
        ({"deleted_at": "2026-11-01"}, 0),
    ],
    ids=["archived", "unlinked", "erased", "merged"],
)
@pytest.mark.parametrize("is_alone", [False, True])
def test_a_pair_is_off_the_list_once_its_profile_is_gone(what: Any, remembered: int, is_alone: bool) -> None:
    """Nothing bridges the two any more; one that is only archived, and may be back, is asked about then."""
    retired = (
        "  retired: [{when: {tier: gone}, do: unlink}, {when: {tier: erase}, do: anonymise, set: {Email: null}}]\n"
    )
    here = world(retired)
    last = {**BOTH, **what, "updated_at": "2026-11-09T10:00:00Z"}

    come(here, [BOTH, last], is_alone=is_alone)

    assert suspected(here) == []
    assert len(here.ledger.bridging("customers", ["1:1"])) == remembered
