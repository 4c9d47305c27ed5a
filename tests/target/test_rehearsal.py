"""An org that is asked and never written: it answers as the org would after the writes, and sends none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from target_salesforce_retail.metadata import FieldDescribe, ObjectDescribe, PicklistEntry
from target_salesforce_retail.nouns import Conversion, Merge, OrgRow, Reason, Result
from target_salesforce_retail.org.foresee import as_kept
from target_salesforce_retail.org.live import LiveOrg
from target_salesforce_retail.org.rehearsal import Rehearsal
from target_salesforce_retail.org.session import OrgSettings, Session
from target_salesforce_retail.ports import Criteria, Org

from sandbox.serve import Box, running
from tests.lanes import examples
from tests.target.wire import Wire

KEY = "Lightspeed_Key__c"
FIELDS = {"Contact": (KEY, "LastName", "Email", "Phone", "Birthdate", "HasOptedOutOfEmail"), "Lead": (KEY, "Email")}
Values = dict[str, Any]


@pytest.fixture
def paper(org: LiveOrg) -> Rehearsal:
    return Rehearsal(org)


def found(org: Org, **wanted: Any) -> list[OrgRow]:
    return org.find({"Contact": [{name: [value]} for name, value in wanted.items()]}, FIELDS)


def made(org: Org, **values: Any) -> str:
    (result,) = org.upsert("Contact", KEY, [{KEY: "1:1", "LastName": "Ann", **values}])
    assert result.created
    return str(result.id)


def test_every_kind_of_write_stays_here(paper: Rehearsal, box: Box, wire: Wire) -> None:
    """Questions alone go over the wire: every request of every call is a GET, and the org has counted no write."""
    ann = box.org.insert_as_user("Contact", {"LastName": "Ann", "Email": "ann@x.org"})
    bob, other = (box.org.insert_as_user("Contact", {"LastName": name}) for name in ("Bob", "Roy"))
    lead = box.org.insert_as_user("Lead", {"LastName": "Lee", "Company": "x"})
    before = dict(box.org.writes)
    moment = paper.now()

    found(paper, Email="ann@x.org")
    new = made(paper, Email="new@x.org")
    paper.update("Contact", KEY, [(ann, {"Phone": "1"}, frozenset({"Phone"}))], allow_duplicates=True)
    paper.delete("Contact", [bob])
    paper.merge("Contact", [Merge(ann, new, {"Title": "Dr"}), Merge(ann, other)])
    paper.convert([Conversion(lead, "Closed - Converted")])
    found(paper, Email="new@x.org", Id=bob)
    paper.changed_since(moment, FIELDS)
    paper.survivors("Contact", [ann, bob, new])

    assert {request["method"] for request in wire.requests} == {"GET"}
    assert dict(box.org.writes) == before
    assert box.org.calls["soap"] == 0


def test_who_would_be_created_answers_to_the_next(paper: Rehearsal, wire: Wire) -> None:
    """By e-mail in any case, key and id; the id looks like one, and the org is not asked for it."""
    ann = made(paper, Email="ann@x.org")
    paper.upsert("Contact", KEY, [{KEY: "1:2", "LastName": "Bob", "Email": "bob@x.org"}])
    wire.sent.clear()

    for wanted in ({"Email": "ANN@X.ORG"}, {KEY: "1:1"}, {"Id": ann}, {"Id": ann[:15]}):
        (row,) = found(paper, **wanted)
        assert (row.object, row.id, row.searched) == ("Contact", ann, "Contact")
        assert (row.values["LastName"], row.values["Phone"]) == ("Ann", None)
    assert ann[:7] == "003PLAN"
    assert len(ann) == 18
    assert not any(ann in request["url"] for request in wire.requests)
    assert found(paper, **{KEY: "1:10"}) == []
    assert paper.survivors("Contact", [ann]) == {ann: ann}


def test_what_hangs_on_who_would_be_created_is_found(paper: Rehearsal) -> None:
    """Lookups to a row that is not there yet."""
    ann = made(paper)
    (bob,) = paper.upsert("Contact", KEY, [{KEY: "1:2", "LastName": "Bob", "ReportsToId": ann}])

    assert [row.id for row in paper.find({"Contact": [{"ReportsToId": [ann]}]}, FIELDS)] == [bob.id]


def test_what_would_be_changed_answers_to_the_new_value_alone(paper: Rehearsal, box: Box) -> None:
    """And says what it held before, to who plans."""
    ann = box.org.insert_as_user("Contact", {"LastName": "Ann", "Email": "old@x.org", "Phone": "7"})
    found(paper, Email="old@x.org")

    paper.update("Contact", KEY, [(ann, {"Email": "new@x.org"}, {})])

    assert found(paper, Email="old@x.org") == []
    (row,) = found(paper, Email="New@x.org")
    assert (row.id, row.values["Email"], row.values["Phone"]) == (ann, "new@x.org", "7")
    assert row.via == {"Email": "new@x.org"}
    (unsent,) = paper.take_unsent()
    assert (unsent.id, unsent.body, unsent.before) == (ann, {"Email": "new@x.org"}, {"Email": "old@x.org"})


def test_what_would_be_deleted_is_gone(paper: Rehearsal, box: Box) -> None:
    """It answers no more, has no survivor, and cannot be written; deleted twice it is noted once."""
    ann = box.org.insert_as_user("Contact", {"LastName": "Ann", "Email": "ann@x.org"})
    paper.delete("Contact", [ann])

    assert paper.delete("Contact", [ann]) == [Result(ann)]
    assert found(paper, Email="ann@x.org") == []
    assert paper.survivors("Contact", [ann]) == {}
    assert [each.deleted for each in paper.take_unsent()] == [True]
    new = made(paper, Email="new@x.org")
    paper.delete("Contact", [new])
    assert (found(paper, Email="new@x.org"), paper.survivors("Contact", [new])) == ([], {})
    (result,) = paper.update("Contact", KEY, [(ann, {"Phone": "1"}, {})])
    assert result.fault
    assert result.fault.reason is Reason.GONE


def test_what_would_be_merged_leads_to_the_one_that_stays(paper: Rehearsal, box: Box) -> None:
    """Blanks are filled as they are by then; what is noted says who goes where, and what would be written."""
    ann, bob, zoe = (box.org.insert_as_user("Contact", {"LastName": name, "Email": f"{name}@x.org"}) for name in "abz")
    sale = box.org.insert_as_user("Retail_Sale__c", {"Contact__c": zoe})
    paper.update("Contact", KEY, [(ann, {"Phone": "7"}, frozenset())])
    paper.take_unsent()

    results = paper.merge("Contact", [Merge(ann, bob, {"Phone": "1", "Title": "Dr"}), Merge(bob, zoe), Merge(ann, zoe)])

    assert [result.id for result in results] == [ann, None, ann]
    assert [(each.id, dict(each.body), each.becomes) for each in paper.take_unsent()] == [
        (ann, {"Title": "Dr"}, ""),
        (bob, {}, ann),
        (zoe, {}, ann),
    ]
    assert paper.survivors("Contact", [ann, bob, zoe]) == dict.fromkeys([ann, bob, zoe], ann)
    assert [row.id for row in paper.find({"Retail_Sale__c": [{"Contact__c": [ann]}]}, {"Retail_Sale__c": ()})] == [sale]
    assert paper.find({"Retail_Sale__c": [{"Contact__c": [zoe]}]}, {"Retail_Sale__c": ()}) == []


def test_what_hangs_on_the_end_of_a_chain_is_found_at_its_head(paper: Rehearsal, box: Box) -> None:
    """Though the org still has it where it was."""
    ann, bob, zoe = (box.org.insert_as_user("Contact", {"LastName": name}) for name in "abz")
    sale = box.org.insert_as_user("Retail_Sale__c", {"Contact__c": zoe})

    paper.merge("Contact", [Merge(bob, zoe), Merge(ann, bob)])

    (row,) = paper.find({"Retail_Sale__c": [{"Contact__c": [ann]}]}, {"Retail_Sale__c": ("Contact__c",)})
    assert (row.id, row.values["Contact__c"]) == (sale, ann)


def test_a_lead_that_would_be_converted_answers_as_its_contact_would(paper: Rehearsal, box: Box) -> None:
    """By the lead's values, by the contact's own, and by its id; it is converted once."""
    lead = box.org.insert_as_user("Lead", {"LastName": "Lee", "Company": "x", "Email": "lee@x.org", "Phone": "7"})
    asked = [Conversion(lead, "Closed - Converted")]

    (first,), (second,) = paper.convert(asked), paper.convert(asked)

    rows = paper.find({name: [{"Email": ["lee@x.org"]}] for name in ("Lead", "Contact")}, FIELDS)
    assert first == second
    assert {(row.object, row.id, row.searched) for row in rows} == {
        ("Contact", first.id, "Lead"),
        ("Contact", first.id, "Contact"),
    }
    assert {row.values["Phone"] for row in rows} == {"7"}
    assert [(each.id, each.becomes) for each in paper.take_unsent()] == [(lead, first.id)]


def test_a_lead_without_a_company_would_be_a_person() -> None:
    """Where the org has those: the account, as after the conversion."""
    with running(switches={"person_accounts": "true"}) as box:
        client_id, secret = box.salesforce_client
        org = LiveOrg(Session(OrgSettings(box.salesforce_url, client_id, secret)))
        lead = box.org.insert_as_user("Lead", {"LastName": "Lee", "Email": "lee@x.org"})
        fields = {"Lead": (), "Contact": (), "Account": ("LastName", "PersonEmail", "IsPersonAccount")}
        answers = []
        for each in (Rehearsal(org), org):
            (result,) = each.convert([Conversion(lead, "Closed - Converted")])
            rows = each.find({"Lead": [{"Id": [lead]}]}, fields)
            answers.append(
                [(row.id == result.id, row.object, {f: row.values[f] for f in fields["Account"]}) for row in rows]
            )

    assert answers[0] == answers[1]
    assert answers[0][0][:2] == (True, "Account")


def test_what_changed_since_is_what_would_have_changed_too(paper: Rehearsal, box: Box) -> None:
    """Rows that would be created and rows that would be changed, each with all the fields that are asked for."""
    ann = box.org.insert_as_user("Contact", {"LastName": "Ann", "Email": "ann@x.org"})
    box.clock.advance(3600)
    found(paper, Email="nobody")  # an answer tells the time
    moment = paper.now()
    new = made(paper, LastName="New")
    paper.update("Contact", KEY, [(ann, {"Phone": "1"}, {})])

    changed = paper.changed_since(moment, FIELDS)
    rows = {row.id: row.values for row in changed}

    assert [(row.object, row.searched) for row in changed] == [("Contact", "Contact")] * 2
    assert (rows[ann]["Email"], rows[ann]["Phone"]) == ("ann@x.org", "1")
    assert rows[new]["LastName"] == "New"
    assert [row.id for row in paper.changed_since(moment + timedelta(hours=1), FIELDS)] == []


def test_a_value_that_only_one_may_have_is_refused_as_the_org_would(paper: Rehearsal, box: Box) -> None:
    """It names who has it; the row itself may keep it, and once that one is gone another may have it."""
    describe = paper.describe(["Contact"])["Contact"]
    unique = {**describe.fields, "Email": replace(describe.fields["Email"], unique=True)}
    paper.describe = lambda names: {"Contact": replace(describe, fields=unique)}  # type: ignore[method-assign]
    paper._org.describe = paper.describe  # type: ignore[method-assign]
    ann = box.org.insert_as_user("Contact", {"LastName": "Ann", "Email": "ann@x.org"})

    (kept,) = paper.update("Contact", KEY, [(ann, {"Email": "Ann@x.org"}, {})])
    (taken,) = paper.upsert("Contact", KEY, [{KEY: "1:1", "LastName": "Bob", "Email": "ANN@x.org"}])
    paper.delete("Contact", [ann])
    (free,) = paper.upsert("Contact", KEY, [{KEY: "1:1", "LastName": "Bob", "Email": "ANN@x.org"}])

    assert (kept.fault, free.fault) == (None, None)
    assert taken.fault
    assert (taken.fault.reason, taken.fault.candidates) == (Reason.VALUE_TAKEN, (ann,))


def test_a_key_is_in_nobodys_way(paper: Rehearsal, box: Box, wire: Wire) -> None:
    """Who has it is the record itself, made by somebody else meanwhile or not: the org is not asked for it."""
    box.org.insert_as_user("Contact", {"LastName": "Ann", KEY: "1:1"})
    assert paper.describe(["Contact"])["Contact"].fields[KEY].unique
    wire.sent.clear()

    results = paper.upsert("Contact", KEY, [{KEY: key, "LastName": "Ann"} for key in ("1:1", "1:2")])

    assert [result.fault for result in results] == [None, None]
    assert wire.sent == []


def test_a_field_that_is_required_is_missed(paper: Rehearsal, box: Box) -> None:
    """In a new record, and in one that would lose it; as the sandbox's org says too."""
    ann = box.org.insert_as_user("Contact", {"LastName": "Ann"})

    (new,) = paper.upsert("Contact", KEY, [{KEY: "1:1"}])
    emptied = [paper.update("Contact", KEY, [(ann, {"LastName": nothing}, {})])[0] for nothing in (None, "")]

    for result in (new, *emptied):
        assert result.fault
        assert (result.fault.reason, result.fault.fields) == (Reason.FIELD_REQUIRED, ("LastName",))


@pytest.mark.parametrize(
    ("body", "after"),
    [
        ({"MailingStateCode": "BC"}, {"MailingState": "British Columbia", "MailingStateCode": "BC"}),
        ({"MailingState": None}, {"MailingState": None, "MailingStateCode": None}),
        ({"MailingStateCode": None}, {"MailingState": None, "MailingStateCode": None}),
        ({"MailingCity": None}, {"MailingCity": None}),
        ({"MailingPostalCode": "V6B 1A1"}, {"MailingPostalCode": "V6B 1A1"}),
        ({"RegionCode": "W"}, {"RegionCode": "W"}),
        ({"ShopCode": "7"}, {"ShopCode": "7"}),
        ({"Email": "Ann@X.org"}, {"Email": "ann@x.org"}),
    ],
)
def test_values_are_noted_as_the_org_keeps_them(body: Values, after: Values) -> None:
    """Text and code of a state go together where there are lists of them; e-mails are in lower case.

    A code of which there is no list, or no text, goes alone.
    """
    lists = {"MailingStateCode": PicklistEntry("BC", "British Columbia"), "RegionCode": PicklistEntry("W", "West")}
    texts = ("MailingState", "MailingCity", "MailingPostalCode", "Shop", "ShopCode")
    fields = {name: FieldDescribe(name, "string") for name in texts}
    fields |= {name: FieldDescribe(name, "picklist", choices=(entry,)) for name, entry in lists.items()}
    fields["Email"] = FieldDescribe("Email", "email")

    assert as_kept(ObjectDescribe("Contact", fields), body) == after


# The law

emails = st.sampled_from([None, "a@x.org", "A@x.org", "b@x.org"])
phones = st.sampled_from([None, "604 250 0001", "7"])
bodies = st.fixed_dictionaries({"Email": emails}, optional={"Phone": phones, "HasOptedOutOfEmail": st.booleans()})
keys = st.sampled_from(["1:1", "1:2", "1:3"])
steps = st.lists(
    st.tuples(st.just("upsert"), keys, bodies)
    | st.tuples(st.sampled_from(["update", "delete"]), st.integers(0, 4), bodies),
    max_size=6,
)
questions = st.lists(
    st.tuples(st.sampled_from(["Email", "Phone", KEY]), st.sampled_from(["a@X.org", "b@x.org", "7", "1:1", "1:2"])),
    min_size=1,
    max_size=4,
)


def play(org: Org, there: Sequence[str], acts: Sequence[Any], asked: Sequence[tuple[str, str]]) -> list[Any]:
    """Write, and look after each write; rows that were made are called by the order in which they were."""
    ids = list(there)
    seen = []
    for verb, place, body in acts:
        if verb == "upsert":
            known = org.find({"Contact": [{KEY: [place]}]}, FIELDS)
            row = {KEY: place, "LastName": "Lee", **body}
            (result,) = org.upsert("Contact", KEY, [row], allow_duplicates=True)
            ids += [str(result.id)] if not known else []
        elif place < len(ids) and verb == "update":
            (result,) = org.update("Contact", KEY, [(ids[place], body, {})], allow_duplicates=True)
        elif place < len(ids):
            (result,) = org.delete("Contact", [ids[place]])
        else:
            continue
        seen += [result.created, result.fault.reason if result.fault else None]
        seen += [sorted(told(row, ids) for row in org.find(wanted(asked), FIELDS))]
    return seen


def wanted(asked: Sequence[tuple[str, str]]) -> Criteria:
    """All fields together, and the first one by itself."""
    together = {field: [value for name, value in asked if name == field] for field, _ in asked}
    first = asked[0][0]
    return {"Contact": [together, {first: together[first][:1]}]}


def told(row: OrgRow, ids: Sequence[str]) -> tuple[Any, ...]:
    values = [str(row.values[field] or None) for field in FIELDS["Contact"]]
    return (ids.index(row.id), *values, sorted(field for field in row.via))


@settings(max_examples=examples(30))
@given(st.lists(bodies, max_size=2), steps, questions)
def test_it_answers_as_the_org_does_after_the_same_writes(
    served: Box, rows: list[Values], acts: list[Any], asked: list[tuple[str, str]]
) -> None:
    """Whatever is written and asked, in any order; the sandbox's org is the judge."""
    served.org.reset()
    served.weather_s.clear()
    client_id, secret = served.salesforce_client
    org = LiveOrg(Session(OrgSettings(served.salesforce_url, client_id, secret), sleep=lambda _: None))
    there = [served.org.insert_as_user("Contact", {"LastName": "Lee", **row}) for row in rows]

    said = play(Rehearsal(org), there, acts, asked)

    assert said == play(org, there, acts, asked)
