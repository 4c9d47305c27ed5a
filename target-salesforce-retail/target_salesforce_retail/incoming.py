"""What comes in: a record, what is wrong with it, the draft it becomes. ``nouns`` is where others look for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from target_salesforce_retail.values import Record, Value
from target_salesforce_retail.words import Retirement

MatchKeys = tuple[tuple[str, ...], ...]
"""For each comparison of a match rule the normalised values, of which one is to be found."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is not sound in a record: its schema, the reader, a stream map or its tap says so. Never the value.

    Attributes:
        property: The property of the record that is at fault; empty when the record as a whole is.
        rule: What is wrong with it, with the path within the property where it has one.
    """

    property: str
    rule: str

    def __str__(self) -> str:
        return f"{self.property or 'record'}: {self.rule}"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A record that came in.

    Attributes:
        stream: Singer stream name.
        key: What the mapping calls the record's key, e.g. ``1000:42``; names it in the ledger and the log. A record
            that lacks what its key is made of is named by a digest of itself.
        record: The Singer record.
        flaws: What is not sound in it. Those of ``omitted`` properties do not hold it.
        version: Text that orders versions of the same record, or None when it is not known.
        omitted: Properties that have flaws and that the mapping can do without: as if they were not there.
        hold: The number of the hold it comes from, when it is tried again.
        fills: Not a record, but our own request to fill in lookups that were left blank for want of a parent.
        follows: Of such a request: it points a lookup that was filled to where a record has moved.
    """

    stream: str
    key: str
    record: Record
    flaws: tuple[Flaw, ...] = ()
    version: str | None = None
    hold: int | None = None
    fills: bool = False
    follows: bool = False
    omitted: frozenset[str] = frozenset()

    @property
    def sound(self) -> Record:
        """The record without what is not sound."""
        if not self.omitted:
            return self.record
        return {name: value for name, value in self.record.items() if name not in self.omitted}

    @property
    def blocking_flaws(self) -> tuple[Flaw, ...]:
        """The flaws that hold it."""
        return tuple(flaw for flaw in self.flaws if flaw.property not in self.omitted)


@dataclass(frozen=True, slots=True)
class Reference:
    """A need for the Salesforce id of another stream's record.

    Attributes:
        label: The name of the rule in the mapping (a field, or a label where ``to`` names the fields).
        stream: The stream referred to.
        key: The org key of the record referred to (its mapping's ``key.value``, filled in).
    """

    label: str
    stream: str
    key: str


@dataclass(frozen=True, slots=True)
class Trait:
    """What a match rule recognises a record by: a match key, or one for each of its comparisons.

    Attributes:
        by: The kinds of the match keys.
        values: The match keys.
    """

    by: tuple[str, ...]
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Carrier:
    """A record of a stream, by its key, that carries a trait."""

    stream: str
    key: str
    trait: Trait


@dataclass(frozen=True, slots=True)
class NewAccount:
    """The account that a new record gets; it may be there already.

    Attributes:
        entry: The position of the mapping's entry that it comes from.
        key: The value of its external id.
        values: Field name -> value, for an account that is made.
    """

    entry: int
    key: str
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Draft:
    """An arrival in Salesforce words.

    Attributes:
        arrival: Where it came from; its key is the value for the mapping's key field.
        values: Field name -> value, for every rule that has something to say; None means clear.
            A rule limited by ``only`` is filled in all the same: plan leaves it out for other objects.
        match_keys: For each match rule, in their order, what each of its comparisons looks for; empty for a rule that
            does not ask for this record.
        no_evidence: Choices of one match key for each comparison that too many share, with the positions of their
            rules: their match keys are looked for in other choices alone.
        blocked: Positions of the rules for which the record has a match key that the blocklist names.
        crowded: Positions of those for which some are no evidence because of a crowd in the org.
        fallbacks: Fields whose values are not sound -> what a new record gets instead if the org demands the field.
        references: The ids it needs before it can be sent.
        account: The account that it gets if it is created, or None.
        cleared: Labels of references whose property is there and null: their lookups are cleared.
        deleted: The record was deleted in the shop: ``values`` is all that it may change, and it never creates.
        region: The country by which its phone numbers are read.
        retirement: Why it speaks for nobody any more, where the org keeps which person it is: it was deleted, or a rule
            leaves it out. It says nothing else either.
        is_outdated: A newer version had an outcome before, if only a hold: which parts the record has, this one cannot
            say any more.
        profile: Field name -> value, for the row that keeps which person it is.
    """

    arrival: Arrival
    values: Mapping[str, Value]
    match_keys: tuple[MatchKeys, ...] = ()
    no_evidence: frozenset[tuple[int, tuple[str, ...]]] = frozenset()
    blocked: frozenset[int] = frozenset()
    crowded: frozenset[int] = frozenset()
    fallbacks: Mapping[str, Value] = field(default_factory=dict)
    references: tuple[Reference, ...] = ()
    account: NewAccount | None = None
    cleared: frozenset[str] = frozenset()
    deleted: bool = False
    retirement: Retirement | None = None
    is_outdated: bool = False
    region: str | None = None
    profile: Mapping[str, Value] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The value for the mapping's key field."""
        return self.arrival.key

    @property
    def releases(self) -> bool:
        """True when it takes its key back from whoever carries it."""
        return self.retirement is not None and self.retirement.releases

    @property
    def amends(self) -> bool:
        """True when it only changes a record that is there, and never creates one."""
        return self.deleted or self.retirement is not None or self.arrival.fills
