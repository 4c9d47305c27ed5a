"""What the shapes need to know of the account: its currency, and the time zone of each of its shops."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


@lru_cache(maxsize=256)
def zone_named(name: str) -> ZoneInfo | None:
    """The time zone of this name; None where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


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


@dataclass
class Account:
    """One account.

    Attributes:
        id: Its id.
        currency: Its currency, where it says one.
        zones: Shop -> name of its time zone, empty where the shop has none.
        read_zones: Asks for them.
    """

    id: str
    currency: str | None
    zones: dict[str, str] = field(default_factory=dict)
    read_zones: Callable[[], Mapping[str, str]] = dict
    _asked: set[str] = field(default_factory=set)

    @property
    def context(self) -> Context:
        """For shapes."""
        return Context(self.id, self.currency, self.zones)

    def note_shop(self, shop_id: str | None) -> None:
        """A row names this shop; one that was made meanwhile is asked for, once."""
        if shop_id is None or shop_id in self.zones or shop_id in self._asked:
            return
        self._asked.add(shop_id)
        self.zones |= self.read_zones()
