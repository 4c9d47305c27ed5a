"""Bodies of forms, in each of the encodings that the token endpoint takes.

Source: docs/vendors/lightspeed-r-series.md, authorization.
"""

from __future__ import annotations

import json
from email import message_from_bytes
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request


async def form_of(request: Request) -> dict[str, Any]:
    """JSON, multipart or urlencoded; a body that is none of them is an empty form."""
    kind, body = request.headers.get("content-type", ""), await request.body()
    if kind.startswith("application/json"):
        return _json(body)
    if kind.startswith("multipart/form-data"):
        return _multipart(kind, body)
    return dict(parse_qsl(body.decode()))


def _json(body: bytes) -> dict[str, Any]:
    try:
        form = json.loads(body)
    except ValueError:
        return {}
    return form if isinstance(form, dict) else {}


def _multipart(kind: str, body: bytes) -> dict[str, Any]:
    message = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + body, policy=HTTP)
    names = ((part.get_param("name", header="content-disposition"), part) for part in message.iter_parts())
    return {str(name): part.get_content().rstrip("\r\n") for name, part in names if name}
