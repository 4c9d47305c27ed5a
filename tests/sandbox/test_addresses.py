"""State and country picklists: what describe tells, what is refused, and that text and code say the same."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.clock import Clock
from sandbox.salesforce.addresses.places import COUNTRIES, STATES
from sandbox.salesforce.faults import Refused
from sandbox.salesforce.rows import Org
from sandbox.salesforce.standard import standard_schema
from sandbox.salesforce.variants import varied
from sandbox.switches import Switches
from tests.sandbox.salesforce_client import Client

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=timezone.utc)
BAD = "FIELD_INTEGRITY_EXCEPTION"
FOUR = ("MailingCountry", "MailingCountryCode", "MailingState", "MailingStateCode")


def an_org(**values: Any) -> Org:
    switches = replace(Switches(), **values)
    return Org(varied(standard_schema(), switches), Clock(NOON), switches)


@pytest.fixture
def org() -> Org:
    return an_org()


def kept(org: Org, **address: Any) -> tuple[Any, ...]:
    """What a contact with this address reads back."""
    one = org.create("Contact", {"LastName": "Kirk", **{f"Mailing{name}": value for name, value in address.items()}})
    return tuple(org.tables["Contact"][one][name] for name in FOUR)


def refusal(org: Org, **address: Any) -> tuple[str, ...]:
    with pytest.raises(Refused) as refused:
        kept(org, **address)
    assert [fault.code for fault in refused.value.faults] == [BAD]
    return refused.value.faults[0].fields or ()


def test_the_list_of_countries_is_whole() -> None:
    assert len(COUNTRIES) == 249
    assert all(len(code) == 2 and label for code, label in COUNTRIES.items())
    assert {code: len(STATES[code]) for code in ("US", "CA", "AU", "BR", "IE", "MX")} == {
        "US": 51,
        "CA": 13,
        "AU": 8,
        "BR": 27,
        "IE": 26,
        "MX": 32,
    }
    assert set(STATES) < set(COUNTRIES)


@pytest.mark.parametrize(
    ("name", "parts"),
    [("Contact", ["Mailing", "Other"]), ("Lead", [""]), ("Account", ["Billing", "Shipping", "PersonMailing"])],
)
def test_describe_tells_the_codes_and_which_states_a_country_has(name: str, parts: list[str]) -> None:
    client = Client(an_org(person_accounts=True)).log_in()
    told = {one["name"]: one for one in client.data("GET", f"/sobjects/{name}/describe").body["fields"]}
    for part in parts:
        country, state = told[f"{part}CountryCode"], told[f"{part}StateCode"]
        assert (country["type"], country["restrictedPicklist"], country["createable"]) == ("picklist", True, True)
        assert (state["dependentPicklist"], state["controllerName"]) == (True, country["name"])
        assert country["compoundFieldName"] == state["compoundFieldName"] == f"{part}Address"
        codes = [one["value"] for one in country["picklistValues"]]
        assert codes == list(COUNTRIES)
        for one in state["picklistValues"]:
            bits = b64decode(one["validFor"])
            homes = [code for at, code in enumerate(codes) if bits[at // 8] & 0x80 >> at % 8]
            assert [STATES[home][one["value"]] for home in homes] == [one["label"]]


PLACES = [(country, code) for country in ("CA", "US", "AU", "IT") for code in STATES[country]]


@given(st.sampled_from(PLACES), st.booleans(), st.booleans(), st.sampled_from([str.lower, str.upper, str]))
def test_code_and_label_read_back_whichever_was_said(place: Any, by_code: bool, both: bool, case: Any) -> None:
    country, state = place
    labels = {"Country": case(COUNTRIES[country]), "State": case(STATES[country][state])}
    codes = {"CountryCode": case(country), "StateCode": case(state)}
    said = {**labels, **codes} if both else codes if by_code else labels
    assert kept(an_org(), **said) == (COUNTRIES[country], country, STATES[country][state], state)


def test_a_code_in_the_text_field_is_a_switch() -> None:
    assert kept(an_org(), Country="CA", State="QC") == ("Canada", "CA", "Quebec", "QC")
    assert refusal(an_org(code_as_text=False), Country="CA") == ("MailingCountry",)
    assert kept(an_org(code_as_text=False), Country="Canada", StateCode="QC")[3] == "QC"


@pytest.mark.parametrize(
    ("address", "field"),
    [
        ({"Country": "USA"}, "MailingCountry"),
        ({"CountryCode": "XX"}, "MailingCountryCode"),
        ({"State": "Quebec"}, "MailingState"),
        ({"StateCode": "QC"}, "MailingState"),
        ({"Country": "Canada", "State": "Texas"}, "MailingState"),
        ({"Country": "Canada", "StateCode": "TX"}, "MailingStateCode"),
        ({"Country": "France", "State": "Bretagne"}, "MailingState"),
        ({"Country": "Canada", "CountryCode": "US"}, "MailingCountry"),
        ({"Country": "Canada", "State": "Quebec", "StateCode": "ON"}, "MailingState"),
    ],
)
def test_what_is_not_listed_or_contradicts_itself_is_refused(org: Org, address: Any, field: str) -> None:
    assert refusal(org, **address)[0] == field


def test_one_code_is_a_state_of_several_countries(org: Org) -> None:
    assert kept(org, CountryCode="AU", StateCode="WA")[2] == "Western Australia"
    assert kept(org, CountryCode="US", StateCode="WA")[2] == "Washington"


def test_an_edit_is_judged_with_what_is_there(org: Org) -> None:
    one = org.create("Contact", {"LastName": "Kirk", "MailingCountry": "Canada", "MailingState": "Ontario"})

    def edit(**address: Any) -> list[str]:
        try:
            org.update("Contact", one, {f"Mailing{name}": value for name, value in address.items()})
        except Refused as refused:
            return [fault.message for fault in refused.faults]
        return []

    assert not edit(StateCode="QC", State=None)
    assert org.tables["Contact"][one]["MailingState"] == "Quebec"
    assert "existing country" in edit(Country="United States")[0]
    assert "must be specified" in edit(Country=None)[0]
    assert not edit(Street="5 Maple Street")
    assert not edit(Country="United States", State="Texas")
    assert not edit(CountryCode=None, StateCode=None)
    assert [org.tables["Contact"][one][name] for name in FOUR] == [None] * 4


def test_the_address_as_a_whole_tells_the_codes(org: Org) -> None:
    client = Client(org).log_in()
    one = org.create("Lead", {"LastName": "Kirk", "Company": "x", "CountryCode": "CA"})
    address = client.data("GET", f"/sobjects/Lead/{one}?fields=Address").body["Address"]
    assert (address["country"], address["countryCode"], address["stateCode"]) == ("Canada", "CA", None)


def test_a_person_account_and_its_contact_have_the_same_codes() -> None:
    org = an_org(person_accounts=True)
    kind = next(row for row in org.tables["RecordType"].values() if row["IsPersonType"])["Id"]
    values = {
        "LastName": "Kirk",
        "RecordTypeId": kind,
        "PersonMailingCountry": "Canada",
        "PersonMailingStateCode": "QC",
    }
    account = org.tables["Account"][org.create("Account", values)]
    contact = org.tables["Contact"][account["PersonContactId"]]
    assert [contact[name] for name in FOUR] == ["Canada", "CA", "Quebec", "QC"]


def test_without_the_switch_any_text_does() -> None:
    org = an_org(state_country_picklists=False)
    one = org.create("Contact", {"LastName": "Kirk", "MailingCountry": "Nowhere", "MailingState": "There"})
    assert org.tables["Contact"][one]["MailingState"] == "There"
    assert org.schema.objects["contact"].field("MailingCountryCode") is None
