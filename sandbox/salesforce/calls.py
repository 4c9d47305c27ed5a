"""One API call and its answer, apart from HTTP: composite subrequests and real requests are the same thing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from sandbox.salesforce.dml import Caller
from sandbox.salesforce.faults import refuse
from sandbox.salesforce.rows import Org

BASE = re.compile(r"/services/data/v(\d+\.\d)(?=/|$)")


@dataclass(frozen=True)
class Call:
    """A request below ``/services/data/vXX.X``; ``parts`` are the decoded path segments after that."""

    org: Org
    method: str
    version: str
    parts: list[str]
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)  # lower-case names
    body: Any = None

    @property
    def base(self) -> str:
        """The path every URL in the answer starts with."""
        return f"/services/data/v{self.version}"

    @property
    def caller(self) -> Caller:
        """On whose behalf rows are written, from the duplicate rule header (facts: Salesforce section 9)."""
        header = self.headers.get("sforce-duplicate-rule-header", "").replace(" ", "").lower()
        return Caller(allow_save="allowsave=true" in header.split(";"))

    def json_object(self) -> dict[str, Any]:
        """The body, which must be an object; raises Refused."""
        if not isinstance(self.body, dict):
            raise refuse("JSON_PARSER_ERROR", "The HTTP entity body is required, and must be a JSON object")
        return self.body

    def at(self, method: str, url: str, headers: dict[str, str], body: Any) -> Call:
        """A subrequest of this call; raises Refused NOT_FOUND for a URL outside the API."""
        path, _, _ = url.partition("?")
        version, parts = split_path(path)
        query = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
        merged = {**self.headers, **{name.lower(): value for name, value in headers.items()}}
        return replace(
            self, method=method, version=version or self.version, parts=parts, query=query, headers=merged, body=body
        )


@dataclass(frozen=True)
class Answer:
    """Status, JSON body (None is no body at all) and headers."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


Handler = Callable[[Call], Answer]


def split_path(path: str) -> tuple[str | None, list[str]]:
    """The version and the decoded segments of an API path; a slash at the end changes nothing.

    Raises:
        Refused: NOT_FOUND when the path is not below ``/services/data``.
    """
    base = BASE.match(path)
    rest = path[base.end() :] if base else path.removeprefix("/services/data")
    if base is None and rest == path:
        raise refuse("NOT_FOUND", "The requested resource does not exist")
    return base.group(1) if base else None, [unquote(part) for part in rest.split("/") if part]
