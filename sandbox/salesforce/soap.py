"""SOAP, of which merges and conversions are served: logging in is over, and REST has the rest.

Source: docs/vendors/salesforce.md, soap, login. The faults for a bad session and for too many long calls have been
seen; the one for ``login()`` in an org that has it switched off is our guess.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from sandbox.salesforce.faults import Fault
from sandbox.salesforce.resources import NEWEST, OLDEST
from sandbox.salesforce.rows import Org
from sandbox.salesforce.sessions import Sessions
from sandbox.salesforce.soap_calls import CALLS, PARTNER, CallRefused

_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
_SESSION = re.compile(r"<(?:\w+:)?sessionId>([^<]*)<")
_LOGIN = re.compile(r"<(?:\w+:)?login[\s>]")


class Soap:
    """The partner API of one org.

    Args:
        org: The org.
        sessions: Who may call.
    """

    def __init__(self, org: Org, sessions: Sessions) -> None:
        self._org, self._sessions = org, sessions

    def answer(self, place: str, text: bytes) -> tuple[int, str]:
        """Status and envelope for what was posted to a place below ``/services/Soap/``."""
        body = text.decode(errors="replace")
        fault = self._denied(body)
        if fault:
            return 500, fault_envelope(fault.code, fault.message)
        self._org.calls["soap"] += 1
        try:
            return 200, self._envelope(self._done(place, body))
        except CallRefused as refused:
            return 500, fault_envelope(refused.code, refused.message, prefix=refused.prefix)

    def _denied(self, body: str) -> Fault | None:
        if _LOGIN.search(body):
            return Fault("INVALID_OPERATION", "SOAP API login() is disabled by default in this org.")
        session = _SESSION.search(body)
        if session is None or self._sessions.denial or not self._sessions.knows(session[1]):
            said = self._sessions.denial or "Invalid Session ID found in SessionHeader: Illegal Session"
            return Fault("INVALID_SESSION_ID", said)
        if self._org.allowance.used() >= self._org.daily_calls:
            return Fault("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        if self._org.is_busy:
            return Fault("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.")
        return None

    def _done(self, place: str, body: str) -> str:
        """What the call answers, inside the body of the envelope."""
        kind, _, version = place.partition("/")
        if not _is_served(version):
            raise CallRefused("UNSUPPORTED_API_VERSION", "Invalid Api version specified on URL")
        call = _call(body)
        name = call.tag.removeprefix(f"{{{PARTNER}}}")
        run: Callable[[Org, ElementTree.Element], list[str]] | None = CALLS.get(name)
        if run is None or kind != "u":
            raise CallRefused("UNKNOWN_EXCEPTION", "The sandbox serves merge and convertLead of the partner API only")
        results = "".join(f"<result>{each}</result>" for each in run(self._org, call))
        return f"<{name}Response>{results}</{name}Response>"

    def _envelope(self, inside: str) -> str:
        used, limit = self._org.allowance.used(), self._org.daily_calls
        info = f"<limitInfo><current>{used}</current><limit>{limit}</limit><type>API REQUESTS</type></limitInfo>"
        return (
            f'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="{_ENVELOPE}" xmlns="{PARTNER}" '
            'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Header>'
            f"<LimitInfoHeader>{info}</LimitInfoHeader></soapenv:Header>"
            f"<soapenv:Body>{inside}</soapenv:Body></soapenv:Envelope>"
        )


def _is_served(version: str) -> bool:
    return bool(re.fullmatch(r"\d{2}\.0", version)) and OLDEST <= float(version) <= NEWEST


def _call(body: str) -> ElementTree.Element:
    """The element that names the call."""
    try:
        if "<!DOCTYPE" in body:
            raise CallRefused("Client", "DOCTYPE is not allowed", prefix="soapenv")
        inside = ElementTree.fromstring(body.encode()).find(f"{{{_ENVELOPE}}}Body")
    except ElementTree.ParseError as error:
        raise CallRefused("Client", f"The content is no XML: {error}", prefix="soapenv") from error
    if inside is None or len(inside) != 1:
        raise CallRefused("Client", "The envelope holds no call", prefix="soapenv")
    return inside[0]


def fault_envelope(code: str, message: str, *, prefix: str = "sf") -> str:
    """The envelope of a fault; its status is 500."""
    said = f"{code}: {message}" if prefix == "sf" else message
    inside = f"<faultcode>{prefix}:{code}</faultcode><faultstring>{escape(said)}</faultstring>"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="{_ENVELOPE}" '
        f'xmlns:sf="urn:fault.partner.soap.sforce.com"><soapenv:Body><soapenv:Fault>{inside}'
        "</soapenv:Fault></soapenv:Body></soapenv:Envelope>"
    )
