"""One shipped mapping, for orgs with lists of states and countries and orgs without: nobody is held for an address."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.serve import running
from tests.journeys.pair import Pair
from tests.journeys.test_singer_file import shopper, singer

ADDRESSES = [
    {"country": "CA", "state": "qc"},
    {"country": "Canada", "state": "Ontario"},
    {"country": "Kanada", "state": "ON"},
    {"country": "US", "state": "Ontario"},
    {"state": "ON"},
]
TEXTS = [(each.get("country"), each.get("state")) for each in ADDRESSES]
LISTED = [("Canada", "Quebec"), ("Canada", "Ontario"), (None, None), ("United States", None), (None, None)]


@pytest.mark.parametrize(
    ("switches", "expected"),
    [
        ({}, LISTED),
        ({"code_as_text": "false"}, LISTED),
        ({"state_country_picklists": "false"}, TEXTS),
    ],
)
def test_nobody_is_held_for_an_address(tmp_path: Path, switches: dict[str, str], expected: list[Any]) -> None:
    """And the second time nothing is written."""
    told = singer(*(shopper(number, **address) for number, address in enumerate(ADDRESSES)))
    with running(switches=switches) as box:
        pair = Pair(box, tmp_path)

        first = pair.load(told)
        second = pair.load(told)

        people = sorted(pair.rows("Contact"), key=lambda row: str(row["Lightspeed_Key__c"]))
        assert [(row["MailingCountry"], row["MailingState"]) for row in people] == expected
        assert "5 created" in first.stderr
        assert "5 unchanged" in second.stderr


def test_explain_names_what_was_left_out(pair: Pair) -> None:
    """The fields, not their values."""
    pair.load(singer(shopper(1, country="Kanada", state="ON")))

    said = pair.companion("explain", "customers", "1:1", "--json").stdout

    assert json.loads(said)["left_out"] == ["MailingCountry", "MailingState"]
    assert "Kanada" not in said
