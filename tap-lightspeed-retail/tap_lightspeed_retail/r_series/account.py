"""Opens an account: the client that reads it, and what is to be known of it."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tap_lightspeed_retail.clock import Clock
from tap_lightspeed_retail.errors import Malformed, Refused
from tap_lightspeed_retail.r_series.context import Account
from tap_lightspeed_retail.r_series.fields import Fields
from tap_lightspeed_retail.r_series.limits import limits
from tap_lightspeed_retail.r_series.pages import pages
from tap_lightspeed_retail.web.api import Api, Params
from tap_lightspeed_retail.web.client import Client, Vendor
from tap_lightspeed_retail.web.refresh import Authenticator
from tap_lightspeed_retail.web.throttle import Throttle
from tap_lightspeed_retail.web.tokens import TokenStore
from tap_lightspeed_retail.web.transport import new_session

logger = logging.getLogger("tap-lightspeed-retail")
CLOSED = "Check account_id, or leave it unset: the token opens one account. Else authorize the connection again."
LATER = "Please try again later."
"""A 400 with this text passes: seen in the wild by another tap."""


def vendor(api_url: str) -> Vendor:
    """What a client has to know of R-Series."""
    return Vendor(f"{api_url.rstrip('/')}/API/V3", limits, _is_answer, LATER)


def token_url(auth_url: str) -> str:
    """Where R-Series exchanges refresh tokens."""
    return f"{auth_url.rstrip('/')}/auth/oauth/token"


def open_account(settings: Mapping[str, Any], clock: Clock) -> tuple[Client, Account]:
    """The account of the settings, or the one that the token opens, and a client that reads it.

    Raises:
        TapError: It cannot be read.
    """
    http = new_session()
    auth = Authenticator(
        token_url(settings["auth_url"]),
        settings["client_id"],
        settings["client_secret"],
        store=TokenStore(Path(settings["token_store"]), settings.get("refresh_token") or ""),
        http=http,
        now=clock.now,
        sleep=clock.sleep,
    )
    if auth.warning:
        logger.warning("%s", auth.warning)
    throttle = Throttle(float(settings["rate_reserve"]), clock.monotonic, clock.sleep)
    client = Client(vendor(settings["api_url"]), auth=auth, throttle=throttle, http=http, sleep=clock.sleep)
    account_id = settings.get("account_id") or account_of(auth.token()) or _only_account(client)
    return client, read_account(client, account_id)


def account_of(token: str) -> str:
    """The account that a token opens, from its ``acct`` claim, unverified; empty when it names none."""
    try:
        part = token.split(".")[1]
        claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, ValueError):
        return ""
    return str(claims.get("acct", ""))


def read_account(api: Api, account_id: str) -> Account:
    """Ask for the account's currency and for its shops."""
    path = f"Account/{account_id}.json"
    try:
        currency = _object_in(api.read(path), "defaultCurrency").get("code")
    except Refused as error:
        if not error.closed:
            raise
        raise Refused(f"Lightspeed answered {error.status}.", where=path, hint=CLOSED, status=error.status) from None
    if not isinstance(currency, str | None):
        raise Malformed("The code of the currency is no text.", where="Account", hint="Please report it.")

    def read_zones() -> dict[str, str]:
        return _zones(api, account_id)

    return Account(account_id, currency, read_zones(), read_zones)


def _only_account(api: Api) -> str:
    return str(_object_in(api.read("Account.json"), "Account").get("accountID", ""))


def _object_in(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object within an answer that is no list; empty when it is not there.

    Raises:
        Malformed: There is something else.
    """
    value = body.get(name) or {}
    if not isinstance(value, Mapping):
        raise Malformed(f"{name} is no object.", where="Account", hint="Please report it.")
    return value


def _zones(api: Api, account_id: str) -> dict[str, str]:
    def read(page: Params) -> dict[str, Any]:
        asked = [("archived", "true"), ("limit", "100"), *page]
        return api.read(f"Account/{account_id}/Shop.json", asked, listed=True)

    try:
        shops = [Fields("shops", row, "shopID") for rows in pages(read, "Shop", ()) for row in rows]
    except Refused as error:
        if not error.closed:
            raise
        logger.warning("Shops cannot be read (%d): the days of their sales cannot be told.", error.status)
        return {}
    return {shop.id: shop.text("timeZone") or "" for shop in shops}


def _is_answer(body: Mapping[str, Any], path: str, listed: bool) -> bool:
    """Whether this is an answer to the question, and no error under the wrong status: that would be an empty page.

    A list without attributes has no link to its next page, and would end where it does not.
    """
    if listed:
        return not body or "@attributes" in body
    return "@attributes" in body or path.rpartition("/")[2].removesuffix(".json") in body
