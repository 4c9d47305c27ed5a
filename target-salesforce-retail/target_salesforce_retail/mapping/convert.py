"""The closed list of converters, and how values are made comparable for a match.

Nothing here raises with a value in its text: a ``ValueError`` names the rule only.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import date, datetime, timezone
from decimal import Decimal, InvalidOperation
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumberFormat

from target_salesforce_retail.mapping.rules import Template
from target_salesforce_retail.nouns import Record, Value

LONGEST_INTEGER = 40
"""Digits, and no field holds as many: an exponent can write a number that no memory does."""


def is_blank(value: object) -> bool:
    """True for null and for text of nothing but blanks."""
    return value is None or (isinstance(value, str) and not value.strip())


def convert(name: str | None, value: object, region: str | None) -> Value:
    """The value as the converter makes it.

    Args:
        name: A converter of the grammar, or None: text is trimmed, other scalars pass.
        value: A property of a record.
        region: ISO country by which phone numbers without a country code are read.

    Raises:
        ValueError: The value does not fit; the text names the converter, not the value.
    """
    if is_blank(value):
        return None
    return CONVERTERS[name or "plain"](value, region)


def fill(template: Template, record: Record) -> str | None:
    """The template with its gaps filled from the record, or None when any gap is blank."""
    values = [record.get(name) for name in template.properties]
    if any(is_blank(value) for value in values):
        return None
    parts = [template.literals[0]]
    for value, literal in zip(values, template.literals[1:], strict=True):
        parts += [str(value).strip(), literal]
    return "".join(parts)


def probe(by: str, value: object, region: str | None) -> str | None:
    """The form in which two values are compared, or None when the value is no use for matching.

    Args:
        by: A kind of match of the grammar; ``key`` is none of them, for keys are compared as they are.
        value: A property of the record, or a field of a row in the org.
        region: As for ``convert``.
    """
    if is_blank(value):
        return None
    return PROBES[by](str(value).strip(), region)


def spellings(by: str, wanted: str) -> tuple[str, ...]:
    """The ways in which the org may hold a probe: what to ask for.

    Phone fields are free text there (facts: Salesforce section 7), so a number is asked for as people write it.
    """
    return _phone_spellings(wanted) if by == "phone" else (wanted,)


def _text_key(text: str, region: str | None) -> str | None:
    del region
    return unicodedata.normalize("NFC", text).casefold()


def _email_key(text: str, region: str | None = None) -> str | None:
    del region
    folded = unicodedata.normalize("NFC", text).lower()
    local, at, domain = folded.partition("@")
    sound = local and at and "." in domain.strip(".") and "@" not in domain and not any(map(str.isspace, folded))
    return folded if sound else None


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
def _phone_spellings(e164: str) -> tuple[str, ...]:
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


def _plain(value: object, region: str | None) -> Value:
    del region
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool | int | Decimal | date | datetime):
        return value
    if isinstance(value, float):
        return Decimal(str(value))
    raise ValueError("not a text, number, boolean or instant")


def _text(value: object, region: str | None) -> Value:
    plain = _plain(value, region)
    return str(plain)


def _email(value: object, region: str | None) -> Value:
    del region
    return _email_key(str(value).strip())  # what is no address is no e-mail: "none" typed at the till clears nothing


def _phone(value: object, region: str | None) -> Value:
    return _phone_key(str(value).strip(), region)


def _decimal(value: object, region: str | None) -> Value:
    del region
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        raise ValueError("not a decimal") from None
    if isinstance(value, bool) or not number.is_finite():
        raise ValueError("not a decimal")
    return number


def _integer(value: object, region: str | None) -> Value:
    number = _decimal(value, region)
    if not isinstance(number, Decimal) or number.adjusted() > LONGEST_INTEGER or number != number.to_integral_value():
        raise ValueError("not an integer")
    return int(number)


def _boolean(value: object, region: str | None) -> Value:
    del region
    words = {"true": True, "false": False}
    if isinstance(value, bool):
        return value
    if str(value).strip().lower() in words:
        return words[str(value).strip().lower()]
    raise ValueError("not a boolean")


def _date(value: object, region: str | None) -> Value:
    del region
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value).strip()[:10])
    except ValueError:
        raise ValueError("not an ISO date") from None


def _datetime(value: object, region: str | None) -> Value:
    del region
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


def _list(value: object, region: str | None) -> Value:
    del region
    if not isinstance(value, list):
        raise ValueError("not a list")
    return ";".join(str(each).strip() for each in value) or None


CONVERTERS: dict[str, Callable[[object, str | None], Value]] = {
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
PROBES: dict[str, Callable[[str, str | None], str | None]] = {
    "email": _email_key,
    "phone": _phone_key,
    "text": _text_key,
}
