"""The things that travel through the pipeline, in the order they come to be.

``Arrival`` (a record that came in) -> ``Draft`` (the same in Salesforce words) -> ``Match`` (one, none or many
in the org) -> ``Action`` (what we intend) -> ``Result`` (what Salesforce answered) -> ``Outcome`` (the verdict,
kept in the ledger). All are frozen; nothing here knows how any of them is made.

What org and ledger answer is in ``answers.py``, the closed lists are in ``words.py`` and ``reasons.py``; whoever needs
any of them finds it here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from target_salesforce_retail.answers import Fault as Fault  # noqa: PLC0414  # the nouns are where others look for it
from target_salesforce_retail.answers import Link as Link  # noqa: PLC0414
from target_salesforce_retail.answers import Result as Result  # noqa: PLC0414
from target_salesforce_retail.answers import Row as Row  # noqa: PLC0414
from target_salesforce_retail.answers import Siblings as Siblings  # noqa: PLC0414
from target_salesforce_retail.reasons import Reason as Reason  # noqa: PLC0414
from target_salesforce_retail.values import Record as Record  # noqa: PLC0414
from target_salesforce_retail.values import Scalar as Scalar  # noqa: PLC0414
from target_salesforce_retail.values import Value as Value  # noqa: PLC0414
from target_salesforce_retail.words import Intent as Intent  # noqa: PLC0414
from target_salesforce_retail.words import Recovery as Recovery  # noqa: PLC0414
from target_salesforce_retail.words import Stage as Stage  # noqa: PLC0414
from target_salesforce_retail.words import Verdict as Verdict  # noqa: PLC0414


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
    """

    stream: str
    key: str
    record: Record
    flaws: tuple[Flaw, ...] = ()
    version: str | None = None
    hold: int | None = None
    fills: bool = False
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
class Draft:
    """An arrival in Salesforce words.

    Attributes:
        arrival: Where it came from; its key is the value for the mapping's key field.
        values: Field name -> value, for every rule that has something to say; None means clear.
            A rule limited by ``only`` is filled in all the same: plan leaves it out for other objects.
        match_keys: One tuple of normalised values per match rule, in their order; empty where the record has none.
        fallbacks: Fields whose values are not sound -> what a new record gets instead if the org demands the field.
        references: The ids it needs before it can be sent.
        cleared: Labels of references whose property is there and null: their lookups are cleared.
        deleted: The record was deleted in the shop: ``values`` is all that it may change, and it never creates.
    """

    arrival: Arrival
    values: Mapping[str, Value]
    match_keys: tuple[tuple[str, ...], ...] = ()
    fallbacks: Mapping[str, Value] = field(default_factory=dict)
    references: tuple[Reference, ...] = ()
    cleared: frozenset[str] = frozenset()
    deleted: bool = False

    @property
    def key(self) -> str:
        """The value for the mapping's key field."""
        return self.arrival.key

    @property
    def amends(self) -> bool:
        """True when it only changes a record that is there, and never creates one."""
        return self.deleted or self.arrival.fills


@dataclass(frozen=True, slots=True)
class Attempt:
    """A draft on its way, with what Salesforce has answered so far.

    Attributes:
        draft: The draft.
        place: Its place in the batch: arrivals are decided in their order.
        tries: How often it was sent in vain.
        gone: Ids that it was, and that were merged away or deleted before the write.
        refused: Why a duplicate rule refused it, or None. The records it names are candidates, not identities.
        named_ids: Ids of records that may be the same: to be confirmed by the match rules.
        omitted: Fields whose values the org has refused, and that the mapping says to leave out then.
    """

    draft: Draft
    place: int
    tries: int = 0
    gone: tuple[str, ...] = ()
    refused: Fault | None = None
    named_ids: tuple[str, ...] = ()
    omitted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Match:
    """What the org holds for one draft.

    Attributes:
        draft: The draft asked about.
        row: The record it is, or None.
        rule: Which match rule decided (``key``, ``email`` ...), or None.
        candidates: Ids when several answered, or that a duplicate rule named and no rule of ours confirms; then it is
            not known which record it is.
        refused: Why Salesforce refused the record as a duplicate when it was sent, or None.
        owner: The key that the row carries, or will; another record's when this draft only fills blanks.
        superseded: True when a newer version of this record was settled before.
        found: Reference label -> (object, id), for each reference that could be resolved.
        skipped: Labels of references to records that a rule has skipped: waiting for them would be in vain.
        gone: Labels of references to records that were in the org and were deleted there.
        children: Child stream -> rows in the org that hang on ``row``, for children whose mapping removes stale ones.
        stale: True when the newest complete set of its parent's children does not name this record.
        converted: True when all that answers is a converted lead that leads nowhere; ``candidates`` names it.
        twin: True when ``row`` was made by a run that never settled it, and ``candidates`` holds who answers too; or
            when it is none because several answer that were made at the same time: one of them may yet yield.
        omitted: Fields whose values the org has refused, and that are left out for that.
    """

    draft: Draft
    row: Row | None = None
    rule: str | None = None
    candidates: tuple[str, ...] = ()
    refused: Fault | None = None
    owner: str | None = None
    superseded: bool = False
    found: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    skipped: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    children: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    stale: bool = False
    converted: bool = False
    twin: bool = False
    omitted: frozenset[str] = frozenset()

    @property
    def owns(self) -> bool:
        """False when the row carries another record's key: then this draft only fills blanks."""
        return self.owner in (None, self.draft.key)


@dataclass(frozen=True, slots=True)
class Action:
    """What we intend for one match.

    Attributes:
        match: The match it follows from.
        intent: Create, update, delete, nothing (already true), skip or hold.
        object: The object to write.
        id: The record to update or delete, or None. On a create: a record that must go first, for it hangs on another
            parent and cannot be moved.
        body: Field -> value to send: everything for a create, only what differs for an update.
        blanks: Fields of ``body`` that were blank in the org and are filled only for that reason.
        omittable: Names of fields that are left out if the org refuses their values. A state has two names.
        parent: The id that the row hangs on, so that rows of one parent travel together; empty when none.
        stale: (object, id) of children that left the record and are to be deleted.
        reason: Why it is skipped or held.
        fields: The fields concerned: what the reason is about, or what was left out of a record that is written.
        message: Our words on the reason; they hold no value.
        waits_for: The references that could not be resolved: what a hold waits for, or what was left blank.
        allow_duplicate: Save it although a duplicate rule of the kind that only warns objects.
    """

    match: Match
    intent: Intent
    object: str
    id: str | None = None
    body: Mapping[str, Value] = field(default_factory=dict)
    blanks: frozenset[str] = frozenset()
    omittable: frozenset[str] = frozenset()
    parent: str = ""
    stale: tuple[tuple[str, str], ...] = ()
    reason: Reason | None = None
    fields: tuple[str, ...] = ()
    message: str | None = None
    waits_for: tuple[Reference, ...] = ()
    allow_duplicate: bool = False

    @property
    def writes(self) -> bool:
        """True when something is to be sent."""
        return self.intent in (Intent.CREATE, Intent.UPDATE, Intent.DELETE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one arrival, and why: the row of the ledger.

    Attributes:
        arrival: The record.
        verdict: Exactly one of five.
        stage: The stage that decided.
        object: The Salesforce object, once known.
        id: The Salesforce id, once known.
        rule: The match rule that decided, or None.
        sent: Field -> value that was sent (empty when nothing was).
        reason: Why, for skipped and held.
        fields: The fields concerned: what the reason is about, or what was left out.
        code: Salesforce's code, when Salesforce refused.
        message: Salesforce's words, or ours for check and map. For the ledger only.
        owner: The key that the record in the org carries: its own, or that of another profile of the same shopper.
        removed: How many records were deleted with it: stale children, or itself.
        candidates: Ids of the records it may be, for a person who decides.
        waits_for: The references that a hold waits for, or that were left blank.
    """

    arrival: Arrival
    verdict: Verdict
    stage: Stage
    object: str | None = None
    id: str | None = None
    rule: str | None = None
    sent: Mapping[str, Value] = field(default_factory=dict)
    reason: Reason | None = None
    fields: tuple[str, ...] = ()
    code: str | None = None
    message: str | None = None
    owner: str | None = None
    removed: int = 0
    candidates: tuple[str, ...] = ()
    waits_for: tuple[Reference, ...] = ()

    @property
    def version(self) -> str | None:
        """The version of its record."""
        return self.arrival.version
