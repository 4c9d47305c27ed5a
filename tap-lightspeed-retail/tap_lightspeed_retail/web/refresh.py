"""Bearer tokens: refreshed early, once for all processes of a store (docs/vendors/lightspeed-r-series.md, tokens)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import requests

from tap_lightspeed_retail.errors import AUTHORIZE, Busy, Unauthorized
from tap_lightspeed_retail.web.tokens import Tokens, TokenStore
from tap_lightspeed_retail.web.transport import LOST, UNMADE, Trouble, lost, retried, retry_after, unmade

EARLY = 60
"""Seconds before its end at which a token is not used any more."""
TIMEOUT = (10, 60)
ATTEMPTS = 3
PAIR = ("access_token", "refresh_token", "expires_in")
AGAIN = f"Run {AUTHORIZE} again, and leave refresh_token unset or set it to a new one."
PATIENCE = 12.0
"""Seconds to the next attempt where the server names none: five a minute are allowed."""
MINUTE, PER_MINUTE = 61.0, 5
"""The vendor allows so many refreshes a minute; a second more, for the way there.

Source: docs/vendors/lightspeed-r-series.md, tokens.
"""
DAY, UNUSED_DAYS, WARN_DAYS = 86_400.0, 30, 20
"""A refresh token that nobody uses for 30 days is dead."""


class Authenticator:
    """Gives bearer tokens for one connection.

    Args:
        token_url: Where a refresh token is exchanged.
        client_id: Client.
        client_secret: Its secret.
        store: Where the pair is kept.
        http: Session to ask with.
        now: Wall clock, epoch seconds.
        sleep: Waits so many seconds.

    Attributes:
        warning: What a person should hear about the tokens, or "".
    """

    def __init__(
        self,
        token_url: str,
        client_id: str,
        client_secret: str,
        *,
        store: TokenStore,
        http: requests.Session,
        now: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        self._url = token_url
        self._client = {"client_id": client_id, "client_secret": client_secret}
        self._store = store
        self._http = http
        self._now = now
        self._sleep = sleep
        self._tokens = store.load()
        self.warning = _warning(self._tokens.refreshed_at, now())

    def token(self) -> str:
        """An access token that is good for a while.

        Raises:
            Unauthorized: The refresh token is refused.
            Busy: The authorization server does not answer.
        """
        if not self._is_good(self._tokens):
            self._refresh(rejected=None)
        return self._tokens.access_token

    def renew(self, rejected: str) -> str:
        """A token other than the one that was just rejected."""
        self._refresh(rejected=rejected)
        return self._tokens.access_token

    def confirm(self) -> None:
        """The pair has worked: the one before it is dead."""
        if self._tokens.previous_refresh_token:
            self._tokens = replace(self._tokens, previous_refresh_token="")
            self._store.save(self._tokens)

    def _is_good(self, tokens: Tokens) -> bool:
        return bool(tokens.access_token) and self._now() < tokens.expires_at - EARLY

    def _refresh(self, rejected: str | None) -> None:
        with self._store.lock():
            current = self._store.load()  # another process may have been quicker
            if self._is_good(current) and current.access_token != rejected:
                self._tokens = current
                return
            self._tokens = self._exchanged(current)
            self._store.save(self._tokens)

    def _exchanged(self, current: Tokens) -> Tokens:
        """A new pair for the current refresh token, or for the one before where that was never used."""
        for refresh_token in filter(None, (current.refresh_token, current.previous_refresh_token)):
            answer = self._ask(refresh_token, current)
            if answer is not None:
                return Tokens(
                    refresh_token=str(answer["refresh_token"]),
                    access_token=str(answer["access_token"]),
                    expires_at=self._now() + float(answer["expires_in"]),
                    previous_refresh_token=refresh_token,
                    refreshed_at=self._now(),
                    attempts=self._store.load().attempts,
                )
        raise Unauthorized("Lightspeed refuses the refresh token (invalid_grant).", where="authorization", hint=AGAIN)

    def _pace(self, current: Tokens) -> None:
        """Wait until one more refresh is allowed, and note it where the other processes see it."""
        attempts = [at for at in self._store.load().attempts if self._now() - at < MINUTE]
        if len(attempts) >= PER_MINUTE:
            self._sleep(MINUTE - (self._now() - attempts[-PER_MINUTE]))
        self._store.save(replace(current, attempts=(*attempts[1 - PER_MINUTE :], self._now())))

    def _ask(self, refresh_token: str, current: Tokens) -> dict[str, Any] | None:
        """The answer of the token endpoint, or None when it does not know the refresh token."""
        form = {**self._client, "grant_type": "refresh_token", "refresh_token": refresh_token}

        def ask() -> dict[str, Any] | Trouble | None:
            self._pace(current)
            try:
                response = self._http.post(self._url, data=form, timeout=TIMEOUT, allow_redirects=False)
            except LOST as error:
                return lost(error)
            except UNMADE as error:
                raise unmade(error, "auth_url") from None
            body = _object(response)
            status = response.status_code
            if status in (408, 429) or status >= 500 or (status == 200 and body is None):
                return Trouble(str(status), retry_after(response.headers) or PATIENCE)
            return self._read(status, body or {})

        return retried(ask, check=_check, pause=_pause, sleep=self._sleep)

    def _read(self, status: int, body: dict[str, Any]) -> dict[str, Any] | None:
        if status == 200 and all(body.get(name) not in (None, "") for name in PAIR) and _is_span(body["expires_in"]):
            return body
        if body.get("error") == "invalid_grant":
            return None
        code = body.get("error", "no reason given")
        raise Unauthorized(
            f"Lightspeed refuses the token request: {status} {code}.",
            where="authorization",
            hint="Check client_id, client_secret and auth_url.",
        )


def _check(failures: int, _: Trouble) -> None:
    if failures >= ATTEMPTS:
        raise Busy(
            "The authorization server did not answer.",
            where="authorization",
            hint="Nothing is lost: the state stays, and the next run goes on.",
        )


def _pause(failures: int, trouble: Trouble) -> float:
    return float(2 ** (failures - 1)) if trouble.wait is None else trouble.wait


def _object(response: requests.Response) -> dict[str, Any] | None:
    """The answer's JSON object; None for a proxy's page or a cut body."""
    try:
        body = response.json()
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _is_span(seconds: Any) -> bool:
    try:
        return math.isfinite(float(seconds))
    except (TypeError, ValueError):
        return False


def _warning(refreshed_at: float, now: float) -> str:
    idle = (now - refreshed_at) / DAY
    if not refreshed_at or idle < WARN_DAYS:
        return ""
    return f"The refresh token was last used {idle:.0f} days ago; after {UNUSED_DAYS} it dies. Run more often."
