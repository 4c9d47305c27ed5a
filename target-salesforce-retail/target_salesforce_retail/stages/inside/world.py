"""Whom the stages may ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from target_salesforce_retail.mapping.rules import Mapping as Rules
from target_salesforce_retail.mapping.rules import Mappings
from target_salesforce_retail.ports import Ledger, Org
from target_salesforce_retail.shapes import CURRENCY, IS_PERSON, ObjectShape
from target_salesforce_retail.stages.inside.address import around
from target_salesforce_retail.stages.inside.deletions import Deletions

CREATED = "CreatedDate"


@dataclass(frozen=True)
class World:
    """The mappings, the org and what it looks like, the ledger, and what the run has taken out so far."""

    mappings: Mappings
    org: Org
    ledger: Ledger
    shapes: Mapping[str, ObjectShape]
    deletions: Deletions = field(default_factory=Deletions)

    def fields_of(self, rules: Rules) -> dict[str, tuple[str, ...]]:
        """Object -> the fields whose current values matching and planning need."""
        return {name: self._fields_of(rules, name) for name in rules.objects}

    def _fields_of(self, rules: Rules, name: str) -> tuple[str, ...]:
        lookups = [each for rule in rules.links for each in rule.fields.values()]
        compared = [each for rule in rules.match for each in (*rule.to.get(name, ()), *rule.agree)]
        set_to = [*(rule.name for rule in rules.fields), *(rules.deleted.set if rules.deleted else ())]
        beside = [each for named in set_to for each in around(named)]
        named = [rules.key.field, *set_to, *beside, *lookups, *compared]
        if rules.match:
            named.append(CREATED)
        if rules.currency and self.shapes[name].own_currency:
            named += [CURRENCY, *self.shapes[name].amounts]
        named.append(IS_PERSON)
        has = self.shapes[name].fields
        return tuple(dict.fromkeys(each for each in named if each in has))
