"""What a person meets has its paragraph: each reason that holds a record, and each converter of a mapping."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from target_salesforce_retail.reasons import Reason

from tests.target.test_proof_reasons import STORIES

ROOT = Path(__file__).parents[2]
HOLDS = ROOT / "docs" / "guides" / "holds.md"
MAPPINGS = ROOT / "docs" / "reference" / "mappings.md"
GRAMMAR: dict[str, Any] = json.loads(
    (ROOT / "target-salesforce-retail" / "target_salesforce_retail" / "mapping" / "grammar.json").read_text("utf-8")
)
CUSTOMERS: dict[str, Any] = json.loads(
    (ROOT / "tap-lightspeed-retail" / "tap_lightspeed_retail" / "schemas" / "customers.json").read_text("utf-8")
)
SKIPPED = {"gone_from_org", *(reason for reason, story in STORIES.items() if story.verdict == "skipped")}
"""They hold nothing, as is proved: the first has a test of its own there."""


def rows(page: str, heading: str) -> list[list[str]]:
    """The cells of every row of the tables under the heading."""
    section = re.split(r"^## ", page, flags=re.MULTILINE)
    under = next((each for each in section if each.startswith(f"{heading}\n")), "")
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in under.splitlines() if line[:1] == "|"]


def told(page: str, heading: str) -> set[str]:
    """The words of code in the first cells of the rows that say something in every other cell."""
    return {word for first, *others in rows(page, heading) if all(others) for word in re.findall(r"`(\w+)`", first)}


def converted(page: str) -> set[str]:
    """The converters that the page shows a rule, a value and what becomes of it for."""
    examples = [row for row in rows(page, "Converters") if row[0].startswith("`")]
    return {first.strip("`") for first, *example in examples if all(example[:3])}


def untold(page: str, reasons: Iterable[Reason]) -> list[str]:
    """What is missing or out of place in the guide to holds."""
    decided, waiting = told(page, "What a person decides"), told(page, "What waits by itself")
    acted_on = {each.value for each in reasons if not each.waits} - SKIPPED
    waits = {each.value for each in reasons if each.waits}
    known = {each.value for each in reasons}
    return [
        *(f"{name}: no row under What a person decides" for name in sorted(acted_on - decided)),
        *(f"{name}: no row under What waits by itself" for name in sorted(waits - waiting)),
        *(f"{name}: decided by nobody, for it waits or is skipped" for name in sorted(decided & known - acted_on)),
        *(f"{name}: no reason" for name in sorted(decided - known)),
    ]


def test_every_reason_that_holds_is_in_the_guide() -> None:
    """By its exact value, with what has happened and what to do: whoever sees it looks for that word."""
    assert untold(HOLDS.read_text("utf-8"), Reason) == []


def test_a_reason_that_the_guide_forgets_is_told() -> None:
    """A row without a remedy tells nothing either."""
    page = (
        "# Holds\n\n## What a person decides\n\n| reason | what | do |\n|---|---|---|\n| `gone` | deleted | replay |\n"
        "| `refused` | so it was | |\n| `lost` | nobody knows | look |\n\n"
        "## What waits by itself\n\n| `locked` | it | soon |\n"
    )

    assert untold(page, [Reason.GONE, Reason.REFUSED, Reason.LOCKED, Reason.TWIN, Reason.SUPERSEDED]) == [
        "refused: no row under What a person decides",
        "twin: no row under What waits by itself",
        "lost: no reason",
    ]


def test_a_hold_of_which_nothing_is_to_be_done_has_its_row_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sees it looks for that word all the same; a reason of what is skipped has none."""
    monkeypatch.setattr(Reason.REFUSED, "remedy", "Nothing: it is Salesforce's.")

    assert untold("", [Reason.REFUSED, Reason.EXCLUDED]) == ["refused: no row under What a person decides"]


def test_every_converter_has_an_example() -> None:
    """A rule, a value and what becomes of it; that it becomes that, the page's maker found by converting it."""
    wanted = set(GRAMMAR["definitions"]["converter"]["enum"])

    assert converted(MAPPINGS.read_text("utf-8")) == wanted


def test_a_converter_that_is_only_refused_has_no_example() -> None:
    """Toy page: one with all its cells, and one that makes nothing of its value."""
    page = "## Converters\n\n| `text` | `{as: text}` | `1` | `one` |  |\n| `date` | `{as: date}` | `1` |  | no |\n"

    assert converted(page) == {"text"}


def block(page: Path, start: str) -> str:
    """The YAML of a page that begins so."""
    return next(part for part in page.read_text("utf-8").split("```yaml\n") if part.startswith(start)).partition("```")[
        0
    ]


def read_by(rule: Any) -> set[str]:
    """The properties that a match rule, or a part of one, asks for."""
    if isinstance(rule, list):
        return set().union(*(read_by(each) for each in rule))
    own = rule.get("from", [])
    named = {own} if isinstance(own, str) else set(own)
    agree = rule.get("agree", {}).values()
    texts = {each for each in [*agree, *rule.get("unless", {}).values()] if isinstance(each, str)}
    return (
        named
        | texts
        | set(rule.get("when", {}))
        | read_by([each for each in agree if isinstance(each, dict)])
        | read_by(rule.get("all", []))
    )


def test_the_match_rules_of_the_guide_ask_for_what_there_is() -> None:
    """Whoever copies one of customers finds its properties in the stream; a field of one's own is said to be that."""
    text = block(ROOT / "transforms" / "README.md", "match:")
    asked = read_by(YAML(typ="safe").load(text)["match"])
    fields = {path.name.partition(".")[0] for path in (ROOT / "salesforce").rglob("*.field-meta.xml")}
    unsaid = [
        line for line in text.splitlines() if set(re.findall(r"\w+__c", line)) - fields and "of your own" not in line
    ]

    assert asked - CUSTOMERS["properties"].keys() == set()
    assert unsaid == []


def test_the_mapping_of_the_front_page_overwrites_no_more_than_the_shipped_one() -> None:
    """Copied without `update: if_blank`, it would put the till's name over what people have typed."""
    shown = YAML(typ="safe").load(block(ROOT / "README.md", "stream:"))["fields"]
    shipped = YAML(typ="safe").load((ROOT / "transforms" / "customers.yml").read_text("utf-8"))["fields"]

    careful = ("if_blank", "never")
    kept = {name for name in shown if shipped.get(name, {}).get("update") in careful}
    assert [name for name in shown if name in kept and shown[name].get("update") not in careful] == []


def test_the_mapping_of_the_front_page_says_what_a_value_that_is_none_does() -> None:
    """Copied without it, a shopper would be held for a mistyped address, which the shipped mapping leaves out."""
    shown = YAML(typ="safe").load(block(ROOT / "README.md", "stream:"))

    assert [name for name, rule in shown["fields"].items() if "as" in rule and "refused" not in rule] == []
