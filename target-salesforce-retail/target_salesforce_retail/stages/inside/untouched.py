"""Of two who may be one person: may they be merged by us? Where both are our own, and nobody has touched them.

Contact A has the e-mail of a shopper, contact B her phone. Both were made by us, and changed by nobody else since;
nobody has decided anything of either, and neither holds what the other contradicts: then B goes, and A stays. Where any
of that is not so, a person looks at the two.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

from target_salesforce_retail.mapping.agree import agree, says_nothing
from target_salesforce_retail.mapping.match_rules import AgreeRule
from target_salesforce_retail.mapping.phone_keys import phone_keys_of
from target_salesforce_retail.mapping.profile import ProfileRule
from target_salesforce_retail.mapping.rules import StreamMapping
from target_salesforce_retail.mapping.text import is_blank
from target_salesforce_retail.metadata import CREATED_BY, IS_PERSON, MODIFIED_BY, ObjectDescribe
from target_salesforce_retail.nouns import OrgRow, Suspect
from target_salesforce_retail.ports import ReadableOrg
from target_salesforce_retail.stages.inside.address import around
from target_salesforce_retail.stages.inside.compare import is_empty, same
from target_salesforce_retail.stages.inside.profiles import Alive, Profile, Profiles, fields_of, profiles_of

CREATED = "CreatedDate"
ACCOUNT, LEAD = "Account", "Lead"
BECAME = {"Contact": "ConvertedContactId", ACCOUNT: "ConvertedAccountId"}
"""What a lead may become -> the lead's field that says which one."""
NOT_READ = frozenset({"address", "base64", "location"})
"""Types of fields that are made of others, or too large to be compared."""
SIGNIFICANT = 15
"""Characters of an id that tell it from any other."""
LONG_AGO = datetime.min.replace(tzinfo=timezone.utc)


@dataclass(frozen=True)
class Pair:
    """Two rows of one object that may be one person.

    Attributes:
        stays: The older one.
        goes: The other one.
        suspects: What says so.
    """

    stays: OrgRow
    goes: OrgRow
    suspects: tuple[Suspect, ...]

    @property
    def ids(self) -> frozenset[str]:
        """Both."""
        return frozenset((self.stays.id, self.goes.id))

    def keys(self, field: str) -> tuple[str, ...]:
        """The stamped keys of both, and the keys of the records that say so."""
        stamped = (str(row.values.get(field)) for row in (self.stays, self.goes) if not is_blank(row.values.get(field)))
        return tuple(dict.fromkeys((*stamped, *(each.key for each in self.suspects))))


def pair_of(suspects: Sequence[Suspect], rows: Mapping[str, OrgRow]) -> Pair | None:
    """The two of whom suspects say the same, the older first; None where they are not both there."""
    first = suspects[0]
    both = [rows.get(each) for each in (first.id, first.bridge.id)]
    found = sorted((row for row in both if row), key=_age)
    if len(found) < len(both) or found[0].object != found[1].object:
        return None
    return Pair(found[0], found[1], tuple(suspects))


def _age(row: OrgRow) -> tuple[datetime, str]:
    """Ids of one object are given in order: of two that were made in one second they tell which was first."""
    made = row.values.get(CREATED)
    return (made if isinstance(made, datetime) else LONG_AGO), row.id


def fields_read(mapping: StreamMapping, describe: ObjectDescribe) -> tuple[str, ...]:
    """What has to be known of a row to say whether it may be merged: all that people write, and who did."""
    beside = (mapping.key.field, CREATED, CREATED_BY, MODIFIED_BY, IS_PERSON)
    return tuple(dict.fromkeys((*_peoples(describe), *(each for each in beside if each in describe.fields))))


def _peoples(describe: ObjectDescribe) -> list[str]:
    """What anybody may have written, though it was hidden from us but to be read."""
    return [name for name, field in describe.fields.items() if field.is_peoples and field.type not in NOT_READ]


def read_around(pairs: Sequence[Pair], mapping: StreamMapping, rule: ProfileRule, org: ReadableOrg) -> Profiles:
    """The profiles that lead to any of these, have led to one, or are of a record that has a say."""
    describe = org.describe([rule.object])[rule.object]
    ids = sorted({each for pair in pairs for each in pair.ids})
    keys = sorted({each for pair in pairs for each in pair.keys(mapping.key.field)})
    names = [*rule.person.values(), *([rule.matched] if describe.fields[rule.matched].filterable else [])]
    wanted = {rule.object: [{rule.key: keys}, *({name: ids} for name in names)]}
    rows = org.find(wanted, {rule.object: fields_of(rule, describe.fields)}) if pairs else ()
    return profiles_of((row for row in rows if row.values.get(rule.key)), rule)


def were_leads(pairs: Sequence[Pair], org: ReadableOrg) -> set[str]:
    """The ids of those of the pairs that a lead has become: somebody typed that, though it was we who converted it."""
    described = org.describe([LEAD]).get(LEAD)
    ids: dict[str, set[str]] = defaultdict(set)
    for pair in pairs:
        field = BECAME.get(pair.stays.object)
        if field and described and field in described.fields and described.fields[field].filterable:
            ids[field] |= pair.ids
    wanted = {LEAD: [{field: sorted(some)} for field, some in ids.items()]}
    rows = org.find(wanted, {LEAD: (), **dict.fromkeys(org.describe([*BECAME]), ())}) if ids else ()
    return {str(row.via.get(field)) for row in rows for field in ids}


def objections(pair: Pair, mapping: StreamMapping, describe: ObjectDescribe, user: str) -> Iterator[str]:
    """Why the rows of a pair are not merged by us, each in a few words; nothing where they may be.

    Args:
        pair: The two.
        mapping: Their mapping.
        describe: What the org says of their object.
        user: The id of the user that runs us; empty where that is not known.
    """
    both = (pair.stays, pair.goes)
    if not describe.mergeable:
        yield f"{describe.name} is no object whose records are merged"
    if any(row.values.get(IS_PERSON) is True for row in both) and describe.name != ACCOUNT:
        yield "a person account is merged as an account"
    if not all(_is_of(user, row, CREATED_BY) for row in both):
        yield "somebody else has made one of them"
    if not all(_is_of(user, row, MODIFIED_BY) for row in both):
        yield "somebody else has changed one of them"
    if any(is_blank(row.values.get(mapping.key.field)) for row in both):
        yield "one of them carries no key"
    if beside := _beside(pair, mapping, describe):
        yield f"{', '.join(beside)} would be lost"
    if contradicted := contradictions(pair, mapping):
        yield f"they differ in {', '.join(contradicted)}"


def is_decided(pair: Pair, mapping: StreamMapping, profiles: Profiles, alive: Alive) -> bool:
    """Whether a person has a say in a profile of either.

    Args:
        pair: The two.
        mapping: Their mapping.
        profiles: Those around the pair, and others.
        alive: Id -> the id that lives now.
    """
    return any(not _is_ours(profile, pair, alive) for profile in _around(pair, mapping, profiles))


def _is_of(user: str, row: OrgRow, field: str) -> bool:
    return bool(user) and str(row.values.get(field))[:SIGNIFICANT] == user[:SIGNIFICANT]


def mapped(mapping: StreamMapping, describe: ObjectDescribe) -> frozenset[str]:
    """The fields of an object that are the mapping's to fill, keys and lookups too."""
    name = describe.name
    fields = [rule.name for rule in mapping.fields if not rule.only or name in rule.only]
    set_to = [each for rule in mapping.retired for each in rule.set]
    set_to += list(mapping.deleted.set) if mapping.deleted else []
    lookups = [each for link in mapping.links for each in link.fields.values()]
    lookups += [rule.lookup for rule in mapping.accounts]
    beside = [each for field in fields for each in around(field)]
    phones = phone_keys_of(mapping, name).phones
    return frozenset((mapping.key.field, *fields, *set_to, *lookups, *beside, *phones))


def contradictions(pair: Pair, mapping: StreamMapping) -> tuple[str, ...]:
    """The fields in which the two contradict each other: of those that must not differ by any rule, or agree by theirs.

    What the record between them does not say contradicts nothing there, and may all the same: nobody is John and Jane.
    """
    rules = {name for suspect in pair.suspects for name in (suspect.bridge.rule, suspect.bridge.by)}
    asked = [(field, each) for rule in mapping.match for field, each in rule.unless.items()]
    asked += [(field, each) for rule in mapping.match if rule.name in rules for field, each in rule.agree.items()]
    return tuple(dict.fromkeys(field for field, each in asked if _contradicts(field, each, pair)))


def _contradicts(field: str, rule: AgreeRule, pair: Pair) -> bool:
    filler = rule.fillers.get(pair.stays.object)
    held = (row.values.get(field) for row in (pair.stays, pair.goes))
    one, other = (None if says_nothing(each, filler) else each for each in held)
    return rule.asks(pair.stays.object) and agree(rule.by, one, other, initials=rule.initial) is False


def _beside(pair: Pair, mapping: StreamMapping, describe: ObjectDescribe) -> list[str]:
    """Fields beside the mapping in which the one that goes says what the other does not."""
    ours = mapped(mapping, describe)
    held = {name: describe.fields[name] for name in _peoples(describe) if name not in ours}
    stays, goes = pair.stays.values, pair.goes.values
    return [
        name
        for name, field in held.items()
        if not is_empty(goes.get(name), field) and not same(goes.get(name), stays.get(name), field)
    ]


def _around(pair: Pair, mapping: StreamMapping, profiles: Profiles) -> Iterator[Profile]:
    keys = pair.keys(mapping.key.field)
    for key, profile in profiles.by_key.items():
        if key in keys or not pair.ids.isdisjoint((*profile.persons, profile.matched)):
            yield profile


def _is_ours(profile: Profile, pair: Pair, alive: Alive) -> bool:
    """Whether a profile leads to one of the two, and no person has said anything there."""
    ruling = profile.ruling(alive)
    is_said = ruling.decided or ruling.news or profile.refused
    return not is_said and ruling.person in pair.ids
