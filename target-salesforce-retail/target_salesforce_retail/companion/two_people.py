"""What today's rules say of two records: would one of them take them for one person? The org is asked, never written.

What a record of the till holds the ledger keeps of holds alone: of one that is in, its row in Salesforce stands in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from target_salesforce_retail.mapping.agree import says_nothing
from target_salesforce_retail.mapping.phone_keys import phone_keys_of
from target_salesforce_retail.mapping.rules import Mappings, StreamMapping
from target_salesforce_retail.mapping.text import is_blank
from target_salesforce_retail.nouns import Arrival, Attempt, Clue, Draft, OrgRow, Trail, Value, Why
from target_salesforce_retail.stages.inside.clues import clues_of
from target_salesforce_retail.stages.inside.common import Common, without_common
from target_salesforce_retail.stages.inside.context import Context
from target_salesforce_retail.stages.inside.evidence import Answer
from target_salesforce_retail.stages.inside.profiles import Profiles
from target_salesforce_retail.stages.inside.search import confirms, disagreements, vetoes
from target_salesforce_retail.stages.map import draft_of, keys_of, without_blocked
from target_salesforce_retail.stages.match import look_up

NOBODY = "~"
"""A key that no row carries: who carries its own is not looked for by rules."""


@dataclass(frozen=True)
class Person:
    """One of the two, as far as it is known.

    Attributes:
        name: As it is told.
        key: Its key at the till, or that of whoever stands for it.
        arrival: The record, where the ledger keeps it.
        row: What Salesforce holds.
    """

    name: str
    key: str
    arrival: Arrival | None = None
    row: OrgRow | None = None


def said_of(one: Person, other: Person, mapping: StreamMapping, context: Context) -> Trail:
    """What each declared rule says, with ``one`` as the record that comes, and ``other`` as the one that is there.

    Empty where too little is known of one of them.
    """
    draft, row = _draft(one, mapping, context.mappings), _row(other, mapping, context.mappings)
    if draft is None or row is None:
        return ()
    answers = _asked(draft, row, mapping, context) if row is other.row else _compared(draft, row, mapping)
    itself = one.row.id if one.row else None
    return tuple(clue for asked, answer in answers for clue in _clues(asked, answer, row, itself, mapping))


def _clues(draft: Draft, answer: Answer, row: OrgRow, itself: str | None, mapping: StreamMapping) -> Iterator[Clue]:
    others = [each for each in answer.rows if each.id not in (row.id, itself) and not each.dead_end]
    ours = [each for each in answer.rows if each.id == row.id]
    left = [*ours, *others] if ours else []
    about = replace(answer, rows=ours, disagreed=[each for each in answer.disagreed if each[0].id == row.id])
    for each in clues_of(about, left, answer.vetoed, draft, mapping):
        yield _nothing_there(each, answer, row, mapping) if each.why is Why.NONE else each


def _nothing_there(clue: Clue, answer: Answer, row: OrgRow, mapping: StreamMapping) -> Clue:
    """Why a rule finds nothing: what is compared differs, or the row has nothing there."""
    rule = mapping.match[answer.position or 0]
    pairs = [(each, field) for each in rule.comparisons for field in each.to.get(row.object, ())]
    values = phone_keys_of(mapping, row.object).shown(row.values)
    is_there = any(not says_nothing(values.get(field), each.fillers.get((row.object, field))) for each, field in pairs)
    return replace(
        clue, why=Why.DIFFERS if is_there else Why.BLANK, rows=((row.object, row.id),), fields=rule.compared(row.object)
    )


def _asked(draft: Draft, row: OrgRow, mapping: StreamMapping, context: Context) -> Iterator[tuple[Draft, Answer]]:
    """What the org answers, as it would to the record should it come for the first time."""
    (known,), _ = without_common([draft], mapping, context.ledger, Common())
    attempt = Attempt(replace(known, arrival=replace(known.arrival, key=NOBODY), references=()), 0, named_ids=(row.id,))
    matcher = look_up([attempt], mapping, context, {}, Profiles())
    apart, _ = matcher.without_crowds(attempt)
    return ((apart.draft, answer) for answer in matcher.evidence.by_rules(apart.draft))


def _compared(draft: Draft, row: OrgRow, mapping: StreamMapping) -> Iterator[tuple[Draft, Answer]]:
    """The same of a row that Salesforce does not hold: of two records that are both held."""
    for position, rule in enumerate(mapping.match):
        found = [row] if confirms(mapping, position, draft, row) else []
        differs = disagreements(rule, row.object, row.values, draft) if found else ()
        contradicts = vetoes(rule, row, draft) if found else ()
        vetoed = {row.id: contradicts} if contradicts else {}
        disagreed = [(row, differs)] if differs else []
        yield draft, Answer(rule.name, [] if differs else found, frozenset(), vetoed, disagreed, position=position)


def _draft(person: Person, mapping: StreamMapping, mappings: Mappings) -> Draft | None:
    if person.arrival:
        drafted = draft_of(person.arrival, mapping, mappings)
        if isinstance(drafted, Draft):
            return drafted
    return _draft_from(person.row, person.key, mapping, mappings) if person.row else None


def _row(person: Person, mapping: StreamMapping, mappings: Mappings) -> OrgRow | None:
    if person.row or not person.arrival:
        return person.row
    drafted = draft_of(person.arrival, mapping, mappings)
    return OrgRow(mapping.object, person.name, drafted.values) if isinstance(drafted, Draft) else None


def _draft_from(row: OrgRow, key: str, mapping: StreamMapping, mappings: Mappings) -> Draft:
    """A record that says what the row says, by the names that the rules read."""
    phones = phone_keys_of(mapping, row.object)
    values, region = phones.shown(row.values), phones.region_of(row.values)
    record: dict[str, object] = {}
    for rule in mapping.match:
        record |= {name: wanted[0] for name, wanted in rule.when.items() if wanted}  # what it was, no row tells
        for comparison in rule.comparisons:
            held = [values[each] for each in comparison.to.get(row.object, ()) if not is_blank(values.get(each))]
            for name in comparison.sources:
                record[name] = [*_listed(record.get(name)), *held]
    for rule in mapping.match:
        for field, each in (*rule.agree.items(), *rule.unless.items()):
            if each.asks(row.object):
                record[each.sources[0]] = row.values.get(field)
    found = [keys_of(rule, record, region) for rule in mapping.match]
    left = [without_blocked(rule, keys, mappings.blocklist) for rule, keys in zip(mapping.match, found, strict=True)]
    return Draft(
        Arrival(mapping.stream, key, record),
        {},
        match_keys=tuple(keys if all(keys) else () for keys in left),
        blocked=frozenset(position for position, keys in enumerate(left) if keys != found[position]),
    )


def _listed(value: object) -> list[Value]:
    return value if isinstance(value, list) else []
