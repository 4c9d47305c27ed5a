"""References: what a match needs to know of other records, by key: their ids, its siblings, the children on its row.

A receipt refers to shopper 1:7, which the ledger remembers as contact A. Where somebody merged A into B since, the
reference is found as B; where A was deleted, it is gone; and where a rule keeps shoppers like 1:7 out, it is skipped.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field

from target_salesforce_retail.mapping.rules import Stale, StreamMapping
from target_salesforce_retail.mapping.text import is_blank
from target_salesforce_retail.metadata import ObjectDescribe
from target_salesforce_retail.nouns import Draft, Link, OrgRow, Reference, Siblings
from target_salesforce_retail.ports import Condition, ReadableOrg
from target_salesforce_retail.stages.inside.context import Context
from target_salesforce_retail.stages.inside.profiles import Profiles, fields_of, profiles_of

ObjectId = tuple[str, str]
"""(object, id): a polymorphic lookup needs both."""


@dataclass(frozen=True)
class Resolved:
    """What is known of the records of one stream that a batch refers to.

    Attributes:
        found: Key -> where the record is.
        gone: Keys of those that were deleted in the org.
        skipped: Keys of those that a rule has skipped.
    """

    found: Mapping[str, ObjectId] = field(default_factory=dict)
    gone: Set[str] = frozenset()
    skipped: Set[str] = frozenset()


@dataclass(frozen=True)
class References:
    """Everything that the drafts of one batch refer to."""

    resolved: Mapping[str, Resolved]
    siblings: Mapping[str, Siblings]
    parent: str | None

    def found(self, draft: Draft) -> dict[str, ObjectId]:
        """Label -> (object, id), for each reference that could be resolved."""
        places = ((each.label, self.resolved[each.stream].found.get(each.key)) for each in draft.references)
        return {label: place for label, place in places if place}

    def gone(self, draft: Draft) -> frozenset[str]:
        """Labels of references to records that were deleted in the org."""
        return frozenset(each.label for each in draft.references if each.key in self.resolved[each.stream].gone)

    def skipped(self, draft: Draft) -> frozenset[str]:
        """Labels of references to records that a rule has skipped."""
        return frozenset(each.label for each in draft.references if each.key in self.resolved[each.stream].skipped)

    def is_stale(self, draft: Draft) -> bool:
        """True when its parent's newest complete set, no older than the draft, does not name it."""
        reference = self._parent_of(draft)
        siblings = self.siblings.get(reference.key) if reference else None
        if siblings is None:
            return False
        version = draft.arrival.version
        older = bool(version and siblings.version and siblings.version < version)
        return not older and draft.key not in siblings.keys

    def _parent_of(self, draft: Draft) -> Reference | None:
        return next((each for each in draft.references if each.label == self.parent), None)


def refer(drafts: Sequence[Draft], mapping: StreamMapping, context: Context, *, again: bool) -> References:
    """Resolve the references of a batch, each stream at once.

    The ledger's memory is believed where only we write. Where people merge and convert (contacts, leads, accounts), and
    everywhere when rows are tried again, the org is asked too, and what was remembered is followed to its survivor.
    """
    wanted: dict[str, dict[str, None]] = defaultdict(dict)
    for draft in drafts:
        for reference in draft.references:
            wanted[reference.stream][reference.key] = None
    resolved = {stream: resolve(stream, list(keys), context, again=again) for stream, keys in wanted.items()}
    parent = mapping.parent
    siblings: Mapping[str, Siblings] = {}
    if parent and parent.stale is Stale.DELETE:
        siblings = context.ledger.siblings(mapping.stream, wanted.get(parent.reference.stream, ()))
    return References(resolved, siblings, parent.reference.label if parent else None)


def resolve(stream: str, keys: Sequence[str], context: Context, *, again: bool) -> Resolved:
    """Where the records of a stream are; ``again``: the org is asked, whatever the ledger remembers."""
    other = context.mappings.of(stream)
    if other is None:
        return Resolved()
    links = context.ledger.links(stream, keys)
    found: dict[str, ObjectId] = {}
    if not again and not other.profile and not any(context.describes[name].mergeable for name in other.objects):
        found = {key: (link.object, link.id) for key, link in links.items()}
    unknown = [key for key in keys if key not in found]
    rows, profiles = _look_up(unknown, links, other, context)
    found |= _by_key(rows, unknown, other)
    remembered = {key: links[key] for key in unknown if key in links and key not in found}
    found |= _by_memory(rows, remembered, other)
    alive = {_id_looked_for(row) for row in rows}
    dead = {key: link for key, link in remembered.items() if link.id not in alive}
    found |= _survivors(dead, other, context)
    found = _as_kept(found, profiles, other, context)
    missing = [key for key in keys if key not in found]
    return Resolved(found, dead.keys() - found.keys(), context.ledger.skipped(stream, missing))


def _look_up(
    keys: Sequence[str], links: Mapping[str, Link], other: StreamMapping, context: Context
) -> tuple[Sequence[OrgRow], Profiles]:
    """The rows that the org has under these keys, or under the ids that the ledger remembers; and their profiles."""
    if not keys:
        return (), Profiles()
    remembered = [links[key] for key in keys if key in links]
    wanted: dict[str, list[Condition]] = {
        name: [{other.key.field: keys}, {"Id": [link.id for link in remembered if link.object == name]}]
        for name in other.objects
    }
    fields: dict[str, tuple[str, ...]] = dict.fromkeys(other.objects, (other.key.field,))
    rule = other.profile
    if rule is None:
        return context.org.find(wanted, fields), Profiles()
    wanted[rule.object] = [{rule.key: keys}]
    rows = context.org.find(wanted, {**fields, rule.object: fields_of(rule, ())})
    return [row for row in rows if row.object != rule.object], profiles_of(rows, rule)


def _as_kept(
    found: Mapping[str, ObjectId], profiles: Profiles, other: StreamMapping, context: Context
) -> dict[str, ObjectId]:
    """What was found, but where the org keeps that it is somebody else, or that it is not this one."""
    named = profiles.ids(profiles.by_key)
    living = living_among(named, other, context.org, context.describes) if named else {}
    kept = dict(found)
    for key in profiles.by_key:
        ruling = profiles.ruling(key, lambda record_id: living[record_id][1] if record_id in living else None)
        place = next((place for place in living.values() if place[1] == ruling.person), None)
        if place:
            kept[key] = place
        elif key in kept and kept[key][1] in ruling.refused:
            del kept[key]
    return kept


def living_among(
    ids: Sequence[str], other: StreamMapping, org: ReadableOrg, describes: Mapping[str, ObjectDescribe]
) -> dict[str, ObjectId]:
    """Id -> where the record lives now, under it or in its survivor."""
    fields = dict.fromkeys(other.objects, (other.key.field,))
    rows = org.find({name: [{"Id": ids}] for name in other.objects}, fields)
    living = {_id_looked_for(row): (row.object, row.id) for row in rows if not row.dead_end}
    for name in other.objects:
        lost = [each for each in ids if each not in living]
        heirs = org.survivors(name, lost) if lost and describes[name].mergeable else {}
        if heirs:
            again = org.find({name: [{"Id": list(dict.fromkeys(heirs.values()))}]}, fields)
            places = {_id_looked_for(row): (row.object, row.id) for row in again if not row.dead_end}
            living |= {each: places[heir] for each, heir in heirs.items() if heir in places}
    return living


def _id_looked_for(row: OrgRow) -> str:
    """The id under which a row was looked for, which is another than its own after a merge or a conversion."""
    return str(row.via.get("Id", row.id))


def _by_key(rows: Iterable[OrgRow], keys: Iterable[str], other: StreamMapping) -> dict[str, ObjectId]:
    """Whoever carries the key; of several, the one of the object that the mapping searches first."""
    wanted, order = set(keys), {name: place for place, name in enumerate(other.objects)}
    ranked = sorted(rows, key=lambda row: -order.get(row.searched or row.object, 0))
    carried = ((row.via.get(other.key.field, row.values.get(other.key.field)), row) for row in ranked)
    return {str(key): (row.object, row.id) for key, row in carried if key in wanted and not row.dead_end}


def _by_memory(rows: Iterable[OrgRow], remembered: Mapping[str, Link], other: StreamMapping) -> dict[str, ObjectId]:
    """Whoever lives on under the id that the ledger remembers."""
    alive = {_id_looked_for(row): row for row in rows if not row.dead_end}
    living = ((key, link, alive[link.id]) for key, link in remembered.items() if link.id in alive)
    return {key: (row.object, row.id) for key, link, row in living if believed(row, key, other.key.field, link)}


def _survivors(dead: Mapping[str, Link], other: StreamMapping, context: Context) -> dict[str, ObjectId]:
    """Who lives on in the place of what the ledger remembers and the org does not have any more.

    A lead may have been merged first, and what it became converted since.
    """
    found: dict[str, ObjectId] = {}
    for name in {link.object for link in dead.values()}:
        heirs = context.org.survivors(name, [link.id for link in dead.values() if link.object == name])
        wanted = {name: [{"Id": list(dict.fromkeys(heirs.values()))}]}
        fields = dict.fromkeys(other.objects, (other.key.field,))
        rows = context.org.find(wanted, fields) if heirs else ()
        places = {_id_looked_for(row): (row.object, row.id) for row in rows if not row.dead_end}
        found |= {
            key: place
            for key, link in dead.items()
            if link.object == name and (place := places.get(heirs.get(link.id, "")))
        }
    return found


def believed(row: OrgRow, key: str, field_name: str, link: Link) -> bool:
    """True when a row that the ledger remembers for a key may be that record.

    A row without a key, or with this one, may; so may one that carries the key that it carried then (two profiles of
    one shopper), and one that the org itself leads to from there, by merge or conversion. Any other id is another
    record's, as after a change of orgs.
    """
    stamped = row.values.get(field_name)
    return row.id != link.id or is_blank(stamped) or str(stamped) in (key, link.stamped_key)


def children_of(rows: Iterable[OrgRow], mapping: StreamMapping, context: Context) -> dict[str, dict[str, list[OrgRow]]]:
    """Child stream -> parent's id -> the rows that hang on it, for children whose mapping removes stale ones."""
    parents = [row.id for row in rows]
    found: dict[str, dict[str, list[OrgRow]]] = {}
    for child in context.mappings.children(mapping.stream):
        hanging: dict[str, list[OrgRow]] = defaultdict(list)
        if child.parent and parents:
            field_name = next(iter(child.parent.reference.fields.values()))
            fields = {child.object: (child.key.field, field_name)}
            for row in context.org.find({child.object: [{field_name: parents}]}, fields):
                hanging[str(row.values.get(field_name))].append(row)
        found[child.stream] = hanging
    return found
