"""A search: what one draft looks for in one object by one match rule; and where two records must agree on more.

A till has +16045550142, a contact 604-555-0142: to the org these are two texts, so that it is asked for the key beside
the number (``phone_keys``); of a postal code, which has none, for all usual spellings.
A rule that says `all` of last name, postal code and birthday asks for the last two, and compares the name once the rows
are here: nobody can list the ways in which O'Brien may be written. A row answers only to what its draft's own search
would have brought, whoever's look-up did: else a decision would depend on company.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from math import prod
from operator import contains

from target_salesforce_retail.mapping.match_keys import can_be_asked, match_key, variants
from target_salesforce_retail.mapping.match_rules import AgreeRule, Comparison, MatchRule
from target_salesforce_retail.mapping.phone_keys import phone_keys_of
from target_salesforce_retail.mapping.rules import StreamMapping
from target_salesforce_retail.metadata import ObjectDescribe
from target_salesforce_retail.nouns import Draft, MatchKeys, OrgRow, Value

Values = Mapping[str, Value]
Describes = Mapping[str, ObjectDescribe]
Choices = tuple[tuple[str, ...], ...]


def as_compared(describes: Describes, name: str, field: str, value: Value) -> str:
    """A value as the org compares it: case counts only where the field says so.

    Source: docs/vendors/salesforce.md, comparing text.
    """
    describe = describes[name].fields.get(field)
    return str(value) if describe and describe.case_sensitive else str(value).lower()


@dataclass(frozen=True, slots=True)
class Part:
    """One comparison of a search.

    Attributes:
        by: The kind of match key.
        asked: Field -> the ways in which it may hold one of them: what the org is asked for, if it is.
        found_as: The same, as the org compares text.
        compared: Fields whose values are normalised and compared once they are here -> the match keys, of which they
            are to hold one.
        region: The country by which they are read.
    """

    by: str
    asked: Mapping[str, tuple[str, ...]]
    found_as: Mapping[str, frozenset[str]]
    compared: Mapping[str, tuple[str, ...]]
    region: str | None

    @property
    def can_be_found(self) -> bool:
        """Whether there is a field that may hold one of its match keys."""
        return bool(self.found_as or self.compared)

    def finds(self, name: str, values: Values, describes: Describes) -> bool:
        """Whether one of its fields holds one of its match keys."""
        return any(True for _ in self.found_in(name, values, describes))

    def found_in(self, name: str, values: Values, describes: Describes) -> Iterator[str]:
        """The fields that hold one of its match keys."""
        for field, wanted in self.found_as.items():
            held = values.get(field)
            if held is not None and as_compared(describes, name, field, held) in wanted:
                yield field
        for field, keys in self.compared.items():
            if match_key(self.by, values.get(field), self.region) in keys:
                yield field


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for in one object.

    Attributes:
        name: The object.
        parts: One for each comparison.
        describes: What the org says of its objects.
        choices: A search for each choice of match keys that is evidence, where some are none: the parts alone cannot
            tell them apart.
    """

    name: str
    parts: tuple[Part, ...]
    describes: Describes
    choices: tuple[Search, ...] = ()

    def conditions(self) -> Iterator[dict[str, tuple[str, ...]]]:
        """What to ask the org for: field -> values, of which a row has one in each of the fields."""
        for fields in product(*(part.asked.items() for part in self.parts if part.asked)):
            yield dict(fields)

    def index(self) -> Mapping[str, frozenset[str]]:
        """Field -> values as the org compares them, of which every row that answers holds one."""
        return next(part.found_as for part in self.parts if part.found_as)

    def answers(self, values: Values) -> bool:
        """Whether a row with these values is what is looked for."""
        found = all(part.finds(self.name, values, self.describes) for part in self.parts)
        return found and (not self.choices or any(each.answers(values) for each in self.choices))

    def found_in(self, values: Values) -> list[str]:
        """The fields in which a row with these values answers; none for one that does not."""
        if not self.answers(values):
            return []
        return [field for part in self.parts for field in part.found_in(self.name, values, self.describes)]


class Searches:
    """The searches of a stream's drafts."""

    def __init__(self, mapping: StreamMapping, describes: Describes) -> None:
        self._mapping = mapping
        self._describes = describes
        self._known: dict[tuple[int, MatchKeys, Choices], tuple[Search, ...]] = {}

    def of(self, draft: Draft, position: int) -> tuple[Search, ...]:
        """What a match rule looks for, object by object in their precedence; nothing where it does not ask for it."""
        match_keys = draft.match_keys[position]
        if not match_keys:
            return ()
        known = (position, match_keys, _choices(draft, position) if draft.no_evidence else ())
        if known not in self._known:
            rule = self._mapping.match[position]
            searches = (self._search(name, rule, *known[1:]) for name in rule.objects)
            self._known[known] = tuple(each for each in searches if all(part.can_be_found for part in each.parts))
        return self._known[known]

    def all_of(self, draft: Draft) -> Iterator[tuple[int, Search]]:
        """Everything that it looks for, with the positions of the rules."""
        for position in range(len(self._mapping.match)):
            yield from ((position, search) for search in self.of(draft, position))

    def holds(self, name: str, comparison: Comparison, key: str, values: Values) -> bool:
        """Whether a row of an object with these values holds a match key where a comparison looks for it."""
        return name in comparison.to and self._part(name, comparison, (key,)).finds(name, values, self._describes)

    def _search(self, name: str, rule: MatchRule, match_keys: MatchKeys, choices: Choices) -> Search:
        pairs = zip(rule.comparisons, match_keys, strict=True)
        parts = tuple(self._part(name, each, keys) for each, keys in pairs)
        alone = tuple(self._search(name, rule, tuple((key,) for key in each), ()) for each in choices)
        return Search(name, parts, self._describes, alone)

    def _part(self, name: str, comparison: Comparison, keys: tuple[str, ...]) -> Part:
        by, region = comparison.by, self._mapping.region[1]
        sought = {field: left for field, left in comparison.sought(name, keys, region).items() if left}
        if not can_be_asked(by):
            return Part(by, {}, {}, sought, region)
        asked = {
            field: tuple(dict.fromkeys(each for key in left for each in variants(by, key)))
            for field, left in sought.items()
        }
        found_as = {
            field: frozenset(as_compared(self._describes, name, field, each) for each in wanted)
            for field, wanted in asked.items()
        }
        return Part(by, asked, found_as, {}, region)


def _choices(draft: Draft, position: int) -> Choices:
    """The choices that are evidence, where some of its match keys are none; empty where all are."""
    choices = combinations_of(draft, position)
    return choices if len(choices) < prod(map(len, draft.match_keys[position])) else ()


def confirms(mapping: StreamMapping, position: int, draft: Draft, row: OrgRow) -> bool:
    """Whether a rule takes a row for the draft, however its values are spelt; not whether they agree."""
    region = mapping.region[1]
    values = phone_keys_of(mapping, row.object).shown(row.values)
    held = [each.held(row.object, values, region) for each in mapping.match[position].comparisons]
    return any(all(map(contains, held, choice)) for choice in combinations_of(draft, position))


def agrees(rule: MatchRule, name: str, values: Values, draft: Draft) -> bool:
    """False when a field of an object and its property contradict each other."""
    return next(_disagreements(rule.agree, name, values, draft), None) is None


def disagreements(rule: MatchRule, name: str, values: Values, draft: Draft) -> tuple[str, ...]:
    """The fields of an object that contradict their properties: why a row that is found is somebody else."""
    return tuple(_disagreements(rule.agree, name, values, draft))


def vetoes(rule: MatchRule, row: OrgRow, draft: Draft) -> tuple[str, ...]:
    """The fields of a row that answers which contradict what would have to be the same."""
    return tuple(_disagreements(rule.unless, row.object, row.values, draft))


def _disagreements(rules: Mapping[str, AgreeRule], name: str, values: Values, draft: Draft) -> Iterator[str]:
    record = draft.arrival.sound
    for field, each in rules.items():
        if each.asks(name) and not each.agreed(name, values.get(field), record):
            yield field


def combinations_of(draft: Draft, position: int) -> Choices:
    """Every choice of one match key for each comparison: two drafts that are found by one rule share one of them.

    Those that are no evidence are left out.
    """
    match_keys = draft.match_keys[position]
    choices = product(*match_keys) if match_keys else ()
    return tuple(each for each in choices if (position, each) not in draft.no_evidence)
