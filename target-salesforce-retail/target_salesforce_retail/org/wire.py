"""What goes over the wire, and JSON there as Salesforce reads and writes it: money is exact, instants are in UTC."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any

import requests
import simplejson

LOST = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)
"""What may become of a call on its way there or back."""
UNMADE = (requests.RequestException, ValueError)
"""What becomes of a call to what is no address; a name that no host can have comes as a ValueError."""


@dataclass(frozen=True)
class Answer:
    """A status with its JSON, floats as ``Decimal``; None where there is no JSON.

    ``repeated`` says that the call had been sent before, and that what it was answered then is not known. ``usage`` is
    what the body itself says of the allowance: calls that are used, and the limit.
    """

    status: int
    body: Any
    repeated: bool = False
    usage: tuple[int, int] | None = None


def encode(body: Any) -> bytes:
    """JSON for Salesforce: exact decimals, ISO dates, instants in UTC with a ``T`` (a blank is refused there)."""
    text: str = simplejson.dumps(body, use_decimal=True, default=plain_time, separators=(",", ":"))
    return text.encode()


def plain_time(value: object) -> str:
    """An ISO date, or an instant in UTC.

    Raises:
        TypeError: It is neither.
    """
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    if isinstance(value, date):
        return value.isoformat()
    message = f"{type(value).__name__} fits no field"
    raise TypeError(message)


def decode(response: requests.Response) -> Answer | None:
    """The answer, or None for a proxy's page or a cut body."""
    if not response.content:
        return Answer(response.status_code, None)
    try:
        return Answer(response.status_code, simplejson.loads(response.content, parse_float=Decimal))
    except (ValueError, RecursionError):
        return None if response.status_code < 400 else Answer(response.status_code, None)


@dataclass(frozen=True)
class Call:
    """One call, ready to be made again.

    Attributes:
        method: HTTP method.
        path: From ``/services`` on.
        params: Query parameters.
        content: Makes the body, with the token of the session; None for a call without one.
        headers: Its own headers; None takes one of the session's away.
        read: Makes an answer of what came back, and None of what cannot be one.
        once: What may be true no more by a second attempt: there is none, but with a new session.
    """

    method: str
    path: str
    params: Mapping[str, str] | None = None
    content: Callable[[str], bytes] | None = None
    headers: Mapping[str, str | None] = field(default_factory=dict)
    read: Callable[[requests.Response], Answer | None] = decode
    once: bool = False

    @property
    def where(self) -> str:
        """What an error may say of it."""
        return f"{self.method} {self.path.partition('?')[0]}"
