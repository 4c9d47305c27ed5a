"""A crowd: more people in the org than may share one trait. By it nobody is recognised, and nobody has to choose.

Six contacts carry the shop's own address, typed in by hand. A shopper who comes with it is none of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from target_salesforce_retail.mapping.match_rules import MatchRule
from target_salesforce_retail.mapping.rules import StreamMapping
from target_salesforce_retail.mapping.text import is_blank
from target_salesforce_retail.nouns import Draft, Trait
from target_salesforce_retail.stages.inside.common import Common, traits_of, without
from target_salesforce_retail.stages.inside.picture import Picture
from target_salesforce_retail.stages.inside.search import Search

IN_THE_ORG = "in the org"


def too_common(held_by: int, rule: MatchRule) -> bool:
    """Whether so many share a trait that it is no evidence for the rule."""
    return held_by > rule.shared_by


def without_crowds(
    draft: Draft, mapping: StreamMapping, picture: Picture, common: Common
) -> tuple[Draft, frozenset[str]]:
    """The draft without what too many people in the org share, and the ids of all who have a say in that.

    Who carries a key of the till is counted by the ledger; here are those that somebody else brought in.

    Args:
        draft: The draft.
        mapping: The stream's mapping.
        picture: The org as the batch sees it.
        common: Takes note of what is no evidence.
    """
    crowds: dict[tuple[int, Trait], int] = {}
    consulted: set[str] = set()
    for position, trait in _may_be_common(draft, mapping, picture):
        rule = mapping.match[position]
        searches = picture.searches.of(_with_only(draft, position, trait), position)
        ever = set(_ever(searches, picture))
        if not too_common(len(ever), rule):
            continue
        consulted |= ever
        strangers = [each for each in ever if _is_no_shopper(each, mapping, picture)]
        holders = sum(_answers(each, searches, picture) for each in strangers)
        if too_common(holders, rule):
            crowds[position, trait] = holders
            common.add(trait, holders, IN_THE_ORG)
    if not crowds:
        return draft, frozenset(consulted)
    crowded = draft.crowded.union(position for position, _ in crowds)
    return replace(without(draft, mapping, crowds), crowded=crowded), frozenset(consulted)


def _may_be_common(draft: Draft, mapping: StreamMapping, picture: Picture) -> list[tuple[int, Trait]]:
    """The traits of rules that as many answer to: of most drafts there are none."""
    crowded = {
        position
        for position, rule in enumerate(mapping.match)
        if too_common(len(set(_ever(picture.searches.of(draft, position), picture))), rule)
    }
    return [each for each in traits_of(draft, mapping) if each[0] in crowded] if crowded else []


def _with_only(draft: Draft, position: int, trait: Trait) -> Draft:
    alone = tuple((value,) for value in trait.values)
    return replace(draft, match_keys=tuple(alone if each == position else () for each in range(len(draft.match_keys))))


def _ever(searches: Sequence[Search], picture: Picture) -> Iterator[str]:
    """Those that answer, or did before an action of this batch."""
    for search in searches:
        for each in picture.ever(search.name, search.index()):
            if any(map(search.answers, picture.looked(each, search.name))):
                yield each


def _answers(record_id: str, searches: Sequence[Search], picture: Picture) -> bool:
    return any(search.answers(values) for search in searches for values in picture.looks(record_id, search.name))


def _is_no_shopper(record_id: str, mapping: StreamMapping, picture: Picture) -> bool:
    row = picture.row(record_id)
    return row is not None and is_blank(row.values.get(mapping.key.field))
