"""Draft against what the org holds, under the mapping's rules: what do we intend? Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from target_salesforce_retail.mapping.convert import is_blank
from target_salesforce_retail.mapping.rules import Mapping as Rules
from target_salesforce_retail.mapping.rules import Mappings, Missing, OnDuplicateRule, OnMatch, OnNone, Update
from target_salesforce_retail.nouns import Action, Intent, Match, Reason, Reference, Row, Value
from target_salesforce_retail.shapes import ObjectShape
from target_salesforce_retail.stages.inside.address import in_codes
from target_salesforce_retail.stages.inside.belong import hangs_elsewhere, leaves, parent_id, strays_of
from target_salesforce_retail.stages.inside.compare import is_empty, same
from target_salesforce_retail.stages.inside.currency import in_currency
from target_salesforce_retail.stages.inside.fit import Fitter, Fitting
from target_salesforce_retail.stages.inside.wish import Wish, kind_of, may_change, unresolved, unsaid, wishes

ON_MATCH = {
    OnMatch.LEAVE: (Intent.SKIP, Reason.LEFT_ALONE),
    OnMatch.HOLD: (Intent.HOLD, Reason.MATCH_HELD),
}
ON_NONE = {
    OnNone.SKIP: (Intent.SKIP, Reason.NOT_WANTED),
    OnNone.HOLD: (Intent.HOLD, Reason.NONE_HELD),
}


def plan(match: Match, rules: Rules, mappings: Mappings, shapes: Mapping[str, ObjectShape]) -> Action:
    """What we intend for one match: create, update what differs, delete, nothing, skip, or hold."""
    name = match.row.object if match.row else rules.object
    refused = _refused(match, rules, name)
    if refused:
        intent, reason, references = refused
        fields = tuple(reference.label for reference in references)
        record_id = match.row.id if match.row else None
        waits_for = references if reason.waits else ()
        return Action(match, intent, name, id=record_id, reason=reason, fields=fields, waits_for=waits_for)
    blank = tuple(reference for reference, _ in unresolved(match, rules))
    if match.row is None or hangs_elsewhere(match, rules, shapes[name]):
        action = _create(match, rules, shapes[name])
    elif leaves(match, rules):
        return Action(match, Intent.DELETE, name, id=match.row.id, parent=parent_id(match, rules))
    else:
        action = _update(match, match.row, rules, mappings, shapes[name])
    if action.intent is not Intent.HOLD:
        action = in_currency(action, rules, shapes[name])
    if action.intent is Intent.HOLD:
        return action
    allowed = bool(match.refused and match.refused.may_allow and rules.on_duplicate_rule is OnDuplicateRule.ALLOW)
    return replace(action, waits_for=blank, allow_duplicate=allowed)


def _create(match: Match, rules: Rules, shape: ObjectShape) -> Action:
    """A new record; in place of the one that hangs on another parent, where there is one."""
    fitting, left_out = _fitting(match, rules, shape, None)
    before = match.row.id if match.row else None
    if fitting.refused:
        return _unfit(match, shape.name, before, fitting)
    body = {**kind_of(rules, shape), **_body(fitting.told)}
    return Action(
        match,
        Intent.CREATE,
        shape.name,
        id=before,
        body=body,
        optional=fitting.optional(body),
        parent=parent_id(match, rules),
        fields=left_out,
    )


def _update(match: Match, row: Row, rules: Rules, mappings: Mappings, shape: ObjectShape) -> Action:
    fitting, left_out = _fitting(match, rules, shape, row.values)
    if fitting.refused:
        return _unfit(match, shape.name, row.id, fitting)
    changes, blanks = _changes(fitting.told, shape, row.values, speaks=match.speaks)
    strays = tuple(strays_of(match, mappings))
    return Action(
        match,
        Intent.UPDATE if changes or strays else Intent.NOTHING,
        shape.name,
        id=row.id,
        body=changes,
        blanks=blanks,
        optional=fitting.optional(changes),
        parent=parent_id(match, rules) or row.id,
        strays=strays,
        fields=left_out,
    )


def _fitting(
    match: Match, rules: Rules, shape: ObjectShape, current: Mapping[str, Value] | None
) -> tuple[Fitting, tuple[str, ...]]:
    """What is told of the wishes, and what is left out of them."""
    told, unlisted = in_codes(list(wishes(match, rules, shape)), shape, current, speaks=match.speaks)
    fitter = Fitter(shape, current, match.speaks, match.without)
    fitting = fitter.fit(told, list(unsaid(match, rules, shape)))
    return fitting, tuple(dict.fromkeys((*unlisted, *fitting.left_out)))


def _unfit(match: Match, name: str, record_id: str | None, fitting: Fitting) -> Action:
    message = "; ".join(f"{field}: {why}" for field, why in fitting.refused.items())
    return Action(
        match,
        Intent.HOLD,
        name,
        id=record_id,
        reason=Reason.VALUE_REFUSED,
        fields=tuple(fitting.refused),
        message=message,
    )


Refusal = tuple[Intent, Reason, tuple[Reference, ...]]


def _refused(match: Match, rules: Rules, name: str) -> Refusal | None:
    """Why nothing is to be written, with the references concerned; None when something may be."""
    certain = _out_of_date(match, rules) or _unclear(match, rules)
    if certain:
        return *certain, ()
    if match.draft.amends:
        return None
    policy = ON_MATCH.get(rules.on_match.get(name, OnMatch.UPDATE)) if match.row else ON_NONE.get(rules.on_none)
    return (*policy, ()) if policy else _unready(match, rules)


def _out_of_date(match: Match, rules: Rules) -> tuple[Intent, Reason] | None:
    """Why it has nothing to say any more."""
    draft, has_row = match.draft, match.row is not None and match.speaks
    if match.overtaken:
        return Intent.SKIP, Reason.OVERTAKEN
    if draft.arrival.fills:
        return None if match.row else (Intent.SKIP, Reason.GONE_FROM_ORG)
    if match.stray and not draft.deleted and not (has_row and leaves(match, rules)):
        return Intent.SKIP, Reason.LEFT_PARENT
    if draft.deleted and not (has_row and (draft.values or leaves(match, rules))):
        return Intent.SKIP, Reason.DELETED
    return None


def _unclear(match: Match, rules: Rules) -> tuple[Intent, Reason] | None:
    """Why it is not known which record it is."""
    if match.twin:
        return Intent.HOLD, Reason.TWIN
    if match.converted:
        return (Intent.HOLD, Reason.CONVERTED) if rules.on_none is OnNone.CREATE else None
    if match.row is None and match.refused:
        allowed = match.refused.may_allow and rules.on_duplicate_rule is OnDuplicateRule.ALLOW
        by_rules = match.rule is not None
        if by_rules or not allowed:
            return Intent.HOLD, Reason.MANY_MATCHES if by_rules else Reason.DUPLICATE_RULE
    elif match.row is None and match.candidates:
        return Intent.HOLD, Reason.MANY_MATCHES
    return None


def _unready(match: Match, rules: Rules) -> Refusal | None:
    """Why it cannot be written yet: what it refers to is not there."""
    if rules.parent and rules.parent.reference.label in match.left_out:
        return Intent.SKIP, Reason.PARENT_SKIPPED, ()
    missing = [pair for pair in unresolved(match, rules) if pair[0].label not in match.left_out]
    held = tuple(reference for reference, how in missing if how is Missing.HOLD)
    waits = tuple(reference for reference, how in missing if how is Missing.WAIT)
    if held:
        return Intent.HOLD, Reason.PARENT_HELD, held
    if waits:
        is_gone = any(reference.label in match.gone for reference in waits)
        return Intent.HOLD, Reason.PARENT_GONE if is_gone else Reason.PARENT_MISSING, waits
    return None


def _body(told: Iterable[Wish]) -> dict[str, Value]:
    """Everything that a new record gets: blanks are left to the org's defaults."""
    return {wish.field: wish.value for wish in told if not is_blank(wish.value)}


def _changes(
    told: Iterable[Wish], shape: ObjectShape, current: Mapping[str, Value], *, speaks: bool
) -> tuple[dict[str, Value], frozenset[str]]:
    """What an existing record does not say yet and may be told, and which of it only fills a blank."""
    changes: dict[str, Value] = {}
    blanks: set[str] = set()
    for wish in told:
        field = shape.fields[wish.field]
        held = current.get(wish.field)
        empty = is_empty(held, field)
        if may_change(wish, empty=empty, speaks=speaks) and (wish.anew or not same(wish.value, held, field)):
            changes[wish.field] = wish.value
            if not (speaks and wish.update is Update.ALWAYS):
                blanks.add(wish.field)
    return changes, frozenset(blanks)
