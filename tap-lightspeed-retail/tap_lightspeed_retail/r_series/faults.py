"""What can go wrong with one request and may pass, and how long to wait then (facts: R-Series section 8)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
from requests import exceptions
from urllib3.exceptions import ReadTimeoutError

LOST = (requests.ConnectionError, requests.Timeout, exceptions.ChunkedEncodingError, exceptions.ContentDecodingError)
"""No answer came, or not all of it, or it came garbled."""
LONGEST_REFUSAL = 600.0
"""Seconds for which 429 is waited out, and the most that a server may ask to wait."""
LEAST_WAIT = 1.0
"""Seconds; the vendor asks for no less (facts: R-Series section 7.4), and 0 would be a hot loop."""


@dataclass(frozen=True)
class Trouble:
    """Why an attempt failed, and how many seconds the server asks to wait."""

    kind: str
    wait: float | None = None

    @property
    def heavy(self) -> bool:
        """Whether a smaller page may help: too much for the server's memory or for its time."""
        return self.kind in ("500", "504", "ReadTimeout", "ChunkedEncodingError")


def lost(error: Exception) -> Trouble:
    """The trouble of a request that got no whole answer; never quotes the error, which may quote the request."""
    late = any(isinstance(each, ReadTimeoutError) for each in error.args)
    return Trouble("ReadTimeout" if late else type(error).__name__)


def retry_after(headers: Mapping[str, Any]) -> float | None:
    """Seconds that the server asks to wait, within reason; None when it says none, or says it as a date."""
    try:
        seconds = float(headers.get("Retry-After", ""))
    except ValueError:
        return None
    return min(LONGEST_REFUSAL, max(LEAST_WAIT, seconds)) if math.isfinite(seconds) else None
