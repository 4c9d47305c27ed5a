"""Seekers: who of a batch may look once more, and would then find what another one has just written.

A draft that is not decided yet, and one whose write is under way and may be refused, look again in the next round. What
a later arrival shows until then would be taken for what was there before.

Two shoppers share a phone number. The write of the first is under way, and its draft seeks that number; the second
makes a contact with it. Should the first be refused and look again, it would find the second's contact and take it for
its own: so the second leans on the first, and waits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator

from target_salesforce_retail.mapping.rules import StreamMapping
from target_salesforce_retail.nouns import Action, Draft, Value
from target_salesforce_retail.stages.inside.leaning import Leaning
from target_salesforce_retail.stages.inside.variants import agrees, variants_of


class Seekers:
    """Drafts that may look again, by what they look for.

    Args:
        mapping: The stream's mapping.
        casefolded: A value of (object, field) as the org compares it.
    """

    def __init__(self, mapping: StreamMapping, casefolded: Callable[[str, str, Value], str]) -> None:
        self._mapping = mapping
        self._casefolded = casefolded
        self._seekers: dict[tuple[int, str, str, str], list[tuple[Draft, Leaning]]] = defaultdict(list)

    def add(self, draft: Draft, leaning: Leaning) -> None:
        """Note a draft, and what its looking again depends on."""
        for position, rule in enumerate(self._mapping.match):
            for name, fields in rule.to.items() if draft.match_keys[position] else ():
                for field in fields:
                    variants = {
                        self._casefolded(name, field, each)
                        for each in variants_of(self._mapping, position, field, draft)
                    }
                    for variant in variants:
                        self._seekers[position, name, field, variant].append((draft, leaning))

    def of(self, action: Action) -> Iterator[Leaning]:
        """Those who would find what the action writes."""
        name, row = action.object, action.match.row
        values = {**(row.values if row else {}), **action.body}
        for position, rule in enumerate(self._mapping.match):
            for field in rule.to.get(name, ()):
                value = action.body.get(field)
                place = (position, name, field, self._casefolded(name, field, value))
                for draft, leaning in self._seekers.get(place, ()) if value else ():
                    if agrees(rule, values, draft):
                        yield leaning
