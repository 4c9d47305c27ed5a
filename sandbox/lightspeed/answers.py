"""Answers as bytes: JSON or XML, and the bodies of errors (docs/vendors/lightspeed-r-series.md, answers, errors)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from xml.etree import ElementTree as ET

JSON = "application/json"
XML = "application/vnd.merchantos.pos-v1+xml"
HTML = "text/html; charset=UTF-8"
"""What errors have been recorded under, although they are JSON."""


def fault(status: int, message: str) -> dict[str, str]:
    """The body of an error."""
    return {
        "httpCode": str(status),
        "httpMessage": HTTPStatus(status).phrase,
        "message": message,
        "errorClass": "Exception",
    }


def wants_json(path: str, accept: str, *, accept_wins: bool) -> bool:
    """Whether an answer is JSON; XML is what comes unasked."""
    by_path = "json" if path.endswith(".json") else "xml" if path.endswith(".xml") else ""
    by_header = "json" if "json" in accept else "xml" if "xml" in accept else ""
    return ((by_header or by_path) if accept_wins else (by_path or by_header)) == "json"


def as_json(body: Any) -> bytes:
    """Slashes escaped, and nothing but ASCII, as the vendor's own encoder does."""
    return json.dumps(body).replace("/", "\\/").encode()


def as_xml(name: str, body: Mapping[str, Any]) -> bytes:
    """The same body as XML; the vendor's is known from fragments, so that its root is a guess."""
    root = ET.Element(name)
    _fill(root, body)
    return b'<?xml version="1.0"?>\n' + ET.tostring(root)


def _fill(node: ET.Element, body: Mapping[str, Any]) -> None:
    for name, value in body.items():
        if name == "@attributes":
            node.attrib.update(value)
        else:
            for each in value if isinstance(value, list) else [value]:
                _append(node, name, each)


def _append(node: ET.Element, name: str, value: Any) -> None:
    child = ET.SubElement(node, name)
    if isinstance(value, Mapping):
        _fill(child, value)
    else:
        child.text = str(value)
