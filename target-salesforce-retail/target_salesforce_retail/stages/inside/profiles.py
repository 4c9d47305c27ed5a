"""Profiles: what the org keeps of which person a record is, and what a person has decided there.

The profile of shopper 1:7 has contact A in its lookup, and A in the field that says whom we linked last: the link is
ours. Has somebody put B there, that is a decision: it is B, whatever the rules say. Has somebody emptied the lookup,
it is not A. Where A was deleted the org has emptied it, and nobody has decided anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from target_salesforce_retail.mapping.profile import RETIRED, ProfileRule, Status
from target_salesforce_retail.metadata import MODIFIED_BY
from target_salesforce_retail.nouns import (
    Decided,
    DecisionKind,
    Draft,
    OrgRow,
    Outcome,
    Reason,
    Ruling,
    Undecided,
    Value,
    Verdict,
)
from target_salesforce_retail.ports import ReadableOrg
from target_salesforce_retail.stages.inside.profile_fields import DECIDED, ids_in
from target_salesforce_retail.words import IN_ORG, Retirement

PROFILE = "profile"
"""The rule by which somebody is known again: the org keeps who it is, or will once what the ledger knows is there."""
TO_DECIDE = (Reason.MANY_MATCHES, Reason.VETOED, Reason.DUPLICATE_RULE)
"""Why a person has to say who it is."""
TO_NAME = (Reason.NONE_HELD, Reason.CONVERTED)
"""Why a person may say who it is: nobody answers, so that only a name helps."""
DECIDABLE = (*TO_DECIDE, *TO_NAME, Reason.CONVERSION_DUPLICATE)
Alive = Callable[[str], str | None]
"""Id -> the id that lives now: itself, its survivor, or what a lead became; None when it is gone."""


@dataclass(frozen=True, slots=True)
class Profile:
    """The row of one record, as it was read.

    Attributes:
        id: The row's id.
        persons: The ids in its lookups, in the order of the mapping.
        status: Where it says that the link stands.
        matched: The id that was linked last; empty when none was.
        rule: By which rule that came to be.
        candidates: Ids of the records that it may be.
        refused: Ids of the records that it is not.
        by: Who changed the row last.
        values: All that was read.
    """

    id: str
    persons: tuple[str, ...]
    status: str
    matched: str
    rule: str
    candidates: tuple[str, ...]
    refused: tuple[str, ...]
    by: str
    values: Mapping[str, Value]

    @property
    def ids(self) -> tuple[str, ...]:
        """Every record that it names."""
        named = (*self.persons, *((self.matched,) if self.matched else ()), *self.refused)
        return (*named, *self.candidates) if self.says_new else named

    @property
    def says_new(self) -> bool:
        """True when somebody has said that it is none of the candidates, and has named no other."""
        return self.status == Status.NEW and not self.persons

    @property
    def is_retired(self) -> bool:
        """True when its record speaks for nobody any more."""
        return self.status in {each.value for each in RETIRED}

    def after(self, retirement: Retirement) -> Profile:
        """As it is once its record speaks for nobody any more: whom a person has ruled out stays ruled out."""
        ruled_out = self.candidates if self.says_new else ()
        ruled_out += (self.matched,) if self.matched and self.matched not in self.persons else ()
        after = replace(self, status=retirement.value, refused=(*self.refused, *ruled_out))
        return replace(after, persons=(), matched="", rule="", candidates=()) if retirement.releases else after

    def decides(self, hold: Undecided) -> bool:
        """Whether the record that is held fares better now, for a person has decided."""
        if hold.reason in TO_NAME:
            return self.rule == DECIDED or any(each != self.matched for each in self.persons)
        if hold.reason is Reason.CONVERSION_DUPLICATE:
            others = {*self.persons} - {hold.lead}
            return bool(others) or self.says_new or hold.lead in self.refused
        if hold.reason not in TO_DECIDE:
            return False
        return bool(self.persons) or self.says_new or not {*self.refused}.isdisjoint(hold.candidates)

    def ruling(self, alive: Alive) -> Ruling:
        """What follows from it."""
        linked = [(each, living) for each in self.persons if (living := alive(each))]
        matched = alive(self.matched) if self.matched else None
        chosen = [living for each, living in linked if living != matched and each != self.matched]
        refused = {*self.refused, *(living for each in self.refused if (living := alive(each)))}
        if chosen:
            refused |= {matched} if matched else set()
            kind = DecisionKind.IS_BESIDE if self.status == Status.NEW else DecisionKind.IS
            news = Decided(kind, chosen[0], self.matched, self.by)
            return Ruling(chosen[0], decided=True, refused=frozenset(refused - {chosen[0]}), news=news)
        if linked:
            person = linked[0][1]
            is_unheeded = self.status == Status.NEW
            unheeded = Decided(DecisionKind.UNHEEDED, "", self.matched, self.by) if is_unheeded else None
            return Ruling(person, decided=self.rule == DECIDED, refused=frozenset(refused - {person}), news=unheeded)
        refused |= {self.matched, matched} if matched else set()
        if self.says_new:
            refused |= {*self.candidates, *(living for each in self.candidates if (living := alive(each)))}
            return Ruling(
                decided=True, refused=frozenset(refused), news=Decided(DecisionKind.IS_NEW, "", self.matched, self.by)
            )
        emptied = Decided(DecisionKind.IS_NOT, matched, self.matched, self.by) if matched else None
        return Ruling(refused=frozenset(refused), news=emptied)


@dataclass(frozen=True)
class Profiles:
    """The profiles of a batch, by key; empty where the mapping keeps none."""

    by_key: Mapping[str, Profile] = field(default_factory=dict)

    def foreseen(self, draft: Draft, outcome: Outcome) -> Profiles:
        """As the org will keep them, of whether a record speaks for somebody, and of who has none yet."""
        before = self.by_key.get(draft.key)
        if (is_retired := retires(draft, outcome)) is None:
            return self
        owns = bool(outcome.id) and outcome.stamped_key == draft.key
        if before is None and not (owns if is_retired else is_linked(outcome) and not owns):
            return self
        if before is None:
            who = str(outcome.id)
            before = Profile("", (who,), Status.LINKED.value, who, str(outcome.rule), (), (), "", {})
        after = before.after(draft.retirement) if draft.retirement else replace(before, status=Status.LINKED.value)
        return Profiles({**self.by_key, draft.key: after})

    def after(self, written: Mapping[str, tuple[str, Mapping[str, Value]]], rule: ProfileRule) -> Profiles:
        """The profiles, with what was written since they were read.

        Args:
            written: Key -> the row's id, and what was sent.
            rule: Where they are kept.
        """
        found = dict(self.by_key)
        for key, (record_id, body) in written.items():
            before = found.get(key)
            values = {**dict.fromkeys(rule.all_fields), **(before.values if before else {}), **body, rule.key: key}
            found[key] = _profile(OrgRow(rule.object, before.id if before else record_id, values), rule)
        return Profiles(found)

    def ids(self, keys: Iterable[str]) -> list[str]:
        """Every record that the profiles of these keys name."""
        found = (self.by_key.get(key) for key in keys)
        return list(dict.fromkeys(each for profile in found if profile for each in profile.ids))

    def has_decision_on(self, hold: Undecided) -> bool:
        """Whether a person has decided what a record is held for."""
        profile = self.by_key.get(hold.key)
        return profile is not None and profile.decides(hold)

    def ruling(self, key: str, alive: Alive) -> Ruling:
        """What follows from the profile of a key; nothing when it has none."""
        profile = self.by_key.get(key)
        return profile.ruling(alive) if profile else Ruling()


def is_linked(outcome: Outcome) -> bool:
    """Whether it is known which person a record is."""
    return bool(outcome.id) and (outcome.verdict in IN_ORG or outcome.reason is Reason.LEFT_ALONE)


def is_open(outcome: Outcome) -> bool:
    """Whether a person has to decide which one it is."""
    is_held = outcome.verdict is Verdict.HELD and outcome.reason in TO_DECIDE
    return is_held and not (outcome.id or outcome.ruling.person)


def says_nothing(draft: Draft, outcome: Outcome) -> bool:
    """Whether nothing follows for its profile, for a newer version has had its say, or it is our own request."""
    return draft.is_outdated or draft.arrival.fills or outcome.reason is Reason.SUPERSEDED


def retires(draft: Draft, outcome: Outcome) -> bool | None:
    """Whether a record speaks for nobody from this outcome on; None where that stays as it was."""
    if says_nothing(draft, outcome):
        return None
    if draft.retirement:
        return None if outcome.verdict is Verdict.HELD else True
    return False if is_linked(outcome) or is_open(outcome) else None


@dataclass
class Written:
    """What a run has written, and passed over.

    Attributes:
        profiles: Object and key of the profiles that it has written.
        converted: How many leads it has converted.
        unheeded: Keys of those that say *new person* beside a filled lookup.
        merged: How many pairs it has merged.
        in_vain: The ids of pairs that it could not merge.
    """

    profiles: set[tuple[str, str]] = field(default_factory=set)
    converted: int = 0
    unheeded: set[str] = field(default_factory=set)
    merged: int = 0
    in_vain: set[frozenset[str]] = field(default_factory=set)

    def __str__(self) -> str:
        """What the summary of a run says of it; empty where there is nothing to say."""
        leads = f"; {self.converted:,} lead{'s' if self.converted > 1 else ''} converted" if self.converted else ""
        profiles = len(self.profiles)
        written = f"; {profiles:,} profile{'s' if profiles > 1 else ''} written" if profiles else ""
        written += f"; {self.merged:,} pair{'s' if self.merged > 1 else ''} merged" if self.merged else ""
        count = len(self.unheeded)
        says = f"{count:,} profile{' says' if count == 1 else 's say'} `{Status.NEW.value}` beside a filled lookup"
        return leads + written + (f"; {says}, which stands: empty it first" if count else "")


def fields_of(rule: ProfileRule, has: Iterable[str]) -> tuple[str, ...]:
    """What is read of a profile."""
    return (*rule.all_fields, *(each for each in (MODIFIED_BY,) if each in has))


def read_profiles(keys: Sequence[str], rule: ProfileRule | None, org: ReadableOrg) -> Profiles:
    """The profiles of these keys, all in one look-up; none where the mapping keeps none."""
    if rule is None or not keys:
        return Profiles()
    has = org.describe([rule.object])[rule.object].fields
    rows = org.find({rule.object: [{rule.key: keys}]}, {rule.object: fields_of(rule, has)})
    return profiles_of(rows, rule)


def read_leading(ids: Sequence[str], rule: ProfileRule, org: ReadableOrg) -> Profiles:
    """The profiles that lead to any of these records; a row without a key is nobody's."""
    wanted = {rule.object: [{lookup: ids} for lookup in rule.person.values()]} if ids else {}
    rows = org.find(wanted, {rule.object: fields_of(rule, ())}) if wanted else ()
    return profiles_of((row for row in rows if row.values.get(rule.key)), rule)


def profiles_of(rows: Iterable[OrgRow], rule: ProfileRule) -> Profiles:
    """The profiles among rows."""
    return Profiles({str(row.values[rule.key]): _profile(row, rule) for row in rows if row.object == rule.object})


def _profile(row: OrgRow, rule: ProfileRule) -> Profile:
    values = row.values
    return Profile(
        id=row.id,
        persons=tuple(str(values[name]) for name in rule.person.values() if values.get(name)),
        status=_text(values.get(rule.status)),
        matched=_text(values.get(rule.matched)),
        rule=_text(values.get(rule.rule)),
        candidates=ids_in(values.get(rule.candidates)),
        refused=ids_in(values.get(rule.refused)),
        by=_text(values.get(MODIFIED_BY)),
        values=values,
    )


def _text(value: Value) -> str:
    return "" if value is None else str(value).strip()
