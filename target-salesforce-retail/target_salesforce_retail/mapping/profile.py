"""Where the org keeps which person a record is, as a mapping declares it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from target_salesforce_retail.mapping.field_rules import FieldRule
from target_salesforce_retail.mapping.places import Place
from target_salesforce_retail.nouns import Value
from target_salesforce_retail.words import Retirement


class Keep(str, Enum):
    """Which records get a row."""

    NEEDED = "needed"
    ALL = "all"


class Status(str, Enum):
    """Where a link stands. The org's picklist may hold others, which are not read."""

    LINKED = "linked"
    TO_DECIDE = "to decide"
    NEW = "new person"
    UNLINKED = "unlinked"
    ERASED = Retirement.ERASED.value
    MERGED = Retirement.MERGED.value
    EXCLUDED = Retirement.EXCLUDED.value


RETIRED = frozenset(Status(each.value) for each in Retirement)
"""Of records that speak for nobody any more: what such a row says is no evidence, and asks nothing."""


@dataclass(frozen=True, slots=True)
class RetiredRule:
    """What becomes of the person of a record that speaks for nobody any more.

    Attributes:
        when: Property -> values that the record must have.
        becomes: What its profile says then, and whether it goes on to lead to the person.
        set: Field -> value for the person, where she carries the record's key.
        at: Where it is declared.
    """

    when: Mapping[str, tuple[Value, ...]]
    becomes: Retirement
    set: Mapping[str, Value]
    at: Place


@dataclass(frozen=True, slots=True)
class ProfileRule:
    """The object of profiles, and its fields.

    Attributes:
        object: The object.
        key: Its unique external id, which holds the record's key.
        keep: Which records get a row.
        person: Object that a record may turn out to be -> the lookup to it.
        status: Where the link stands.
        matched: The id that was linked last; another one in a lookup is a person's decision.
        rule: By which rule the link came to be.
        evidence: Which fields answered to it.
        candidates: Ids of the records that it may be.
        refused: Ids of the records that it is not, as a person has said.
        fields: What else a row says of the record.
        retired: What becomes of persons: the first one decides whose ``when`` a record meets.
        at: Where it is declared.
    """

    object: str
    key: str
    keep: Keep
    person: Mapping[str, str]
    status: str
    matched: str
    rule: str
    evidence: str
    candidates: str
    refused: str
    fields: tuple[FieldRule, ...]
    retired: tuple[RetiredRule, ...]
    at: Place

    @property
    def own_fields(self) -> tuple[str, ...]:
        """The fields that say which person it is, the key aside."""
        texts = (self.matched, self.rule, self.evidence, self.candidates, self.refused)
        return (*self.person.values(), self.status, *texts)

    @property
    def all_fields(self) -> tuple[str, ...]:
        """Every field of it that the mapping names."""
        return tuple(dict.fromkeys((self.key, *self.own_fields, *(rule.name for rule in self.fields))))
