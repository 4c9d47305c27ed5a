"""What a fault says, in the words of each vendor."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from sandbox.weather.faults import FaultKind

_DENIED = {
    "error": "access_denied",
    "error_description": "The resource owner or authorization server denied the request.",
    "hint": "Access token could not be verified",
}
"""Lightspeed's 401 (docs/vendors/lightspeed-r-series.md, tokens)."""


def refusal(kind: FaultKind, vendor: str) -> tuple[str, bytes]:
    """Content type and body; Lightspeed's errors have been recorded as JSON under text/html."""
    if kind.message.startswith("<"):
        return "text/html;charset=UTF-8", kind.message.encode()
    if vendor == "salesforce":
        return "application/json;charset=UTF-8", _json([{"message": kind.message, "errorCode": kind.code}])
    return "text/html; charset=UTF-8", _json(_lightspeed(kind))


def _lightspeed(kind: FaultKind) -> dict[str, str]:
    if kind.status == 401:
        return _DENIED
    known = kind.status in {status.value for status in HTTPStatus}
    return {
        "httpCode": str(kind.status),
        "httpMessage": HTTPStatus(kind.status).phrase if known else "Fault",
        "message": kind.message,
        "errorClass": "Exception",
    }


def _json(body: Any) -> bytes:
    return json.dumps(body).encode()
