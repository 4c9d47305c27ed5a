"""``/jobs/query``: the rows of a SOQL query as CSV, in pages (docs/vendors/salesforce.md, bulk queries)."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.salesforce.bulk.dialect import Dialect
from sandbox.salesforce.bulk.engine import Engine
from sandbox.salesforce.bulk.jobs import Job, Jobs, dialect_of, page_of
from sandbox.salesforce.calls import Answer, Call, Route
from sandbox.salesforce.faults import refuse
from sandbox.salesforce.rows import Org
from sandbox.salesforce.schema import SObject
from sandbox.salesforce.soql import Records, SoqlError, check, select
from sandbox.salesforce.soql.ast import FieldItem, Query
from sandbox.salesforce.soql.parse import parse

PAGE = 50_000  # rows of a result page when the client names no number


@dataclass
class QueryJob(Job):
    """A job that reads rows."""

    soql: str = ""
    columns: tuple[str, ...] = ()
    records: Records = field(default_factory=lambda: Records((), dict))

    def shape(self, state: str, *, whole_story: bool = False) -> dict[str, Any]:
        """The job as JSON; counts and times are told of single jobs only."""
        shown = self.info(state)
        if not whole_story:
            return shown
        told = {"jobType": "V2Query", "retries": self.retries, "totalProcessingTime": self.processed // 100}
        told["numberRecordsProcessed"] = self.processed
        return {**shown, **told, **({"errorMessage": self.error} if self.error else {})}


class QueryJobs:
    """The query jobs of one org."""

    def __init__(self, org: Org, engine: Engine) -> None:
        self._org, self._engine = org, engine
        self._jobs: Jobs[QueryJob] = Jobs(org)

    def clear(self) -> None:
        """Forget every job."""
        self._jobs.clear()

    def routes(self) -> list[Route]:
        """What is served here."""
        unverified = "codes and texts of refusals"
        return [
            Route("POST", "jobs/query", self._create, "bulk", "create a job: query or queryAll", unverified),
            Route("GET", "jobs/query", self._list, "bulk", "the jobs, 1,000 a page"),
            Route("GET", "jobs/query/{job}", self._show, "bulk", "state and counts; a poll"),
            Route("PATCH", "jobs/query/{job}", self._abort, "bulk", "Aborted", unverified),
            Route("DELETE", "jobs/query/{job}", self._delete, "bulk", "forget a job that is done: 204", unverified),
            Route("GET", "jobs/query/{job}/results", self._results, "bulk", "CSV by maxRecords and locator"),
        ]

    def _create(self, call: Call) -> Answer:
        body = call.json_object()
        operation, soql = body.get("operation"), str(body.get("query", ""))
        if operation not in {"query", "queryAll"}:
            raise refuse("INVALIDJOB", f"InvalidJob : operation {operation}; there are query, queryAll")
        query = parsed(self._org, soql)
        job = QueryJob(
            id=self._jobs.new_id(),
            operation=operation,
            object=str(query.source),
            api_version=float(call.version),
            created=call.org.clock.now(),
            created_by=call.org.user_id,
            dialect=dialect_of(body),
            state="UploadComplete",
            soql=soql,
            columns=columns_of(call.org, query),
        )
        self._engine.add(self._work(job))
        return Answer(200, self._jobs.add(job).shape(job.state))

    def _list(self, call: Call) -> Answer:
        return Answer(200, page_of(self._jobs.newest_first(), self._shape, call.query, f"{call.base}/jobs/query"))

    def _shape(self, job: QueryJob) -> dict[str, Any]:
        return job.shape(self._state(job))

    def _show(self, call: Call) -> Answer:
        job = self._jobs.get(call.parts[2])
        job.polls += 1
        return Answer(200, job.shape(self._state(job), whole_story=True))

    def _state(self, job: QueryJob) -> str:
        return job.shown(self._org.switches.bulk_polls)

    def _abort(self, call: Call) -> Answer:
        job = self._jobs.get(call.parts[2])
        if call.json_object().get("state") != "Aborted" or job.is_done:
            raise refuse("INVALIDJOBSTATE", f"InvalidJobState : a job that is {job.state} can only be Aborted, once")
        job.state = "Aborted"
        return Answer(200, job.shape(job.state))

    def _delete(self, call: Call) -> Answer:
        self._jobs.remove(self._jobs.get(call.parts[2]))
        return Answer(204)

    def _work(self, job: QueryJob) -> Iterator[None]:
        yield
        if job.state != "Aborted":
            job.records = run(self._org, job.soql, deleted=job.operation == "queryAll")
            job.processed, job.state, job.touched = len(job.records), "JobComplete", self._org.clock.now()

    def _results(self, call: Call) -> Answer:
        job = self._jobs.get(call.parts[2])
        if job.state != "JobComplete" or self._state(job) != job.state:
            raise refuse("INVALIDJOBSTATE", f"InvalidJobState : the job is {self._state(job)}, and has no results yet")
        start, most = _place(call.query.get("locator", "")), int(call.query.get("maxRecords") or PAGE)
        rows = job.records[start : start + most]
        end = start + len(rows)
        headers = {
            "Sforce-NumberOfRecords": str(len(rows)),
            "Sforce-Locator": _locator(end) if end < len(job.records) else "null",
        }
        charset = ";charset=UTF-8" if self._org.switches.bulk_charset else ""
        return Answer(200, _page(job.dialect, job.columns, rows), headers, media=f"text/csv{charset}")


def _page(dialect: Dialect, columns: Sequence[str], records: Sequence[Mapping[str, Any]]) -> bytes:
    return dialect.write([columns, *(map(_text, cells(record, columns)) for record in records)]).encode()


def cells(record: Mapping[str, Any], columns: Sequence[str]) -> list[Any]:
    """The values of a record that the columns name; those of a parent that is not there are null."""
    return [_reached(record, column.split(".")) for column in columns]


def _reached(record: Mapping[str, Any], path: Sequence[str]) -> Any:
    value: Any = record
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _locator(place: int) -> str:
    return base64.urlsafe_b64encode(str(place).encode()).decode().rstrip("=")


def _place(locator: str) -> int:
    if not locator:
        return 0
    try:
        return int(base64.urlsafe_b64decode(f"{locator}{'=' * (-len(locator) % 4)}"))
    except ValueError:
        raise refuse("INVALID_QUERY_LOCATOR", f"invalid query locator {locator}") from None


def parsed(org: Org, soql: str) -> Query:
    """The query; what the org lacks is refused before the job is made."""
    try:
        query = parse(soql)
        check(org, soql)
    except SoqlError as error:
        raise refuse(error.code, error.message) from error
    if query.group or query.offset or not all(isinstance(item, FieldItem) for item in query.items):
        message = "InvalidBatch : aggregates, GROUP BY, OFFSET, FIELDS() and sub-queries are not for Bulk queries"
        raise refuse("FEATURENOTENABLED", message)
    return query


def columns_of(org: Org, query: Query) -> tuple[str, ...]:
    """The header of the results: as the schema spells the fields."""
    sobject = org.object(str(query.source))
    paths = (item.path.steps for item in query.items if isinstance(item, FieldItem))
    return tuple(_spelt(sobject, steps) for steps in paths)


def _spelt(sobject: SObject, steps: Sequence[str]) -> str:
    head, *rest = steps
    if not rest:
        field_ = sobject.field(head)
        return field_.name if field_ else head
    relation = sobject.relationships.get(head.lower())
    return ".".join([str(relation.relationship) if relation else head, *rest])


def run(org: Org, soql: str, *, deleted: bool) -> Records:
    """The records of a query; raises Refused."""
    try:
        return select(org, soql, deleted=deleted).records
    except SoqlError as error:
        raise refuse(error.code, error.message) from error
