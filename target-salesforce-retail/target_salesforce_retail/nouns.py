"""The things that travel through the pipeline, in the order they come to be.

``Arrival`` (a record that came in) -> ``Draft`` (the same in Salesforce words) -> ``Match`` (one, none or many
in the org) -> ``Action`` (what we intend) -> ``Result`` (what Salesforce answered) -> ``Outcome`` (the verdict,
kept in the ledger). All are frozen; nothing here knows how any of them is made.

What comes in is in ``incoming.py``, what org and ledger answer in ``answers.py``, the closed lists in ``words.py`` and
``reasons.py``; whoever needs any of them finds it here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from target_salesforce_retail.answers import Bridge as Bridge  # noqa: PLC0414
from target_salesforce_retail.answers import Conversion as Conversion  # noqa: PLC0414
from target_salesforce_retail.answers import Decided as Decided  # noqa: PLC0414
from target_salesforce_retail.answers import Fault as Fault  # noqa: PLC0414  # the nouns are where others look for it
from target_salesforce_retail.answers import Link as Link  # noqa: PLC0414
from target_salesforce_retail.answers import Merge as Merge  # noqa: PLC0414
from target_salesforce_retail.answers import Move as Move  # noqa: PLC0414
from target_salesforce_retail.answers import OrgRow as OrgRow  # noqa: PLC0414
from target_salesforce_retail.answers import Result as Result  # noqa: PLC0414
from target_salesforce_retail.answers import Ruling as Ruling  # noqa: PLC0414
from target_salesforce_retail.answers import Sharing as Sharing  # noqa: PLC0414
from target_salesforce_retail.answers import Siblings as Siblings  # noqa: PLC0414
from target_salesforce_retail.answers import Suspect as Suspect  # noqa: PLC0414
from target_salesforce_retail.answers import Undecided as Undecided  # noqa: PLC0414
from target_salesforce_retail.incoming import Arrival as Arrival  # noqa: PLC0414
from target_salesforce_retail.incoming import Carrier as Carrier  # noqa: PLC0414
from target_salesforce_retail.incoming import Draft as Draft  # noqa: PLC0414
from target_salesforce_retail.incoming import Flaw as Flaw  # noqa: PLC0414
from target_salesforce_retail.incoming import MatchKeys as MatchKeys  # noqa: PLC0414
from target_salesforce_retail.incoming import NewAccount as NewAccount  # noqa: PLC0414
from target_salesforce_retail.incoming import Reference as Reference  # noqa: PLC0414
from target_salesforce_retail.incoming import Trait as Trait  # noqa: PLC0414
from target_salesforce_retail.reasons import Reason as Reason  # noqa: PLC0414
from target_salesforce_retail.trail import Clue as Clue  # noqa: PLC0414
from target_salesforce_retail.trail import Trail as Trail  # noqa: PLC0414
from target_salesforce_retail.trail import Why as Why  # noqa: PLC0414
from target_salesforce_retail.values import Record as Record  # noqa: PLC0414
from target_salesforce_retail.values import Scalar as Scalar  # noqa: PLC0414
from target_salesforce_retail.values import Value as Value  # noqa: PLC0414
from target_salesforce_retail.words import IN_ORG
from target_salesforce_retail.words import DecisionKind as DecisionKind  # noqa: PLC0414
from target_salesforce_retail.words import Intent as Intent  # noqa: PLC0414
from target_salesforce_retail.words import Recovery as Recovery  # noqa: PLC0414
from target_salesforce_retail.words import Retirement as Retirement  # noqa: PLC0414
from target_salesforce_retail.words import Stage as Stage  # noqa: PLC0414
from target_salesforce_retail.words import Verdict as Verdict  # noqa: PLC0414

TRIES = 3
"""How often a row may be sent before it is held."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A draft on its way, with what Salesforce has answered so far.

    Attributes:
        draft: The draft.
        place: Its place in the batch: arrivals are decided in their order.
        tries: How often it was sent in vain.
        lost_ids: Ids that it was, and that were merged away or deleted before the write.
        duplicate_fault: Why a duplicate rule refused it, or None. The records it names are candidates, not identities.
        named_ids: Ids of records that may be the same: to be confirmed by the match rules.
        omitted: Fields whose values the org has refused, and that the mapping says to leave out then.
        lead: The id of the lead that was converted for it, or None.
    """

    draft: Draft
    place: int
    tries: int = 0
    lost_ids: tuple[str, ...] = ()
    duplicate_fault: Fault | None = None
    named_ids: tuple[str, ...] = ()
    omitted: frozenset[str] = frozenset()
    lead: str | None = None

    @property
    def is_last(self) -> bool:
        """True when it is held, should it fail."""
        return self.tries + 1 >= TRIES

    def after(self, fault: Fault, row: OrgRow | None) -> Attempt:
        """Once more, with what the fault tells: who is gone, who looks alike."""
        lost = (row.id,) if row and fault.reason in (Reason.GONE, Reason.CONVERTED) else ()
        again = replace(self, tries=self.tries + 1, lost_ids=(*self.lost_ids, *lost))
        if fault.reason is not Reason.DUPLICATE_RULE:
            return again
        return replace(again, duplicate_fault=fault, named_ids=(*self.named_ids, *fault.candidates))

    def after_yielding(self, twin: str) -> Attempt:
        """Once more, for ours was taken back in favour of this record."""
        return replace(self, tries=self.tries + 1, named_ids=(*self.named_ids, twin))

    def after_converting(self, lead: str) -> Attempt:
        """Once more, for its lead is a contact now; that is no try in vain."""
        return replace(self, lead=lead)

    def omitting(self, fields: Iterable[str]) -> Attempt:
        """Once more, without the values of these fields; that is no try in vain, for each time there is one less."""
        return replace(self, omitted=self.omitted.union(fields))


@dataclass(frozen=True, slots=True)
class Match:
    """What the org holds for one draft.

    Attributes:
        draft: The draft asked about.
        row: The record it is, or None.
        rule: Which match rule decided (``key``, ``email`` ...), or None.
        candidates: Ids when several answered, or that a duplicate rule named and no rule of ours confirms; then it is
            not known which record it is.
        duplicate_fault: Why Salesforce refused the record as a duplicate when it was sent, or None.
        stamped_key: The key that the row carries, or will; another record's when this draft only fills blanks.
        superseded: True when a newer version of this record was settled before.
        found: Reference label -> (object, id), for each reference that could be resolved.
        skipped: Labels of references to records that a rule has skipped: waiting for them would be in vain.
        gone: Labels of references to records that were in the org and were deleted there.
        children: Child stream -> rows in the org that hang on ``row``, for children whose mapping removes stale ones.
        is_stale: True when the newest complete set of its parent's children does not name this record.
        converted: True when all that answers is a converted lead that leads nowhere; ``candidates`` names it.
        twin: True when ``row`` was made by a run that never settled it, and ``candidates`` holds who answers too; or
            when it is none because several answer that were made at the same time: one of them may yet yield.
        omitted: Fields whose values the org has refused, and that are left out for that.
        vetoed: When one record answers, named in ``candidates``, and contradicts what a rule's ``unless`` names: those
            fields.
        trail: What each rule said.
        evidence: The fields of the record, or of the candidates, that answered to the rule.
        ruling: What the org keeps of which person it is.
        frees: (object, id) of records that carry its key and are not it, as a person has decided: it is taken back.
        bridges: Whom else the rules find; None where they were not asked.
        lead: The id of the lead that was converted for it just before, or None.
    """

    draft: Draft
    row: OrgRow | None = None
    rule: str | None = None
    candidates: tuple[str, ...] = ()
    duplicate_fault: Fault | None = None
    stamped_key: str | None = None
    superseded: bool = False
    found: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    skipped: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    children: Mapping[str, tuple[OrgRow, ...]] = field(default_factory=dict)
    is_stale: bool = False
    converted: bool = False
    twin: bool = False
    omitted: frozenset[str] = frozenset()
    vetoed: tuple[str, ...] = ()
    trail: Trail = ()
    evidence: tuple[str, ...] = ()
    ruling: Ruling = field(default_factory=Ruling)
    frees: tuple[tuple[str, str], ...] = ()
    bridges: tuple[Bridge, ...] | None = None
    lead: str | None = None

    @property
    def owns(self) -> bool:
        """False when the row carries another record's key: then this draft only fills blanks."""
        return self.stamped_key in (None, self.draft.key)


@dataclass(frozen=True, slots=True)
class Action:
    """What we intend for one match.

    Attributes:
        match: The match it follows from.
        intent: Create, update, delete, convert, nothing (already true), skip or hold.
        object: The object to write.
        id: The record that this is about, or None where there is none yet.
        account: On a create or a conversion: the account that it gets, with values as its fields take them.
        replaces: On a create: a record that must go first, for it hangs on another parent and cannot be moved.
        body: Field -> value to send: everything for a create, only what differs for an update.
        blanks: Fields of ``body`` that are filled only for they were blank in the org -> what stood there all the same.
        omittable: Names of fields that are left out if the org refuses their values. A state has two names.
        parent: The id that the row hangs on, so that rows of one parent travel together; empty when none.
        stale_children: (object, id) of children that left the record and are to be deleted.
        reason: Why it is skipped or held.
        fields: The fields concerned: what the reason is about, or what was left out of a record that is written.
        message: Our words on the reason; they hold no value.
        waits_for: The references that could not be resolved: what a hold waits for, or what was left blank.
        allow_duplicate: Save it although a duplicate rule of the kind that only warns objects.
        frees: Of a write: (object, id) of records whose stamped key must be taken back first, for it is this one's.
    """

    match: Match
    intent: Intent
    object: str
    id: str | None = None
    account: NewAccount | None = None
    replaces: str | None = None
    body: Mapping[str, Value] = field(default_factory=dict)
    blanks: Mapping[str, Value] = field(default_factory=dict)
    omittable: frozenset[str] = frozenset()
    parent: str = ""
    stale_children: tuple[tuple[str, str], ...] = ()
    reason: Reason | None = None
    fields: tuple[str, ...] = ()
    message: str | None = None
    waits_for: tuple[Reference, ...] = ()
    allow_duplicate: bool = False
    frees: tuple[tuple[str, str], ...] = ()

    @property
    def writes(self) -> bool:
        """True when something is to be sent."""
        return self.intent in (Intent.CREATE, Intent.UPDATE, Intent.DELETE, Intent.CONVERT)

    @property
    def lets_go(self) -> bool:
        """True when the record leads to nobody any more, whether there is anything to write or not."""
        return self.match.draft.releases and self.reason is Reason.EXCLUDED


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
        stamped_key: The key that the record in the org carries: its own, or that of another profile of the shopper.
        removed: How many records were deleted with it: stale children, or itself.
        candidates: Ids of the records it may be, for a person who decides.
        waits_for: The references that a hold waits for, or that were left blank.
        evidence: The fields of the record, or of the candidates, that answered to the rule.
        ruling: What the org keeps of which person it is.
        trail: What each rule said, and what it waits for.
        retirement: Why it speaks for nobody any more.
        bridges: Whom else the rules find; None where they were not asked.
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
    stamped_key: str | None = None
    removed: int = 0
    candidates: tuple[str, ...] = ()
    waits_for: tuple[Reference, ...] = ()
    evidence: tuple[str, ...] = ()
    ruling: Ruling = field(default_factory=Ruling)
    trail: Trail = ()
    retirement: Retirement | None = None
    bridges: tuple[Bridge, ...] | None = None

    @property
    def lets_go(self) -> bool:
        """True when its record leads to nobody any more."""
        releases = self.retirement is not None and self.retirement.releases
        return releases and self.reason is Reason.EXCLUDED

    @property
    def bridges_now(self) -> tuple[Bridge, ...] | None:
        """Whom else its record may be from now on; None where what it said of that before goes on."""
        is_over = self.verdict is not Verdict.HELD and self.reason is not Reason.SUPERSEDED
        if self.lets_go or (self.retirement is Retirement.MERGED and is_over):
            return ()
        is_in = self.verdict in IN_ORG or self.reason is Reason.LEFT_ALONE
        return self.bridges if is_in else None

    @property
    def version(self) -> str | None:
        """The version of its record."""
        return self.arrival.version

    @property
    def omitted(self) -> tuple[str, ...]:
        """What was left out of a record that went in; where there is a reason, the fields are what that is about."""
        return () if self.reason else self.fields
