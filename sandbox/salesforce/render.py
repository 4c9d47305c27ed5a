"""Answers as HTTP sends them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from starlette.responses import Response

from sandbox.salesforce.calls import Answer
from sandbox.salesforce.row import Row


def render(answer: Answer, extra: Mapping[str, str] = MappingProxyType({})) -> Response:
    """An answer as the vendor sends it, with further headers."""
    if isinstance(answer.body, bytes):
        return Response(answer.body, answer.status, {**answer.headers, **extra, "Content-Type": answer.media})
    return render_json(answer.body, answer.status, {**answer.headers, **extra})


def render_json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer as the vendor sends it. Numbers are doubles there (describe: xsd:double), hence 12 reads 12.0."""
    content = b"" if body is None else json.dumps(body, default=_encode).encode()
    kind = "application/json;charset=UTF-8" if content else None
    return Response(content, status, headers, media_type=kind)


def _encode(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Row):
        return dict(value)
    message = f"a row holds {type(value).__name__}, which is no JSON value"
    raise TypeError(message)
