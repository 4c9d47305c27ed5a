"""Profiles are written once their shoppers are delivered: what is refused holds its shopper, and a crash repeats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest
from target_salesforce_retail.companion.explain_forms import Explained, as_text
from target_salesforce_retail.errors import OrgBusy, OrgRefused
from target_salesforce_retail.mapping.lint import lint
from target_salesforce_retail.mapping.load import lint_streams, parse
from target_salesforce_retail.mapping.preflight import preflight
from target_salesforce_retail.mapping.rules import Mappings
from target_salesforce_retail.metadata import FieldDescribe, ObjectDescribe
from target_salesforce_retail.nouns import Fault, Reason, Recovery, Result, Value, Verdict
from target_salesforce_retail.stages.inside.profiles import Profiles, read_profiles

from tests.target.kept import PROFILE, KeepingOrg, documents
from tests.target.world import SHOPPERS, World

Values = dict[str, Any]
ANN = {"id": "1", "first_name": "Ann", "last_name": "Lee", "email": "a@x.org"}


class FussyOrg(KeepingOrg):
    """Refuses profiles, with a fault, or all of them at once; and watches how they are written."""

    fault: Fault | None = None
    is_down = False
    blanks: Sequence[Mapping[str, Value]] = ()
    refusing: Mapping[str, Fault] = MappingProxyType({})

    def upsert(
        self, name: str, key_field: str, rows: Sequence[Mapping[str, Value]], *, allow_duplicates: bool = False
    ) -> list[Result]:
        if name == "Profile__c" and self.is_down:
            message = "no answer"
            raise OrgBusy(message)
        if name == "Profile__c" and self.fault and any(row.get("Name__c") for row in rows):
            return [Result(None, fault=self.fault) for _ in rows]
        return super().upsert(name, key_field, rows, allow_duplicates=allow_duplicates)

    def update(
        self,
        name: str,
        key_field: str,
        rows: Sequence[tuple[str, Mapping[str, Value], Mapping[str, Value]]],
        *,
        allow_duplicates: bool = False,
    ) -> list[Result]:
        if name in self.refusing:
            return [Result(None, fault=self.refusing[name]) for _ in rows]
        self.blanks = [blanks for _, _, blanks in rows]
        return super().update(name, key_field, rows, allow_duplicates=allow_duplicates)

    def answers(self) -> bool:
        return False


def world(fields: str | None = None) -> tuple[World, FussyOrg]:
    """A row of every shopper."""
    shoppers, *others = documents("all")
    found = World(shoppers.replace('{value: "[{first_name} ][{last_name}]"}', fields) if fields else shoppers, *others)
    org = FussyOrg(found.describes)
    found.org = org
    return found, org


def refusal(recovery: Recovery = Recovery.HOLD, reason: Reason = Reason.RULE_BROKEN, *fields: str) -> Fault:
    return Fault(reason, recovery, "A_CODE", "in Salesforce's words", fields)


def test_a_profile_that_is_refused_holds_its_shopper() -> None:
    """With the org's reason and the field; once that is mended she comes again, and nothing is written twice."""
    here, org = world()
    org.fault = refusal(Recovery.HOLD, Reason.RULE_BROKEN, "Name__c")

    (held,) = here.run("customers", ANN)

    assert (held.verdict, held.reason, held.code) == (Verdict.HELD, Reason.RULE_BROKEN, "A_CODE")
    assert held.fields == ("Profile__c.Name__c",)
    assert len(here.rows("Contact")) == 1
    org.fault = None
    (mended,) = here.pipeline.run("customers", here.ledger.held("customers"))
    assert (mended.verdict, mended.rule) == (Verdict.UNCHANGED, "key")
    assert here.ledger.open_holds() == 0
    assert org.profile("1:1")["Contact__c"] == here.rows("Contact")[0]["Id"]  # type: ignore[index]


def explained(here: World) -> str:
    """What `explain` says of her."""
    record = here.ledger.record("customers", "1:1")
    assert record
    return as_text(Explained("customers", "1:1", record, {}, None, profile_object="Profile__c"), values=False)


def test_a_profile_that_is_refused_as_a_whole_is_named_and_so_is_what_was_taken() -> None:
    """A locked row has no field: its object is told, and that the contact is written."""
    here, org = world()
    org.fault = refusal(Recovery.HOLD, Reason.LOCKED)

    (held,) = here.run("customers", ANN)

    assert (held.reason, held.fields, held.id) == (Reason.LOCKED, ("Profile__c",), here.rows("Contact")[0]["Id"])
    assert "What came of it\n  Salesforce took it.\n  Salesforce refused its row of Profile__c, A_CODE\n" in explained(
        here
    )


def test_of_who_was_held_already_nothing_is_said_to_be_taken() -> None:
    """Two answer to her, and the row that asks about them is refused: nothing of hers was sent."""
    here, org = world()
    for each in ("A", "B"):
        org.put("Contact", {"Id": each, "Email": "a@x.org"})
    org.fault = refusal(Recovery.HOLD, Reason.RULE_BROKEN, "Name__c")

    (held,) = here.run("customers", ANN)

    assert (held.reason, held.fields) == (Reason.RULE_BROKEN, ("Profile__c.Name__c",))
    assert "What came of it\n  Salesforce refused its row of Profile__c, A_CODE\n" in explained(here)


def test_a_contact_and_its_profile_that_are_both_refused_were_not_taken() -> None:
    """What was sent of her is in no record, so that the outcome does not list it."""
    here, org = world()
    here.run("customers", ANN)
    org.refusing = {
        "Contact": refusal(Recovery.HOLD, Reason.RULE_BROKEN),
        "Profile__c": refusal(Recovery.HOLD, Reason.LOCKED),
    }

    (held,) = here.run("customers", {**ANN, "first_name": "Anne", "email": "anne@x.org"})

    assert (held.reason, held.fields, held.sent) == (Reason.LOCKED, ("Profile__c",), {})
    assert "Salesforce took it" not in explained(here)


def test_a_fault_that_no_row_escapes_stops_the_run() -> None:
    """Nothing of the batch is acknowledged."""
    here, org = world()
    org.fault = refusal(Recovery.STOP, Reason.REFUSED)

    with pytest.raises(OrgRefused, match=r"A_CODE for Profile__c"):
        here.run("customers", ANN)

    assert here.ledger.links("customers", ["1:1"]) == {}


def test_a_crash_before_the_profiles_repeats_harmlessly() -> None:
    """The shopper is in and not settled: the next run finds her, and keeps who she is."""
    here, org = world()
    org.is_down = True
    with pytest.raises(OrgBusy):
        here.run("customers", ANN)
    org.is_down = False

    (outcome,) = here.run("customers", ANN)

    assert outcome.verdict is Verdict.UNCHANGED
    assert len(here.rows("Contact")) == len(here.rows("Profile__c")) == 1


def test_a_value_that_the_org_refuses_is_left_out_where_it_may() -> None:
    """The row goes without it."""
    here, org = world("{from: first_name, refused: leave_out}")
    org.fault = refusal(Recovery.HOLD, Reason.VALUE_REFUSED, "Name__c")

    (outcome,) = here.run("customers", ANN)

    assert outcome.verdict is Verdict.CREATED
    assert org.profile("1:1")["Email__c"] == "a@x.org"  # type: ignore[index]


@pytest.mark.parametrize(("rule", "verdict"), [("too_long: cut", Verdict.CREATED), ("too_long: hold", Verdict.HELD)])
def test_a_value_that_its_field_does_not_hold_is_judged_before_it_is_sent(rule: str, verdict: Verdict) -> None:
    """As of a shopper's own fields."""
    here, _ = world(f"{{from: first_name, {rule}}}")
    kept = here.describes["Profile__c"]
    short = FieldDescribe("Name__c", "string", length=2)
    here.describes["Profile__c"] = replace(kept, fields={**kept.fields, "Name__c": short})

    (outcome,) = here.run("customers", ANN)

    assert outcome.verdict is verdict
    assert [row.get("Name__c") for row in here.rows("Profile__c")] == (["An"] if verdict is Verdict.CREATED else [])


def test_a_value_that_cannot_be_converted_holds_the_shopper() -> None:
    """Also one of her profile's alone, unless it may be left out."""
    here, _ = world("{from: first_name, as: date}")

    (outcome,) = here.run("customers", ANN)

    assert (outcome.reason, outcome.fields) == (Reason.UNCONVERTIBLE, ("Name__c",))


def test_whom_somebody_puts_into_an_empty_lookup_meanwhile_stays_there() -> None:
    """We say that it was blank when we looked: the write puts back what is not."""
    here, org = world()
    for _ in range(2):
        org.put("Contact", {"Email": "a@x.org"})
    here.run("customers", ANN)
    org.remove("Contact", here.rows("Contact")[0]["Id"])

    here.run("customers", ANN)

    assert list(org.blanks) == [{"Contact__c": None}]


def test_of_who_is_left_alone_it_is_kept_who_she_is() -> None:
    """Nothing is written to her, for `on_match` says so; the profile's row is not hers."""
    shoppers, *others = documents("all")
    here = World(shoppers.replace("match:", "on_match: {Contact: leave}\nmatch:", 1), *others)
    here.org = org = KeepingOrg(here.describes)
    org.put("Contact", {"Id": "A", "Email": ANN["email"]})

    (outcome,) = here.run("customers", ANN)

    row = org.profile("1:1")
    assert (outcome.reason, outcome.id) == (Reason.LEFT_ALONE, "A")
    assert row
    assert (row["Contact__c"], row["Status__c"]) == ("A", "linked")


def test_two_versions_of_one_shopper_are_one_row() -> None:
    """Which says what the last one says; an older one that comes late says nothing."""
    here, org = world()
    dated = [
        {**ANN, "first_name": name, "updated_at": f"2026-11-0{day}T10:00:00Z"}
        for name, day in (("Ann", 2), ("Anne", 3))
    ]
    here.run("customers", *dated, {**ANN, "first_name": "Nan", "updated_at": "2026-11-01T10:00:00Z"})

    assert org.profile("1:1")["Name__c"] == "Anne Lee"  # type: ignore[index]
    assert sum(name == "Profile__c" for _, name, _ in org.sent) == 1


def test_profiles_are_read_in_one_look_up() -> None:
    """And not at all where the mapping keeps none, or nothing came."""
    here, org = world()
    rule = here.mappings.ordered[0].profile or here.mappings.ordered[1].profile

    assert read_profiles(["1:1"], None, org) == read_profiles([], rule, org) == Profiles()


# What a mapping may say


def problems(text: str) -> list[str]:
    faults: list[Any] = []
    found = parse(text, "customers.yml", faults)
    return [*map(str, faults), *map(str, lint(found))]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (", Lead: Lead__c", "", " profile/person: no lookup for `Lead`, which the mapping may find"),
        (
            "Lead: Lead__c",
            "Lead: Lead__c, Account: A__c",
            "the mapping never finds a `Account`; it knows Contact, Lead",
        ),
        ("object: Profile__c", "object: Lead", "a `Lead` is what a record becomes; name another"),
        ("Lead: Lead__c", "Lead: Contact__c", "`Contact__c` stands for 2 things; name a field for each"),
        ("Email__c: {from: email", "Rule__c: {from: email", "`Rule__c` stands for 2 things"),
        ("  key: Key__c\n", "", "profile: `key` is missing"),
        ("keep: all", "keep: some", "`some` is not one of needed, all"),
        ("keep: all", "kept: all", "unknown key `kept`; did you mean `keep`?"),
        ("Email__c: {from: email", "Email__c: {only: Lead", "unknown key `only`"),
    ],
)
def test_a_profile_that_makes_no_sense_is_named_with_its_line(old: str, new: str, problem: str) -> None:
    """Before anything is written."""
    text = SHOPPERS + PROFILE % "all"
    assert old in text

    found = [each for each in problems(text.replace(old, new)) if problem in each]
    assert found
    line = text[: text.index("profile:")].count("\n") + 1
    assert all(int(each.partition(":")[2].split()[0].strip(":")) >= line for each in found)


def test_properties_that_a_profile_reads_are_held_against_the_stream() -> None:
    """A typo would say nothing of anybody."""
    (mapping,) = parse(SHOPPERS + PROFILE.replace("from: email", "from: emial") % "all", "customers.yml", [])
    has = {name: {} for name in ("account_id", "id", "email", "mobile", "phone", "first_name", "last_name")}
    rest = {name: {} for name in ("archived", "updated_at", "birth_date")}

    (problem,) = lint_streams(Mappings((mapping,)), {"customers": {**has, **rest}})

    assert "has no property `emial`; did you mean `email`?" in problem


def kept_object(**changed: FieldDescribe | None) -> ObjectDescribe:
    """As the org would have it."""
    refers = {"Contact__c": ("Contact",), "Lead__c": ("Lead",)}
    status = FieldDescribe(
        "Status__c",
        "picklist",
        picklist=("linked", "to decide", "new person", "unlinked", "merged", "retired", "erased"),
    )
    texts = ("Matched__c", "Rule__c", "Evidence__c", "Candidates__c", "Not__c", "Name__c", "Email__c")
    fields = {
        "Key__c": FieldDescribe("Key__c", "string", key_like=True, unique=True),
        "Status__c": status,
        **{name: FieldDescribe(name, "reference", refers_to=found) for name, found in refers.items()},
        **{name: FieldDescribe(name, "string", length=255) for name in texts},
        **changed,
    }
    return ObjectDescribe("Profile__c", {name: each for name, each in fields.items() if each})


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"Not__c": None}, "Profile__c has no field `Not__c`"),
        ({"Key__c": FieldDescribe("Key__c", "string", key_like=True)}, "Profile__c.Key__c is no unique external id"),
        ({"Lead__c": FieldDescribe("Lead__c", "reference", refers_to=("Contact",))}, "does not refer to Lead"),
        ({"Rule__c": FieldDescribe("Rule__c", "double")}, "Profile__c.Rule__c is a double, and should be a text"),
        ({"Matched__c": FieldDescribe("Matched__c", "string", length=15)}, "is too short for an id"),
        ({"Name__c": FieldDescribe("Name__c", "string", updateable=False)}, "cannot be written by the integration"),
        ({"Status__c": FieldDescribe("Status__c", "picklist", picklist=("linked",))}, "lacks the value `new person`"),
        ({"Other__c": FieldDescribe("Other__c", "string", nillable=False)}, "Other__c is required on create"),
    ],
)
def test_preflight_says_what_the_org_lacks(changed: dict[str, FieldDescribe | None], problem: str) -> None:
    """With the line of the mapping."""
    here = World(SHOPPERS + PROFILE % "all")
    describes = {**here.describes, "Profile__c": kept_object(**changed)}

    _, found = preflight(here.mappings, lambda names: {name: describes[name] for name in names if name in describes})

    assert any(problem in each and each.startswith("test.yml:") for each in found)


@pytest.mark.parametrize("right", ["createable", "updateable"])
def test_preflight_says_what_the_user_may_not_do_to_profiles(right: str) -> None:
    """They are made, and written anew when somebody decides: one right is not enough."""
    here = World(SHOPPERS + PROFILE % "all")
    closed: dict[str, bool] = {right: False}
    describes = {**here.describes, "Profile__c": replace(kept_object(), **closed)}

    _, found = preflight(here.mappings, lambda names: {name: describes[name] for name in names if name in describes})

    assert any("Profile__c may not be created and updated" in each for each in found)


def test_preflight_has_nothing_against_what_is_there() -> None:
    """And names an object that is not."""
    here = World(SHOPPERS + PROFILE % "all")
    whole = {**here.describes, "Profile__c": kept_object()}
    without = dict(here.describes)
    del without["Profile__c"]

    assert not [each for each in preflight(here.mappings, lambda _: whole)[1] if "Profile__c" in each]
    assert any("the org has no object `Profile__c`" in each for each in preflight(here.mappings, lambda _: without)[1])


@pytest.mark.parametrize(("on_none", "holds"), [("skip", 0), ("hold", 1)])
def test_a_question_that_is_not_asked_any_more_is_withdrawn(on_none: str, holds: int) -> None:
    """Both who answered are gone, and nobody is to be made of her: there is nothing left to decide between."""
    shoppers, *others = documents("needed")
    here = World(shoppers.replace("match:", f"on_none: {on_none}\nmatch:"), *others)
    org = FussyOrg(here.describes)
    here.org = org
    both = [org.put("Contact", {"Email": "a@x.org"}) for _ in range(2)]
    (asked,) = here.run("customers", ANN)
    row = org.profile("1:1")
    assert row
    assert (asked.reason, row["Status__c"], row["Evidence__c"]) == (Reason.MANY_MATCHES, "to decide", "Contact.Email")
    for each in both:
        org.remove("Contact", each)

    here.run("customers", ANN)

    assert here.ledger.open_holds() == holds
    assert (row["Status__c"], row["Candidates__c"], row["Rule__c"], row["Evidence__c"]) == (
        "unlinked",
        None,
        None,
        None,
    )
