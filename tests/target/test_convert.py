"""Converters and match keys."""

from __future__ import annotations

from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from target_salesforce_retail.mapping.convert import convert, probe, spellings

AREAS = ("514", "416", "604", "403", "902", "212", "415")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        (None, " a ", "a"),
        (None, 1.5, Decimal("1.5")),
        (None, True, True),
        ("text", 12, "12"),
        ("email", " A@B.Co ", "a@b.co"),
        ("email", "a@@b.co", None),
        ("email", "a@b", None),
        ("email", "a b@c.de", None),
        ("email", "none", None),
        ("phone", "(514) 250-0001", "+15142500001"),
        ("phone", "514-250-0001 ext. 12", "+15142500001"),
        ("phone", "555-0100", None),
        ("phone", "+44 20 7946 0018", "+442079460018"),
        ("decimal", "1.0E-8", Decimal("1.0E-8")),
        ("decimal", 3, Decimal(3)),
        ("integer", "12", 12),
        ("boolean", "TRUE", True),
        ("date", "1990-05-17T00:00:00+00:00", date(1990, 5, 17)),
        ("datetime", "2026-11-20T12:23:49-05:00", datetime(2026, 11, 20, 17, 23, 49, tzinfo=timezone.utc)),
        ("datetime", "2026-11-20T17:23:49Z", datetime(2026, 11, 20, 17, 23, 49, tzinfo=timezone.utc)),
        ("list", [], None),
        ("text", "  ", None),
        ("decimal", None, None),
    ],
)
def test_what_a_converter_makes(name: str | None, value: Any, expected: Any) -> None:
    """Exactly, and blank is None."""
    assert expected == convert(name, value, "CA")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("decimal", "secret"),
        ("decimal", "NaN"),
        ("decimal", True),
        ("integer", "1.5"),
        ("integer", "1e400000000"),
        ("boolean", "yes"),
        ("date", "17.5.1990"),
        ("datetime", "secret"),
        ("datetime", "9999-12-31T23:59:59-14:00"),
        ("datetime", "0001-01-01T00:00:00+14:00"),
        ("datetime", "2026-11-20T12:23:49"),
        ("list", "secret"),
        (None, {"a": "secret"}),
    ],
)
def test_what_does_not_fit_is_refused_without_quoting_it(name: str | None, value: Any) -> None:
    """The text names the rule."""
    with pytest.raises(ValueError) as raised:  # noqa: PT011  # the text is checked below
        convert(name, value, "CA")

    assert "secret" not in str(raised.value)


@given(st.sampled_from(AREAS), st.integers(2, 9), st.integers(0, 999999))
def test_every_spelling_of_a_number_is_the_same_number(area: str, first: int, rest: int) -> None:
    """What people type in the org is recognised; what is asked for never means another."""
    number = phonenumbers.parse(f"+1{area}{first}{rest:06d}")
    wanted = probe("phone", f"+1{area}{first}{rest:06d}", None)
    assert (wanted is not None) is phonenumbers.is_valid_number(number)
    for spelling in spellings("phone", wanted) if wanted else ():
        assert wanted == probe("phone", spelling, "CA")


def test_a_number_is_read_in_its_own_country() -> None:
    """A possible number of another region is somebody else's."""
    assert probe("phone", "0412 345 678", "AU") == "+61412345678"
    assert probe("phone", "0412 345 678", "CA") is None


@given(st.emails())
def test_an_address_matches_in_any_case(address: str) -> None:
    """The org does not mind case either."""
    assert probe("email", address.upper(), None) == probe("email", address.lower(), None)
