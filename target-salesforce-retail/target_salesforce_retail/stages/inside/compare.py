"""When do two values say the same? As the org would store them, so that nothing is sent over and over."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, timezone
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from target_salesforce_retail.mapping.convert import is_blank
from target_salesforce_retail.nouns import Value
from target_salesforce_retail.shapes import FieldShape

NUMBERS = ("currency", "double", "percent", "int", "long")
WHOLE = ("int", "long")


def fitted(value: Value, field: FieldShape) -> Value:
    """The value as the field will hold it: numbers at the field's scale (half up), e-mails in lower case.

    Recorded orgs read e-mails back in lower case (facts: Salesforce section 19.1).
    """
    if isinstance(value, bool) or value is None:
        return value
    if field.type in NUMBERS and isinstance(value, int | Decimal):
        return _scaled(value, 0 if field.type in WHOLE else field.scale)
    if field.type == "email":
        return str(value).lower()
    if field.type == "date" and isinstance(value, datetime):
        return value.date()
    if field.type in ("string", "textarea", "phone", "url", "picklist", "combobox") and not isinstance(value, str):
        return _text(value)
    return value


def _scaled(value: int | Decimal, scale: int) -> Value:
    """A number beyond all fields stays as it is: that the org does not take it is for the org to say."""
    with suppress(InvalidOperation):
        return Decimal(value).quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP)
    return value


def _text(value: Value) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def same(wanted: Value, held: Value, field: FieldShape) -> bool:
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
    if field.type in NUMBERS:
        return fitted(wanted, field) == fitted(_number(held), field)
    if field.type in ("reference", "id"):
        return str(wanted)[:15] == str(held)[:15]
    if isinstance(wanted, datetime) and isinstance(held, datetime):
        return _second(wanted) == _second(held)
    return str(wanted) == str(fitted(held, field))


def _second(moment: datetime) -> datetime:
    return moment.astimezone(timezone.utc).replace(microsecond=0)


def _number(value: Value) -> Value:
    return Decimal(str(value)) if isinstance(value, str | int | float) else value
