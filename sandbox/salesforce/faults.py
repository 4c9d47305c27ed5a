"""What the org says when it refuses: one or several faults, and the HTTP status that carries them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

_STATUSES = {
    "INVALID_SESSION_ID": 401,
    "REQUEST_LIMIT_EXCEEDED": 403,
    "NOT_FOUND": 404,
    "ENTITY_IS_DELETED": 404,
    "METHOD_NOT_ALLOWED": 405,
    "UNKNOWN_EXCEPTION": 500,
    "SERVER_UNAVAILABLE": 503,
}


@dataclass(frozen=True)
class Fault:
    """One entry of an error body.

    ``fields`` is None where the vendor prints no such key; ``detail`` holds further keys, such as the duplicate result.
    """

    code: str
    message: str
    fields: tuple[str, ...] | None = ()
    detail: dict[str, Any] = field(default_factory=dict)

    def entry(self, *, code_key: str = "errorCode") -> dict[str, Any]:
        """The entry as JSON; Collections say ``statusCode`` where other resources say ``errorCode``."""
        fields = {} if self.fields is None and code_key == "errorCode" else {"fields": list(self.fields or ())}
        return {"message": self.message, code_key: self.code, **fields, **self.detail}


class Refused(Exception):
    """The org refuses a request or a row.

    Args:
        faults: At least one.
        status: HTTP status; None lets the first code decide.
    """

    def __init__(self, *faults: Fault, status: int | None = None) -> None:
        super().__init__("; ".join(f"{fault.code}: {fault.message}" for fault in faults))
        self.faults = faults
        self.status = status or _STATUSES.get(faults[0].code, 400)


def refuse(code: str, message: str, *fields: str, status: int | None = None) -> Refused:
    """A refusal with one fault."""
    return Refused(Fault(code, message, fields or None), status=status)
