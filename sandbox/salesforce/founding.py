"""What an org has before anybody has used it: two users, itself, the standard price book, the states of leads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sandbox.salesforce.persons import BUSINESS_TYPE, PERSON_TYPE
from sandbox.salesforce.record_types import kinds
from sandbox.salesforce.variants import CURRENCIES
from sandbox.switches import Switches

_LEAD_STATES = (
    ("Open - Not Contacted", True, False),
    ("Working - Contacted", False, False),
    ("Closed - Converted", False, True),
    ("Closed - Not Converted", False, False),
)
_ALWAYS: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "User",
        {
            "Username": "integration@sandbox.example",
            "Email": "integration@sandbox.example",
            "Alias": "integ",
            "LastName": "Integration",
            "Name": "Integration",
            "IsActive": True,
        },
    ),
    (
        "User",
        {
            "Username": "admin@sandbox.example",
            "Email": "admin@sandbox.example",
            "Alias": "admin",
            "LastName": "Admin",
            "Name": "Admin",
            "IsActive": True,
        },
    ),
    (
        "Organization",
        {"Name": "Sandbox", "OrganizationType": "Developer Edition", "InstanceName": "SBX1", "IsSandbox": False},
    ),
    ("Pricebook2", {"Name": "Standard Price Book", "IsActive": True, "IsStandard": True}),
    *(
        (
            "LeadStatus",
            {"MasterLabel": name, "ApiName": name, "SortOrder": place, "IsDefault": default, "IsConverted": converted},
        )
        for place, (name, default, converted) in enumerate(_LEAD_STATES, 1)
    ),
)


def founded(switches: Switches) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every such row with its object."""
    yield from _ALWAYS
    if switches.person_accounts:
        for name, is_person in ((BUSINESS_TYPE, False), (PERSON_TYPE, True)):
            yield "RecordType", _kind(name, "Account", is_person=is_person)
    if switches.record_types:
        for sobject, name in kinds():
            yield "RecordType", _kind(name, sobject)
    if switches.multi_currency:
        for code in CURRENCIES:
            is_corporate = code == CURRENCIES[0]
            rate = {"IsActive": True, "IsCorporate": is_corporate, "ConversionRate": 1}
            yield "CurrencyType", {"IsoCode": code, **rate}


def _kind(name: str, sobject: str, *, is_person: bool = False) -> dict[str, Any]:
    names = {"Name": name, "DeveloperName": name, "SobjectType": sobject}
    return {**names, "IsPersonType": is_person, "IsActive": True}
