"""Where a match rule asks that two records agree on more than what it compares."""

from __future__ import annotations

from collections.abc import Mapping

from target_salesforce_retail.mapping.convert import is_blank, probe
from target_salesforce_retail.mapping.rules import MatchRule
from target_salesforce_retail.nouns import Draft


def agrees(rule: MatchRule, values: Mapping[str, object], draft: Draft) -> bool:
    """False when a field and its property are both filled and differ by more than case."""
    pairs = ((values.get(field), draft.arrival.record.get(name)) for field, name in rule.agree.items())
    return all(is_blank(a) or is_blank(b) or probe("text", a, None) == probe("text", b, None) for a, b in pairs)
