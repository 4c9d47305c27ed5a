"""sObject Collections: up to 200 rows a request, five requests a call, and a result for every row in order.

Facts: Salesforce sections 5 and 6. All-or-none is never asked for: one refused row must not take its neighbours down.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from target_salesforce_retail.errors import OrgRefused
from target_salesforce_retail.nouns import Fault, Reason, Recovery, Result, Value
from target_salesforce_retail.org.faults import SENT_ALONE, WAITED_OUT, fault_of
from target_salesforce_retail.org.session import Session

ROWS_PER_REQUEST = 200
REQUESTS_PER_CALL = 5
ATTEMPTS = 4
Rows = Sequence[Mapping[str, Value]]
Request = dict[str, Any]


def upsert(session: Session, name: str, key_field: str, rows: Rows) -> list[Result]:
    """Create or update by external id; each row holds its key.

    Raises:
        ValueError: A key occurs twice: what Salesforce does then is not documented, so the caller must not.
    """
    keys = [row[key_field] for row in rows]
    if len(set(keys)) != len(keys):
        raise ValueError("a key occurs twice in one upsert")
    url = f"{session.base}/composite/sobjects/{name}/{key_field}"
    return _write(session, [_record(name, row) for row in rows], lambda chunk: _collection("PATCH", url, chunk))


def update(session: Session, name: str, rows: Sequence[tuple[str, Mapping[str, Value]]]) -> list[Result]:
    """Update (id, body) pairs."""
    url = f"{session.base}/composite/sobjects"
    records = [_record(name, {**body, "Id": record_id}) for record_id, body in rows]
    return _write(session, records, lambda chunk: _collection("PATCH", url, chunk))


def delete(session: Session, ids: Sequence[str]) -> list[Result]:
    """Delete by id; what is gone already counts as deleted."""

    def request(chunk: Sequence[Mapping[str, Value]]) -> Request:
        listed = ",".join(str(each["Id"]) for each in chunk)
        return {"method": "DELETE", "url": f"{session.base}/composite/sobjects?ids={listed}&allOrNone=false"}

    results = _write(session, [{"Id": record_id} for record_id in ids], request)
    return [
        Result(record_id) if result.fault and result.fault.reason is Reason.GONE else result
        for record_id, result in zip(ids, results, strict=True)
    ]


def _record(name: str, row: Mapping[str, Value]) -> dict[str, Any]:
    return {"attributes": {"type": name}, **row}


def _collection(method: str, url: str, records: Sequence[Mapping[str, Any]]) -> Request:
    return {"method": method, "url": url, "body": {"allOrNone": False, "records": list(records)}}


def _write(
    session: Session, records: Sequence[Mapping[str, Any]], request: Callable[[Sequence[Mapping[str, Any]]], Request]
) -> list[Result]:
    """Send all rows; rows that met a lock are sent again after a pause, and halted ones alone."""
    results = _once(session, records, request, ROWS_PER_REQUEST)
    for attempt in range(ATTEMPTS - 1):
        again = [index for index, result in enumerate(results) if _worth_another(result)]
        if not again:
            break
        session.pause(attempt)
        alone = any(_fault(results[index]).code in SENT_ALONE for index in again)
        size = 1 if alone else ROWS_PER_REQUEST
        answers = _once(session, [records[index] for index in again], request, size)
        for index, answer in zip(again, answers, strict=True):
            results[index] = answer
    return results


def _worth_another(result: Result) -> bool:
    return result.fault is not None and _fault(result).code in WAITED_OUT | SENT_ALONE


def _fault(result: Result) -> Fault:
    assert result.fault is not None  # noqa: S101
    return result.fault


def _once(
    session: Session,
    records: Sequence[Mapping[str, Any]],
    request: Callable[[Sequence[Mapping[str, Any]]], Request],
    size: int,
) -> list[Result]:
    chunks = [records[start : start + size] for start in range(0, len(records), size)]
    results: list[Result] = []
    for start in range(0, len(chunks), REQUESTS_PER_CALL):
        packed = chunks[start : start + REQUESTS_PER_CALL]
        requests = [{**request(chunk), "referenceId": f"c{number}"} for number, chunk in enumerate(packed)]
        body = {"allOrNone": False, "compositeRequest": requests}
        answer = session.call("POST", f"{session.base}/composite", body=body)
        for chunk, part in zip(packed, answer.body["compositeResponse"], strict=True):
            results += _results(chunk, part)
    return results


def _results(chunk: Sequence[Mapping[str, Any]], part: Mapping[str, Any]) -> list[Result]:
    """One result per row; a request that was refused as a whole gives its fault to each of its rows."""
    body = part["body"]
    if part["httpStatusCode"] >= 300:
        fault = fault_of(body if isinstance(body, list) else [])
        if fault.recovery is Recovery.STOP:
            raise OrgRefused(
                f"Salesforce refused a whole request: {part['httpStatusCode']} {fault.code}.",
                where="composite/sobjects",
                hint="Run `salesforce-retail preflight`, and check the permission set.",
            )
        return [Result(None, fault=fault)] * len(chunk)
    if len(body) != len(chunk):
        raise OrgRefused(
            f"{len(chunk)} rows were sent and {len(body)} results came back.",
            where="composite/sobjects",
            hint="Nothing of the batch is acknowledged; the next run sends it again.",
        )
    return [_result(entry) for entry in body]


def _result(entry: Mapping[str, Any]) -> Result:
    if entry.get("success"):
        return Result(str(entry["id"]), created=bool(entry.get("created")))
    return Result(None, fault=fault_of(entry.get("errors") or []))
