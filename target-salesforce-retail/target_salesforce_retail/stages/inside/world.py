"""Whom the stages may ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from target_salesforce_retail.mapping.rules import Mapping as Rules
from target_salesforce_retail.mapping.rules import Mappings
from target_salesforce_retail.ports import Ledger, Org
from target_salesforce_retail.shapes import ObjectShape
from target_salesforce_retail.stages.inside.address import around

CREATED = "CreatedDate"


@dataclass(frozen=True)
class World:
    """The mappings, the org and what it looks like, and the ledger."""

    mappings: Mappings
    org: Org
    ledger: Ledger
    shapes: Mapping[str, ObjectShape]

    def fields_of(self, rules: Rules) -> dict[str, tuple[str, ...]]:
        """Object -> the fields whose current values matching and planning need."""
        return {name: self._fields_of(rules, name) for name in rules.objects}

    def _fields_of(self, rules: Rules, name: str) -> tuple[str, ...]:
        lookups = [field for rule in rules.links for field in rule.fields.values()]
        compared = [field for rule in rules.match for field in (*rule.to.get(name, ()), *rule.agree)]
        set_to = [*(rule.name for rule in rules.fields), *(rules.deleted.set if rules.deleted else ())]
        beside = [field for name in set_to for field in around(name)]
        named = [rules.key.field, *set_to, *beside, *lookups, *compared]
        if rules.match:
            named.append(CREATED)
        has = self.shapes[name].fields
        return tuple(dict.fromkeys(field for field in named if field in has))
