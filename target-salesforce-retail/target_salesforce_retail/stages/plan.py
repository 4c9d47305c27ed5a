"""Draft against what the org holds, under the mapping's rules: what do we intend? Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import replace

from target_salesforce_retail.mapping.phone_keys import phone_keys_of
from target_salesforce_retail.mapping.rules import (
    Mappings,
    Missing,
    OnDuplicateRule,
    OnMatch,
    OnNone,
    StreamMapping,
    Update,
)
from target_salesforce_retail.mapping.text import is_blank
from target_salesforce_retail.metadata import ObjectDescribe
from target_salesforce_retail.nouns import Action, Intent, Match, OrgRow, Reason, Reference, Retirement, Value
from target_salesforce_retail.stages.inside.accounts import fitted_account
from target_salesforce_retail.stages.inside.address import fillers_in, in_codes
from target_salesforce_retail.stages.inside.compare import is_empty, same
from target_salesforce_retail.stages.inside.conversion import (
    LEAD,
    as_it_becomes,
    becomes,
    conversion,
    hangs_on,
    is_converted_first,
    status_of,
    still_there,
    unknown,
)
from target_salesforce_retail.stages.inside.currency import in_currency
from target_salesforce_retail.stages.inside.fit import Fitter, Fitting
from target_salesforce_retail.stages.inside.parts import hangs_elsewhere, leaves, parent_id, stale_of
from target_salesforce_retail.stages.inside.retired import REASONS, marks_on
from target_salesforce_retail.stages.inside.sound import if_matched, if_none
from target_salesforce_retail.stages.inside.wanted import (
    WantedValue,
    fallback_values,
    may_change,
    record_type_of,
    unresolved,
    wanted_values,
)

ON_MATCH = {
    OnMatch.LEAVE: (Intent.SKIP, Reason.LEFT_ALONE),
    OnMatch.HOLD: (Intent.HOLD, Reason.MATCH_HELD),
}
"""What is done with a record that matched, where it is not written."""
ON_NONE = {
    OnNone.SKIP: (Intent.SKIP, Reason.NOT_WANTED),
    OnNone.HOLD: (Intent.HOLD, Reason.NONE_HELD),
}


def plan(match: Match, mapping: StreamMapping, mappings: Mappings, describes: Mapping[str, ObjectDescribe]) -> Action:
    """What we intend for one match: create, update what differs, delete, convert, nothing, skip, or hold."""
    name = match.row.object if match.row else if_none(mapping, match.draft.arrival).object
    ending = _ending(match, mapping, name)
    if ending:
        intent, reason, references = ending
        fields = match.vetoed if reason is Reason.VETOED else tuple(reference.label for reference in references)
        record_id = match.row.id if match.row else None
        waits_for = references if reason.waits else ()
        return Action(match, intent, name, id=record_id, reason=reason, fields=fields, waits_for=waits_for)
    if match.row and is_converted_first(match, mapping):
        return _convert(match, match.row, mapping, describes)
    blank = tuple(reference for reference, _ in unresolved(match, mapping))
    if match.row is None or hangs_elsewhere(match, mapping, describes[name]):
        action = _create(match, mapping, describes, name)
    elif leaves(match, mapping):
        return Action(match, Intent.DELETE, name, id=match.row.id, parent=parent_id(match, mapping))
    else:
        action = _update(match, match.row, mapping, mappings, describes[name])
    if action.intent is not Intent.HOLD:
        action = in_currency(action, mapping, describes[name])
    if action.intent is Intent.HOLD:
        return action
    if match.draft.releases:  # an old version must not bring it back
        return replace(action, reason=Reason.EXCLUDED)
    return replace(action, waits_for=blank, allow_duplicate=_is_allowed(match, mapping))


def _is_allowed(match: Match, mapping: StreamMapping) -> bool:
    """Whether a duplicate rule that only warns may be overruled: the mapping says so, or a person has looked."""
    fault, ruling = match.duplicate_fault, match.ruling
    if fault is None or not fault.may_allow:
        return False
    is_refused = bool(fault.candidates) and ruling.refused.issuperset(fault.candidates)
    return ruling.decided or is_refused or mapping.on_duplicate_rule is OnDuplicateRule.ALLOW


def _create(match: Match, mapping: StreamMapping, describes: Mapping[str, ObjectDescribe], name: str) -> Action:
    """A new record; in place of the one that hangs on another parent, where there is one."""
    describe = describes[name]
    fitting, omitted = _fitting(match, mapping, describe, None)
    before = match.row.id if match.row else None
    if fitting.objections:
        return _unfit(match, describe.name, before, fitting)
    account, unfit = fitted_account(match.draft.account, mapping, describe, describes)
    if unfit.objections:
        return _unfit(match, describe.name, before, unfit)
    body = {**record_type_of(mapping, describe), **_body(fitting.accepted)}
    body |= phone_keys_of(mapping, describe.name).written(body, {}, match.draft.region)
    return Action(
        match,
        Intent.CREATE,
        describe.name,
        account=account,
        replaces=before,
        body=body,
        omittable=fitting.omittable(body),
        parent=parent_id(match, mapping) or (account.key if account else ""),
        fields=omitted,
        frees=match.frees,
    )


def _update(match: Match, row: OrgRow, mapping: StreamMapping, mappings: Mappings, describe: ObjectDescribe) -> Action:
    marked = marks_on(match, row, mapping, describe)
    fillers = fillers_in(row, match.draft.values, mapping, describe) - marked
    fitting, omitted = _fitting(match, mapping, describe, {**row.values, **dict.fromkeys(marked | fillers)})
    if fitting.objections:
        return _unfit(match, describe.name, row.id, fitting)
    changes, blanks = _changes(fitting.accepted, describe, row.values, (marked, fillers), owns=match.owns)
    changes |= phone_keys_of(mapping, describe.name).written(changes, row.values, match.draft.region)
    stale = tuple(stale_of(match, mappings))
    return Action(
        match,
        Intent.UPDATE if changes or stale or match.frees else Intent.NOTHING,
        describe.name,
        id=row.id,
        body=changes,
        blanks=blanks,
        omittable=fitting.omittable(changes),
        parent=parent_id(match, mapping) or row.id,
        stale_children=stale,
        fields=omitted,
        frees=match.frees,
    )


def _convert(match: Match, lead: OrgRow, mapping: StreamMapping, describes: Mapping[str, ObjectDescribe]) -> Action:
    """The lead is converted; not where the contact that it becomes would then be held for what can be seen now."""
    name = becomes(lead, mapping, describes)
    if match.lead == lead.id:
        return still_there(match, lead)
    if name not in mapping.objects:
        return unknown(match, lead)
    describe = describes[name]
    fitting, _ = _fitting(match, mapping, describe, as_it_becomes(lead, describe))
    if fitting.objections:
        return _unfit(match, LEAD, lead.id, fitting)
    account, unfit = fitted_account(hangs_on(match, lead, mapping, describes), mapping, describe, describes)
    if unfit.objections:
        return _unfit(match, LEAD, lead.id, unfit)
    return conversion(match, lead, account, status_of(mapping, describes))


def _fitting(
    match: Match, mapping: StreamMapping, describe: ObjectDescribe, current: Mapping[str, Value] | None
) -> tuple[Fitting, tuple[str, ...]]:
    """What is sent of the wanted values, and what is omitted of them."""
    accepted, not_listed = in_codes(list(wanted_values(match, mapping, describe)), describe, current, owns=match.owns)
    fitter = Fitter(describe, current, match.owns, match.omitted)
    fitting = fitter.fit(accepted, list(fallback_values(match, mapping, describe)))
    return fitting, tuple(dict.fromkeys((*not_listed, *fitting.omitted)))


def _unfit(match: Match, name: str, record_id: str | None, fitting: Fitting) -> Action:
    message = "; ".join(f"{field}: {why}" for field, why in fitting.objections.items())
    return Action(
        match,
        Intent.HOLD,
        name,
        id=record_id,
        reason=Reason.VALUE_REFUSED,
        fields=tuple(fitting.objections),
        message=message,
    )


Ending = tuple[Intent, Reason, tuple[Reference, ...]]


def _ending(match: Match, mapping: StreamMapping, name: str) -> Ending | None:
    """Why nothing is to be written, with the references concerned; None when something may be."""
    certain = _out_of_date(match, mapping) or _unclear(match, mapping)
    if certain:
        return *certain, ()
    if match.draft.amends:
        return None
    policy = (
        ON_MATCH.get(if_matched(mapping, name, match.draft.arrival))
        if match.row
        else ON_NONE.get(_if_none(match, mapping))
    )
    return (*policy, ()) if policy else _unready(match, mapping)


def _if_none(match: Match, mapping: StreamMapping) -> OnNone:
    return if_none(mapping, match.draft.arrival).do


def _out_of_date(match: Match, mapping: StreamMapping) -> tuple[Intent, Reason] | None:
    """Why it has nothing to say any more."""
    draft, has_row = match.draft, match.row is not None and match.owns
    if match.superseded:
        return Intent.SKIP, Reason.SUPERSEDED
    if draft.arrival.fills:
        return None if match.row else (Intent.SKIP, Reason.GONE_FROM_ORG)
    if match.is_stale and not draft.deleted and not (has_row and leaves(match, mapping)):
        return Intent.SKIP, Reason.LEFT_PARENT
    if (draft.deleted or draft.retirement) and not (
        has_row and (draft.values or draft.releases or leaves(match, mapping))
    ):
        return Intent.SKIP, REASONS[draft.retirement or Retirement.MERGED]
    return None


def _unclear(match: Match, mapping: StreamMapping) -> tuple[Intent, Reason] | None:
    """Why it is not known which record it is."""
    if match.twin:
        return Intent.HOLD, Reason.TWIN
    if match.vetoed:
        return Intent.HOLD, Reason.VETOED
    if match.converted:
        return (Intent.HOLD, Reason.CONVERTED) if _if_none(match, mapping) is OnNone.CREATE else None
    if match.row is None and match.duplicate_fault:
        by_rules = match.rule is not None and not match.ruling.decided
        if by_rules or not _is_allowed(match, mapping):
            return Intent.HOLD, Reason.MANY_MATCHES if by_rules else Reason.DUPLICATE_RULE
    elif match.row is None and match.candidates:
        return Intent.HOLD, Reason.MANY_MATCHES
    return None


def _unready(match: Match, mapping: StreamMapping) -> Ending | None:
    """Why it cannot be written yet: what it refers to is not there."""
    if mapping.parent and mapping.parent.reference.label in match.skipped:
        return Intent.SKIP, Reason.PARENT_SKIPPED, ()
    missing = [pair for pair in unresolved(match, mapping) if pair[0].label not in match.skipped]
    held = tuple(reference for reference, how in missing if how is Missing.HOLD)
    waits = tuple(reference for reference, how in missing if how is Missing.WAIT)
    if held:
        return Intent.HOLD, Reason.PARENT_HELD, held
    if waits:
        is_gone = any(reference.label in match.gone for reference in waits)
        return Intent.HOLD, Reason.PARENT_GONE if is_gone else Reason.PARENT_MISSING, waits
    return None


def _body(accepted: Iterable[WantedValue]) -> dict[str, Value]:
    """Everything that a new record gets: blanks are left to the org's defaults."""
    return {wanted.field: wanted.value for wanted in accepted if not is_blank(wanted.value)}


def _changes(
    accepted: Iterable[WantedValue],
    describe: ObjectDescribe,
    current: Mapping[str, Value],
    as_blank: tuple[Set[str], Set[str]],
    *,
    owns: bool,
) -> tuple[dict[str, Value], dict[str, Value]]:
    """What an existing record does not say yet and may be told; and which of it only fills a blank, with what is there.

    ``as_blank``: fields that hold marks, and those that hold fillers.
    """
    marked, fillers = as_blank
    changes: dict[str, Value] = {}
    blanks: dict[str, Value] = {}
    for wanted in accepted:
        field = describe.fields[wanted.field]
        held = current.get(wanted.field)
        empty = is_empty(held, field) or wanted.field in marked | fillers
        if may_change(wanted, empty=empty, owns=owns) and (wanted.anew or not same(wanted.value, held, field)):
            changes[wanted.field] = wanted.value
            if not (owns and wanted.update is Update.ALWAYS) and wanted.field not in marked:
                blanks[wanted.field] = held
    return changes, blanks
