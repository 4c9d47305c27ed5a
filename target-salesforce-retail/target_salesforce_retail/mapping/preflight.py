"""Holds every mapping against what the org has, before the first write; all faults at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from target_salesforce_retail.mapping.features import feature_faults
from target_salesforce_retail.mapping.places import did_you_mean
from target_salesforce_retail.mapping.rules import (
    DeletedRule,
    FieldRule,
    Mappings,
    OnMatch,
    OnNone,
    Place,
    ReferenceRule,
    Stale,
    Update,
)
from target_salesforce_retail.mapping.rules import Mapping as Rules
from target_salesforce_retail.nouns import Value
from target_salesforce_retail.shapes import CURRENCY, FieldShape, ObjectShape

HIDDEN = "a field that no permission set grants is invisible: is Retail_Integration assigned?"
RIGHTS = "is Retail_Integration assigned?"


def preflight(
    mappings: Mappings, describe: Callable[[Sequence[str]], dict[str, ObjectShape]]
) -> tuple[dict[str, ObjectShape], list[str]]:
    """The shapes of all objects that the mappings name, and every fault, each with file:line."""
    named = {name: mapping.at for mapping in mappings.ordered for name in reversed(mapping.objects)}
    shapes = describe(list(named))
    faults = [f"{at}: the org has no object `{name}`, or hides it" for name, at in named.items() if name not in shapes]
    for mapping in mappings.ordered:
        for name in mapping.objects:
            if name in shapes:
                faults += _object_faults(mapping, shapes[name])
        faults += _reference_faults(mapping, mappings, shapes)
    return shapes, list(dict.fromkeys(faults))


def _object_faults(mapping: Rules, shape: ObjectShape) -> Iterator[str]:
    yield from _key_faults(mapping, shape)
    for rule in mapping.fields:
        if not rule.only or shape.name in rule.only:
            yield from _field_faults(rule, mapping, shape)
    if mapping.deleted:
        yield from _farewell_faults(mapping.deleted, shape)
    for match in mapping.match:
        for field in (*match.to.get(shape.name, ()), *match.agree):
            yield from _unknown(field, shape, match.at)
    yield from _right_faults(mapping, shape)
    yield from feature_faults(mapping, shape)
    if shape.name == mapping.object and mapping.on_none is OnNone.CREATE:
        yield from _required(mapping, shape)


def _right_faults(mapping: Rules, shape: ObjectShape) -> Iterator[str]:
    creates = shape.name == mapping.object and mapping.on_none is OnNone.CREATE
    updates = mapping.on_match.get(shape.name, OnMatch.UPDATE) is OnMatch.UPDATE
    deletes = mapping.parent is not None and mapping.parent.stale is Stale.DELETE
    wanted = {
        "created": creates and not shape.createable,
        "updated": updates and not shape.updateable,
        "deleted": deletes and not shape.deletable,
    }
    for what in (each for each, is_missing in wanted.items() if is_missing):
        yield f"{mapping.at}: {shape.name} may not be {what} by the integration user; {RIGHTS}"


def _key_faults(mapping: Rules, shape: ObjectShape) -> Iterator[str]:
    yield from _unknown(mapping.key.field, shape, mapping.key.at)
    field = shape.fields.get(mapping.key.field)
    if field and not (field.key_like and field.unique):
        yield f"{mapping.key.at}: {shape.name}.{field.name} is no unique external id"


def _unknown(name: str, shape: ObjectShape, at: Place) -> Iterator[str]:
    if name not in shape.fields:
        hint = did_you_mean(name, shape.fields) or f"; {HIDDEN}"
        yield f"{at}: {shape.name} has no field `{name}`{hint}"


def _field_faults(rule: FieldRule, mapping: Rules, shape: ObjectShape) -> Iterator[str]:
    yield from _unknown(rule.name, shape, rule.at)
    field = shape.fields.get(rule.name)
    if field is None:
        return
    if shape.name == mapping.object and mapping.on_none is OnNone.CREATE and not field.createable:
        yield f"{rule.at}: {shape.name}.{rule.name} cannot be set on create"
    if rule.update is not Update.NEVER and not field.updateable:
        yield f"{rule.at}: {shape.name}.{rule.name} cannot be updated; say `update: never`"
    yield from _unlistable(rule.constant, field, shape, rule.at)
    yield from _unlisted(rule, shape)


def _farewell_faults(rule: DeletedRule, shape: ObjectShape) -> Iterator[str]:
    """What a deleted record sets, else found out at the first one that is deleted."""
    for name, value in rule.set.items():
        yield from _unknown(name, shape, rule.at)
        if field := shape.fields.get(name):
            if not field.updateable:
                yield f"{rule.at}: {shape.name}.{name} cannot be updated, so `deleted` cannot set it"
            if field.type == "boolean" and not isinstance(value, bool):
                yield f"{rule.at}: {shape.name}.{name} is a checkbox: `deleted` may set it to true or false"
            yield from _unlistable(value, field, shape, rule.at)


def _unlistable(value: Value, field: FieldShape, shape: ObjectShape, at: Place) -> Iterator[str]:
    if field.picklist and isinstance(value, str) and value not in field.picklist:
        hint = did_you_mean(value, field.picklist)
        yield f"{at}: `{value}` is no value of the restricted picklist {shape.name}.{field.name}{hint}"


def _unlisted(rule: FieldRule, shape: ObjectShape) -> Iterator[str]:
    """A constant state or country that the org's list has not: it would be left out of every record."""
    codes = shape.fields.get(f"{rule.name}Code")
    if codes is None or not rule.name.endswith(("State", "Country")) or not isinstance(rule.constant, str):
        return
    said = {text.casefold(): text for choice in codes.choices for text in (choice.value, choice.label)}
    if rule.constant.casefold() not in said:
        hint = did_you_mean(rule.constant, list(said.values()))
        yield f"{rule.at}: `{rule.constant}` is not in the org's list for {shape.name}.{rule.name}{hint}"


def _required(mapping: Rules, shape: ObjectShape) -> Iterator[str]:
    """Fields without which the org refuses a new record."""
    lookups = {field for rule in mapping.links for field in rule.fields.values()}
    mapped = {rule.name for rule in mapping.fields if not rule.only or shape.name in rule.only}
    # Of a state or country the code and the text are one value
    filled = {*mapped, *(f"{name}Code" for name in mapped), *lookups, mapping.key.field}
    filled |= {CURRENCY} if mapping.currency else set()
    for field in shape.fields.values():
        if field.demanded and field.name not in filled:
            yield f"{mapping.at}: {shape.name}.{field.name} is required on create, and nothing fills it"


def _reference_faults(mapping: Rules, mappings: Mappings, shapes: Mapping[str, ObjectShape]) -> Iterator[str]:
    for rule in mapping.links:
        other = mappings.of(rule.stream)
        for name in mapping.objects:
            if name in shapes and other:
                yield from _lookup_faults(rule, shapes[name], other.objects)


def _lookup_faults(rule: ReferenceRule, shape: ObjectShape, found: tuple[str, ...]) -> Iterator[str]:
    for wanted, field_name in rule.fields.items():
        yield from _unknown(field_name, shape, rule.at)
        field = shape.fields.get(field_name)
        targets = found if wanted == "*" else (wanted,)
        if field and not set(targets) <= set(field.refers_to):
            yield f"{rule.at}: {shape.name}.{field_name} does not refer to {' and '.join(targets)}"
        if field and rule.update is not Update.NEVER and not field.updateable:
            yield f"{rule.at}: {shape.name}.{field_name} cannot be updated; say `update: never`"
    for each in found:
        if each not in rule.fields and "*" not in rule.fields:
            yield f"{rule.at}: `{rule.label}` may find a {each}, and `to` names no field for it"
