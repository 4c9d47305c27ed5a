"""What is it called, and is it mapped, sound and wanted?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from datetime import datetime

from target_salesforce_retail.mapping.rules import Mappings, Stale, StreamMapping
from target_salesforce_retail.mapping.text import is_blank
from target_salesforce_retail.nouns import Arrival, Draft, Outcome, Reason, Stage, Verdict
from target_salesforce_retail.stages.inside.name import digest_of, key_of, version_of
from target_salesforce_retail.stages.inside.retired import is_excluded, retirement_of
from target_salesforce_retail.stages.inside.sound import is_deleted, with_flaws

RULED_OUT = (Reason.EXCLUDED, Reason.DELETED)


def identify(arrival: Arrival, mapping: StreamMapping | None, mappings: Mappings, now: datetime) -> Arrival:
    """The arrival with the key by which the ledger knows it, its version, and what is not sound in it.

    Singer's own key will not do: a stream may have none, and records would share one entry.
    """
    if mapping is None:
        return arrival if arrival.key else replace(arrival, key=digest_of(arrival.record))
    key = key_of(mapping, arrival.record) or digest_of(arrival.record)
    found = with_flaws(arrival, mapping, mappings)
    has_version = mapping.version not in {flaw.property for flaw in found.flaws}
    return replace(found, key=key, version=version_of(mapping, arrival.record, now) if has_version else None)


def check(arrival: Arrival, mapping: StreamMapping | None) -> Outcome | None:
    """None for an arrival that may go on; else the outcome that ends its way here."""
    if mapping is None:
        return Outcome(arrival, Verdict.SKIPPED, Stage.CHECK, reason=Reason.UNMAPPED)
    if arrival.blocking_flaws:
        named = tuple(dict.fromkeys(flaw.property for flaw in arrival.blocking_flaws if flaw.property))
        message = "; ".join(map(str, arrival.blocking_flaws))
        return Outcome(arrival, Verdict.HELD, Stage.CHECK, reason=Reason.INVALID, fields=named, message=message)
    record = arrival.sound
    is_retired = retirement_of(record, mapping) is not None
    if mapping.deleted and is_deleted(record, mapping.deleted):
        wanted = mapping.deleted.set or is_retired or _leaves_its_parent(mapping)
        return None if wanted else Outcome(arrival, Verdict.SKIPPED, Stage.CHECK, reason=Reason.DELETED)
    if not is_retired and is_excluded(record, mapping):
        return Outcome(arrival, Verdict.SKIPPED, Stage.CHECK, reason=Reason.EXCLUDED)
    missing = tuple(name for name in mapping.require if is_blank(record.get(name)))
    if missing and not is_retired:
        return Outcome(arrival, Verdict.HELD, Stage.CHECK, reason=Reason.REQUIRED_MISSING, fields=missing)
    return None


def skip_superseded(
    arrivals: Sequence[Arrival],
    outcomes: Sequence[Outcome],
    drafts: Sequence[Draft],
    ruled_out: Set[str],
    newest_known: Mapping[str, str],
) -> tuple[list[Outcome], list[Draft]]:
    """The outcomes and drafts of a batch, of which old versions of records that a rule has taken out are at rest.

    An old version must not bring back what was deleted or left out since; and the newest one alone says whether it was,
    and which parts the record has.

    Args:
        arrivals: The batch, in its order.
        outcomes: Those that check and map have ended.
        drafts: The others.
        ruled_out: Keys of the records that a rule took out before this batch.
        newest_known: Key -> the newest version that had an outcome before this batch.
    """
    out, newest = set(ruled_out), dict(newest_known)
    ended = {id(outcome.arrival): outcome for outcome in outcomes}
    going = {id(draft.arrival): draft for draft in drafts}
    for arrival in arrivals:
        outcome, draft = ended.get(id(arrival)), going.get(id(arrival))
        key, version, known = arrival.key, arrival.version, newest.get(arrival.key)
        if version and known and version < known:
            if draft and key in out:
                del going[id(arrival)]
                ended[id(arrival)] = Outcome(arrival, Verdict.SKIPPED, Stage.CHECK, reason=Reason.SUPERSEDED)
            elif draft:
                going[id(arrival)] = replace(draft, is_outdated=True)
            continue
        if (draft and (draft.deleted or draft.retirement)) or (outcome and outcome.reason in RULED_OUT):
            out.add(key)
        else:
            out.discard(key)
        if version:
            newest[key] = version
    return list(ended.values()), list(going.values())


def _leaves_its_parent(mapping: StreamMapping) -> bool:
    return mapping.parent is not None and mapping.parent.stale is Stale.DELETE
