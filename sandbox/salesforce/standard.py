"""The schema of an org into which nobody has deployed anything, read from our tables."""

from __future__ import annotations

import re

from sandbox.salesforce.schema import Field, Schema, SObject
from sandbox.salesforce.tables import ADDRESS, LOCKED_OBJECTS, OBJECTS, PICKLISTS, SYSTEM
from sandbox.salesforce.tables.people import OPT_OUTS, PERSON_ACCOUNT

_DEFAULTS: dict[tuple[str, str], str | bool] = {
    ("Case", "Status"): "New",
    ("Case", "Priority"): "Medium",
    ("Event", "ShowAs"): "Busy",
    ("Event", "GroupEventType"): "0",
    ("Lead", "Status"): "Open - Not Contacted",
    ("Lead", "IsUnreadByOwner"): True,
    ("Task", "Status"): "Not Started",
    ("Task", "Priority"): "Normal",
}
# From this child the parent cannot be reached by name (recorded).
_ONE_WAY = frozenset({("Opportunity", "ContactId"), ("Event", "RecurrenceActivityId")})
# What hangs under a deleted parent goes with it; every other lookup is cleared.
_CASCADES = frozenset(
    {
        ("Contact", "AccountId"),
        ("Event", "WhatId"),
        ("Event", "WhoId"),
        ("Opportunity", "AccountId"),
        ("OpportunityContactRole", "OpportunityId"),
        ("OpportunityLineItem", "OpportunityId"),
        ("PricebookEntry", "Product2Id"),
        ("OrderItem", "OrderId"),
        ("Task", "WhatId"),
        ("Task", "WhoId"),
    }
)
# A price that is used can be deactivated, not deleted (docs/vendors/salesforce.md, prices); who has a case stays
# (recorded).
_RESTRICTS = frozenset(
    {
        ("Case", "AccountId"),
        ("Case", "ContactId"),
        ("OpportunityLineItem", "PricebookEntryId"),
        ("OrderItem", "PricebookEntryId"),
    }
)
_NUMBERS = {
    ("Case", "CaseNumber"): "{00000000}",
    ("Order", "OrderNumber"): "{00000000}",
    ("OrderItem", "OrderItemNumber"): "{0000000000}",
}
_CHILD_NAMES = {
    ("Account", "ParentId"): "ChildAccounts",
    ("Case", "AccountId"): "Cases",
    ("Case", "ContactId"): "Cases",
    ("Case", "ParentId"): "Cases",
    ("Contact", "AccountId"): "Contacts",
    ("Event", "RecurrenceActivityId"): "RecurringEvents",
    ("Event", "WhatId"): "Events",
    ("Event", "WhoId"): "Events",
    ("Opportunity", "AccountId"): "Opportunities",
    ("Opportunity", "ContactId"): "Opportunities",
    ("OpportunityContactRole", "OpportunityId"): "OpportunityContactRoles",
    ("OpportunityContactRole", "ContactId"): "OpportunityContactRoles",
    ("OpportunityLineItem", "OpportunityId"): "OpportunityLineItems",
    ("Order", "AccountId"): "Orders",
    ("OrderItem", "OrderId"): "OrderItems",
    ("PricebookEntry", "Pricebook2Id"): "PricebookEntries",
    ("PricebookEntry", "Product2Id"): "PricebookEntries",
    ("Task", "WhoId"): "Tasks",
    ("Task", "WhatId"): "Tasks",
}
_LINE = re.compile(r"(\w+) (\w+)(?:\(([^)]*)\))? (\S+) (.+?)(?: = (\w+))?")


def standard_schema() -> Schema:
    """The schema of an org into which nobody has deployed anything."""
    return Schema([_sobject(heading, table) for heading, table in OBJECTS.items()])


def system_fields(label: str) -> list[Field]:
    """The fields every object has, custom ones too."""
    return [_field("", line) for line in SYSTEM.format(label=label).split("\n") if line]


def person_account_fields() -> list[Field]:
    """What Account has besides, and otherwise, where person accounts are on."""
    return [field for line in PERSON_ACCOUNT.split("\n") if line for field in _fields("Account", line)]


def opt_out_fields() -> list[Field]:
    """What contacts and leads have for those to whom field-level security grants it."""
    return [_field("", line) for line in OPT_OUTS.split("\n") if line]


def _sobject(heading: str, table: str) -> SObject:
    name, prefix, plural = heading.split(" ", 2)
    label = re.sub(r"(?<=[a-z])(?=[A-Z])|2$", " ", name).strip()
    fields = [*system_fields(label), *(field for line in table.split("\n") if line for field in _fields(name, line))]
    return SObject(
        name=name,
        label=label,
        key_prefix=prefix,
        fields={field.name.lower(): field for field in fields},
        plural=plural,
        createable=name not in LOCKED_OBJECTS,
    )


def _fields(owner: str, line: str) -> list[Field]:
    if not line.startswith("@address"):
        return [_field(owner, line)]
    part = line.removeprefix("@address").strip()
    word = part.removeprefix("Person")
    lines = ADDRESS.format(part=part, word=f"{word} " if word else "").split("\n")
    return [_field(owner, one, compound=f"{part}Address") for one in lines if one]


def _field(owner: str, line: str, *, compound: str | None = None) -> Field:
    parts = _LINE.fullmatch(line)
    if parts is None:
        message = f"the standard table of {owner} has a line that is no field: {line!r}"
        raise ValueError(message)
    name, kind, size, flags, label, picklist = parts.groups(default="")
    is_reference = kind == "ref"
    digits = [] if is_reference else [int(number) for number in size.split(",") if number]
    return Field(
        name=name,
        type="reference" if is_reference else kind,
        label=label,
        length=18 if is_reference else digits[0] if len(digits) == 1 else 0,
        precision=digits[0] if len(digits) == 2 else 0,
        scale=digits[1] if len(digits) == 2 else 0,
        nillable="n" in flags,
        createable="c" in flags,
        updateable="u" in flags,
        id_lookup="k" in flags,
        defaulted="d" in flags,
        default=_DEFAULTS.get((owner, name)),
        refers_to=size.split("/") if is_reference else [],
        relationship=name.removesuffix("Id") if is_reference and (owner, name) not in _ONE_WAY else None,
        picklist=PICKLISTS[picklist].split(";") if picklist else [],
        restricted="r" in flags,
        name_field="N" in flags,
        compound=None if kind == "address" else compound or _compound(name, flags),
        child_name=_CHILD_NAMES.get((owner, name)),
        delete_constraint=_delete_constraint(owner, name),
        number_format=_NUMBERS.get((owner, name)),
    )


def _delete_constraint(owner: str, name: str) -> str:
    if (owner, name) in _RESTRICTS:
        return "Restrict"
    return "Cascade" if (owner, name) in _CASCADES else "SetNull"


def _compound(name: str, flags: str) -> str | None:
    if name in {"FiscalQuarter", "FiscalYear"}:
        return "Fiscal"
    return "Name" if "p" in flags else None
