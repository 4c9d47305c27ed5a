"""Each word that a mapping may choose has an effect that a hand has written down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from target_salesforce_retail.mapping.load import grammar

from tests.target.world import SHOPS, World

Values = dict[str, Any]
BASE = """
stream: customers
object: Contact
key: {field: Key__c, value: "{account_id}:{id}"}
version: updated_at
region: {else: CA}
"""
BY_EMAIL = "match: [{by: key}, {by: email, from: email, to: {Contact: Email}}]\n"
ONE = BASE + "fields: {F: {from: f, OPTION}}\n"


@dataclass(frozen=True)
class Choice:
    """What a word decides.

    Attributes:
        text: The mapping, with a place for the word.
        records: What arrives, one run after the other.
        expected: Word -> what became of the last record, and the value of F in each row of the org.
        there: Records in the org before.
    """

    text: str
    records: list[Values]
    expected: dict[str, tuple[str, list[Any]]]
    there: list[Values] = field(default_factory=list)


TWO = [{"Email": "a@x.org", "F": "old", "CreatedDate": "1"}, {"Email": "a@x.org", "F": "new", "CreatedDate": "2"}]
ANN = {"id": "1", "email": "a@x.org", "f": "x"}
MANY = BASE + BY_EMAIL + "on_many: %s\nfields: {F: {from: f}, Email: {from: email}}\n"
CHOICES = {
    "on_many": Choice(
        MANY,
        [ANN],
        {
            "hold": ("held many_matches", ["old", "new"]),
            "oldest": ("updated", ["x", "new"]),
            "newest": ("updated", ["old", "x"]),
        },
        TWO,
    ),
    "on_none": Choice(
        BASE + "on_none: %s\nfields: {F: {from: f}}\n",
        [ANN],
        {"create": ("created", ["x"]), "skip": ("skipped not_wanted", []), "hold": ("held none_held", [])},
    ),
    "on_match": Choice(
        BASE + BY_EMAIL + "on_match: {Contact: %s}\nfields: {F: {from: f}}\n",
        [ANN],
        {
            "update": ("updated", ["x"]),
            "leave": ("skipped left_alone", ["old"]),
            "hold": ("held match_held", ["old"]),
        },
        TWO[:1],
    ),
    "update": Choice(
        ONE.replace("OPTION", "update: %s"),
        [{"id": "1", "f": "x"}, {"id": "1", "f": "y"}],
        {"always": ("updated", ["y"]), "if_blank": ("unchanged", ["x"]), "never": ("unchanged", ["x"])},
    ),
    "on_null": Choice(
        ONE.replace("OPTION", "on_null: %s"),
        [{"id": "1", "f": "x"}, {"id": "1", "f": None}],
        {"keep": ("unchanged", ["x"]), "clear": ("updated", [None])},
    ),
    "refused": Choice(
        ONE.replace("OPTION", "as: date, refused: %s"),
        [{"id": "1", "f": "last May"}],
        {"hold": ("held unconvertible", []), "leave_out": ("created", [None])},
    ),
    "missing": Choice(
        BASE + "fields: {F: {reference: shops, from: f, missing: %s}}\n",
        [{"id": "1", "f": "7"}],
        {"wait": ("held parent_missing", []), "hold": ("held parent_held", []), "blank": ("created", [None])},
    ),
    "converter": Choice(
        ONE.replace("OPTION", "as: %s"),
        [{"id": "1", "f": " 01.50 "}],
        {
            "text": ("created", ["01.50"]),
            "decimal": ("created", ["1.50"]),
            "email": ("held unconvertible", []),
            "integer": ("held unconvertible", []),
            "boolean": ("held unconvertible", []),
            "date": ("held unconvertible", []),
            "datetime": ("held unconvertible", []),
        },
    ),
}
ELSEWHERE = {
    "on_many most_complete": "test_match",
    "on_duplicate_rule hold": "test_refusals, test_pipeline: needs a duplicate rule",
    "on_duplicate_rule allow": "test_refusals, test_pipeline: needs a duplicate rule",
    "too_long hold": "test_fit: needs a field that says how long it may be",
    "too_long cut": "test_fit",
    "too_long leave_out": "test_fit",
    "stale delete": "test_pipeline: needs two streams",
    "stale keep": "test_pipeline",
    "by key": "test_match",
    "by email": "test_match",
    "by phone": "test_match",
    "by text": "test_match",
    "converter phone": "test_convert",
    "converter list": "test_convert",
}
"""Words whose effect is shown by other tests, and why not here."""


def words(schema: Any, name: str = "") -> Iterator[str]:
    """Every word that the grammar lets a mapping choose from, after the name of its option."""
    if isinstance(schema, dict):
        yield from (f"{name} {word}" for word in schema.get("enum", ()))
        for key, each in schema.items():
            inner = name if key in ("items", "additionalProperties", "properties", "definitions") else key
            yield from words(each, inner)


def test_every_word_of_the_grammar_is_written_down_here() -> None:
    """A new one fails until somebody has said what it does."""
    here = {f"{option} {word}" for option, choice in CHOICES.items() for word in choice.expected}

    assert set(words(grammar())) == here | set(ELSEWHERE)


@pytest.mark.parametrize(("option", "word"), [(each, word) for each in CHOICES for word in CHOICES[each].expected])
def test_a_word_does_what_it_says(option: str, word: str) -> None:
    """On a run in memory."""
    choice = CHOICES[option]
    world = World(choice.text.replace("%s", word), SHOPS)
    for values in choice.there:
        world.org.put("Contact", dict(values))
    for record in choice.records:
        (outcome,) = world.run("customers", record)

    said = f"{outcome.verdict.value} {outcome.reason.value}" if outcome.reason else outcome.verdict.value
    told = [None if row.get("F") is None else str(row.get("F")) for row in world.rows("Contact")]
    assert (said, told) == choice.expected[word]
