"""What a mapping wants of the record that a draft is: its key, its values, its lookups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

from target_salesforce_retail.mapping.rules import FieldRule, Missing, OnNull, ReferenceRule, Update
from target_salesforce_retail.mapping.rules import Mapping as Rules
from target_salesforce_retail.nouns import Match, Reference, Value
from target_salesforce_retail.shapes import RECORD_TYPE, ObjectShape


@dataclass(frozen=True)
class Wish:
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


def unresolved(match: Match, rules: Rules) -> Iterator[tuple[Reference, Missing]]:
    """References that could not be resolved, with what to do about it."""
    how = {rule.label: rule.missing for rule in rules.links}
    for reference in match.draft.references:
        if reference.label not in match.found and not match.draft.deleted:
            yield reference, how[reference.label]


def wishes(match: Match, rules: Rules, shape: ObjectShape) -> Iterator[Wish]:
    """Everything the mapping wants of a record of this object, key and lookups included."""
    if match.speaks and not match.draft.arrival.fills:
        yield Wish(rules.key.field, match.draft.key, Update.ALWAYS)
    if match.draft.deleted:
        yield from (Wish(name, value, Update.ALWAYS, OnNull.CLEAR) for name, value in match.draft.values.items())
        return
    for rule in rules.fields:
        if rule.name in match.draft.values and _applies(rule, shape.name):
            yield Wish(rule.name, match.draft.values[rule.name], rule.update, rule.on_null, rule=rule)
    missing = {reference.label for reference, _ in unresolved(match, rules)} | match.draft.cleared
    for link in rules.links:
        yield from _lookups(link, match, missing, rules)


def unsaid(match: Match, rules: Rules, shape: ObjectShape) -> Iterator[Wish]:
    """What the mapping would want if it were sound; each with what steps in for it in a new record."""
    for rule in rules.fields:
        if rule.name in match.draft.left_out and _applies(rule, shape.name):
            yield Wish(rule.name, match.draft.left_out[rule.name], rule.update, rule=rule, stands_in=True)


def kind_of(rules: Rules, shape: ObjectShape) -> dict[str, Value]:
    """The record type that the mapping gives to new records: it is a person's to change from then on."""
    found = next((each.id for each in shape.record_types if each.name == rules.record_type), None)
    return {RECORD_TYPE: found} if found else {}


def may_change(wish: Wish, *, empty: bool, speaks: bool) -> bool:
    """Whether a wish may change what is there.

    Args:
        wish: The wish.
        empty: Whether the field holds nothing yet.
        speaks: Whether the record may be told more than what it leaves blank.
    """
    if wish.value is None:
        return speaks and wish.on_null is OnNull.CLEAR and wish.update is Update.ALWAYS
    return may_write(wish, empty=empty, speaks=speaks)


def may_write(wish: Wish, *, empty: bool, speaks: bool) -> bool:
    """Whether a value of the wish, whatever it is, may take the place of what is there; see ``may_change``."""
    return wish.update is not Update.NEVER and (empty or (speaks and wish.update is Update.ALWAYS))


def _lookups(link: ReferenceRule, match: Match, missing: Set[str], rules: Rules) -> Iterator[Wish]:
    """The lookup to what was found; the link's other lookups are cleared, and all of them when there is nobody."""
    place = match.found.get(link.label)
    if place is None and link.label not in missing:
        return
    moves = bool(rules.parent and link is rules.parent.reference)
    update = Update.ALWAYS if moves else link.update
    filled = _filled_by(link.fields, place[0]) if place else ()
    for field in filled:
        yield Wish(field, place[1] if place else None, update)
    for field in dict.fromkeys(link.fields.values()):
        if field not in filled:
            yield Wish(field, None, update, OnNull.CLEAR)


def _applies(rule: FieldRule, name: str) -> bool:
    return not rule.only or name in rule.only


def _filled_by(fields: Mapping[str, str], found: str) -> tuple[str, ...]:
    field = fields.get(found) or fields.get("*")
    return (field,) if field else ()
