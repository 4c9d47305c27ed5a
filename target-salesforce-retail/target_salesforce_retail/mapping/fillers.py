"""Fillers: what a mapping puts into a field where a record has nothing to say. The org's own value says nothing then.

The org demands a last name, and a shopper gives none: she is made as "(unknown)". When her next profile comes with a
last name, that contradicts nothing, and nobody is looked for under "(unknown)".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from target_salesforce_retail.mapping.match_rules import AgreeRule, Comparison, MatchRule
from target_salesforce_retail.mapping.rules import StreamMapping
from target_salesforce_retail.nouns import Value

Fillers = Mapping[str, Mapping[str, Value]]
"""Object -> field -> its filler."""


def knowing_fillers(mapping: StreamMapping) -> StreamMapping:
    """The mapping, with match rules that know the fillers of the fields which they compare."""
    names = [*mapping.objects, *((mapping.profile.object,) if mapping.profile else ())]
    fillers = {name: found for name in names if (found := _fillers_of(mapping, name))}
    return replace(mapping, match=tuple(_rule(each, fillers) for each in mapping.match)) if fillers else mapping


def _fillers_of(mapping: StreamMapping, name: str) -> dict[str, Value]:
    """Field of an object -> its filler; of a phone's key that of the phone beside it."""
    profile = mapping.profile
    rules = profile.fields if profile and name == profile.object else mapping.fields
    found = {rule.name: rule.filler for rule in rules if rule.filler is not None and rule.serves(name)}
    keys = {key.name: found[key.of] for key in mapping.phone_keys if key.of in found and name in mapping.objects}
    return {**found, **keys}


def _rule(rule: MatchRule, fillers: Fillers) -> MatchRule:
    return replace(
        rule,
        comparisons=tuple(_comparison(each, fillers) for each in rule.comparisons),
        agree={field: _agree(field, each, fillers) for field, each in rule.agree.items()},
        unless={field: _agree(field, each, fillers) for field, each in rule.unless.items()},
    )


def _comparison(comparison: Comparison, fillers: Fillers) -> Comparison:
    pairs = ((name, field) for name, fields in comparison.to.items() for field in fields)
    found = {(name, field): filler for name, field in pairs if (filler := fillers.get(name, {}).get(field)) is not None}
    return replace(comparison, fillers=found) if found else comparison


def _agree(field: str, rule: AgreeRule, fillers: Fillers) -> AgreeRule:
    found = {name: filler for name, each in fillers.items() if (filler := each.get(field)) is not None}
    return replace(rule, fillers=found) if found else rule
