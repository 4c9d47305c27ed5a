"""Converters and match keys."""

from __future__ import annotations

from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from target_salesforce_retail.mapping.convert import CONVERTERS, convert
from target_salesforce_retail.mapping.match_keys import match_key, variants

AREAS = ("514", "416", "604", "403", "902", "212", "415")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        (None, " a ", "a"),
        (None, 1.5, Decimal("1.5")),
        (None, True, True),
        ("text", 12, "12"),
        ("email", " A@B.Co ", "a@b.co"),
        ("phone", "(514) 250-0001", "+15142500001"),
        ("phone", "514-250-0001 ext. 12", "+15142500001"),
        ("phone", "+44 20 7946 0018", "+442079460018"),
        ("decimal", "1.0E-8", Decimal("1.0E-8")),
        ("decimal", 3, Decimal(3)),
        ("integer", "12", 12),
        ("boolean", "TRUE", True),
        ("datetime", "2026-11-20T12:23:49-05:00", datetime(2026, 11, 20, 17, 23, 49, tzinfo=timezone.utc)),
        ("datetime", "2026-11-20T17:23:49Z", datetime(2026, 11, 20, 17, 23, 49, tzinfo=timezone.utc)),
        ("date", "1990-05-17", date(1990, 5, 17)),
        ("list", [], None),
        ("list", ["card", "cash", " card ", None, ""], "card;cash"),
        ("list", [1, Decimal("1E+3")], "1;1000"),
        ("text", Decimal("1E+3"), "1000"),
        ("text", Decimal("-1.50E-3"), "-0.00150"),
        ("text", 1e21, "1000000000000000000000"),
        ("text", Decimal("0E+5"), "0"),
        ("email", "\u200bada@example.com\ufeff", "ada@example.com"),
        ("email", "a\u00adda@exam\u200dple.com", "ada@example.com"),
        ("phone", "\u202a514 250\u20600001\u202c", "+15142500001"),
        ("text", "\u200b \ufeff", None),
        (None, "\u3164", None),
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
        ("email", "a@@secret.co"),
        ("email", "a@secret"),
        ("email", "a secret@c.de"),
        ("email", "secret"),
        ("email", "secret\ud83d@example.com"),
        ("phone", "555-0100"),
        ("phone", ["secret"]),
        ("text", "half a smile \ud83d"),
        (None, "half a smile \ude00"),
        (None, Decimal("NaN")),
        (None, float("inf")),
        ("text", Decimal("1E+400")),
        ("text", Decimal("1E-400")),
        ("text", 10**400),
        ("text", ["secret"]),
        ("list", ["se;cret"]),
        ("list", [["secret"]]),
        ("list", ["\ud83d"]),
        ("date", "2026-11-01T23:00:00-08:00"),
        ("date", datetime(2026, 11, 1, 12, tzinfo=timezone.utc)),
        ("date", "2026-13-01"),
        ("date", "2026-11-01 secret"),
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
    wanted = match_key("phone", f"+1{area}{first}{rest:06d}", None)
    assert (wanted is not None) is phonenumbers.is_valid_number(number)
    for spelling in variants("phone", wanted) if wanted else ():
        assert wanted == match_key("phone", spelling, "CA")


def test_a_number_is_read_in_its_own_country() -> None:
    """A possible number of another region is somebody else's."""
    assert match_key("phone", "0412 345 678", "AU") == "+61412345678"
    assert match_key("phone", "0412 345 678", "CA") is None


@pytest.mark.parametrize(
    ("zone", "instant", "day"),
    [
        ("America/Vancouver", "2026-11-02T06:59:59+00:00", date(2026, 11, 1)),
        ("America/Vancouver", "2026-11-02T08:00:00Z", date(2026, 11, 2)),
        ("Asia/Tokyo", "2026-11-01T15:00:00+00:00", date(2026, 11, 2)),
        ("Europe/Berlin", "2026-10-25T23:30:00+00:00", date(2026, 10, 26)),
        ("America/Vancouver", "1990-05-17", date(1990, 5, 17)),
        ("Asia/Tokyo", datetime(2026, 11, 1, 15, tzinfo=timezone.utc), date(2026, 11, 2)),
    ],
)
def test_an_instant_has_the_day_of_its_zone(zone: str, instant: Any, day: date) -> None:
    """Not that of UTC; and a plain date is a date everywhere."""
    assert convert("date", instant, zone=zone) == day


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
@pytest.mark.parametrize("instant", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_an_instant_at_the_edge_of_the_calendar_raises_no_other_error(zone: str, instant: str) -> None:
    """It has a day there, or it has none."""
    try:
        assert isinstance(convert("date", instant, zone=zone), date)
    except ValueError as error:
        assert "zone" in str(error)  # noqa: PT017  # either is right


UNSEEN = st.text(st.sampled_from("\u200b\u200c\u200d\u2060\ufeff\u00ad\u202e\u2066\ufe0f\u115f\x00\x7f"), max_size=2)


@given(st.data())
def test_what_nobody_sees_makes_no_other_person(data: st.DataObject) -> None:
    """Wherever it stands: in an address, a number or a name that records are matched by."""
    for by, said in (("email", "ada@example.com"), ("phone", "514 250 0001"), ("text", "Ada L.")):
        spoilt = "".join(data.draw(UNSEEN) + each for each in said) + data.draw(UNSEEN)
        assert match_key(by, spoilt, "CA") == match_key(by, said, "CA")


@given(st.text())
def test_names_keep_what_emoji_are_made_of(text: str) -> None:
    """A family is joined by characters that nobody sees."""
    if text.strip() and not any("\ud800" <= each <= "\udfff" for each in text) and convert(None, text):
        assert convert(None, text) == text.strip()
    assert convert(None, "Zoé 👨\u200d👩\u200d👧 ❤\ufe0f") == "Zoé 👨\u200d👩\u200d👧 ❤\ufe0f"


@given(st.from_type(object) | st.decimals() | st.floats() | st.text() | st.integers() | st.datetimes())
@pytest.mark.parametrize("name", [None, *sorted(CONVERTERS.keys() - {"plain"})])
def test_nothing_but_a_value_error_comes_of_any_value(name: str | None, value: object) -> None:
    """Whatever a row holds, it is held or it goes in."""
    for zone in (None, "America/Toronto"):
        try:
            made = convert(name, value, "CA", zone)
        except ValueError:
            continue
        assert made is None or isinstance(made, str | bool | int | Decimal | date)
        assert isinstance(made, str) is (name in ("text", "email", "phone", "list")) or made is None or name is None


@given(st.emails())
def test_an_address_matches_in_any_case(address: str) -> None:
    """The org does not mind case either."""
    assert match_key("email", address.upper(), None) == match_key("email", address.lower(), None)
