"""Holds `account` of a mapping against what the org has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from target_salesforce_retail.mapping.places import did_you_mean
from target_salesforce_retail.mapping.rules import AccountRule, StreamMapping
from target_salesforce_retail.metadata import CURRENCY, ObjectDescribe


def account_problems(mapping: StreamMapping, describes: Mapping[str, ObjectDescribe]) -> Iterator[str]:
    """What would refuse an account that is made, or the record that hangs on it; what could never be found."""
    for rule in mapping.accounts:
        if mapping.created <= describes.keys():
            yield from _lookup_problems(rule, [describes[name] for name in mapping.objects if name in mapping.created])
        if rule.object in describes:
            yield from _problems(rule, describes[rule.object])


def _lookup_problems(rule: AccountRule, created: Sequence[ObjectDescribe]) -> Iterator[str]:
    """One of several has to have the lookup: a lead has no account, and the contact beside it has."""
    fields = {each.name: field for each in created if (field := each.fields.get(rule.lookup))}
    if created and not fields:
        first, *others = (each.name for each in created)
        nor = "".join(f", nor has {name}" for name in others)
        hint = did_you_mean(rule.lookup, {name for each in created for name in each.fields})
        yield f"{rule.at}: {first} has no field `{rule.lookup}`{nor}{hint}"
    for name, field in fields.items():
        if rule.object not in field.refers_to:
            yield f"{rule.at}: {name}.{rule.lookup} does not refer to {rule.object}"
        elif not field.createable:
            yield f"{rule.at}: {name}.{rule.lookup} cannot be set on create"


def _problems(rule: AccountRule, describe: ObjectDescribe) -> Iterator[str]:
    if not describe.createable:
        yield f"{rule.at}: {describe.name} may not be created by the integration user"
    for name in (rule.key, *(each.name for each in rule.fields)):
        if name not in describe.fields:
            yield f"{rule.at}: {describe.name} has no field `{name}`{did_you_mean(name, describe.fields)}"
        elif not describe.fields[name].createable:
            yield f"{rule.at}: {describe.name}.{name} cannot be set on create"
    key = describe.fields.get(rule.key)
    if key and not (key.key_like and key.unique):
        yield f"{rule.at}: {describe.name}.{rule.key} is no unique external id"
    found_by = describe.fields.get(rule.found_by or "")
    if found_by and not found_by.filterable:
        yield f"{rule.at}: no query can ask for {describe.name}.{found_by.name}"
    filled = {rule.key, CURRENCY, *(each.name for each in rule.fields)}
    for field in describe.fields.values():
        if field.demanded and field.name not in filled:
            yield f"{rule.at}: {describe.name}.{field.name} is required on create, and nothing fills it"
