"""Holding mappings against what the org has: all faults at once, before the first write."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from target_salesforce_retail.companion.memory_org import describes_of
from target_salesforce_retail.mapping.convert_preflight import convert_problems
from target_salesforce_retail.mapping.preflight import preflight
from target_salesforce_retail.metadata import FieldDescribe, ObjectDescribe, PicklistEntry
from target_salesforce_retail.nouns import OrgRow

from tests.target.world import LINES, SALES, SHOPPERS, SHOPS, mappings

ALL = mappings(SHOPPERS, SHOPS, SALES, LINES)
REFERS = {"Shop__c": ("Shop__c",), "Contact__c": ("Contact",), "Lead__c": ("Lead",), "Sale__c": ("Sale__c",)}


def org() -> dict[str, ObjectDescribe]:
    """An org that has everything."""
    return {
        name: ObjectDescribe(
            name,
            {
                field: replace(
                    made, key_like=field == "Key__c", unique=field == "Key__c", refers_to=REFERS.get(field, ())
                )
                for field, made in describe.fields.items()
            },
        )
        for name, describe in describes_of(ALL).items()
    }


def answering(describes: dict[str, ObjectDescribe]) -> Callable[[Sequence[str]], dict[str, ObjectDescribe]]:
    """Describes these objects, and knows no others."""
    return lambda names: {name: describes[name] for name in names if name in describes}


def faults(**changes: FieldDescribe | None) -> list[str]:
    """Faults when one field, named Object__field, is changed or taken away."""
    describes = org()
    for path, made in changes.items():
        name, field = path.rsplit("__", 1) if not path.endswith("__c") else path[:-3].rsplit("__", 1)
        field = f"{field}__c" if path.endswith("__c") else field
        fields = {key: value for key, value in describes[name].fields.items() if key != field}
        describes[name] = ObjectDescribe(name, {**fields, **({field: made} if made else {})})
    return preflight(ALL, answering(describes))[1]


def test_an_org_that_has_everything_passes() -> None:
    """And its shapes come back."""
    describes, found = preflight(ALL, answering(org()))

    assert found == []
    assert {"Contact", "Lead", "Shop__c", "Sale__c", "Line__c"} == describes.keys()


@pytest.mark.parametrize(
    ("name", "right", "expected"),
    [
        ("Contact", "createable", ["Contact may not be created"]),
        ("Contact", "updateable", ["Contact may not be updated"]),
        ("Contact", "deletable", []),
        ("Lead", "createable", []),
        ("Lead", "updateable", ["Lead may not be updated"]),
        ("Line__c", "deletable", ["Line__c may not be deleted"]),
        ("Sale__c", "deletable", []),
    ],
)
def test_a_right_that_the_mapping_needs_is_named(name: str, right: str, expected: list[str]) -> None:
    """And no other is asked for."""
    describes = org()
    describes[name] = replace(describes[name], **{right: False})

    assert preflight(ALL, answering(describes))[1] == [
        f"test.yml:2: {each} by the integration user; is Retail_Integration assigned?" for each in expected
    ]


def test_a_missing_object_is_named() -> None:
    """Once, at the mapping that names it."""
    lacking = {name: describe for name, describe in org().items() if name != "Shop__c"}
    found = preflight(ALL, answering(lacking))[1]

    assert found == ["test.yml:2: the org has no object `Shop__c`, or hides it"]


INVISIBLE = "a field that no permission set grants is invisible: is Retail_Integration assigned?"


@pytest.mark.parametrize(
    ("field", "made", "said"),
    [
        ("Contact__Birthdate", None, (f"18: Contact has no field `Birthdate`; {INVISIBLE}",)),
        ("Lead__Email", None, tuple(f"{line}: Lead has no field `Email`; {INVISIBLE}" for line in (15, 10))),
        ("Contact__Key__c", None, (f"5: Contact has no field `Key__c`; {INVISIBLE}",)),
        (
            "Contact__Key__c",
            FieldDescribe("Key__c", "string", key_like=True),
            ("5: Contact.Key__c is no unique external id",),
        ),
        (
            "Contact__Key__c",
            FieldDescribe("Key__c", "string", unique=True),
            ("5: Contact.Key__c is no unique external id",),
        ),
        (
            "Contact__Phone",
            FieldDescribe("Phone", "phone", updateable=False),
            ("16: Contact.Phone cannot be updated; say `update: never`",),
        ),
        (
            "Contact__Phone",
            FieldDescribe("Phone", "phone", createable=False),
            ("16: Contact.Phone cannot be set on create",),
        ),
        ("Contact__LeadSource", FieldDescribe("LeadSource", "picklist", updateable=False), ()),
        (
            "Contact__Shoe__c",
            FieldDescribe("Shoe__c", "string", nillable=False),
            ("2: Contact.Shoe__c is required on create, and nothing fills it",),
        ),
        (
            "Contact__LeadSource",
            FieldDescribe("LeadSource", "picklist", picklist=("In-store", "Web")),
            ("19: `In store` is no value of the restricted picklist Contact.LeadSource; did you mean `In-store`?",),
        ),
        ("Contact__LeadSource", FieldDescribe("LeadSource", "picklist", picklist=("In store", "Web")), ()),
        ("Lead__Phone", FieldDescribe("Phone", "phone", createable=False), ()),
        ("Lead__Shoe__c", FieldDescribe("Shoe__c", "string", nillable=False), ()),
        (
            "Sale__c__Shop__c",
            FieldDescribe("Shop__c", "reference", refers_to=("Account",)),
            ("9: Sale__c.Shop__c does not refer to Shop__c",),
        ),
        (
            "Sale__c__Lead__c",
            FieldDescribe("Lead__c", "reference", refers_to=("Contact",)),
            ("10: Sale__c.Lead__c does not refer to Lead",),
        ),
        (
            "Sale__c__Shop__c",
            FieldDescribe("Shop__c", "reference", refers_to=("Shop__c",), updateable=False),
            ("9: Sale__c.Shop__c cannot be updated; say `update: never`",),
        ),
        ("Line__c__Sale__c", FieldDescribe("Sale__c", "reference", refers_to=("Sale__c",), updateable=False), ()),
        ("Lead__Phone_E164__c", FieldDescribe("Phone_E164__c", "string", createable=False), ()),
        (
            "Contact__Phone_E164__c",
            FieldDescribe("Phone_E164__c", "string", createable=False),
            ("20: Contact.Phone_E164__c cannot be written; is Retail_Integration assigned?",),
        ),
        (
            "Lead__Phone_E164__c",
            FieldDescribe("Phone_E164__c", "string", updateable=False),
            ("20: Lead.Phone_E164__c cannot be written; is Retail_Integration assigned?",),
        ),
        (
            "Contact__Mobile_E164__c",
            FieldDescribe("Mobile_E164__c", "string", length=15),
            ("21: Contact.Mobile_E164__c is shorter than the 16 characters of a number",),
        ),
        (
            "Contact__Mobile_E164__c",
            FieldDescribe("Mobile_E164__c", "textarea", filterable=False),
            ("11: `by: phone` cannot look into Contact.Mobile_E164__c, which no query can ask for",),
        ),
    ],
)
def test_what_does_not_fit_is_said_with_its_place(
    field: str, made: FieldDescribe | None, said: tuple[str, ...]
) -> None:
    """file:line, object, field, and what to do; what nobody creates or changes may be closed."""
    assert faults(**{field: made}) == [f"test.yml:{each}" for each in said]


def test_a_phone_that_has_no_key_is_a_fault_and_an_external_id_is_one_by_itself() -> None:
    """People write a number in many ways: nobody would be found by it. Who keeps keys elsewhere may ask them."""
    rules = mappings(SHOPPERS.replace("  Phone_E164__c: {key_of: Phone}\n", ""), SHOPS, SALES, LINES)
    describes = org()

    assert preflight(rules, answering(describes))[1] == [
        f"test.yml:11: `by: phone` cannot ask for {name}.Phone, where people write a number in many ways: "
        "give it a key (`key_of: Phone`) in a field beside it"
        for name in ("Contact", "Lead")
    ]
    for name, describe in describes.items():
        if "Phone" in describe.fields:
            kept = replace(describe.fields["Phone"], key_like=True)
            describes[name] = replace(describe, fields={**describe.fields, "Phone": kept})
    assert preflight(rules, answering(describes))[1] == []


def test_a_lookup_needs_a_field_for_whatever_is_found() -> None:
    """A shopper may be a Lead."""
    sales = SALES.replace("to: {Contact: Contact__c, Lead: Lead__c}", "to: {Contact: Contact__c}")

    assert preflight(mappings(SHOPPERS, SHOPS, sales, LINES), answering(org()))[1] == [
        "test.yml:10: `Shopper` may find a Lead, and `to` names no field for it"
    ]


def test_all_faults_come_at_once() -> None:
    """Not one run per fault."""
    found = faults(Contact__Birthdate=None, Contact__Phone=None)

    assert {"Birthdate", "Phone"} <= {
        word for fault in found for word in ("Birthdate", "Phone") if f"`{word}`" in fault
    }


def in_codes(constant: str, **code: bool) -> list[str]:
    """Faults of a mapping with a constant country, in an org that has a list of them."""
    rules = mappings(SHOPPERS + f"  MailingCountry: {{value: {constant}, only: Contact}}\n")
    describes = {**org(), "Contact": org()["Contact"]}
    codes = FieldDescribe(
        "MailingCountryCode", "picklist", choices=(PicklistEntry("CA", "Canada"), PicklistEntry("US", "Usa")), **code
    )
    fields = {**describes["Contact"].fields, "MailingCountry": FieldDescribe("MailingCountry", "string")}
    describes["Contact"] = ObjectDescribe("Contact", {**fields, "MailingCountryCode": codes})
    return preflight(rules, answering(describes))[1]


@pytest.mark.parametrize(("constant", "found"), [("CA", []), ("canada", []), ("Cnada", ["; did you mean `Canada`?"])])
def test_a_country_that_would_always_be_left_out_is_a_fault(constant: str, found: list[str]) -> None:
    """A code and a label will do, in any case."""
    said = [f"test.yml:22: `{constant}` is not in the org's list for Contact.MailingCountry{hint}" for hint in found]

    assert in_codes(constant) == said


def test_a_text_fills_the_code_that_the_org_requires() -> None:
    """The two are one value."""
    assert in_codes("CA", nillable=False) == []


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        (FieldDescribe("State__c", "picklist", picklist=("voided",)), "voided", ()),
        (
            FieldDescribe("State__c", "picklist", picklist=("voided",)),
            "voidd",
            ("`voidd` is no value of the restricted picklist Shop__c.State__c; did you mean `voided`?",),
        ),
        (FieldDescribe("State__c", "boolean"), "true", ()),
        (
            FieldDescribe("State__c", "boolean"),
            '"yes"',
            ("Shop__c.State__c is a checkbox: `deleted` may set it to true or false",),
        ),
        (
            FieldDescribe("State__c", "string", updateable=False),
            "gone",
            ("Shop__c.State__c cannot be updated, so `deleted` cannot set it",),
        ),
    ],
)
def test_what_a_deleted_record_would_set_is_looked_at_before(
    field: FieldDescribe, value: str, said: tuple[str, ...]
) -> None:
    """Not at the first record that is deleted."""
    rules = mappings(SHOPS.replace("\nfields:", f"\ndeleted: {{when: gone, set: {{State__c: {value}}}}}\nfields:"))
    describes = org()
    describes["Shop__c"] = ObjectDescribe("Shop__c", {**describes["Shop__c"].fields, "State__c": field})

    assert [fault.partition(": ")[2] for fault in preflight(rules, answering(describes))[1]] == list(said)


@pytest.mark.parametrize(
    ("rule", "field", "said"),
    [
        ("by: text", FieldDescribe("Email", "double"), "`by: text` cannot look into Contact.Email, which is a double"),
        ("by: email", FieldDescribe("Email", "datetime"), "which is a datetime"),
        ("by: date", FieldDescribe("Email", "datetime"), "which is a datetime"),
        ("by: text", FieldDescribe("Email", "textarea", filterable=False), "which no query can ask for"),
        ("by: text", FieldDescribe("Email", "string", case_sensitive=True), "which tells AB from ab"),
        ("by: date", FieldDescribe("Email", "date"), None),
        ("by: text", FieldDescribe("Email", "picklist"), None),
        ("by: phone", FieldDescribe("Email", "string", case_sensitive=True), None),
    ],
)
def test_a_match_key_is_looked_for_where_it_can_be(rule: str, field: FieldDescribe, said: str | None) -> None:
    """Else the first look-up is refused, and every shopper held for it."""
    by_email = "by: email, from: email, to: {Contact: Email, Lead: Email}"
    shoppers = SHOPPERS.replace(by_email, f"name: mail, {rule}, from: email, to: {{Contact: Email}}")
    rules = mappings(shoppers, SHOPS, SALES, LINES)
    describes = org()
    contact = describes["Contact"]
    describes["Contact"] = replace(contact, fields={**contact.fields, "Email": field})

    found = [problem for problem in preflight(rules, answering(describes))[1] if "cannot look into" in problem]

    assert len(found) == (said is not None)
    assert (said or "") in "".join(found)


CONVERTING = SHOPPERS.replace("fields:", "on_match: {Lead: convert}\n%sfields:", 1)
LABELS = {"New": False, "Closed - Converted": True, "Won": True}


def lead_statuses(wanted: Any, fields: Any) -> list[OrgRow]:
    """The last one comes first in the org's own order."""
    del fields
    ((labels,),) = ((each["MasterLabel"] for each in wanted["LeadStatus"]),)
    kept = {each: LABELS[each] for each in labels}
    return [
        OrgRow("LeadStatus", label, {"MasterLabel": label, "IsConverted": is_converted, "SortOrder": -place})
        for place, (label, is_converted) in enumerate(kept.items())
    ]


def converting(section: str = "", **changes: ObjectDescribe | None) -> tuple[dict[str, ObjectDescribe], list[str]]:
    """What preflight makes of a mapping that converts, in an org in which some objects are otherwise."""
    rules = mappings(CONVERTING % section)
    describes = {**org(), **{name: replace(each) for name, each in describes_of(rules).items() if name not in org()}}
    status = FieldDescribe("Status", "picklist", choices=tuple(PicklistEntry(each, each) for each in LABELS))
    lead = org()["Lead"]
    describes["Lead"] = replace(lead, fields={**lead.fields, "Status": status})
    describes |= {name: ObjectDescribe(name, {}) for name in ("LeadStatus", "Account")}
    described = {name: each for name, each in {**describes, **changes}.items() if each}
    found, problems = preflight(rules, answering(described), lead_statuses)
    return found, [each.partition(": ")[2] for each in problems]


def test_a_wrong_status_is_told_at_its_line() -> None:
    """Not where `convert` begins."""
    mapping = mappings(CONVERTING % "convert:\n  when: {type: x}\n  else: leave\n  status: won\n").ordered[0]
    describes = converting()[0]

    assert mapping.convert
    (problem,) = convert_problems(mapping, describes)

    began = mapping.convert.at
    assert problem.startswith(f"{began.file}:{began.line + 3}: `won` is no status")


def test_the_statuses_of_converted_leads_come_in_the_orgs_order() -> None:
    """Of which the first is the one that leads get, where the mapping names none."""
    describes, problems = converting()

    assert describes["Lead"].converted_statuses == ("Won", "Closed - Converted")
    assert problems == []
    assert converting("convert: {status: Won}\n")[1] == []


def test_a_status_that_is_none_of_a_converted_lead_is_told() -> None:
    """And one has to be named where the org does not show them."""
    assert converting("convert: {status: won}\n")[1] == [
        "`won` is no status of a converted lead; the org has Won, Closed - Converted; did you mean `Won`?"
    ]
    assert converting(LeadStatus=None)[1] == [
        "which status a converted lead gets the org does not say: name it, as `status`"
    ]
    assert converting("convert: {status: Won}\n", LeadStatus=None)[1] == []


@pytest.mark.parametrize("name", ["Account", "Lead"])
def test_rights_that_converting_needs_are_told(name: str) -> None:
    """As far as a describe tells; whether it may convert leads at all none does."""
    describes = converting()[0]
    right = "updateable" if name == "Lead" else "createable"
    problems = converting(**{name: replace(describes[name], **{right: False})})[1]

    told = {"Account": "a conversion makes Account rows", "Lead": "a Lead may not be converted"}
    assert any(each.startswith(told[name]) for each in problems)
    assert all("Retail_Integration" in each for each in problems)


def test_no_status_is_asked_for_where_no_lead_is_converted() -> None:
    """Nor what an account is."""
    describes, _ = preflight(ALL, answering({**org(), "LeadStatus": ObjectDescribe("LeadStatus", {})}))

    assert "LeadStatus" not in describes
