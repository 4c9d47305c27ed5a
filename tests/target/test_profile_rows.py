"""All that the profiles of a person say is evidence for her, and not only what her own record holds."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from target_salesforce_retail.companion.memory_org import MemoryOrg
from target_salesforce_retail.mapping.lint import lint
from target_salesforce_retail.mapping.load import parse
from target_salesforce_retail.mapping.preflight import preflight
from target_salesforce_retail.metadata import FieldDescribe
from target_salesforce_retail.nouns import Outcome, Verdict

from tests.target.kept import SOUGHT, KeepingOrg, documents
from tests.target.test_profiles import KeepingWorld

Values = dict[str, Any]
PHONE = "514 555 0142"
FIRST = {"id": "1", "first_name": "Ann", "email": "a@x.org", "phone": PHONE}
SECOND = {"id": "2", "first_name": "Ann", "email": "b@x.org", "phone": PHONE}
THIRD = {"id": "3", "first_name": "Ann", "email": "b@x.org"}


def world(keep: str = "needed") -> KeepingWorld:
    return KeepingWorld(*documents(f"{keep} {SOUGHT}"))


def whose(outcomes: list[Outcome]) -> list[str | None]:
    return [outcome.id for outcome in outcomes]


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "one by one"])
def test_a_third_profile_is_found_by_what_the_second_has_told(together: bool) -> None:
    """Her contact keeps the first e-mail; by the second one the third profile finds her."""
    here = world()
    records = [FIRST, SECOND, THIRD]

    outcomes = here.run("customers", *records) if together else [here.run("customers", each)[0] for each in records]

    assert [outcome.rule for outcome in outcomes] == [None, "phone", "email"]
    assert len({*whose(outcomes)}) == 1
    assert [row["Email"] for row in here.rows("Contact")] == ["a@x.org"]
    profile = here.org.profile("1:3")
    assert profile
    assert profile["Evidence__c"] == "Profile__c.Email__c"


def known(here: KeepingWorld, **values: Any) -> str:
    """A contact, and the profile of another shopper that leads to her and says b@x.org."""
    ann = here.org.put("Contact", {"FirstName": "Ann", "Email": "a@x.org", "Key__c": "1:9"})
    row = {"Key__c": "1:2", "Status__c": "linked", "Contact__c": ann, "Matched__c": ann, "Email__c": "b@x.org"}
    here.org.put("Profile__c", row | values)
    return ann


def test_a_profile_leads_to_its_person() -> None:
    """And is found however its e-mail is written."""
    here = world()
    ann = known(here, Email__c="B@x.org")

    (outcome,) = here.run("customers", THIRD)

    assert (outcome.id, outcome.rule) == (ann, "email")


@pytest.mark.parametrize("status", ["unlinked", "to decide", "new person", "merged", "erased", None])
def test_a_profile_that_is_not_linked_leads_to_nobody(status: str | None) -> None:
    """Whatever its lookup holds."""
    here = world()
    ann = known(here, Status__c=status)

    (outcome,) = here.run("customers", THIRD)

    assert outcome.verdict is Verdict.CREATED
    assert outcome.id != ann


def test_a_profile_of_two_persons_or_of_nobody_who_lives_leads_to_nobody() -> None:
    """Which of them it is a person has yet to be asked."""
    here = world()
    lead = here.org.put("Lead", {"FirstName": "Ann"})
    ann = known(here, Lead__c=lead)
    here.org.put("Profile__c", {"Key__c": "1:8", "Status__c": "linked", "Contact__c": "003gone", "Email__c": "b@x.org"})

    (outcome,) = here.run("customers", THIRD)

    assert outcome.id not in (ann, lead)


def test_whom_a_person_has_refused_no_profile_leads_to() -> None:
    """Her `Not` holds, whoever's profile says the same e-mail."""
    here = world()
    ann = known(here)
    here.org.put("Profile__c", {"Key__c": "1:3", "Status__c": "unlinked", "Not__c": ann})

    (outcome,) = here.run("customers", THIRD)

    assert outcome.verdict is Verdict.CREATED


def test_what_must_agree_is_asked_of_the_person() -> None:
    """Bob with the number of Ann's profile is not Ann."""
    here = world()
    ann = known(here, Phone_Key__c="+15145550142")

    bob, found = here.run(
        "customers", THIRD | {"first_name": "Bob", "email": None, "phone": PHONE}, FIRST | {"id": "4"}
    )

    assert (bob.id == ann, found.id) == (False, ann)


def test_her_own_record_goes_before_the_profiles_where_it_is_named_before() -> None:
    """Objects named first take precedence."""
    here = world()
    known(here)
    other = here.org.put("Contact", {"FirstName": "Ann", "Email": "b@x.org"})

    (outcome,) = here.run("customers", THIRD)

    assert outcome.id == other


def test_a_row_is_kept_of_what_her_own_record_does_not_hold() -> None:
    """The till has another number than her contact: that is evidence, which else nothing would keep."""
    here = world()
    contact = {"FirstName": "Ann", "Email": "a@x.org", "Phone": "604 555 0100", "Key__c": "1:1"}
    here.org.put("Contact", contact | {"Phone_E164__c": "+16045550100", "FirstName": "Ann"})
    here.run("customers", {**FIRST, "phone": None})
    assert here.rows("Profile__c") == []

    here.org.tables["Contact"][next(iter(here.org.tables["Contact"]))]["Email"] = "c@x.org"
    fills_blanks = {"Email: {from: email, as: email, refused: leave_out}": "Email: {from: email, update: if_blank}"}
    text, *others = documents(f"needed {SOUGHT}")
    for old, new in fills_blanks.items():
        assert old in text
        text = text.replace(old, new)
    there = KeepingWorld(text, *others)
    there.org.tables = here.org.tables
    there.run("customers", FIRST)
    (row,) = there.rows("Profile__c")
    assert (row["Key__c"], row["Email__c"], row["Status__c"]) == ("1:1", "a@x.org", "linked")

    (outcome,) = there.run("customers", {"id": "5", "email": "a@x.org"})
    assert outcome.id == row["Contact__c"]


def test_profiles_cost_no_query_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many shoppers come; and one more for all to whom they lead, where any does, with one for whose keys these
    carry."""
    calls: Counter[str] = Counter()
    find = MemoryOrg.find

    def counted(self: MemoryOrg, wanted: Any, fields: Any) -> Any:
        calls["find"] += 1
        return find(self, wanted, fields)

    here = world()
    monkeypatch.setattr(KeepingOrg, "find", counted)
    here.run("customers", *({"id": str(number), "email": f"{number}@x.org"} for number in range(20, 60)))
    assert calls == {"find": 3}

    known(here)
    calls.clear()
    here.run("customers", THIRD, *({"id": str(number), "email": f"{number}@y.org"} for number in range(60, 99)))
    assert calls == {"find": 5}


ANN = {"first_name": "Ann", "last_name": "Lee"}
IN_ONE_BATCH: dict[str, list[Values]] = {
    "a row that says something new": [
        {"id": "2", "email": "c@x.org"},
        {"id": "3", **ANN, "email": "c@x.org"},
    ],
    "a row that does not say it any more": [
        {"id": "2", "email": "c@x.org"},
        {"id": "3", **ANN, "email": "b@x.org"},
    ],
    "a row that says something else once more": [
        {"id": "2", "email": "c@x.org"},
        {"id": "3", **ANN, "email": "c@x.org"},
        {"id": "2", "email": "d@x.org"},
    ],
    "a row of whoever waits": [
        {"id": "9", "phone": PHONE},
        {"id": "2", "email": "c@x.org", "mobile": "514 555 0143"},
        {"id": "3", **ANN, "email": "b@x.org"},
    ],
    "a row that came later than who waits": [
        {"id": "1", **ANN, "email": "d@x.org", "phone": PHONE},
        {"id": "3", **ANN, "email": "c@x.org", "phone": PHONE, "mobile": "514 555 0143"},
        {"id": "2", "last_name": "Ray", "email": "c@x.org"},
    ],
}


@pytest.mark.parametrize("case", IN_ONE_BATCH)
def test_a_row_says_in_a_batch_what_it_would_say_to_a_later_one(case: str) -> None:
    """The profile of shopper 2 leads to Ann; it is asked for by who calls herself Lee, and by nobody else."""
    text, *others = documents(f"needed {SOUGHT}")
    assert "{by: email, from: email," in text
    text = text.replace("{by: email, from: email,", "{by: email, from: email, when: {last_name: Lee},")
    ends = []
    for parts in ([IN_ONE_BATCH[case]], [[each] for each in IN_ONE_BATCH[case]]):
        here = KeepingWorld(text, *others)
        known(here)
        outcomes = [outcome for part in parts for outcome in here.run("customers", *part)]
        ends.append([(each.verdict, each.rule, *names_of(here, each)) for each in outcomes])

    assert ends[0] == ends[1]


def names_of(here: KeepingWorld, outcome: Outcome) -> list[str]:
    """The key of the contact that it became."""
    return [row["Key__c"] for row in here.rows("Contact") if row["Id"] == outcome.id]


# What a mapping may say


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "{Contact: Email, Profile__c: Email__c, Lead: Email}",
            "{Profile__c: Email__c}",
            "match/email: a `Profile__c` only leads to a person: name the person's object too",
        ),
        (
            "Profile__c: Email__c,",
            "Profile__c: Emial__c,",
            "nothing fills Profile__c.Emial__c: name it in the `fields` of `profile`; did you mean `Email__c`?",
        ),
    ],
)
def test_a_rule_that_looks_into_profiles_in_vain_is_named(old: str, new: str, problem: str) -> None:
    """Before anything is written, with the line of the rule."""
    text, *_ = documents(f"needed {SOUGHT}")
    assert old in text
    faults: list[Any] = []

    found = [*map(str, faults), *map(str, lint(parse(text.replace(old, new), "customers.yml", faults)))]

    line = text[: text.index("- {by: email")].count("\n") + 1
    assert [each for each in found if problem in each and each.startswith(f"customers.yml:{line} ")]


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        (FieldDescribe("Email__c", "textarea", filterable=False), "which no query can ask for"),
        (FieldDescribe("Email__c", "double"), "which is a double"),
    ],
)
def test_preflight_names_what_of_profiles_no_query_can_look_into(changed: FieldDescribe, problem: str) -> None:
    """As of any other object."""
    here = world()
    of_profiles = here.describes["Profile__c"]
    fields = {**of_profiles.fields, "Email__c": changed}
    describes = {**here.describes, "Profile__c": replace(of_profiles, fields=fields)}

    _, found = preflight(here.mappings, lambda _: describes)

    assert [each for each in found if f"cannot look into Profile__c.Email__c, {problem}" in each]


def test_preflight_names_a_number_of_profiles_that_is_no_key() -> None:
    """As people type it nobody can ask for it; with `as: phone` it is one."""
    text, *others = documents(f"needed {SOUGHT}")
    here = KeepingWorld(text.replace("as: phone}", "on_null: clear}"), *others)

    _, found = preflight(here.mappings, lambda _: here.describes)
    _, none = preflight(world().mappings, lambda _: world().describes)

    asked = "`by: phone` cannot ask for Profile__c.Phone_Key__c"
    assert [each for each in found if asked in each and "with `as: phone` in `profile`" in each]
    assert not [each for each in none if asked in each]
