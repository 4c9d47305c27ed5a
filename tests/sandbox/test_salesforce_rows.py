"""Laws of the org's rows: what a write keeps, what it refuses, and that a refused write leaves no trace."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timezone
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.clock import Clock
from sandbox.salesforce.duplicates import DuplicateRule
from sandbox.salesforce.faults import Fault, Refused
from sandbox.salesforce.ids import checksum, long_id, make_id
from sandbox.salesforce.people import convert_lead, merge
from sandbox.salesforce.rows import API, Org
from sandbox.salesforce.rules import ValidationRule
from sandbox.salesforce.schema import Field, Schema, SObject
from sandbox.salesforce.standard import opt_out_fields, standard_schema, system_fields
from sandbox.switches import Switches

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=timezone.utc)


def text_field(name: str, **more: object) -> Field:
    return Field(name, "string", name.removesuffix("__c").replace("_", " "), 50, custom=True, **more)


def key_field(name: str, **more: object) -> Field:
    return text_field(name, unique=True, external_id=True, id_lookup=True, **more)


def custom_object(name: str, prefix: str, *fields: Field) -> SObject:
    name_field = Field("Name", "string", "Name", 80, defaulted=True, name_field=True)
    every = [*system_fields(name), name_field, *fields]
    return SObject(name, name, prefix, {one.name.lower(): one for one in every}, custom=True, plural=name)


def schema() -> Schema:
    sale = custom_object("Sale__c", "a00", key_field("Key__c", case_sensitive=True), text_field("Till__c"))
    master = Field(
        "Sale__c", "reference", "Sale", 18, nillable=False, updateable=False, refers_to=["Sale__c"],
        relationship="Sale__r", child_name="Lines__r", custom=True, master_detail=True,
    )  # fmt: skip
    line = custom_object("Line__c", "a01", key_field("Key__c"), master)
    extra = [
        key_field("Key__c"),
        Field("Points__c", "double", "Points", precision=6, scale=2, custom=True),
        Field("Tier__c", "picklist", "Tier", 255, picklist=["Gold", "Silver"], restricted=True, custom=True),
        Field("Visits__c", "int", "Visits", custom=True),
        Field("Seen__c", "datetime", "Seen", custom=True),
        *opt_out_fields(),
    ]
    return standard_schema().merged([sale, line], {"Contact": extra})


@pytest.fixture
def org() -> Org:
    return Org(schema(), Clock(NOON), Switches())


def with_switches(**values: object) -> Org:
    return Org(schema(), Clock(NOON), replace(Switches(), **values))


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [fault.code for fault in refused.value.faults]


class Undo(Exception):
    """Ends an atomic block."""


def undone(org: Org, write: Callable[[], object]) -> None:
    with suppress(Undo), org.atomic():
        write()
        raise Undo


# -- ids


@pytest.mark.parametrize(
    ("short", "suffix"),
    [
        ("0035500001H9dBV", "AAZ"),
        ("0015500001QdQWa", "AAN"),
        ("750P0000006HoS1", "IAK"),
        ("751P0000007qkgo", "IAA"),
        ("003P000001avB4G", "IAU"),
        ("0065500000KPywj", "AAD"),
        ("00Q9H00000C6pyc", "UAB"),
        ("012000000000000", "AAA"),
    ],
)
def test_the_checksum_is_that_of_ids_seen_in_real_orgs(short: str, suffix: str) -> None:
    assert checksum(short) == suffix
    assert long_id(short) == short + suffix == long_id(short + suffix)


@given(st.integers(0, 62**10 - 1))
def test_a_made_id_reads_back_in_both_lengths_and_no_other(number: int) -> None:
    made = make_id("003", number)
    assert long_id(made) == made == long_id(made[:15])
    assert long_id(made.lower(), mend=True) == made == long_id(made.upper(), mend=True)
    assert long_id(made.lower()) in {None, made}
    assert long_id(made[:17]) is None


# -- what a write keeps


def test_a_created_row_has_the_prefix_the_stamps_the_owner_and_its_name(org: Org) -> None:
    row = org.tables["Contact"][org.create("contact", {"FIRSTNAME": "Ada", "LastName": "Byron"})]
    assert row["Id"].startswith("003")
    assert row["CreatedDate"] == row["SystemModstamp"] == "2026-11-25T12:00:00.000+0000"
    assert row["OwnerId"] == row["CreatedById"] == org.user_id
    assert (row["Name"], row["IsDeleted"], row["DoNotCall"]) == ("Ada Byron", False, False)
    assert org.writes == {("create", "Contact"): 1}


def test_an_update_moves_the_modstamp_and_leaves_the_rest(org: Org) -> None:
    record_id = org.create("Contact", {"LastName": "Byron", "Phone": "1"})
    org.clock.advance(60)
    org.update("Contact", record_id[:15], {"LastName": "King"})
    row = org.tables["Contact"][record_id]
    assert (row["Phone"], row["LastName"], row["Name"]) == ("1", "King", "King")
    assert row["SystemModstamp"] == row["LastModifiedDate"] == "2026-11-25T12:01:00.000+0000" != row["CreatedDate"]


def test_null_and_blank_clear_a_field(org: Org) -> None:
    record_id = org.create("Contact", {"LastName": "B", "Phone": "1", "Title": "Dr"})
    org.update("Contact", record_id, {"Phone": None, "Title": "  "})
    assert (org.tables["Contact"][record_id]["Phone"], org.tables["Contact"][record_id]["Title"]) == (None, None)


@pytest.mark.parametrize(
    ("field", "sent", "kept"),
    [
        ("Email", "Ada@Example.COM", "ada@example.com"),
        ("FirstName", "  Ada ", "Ada"),
        ("Points__c", Decimal("1.005"), Decimal("1.01")),
        ("Points__c", "12", Decimal("12.00")),
        ("Visits__c", "10000", 10000),
        ("Birthdate", "1815-12-10", "1815-12-10"),
        ("Seen__c", "2026-11-23T08:00:00Z", "2026-11-23T08:00:00.000+0000"),
        ("Seen__c", "2026-11-23T08:00:00.1234567+02:00", "2026-11-23T06:00:00.000+0000"),
        ("Tier__c", "gold", "Gold"),
        ("LeadSource", "Not on the list", "Not on the list"),
        ("DoNotCall", "true", True),
    ],
)
def test_values_are_kept_as_the_vendor_keeps_them(org: Org, field: str, sent: object, kept: object) -> None:
    row = org.tables["Contact"][org.create("Contact", {"LastName": "B", field: sent})]
    assert row[field] == kept
    assert type(row[field]) is type(kept)


def test_switches_turn_off_lower_case_trimming_and_rounding() -> None:
    org = with_switches(email_lower=False, text_trim=False, decimal_round=False, number_for_text="accept")
    row = org.tables["Contact"][org.create("Contact", {"LastName": " B", "Email": "A@b.co", "Title": 7})]
    assert (row["LastName"], row["Email"], row["Title"]) == (" B", "A@b.co", "7")
    with pytest.raises(Refused) as refused:
        org.create("Contact", {"LastName": "B", "Points__c": Decimal("1.005")})
    assert codes(refused) == ["NUMBER_OUTSIDE_VALID_RANGE"]


@pytest.mark.parametrize("number", ["1e999999999", "-1e999999999", "1e400", "99999.995e30"])
def test_a_number_of_any_size_is_outside_the_range(org: Org, number: str) -> None:
    """And never more than the org can reckon with."""
    with pytest.raises(Refused) as refused:
        org.create("Contact", {"LastName": "B", "Points__c": Decimal(number)})
    assert codes(refused) == ["NUMBER_OUTSIDE_VALID_RANGE"]


# -- what a write refuses


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({}, Fault("REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]", ("LastName",))),
        ({"Nope": 1}, Fault("INVALID_FIELD", "No such column 'Nope' on sobject of type Contact", None)),
        (
            {"Phone": "1" * 41},
            Fault("STRING_TOO_LONG", f"Business Phone: data value too large: {'1' * 41} (max length=40)", ("Phone",)),
        ),
        ({"Email": "no"}, Fault("INVALID_EMAIL_ADDRESS", "Email: invalid email address: no", ("Email",))),
        (
            {"Tier__c": "Tin"},
            Fault(
                "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
                "Tier: bad value for restricted picklist field: Tin",
                ("Tier__c",),
            ),
        ),
        (
            {"Points__c": 10000},
            Fault(
                "NUMBER_OUTSIDE_VALID_RANGE",
                "Points: value outside of valid range on numeric field: 10000",
                ("Points__c",),
            ),
        ),
        ({"AccountId": "x"}, Fault("MALFORMED_ID", "Account ID: id value of incorrect type: x", ("AccountId",))),
        (
            {"AccountId": make_id("001", 99)},
            Fault("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"),
        ),
        (
            {"AccountId": make_id("003", 1)},
            Fault(
                "FIELD_INTEGRITY_EXCEPTION",
                f"Account ID: id value of incorrect type: {make_id('003', 1)}",
                ("AccountId",),
            ),
        ),
        (
            {"DoNotCall": None},
            Fault("INVALID_TYPE_ON_FIELD_IN_RECORD", "Do Not Call: value not of required type: null", ("DoNotCall",)),
        ),
        (
            {"Account": {"Name": "x"}},
            Fault(
                "INVALID_FIELD",
                "Field name provided, Name does not match an External ID, Salesforce Id, or indexed field for Account",
                None,
            ),
        ),
    ],
)
def test_each_wrong_value_has_its_code(org: Org, values: dict[str, object], fault: Fault) -> None:
    with pytest.raises(Refused) as refused:
        org.create("Contact", {"LastName": "B", **values} if values else {})
    assert refused.value.faults == (fault,)
    assert not org.tables["Contact"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("Birthdate", "2026-13-01"),
        ("Birthdate", "1/2/2026"),
        ("Seen__c", "2026-11-23 08:00:00"),
        ("Visits__c", "many"),
        ("Points__c", True),
        ("Title", 7),
        ("DoNotCall", "yes"),
    ],
)
def test_a_value_of_the_wrong_spelling_cannot_be_parsed(org: Org, field: str, value: object) -> None:
    with pytest.raises(Refused) as refused:
        org.create("Contact", {"LastName": "B", field: value})
    assert codes(refused) == ["JSON_PARSER_ERROR"]


def test_closed_fields_are_refused_together_and_differ_between_create_and_update(org: Org) -> None:
    with pytest.raises(Refused) as refused:
        org.create("Contact", {"LastName": "B", "Name": "B", "CreatedDate": "2020-01-01T00:00:00Z"})
    assert codes(refused) == ["INVALID_FIELD_FOR_INSERT_UPDATE"]
    assert refused.value.faults[0].fields == ("Name", "CreatedDate")
    contact = org.create("Contact", {"LastName": "B"})
    values = {"Name": "x", "StageName": "Closed Won", "CloseDate": "2026-01-01"}
    deal = org.create("Opportunity", {**values, "ContactId": contact})
    with pytest.raises(Refused) as refused:
        org.update("Opportunity", deal, {"ContactId": contact})
    assert codes(refused) == ["INVALID_FIELD_FOR_INSERT_UPDATE"]


def test_all_wrong_values_of_a_row_are_named_at_once(org: Org) -> None:
    with pytest.raises(Refused) as refused:
        org.create("Contact", {"Email": "no", "Phone": "1" * 41})
    assert codes(refused) == ["REQUIRED_FIELD_MISSING", "INVALID_EMAIL_ADDRESS", "STRING_TOO_LONG"]
    with pytest.raises(Refused) as refused:
        org.create("Contact", {"LastName": "L" * 81})
    assert codes(refused) == ["STRING_TOO_LONG"], "a value that does not fit is not missing"


def test_two_broken_validation_rules_are_two_entries(org: Org) -> None:
    org.rules += [ValidationRule("Contact", "Title", "x", "no x"), lambda _name, _row: Fault("FIELD_X", "never")]
    with pytest.raises(Refused) as refused:
        org.create("Contact", {"LastName": "B", "Title": "x"})
    assert codes(refused) == ["FIELD_CUSTOM_VALIDATION_EXCEPTION", "FIELD_X"]


def test_a_unique_value_is_taken_without_regard_to_case_unless_the_field_says_so(org: Org) -> None:
    first = org.create("Contact", {"LastName": "B", "Key__c": "ab"})
    with pytest.raises(Refused) as refused:
        org.create("Contact", {"LastName": "B", "Key__c": "AB"})
    message = f"duplicate value found: Key__c duplicates value on record with id: {first}"
    assert refused.value.faults == (Fault("DUPLICATE_VALUE", message),)
    org.create("Sale__c", {"Key__c": "ab"})
    org.create("Sale__c", {"Key__c": "AB"})
    org.update("Contact", first, {"Key__c": "AB"})


def test_a_deleted_row_frees_its_unique_value_and_cannot_be_written(org: Org) -> None:
    first = org.create("Contact", {"LastName": "B", "Key__c": "a"})
    org.delete("Contact", first)
    org.create("Contact", {"LastName": "B", "Key__c": "a"})
    for write in (lambda: org.update("Contact", first, {}), lambda: org.delete("Contact", first)):
        with pytest.raises(Refused) as refused:
            write()
        assert codes(refused) == ["ENTITY_IS_DELETED"]


def test_a_locked_row_and_its_children_cannot_be_written(org: Org) -> None:
    account = org.create("Account", {"Name": "A"})
    org.locks.add(account)
    for write in (
        lambda: org.update("Account", account, {"Name": "B"}),
        lambda: org.create("Contact", {"LastName": "B", "AccountId": account}),
        lambda: org.delete("Account", account),
    ):
        with pytest.raises(Refused) as refused:
            write()
        assert codes(refused) == ["UNABLE_TO_LOCK_ROW"]


def test_an_alert_is_overridden_by_allow_save_and_a_block_is_not(org: Org) -> None:
    twin = org.create("Contact", {"LastName": "B", "Email": "a@b.co"})
    values = {"LastName": "C", "Email": "A@B.co"}
    org.duplicate_rules = [DuplicateRule.of({"object": "Contact", "field": "Email", "action": "alert"})]
    with pytest.raises(Refused) as refused:
        org.create("Contact", values)
    found = refused.value.faults[0].detail["duplicateResut"]["matchResults"][0]["matchRecords"][0]["record"]["Id"]
    assert (codes(refused), found) == (["DUPLICATES_DETECTED"], twin)
    allowed = replace(API, allow_save=True)
    org.create("Contact", values, allowed)
    org.duplicate_rules = [DuplicateRule.of({"object": "Contact", "field": "Email", "action": "block"})]
    with pytest.raises(Refused) as refused:
        org.create("Contact", values, allowed)
    assert codes(refused) == ["DUPLICATES_DETECTED"]
    org.insert_as_user("Contact", values)


# -- parents


def test_a_parent_may_be_named_by_its_external_id_and_a_missing_one_is_told_by_name(org: Org) -> None:
    sale = org.create("Sale__c", {"Key__c": "S1"})
    line = org.create("Line__c", {"Key__c": "L1", "Sale__r": {"Key__c": "S1"}})
    assert org.tables["Line__c"][line]["Sale__c"] == sale
    with pytest.raises(Refused) as refused:
        org.create("Line__c", {"Key__c": "L2", "Sale__r": {"Key__c": "s1"}})
    message = "Foreign key external ID: s1 not found for field Key__c in entity Sale__c"
    assert refused.value.faults == (Fault("INVALID_FIELD", message),)


def test_a_parent_named_by_a_key_that_several_rows_share_is_refused(org: Org) -> None:
    for _ in range(2):
        org.insert_as_user("Contact", {"LastName": "B", "Email": "a@b.co"})
    with pytest.raises(Refused) as refused:
        org.create("Contact", {"LastName": "C", "ReportsTo": {"Email": "a@b.co"}})
    assert codes(refused) == ["DUPLICATE_EXTERNAL_ID"]


def test_a_master_is_fixed_at_birth_and_takes_its_details_with_it() -> None:
    for switch, outcome in (("refuse", ["INVALID_FIELD_FOR_INSERT_UPDATE"]), ("ignore", [])):
        org = with_switches(detail_parent_on_update=switch)
        sale, other = org.create("Sale__c", {"Key__c": "S1"}), org.create("Sale__c", {"Key__c": "S2"})
        line = org.create("Line__c", {"Sale__c": sale})
        seen: list[str] = []
        try:
            org.update("Line__c", line, {"Sale__c": sale})
        except Refused as refused:
            seen = [fault.code for fault in refused.faults]
        assert seen == outcome
        with pytest.raises(Refused) as refused_move:
            org.update("Line__c", line, {"Sale__c": other})
        assert codes(refused_move) == ["INVALID_FIELD_FOR_INSERT_UPDATE"]
        org.delete("Sale__c", sale)
        assert org.tables["Line__c"][line]["IsDeleted"]


def test_a_lookup_to_a_deleted_row_is_cleared(org: Org) -> None:
    chief = org.create("Contact", {"LastName": "Chief"})
    staff = org.create("Contact", {"LastName": "Staff", "ReportsToId": chief})
    org.delete("Contact", chief)
    assert org.tables["Contact"][staff]["ReportsToId"] is None


# -- upsert


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abC"), st.text("xyz", min_size=1, max_size=3)), max_size=12))
def test_upserting_twice_equals_upserting_once(pairs: list[tuple[str, str]]) -> None:
    org = Org(schema(), Clock(NOON), Switches())
    for key, title in pairs:
        org.upsert("Contact", "Key__c", key, {"LastName": "B", "Title": title})
    once = org.snapshot()
    for key, title in pairs:
        org.upsert("Contact", "Key__c", key.swapcase(), {"LastName": "B", "Title": title})
    assert org.snapshot() == once
    assert len(once.get("Contact", {})) == len({key for key, _ in pairs})


def test_upsert_by_id_creates_for_null_and_updates_for_an_id(org: Org) -> None:
    record_id, created = org.upsert("Contact", "Id", None, {"LastName": "B"})
    assert created
    assert org.upsert("Contact", "id", record_id[:15], {"LastName": "C"}) == (record_id, False)


def test_an_upsert_needs_a_key_field_a_value_and_at_most_one_row(org: Org) -> None:
    for _ in range(2):
        org.insert_as_user("Contact", {"LastName": "B", "Email": "a@b.co"})
    for key, value, code in (
        ("Phone", "1", "NOT_FOUND"),
        ("Key__c", None, "MISSING_ARGUMENT"),
        ("Email", "a@b.co", "DUPLICATE_EXTERNAL_ID"),
    ):
        with pytest.raises(Refused) as refused:
            org.upsert("Contact", key, value, {"LastName": "C"})
        assert codes(refused) == [code]


# -- indexes and undo


def test_lookup_stays_true_through_updates_deletes_and_undo(org: Org) -> None:
    assert org.lookup("Contact", "email", ["a@b.co"]) == []
    record_id = org.create("Contact", {"LastName": "B", "Email": "a@b.co"})

    def write() -> None:
        org.update("Contact", record_id, {"Email": "c@d.co"})
        org.create("Contact", {"LastName": "D", "Email": "c@d.co"})
        assert len(org.lookup("Contact", "Email", ["C@D.co"])) == 2

    undone(org, write)
    assert org.lookup("Contact", "Email", ["c@d.co"]) == []
    assert [row["Id"] for row in org.lookup("Contact", "Email", ["A@B.CO", "a@b.co"])] == [record_id]
    org.delete("Contact", record_id)
    assert org.lookup("Contact", "Email", ["a@b.co"]) == []
    assert len(org.lookup("Contact", "Email", ["a@b.co"], deleted=True)) == 1


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(["create", "update", "delete", "upsert"]), max_size=8), st.randoms())
def test_an_undone_block_leaves_no_trace(verbs: list[str], random: object) -> None:
    org = Org(schema(), Clock(NOON), Switches())
    ids = [org.create("Contact", {"LastName": "B", "Key__c": f"k{number}"}) for number in range(4)]
    before, written = org.snapshot(), dict(org.writes)
    writes = {
        "create": lambda: org.create("Contact", {"LastName": "N"}),
        "update": lambda: org.update("Contact", random.choice(ids), {"Title": "x"}),
        "delete": lambda: org.delete("Contact", random.choice(ids)),
        "upsert": lambda: org.upsert("Contact", "Key__c", "k9", {"LastName": "U"}),
    }

    def write() -> None:
        for verb in verbs:
            with suppress(Refused):
                writes[verb]()

    undone(org, write)
    assert org.snapshot() == before
    assert dict(org.writes) == written
    assert [len(org.lookup("Contact", "Key__c", [f"k{number}"])) for number in (0, 9)] == [1, 0]


# -- what people do


def test_a_converted_lead_points_to_its_contact_and_is_read_only(org: Org) -> None:
    lead = org.create("Lead", {"LastName": "B", "Company": "Acme", "Email": "a@b.co"})
    contact = convert_lead(org, lead)["contact_id"]
    row = org.tables["Lead"][lead]
    assert (row["IsConverted"], row["ConvertedContactId"]) == (True, contact)
    assert org.tables["Contact"][contact]["Email"] == "a@b.co"
    with pytest.raises(Refused) as refused:
        org.update("Lead", lead, {"Phone": "1"})
    assert codes(refused) == ["CANNOT_UPDATE_CONVERTED_LEAD"]


def test_a_merge_moves_the_children_and_names_the_survivor(org: Org) -> None:
    winner, loser = org.create("Account", {"Name": "W"}), org.create("Account", {"Name": "L"})
    contact = org.create("Contact", {"LastName": "B", "AccountId": loser})
    merge(org, winner, [loser])
    assert org.tables["Contact"][contact]["AccountId"] == winner
    assert (org.tables["Account"][loser]["IsDeleted"], org.tables["Account"][loser]["MasterRecordId"]) == (True, winner)
    with pytest.raises(Refused) as refused:
        org.update("Account", loser, {"Name": "x"})
    assert codes(refused) == ["ENTITY_IS_DELETED"]


def test_a_person_may_backdate_and_is_not_counted(org: Org) -> None:
    record_id = org.insert_as_user("Contact", {"LastName": "B", "CreatedDate": "2020-01-01T00:00:00Z"})
    org.edit_as_user("Contact", record_id, {"Phone": "1"})
    assert org.tables["Contact"][record_id]["CreatedDate"] == "2020-01-01T00:00:00.000+0000"
    assert not org.writes


# -- standard objects


def test_a_stage_decides_whether_a_deal_is_won(org: Org) -> None:
    values = {"Name": "D", "StageName": "Closed Won", "CloseDate": "2026-01-01", "Amount": Decimal("10.50")}
    row = org.tables["Opportunity"][org.create("Opportunity", values)]
    assert (row["IsWon"], row["IsClosed"], row["Probability"], row["ExpectedRevenue"]) == (
        True,
        True,
        100,
        Decimal("10.5"),
    )


def test_a_custom_price_needs_the_standard_price_first_and_there_is_one_per_book(org: Org) -> None:
    standard = next(iter(org.tables["Pricebook2"]))
    book = org.create("Pricebook2", {"Name": "Shop", "IsActive": True})
    product = org.create("Product2", {"Name": "Mug"})
    values = {"Product2Id": product, "UnitPrice": 5, "IsActive": True}
    with pytest.raises(Refused) as refused:
        org.create("PricebookEntry", {**values, "Pricebook2Id": book})
    assert codes(refused) == ["STANDARD_PRICE_NOT_DEFINED"]
    org.create("PricebookEntry", {**values, "Pricebook2Id": standard})
    entry = org.create("PricebookEntry", {**values, "Pricebook2Id": book})
    with pytest.raises(Refused) as refused:
        org.create("PricebookEntry", {**values, "Pricebook2Id": book})
    assert codes(refused) == ["DUPLICATE_VALUE"]
    deal = org.create("Opportunity", {"Name": "D", "StageName": "Prospecting", "CloseDate": "2026-01-01"})
    line = {"OpportunityId": deal, "PricebookEntryId": entry, "Quantity": 3}
    with pytest.raises(Refused) as refused:
        org.create("OpportunityLineItem", line)
    assert codes(refused) == ["REQUIRED_FIELD_MISSING"]
    assert org.tables["Opportunity"][deal]["HasOpportunityLineItem"] is False, "a refused line leaves no trace"
    row = org.tables["OpportunityLineItem"][org.create("OpportunityLineItem", {**line, "UnitPrice": 5})]
    assert (row["TotalPrice"], row["Name"]) == (15, "Mug")
    assert org.tables["Opportunity"][deal]["Pricebook2Id"] == book


def test_reset_gives_the_org_nobody_has_used(org: Org) -> None:
    fresh = org.snapshot()
    org.create("Contact", {"LastName": "B"})
    org.rules.append(ValidationRule("Contact", "Title", "x", "no"))
    org.reset()
    assert org.snapshot() == fresh
    assert not org.writes
    assert not org.rules
