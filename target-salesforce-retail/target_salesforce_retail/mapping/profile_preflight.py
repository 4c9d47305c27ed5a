"""Holds the object of profiles against what the org has of it."""

from __future__ import annotations

from collections.abc import Iterator

from target_salesforce_retail.mapping.places import did_you_mean
from target_salesforce_retail.mapping.profile import ProfileRule, Status
from target_salesforce_retail.metadata import FieldDescribe, ObjectDescribe

HIDDEN = "a field that no permission set grants is invisible: is Retail_Integration assigned?"
LONGEST_ID = 18
TEXTS = frozenset({"string", "textarea", "picklist", "combobox", "anyType"})


def profile_problems(rule: ProfileRule, describe: ObjectDescribe) -> Iterator[str]:
    """What a profile's row would be refused for."""
    for name in rule.all_fields:
        field = describe.fields.get(name)
        if field is None:
            hint = did_you_mean(name, describe.fields) or f"; {HIDDEN}"
            yield f"{rule.at}: {describe.name} has no field `{name}`{hint}"
        else:
            yield from _field_problems(rule, field, describe)
    if not (describe.createable and describe.updateable):
        yield f"{rule.at}: {describe.name} may not be created and updated by the integration user; {HIDDEN}"
    for field in describe.fields.values():
        if field.demanded and field.name not in rule.all_fields:
            yield f"{rule.at}: {describe.name}.{field.name} is required on create, and nothing fills it"


def _field_problems(rule: ProfileRule, field: FieldDescribe, describe: ObjectDescribe) -> Iterator[str]:
    where = f"{rule.at}: {describe.name}.{field.name}"
    if field.name == rule.key:
        if not (field.key_like and field.unique):
            yield f"{where} is no unique external id"
        return
    if not (field.createable and field.updateable):
        yield f"{where} cannot be written by the integration user"
    persons = [name for name, lookup in rule.person.items() if lookup == field.name]
    for name in persons:
        if name not in field.refers_to:
            yield f"{where} does not refer to {name}"
    if field.name in rule.own_fields and not persons:
        yield from _text_problems(rule, field, where)


def _text_problems(rule: ProfileRule, field: FieldDescribe, where: str) -> Iterator[str]:
    if field.type not in TEXTS:
        yield f"{where} is a {field.type}, and should be a text"
    elif field.type == "string" and 0 < field.length < LONGEST_ID:
        yield f"{where} is too short for an id"
    if field.name == rule.status and field.picklist:
        for value in (each.value for each in Status if each.value not in field.picklist):
            yield f"{where} lacks the value `{value}`"
