"""SOQL: built with every value quoted, cut into chunks, and packed five to a call.

A composite call is one API call, takes five queries, and is not bound by the length of a URL (facts: Salesforce,
sections 6 and 7). Text compares as the org compares it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from simple_salesforce.format import format_soql

from target_salesforce_retail.errors import OrgRefused
from target_salesforce_retail.nouns import ObjectShape, Value
from target_salesforce_retail.org.session import Session

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
CHARACTERS_PER_QUERY = 20_000
"""Of the values of one statement; Salesforce takes 100,000 for the whole, and less when it finds it complicated."""
QUERIES_PER_CALL = 5
Record = dict[str, Value]


def select(
    session: Session, shape: ObjectShape, wanted: Mapping[str, Sequence[str]], fields: Iterable[str], where: str = ""
) -> list[Record]:
    """Rows of one object where any wanted field has any of its values, each row once.

    Args:
        session: The session.
        shape: The object.
        wanted: Field -> values.
        fields: Fields to bring, ``Id`` apart.
        where: A further condition, as SOQL.
    """
    names = [_name(field) for field in dict.fromkeys(["Id", *fields, *wanted])]
    head = f"SELECT {', '.join(names)} FROM {_name(shape.name)} WHERE "  # noqa: S608  # names are checked
    tail = f" AND {where}" if where else ""
    queries = [f"{head}({condition}){tail}" for condition in _conditions(wanted)]
    found = (record for answer in _ask(session, queries, "query") for record in answer)
    return list({str(record["Id"]): _typed(record, shape) for record in found}.values())


def masters(session: Session, name: str, ids: Sequence[str]) -> dict[str, tuple[bool, str | None]]:
    """For each id, dead or alive: whether it is deleted, and the record it was merged into."""
    head = f"SELECT Id, IsDeleted, MasterRecordId FROM {_name(name)} WHERE "  # noqa: S608  # names are checked
    queries = [f"{head}({condition})" for condition in _conditions({"Id": ids})]
    found = (record for answer in _ask(session, queries, "queryAll") for record in answer)
    return {str(record["Id"]): (bool(record["IsDeleted"]), record.get("MasterRecordId")) for record in found}


def _conditions(wanted: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """``A IN (...) OR B IN (...)``, as many as there are chunks of values."""
    chunk: dict[str, list[str]] = {}
    size = 0
    for field, values in wanted.items():
        for value in dict.fromkeys(values):
            if size > CHARACTERS_PER_QUERY:
                yield _condition(chunk)
                chunk, size = {}, 0
            chunk.setdefault(field, []).append(value)
            size += len(value) + 3
    if chunk:
        yield _condition(chunk)


def _condition(chunk: Mapping[str, Sequence[str]]) -> str:
    return " OR ".join(format_soql(f"{_name(field)} IN {{}}", list(values)) for field, values in chunk.items())


def _name(text: str) -> str:
    if not NAME.fullmatch(text):
        raise OrgRefused("This is no name of an object or field.", where=repr(text), hint="Mend the mapping.")
    return text


def _ask(session: Session, queries: Sequence[str], verb: str) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(queries), QUERIES_PER_CALL):
        packed = [
            {"method": "GET", "url": f"{session.base}/{verb}?q={quote(soql)}", "referenceId": f"q{number}"}
            for number, soql in enumerate(queries[start : start + QUERIES_PER_CALL])
        ]
        answer = session.call("POST", f"{session.base}/composite", body={"compositeRequest": packed})
        for part in answer.body["compositeResponse"]:
            if part["httpStatusCode"] != 200:
                code = part["body"][0].get("errorCode") if isinstance(part["body"], list) else ""
                raise OrgRefused(
                    f"Salesforce refused a query: {part['httpStatusCode']} {code}.",
                    where=verb,
                    hint="Check the mapping's fields against the org with `salesforce-retail preflight`.",
                )
            yield from _pages(session, part["body"])


def _pages(session: Session, page: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    yield page["records"]
    while not page["done"]:
        page = session.call("GET", page["nextRecordsUrl"]).body
        yield page["records"]


def _typed(record: Mapping[str, Any], shape: ObjectShape) -> Record:
    fields = shape.fields
    return {
        name: _value(value, fields[name].type if name in fields else "string")
        for name, value in record.items()
        if name != "attributes"
    }


def _value(value: Any, kind: str) -> Value:
    if isinstance(value, str) and kind == "datetime":
        return datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%f%z")
    if isinstance(value, str) and kind == "date":
        return date.fromisoformat(value)
    result: Value = value
    return result
