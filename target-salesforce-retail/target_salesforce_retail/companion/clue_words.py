"""What a clue says, in words for a person. Keys and ids are told, values never."""

from __future__ import annotations

from collections.abc import Sequence

from target_salesforce_retail.companion.printable import printable
from target_salesforce_retail.nouns import Clue, Trail, Why

NONE = {
    "key": "no row in Salesforce carries its key",
    "decided": "a person has said that it is nobody who was there",
    "profile": "it is not who it was before, as a person has decided",
    "survivor": "nobody lives on in whose favour it was merged",
}
ONE = {
    "decided": "{rows}, as a person has decided",
    "profile": "{rows} is who it was before",
}
WORDS = {
    Why.ONE: "{rows} answers, and nobody else",
    Why.NONE: "nobody answers",
    Why.SEVERAL: "several answer: {rows}",
    Why.VETOED: "{rows} answers, but differs in {fields}, which must not differ: a person decides",
    Why.DISAGREES: "{rows} would answer, but differs in {fields}: somebody else",
    Why.DEAD_END: "only {rows} answers: a converted lead that leads to nobody",
    Why.ELSEWHERE: "{rows} answers, who is none of the several before",
    Why.OTHERS_KEY: "{rows} is what it was, and carries another record's key by now",
    Why.BLOCKLISTED: "no evidence: what it has there is on the blocklist",
    Why.COMMON: "no evidence: too many shoppers of the till share what it has there",
    Why.CROWD: "no evidence: too many people in Salesforce share what it has there",
    Why.ABSENT: "not asked: the record has nothing to be found by in {fields}",
    Why.UNMET: "not asked: the rule's `when` wants another {fields}",
    Why.NOT_ASKED: "not asked: a rule before it has decided",
    Why.BESIDE: "{rows} answers, too, and a rule before it has decided: the record is found to be both",
    Why.WAITS: "waits for {rows}",
    Why.DIFFERS: "{rows} has something else in {fields}",
    Why.BLANK: "{rows} has nothing in {fields}",
    Why.CONVERTED: "{rows}, which was found, was converted, and leads to whom it is",
    Why.UNCONVERTED: "{rows}, which was found, was to be converted, and Salesforce refused that",
}

MANY = {
    Why.BESIDE: "{rows} answer, too, and a rule before it has decided: the record is found to be all of them",
    Why.DISAGREES: "{rows} would answer, but differ in {fields}: somebody else",
    Why.DEAD_END: "only {rows} answer: converted leads that lead to nobody",
    Why.ELSEWHERE: "{rows} answer, who are none of the several before",
    Why.OTHERS_KEY: "{rows} are what it was, and carry another record's key by now",
}
"""Of several rows, what the words of one do not say."""


def in_words(clue: Clue) -> str:
    """The clue as a sentence, without the rule's name."""
    if clue.why is Why.NONE and clue.rule in NONE:
        return NONE[clue.rule]
    words = ONE.get(clue.rule, WORDS[clue.why]) if clue.why is Why.ONE else WORDS[clue.why]
    words = MANY.get(clue.why, words) if len(clue.rows) + clue.more > 1 else words
    return words.format(rows=_rows(clue), fields=_and(clue.fields))


def lines(trail: Trail) -> list[str]:
    """A line for each clue."""
    width = max((len(clue.rule) for clue in trail), default=0)
    return [printable(f"{clue.rule:<{width}}  {in_words(clue)}") for clue in trail]


def _rows(clue: Clue) -> str:
    rows = [f"{name} {of}" for name, of in clue.rows]
    return _and([*rows, *([f"{clue.more:,} more"] if clue.more else [])])


def _and(words: Sequence[str]) -> str:
    *others, last = words or ("something",)
    return f"{', '.join(others)} and {last}" if others else last
