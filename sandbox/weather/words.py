"""What a fault says, in the words of each vendor."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any
from xml.sax.saxutils import escape

from sandbox.weather.faults import FaultKind

_DENIED = {
    "error": "access_denied",
    "error_description": "The resource owner or authorization server denied the request.",
    "hint": "Access token could not be verified",
}
"""Lightspeed's 401 (docs/vendors/lightspeed-r-series.md, tokens)."""


SOAP = "/services/Soap/"
"""Where Salesforce says it in XML, and 500 is its status (docs/vendors/salesforce.md, soap)."""


def soap_refusal(kind: FaultKind) -> bytes:
    """The envelope of a fault."""
    fault = f"<faultcode>sf:{kind.code}</faultcode><faultstring>{kind.code}: {escape(kind.message)}</faultstring>"
    return (
        '<?xml version="1.0" encoding="UTF-8"?><e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" '
        f'xmlns:sf="urn:fault.partner.soap.sforce.com"><e:Body><e:Fault>{fault}</e:Fault></e:Body></e:Envelope>'
    ).encode()


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
