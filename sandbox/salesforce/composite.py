"""Several requests in one: Composite with references, and Batch without (docs/vendors/salesforce.md, composite)."""

from __future__ import annotations

import json
import re
from typing import Any

from sandbox.salesforce.calls import INHERITED, Answer, Call, Handler, Route, split_path
from sandbox.salesforce.faults import Refused, refuse

# The limits are documented, the code that refuses more is not verified.
_LIMIT = 25
_HEAVY_LIMIT = 5
_REFERENCE = re.compile(r"@\{([^}.\[]+)((?:\.[^}.\[]+|\[\d+\])+)\}")
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+)\]")
_HALTED = {
    "errorCode": "PROCESSING_HALTED",
    "message": "The transaction was rolled back since another operation in the same transaction failed.",
}


class _Undo(Exception):
    """Leaves the atomic block at the first subrequest that fails."""


class _NoValue(Exception):
    """A reference leads nowhere."""


def composite(call: Call, perform: Handler) -> Answer:
    """``POST /composite``: up to 25 subrequests that may refer to earlier answers; one call of the allowance."""
    body = call.json_object()
    requests = requests_of(body)
    done: list[dict[str, Any]] = []
    if body.get("allOrNone") is True:
        return Answer(200, {"compositeResponse": all_or_none(call, requests, perform)})
    for request in requests:
        done.append(_subrequest(call, request, perform, done))
    return Answer(200, {"compositeResponse": done})


def all_or_none(call: Call, requests: list[dict[str, Any]], perform: Handler) -> list[dict[str, Any]]:
    """The answers of subrequests of which the first that fails undoes all."""
    done: list[dict[str, Any]] = []
    try:
        with call.org.atomic():
            for request in requests:
                done.append(_subrequest(call, request, perform, done))
                if done[-1]["httpStatusCode"] >= 300:
                    raise _Undo
    except _Undo:
        halted = [_part(request, 400, [_HALTED]) for request in requests]
        halted[len(done) - 1] = done[-1]
        return halted
    return done


def requests_of(body: dict[str, Any], *, limit: int = _LIMIT) -> list[dict[str, Any]]:
    """The subrequests of a body.

    Raises:
        Refused: no list, a missing or doubled referenceId, a header that is inherited, too many, or a composite inside.
    """
    requests = body.get("compositeRequest")
    if not isinstance(requests, list) or not all(isinstance(one, dict) and "url" in one for one in requests):
        raise refuse("JSON_PARSER_ERROR", "The compositeRequest must be a list of subrequests, each with a url")
    names = [one.get("referenceId") for one in requests]
    if not all(names):
        raise refuse("JSON_PARSER_ERROR", "Missing required field: referenceId")
    if len(set(names)) < len(names):
        raise refuse("JSON_PARSER_ERROR", "Every subrequest needs a referenceId of its own")
    if any(name.lower() in INHERITED for one in requests for name in one.get("httpHeaders") or ()):
        message = f"A subrequest has these headers from the request: {', '.join(INHERITED)}; they cannot be its own"
        raise refuse("INVALID_INPUT", message)
    if len(requests) > limit:
        raise refuse("LIMIT_EXCEEDED", f"The number of subrequests exceeds the limit of {limit}")
    if sum(map(_is_heavy, requests)) > _HEAVY_LIMIT:
        message = f"The number of sObject Collections and query subrequests exceeds the limit of {_HEAVY_LIMIT}"
        raise refuse("LIMIT_EXCEEDED", message)
    return requests


def _is_heavy(request: dict[str, Any]) -> bool:
    try:
        _, parts = split_path(request["url"].partition("?")[0])
    except Refused:
        return False
    words = [part.lower() for part in parts[:2]]
    return words[:1] in (["query"], ["queryall"]) or words == ["composite", "sobjects"]


def _subrequest(call: Call, request: dict[str, Any], perform: Handler, done: list[dict[str, Any]]) -> dict[str, Any]:
    answers = {one["referenceId"]: one["body"] for one in done}
    try:
        url = _filled(request["url"], answers)
        body = _filled(request.get("body"), answers)
    except _NoValue as lost:
        fault = {"errorCode": "PROCESSING_HALTED", "message": f"Invalid reference specified. No value for {lost}"}
        return _part(request, 400, [fault])
    answer = _perform(call, request, perform, url, body, inherits=call.org.switches.composite_inherits_headers)
    return _part(request, answer.status, answer.body, answer.headers)


def _perform(
    call: Call, request: dict[str, Any], perform: Handler, url: str, body: Any, *, inherits: bool = True
) -> Answer:
    try:
        inner = call.at(request.get("method", "GET"), url, request.get("httpHeaders") or {}, body, inherits=inherits)
        if inner.parts[:1] == ["composite"] and inner.parts[1:2] != ["sobjects"]:
            raise refuse("INVALID_INPUT", f"{url} cannot be a subrequest of another composite")
        return perform(inner)
    except Refused as refused:
        return Answer(refused.status, [fault.entry() for fault in refused.faults])


def _part(request: dict[str, Any], status: int, body: Any, headers: dict[str, str] | None = None) -> dict[str, Any]:
    return {
        "body": body,
        "httpHeaders": headers or {},
        "httpStatusCode": status,
        "referenceId": request["referenceId"],
    }


def _filled(value: Any, answers: dict[str, Any]) -> Any:
    """The value with every ``@{ref.field}`` replaced; raises _NoValue."""
    if isinstance(value, str):
        return _REFERENCE.sub(lambda found: _reached(found, answers), value) if "@{" in value else value
    if isinstance(value, dict):
        return {name: _filled(one, answers) for name, one in value.items()}
    return [_filled(one, answers) for one in value] if isinstance(value, list) else value


def _reached(found: re.Match[str], answers: dict[str, Any]) -> str:
    path = found.group(0)[2:-1]
    try:
        reached = answers[found.group(1)]
        for name, position in _STEP.findall(found.group(2)):
            reached = reached[name] if name else reached[int(position)]
    except (KeyError, IndexError, TypeError):
        raise _NoValue(path) from None
    if reached is None:
        raise _NoValue(path)
    return reached if isinstance(reached, str) else json.dumps(reached, default=float)


def batch(call: Call, perform: Handler) -> Answer:
    """``POST /composite/batch``: up to 25 independent subrequests, each a call of the allowance."""
    body = call.json_object()
    requests = body.get("batchRequests")
    if not isinstance(requests, list) or len(requests) > _LIMIT:
        raise refuse("LIMIT_EXCEEDED", f"The number of subrequests exceeds the limit of {_LIMIT}")
    results: list[dict[str, Any]] = []
    for request in requests:
        halted = body.get("haltOnError") is True and any(one["statusCode"] >= 400 for one in results)
        results.append(_halted_result() if halted else _batch_result(call, request, perform))
    call.org.calls["batch"] += len(requests)
    return Answer(200, {"hasErrors": any(one["statusCode"] >= 400 for one in results), "results": results})


def _batch_result(call: Call, request: dict[str, Any], perform: Handler) -> dict[str, Any]:
    url = request.get("url", "")
    url = url if url.startswith("/") else f"/services/data/{url}"
    answer = _perform(call, request, perform, url, request.get("richInput"))
    return {"statusCode": answer.status, "result": answer.body}


def _halted_result() -> dict[str, Any]:
    message = "The transaction was halted because an earlier subrequest failed"
    return {"statusCode": 412, "result": [{"errorCode": "BATCH_PROCESSING_HALTED", "message": message}]}


def routes(perform: Handler) -> list[Route]:
    """What is served here.

    Args:
        perform: Answers one subrequest.
    """
    return [
        Route(
            "POST",
            "composite",
            lambda call: composite(call, perform),
            "composite",
            "up to 25 subrequests, 5 of them Collections or queries, with references; one call of the allowance",
        ),
        Route(
            "POST",
            "composite/batch",
            lambda call: batch(call, perform),
            "",
            "up to 25 independent subrequests, each a call of the allowance; haltOnError",
        ),
    ]
