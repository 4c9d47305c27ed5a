"""Writes: by external id, by record id, or not at all. Every one bears repetition.

No write runs the org's assignment rules, which would give a shopper's record a new owner at each visit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from target_salesforce_retail.nouns import ObjectShape, Reason, Result, Value
from target_salesforce_retail.org.collections import Errand, Record, send
from target_salesforce_retail.org.composite import Request
from target_salesforce_retail.org.guard import Guard
from target_salesforce_retail.org.ids import long_id
from target_salesforce_retail.org.session import Session

HEADERS = {"Sforce-Auto-Assign": "FALSE"}
ALLOWING = {**HEADERS, "Sforce-Duplicate-Rule-Header": "allowSave=true"}
"""Saves although a duplicate rule of the kind that only warns objects."""
Update = tuple[str, Mapping[str, Value], frozenset[str]]


def upsert(
    session: Session, name: str, key_field: str, rows: Sequence[Mapping[str, Value]], *, allow_duplicates: bool
) -> list[Result]:
    """Create or update by external id; each row holds its key.

    Raises:
        ValueError: A key occurs twice: what Salesforce does then is not documented, so the caller must not.
    """
    _refuse_twice("key", [row[key_field] for row in rows])
    url = f"{session.base}/composite/sobjects/{name}/{key_field}"
    errand = Errand(lambda chunk: _collection(url, chunk), _headers(allow_duplicates), key_field)
    return send(session, errand, [_record(name, row) for row in rows])


def update(
    session: Session, shape: ObjectShape, key_field: str, rows: Sequence[Update], *, allow_duplicates: bool
) -> list[Result]:
    """Update (id, body, blanks) triples; what a person wrote into a blank since it was read is put back.

    Raises:
        ValueError: An id occurs twice.
    """
    _refuse_twice("id", [long_id(record_id) or record_id for record_id, _, _ in rows])
    updates = _Updates(session, shape, key_field)
    headers = _headers(allow_duplicates)
    guarded = [place for place, (_, body, blanks) in enumerate(rows) if blanks & body.keys()]
    plain = sorted(set(range(len(rows))) - set(guarded))
    results = dict(zip(plain, updates.send([rows[place] for place in plain], headers), strict=True))
    results |= zip(guarded, updates.fill([rows[place] for place in guarded], headers), strict=True)
    return [results[place] for place in range(len(rows))]


def delete(session: Session, ids: Sequence[str]) -> list[Result]:
    """Delete by id; what is gone already counts as deleted."""

    def request(chunk: Sequence[Record]) -> Request:
        listed = ",".join(str(each["Id"]) for each in chunk)
        return {"method": "DELETE", "url": f"{session.base}/composite/sobjects?ids={listed}&allOrNone=false"}

    results = send(session, Errand(request, HEADERS), [{"Id": record_id} for record_id in ids])
    return [
        Result(record_id) if result.fault and result.fault.reason is Reason.GONE else result
        for record_id, result in zip(ids, results, strict=True)
    ]


@dataclass(frozen=True)
class _Updates:
    """Updates of one object by record id."""

    session: Session
    shape: ObjectShape
    key_field: str

    def send(self, rows: Sequence[Update], headers: Mapping[str, str], *, owed: bool = False) -> list[Result]:
        """Write, whatever is there."""
        return self._run(Errand(self._request, headers, self.key_field, owed=owed), rows)

    def fill(self, rows: Sequence[Update], headers: Mapping[str, str]) -> list[Result]:
        """Write, and put back at once what a person had filled in just before.

        It was accepted from that person, so no duplicate rule that only warns may refuse it now; and it is owed,
        whatever the budget says.
        """
        guard = Guard(self.session, self.shape, {record_id: blanks & body.keys() for record_id, body, blanks in rows})
        results = self._run(Errand(self._request, headers, self.key_field, guard.look, guard.note), rows)
        theirs = {
            place: found
            for place, (record_id, body, _) in enumerate(rows)
            if results[place].fault is None and (found := guard.overwritten(record_id, body))
        }
        again: list[Update] = [(rows[place][0], found, frozenset()) for place, found in theirs.items()]
        for (place, found), answer in zip(theirs.items(), self.send(again, ALLOWING, owed=True), strict=True):
            results[place] = answer if answer.fault else replace(results[place], kept=tuple(sorted(found)))
        return results

    def _request(self, records: Sequence[Record]) -> Request:
        return _collection(f"{self.session.base}/composite/sobjects", records)

    def _run(self, errand: Errand, rows: Sequence[Update]) -> list[Result]:
        records = [_record(self.shape.name, {**body, "Id": record_id}) for record_id, body, _ in rows]
        return send(self.session, errand, records)


def _refuse_twice(what: str, values: Sequence[object]) -> None:
    if len(set(values)) != len(values):
        message = f"{what} twice in one call"
        raise ValueError(message)


def _headers(allow_duplicates: bool) -> Mapping[str, str]:
    return ALLOWING if allow_duplicates else HEADERS


def _record(name: str, row: Mapping[str, Value]) -> dict[str, Any]:
    return {"attributes": {"type": name}, **row}


def _collection(url: str, records: Sequence[Record]) -> Request:
    return {"method": "PATCH", "url": url, "body": {"allOrNone": False, "records": list(records)}}
