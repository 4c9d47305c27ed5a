"""When do two values say the same? As the org would store them, so that nothing is sent over and over.

A till has Ann@X.org and 12.345, her contact ann@x.org and, in a field with two places, 12.35: nothing is to be sent.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timezone
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from target_salesforce_retail.mapping.convert import convert
from target_salesforce_retail.mapping.text import as_text, is_blank
from target_salesforce_retail.metadata import FieldDescribe
from target_salesforce_retail.nouns import Value

NUMBERS = ("currency", "double", "percent", "int", "long")
WHOLE = ("int", "long")
TEXTS = ("string", "textarea", "phone", "url", "picklist", "combobox", "email", "encryptedstring")
CONVERTED = {"boolean": "boolean", "date": "date", "datetime": "datetime"}
"""Types of fields whose values have a converter of that name: text from a till is read by it."""


def fitted(value: Value, field: FieldDescribe) -> Value:
    """The value as the field will hold it; what the field does not take stays as it is, for others to judge.

    Numbers at the field's scale (half up), values of a picklist as it spells them, e-mails in lower case: recorded orgs
    read them back so (docs/vendors/salesforce.md, values).
    """
    if value is None:
        return None
    with suppress(ValueError, InvalidOperation):
        return _fitted(value, field)
    return value


def _fitted(value: Value, field: FieldDescribe) -> Value:
    if field.type in NUMBERS:
        return _scaled(_number(value), 0 if field.type in WHOLE else field.scale)
    if field.type in CONVERTED:
        return convert(CONVERTED[field.type], value)
    if field.type == "multipicklist":
        return ";".join(dict.fromkeys(_as_listed(each, field) for each in entries(as_text(value)))) or None
    if field.type not in TEXTS:
        return value
    text = as_text(value)
    if field.type == "email":
        return text.lower()
    return _as_listed(text, field)


def entries(text: str) -> list[str]:
    """The values of a multi-select."""
    return [each.strip() for each in text.split(";") if each.strip()]


def _as_listed(text: str, field: FieldDescribe) -> str:
    """A restricted picklist takes its values in any case, and keeps its own."""
    if text in field.picklist:
        return text
    return next((each for each in field.picklist if each.casefold() == text.casefold()), text)


def _number(value: Value) -> Value:
    if isinstance(value, str):
        return Decimal(value.strip())
    return value


def _scaled(value: Value, scale: int) -> Value:
    """A number beyond all fields stays as it is, and what is none too."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return value
    with suppress(InvalidOperation):
        return Decimal(value).quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP)
    return value


def is_empty(held: Value, field: FieldDescribe) -> bool:
    """True for a field that holds nothing yet. A checkbox is never null in the org: one that is not ticked is blank."""
    return is_blank(held) or (field.type == "boolean" and held is False)


def same(wanted: Value, held: Value, field: FieldDescribe) -> bool:
    """True when the org already says it.

    Args:
        wanted: A fitted value.
        held: What the org answered.
        field: The field.
    """
    if field.type == "boolean":
        return bool(wanted) == bool(held)
    if is_blank(wanted) or is_blank(held):
        return is_blank(wanted) and is_blank(held)
    if field.type in ("reference", "id"):
        return str(wanted)[:15] == str(held)[:15]
    return _alike(wanted, fitted(held, field), field)


def _alike(wanted: Value, stored: Value, field: FieldDescribe) -> bool:
    if field.type in NUMBERS:
        return _is_finite(wanted) and _is_finite(stored) and wanted == stored
    if isinstance(wanted, datetime) and isinstance(stored, datetime):
        return _second(wanted) == _second(stored)
    if field.type == "multipicklist":
        return set(entries(str(wanted))) == set(entries(str(stored)))
    return _lines(str(wanted)) == _lines(str(stored))


def _is_finite(value: Value) -> bool:
    return isinstance(value, int) or (isinstance(value, Decimal) and value.is_finite())


def _second(moment: datetime) -> datetime:
    return moment.astimezone(timezone.utc).replace(microsecond=0)


def _lines(text: str) -> str:
    """An org may end lines otherwise than a till."""
    return text.replace("\r\n", "\n")
