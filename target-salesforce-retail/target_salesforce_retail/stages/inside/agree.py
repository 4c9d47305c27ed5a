"""What a match rule asks the org for, and where it asks that two records agree on more than that."""

from __future__ import annotations

from collections.abc import Mapping

from target_salesforce_retail.mapping.convert import is_blank, probe, spellings
from target_salesforce_retail.mapping.rules import Mapping as Rules
from target_salesforce_retail.mapping.rules import MatchRule
from target_salesforce_retail.nouns import Draft


def agrees(rule: MatchRule, values: Mapping[str, object], draft: Draft) -> bool:
    """False when a field and its property are both filled and differ by more than case."""
    pairs = ((values.get(field), draft.arrival.record.get(name)) for field, name in rule.agree.items())
    return all(is_blank(a) or is_blank(b) or probe("text", a, None) == probe("text", b, None) for a, b in pairs)


def forms_of(rules: Rules, position: int, field: str, draft: Draft) -> tuple[str, ...]:
    """The ways in which a field may hold what a match rule looks for.

    What we wrote ourselves as a phone is asked for as we wrote it; what people typed, in all usual spellings.
    """
    probes = draft.probes[position]
    ours = any(rule.name == field and rule.convert == "phone" for rule in rules.fields)
    by = rules.match[position].by
    return probes if ours else tuple(form for each in probes for form in spellings(by, each))
