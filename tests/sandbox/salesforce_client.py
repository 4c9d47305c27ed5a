"""Calls the Salesforce side of the sandbox without a socket."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from sandbox.salesforce.app import salesforce_app
from sandbox.salesforce.oauth import CLIENT_ID, CLIENT_SECRET
from sandbox.salesforce.rows import Org
from sandbox.weather import Weather

BASE = "/services/data/v66.0"


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: Any

    @property
    def codes(self) -> list[str]:
        return [entry["errorCode"] for entry in self.body]


@dataclass
class Client:
    """A client of one org, logged in once ``log_in`` was called."""

    org: Org
    weather: Weather = field(default_factory=Weather)
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._app = salesforce_app(self.org, self.weather)

    def send(self, method: str, url: str, body: Any = None, **headers: str) -> Reply:
        status, found, text = self.raw(method, url, body, **headers)
        return Reply(status, found, json.loads(text) if text else None)

    def soap(self, body: str) -> tuple[int, str]:
        status, _, text = self.raw("POST", "/services/Soap/u/66.0", body.encode())
        return status, text.decode()

    def raw(self, method: str, url: str, body: Any = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
        path, _, query = url.partition("?")
        named = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        scope = {
            "type": "http",
            "method": method,
            "path": path.replace("%2F", "/"),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(name.lower().encode(), value.encode()) for name, value in named.items()],
            "server": ("127.0.0.1", 1),
            "scheme": "http",
        }
        sent: list[Any] = []
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()

        async def receive() -> Any:
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        asyncio.run(self._app(scope, receive, send))
        found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return sent[0]["status"], found, b"".join(part.get("body", b"") for part in sent[1:])

    def login(self, **form: str) -> Reply:
        pairs = form or {
            "grant_type": "client_credentials",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
        }
        body = "&".join(f"{name}={value}" for name, value in pairs.items()).encode()
        return self.send("POST", "/services/oauth2/token", body)

    def data(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        return self.send(method, f"{BASE}{path}", body, **headers)

    def collection(self, method: str, path: str, *records: Any, all_or_none: bool = False) -> list[Any]:
        typed = [{"attributes": {"type": "Contact"}, **record} for record in records]
        return self.data(method, f"/composite/sobjects{path}", {"allOrNone": all_or_none, "records": typed}).body

    def log_in(self) -> Client:
        self.headers["authorization"] = f"Bearer {self.login().body['access_token']}"
        return self
