"""Draft against what the org holds, under the mapping's rules: what do we intend? Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from target_salesforce_retail.mapping.convert import fill, is_blank
from target_salesforce_retail.mapping.rules import FieldRule, Mappings, Missing, OnMatch, OnNone, OnNull, Update
from target_salesforce_retail.mapping.rules import Mapping as Rules
from target_salesforce_retail.nouns import Action, FieldShape, Intent, Match, ObjectShape, Reason, Value
from target_salesforce_retail.stages.inside.compare import fitted, same

ON_MATCH = {
    OnMatch.LEAVE: (Intent.SKIP, Reason.LEFT_ALONE),
    OnMatch.HOLD: (Intent.HOLD, Reason.MATCH_HELD),
}
ON_NONE = {
    OnNone.SKIP: (Intent.SKIP, Reason.NOT_WANTED),
    OnNone.HOLD: (Intent.HOLD, Reason.NONE_HELD),
}


@dataclass(frozen=True)
class Wish:
    """A value for a field, and when it may change what is there."""

    field: str
    value: Value
    update: Update
    on_null: OnNull = OnNull.KEEP


def plan(match: Match, rules: Rules, mappings: Mappings, shapes: Mapping[str, ObjectShape]) -> Action:
    """What we intend for one match: create, update what differs, nothing, skip, or hold."""
    name = match.row.object if match.row else rules.object
    refused = _refused(match, rules, name)
    if refused:
        intent, reason, fields = refused
        return Action(match, intent, name, id=match.row.id if match.row else None, reason=reason, fields=fields)
    shape = shapes[name]
    if match.row is None:
        body = _body(match, rules, shape)
        return Action(match, Intent.CREATE, name, body=body, parent=_parent_id(match, rules))
    changes = _changes(match, rules, shape, match.row.values)
    strays = tuple(_strays(match, mappings))
    intent = Intent.UPDATE if changes or strays else Intent.NOTHING
    return Action(
        match,
        intent,
        name,
        id=match.row.id,
        body=changes,
        parent=_parent_id(match, rules) or match.row.id,
        strays=strays,
    )


def _refused(match: Match, rules: Rules, name: str) -> tuple[Intent, Reason, tuple[str, ...]] | None:
    """Why nothing is to be written, with the fields concerned; None when something may be."""
    if match.overtaken:
        return Intent.SKIP, Reason.OVERTAKEN, ()
    if match.draft.deleted and not (match.row and match.speaks):
        return Intent.SKIP, Reason.DELETED, ()
    if match.row is None and match.candidates:
        return Intent.HOLD, Reason.MANY_MATCHES, ()
    policy = ON_MATCH.get(rules.on_match.get(name, OnMatch.UPDATE)) if match.row else ON_NONE.get(rules.on_none)
    if policy:
        return *policy, ()
    return None if match.draft.deleted else _unready(match, rules)


def _unready(match: Match, rules: Rules) -> tuple[Intent, Reason, tuple[str, ...]] | None:
    """Why it cannot be written yet: what it refers to is not there."""
    if rules.parent and rules.parent.reference.label in match.left_out:
        return Intent.SKIP, Reason.PARENT_SKIPPED, ()
    missing = list(_missing(match, rules))
    for how, reason in ((Missing.HOLD, Reason.PARENT_HELD), (Missing.WAIT, Reason.PARENT_MISSING)):
        labels = tuple(label for label, each in missing if each is how)
        if labels:
            return Intent.HOLD, reason, labels
    return None


def _missing(match: Match, rules: Rules) -> Iterator[tuple[str, Missing]]:
    """References that could not be resolved, with what to do about it."""
    asked = {reference.label for reference in match.draft.references}
    for rule in rules.links:
        if rule.label in asked - match.left_out and rule.label not in match.found:
            yield rule.label, rule.missing
    if rules.parent and rules.parent.reference.label not in asked:
        yield rules.parent.reference.label, Missing.WAIT  # a detail without a master cannot be written


def _wishes(match: Match, rules: Rules, shape: ObjectShape) -> Iterator[Wish]:
    """Everything the mapping wants of a record of this object, key and lookups included."""
    if match.speaks:
        yield Wish(rules.key.field, match.draft.org_key, Update.ALWAYS)
    if match.draft.deleted:
        yield from (Wish(name, value, Update.ALWAYS, OnNull.CLEAR) for name, value in match.draft.values.items())
        return
    for rule in rules.fields:
        if rule.name in match.draft.values and _applies(rule, shape.name):
            yield Wish(rule.name, match.draft.values[rule.name], rule.update, rule.on_null)
    for label, (found, record_id) in match.found.items():
        link = next(rule for rule in rules.links if rule.label == label)
        update = Update.NEVER if rules.parent and link is rules.parent.reference else link.update
        for field in _filled_by(link.fields, found):
            yield Wish(field, record_id, update)
        for field in set(link.fields.values()) - set(_filled_by(link.fields, found)):
            yield Wish(field, None, update, OnNull.CLEAR)  # a lead that became a contact leaves the lead's lookup


def _applies(rule: FieldRule, name: str) -> bool:
    return not rule.only or name in rule.only


def _filled_by(fields: Mapping[str, str], found: str) -> tuple[str, ...]:
    field = fields.get(found) or fields.get("*")
    return (field,) if field else ()


def _body(match: Match, rules: Rules, shape: ObjectShape) -> dict[str, Value]:
    """Everything that a new record gets: blanks are left to the org's defaults."""
    return {
        wish.field: fitted(wish.value, shape.fields[wish.field])
        for wish in _wishes(match, rules, shape)
        if not is_blank(wish.value)
    }


def _changes(match: Match, rules: Rules, shape: ObjectShape, current: Mapping[str, Value]) -> dict[str, Value]:
    """What an existing record does not say yet and may be told."""
    changes: dict[str, Value] = {}
    for wish in _wishes(match, rules, shape):
        field = shape.fields[wish.field]
        held = current.get(wish.field)
        value = fitted(wish.value, field)
        if _may_change(wish, field, held, speaks=match.speaks) and not same(value, held, field):
            changes[wish.field] = value
    return changes


def _may_change(wish: Wish, field: FieldShape, held: Value, *, speaks: bool) -> bool:
    if wish.update is Update.NEVER:
        return False
    empty = is_blank(held) or (field.type == "boolean" and held is False)
    if wish.value is None:
        return speaks and wish.on_null is OnNull.CLEAR and wish.update is Update.ALWAYS
    return empty or (speaks and wish.update is Update.ALWAYS)


def _parent_id(match: Match, rules: Rules) -> str:
    """The id whose row a write locks: the master's, else the first record referred to."""
    if rules.parent and rules.parent.reference.label in match.found:
        return match.found[rules.parent.reference.label][1]
    return next((record_id for _, record_id in match.found.values()), "")


def _strays(match: Match, mappings: Mappings) -> Iterator[tuple[str, str]]:
    """Children in the org that the record's complete set no longer names."""
    record = match.draft.arrival.record
    for stream, rows in match.children.items():
        child = mappings.of(stream)
        siblings = child.parent.siblings if child and child.parent else None
        ids = record.get(siblings) if siblings else None
        if child is None or not isinstance(ids, list):
            continue
        named = {fill(child.key.value, {**record, "id": each}) for each in ids}
        for row in rows:
            if str(row.values.get(child.key.field)) not in named:
                yield row.object, row.id
