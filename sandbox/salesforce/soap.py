"""SOAP, of which only the refusals are served: logging in is over, and the rest is not here.

The faults for a bad session and for too many long calls have been seen; the one for ``login()`` in an org that has it
switched off is our guess (docs/vendors/salesforce.md, login).
"""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

from sandbox.salesforce.rows import Org
from sandbox.salesforce.sessions import Sessions

_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
_SESSION = re.compile(r"<(?:\w+:)?sessionId>([^<]*)<")
_LOGIN = re.compile(r"<(?:\w+:)?login[\s>]")


def soap_fault(org: Org, sessions: Sessions, body: str) -> str:
    """The envelope that answers any SOAP call; its status is 500."""
    if _LOGIN.search(body):
        return _fault("INVALID_OPERATION", "SOAP API login() is disabled by default in this org.")
    session = _SESSION.search(body)
    if session is None or not sessions.knows(session[1]):
        return _fault("INVALID_SESSION_ID", "Invalid Session ID found in SessionHeader: Illegal Session")
    if org.is_busy:
        return _fault("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.")
    return _fault("UNKNOWN_EXCEPTION", "The sandbox serves no SOAP; use REST")


def _fault(code: str, message: str) -> str:
    inside = f"<faultcode>sf:{code}</faultcode><faultstring>{code}: {escape(message)}</faultstring>"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="{_ENVELOPE}" '
        f'xmlns:sf="urn:fault.partner.soap.sforce.com"><soapenv:Body><soapenv:Fault>{inside}'
        "</soapenv:Fault></soapenv:Body></soapenv:Envelope>"
    )
