"""Kept: what a profile is to say once its shopper is delivered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from target_salesforce_retail.mapping.profile import Keep, ProfileRule, Status
from target_salesforce_retail.metadata import ObjectDescribe
from target_salesforce_retail.nouns import Draft, Outcome, Reason, Retirement, Value, Verdict
from target_salesforce_retail.stages.inside.compare import same
from target_salesforce_retail.stages.inside.fit import Fitter, Fitting
from target_salesforce_retail.stages.inside.profile_fields import linked, noted, to_decide, unlinked
from target_salesforce_retail.stages.inside.profiles import is_linked, is_open, retires, says_nothing
from target_salesforce_retail.stages.inside.wanted import WantedValue, may_change

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


def row_after(
    before: Row | None, draft: Draft, outcome: Outcome, rule: ProfileRule, describe: ObjectDescribe, *, tells: bool
) -> Kept | None:
    """The row after an outcome; None where there is none, or where it has nothing to say.

    Of whom her own record tells enough there is none, unless all are kept; ``tells``: this draft tells more of her.
    """
    if says_nothing(draft, outcome):
        return None
    if draft.retirement:
        return _retired(before, draft, outcome, rule)
    is_known, is_asked = is_linked(outcome), is_open(outcome)
    is_shared = is_known and outcome.stamped_key != draft.key
    if before is None and not (is_asked or is_shared or (is_known and (tells or rule.keep is Keep.ALL))):
        return None
    row: dict[str, Value] = {rule.key: draft.key, **(before or {})}
    if is_known:
        row |= _link(row, outcome, rule)
    elif is_asked:
        row |= _question(row, outcome, rule)
    elif row.get(rule.status) == Status.TO_DECIDE and _is_answered(outcome):
        row |= unlinked(rule, noted(row.get(rule.refused), outcome.ruling.refused))
    fitting = _fitting(before, draft, rule, describe)
    row |= {each.field: each.value for each in fitting.accepted if _may(each, row, describe)}
    return Kept(draft, row, fitting)


def _link(row: Row, outcome: Outcome, rule: ProfileRule) -> Row:
    """How the link came to be is said once: whoever finds the same person again has nothing to add."""
    refused = noted(row.get(rule.refused), outcome.ruling.refused)
    name, record_id = str(outcome.object), str(outcome.id)
    if outcome.ruling.decided:
        return linked(rule, name, record_id, refused)
    found = linked(rule, name, record_id, refused, by=outcome.rule or CREATED, evidence=outcome.evidence)
    is_known = str(row.get(rule.matched))[:15] == record_id[:15]
    return {field: value for field, value in found.items() if not is_known or field not in (rule.rule, rule.evidence)}


def _retired(before: Row | None, draft: Draft, outcome: Outcome, rule: ProfileRule) -> Kept | None:
    """What it said it goes on to say, beside that it speaks for nobody. One whose key a person carries gets a row."""
    retirement = draft.retirement
    if not retires(draft, outcome) or retirement is None:
        return None
    if before is None and not (outcome.id and outcome.stamped_key == draft.key):
        return None
    row = dict(before) if before else {rule.key: draft.key, **_link({}, outcome, rule)}
    refused = noted(row.get(rule.refused), outcome.ruling.refused)  # whom a person has ruled out stays ruled out
    if retirement.releases:
        row |= unlinked(rule, refused)
    elif row.get(rule.status) == Status.NEW:
        row[rule.refused] = refused
    if retirement is Retirement.ERASED:
        row |= dict.fromkeys(each.name for each in rule.fields)
    return Kept(draft, {**row, rule.status: retirement.value}, Fitting())


def _question(row: Row, outcome: Outcome, rule: ProfileRule) -> Row:
    refused = noted(row.get(rule.refused), outcome.ruling.refused)
    return to_decide(rule, refused, by=outcome.rule, evidence=outcome.evidence, candidates=outcome.candidates)


def _is_answered(outcome: Outcome) -> bool:
    """True when nobody is left to decide between; what is held for anything else may yet come to the question."""
    is_over = outcome.verdict is Verdict.SKIPPED or outcome.reason is Reason.NONE_HELD
    return is_over and outcome.ruling.person is None


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
