"""What the org says of its objects and fields, as the rooms need to know it. Nothing here knows how it was asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LAST_ACTIVITY = "LastActivityDate"
"""The day of the last task or event of people with a record; blank where there was none."""
CREATED_BY, MODIFIED_BY = "CreatedById", "LastModifiedById"
"""Which user has made a record, and changed it last."""
KEPT_BY_ORG = frozenset(
    {
        *("Id", "IsDeleted", "MasterRecordId", "SystemModstamp", "PhotoUrl", "IsPersonAccount", "PersonContactId"),
        *("CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "LastActivityDate"),
        *("LastViewedDate", "LastReferencedDate", "ActivityMetricId", "ActivityMetricRollupId"),
        *("LastCURequestDate", "LastCUUpdateDate", "PersonLastCURequestDate", "PersonLastCUUpdateDate"),
        *("IsEmailBounced", "PersonIsEmailBounced", "Jigsaw", "JigsawContactId", "JigsawCompanyId", "CleanStatus"),
    }
)
"""Fields that the org itself fills, whoever may write them (docs/vendors/salesforce.md, describe)."""
CURRENCY = "CurrencyIsoCode"
RECORD_TYPE = "RecordTypeId"
NAME = "Name"
"""Of people it is made of first and last name, and of all else written."""
IS_PERSON = "IsPersonAccount"
"""In orgs that have person accounts: on an account, that it is one; on a contact, that it is the one behind one."""


@dataclass(frozen=True, slots=True)
class PicklistEntry:
    """One active entry of a picklist: the value, what people read, and the controller's values that it goes with."""

    value: str
    label: str
    goes_with: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class FieldDescribe:
    """What the org says of one field (docs/vendors/salesforce.md, describe)."""

    name: str
    type: str
    length: int = 0
    precision: int = 0
    """Digits in all, those behind the point included; 0 when the org does not say."""
    scale: int = 0
    createable: bool = True
    updateable: bool = True
    nillable: bool = True
    defaulted: bool = False
    case_sensitive: bool = False
    key_like: bool = False
    """True when it can be an upsert key: an external id, or idLookup."""
    unique: bool = False
    filterable: bool = True
    """False for what no query can ask for: long and rich text, what is encrypted."""
    refers_to: tuple[str, ...] = ()
    picklist: tuple[str, ...] = ()
    """Active values, when the picklist is restricted."""
    controller: str = ""
    """The field that decides which of the picklist's values may be had, as a country decides on its states."""
    choices: tuple[PicklistEntry, ...] = ()
    """Every active entry of the picklist. One value may have several: WA is a state of two countries."""
    calculated: bool = False
    """True for a formula or a roll-up."""
    auto_number: bool = False

    @property
    def demanded(self) -> bool:
        """True when the org refuses a new record without it (docs/vendors/salesforce.md, describe)."""
        return self.createable and not self.nillable and not self.defaulted and self.type != "boolean"

    @property
    def is_written(self) -> bool:
        """False for what the org works out by itself."""
        return self.createable or self.updateable

    @property
    def is_peoples(self) -> bool:
        """True for what somebody may have written, though we may only read it."""
        is_made = self.calculated or self.auto_number or self.name in KEPT_BY_ORG
        return not is_made and (self.is_written or self.name != NAME)


@dataclass(frozen=True, slots=True)
class RecordType:
    """One active kind of an object's records, which decides on picklist values, layouts and processes.

    ``available``: the integration user may choose it for a new record. The master, which stands for none, is not told.
    """

    name: str
    id: str
    available: bool = True


@dataclass(frozen=True, slots=True)
class ObjectDescribe:
    """What the org says of one object, as the integration user sees it. Field names keep the org's case."""

    name: str
    fields: Mapping[str, FieldDescribe]
    record_types: tuple[RecordType, ...] = ()
    createable: bool = True
    updateable: bool = True
    deletable: bool = True
    key_prefix: str = ""
    """What the ids of its records start with."""
    converted_statuses: tuple[str, ...] = ()
    """Of leads: the statuses that count as converted, in the org's order; empty where nobody has asked for them."""

    @property
    def mergeable(self) -> bool:
        """True when people can merge or convert its records, so that an id remembered may be out of date."""
        return "MasterRecordId" in self.fields

    @property
    def own_currency(self) -> FieldDescribe | None:
        """Where its records say the currency of their amounts; None in an org with one currency."""
        return self.fields.get(CURRENCY)

    @property
    def amounts(self) -> tuple[str, ...]:
        """Fields that would be other sums of money in another currency. Formulas and roll-ups follow by themselves."""
        return tuple(name for name, field in self.fields.items() if field.type == "currency" and field.is_written)
