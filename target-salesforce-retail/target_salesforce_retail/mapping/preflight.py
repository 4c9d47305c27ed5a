"""Holds every mapping against what the org has, before the first write; all problems at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from target_salesforce_retail.mapping.account_problems import account_problems
from target_salesforce_retail.mapping.convert_preflight import (
    Find,
    convert_problems,
    find_nothing,
    objects_to_convert,
    with_statuses,
)
from target_salesforce_retail.mapping.features import feature_problems
from target_salesforce_retail.mapping.match_keys import can_be_asked
from target_salesforce_retail.mapping.match_rules import MatchRule
from target_salesforce_retail.mapping.places import Place, did_you_mean
from target_salesforce_retail.mapping.profile_preflight import HIDDEN, profile_problems
from target_salesforce_retail.mapping.rules import (
    FieldRule,
    Mappings,
    OnMany,
    OnMatch,
    PhoneKeyRule,
    ReferenceRule,
    Stale,
    StreamMapping,
    Update,
)
from target_salesforce_retail.metadata import CURRENCY, LAST_ACTIVITY, FieldDescribe, ObjectDescribe
from target_salesforce_retail.nouns import Value

WORDS = frozenset({"string", "email", "phone", "picklist", "combobox", "textarea", "url", "id", "reference"})
DAYS = frozenset({"date"})
"""Types of fields in which a match key is looked for."""
LONGEST_NUMBER = 16
"""Characters of a number in E.164: a plus and fifteen digits."""
RIGHTS = "is Retail_Integration assigned?"


def preflight(
    mappings: Mappings, describe: Callable[[Sequence[str]], dict[str, ObjectDescribe]], find: Find = find_nothing
) -> tuple[dict[str, ObjectDescribe], list[str]]:
    """The describes of all objects that the mappings name, and every problem, each with file:line.

    Args:
        mappings: The mappings.
        describe: Says what the org has under these names.
        find: Finds records of the org; asked only where leads are converted.
    """
    named = {name: mapping.at for mapping in mappings.ordered for name in reversed(mapping.looked_at)}
    named |= {rule.object: rule.at for mapping in mappings.ordered if (rule := mapping.profile)}
    wanted = list(dict.fromkeys([*named, *objects_to_convert(mappings)]))
    describes = with_statuses(describe(wanted), find)
    problems = [
        f"{at}: the org has no object `{name}`, or hides it" for name, at in named.items() if name not in describes
    ]
    for mapping in mappings.ordered:
        for name in mapping.objects:
            if name in describes:
                problems += _object_problems(mapping, describes[name])
        problems += _reference_problems(mapping, mappings, describes)
        problems += account_problems(mapping, describes)
        problems += convert_problems(mapping, describes)
        problems += _nowhere(mapping, describes)
        if mapping.profile and mapping.profile.object in describes:
            of_profiles = describes[mapping.profile.object]
            problems += profile_problems(mapping.profile, of_profiles)
            problems += [each for rule in mapping.match for each in _match_problems(rule, mapping, of_profiles)]
    return describes, list(dict.fromkeys(problems))


def _object_problems(mapping: StreamMapping, describe: ObjectDescribe) -> Iterator[str]:
    yield from _key_problems(mapping, describe)
    for rule in mapping.fields:
        if not rule.only or describe.name in rule.only:
            yield from _field_problems(rule, mapping, describe)
    yield from _set_problems(mapping, describe)
    for key in mapping.phone_keys:
        if not key.only or describe.name in key.only:
            yield from _phone_key_problems(key, mapping, describe)
    for match in mapping.match:
        for field in match.fields(describe.name) if describe.name in match.objects else ():
            yield from _unknown_field(field, describe, match.at)
        yield from _match_problems(match, mapping, describe)
    if mapping.on_many is OnMany.MOST_RECENTLY_ACTIVE and LAST_ACTIVITY not in describe.fields:
        at = mapping.at_key("on_many")
        yield f"{at}: {describe.name} has no {LAST_ACTIVITY}: allow activities on it, or choose another `on_many`"
    yield from _right_problems(mapping, describe)
    yield from feature_problems(mapping, describe)
    if describe.name in mapping.created:
        yield from _required_problems(mapping, describe)


def _nowhere(mapping: StreamMapping, describes: Mapping[str, ObjectDescribe]) -> Iterator[str]:
    """Fields that no object has of which a person is to be told."""
    known = [describes[name] for name in mapping.objects if name in describes]
    for rule in mapping.retired:
        for name in rule.set if known else ():
            if not any(name in each.fields for each in known):
                yield from _unknown_field(name, known[0], rule.at)


def _match_problems(rule: MatchRule, mapping: StreamMapping, describe: ObjectDescribe) -> Iterator[str]:
    """What a look-up would be refused for, or could never find."""
    of_profiles = mapping.profile is not None and describe.name == mapping.profile.object
    filling = mapping.profile.fields if mapping.profile and of_profiles else mapping.fields
    filled = {each.name for each in filling if each.convert == "phone"}
    filled |= set() if of_profiles else {each.name for each in mapping.phone_keys}
    for comparison in rule.comparisons if describe.name in rule.objects else ():
        for name in comparison.to[describe.name]:
            if field := describe.fields.get(name):
                if comparison.by == "phone" and name not in filled and not field.key_like:
                    beside = "with `as: phone` in `profile`" if of_profiles else f"(`key_of: {name}`)"
                    yield (
                        f"{rule.at}: `by: phone` cannot ask for {describe.name}.{name}, where people write a number in "
                        f"many ways: give it a key {beside} in a field beside it"
                    )
                for why in _no_match_field(comparison.by, field):
                    yield f"{rule.at}: `by: {comparison.by}` cannot look into {describe.name}.{name}, {why}"


def _no_match_field(by: str, field: FieldDescribe) -> Iterator[str]:
    if field.type not in (DAYS if by == "date" else WORDS) and field.type != "anyType":
        yield f"which is a {field.type}"
    elif can_be_asked(by) and not field.filterable:
        yield "which no query can ask for"
    elif field.case_sensitive and by in ("text", "email"):
        yield "which tells AB from ab: the kind does not"


def _right_problems(mapping: StreamMapping, describe: ObjectDescribe) -> Iterator[str]:
    creates = describe.name in mapping.created
    policies = [mapping.on_match.get(describe.name, OnMatch.UPDATE)]
    policies += [mapping.convert.otherwise] if mapping.convert and policies[0] is OnMatch.CONVERT else []
    updates = OnMatch.UPDATE in policies
    deletes = mapping.parent is not None and mapping.parent.stale is Stale.DELETE
    wanted = {
        "created": creates and not describe.createable,
        "updated": updates and not describe.updateable,
        "deleted": deletes and not describe.deletable,
    }
    for what in (each for each, is_missing in wanted.items() if is_missing):
        yield f"{mapping.at}: {describe.name} may not be {what} by the integration user; {RIGHTS}"


def _key_problems(mapping: StreamMapping, describe: ObjectDescribe) -> Iterator[str]:
    yield from _unknown_field(mapping.key.field, describe, mapping.key.at)
    field = describe.fields.get(mapping.key.field)
    if field and not (field.key_like and field.unique):
        yield f"{mapping.key.at}: {describe.name}.{field.name} is no unique external id"


def _unknown_field(name: str, describe: ObjectDescribe, at: Place) -> Iterator[str]:
    if name not in describe.fields:
        hint = did_you_mean(name, describe.fields) or f"; {HIDDEN}"
        yield f"{at}: {describe.name} has no field `{name}`{hint}"


def _field_problems(rule: FieldRule, mapping: StreamMapping, describe: ObjectDescribe) -> Iterator[str]:
    yield from _unknown_field(rule.name, describe, rule.at)
    field = describe.fields.get(rule.name)
    if field is None:
        return
    if describe.name in mapping.created and not field.createable:
        yield f"{rule.at}: {describe.name}.{rule.name} cannot be set on create"
    if rule.update is not Update.NEVER and not field.updateable:
        yield f"{rule.at}: {describe.name}.{rule.name} cannot be updated; say `update: never`"
    yield from _picklist_problems(rule.constant, field, describe, rule.at)
    yield from _address_problems(rule, describe)


def _phone_key_problems(rule: PhoneKeyRule, mapping: StreamMapping, describe: ObjectDescribe) -> Iterator[str]:
    """What would keep a phone key from being filled, or from being asked for."""
    yield from _unknown_field(rule.name, describe, rule.at)
    yield from _unknown_field(rule.of, describe, rule.at)
    if (field := describe.fields.get(rule.name)) is None:
        return
    creates = describe.name in mapping.created
    if not field.updateable or (creates and not field.createable):
        yield f"{rule.at}: {describe.name}.{rule.name} cannot be written; {RIGHTS}"
    if 0 < field.length < LONGEST_NUMBER:
        yield f"{rule.at}: {describe.name}.{rule.name} is shorter than the {LONGEST_NUMBER} characters of a number"


def _set_problems(mapping: StreamMapping, describe: ObjectDescribe) -> Iterator[str]:
    """What a record sets that is gone from the shop, else found out at the first one."""
    if mapping.deleted:
        yield from _constant_problems("deleted", mapping.deleted.set, mapping.deleted.at, describe)
    for retired in mapping.retired:
        there = {name: value for name, value in retired.set.items() if name in describe.fields}
        yield from _constant_problems("retired", there, retired.at, describe)


def _constant_problems(key: str, set_to: Mapping[str, Value], at: Place, describe: ObjectDescribe) -> Iterator[str]:
    for name, value in set_to.items():
        yield from _unknown_field(name, describe, at)
        if field := describe.fields.get(name):
            if not field.updateable:
                yield f"{at}: {describe.name}.{name} cannot be updated, so `{key}` cannot set it"
            if field.type == "boolean" and not isinstance(value, bool):
                yield f"{at}: {describe.name}.{name} is a checkbox: `{key}` may set it to true or false"
            if value is None and not field.nillable and field.type != "boolean":
                yield f"{at}: {describe.name}.{name} cannot be blank: `{key}` may set it to a word of yours"
            yield from _picklist_problems(value, field, describe, at)


def _picklist_problems(value: Value, field: FieldDescribe, describe: ObjectDescribe, at: Place) -> Iterator[str]:
    if field.picklist and isinstance(value, str) and value not in field.picklist:
        hint = did_you_mean(value, field.picklist)
        yield f"{at}: `{value}` is no value of the restricted picklist {describe.name}.{field.name}{hint}"


def _address_problems(rule: FieldRule, describe: ObjectDescribe) -> Iterator[str]:
    """A constant state or country that the org's list has not: it would be left out of every record."""
    codes = describe.fields.get(f"{rule.name}Code")
    if codes is None or not rule.name.endswith(("State", "Country")) or not isinstance(rule.constant, str):
        return
    listed = {text.casefold(): text for choice in codes.choices for text in (choice.value, choice.label)}
    if rule.constant.casefold() not in listed:
        hint = did_you_mean(rule.constant, list(listed.values()))
        yield f"{rule.at}: `{rule.constant}` is not in the org's list for {describe.name}.{rule.name}{hint}"


def _required_problems(mapping: StreamMapping, describe: ObjectDescribe) -> Iterator[str]:
    """Fields without which the org refuses a new record."""
    lookups = {field for rule in mapping.links for field in rule.fields.values()}
    mapped = {rule.name for rule in mapping.fields if not rule.only or describe.name in rule.only}
    # Of a state or country the code and the text are one value
    filled = {*mapped, *(f"{name}Code" for name in mapped), *lookups, mapping.key.field}
    filled |= {CURRENCY} if mapping.currency else set()
    for field in describe.fields.values():
        if field.demanded and field.name not in filled:
            yield f"{mapping.at}: {describe.name}.{field.name} is required on create, and nothing fills it"


def _reference_problems(
    mapping: StreamMapping, mappings: Mappings, describes: Mapping[str, ObjectDescribe]
) -> Iterator[str]:
    for rule in mapping.links:
        other = mappings.of(rule.stream)
        for name in mapping.objects:
            if name in describes and other:
                yield from _lookup_problems(rule, describes[name], other.objects)
                yield from _follow_problems(rule, describes[name])


def _follow_problems(rule: ReferenceRule, describe: ObjectDescribe) -> Iterator[str]:
    field = describe.fields.get(rule.follow) if rule.follow else None
    if field and not field.filterable:
        yield f"{rule.at}: `follow` cannot look into {describe.name}.{field.name}, which no query can ask for"


def _lookup_problems(rule: ReferenceRule, describe: ObjectDescribe, found: tuple[str, ...]) -> Iterator[str]:
    for wanted, field_name in rule.fields.items():
        yield from _unknown_field(field_name, describe, rule.at)
        field = describe.fields.get(field_name)
        targets = found if wanted == "*" else (wanted,)
        if field and not set(targets) <= set(field.refers_to):
            yield f"{rule.at}: {describe.name}.{field_name} does not refer to {' and '.join(targets)}"
        if field and rule.update is not Update.NEVER and not field.updateable:
            yield f"{rule.at}: {describe.name}.{field_name} cannot be updated; say `update: never`"
    for each in found:
        if each not in rule.fields and "*" not in rule.fields:
            yield f"{rule.at}: `{rule.label}` may find a {each}, and `to` names no field for it"
