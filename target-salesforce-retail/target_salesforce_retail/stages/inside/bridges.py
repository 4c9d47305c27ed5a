"""Bridges: a profile that is one person, and by another rule another one. Are the two one person?

A shopper comes with the phone of contact A and the e-mail of contact B. The phone decides, and she is A. That B answers
to her e-mail is no mistake yet, but worth a look: where A and B are one, people merge them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace

from target_salesforce_retail.mapping.rules import StreamMapping
from target_salesforce_retail.metadata import ObjectDescribe
from target_salesforce_retail.nouns import Bridge, OrgRow, Outcome, Suspect, Undecided
from target_salesforce_retail.ports import ReadableOrg
from target_salesforce_retail.stages.inside.evidence import Answer
from target_salesforce_retail.stages.inside.profiles import read_profiles
from target_salesforce_retail.stages.inside.refer import ObjectId, living_among


def bridges_of(
    row: OrgRow, rule: str | None, answers: Sequence[Answer], *, several: bool
) -> tuple[tuple[Bridge, ...], set[str]]:
    """Whom else rules find, each once; and the ids of all who have a say in that.

    A rule may find the record's own person too: what the record has filled in there answers as well from then on.

    Args:
        row: Whom the record is.
        rule: The rule that decided so.
        answers: What each declared rule answers.
        several: Whether a rule that finds several others says of each of them that she may be that one, too. To a
            person that would be a list of guesses; where two are merged, the third must not be forgotten.
    """
    vetoed = {each for answer in answers for each in answer.vetoed}
    by = next((answer.rule for answer in answers if any(each.id == row.id for each in answer.rows)), rule or "")
    others: dict[str, Bridge] = {}
    for answer in answers:
        found = [each for each in answer.rows if not each.dead_end and each.id not in vetoed | {row.id}]
        for each in found if several or len(found) == 1 else ():
            others.setdefault(each.id, Bridge(each.object, each.id, answer.rule, by))
    ever = {each for answer in answers if answer.ever - {row.id} for each in answer.ever}
    return tuple(others[each] for each in sorted(others)), ever


def bridging_after(keys: Set[str], outcome: Outcome) -> Set[str]:
    """Keys of records that are one of two who may be one person, once one of them has ended so."""
    now = outcome.bridges_now
    if now is None:
        return keys
    return keys | {outcome.arrival.key} if now else keys - {outcome.arrival.key}


def still_suspects(
    suspects: Sequence[Suspect], mapping: StreamMapping, org: ReadableOrg, describes: Mapping[str, ObjectDescribe]
) -> list[Suspect | None]:
    """Each with the ids that live now; None where one is gone, they are one by now, or a person has told them apart.

    Args:
        suspects: Of one stream.
        mapping: Its mapping.
        org: The org.
        describes: What the org says of its objects.
    """
    profiles = read_profiles(list(dict.fromkeys(each.key for each in suspects)), mapping.profile, org)
    named = dict.fromkeys((*(each.id for each in suspects), *(each.bridge.id for each in suspects)))
    ids = list(named | dict.fromkeys(profiles.ids(profiles.by_key)))
    living = living_among(ids, mapping, org, describes) if ids else {}
    ids_now = {asked: place[1] for asked, place in living.items()}
    return [_now(each, living, profiles.ruling(each.key, ids_now.get).refused) for each in suspects]


def _now(suspect: Suspect, living: Mapping[str, ObjectId], refused: Set[str]) -> Suspect | None:
    one, other = living.get(suspect.id), living.get(suspect.bridge.id)
    if one is None or other is None or one == other or {one[1], other[1]} & refused:
        return None
    return replace(suspect, object=one[0], id=one[1], bridge=replace(suspect.bridge, object=other[0], id=other[1]))


def fewer_now(
    held: Sequence[Undecided], mapping: StreamMapping, org: ReadableOrg, describes: Mapping[str, ObjectDescribe]
) -> list[int]:
    """The numbers of holds of which two candidates are one by now."""
    ids = list(dict.fromkeys(candidate for each in held for candidate in each.candidates))
    living = living_among(ids, mapping, org, describes) if ids else {}
    places = [
        (each.number, [living[candidate] for candidate in each.candidates if candidate in living]) for each in held
    ]
    return [number for number, there in places if len({*there}) < len(there)]


def pairs_of(suspects: Iterable[Suspect]) -> list[tuple[Suspect, ...]]:
    """All that say the same of the same two, whichever of the two their records are; who says most comes first."""
    pairs: dict[frozenset[str], list[Suspect]] = defaultdict(list)
    for each in suspects:
        pairs[frozenset((each.id, each.bridge.id))].append(each)
    return sorted(map(tuple, pairs.values()), key=lambda pair: (-len(pair), pair[0].key))


def counted(pairs: int) -> str:
    """How many there are, as a summary says it."""
    return "1 pair may be one person" if pairs == 1 else f"{pairs:,} pairs may be one person each"
