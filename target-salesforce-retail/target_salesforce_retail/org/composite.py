"""Several requests in one call of the allowance: what goes out, and whether what comes back can be an answer at all.

Source: docs/vendors/salesforce.md, composite. A call takes 25 requests, of which five may be queries or sObject
Collections.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from target_salesforce_retail.errors import OrgBusy, OrgRefused, RequestRefused
from target_salesforce_retail.invocation import invoked
from target_salesforce_retail.org.faults import fault_of, is_error, passes
from target_salesforce_retail.org.session import Session
from target_salesforce_retail.org.wire import Answer

REQUESTS_PER_CALL = 25
HEAVY_PER_CALL = 5
"""Of them queries or sObject Collections."""
OF_CONTENT = frozenset({400, 413, 414, 431})
"""Statuses that may be for what a request holds, and not for what it was addressed to."""
Request = dict[str, Any]


@dataclass(frozen=True)
class Subresponse:
    """The answer to one request.

    Attributes:
        status: Its HTTP status.
        body: Its JSON.
        spoiled: The call as a whole could not be read, whoever is to blame.
        repeated: See ``Answer``.
    """

    status: int
    body: Any
    spoiled: bool = False
    repeated: bool = False

    @property
    def refused(self) -> bool:
        """True for anything but a success."""
        return self.status >= 300

    @property
    def passing(self) -> bool:
        """True for a fault that time alone cures."""
        return self.refused and passes(self.status, self.body)

    @property
    def status_and_code(self) -> str:
        """The status and Salesforce's code, without its words."""
        return _status_and_code(self.status, self.body)


def exchange(
    session: Session, requests: Sequence[Request], headers: Mapping[str, str] | None = None, *, owed: bool = False
) -> list[Subresponse]:
    """One call; the parts in the order of the requests.

    Args:
        session: The session.
        requests: Method, url and body of each.
        headers: Set on the call and on each request: a request takes from the call only who asks and which format.
        owed: See ``Session.call``.

    Raises:
        RequestRefused: The call was refused for something that it holds.
        OrgRefused: The answer is none.
    """
    with_headers = {"httpHeaders": dict(headers)} if headers else {}
    packed = [{**request, **with_headers, "referenceId": f"r{number}"} for number, request in enumerate(requests)]
    body = {"allOrNone": False, "collateSubrequests": False, "compositeRequest": packed}
    answer = session.call(
        "POST", f"{session.base}/composite", body=body, headers=headers, judged=OF_CONTENT | {404}, owed=owed
    )
    if answer.status == 400 and is_error(answer.body) and fault_of(answer.body).code == "JSON_PARSER_ERROR":
        return [Subresponse(400, answer.body, spoiled=True)] * len(requests)
    parts = _parts(answer, len(requests))
    if parts is None:
        raise _no_parts(answer)
    return parts


def read(session: Session, urls: Sequence[str], per_call: int, *, absent: bool = False) -> list[Subresponse]:
    """What GET says of each URL, in order, packed into as few calls as may be; what passes is asked again.

    Args:
        session: The session.
        urls: From ``/services`` on.
        per_call: So many to a call.
        absent: Whether 404 is an answer; else it is refused like anything else.

    Raises:
        RequestRefused: One of them is refused.
        OrgBusy: One of them is still not answered after the attempts.
    """
    answers: dict[int, Subresponse] = {}
    pending = list(range(len(urls)))
    trouble = ""
    for attempt in range(session.attempts):
        if attempt:
            session.pause(attempt - 1)
        again: list[int] = []
        for start in range(0, len(pending), per_call):
            places = pending[start : start + per_call]
            parts = exchange(session, [{"method": "GET", "url": urls[place]} for place in places])
            for place, part in zip(places, parts, strict=True):
                if part.passing:
                    again.append(place)
                    trouble = part.status_and_code
                elif part.refused and not (absent and part.status == 404):
                    raise _refused(part, urls[place])
                else:
                    answers[place] = part
        if not again:
            return [answers[place] for place in range(len(urls))]
        pending = again
    raise busy(trouble, session.attempts)


def no_answer(where: str) -> OrgRefused:
    """What to raise for an answer that is not of the form that was agreed."""
    return OrgRefused(
        "Salesforce's answer is none: it has not the form that its documentation gives.",
        where=where,
        hint="Nothing of it is acknowledged; the next run asks again. Look for a proxy in between if it stays.",
    )


def _parts(answer: Answer, count: int) -> list[Subresponse] | None:
    body = answer.body
    listed = body.get("compositeResponse") if isinstance(body, dict) else None
    if answer.status >= 300 or not isinstance(listed, list) or len(listed) != count:
        return None
    named = all(
        isinstance(each, dict)
        and each.get("referenceId") == f"r{number}"
        and isinstance(each.get("httpStatusCode"), int)
        for number, each in enumerate(listed)
    )
    if not named:
        return None
    return [Subresponse(each["httpStatusCode"], each.get("body"), repeated=answer.repeated) for each in listed]


def _no_parts(answer: Answer) -> OrgRefused:
    if answer.status in OF_CONTENT:
        refused = RequestRefused(
            f"Salesforce refused a composite call: {_status_and_code(answer.status, answer.body)}.",
            where="composite",
            hint="Check api_version, the permission set and the org's limits.",
        )
        return _of_content(refused, answer.status, answer.body)
    if answer.status == 404:
        return OrgRefused(
            "Salesforce has no composite resource at this address: 404.",
            where="composite",
            hint="Check api_version, and that login_url is the org's My Domain.",
        )
    return no_answer("composite")


def _refused(part: Subresponse, url: str) -> RequestRefused:
    refused = RequestRefused(
        f"Salesforce refused a request: {part.status_and_code}.",
        where=url.partition("?")[0],
        hint=f"Check the mapping's objects and fields against the org with {invoked('preflight')}.",
    )
    return _of_content(refused, part.status, part.body)


def _of_content(refused: RequestRefused, status: int, body: Any) -> RequestRefused:
    refused.code = fault_of(body).code if is_error(body) else ""
    refused.of_a_row = status in OF_CONTENT
    return refused


def busy(trouble: str, attempts: int, where: str = "composite") -> OrgBusy:
    """What to raise for a request that is still not answered after the attempts."""
    return OrgBusy(
        f"Salesforce did not answer after {attempts} attempts: {trouble}.",
        where=where,
        hint="Nothing is lost: the state stays where it was, and the next run goes on from there.",
    )


def _status_and_code(status: int, body: Any) -> str:
    return f"{status} {fault_of(body).code}" if is_error(body) else str(status)
