"""Parts: records that hang on a parent, the row that their lookup points to. Which left it, which moved to another?

A receipt named the lines 1 and 2, and its newest version names 1 alone: line 2 is stale, and leaves. Where line 2 comes
again under another receipt, its row hangs elsewhere: it is moved there, or, where the lookup cannot be changed, made
anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from target_salesforce_retail.mapping.rules import Mappings, Stale, StreamMapping
from target_salesforce_retail.mapping.text import is_blank
from target_salesforce_retail.metadata import ObjectDescribe
from target_salesforce_retail.nouns import Arrival, Match, Siblings
from target_salesforce_retail.stages.inside.name import key_of


def leaves(match: Match, mapping: StreamMapping) -> bool:
    """True for a part that its record does not name any more, and that still hangs on it.

    A deleted part that does not say what it belonged to is gone from whatever it hangs on.
    """
    if not match.row or not mapping.parent or mapping.parent.stale is not Stale.DELETE:
        return False
    if match.draft.deleted and not match.draft.references:
        return True
    found = _found_parent(match, mapping)
    return (match.is_stale or match.draft.deleted) and found is not None and found == _held_parent(match, mapping)


def hangs_elsewhere(match: Match, mapping: StreamMapping, describe: ObjectDescribe) -> bool:
    """True for a part that moved to another record, where the org cannot move it."""
    held, found = _held_parent(match, mapping), _found_parent(match, mapping)
    if match.draft.amends or not (held and found and held != found) or mapping.parent is None:
        return False
    return not all(describe.fields[field].updateable for field in mapping.parent.reference.fields.values())


def _found_parent(match: Match, mapping: StreamMapping) -> str | None:
    """First 15 characters of the parent's id: in this form ids compare."""
    place = match.found.get(mapping.parent.reference.label) if mapping.parent else None
    return place[1][:15] if place else None


def _held_parent(match: Match, mapping: StreamMapping) -> str | None:
    fields = mapping.parent.reference.fields.values() if mapping.parent and match.row else ()
    held = [match.row.values.get(field) for field in fields if match.row]
    return str(held[0])[:15] if held and not is_blank(held[0]) else None


def parent_id(match: Match, mapping: StreamMapping) -> str:
    """The id whose row a write locks: the master's, else the first record referred to."""
    if mapping.parent and mapping.parent.reference.label in match.found:
        return match.found[mapping.parent.reference.label][1]
    return next((record_id for _, record_id in match.found.values()), "")


def stale_of(match: Match, mappings: Mappings) -> Iterator[tuple[str, str]]:
    """Children in the org that the record's complete set no longer names."""
    record = match.draft.arrival.sound
    for stream, rows in match.children.items() if not match.draft.is_outdated else ():
        child = mappings.of(stream)
        siblings = child.parent.siblings if child and child.parent else None
        ids = record.get(siblings) if siblings else None
        if child is None or not isinstance(ids, list):
            continue
        named = {key_of(child, {**record, "id": each}) for each in ids}
        for row in rows:
            if str(row.values.get(child.key.field)) not in named:
                yield row.object, row.id


def sets_of(arrivals: Sequence[Arrival], mapping: StreamMapping | None, mappings: Mappings) -> list[Siblings]:
    """The complete sets of children that these records list, whatever becomes of the records themselves."""
    found: list[Siblings] = []
    for child in mappings.children(mapping.stream) if mapping else ():
        siblings = child.parent.siblings if child.parent else None
        for arrival in arrivals if siblings else ():
            ids = arrival.sound.get(str(siblings))
            if isinstance(ids, list) and not arrival.blocking_flaws:
                keys = (key_of(child, {**arrival.record, "id": each}) for each in ids)
                found.append(Siblings(child.stream, arrival.key, arrival.version, frozenset(filter(None, keys))))
    return found
