"""Profile rows: what the till has told of a person, beside what her own record holds, and to whom each of them leads.

Contact A has the e-mail a@x.org, and keeps it; a second profile of hers says b@x.org, and its row leads to A. A third
profile that comes with b@x.org finds that row, and by it A.

Rows are written when their round has ended. Whoever looks for what one of them says, or will, waits for the next round.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from target_salesforce_retail.mapping.profile import ProfileRule, Status
from target_salesforce_retail.mapping.rules import StreamMapping
from target_salesforce_retail.mapping.text import is_blank
from target_salesforce_retail.nouns import Draft, OrgRow, Value
from target_salesforce_retail.stages.inside.search import Describes, Search, Searches, as_compared

Values = Mapping[str, Value]


@dataclass
class _Row:
    """What is known of one.

    Attributes:
        says: What it says, as it was read; None of one that is not there.
        will_say: What it may say once this round has ended.
    """

    says: Values | None = None
    will_say: list[Values] = field(default_factory=list)


class ProfileRows:
    """The profile rows that a batch may find; none where no rule looks for them.

    Args:
        mapping: The stream's mapping.
        describes: What the org says of its objects.
    """

    def __init__(self, mapping: StreamMapping, describes: Describes) -> None:
        self._rule = mapping.profile if mapping.seeks_profiles else None
        self._describes = describes
        self._rows: dict[str, _Row] = defaultdict(_Row)
        self._index: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
        self._fields = {name for each in mapping.match for name in each.compared(self._object)} if self._rule else set()

    @property
    def _object(self) -> str:
        return self._rule.object if self._rule else ""

    def learn(self, rows: Iterable[OrgRow]) -> None:
        """Take in those among rows that were looked up."""
        for row in rows:
            if self._rule and row.object == self._rule.object:
                key = str(row.values.get(self._rule.key))
                self._rows[key].says = row.values
                self._see(key, row.values)

    def note(self, key: str, values: Values) -> None:
        """Take note of what the row of a key may say when this round has ended."""
        if self._rule:
            self._rows[key].will_say.append(values)
            self._see(key, values)

    def _see(self, key: str, values: Values) -> None:
        for name in self._fields:
            if not is_blank(value := values.get(name)):
                self._index[name, as_compared(self._describes, self._object, name, value)][key] = None

    def mark(self, key: str) -> str:
        """What stands for the row of a key among the ids of rows that have a say."""
        return f"{self._object}:{key}"

    @property
    def persons(self) -> list[str]:
        """The id of everybody to whom one of them leads."""
        return list(dict.fromkeys(each for row in self._rows.values() for each in self._led_to(row.says)))

    def found(self, search: Search, draft: Draft) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The marks of rows that answer to a search, or may when this round has ended, with the ids they lead to now.

        Its own row tells a draft nothing that it does not say itself.
        """
        for key in self._candidates(search):
            row = self._rows[key]
            answers = row.says is not None and search.answers(row.says)
            if key != draft.key and (answers or any(map(search.answers, row.will_say))):
                yield self.mark(key), self._led_to(row.says) if answers else ()

    def answering(self, search: Search, draft: Draft) -> Iterator[tuple[Values, tuple[str, ...]]]:
        """What those say that answer now, with the ids to which they lead."""
        for key in self._candidates(search):
            says = self._rows[key].says
            if key != draft.key and says is not None and search.answers(says):
                yield says, self._led_to(says)

    def _candidates(self, search: Search) -> list[str]:
        if search.name != self._object:
            return []
        wanted = ((name, value) for name, values in search.index().items() for value in values)
        return list(dict.fromkeys(key for place in wanted for key in self._index.get(place, ())))

    def _led_to(self, says: Values | None) -> tuple[str, ...]:
        """The ids in its lookups, where it is linked."""
        if self._rule is None or says is None or str(says.get(self._rule.status)).strip() != Status.LINKED:
            return ()
        return tuple(str(says[name]) for name in self._rule.person.values() if says.get(name))


def tells_more(draft: Draft, name: str, values: Values, mapping: StreamMapping, searches: Searches) -> bool:
    """Whether a draft's profile answers to what some rule looks for, and the record of its person does not.

    Args:
        draft: The draft.
        name: Its person's object.
        values: What the person's record shows to a search.
        mapping: Its mapping.
        searches: What its drafts look for.
    """
    rule = mapping.profile
    return rule is not None and any(
        searches.holds(rule.object, comparison, each, draft.profile)
        and not searches.holds(name, comparison, each, values)
        for position, match in enumerate(mapping.match)
        if rule.object in match.objects
        for place, comparison in enumerate(match.comparisons)
        for each in _sought(draft, position, place)
    )


def _sought(draft: Draft, position: int, place: int) -> set[str]:
    """What a comparison looks for, be it evidence or not: that changes from one batch to the next."""
    match_keys = draft.match_keys[position]
    out = {choice[place] for at, choice in draft.no_evidence if at == position}
    return out.union(match_keys[place] if match_keys else ())


def fields_sought(rule: ProfileRule, mapping: StreamMapping) -> frozenset[str]:
    """What decides who is found by a profile's row: to whom it leads, and what rules look for."""
    compared = (name for each in mapping.match for name in each.compared(rule.object))
    return frozenset((*compared, rule.status, *rule.person.values()))
