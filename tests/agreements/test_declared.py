"""What is declared is also done: no kind, reason or option that the code does not know of."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from target_salesforce_retail.mapping.agree import AGREEMENTS
from target_salesforce_retail.mapping.choices import OnMany
from target_salesforce_retail.mapping.convert import CONVERTERS
from target_salesforce_retail.mapping.match_keys import MATCH_KEYS
from target_salesforce_retail.reasons import Reason
from target_salesforce_retail.stages.inside.chosen import CHOSEN
from target_salesforce_retail.stages.inside.profiles import DECIDABLE

CODE = Path(__file__).parents[2] / "target-salesforce-retail" / "target_salesforce_retail"
GRAMMAR: dict[str, Any] = json.loads((CODE / "mapping" / "grammar.json").read_text("utf-8"))


def options(schema: dict[str, Any]) -> set[str]:
    """Every key that a mapping may have, at any depth."""
    own = set(schema.get("properties", {}))
    within = [*schema.get("properties", {}).values(), schema.get("items", {}), schema.get("additionalProperties", {})]
    return own.union(*(options(each) for each in within if each and isinstance(each, dict)))


def test_every_kind_of_match_and_every_converter_is_known() -> None:
    """Else a mapping would be accepted, and its first record end the run. The key is compared as it is."""
    kinds = set(GRAMMAR["definitions"]["by"]["enum"])

    assert kinds - {"key"} == set(MATCH_KEYS)
    assert set(GRAMMAR["definitions"]["converter"]["enum"]) == set(CONVERTERS) - {"plain"}


def test_every_kind_of_agreement_is_known() -> None:
    """Likewise for what two values may differ by."""
    asked = GRAMMAR["definitions"]["agreement"]["properties"]

    assert set(asked["by"]["enum"]) == set(AGREEMENTS)


def test_every_choice_among_several_who_answer_is_made() -> None:
    """One that is declared and not made would take somebody else, or end the run at the first two who answer."""
    declared = set(GRAMMAR["properties"]["on_many"]["enum"])

    assert declared == {each.value for each in OnMany} == {each.value for each in CHOSEN}


def test_every_option_of_the_grammar_is_read() -> None:
    """One that is accepted and does nothing misleads whoever writes it."""
    loader = "".join(path.read_text("utf-8") for path in (CODE / "mapping").glob("build*.py"))

    assert [name for name in sorted(options(GRAMMAR)) if f'"{name}"' not in loader] == []


def test_a_remedy_names_decide_where_a_decision_is_one() -> None:
    """Of other reasons it would be taken down, and settle nothing."""
    named = {reason for reason in Reason if "`decide" in reason.remedy}

    assert named == set(DECIDABLE)


def not_given(code: str) -> list[str]:
    """Reasons that the code names nowhere, by their whole names."""
    given = set(re.findall(r"\bReason\.(\w+)", code))
    return [reason.name for reason in Reason if reason.name not in given]


def test_every_reason_is_given() -> None:
    """The list of reasons is what operators read: what never happens does not belong there."""
    code = "".join(path.read_text("utf-8") for path in CODE.rglob("*.py") if path.name != "reasons.py")

    assert not_given(code) == []


def test_a_reason_is_not_given_by_one_that_begins_like_it() -> None:
    """Toy code: GONE only begins a name, and DELETED is another list's."""
    assert {"GONE", "DELETED"} < set(not_given("Reason.GONE_FROM_ORG, OddReason.DELETED"))


def guide() -> str:
    """Who writes a mapping reads its lists, and no other."""
    return (CODE.parents[1] / "transforms" / "README.md").read_text("utf-8")


def test_the_guide_names_every_converter() -> None:
    """And none that there is not."""
    row = next(line for line in guide().splitlines() if line.startswith("| `as: email` |"))
    listed = {name.split()[0] for name in row.strip("| ").partition("a converter: ")[2].split(", ")}

    assert listed == set(GRAMMAR["definitions"]["converter"]["enum"])


def test_the_guide_names_every_kind_of_match() -> None:
    """Likewise, where it says what `by` is. Of the key it says elsewhere that it is asked first."""
    (said,) = re.findall(r"`by` says how two values are compared(.+?)The narrower", guide(), re.DOTALL)

    assert set(re.findall(r"`(\w+)`", said)) == set(GRAMMAR["definitions"]["by"]["enum"]) - {"key"}


def test_the_guide_names_every_choice_among_several_who_answer() -> None:
    """In the sentence that says when it is asked."""
    (listed,) = re.findall(r"`on_many` \(([^)]+)\)", guide())

    assert listed.split(", ") == GRAMMAR["properties"]["on_many"]["enum"]
