"""What standard objects do by themselves: amounts from lines, prices, orders, roll-ups, addresses, org switches."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

import pytest

from sandbox.clock import Clock
from sandbox.salesforce.faults import Refused
from sandbox.salesforce.ids import make_id
from sandbox.salesforce.people import undelete
from sandbox.salesforce.rows import Org
from sandbox.salesforce.schema import Field, RollUp, Schema, SObject
from sandbox.salesforce.soql import select
from sandbox.salesforce.standard import standard_schema, system_fields
from sandbox.salesforce.variants import varied
from sandbox.switches import Switches
from tests.sandbox.salesforce_client import Client

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=timezone.utc)


def org_with(**switches: Any) -> Org:
    chosen = Switches(**switches)
    key = Field("Key__c", "string", "Key", 50, unique=True, external_id=True, id_lookup=True, custom=True)
    schema = standard_schema().merged([], {"Contact": [key]})
    return Org(varied(schema, chosen), Clock(NOON), chosen)


@pytest.fixture
def org() -> Org:
    return org_with()


def refused(org: Org, name: str, **values: Any) -> list[str]:
    with pytest.raises(Refused) as error:
        org.create(name, values)
    return [fault.code for fault in error.value.faults]


def price(org: Org, product: str, amount: str, *, book: str | None = None, **more: Any) -> str:
    standard = next(iter(org.tables["Pricebook2"]))
    values = {"Product2Id": product, "Pricebook2Id": book or standard, "UnitPrice": Decimal(amount), "IsActive": True}
    return org.create("PricebookEntry", {**values, **more})


def opportunity(org: Org, **more: Any) -> str:
    return org.create("Opportunity", {"Name": "Boots", "StageName": "Closed Won", "CloseDate": "2026-11-25", **more})


# -- opportunities and their lines


def test_the_amount_is_the_sum_of_the_lines(org: Org) -> None:
    entry = price(org, org.create("Product2", {"Name": "Boots"}), "20")
    sale = opportunity(org, Amount=Decimal(5))
    lines = [
        org.create("OpportunityLineItem", {"OpportunityId": sale, "PricebookEntryId": entry, "Quantity": 2, **money})
        for money in ({"UnitPrice": Decimal(19)}, {"TotalPrice": Decimal(30)})
    ]
    row = org.tables["Opportunity"][sale]
    assert (row["Amount"], row["TotalOpportunityQuantity"], row["HasOpportunityLineItem"]) == (68, 4, True)
    assert row["ExpectedRevenue"] == 68
    assert org.tables["OpportunityLineItem"][lines[1]]["UnitPrice"] == 15
    org.update("Opportunity", sale, {"Amount": Decimal(1), "NextStep": "none"})
    assert (org.tables["Opportunity"][sale]["Amount"], org.tables["Opportunity"][sale]["NextStep"]) == (68, "none")
    org.update("OpportunityLineItem", lines[0], {"Quantity": 3})
    assert org.tables["Opportunity"][sale]["Amount"] == 87
    for line in lines:
        org.delete("OpportunityLineItem", line)
    assert org.tables["Opportunity"][sale]["HasOpportunityLineItem"] is False
    undelete(org, lines[1])
    assert org.tables["Opportunity"][sale]["Amount"] == 30


def test_a_line_takes_one_of_two_prices_and_its_book_stays(org: Org) -> None:
    product = org.create("Product2", {"Name": "Boots"})
    entry = price(org, product, "20")
    other = org.create("Pricebook2", {"Name": "Sale", "IsActive": True})
    elsewhere = price(org, product, "15", book=other)
    sale = opportunity(org)
    line = {"OpportunityId": sale, "PricebookEntryId": entry, "Quantity": 1}
    assert refused(org, "OpportunityLineItem", **line, UnitPrice=1, TotalPrice=1) == ["FIELD_INTEGRITY_EXCEPTION"]
    assert refused(org, "OpportunityLineItem", **line) == ["REQUIRED_FIELD_MISSING"]
    org.create("OpportunityLineItem", {**line, "UnitPrice": 1})
    second = {**line, "PricebookEntryId": elsewhere, "UnitPrice": 1}
    assert refused(org, "OpportunityLineItem", **second) == ["FIELD_INTEGRITY_EXCEPTION"]
    with pytest.raises(Refused, match="another price book"):
        org.update("Opportunity", sale, {"Pricebook2Id": other})
    with pytest.raises(Refused, match="could not be completed"):
        org.delete("PricebookEntry", entry)


def test_the_stage_decides_probability_and_forecast(org: Org) -> None:
    row = org.tables["Opportunity"][opportunity(org, StageName="Perception Analysis", CloseDate="2026-05-31")]
    assert (row["Probability"], row["ForecastCategoryName"], row["ForecastCategory"]) == (70, "Best Case", "BestCase")
    assert (row["FiscalYear"], row["FiscalQuarter"], row["Fiscal"]) == (2026, 2, "2026 2")


def test_the_standard_price_comes_first_and_may_be_used(org: Org) -> None:
    product = org.create("Product2", {"Name": "Boots"})
    book = org.create("Pricebook2", {"Name": "Sale", "IsActive": True})
    values = {"Product2Id": product, "Pricebook2Id": book, "UnitPrice": 9}
    assert refused(org, "PricebookEntry", **values) == ["STANDARD_PRICE_NOT_DEFINED"]
    price(org, product, "20")
    entry = org.create("PricebookEntry", {**values, "UseStandardPrice": True})
    assert org.tables["PricebookEntry"][entry]["UnitPrice"] == 20
    assert refused(org, "PricebookEntry", **values) == ["DUPLICATE_VALUE"]


# -- orders


def test_an_order_is_a_draft_until_it_has_products(org: Org) -> None:
    entry = price(org, org.create("Product2", {"Name": "Boots"}), "20")
    acme = org.create("Account", {"Name": "Acme"})
    book = next(iter(org.tables["Pricebook2"]))
    base = {"AccountId": acme, "EffectiveDate": "2026-11-25", "Pricebook2Id": book}
    assert refused(org, "Order", EffectiveDate="2026-11-25", Status="Draft") == ["REQUIRED_FIELD_MISSING"]
    assert refused(org, "Order", **base, Status="Activated") == ["FAILED_ACTIVATION"]
    order = org.create("Order", {**base, "Status": "Draft"})
    item = {"OrderId": order, "PricebookEntryId": entry, "Quantity": 2, "UnitPrice": Decimal("19.5")}
    made = org.create("OrderItem", item)
    # The two that were refused took a number all the same.
    assert (org.tables["Order"][order]["TotalAmount"], org.tables["Order"][order]["OrderNumber"]) == (39, "00000003")
    assert org.tables["OrderItem"][made]["ListPrice"] == 20
    assert refused(org, "OrderItem", **{**item, "Quantity": -1}) == ["NUMBER_OUTSIDE_VALID_RANGE"]
    org.update("Order", order, {"Status": "Activated"})
    assert refused(org, "OrderItem", **item) == ["FIELD_INTEGRITY_EXCEPTION"]
    with pytest.raises(Refused, match="keeps its account"):
        org.update("Order", order, {"AccountId": org.create("Account", {"Name": "Other"})})


# -- cases and events


def test_a_case_closes_and_shows_how_its_contact_is_reached(org: Org) -> None:
    acme = org.create("Account", {"Name": "Acme"})
    ann = org.create("Contact", {"LastName": "Ann", "AccountId": acme, "Phone": "1", "Email": "ann@x.org"})
    case = org.create("Case", {"ContactId": ann})
    row = org.tables["Case"][case]
    assert (row["CaseNumber"], row["Status"], row["Priority"], row["AccountId"]) == ("00000001", "New", "Medium", acme)
    assert (row["ContactPhone"], row["ContactEmail"], row["IsClosed"]) == ("1", "ann@x.org", False)
    org.update("Case", case, {"Status": "Closed", "ContactId": None})
    row = org.tables["Case"][case]
    assert (row["IsClosed"], row["ClosedDate"], row["ContactPhone"]) == (True, row["SystemModstamp"], None)
    org.update("Case", case, {"Status": "Working"})
    assert (org.tables["Case"][case]["IsClosed"], org.tables["Case"][case]["ClosedDate"]) == (False, None)
    with pytest.raises(Refused, match="could not be completed"):
        org.delete("Account", acme)


def test_events_go_with_whom_they_are_with(org: Org) -> None:
    ann = org.create("Contact", {"LastName": "Ann"})
    event = org.create("Event", {"WhoId": ann, "Subject": "Fitting", "StartDateTime": "2026-11-25T12:00:00Z"})
    assert org.tables["Event"][event]["ShowAs"] == "Busy"
    org.delete("Contact", ann)
    assert org.tables["Event"][event]["IsDeleted"]


# -- roll-ups and addresses


def shop_schema() -> Schema:
    sale = SObject("Sale__c", "Sale", "a01", plural="Sales", custom=True)
    line = SObject("Line__c", "Line", "a02", plural="Lines", custom=True)
    named = Field("Name", "string", "Name", 80, name_field=True, defaulted=True)
    parent = Field(
        "Sale__c", "reference", "Sale", 18, nillable=False, master_detail=True, refers_to=["Sale__c"],
        relationship="Sale__r", child_name="Lines__r",
    )  # fmt: skip
    sums = [
        Field(
            f"{name}__c", "currency", name, 0, 18, 2, createable=False, updateable=False, calculated=True, roll_up=rule
        )
        for name, rule in (
            ("Count", RollUp("Line__c", "Sale__c", "count")),
            ("Total", RollUp("Line__c", "Sale__c", "sum", "Amount__c")),
            ("Least", RollUp("Line__c", "Sale__c", "min", "Amount__c")),
            ("Most", RollUp("Line__c", "Sale__c", "max", "Amount__c")),
        )
    ]
    amount = Field("Amount__c", "currency", "Amount", 0, 18, 2)
    standard = standard_schema()
    whole = [
        replace(one, fields={field.name.lower(): field for field in [*system_fields(one.label), named, *more]})
        for one, more in ((sale, sums), (line, [parent, amount]))
    ]
    return standard.merged(whole, {})


def test_roll_ups_follow_their_children() -> None:
    org = Org(shop_schema(), Clock(NOON), Switches())
    sale = org.create("Sale__c", {"Name": "S"})
    lines = [org.create("Line__c", {"Sale__c": sale, "Amount__c": Decimal(amount)}) for amount in (3, 5)]

    def sums() -> tuple[Any, ...]:
        row = org.tables["Sale__c"][sale]
        return tuple(row[f"{name}__c"] for name in ("Count", "Total", "Least", "Most"))

    assert sums() == (2, 8, 3, 5)
    org.update("Line__c", lines[0], {"Amount__c": Decimal(7)})
    assert sums() == (2, 12, 5, 7)
    org.delete("Line__c", lines[1])
    assert sums() == (1, 7, 7, 7)
    org.delete("Line__c", lines[0])
    assert sums() == (0, 0, None, None)


def test_an_address_is_shown_as_a_whole(org: Org) -> None:
    made = org.create("Contact", {"LastName": "Ann", "MailingCity": "Lyon"})
    (record,) = select(org, f"SELECT MailingAddress, OtherAddress FROM Contact WHERE Id = '{made}'").records
    assert record["MailingAddress"]["city"] == "Lyon"
    assert record["MailingAddress"]["street"] is None
    assert record["OtherAddress"] is None


# -- what an org may have switched on


def test_a_person_account_is_an_account_and_a_contact() -> None:
    org = org_with(person_accounts=True)
    business, person = (row["Id"] for row in org.tables["RecordType"].values())
    names = {"FirstName": "Ann", "LastName": "Lee", "PersonEmail": "ann@example.com", "Key__pc": "1:7"}
    made = org.create("Account", {"RecordTypeId": person, **names})
    account = org.tables["Account"][made]
    assert (account["Name"], account["IsPersonAccount"]) == ("Ann Lee", True)
    contact = org.tables["Contact"][account["PersonContactId"]]
    assert (contact["Email"], contact["AccountId"], contact["Name"]) == ("ann@example.com", made, "Ann Lee")
    assert (contact["Key__c"], contact["IsPersonAccount"]) == ("1:7", True)
    org.update("Account", made, {"PersonEmail": None, "LastName": "Li"})
    assert [(row["Email"], row["LastName"]) for row in org.tables["Contact"].values()] == [(None, "Li")]
    org.delete("Account", made)
    assert all(row["IsDeleted"] for row in org.tables["Contact"].values())
    assert refused(org, "Account", RecordTypeId=person, Name="Acme") == ["INVALID_FIELD_FOR_INSERT_UPDATE"]
    assert refused(org, "Account", RecordTypeId=business, LastName="Lee") == ["INVALID_FIELD_FOR_INSERT_UPDATE"]
    assert refused(org, "Account", RecordTypeId=person, FirstName="Ann") == ["REQUIRED_FIELD_MISSING"]
    assert refused(org, "Account", Phone="1") == ["REQUIRED_FIELD_MISSING"]
    assert org.create("Account", {"Name": "Acme"})


def test_the_contact_behind_a_person_account_is_edited_and_nothing_else() -> None:
    org = org_with(person_accounts=True, record_types=True)
    person = next(row["Id"] for row in org.tables["RecordType"].values() if row["IsPersonType"])
    made = org.create("Account", {"RecordTypeId": person, "LastName": "Lee"})
    contact = org.tables["Account"][made]["PersonContactId"]
    org.update("Contact", contact, {"LastName": "Li", "Email": "ann@example.com", "Key__c": "1:7"})
    account = org.tables["Account"][made]
    assert (account["Name"], account["LastName"]) == ("Li", "Li")
    assert (account["PersonEmail"], account["Key__pc"]) == ("ann@example.com", "1:7")
    other = org.create("Account", {"Name": "Acme"})
    kind = next(row["Id"] for row in org.tables["RecordType"].values() if row["SobjectType"] == "Contact")
    for values, code in [
        ({"RecordTypeId": kind}, "INSUFFICIENT_ACCESS_OR_READONLY"),
        ({"AccountId": other}, "INVALID_PERSON_ACCOUNT_OPERATION"),
    ]:
        with pytest.raises(Refused) as told:
            org.update("Contact", contact, values)
        assert told.value.faults[0].code == code
    assert refused(org, "Contact", LastName="Roy", AccountId=made) == ["INVALID_PERSON_ACCOUNT_OPERATION"]
    with pytest.raises(Refused):
        org.delete("Contact", contact)
    assert not org.tables["Contact"][contact]["IsDeleted"]


def test_the_contact_behind_a_person_account_may_be_out_of_reach() -> None:
    org = org_with(person_accounts=True, person_contact_edits=False)
    person = next(row["Id"] for row in org.tables["RecordType"].values() if row["IsPersonType"])
    made = org.create("Account", {"RecordTypeId": person, "LastName": "Lee"})
    with pytest.raises(Refused) as told:
        org.update("Contact", org.tables["Account"][made]["PersonContactId"], {"LastName": "Li"})
    assert told.value.faults[0].code == "INSUFFICIENT_ACCESS_OR_READONLY"


def test_a_new_contact_has_the_record_type_it_names_or_the_default() -> None:
    org = org_with(record_types=True)
    first, second = (row["Id"] for row in org.lookup("RecordType", "SobjectType", ["Contact"]))
    (leads, _) = (row["Id"] for row in org.lookup("RecordType", "SobjectType", ["Lead"]))
    assert org.tables["Contact"][org.create("Contact", {"LastName": "Lee"})]["RecordTypeId"] == first
    made = org.create("Contact", {"LastName": "Lee", "RecordTypeId": second})
    org.update("Contact", made, {"LastName": "Li"})
    assert org.tables["Contact"][made]["RecordTypeId"] == second
    assert refused(org, "Contact", LastName="Roy", RecordTypeId=leads) == ["INVALID_CROSS_REFERENCE_KEY"]


def test_record_types_are_described_and_may_be_named() -> None:
    client = Client(org_with(person_accounts=True)).log_in()
    kinds = client.data("GET", "/sobjects/Account/describe").body["recordTypeInfos"]
    assert [(one["developerName"], one["defaultRecordTypeMapping"], one["master"]) for one in kinds] == [
        ("Business_Account", True, False),
        ("PersonAccount", False, False),
        ("Master", False, True),
    ]
    named = {"LastName": "Lee", "RecordType": {"attributes": {"type": "RecordType"}, "Name": "PersonAccount"}}
    made = client.data("POST", "/sobjects/Account", named)
    assert made.status == 201
    assert client.org.tables["Account"][made.body["id"]]["IsPersonAccount"] is True


def test_without_person_accounts_there_is_no_trace_of_them(org: Org) -> None:
    assert org.object("Account").field("PersonEmail") is None
    assert refused(org, "Account", LastName="Lee") == ["INVALID_FIELD"]


def test_every_record_has_a_currency_where_there_are_several() -> None:
    org = org_with(multi_currency=True)
    assert [row["IsoCode"] for row in org.tables["CurrencyType"].values()] == ["USD", "CAD", "EUR"]
    product = org.create("Product2", {"Name": "Boots"})
    entry = price(org, product, "20", CurrencyIsoCode="CAD")
    assert refused(
        org, "PricebookEntry", Product2Id=product, Pricebook2Id=org.tables["PricebookEntry"][entry]["Pricebook2Id"],
        UnitPrice=1, CurrencyIsoCode="CAD",
    ) == ["DUPLICATE_VALUE"]  # fmt: skip
    price(org, product, "15", CurrencyIsoCode="EUR")
    with pytest.raises(Refused, match="CurrencyIsoCode"):
        org.update("PricebookEntry", entry, {"CurrencyIsoCode": "EUR"})
    line = {"PricebookEntryId": entry, "Quantity": 1, "UnitPrice": 1}
    assert refused(org, "OpportunityLineItem", OpportunityId=opportunity(org), **line) == ["FIELD_INTEGRITY_EXCEPTION"]
    sale = opportunity(org, CurrencyIsoCode="CAD")
    made = org.create("OpportunityLineItem", {"OpportunityId": sale, **line})
    assert org.tables["OpportunityLineItem"][made]["CurrencyIsoCode"] == "CAD"
    assert org.tables["Opportunity"][opportunity(org)]["CurrencyIsoCode"] == "USD"
    assert refused(org, "Account", Name="Acme", CurrencyIsoCode="XXX") == ["INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"]


def test_a_new_org_has_its_lists(org: Org) -> None:
    (converted,) = select(org, "SELECT MasterLabel FROM LeadStatus WHERE IsConverted = true").records
    assert converted["MasterLabel"] == "Closed - Converted"
    (itself,) = select(org, "SELECT Id, Name, OrganizationType, NamespacePrefix FROM Organization").records
    assert (itself["Id"], itself["NamespacePrefix"]) == (make_id("00D", 1), None)
