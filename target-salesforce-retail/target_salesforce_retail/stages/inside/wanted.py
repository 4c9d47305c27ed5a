"""Wanted values: what a mapping wants a row's fields to hold, key and lookups too, and when that may be changed.

Two profiles of Ann want another e-mail in her contact. The one whose key is stamped there owns it, and its value takes
the place of what is there; the other's is wanted too, and only fills a blank.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass

from target_salesforce_retail.mapping.rules import FieldRule, Missing, OnNull, ReferenceRule, StreamMapping, Update
from target_salesforce_retail.metadata import RECORD_TYPE, ObjectDescribe
from target_salesforce_retail.nouns import Match, Reference, Value


@dataclass(frozen=True)
class WantedValue:
    """A value for a field, and when it may change what is there.

    Attributes:
        field: The field.
        value: The value; None to clear.
        update: When it may change what is there.
        on_null: What None does.
        anew: Also where it is there already, for what it means changes with another field.
        rule: The rule it comes from; None for keys, lookups, and what a deleted record sets.
        stands_in: It fills a field that the org demands of a new record, in place of a value that was left out.
    """

    field: str
    value: Value
    update: Update
    on_null: OnNull = OnNull.KEEP
    anew: bool = False
    rule: FieldRule | None = None
    stands_in: bool = False


def unresolved(match: Match, mapping: StreamMapping) -> Iterator[tuple[Reference, Missing]]:
    """References that could not be resolved, with what to do about it."""
    how = {rule.label: rule.missing for rule in mapping.links}
    for reference in match.draft.references:
        if reference.label not in match.found and not match.draft.deleted:
            yield reference, how[reference.label]


def wanted_values(match: Match, mapping: StreamMapping, describe: ObjectDescribe) -> Iterator[WantedValue]:
    """Everything the mapping wants of a record of this object, key and lookups included."""
    if match.owns and not match.draft.arrival.fills:
        key = None if match.draft.releases else match.draft.key
        yield WantedValue(mapping.key.field, key, Update.ALWAYS, OnNull.CLEAR)
    if match.draft.deleted or match.draft.retirement:
        set_to = match.draft.values.items()
        has = describe.fields
        yield from (WantedValue(name, value, Update.ALWAYS, OnNull.CLEAR) for name, value in set_to if name in has)
        return
    for rule in mapping.fields:
        if rule.name in match.draft.values and rule.serves(describe.name):
            yield WantedValue(rule.name, match.draft.values[rule.name], rule.update, rule.on_null, rule=rule)
    missing = set(match.draft.cleared)
    if not match.draft.arrival.fills:  # our own request takes nothing away
        missing |= {reference.label for reference, _ in unresolved(match, mapping)}
    for link in mapping.links:
        yield from _lookups(link, match, missing, mapping)


def fallback_values(match: Match, mapping: StreamMapping, describe: ObjectDescribe) -> Iterator[WantedValue]:
    """What the mapping would want if it were sound; each with what steps in for it in a new record."""
    for rule in mapping.fields:
        if rule.name in match.draft.fallbacks and rule.serves(describe.name):
            yield WantedValue(rule.name, match.draft.fallbacks[rule.name], rule.update, rule=rule, stands_in=True)


def record_type_of(mapping: StreamMapping, describe: ObjectDescribe) -> dict[str, Value]:
    """The record type that the mapping gives to new records: it is a person's to change from then on."""
    found = next((each.id for each in describe.record_types if each.name == mapping.record_type), None)
    return {RECORD_TYPE: found} if found else {}


def may_change(wanted: WantedValue, *, empty: bool, owns: bool) -> bool:
    """Whether a value may change what is there.

    Args:
        wanted: The value that is wanted.
        empty: Whether the field holds nothing yet.
        owns: Whether the record may be told more than what it leaves blank.
    """
    if wanted.value is None:
        return owns and wanted.on_null is OnNull.CLEAR and wanted.update is Update.ALWAYS
    return may_write(wanted, empty=empty, owns=owns)


def may_write(wanted: WantedValue, *, empty: bool, owns: bool) -> bool:
    """Whether a wanted value, whatever it is, may take the place of what is there; see ``may_change``."""
    return wanted.update is not Update.NEVER and (empty or (owns and wanted.update is Update.ALWAYS))


def _lookups(link: ReferenceRule, match: Match, missing: Set[str], mapping: StreamMapping) -> Iterator[WantedValue]:
    """The lookup to what was found; the link's other lookups are cleared, and all of them when there is nobody."""
    place = match.found.get(link.label)
    if place is None and link.label not in missing:
        return
    is_parent = bool(mapping.parent and link is mapping.parent.reference)
    update = Update.ALWAYS if is_parent else link.update
    for field, value in lookups_to(link, place).items():
        yield WantedValue(field, value, update, OnNull.KEEP if value else OnNull.CLEAR)


def lookups_to(link: ReferenceRule, place: tuple[str, str] | None) -> dict[str, str | None]:
    """Lookup field -> the id it is to hold: one for the object that was found, None in all others."""
    filled = (link.fields.get(place[0]) or link.fields.get("*")) if place else None
    blank: dict[str, str | None] = dict.fromkeys(link.fields.values())
    return {**blank, filled: place[1]} if place and filled else blank
