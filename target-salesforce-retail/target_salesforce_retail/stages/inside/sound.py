"""What is not sound in a record, and whether its mapping can do without it.

Two shoppers come with a birthday that is no day. Where the mapping says `refused: leave_out` of it, both go in without;
where it holds such values, both are held, with the property named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from target_salesforce_retail.mapping.rules import DeletedRule, Mappings, NoneRule, OnMatch, OnRefused, StreamMapping
from target_salesforce_retail.mapping.text import is_blank
from target_salesforce_retail.nouns import Arrival, Flaw, Record, Value

UNREADABLE = "could not be read by its tap"


def with_flaws(arrival: Arrival, mapping: StreamMapping, mappings: Mappings) -> Arrival:
    """The arrival with what its tap could not read as flaws, and with what the mapping can do without as omitted."""
    flaws = tuple(dict.fromkeys(_flaws(arrival, mapping.unreadable)))
    if not flaws:
        return arrival
    needed = frozenset(_needed(arrival, mapping, mappings))
    omitted = {flaw.property for flaw in flaws} & set(arrival.record) - needed
    return replace(arrival, flaws=flaws, omitted=frozenset(omitted))


def _flaws(arrival: Arrival, listing: str | None) -> Iterator[Flaw]:
    """The schema's; in place of those of the list of what was unreadable, one for each property that it names."""
    named = arrival.record.get(listing) if listing else None
    is_list_of_names = isinstance(named, list) and all(isinstance(each, str) and each for each in named)
    yield from (flaw for flaw in arrival.flaws if not (is_list_of_names and flaw.property == listing))
    for name in named if is_list_of_names and isinstance(named, list) else ():
        yield Flaw(name, UNREADABLE)


def _needed(arrival: Arrival, mapping: StreamMapping, mappings: Mappings) -> Iterator[str]:
    """The properties without which it is not known what the record is, or what becomes of it.

    Of a record that was deleted in the shop that is little: it says nothing else.
    """
    yield from mapping.key.value.properties
    yield from (name for name in (mapping.version, mapping.unreadable) if name)
    if mapping.deleted:
        yield mapping.deleted.when
        if is_deleted(arrival.record, mapping.deleted):
            yield from (mapping.parent.reference.source,) if mapping.parent else ()
            return
    yield from (name for rule in mapping.on_none for name in rule.when)
    yield from (name for rule in mapping.retired for name in rule.when)
    yield from mapping.convert.when if mapping.convert else ()
    yield from (*mapping.when, *mapping.require, *((mapping.currency,) if mapping.currency else ()))
    yield from (rule.source for rule in mapping.links)
    yield from (name for rule in mapping.match for name in rule.deciding)
    yield from (name for rule in mapping.value_rules if rule.refused is OnRefused.HOLD for name in rule.reads)
    yield from _siblings(mapping, mappings)


def is_deleted(record: Record, rule: DeletedRule) -> bool:
    """Whether it was deleted in the shop: the property is filled, and does not say no."""
    value = record.get(rule.when)
    return value is not False and not is_blank(value)


def if_none(mapping: StreamMapping, arrival: Arrival) -> NoneRule:
    """What becomes of the record where nothing matches it. It depends on the record alone."""
    record = arrival.sound
    return next(rule for rule in mapping.on_none if meets(rule.when, record))


def if_matched(mapping: StreamMapping, name: str, arrival: Arrival) -> OnMatch:
    """What becomes of a record of this object that it matches. Whether a lead is converted, the record decides."""
    policy = mapping.on_match.get(name, OnMatch.UPDATE)
    rule = mapping.convert if policy is OnMatch.CONVERT else None
    return rule.otherwise if rule and not meets(rule.when, arrival.sound) else policy


def meets(when: Mapping[str, tuple[Value, ...]], record: Record) -> bool:
    """Whether a record has, for each of these properties, one of the values. An absent property counts as null."""
    return all(any(_is(record.get(name), each) for each in wanted) for name, wanted in when.items())


def _is(value: object, wanted: Value) -> bool:
    return value == wanted and isinstance(value, bool) == isinstance(wanted, bool)


def _siblings(mapping: StreamMapping, mappings: Mappings) -> Iterator[str]:
    for child in mappings.ordered:
        parent = child.parent
        if parent and parent.reference.stream == mapping.stream and parent.siblings:
            yield parent.siblings
