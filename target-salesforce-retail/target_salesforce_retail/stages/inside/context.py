"""Whom the stages may ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from target_salesforce_retail.mapping.phone_keys import phone_keys_of
from target_salesforce_retail.mapping.rules import Mappings, OnMany, StreamMapping
from target_salesforce_retail.metadata import CURRENCY, IS_PERSON, LAST_ACTIVITY, ObjectDescribe
from target_salesforce_retail.ports import Ledger, Org
from target_salesforce_retail.stages.inside.address import around
from target_salesforce_retail.stages.inside.common import Common
from target_salesforce_retail.stages.inside.conversion import COMPANY, LEAD
from target_salesforce_retail.stages.inside.deletions import Deletions
from target_salesforce_retail.stages.inside.profiles import Written
from target_salesforce_retail.stages.inside.unkeyed import Unkeyed

CREATED = "CreatedDate"


@dataclass(frozen=True)
class Context:
    """The mappings, the org and what it looks like, the ledger, and what the run has found out so far."""

    mappings: Mappings
    org: Org
    ledger: Ledger
    describes: Mapping[str, ObjectDescribe]
    deletions: Deletions = field(default_factory=Deletions)
    common: Common = field(default_factory=Common)
    unkeyed: Unkeyed = field(default_factory=Unkeyed)
    written: Written = field(default_factory=Written)

    def fields_of(self, mapping: StreamMapping) -> dict[str, tuple[str, ...]]:
        """Object -> the fields whose current values matching and planning need."""
        return {name: self._fields_of(mapping, name) for name in mapping.objects}

    def _fields_of(self, mapping: StreamMapping, name: str) -> tuple[str, ...]:
        lookups = [each for rule in mapping.links for each in rule.fields.values()]
        compared = [each for rule in mapping.match if name in rule.objects for each in rule.fields(name)]
        set_to = [*(rule.name for rule in mapping.fields), *(mapping.deleted.set if mapping.deleted else ())]
        set_to += [each for rule in mapping.retired for each in rule.set]
        beside = [each for named in set_to for each in around(named)]
        phones = phone_keys_of(mapping, name).read
        named = [mapping.key.field, *set_to, *beside, *lookups, *compared, *phones]
        if mapping.match:
            named += [CREATED, *([LAST_ACTIVITY] if mapping.on_many is OnMany.MOST_RECENTLY_ACTIVE else [])]
        if mapping.currency and self.describes[name].own_currency:
            named += [CURRENCY, *self.describes[name].amounts]
        named += [IS_PERSON, *([COMPANY] if mapping.convert and name == LEAD else [])]
        has = self.describes[name].fields
        return tuple(dict.fromkeys(each for each in named if each in has))
