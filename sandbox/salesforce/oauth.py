"""Tokens: the flows that work without a person, and the ones that new orgs refuse.

Source: docs/vendors/salesforce.md, login.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any

import jwt
from jwt.types import Options

from sandbox.salesforce.calls import Answer
from sandbox.salesforce.sessions import Sessions

CLIENT_ID = "sandbox-salesforce-client"  # the one client that may log in
CLIENT_SECRET = "sandbox-salesforce-secret"
_LOGIN_HOSTS = frozenset({"https://login.salesforce.com", "https://test.salesforce.com"})
_JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
Form = Mapping[str, Any]


class _Denied(Exception):
    """No token; carries ``error`` and ``error_description``."""


class Tokens:
    """The token endpoint and its companions.

    Args:
        sessions: What the flows open.

    Attributes:
        public_key: PEM that assertions of the JWT flow are checked with; None while no certificate is registered.
    """

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self.public_key: str | None = None
        self._flows: dict[Any, Callable[[Form, str, str], dict[str, str]]] = {
            "client_credentials": self._client_credentials,
            "refresh_token": self._refresh,
            _JWT_BEARER: self._assertion,
            "password": self._password,
        }

    def token(self, form: Form, authorization: str, base: str) -> Answer:
        """``POST /services/oauth2/token``.

        Args:
            form: The body.
            authorization: May carry the client's id and secret.
            base: What the answer gives as instance_url.
        """
        flow = self._flows.get(form.get("grant_type"), _unknown)
        return _answered(lambda: flow(form, authorization, base))

    def _client_credentials(self, form: Form, authorization: str, base: str) -> dict[str, str]:
        _check_client(*_client(form, authorization), needs_secret=True)
        return self._sessions.open(base)

    def _refresh(self, form: Form, authorization: str, base: str) -> dict[str, str]:
        _check_client(*_client(form, authorization), needs_secret=False)
        token = str(form.get("refresh_token"))
        following = self._sessions.refresh(token)
        if following is None:
            raise _Denied("invalid_grant", "expired access/refresh token")
        rotated = {} if following == token else {"refresh_token": following}
        return {**self._sessions.open(base), **rotated}

    def _password(self, _form: Form, _authorization: str, _base: str) -> dict[str, str]:
        """New orgs block this flow whatever the password (docs/vendors/salesforce.md, login)."""
        raise _Denied("invalid_grant", "authentication failure")

    def _assertion(self, form: Form, _authorization: str, base: str) -> dict[str, str]:
        claims = self._claims(str(form.get("assertion")))
        if claims.get("iss") != CLIENT_ID:
            raise _Denied("invalid_client_id", "client identifier invalid")
        if claims.get("aud") not in {*_LOGIN_HOSTS, base}:
            raise _Denied("invalid_grant", "audience is invalid")
        now = self._sessions.org.clock.now().timestamp()
        if not isinstance(claims.get("exp"), int | float) or claims["exp"] <= now:
            raise _Denied("invalid_grant", "expired authorization code")
        users = self._sessions.org.tables["User"].values()
        if not any(user["Username"] == claims.get("sub") and user["IsActive"] for user in users):
            raise _Denied("invalid_grant", "user hasn't approved this consumer")
        return self._sessions.open(base)

    def _claims(self, assertion: str) -> dict[str, Any]:
        """What an assertion says, once its signature is good."""
        unchecked: Options = {"verify_exp": False, "verify_aud": False, "verify_iat": False, "verify_nbf": False}
        try:
            claims: dict[str, Any] = jwt.decode(assertion, self.public_key or "", ["RS256"], options=unchecked)
        except (jwt.PyJWTError, ValueError, TypeError):
            raise _Denied("invalid_grant", "invalid assertion") from None
        return claims

    def introspect(self, form: Form, authorization: str) -> Answer:
        """``POST /services/oauth2/introspect``; the client says who it is as it does for a token."""
        return _answered(lambda: self._introspected(form, authorization))

    def _introspected(self, form: Form, authorization: str) -> dict[str, bool]:
        _check_client(*_client(form, authorization), needs_secret=True)
        return {"active": self._sessions.knows(str(form.get("token")))}

    def revoke(self, form: Form) -> Answer:
        """``POST /services/oauth2/revoke``."""
        if self._sessions.revoke(str(form.get("token"))):
            return Answer(200)
        return Answer(400, {"error": "invalid_token", "error_description": "invalid token: revoked"})


def _answered(act: Callable[[], dict[str, Any]]) -> Answer:
    try:
        return Answer(200, act())
    except _Denied as denied:
        error, description = denied.args
        return Answer(400, {"error": error, "error_description": description})


def _unknown(_form: Form, _authorization: str, _base: str) -> dict[str, str]:
    raise _Denied("unsupported_grant_type", "grant type not supported")


def _check_client(client_id: Any, secret: Any, *, needs_secret: bool) -> None:
    if client_id != CLIENT_ID:
        raise _Denied("invalid_client_id", "client identifier invalid")
    if secret != CLIENT_SECRET and (needs_secret or secret):
        raise _Denied("invalid_client", "invalid client credentials")


def _client(form: Form, authorization: str) -> tuple[Any, Any]:
    """Id and secret, from the header or else the body."""
    return _basic(authorization) or (form.get("client_id"), form.get("client_secret"))


def _basic(authorization: str) -> tuple[str, str] | None:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return client_id, secret
