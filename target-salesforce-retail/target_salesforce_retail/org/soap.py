"""SOAP, for what REST does not have: one envelope out, one answer in.

Source: docs/vendors/salesforce.md, soap. A fault is read as the list of entries that REST gives, so that one table
judges both; its code says what it is and not its status, which is always 500.

What comes in may be anything. It is parsed without entities, without a document type, without the network and up to a
size; what is no envelope is no answer. Errors carry codes, never words or values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

import requests
from lxml import etree

from target_salesforce_retail.nouns import Recovery, Scalar
from target_salesforce_retail.org.composite import OF_CONTENT, Request, Subresponse, no_answer
from target_salesforce_retail.org.faults import fault_of
from target_salesforce_retail.org.session import Session
from target_salesforce_retail.org.wire import Answer, Call, plain_time

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
PARTNER = "urn:partner.soap.sforce.com"
OBJECT = "urn:sobject.partner.soap.sforce.com"
PREFIXES = {"soapenv": ENVELOPE, "p": PARTNER, "o": OBJECT}
LONGEST = 10_000_000
"""Bytes of an answer; one to 200 rows has some 100,000."""
UNSENDABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML cannot hold, however it is written."""
Element = Any
Body = dict[str, Any]
Names = Sequence[tuple[str, str | Element]]


def exchange(
    session: Session, requests: Sequence[Request], headers: object = None, *, owed: bool = False
) -> list[Subresponse]:
    """Each request in a call of its own, as SOAP has it; the parts in the order of the requests.

    Args:
        session: The session.
        requests: ``call`` (its name), ``items`` (makes the elements of it, right before each attempt), ``entry`` (reads
            one result of its) and ``once`` (see ``Call``).
        headers: None are sent.
        owed: See ``Session.call``.

    Raises:
        OrgRefused: The answer is none.
    """
    del headers
    return [_asked(session, request, owed=owed) for request in requests]


def _asked(session: Session, request: Request, *, owed: bool) -> Subresponse:
    name = request["call"]
    call = Call(
        "POST",
        f"/services/Soap/u/{session.version}",
        content=lambda token: envelope(token, name, request["items"]()),
        headers={
            "Content-Type": "text/xml; charset=UTF-8",
            "Accept": "text/xml",
            "SOAPAction": '""',
            "Authorization": None,  # the token is in the envelope, and need not be anywhere else
        },
        read=lambda response: read(response, name, request["entry"]),
        once=request["once"],
    )
    answer = session.make(call, judged=OF_CONTENT, owed=owed)
    if answer.status < 300 and not isinstance(answer.body, list):
        raise no_answer(f"SOAP {name}")
    status = 500 if answer.status >= 300 and fault_of(answer.body or ()).recovery is Recovery.RETRY else answer.status
    return Subresponse(status, answer.body, repeated=answer.repeated)


def envelope(token: str, name: str, items: Iterable[Element]) -> bytes:
    """The XML of one call with these elements in it."""
    root = etree.Element(f"{{{ENVELOPE}}}Envelope", nsmap=PREFIXES)
    header = etree.SubElement(root, f"{{{ENVELOPE}}}Header")
    session = etree.SubElement(header, f"{{{PARTNER}}}SessionHeader")
    etree.SubElement(session, f"{{{PARTNER}}}sessionId").text = token
    call = etree.SubElement(etree.SubElement(root, f"{{{ENVELOPE}}}Body"), f"{{{PARTNER}}}{name}")
    call.extend(items)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return written


def element(name: str, inside: Names, namespace: str = PARTNER) -> Element:
    """An element that holds texts and elements, in their order, which the vendor's schema prescribes."""
    made = etree.Element(f"{{{namespace}}}{name}", nsmap=PREFIXES)
    for inner, value in inside:
        if isinstance(value, str):
            etree.SubElement(made, inner if inner.startswith("{") else f"{{{namespace}}}{inner}").text = value
        else:
            made.append(value)
    return made


def text_of(value: Scalar) -> str:
    """A value as the partner API takes it: text, whatever the field is."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value) if isinstance(value, (str, int)) else plain_time(value)


def read(response: requests.Response, name: str, entry: Callable[[Element], Body]) -> Answer | None:
    """The answer to a call: entries of its results, or those of its fault; None for what is none.

    Args:
        response: What came back.
        name: The call.
        entry: Makes an entry as sObject Collections have it of a result.
    """
    root = _parsed(response.content)
    body = None if root is None else root.find(f"{{{ENVELOPE}}}Body")
    if body is None:
        return None if response.status_code < 400 else Answer(response.status_code, None)
    usage = _usage(root)
    fault = body.find(f"{{{ENVELOPE}}}Fault")
    if fault is not None:
        code = inner(fault, "faultcode").removeprefix("sf:")
        errors = [{"errorCode": code, "message": inner(fault, "faultstring")}]
        return Answer(401 if code == "INVALID_SESSION_ID" else 400, errors, usage=usage)
    results = body.find(f"{{{PARTNER}}}{name}Response")
    if results is None or response.status_code >= 300:
        return None if response.status_code < 400 else Answer(response.status_code, None)
    return Answer(200, [entry(each) for each in results if _local(each) == "result"], usage=usage)


def errors_of(result: Element) -> list[Body]:
    """The errors of one result, as sObject Collections have them."""
    return [_error(each) for each in _all(result, "errors")]


def _error(error: Element) -> Body:
    found = next(_all(error, "duplicateResult"), None)
    return {
        "statusCode": inner(error, "statusCode"),
        "message": inner(error, "message"),
        "fields": [field.text or "" for field in _all(error, "fields")],
        "duplicateResult": None if found is None else _look_alikes(found),
    }


def _look_alikes(found: Element) -> Body:
    """What a duplicate rule found, as far as REST's form of it is read: which records, and whether it only warns."""
    results = [[{"record": {"Id": each}} for each in _matched(result)] for result in _all(found, "matchResults")]
    return {
        "allowSave": inner(found, "allowSave").strip() in ("true", "1"),
        "matchResults": [{"matchRecords": records} for records in results],
    }


def _matched(result: Element) -> Iterator[str]:
    records = (record for match in _all(result, "matchRecords") for record in _all(match, "record"))
    return filter(None, (inner(each, "Id").strip() for each in records))


def success_of(result: Element) -> bool | None:
    """Whether it says that all went well; None where it says neither."""
    return {"true": True, "1": True, "false": False, "0": False}.get(inner(result, "success").strip())


def inner(parent: Element, name: str) -> str:
    """The text of the first element with this name, whatever its namespace; empty when there is none."""
    return next((each.text or "" for each in _all(parent, name)), "")


def _parsed(content: bytes) -> Element | None:
    if len(content) > LONGEST:
        return None
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    has_type = root.getroottree().docinfo.doctype
    return None if has_type or root.tag != f"{{{ENVELOPE}}}Envelope" else root


def _usage(root: Element) -> tuple[int, int] | None:
    """What the header ``LimitInfoHeader`` says of the daily calls."""
    for info in root.iterfind(f"{{{ENVELOPE}}}Header/{{{PARTNER}}}LimitInfoHeader/{{{PARTNER}}}limitInfo"):
        used, limit = inner(info, "current"), inner(info, "limit")
        if inner(info, "type") == "API REQUESTS" and re.fullmatch(r"[0-9]{1,12} [0-9]{1,12}", f"{used} {limit}"):
            return int(used), int(limit)
    return None


def _all(parent: Element, name: str) -> Iterator[Element]:
    return (each for each in parent if _local(each) == name)


def _local(each: Element) -> str:
    return str(each.tag).rpartition("}")[2]
