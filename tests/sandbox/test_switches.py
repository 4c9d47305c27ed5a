"""Switches: every one is described, and what is not a value of one is refused."""

from __future__ import annotations

from dataclasses import fields

import pytest

from sandbox.switches import Switches, choices


def test_every_switch_says_what_it_decides_and_has_another_side() -> None:
    for one in fields(Switches):
        assert one.metadata["says"]
        assert len(set(map(repr, choices(one)))) > 1


def test_values_are_read_by_their_kind() -> None:
    read = Switches.parse({"email_lower": "False", "bulk_polls": "4", "same_key_twice": "last"})
    assert (read.email_lower, read.bulk_polls, read.same_key_twice) == (False, 4, "last")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("shoe", "9", "unknown switch shoe; there are: updatetime_filter"),
        ("email_lower", "perhaps", "email_lower is true or false, not perhaps"),
        ("same_key_twice", "first", "same_key_twice is error or both or last, not first"),
        ("bulk_polls", "many", "bulk_polls is 1 or 0, not many"),
    ],
)
def test_what_is_no_switch_or_no_value_is_told(name: str, value: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Switches.parse({name: value})
