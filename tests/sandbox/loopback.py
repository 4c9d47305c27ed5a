"""Clients of the served org over a real socket: plain requests, and simple-salesforce as it is.

simple-salesforce insists on https and on the vendor's host names, so its session gets an adapter that brings every call
to loopback (docs/vendors/salesforce.md, simple-salesforce). Nothing of the library itself is changed.
"""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce

from sandbox.salesforce.oauth import CLIENT_ID, CLIENT_SECRET
from sandbox.serve import Box

VERSION = "66.0"
DATA = f"/services/data/v{VERSION}"


class ToLoopback(HTTPAdapter):
    """Sends what was meant for an org to its stand-in."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._home = urlsplit(url)

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        place = urlsplit(str(request.url))
        request.url = urlunsplit((self._home.scheme, self._home.netloc, place.path, place.query, ""))
        return super().send(request, *args, **options)


def stranger(box: Box) -> Salesforce:
    """simple-salesforce, logged in by client credentials."""
    session = requests.Session()
    session.mount("https://", ToLoopback(box.salesforce_url))
    return Salesforce(
        consumer_key=CLIENT_ID, consumer_secret=CLIENT_SECRET, domain="acme.my", session=session, version=VERSION
    )


def logged_in(box: Box) -> requests.Session:
    """A session with a token; ``url`` of a call is the box's plus its path."""
    session = requests.Session()
    form = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    answer = session.post(f"{box.salesforce_url}/services/oauth2/token", data=form)
    session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    return session


class Rest:
    """Calls below ``/services/data``."""

    def __init__(self, box: Box) -> None:
        self._home = f"{box.salesforce_url}{DATA}"
        self.session = logged_in(box)

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """One call; ``options`` are those of requests."""
        return self.session.request(method, f"{self._home}/{path}", **options)

    def finished(self, path: str) -> dict[str, Any]:
        """A bulk job once it is done."""
        for _ in range(2_000):
            job: dict[str, Any] = self.call("GET", path).json()
            if job["state"] in {"JobComplete", "Failed", "Aborted"}:
                return job
            time.sleep(0.001)
        message = f"{path} is still {job['state']}"
        raise TimeoutError(message)
