"""Ways to recognise a record, as a mapping declares them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from target_salesforce_retail.mapping.agree import agree, says_nothing
from target_salesforce_retail.mapping.choices import IfBlank
from target_salesforce_retail.mapping.match_keys import match_key
from target_salesforce_retail.mapping.places import Place
from target_salesforce_retail.mapping.text import is_blank
from target_salesforce_retail.nouns import Record, Value

SHARED_BY = 5
"""So many a household has, or till profiles a shopper. Strangers who became one cannot be told apart again, two records
of one shopper can be merged: so rather few."""


@dataclass(frozen=True, slots=True)
class AgreeRule:
    """A property that must not contradict a field.

    Attributes:
        sources: The property; of several the first that is not blank.
        by: What may differ all the same: ``text``, ``name`` or ``alike``.
        blank: What it is where one of the two is blank.
        initial: Whether an initial agrees with a name.
        only: The objects that have the field; empty for all.
        fillers: Object -> what stands in the field in place of a blank, and is one.
    """

    sources: tuple[str, ...]
    by: str = "text"
    blank: IfBlank = IfBlank.AGREES
    initial: bool = True
    only: tuple[str, ...] = ()
    fillers: Mapping[str, Value] = field(default_factory=dict)

    def asks(self, name: str) -> bool:
        """Whether an object is asked for it."""
        return not self.only or name in self.only

    def agreed(self, name: str, held: Value, record: Record) -> bool:
        """Whether a field of an object and the property of a record agree, or need not."""
        filler = self.fillers.get(name)
        property_value = next((each for source in self.sources if not is_blank(each := record.get(source))), None)
        given, there = (None if says_nothing(each, filler) else each for each in (property_value, held))
        found = agree(self.by, there, given, initials=self.initial)
        if found is not None:
            return found
        both = there is None and given is None
        return self.blank is IfBlank.AGREES or (both and self.blank is IfBlank.DIFFERS)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Properties of a record against fields of the org.

    Attributes:
        by: The kind of match key: ``email``, ``phone``, ``text`` ...
        sources: Properties that are looked for, each of them a chance (a mobile and a landline are two match keys).
        to: Object -> fields that may hold one of them.
        fillers: (Object, field) -> what stands there in place of a blank: nobody is looked for by it.
    """

    by: str
    sources: tuple[str, ...]
    to: Mapping[str, tuple[str, ...]]
    fillers: Mapping[tuple[str, str], Value] = field(default_factory=dict)

    def sought(self, name: str, keys: tuple[str, ...], region: str | None) -> dict[str, tuple[str, ...]]:
        """Field of an object -> those of some match keys that it is asked for."""
        fillers = {each: match_key(self.by, self.fillers.get((name, each)), region) for each in self.to[name]}
        return {each: tuple(key for key in keys if key != filler) for each, filler in fillers.items()}

    def held(self, name: str, values: Mapping[str, Value], region: str | None) -> frozenset[str]:
        """The match keys that a row of an object holds."""
        fields = [
            each for each in self.to.get(name, ()) if not says_nothing(values.get(each), self.fillers.get((name, each)))
        ]
        return frozenset(key for each in fields if (key := match_key(self.by, values[each], region)))


@dataclass(frozen=True, slots=True)
class MatchRule:
    """One way to recognise a record. ``by: key`` makes no rule, for the key is always asked.

    Attributes:
        name: What outcomes call it.
        comparisons: A row answers when all of them find a match key in it. A record that lacks one asks nobody.
        when: Property -> values that a record must have for the rule to be asked.
        agree: Field -> property that must not contradict each other, or it is somebody else: a family may share one
            phone.
        unless: Field -> property: a row that answers and does not agree there is a doubt for a person to decide.
        shared_by: The most shoppers, or people in the org, that may share what it looks for: of more it is no evidence.
    """

    name: str
    comparisons: tuple[Comparison, ...]
    at: Place
    when: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    agree: Mapping[str, AgreeRule] = field(default_factory=dict)
    unless: Mapping[str, AgreeRule] = field(default_factory=dict)
    shared_by: int = SHARED_BY

    @property
    def objects(self) -> tuple[str, ...]:
        """The objects that can answer, in the order of their precedence."""
        return common_objects(self.comparisons)

    @property
    def properties(self) -> Iterator[str]:
        """What it reads of a record."""
        yield from (name for each in self.comparisons for name in each.sources)
        yield from self.deciding
        yield from (name for each in self.unless.values() for name in each.sources)

    @property
    def deciding(self) -> tuple[str, ...]:
        """What it reads to tell one from another: without these nobody is recognised for certain."""
        return (*self.when, *(name for each in self.agree.values() for name in each.sources))

    def compared(self, name: str) -> tuple[str, ...]:
        """The fields of an object in which match keys are looked for."""
        return tuple(dict.fromkeys(each for comparison in self.comparisons for each in comparison.to.get(name, ())))

    def fields(self, name: str) -> tuple[str, ...]:
        """All fields of an object that it reads."""
        asked = (field for rules in (self.agree, self.unless) for field, each in rules.items() if each.asks(name))
        return (*self.compared(name), *asked)


def common_objects(comparisons: tuple[Comparison, ...]) -> tuple[str, ...]:
    """The objects that every comparison has fields of, in the order in which the first one names them."""
    first, *others = comparisons
    return tuple(name for name in first.to if all(name in other.to for other in others))
