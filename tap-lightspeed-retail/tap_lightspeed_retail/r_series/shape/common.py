"""What every record has, and the merchant's own fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tap_lightspeed_retail.r_series.fields import Fields

Record = dict[str, Any]


@dataclass(frozen=True)
class Context:
    """What a row does not say of itself: its account, that account's currency, and the zone of its birthdays."""

    account_id: str
    currency: str | None
    time_zone: str


def identity(fields: Fields, known: Context) -> Record:
    """Account and id."""
    return {"account_id": known.account_id, "id": fields.id}


def life(fields: Fields, *, changed: str | None = "timeStamp") -> Record:
    """Archived, made, changed, deleted, unreadable; ``changed`` names the field that says when it last changed."""
    return {
        "archived": fields.flag("archived") or False,
        "created_at": fields.instant("createTime"),
        "updated_at": fields.instant(changed) if changed else None,
        "deleted_at": None,
        "version": None,
        "unreadable": fields.unreadable,
    }


def unreadable(fields: Fields, parts: Iterable[Record]) -> list[str]:
    """What of a row, or of a part that comes with it, cannot be read: one is not sound without the other."""
    return list(dict.fromkeys([*fields.unreadable, *(name for part in parts for name in part["unreadable"])]))


def custom_fields(fields: Fields) -> list[Record]:
    """The merchant's own fields with their values."""
    return [
        {
            "id": each.get("customFieldID"),
            "name": each.get("name"),
            "type": each.get("type"),
            "value": _custom_value(each.get("value")),
        }
        for each in fields.rows("CustomFieldValues", "CustomFieldValue")
    ]


def _custom_value(value: Any) -> str | None:
    """Text as it is; a choice by its name; several choices by their names."""
    if isinstance(value, Mapping):
        chosen = value.get("name") or value.get("value")
        return str(chosen) if chosen else None
    if isinstance(value, list):
        return ", ".join(filter(None, map(_custom_value, value))) or None
    return str(value) if value not in (None, "") else None
