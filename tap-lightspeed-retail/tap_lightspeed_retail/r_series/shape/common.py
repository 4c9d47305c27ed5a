"""What every record has, and the merchant's own fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from tap_lightspeed_retail.r_series.dates import zone_named
from tap_lightspeed_retail.r_series.fields import TEXTS, Fields, as_list

Record = dict[str, Any]


@dataclass(frozen=True)
class Context:
    """What a row does not say of itself: its account, that account's currency, and the time zone of each shop."""

    account_id: str
    currency: str | None
    zones: Mapping[str, str] = field(default_factory=dict)

    @property
    def known_zones(self) -> list[ZoneInfo]:
        """Those in which somebody may have typed a day."""
        found = (zone_named(name) for name in dict.fromkeys(self.zones.values()))
        return [zone for zone in found if zone]

    def zone_of(self, shop_id: str | None) -> ZoneInfo | None:
        """The zone of a shop; of a shop that is not known, the zone that all have, if they have one."""
        names = {self.zones[shop_id]} if shop_id and shop_id in self.zones else {*self.zones.values()}
        return zone_named(names.pop()) if len(names) == 1 else None


def identity(fields: Fields, known: Context) -> Record:
    """Account and id."""
    return {"account_id": known.account_id, "id": fields.id}


def life(fields: Fields, *, changed: str | None = "timeStamp") -> Record:
    """Archived, made, changed, deleted; ``changed`` names the field that says when it last changed.

    ``unreadable`` holds what was noted, until ``unreadable.py`` works out what depends on it.
    """
    return {
        "archived": fields.flag("archived") or False,
        "created_at": fields.instant("createTime"),
        "updated_at": fields.instant(changed) if changed else None,
        "deleted_at": None,
        "version": None,
        "unreadable": fields.notes,
    }


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
