"""Search by words: SOSL and parameterized search over an index that lags behind (docs/vendors/salesforce.md, search).

Rows younger than the lag are not found, nor are those edited since: the vendor's index finds these by their old words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sandbox.salesforce.calls import Answer, Call, Route
from sandbox.salesforce.faults import Refused, refuse
from sandbox.salesforce.row import Row
from sandbox.salesforce.schema import TEXT_TYPES, Field, SObject
from sandbox.salesforce.soql import SoqlError, select
from sandbox.salesforce.values import vendor_time

LONGEST = 100_000
MOST = 2_000
MOST_OF_OBJECT = 250
SCOPES = {"ALL": TEXT_TYPES, "NAME": frozenset[str](), "EMAIL": frozenset({"email"}), "PHONE": frozenset({"phone"})}
_SOSL = re.compile(
    r"\s*FIND\s*\{(?P<words>(?:\\.|[^\\}])*)\}"
    r"(?:\s+IN\s+(?P<scope>\w+)\s+FIELDS)?"
    r"(?:\s+RETURNING\s+(?P<returning>.*?))?"
    r"(?:\s+LIMIT\s+(?P<limit>\d+))?\s*",
    re.IGNORECASE | re.DOTALL,
)
_OBJECT = re.compile(r"\s*(\w+)\s*(?:\(((?:[^()']|'(?:\\.|[^\\'])*'|\([^()]*\))*)\))?\s*(?:,|$)", re.DOTALL)
_INSIDE = re.compile(
    r"\s*(?P<fields>[\w.,\s]*?)(?:\s+WHERE\s+(?P<where>.*?))?(?:\s+ORDER\s+BY\s+(?P<order>.*?))?"
    r"(?:\s+LIMIT\s+(?P<limit>\d+))?\s*",
    re.IGNORECASE | re.DOTALL,
)
_WORD = re.compile(r'"(?P<phrase>(?:\\.|[^"\\])*)"|(?P<word>(?:\\.|[^\s"])+)')
_SPLIT = re.compile(r"[^\w*?]+")


@dataclass(frozen=True)
class Wanted:
    """What one object is to give."""

    name: str
    fields: Sequence[str] = ("Id",)
    where: str = ""
    order: str = ""
    limit: int = MOST_OF_OBJECT


class Search:
    """The search resources of one org."""

    def routes(self) -> list[Route]:
        """What is served here."""
        says = "an index that lags, at most 2,000 rows and 250 an object"
        return [
            Route("GET", "search", self._sosl, "search", f"SOSL over {says}", "ranking, WITH clauses"),
            Route("GET", "parameterizedSearch", self._by_query, "search", f"by parameters over {says}"),
            Route("POST", "parameterizedSearch", self._by_body, "search", f"by a body over {says}"),
        ]

    def clear(self) -> None:
        """Nothing is remembered."""

    def _sosl(self, call: Call) -> Answer:
        text = call.query.get("q", "")
        found = _SOSL.fullmatch(text)
        if len(text) > LONGEST:
            raise refuse("MALFORMED_SEARCH", f"A search holds at most {LONGEST} characters")
        if found is None:
            raise refuse("MALFORMED_SEARCH", "No search term found. The search term must be enclosed in braces.")
        limit = int(found["limit"] or MOST)
        wanted = _returning(found["returning"]) if found["returning"] else _everything(call)
        return _found(call, found["words"], (found["scope"] or "ALL").upper(), wanted, limit)

    def _by_query(self, call: Call) -> Answer:
        fields = tuple(name for name in call.query.get("fields", "Id").split(",") if name)
        names = [name for name in call.query.get("sobject", "").split(",") if name]
        wanted = [Wanted(name, fields) for name in names] or _everything(call)
        scope, limit = call.query.get("in", "ALL"), call.query.get("overallLimit", str(MOST))
        return _found(call, call.query.get("q", ""), scope.upper(), wanted, int(limit))

    def _by_body(self, call: Call) -> Answer:
        body = call.json_object()
        common = body.get("fields") or ["Id"]
        wanted = [_asked(one, common) for one in body.get("sobjects") or ()] or _everything(call)
        scope, limit = str(body.get("in", "ALL")).upper(), int(body.get("overallLimit", MOST))
        return _found(call, str(body.get("q", "")), scope, wanted, limit)


def _asked(one: Mapping[str, Any], common: Sequence[str]) -> Wanted:
    limit = int(one.get("limit", MOST_OF_OBJECT))
    return Wanted(str(one.get("name")), tuple(one.get("fields") or common), str(one.get("where") or ""), "", limit)


def _everything(call: Call) -> list[Wanted]:
    return [Wanted(one.name) for one in call.org.schema.objects.values()]


def _returning(text: str) -> list[Wanted]:
    wanted, place = [], 0
    while place < len(text):
        found = _OBJECT.match(text, place)
        inside = _INSIDE.fullmatch(found[2] or "") if found else None
        if found is None or inside is None:
            raise refuse(
                "MALFORMED_SEARCH", f"unexpected token in RETURNING at {place + 1}: {text[place : place + 20]}"
            )
        fields = tuple(name.strip() for name in inside["fields"].split(",") if name.strip()) or ("Id",)
        limit = int(inside["limit"] or MOST_OF_OBJECT)
        wanted.append(Wanted(found[1], fields, inside["where"] or "", inside["order"] or "", limit))
        place = found.end()
    return wanted


def _found(call: Call, words: str, scope: str, wanted: Sequence[Wanted], limit: int) -> Answer:
    if scope not in SCOPES:
        raise refuse("MALFORMED_SEARCH", f"unknown scope {scope}; there are {', '.join(SCOPES)}")
    tests = [*_tests(words)]
    if not any(len(part) > 1 for test in tests for part in test):
        raise refuse("MALFORMED_SEARCH", "The search term must be longer than one character")
    records: list[dict[str, Any]] = []
    for one in wanted:
        records += _of_object(call, one, scope, tests)
    return Answer(200, {"searchRecords": records[: min(limit, MOST)]})


def _of_object(call: Call, one: Wanted, scope: str, tests: Sequence[Sequence[str]]) -> list[dict[str, Any]]:
    sobject = call.org.schema.object(one.name)
    if sobject is None:
        raise refuse("INVALID_TYPE", f"sObject type '{one.name}' is not supported.")
    ids = {row["Id"] for row in _indexed(call, sobject) if _matches(row, _searched(sobject, scope), tests)}
    if not ids:
        return []
    where, order = f" WHERE {one.where}" if one.where else "", f" ORDER BY {one.order}" if one.order else ""
    fields = dict.fromkeys(["Id", *one.fields])
    try:
        hits = select(call.org, f"SELECT {', '.join(fields)} FROM {sobject.name}{where}{order}", base=call.base).records
    except SoqlError as error:
        raise Refused(*refuse("MALFORMED_SEARCH", error.message).faults) from error
    shown = [hit for hit in hits if hit["Id"] in ids][: one.limit]
    return shown if "Id" in one.fields else [{key: hit[key] for key in hit if key != "Id"} for hit in shown]


def _indexed(call: Call, sobject: SObject) -> Iterator[Row]:
    """Rows that the index has caught up with."""
    lag = timedelta(seconds=call.org.switches.search_lag_seconds)
    latest = vendor_time(call.org.clock.now() - lag)
    for row in call.org.tables[sobject.name].values():
        if not row["IsDeleted"] and row["SystemModstamp"] <= latest:
            yield row


def _searched(sobject: SObject, scope: str) -> list[Field]:
    if scope == "NAME":
        return [one for one in sobject.fields.values() if one.name_field or one.compound == "Name"]
    return [one for one in sobject.fields.values() if one.type in SCOPES[scope]]


def _matches(row: Row, fields: Sequence[Field], tests: Sequence[Sequence[str]]) -> bool:
    texts = [_words(str(value)) for one in fields if (value := row.get(one.name))]
    return all(any(_holds(words, test) for words in texts) for test in tests)


def _tests(text: str) -> Iterator[tuple[str, ...]]:
    """The terms of a search, each as the words that must stand in a row; AND is what several words mean."""
    for found in _WORD.finditer(text):
        term = re.sub(r"\\(.)", r"\1", found["phrase"] or found["word"])
        if term.upper() != "AND":
            yield tuple(_words(term))


def _words(text: str) -> list[str]:
    return [word for word in _SPLIT.split(text.lower()) if word]


def _holds(words: Sequence[str], term: Sequence[str]) -> bool:
    patterns = [re.compile(re.escape(part).replace(r"\*", ".*").replace(r"\?", ".")) for part in term]
    return any(
        all(one.fullmatch(word) for one, word in zip(patterns, words[start:], strict=False))
        for start in range(len(words) - len(term) + 1)
    )
