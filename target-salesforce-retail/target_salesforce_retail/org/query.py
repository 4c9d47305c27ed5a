"""SOQL: built with every value quoted, cut into chunks, and packed five to a call.

A composite call is one API call, takes five queries, and is not bound by the length of a URL
(docs/vendors/salesforce.md, composite, queries, comparing text). Text compares as the org compares it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timezone
from typing import Any
from urllib.parse import quote

from simple_salesforce.format import format_soql

from target_salesforce_retail.errors import OrgRefused
from target_salesforce_retail.metadata import ObjectDescribe
from target_salesforce_retail.nouns import Value
from target_salesforce_retail.org.composite import HEAVY_PER_CALL, no_answer, read
from target_salesforce_retail.org.ids import long_id
from target_salesforce_retail.org.session import Session

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
CHARACTERS_PER_QUERY = 20_000
"""Of the values of one statement; Salesforce takes 100,000 for the whole, and less when it finds it complicated."""
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
EARLIEST, LATEST = "1700-01-01", "4000-12-31"
"""Of the days that a field takes (docs/vendors/salesforce.md, values)."""
LONGEST_VALUE = 4_000
"""Of one value in a condition, and no field that can be asked for is longer."""
MASTERS = ("Id", "IsDeleted", "MasterRecordId")
FieldValues = dict[str, Value]
Condition = Mapping[str, Sequence[str]]
"""Field -> values, of which a record has one in each of the fields."""


@dataclass(frozen=True)
class Question:
    """What is asked of one object: rows that any of the conditions finds, with these fields."""

    describe: ObjectDescribe
    wanted: Sequence[Condition]
    fields: Iterable[str] = ()


def select(session: Session, questions: Sequence[Question]) -> list[list[FieldValues]]:
    """The rows for each question, each row once; the queries of all questions travel together."""
    queries = [(place, query) for place, question in enumerate(questions) for query in _statements(question)]
    found: list[dict[str, FieldValues]] = [{} for _ in questions]
    answers = _ask(session, [query for _, query in queries], "query")
    for (place, _), records in zip(queries, answers, strict=True):
        found[place] |= {record["Id"]: typed(record, questions[place].describe) for record in records}
    return [list(rows.values()) for rows in found]


def changed(
    session: Session, questions: Sequence[tuple[ObjectDescribe, Iterable[str]]], moment: datetime
) -> list[list[FieldValues]]:
    """For each (object, fields): the live rows that were created or changed at this moment or later."""
    since = moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    queries = [_select(describe.name, fields, f"SystemModstamp >= {since}") for describe, fields in questions]
    answers = _ask(session, queries, "query")
    return [
        [typed(record, describe) for record in records]
        for (describe, _), records in zip(questions, answers, strict=True)
    ]


def masters(session: Session, name: str, ids: Sequence[str]) -> dict[str, tuple[bool, str | None]]:
    """For each id, dead or alive: whether it is deleted, and the record it was merged into."""
    queries = [_select(name, MASTERS, f"({clause})") for clause in _clauses([{"Id": ids}], {})]
    found = (record for answer in _ask(session, queries, "queryAll") for record in answer)
    return {str(record["Id"]): (bool(record["IsDeleted"]), record.get("MasterRecordId")) for record in found}


def askable(describe: ObjectDescribe, wanted: Sequence[Condition]) -> list[Condition]:
    """What can be asked of an object.

    One malformed id refuses a whole query, and what is no Unicode cannot be sent at all: no record has such a value,
    so it is left out, and a condition for which nothing is left with it.

    Args:
        describe: The object.
        wanted: Conditions.
    """
    sent = ({field: _sent(describe, field, values) for field, values in each.items()} for each in wanted)
    return [condition for condition in sent if all(condition.values())]


def _sent(describe: ObjectDescribe, field: str, values: Sequence[str]) -> list[str]:
    kind = "id" if field == "Id" else _type(describe, field)
    start = describe.key_prefix if kind == "id" else ""
    if kind in ("id", "reference"):
        return [each for each in values if _is_id(each, start)]
    return [each for each in values if (_is_day(each) if kind == "date" else _is_text(each))]


def _type(describe: ObjectDescribe, field: str) -> str:
    return describe.fields[field].type if field in describe.fields else ""


def by_ids(base: str, name: str, ids: Sequence[str], fields: Iterable[str]) -> str:
    """The URL of one query for these ids, which must be few."""
    names = ", ".join(map(checked_name, ["Id", *fields]))
    clause = _every({"Id": ids}, {})
    return _url(base, "query", f"SELECT {names} FROM {checked_name(name)} WHERE {clause}")  # noqa: S608  # checked


def checked_name(text: str) -> str:
    """The name of an object or a field, for it is never quoted.

    Raises:
        OrgRefused: It is none.
    """
    if not NAME.fullmatch(text):
        raise OrgRefused("This is no name of an object or field.", where=repr(text), hint="Mend the mapping.")
    return text


def pages(session: Session, page: Any, fields: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The records of a query's answer, through all its pages.

    Raises:
        OrgRefused: A page is none, or a record lacks a field that was asked for: it would pass for a blank.
    """
    wanted = {field.lower() for field in fields}
    read = {""}
    while True:
        try:
            records, done = list(page["records"]), page["done"]
            following = "" if done else str(page["nextRecordsUrl"])
        except (LookupError, TypeError):
            raise no_answer("query") from None
        leads_on = done or (following.startswith("/services/") and following not in read)
        if not leads_on or not all(_is_record(record, wanted) for record in records):
            raise no_answer("query")
        yield from records
        if done:
            return
        read.add(following)
        page = session.call("GET", following).body


def typed(record: Mapping[str, Any], describe: ObjectDescribe) -> FieldValues:
    """A record whose dates and instants are such.

    Raises:
        OrgRefused: They are none.
    """
    fields = describe.fields
    try:
        return {
            name: _value(value, fields[name].type if name in fields else "string")
            for name, value in record.items()
            if name != "attributes"
        }
    except ValueError:
        raise no_answer("query") from None


def _is_record(record: Any, fields: Set[str]) -> bool:
    if not isinstance(record, dict) or not fields <= {str(name).lower() for name in record}:
        return False
    record_id = record.get("Id")
    return isinstance(record_id, str) and bool(long_id(record_id))


def _is_id(text: str, prefix: str) -> bool:
    return text.startswith(prefix) and bool(long_id(text))


def _is_day(text: str) -> bool:
    with suppress(ValueError):
        return bool(DAY.fullmatch(text) and date.fromisoformat(text)) and EARLIEST <= text <= LATEST
    return False


def _is_text(text: str) -> bool:
    return len(text) <= LONGEST_VALUE and not any("\ud800" <= letter <= "\udfff" for letter in text)


@dataclass(frozen=True)
class _Query:
    """A statement, and the fields that every record of its answer has, blank or not."""

    soql: str
    fields: tuple[str, ...]


def _statements(question: Question) -> Iterator[_Query]:
    asked = [field for condition in question.wanted for field in condition]
    fields = dict.fromkeys([*question.fields, *asked])
    types = {field: _type(question.describe, field) for field in asked}
    return (
        _select(question.describe.name, fields, f"({each})") for each in _clauses(_narrowed(question.wanted), types)
    )


def _narrowed(wanted: Sequence[Condition]) -> list[Condition]:
    """Without those that find nothing more: who has this e-mail and that number is among all who have this e-mail."""
    alone: dict[str, set[str]] = {}
    for condition in wanted:
        for field, values in condition.items() if len(condition) == 1 else ():
            alone.setdefault(field, set()).update(values)
    return [
        each
        for each in wanted
        if len(each) == 1 or not any(alone.get(field, set()).issuperset(values) for field, values in each.items())
    ]


def _select(name: str, fields: Iterable[str], clause: str) -> _Query:
    names = tuple(checked_name(field) for field in dict.fromkeys(["Id", *fields]))
    soql = f"SELECT {', '.join(names)} FROM {checked_name(name)} WHERE {clause}"  # noqa: S608  # names are checked
    return _Query(soql, names)


def _clauses(wanted: Iterable[Condition], types: Mapping[str, str]) -> Iterator[str]:
    """``A IN (...) OR (B IN (...) AND C IN (...))``, as many as there are chunks of values.

    Conditions of the same fields travel together: what they find is among what is found.
    """
    chunk: dict[tuple[str, ...], dict[str, dict[str, None]]] = {}
    size = 0
    for piece in _pieces(wanted):
        if size > CHARACTERS_PER_QUERY:
            yield _any(chunk, types)
            chunk, size = {}, 0
        group = chunk.setdefault(tuple(sorted(piece)), {field: {} for field in piece})
        for field, values in piece.items():
            size += sum(len(value) + 3 for value in values if value not in group[field])
            group[field] |= dict.fromkeys(values)
    if chunk:
        yield _any(chunk, types)


def _pieces(wanted: Iterable[Condition]) -> Iterator[Condition]:
    """Conditions of one field value by value, so that many of them can be cut into chunks; each condition once."""
    seen: set[object] = set()
    for condition in wanted:
        if len(condition) == 1:
            ((field, values),) = condition.items()
            pieces: Iterable[Condition] = ({field: (value,)} for value in values)
        else:
            pieces = (condition,)
        for piece in pieces:
            mark = tuple((field, *values) for field, values in piece.items())
            if mark not in seen:
                seen.add(mark)
                yield piece


def _any(chunk: Mapping[tuple[str, ...], Mapping[str, Iterable[str]]], types: Mapping[str, str]) -> str:
    clauses = [_every(group, types) for group in chunk.values()]
    return clauses[0] if len(clauses) == 1 else " OR ".join(f"({each})" for each in clauses)


def _every(group: Mapping[str, Iterable[str]], types: Mapping[str, str]) -> str:
    return " AND ".join(_within(field, list(values), types.get(field, "")) for field, values in group.items())


def _within(field: str, values: Sequence[str], kind: str) -> str:
    asked = [date.fromisoformat(each) for each in values] if kind == "date" else list(values)
    return format_soql(f"{checked_name(field)} IN {{}}", asked)


def _url(base: str, verb: str, soql: str) -> str:
    return f"{base}/{verb}?q={quote(soql)}"


def _ask(session: Session, queries: Sequence[_Query], verb: str) -> Iterator[list[dict[str, Any]]]:
    urls = [_url(session.base, verb, query.soql) for query in queries]
    for query, part in zip(queries, read(session, urls, HEAVY_PER_CALL), strict=True):
        yield list(pages(session, part.body, query.fields))


def _value(value: Any, kind: str) -> Value:
    if isinstance(value, str) and kind == "datetime":
        return datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%f%z")
    if isinstance(value, str) and kind == "date":
        return date.fromisoformat(value)
    result: Value = value
    return result
