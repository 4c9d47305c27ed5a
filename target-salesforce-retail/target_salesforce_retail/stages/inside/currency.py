"""The currency of a record's amounts, in an org with several currencies. Nothing here happens in any other org.

Such an org keeps one currency on each record, and fills in the integration user's where none is said: 5.00 CAD would be
5.00 USD. So a record's currency travels with its amounts, and where the two do not belong together nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import replace
from decimal import Decimal

from target_salesforce_retail.mapping.rules import StreamMapping, Update
from target_salesforce_retail.mapping.text import is_blank
from target_salesforce_retail.metadata import CURRENCY, FieldDescribe, ObjectDescribe
from target_salesforce_retail.nouns import Action, Draft, Intent, OrgRow, Reason, Value


def in_currency(action: Action, mapping: StreamMapping, describe: ObjectDescribe) -> Action:
    """The action with the currency of its amounts, or a hold where it is not known, or not to be had.

    Args:
        action: What is intended: a create, an update, or nothing.
        mapping: The mapping; without ``currency``, or with a rule for the field itself, nothing changes.
        describe: The object.
    """
    field, draft = describe.own_currency, action.match.draft
    if (
        field is None
        or mapping.currency is None
        or draft.amends
        or any(rule.name == CURRENCY for rule in mapping.fields)
    ):
        return action
    code = _code(draft.arrival.record.get(mapping.currency))
    if action.intent is Intent.CREATE:
        return _created(action, code, mapping.currency, describe)
    row = action.match.row
    return _updated(action, row, code, mapping, describe) if row else action


def _created(action: Action, code: str | None, source: str, describe: ObjectDescribe) -> Action:
    field = describe.fields[CURRENCY]
    if not field.createable:
        return action  # a price line has its price's: the org sees to that
    if code is None:
        priced = any(not is_blank(action.body.get(name)) for name in describe.amounts)
        return _held(action, Reason.REQUIRED_MISSING, source) if priced else action
    return _with_currency(action, code, field)


def _updated(action: Action, row: OrgRow, code: str | None, mapping: StreamMapping, describe: ObjectDescribe) -> Action:
    changed = [name for name in describe.amounts if not is_blank(action.body.get(name))]
    held = _code(row.values.get(CURRENCY))
    if code is None:
        return _held(action, Reason.REQUIRED_MISSING, str(mapping.currency)) if changed else action
    if code == held:
        return action
    if not action.match.owns:
        return _without(action, changed)
    follow = _amounts_that_follow(action.match.draft, mapping, describe)
    ours = {*changed, *follow}.difference(action.fields)  # less what is omitted
    is_fixed = not describe.fields[CURRENCY].updateable
    if not ours or (is_fixed and not changed):
        return action
    if is_fixed or any(_others(row, ours, describe)):
        return _held(action, Reason.OTHER_CURRENCY, CURRENCY)
    return _with_currency(action, code, describe.fields[CURRENCY])


def _amounts_that_follow(draft: Draft, mapping: StreamMapping, describe: ObjectDescribe) -> Iterator[str]:
    """Amounts that the record says and that follow it: they are as it has them, written now or not."""
    for rule in mapping.fields:
        applies = rule.name in describe.amounts and (not rule.only or describe.name in rule.only)
        if applies and rule.update is Update.ALWAYS and not is_blank(draft.values.get(rule.name)):
            yield rule.name


def _others(row: OrgRow, ours: Set[str], describe: ObjectDescribe) -> Iterator[str]:
    """Amounts of the record that would be another sum of money after a change of its currency. Nothing is nothing."""
    for name in describe.amounts:
        held = row.values.get(name)
        if name not in ours and not is_blank(held) and _number(held) != 0:
            yield name


def _with_currency(action: Action, code: str, field: FieldDescribe) -> Action:
    if field.picklist and code not in field.picklist:
        return _held(action, Reason.VALUE_REFUSED, CURRENCY)
    intent = Intent.UPDATE if action.intent is Intent.NOTHING else action.intent
    return replace(action, intent=intent, body={**action.body, CURRENCY: code})


def _without(action: Action, amounts: list[str]) -> Action:
    """A profile that only fills blanks fills none with money of another currency."""
    body = {name: value for name, value in action.body.items() if name not in amounts}
    intent = action.intent if body or action.stale_children or action.frees else Intent.NOTHING
    blanks = {name: held for name, held in action.blanks.items() if name not in amounts}
    return replace(action, intent=intent, body=body, blanks=blanks, fields=(*action.fields, *amounts))


def _held(action: Action, reason: Reason, name: str) -> Action:
    row = action.match.row
    return Action(action.match, Intent.HOLD, action.object, id=row.id if row else None, reason=reason, fields=(name,))


def _code(value: object) -> str | None:
    return None if value is None or not str(value).strip() else str(value).strip().upper()


def _number(value: Value) -> Value:
    return Decimal(str(value)) if isinstance(value, str | int | float) else value
