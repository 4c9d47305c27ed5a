"""Who speaks for nobody any more: a record that was merged at the till, or that a rule leaves out by now.

Shopper 1:7 is contact A, and so is 1:8; A carries the key of 1:7. Once that one is merged into another, or archived,
nothing more comes of it that A could be told: the next profile of A that comes carries on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from target_salesforce_retail.mapping.rules import OnMatch, StreamMapping
from target_salesforce_retail.mapping.text import is_blank
from target_salesforce_retail.metadata import ObjectDescribe
from target_salesforce_retail.nouns import (
    DecisionKind,
    Draft,
    Match,
    OrgRow,
    Outcome,
    Reason,
    Record,
    Retirement,
    Ruling,
    Value,
)
from target_salesforce_retail.ports import ReadableOrg
from target_salesforce_retail.stages.inside.compare import same
from target_salesforce_retail.stages.inside.name import key_of
from target_salesforce_retail.stages.inside.profiles import Profiles, read_leading, read_profiles, retires
from target_salesforce_retail.stages.inside.sound import if_matched, is_deleted, meets

REASONS = {
    Retirement.MERGED: Reason.DELETED,
    Retirement.EXCLUDED: Reason.EXCLUDED,
    Retirement.UNLINKED: Reason.EXCLUDED,
    Retirement.ERASED: Reason.EXCLUDED,
}
"""Why such a record is skipped where nothing is to be written of it."""


WRITTEN = (OnMatch.UPDATE, OnMatch.CONVERT)
"""What `on_match` says of those to whom the mapping writes."""


def retirement_of(record: Record, mapping: StreamMapping) -> tuple[Retirement, Mapping[str, Value]] | None:
    """Why a record speaks for nobody, and what its person is told then: field -> value.

    Returns:
        None when it speaks, or where the org keeps nothing of which person it is.
    """
    profile = mapping.profile
    if profile is None or key_of(mapping, record) is None:
        return None
    if mapping.deleted and is_deleted(record, mapping.deleted):
        return Retirement.MERGED, mapping.deleted.set
    rule = next((rule for rule in profile.retired if meets(rule.when, record)), None)
    if rule:
        return rule.becomes, rule.set
    return (Retirement.EXCLUDED, {}) if is_excluded(record, mapping) else None


def stamped_key(draft: Draft, row: OrgRow | None, mapping: StreamMapping, speakers: Speakers) -> str:
    """The key that a draft's row carries, or will: from whoever speaks for nobody any more the next takes over."""
    stamped = row.values.get(mapping.key.field) if row else None
    if row is None or is_blank(stamped):
        return draft.key
    return draft.key if speakers.gives_way(draft, row) else str(stamped)


def marks_on(match: Match, row: OrgRow, mapping: StreamMapping, describe: ObjectDescribe) -> frozenset[str]:
    """Fields that hold what `anonymise` has put there, for whoever takes the person over: they count as blank.

    A checkbox does not: that a person is not to be written to stands for no word of somebody who is gone.
    """
    held = row.values
    if match.draft.amends or not match.owns or held.get(mapping.key.field) == match.draft.key:
        return frozenset()
    marks = [(name, value) for rule in mapping.retired for name, value in rule.set.items()]
    return frozenset(
        name
        for name, value in marks
        if name in held
        and not is_blank(value)
        and not isinstance(value, bool)
        and same(value, held[name], describe.fields[name])
    )


class Speakers:
    """Whose profiles lead to whom, in a batch and beside it, and who of them speaks for nobody any more.

    Args:
        mapping: The stream's mapping.
        profiles: The profiles of the batch.
        row: Id -> the row that lives under it, or in whose favour it was merged or converted.
    """

    def __init__(self, mapping: StreamMapping, profiles: Profiles, row: Callable[[str], OrgRow | None]) -> None:
        self._mapping = mapping
        self._profiles = profiles
        self._row = row
        self._owners = Profiles()
        self._others = Profiles()
        self._led: dict[str, str] = {}

    def learn(self, drafts: Sequence[Draft], stamped: Sequence[str], org: ReadableOrg) -> None:
        """Look up the profiles whose keys rows carry, and of whom drafts let go those that lead to her besides."""
        rule = self._mapping.profile
        if rule is None or not any(draft.releases or not draft.amends for draft in drafts):
            return
        self._owners = read_profiles(stamped, rule, org)
        followed = [(draft.key, row.id) for draft in drafts if draft.releases and (row := self._keyed_person(draft))]
        ids = [each for key, record_id in followed for each in (record_id, *self._profiles.by_key[key].persons)]
        self._others = read_leading(list(dict.fromkeys(ids)), rule, org)

    def foresee(self, draft: Draft, outcome: Outcome) -> None:
        """Take in how a draft is going to end: the next ones of its batch know it as the org will keep it."""
        if not self._mapping.profile:
            return
        self._profiles = self._profiles.foreseen(draft, outcome)
        if retires(draft, outcome) is False:
            self._led[draft.key] = str(outcome.id or "")

    def ruling(self, draft: Draft) -> Ruling:
        """What the org keeps of which person it is."""
        return self._profiles.ruling(draft.key, self._alive)

    def left_to(self, draft: Draft) -> tuple[OrgRow | None, bool]:
        """Whose values may be a draft's that lets go, though she carries another's key; and whether she is left to it.

        That other speaks for nobody any more, and no living profile but its own leads to her.
        """
        row = self._keyed_person(draft) if draft.releases else None
        return row, row is not None and self.gives_way(draft, row)

    def gives_way(self, draft: Draft, row: OrgRow) -> bool:
        """Whether a draft may act as if the key that a row carries were its own, for it is that of one who is gone."""
        is_gone = self._is_retired(str(row.values.get(self._mapping.key.field)))
        if not is_gone or if_matched(self._mapping, row.object, draft.arrival) not in WRITTEN:
            return False
        return not draft.amends or (draft.releases and not self._leads_another(draft.key, row.id))

    def _keyed_person(self, draft: Draft) -> OrgRow | None:
        """Whom its profile leads to, and she carries another's key; not whom somebody has named since it last came."""
        ruling = self.ruling(draft)
        is_new = ruling.news is not None and ruling.news.what is DecisionKind.IS
        row = self._row(ruling.person) if ruling.person and not is_new else None
        stamped = row.values.get(self._mapping.key.field) if row else None
        return None if is_blank(stamped) or stamped == draft.key else row

    def _is_retired(self, key: str) -> bool:
        profile = self._profiles.by_key.get(key) or self._owners.by_key.get(key)
        return profile is not None and profile.is_retired

    def _leads_another(self, key: str, record_id: str) -> bool:
        everyone = {**self._others.by_key, **self._profiles.by_key}
        living = [other for other, profile in everyone.items() if other != key and not profile.is_retired]
        return any(
            record_id in ((self._led[other],) if other in self._led else map(self._alive, everyone[other].persons))
            for other in living
        )

    def _alive(self, record_id: str) -> str | None:
        row = self._row(record_id)
        return row.id if row else None


def is_excluded(record: Record, mapping: StreamMapping) -> bool:
    """Whether the mapping leaves a record out: it has not what `when` asks for, or stands for nobody."""
    return not meets(mapping.when, record) or key_of(mapping, record) in mapping.nobody
