"""Keeps the profiles of a batch true: what the org says of which person each record is, once that is delivered.

What is written is the difference to what was read, in one call for rows that are there and one for new ones. A row that
the org refuses holds its shopper, who comes again with the next run: nothing is lost, and every write bears repetition.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from target_salesforce_retail.mapping.profile import Keep, ProfileRule, Status
from target_salesforce_retail.mapping.rules import OnRefused, StreamMapping
from target_salesforce_retail.metadata import ObjectDescribe
from target_salesforce_retail.nouns import (
    Draft,
    Fault,
    Outcome,
    Reason,
    Recovery,
    Result,
    Retirement,
    Stage,
    Value,
    Verdict,
)
from target_salesforce_retail.stages.inside.compare import same
from target_salesforce_retail.stages.inside.context import Context
from target_salesforce_retail.stages.inside.fit import Fitter, Fitting
from target_salesforce_retail.stages.inside.profiles import (
    DECIDED,
    Profiles,
    is_linked,
    is_open,
    listed,
    retires,
    says_nothing,
)
from target_salesforce_retail.stages.inside.wanted import WantedValue, may_change
from target_salesforce_retail.stages.send import stop_if_hopeless

CREATED = "created"
"""The rule, of a person whom we have made."""
Row = Mapping[str, Value]


@dataclass(frozen=True)
class Kept:
    """What a row is to say, for the shopper on whose account it does.

    Attributes:
        draft: The shopper.
        row: Field -> value, the whole row.
        fitting: What becomes of what the till says.
    """

    draft: Draft
    row: Row
    fitting: Fitting


def keep(
    outcomes: Sequence[Outcome], drafts: Sequence[Draft], profiles: Profiles, mapping: StreamMapping, context: Context
) -> list[Outcome]:
    """Write the profiles that say something else by now; the outcomes, of which those are held whose row was refused.

    Args:
        outcomes: What became of the drafts.
        drafts: The drafts, in the order of arrival.
        profiles: Their profiles as they were read.
        mapping: Their mapping.
        context: Whom to tell.

    Raises:
        OrgRefused: A fault that no row escapes.
        OrgError: The org as a whole did not answer.
    """
    rule = mapping.profile
    if rule is None:
        return list(outcomes)
    by_arrival = {id(outcome.arrival): outcome for outcome in outcomes}
    context.ledger.note(
        [
            (outcome.arrival, outcome.ruling.news)
            for draft in drafts
            if (outcome := by_arrival[id(draft.arrival)]).ruling.news and not draft.amends
        ]
    )
    describe = context.describes[rule.object]
    wanted: dict[str, Kept] = {}
    for draft in drafts:
        before = wanted[draft.key].row if draft.key in wanted else _read(profiles, draft.key)
        after = _after(before, draft, by_arrival[id(draft.arrival)], rule, describe)
        wanted |= {draft.key: after} if after else {}
    refused = _write(list(wanted.values()), profiles, rule, describe, context)
    last = {
        draft.key: id(draft.arrival) for draft in drafts if draft.key in refused and wanted[draft.key].draft is draft
    }
    held = {last[key]: _held(by_arrival[last[key]], rule, result) for key, result in refused.items()}
    return [held.get(id(outcome.arrival), outcome) for outcome in outcomes]


def _read(profiles: Profiles, key: str) -> Row | None:
    profile = profiles.by_key.get(key)
    return profile.values if profile else None


# What it is to say


def _after(
    before: Row | None, draft: Draft, outcome: Outcome, rule: ProfileRule, describe: ObjectDescribe
) -> Kept | None:
    """The row after an outcome; None where there is none, or where it has nothing to say."""
    if says_nothing(draft, outcome):
        return None
    if draft.retirement:
        row = _retired(before, draft, outcome, rule)
        return Kept(draft, row, Fitting()) if row else None
    linked, asked = is_linked(outcome), is_open(outcome)
    is_shared = linked and outcome.stamped_key != draft.key
    if before is None and not (asked or is_shared or (linked and rule.keep is Keep.ALL)):
        return None
    row = {rule.key: draft.key, **(before or {})}
    if linked:
        row |= _link(row, outcome, rule)
    elif asked:
        row |= _question(outcome, rule)
    elif row.get(rule.status) == Status.TO_DECIDE and _is_answered(outcome):
        row |= _withdrawn(rule)
    fitting = _fitting(before, draft, rule, describe)
    row |= {each.field: each.value for each in fitting.accepted if _may(each, row, describe)}
    return Kept(draft, row, fitting)


def _link(row: Row, outcome: Outcome, rule: ProfileRule) -> Row:
    """How the link came to be is said once: whoever finds the same person again has nothing to add."""
    persons = {field: outcome.id if name == outcome.object else None for name, field in rule.person.items()}
    linked = {**persons, rule.status: Status.LINKED.value, rule.matched: outcome.id, rule.candidates: None}
    linked[rule.refused] = listed(outcome.ruling.refused)
    if outcome.ruling.decided:
        return {**linked, rule.rule: DECIDED, rule.evidence: None}
    if str(row.get(rule.matched))[:15] == str(outcome.id)[:15]:
        return linked
    return {**linked, rule.rule: outcome.rule or CREATED, rule.evidence: ", ".join(outcome.evidence) or None}


def _retired(before: Row | None, draft: Draft, outcome: Outcome, rule: ProfileRule) -> dict[str, Value] | None:
    """What it said it goes on to say, beside that it speaks for nobody. One whose key a person carries gets a row."""
    if not retires(draft, outcome) or draft.retirement is None:
        return None
    if before is None and not (outcome.id and outcome.stamped_key == draft.key):
        return None
    row = dict(before) if before else {rule.key: draft.key, **_link({}, outcome, rule)}
    if draft.releases or row.get(rule.status) == Status.NEW:  # whom a person has ruled out stays ruled out
        row[rule.refused] = listed(outcome.ruling.refused)
    if draft.releases:
        led = (*rule.person.values(), rule.matched, rule.rule, rule.evidence, rule.candidates)
        row |= dict.fromkeys(led)
    if draft.retirement is Retirement.ERASED:
        row |= dict.fromkeys(each.name for each in rule.fields)
    return {**row, rule.status: draft.retirement.value}


def _question(outcome: Outcome, rule: ProfileRule) -> Row:
    return {
        **dict.fromkeys(rule.person.values()),
        rule.status: Status.TO_DECIDE.value,
        rule.matched: None,
        rule.rule: outcome.rule,
        rule.evidence: ", ".join(outcome.evidence) or None,
        rule.candidates: listed(outcome.candidates),
        rule.refused: listed(outcome.ruling.refused),
    }


def _is_answered(outcome: Outcome) -> bool:
    """True when nobody is left to decide between; what is held for anything else may yet come to the question."""
    is_over = outcome.verdict is Verdict.SKIPPED or outcome.reason is Reason.NONE_HELD
    return is_over and outcome.ruling.person is None


def _withdrawn(rule: ProfileRule) -> Row:
    return {rule.status: Status.UNLINKED.value, **dict.fromkeys((rule.rule, rule.evidence, rule.candidates))}


def _fitting(before: Row | None, draft: Draft, rule: ProfileRule, describe: ObjectDescribe) -> Fitting:
    """What the till says, as far as the fields take it."""
    wanted = [
        WantedValue(each.name, draft.profile[each.name], each.update, each.on_null, rule=each)
        for each in rule.fields
        if each.name in draft.profile
    ]
    return Fitter(describe, before, owns=True).fit(wanted, [])


def _may(wanted: WantedValue, row: Row, describe: ObjectDescribe) -> bool:
    field = describe.fields[wanted.field]
    return may_change(wanted, empty=row.get(wanted.field) in (None, "", False), owns=True) and not same(
        wanted.value, row.get(wanted.field), field
    )


# How it is written


def _write(
    wanted: Sequence[Kept], profiles: Profiles, rule: ProfileRule, describe: ObjectDescribe, context: Context
) -> dict[str, Result]:
    """Key -> the org's refusal. Values that it does not take and that the mapping can do without are left out."""
    refused = {each.draft.key: _unfit(each) for each in wanted if each.fitting.objections}
    left = [(each, frozenset[str]()) for each in wanted if each.draft.key not in refused]
    while left:
        sent = [
            (each, omitted, body) for each, omitted in left if (body := _body(each, omitted, profiles, rule, describe))
        ]
        results = _send([(each, body) for each, _, body in sent], profiles, rule, context)
        stop_if_hopeless(
            (each.draft.arrival, rule.object, result) for (each, _, _), result in zip(sent, results, strict=True)
        )
        left = []
        for (each, omitted, _), result in zip(sent, results, strict=True):
            refusing = frozenset(result.fault.fields) if result.fault else frozenset[str]()
            if not result.fault:
                context.written.profiles += 1
            elif result.fault.reason is Reason.VALUE_REFUSED and refusing and refusing <= _optional(rule) - omitted:
                left.append((each, omitted | refusing))
            else:
                refused[each.draft.key] = result
    return refused


def _optional(rule: ProfileRule) -> frozenset[str]:
    return frozenset(each.name for each in rule.fields if each.refused is OnRefused.LEAVE_OUT)


def _body(
    kept: Kept, omitted: frozenset[str], profiles: Profiles, rule: ProfileRule, describe: ObjectDescribe
) -> dict[str, Value]:
    """What differs from the row that was read; of a new one all that it says."""
    before = _read(profiles, kept.draft.key)
    named = (name for name in rule.all_fields if name in kept.row and name not in omitted)
    if before is None:
        return {name: kept.row[name] for name in named if kept.row[name] is not None}
    return {
        name: kept.row[name]
        for name in named
        if name != rule.key and not same(kept.row[name], before.get(name), describe.fields[name])
    }


def _send(
    bodies: Sequence[tuple[Kept, dict[str, Value]]], profiles: Profiles, rule: ProfileRule, context: Context
) -> list[Result]:
    """New rows by their key, others by id; whom somebody has put into an empty lookup meanwhile stays there."""
    new = [body for kept, body in bodies if kept.draft.key not in profiles.by_key]
    changed = [
        (profile.id, body, frozenset(field for field in rule.person.values() if body.get(field)))
        for kept, body in bodies
        if (profile := profiles.by_key.get(kept.draft.key))
    ]
    made = iter(context.org.upsert(rule.object, rule.key, new) if new else ())
    there = iter(context.org.update(rule.object, rule.key, changed) if changed else ())
    return [next(there if kept.draft.key in profiles.by_key else made) for kept, _ in bodies]


def _unfit(kept: Kept) -> Result:
    objections = kept.fitting.objections
    message = "; ".join(f"{field}: {why}" for field, why in objections.items())
    return Result(None, fault=Fault(Reason.VALUE_REFUSED, Recovery.HOLD, "", message, tuple(objections)))


def _held(outcome: Outcome, rule: ProfileRule, result: Result) -> Outcome:
    """The shopper is held with what the org has against the row."""
    fault = result.fault
    if fault is None:
        return outcome
    return replace(
        outcome,
        verdict=Verdict.HELD,
        stage=Stage.SEND,
        reason=fault.reason,
        fields=tuple(f"{rule.object}.{name}" for name in fault.fields),
        code=fault.code or None,
        message=fault.message,
        waits_for=(),
    )
