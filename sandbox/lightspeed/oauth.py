"""Codes, tokens: short-lived JWTs, and refresh tokens that rotate (docs/vendors/lightspeed-r-series.md, tokens).

A used refresh token dies when the access token it gave is first used; until then the same refresh may be repeated and
gives another pair.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from sandbox.clock import Clock
from sandbox.lightspeed.jwts import mint
from sandbox.lightspeed.scopes import PUBLIC, SEED, named, spelt

Answer = tuple[int, dict[str, Any]]
ACCESS_SECONDS = 3600
CODE_SECONDS = 60
REFRESH_DAYS = 30
REFRESHES_PER_MINUTE = 5
LONG_AGO = timedelta(days=1)
"""From when on an expired token is said to be revoked; the page says "expired long ago" and no figure."""
DENIED = {
    "error": "access_denied",
    "error_description": "The resource owner or authorization server denied the request.",
}
BAD_TOKEN = {**DENIED, "hint": "Access token could not be verified"}
REVOKED = {**DENIED, "hint": "Access token has been revoked"}


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
    scope: frozenset[str]
    spent: str | None
    """The refresh token that dies when this access token is first used."""
    twin: str
    """The refresh token that came with it."""
    revoked: bool = False


def _proves(code: _Code, verifier: str) -> bool:
    """PKCE: the verifier is the one that the challenge was made of; a code without a challenge asks for none."""
    if not code.challenge:
        return True
    digest = hashlib.sha256(verifier.encode()).digest()
    made = base64.urlsafe_b64encode(digest).decode().rstrip("=") if code.method == "S256" else verifier
    return 43 <= len(verifier) <= 128 and made == code.challenge


def _error(status: int, error: str, description: str) -> Answer:
    """The bodies of the token endpoint are not printed anywhere; these follow the API's own 401."""
    return status, {"error": error, "error_description": description, "hint": description}


class OAuth:
    """The authorization server of one client, account and employee.

    Attributes:
        locked: The employee who granted it is locked out.
        rights: The scopes that the employee's own rights still cover; None is all of them.
        tally: "refreshes", those "refused" because there were too many, and tokens that were "reused" after their end.
    """

    def __init__(self, clock: Clock, account_id: str, *, strict: bool = False, reuse_revokes_all: bool = False) -> None:
        self.client_id = "sandbox-client"
        self.client_secret = "sandbox-secret"
        self.refresh_token = "sandbox-refresh-token"
        self.locked = False
        self.rights: frozenset[str] | None = None
        self.tally: Counter[str] = Counter()
        self._clock = clock
        self._account_id = account_id
        self._strict = strict
        self._reuse_revokes_all = reuse_revokes_all
        self._refreshes = {self.refresh_token: _Refresh(clock.now())}
        self._accesses: dict[str, _Access] = {}
        self._attempts: list[datetime] = []
        self._codes: dict[str, _Code] = {}
        self._scope = spelt(SEED)

    def authorize(self, asked: dict[str, str]) -> tuple[str | None, str]:
        """``GET /auth/oauth/authorize``, with a person who agrees to everything.

        Returns:
            Where the browser is sent, or None and why it is sent nowhere.
        """
        redirect, state = asked.get("redirect_uri", ""), asked.get("state", "")
        if asked.get("response_type") != "code" or asked.get("client_id") != self.client_id:
            return None, "unknown client_id, or response_type is not code"
        # Documented: HTTPS only. Loopback is let through, as servers do for programs on a person's own machine.
        if not redirect.startswith(("https://", "http://127.0.0.1:", "http://localhost:")) or "#" in redirect:
            return None, "redirect_uri must be https and hold no fragment"
        scope = asked.get("scope", self._scope)
        if not named(scope) <= PUBLIC:
            return f"{redirect}?{urlencode({'error': 'invalid_scope', 'state': state})}", ""
        code = secrets.token_urlsafe(32)
        challenge, method = asked.get("code_challenge", ""), asked.get("code_challenge_method", "plain")
        expires = self._clock.now() + timedelta(seconds=CODE_SECONDS)
        self._codes[code] = _Code(expires, challenge, method, scope)
        return f"{redirect}?{urlencode({'code': code, 'state': state})}", ""

    def token(self, form: dict[str, Any]) -> Answer:
        """``POST /auth/oauth/token``: status and body."""
        now, kind = self._clock.now(), form.get("grant_type")
        known = self._knows(form)
        if (kind == "refresh_token" or not known) and self._too_many(now):
            return _error(429, "too_many_requests", "At most 5 refresh attempts per minute.")
        if not known:
            return _error(401, "invalid_client", "Client authentication failed")
        if kind == "authorization_code":
            return self._redeem(form, now)
        if kind != "refresh_token":
            return 400, {"error": "unsupported_grant_type"}
        return self._refresh(form, now)

    def _knows(self, form: dict[str, Any]) -> bool:
        return form.get("client_id") == self.client_id and form.get("client_secret") == self.client_secret

    def _too_many(self, now: datetime) -> bool:
        """More than five refreshes, or wrong secrets, within a minute; one that is refused does not count itself."""
        self._attempts = [each for each in self._attempts if now - each < timedelta(minutes=1)]
        if len(self._attempts) >= REFRESHES_PER_MINUTE:
            self.tally["refused"] += 1
            return True
        self._attempts.append(now)
        return False

    def _redeem(self, form: dict[str, Any], now: datetime) -> Answer:
        """A pair for a code, once, within a minute, to whoever can show the verifier."""
        if not form.get("code"):
            return _error(400, "invalid_request", "Check the `code` parameter")
        code = self._codes.pop(str(form["code"]), None)
        if code is None or code.expires <= now or not _proves(code, str(form.get("code_verifier", ""))):
            return _error(400, "invalid_grant", "The authorization code is invalid.")
        self._scope = code.scope
        return 200, self._pair(now, spent=None)

    def _refresh(self, form: dict[str, Any], now: datetime) -> Answer:
        if not form.get("refresh_token"):
            return _error(400, "invalid_request", "Check the `refresh_token` parameter")
        if self._strict and "scope" in form:
            return _error(400, "invalid_grant", "scope")
        if not named(str(form.get("scope", ""))) <= PUBLIC:
            return _error(400, "invalid_scope", "The requested scope is invalid.")
        token = str(form["refresh_token"])
        known = self._refreshes.get(token)
        if known is not None and known.revoked:
            self._reused()
        if self.locked or known is None or known.revoked or now - known.last_used > timedelta(days=REFRESH_DAYS):
            return _error(400, "invalid_grant", "The refresh token is invalid.")
        known.last_used = now
        self.tally["refreshes"] += 1
        return 200, self._pair(now, spent=token)

    def _reused(self) -> None:
        self.tally["reused"] += 1
        if self._reuse_revokes_all:
            self.revoke_all()

    def _pair(self, now: datetime, spent: str | None) -> dict[str, Any]:
        fresh = f"def50{secrets.token_hex(40)}"
        self._refreshes[fresh] = _Refresh(now)
        expires = now + timedelta(seconds=ACCESS_SECONDS)
        access = mint(
            client_id=self.client_id, account_id=self._account_id, scope=self._scope, issued=now, expires=expires
        )
        self._accesses[access] = _Access(expires, named(self._scope), spent, fresh)
        return {
            "token_type": "Bearer",
            "expires_in": ACCESS_SECONDS,
            "access_token": access,
            "refresh_token": fresh,
        }

    def refusal(self, authorization: str) -> dict[str, str] | None:
        """None for a good bearer, whose first use revokes the refresh token spent on it; else the body of the 401."""
        access = self._accesses.get(authorization.removeprefix("Bearer "))
        if access is None:
            return BAD_TOKEN
        over = self._clock.now() - access.expires
        if self.locked or access.revoked or over >= LONG_AGO:
            return REVOKED
        if over >= timedelta():
            return BAD_TOKEN
        if access.spent:
            self._refreshes[access.spent].revoked = True
            access.spent = None
        return None

    def scopes(self, authorization: str) -> frozenset[str]:
        """What a good bearer may do: what was granted, as far as the employee's own rights still go."""
        granted = self._accesses[authorization.removeprefix("Bearer ")].scope
        return granted if self.rights is None else granted & self.rights

    def introspect(self, authorization: str) -> Answer:
        """``GET /auth/oauth/introspect``: for debugging. Its body is not printed anywhere; this is RFC 7662's."""
        refusal = self.refusal(authorization)
        if refusal:
            return 401, dict(refusal)
        access = self._accesses[authorization.removeprefix("Bearer ")]
        scope = spelt(" ".join(sorted(self.scopes(authorization))))
        return 200, {"active": True, "client_id": self.client_id, "scope": scope, "exp": access.expires.timestamp()}

    def revoke(self, form: dict[str, Any]) -> Answer:
        """``POST /auth/oauth/revoke``: the refresh token, and the access token that came with it."""
        if not self._knows(form):
            return _error(401, "invalid_client", "Client authentication failed")
        self._revoke({str(form.get("refresh_token", ""))})
        return 200, {}

    def revoke_all(self) -> None:
        """The merchant takes the grant back: nothing that was given works any more."""
        self._revoke(set(self._refreshes))

    def _revoke(self, tokens: set[str]) -> None:
        for token in tokens & set(self._refreshes):
            self._refreshes[token].revoked = True
        for access in self._accesses.values():
            access.revoked = access.revoked or access.twin in tokens

    def secrets(self) -> list[str]:
        """Every token and secret there is, for tests that look for them where they must not be."""
        return [self.client_secret, *self._refreshes, *self._accesses]

    def expire_access(self) -> None:
        """Every access token is over; for tests."""
        for access in self._accesses.values():
            access.expires = self._clock.now()
