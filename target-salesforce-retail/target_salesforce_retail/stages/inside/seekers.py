"""Seekers: who of a batch may look once more, and would then find what another one has just written.

A draft that is not decided yet, and one whose write is under way and may be refused, look again in the next round. What
a later arrival shows until then would be taken for what was there before.

Two shoppers share a phone number. The write of the first is under way, and its draft seeks that number; the second
makes a contact with it. Should the first be refused and look again, it would find the second's contact and take it for
its own: so the second leans on the first, and waits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from target_salesforce_retail.mapping.phone_keys import phone_keys_of
from target_salesforce_retail.mapping.rules import StreamMapping
from target_salesforce_retail.nouns import Action, Draft, Intent, Value
from target_salesforce_retail.stages.inside.leaning import Leaning
from target_salesforce_retail.stages.inside.search import Describes, Search, Searches, Values, agrees, as_compared


class Seekers:
    """Drafts that may look again, by what they look for.

    Args:
        mapping: The stream's mapping.
        searches: What its drafts look for.
        describes: What the org says of its objects.
    """

    def __init__(self, mapping: StreamMapping, searches: Searches, describes: Describes) -> None:
        self._mapping = mapping
        self._searches = searches
        self._describes = describes
        self._seekers: dict[tuple[int, str, str, str], list[tuple[Draft, Search, Leaning]]] = defaultdict(list)
        self._by_value: dict[str, list[Leaning]] = defaultdict(list)
        self._converting: set[str] = set()

    def add(self, draft: Draft, leaning: Leaning) -> None:
        """Note a draft, and what its looking again depends on."""
        for position, search in self._searches.all_of(draft):
            for field, values in search.index().items():
                for value in values:
                    self._seekers[position, search.name, field, value].append((draft, search, leaning))
        for value in self._sought(draft) if self._mapping.convert else ():
            self._by_value[value].append(leaning)

    def convert(self, lead: Values) -> None:
        """Note a lead under conversion: which of its values a contact shows then, the org alone knows."""
        self._converting |= _texts(lead)

    def may_find_conversion(self, draft: Draft) -> bool:
        """Whether a draft looks for anything that a lead under conversion holds, in whatever field."""
        return bool(self._converting) and not self._converting.isdisjoint(self._sought(draft))

    def of_conversion(self, lead: Values) -> Iterator[Leaning]:
        """Those who look for anything that a lead holds which is to be converted."""
        return (leaning for text in _texts(lead) for leaning in self._by_value.get(text, ()))

    def _sought(self, draft: Draft) -> set[str]:
        """Every value that a draft looks for, in whatever field; also that by which its account is found."""
        account = draft.account
        found_by = self._mapping.accounts[account.entry].found_by if account else None
        named = _texts({"": account.values.get(found_by)}) if account and found_by else set[str]()
        indexes = (search.index() for _, search in self._searches.all_of(draft))
        return named | {value.lower() for index in indexes for values in index.values() for value in values}

    def of_profile(self, name: str, values: Mapping[str, Value]) -> Iterator[Leaning]:
        """Those who would find a profile's row by what it will say, whomever it leads to."""
        for position, rule in enumerate(self._mapping.match):
            for field in rule.compared(name) if name in rule.objects else ():
                place = (position, name, field, as_compared(self._describes, name, field, values.get(field)))
                yield from (leaning for _, search, leaning in self._seekers.get(place, ()) if search.answers(values))

    def of(self, action: Action) -> Iterator[Leaning]:
        """Those who would find what the action writes."""
        name, row = action.object, action.match.row
        if row and action.intent is Intent.CONVERT:
            yield from self.of_conversion(phone_keys_of(self._mapping, name).shown(row.values))
            return
        values = phone_keys_of(self._mapping, name).shown({**(row.values if row else {}), **action.body})
        for position, rule in enumerate(self._mapping.match):
            compared = rule.compared(name) if name in rule.objects else ()
            if any(action.body.get(field) for field in compared):
                for field in compared:
                    place = (position, name, field, as_compared(self._describes, name, field, values.get(field)))
                    for draft, search, leaning in self._seekers.get(place, ()):
                        if search.answers(values) and agrees(rule, name, values, draft):
                            yield leaning


def _texts(values: Values) -> set[str]:
    """Values as text, without regard to case."""
    return {str(value).lower() for value in values.values() if value is not None}
