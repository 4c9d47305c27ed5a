"""``/jobs/ingest``: rows come as CSV, are written in batches of 10,000, and every one gets a result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from email import message_from_bytes
from typing import Any

from sandbox.salesforce.bulk.engine import Engine
from sandbox.salesforce.bulk.jobs import IngestJob, Jobs, dialect_of, page_of
from sandbox.salesforce.bulk.loading import Loader
from sandbox.salesforce.bulk.sheet import Sheet
from sandbox.salesforce.bulk.work import OPERATIONS
from sandbox.salesforce.calls import Answer, Call, Route, parse_json
from sandbox.salesforce.faults import refuse
from sandbox.salesforce.rows import Org
from sandbox.salesforce.schema import Field, SObject

LARGEST_UPLOAD = 150_000_000  # bytes in base64, which makes four of three (docs/vendors/salesforce.md, bulk jobs)


class Ingest:
    """The ingest jobs of one org.

    Args:
        org: Whose rows.
        engine: Works on the jobs between calls.
    """

    def __init__(self, org: Org, engine: Engine) -> None:
        self._org, self._engine = org, engine
        self._jobs: Jobs[IngestJob] = Jobs(org)
        self._loader = Loader(org, engine)

    def clear(self) -> None:
        """Forget every job."""
        self._jobs.clear()
        self._loader.clear()

    def routes(self) -> list[Route]:
        """What is served here."""
        unverified = "codes and texts of refusals"
        return [
            Route(
                "POST",
                "jobs/ingest",
                self._create,
                "bulk",
                "create a job: insert, update, upsert, delete, hardDelete; or with its CSV in one multipart request",
                unverified,
                takes="bytes",
            ),
            Route("GET", "jobs/ingest", self._list, "bulk", "the jobs, 1,000 a page"),
            Route("GET", "jobs/ingest/{job}", self._show, "bulk", "state and counts; a poll"),
            Route("PATCH", "jobs/ingest/{job}", self._move, "bulk", "UploadComplete or Aborted", unverified),
            Route("DELETE", "jobs/ingest/{job}", self._delete, "bulk", "forget a job that is done: 204", unverified),
            Route(
                "PUT",
                "jobs/ingest/{job}/batches",
                self._upload,
                "bulk",
                "the CSV, once, up to 100 MB: 201",
                unverified,
                takes="bytes",
            ),
            Route("GET", "jobs/ingest/{job}/successfulResults", self._successful, "bulk", "CSV in no certain order"),
            Route("GET", "jobs/ingest/{job}/failedResults", self._failed, "bulk", "CSV; sf__Id is empty text"),
            Route("GET", "jobs/ingest/{job}/unprocessedRecords", self._unprocessed, "bulk", "CSV as uploaded"),
        ]

    # -- calls ------------------------------------------------------------------------------------------------------

    def _create(self, call: Call) -> Answer:
        kind = call.headers.get("content-type", "")
        if not kind.startswith("multipart/form-data"):
            return Answer(200, self._new(call, _object(parse_json(call.body))).shape("Open"))
        parts = _parts(kind, call.body)
        job = self._new(call, _object(parse_json(parts.get("job", b""))))
        self._take(job, parts.get("content", b""))
        self._begin(job)
        return Answer(200, job.shape(job.state))

    def _new(self, call: Call, body: Mapping[str, Any]) -> IngestJob:
        operation = body.get("operation")
        if operation not in OPERATIONS:
            raise refuse("INVALIDJOB", f"InvalidJob : operation {operation}; there are {', '.join(OPERATIONS)}")
        sobject = call.org.schema.object(str(body.get("object", "")))
        if sobject is None:
            raise refuse("INVALIDENTITY", f"InvalidEntity : Entity {body.get('object')} is not supported")
        job = IngestJob(
            id=self._jobs.new_id(),
            operation=operation,
            object=sobject.name,
            api_version=float(call.version),
            created=call.org.clock.now(),
            created_by=call.org.user_id,
            dialect=dialect_of(body),
            sobject=sobject,
            key=_key(sobject, operation, body),
            caller=replace(call.caller, assignment=body.get("assignmentRuleId")),
        )
        return self._jobs.add(job)

    def _list(self, call: Call) -> Answer:
        shown = page_of(self._jobs.newest_first(), self._shape, call.query, f"{call.base}/jobs/ingest")
        return Answer(200, shown)

    def _show(self, call: Call) -> Answer:
        job = self._jobs.get(call.parts[2])
        job.polls += 1
        return Answer(200, job.shape(self._state(job), whole_story=True))

    def _shape(self, job: IngestJob) -> dict[str, Any]:
        return job.shape(self._state(job))

    def _state(self, job: IngestJob) -> str:
        return job.shown(self._org.switches.bulk_polls)

    def _upload(self, call: Call) -> Answer:
        self._take(self._jobs.get(call.parts[2]), call.body or b"")
        return Answer(201)

    def _take(self, job: IngestJob, content: bytes) -> None:
        if job.state != "Open" or job.upload is not None:
            raise refuse("INVALIDJOBSTATE", "InvalidJobState : a job takes one upload, while it is Open")
        if len(content) * 4 > LARGEST_UPLOAD * 3:
            raise refuse("LIMIT_EXCEEDED", "The upload is larger than 150 MB in base64; use several jobs")
        job.upload = Sheet(content)

    def _move(self, call: Call) -> Answer:
        job = self._jobs.get(call.parts[2])
        wanted = call.json_object().get("state")
        if wanted == "UploadComplete" and job.state == "Open":
            self._begin(job)
        elif wanted == "Aborted" and not job.is_done:
            self._abort(job)
        else:
            raise refuse("INVALIDJOBSTATE", f"InvalidJobState : a job that is {job.state} does not become {wanted}")
        job.touched = call.org.clock.now()
        return Answer(200, job.shape(job.state))

    def _begin(self, job: IngestJob) -> None:
        if job.upload is None:
            raise refuse("INVALIDJOBSTATE", "InvalidJobState : nothing was uploaded")
        job.state = "UploadComplete"
        self._engine.add(self._loader.work(job, job.upload))

    def _abort(self, job: IngestJob) -> None:
        is_idle = job.state == "Open"
        job.state = "Aborted"
        if is_idle and job.upload is not None:
            self._engine.add(self._loader.work(job, job.upload))

    def _delete(self, call: Call) -> Answer:
        self._jobs.remove(self._jobs.get(call.parts[2]))
        return Answer(204)

    def _successful(self, call: Call) -> Answer:
        return self._results(call, lambda job: job.successful)

    def _failed(self, call: Call) -> Answer:
        return self._results(call, lambda job: job.unsuccessful)

    def _unprocessed(self, call: Call) -> Answer:
        return self._results(call, lambda job: job.unprocessed)

    def _results(self, call: Call, sheet: Callable[[IngestJob], Sheet]) -> Answer:
        job = self._jobs.get(call.parts[2])
        if not job.is_done or self._state(job) != job.state:
            raise refuse("INVALIDJOBSTATE", f"InvalidJobState : the job is {self._state(job)}, and has no results yet")
        charset = ";charset=UTF-8" if self._org.switches.bulk_charset else ""
        return Answer(200, sheet(job).whole(), media=f"text/csv{charset}")


def _key(sobject: SObject, operation: str, body: Mapping[str, Any]) -> Field | None:
    name = body.get("externalIdFieldName")
    if operation != "upsert":
        if name:
            raise refuse("INVALIDJOB", "InvalidJob : externalIdFieldName is for upsert only")
        return None
    if not name:
        raise refuse("INVALIDJOB", "InvalidJob : External ID field name is required for upsert")
    field_ = sobject.field(str(name))
    if field_ is None or not field_.is_key:
        message = f"InvalidJob : Field name provided, '{name}' does not match an External ID for {sobject.name}"
        raise refuse("INVALIDJOB", message)
    return field_


def _object(body: Any) -> Mapping[str, Any]:
    if not isinstance(body, dict):
        raise refuse("JSON_PARSER_ERROR", "The HTTP entity body is required, and must be a JSON object")
    return body


def _parts(kind: str, body: bytes) -> dict[str, bytes]:
    """The parts of a multipart body by name."""
    message = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    found: dict[str, bytes] = {}
    for part in message.walk():
        name = part.get_param("name", header="content-disposition")
        if isinstance(name, str):
            payload = part.get_payload(decode=True)
            found[name] = payload if isinstance(payload, bytes) else b""
    return found
