"""What the shapes need to know of the account: its currency, and the time zone of each of its shops."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tap_lightspeed_retail.errors import Malformed, Refused
from tap_lightspeed_retail.r_series.client import Client
from tap_lightspeed_retail.r_series.fields import Fields
from tap_lightspeed_retail.r_series.pages import Params, pages
from tap_lightspeed_retail.r_series.shape import Context

logger = logging.getLogger("tap-lightspeed-retail")


@dataclass
class Account:
    """One account.

    Attributes:
        id: Its id.
        currency: Its currency, where it says one.
        zones: Shop -> name of its time zone, empty where the shop has none.
    """

    id: str
    currency: str | None
    zones: dict[str, str] = field(default_factory=dict)
    _asked: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, client: Client, account_id: str) -> Account:
        """Ask for the account's currency and for its shops."""
        currency = inside(client.read(f"Account/{account_id}.json"), "defaultCurrency").get("code")
        if not isinstance(currency, str | None):
            raise Malformed("The code of the currency is no text.", where="Account", hint="Please report it.")
        return cls(account_id, currency, _zones(client, account_id))

    @property
    def context(self) -> Context:
        """For shapes."""
        return Context(self.id, self.currency, self.zones)

    def meet(self, shop_id: str | None, client: Client) -> None:
        """A row names this shop; one that was made meanwhile is asked for, once."""
        if shop_id is None or shop_id in self.zones or shop_id in self._asked:
            return
        self._asked.add(shop_id)
        self.zones |= _zones(client, self.id)


def inside(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object within an answer that is no list; empty when it is not there.

    Raises:
        Malformed: There is something else.
    """
    value = body.get(name) or {}
    if not isinstance(value, Mapping):
        raise Malformed(f"{name} is no object.", where="Account", hint="Please report it.")
    return value


def _zones(client: Client, account_id: str) -> dict[str, str]:
    def read(page: Params) -> dict[str, Any]:
        asked = [("archived", "true"), ("limit", "100"), *page]
        return client.read(f"Account/{account_id}/Shop.json", asked, listed=True)

    try:
        shops = [Fields("shops", row, "shopID") for rows in pages(read, "Shop", ()) for row in rows]
    except Refused as error:
        if not error.closed:
            raise
        logger.warning("Shops cannot be read (%d): the days of their sales cannot be told.", error.status)
        return {}
    return {shop.id: shop.text("timeZone") or "" for shop in shops}
