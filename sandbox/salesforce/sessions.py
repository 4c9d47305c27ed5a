"""Sessions and refresh tokens: who may call, and until when."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field

from sandbox.salesforce.rows import Org

_TIMEOUT = 7_200  # seconds; the session timeout of a new org is two hours
REFRESH_TOKEN = "sandbox-salesforce-refresh"


@dataclass
class Sessions:
    """The sessions of one org, each good until it has been idle for two hours.

    Attributes:
        denial: What every call is answered, with 401, while it is not empty; an administrator's doing.
    """

    org: Org
    denial: str = ""
    _used: dict[str, float] = field(default_factory=dict)
    _refresh: set[str] = field(default_factory=lambda: {REFRESH_TOKEN})
    _issued: int = 0

    def is_open(self, authorization: str) -> bool:
        """Whether an Authorization header names a session that is still good; using it keeps it so."""
        scheme, _, token = authorization.partition(" ")
        return scheme.lower() in {"bearer", "oauth"} and self.knows(token)

    def knows(self, token: str) -> bool:
        """Whether the session of a token is still good; asking keeps it so."""
        now = self.org.clock.now().timestamp()
        if now - self._used.get(token, 0.0) > _TIMEOUT:
            return False
        self._used[token] = now
        return True

    def expire_all(self) -> int:
        """Close every session; answers how many there were."""
        count = len(self._used)
        self._used.clear()
        return count

    def clear(self) -> None:
        """No denial, and the refresh token that a new org has."""
        self.denial = ""
        self._refresh = {REFRESH_TOKEN}

    def revoke(self, token: str) -> bool:
        """End a session or a refresh token; whether there was one."""
        is_known = token in self._used or token in self._refresh
        self._used.pop(token, None)
        self._refresh.discard(token)
        return is_known

    def refresh(self, token: str) -> str | None:
        """The refresh token to use next time, or None when this one is no good.

        With rotation it is another one, and the one given is dead (docs/vendors/salesforce.md, login).
        """
        if token not in self._refresh:
            return None
        if not self.org.switches.refresh_rotation:
            return token
        self._issued += 1
        rotated = f"{REFRESH_TOKEN}-{self._issued}"
        self._refresh = self._refresh - {token} | {rotated}
        return rotated

    def open(self, base: str) -> dict[str, str]:
        """A new session, as every flow answers it; ``base`` is the org's own address."""
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
