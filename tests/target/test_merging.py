"""Merges and conversions over SOAP, against the sandbox: what the port promises."""

from __future__ import annotations

from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from target_salesforce_retail.errors import BudgetSpent, LoginFailed, OrgBusy, OrgRefused
from target_salesforce_retail.nouns import Conversion, Merge, OrgRow, Reason, Recovery, Result
from target_salesforce_retail.org.live import LiveOrg
from target_salesforce_retail.org.merging import _waves
from target_salesforce_retail.org.session import OrgSettings, Session
from target_salesforce_retail.stages.inside.untouched import Pair, were_leads

from sandbox.salesforce.ids import make_id
from sandbox.salesforce.people import convert_lead, merge
from sandbox.serve import Box, running
from sandbox.weather import Gust
from tests.target.wire import taken_away

CONVERTED = "Closed - Converted"
SOAP = "/services/Soap/*"


def contacts(box: Box, count: int, **more: Any) -> list[str]:
    return [box.org.insert_as_user("Contact", {"LastName": f"Lee{each}", **more}) for each in range(count)]


def lead(box: Box, **more: Any) -> str:
    return box.org.insert_as_user("Lead", {"LastName": "Lee", "Company": "Lee & Co", **more})


def ids(results: list[Result]) -> list[str]:
    assert all(result.fault is None for result in results), results
    return [str(result.id) for result in results]


def codes(results: list[Result]) -> list[str]:
    return [result.fault.code if result.fault else "" for result in results]


def test_two_are_one_and_what_hangs_on_the_other_moves(org: LiveOrg, box: Box) -> None:
    """The one that goes leads to the one that stays, whose blanks are filled in the same call."""
    stays, goes = contacts(box, 2)
    sale = box.org.insert_as_user("Retail_Sale__c", {"Contact__c": goes})

    (found,) = ids(org.merge("Contact", [Merge(stays, goes, {"Email": "ann@x.org", "Birthdate": date(1990, 5, 17)})]))

    row = box.org.tables["Contact"][stays]
    assert (found, {goes: stays}) == (stays, org.survivors("Contact", [goes]))
    assert (row["Email"], row["Birthdate"]) == ("ann@x.org", "1990-05-17")
    assert box.org.tables["Retail_Sale__c"][sale]["Contact__c"] == stays


def test_values_go_in_as_they_are(org: LiveOrg, box: Box) -> None:
    """Markup, other scripts, blanks and line ends; booleans and amounts."""
    stays, goes = contacts(box, 2)
    text = "a <b> & \"c\" ]]> 'd'\n\té 漢 😀"
    instant = datetime(2026, 5, 1, 12, tzinfo=timezone.utc)
    fill = {"Description": text, "EmailBouncedDate": instant, "Title": None}

    ids(org.merge("Contact", [Merge(stays, goes, fill)]))
    first, second = (box.org.insert_as_user("Account", {"Name": name}) for name in "ab")
    ids(org.merge("Account", [Merge(first, second, {"AnnualRevenue": Decimal("1E+3"), "NumberOfEmployees": 7})]))

    row, account = box.org.tables["Contact"][stays], box.org.tables["Account"][first]
    assert (text, "2026-05-01T12:00:00.000+0000", None) == (row["Description"], row["EmailBouncedDate"], row["Title"])
    assert (account["AnnualRevenue"], account["NumberOfEmployees"]) == (1000, 7)


def test_what_a_person_has_filled_in_meanwhile_is_left(org: LiveOrg, box: Box) -> None:
    """A blank is filled that is one when the call is made."""
    stays, goes = contacts(box, 2)
    box.org.edit_as_user("Contact", stays, {"Email": "hers@x.org"})

    ids(org.merge("Contact", [Merge(stays, goes, {"Email": "ours@x.org", "Phone": "1"})]))

    row = box.org.tables["Contact"][stays]
    assert (row["Email"], row["Phone"]) == ("hers@x.org", "1")


def test_who_does_not_want_to_be_written_to_is_not_from_then_on(org: LiveOrg, box: Box) -> None:
    """A box that is not ticked is false in the org, and blank all the same."""
    stays, goes = contacts(box, 2)

    ids(org.merge("Contact", [Merge(stays, goes, {"HasOptedOutOfEmail": True})]))

    assert box.org.tables["Contact"][stays]["HasOptedOutOfEmail"] is True


def test_a_second_time_is_merged_and_writes_nothing(org: LiveOrg, box: Box) -> None:
    """Directly, or through another that was merged since."""
    first, second, third = contacts(box, 3)
    pair = Merge(first, second, {"Phone": "1"})
    ids(org.merge("Contact", [pair]))
    before = box.org.snapshot()

    assert ids(org.merge("Contact", [pair])) == [first]
    assert before == box.org.snapshot()
    merge(box.org, third, [first])
    assert ids(org.merge("Contact", [pair])) == [third]


def test_what_went_elsewhere_is_gone(org: LiveOrg, box: Box) -> None:
    """A loser of another merge, or one that a person deleted."""
    stays, goes, other, deleted = contacts(box, 4)
    merge(box.org, other, [goes])
    box.org.delete_as_user("Contact", deleted)

    results = org.merge("Contact", [Merge(stays, goes), Merge(stays, deleted)])

    assert [result.fault and result.fault.reason for result in results] == [Reason.GONE, Reason.GONE]


def test_a_chain_is_merged_link_by_link(org: LiveOrg, box: Box) -> None:
    """A record that two pairs name travels twice, in their order: SOAP takes three to one at most."""
    a, b, c, d, e = contacts(box, 5)

    found = ids(org.merge("Contact", [Merge(b, a), Merge(c, b), Merge(c, d), Merge(c, e), Merge(c, e)]))

    assert found == [b, c, c, c, c]
    assert org.survivors("Contact", [a, b, d, e]) == dict.fromkeys([a, b, d, e], c)


def test_one_refused_pair_does_not_take_its_neighbours_down(org: LiveOrg, box: Box) -> None:
    """Nor does an id that is none, or what no XML can hold."""
    fills: list[dict[str, Any]] = [{}, {"Email": "x"}, {"Title": "\x0b"}, {}, {"Phone": "1"}]
    merges = [Merge(*contacts(box, 2), fill) for fill in fills]
    merges[3] = Merge("nobody", merges[3].goes)

    results = org.merge("Contact", merges)

    assert codes(results) == ["", "INVALID_EMAIL_ADDRESS", "UNSENDABLE", "MALFORMED_ID", ""]
    assert [result.fault and result.fault.fields for result in results[1:3]] == [("Email",), ("Title",)]


def fault(code: str) -> str:
    """An envelope that refuses a call."""
    return (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><e:Fault><faultcode>'
        f"{code}</faultcode><faultstring>words of a shopper</faultstring></e:Fault></e:Body></e:Envelope>"
    )


def test_a_pair_that_spoils_every_call_is_found_in_halves(org: LiveOrg, box: Box) -> None:
    """Its neighbours are merged; it is held with the code."""
    merges = [Merge(*contacts(box, 2)) for _ in range(8)]
    spoilt = Gust("400", path=SOAP, containing=merges[5].goes, times=99, body=fault("soapenv:Client"))
    box.weather_s.plan([spoilt])

    results = org.merge("Contact", merges)

    assert codes(results) == [*[""] * 5, "soapenv:Client", "", ""]
    assert results[5].fault is not None
    assert (results[5].fault.recovery, results[5].fault.reason) == (Recovery.HOLD, Reason.REFUSED)


def test_what_is_refused_of_every_pair_stops_the_run_soon(org: LiveOrg, box: Box) -> None:
    """After a few of them alone, with the code and no word of the answer."""
    merges = [Merge(*contacts(box, 2)) for _ in range(64)]
    box.weather_s.plan([Gust("400", path=SOAP, times=999, body=fault("sf:UNSUPPORTED_API_VERSION"))])

    with pytest.raises(OrgRefused, match="UNSUPPORTED_API_VERSION") as error:
        org.merge("Contact", merges)

    assert "shopper" not in str(error.value)
    assert len(box.weather_s.struck) < 16


def test_without_the_right_to_delete_pairs_are_held(org: LiveOrg, box: Box) -> None:
    """An integration user that may write but not delete is a choice."""
    merges = [Merge(*contacts(box, 2)) for _ in range(2)]

    with taken_away(box, "Contact", deletable=False):
        results = org.merge("Contact", merges)

    assert codes(results) == ["INSUFFICIENT_ACCESS_OR_READONLY"] * 2
    assert {result.fault and result.fault.reason for result in results} == {Reason.NOT_ALLOWED}


def test_who_meets_a_lock_is_left_to_the_next_run(org: LiveOrg, box: Box) -> None:
    """Its neighbours are merged at once; whoever holds the lock may be changing what the merge rests on."""
    first, second = Merge(*contacts(box, 2)), Merge(*contacts(box, 2))
    box.org.locks = {first.goes}

    assert codes(org.merge("Contact", [first, second])) == ["UNABLE_TO_LOCK_ROW", ""]
    assert box.org.calls["soap"] == 1


def test_an_answer_that_is_lost_is_found(org: LiveOrg, box: Box) -> None:
    """The call is made again, refuses what is done, and a look says so."""
    pair, other = Merge(*contacts(box, 2), {"Phone": "1"}), lead(box, Email="ann@x.org")
    box.weather_s.plan([Gust("503", path=SOAP, commit=True)])
    assert ids(org.merge("Contact", [pair])) == [pair.stays]
    box.weather_s.plan([Gust("503", path=SOAP, commit=True)])
    (contact,) = ids(org.convert([Conversion(other, CONVERTED)]))

    assert box.org.tables["Lead"][other]["ConvertedContactId"] == contact
    assert (box.org.writes["merge", "Contact"], box.org.writes["convert", "Lead"]) == (1, 1)


@pytest.mark.parametrize("seed", range(3))
def test_in_any_weather_the_same_comes_of_it(org: LiveOrg, box: Box, seed: int) -> None:
    """Answers that are lost before and after they took effect: everything is done, once, as in fair weather."""
    merges = [Merge(*contacts(box, 2, Title=str(each)), {"Phone": str(each)}) for each in range(6)]
    leads = [Conversion(lead(box, LastName=f"Lee{each}"), CONVERTED) for each in range(4)]
    base = box.org.freeze()

    def merged(pair: Merge) -> str:
        """In as many runs as it takes."""
        return next(str(result.id) for _ in range(99) for result in org.merge("Contact", [pair]) if not result.fault)

    def done() -> tuple[list[str], list[str], list[Any]]:
        stay = [merged(pair) for pair in merges]
        became = [each for one in leads for each in ids(org.convert([one]))]
        rows = [box.org.tables["Contact"][each] for each in [*stay, *became]]
        return stay, became, [(row["LastName"], row["Phone"], row["IsDeleted"]) for row in rows]

    fair = done()
    box.org.thaw(base)
    box.org.writes.clear()
    box.weather_s.storm(seed, 0.3, ["503", "500", "429"])
    stormy = done()

    assert (stormy[0], stormy[2]) == (fair[0], fair[2])
    assert (box.org.writes["merge", "Contact"], box.org.writes["convert", "Lead"]) == (6, 4)


@pytest.mark.parametrize("fault", ["403-concurrent", "503", "500", "429", "drop"])
def test_what_passes_is_waited_out_of_a_conversion_and_not_of_a_merge(org: LiveOrg, box: Box, fault: str) -> None:
    """That rests on a look at the two, and by then one of them may be another's; whether it is done is looked for."""
    pair = Merge(*contacts(box, 2))
    box.weather_s.plan([Gust(fault, path=SOAP)])

    (result,) = org.merge("Contact", [pair])

    assert result.fault is not None
    assert (result.fault.recovery, box.org.writes["merge", "Contact"]) == (Recovery.HOLD, 0)
    box.weather_s.plan([Gust(fault, path=SOAP, commit=True)])
    assert ids(org.merge("Contact", [pair])) == [pair.stays]
    box.weather_s.plan([Gust(fault, path=SOAP)])
    ids(org.convert([Conversion(lead(box), CONVERTED)]))


def test_a_new_session_brings_a_new_look(org: LiveOrg, box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    """What somebody has filled in while the login was renewed is left."""
    stays, goes = contacts(box, 2)
    org.describe(["Contact"])
    login = Session.login

    def slow(session: Session) -> None:
        login(session)
        box.org.edit_as_user("Contact", stays, {"Phone": "7"})

    monkeypatch.setattr(Session, "login", slow)
    box.weather_s.plan([Gust("401", path=SOAP)])

    ids(org.merge("Contact", [Merge(stays, goes, {"Phone": "1"})]))

    assert box.org.tables["Contact"][stays]["Phone"] == "7"


def test_a_session_that_is_over_is_renewed_once(org: LiveOrg, box: Box) -> None:
    """The envelope is written anew, with the new token; a second refusal is the login's."""
    pair = Merge(*contacts(box, 2))
    org.describe(["Contact"])
    box.weather_s.plan([Gust("401", path=SOAP)])
    assert ids(org.merge("Contact", [pair])) == [pair.stays]

    box.weather_s.plan([Gust("401", path=SOAP, times=2)])
    with pytest.raises(LoginFailed):
        org.merge("Contact", [Merge(*contacts(box, 2))])


def test_the_days_calls_at_an_end_stop_the_run(org: LiveOrg, box: Box) -> None:
    """No other row would fare better."""
    box.weather_s.plan([Gust("403", path=SOAP)])

    with pytest.raises(OrgRefused, match="REQUEST_LIMIT_EXCEEDED"):
        org.merge("Contact", [Merge(*contacts(box, 2))])


def test_a_call_that_fails_each_time_holds_its_row(org: LiveOrg, box: Box) -> None:
    """An error of the org's own, for one lead only; for all of them nobody knows. Of a merge its whole call is over."""
    leads = [Conversion(lead(box, LastName=f"Lee{each}"), CONVERTED) for each in range(3)]
    broken = Gust("500", path=SOAP, containing=leads[1].lead, times=99, body=fault("sf:UNKNOWN_EXCEPTION"))
    box.weather_s.plan([broken])
    results = org.convert(leads)
    assert codes(results) == ["", "UNKNOWN_EXCEPTION", ""]
    assert results[1].fault is not None
    assert results[1].fault.reason is Reason.UNANSWERED

    broken.containing, broken.times = "", 99
    with pytest.raises(OrgBusy):
        org.convert([Conversion(lead(box), CONVERTED)])
    merges = [Merge(*contacts(box, 2)) for _ in range(3)]
    before = len(box.weather_s.struck)
    assert codes(org.merge("Contact", merges)) == ["UNKNOWN_EXCEPTION"] * 3
    assert len(box.weather_s.struck) == before + 1


def test_calls_of_soap_count(box: Box) -> None:
    """What the answer says of the day's calls is heeded before the next call."""
    client_id, secret = box.salesforce_client
    tight = LiveOrg(Session(OrgSettings(box.salesforce_url, client_id, secret, budget_share=0.0001)))
    pairs = [Merge(*contacts(box, 2)) for _ in range(2)]
    tight.describe(["Contact"])

    with pytest.raises(BudgetSpent):
        [tight.merge("Contact", [pair]) for pair in pairs]

    assert box.org.calls["soap"] == 1


def test_many_travel_in_few_calls(org: LiveOrg, box: Box) -> None:
    """200 merges, 100 conversions to a call."""
    merges = [Merge(*contacts(box, 2)) for _ in range(201)]
    ids(org.merge("Contact", merges))
    assert box.org.calls["soap"] == 2
    leads = [lead(box, LastName=f"Lee{each}") for each in range(101)]

    found = ids(org.convert([Conversion(each, CONVERTED) for each in leads]))

    assert box.org.calls["soap"] == 4
    assert found == [box.org.tables["Lead"][each]["ConvertedContactId"] for each in leads]


def test_a_record_is_not_merged_into_itself(org: LiveOrg) -> None:
    """That is the caller's mistake, in whatever form the ids are."""
    with pytest.raises(ValueError, match="itself"):
        org.merge("Contact", [Merge("003000000000001", "003000000000001AAA")])


def test_a_lead_becomes_a_contact(org: LiveOrg, box: Box) -> None:
    """With a new account or of the one that is named, without an opportunity, in the status that is asked for."""
    account = box.org.insert_as_user("Account", {"Name": "Home"})
    first, second = lead(box, Email="ann@x.org"), lead(box, LastName="Roy")

    found = ids(org.convert([Conversion(first, CONVERTED), Conversion(second, CONVERTED, account)]))

    rows = [box.org.tables["Contact"][each] for each in found]
    assert [row["LastName"] for row in rows] == ["Lee", "Roy"]
    assert (rows[0]["Email"], rows[1]["AccountId"]) == ("ann@x.org", account)
    assert box.org.tables["Account"][rows[0]["AccountId"]]["Name"] == "Lee & Co"
    assert box.org.tables["Opportunity"] == {}
    assert box.org.tables["Lead"][first]["Status"] == CONVERTED


def test_who_was_a_lead_is_found_by_its_contact(org: LiveOrg, box: Box) -> None:
    """Of two in one look-up; whom no lead has become is none."""
    first, second, third = contacts(box, 3)
    (became,) = ids(org.convert([Conversion(lead(box), CONVERTED)]))
    pairs = [Pair(*(OrgRow("Contact", each, {}) for each in two), ()) for two in ((first, became), (second, third))]

    assert were_leads(pairs, org) == {became}


def test_what_becomes_of_a_lead_belongs_to_its_owner(org: LiveOrg, box: Box) -> None:
    """And where that is a queue, to who runs us."""
    named = {"LastName": "Poe", "Username": "poe@x.org", "Email": "poe@x.org", "Alias": "poe"}
    other = box.org.insert_as_user("User", named)
    leads = [lead(box), lead(box, LastName="Roy")]
    for each, owner in zip(leads, (other, make_id("00G", 1)), strict=True):
        box.org.put("Lead", each, box.org.tables["Lead"][each].changed({"OwnerId": owner}))

    found = ids(org.convert([Conversion(each, CONVERTED) for each in leads]))

    assert [box.org.tables["Contact"][each]["OwnerId"] for each in found] == [other, box.org.user_id]


def test_a_lead_that_is_converted_already_is(org: LiveOrg, box: Box) -> None:
    """Whoever did it, twice in one batch, and though its contact was merged since."""
    by_hand, twice = lead(box), lead(box, LastName="Roy")
    contact = str(convert_lead(box.org, by_hand)["contact_id"])
    conversions = [Conversion(each, CONVERTED) for each in (by_hand, twice, twice)]

    first, second, third = ids(org.convert(conversions))

    assert (first, second) == (contact, third)
    assert box.org.writes["convert", "Lead"] == 1


def test_refused_conversions_are_held(org: LiveOrg, box: Box) -> None:
    """A status that is none of those, a lead that is gone, an account that is."""
    deleted, account = lead(box), box.org.insert_as_user("Account", {"Name": "Home"})
    box.org.delete_as_user("Lead", deleted)
    box.org.delete_as_user("Account", account)
    conversions = [
        Conversion(lead(box), "Working - Contacted"),
        Conversion(deleted, CONVERTED),
        Conversion(lead(box, LastName="Roy"), CONVERTED, account),
        Conversion("nobody", CONVERTED),
        Conversion(lead(box, LastName="Poe"), CONVERTED),
    ]

    results = org.convert(conversions)

    assert codes(results) == ["INVALID_STATUS", "ENTITY_IS_DELETED", "ENTITY_IS_DELETED", "MALFORMED_ID", ""]


@pytest.mark.parametrize("named", ["true", "false"])
def test_a_lead_without_a_company_becomes_a_person(named: str) -> None:
    """The account that is a person comes back, whether the org answers her contact or not; two persons are merged."""
    with running(switches={"person_accounts": "true", "conversion_names_person": named}) as box:
        client_id, secret = box.salesforce_client
        org = LiveOrg(Session(OrgSettings(box.salesforce_url, client_id, secret)))
        leads = [lead(box, LastName=name, Company=None, Email=f"{name}@x.org") for name in ("ann", "roy")]

        first, second = ids(org.convert([Conversion(each, CONVERTED) for each in leads]))
        merged = ids(org.merge("Account", [Merge(first, second)]))

        accounts, people = box.org.tables["Account"], box.org.tables["Contact"]
        assert accounts[first]["IsPersonAccount"]
        assert (accounts[first]["PersonEmail"], merged) == ("ann@x.org", [first])
        assert people[accounts[second]["PersonContactId"]]["MasterRecordId"] == accounts[first]["PersonContactId"]


def test_the_user_that_runs_us_is_known(org: LiveOrg, box: Box) -> None:
    """From the login's answer."""
    assert org.user_id == box.org.user_id


@given(st.lists(st.lists(st.sampled_from(["003" + each * 12 for each in "abcde"]), min_size=1, max_size=2), max_size=9))
def test_no_record_is_named_twice_in_a_wave_and_the_order_stays(named: list[list[str]]) -> None:
    """Whatever the pairs are: each travels once, and after every earlier one that names one of its records."""
    waves = _waves(named)

    assert sorted(place for wave in waves for place in wave) == list(range(len(named)))
    at = {place: number for number, wave in enumerate(waves) for place in wave}
    for later in range(len(named)):
        for earlier in range(later):
            assert at[earlier] < at[later] or not {*named[earlier]} & {*named[later]}
