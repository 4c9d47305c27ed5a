"""What every record has, and the merchant's own fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tap_lightspeed_retail.r_series.context import Context
from tap_lightspeed_retail.r_series.fields import Fields
from tap_lightspeed_retail.r_series.forms import as_list
from tap_lightspeed_retail.r_series.notes import TEXTS
from tap_lightspeed_retail.scan import Record

PAYMENT_TYPES = {
    "cash": "cash",
    "credit card": "card",
    "gift card": "gift_card",
    "credit account": "credit_account",
    "ecom": "online",
    "adjustment": "adjustment",
}


def identity(fields: Fields, known: Context) -> Record:
    """Account and id."""
    return {"account_id": known.account_id, "id": fields.id}


def life(fields: Fields, *, changed: str | None = "timeStamp") -> Record:
    """Archived, made, changed, deleted; ``changed`` names the field that says when it last changed.

    ``unreadable`` is told by ``unreadable.py``, which works out what depends on the fields that were noted.
    """
    return {
        "archived": fields.flag("archived") or False,
        "created_at": fields.instant("createTime"),
        "updated_at": fields.instant(changed) if changed else None,
        "deleted_at": None,
        "version": None,
        "unreadable": [],
    }


def payment_kind(fields: Fields) -> str:
    """What a payment type is; by its type, for its id and its name are the merchant's."""
    return fields.choice("type", PAYMENT_TYPES, "other")


def note_of(fields: Fields, words: Sequence[str] = TEXTS) -> str | None:
    """The text of the note of a row; ``words`` are those on which something depends."""
    return fields.within(fields.inside("Note")).text("note", words)


def custom_fields(fields: Fields) -> list[Record]:
    """The merchant's own fields with their values."""
    return [_custom_field(fields.within(each)) for each in fields.rows("CustomFieldValues", "CustomFieldValue")]


def _custom_field(fields: Fields) -> Record:
    return {
        "id": fields.text("customFieldID"),
        "name": fields.text("name"),
        "type": fields.text("type"),
        "value": _custom_value(fields),
    }


def _custom_value(fields: Fields) -> str | None:
    """Text as it is; a choice by its name; several choices by their names."""
    value = fields.raw("value")
    if not isinstance(value, Mapping | list):
        return fields.text("value")
    chosen = as_list(value)
    if not all(isinstance(each, Mapping) and {"name", "value"} & {name.lower() for name in each} for each in chosen):
        fields.note("value", TEXTS)
        return None
    return ", ".join(filter(None, (_chosen(fields.within(each)) for each in chosen))) or None


def _chosen(fields: Fields) -> str | None:
    return fields.text("name") or fields.text("value")
