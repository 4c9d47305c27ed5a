"""The closed list of converters.

Nothing here raises with a value in its text: a ``ValueError`` names the rule only.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timezone
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from target_salesforce_retail.mapping.match_keys import match_key
from target_salesforce_retail.mapping.text import as_text, is_blank, is_whole
from target_salesforce_retail.nouns import Value

PLAIN_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
LONGEST_INTEGER = 40
"""Digits, and no field holds as many: an exponent can write a number that no memory does."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What values are read by.

    Attributes:
        region: ISO country by which phone numbers without a country code are read.
        zone: IANA time zone in which an instant has its day.
    """

    region: str | None = None
    zone: str | None = None


def convert(name: str | None, value: object, region: str | None = None, zone: str | None = None) -> Value:
    """The value as the converter makes it; None where it is blank.

    Args:
        name: A converter of the grammar, or None: text is trimmed, other scalars pass.
        value: A property of a record.
        region: See ``Reading``.
        zone: See ``Reading``.

    Raises:
        ValueError: The value does not fit; the text names the converter, not the value.
    """
    if is_blank(value):
        return None
    if isinstance(value, str) and not is_whole(value):
        raise ValueError("half a character")
    return CONVERTERS[name or "plain"](value, Reading(region, zone))


def _plain(value: object, reading: Reading) -> Value:
    if isinstance(value, float | Decimal):
        return _decimal(value, reading)
    if isinstance(value, bool | int | date):
        return value
    return as_text(value)


def _text(value: object, reading: Reading) -> Value:
    del reading
    return as_text(value)


def _email(value: object, reading: Reading) -> Value:
    return _match_key_or_raise(match_key("email", value, reading.region), "not an e-mail address")


def _phone(value: object, reading: Reading) -> Value:
    return _match_key_or_raise(match_key("phone", value, reading.region), "not a phone number")


def _match_key_or_raise(key: str | None, message: str) -> str:
    if key is None:
        raise ValueError(message)
    return key


def _decimal(value: object, reading: Reading) -> Value:
    del reading
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        raise ValueError("not a decimal") from None
    if isinstance(value, bool) or not number.is_finite():
        raise ValueError("not a decimal")
    return number


def _integer(value: object, reading: Reading) -> Value:
    number = _decimal(value, reading)
    if not isinstance(number, Decimal) or number.adjusted() > LONGEST_INTEGER or number != number.to_integral_value():
        raise ValueError("not an integer")
    return int(number)


def _boolean(value: object, reading: Reading) -> Value:
    del reading
    words = {"true": True, "false": False}
    if isinstance(value, bool):
        return value
    if str(value).strip().lower() in words:
        return words[str(value).strip().lower()]
    raise ValueError("not a boolean")


def _date(value: object, reading: Reading) -> Value:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    text = str(value).strip()
    if PLAIN_DATE.fullmatch(text):
        return _plain_date(text)
    moment = _datetime(value, reading)
    if reading.zone is None or not isinstance(moment, datetime):
        raise ValueError("an instant has its day only in a `zone`")
    try:
        return moment.astimezone(ZoneInfo(reading.zone)).date()
    except OverflowError:
        raise ValueError("a date and time that its zone does not have") from None


def _plain_date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("not an ISO date") from None


def _datetime(value: object, reading: Reading) -> Value:
    del reading
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(_offset(str(value).strip()))
    except ValueError:
        raise ValueError("not an ISO date and time") from None
    if moment.tzinfo is None:
        raise ValueError("a date and time without offset")
    try:
        return moment.astimezone(timezone.utc)
    except OverflowError:
        raise ValueError("a date and time that UTC does not have") from None


def _offset(text: str) -> str:
    return f"{text[:-1]}+00:00" if text.endswith(("Z", "z")) else text  # Python 3.10 does not read Z


def _list(value: object, reading: Reading) -> Value:
    del reading
    if not isinstance(value, list):
        raise ValueError("not a list")
    entries = [as_text(each) for each in value if not is_blank(each)]
    if any(";" in each for each in entries):
        raise ValueError("a value of the list holds `;`, which parts one from the next")
    return ";".join(dict.fromkeys(entries)) or None


CONVERTERS: dict[str, Callable[[object, Reading], Value]] = {
    "plain": _plain,
    "text": _text,
    "email": _email,
    "phone": _phone,
    "decimal": _decimal,
    "integer": _integer,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
    "list": _list,
}
