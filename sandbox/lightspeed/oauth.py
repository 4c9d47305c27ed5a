"""Tokens: short-lived JWTs, and refresh tokens that rotate (facts: R-Series section 3).

A used refresh token dies when the access token it gave is first used; until then the same refresh may be repeated and
gives another pair.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.clock import Clock

ACCESS_SECONDS = 3600
REFRESH_DAYS = 30
REFRESHES_PER_MINUTE = 5
DENIED = {
    "error": "access_denied",
    "error_description": "The resource owner or authorization server denied the request.",
}


@dataclass
class _Refresh:
    last_used: datetime
    revoked: bool = False


@dataclass
class _Access:
    expires: datetime
    spent: str | None
    """The refresh token that dies when this access token is first used."""


@cache
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class OAuth:
    """The authorization server of one client and account."""

    def __init__(self, clock: Clock, account_id: str, *, strict: bool) -> None:
        self.client_id = "sandbox-client"
        self.client_secret = "sandbox-secret"
        self.refresh_token = "sandbox-refresh-token"
        self._clock = clock
        self._account_id = account_id
        self._strict = strict
        self._refreshes = {self.refresh_token: _Refresh(clock.now())}
        self._accesses: dict[str, _Access] = {}
        self._attempts: list[datetime] = []

    def token(self, form: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """``POST /auth/oauth/token``: status and body."""
        now = self._clock.now()
        self._attempts = [each for each in self._attempts if now - each < timedelta(minutes=1)]
        if len(self._attempts) >= REFRESHES_PER_MINUTE:
            return 429, {"error": "too_many_requests", "error_description": "At most 5 refresh attempts per minute."}
        self._attempts.append(now)
        if form.get("client_id") != self.client_id or form.get("client_secret") != self.client_secret:
            return 401, {"error": "invalid_client", "error_description": "Client authentication failed"}
        if form.get("grant_type") != "refresh_token":
            return 400, {"error": "unsupported_grant_type"}
        if self._strict and "scope" in form:
            return 400, {"error": "invalid_grant", "hint": "scope"}
        return self._refresh(str(form.get("refresh_token", "")), now)

    def _refresh(self, token: str, now: datetime) -> tuple[int, dict[str, Any]]:
        known = self._refreshes.get(token)
        if known is None or known.revoked or now - known.last_used > timedelta(days=REFRESH_DAYS):
            return 400, {"error": "invalid_grant", "error_description": "The refresh token is invalid."}
        known.last_used = now
        fresh = f"def50{secrets.token_hex(40)}"
        self._refreshes[fresh] = _Refresh(now)
        access = self._mint(now, spent=token)
        return 200, {
            "token_type": "Bearer",
            "expires_in": ACCESS_SECONDS,
            "access_token": access,
            "refresh_token": fresh,
        }

    def _mint(self, now: datetime, spent: str) -> str:
        expires = now + timedelta(seconds=ACCESS_SECONDS)
        claims = {
            "jti": secrets.token_hex(16),
            "iss": "https://cloud.lightspeedapp.com",
            "aud": self.client_id,
            "sub": "1",
            "acct": self._account_id,
            "scope": "employee:register_read employee:customers_read employee:inventory_read",
            "iat": now.timestamp(),
            "nbf": now.timestamp(),
            "exp": expires.timestamp(),
        }
        token = jwt.encode(claims, _key(), algorithm="RS256", headers={"kid": "RT_OAUTH2_2024_07_08"})
        self._accesses[token] = _Access(expires, spent)
        return token

    def refusal(self, authorization: str) -> dict[str, str] | None:
        """None for a good bearer, whose first use revokes the refresh token spent on it; else the body of the 401."""
        access = self._accesses.get(authorization.removeprefix("Bearer "))
        if access is None:
            return {**DENIED, "hint": "Access token has been revoked"}
        if access.expires <= self._clock.now():
            return {**DENIED, "hint": "Access token could not be verified"}
        if access.spent:
            self._refreshes[access.spent].revoked = True
            access.spent = None
        return None

    def revoke(self, form: dict[str, Any]) -> None:
        """``POST /auth/oauth/revoke``."""
        known = self._refreshes.get(str(form.get("refresh_token", "")))
        if known:
            known.revoked = True

    def expire_access(self) -> None:
        """Every access token is over; for tests."""
        for access in self._accesses.values():
            access.expires = self._clock.now()
