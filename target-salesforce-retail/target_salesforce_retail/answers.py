"""What crosses ``ports.py``: what org and ledger say of records, and what the org does with two of them or with a lead.

``nouns`` is where others look for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from target_salesforce_retail.reasons import Reason
from target_salesforce_retail.values import Value
from target_salesforce_retail.words import DecisionKind, Recovery


@dataclass(frozen=True, slots=True)
class OrgRow:
    """A record in the org.

    Attributes:
        object: What it is.
        id: Its 18-character id.
        values: The fields that were asked for, where it has them.
        searched: The object that was searched; not ``object`` for a converted lead that was followed to its contact.
        via: The searched fields of the record that answered (the lead's, for a lead that was followed).
        dead_end: True for a converted lead whose contact is gone, or is nothing that the mapping knows: who it is is
            clear, and nothing can be written to it.
    """

    object: str
    id: str
    values: Mapping[str, Value]
    searched: str = ""
    via: Mapping[str, Value] = field(default_factory=dict)
    dead_end: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """What the ledger remembers of a record that was settled.

    Attributes:
        object: Where it went.
        id: Which record that is.
        version: Which version it was.
        stamped_key: The key that the record in the org carried then: its own, or that of another of the same shopper.
    """

    object: str
    id: str
    version: str | None = None
    stamped_key: str | None = None

    def no_older_than(self, before: Link | None) -> Link:
        """This link with the newer of both versions: what is known of a record never goes back."""
        versions = [link.version for link in (self, before) if link and link.version]
        return replace(self, version=max(versions, default=None))


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the org keeps of which person a record is, and what a person has decided there.

    Attributes:
        person: The id of the record that it is linked to, or that lives in its place; None when there is none.
        decided: A person said so: that it is this one or, without one, that it is nobody who is there.
        refused: Ids of the records that it is not, as a person has said.
        news: The decision that this is seen of for the first time, for the audit; None when there is none.
    """

    person: str | None = None
    decided: bool = False
    refused: frozenset[str] = frozenset()
    news: Decided | None = None

    @property
    def is_new(self) -> bool:
        """True when a person has said that it is nobody who is there."""
        return self.decided and self.person is None


@dataclass(frozen=True, slots=True)
class Bridge:
    """That a record which is one person is found to be another one, too: by a rule behind the one that decided.

    Attributes:
        object: What the other one is.
        id: The other one's id.
        rule: The declared rule that only the other one answers to.
        by: The rule by which the record is whom it is.
    """

    object: str
    id: str
    rule: str
    by: str


@dataclass(frozen=True, slots=True)
class Suspect:
    """Two who may be one person, as a profile that bridges them says.

    Attributes:
        stream: The record's stream.
        key: The record's key.
        object: What it is.
        id: Whom it is.
        bridge: Whom it may be as well.
    """

    stream: str
    key: str
    object: str
    id: str
    bridge: Bridge


@dataclass(frozen=True, slots=True)
class Decided:
    """What a person has decided on a record: an entry of the audit.

    Attributes:
        what: What was said.
        person: The id that was chosen or refused; empty for a new person.
        before: The id that was linked before; empty when there was none.
        who: Who did it: a user of the org by id, or of the machine by name.
    """

    what: DecisionKind
    person: str
    before: str
    who: str


@dataclass(frozen=True, slots=True)
class Undecided:
    """An open hold that was left for a person to decide.

    Attributes:
        number: The hold's.
        key: The record's.
        reason: Why it is held.
        candidates: Ids of the records that it may be.
        lead: The id of the lead that could not be converted for it; empty where there is none.
    """

    number: int
    key: str
    reason: Reason
    candidates: tuple[str, ...]
    lead: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """A record whose link leads elsewhere than before: what refers to it in the org has yet to follow.

    Attributes:
        key: Its key.
        seq: The settle that changed its link, by the ledger's own count: a later one is another move.
    """

    key: str
    seq: int


@dataclass(frozen=True, slots=True)
class Sharing:
    """How many records of a stream have ever carried a trait.

    Attributes:
        records: How many.
        known: Those of the records that were asked about which are among them.
    """

    records: int
    known: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Siblings:
    """The complete set of children of one parent, as one version of the parent listed it.

    Attributes:
        stream: The children's stream.
        parent: The parent's key.
        version: The version of the parent that listed them; None when not known.
        keys: The children's keys.
    """

    stream: str
    parent: str
    version: str | None
    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why Salesforce refused one row.

    Attributes:
        reason: The row of ``org/faults.py`` that names it.
        recovery: Retry (ask the org anew and send again), hold, or stop.
        code: Salesforce's own code, e.g. ``STRING_TOO_LONG``.
        message: Salesforce's own words. May hold a shopper's data: goes to the ledger, never to a log.
        fields: API names of the fields concerned.
        candidates: Ids of records that Salesforce named: look-alikes of a duplicate rule, or the record that has a
            unique value already.
        may_allow: True when only a duplicate rule that warns stands in the way.
        setup: True when the org's set-up may be at fault, and not the row: judged over the write (``org/judge.py``).
    """

    reason: Reason
    recovery: Recovery
    code: str
    message: str
    fields: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    may_allow: bool = False
    setup: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """Salesforce's answer for one row: its id and whether it was created, or the fault.

    Attributes:
        id: Its id.
        created: Whether Salesforce says that it was created now.
        fault: Why it was refused.
        kept: Fields that a person had filled just before our write: what that person wrote was put back.
        repeated: It had been sent before, and that answer was lost: what is not created now may have been then.
    """

    id: str | None
    created: bool = False
    fault: Fault | None = None
    kept: tuple[str, ...] = ()
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Merge:
    """Two records of one object that are to be one.

    Attributes:
        stays: The id of the one that lives on.
        goes: The id of the other: its children move, and it goes to the recycle bin.
        fill: Field -> value for blanks of the one that stays. What is none any more by then is left as it is.
        fillers: Field -> what stands there for a blank.
        goes_with: Field -> the one without which it is not filled, as a phone's key without the phone.
    """

    stays: str
    goes: str
    fill: Mapping[str, Value] = field(default_factory=dict)
    fillers: Mapping[str, Value] = field(default_factory=dict)
    goes_with: Mapping[str, str] = field(default_factory=dict)

    def still_blank(self, held: Mapping[str, Any]) -> dict[str, Value]:
        """What there is to fill in, where the one that stays holds these values by now. A box not ticked is blank."""
        blank = {
            name: value
            for name, value in self.fill.items()
            if value is not None and (held.get(name) is False or held.get(name) in (None, "", self.fillers.get(name)))
        }
        return {name: value for name, value in blank.items() if self.goes_with.get(name, name) in blank}


@dataclass(frozen=True, slots=True)
class Conversion:
    """A lead that is to become a contact, without an opportunity.

    Attributes:
        lead: Its id.
        status: The status that it gets: one of those that mean converted.
        account: The id of the contact's account; None for a new one, as its company says. A lead without a company
            becomes a person account, where the org has those.
    """

    lead: str
    status: str
    account: str | None = None
