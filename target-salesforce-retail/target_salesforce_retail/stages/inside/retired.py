"""Who speaks for nobody any more: a record that was merged at the till, or that a rule leaves out by now.

Shopper 1:7 is contact A, and so is 1:8; A carries the key of 1:7. Once that one is merged into another, or archived,
nothing more comes of it that A could be told: the next profile of A that comes carries on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from target_salesforce_retail.mapping.rules import OnMatch, StreamMapping
from target_salesforce_retail.mapping.text import is_blank
from target_salesforce_retail.nouns import Draft, OrgRow, Reason, Record, Retirement, Value
from target_salesforce_retail.stages.inside.name import key_of
from target_salesforce_retail.stages.inside.sound import is_deleted, meets

REASONS = {
    Retirement.MERGED: Reason.DELETED,
    Retirement.EXCLUDED: Reason.EXCLUDED,
    Retirement.UNLINKED: Reason.EXCLUDED,
    Retirement.ERASED: Reason.EXCLUDED,
}
"""Why such a record is skipped where nothing is to be written of it."""


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


def stamped_key(draft: Draft, row: OrgRow | None, mapping: StreamMapping, is_retired: Callable[[str], bool]) -> str:
    """The key that a draft's row carries, or will: from whoever speaks for nobody any more the next takes over."""
    stamped = row.values.get(mapping.key.field) if row else None
    if row is None or is_blank(stamped):
        return draft.key
    may_write = mapping.on_match.get(row.object) is OnMatch.UPDATE and not draft.amends
    return draft.key if may_write and is_retired(str(stamped)) else str(stamped)


def is_excluded(record: Record, mapping: StreamMapping) -> bool:
    """Whether the mapping leaves a record out: it has not what `when` asks for, or stands for nobody."""
    return not meets(mapping.when, record) or key_of(mapping, record) in mapping.nobody
