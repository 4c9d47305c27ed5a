"""Twins: two records of one person, made at the same time. Has somebody else created ours while we were about it?

Another run with a ledger of its own, or a colleague in the browser, may create a person between our look-up and our
write. Of two such records one has to yield: ours does where the other was made by hand, or was made first. That two
runs never both yield follows from the order; that they never both stay does not, for the org stamps a record when its
transaction begins and shows it when that has ended. So who stays although there is another does not call it settled.

Two runs look for ann@x.org, find nobody, and make contacts: A at 10:00:01, B at 10:00:02. They are twins, and B yields:
its run takes it back, and matches A.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

from target_salesforce_retail.mapping.match_keys import match_key
from target_salesforce_retail.mapping.phone_keys import phone_keys_of
from target_salesforce_retail.mapping.rules import StreamMapping
from target_salesforce_retail.mapping.text import is_blank
from target_salesforce_retail.nouns import Draft, OrgRow
from target_salesforce_retail.stages.inside.context import CREATED, Context
from target_salesforce_retail.stages.inside.search import Searches, agrees, confirms

IN_FLIGHT = timedelta(seconds=15)
"""How long before our look-up a record may have been stamped that was not to be seen then."""


@dataclass(frozen=True, slots=True)
class Made:
    """A record that we wrote as a new one.

    Attributes:
        draft: What it was made of.
        certain: False when the org said that it was there: our own first answer was lost, or somebody was quicker.
        refused: Ids of records that it is not, as a person has said: none of them is a twin.
    """

    draft: Draft
    certain: bool
    refused: Set[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Twin:
    """Another record of the same person.

    Attributes:
        id: Its id.
        yields: Whether ours is to be taken back; else a person has to look, if the other does not go by itself.
    """

    id: str
    yields: bool


def twins_of(
    made: Mapping[str, Made], written: Set[str], since: datetime, mapping: StreamMapping, context: Context
) -> dict[str, Twin]:
    """For each record that we have just made and that is not alone: the other.

    Args:
        made: By id.
        written: Ids of all records that we have just written: what they are to each other was decided before.
        since: The org's time when the look-up began.
        mapping: The stream's mapping.
        context: Whom to ask.
    """
    if not made or not mapping.match:
        return {}
    rows = {row.id: row for row in context.org.changed_since(since - IN_FLIGHT, context.fields_of(mapping))}
    index = _index(rows, mapping)
    searches = Searches(mapping, context.describes)
    found: dict[str, Twin] = {}
    for record_id, one in made.items():
        ours = rows.get(record_id)
        if not one.certain and not (ours and _is_new(ours, since)):
            continue
        known = written | one.refused
        others = {row.id: row for row in _answering(one.draft, mapping, index, searches, since) if row.id not in known}
        twins = [_twin(other, ours, record_id, mapping, certain=one.certain) for other in others.values()]
        if twins:
            found[record_id] = max(twins, key=lambda twin: twin.yields)
    return found


def _index(rows: Mapping[str, OrgRow], mapping: StreamMapping) -> dict[tuple[int, str], list[OrgRow]]:
    """(Position of a match rule, normalised value of its first comparison) -> rows."""
    index: dict[tuple[int, str], list[OrgRow]] = defaultdict(list)
    for row in rows.values():
        for position, rule in enumerate(mapping.match):
            first = rule.comparisons[0]
            fields = first.to.get(row.object, ())
            shown = phone_keys_of(mapping, row.object).shown(row.values) if first.by == "phone" else row.values
            values = {match_key(first.by, shown.get(field), mapping.region[1]) for field in fields}
            for value in values - {None}:
                index[position, str(value)].append(row)
    return index


def _answering(
    draft: Draft,
    mapping: StreamMapping,
    index: Mapping[tuple[int, str], list[OrgRow]],
    searches: Searches,
    since: datetime,
) -> Iterator[OrgRow]:
    """What is new counts however it is spelt; what is older, only if the look-up would have found it."""
    for position, rule in enumerate(mapping.match):
        match_keys = draft.match_keys[position]
        for each in match_keys[0] if match_keys else ():
            for row in index.get((position, each), ()):
                searched = (search for search in searches.of(draft, position) if search.name == row.object)
                shown = phone_keys_of(mapping, row.object).shown(row.values)
                found = _is_new(row, since) or any(search.answers(shown) for search in searched)
                if found and confirms(mapping, position, draft, row) and agrees(rule, row.object, row.values, draft):
                    yield row


def _is_new(row: OrgRow, since: datetime) -> bool:
    made = row.values.get(CREATED)
    return isinstance(made, datetime) and made >= since


def _twin(other: OrgRow, ours: OrgRow | None, our_id: str, mapping: StreamMapping, *, certain: bool) -> Twin:
    """What is not certainly ours may have been settled by another run: it yields to an older record alone."""
    by_hand = is_blank(other.values.get(mapping.key.field))
    return Twin(other.id, yields=(by_hand and certain) or _age(other, other.id) < _age(ours, our_id))


def _age(row: OrgRow | None, record_id: str) -> tuple[str, str]:
    created = row.values.get(CREATED) if row else None
    return created.isoformat() if isinstance(created, datetime) else "", record_id
