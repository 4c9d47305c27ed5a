"""Evidence: which rows of the picture answer to a draft, by which rule; and what has to be asked so that they can.

A shopper comes with the key 1:7 and the e-mail ann@x.org. Contact A carries that key, contact B that e-mail: A answers
to the rule ``key``, and B to the rule ``email``. Evidence tells both, in the order of the rules' weight, and does not
choose: ``stages/match`` does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from target_salesforce_retail.mapping.convert import match_key
from target_salesforce_retail.mapping.rules import StreamMapping
from target_salesforce_retail.nouns import Attempt, Draft, OrgRow
from target_salesforce_retail.stages.inside.picture import Picture
from target_salesforce_retail.stages.inside.refer import believed
from target_salesforce_retail.stages.inside.variants import agrees, variants_of


@dataclass(frozen=True)
class Answer:
    """Who answers to one rule.

    Attributes:
        rule: The rule's name.
        rows: The rows that answer now.
        ever: Ids of those that answer now, or did before an action of this batch.
    """

    rule: str
    rows: Sequence[OrgRow]
    ever: frozenset[str]


class Evidence:
    """What the picture says of drafts."""

    def __init__(self, mapping: StreamMapping, picture: Picture) -> None:
        self._mapping = mapping
        self._picture = picture

    # What to ask

    def needs_no_rule(self, draft: Draft) -> bool:
        """True when no match rule has to be asked: it has none, or one row has its key and the ledger knows of it."""
        keyed = {
            row.id for name in self._mapping.objects for row in self._with_key(name, draft.key) if not row.dead_end
        }
        return not any(draft.match_keys) or (len(keyed) == 1 and draft.key in self._picture.links)

    def wanted(self, drafts: Sequence[Draft]) -> dict[str, dict[str, list[str]]]:
        """Object -> field -> the values that the drafts' match keys may have there."""
        wanted: dict[str, dict[str, dict[str, None]]] = defaultdict(lambda: defaultdict(dict))
        for draft in drafts:
            for position, rule in enumerate(self._mapping.match):
                for name, fields in rule.to.items():
                    for field in fields if draft.match_keys[position] else ():
                        wanted[name][field] |= dict.fromkeys(variants_of(self._mapping, position, field, draft))
        return {name: {field: list(variants) for field, variants in fields.items()} for name, fields in wanted.items()}

    # What is answered

    def of(self, attempt: Attempt) -> Iterator[Answer]:
        """What the rules answer, in the order of their weight."""
        draft = attempt.draft
        keyed = {row.id: row for name in self._mapping.objects for row in self._with_key(name, draft.key)}
        ever = {each for name in self._mapping.objects for each in self._ever_with_key(name, draft.key)}
        yield Answer("key", list(keyed.values()), frozenset(ever))
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
            yield Answer(rule.by, confirmed, frozenset(named_ids))

    def by_rules(self, draft: Draft) -> Iterator[Answer]:
        """What the declared match rules answer, in their order."""
        for position, rule in enumerate(self._mapping.match):
            hits: list[OrgRow] = []
            consulted: set[str] = set()
            for name, fields in rule.to.items() if draft.match_keys[position] else ():
                now, ever = self._hits(position, name, fields, draft)
                consulted |= ever
                hits = hits if any(not row.dead_end for row in hits) else [*hits, *now]
            yield Answer(rule.by, hits, frozenset(consulted))

    def rivals(self, attempt: Attempt) -> set[str]:
        """Every row that the draft might be, whichever rule decides."""
        return {record_id for answer in self.of(attempt) for record_id in answer.ever}

    def _hits(self, position: int, name: str, fields: Sequence[str], draft: Draft) -> tuple[list[OrgRow], set[str]]:
        rule = self._mapping.match[position]
        hits: list[OrgRow] = []
        ever: set[str] = set()
        for field in fields:
            variants = variants_of(self._mapping, position, field, draft)
            for record_id in self._picture.ever(name, [field], variants):
                states = list(self._picture.states(record_id))
                if any(agrees(rule, state.values, draft) for state in states):
                    ever.add(record_id)
                if agrees(rule, states[-1].values, draft) and self._picture.holds(record_id, name, [field], variants):
                    hits.append(states[-1])
        return _distinct(hits), ever

    def _confirms(self, position: int, draft: Draft, row: OrgRow) -> bool:
        """Whether a rule takes a row for the draft that the org named: values are compared however they are spelt."""
        rule = self._mapping.match[position]
        held = {
            match_key(rule.by, row.values.get(field), self._mapping.region[1]) for field in rule.to.get(row.object, ())
        }
        return bool(held & set(draft.match_keys[position])) and agrees(rule, row.values, draft)

    def _with_key(self, name: str, key: str) -> list[OrgRow]:
        field = self._mapping.key.field
        ids = [each for each in self._ever_with_key(name, key) if self._picture.holds(each, name, [field], [key])]
        return [list(self._picture.states(each))[-1] for each in ids]

    def _ever_with_key(self, name: str, key: str) -> list[str]:
        return self._picture.ever(name, [self._mapping.key.field], [key])


def _distinct(rows: Iterable[OrgRow]) -> list[OrgRow]:
    return list({row.id: row for row in rows}.values())
