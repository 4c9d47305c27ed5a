"""A trail: what each match rule said of a record, in their order, and why that was or was not the one.

It holds names of rules and fields, ids, and keys of the till: no value of a shopper.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

ROWS_TOLD = 5
"""So many of the rows of one clue are told; how many more there are is counted."""


class Why(str, Enum):
    """What came of asking a rule, or why it was not asked."""

    ONE = "one"
    NONE = "none"
    SEVERAL = "several"
    VETOED = "vetoed"
    DISAGREES = "disagrees"
    DEAD_END = "dead_end"
    ELSEWHERE = "elsewhere"
    OTHERS_KEY = "others_key"
    BLOCKLISTED = "blocklisted"
    COMMON = "common"
    CROWD = "crowd"
    ABSENT = "absent"
    UNMET = "unmet"
    NOT_ASKED = "not_asked"
    BESIDE = "beside"
    WAITS = "waits"
    DIFFERS = "differs"
    BLANK = "blank"
    CONVERTED = "converted"
    UNCONVERTED = "unconverted"


@dataclass(frozen=True, slots=True)
class Clue:
    """What one rule said.

    Attributes:
        rule: The rule's name: ``decided``, ``key``, ``profile``, ``ledger``, ``survivor``, or as the mapping calls it;
            of a reference its label; ``convert`` of what was done to a lead.
        why: What came of it.
        rows: (object, id) of the rows concerned; of a reference (stream, key) of the record that is waited for.
        fields: Fields that differ, or properties that the record has not.
        more: Rows beyond those.
    """

    rule: str
    why: Why
    rows: tuple[tuple[str, str], ...] = ()
    fields: tuple[str, ...] = ()
    more: int = 0


Trail = tuple[Clue, ...]


UNDECLARED = ("decided", "key", "profile", "ledger", "survivor")
"""What goes before the rules that a mapping declares."""


PASSING = (Why.WAITS, Why.UNCONVERTED)
"""What was so at one outcome, and says nothing of the next."""
UNASKED = (Why.NOT_ASKED, Why.CONVERTED, *PASSING)
"""What is told of a rule that was not asked, or of something that is no rule."""


def asks_rules(trail: Trail) -> bool:
    """Whether any declared rule was asked, or had nothing to ask for."""
    return any(each.rule not in UNDECLARED and each.why not in UNASKED for each in trail)


def last_asked(before: Trail, after: Trail) -> Trail:
    """What the rules said when they were asked last: of a record that is known by its key they are not any more."""
    if asks_rules(after) or not asks_rules(before):
        return after
    clues = tuple(each for each in before if each.why not in PASSING)
    news = (each for each in after if each.why in (Why.CONVERTED, *PASSING))
    return (*clues, *(each for each in news if each not in clues))


def clue(rule: str, why: Why, rows: Iterable[tuple[str, str]], fields: Iterable[str] = ()) -> Clue:
    """A clue with the first of its rows, as they are sorted."""
    found = sorted(set(rows))
    return Clue(rule, why, tuple(found[:ROWS_TOLD]), tuple(fields), max(0, len(found) - ROWS_TOLD))


def with_others(trail: Trail, others: Mapping[str, Sequence[tuple[str, str]]]) -> Trail:
    """The trail, with whom rules find besides that did not decide: rule -> the rows."""
    return tuple(
        clue(each.rule, Why.BESIDE, others[each.rule]) if each.why is Why.NOT_ASKED and each.rule in others else each
        for each in trail
    )


def of_conversion(lead: str | None) -> Trail:
    """The clue that a lead was converted for the record; none where none was."""
    return (Clue("convert", Why.CONVERTED, (("Lead", lead),)),) if lead else ()


def of_refusal(lead: str) -> Trail:
    """The clue that Salesforce refused to convert a lead for the record."""
    return (Clue("convert", Why.UNCONVERTED, (("Lead", lead),)),)


def unconverted_lead(trail: Trail) -> str:
    """The id of the lead that could not be converted for the record; empty where there is none."""
    return next((each.rows[0][1] for each in trail if each.why is Why.UNCONVERTED), "")


def converted_leads(trail: Trail) -> list[str]:
    """The ids of leads that were converted for the record."""
    return [record_id for each in trail if each.why is Why.CONVERTED for _, record_id in each.rows]


def plain(trail: Trail) -> list[list[Any]]:
    """As JSON has it: a list for each clue, without what is empty at its end."""
    found = []
    for each in trail:
        row: list[Any] = [each.rule, each.why.value, each.rows, each.fields, each.more]
        while not row[-1]:
            row.pop()
        found.append(row)
    return found


def of_plain(kept: Iterable[list[Any]]) -> Trail:
    """The trail of what ``plain`` made."""
    return tuple(_clue(*row) for row in kept)


def _clue(rule: str, why: str, rows: Iterable[Any] = (), fields: Iterable[str] = (), more: int = 0) -> Clue:
    return Clue(rule, Why(why), tuple((name, of) for name, of in rows), tuple(fields), more)
