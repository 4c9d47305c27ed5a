"""What an org may have for good: person accounts, several currencies, record types, codes of states and countries.

Source: docs/vendors/salesforce.md, person accounts, currencies, states.
"""

from __future__ import annotations

from dataclasses import replace

from sandbox.salesforce.addresses import with_codes
from sandbox.salesforce.record_types import with_record_types
from sandbox.salesforce.schema import Field, Schema, SObject
from sandbox.salesforce.standard import opt_out_fields, person_account_fields
from sandbox.switches import Switches

CURRENCIES = ("USD", "CAD", "EUR")  # the first is the corporate one
_NOT_WRITTEN = frozenset({"OpportunityLineItem", "OrderItem"})
_MONEYLESS = frozenset(
    {"Organization", "RecordType", "LeadStatus", "Task", "Individual", "CurrencyType", "Case", "Event"}
)


def varied(schema: Schema, switches: Switches) -> Schema:
    """The schema with what the switches add to it."""
    if switches.opt_outs_granted:
        schema = schema.merged([], {name: opt_out_fields() for name in ("Contact", "Lead")})
    if switches.person_accounts:
        schema = _with_persons(schema)
    if switches.record_types:
        schema = with_record_types(schema)
    if switches.state_country_picklists:
        schema = with_codes(schema)
    return _with_currencies(schema) if switches.multi_currency else schema


def _with_persons(schema: Schema) -> Schema:
    contact = schema.objects["contact"]
    mirrors = [
        replace(one, name=f"{one.name.removesuffix('__c')}__pc", unique=False, external_id=False, id_lookup=False)
        for one in contact.fields.values()
        if one.custom
    ]
    granted = [replace(one, name=f"Person{one.name}") for one in opt_out_fields() if contact.field(one.name)]
    company = replace(schema.objects["lead"].fields["company"], nillable=True)
    is_person = Field("IsPersonAccount", "boolean", "Is Person Account", 0, nillable=False, defaulted=True)
    closed = replace(is_person, createable=False, updateable=False)
    return schema.merged(
        [], {"Account": [*person_account_fields(), *granted, *mirrors], "Contact": [closed], "Lead": [company]}
    )


def _with_currencies(schema: Schema) -> Schema:
    codes = {one.name: [_code(one)] for one in schema.objects.values() if one.name not in _MONEYLESS}
    return schema.merged([_currency_type(schema)], codes)


def _code(sobject: SObject) -> Field:
    is_open = sobject.name not in _NOT_WRITTEN
    return Field(
        "CurrencyIsoCode",
        "picklist",
        "Currency ISO Code",
        3,
        createable=is_open,
        updateable=is_open and sobject.name != "PricebookEntry",
        defaulted=True,
        default=CURRENCIES[0],
        picklist=list(CURRENCIES),
        restricted=True,
    )


def _currency_type(schema: Schema) -> SObject:
    """The list of currencies; its system fields are those of any object."""
    system = {
        name: schema.objects["user"].fields[name] for name in ("id", "isdeleted", "createddate", "systemmodstamp")
    }
    own = [
        Field("IsoCode", "picklist", "Currency ISO Code", 255, nillable=False, picklist=list(CURRENCIES)),
        Field("ConversionRate", "double", "Conversion Rate", 0, 18, 6, nillable=False),
        Field("IsActive", "boolean", "Active", nillable=False, defaulted=True),
        Field("IsCorporate", "boolean", "Corporate Currency", nillable=False, createable=False, defaulted=True),
    ]
    fields = {**system, **{one.name.lower(): one for one in own}}
    return SObject("CurrencyType", "Currency Type", "01L", fields, plural="Currency Types", createable=False)
