"""What a mapping file says, as frozen values: the stages read these, the loader makes them.

Rules of fields are in ``field_rules.py``, of matching in ``match_rules.py``; whoever needs a field's finds it here too.
The grammar itself (names, types, examples) is ``grammar.json``; docs/reference/mappings.md is made from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from target_salesforce_retail.mapping.blocked import Blocklist
from target_salesforce_retail.mapping.choices import Missing as Missing  # noqa: PLC0414  # rules are where others look for them
from target_salesforce_retail.mapping.choices import OnDuplicateRule as OnDuplicateRule  # noqa: PLC0414
from target_salesforce_retail.mapping.choices import OnMany as OnMany  # noqa: PLC0414
from target_salesforce_retail.mapping.choices import OnMatch as OnMatch  # noqa: PLC0414
from target_salesforce_retail.mapping.choices import OnNone as OnNone  # noqa: PLC0414
from target_salesforce_retail.mapping.choices import OnNull as OnNull  # noqa: PLC0414
from target_salesforce_retail.mapping.choices import OnRefused as OnRefused  # noqa: PLC0414
from target_salesforce_retail.mapping.choices import OnSuspect as OnSuspect  # noqa: PLC0414
from target_salesforce_retail.mapping.choices import Stale as Stale  # noqa: PLC0414
from target_salesforce_retail.mapping.choices import TooLong as TooLong  # noqa: PLC0414
from target_salesforce_retail.mapping.choices import Update as Update  # noqa: PLC0414
from target_salesforce_retail.mapping.field_rules import FieldRule as FieldRule  # noqa: PLC0414
from target_salesforce_retail.mapping.field_rules import Template as Template  # noqa: PLC0414
from target_salesforce_retail.mapping.field_rules import TemplatePart as TemplatePart  # noqa: PLC0414
from target_salesforce_retail.mapping.match_rules import MatchRule
from target_salesforce_retail.mapping.places import Place
from target_salesforce_retail.mapping.profile import ProfileRule, RetiredRule
from target_salesforce_retail.nouns import Value

BUCKET = "bucket"
"""What the fields of an account with a ``size`` may read besides the record's own properties: which one it is."""


@dataclass(frozen=True, slots=True)
class KeyRule:
    """The unique external id stamped on every record the mapping touches."""

    field: str
    value: Template
    at: Place


@dataclass(frozen=True, slots=True)
class PhoneKeyRule:
    """A field that holds in E.164 what a phone field beside it holds as people type it.

    ``of`` is the phone field.
    """

    name: str
    of: str
    only: tuple[str, ...]
    at: Place


@dataclass(frozen=True, slots=True)
class ReferenceRule:
    """A lookup to what another mapping made of a record.

    Attributes:
        label: The name of the rule.
        stream: The stream referred to.
        source: The property that holds the other record's id.
        fields: Object that was found -> lookup field to fill. ``"*"`` stands for any object.
        missing: Wait, leave blank (and fill in once the other record is there), or hold.
        on_null: What a null in the record does to the lookup.
        update: When it may be changed. Of a ``parent`` nobody asks it: a part follows its record in any case.
        follow: The field that holds the key of the record referred to, by which rows are found once that is another.
    """

    label: str
    stream: str
    source: str
    fields: Mapping[str, str]
    at: Place
    missing: Missing
    update: Update
    on_null: OnNull = OnNull.CLEAR
    follow: str | None = None


@dataclass(frozen=True, slots=True)
class ParentRule:
    """The record that this one is part of (master-detail), and what becomes of siblings that left.

    Attributes:
        reference: How the parent is found. A part that moved is moved, or made anew where the org cannot move it.
        siblings: The property *of the parent's record* that lists the ids of its complete set of children.
        stale: What becomes of children that are not in that list.
    """

    reference: ReferenceRule
    siblings: str | None
    stale: Stale


@dataclass(frozen=True, slots=True)
class DeletedRule:
    """What a record does that was deleted in the shop: it never creates, and says nothing but this.

    Attributes:
        when: The property that is filled once the record was deleted.
        set: Field -> value for the record that is there; empty to skip it, unless it is part of a record that removes
            stale ones: then it is taken out.
    """

    when: str
    set: Mapping[str, Value]
    at: Place


@dataclass(frozen=True, slots=True)
class NoneRule:
    """What becomes of a record that nothing matched.

    Attributes:
        when: Property -> values that it must have.
        do: Create, skip or hold.
        object: What is created.
    """

    when: Mapping[str, tuple[Value, ...]]
    do: OnNone
    object: str
    at: Place


@dataclass(frozen=True, slots=True)
class ConvertRule:
    """How leads are converted.

    Attributes:
        when: Property -> values that a record must have for its lead to be converted.
        otherwise: What becomes of the lead of any other record.
        status: The status that the lead gets; None for the first that the org counts as converted.
        places: Where `status` stands, and each property of `when`, as `when/type`.
    """

    when: Mapping[str, tuple[Value, ...]]
    otherwise: OnMatch
    status: str | None
    at: Place
    places: Mapping[str, Place] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AccountRule:
    """The account that a new record gets: one that records share who are alike, or one of so many.

    Attributes:
        object: What the account is.
        lookup: The field of the new record that points to it.
        key: The account's external id.
        shared: Property -> kind of match key: records that are alike in all of them share it.
        size: In place of ``shared``: the most records of one account.
        found_by: One of ``fields``, by whose value an account of the org is taken, whoever made it.
        fields: What an account that is made is told.
    """

    object: str
    lookup: str
    key: str
    shared: Mapping[str, str]
    size: int | None
    found_by: str | None
    fields: tuple[FieldRule, ...]
    at: Place

    @property
    def properties(self) -> tuple[str, ...]:
        """The properties of the record that it reads."""
        return (*self.shared, *(name for rule in self.fields for name in rule.reads if not self.size or name != BUCKET))


@dataclass(frozen=True, slots=True)
class StreamMapping:
    """One YAML document: what one stream becomes."""

    stream: str
    object: str
    key: KeyRule
    at: Place
    when: Mapping[str, tuple[Value, ...]]
    nobody: frozenset[str]
    """Keys of records that stand for nobody."""
    require: tuple[str, ...]
    version: str | None
    region: tuple[str | None, str | None]
    """Property that holds an ISO country, and the country to assume without it: for reading phone numbers."""
    unreadable: str | None
    """Property that lists the properties of the record which its tap could not read."""
    currency: str | None
    """Property that holds the ISO currency of the record's amounts, for orgs with several currencies."""
    record_type: str | None
    """Developer name of the record type of new records."""
    match: tuple[MatchRule, ...]
    on_many: OnMany
    on_duplicate_rule: OnDuplicateRule
    on_match: Mapping[str, OnMatch]
    on_none: tuple[NoneRule, ...]
    """The first one decides whose ``when`` a record meets; the last has none."""
    fields: tuple[FieldRule, ...]
    phone_keys: tuple[PhoneKeyRule, ...]
    references: tuple[ReferenceRule, ...]
    parent: ParentRule | None
    deleted: DeletedRule | None
    accounts: tuple[AccountRule, ...]
    places: Mapping[str, Place]
    """Where its own keys stand."""
    profile: ProfileRule | None = None
    """Where the org keeps which person a record is."""
    convert: ConvertRule | None = None
    """How leads are converted; None where none is."""
    on_suspect: OnSuspect = OnSuspect.REPORT

    @property
    def merges(self) -> bool:
        """Whether two whom nobody but us has touched are made one, where a record is found to be both."""
        return self.on_suspect is OnSuspect.MERGE

    def at_key(self, key: str) -> Place:
        """Where a key of the mapping stands; a key that it has not, where the mapping begins."""
        return self.places.get(key, self.at)

    @property
    def objects(self) -> tuple[str, ...]:
        """Every object a record of this stream may turn out to be, the one for new records first."""
        return objects_of(self.object, self.match, self.profile)

    @property
    def seeks_profiles(self) -> bool:
        """Whether a match rule looks into profiles too."""
        return self.profile is not None and any(self.profile.object in rule.objects for rule in self.match)

    @property
    def created(self) -> frozenset[str]:
        """The objects that new records may become."""
        return frozenset(rule.object for rule in self.on_none if rule.do is OnNone.CREATE)

    @property
    def looked_at(self) -> tuple[str, ...]:
        """Every object that is asked for or written: those, and accounts."""
        return tuple(dict.fromkeys([*self.objects, *(rule.object for rule in self.accounts)]))

    @property
    def value_rules(self) -> tuple[FieldRule, ...]:
        """Every rule that makes a value of a record, for whichever row."""
        of_accounts = (rule for account in self.accounts for rule in account.fields)
        return (*self.fields, *of_accounts, *(self.profile.fields if self.profile else ()))

    @property
    def retired(self) -> tuple[RetiredRule, ...]:
        """What becomes of the persons of records that speak for nobody any more."""
        return self.profile.retired if self.profile else ()

    @property
    def links(self) -> tuple[ReferenceRule, ...]:
        """All references, the parent included."""
        return (*self.references, self.parent.reference) if self.parent else self.references


def objects_of(made: str, rules: Sequence[MatchRule], profile: ProfileRule | None) -> tuple[str, ...]:
    """The objects that records become or are found as; a profile only leads to one."""
    leading = {profile.object} - profile.person.keys() if profile else set[str]()
    found = (name for rule in rules for name in rule.objects if name not in leading)
    return tuple(dict.fromkeys((made, *found)))


@dataclass(frozen=True, slots=True)
class Mappings:
    """All mappings of a project, parents before children."""

    ordered: tuple[StreamMapping, ...]
    blocklist: Blocklist = field(default_factory=Blocklist)
    digests: Mapping[str, str] = field(default_factory=dict)
    """Stream -> the digest of its mapping, blocklist included."""

    def of(self, stream: str) -> StreamMapping | None:
        """The mapping of a stream, or None."""
        return next((mapping for mapping in self.ordered if mapping.stream == stream), None)

    def rank(self, stream: str) -> int:
        """Where a stream stands in the order of writing; unmapped streams come last."""
        order = [mapping.stream for mapping in self.ordered]
        return order.index(stream) if stream in order else len(order)

    def followers(self, stream: str) -> tuple[tuple[StreamMapping, ReferenceRule], ...]:
        """Mappings whose rows follow where records of ``stream`` move, with the reference by which they do."""
        return tuple(
            (mapping, rule)
            for mapping in self.ordered
            for rule in mapping.references
            if rule.stream == stream and rule.follow
        )

    def children(self, stream: str) -> tuple[StreamMapping, ...]:
        """Mappings whose parent is ``stream`` and that remove stale ones."""
        return tuple(
            mapping
            for mapping in self.ordered
            if mapping.parent and mapping.parent.reference.stream == stream and mapping.parent.stale is Stale.DELETE
        )
