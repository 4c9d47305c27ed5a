"""Variants: the ways in which the org may hold what a match rule looks for; and where two records must agree on more.

A till has +16045550142, a contact 604-555-0142: to the org these are two texts, so that it is asked for all usual ones.
Where the rule says `agree` on the first name, Ann and Bob, who share that number, stay two people.
"""

from __future__ import annotations

from collections.abc import Mapping

from target_salesforce_retail.mapping.agree import agree
from target_salesforce_retail.mapping.convert import variants
from target_salesforce_retail.mapping.rules import MatchRule, StreamMapping
from target_salesforce_retail.nouns import Draft


def agrees(rule: MatchRule, values: Mapping[str, object], draft: Draft) -> bool:
    """False when a field and its property contradict each other."""
    return all(
        each.blank if agreed is None else agreed
        for field, each in rule.agree.items()
        for agreed in [agree(each.by, values.get(field), draft.arrival.record.get(each.source))]
    )


def variants_of(mapping: StreamMapping, position: int, field: str, draft: Draft) -> tuple[str, ...]:
    """The ways in which a field may hold what a match rule looks for.

    What we wrote ourselves as a phone is asked for as we wrote it; what people typed, in all usual variants.
    """
    match_keys = draft.match_keys[position]
    ours = any(rule.name == field and rule.convert == "phone" for rule in mapping.fields)
    by = mapping.match[position].by
    return match_keys if ours else tuple(variant for each in match_keys for variant in variants(by, each))
