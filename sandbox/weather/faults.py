"""Every fault that weather can inject, declared once: validation, both vendors' bodies and the reference follow.

Source: docs/vendors/salesforce.md, requests, bulk jobs, duplicate rules, faults; docs/vendors/lightspeed-r-series.md,
limits, errors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

LATER = "Please try again later."
PAGE = "<html><head><title>Please wait</title></head><body>Please wait</body></html>"


@dataclass(frozen=True)
class FaultKind:
    """One kind of fault.

    Attributes:
        name: What a plan calls it.
        says: One line for the reference.
        strikes: "call" answers instead of the vendor, "connection" spoils the way, "row" refuses single rows.
        status: HTTP status of the answer.
        code: Salesforce's errorCode.
        message: What the answer says.
        headers: Further headers of Lightspeed's answer.
    """

    name: str
    says: str
    strikes: Literal["call", "connection", "row"] = "call"
    status: int = 0
    code: str = "UNKNOWN_EXCEPTION"
    message: str = "An unexpected error occurred."
    headers: tuple[tuple[str, str], ...] = ()


_LEAKY = (("retry-after", "1"), ("x-ls-api-ratelimit-type", "api-leaky-bucket"))
_LEAKY_BARE = _LEAKY[1:]
_BURST = (("x-ls-api-ratelimit-type", "api-burst-limiter"),)
_BURST_WAIT = (("retry-after", "1"), *_BURST)
_ELSEWHERE = (("location", "/elsewhere"),)
_CALLS = (
    FaultKind("301", "a redirect", status=301, headers=_ELSEWHERE),
    FaultKind("302", "a redirect", status=302, headers=_ELSEWHERE),
    FaultKind("303", "a redirect", status=303, headers=_ELSEWHERE),
    FaultKind("307", "a redirect that repeats the call with its body", status=307, headers=_ELSEWHERE),
    FaultKind("308", "a redirect that repeats the call with its body", status=308, headers=_ELSEWHERE),
    FaultKind("400", "the call is refused", status=400),
    FaultKind("400-later", "Lightspeed's 400 that passes", status=400, message=LATER),
    FaultKind(
        "401", "the session is over", status=401, code="INVALID_SESSION_ID", message="Session expired or invalid"
    ),
    FaultKind(
        "403",
        "the day's calls are used up",
        status=403,
        code="REQUEST_LIMIT_EXCEEDED",
        message="TotalRequests Limit exceeded.",
    ),
    FaultKind(
        "403-concurrent",
        "too many long calls at once",
        status=403,
        code="REQUEST_LIMIT_EXCEEDED",
        message="ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
    ),
    FaultKind("404", "no such resource", status=404, code="NOT_FOUND", message="The requested resource does not exist"),
    FaultKind("405", "no such method", status=405),
    FaultKind("408", "the call took too long to come", status=408),
    FaultKind("409", "a conflict", status=409),
    FaultKind("412", "a precondition failed", status=412),
    FaultKind("415", "the content type is not supported", status=415, code="UNSUPPORTED_MEDIA_TYPE"),
    FaultKind("420", "the org is gone, as scratch orgs are", status=420),
    FaultKind("422", "the call cannot be meant so", status=422),
    FaultKind("429", "the leaky bucket is full; Retry-After says when", status=429, headers=_LEAKY),
    FaultKind("429-bare", "the leaky bucket is full; no Retry-After", status=429, headers=_LEAKY_BARE),
    FaultKind("429-burst", "too many calls in a moment; no Retry-After", status=429, headers=_BURST),
    FaultKind("429-burst-wait", "too many calls in a moment; Retry-After says when", status=429, headers=_BURST_WAIT),
    FaultKind("500", "an unexpected error", status=500),
    FaultKind("502", "a proxy's page", status=502, message=PAGE),
    FaultKind(
        "503",
        "the service is away",
        status=503,
        code="SERVER_UNAVAILABLE",
        message="The service is temporarily unavailable.",
    ),
    FaultKind("504", "a proxy's page", status=504, message=PAGE),
    FaultKind("html", "a page with status 200", status=200, message=PAGE),
    FaultKind("200-error", "an error's body with status 200", status=200),
    FaultKind(
        "QUERY_TIMEOUT",
        "the query took too long",
        status=400,
        code="QUERY_TIMEOUT",
        message="Your query request was running for too long.",
    ),
    FaultKind(
        "REQUEST_RUNNING_TOO_LONG",
        "the call took ten minutes",
        status=400,
        code="REQUEST_RUNNING_TOO_LONG",
        message="Your request was running for too long, and has been stopped.",
    ),
)
_CONNECTIONS = (
    FaultKind("drop", "the connection breaks without an answer", "connection"),
    FaultKind("cut", "the connection breaks in the middle of the answer's body", "connection"),
    FaultKind("garbled", "the answer says that it is packed, and it is not", "connection"),
    FaultKind("truncate", "half of the answer's body, as if it were all", "connection"),
    FaultKind("slow", "the answer comes after `seconds`", "connection"),
    FaultKind("slow_body", "the answer's body comes in ten pieces over `seconds`", "connection"),
    FaultKind("skew", "the answer's `Date` is `seconds` ahead; behind, when they are negative", "connection"),
    FaultKind("400-echo", "the call is refused, and the answer quotes its `Authorization`", "connection", status=400),
    FaultKind("next_self", "the page's link to the next one leads to the page itself", "connection"),
    FaultKind("repeat", "the page begins one row too early: the one that ended the page before", "connection"),
    FaultKind("rows_renamed", "the page's rows come under another name", "connection"),
    FaultKind("rows_gone", "the page has no rows and is the last, as if the table were empty", "connection"),
    FaultKind("within_renamed", "the rows of the lists within the page's rows come under another name", "connection"),
    FaultKind(
        "within_gone", "the lists within the page's rows do not come, as if nobody had asked for them", "connection"
    ),
    FaultKind("no_attributes", "the page has no `@attributes`, and with them no link to the next one", "connection"),
    FaultKind("unheeded", "the page is that of a question without filters", "connection"),
)
_TRIGGER = "Trigger: execution of BeforeInsert caused by: "
_ROWS = tuple(
    FaultKind(code, says, "row", code=code, message=message)
    for code, says, message in (
        (
            "UNABLE_TO_LOCK_ROW",
            "somebody else holds the row or its parent",
            "unable to obtain exclusive access to this record or 1 records",
        ),
        ("UNABLE_TO_LOCK_RECORD", "likewise", "unable to obtain exclusive access to this record"),
        (
            "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
            "a trigger fails, with a lock inside its text",
            f"{_TRIGGER}UNABLE_TO_LOCK_ROW, unable to obtain exclusive access to this record",
        ),
        (
            "FIELD_CUSTOM_VALIDATION_EXCEPTION",
            "a validation rule refuses",
            "This record does not fit the rules of this org.",
        ),
        ("TOO_MANY_APEX_REQUESTS", "too much code runs at once", "Too many Apex requests in progress."),
        ("REQUEST_TIMEOUT_OR_CONFLICT", "a time-out or a conflict", "The request timed out or met another."),
        ("INSUFFICIENT_ACCESS_OR_READONLY", "no right to write this row", "insufficient access rights on object id"),
    )
)
FAULTS = {kind.name: kind for kind in (*_CALLS, *_CONNECTIONS, *_ROWS)}
