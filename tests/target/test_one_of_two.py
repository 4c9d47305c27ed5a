"""Two whom nobody but us has touched are made one, where a profile is found to be both; else a person is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from target_salesforce_retail.errors import OrgRefused
from target_salesforce_retail.ledger.store import open_ledger
from target_salesforce_retail.mapping.choices import Update
from target_salesforce_retail.mapping.lint import lint
from target_salesforce_retail.mapping.load import load, parse
from target_salesforce_retail.metadata import FieldDescribe, ObjectDescribe, PicklistEntry
from target_salesforce_retail.nouns import (
    Bridge,
    DecisionKind,
    Fault,
    Merge,
    OrgRow,
    Reason,
    Recovery,
    Result,
    Suspect,
    Verdict,
)
from target_salesforce_retail.pipeline import Pipeline
from target_salesforce_retail.stages.inside.legacy import merge_of, row_of
from target_salesforce_retail.stages.inside.untouched import Pair, contradictions

from tests.target.kept import SOUGHT, documents
from tests.target.test_accounts import COMPANY
from tests.target.test_profiles import KeepingWorld
from tests.target.world import SHOPPERS

Values = dict[str, Any]
ROOT = Path(__file__).parents[2]
US, ADMIN = "005000000000001AAA", "005000000000002AAA"
PHONE = "514 555 0142"
MAIL = {"id": "1", "first_name": "Ann", "last_name": "Lee", "email": "a@x.org"}
CALL = {"id": "2", "first_name": "Ann", "phone": PHONE, "birth_date": "1990-02-02"}
BOTH = {"id": "3", "first_name": "Ann", "email": "a@x.org", "phone": PHONE}
UNLESS = ("{FirstName: first_name}}\n", "{FirstName: first_name}, unless: {Birthdate: birth_date}}\n")


class MergingWorld(KeepingWorld):
    """Suspects are merged, and who writes is known."""

    def __init__(self, keep: str = f"needed {SOUGHT}", more: str = "on_suspect: merge\n") -> None:
        text, *others = documents(keep)
        assert UNLESS[0] in text
        text = self.edited(text.replace(*UNLESS).replace("on_null: clear, only: Contact", "only: Contact"))
        super().__init__(text + more, *others)
        self.org.user_id = US
        self._pipeline: Pipeline | None = None

    @staticmethod
    def edited(text: str) -> str:
        """The mapping of shoppers, as it is."""
        return text

    @property
    def pipeline(self) -> Pipeline:
        """One for the whole run."""
        if self._pipeline is None or self._pipeline.ledger is not self.ledger:
            self._pipeline = super().pipeline
        return self._pipeline

    def finish(self) -> list[str]:
        """What a run does at its end: why pairs stay two; another run begins."""
        against: list[str] = []
        again = True
        while again:
            against += [each.against for each in self.pipeline.merge_suspects() if each.against]
            again = bool(self.pipeline.retry_merged("customers"))
        self.later(hours=1)
        self._pipeline = None
        return against

    def lose_the_ledger(self) -> None:
        self.ledger = open_ledger("sqlite://", now=lambda: self.now)
        self.ledger.open_run()

    def keys(self) -> dict[str, str | None]:
        """Key of each contact -> first name."""
        return {str(row.get("Key__c")): row.get("FirstName") for row in self.rows("Contact")}

    def pairs(self) -> list[tuple[str, str, str]]:
        return [(each.key, each.id, each.bridge.id) for each in self.pipeline.renew_suspects()]


def bridged(*more: Values) -> MergingWorld:
    """A contact by e-mail, another by phone, and who is found to be both."""
    here = MergingWorld()
    for record in (MAIL, CALL, BOTH, *more):
        here.run("customers", record)
    return here


def contact(here: MergingWorld, key: str) -> Values:
    """Whose key it is."""
    return next(row for row in here.rows("Contact") if row.get("Key__c") == key)


def test_two_are_made_one_and_the_older_stays() -> None:
    """What she leaves blank is filled, nothing of hers is overwritten, and the other's key and phone lead to her."""
    here = bridged()
    older = contact(here, "1:1")["Id"]

    assert here.finish() == []

    (ann,) = here.rows("Contact")
    assert (ann["Id"], ann["Key__c"], ann["Email"]) == (older, "1:1", "a@x.org")
    assert (ann["Birthdate"].isoformat(), ann["Phone"], ann["Phone_E164__c"]) == ("1990-02-02", PHONE, "+15145550142")
    row = here.org.profile("1:2")
    assert row is not None
    assert {name: row[name] for name in ("Contact__c", "Matched__c", "Status__c", "Rule__c", "Phone_Key__c")} == {
        "Contact__c": older,
        "Matched__c": older,
        "Status__c": "linked",
        "Rule__c": "created",
        "Phone_Key__c": "+15145550142",
    }
    assert here.pairs() == []


@pytest.mark.parametrize("ledger", ["kept", "lost"])
def test_once_they_are_one_nothing_more_is_written(ledger: str) -> None:
    """Whoever comes again, with the ledger or without."""
    here = bridged()
    here.finish()
    if ledger == "lost":
        here.lose_the_ledger()
    before = len(here.org.sent)

    outcomes = [each for record in (MAIL, CALL, BOTH) for each in here.run("customers", record)]
    here.finish()

    assert [(each.verdict, each.id) for each in outcomes] == [
        (Verdict.UNCHANGED, contact(here, "1:1")["Id"]) for _ in range(3)
    ]
    sent = here.org.sent[before:]
    assert [each for each in sent if each[1] != "Profile__c"] == []


def test_who_comes_next_is_found_by_what_the_one_that_went_has_said() -> None:
    """Her e-mail is not the one that the other kept; the ledger is lost right after."""
    here = MergingWorld()
    for record in (MAIL, {**CALL, "email": "b@x.org"}, BOTH):
        here.run("customers", record)
    here.finish()
    here.lose_the_ledger()

    (outcome,) = here.run("customers", {"id": "7", "first_name": "Ann", "email": "b@x.org"})

    assert (outcome.id, outcome.rule, outcome.evidence) == (
        contact(here, "1:1")["Id"],
        "email",
        ("Profile__c.Email__c",),
    )


def touch(here: MergingWorld, key: str, **values: Any) -> None:
    """What a person does to a contact."""
    contact(here, key).update({**values, "LastModifiedById": ADMIN})


def decide(here: MergingWorld, key: str, **values: Any) -> None:
    row = here.org.profile(key)
    assert row is not None
    row.update(values)


def put_profile(here: MergingWorld, key: str, **values: Any) -> None:
    who = contact(here, key)["Id"]
    here.org.put("Profile__c", {"Key__c": key, "Status__c": "linked", "Contact__c": who, "Matched__c": who, **values})


@pytest.mark.parametrize(
    ("email", "phone", "pairs"),
    [
        ("c@x.org", "+15145550142", 1),
        (None, "+15145550142", 1),
        ("B@x.org", "+15145550142", 0),
        ("b@x.org", None, 0),
        ("b@x.org", "+15145550199", 0),
    ],
)
def test_what_only_her_own_record_holds_by_now_keeps_the_two(email: Any, phone: Any, pairs: int) -> None:
    """Her key's row says another e-mail, and the one that stays has her own: a phone that that fills in is not lost."""
    here = MergingWorld()
    for record in (MAIL, {**CALL, "email": "b@x.org"}):
        here.run("customers", record)
    put_profile(here, "1:2", Email__c=email, Phone_Key__c=phone)
    here.run("customers", BOTH)

    here.finish()

    assert len(here.pairs()) == pairs
    (outcome,) = here.run("customers", {"id": "7", "first_name": "Ann", "email": "b@x.org"})
    assert (outcome.verdict, outcome.rule) == (Verdict.UNCHANGED, "email")


def remark(here: MergingWorld, key: str, name: str = "Remark__c", **rights: bool) -> None:
    """In a field that is not the mapping's; by now we have changed her again."""
    describe = here.describes["Contact"]
    field = FieldDescribe(name, "string", **rights)
    here.describes["Contact"] = replace(describe, fields={**describe.fields, name: field})
    contact(here, key)[name] = "prefers tea"


def was_a_lead(here: MergingWorld, key: str) -> None:
    """It was we who converted it; her contact was changed by us since."""
    lead = here.org.put("Lead", {"Email": "lead@x.org", "ConvertedContactId": contact(here, key)["Id"]})
    here.org.converted[lead] = contact(here, key)["Id"]


READ_ONLY = {"createable": False, "updateable": False}


AGAINST: dict[str, Callable[[MergingWorld], None]] = {
    "the one that would stay was changed": lambda here: touch(here, "1:1"),
    "the one that would go was changed": lambda here: touch(here, "1:2"),
    "one was made by somebody else": lambda here: contact(here, "1:2").update(CreatedById=ADMIN),
    "who we are is not known": lambda here: setattr(here.org, "user_id", ""),
    "the one that would go has a remark": lambda here: remark(here, "1:2"),
    "it has one that we may only read": lambda here: remark(here, "1:2", **READ_ONLY),
    "the one that would stay was a lead": lambda here: was_a_lead(here, "1:1"),
    "the one that would go was a lead": lambda here: was_a_lead(here, "1:2"),
    "one carries no key": lambda here: contact(here, "1:2").update(Key__c=None),
    "two birthdays": lambda here: contact(here, "1:1").update(Birthdate="1980-01-01"),
    "two first names": lambda here: contact(here, "1:2").update(FirstName="Bob"),
    "she was named": lambda here: decide(here, "1:3", Rule__c="decided"),
    "somebody was ruled out": lambda here: decide(here, "1:3", Not__c="003000000000009AAA"),
    "somebody has named her since": lambda here: decide(here, "1:3", Contact__c=contact(here, "1:2")["Id"]),
    "a profile of hers was unlinked": lambda here: put_profile(here, "1:2", Contact__c=None),
    "a profile of hers is to be decided": lambda here: put_profile(here, "1:2", Status__c="to decide", Contact__c=None),
    "a profile of hers leads to nobody": lambda here: put_profile(here, "1:2", Contact__c=None, Matched__c=None),
    "a profile is a new person's": lambda here: put_profile(here, "1:2", Status__c="new person"),
    "one is a person account": lambda here: contact(here, "1:2").update(IsPersonAccount=True),
}


@pytest.mark.parametrize("what", AGAINST)
def test_who_was_touched_stays_and_is_reported(what: str) -> None:
    """And nothing is written."""
    here = bridged()
    if what == "one is a person account":
        of_the_org = FieldDescribe("IsPersonAccount", "boolean", createable=False, updateable=False)
        fields = {**here.describes["Contact"].fields, "IsPersonAccount": of_the_org}
        here.describes["Contact"] = replace(here.describes["Contact"], fields=fields)
    AGAINST[what](here)
    before = len(here.org.sent)

    assert here.finish() == []

    assert here.org.sent[before:] == []
    assert len(here.rows("Contact")) == 2


def test_by_itself_a_mapping_reports() -> None:
    """As it always did."""
    here = MergingWorld(more="")
    for record in (MAIL, CALL, BOTH):
        here.run("customers", record)

    here.finish()

    assert len(here.rows("Contact")) == 2
    assert [each[0] for each in here.pairs()] == ["1:3"]


def test_what_stands_beside_on_both_is_no_remark() -> None:
    """A default of the org, and what only the one that stays says."""
    here = bridged()
    remark(here, "1:1")
    remark(here, "1:2")

    here.finish()

    assert len(here.rows("Contact")) == 1


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("Score__c", {**READ_ONLY, "calculated": True}),
        ("Number__c", {**READ_ONLY, "auto_number": True}),
        ("LastViewedDate", READ_ONLY),
        ("CreatedDate", {}),
        ("Name", READ_ONLY),
    ],
)
def test_what_the_org_itself_fills_is_no_remark(name: str, made: dict[str, bool]) -> None:
    """A formula, a number in a row, who looked at her last; when she was made, though we might write that."""
    here = bridged()
    remark(here, "1:2", name, **made)

    here.finish()

    assert len(here.rows("Contact")) == 1


def test_whose_leads_do_not_tell_what_they_became_is_merged() -> None:
    """Nobody asks for a field that is hidden; and before there is a pair to be merged nobody asks at all."""
    here = bridged()
    was_a_lead(here, "1:2")
    find, asked = here.org.find, []
    here.org.find = lambda wanted, fields: asked.append({*wanted}) or find(wanted, fields)  # type: ignore
    touch(here, "1:1")
    here.finish()
    assert {"Lead"} not in asked

    contact(here, "1:1")["LastModifiedById"] = US
    fields = {name: each for name, each in here.describes["Lead"].fields.items() if name != "ConvertedContactId"}
    here.describes["Lead"] = replace(here.describes["Lead"], fields=fields)
    here.finish()

    assert {"Lead"} not in asked
    assert here.keys() == {"1:1": "Ann"}


def test_three_in_a_chain_end_as_one() -> None:
    """Each round merges pairs that have nobody in common."""
    here = bridged(
        {"id": "4", "first_name": "Ann", "email": "c@x.org"},
        {"id": "5", "first_name": "Ann", "email": "c@x.org", "phone": PHONE},
    )
    merge = here.org.merge

    def apart(name: str, pairs: list[Merge]) -> list[Result]:
        named = [each for pair in pairs for each in (pair.stays, pair.goes)]
        assert len(named) == len({*named})
        return merge(name, pairs)

    here.org.merge = apart  # type: ignore[method-assign,assignment]

    assert here.finish() == []

    assert here.keys() == {"1:1": "Ann"}
    who = here.rows("Contact")[0]["Id"]
    assert {row["Key__c"]: row["Contact__c"] for row in here.rows("Profile__c")} == dict.fromkeys(
        ("1:2", "1:3", "1:4", "1:5"), who
    )


def test_who_was_held_for_both_is_tried_again_in_the_same_run() -> None:
    """Once the two are one; and what shows by that is merged too."""
    here = bridged()
    (held,) = here.run("customers", {"id": "9", "first_name": "Ann", "email": "z@x.org", "phone": PHONE})
    here.run("customers", {"id": "8", "first_name": "Ann", "email": "z@x.org"})
    assert held.reason is Reason.MANY_MATCHES

    here.finish()

    assert here.ledger.open_holds() == 0
    assert here.keys() == {"1:1": "Ann"}


class Refusing:
    """An org that takes no merge."""

    def __init__(self, here: MergingWorld, code: str = "UNABLE_TO_LOCK_ROW") -> None:
        self.calls: list[list[Merge]] = []
        self.code = code
        here.org.merge = self  # type: ignore[method-assign,assignment]

    def __call__(self, name: str, pairs: list[Merge]) -> list[Result]:
        self.calls.append(pairs)
        return [Result(None, fault=Fault(Reason.NOT_ALLOWED, Recovery.HOLD, self.code, "words")) for _ in pairs]


def test_who_is_refused_stays_and_is_asked_for_once_a_run() -> None:
    """With a sentence that names ids and the code; the next run tries again."""
    here = bridged()
    refusing = Refusing(here)

    (against,) = here.finish()

    assert against == "Salesforce answered UNABLE_TO_LOCK_ROW"
    assert len(refusing.calls) == 1
    assert len(here.pairs()) == 1
    del here.org.merge
    assert here.finish() == []
    assert here.keys() == {"1:1": "Ann"}


def test_without_the_right_to_delete_nobody_is_merged() -> None:
    """The describe says so: Salesforce is not asked."""
    here = bridged()
    refusing = Refusing(here)
    here.describes["Contact"] = replace(here.describes["Contact"], deletable=False)

    (against,) = here.finish()

    assert "may not delete a Contact" in against
    assert refusing.calls == []


def test_an_object_that_is_not_merged_is_left_alone() -> None:
    """As the describe has it."""
    here = bridged()
    fields = {name: each for name, each in here.describes["Contact"].fields.items() if name != "MasterRecordId"}
    here.describes["Contact"] = replace(here.describes["Contact"], fields=fields)
    refusing = Refusing(here)

    assert here.finish() == []
    assert refusing.calls == []


def test_a_call_that_is_refused_as_a_whole_ends_no_run() -> None:
    """A service that the org has not granted: what came in is settled all the same."""
    here = bridged()

    def refuse(*_: Any) -> Any:
        raise OrgRefused("API is not enabled", where="merge")

    here.org.merge = refuse  # type: ignore[method-assign]

    (against,) = here.finish()

    assert "the call was refused" in against
    assert len(here.pairs()) == 1


def test_what_a_profile_says_already_stays_as_it_is() -> None:
    """The till's own words go before what her record makes of them."""
    here = MergingWorld(f"all {SOUGHT}")
    for record in (MAIL, CALL, BOTH):
        here.run("customers", record)
    row = here.org.profile("1:2")
    assert row is not None
    row["Name__c"] = "As the till has it"

    here.finish()

    assert (row["Name__c"], row["Matched__c"]) == ("As the till has it", contact(here, "1:1")["Id"])


@pytest.mark.parametrize("mode", ["merge", "report"])
def test_a_hold_is_tried_again_only_where_two_it_names_are_one(mode: str) -> None:
    """Whoever has made them one; where a mapping reports, a person says `replay`, as before."""
    here = MergingWorld(more=f"on_suspect: {mode}\n")
    for record in (MAIL, CALL, {**BOTH, "phone": None}):
        here.run("customers", record)
    both = [here.org.put("Contact", {"FirstName": "Ann", "Email": "z@x.org"}) for _ in range(2)]
    here.run("customers", {"id": "9", "first_name": "Ann", "email": "z@x.org"})

    assert here.pipeline.retry_merged("customers") == []

    here.org.merge_by_hand("Contact", *both)
    found = [each.id for each in here.pipeline.retry_merged("customers")]
    assert found == ([both[0]] if mode == "merge" else [])


def test_a_row_that_is_refused_keeps_its_two_apart() -> None:
    """Else the key that goes would lead to nobody."""
    here = bridged()
    refusing = Refusing(here)

    def refuse(name: str, *_: Any, **__: Any) -> list[Result]:
        assert name == "Profile__c"
        return [Result(None, fault=Fault(Reason.NOT_ALLOWED, Recovery.HOLD, "INSUFFICIENT_ACCESS", ""))]

    here.org.upsert = refuse  # type: ignore[method-assign]

    (against,) = here.finish()

    assert against == "Salesforce answered INSUFFICIENT_ACCESS for the Profile__c of 1:2"
    assert refusing.calls == []


class Killed(Exception):
    """The run is killed."""


@pytest.mark.parametrize("where", ["before the merge", "after the merge", "before the note"])
def test_killed_at_any_point_the_next_run_ends_the_same(where: str) -> None:
    """In the same rows; a pair that is one by then is off the list."""
    whole = bridged()
    whole.finish()
    here = bridged()
    merge, update, note = here.org.merge, here.org.update, here.ledger.note

    def killed(*_: Any, **__: Any) -> Any:
        raise Killed

    if where == "before the merge":
        here.org.merge = killed  # type: ignore[method-assign]
    elif where == "after the merge":
        here.org.update = killed  # type: ignore[method-assign]
    else:
        here.ledger.note = killed  # type: ignore[method-assign]
    with pytest.raises(Killed):
        here.finish()
    here.org.merge, here.org.update, here.ledger.note = merge, update, note  # type: ignore[method-assign]
    for record in (CALL, BOTH, MAIL):
        here.run("customers", record)
    here.finish()
    whole.run("customers", CALL)

    assert here.rows("Contact") == whole.rows("Contact")
    assert [{**row} for row in here.rows("Profile__c")] == [{**row} for row in whole.rows("Profile__c")]


def test_it_is_noted_of_every_record_that_is_one_of_the_two() -> None:
    """Who went, into whom, by which rules and for whose sake; once."""
    here = bridged()
    ids = (contact(here, "1:1")["Id"], contact(here, "1:2")["Id"])
    here.finish()

    noted = here.ledger.decisions(stream="customers")

    assert sorted(each.key for each in noted) == ["1:1", "1:2", "1:3"]
    assert {(each.what, each.person, each.before, each.who) for each in noted} == {
        (DecisionKind.MERGED, *ids, "the rules email and phone, for 1:3")
    }


def test_to_merge_a_mapping_has_to_keep_profiles() -> None:
    """Else the key of the one that goes would lead to nobody."""
    found = parse(f"{SHOPPERS}on_suspect: merge\n", "customers.yml", [])

    (problem,) = lint(found)

    assert "on_suspect: `merge` needs `profile`" in str(problem)
    assert lint(parse(f"{SHOPPERS}on_suspect: report\n", "customers.yml", [])) == []


# What stays of the one that goes


def two(name: str, stays: Values, goes: Values) -> Pair:
    return Pair(OrgRow(name, "003A", stays), OrgRow(name, "003B", goes), ())


def filled(stays: Values, goes: Values, world: MergingWorld | None = None) -> Values:
    here = world or MergingWorld()
    rules = here.mappings.of("customers")
    assert rules is not None
    return dict(merge_of(two("Contact", stays, goes), rules, here.describes["Contact"]).fill)


@pytest.mark.parametrize(
    ("stays", "goes", "fill"),
    [
        ({}, {"Email": "b@x.org"}, {"Email": "b@x.org"}),
        ({"Email": "a@x.org"}, {"Email": "b@x.org"}, {}),
        ({"Email": ""}, {"Email": "b@x.org"}, {"Email": "b@x.org"}),
        ({}, {"Email": None, "Key__c": "1:2", "Remark__c": "tea"}, {}),
        ({}, {"Phone": "1", "Phone_E164__c": "+1"}, {"Phone": "1", "Phone_E164__c": "+1"}),
        ({}, {"Phone": PHONE}, {"Phone": PHONE, "Phone_E164__c": "+15145550142"}),
        ({"Phone": "7"}, {"Phone": "1", "Phone_E164__c": "+1"}, {}),
    ],
)
def test_blanks_of_the_one_that_stays_are_filled(stays: Values, goes: Values, fill: Values) -> None:
    """Of the mapping's fields; a number comes with its key, and a key never beside another number."""
    assert filled(stays, goes) == fill


def test_who_does_not_want_to_be_written_to_is_not_from_then_on() -> None:
    """A box that is not ticked counts as blank."""
    here = MergingWorld()
    contact = here.describes["Contact"]
    ticked = FieldDescribe("Email", "boolean")
    here.describes["Contact"] = replace(contact, fields={**contact.fields, "Email": ticked})

    assert filled({"Email": False}, {"Email": True}, here) == {"Email": True}
    assert filled({"Email": True}, {"Email": False}, here) == {}


@pytest.mark.parametrize(("held", "is_blank"), [(False, True), (None, True), (True, False), (0, False), (0.0, False)])
def test_a_box_that_is_still_not_ticked_is_ticked_and_a_nought_is_left(held: Any, is_blank: bool) -> None:
    """However the org holds it right before the call: a number is one, nought or not."""
    merge = Merge("003A", "003B", {"LeadSource": True})

    assert merge.still_blank({"LeadSource": held}) == ({"LeadSource": True} if is_blank else {})


@pytest.mark.parametrize(
    ("stays", "goes", "filled_in"), [("(unknown)", "Lee", {"LastName": "Lee"}), ("Lee", "(unknown)", {})]
)
def test_what_stands_in_for_a_name_gives_way_to_one(stays: str, goes: str, filled_in: Values) -> None:
    """It contradicts no name; one that somebody types meanwhile stays."""
    (rules,) = [each for each in load(ROOT / "transforms").ordered if each.stream == "customers"]
    pair = two("Contact", {"LastName": stays}, {"LastName": goes})
    bridge = Bridge("Contact", "003B", "email", "phone")
    pair = replace(pair, suspects=(Suspect("customers", "1:3", "Contact", "003A", bridge),))
    describe = ObjectDescribe("Contact", {each.name: FieldDescribe(each.name, "string") for each in rules.fields})

    merge = merge_of(pair, rules, describe)

    assert contradictions(pair, rules) == ()
    assert merge.still_blank({"LastName": stays}) == filled_in
    assert merge.still_blank({"LastName": "Roy"}) == {}


def test_what_is_never_changed_is_not_filled() -> None:
    """Set when a record is made, and left alone from then on."""
    here = MergingWorld()
    rules = here.mappings.of("customers")
    assert rules is not None
    never = [replace(each, update=Update.NEVER) if each.name == "LeadSource" else each for each in rules.fields]
    pair = two("Contact", {}, {"LeadSource": "In store", "Email": "b@x.org"})

    assert merge_of(pair, replace(rules, fields=tuple(never)), here.describes["Contact"]).fill == {"Email": "b@x.org"}


def test_a_key_is_not_filled_beside_a_number_that_somebody_typed_meanwhile() -> None:
    """It would find her by a number that is not hers."""
    here = MergingWorld()
    rules = here.mappings.of("customers")
    assert rules is not None
    merge = merge_of(two("Contact", {}, {"Phone": "1", "Phone_E164__c": "+1"}), rules, here.describes["Contact"])

    assert merge.still_blank({}) == {"Phone": "1", "Phone_E164__c": "+1"}
    assert merge.still_blank({"Phone": "514 555 9999"}) == {}


def test_a_state_is_filled_by_its_code() -> None:
    """Where the org has lists of them: else the text would be refused, and the merge with it."""
    (rules,) = [each for each in load(ROOT / "transforms").ordered if each.stream == "customers"]
    codes = {"MailingCountryCode": ("CA", "Canada"), "MailingStateCode": ("QC", "Quebec")}
    named = {rule.name: FieldDescribe(rule.name, "string") for rule in rules.fields}
    lists = {
        name: FieldDescribe(
            name,
            "picklist",
            controller="MailingCountryCode" if code == "QC" else "",
            choices=(PicklistEntry(code, label, frozenset({"CA"} if code == "QC" else ())),),
        )
        for name, (code, label) in codes.items()
    }
    goes = {"MailingState": "Quebec", "MailingStateCode": "QC", "MailingCountry": "Canada", "MailingCountryCode": "CA"}

    fill = merge_of(two("Contact", {}, goes), rules, ObjectDescribe("Contact", {**named, **lists})).fill

    assert fill == {"MailingStateCode": "QC", "MailingCountryCode": "CA"}


MONTREAL = {"MailingStreet": "1 Rue X", "MailingCity": "Montreal", "MailingState": "QC", "MailingCountry": "CA"}


@pytest.mark.parametrize(
    ("stays", "fill"),
    [
        ({}, MONTREAL),
        ({"MailingState": ""}, MONTREAL),
        ({"MailingCountry": "US"}, {}),
        ({"MailingPostalCode": "10001"}, {}),
        ({"Title": "Dr."}, MONTREAL),
    ],
)
def test_an_address_is_filled_as_a_whole_or_not_at_all(stays: Values, fill: Values) -> None:
    """The street of one and the state of the other are no address; what lies beside the mapping counts too."""
    (rules,) = [each for each in load(ROOT / "transforms").ordered if each.stream == "customers"]
    names = {*(each.name for each in rules.fields), "MailingPostalCode", "Title"}
    describe = ObjectDescribe("Contact", {each: FieldDescribe(each, "string") for each in names})

    assert merge_of(two("Contact", stays, MONTREAL), rules, describe).fill == fill


def test_a_country_that_stands_in_for_a_blank_is_no_address() -> None:
    """Nor is its code, in an org that has codes."""
    (rules,) = [each for each in load(ROOT / "transforms").ordered if each.stream == "customers"]
    by_default = [replace(each, otherwise="Canada") if each.name == "MailingCountry" else each for each in rules.fields]
    rules = replace(rules, fields=tuple(by_default))
    fields = {each.name: FieldDescribe(each.name, "string") for each in rules.fields}
    for name in ("MailingCountryCode", "MailingStateCode"):
        choices = (PicklistEntry("CA", "Canada"), PicklistEntry("US", "United States")) if "Country" in name else ()
        fields[name] = FieldDescribe(name, "picklist", choices=choices)
    stays = {"MailingCountry": "Canada", "MailingCountryCode": "CA"}
    goes = {"MailingCity": "Paris", "MailingCountry": "United States", "MailingCountryCode": "US"}

    merge = merge_of(two("Contact", stays, goes), rules, ObjectDescribe("Contact", fields))

    assert merge.still_blank(stays) == {"MailingCity": "Paris", "MailingCountryCode": "US"}
    assert merge.still_blank({**stays, "MailingCountryCode": "FR"}) == {"MailingCity": "Paris"}


def test_her_account_is_the_others_where_she_has_none() -> None:
    """As any other blank; one that she has stays."""
    here = MergingWorld(more=f"on_suspect: merge\naccount: [{COMPANY}]\n")

    assert filled({}, {"AccountId": "001B"}, here) == {"AccountId": "001B"}
    assert filled({"AccountId": "001A"}, {"AccountId": "001B"}, here) == {}


def test_the_row_of_the_key_says_what_its_record_did() -> None:
    """By the same rule, or read back from fields, as the shipped mapping has them; what stands for a blank is none."""
    (rules,) = [each for each in load(ROOT / "transforms").ordered if each.stream == "customers"]
    assert rules.profile is not None
    names = [rule.name for rule in rules.profile.fields]
    fields = (*rules.profile.all_fields, *names)
    describe = ObjectDescribe(rules.profile.object, {each: FieldDescribe(each, "string", length=80) for each in fields})
    row = {"Lightspeed_Key__c": "7:6", "FirstName": "Lou", "LastName": "Berg", "Email": "b@x.org"}
    row |= {"HomePhone": "(604) 555-0100", "Phone_Key__c": "+15145552368", "MailingCountry": "CA"}

    kept = row_of(two("Contact", {}, row), rules, rules.profile, describe)

    assert kept is not None
    assert {name: kept.row[name] for name in names if kept.row.get(name)} == {
        "Name__c": "Lou Berg",
        "Email__c": "b@x.org",
        "Phone__c": "(604) 555-0100",
        "Phone_Key__c": "+15145552368",
        "Home_Phone_Key__c": "+16045550100",
    }
    assert (kept.row["Contact__c"], kept.row["Matched__c"], kept.row["Status__c"]) == ("003B", "003B", "linked")
    unknown = row_of(two("Contact", {}, {**row, "LastName": "(unknown)"}), rules, rules.profile, describe)
    assert unknown is not None
    assert unknown.row["Name__c"] == "Lou"
