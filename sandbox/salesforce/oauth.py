"""Tokens: the client credentials flow, the sessions it opens, and who is behind one (facts: Salesforce section 1)."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.salesforce.calls import Answer
from sandbox.salesforce.rows import Org

CLIENT_ID = "sandbox-salesforce-client"  # the one client that may log in
CLIENT_SECRET = "sandbox-salesforce-secret"
_TIMEOUT = 7_200  # seconds; the session timeout of a new org is two hours


@dataclass
class Sessions:
    """The sessions of one org, each good until it has been idle for two hours."""

    org: Org
    _used: dict[str, float] = field(default_factory=dict)
    _issued: int = 0

    def is_open(self, authorization: str) -> bool:
        """Whether an Authorization header names a session that is still good; using it keeps it so."""
        scheme, _, token = authorization.partition(" ")
        now = self.org.clock.now().timestamp()
        if scheme.lower() not in {"bearer", "oauth"} or now - self._used.get(token, 0.0) > _TIMEOUT:
            return False
        self._used[token] = now
        return True

    def expire_all(self) -> int:
        """Close every session; answers how many there were."""
        count = len(self._used)
        self._used.clear()
        return count

    def token(self, form: Mapping[str, Any], authorization: str, base: str) -> Answer:
        """``POST /services/oauth2/token``; ``base`` is what the answer gives as instance_url."""
        grant = form.get("grant_type")
        if grant == "password":
            return _denied("invalid_grant", "authentication failure")
        if grant != "client_credentials":
            return _denied("unsupported_grant_type", "grant type not supported")
        client_id, secret = _basic(authorization) or (form.get("client_id"), form.get("client_secret"))
        if client_id != CLIENT_ID:
            return _denied("invalid_client_id", "client identifier invalid")
        if secret != CLIENT_SECRET:
            return _denied("invalid_client", "invalid client credentials")
        return Answer(200, self._open(base))

    def _open(self, base: str) -> dict[str, str]:
        self._issued += 1
        now = self.org.clock.now()
        proof = hashlib.sha256(f"{self.org.org_id} {self._issued}".encode()).hexdigest()
        token = f"{self.org.org_id[:15]}!{proof}"
        self._used[token] = now.timestamp()
        return {
            "access_token": token,
            "signature": base64.b64encode(bytes.fromhex(proof)).decode(),
            "scope": "api",
            "instance_url": base,
            "id": f"{base}/id/{self.org.org_id}/{self.org.user_id}",
            "token_type": "Bearer",
            "issued_at": str(int(now.timestamp() * 1000)),
        }

    def who(self, base: str) -> Answer:
        """``GET /services/oauth2/userinfo`` and the identity URL."""
        user = self.org.tables["User"][self.org.user_id]
        return Answer(
            200,
            {
                "sub": f"{base}/id/{self.org.org_id}/{self.org.user_id}",
                "user_id": self.org.user_id,
                "organization_id": self.org.org_id,
                "preferred_username": user["Username"],
                "name": user["Name"],
                "email": user["Email"],
                "active": user["IsActive"],
            },
        )


def _basic(authorization: str) -> tuple[str, str] | None:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return client_id, secret


def _denied(error: str, description: str) -> Answer:
    return Answer(400, {"error": error, "error_description": description})
