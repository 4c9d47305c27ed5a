"""What an org has before anybody has used it: a user, itself, the standard price book, the states of leads."""

from __future__ import annotations

from typing import Any

_LEAD_STATES = (
    ("Open - Not Contacted", True, False),
    ("Working - Contacted", False, False),
    ("Closed - Converted", False, True),
    ("Closed - Not Converted", False, False),
)
FOUND: tuple[tuple[str, dict[str, Any]], ...] = (
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
