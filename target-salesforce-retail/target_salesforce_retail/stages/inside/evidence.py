"""Evidence: which rows of the picture answer to a draft, by which rule; and what has to be asked so that they can.

A shopper comes with the key 1:7 and the e-mail ann@x.org. Contact A carries that key, contact B that e-mail: A answers
to the rule ``key``, and B to the rule ``email``. Evidence tells both, in the order of the rules' weight, and does not
choose: ``stages/match`` does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from target_salesforce_retail.mapping.match_rules import MatchRule
from target_salesforce_retail.mapping.rules import StreamMapping
from target_salesforce_retail.nouns import Attempt, Draft, OrgRow
from target_salesforce_retail.ports import Condition
from target_salesforce_retail.stages.inside.picture import Picture
from target_salesforce_retail.stages.inside.refer import believed
from target_salesforce_retail.stages.inside.search import Search, agrees, confirms, is_vetoed


@dataclass(frozen=True)
class Answer:
    """Who answers to one rule.

    Attributes:
        rule: The rule's name.
        rows: The rows that answer now.
        ever: Ids of those that answer now, or did before an action of this batch.
        vetoed: Ids of those that contradict what the rule says must not differ.
    """

    rule: str
    rows: Sequence[OrgRow]
    ever: frozenset[str]
    vetoed: frozenset[str] = frozenset()


class Evidence:
    """What the picture says of drafts."""

    def __init__(self, mapping: StreamMapping, picture: Picture) -> None:
        self._mapping = mapping
        self._picture = picture

    # What to ask

    def needs_no_rule(self, draft: Draft) -> bool:
        """True when no match rule has to be asked: it has none, or one row has its key and the ledger knows of it."""
        keyed = {row.id for row in self._keyed(draft) if not row.dead_end}
        return not any(draft.match_keys) or (len(keyed) == 1 and draft.key in self._picture.links)

    def wanted(self, drafts: Sequence[Draft]) -> dict[str, list[Condition]]:
        """Object -> what to ask it for the drafts."""
        wanted: dict[str, list[Condition]] = defaultdict(list)
        for draft in drafts:
            for _, search in self._picture.searches.all_of(draft):
                wanted[search.name] += search.conditions()
        return wanted

    # What is answered

    def of(self, attempt: Attempt) -> Iterator[Answer]:
        """What the rules answer, in the order of their weight."""
        draft = attempt.draft
        ever = {each for name in self._mapping.objects for each in self._picture.ever_with_key(name, draft.key)}
        yield Answer("key", self._keyed(draft), frozenset(ever))
        link = self._picture.links.get(draft.key)
        linked = self._picture.row(link.id) if link else None
        if linked and link:
            is_it = believed(linked, draft.key, self._mapping.key.field, link)
            yield Answer("ledger", [linked] if is_it else [], frozenset({linked.id}))
        heirs = {row.id: row for each in attempt.lost_ids if (row := self._picture.row(each))}
        yield Answer("survivor", list(heirs.values()), frozenset(heirs))
        yield from self.by_rules(draft)
        named_ids = {row.id: row for each in attempt.named_ids if (row := self._picture.row(each))}
        for position, rule in enumerate(self._mapping.match):
            confirmed = [row for row in named_ids.values() if self._confirms(position, draft, row)]
            yield self._answer(rule, confirmed, draft, frozenset(named_ids))

    def by_rules(self, draft: Draft) -> Iterator[Answer]:
        """What the declared match rules answer, in their order."""
        for position, rule in enumerate(self._mapping.match):
            hits: list[OrgRow] = []
            consulted: set[str] = set()
            for search in self._picture.searches.of(draft, position):
                now, ever = self._hits(search, rule, draft)
                consulted |= ever
                hits = hits if any(not row.dead_end for row in hits) else [*hits, *now]
            yield self._answer(rule, hits, draft, frozenset(consulted))

    def rivals(self, attempt: Attempt) -> set[str]:
        """Every row that the draft might be, whichever rule decides."""
        return {record_id for answer in self.of(attempt) for record_id in answer.ever}

    def _answer(self, rule: MatchRule, rows: Sequence[OrgRow], draft: Draft, ever: frozenset[str]) -> Answer:
        vetoed = frozenset(row.id for row in rows if is_vetoed(rule, row, draft))
        return Answer(rule.name, rows, ever, vetoed)

    def _hits(self, search: Search, rule: MatchRule, draft: Draft) -> tuple[list[OrgRow], set[str]]:
        """Who answers now, and the ids of those that answer or answered before an action of this batch."""
        hits: list[OrgRow] = []
        ever: set[str] = set()
        for record_id in self._picture.ever(search.name, search.index()):
            states = list(self._picture.states(record_id))
            answered = any(map(search.answers, self._picture.looked(record_id, search.name)))
            if answered and any(agrees(rule, state.object, state.values, draft) for state in states):
                ever.add(record_id)
            answers = any(map(search.answers, self._picture.looks(record_id, search.name)))
            if answers and agrees(rule, states[-1].object, states[-1].values, draft):
                hits.append(states[-1])
        return hits, ever

    def _confirms(self, position: int, draft: Draft, row: OrgRow) -> bool:
        """Whether a rule takes a row for the draft that the org named."""
        rule = self._mapping.match[position]
        return confirms(self._mapping, position, draft, row) and agrees(rule, row.object, row.values, draft)

    def _keyed(self, draft: Draft) -> list[OrgRow]:
        """Rows that carry its key, each once."""
        keyed = (row for name in self._mapping.objects for row in self._picture.with_key(name, draft.key))
        return list({row.id: row for row in keyed}.values())
