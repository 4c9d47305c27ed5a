"""The live org against the sandbox: what the port promises."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from target_salesforce_retail.errors import OrgRefused
from target_salesforce_retail.nouns import Reason, Recovery, Result
from target_salesforce_retail.org.live import LiveOrg
from target_salesforce_retail.org.query import CHARACTERS_PER_QUERY, _clauses

from sandbox.salesforce.people import convert_lead, merge
from sandbox.salesforce.soql.parse import parse
from sandbox.serve import Box
from sandbox.weather import Gust

KEY = "Lightspeed_Key__c"
NONE: dict[str, None] = {}
NAMES = {"Contact": (KEY, "LastName", "Email", "Birthdate"), "Lead": (KEY, "LastName", "Email")}


def contact(number: int, **more: Any) -> dict[str, Any]:
    return {KEY: f"1:{number}", "LastName": f"Lee{number}", **more}


def ids(results: list[Result]) -> list[str]:
    assert all(result.fault is None for result in results), results
    return [str(result.id) for result in results]


def test_upsert_creates_then_finds(org: LiveOrg, box: Box) -> None:
    """In the order of the rows, however many calls it takes."""
    rows = [contact(number) for number in range(1205)]

    first = org.upsert("Contact", KEY, rows)
    second = org.upsert("Contact", KEY, rows)

    assert ids(first) == ids(second)
    assert {True} == {result.created for result in first}
    assert {False} == {result.created for result in second}
    assert [row["LastName"] for row in rows] == [box.org.tables["Contact"][each]["LastName"] for each in ids(first)]


def test_one_refused_row_does_not_take_its_neighbours_down(org: LiveOrg) -> None:
    """Its fault says which field; the others are in."""
    results = org.upsert("Contact", KEY, [contact(1), contact(2, LastName="x" * 90), contact(3)])

    assert [result.fault and result.fault.code for result in results] == [None, "STRING_TOO_LONG", None]
    assert results[1].fault is not None
    assert (results[1].fault.reason, results[1].fault.fields) == (Reason.VALUE_REFUSED, ("LastName",))


def test_a_key_twice_is_the_callers_mistake(org: LiveOrg) -> None:
    """What Salesforce does then is not documented."""
    with pytest.raises(ValueError, match="twice"):
        org.upsert("Contact", KEY, [contact(1), contact(1)])


def test_find_by_any_of_several_fields(org: LiveOrg) -> None:
    """In the org's case, each row once, with typed values."""
    (first, second) = ids(
        org.upsert("Contact", KEY, [contact(1, Email="Ann@X.org", Birthdate=date(1990, 5, 17)), contact(2)])
    )

    rows = org.find({"Contact": [{"Email": ["ANN@x.ORG"]}, {KEY: ["1:1", "1:2", "1:9"]}]}, NAMES)

    assert {first, second} == {row.id for row in rows}
    found = next(row for row in rows if row.id == first)
    assert ("ann@x.org", date(1990, 5, 17)) == (found.values["Email"], found.values["Birthdate"])


def test_answers_of_many_pages_come_whole(org: LiveOrg) -> None:
    """The org answers 2,000 rows at a time."""
    org.upsert("Contact", KEY, [contact(number, LastName="Same") for number in range(2300)])

    assert len(org.find({"Contact": [{"LastName": ["Same"]}]}, NAMES)) == 2300


def test_keys_are_told_apart_by_case(org: LiveOrg) -> None:
    """They are declared so in the package."""
    org.upsert("Contact", KEY, [{KEY: "a:1", "LastName": "low"}, {KEY: "A:1", "LastName": "high"}])

    assert [row.values["LastName"] for row in org.find({"Contact": [{KEY: ["A:1"]}]}, NAMES)] == ["high"]


def test_a_converted_lead_is_followed_to_its_contact(org: LiveOrg, box: Box) -> None:
    """The row is the contact; `via` says which value of the lead answered."""
    lead = box.org.insert_as_user("Lead", {"LastName": "Lee", "Company": "x", "Email": "ann@x.org"})
    other = str(convert_lead(box.org, lead)["contact_id"])
    box.org.edit_as_user("Contact", other, {"Email": "new@x.org"})

    (row,) = org.find({"Lead": [{"Email": ["ann@x.org"]}]}, NAMES)

    assert ("Contact", other, "Lead", "ann@x.org") == (row.object, row.id, row.searched, row.via["Email"])
    assert row.values["Email"] == "new@x.org"


def test_a_merged_record_is_followed_to_its_survivor(org: LiveOrg, box: Box) -> None:
    """Through a chain; what is deleted without heir is absent."""
    a, b, c, gone = (box.org.insert_as_user("Contact", {"LastName": name}) for name in "abcd")
    merge(box.org, b, [a])
    merge(box.org, c, [b])
    box.org.delete_as_user("Contact", gone)

    assert {a: c, b: c, c: c} == org.survivors("Contact", [a, b, c, gone])


def test_of_what_is_never_merged_who_is_there_lives(org: LiveOrg, box: Box) -> None:
    """No master is asked for: the object has no such field."""
    here, gone = (box.org.insert_as_user("Product2", {"Name": name}) for name in ("Hat", "Cap"))
    box.org.delete_as_user("Product2", gone)

    assert org.survivors("Product2", [here, gone]) == {here: here}


def test_update_sends_nulls_and_exact_numbers(org: LiveOrg, box: Box) -> None:
    """Null clears, absent keeps."""
    (record_id,) = ids(
        org.upsert("Product2", KEY, [{KEY: "1:1", "Name": "Hat", "ProductCode": "H", "Price__c": Decimal("9.99")}])
    )

    org.update("Product2", KEY, [(record_id, {"ProductCode": None, "Price__c": Decimal("10.01")}, NONE)])

    row = box.org.tables["Product2"][record_id]
    assert (None, Decimal("10.01"), "Hat") == (row["ProductCode"], Decimal(str(row["Price__c"])), row["Name"])


def test_delete_twice_is_deleted(org: LiveOrg) -> None:
    """What is gone already counts as deleted."""
    (record_id,) = ids(org.upsert("Contact", KEY, [contact(1)]))

    assert [org.delete("Contact", [record_id])[0].fault for _ in range(2)] == [None, None]


def test_an_update_of_a_deleted_record_asks_for_a_retry(org: LiveOrg) -> None:
    """To be matched anew."""
    (record_id,) = ids(org.upsert("Contact", KEY, [contact(1)]))
    org.delete("Contact", [record_id])

    (result,) = org.update("Contact", KEY, [(record_id, {"LastName": "Lee"}, NONE)])

    assert result.fault is not None
    assert (result.fault.recovery, result.fault.reason) == (Recovery.RETRY, Reason.GONE)


def test_a_lock_is_waited_out_alone(org: LiveOrg, box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its neighbours are in at once; the locked row is sent again until it opens."""
    first, second = ids(org.upsert("Contact", KEY, [contact(1), contact(2)]))
    box.org.locks = {first}
    pauses: list[int] = []

    def pause(attempt: int) -> None:
        pauses.append(attempt)
        if len(pauses) == 2:
            box.org.locks = set()

    monkeypatch.setattr(org._session, "pause", pause)
    results = org.update("Contact", KEY, [(first, {"LastName": "A"}, NONE), (second, {"LastName": "B"}, NONE)])

    assert [first, second] == ids(results)
    assert pauses == [0, 1]


def test_a_lock_that_stays_is_said(org: LiveOrg, box: Box) -> None:
    """After the attempts the row comes back, the other is in."""
    first, second = ids(org.upsert("Contact", KEY, [contact(1), contact(2)]))
    box.org.locks = {first}

    results = org.update("Contact", KEY, [(first, {"LastName": "A"}, NONE), (second, {"LastName": "B"}, NONE)])
    box.org.locks = set()

    assert results[0].fault is not None
    assert Reason.LOCKED is results[0].fault.reason
    assert results[1].fault is None


@pytest.mark.parametrize("fault", ["drop", "503", "truncate", "html"])
def test_a_lost_answer_is_asked_again(org: LiveOrg, box: Box, fault: str) -> None:
    """The rows are there once; that they were there already may be our own doing, which it is not without a loss."""
    org.describe(["Contact"])
    box.weather_s.plan([Gust(fault, path="*/composite", commit=True)])

    lost = org.upsert("Contact", KEY, [contact(1), contact(2)])
    again = org.upsert("Contact", KEY, [contact(1), contact(2)])

    assert ids(lost) == ids(again) == [*box.org.tables["Contact"]]
    assert {(result.created, result.repeated) for result in lost} == {(False, True)}
    assert {(result.created, result.repeated) for result in again} == {(False, False)}


def test_an_expired_session_goes_unnoticed(org: LiveOrg, box: Box) -> None:
    """A new login, and the call again."""
    org.describe(["Contact"])
    box.weather_s.plan([Gust("401", path="*/composite")])

    assert len(ids(org.upsert("Contact", KEY, [contact(1)]))) == 1


def test_describe_says_what_preflight_needs(org: LiveOrg) -> None:
    """And nothing for what the org has not."""
    describe = org.describe(["Contact", "Nothing__c"])["Contact"]

    assert (
        describe.fields["LastName"].length,
        describe.fields["LastName"].nillable,
        describe.fields[KEY].unique,
    ) == (80, False, True)
    assert describe.fields[KEY].key_like
    assert org.describe(["Nothing__c"]) == {}


def test_names_are_never_values(org: LiveOrg) -> None:
    """A field name with anything but letters, digits and underscores is refused before it is asked."""
    with pytest.raises(OrgRefused, match="no name"):
        org.find({"Contact": [{"Email = 'x' OR Id != ''; --": ["x"]}]}, NAMES)


def test_an_object_that_the_org_has_not_is_named(org: LiveOrg) -> None:
    """With what says more."""
    with pytest.raises(OrgRefused) as raised:
        org.find({"Nothing__c": [{"Name": ["x"]}]}, {"Nothing__c": ("Name",)})

    assert str(raised.value) == "describe: The org has no object Nothing__c, or hides it. Run preflight."


@given(st.lists(st.text(min_size=1, max_size=60), min_size=1, max_size=400, unique=True))
def test_every_value_is_asked_once_and_survives_quoting(values: list[str]) -> None:
    """Whatever it holds; and no statement grows too long."""
    asked: list[str] = []
    for clause in _clauses([{"LastName": values}], {}):
        query = parse(f"SELECT Id FROM Contact WHERE {clause}")
        asked += [literal.value for literal in query.where.values]  # type: ignore[union-attr, misc]
        assert len(clause) < 4 * CHARACTERS_PER_QUERY

    assert values == asked
