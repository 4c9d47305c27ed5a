"""The closed list of converters, and how values are made comparable for a match.

Nothing here raises with a value in its text: a ``ValueError`` names the rule only.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timezone
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import PhoneNumberFormat

from target_salesforce_retail.mapping.text import as_text, is_whole, shows, visible
from target_salesforce_retail.nouns import Value

PLAIN_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
LONGEST_INTEGER = 40
"""Digits, and no field holds as many: an exponent can write a number that no memory does."""


def is_blank(value: object) -> bool:
    """True for null, and for text of nothing but blanks and characters that nobody sees."""
    return value is None or (isinstance(value, str) and not shows(value))


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


def match_key(by: str, value: object, region: str | None) -> str | None:
    """The form in which two values are compared, or None when the value is no use for matching.

    Args:
        by: A kind of match of the grammar; ``key`` is none of them, for keys are compared as they are.
        value: A property of the record, or a field of a row in the org.
        region: As for ``convert``.
    """
    if is_blank(value):
        return None
    try:
        text = visible(as_text(value)).strip()
    except ValueError:
        return None
    return MATCH_KEYS[by](text, region)


def variants(by: str, key: str) -> tuple[str, ...]:
    """The ways in which the org may hold a match key: what to ask for.

    Phone fields are free text there (docs/vendors/salesforce.md, comparing text), so a number is asked for as people
    write it.
    """
    return _phone_variants(key) if by == "phone" else (key,)


def _text_key(text: str, region: str | None) -> str | None:
    del region
    return unicodedata.normalize("NFC", text).casefold()


def _email_key(text: str, region: str | None = None) -> str | None:
    del region
    casefolded = unicodedata.normalize("NFC", text).lower()
    local, at, domain = casefolded.partition("@")
    sound = local and at and "." in domain.strip(".") and "@" not in domain and not any(map(str.isspace, casefolded))
    return casefolded if sound else None


@lru_cache(maxsize=65536)
def _phone_key(text: str, region: str | None) -> str | None:
    # Only valid numbers are keys: a merely possible one, read in the wrong region, is somebody else's.
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


@lru_cache(maxsize=65536)
def _phone_variants(e164: str) -> tuple[str, ...]:
    number = phonenumbers.parse(e164, None)
    national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    international = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
    digits = str(number.national_number)
    forms = [e164, e164[1:], digits, national, international, international.replace("-", " ")]
    if number.country_code == 1 and len(digits) == 10:
        area, office, line = digits[:3], digits[3:6], digits[6:]
        forms += [f"{area}{mark}{office}{mark}{line}" for mark in "-. "]
        forms += [f"({area}){office}-{line}", f"1-{area}-{office}-{line}", f"+1 ({area}) {office}-{line}"]
    return tuple(dict.fromkeys(forms))


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
MATCH_KEYS: dict[str, Callable[[str, str | None], str | None]] = {
    "email": _email_key,
    "phone": _phone_key,
    "text": _text_key,
}
