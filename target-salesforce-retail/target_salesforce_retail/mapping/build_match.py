"""From the `match` of a YAML document that the grammar accepts to frozen rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from target_salesforce_retail.mapping.choices import IfBlank
from target_salesforce_retail.mapping.match_keys import can_be_asked
from target_salesforce_retail.mapping.match_rules import SHARED_BY, AgreeRule, Comparison, MatchRule, common_objects
from target_salesforce_retail.mapping.places import Document, Problem, names
from target_salesforce_retail.mapping.rules import PhoneKeyRule
from target_salesforce_retail.nouns import Value

COMPARES = ("by", "from", "to")
KEY = "key"
AGREES = "agrees"
OURS = (KEY, "ledger", "survivor")
"""What answers before any rule: outcomes call it so, and no rule may."""


def match_rules(document: Document, problems: list[Problem]) -> tuple[MatchRule, ...]:
    """The match rules of a mapping, in their order, without `by: key`; what is wrong with them joins ``problems``."""
    given = document.data.get("match", ())
    for index, rule in enumerate(given):
        problems += [document.problem(["match", index], text) for text in _problems(rule, index, document)]
    places = [index for index, rule in enumerate(given) if rule.get("by") != KEY]
    rules = tuple(_rule(document, index) for index in places)
    counted = Counter(rule.name for rule in rules)
    for index, rule in zip(places, rules, strict=True):
        if counted[rule.name] > 1:
            problems.append(
                document.problem(["match", index], f"two rules are called `{rule.name}`: give one a `name`")
            )
    return rules


def by_phone_keys(
    rules: tuple[MatchRule, ...], keys: Sequence[PhoneKeyRule], profile: str | None = None
) -> tuple[MatchRule, ...]:
    """The rules, with each phone field that has a key asked by its key; the object of profiles has none."""
    return tuple(
        replace(rule, comparisons=tuple(_by_keys(each, keys, profile) for each in rule.comparisons)) if keys else rule
        for rule in rules
    )


def _by_keys(comparison: Comparison, keys: Sequence[PhoneKeyRule], profile: str | None) -> Comparison:
    if comparison.by != "phone":
        return comparison
    to = {
        name: fields if name == profile else tuple(dict.fromkeys(_key_of(field, name, keys) for field in fields))
        for name, fields in comparison.to.items()
    }
    return replace(comparison, to=to)


def _key_of(field: str, name: str, keys: Sequence[PhoneKeyRule]) -> str:
    return next((key.name for key in keys if key.of == field and (not key.only or name in key.only)), field)


def values(wanted: Any) -> tuple[Value, ...]:
    """One value or a list of values, as a tuple."""
    return tuple(wanted) if isinstance(wanted, list) else (wanted,)


def _problems(rule: Mapping[str, Any], index: int, document: Document) -> Iterator[str]:
    if rule.get("by") == KEY:
        if set(rule) != {"by"}:
            yield "`by: key` takes no other key"
        if index:
            yield "the key is always asked first; put `by: key` first"
        return
    if ("all" in rule) == any(name in rule for name in COMPARES):
        yield "needs `by`, `from` and `to`, or `all` with a list of them"
        return
    if rule.get("name") in OURS:
        yield f"`{rule['name']}` is what answers before any rule; give it another name"
    compared = _compared(rule)
    problems = [text for each in compared for text in _flaws(each, document)]
    yield from problems or _unaskable(compared)


def _flaws(each: Mapping[str, Any], document: Document) -> Iterator[str]:
    """What is wrong with one comparison."""
    if each.get("by") == KEY:
        yield "`by: key` is a rule of its own"
    if "by" in each and not {"from", "to"} <= set(each):
        yield f"`by: {each['by']}` needs `from` and `to`"
    elif "by" not in each:
        yield "needs `by`, `from` and `to`"
    if each.get("by") == "phone" and "region" not in document.data:
        yield "reading phone numbers needs `region`"


def _unaskable(compared: list[Mapping[str, Any]]) -> Iterator[str]:
    if not common_objects(tuple(map(_comparison, compared))):
        yield "no object has a field in every part of `all`"
    if not any(can_be_asked(str(each["by"])) for each in compared):
        kinds = " and ".join(sorted({f"`{each['by']}`" for each in compared}))
        yield f"{kinds} can be compared, but not asked for; say another part in `all`"


def _compared(rule: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(rule["all"]) if "all" in rule else [rule]


def _comparison(each: Mapping[str, Any]) -> Comparison:
    to = {str(name): names(fields) for name, fields in each.get("to", {}).items()}
    return Comparison(str(each.get("by")), names(each.get("from")), to)


def _rule(document: Document, index: int) -> MatchRule:
    rule = document.data["match"][index]
    comparisons = tuple(map(_comparison, _compared(rule)))
    by_itself = str(rule["by"]) if "by" in rule else "+".join(name for each in comparisons for name in each.sources)
    return MatchRule(
        name=str(rule.get("name", by_itself)),
        comparisons=comparisons,
        at=document.place("match", index),
        when={str(name): values(wanted) for name, wanted in rule.get("when", {}).items()},
        agree={str(field): _agree(asked) for field, asked in rule.get("agree", {}).items()},
        unless={str(field): _agree(asked) for field, asked in rule.get("unless", {}).items()},
        shared_by=int(rule.get("shared_by", SHARED_BY)),
    )


def _agree(asked: Any) -> AgreeRule:
    if isinstance(asked, str):
        return AgreeRule((str(asked),))
    return AgreeRule(
        names(asked["from"]),
        str(asked.get("by", "text")),
        blank=IfBlank(asked.get("blank", AGREES)),
        initial=asked.get("initial", AGREES) == AGREES,
        only=names(asked.get("only")),
    )
