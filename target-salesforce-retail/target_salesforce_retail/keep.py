"""Keeps profiles true: what the org says of which person each record is, once a round has delivered it.

What is written is the difference to what was read, in one call for rows that are there and one for new ones. A row that
the org refuses holds its shopper, who comes again with the next run: nothing is lost, and every write bears repetition.
The next round decides by rows that are written: nobody is found by one that may yet be refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from target_salesforce_retail.mapping.phone_keys import phone_keys_of
from target_salesforce_retail.mapping.profile import Keep, ProfileRule
from target_salesforce_retail.mapping.rules import OnRefused, StreamMapping
from target_salesforce_retail.metadata import ObjectDescribe
from target_salesforce_retail.nouns import (
    Action,
    DecisionKind,
    Fault,
    Outcome,
    Reason,
    Recovery,
    Result,
    Stage,
    Value,
    Verdict,
)
from target_salesforce_retail.stages.inside.compare import same
from target_salesforce_retail.stages.inside.context import Context
from target_salesforce_retail.stages.inside.kept import Kept, Row, row_after
from target_salesforce_retail.stages.inside.profile_rows import fields_sought, tells_more
from target_salesforce_retail.stages.inside.profiles import Profiles
from target_salesforce_retail.stages.inside.search import Searches
from target_salesforce_retail.stages.send import stop_if_hopeless
from target_salesforce_retail.stages.settle import outcome_of

NOT_HEEDED = (DecisionKind.UNHEEDED, DecisionKind.IS_BESIDE)
"""What says *new person* beside a filled lookup."""
SOON = "soon"
"""The id of a record that is yet to be made."""


class Keeping:
    """Keeps the profiles of a batch, round by round.

    Args:
        profiles: The profiles as they were read.
        rule: Where they are kept.
        mapping: The mapping of the batch.
        context: Whom to tell.
    """

    def __init__(self, profiles: Profiles, rule: ProfileRule, mapping: StreamMapping, context: Context) -> None:
        self.profiles = profiles
        self._rule = rule
        self._mapping = mapping
        self._context = context
        self._describe = context.describes[rule.object]
        self._searches = Searches(mapping, context.describes)
        self._sought = fields_sought(rule, mapping)

    def foresee(self, action: Action) -> Row | None:
        """What the profile of a draft will say, if that goes well; None where no rule looks for what is new."""
        draft = action.match.draft
        if not self._mapping.seeks_profiles or draft.arrival.fills:
            return None
        before = _read(self.profiles, draft.key)
        result = Result(action.id or SOON, created=True) if action.writes else None
        after = self._after(before, action, outcome_of(action, result, {}))
        body = _body(after, frozenset(), self.profiles, self._rule, self._describe) if after else {}
        return after.row if after and not self._sought.isdisjoint(body) else None

    def keep(self, ended: Sequence[tuple[Action, Outcome]]) -> list[Outcome]:
        """Write the profiles that say something else by now; whose row is refused is held.

        Args:
            ended: What became of which action in a round, in the order of arrival.

        Raises:
            OrgRefused: A fault that no row escapes.
            OrgError: The org as a whole did not answer.
        """
        decided = [
            (outcome.arrival, outcome.ruling.news)
            for action, outcome in ended
            if outcome.ruling.news and not action.match.draft.amends
        ]
        self._context.ledger.note(decided)
        unheeded = {arrival.key for arrival, news in decided if news.what in NOT_HEEDED}
        self._context.written.unheeded |= unheeded
        wanted: dict[str, Kept] = {}
        for action, outcome in ended:
            key = outcome.arrival.key
            before = wanted[key].row if key in wanted else _read(self.profiles, key)
            after = self._after(before, action, outcome)
            wanted |= {key: after} if after else {}
        written = write_rows(list(wanted.values()), self.profiles, self._rule, self._describe, self._context)
        refused = {key: result for key, (result, _) in written.items() if result.fault}
        self.profiles = self.profiles.after(
            {key: (str(result.id), body) for key, (result, body) in written.items() if not result.fault}, self._rule
        )
        last = {id(kept.draft.arrival) for key, kept in wanted.items() if key in refused}
        return [
            _held(outcome, self._rule, refused[outcome.arrival.key]) if id(outcome.arrival) in last else outcome
            for _, outcome in ended
        ]

    def _after(self, before: Row | None, action: Action, outcome: Outcome) -> Kept | None:
        draft, name = action.match.draft, outcome.object or action.object
        tells = False
        if before is None and self._rule.keep is Keep.NEEDED and self._mapping.seeks_profiles and outcome.id:
            shown = phone_keys_of(self._mapping, name).shown(_holds(action, outcome))
            tells = tells_more(draft, name, shown, self._mapping, self._searches)
        return row_after(before, draft, outcome, self._rule, self._describe, tells=tells)


def _holds(action: Action, outcome: Outcome) -> Row:
    """What the person's record holds by now, as far as we know: a value that somebody was quicker with we do not."""
    row = action.match.row
    known = {name: value for name, value in row.values.items() if name not in action.body} if row else {}
    return {**known, **outcome.sent}


def _read(profiles: Profiles, key: str) -> Row | None:
    profile = profiles.by_key.get(key)
    return profile.values if profile else None


def write_rows(
    wanted: Sequence[Kept], profiles: Profiles, rule: ProfileRule, describe: ObjectDescribe, context: Context
) -> dict[str, tuple[Result, Row]]:
    """Key -> the org's answer, and what was sent; without values that it refuses and the mapping can do without."""
    answered: dict[str, tuple[Result, Row]] = {
        each.draft.key: (_unfit(each), {}) for each in wanted if each.fitting.objections
    }
    left = [(each, frozenset[str]()) for each in wanted if each.draft.key not in answered]
    while left:
        sent = [
            (each, omitted, body) for each, omitted in left if (body := _body(each, omitted, profiles, rule, describe))
        ]
        results = _send([(each, body) for each, _, body in sent], profiles, rule, context)
        stop_if_hopeless(
            (each.draft.arrival, rule.object, result) for (each, _, _), result in zip(sent, results, strict=True)
        )
        left = []
        for (each, omitted, body), result in zip(sent, results, strict=True):
            fault = result.fault
            refusing = frozenset(fault.fields) if fault else frozenset[str]()
            if fault and fault.reason is Reason.VALUE_REFUSED and refusing and refusing <= _optional(rule) - omitted:
                left.append((each, omitted | refusing))
                continue
            answered[each.draft.key] = (result, body)
            context.written.profiles |= set() if fault else {(rule.object, each.draft.key)}
    return answered


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
        (profile.id, body, {field: None for field in rule.person.values() if body.get(field)})
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
    """The shopper is held with what the org has against the row; sent is what it has taken of her own record."""
    fault = result.fault
    if fault is None:
        return outcome
    fields = tuple(f"{rule.object}.{name}" for name in fault.fields)
    return replace(
        outcome,
        verdict=Verdict.HELD,
        stage=Stage.SEND,
        reason=fault.reason,
        sent={} if outcome.verdict is Verdict.HELD else outcome.sent,
        fields=fields or (rule.object,),
        code=fault.code or None,
        message=fault.message,
        waits_for=(),
    )
