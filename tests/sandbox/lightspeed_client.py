"""A client of the served R-Series account that retries nothing and hides nothing."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from sandbox.serve import Box


class Retail:
    """Calls of one connection."""

    def __init__(self, box: Box) -> None:
        self.box = box
        self.http = requests.Session()
        self.refresh_token = box.lightspeed_client[2]
        self.token = ""
        self.renew()

    def renew(self) -> None:
        """A fresh pair, which is used and kept from now on."""
        pair = self.refresh(self.refresh_token).json()
        self.token, self.refresh_token = pair["access_token"], pair["refresh_token"]

    def refresh(self, refresh_token: str, **more: str) -> requests.Response:
        """One refresh grant."""
        return self.grant(grant_type="refresh_token", refresh_token=refresh_token, **more)

    def grant(self, **form: str) -> requests.Response:
        """The token endpoint, with the client's own credentials unless the form has others."""
        client_id, secret, _ = self.box.lightspeed_client
        known = {"client_id": client_id, "client_secret": secret}
        return self.http.post(f"{self.box.lightspeed_url}/auth/oauth/token", data={**known, **form}, timeout=5)

    def call(self, path: str, token: str | None = None, accept: str = "*/*", **params: str) -> requests.Response:
        """A path below the account; one that begins with a slash is the host's."""
        place = path if path.startswith("/") else f"/API/V3/Account/{self.box.account_id}/{path}"
        headers = {"Authorization": f"Bearer {token or self.token}", "Accept": accept}
        return self.http.get(f"{self.box.lightspeed_url}{place}", params=params, headers=headers, timeout=5)

    def admin(self, verb: str, body: Any = None, method: str = "POST") -> requests.Response:
        """A verb of the sandbox's owner."""
        return self.http.request(method, f"{self.box.lightspeed_url}/_sandbox/{verb}", json=body, timeout=5)

    def counters(self) -> dict[str, Any]:
        """What the sandbox has counted."""
        found: dict[str, Any] = self.admin("counters", method="GET").json()
        return found


def cursor(answer: requests.Response, link: str = "next") -> str:
    """The ``after`` or ``before`` of a link; empty without one."""
    query = parse_qs(urlsplit(answer.json()["@attributes"][link]).query)
    return query.get("after" if link == "next" else "before", [""])[0]
