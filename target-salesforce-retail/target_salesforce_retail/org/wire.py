"""JSON on the wire, as Salesforce reads and writes it: money stays exact, instants are in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any

import requests
import simplejson


@dataclass(frozen=True)
class Answer:
    """A status with its JSON, floats as ``Decimal``; None where there is no JSON.

    ``repeated`` says that the call had been sent before, and that what it was answered then is not known.
    """

    status: int
    body: Any
    repeated: bool = False


def encode(body: Any) -> bytes:
    """JSON for Salesforce: exact decimals, ISO dates, instants in UTC with a ``T`` (a blank is refused there)."""
    text: str = simplejson.dumps(body, use_decimal=True, default=_plain, separators=(",", ":"))
    return text.encode()


def _plain(value: object) -> str:
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
