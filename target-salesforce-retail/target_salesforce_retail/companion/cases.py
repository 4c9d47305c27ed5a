"""Runs the cases beside the mappings: given a record and rows in the org, expect an action. Needs no Salesforce."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator

from target_salesforce_retail.companion.memory_org import MemoryOrg, describes_of
from target_salesforce_retail.errors import MappingError
from target_salesforce_retail.ledger.store import open_ledger
from target_salesforce_retail.mapping.build import Problems
from target_salesforce_retail.mapping.load import documents_of, load, text_of
from target_salesforce_retail.mapping.places import Document, Place, Problem, did_you_mean, sentence
from target_salesforce_retail.mapping.rules import Mappings, StreamMapping
from target_salesforce_retail.nouns import Arrival, Outcome, Value
from target_salesforce_retail.pipeline import Pipeline

FIELD_VALUES = {"type": "object", "description": "Field -> value."}
CASE_GRAMMAR: dict[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "additionalProperties": False,
        "required": ["name", "given", "expect"],
        "properties": {
            "name": {"type": "string"},
            "given": {
                "type": "object",
                "additionalProperties": False,
                "required": ["record"],
                "properties": {
                    "record": {"type": "object"},
                    "org": {"type": "object", "additionalProperties": {"type": "array", "items": FIELD_VALUES}},
                },
            },
            "expect": {
                "type": "object",
                "additionalProperties": False,
                "required": ["verdict"],
                "properties": {
                    "verdict": {"enum": ["created", "updated", "unchanged", "skipped", "held"]},
                    "object": {"type": "string"},
                    "id": {"type": "string"},
                    "rule": {"type": "string"},
                    "reason": {"type": "string"},
                    "sent": FIELD_VALUES,
                    "left_out": {"type": "array", "items": {"type": "string"}},
                    "removed": {"type": "integer"},
                },
            },
        },
    },
}


@dataclass(frozen=True)
class CaseResult:
    """One case; ``problem`` is None when it holds."""

    place: Place
    name: str
    problem: str | None


def run_cases(folder: Path) -> list[CaseResult]:
    """Run every ``<stream>.cases.yml`` of a folder.

    Raises:
        MappingError: The mappings or the cases are wrong; every problem with file:line.
    """
    mappings = load(folder)
    problems: Problems = []
    documents = [document for path in sorted(folder.glob("*.cases.yml")) for document in _read(path, problems)]
    problems += [
        document.problem_at(1, "no mapping for this stream")
        for document in documents
        if mappings.of(_stream(document)) is None
    ]
    if not problems:
        problems += [problem for document in documents for problem in _strangers(document, mappings)]
    if problems:
        raise MappingError([str(problem) for problem in problems], hint="Mend the cases.")
    return [
        _run(case, mappings, mapping, document.place(index))
        for document in documents
        if (mapping := mappings.of(_stream(document)))
        for index, case in enumerate(document.data)
    ]


def _read(path: Path, problems: Problems) -> list[Document]:
    """The documents of one file; those that are no cases are added to ``problems``."""
    documents = documents_of(text_of(path, problems), str(path), problems, "case")
    validator = Draft7Validator(CASE_GRAMMAR)
    problems += [
        problem
        for document in documents
        for error in validator.iter_errors(document.data)
        for problem in sentence(document, error)
    ]
    return documents


def _strangers(document: Document, mappings: Mappings) -> Iterator[Problem]:
    """Rows of objects that no mapping names: nothing would ever find them."""
    known = sorted(describes_of(mappings))
    for index, case in enumerate(document.data):
        for name in map(str, case["given"].get("org", {})):
            if name not in known:
                hint = did_you_mean(name, known)
                yield document.problem([index, "given", "org", name], f"no mapping names the object `{name}`{hint}")


def _stream(document: Document) -> str:
    return Path(document.file).name.removesuffix(".cases.yml")


def _run(case: Any, mappings: Mappings, mapping: StreamMapping, place: Place) -> CaseResult:
    outcome = outcome_of(case["given"], mappings, mapping)
    expected = {name: _plain(value) for name, value in case["expect"].items()}
    got = {
        "verdict": outcome.verdict.value,
        "object": outcome.object,
        "id": outcome.id,
        "rule": outcome.rule,
        "reason": outcome.reason.value if outcome.reason else None,
        "sent": {name: _plain(value) for name, value in outcome.sent.items()},
        "left_out": list(outcome.omitted),
        "removed": outcome.removed,
    }
    wrong = [f"{name} is {got[name]!r}, expected {value!r}" for name, value in expected.items() if got[name] != value]
    return CaseResult(place, str(case["name"]), "; ".join(wrong) or None)


def outcome_of(given: Any, mappings: Mappings, mapping: StreamMapping) -> Outcome:
    """What the pipeline makes of the record, with these rows in the org."""
    describes = describes_of(mappings)
    org = MemoryOrg(describes)
    for name, rows in given.get("org", {}).items():
        for row in rows:
            org.put(str(name), {str(field): _value(value) for field, value in row.items()})
    record = {str(name): value for name, value in given["record"].items()}
    arrival = Arrival(mapping.stream, f"{record.get('account_id')}:{record.get('id')}", record)
    pipeline = Pipeline(mappings, org, open_ledger("sqlite://"), describes)
    return pipeline.run(mapping.stream, [arrival])[0]


def _value(value: Any) -> Value:
    plain: Value = value
    return plain


def _plain(value: Any) -> Any:
    """As YAML would say it, so that what was sent compares with what the case expects."""
    if isinstance(value, dict):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, bool | int | str) or value is None:
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    return float(value)
