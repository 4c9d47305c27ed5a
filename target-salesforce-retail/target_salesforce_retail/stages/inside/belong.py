"""Parts of a record: which parent they hang on, which have left it, and which moved to another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from target_salesforce_retail.mapping.convert import is_blank
from target_salesforce_retail.mapping.rules import Mapping as Rules
from target_salesforce_retail.mapping.rules import Mappings, Stale
from target_salesforce_retail.nouns import Arrival, Match, Siblings
from target_salesforce_retail.shapes import ObjectShape
from target_salesforce_retail.stages.inside.name import key_of


def leaves(match: Match, rules: Rules) -> bool:
    """True for a part that its record does not name any more, and that still hangs on it.

    A deleted part that does not say what it belonged to is gone from whatever it hangs on.
    """
    if not match.row or not rules.parent or rules.parent.stale is not Stale.DELETE:
        return False
    if match.draft.deleted and not match.draft.references:
        return True
    found = _found_parent(match, rules)
    return (match.stray or match.draft.deleted) and found is not None and found == _held_parent(match, rules)


def hangs_elsewhere(match: Match, rules: Rules, shape: ObjectShape) -> bool:
    """True for a part that moved to another record, where the org cannot move it."""
    held, found = _held_parent(match, rules), _found_parent(match, rules)
    if match.draft.amends or not (held and found and held != found) or rules.parent is None:
        return False
    return not all(shape.fields[field].updateable for field in rules.parent.reference.fields.values())


def _found_parent(match: Match, rules: Rules) -> str | None:
    """First 15 characters of the parent's id: in this form ids compare."""
    place = match.found.get(rules.parent.reference.label) if rules.parent else None
    return place[1][:15] if place else None


def _held_parent(match: Match, rules: Rules) -> str | None:
    fields = rules.parent.reference.fields.values() if rules.parent and match.row else ()
    held = [match.row.values.get(field) for field in fields if match.row]
    return str(held[0])[:15] if held and not is_blank(held[0]) else None


def parent_id(match: Match, rules: Rules) -> str:
    """The id whose row a write locks: the master's, else the first record referred to."""
    if rules.parent and rules.parent.reference.label in match.found:
        return match.found[rules.parent.reference.label][1]
    return next((record_id for _, record_id in match.found.values()), "")


def strays_of(match: Match, mappings: Mappings) -> Iterator[tuple[str, str]]:
    """Children in the org that the record's complete set no longer names."""
    record = match.draft.arrival.sound
    for stream, rows in match.children.items():
        child = mappings.of(stream)
        siblings = child.parent.siblings if child and child.parent else None
        ids = record.get(siblings) if siblings else None
        if child is None or not isinstance(ids, list):
            continue
        named = {key_of(child, {**record, "id": each}) for each in ids}
        for row in rows:
            if str(row.values.get(child.key.field)) not in named:
                yield row.object, row.id


def sets_of(arrivals: Sequence[Arrival], rules: Rules | None, mappings: Mappings) -> list[Siblings]:
    """The complete sets of children that these records list, whatever becomes of the records themselves."""
    found: list[Siblings] = []
    for child in mappings.children(rules.stream) if rules else ():
        siblings = child.parent.siblings if child.parent else None
        for arrival in arrivals if siblings else ():
            ids = arrival.sound.get(str(siblings))
            if isinstance(ids, list) and not arrival.grave:
                keys = (key_of(child, {**arrival.record, "id": each}) for each in ids)
                found.append(Siblings(child.stream, arrival.key, arrival.version, frozenset(filter(None, keys))))
    return found
