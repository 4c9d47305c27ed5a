"""One value of one field: what the org makes of it, or why it refuses it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from sandbox.salesforce.faults import Refused, refuse
from sandbox.salesforce.ids import long_id
from sandbox.salesforce.row import AnyRow
from sandbox.salesforce.schema import Field
from sandbox.switches import Switches

_EMAIL = re.compile(r"(?!\.)[^\s@,;:\"()<>\[\]\\]+@[A-Za-z0-9](?:[A-Za-z0-9-]*\.)+[A-Za-z]{2,}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DATETIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})")
_INT_LIMIT = 2**31
FIRST_DAY, LAST_DAY = date(1700, 1, 1), date(4000, 12, 31)
"""The days that the org keeps; a datetime is kept to the second (docs/vendors/salesforce.md, values)."""
Converter = Callable[[Field, Any, Switches], Any]


def vendor_time(instant: datetime) -> str:
    """An instant as the vendor writes it: 2026-11-23T08:00:00.000+0000."""
    utc = instant.astimezone(timezone.utc)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}+0000"


def coerce(field: Field, value: Any, switches: Switches) -> Any:
    """The value as the row will hold it.

    Raises:
        Refused: with the vendor's code; ``JSON_PARSER_ERROR`` when the JSON type or spelling is wrong.
    """
    if value is None:
        return _null(field)
    convert: Converter = _COERCE.get(field.type, _text)
    coerced = convert(field, value, switches)
    return _null(field) if coerced is None else coerced


def _null(field: Field) -> None:
    if field.type == "boolean":
        message = f"{field.label}: value not of required type: null"
        raise refuse("INVALID_TYPE_ON_FIELD_IN_RECORD", message, field.name)


def _unreadable(field: Field, value: Any, wanted: str) -> Refused:
    kind = "VALUE_STRING" if isinstance(value, str) else "VALUE_NUMBER" if isinstance(value, int | Decimal) else "VALUE"
    message = (
        f"Cannot deserialize instance of {wanted} from {kind} value {value} or request may be missing a required field"
    )
    return refuse("JSON_PARSER_ERROR", message, field.name)


def _text(field: Field, value: Any, switches: Switches) -> str | None:
    if isinstance(value, int | Decimal) and not isinstance(value, bool) and switches.number_for_text == "accept":
        value = str(value)
    if not isinstance(value, str):
        raise _unreadable(field, value, "string")
    text = value.strip() if switches.text_trim else value
    if field.length and len(text) > field.length:
        message = f"{field.label}: data value too large: {text} (max length={field.length})"
        raise refuse("STRING_TOO_LONG", message, field.name)
    return text or None


def _email(field: Field, value: Any, switches: Switches) -> str | None:
    text = _text(field, value, switches)
    if text is None:
        return None
    if not _EMAIL.fullmatch(text):
        raise refuse("INVALID_EMAIL_ADDRESS", f"{field.label}: invalid email address: {text}", field.name)
    return text.lower() if switches.email_lower else text


def _picklist(field: Field, value: Any, switches: Switches) -> str | None:
    text = _text(field, value, switches)
    # Codes of an address are judged with the rest of it.
    if text is None or not field.restricted or field.options:
        return text
    for known in field.picklist:
        if known.lower() == text.lower():
            return known
    message = f"{field.label}: bad value for restricted picklist field: {text}"
    raise refuse("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, field.name)


def _multi_select(field: Field, value: Any, switches: Switches) -> str | None:
    """Values come back in the picklist's order, those outside it last (docs/vendors/salesforce.md, values)."""
    text = _text(field, value, switches)
    if text is None:
        return None
    known = {one.lower(): one for one in field.picklist}
    sent = dict.fromkeys(known.get(part.strip().lower(), part.strip()) for part in text.split(";") if part.strip())
    strangers = [one for one in sent if one not in field.picklist]
    if strangers and field.restricted:
        message = f"{field.label}: bad value for restricted picklist field: {strangers[0]}"
        raise refuse("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, field.name)
    return ";".join([*(one for one in field.picklist if one in sent), *strangers]) or None


def _boolean(field: Field, value: Any, _switches: Switches) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    raise _unreadable(field, value, "boolean")


def _decimal(field: Field, value: Any, wanted: str) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise _unreadable(field, value, wanted)
    if isinstance(value, str) and not value.strip():
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise _unreadable(field, value, wanted) from None
    if not number.is_finite():
        raise _unreadable(field, value, wanted)
    return number


def _outside(field: Field, value: Any) -> Refused:
    message = f"{field.label}: value outside of valid range on numeric field: {value}"
    return refuse("NUMBER_OUTSIDE_VALID_RANGE", message, field.name)


def _integer(field: Field, value: Any, _switches: Switches) -> int | None:
    number = _decimal(field, value, "int")
    if number is None:
        return None
    if number != number.to_integral_value():
        raise _unreadable(field, value, "int")
    if not -_INT_LIMIT <= number < _INT_LIMIT:
        raise _outside(field, value)
    return int(number)


def _number(field: Field, value: Any, switches: Switches) -> Decimal | None:
    number = _decimal(field, value, "double")
    if number is None:
        return None
    if number and number.adjusted() >= field.precision - field.scale:  # without arithmetic: it may be 1e999999999
        raise _outside(field, value)
    rounded = number.quantize(Decimal(1).scaleb(-field.scale), rounding=ROUND_HALF_UP)
    if rounded != number and not switches.decimal_round:
        raise _outside(field, value)
    return rounded


def _date(field: Field, value: Any, _switches: Switches) -> str | None:
    if value == "":
        return None
    text = value[:10] if isinstance(value, str) and _DATETIME.fullmatch(value) else value
    if not isinstance(text, str) or not _DATE.fullmatch(text):
        raise _unreadable(field, value, "date")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise _unreadable(field, value, "date") from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise _no_such_day(field, day)
    return day.isoformat()


def _no_such_day(field: Field, day: date) -> Refused:
    """The text is the one that users quote for years that nobody meant."""
    message = f"{field.label}: invalid date: {day:%a %b %d} 00:00:00 GMT {day.year:04d}"
    return refuse("FIELD_INTEGRITY_EXCEPTION", message, field.name)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=timezone.utc)


def _datetime(field: Field, value: Any, _switches: Switches) -> str | None:
    if value == "":
        return None
    if isinstance(value, str) and _DATE.fullmatch(value):
        value = f"{value}T00:00:00Z"
    instant = parse_time(value)
    if instant is None:
        raise _unreadable(field, value, "datetime")
    if not _midnight(FIRST_DAY) <= instant < _midnight(LAST_DAY) + timedelta(days=1):
        raise _no_such_day(field, instant)
    return vendor_time(instant.replace(microsecond=0))


def parse_time(text: Any) -> datetime | None:
    """The instant that an ISO text with its offset says; None when it says none."""
    if not isinstance(text, str) or not _DATETIME.fullmatch(text):
        return None
    try:
        return _instant(text)
    except ValueError:
        return None


def _instant(text: str) -> datetime:
    """Read what ``_DATETIME`` admits; Python 3.10 reads neither ``Z`` nor odd fractions by itself."""
    zone_at = len(text) - 1 if text.endswith("Z") else max(text.rfind("+"), text.rfind("-"))
    moment, zone = text[:zone_at], text[zone_at:].replace(":", "")
    moment, _, fraction = moment.partition(".")
    moment = moment if moment.count(":") == 2 else f"{moment}:00"
    zone = "+0000" if zone == "Z" else zone
    return datetime.strptime(f"{moment}.{fraction[:6] or 0}{zone}", "%Y-%m-%dT%H:%M:%S.%f%z")


def _reference(field: Field, value: Any, switches: Switches) -> str | None:
    if value == "":
        return None
    record_id = long_id(value, mend=switches.wrong_case_id == "mend")
    if record_id is None:
        raise refuse("MALFORMED_ID", f"{field.label}: id value of incorrect type: {value}", field.name)
    return record_id


_COERCE: dict[str, Converter] = {
    "email": _email,
    "picklist": _picklist,
    "multipicklist": _multi_select,
    "boolean": _boolean,
    "int": _integer,
    "double": _number,
    "currency": _number,
    "percent": _number,
    "date": _date,
    "datetime": _datetime,
    "reference": _reference,
    "id": _reference,
}


_PARTS = ("City", "Country", "GeocodeAccuracy", "Latitude", "Longitude", "PostalCode", "State", "Street")
_CODED_PARTS = (*_PARTS, "CountryCode", "StateCode")


def shown(field: Field, row: AnyRow) -> Any:
    """The value of a field as answers show it: an address is put together from its parts."""
    if field.type != "address":
        return row.get(field.name)
    home = field.name.removesuffix("Address")
    names = _CODED_PARTS if f"{home}CountryCode" in row else _PARTS
    parts = {f"{part[0].lower()}{part[1:]}": row.get(f"{home}{part}") for part in names}
    return None if all(value is None for value in parts.values()) else parts
