"""Filling a blank never overwrites what a person has just written there."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

import pytest
from target_salesforce_retail.errors import BudgetSpent, OrgRefused
from target_salesforce_retail.nouns import Reason, Result, Value
from target_salesforce_retail.org.live import LiveOrg
from target_salesforce_retail.org.session import Session

from sandbox.serve import Box
from sandbox.weather import Gust
from tests.target.wire import Wire, duplicate_rule

KEY = "Lightspeed_Key__c"
NONE: dict[str, Value] = {}
Fill = tuple[str, dict[str, Value], dict[str, Value]]


@pytest.fixture(autouse=True)
def known(org: LiveOrg, wire: Wire) -> None:
    """The shape is known from preflight."""
    org.describe(["Contact", "Product2"])
    wire.sent.clear()


def shopper(box: Box, name: str, **values: Any) -> str:
    return box.org.insert_as_user("Contact", {"LastName": name, **values})


def fill(record_id: str, blanks: set[str], **body: Value) -> Fill:
    return record_id, body, dict.fromkeys(blanks)


def meanwhile(wire: Wire, act: Callable[[], object], at: int = 0) -> None:
    """Somebody acts after the look-up and before our write, at the n-th call."""

    def before(_body: dict[str, Any]) -> None:
        if len(wire.sent) == at + 1:
            act()

    wire.before = before


def row(box: Box, record_id: str, name: str = "Contact") -> Any:
    return box.org.tables[name][record_id]


def test_a_blank_that_stayed_blank_is_filled(org: LiveOrg, box: Box, wire: Wire) -> None:
    """One call, and nothing is kept."""
    ann = shopper(box, "Ann")

    assert org.update("Contact", KEY, [fill(ann, {"Phone"}, Phone="1", FirstName="A")]) == [Result(ann)]

    assert (row(box, ann)["Phone"], row(box, ann)["FirstName"]) == ("1", "A")
    assert len(wire.sent) == 1


@pytest.mark.parametrize("ticked", [False, True])
def test_a_checkbox_that_is_not_ticked_is_blank(org: LiveOrg, box: Box, wire: Wire, ticked: bool) -> None:
    """Ours is not taken back for it; and who ticks it meanwhile says the same."""
    ann = shopper(box, "Ann")
    if ticked:
        meanwhile(wire, lambda: box.org.edit_as_user("Contact", ann, {"DoNotCall": True}))

    assert org.update("Contact", KEY, [fill(ann, {"DoNotCall"}, DoNotCall=True)]) == [Result(ann)]

    assert row(box, ann)["DoNotCall"] is True


def test_what_a_colleague_wrote_between_look_up_and_write_stays(org: LiveOrg, box: Box, wire: Wire) -> None:
    """Only that field of that row; everything else is written."""
    ann, bob = shopper(box, "Ann"), shopper(box, "Bob")
    theirs = {"Phone": "theirs", "Birthdate": "1990-05-17"}
    meanwhile(wire, lambda: box.org.edit_as_user("Contact", ann, theirs))
    blanks = {"Phone", "Birthdate", "Email"}

    results = org.update(
        "Contact",
        KEY,
        [
            fill(ann, blanks, Phone="ours", Birthdate=date(1999, 1, 1), Email="ann@x.org", FirstName="A"),
            fill(bob, {"Phone"}, Phone="ours"),
        ],
    )

    assert results == [Result(ann, kept=("Birthdate", "Phone")), Result(bob)]
    found = row(box, ann)
    assert (found["Phone"], found["Birthdate"], found["Email"], found["FirstName"]) == (
        "theirs",
        "1990-05-17",
        "ann@x.org",
        "A",
    )
    assert row(box, bob)["Phone"] == "ours"
    (put_back,) = wire.rows[1:]
    assert [{name for name in each if name != "attributes"} for each in put_back] == [{"Id", "Phone", "Birthdate"}]
    assert len(wire.sent) == 2


def test_our_key_does_not_stay_beside_their_phone(org: LiveOrg, box: Box, wire: Wire) -> None:
    """The flow sees a phone come back without its key: it is blank, so that the number is read anew."""
    ann = shopper(box, "Ann")
    meanwhile(wire, lambda: box.org.edit_as_user("Contact", ann, {"MobilePhone": "604 555 0199"}))
    ours: dict[str, Value] = {"MobilePhone": "604 555 0142", "Mobile_Phone_Key__c": "+16045550142"}

    (result,) = org.update("Contact", KEY, [fill(ann, {"MobilePhone"}, **ours)])

    assert result.kept == ("MobilePhone",)
    assert [row(box, ann)[field] for field in ours] == ["604 555 0199", None]


def test_our_state_does_not_stay_in_their_country(org: LiveOrg, box: Box, wire: Wire) -> None:
    """The org would refuse to put the country back, and it would be lost."""
    ann = shopper(box, "Ann")
    meanwhile(wire, lambda: box.org.edit_as_user("Contact", ann, {"MailingCountryCode": "US"}))
    codes = {"MailingCountryCode": "CA", "MailingStateCode": "ON"}

    results = org.update("Contact", KEY, [fill(ann, set(codes), **codes)])

    assert results == [Result(ann, kept=("MailingCountryCode", "MailingStateCode"))]
    assert (row(box, ann)["MailingCountry"], row(box, ann)["MailingState"]) == ("United States", None)


def test_money_and_a_field_that_is_not_ours_to_guard(org: LiveOrg, box: Box, wire: Wire) -> None:
    """Exact numbers come back exactly; a field that was not blank is overwritten as the mapping says."""
    hat = box.org.insert_as_user("Product2", {"Name": "Hat", "ProductCode": "old"})
    edits = {"Price__c": Decimal("10.10"), "ProductCode": "theirs"}
    meanwhile(wire, lambda: box.org.edit_as_user("Product2", hat, edits))

    (result,) = org.update("Product2", KEY, [fill(hat, {"Price__c"}, Price__c=Decimal("9.99"), ProductCode="ours")])

    assert result.kept == ("Price__c",)
    assert (row(box, hat, "Product2")["Price__c"], row(box, hat, "Product2")["ProductCode"]) == (
        Decimal("10.10"),
        "ours",
    )


@pytest.mark.parametrize(("edits", "kept"), [({}, ()), ({"LastName": "Typed"}, ("LastName",))])
def test_a_filler_gives_way_to_us_and_a_name_does_not(
    org: LiveOrg, box: Box, wire: Wire, edits: dict[str, str], kept: tuple[str, ...]
) -> None:
    """What was read there and passes for a blank is still there, or somebody has typed a name meanwhile."""
    ann = box.org.insert_as_user("Contact", {"FirstName": "Ann", "LastName": "(unknown)"})
    meanwhile(wire, lambda: box.org.edit_as_user("Contact", ann, edits))

    results = org.update("Contact", KEY, [(ann, {"LastName": "Lee"}, {"LastName": "(unknown)"})])

    assert results == [Result(ann, kept=kept)]
    assert row(box, ann)["LastName"] == edits.get("LastName", "Lee")


def test_the_same_value_from_both_is_nothing_to_keep(org: LiveOrg, box: Box, wire: Wire) -> None:
    """And costs no call."""
    ann = shopper(box, "Ann")
    meanwhile(wire, lambda: box.org.edit_as_user("Contact", ann, {"Phone": "1", "Birthdate": "1990-05-17"}))

    assert org.update("Contact", KEY, [fill(ann, {"Phone", "Birthdate"}, Phone="1", Birthdate=date(1990, 5, 17))]) == [
        Result(ann)
    ]
    assert len(wire.sent) == 1


def test_the_look_is_of_those_fields_and_records_right_before_the_write(org: LiveOrg, box: Box, wire: Wire) -> None:
    """In the order of the call, which must not be rearranged; five queries and collections at most."""
    ids = [shopper(box, f"L{number}") for number in range(450)]

    org.update("Contact", KEY, [fill(each, {"Phone", "Fax"}, Phone="1", FirstName="A") for each in ids])

    assert [[each["method"] for each in body["compositeRequest"]] for _, body in wire.sent] == [
        ["GET", "PATCH", "GET", "PATCH"],
        ["GET", "PATCH"],
    ]
    assert all(body["collateSubrequests"] is False and body["allOrNone"] is False for _, body in wire.sent)
    for look, write in zip(wire.requests[::2], wire.requests[1::2], strict=True):
        soql = unquote(look["url"].partition("?q=")[2])
        assert soql.startswith("SELECT Id, Phone FROM Contact WHERE Id IN (")
        assert [each for each in ids if each in soql] == [each["Id"] for each in write["body"]["records"]]


def test_rows_without_blanks_travel_as_ever(org: LiveOrg, box: Box, wire: Wire) -> None:
    """Five times 200 to a call, and no query; results in the order of the rows."""
    ids = [shopper(box, f"L{number}") for number in range(1001)]
    rows: list[Fill] = [fill(each, set(), FirstName="A") for each in ids]
    rows[3] = fill(ids[3], {"Phone"}, Phone="1")

    results = org.update("Contact", KEY, rows)

    assert [result.id for result in results] == ids
    assert [[each["method"] for each in body["compositeRequest"]] for _, body in wire.sent] == [
        ["PATCH"] * 5,
        ["GET", "PATCH"],
    ]


def test_what_cannot_be_put_back_is_that_rows_fault(org: LiveOrg, box: Box, wire: Wire) -> None:
    """It is not passed over in silence."""
    ann, bob = shopper(box, "Ann"), shopper(box, "Bob")
    meanwhile(wire, lambda: [box.org.edit_as_user("Contact", each, {"Phone": f"of {each}"}) for each in (ann, bob)])
    box.weather_s.plan([Gust("FIELD_CUSTOM_VALIDATION_EXCEPTION", rows=f"of {ann}")])

    results = org.update("Contact", KEY, [fill(each, {"Phone"}, Phone="ours") for each in (ann, bob)])

    assert results[0].fault is not None
    assert Reason.RULE_BROKEN is results[0].fault.reason
    assert results[1] == Result(bob, kept=("Phone",))


def test_a_row_that_was_refused_has_nothing_to_put_back(org: LiveOrg, box: Box, wire: Wire) -> None:
    """What the person wrote was not touched."""
    ann = shopper(box, "Ann")
    meanwhile(wire, lambda: box.org.edit_as_user("Contact", ann, {"Phone": "theirs"}))

    (result,) = org.update("Contact", KEY, [fill(ann, {"Phone"}, Phone="ours", LastName="x" * 90)])

    assert result.fault is not None
    assert (result.fault.code, result.kept) == ("STRING_TOO_LONG", ())
    assert row(box, ann)["Phone"] == "theirs"
    assert len(wire.sent) == 1


def test_each_attempt_looks_again(org: LiveOrg, box: Box, wire: Wire) -> None:
    """A row that was locked at first, and edited before the lock was gone."""
    ann, bob = shopper(box, "Ann"), shopper(box, "Bob")
    box.org.locks = {ann}

    def act() -> None:
        box.org.locks = set()
        box.org.edit_as_user("Contact", ann, {"Phone": "theirs"})

    meanwhile(wire, act, at=1)

    results = org.update("Contact", KEY, [fill(each, {"Phone"}, Phone="ours") for each in (ann, bob)])

    assert results == [Result(ann, kept=("Phone",)), Result(bob)]
    assert row(box, ann)["Phone"] == "theirs"


def test_halves_look_for_themselves(org: LiveOrg, box: Box, wire: Wire) -> None:
    """A neighbour that spoils the request changes nothing."""
    ids = [shopper(box, f"L{number}") for number in range(8)]
    wire.refuse = lambda each: (400, "JSON_PARSER_ERROR") if "bad" in str(each.get("body")) else None
    meanwhile(wire, lambda: box.org.edit_as_user("Contact", ids[0], {"Phone": "theirs"}), at=1)

    results = org.update(
        "Contact", KEY, [fill(each, {"Phone"}, Phone="bad" if each == ids[5] else "1") for each in ids]
    )

    assert [result.fault and result.fault.code for result in results] == [None] * 5 + ["JSON_PARSER_ERROR", None, None]
    assert results[0].kept == ("Phone",)
    assert [row(box, each)["Phone"] for each in ids] == ["theirs", "1", "1", "1", "1", None, "1", "1"]


def test_an_alert_does_not_stand_in_the_way_of_what_was_there(org: LiveOrg, box: Box, wire: Wire) -> None:
    """The org accepted it from that person."""
    shopper(box, "Ann", Email="ann@x.org")
    twin = shopper(box, "Ann")
    duplicate_rule(box, "Contact", "Email", "alert")
    meanwhile(wire, lambda: box.org.edit_as_user("Contact", twin, {"Email": "ann@x.org"}))

    (result,) = org.update("Contact", KEY, [fill(twin, {"Email"}, Email="ours@x.org")])

    assert result == Result(twin, kept=("Email",))
    assert row(box, twin)["Email"] == "ann@x.org"


def test_the_budget_does_not_keep_what_is_owed(
    org: LiveOrg, session: Session, box: Box, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The share may be used up between the write and the putting back; then the run stops, as it does."""
    ann = shopper(box, "Ann")

    def act() -> None:
        box.org.edit_as_user("Contact", ann, {"Phone": "theirs"})
        session._budget.note("api-usage=99/100")
        monkeypatch.setattr(session._budget, "note", lambda *_: None)

    meanwhile(wire, act)

    assert org.update("Contact", KEY, [fill(ann, {"Phone"}, Phone="ours")]) == [Result(ann, kept=("Phone",))]
    with pytest.raises(BudgetSpent):
        org.update("Contact", KEY, [fill(ann, set(), FirstName="A")])


def test_what_is_owed_is_paid_before_anything_else(org: LiveOrg, box: Box, wire: Wire) -> None:
    """The call after that of many may fail for good."""
    ids = [shopper(box, f"L{number}") for number in range(500)]
    meanwhile(wire, lambda: box.org.edit_as_user("Contact", ids[399], {"Phone": "theirs"}))
    wire.refuse = lambda each: (403, "STORAGE_LIMIT_EXCEEDED") if ids[499] in str(each.get("body")) else None

    with pytest.raises(OrgRefused):
        org.update("Contact", KEY, [fill(each, {"Phone"}, Phone="ours") for each in ids])

    assert [row(box, ids[place])["Phone"] for place in (398, 399, 499)] == ["ours", "theirs", None]


def is_look(request: dict[str, Any]) -> bool:
    return request["method"] == "GET"


def test_a_look_that_is_refused_ends_the_run(org: LiveOrg, box: Box, wire: Wire) -> None:
    """Else no blank would be guarded, and nobody would know."""
    wire.refuse = lambda each: (400, "INVALID_FIELD") if is_look(each) else None

    with pytest.raises(OrgRefused) as raised:
        org.update("Contact", KEY, [fill(shopper(box, "Ann"), {"Phone"}, Phone="ours")])

    assert str(raised.value) == (
        "Contact: Salesforce refused the look at the fields to be filled: 400 INVALID_FIELD. "
        "Check that the integration user may read what it fills."
    )


def test_a_look_that_fails_in_passing_leaves_the_write(org: LiveOrg, box: Box, wire: Wire) -> None:
    """It has run, and there is nothing to go by."""
    ann = shopper(box, "Ann")
    wire.refuse = lambda each: (400, "QUERY_TIMEOUT") if is_look(each) else None

    assert org.update("Contact", KEY, [fill(ann, {"Phone"}, Phone="ours")]) == [Result(ann)]


@pytest.mark.parametrize("others", [0, 1])
def test_an_id_that_is_none_is_its_rows_fault(org: LiveOrg, box: Box, wire: Wire, others: int) -> None:
    """And does not spoil the look for its neighbours."""
    ids = [shopper(box, "Ann")][:others]

    results = org.update("Contact", KEY, [fill(each, {"Phone"}, Phone="1") for each in ("zzz", *ids)])

    assert results[0].fault is not None
    assert results[1:] == [Result(each) for each in ids]
    assert "zzz" not in wire.requests[0]["url"]


@pytest.mark.parametrize("seed", range(12))
def test_whoever_edits_whatever_nothing_of_theirs_is_lost(org: LiveOrg, box: Box, wire: Wire, seed: int) -> None:
    """The law: after the write a guarded field holds what was written there before it, or else ours."""
    draw = random.Random(seed)
    names = ["Phone", "MobilePhone", "FirstName", "Department"]
    ids = [shopper(box, f"L{number}") for number in range(draw.randint(1, 6))]
    rows = {each: {name: f"our {name}" for name in draw.sample(names, draw.randint(1, 4))} for each in ids}
    blanks = {each: {name for name in rows[each] if draw.random() < 0.7} for each in ids}
    edits = {each: {name: f"their {name}" for name in names if draw.random() < 0.4} for each in ids}
    meanwhile(wire, lambda: [box.org.edit_as_user("Contact", each, edits[each]) for each in ids if edits[each]])

    results = org.update("Contact", KEY, [(each, rows[each], dict.fromkeys(blanks[each])) for each in ids])

    for each, result in zip(ids, results, strict=True):
        kept = sorted(blanks[each] & edits[each].keys() & rows[each].keys()) if blanks[each] else []
        # Rows without blanks travel first: the edits come with the first call, whoever is in it
        expected = {**dict.fromkeys(names), **edits[each], **rows[each], **{name: edits[each][name] for name in kept}}
        assert (result.fault, result.kept) == (None, tuple(kept))
        assert {name: row(box, each)[name] for name in names} == expected
