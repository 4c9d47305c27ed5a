"""The accounts of new contacts: who shares one, and that each is made once."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from target_salesforce_retail.companion.memory_org import MemoryOrg
from target_salesforce_retail.ledger.store import open_ledger
from target_salesforce_retail.mapping.account_problems import account_problems
from target_salesforce_retail.mapping.load import parse
from target_salesforce_retail.metadata import FieldDescribe, ObjectDescribe
from target_salesforce_retail.nouns import Fault, Reason, Recovery, Result, Verdict

from tests.lanes import examples
from tests.target.world import SHOPPERS, World

COMPANY = "{key: Key__c, shared: {company: text}, found_by: Name, fields: {Name: {from: company}}}"
HOUSEHOLD = "{key: Key__c, shared: {last_name: name, zip: postal_code}, fields: {Name: {from: last_name}}}"
BUCKET = '{key: Key__c, size: 2, fields: {Name: {value: "Shoppers {bucket}"}}}'
ALL = f"{SHOPPERS}account: [{COMPANY}, {HOUSEHOLD}, {BUCKET}]\n"
Values = dict[str, Any]


def groups(world: World) -> set[frozenset[str]]:
    """The shoppers that share an account, by their keys."""
    found: dict[Any, set[str]] = defaultdict(set)
    for row in world.rows("Contact"):
        found[row.get("AccountId")].add(row["Key__c"])
    return {frozenset(keys) for account, keys in found.items() if account}


def test_who_is_alike_shares_an_account() -> None:
    """In one batch or in two, however it is spelt; who lacks something goes to the next entry."""
    world = World(ALL)
    world.run("customers", {"id": "1", "last_name": "Lée", "zip": "H2X 1Y4"}, {"id": "2", "company": "Acme"})
    world.run(
        "customers", {"id": "3", "last_name": "Lee", "zip": "h2x1y4"}, {"id": "5", "company": "ACME"}, {"id": "9"}
    )

    assert groups(world) == {frozenset({"1:1", "1:3"}), frozenset({"1:2", "1:5"}), frozenset({"1:9"})}
    assert [row["Name"] for row in world.rows("Account")] == ["Acme", "Lée", "Shoppers 4"]


def test_who_is_there_already_keeps_her_account() -> None:
    """Or has none as before."""
    world = World(ALL)
    world.org.put("Contact", {"Email": "ann@x.org", "AccountId": None})
    (outcome,) = world.run("customers", {"id": "1", "email": "ann@x.org", "company": "Acme"})

    assert outcome.verdict is Verdict.UPDATED
    assert world.rows("Account") == []


@pytest.mark.parametrize(("names", "made"), [(["acme"], 0), (["acme", "ACME"], 1), (["Acme Inc"], 1)])
def test_an_account_of_the_org_is_taken_by_its_name_alone(names: list[str], made: int) -> None:
    """One of two would be a guess."""
    world = World(ALL)
    for name in names:
        world.org.put("Account", {"Name": name})
    world.run("customers", {"id": "1", "company": "Acme"})

    assert len(world.rows("Account")) == len(names) + made


def test_a_company_that_names_nobody_is_none() -> None:
    """What the blocklist says is no evidence is no employer."""
    world = World(ALL)
    blocked = replace(world.mappings.blocklist, values=frozenset({("text", "n/a")}))
    world.mappings = replace(world.mappings, blocklist=blocked)
    world.run("customers", {"id": "1", "company": "N/A"})

    assert [row["Name"] for row in world.rows("Account")] == ["Shoppers 0"]


class Closed(MemoryOrg):
    """An org that refuses accounts until it is opened."""

    is_open = False

    def upsert(self, name: str, key_field: str, rows: Any, *, allow_duplicates: bool = False) -> list[Result]:
        if name == "Account" and not self.is_open:
            fault = Fault(Reason.REFUSED, Recovery.HOLD, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "no", ())
            return [Result(None, fault=fault) for _ in rows]
        return super().upsert(name, key_field, rows, allow_duplicates=allow_duplicates)


def test_a_refused_account_holds_its_contacts_and_no_others() -> None:
    """With Salesforce's own code; once it is let in, so are they."""
    world = World(f"{SHOPPERS}account: [{COMPANY}]\n")
    world.org = closed = Closed(world.describes)
    outcomes = world.run("customers", {"id": "1", "company": "Acme"}, {"id": "2"}, {"id": "3", "company": "Acme"})
    closed.is_open = True
    again = world.run("customers", {"id": "1", "company": "Acme"})

    assert [each.verdict for each in outcomes] == [Verdict.HELD, Verdict.CREATED, Verdict.HELD]
    assert outcomes[0].code == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    assert [each.verdict for each in again] == [Verdict.CREATED]


class Choosy(MemoryOrg):
    """An org that refuses a value of accounts, with its field's name or without."""

    names_field = False

    def upsert(self, name: str, key_field: str, rows: Any, *, allow_duplicates: bool = False) -> list[Result]:
        if name != "Account":
            return super().upsert(name, key_field, rows, allow_duplicates=allow_duplicates)
        reason = Reason.VALUE_REFUSED if self.names_field else Reason.REFUSED
        fault = Fault(reason, Recovery.HOLD, "NO", "no", ("Site",) if self.names_field else ())
        results = []
        for row in rows:
            taken = row.get("Site") != "BAD"
            results += super().upsert(name, key_field, [row]) if taken else [Result(None, fault=fault)]
        return results


SITED = "{key: Key__c, shared: {company: text}, fields: {Name: {from: company}, Site: {from: city%s}}}"
ACME = [
    {"id": "1", "company": "Acme", "city": "BAD"},
    {"id": "2", "company": "Acme", "city": "Laval"},
    {"id": "3", "company": "Acme", "city": "BAD"},
    {"id": "4", "company": "Acme", "city": "Laval"},
]


@pytest.mark.parametrize("size", [1, 2, 4])
def test_whose_values_are_refused_is_held_and_takes_nobody_along(size: int) -> None:
    """Until the account is there: then she needs no values for it. In whatever batches."""
    world = World(f"{SHOPPERS}account: [{SITED.replace('%s', '')}]\n")
    world.org = Choosy(world.describes)
    for start in range(0, 4, size):
        world.run("customers", *ACME[start : start + size])
    world.run("customers", *ACME)

    assert groups(world) == {frozenset({"1:1", "1:2", "1:3", "1:4"})}
    assert len(world.rows("Account")) == 1


def test_a_value_that_can_be_left_out_keeps_nobody_out() -> None:
    """Where the org names its field."""
    world = World(f"{SHOPPERS}account: [{SITED.replace('%s', ', refused: leave_out')}]\n")
    world.org = org = Choosy(world.describes)
    org.names_field = True
    (outcome,) = world.run("customers", ACME[0])

    assert outcome.verdict is Verdict.CREATED
    assert [row.get("Site") for row in world.rows("Account")] == [None]


@pytest.mark.parametrize("size", [1, 2])
def test_an_account_of_others_is_not_taken_by_its_name(size: int) -> None:
    """It carries their key: they share something else. In one batch or in two."""
    entry = "{key: Key__c, shared: {company: text, city: text}, found_by: Name, fields: {Name: {from: company}}}"
    world = World(f"{SHOPPERS}account: [{entry}]\n")
    for start in range(0, 2, size):
        world.run("customers", *ACME[start : start + size])

    assert len(world.rows("Account")) == 2


def test_a_value_that_the_account_does_not_take_holds_the_contact() -> None:
    """Before anything is sent, with object and field named."""
    world = World(ALL)
    account = world.describes["Account"]
    short = {**account.fields, "Name": FieldDescribe("Name", "string", length=3)}
    world.describes["Account"] = replace(account, fields=short)
    (outcome,) = world.run("customers", {"id": "1", "company": "Acme"})

    assert (outcome.reason, outcome.fields) == (Reason.VALUE_REFUSED, ("Name",))
    assert world.rows("Account") == world.rows("Contact") == []


shoppers = st.fixed_dictionaries(
    {
        "id": st.sampled_from([str(number) for number in range(1, 7)] + ["x1", "x2"]),
        "last_name": st.sampled_from([None, "Lee", "Lée", "Roy"]),
        "zip": st.sampled_from([None, "H2X 1Y4", "h2x1y4", "10115"]),
        "company": st.sampled_from([None, None, "Acme", "ACME "]),
    }
)


@given(st.lists(shoppers, max_size=8, unique_by=lambda each: each["id"]), st.randoms(), st.integers(1, 4))
@settings(max_examples=examples(60))
def test_company_order_and_a_lost_ledger_change_no_account(records: list[Values], random: Any, size: int) -> None:
    """The same shoppers share the same accounts, and the second time nothing is made."""
    whole, parted = World(ALL), World(ALL)
    whole.run("customers", *records)
    mixed = random.sample(records, len(records))
    for start in range(0, len(mixed), size):
        parted.run("customers", *mixed[start : start + size])
    parted.ledger = open_ledger("sqlite://")
    parted.ledger.open_run()
    before = len(parted.rows("Account"))
    parted.run("customers", *records)

    assert groups(whole) == groups(parted) == expected(records)
    assert len(parted.rows("Account")) == before == len(whole.rows("Account"))


def expected(records: list[Values]) -> set[frozenset[str]]:
    """Slow and plain: shoppers of one company, of one name and place, of one pair of numbers."""
    found: dict[Any, set[str]] = defaultdict(set)
    for each in records:
        number, last, place = each["id"], each["last_name"], each["zip"]
        mark: Any = f"{int(number) // 2}" if number.isdigit() else number
        if last and place:
            mark = last.replace("é", "e"), place.replace(" ", "").upper()
        if each["company"]:
            mark = "Acme"
        found[mark].add(f"1:{number}")
    return {frozenset(keys) for keys in found.values()}


@pytest.mark.parametrize(
    ("account", "problem"),
    [
        ("{key: K, fields: {Name: {from: a}}}", "needs `shared` or `size`"),
        ("{key: K, size: 2, shared: {a: text}, fields: {Name: {from: a}}}", "needs `shared` or `size`"),
        ("{key: K, shared: {a: key}, fields: {Name: {from: a}}}", "records share a property, and no key"),
        ("{key: K, size: 2, found_by: Site, fields: {Name: {from: a}}}", "`found_by: Site` is none of its `fields`"),
        ("{key: Name, size: 2, fields: {Name: {from: a}}}", "`Name` is the account's key"),
        ("{key: K, size: 2, lookup: Email, fields: {Name: {from: a}}}", "`Email` is filled by `fields` already"),
        ("{key: K, size: 2, fields: {Name: {reference: sales}}}", "unknown key `reference`"),
        ('{key: K, size: 2, fields: {Name: {value: "{a"}}}', "account/0/fields/Name/value"),
    ],
)
def test_an_entry_that_cannot_work_is_refused(account: str, problem: str) -> None:
    """With its place in the file."""
    problems: list[Any] = []
    parse(f"{SHOPPERS}account: [{account}]\n", "test.yml", problems)

    assert any(problem in str(each) for each in problems), problems
    assert all(str(each).startswith("test.yml:") for each in problems)


def test_preflight_names_what_the_org_lacks_for_accounts() -> None:
    """Lookup, key, fields, rights: all at once."""
    (mapping,) = World(ALL).mappings.ordered
    site = FieldDescribe("Name", "string", createable=False, filterable=False)
    demanded = FieldDescribe("Region__c", "string", nillable=False)
    account = ObjectDescribe("Account", {"Name": site, "Region__c": demanded}, createable=False)
    contact = ObjectDescribe("Contact", {"AccountId": FieldDescribe("AccountId", "reference", refers_to=("Lead",))})
    found = "\n".join(account_problems(mapping, {"Account": account, "Contact": contact}))

    for word in (
        "Contact.AccountId does not refer to Account",
        "Account may not be created by the integration user",
        "Account has no field `Key__c`",
        "Account.Name cannot be set on create",
        "no query can ask for Account.Name",
        "Account.Region__c is required on create",
    ):
        assert word in found
    lacking = "\n".join(account_problems(mapping, {"Account": account, "Contact": ObjectDescribe("Contact", {})}))
    assert "Contact has no field `AccountId`" in lacking


BY_KIND = "on_none: [{when: {kind: [vip]}, create: Contact}, {create: Lead}]"
EITHER = f"{SHOPPERS.replace('object: Contact', 'object: Lead')}{BY_KIND}\naccount: [{COMPANY}]\n"
"""New records are leads, and contacts where the till says so: a lead of an org has no account."""


def test_the_lookup_has_to_be_on_one_of_the_objects_that_are_created() -> None:
    """Whichever the mapping names first; where several have it, each has to take an account."""
    (mapping,) = World(EITHER).mappings.ordered
    account = ObjectDescribe(
        "Account", {name: FieldDescribe(name, "string", unique=True) for name in ("Name", "Key__c")}
    )
    good, bad = (FieldDescribe("AccountId", "reference", refers_to=(name,)) for name in ("Account", "User"))

    def said(lead: FieldDescribe | None, contact: FieldDescribe | None) -> list[str]:
        fields = {"Lead": lead, "Contact": contact}
        objects = [ObjectDescribe(name, {"AccountId": field} if field else {}) for name, field in fields.items()]
        found = account_problems(mapping, {each.name: each for each in (account, *objects)})
        return [each.split(": ", 1)[1] for each in found if "AccountId" in each]

    assert said(None, good) == said(good, None) == said(good, good) == []
    assert said(None, bad) == ["Contact.AccountId does not refer to Account"]
    assert said(bad, good) == ["Lead.AccountId does not refer to Account"]
    (neither,) = said(None, None)
    assert "Lead has no field `AccountId`, nor has Contact" in neither


def test_a_contact_gets_its_account_where_leads_come_first() -> None:
    """And a lead none: so a case says what an org would do."""
    world = World(EITHER)
    world.run("customers", {"id": "1", "company": "Acme", "kind": "vip"}, {"id": "2", "company": "Acme"})

    assert [row["AccountId"] for row in world.rows("Contact")] == [row["Id"] for row in world.rows("Account")]
    assert [row.get("AccountId") for row in world.rows("Lead")] == [None]
