"""From the `convert` of a YAML document that the grammar accepts to a frozen rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from target_salesforce_retail.mapping.build_match import values
from target_salesforce_retail.mapping.places import Document, Problem
from target_salesforce_retail.mapping.rules import ConvertRule, OnMatch

LEAD = "Lead"
BECOMES = ("Contact", "Account")
"""What a lead becomes: a contact or, where the org has person accounts, such an account."""


def convert_rule(document: Document, objects: tuple[str, ...], problems: list[Problem]) -> ConvertRule | None:
    """How leads are converted, or None where none is; what is wrong with it joins ``problems``.

    Args:
        document: The mapping.
        objects: Those that it knows.
        problems: Of all mappings.
    """
    policies = document.data.get("on_match", {})
    problems += [document.problem(["on_match", name], text) for name, text in _misplaced(policies, objects)]
    converts = policies.get(LEAD) == OnMatch.CONVERT.value
    rule = document.data.get("convert", {})
    problems += [document.problem(["convert"], text) for text in _problems(rule, converts=converts)]
    if not converts:
        return None
    return ConvertRule(
        when={str(name): values(wanted) for name, wanted in rule.get("when", {}).items()},
        otherwise=OnMatch(str(rule.get("else", OnMatch.UPDATE.value))),
        status=rule.get("status"),
        at=document.place("convert" if rule else "on_match"),
        places={
            "status": document.place("convert", *(("status",) if "status" in rule else ())),
            **{f"when/{name}": document.place("convert", "when", name) for name in rule.get("when", {})},
        },
    )


def _misplaced(policies: Mapping[str, str], objects: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for name, policy in policies.items():
        if policy == OnMatch.CONVERT.value and name != LEAD:
            yield name, "only a `Lead` can be converted"
        elif policy == OnMatch.CONVERT.value and not set(BECOMES) & set(objects):
            yield name, "a lead becomes a contact: name `Contact` in the match rules (for persons `Account`)"


def _problems(rule: Mapping[str, Any], *, converts: bool) -> Iterator[str]:
    if rule and not converts:
        yield "goes with `on_match: {Lead: convert}`"
    if "else" in rule and "when" not in rule:
        yield "`else` goes with `when`: without it every lead is converted"
