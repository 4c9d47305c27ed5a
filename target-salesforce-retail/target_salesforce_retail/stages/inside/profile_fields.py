"""What a profile says in each of its statuses: all of its own fields, but for the key, whoever writes them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set

from target_salesforce_retail.mapping.profile import ProfileRule, Status
from target_salesforce_retail.nouns import Value

DECIDED = "decided"
"""The rule by which a person is found whom somebody has named."""
Fields = dict[str, Value]
SPACES = re.compile(r"[\s,]+")
LISTED_LAST = re.compile(r"(?:(?:^|[\s,]+)[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?)+$")
"""The ids at the end of a text, behind which no person has written anything."""


def linked(
    rule: ProfileRule,
    name: str,
    record_id: str,
    refused: str | None,
    *,
    by: str = DECIDED,
    evidence: Iterable[str] = (),
) -> Fields:
    """It is this record.

    Args:
        rule: The object of profiles.
        name: The object of the record.
        record_id: Its id.
        refused: Whom it is not, as a text.
        by: The match rule, or that a person has decided.
        evidence: The fields that answered to the rule.
    """
    lookups = {field: record_id if each == name else None for each, field in rule.person.items()}
    return _all(rule, Status.LINKED, refused, lookups, matched=record_id, by=by, evidence=evidence)


def to_decide(
    rule: ProfileRule, refused: str | None, *, by: str | None, evidence: Iterable[str], candidates: Iterable[str]
) -> Fields:
    """A person has to say which of the candidates it is."""
    return _all(rule, Status.TO_DECIDE, refused, {}, by=by, evidence=evidence, candidates=candidates)


def new_person(rule: ProfileRule, refused: str | None) -> Fields:
    """It is nobody who is there."""
    return _all(rule, Status.NEW, refused, {})


def unlinked(rule: ProfileRule, refused: str | None, candidates: Iterable[str] = ()) -> Fields:
    """It is linked to nobody, and nobody is asked."""
    return _all(rule, Status.UNLINKED, refused, {}, candidates=candidates)


def listed(ids: Iterable[str]) -> str | None:
    """Ids as a text lists them; nothing for none."""
    return " ".join(sorted(ids)) or None


def ids_in(value: Value) -> tuple[str, ...]:
    """The ids that a text lists, and whatever else stands between spaces and commas: nobody has it for an id."""
    return tuple(dict.fromkeys(word for word in SPACES.split(str(value or "")) if word))


def noted(before: Value, ids: Set[str]) -> str | None:
    """A text that lists these ids and says what it has said besides.

    Args:
        before: What stands there. A person may have written among the ids: that stays as it is, where it is.
        ids: All that is to be listed; what of ``ids_in(before)`` is not among them is taken out.
    """
    text = str(before or "").strip()
    if ids == {*ids_in(text)}:
        return text or None
    remark = LISTED_LAST.sub("", text)
    for gone in {*ids_in(remark)} - ids:
        remark = re.sub(rf"(?<![^\s,]){re.escape(gone)}(?![^\s,])[\s,]*", "", remark)
    return " ".join(filter(None, [remark.rstrip(), listed(ids - {*ids_in(remark)})])) or None


def _all(
    rule: ProfileRule,
    status: Status,
    refused: str | None,
    lookups: Mapping[str, Value],
    *,
    matched: str | None = None,
    by: str | None = None,
    evidence: Iterable[str] = (),
    candidates: Iterable[str] = (),
) -> Fields:
    return {
        **(lookups or dict.fromkeys(rule.person.values())),
        rule.status: status.value,
        rule.matched: matched,
        rule.rule: by,
        rule.evidence: ", ".join(evidence) or None,
        rule.candidates: listed(candidates),
        rule.refused: refused,
    }
