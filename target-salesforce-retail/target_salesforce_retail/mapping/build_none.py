"""From the `on_none` of a YAML document that the grammar accepts to frozen rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from target_salesforce_retail.mapping.build_match import values
from target_salesforce_retail.mapping.places import Document, Problem, did_you_mean
from target_salesforce_retail.mapping.rules import NoneRule, OnNone


def none_rules(document: Document, objects: tuple[str, ...], problems: list[Problem]) -> tuple[NoneRule, ...]:
    """What becomes of what nothing matched, in order; what is wrong with it joins ``problems``.

    Args:
        document: The mapping.
        objects: Those that it knows, the one for new records first.
        problems: Of all mappings.
    """
    given = document.data.get("on_none", "create")
    if isinstance(given, str):
        return (NoneRule({}, OnNone(str(given)), objects[0], document.place("on_none")),)
    for index, entry in enumerate(given):
        is_last = index == len(given) - 1
        problems += [document.problem(["on_none", index], text) for text in _problems(entry, objects, is_last=is_last)]
    return tuple(_rule(document, index, objects[0]) for index in range(len(given)))


def _problems(entry: Mapping[str, Any], objects: tuple[str, ...], *, is_last: bool) -> Iterator[str]:
    if ("create" in entry) == ("do" in entry):
        yield "needs `create` with an object, or `do`, one of them"
    if entry.get("create", objects[0]) not in objects:
        known = ", ".join(objects)
        yield f"`create: {entry['create']}`, but the mapping knows {known}{did_you_mean(entry['create'], objects)}"
    if is_last and "when" in entry:
        yield "the last entry takes all that is left, and has no `when`"
    if not is_last and "when" not in entry:
        yield "takes all that comes: no entry below it is ever asked; give it a `when`, or put it last"


def _rule(document: Document, index: int, otherwise: str) -> NoneRule:
    entry = document.data["on_none"][index]
    return NoneRule(
        when={str(name): values(wanted) for name, wanted in entry.get("when", {}).items()},
        do=OnNone(str(entry.get("do", "create"))),
        object=str(entry.get("create", otherwise)),
        at=document.place("on_none", index),
    )
