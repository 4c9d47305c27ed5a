"""Who of a batch may look once more, and would then find what another one has just written.

A draft that is not decided yet, and one whose write is under way and may be refused, look again in the next round. What
a later arrival shows until then would be taken for what was there before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator

from target_salesforce_retail.mapping.rules import Mapping as Rules
from target_salesforce_retail.nouns import Action, Draft, Value
from target_salesforce_retail.stages.inside.agree import agrees, forms_of
from target_salesforce_retail.stages.inside.leaning import Leaning

TAIL = 6
"""Digits by which two spellings of a phone number find each other; whether they are one is looked at then."""


class Seekers:
    """Drafts that may look again, by what they look for.

    Args:
        rules: The stream's mapping.
        folded: A value of (object, field) as the org compares it.
    """

    def __init__(self, rules: Rules, folded: Callable[[str, str, Value], str]) -> None:
        self._rules = rules
        self._folded = folded
        self._known: dict[tuple[int, str], list[tuple[Draft, Leaning]]] = defaultdict(list)

    def add(self, draft: Draft, leaning: Leaning) -> None:
        """Note a draft, and what its looking again depends on."""
        for position, rule in enumerate(self._rules.match):
            for each in draft.probes[position]:
                self._known[position, _rough(rule.by, each)].append((draft, leaning))

    def of(self, action: Action) -> Iterator[Leaning]:
        """Those who would find what the action writes."""
        row = action.match.row
        values = {**(row.values if row else {}), **action.body}
        for position, rule in enumerate(self._rules.match):
            for field in rule.to.get(action.object, ()):
                value = action.body.get(field)
                for draft, leaning in self._known.get((position, _rough(rule.by, str(value))), ()) if value else ():
                    if self._looks_for(draft, position, (action.object, field), value) and agrees(rule, values, draft):
                        yield leaning

    def _looks_for(self, draft: Draft, position: int, place: tuple[str, str], value: Value) -> bool:
        forms = forms_of(self._rules, position, place[1], draft)
        return self._folded(*place, value) in {self._folded(*place, form) for form in forms}


def _rough(by: str, text: str) -> str:
    return "".join(filter(str.isdigit, text))[-TAIL:] if by == "phone" else text.lower()
