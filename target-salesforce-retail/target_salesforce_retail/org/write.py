"""Writes: by external id, by record id, or not at all. Every one bears repetition.

No write runs the org's assignment rules, which would give a shopper's record a new owner at each visit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from target_salesforce_retail.metadata import ObjectDescribe
from target_salesforce_retail.nouns import Fault, Reason, Recovery, Result, Value
from target_salesforce_retail.org.blanks import BlankGuard
from target_salesforce_retail.org.collections import WriteKind, send_rows
from target_salesforce_retail.org.composite import Request
from target_salesforce_retail.org.ids import long_id
from target_salesforce_retail.org.judge import Body, Judge
from target_salesforce_retail.org.session import Session

HEADERS = {"Sforce-Auto-Assign": "FALSE"}
ALLOWING = {**HEADERS, "Sforce-Duplicate-Rule-Header": "allowSave=true"}
"""Saves although a duplicate rule of the kind that only warns objects."""
RowUpdate = tuple[str, Mapping[str, Value], Mapping[str, Value]]


def upsert(
    session: Session,
    name: str,
    key_field: str,
    rows: Sequence[Mapping[str, Value]],
    judge: Judge,
    *,
    allow_duplicates: bool,
) -> list[Result]:
    """Create or update by external id; each row holds its key.

    Raises:
        ValueError: A key occurs twice: what Salesforce does then is not documented, so the caller must not.
    """
    _refuse_twice("key", [row[key_field] for row in rows])
    url = f"{session.base}/composite/sobjects/{name}/{key_field}"
    kind = WriteKind(lambda records: _collection(url, records))
    headers = _headers(allow_duplicates)
    return send_rows(session, [(kind, _record(name, row)) for row in rows], headers, judge, key_field)


def update(
    session: Session,
    describe: ObjectDescribe,
    key_field: str,
    rows: Sequence[RowUpdate],
    judge: Judge,
    *,
    allow_duplicates: bool,
) -> list[Result]:
    """Update (id, body, blanks) triples; what a person wrote into a blank since it was read is put back.

    Raises:
        ValueError: An id occurs twice.
    """
    # Without regard to case: the last three letters tell ids apart that differ in the case of the others
    _refuse_twice("id", [(long_id(record_id) or record_id).lower() for record_id, _, _ in rows])
    plain = WriteKind(lambda records: _collection(f"{session.base}/composite/sobjects", records))
    filled = {
        record_id: {name: blanks[name] for name in blanks.keys() & body.keys()} for record_id, body, blanks in rows
    }
    guard = BlankGuard(session, describe, filled)

    def put_back(records: Sequence[Body], results: list[Result]) -> list[Result]:
        theirs = guard.overwritten(records, results)
        back = [
            (plain, _record(describe.name, {**found, "Id": records[place]["Id"]})) for place, found in theirs.items()
        ]
        # The org took it from that person: a rule that only warns may not refuse it now. And it is owed
        answers = send_rows(session, back, ALLOWING, judge, key_field, owed=True)
        for (place, found), answer in zip(theirs.items(), answers, strict=True):
            results[place] = answer if answer.fault else replace(results[place], kept=tuple(sorted(found)))
        return results

    filling = replace(plain, look=guard.look, seen=guard.note, amend=put_back)
    sent = [
        (filling if filled[record_id] else plain, _record(describe.name, {**body, "Id": record_id}))
        for record_id, body, _ in rows
    ]
    return send_rows(session, sent, _headers(allow_duplicates), judge, key_field)


def delete(session: Session, ids: Sequence[str], judge: Judge) -> list[Result]:
    """Delete by id; what is gone already counts as deleted, and what is no id is not sent: ids stand in the URL."""

    def request(chunk: Sequence[Body]) -> Request:
        listed = ",".join(str(each["Id"]) for each in chunk)
        return {"method": "DELETE", "url": f"{session.base}/composite/sobjects?ids={listed}&allOrNone=false"}

    kind = WriteKind(request)
    sent = [(kind, {"Id": record_id}) for record_id in ids if long_id(record_id)]
    answers = iter(send_rows(session, sent, HEADERS, judge))
    results = [next(answers) if long_id(record_id) else MALFORMED for record_id in ids]
    return [
        Result(record_id) if result.fault and result.fault.reason is Reason.GONE else result
        for record_id, result in zip(ids, results, strict=True)
    ]


MALFORMED = Result(None, fault=Fault(Reason.VALUE_REFUSED, Recovery.HOLD, "MALFORMED_ID", "this is no id", ("Id",)))


def _refuse_twice(what: str, values: Sequence[object]) -> None:
    if len(set(values)) != len(values):
        message = f"{what} twice in one call"
        raise ValueError(message)


def _headers(allow_duplicates: bool) -> Mapping[str, str]:
    return ALLOWING if allow_duplicates else HEADERS


def _record(name: str, row: Mapping[str, Value]) -> dict[str, Any]:
    return {"attributes": {"type": name}, **row}


def _collection(url: str, records: Sequence[Body]) -> Request:
    return {"method": "PATCH", "url": url, "body": {"allOrNone": False, "records": list(records)}}
