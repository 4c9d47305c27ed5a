"""States and countries: one mapping for orgs with lists of them and orgs without. The sandbox's org judges."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from target_salesforce_retail.companion.memory_org import MemoryOrg
from target_salesforce_retail.ledger.store import open_ledger
from target_salesforce_retail.mapping.rules import Update
from target_salesforce_retail.metadata import FieldDescribe, ObjectDescribe
from target_salesforce_retail.nouns import (
    Action,
    Draft,
    Fault,
    Intent,
    Match,
    OrgRow,
    Reason,
    Recovery,
    Result,
    Verdict,
)
from target_salesforce_retail.org.describe import _object
from target_salesforce_retail.stages.inside.address import in_codes
from target_salesforce_retail.stages.inside.context import Context
from target_salesforce_retail.stages.inside.wanted import WantedValue
from target_salesforce_retail.stages.plan import plan

from sandbox.clock import Clock
from sandbox.salesforce.faults import Refused
from sandbox.salesforce.rows import Org
from sandbox.salesforce.schema import Schema
from sandbox.salesforce.standard import standard_schema
from sandbox.salesforce.variants import varied
from sandbox.switches import Switches
from tests.sandbox.salesforce_client import Client
from tests.target.world import World as Shoppers
from tests.target.world import arrival, mappings

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=timezone.utc)
FOUR = ("MailingCountry", "MailingCountryCode", "MailingState", "MailingStateCode")
SHOPPERS = """
stream: customers
object: Contact
key: {{field: Key__c, value: "{{account_id}}:{{id}}"}}
fields:
  LastName: {{from: last_name, update: if_blank}}
  MailingCountry: {{from: country, update: {country}, on_null: {on_null}}}
  MailingState: {{from: state, update: {state}, on_null: {on_null}}}
"""


def an_org(*, lists: bool = True) -> Org:
    """An org that takes no code for a text: the strictest there is."""
    return Org(schema(lists=lists), Clock(NOON), switches(lists=lists))


def switches(*, lists: bool) -> Switches:
    return replace(Switches(), state_country_picklists=lists, code_as_text=False)


@cache
def schema(*, lists: bool) -> Schema:
    return varied(standard_schema(), switches(lists=lists))


@cache
def describe(*, lists: bool = True) -> ObjectDescribe:
    """What the org describes, and a key."""
    told = _object("Contact", Client(an_org(lists=lists)).log_in().data("GET", "/sobjects/Contact/describe").body)
    return ObjectDescribe("Contact", {**told.fields, "Key__c": FieldDescribe("Key__c", "string")})


def shoppers(country: str = "always", state: str = "always", on_null: str = "keep", more: str = "") -> Any:
    return mappings(SHOPPERS.format(country=country, state=state, on_null=on_null) + more)


def action(values: dict[str, Any], row: dict[str, Any] | None, rules: Any, *, lists: bool = True) -> Action:
    """The plan for a shopper; a row that carries another key is not ours to overwrite."""
    held = OrgRow("Contact", "A", {"Key__c": "1:7", **row}) if row is not None else None
    stamped_key = str(held.values["Key__c"]) if held else None
    match = Match(Draft(arrival("customers", id="7"), values), row=held, stamped_key=stamped_key)
    return plan(match, rules.ordered[0], rules, {"Contact": describe(lists=lists)})


def planned(values: dict[str, Any], row: dict[str, Any] | None, rules: Any) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What is sent besides the key, and what is left out."""
    made = action({f"Mailing{name}": value for name, value in values.items()}, row, rules)
    return {name: value for name, value in made.body.items() if name != "Key__c"}, made.fields


COUNTRIES = st.sampled_from(["CA", "ca", "Canada", "CANADA", "US", "United States", "AU", "FR", "USA", "Kanada", None])
STATES = st.sampled_from(["ON", "on", "Ontario", "WA", "Washington", "Western Australia", "wa", "Bretagne", "?", None])
UPDATES = st.sampled_from(["always", "if_blank", "never"])
RECORDS = st.fixed_dictionaries({}, optional={"MailingCountry": COUNTRIES, "MailingState": STATES})
HELD = st.sampled_from(
    [
        {},
        {"MailingCountryCode": "CA"},
        {"MailingCountryCode": "CA", "MailingStateCode": "ON"},
        {"MailingCountryCode": "US", "MailingStateCode": "WA"},
        {"MailingCountryCode": "AU", "MailingStateCode": "WA"},
        {"MailingCountryCode": "FR"},
    ]
)
OLD = st.sampled_from([{}, {"MailingCountry": "Kanada"}, {"MailingCountry": "Canada", "MailingState": "Ont."}])
"""Texts from before the org had lists: they have no codes."""


FILLED = st.sampled_from(["if_blank, else: Canada", "if_blank, else: CA", "if_blank, else: Ontario"])
RULES = st.builds(shoppers, UPDATES | FILLED, UPDATES | FILLED, st.sampled_from(["keep", "clear"]))


@given(RECORDS, st.tuples(HELD, OLD), RULES, st.booleans(), st.booleans())
def test_nobody_is_refused_for_an_address_and_nothing_is_written_twice(
    record: Any, before: Any, rules: Any, ours: bool, lists: bool
) -> None:
    """Whatever the till says and the org holds, with lists and without."""
    held, old = before
    org = an_org(lists=lists)
    kept = held if lists else {}
    one = org.create("Contact", {"LastName": "Lee", **kept})
    if not kept:
        org.put("Contact", one, org.tables["Contact"][one].changed(old))
    keyed = {"Key__c": "1:7" if ours else "1:1"}

    def now() -> dict[str, Any]:
        return {name: org.tables["Contact"][one].get(name) for name in (*FOUR, "LastName")} | keyed

    first = action(record, now(), rules, lists=lists)
    if first.intent is Intent.UPDATE:
        org.update("Contact", one, dict(first.body))
    second = action(record, now(), rules, lists=lists)

    assert second.body == {}
    assert second.intent is Intent.NOTHING


@given(RECORDS, st.booleans())
def test_a_new_person_is_never_refused_for_an_address(record: Any, lists: bool) -> None:
    """And is as the next run expects."""
    org = an_org(lists=lists)
    rules = shoppers()
    body = {name: value for name, value in action(record, None, rules, lists=lists).body.items() if name != "Key__c"}

    row = org.tables["Contact"][org.create("Contact", {"LastName": "Lee", **body})]

    assert action(record, {name: row.get(name) for name in FOUR}, rules, lists=lists).body == {}


def test_the_law_can_fail() -> None:
    """This org refuses what the till says, when it is said as it is."""
    with pytest.raises(Refused):
        an_org().create("Contact", {"LastName": "Lee", "MailingCountry": "CA"})


ONTARIO = {"MailingCountryCode": "CA", "MailingCountry": "Canada", "MailingStateCode": "ON", "MailingState": "Ontario"}
PERTH = {"MailingCountryCode": "AU", "MailingStateCode": "WA", "MailingState": "Western Australia"}
FRANCE = {"MailingCountryCode": "FR", "MailingCountry": "France"}
CODES = {"MailingCountryCode": "CA", "MailingStateCode": "ON"}
COUNTRY, STATE = "MailingCountry", "MailingState"


@pytest.mark.parametrize(
    ("values", "row", "body", "omitted"),
    [
        ({"Country": "CA", "State": "ON"}, None, CODES, ()),
        ({"Country": "ca", "State": "on"}, {}, CODES, ()),
        ({"Country": "Canada", "State": "ontario"}, None, CODES, ()),
        ({"Country": "AU", "State": "Western Australia"}, {}, {f"{COUNTRY}Code": "AU", f"{STATE}Code": "WA"}, ()),
        ({"Country": "Kanada"}, None, {}, (COUNTRY,)),
        ({"Country": "Kanada", "State": "ON"}, None, {}, (COUNTRY, STATE)),
        ({"Country": "Kanada", "State": "ON"}, ONTARIO, {}, (COUNTRY, STATE)),
        ({"State": "ON"}, None, {}, (STATE,)),
        ({"State": "QC"}, ONTARIO, {f"{STATE}Code": "QC"}, ()),
        ({"Country": "CA", "State": "Texas"}, None, {f"{COUNTRY}Code": "CA"}, (STATE,)),
        ({"Country": "CA", "State": "Ontario"}, ONTARIO, {}, ()),
        ({"Country": "US", "State": "Washington"}, ONTARIO, {f"{COUNTRY}Code": "US", f"{STATE}Code": "WA"}, ()),
        # The state that is there would be left behind in another country
        ({"Country": "US"}, ONTARIO, {}, (COUNTRY,)),
        # The same code, and another state
        ({"Country": "US", "State": "WA"}, PERTH, {f"{COUNTRY}Code": "US", f"{STATE}Code": "WA"}, ()),
        ({"Country": "US"}, PERTH, {}, (COUNTRY,)),
        # A text from before the org had lists is a value, and no reason to write its code
        ({"Country": "CA", "State": "ON"}, {COUNTRY: "Canada"}, {f"{STATE}Code": "ON"}, ()),
    ],
)
def test_what_is_sent_and_what_is_left_out(values: Any, row: Any, body: Any, omitted: Any) -> None:
    """A state only in its country, which is the record's own, or else the one that is there."""
    assert planned(values, row, shoppers()) == (body, omitted)


@pytest.mark.parametrize(
    ("values", "row", "body", "omitted"),
    [
        ({"Country": "US", "State": "WA"}, ONTARIO, {}, ()),
        ({"Country": "US", "State": "WA"}, FRANCE, {}, (STATE,)),
        ({"Country": "US", "State": "WA"}, {COUNTRY: "Kanada"}, {}, (STATE,)),
        ({"Country": "CA", "State": "ON"}, {f"{COUNTRY}Code": "CA"}, {f"{STATE}Code": "ON"}, ()),
    ],
)
def test_text_and_code_are_one_value_for_if_blank(values: Any, row: Any, body: Any, omitted: Any) -> None:
    """A country that somebody has chosen stays, and no state of another country comes to it."""
    assert planned(values, row, shoppers("if_blank", "if_blank")) == (body, omitted)


@pytest.mark.parametrize("filler", ["Canada", "CA"])
@pytest.mark.parametrize("country", ["US", "United States"])
def test_a_country_that_stands_for_none_gives_way(filler: str, country: str) -> None:
    """In code or label, and with the state that stands for none; the next time there is nothing to do."""
    rules = shoppers(f"if_blank, else: {filler}", "if_blank, else: Ontario")
    canada = {COUNTRY: "Canada", f"{COUNTRY}Code": "CA"}
    us = {COUNTRY: "United States", f"{COUNTRY}Code": "US"}
    whole = {"Country": country, "State": "WA"}

    assert planned({"Country": country}, canada, rules) == ({f"{COUNTRY}Code": "US"}, ())
    assert planned(whole, ONTARIO, rules) == ({f"{COUNTRY}Code": "US", f"{STATE}Code": "WA"}, ())
    assert planned({"Country": "CA", "State": "Quebec"}, ONTARIO, rules) == ({f"{STATE}Code": "QC"}, ())
    assert planned({"Country": country}, us, rules) == ({}, ())
    assert planned({"Country": filler}, us, rules) == ({}, ())
    assert planned({"Country": "CA"}, canada, rules) == ({}, ())


def test_a_country_that_stands_for_none_stays_around_a_state_that_is_one() -> None:
    """Else Ontario would be in the United States."""
    rules = shoppers("if_blank, else: Canada", "if_blank")

    assert planned({"Country": "US"}, ONTARIO, rules) == ({}, (COUNTRY,))


def test_a_country_of_which_the_mapping_names_the_code_gives_way_too() -> None:
    """The text beside it follows it in the org."""
    rules = shoppers(more="  MailingCountryCode: {from: country_code, update: if_blank, else: CA}\n")

    assert planned({"CountryCode": "US"}, {COUNTRY: "Canada", f"{COUNTRY}Code": "CA"}, rules) == (
        {f"{COUNTRY}Code": "US"},
        (),
    )


def test_what_is_never_updated_is_said_to_a_new_record_only() -> None:
    """As of any field."""
    rules = shoppers("never", "never")

    assert planned({"Country": "CA", "State": "ON"}, None, rules) == (CODES, ())
    assert planned({"Country": "CA", "State": "ON"}, {}, rules) == ({}, ())


@pytest.mark.parametrize(
    ("values", "body", "omitted"),
    [
        ({"Country": None, "State": None}, {COUNTRY: None, STATE: None}, ()),
        ({"State": None}, {STATE: None}, ()),
        ({"Country": None}, {}, (COUNTRY,)),
        ({"Country": "US", "State": None}, {f"{COUNTRY}Code": "US", STATE: None}, ()),
    ],
)
def test_a_null_clears_where_the_mapping_says_so(values: Any, body: Any, omitted: Any) -> None:
    """But no country from under a state."""
    assert planned(values, ONTARIO, shoppers(on_null="clear")) == (body, omitted)


def test_a_mapping_that_names_a_code_means_it() -> None:
    """What it gives to the code field is sent as it is; the state follows it. An unlisted one holds it."""
    rules = shoppers(more="  MailingCountryCode: {from: country_code}\n")

    assert planned({"CountryCode": "XX"}, {}, rules) == ({}, ("MailingCountryCode",))
    assert planned({"CountryCode": "US"}, ONTARIO, rules) == ({"MailingCountryCode": "US"}, ())
    assert planned({"CountryCode": "US", "State": "Washington"}, {}, rules)[0] == {
        "MailingCountryCode": "US",
        "MailingStateCode": "WA",
    }


def test_a_state_does_not_go_to_a_country_that_the_mapping_did_not_mean() -> None:
    """Where the code that it names may not be changed: a WA of the one would become a WA of the other."""
    rules = shoppers(more="  MailingCountryCode: {from: country_code, update: never}\n")
    perth, state = {"MailingCountryCode": "AU"}, {"MailingStateCode": "WA"}

    assert planned({"CountryCode": "US", "State": "WA"}, perth, rules) == ({}, ("MailingState",))
    assert planned({"CountryCode": "AU", "State": "WA"}, perth, rules) == (state, ())


def test_a_text_beside_a_code_that_is_named_is_sent_as_it_is() -> None:
    """Though the code may not be changed."""
    rules = shoppers(more="  MailingCountryCode: {from: country_code, update: never}\n")
    said = {"Country": "United States", "CountryCode": "US"}

    assert planned(said, ONTARIO, rules) == ({"MailingCountry": "United States"}, ())

    rules = shoppers(more="  MailingCountryCode: {from: country_code}\n")
    said = {"Country": "USA", "CountryCode": "US"}
    assert planned(said, ONTARIO, rules) == ({"MailingCountry": "USA", "MailingCountryCode": "US"}, ())


def test_the_look_up_brings_the_whole_address() -> None:
    """Also where the mapping names the state only."""
    rules = mappings(SHOPPERS.format(country="always", state="always", on_null="keep").replace("MailingCountry:", "X:"))
    world = Context(rules, MemoryOrg({}), open_ledger("sqlite://"), {"Contact": describe()})

    assert set(FOUR) <= set(world.fields_of(rules.ordered[0])["Contact"])


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("Contact", "Mailing"),
        ("Contact", "Other"),
        ("Lead", ""),
        ("Account", "Billing"),
        ("Account", "Shipping"),
        ("Account", "PersonMailing"),
    ],
)
def test_every_address_of_the_org_is_told_by_codes(name: str, part: str) -> None:
    """Whatever it is called."""
    on = replace(switches(lists=True), person_accounts=True)
    org = Org(varied(standard_schema(), on), Clock(NOON), on)
    told = _object(name, Client(org).log_in().data("GET", f"/sobjects/{name}/describe").body)
    wanted = [WantedValue(f"{part}Country", "canada", Update.ALWAYS), WantedValue(f"{part}State", "on", Update.ALWAYS)]

    made, omitted = in_codes(wanted, told, None, owns=True)

    assert {wanted.field: wanted.value for wanted in made} == {f"{part}CountryCode": "CA", f"{part}StateCode": "ON"}
    assert omitted == ()


class PlainOrg(MemoryOrg):
    """Has lists, and something of its own against some states."""

    def _update(self, name: str, record_id: str, row: dict[str, Any]) -> Result:
        if "MailingStateCode" not in row:
            return super()._update(name, record_id, row)
        fields = ("MailingStateCode",)
        return Result(None, fault=Fault(Reason.VALUE_REFUSED, Recovery.HOLD, "FIELD_INTEGRITY_EXCEPTION", "", fields))


def test_a_state_that_goes_along_with_its_country_may_be_left_out() -> None:
    """The state of the same name in another country is sent, though the record has that code: once."""
    rules = SHOPPERS.format(country="always", state="always, refused: leave_out", on_null="keep")
    world = Shoppers(rules)
    world.describes["Contact"] = describe()
    world.org = PlainOrg(world.describes)
    held = {"MailingCountryCode": "AU", "MailingStateCode": "WA", "LastName": "Lee", "Key__c": "1:7"}
    world.org.put("Contact", held)

    (outcome,) = world.run("customers", {"id": "7", "country": "US", "state": "WA"})

    assert (outcome.verdict, outcome.fields, outcome.sent) == (
        Verdict.UPDATED,
        ("MailingState",),
        {"MailingCountryCode": "US"},
    )
