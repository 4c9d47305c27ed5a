"""Codes, tokens: short-lived JWTs, and refresh tokens that rotate (facts: R-Series section 3).

A used refresh token dies when the access token it gave is first used; until then the same refresh may be repeated and
gives another pair.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.clock import Clock

ACCESS_SECONDS = 3600
CODE_SECONDS = 60
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


@dataclass(frozen=True)
class _Code:
    expires: datetime
    challenge: str
    method: str
    scope: str


@dataclass
class _Access:
    expires: datetime
    spent: str | None
    """The refresh token that dies when this access token is first used."""


@cache
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _proves(code: _Code, verifier: str) -> bool:
    """PKCE: the verifier is the one that the challenge was made of; a code without a challenge asks for none."""
    if not code.challenge:
        return True
    digest = hashlib.sha256(verifier.encode()).digest()
    made = base64.urlsafe_b64encode(digest).decode().rstrip("=") if code.method == "S256" else verifier
    return 43 <= len(verifier) <= 128 and made == code.challenge


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
        self._codes: dict[str, _Code] = {}
        self._scope = "employee:register_read employee:customers_read employee:inventory_read"

    def authorize(self, asked: dict[str, str]) -> tuple[str | None, str]:
        """``GET /auth/oauth/authorize``, with a person who agrees to everything.

        Returns:
            Where the browser is sent, or None and why it is sent nowhere.
        """
        redirect = asked.get("redirect_uri", "")
        if asked.get("response_type") != "code" or asked.get("client_id") != self.client_id:
            return None, "unknown client_id, or response_type is not code"
        # Documented: HTTPS only. Loopback is let through, as servers do for programs on a person's own machine.
        if not redirect.startswith(("https://", "http://127.0.0.1:", "http://localhost:")) or "#" in redirect:
            return None, "redirect_uri must be https and hold no fragment"
        code = secrets.token_urlsafe(32)
        challenge, method = asked.get("code_challenge", ""), asked.get("code_challenge_method", "plain")
        expires = self._clock.now() + timedelta(seconds=CODE_SECONDS)
        self._codes[code] = _Code(expires, challenge, method, asked.get("scope", self._scope))
        return f"{redirect}?{urlencode({'code': code, 'state': asked.get('state', '')})}", ""

    def token(self, form: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """``POST /auth/oauth/token``: status and body."""
        now = self._clock.now()
        self._attempts = [each for each in self._attempts if now - each < timedelta(minutes=1)]
        if len(self._attempts) >= REFRESHES_PER_MINUTE:
            return 429, {"error": "too_many_requests", "error_description": "At most 5 refresh attempts per minute."}
        self._attempts.append(now)
        if form.get("client_id") != self.client_id or form.get("client_secret") != self.client_secret:
            return 401, {"error": "invalid_client", "error_description": "Client authentication failed"}
        if form.get("grant_type") == "authorization_code":
            return self._redeem(form, now)
        if form.get("grant_type") != "refresh_token":
            return 400, {"error": "unsupported_grant_type"}
        if self._strict and "scope" in form:
            return 400, {"error": "invalid_grant", "hint": "scope"}
        return self._refresh(str(form.get("refresh_token", "")), now)

    def _redeem(self, form: dict[str, Any], now: datetime) -> tuple[int, dict[str, Any]]:
        """A pair for a code, once, within a minute, to whoever can show the verifier."""
        code = self._codes.pop(str(form.get("code", "")), None)
        if code is None or code.expires <= now or not _proves(code, str(form.get("code_verifier", ""))):
            return 400, {"error": "invalid_grant", "error_description": "The authorization code is invalid."}
        self._scope = code.scope
        return 200, self._pair(now, spent=None)

    def _refresh(self, token: str, now: datetime) -> tuple[int, dict[str, Any]]:
        known = self._refreshes.get(token)
        if known is None or known.revoked or now - known.last_used > timedelta(days=REFRESH_DAYS):
            return 400, {"error": "invalid_grant", "error_description": "The refresh token is invalid."}
        known.last_used = now
        return 200, self._pair(now, spent=token)

    def _pair(self, now: datetime, spent: str | None) -> dict[str, Any]:
        fresh = f"def50{secrets.token_hex(40)}"
        self._refreshes[fresh] = _Refresh(now)
        access = self._mint(now, spent)
        return {
            "token_type": "Bearer",
            "expires_in": ACCESS_SECONDS,
            "access_token": access,
            "refresh_token": fresh,
        }

    def _mint(self, now: datetime, spent: str | None) -> str:
        expires = now + timedelta(seconds=ACCESS_SECONDS)
        claims = {
            "jti": secrets.token_hex(16),
            "iss": "https://cloud.lightspeedapp.com",
            "aud": self.client_id,
            "sub": "1",
            "acct": self._account_id,
            "scope": self._scope,
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

    def secrets(self) -> list[str]:
        """Every token and secret there is, for tests that look for them where they must not be."""
        return [self.client_secret, *self._refreshes, *self._accesses]

    def expire_access(self) -> None:
        """Every access token is over; for tests."""
        for access in self._accesses.values():
            access.expires = self._clock.now()
