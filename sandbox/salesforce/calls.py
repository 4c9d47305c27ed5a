"""One API call and its answer, apart from HTTP: composite subrequests and real requests are the same thing.

Every room of resources gives its routes as a table; ``resources.py`` adds the tables up, and the reference of what is
served is generated from them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

from sandbox.salesforce.assignment import asked
from sandbox.salesforce.dml import Caller
from sandbox.salesforce.faults import refuse
from sandbox.salesforce.rows import Org

INHERITED = ("accept", "authorization", "content-type")
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
    body: Any = None  # parsed JSON; for routes that take bytes, the bytes as they came

    @property
    def base(self) -> str:
        """The path every URL in the answer starts with."""
        return f"/services/data/v{self.version}"

    @property
    def caller(self) -> Caller:
        """On whose behalf rows are written, from the headers for it.

        Source: docs/vendors/salesforce.md, duplicate rules, assignment rules.
        """
        header = self.headers.get("sforce-duplicate-rule-header", "").replace(" ", "").lower()
        return Caller(allow_save="allowsave=true" in header.split(";"), assignment=asked(self.headers))

    def json_object(self) -> dict[str, Any]:
        """The body, which must be an object; raises Refused."""
        if not isinstance(self.body, dict):
            raise refuse("JSON_PARSER_ERROR", "The HTTP entity body is required, and must be a JSON object")
        return self.body

    def at(self, method: str, url: str, headers: dict[str, str], body: Any, *, inherits: bool = True) -> Call:
        """A subrequest of this call; raises Refused NOT_FOUND for a URL outside the API.

        Args:
            method: HTTP method.
            url: Path and query.
            headers: Its own; they win over those of this call.
            body: Parsed.
            inherits: Whether all headers of this call hold for it, or only those that are documented to.
        """
        path, _, _ = url.partition("?")
        version, parts = split_path(path)
        query = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
        outer = self.headers if inherits else {name: self.headers.get(name, "") for name in INHERITED}
        merged = {**outer, **{name.lower(): value for name, value in headers.items()}}
        return replace(
            self, method=method, version=version or self.version, parts=parts, query=query, headers=merged, body=body
        )


@dataclass(frozen=True)
class Answer:
    """Status, body and headers.

    A body of bytes is sent as it is, as ``media``; any other is sent as JSON, and None is no body at all.
    """

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    media: str = "application/json;charset=UTF-8"


Handler = Callable[[Call], Answer]


@dataclass(frozen=True)
class Route:
    """One method on one path below ``/services/data/vXX.X``.

    Attributes:
        method: HTTP method.
        path: Segments with names in braces for any one segment, as ``sobjects/{object}/{id}``; letters of any case.
        handler: Answers the call.
        counted: What the call is counted as in ``Org.calls``; "" for one that its handler counts itself.
        says: One line for the reference: what it does and which limits it keeps.
        unverified: What of it nobody has seen a real org do; "" when it is documented or was recorded.
        takes: Whether the handler wants its body parsed or as it came.
    """

    method: str
    path: str
    handler: Handler
    counted: str
    says: str
    unverified: str = ""
    takes: Literal["json", "bytes"] = "json"

    def fits(self, parts: list[str]) -> bool:
        """Whether the path is this one's."""
        wanted = self.path.lower().split("/") if self.path else []
        return len(wanted) == len(parts) and all(
            want.startswith("{") or want == part.lower() for want, part in zip(wanted, parts, strict=True)
        )


class Room(Protocol):
    """Resources that belong together, with what they remember between calls."""

    def routes(self) -> list[Route]:
        """What the room serves."""

    def clear(self) -> None:
        """Forget everything, as a reset org has."""


def parse_json(text: bytes) -> Any:
    """A body; None when there is none. Raises Refused JSON_PARSER_ERROR."""
    if not text:
        return None
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_no_constant)
    except ValueError as error:
        raise refuse("JSON_PARSER_ERROR", f"Unexpected character: {error}") from error


def _no_constant(name: str) -> None:
    message = f"{name} is no JSON number"
    raise ValueError(message)


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
