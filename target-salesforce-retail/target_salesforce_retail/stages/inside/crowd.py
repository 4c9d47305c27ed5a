"""A crowd: more people in the org than may share one match key. By it nobody is recognised, and nobody has to choose.

Six contacts carry the shop's own address, typed in by hand. A shopper who comes with it is none of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from target_salesforce_retail.mapping.convert import is_blank
from target_salesforce_retail.mapping.rules import MatchRule, StreamMapping
from target_salesforce_retail.nouns import Draft, MatchKey
from target_salesforce_retail.stages.inside.common import Common, match_keys_of, without
from target_salesforce_retail.stages.inside.picture import Picture
from target_salesforce_retail.stages.inside.variants import variants_of

IN_THE_ORG = "in the org"


def too_common(held_by: int, rule: MatchRule) -> bool:
    """Whether so many share a match key that it is no evidence for the rule."""
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
    crowds: dict[tuple[int, MatchKey], int] = {}
    consulted: set[str] = set()
    for position, match_key in match_keys_of(draft, mapping):
        rule, places = mapping.match[position], list(_places(draft, mapping, position, match_key))
        ever = {each for place in places for each in picture.ever(*place)}
        if not too_common(len(ever), rule):
            continue
        consulted |= ever
        strangers = [each for each in ever if _is_no_shopper(each, mapping, picture)]
        holders = sum(any(picture.holds(each, *place) for place in places) for each in strangers)
        if too_common(holders, rule):
            crowds[position, match_key] = holders
            common.add(match_key, holders, IN_THE_ORG)
    return without(draft, mapping, crowds), frozenset(consulted)


def _places(
    draft: Draft, mapping: StreamMapping, position: int, match_key: MatchKey
) -> Iterator[tuple[str, list[str], tuple[str, ...]]]:
    """Where the org may hold a match key, and how."""
    alone = [(match_key.value,) if each == position else () for each in range(len(draft.match_keys))]
    only = replace(draft, match_keys=tuple(alone))
    for name, fields in mapping.match[position].to.items():
        yield from ((name, [field], variants_of(mapping, position, field, only)) for field in fields)


def _is_no_shopper(record_id: str, mapping: StreamMapping, picture: Picture) -> bool:
    row = picture.row(record_id)
    return row is not None and is_blank(row.values.get(mapping.key.field))
