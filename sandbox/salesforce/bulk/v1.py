"""Bulk 1.0 at ``/services/async``, as far as other loaders need it: jobs of batches, each batch with its results."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sandbox.salesforce.bulk import v1_wire as wire
from sandbox.salesforce.bulk.engine import Engine
from sandbox.salesforce.bulk.loading import SLICE
from sandbox.salesforce.bulk.query import cells, columns_of, parsed, run
from sandbox.salesforce.bulk.v1_jobs import Batch, Job, batch_info, times
from sandbox.salesforce.bulk.v1_wire import Invalid
from sandbox.salesforce.bulk.work import Task
from sandbox.salesforce.dml import Caller
from sandbox.salesforce.faults import Refused
from sandbox.salesforce.ids import long_id, make_id
from sandbox.salesforce.rows import Org
from sandbox.salesforce.values import vendor_time

LARGEST_BATCH = 10_000_000  # bytes
MOST_ROWS = 10_000
WRITES = ("insert", "update", "upsert", "delete", "hardDelete")
QUERIES = ("query", "queryAll")
_OLDEST, _NEWEST = 31.0, 68.0
_PATH = re.compile(r"/services/async/(\d+\.\d)/job(?:/(.*))?")


@dataclass(frozen=True)
class Reply:
    """Status, body and content type."""

    status: int
    body: bytes
    media: str


class OldBulk:
    """The jobs of Bulk 1.0 in one org."""

    def __init__(self, org: Org, engine: Engine) -> None:
        self._org, self._engine = org, engine
        self._jobs: dict[str, Job] = {}

    def clear(self) -> None:
        """Forget every job."""
        self._jobs.clear()

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes, *, is_open: bool) -> Reply:
        """Answer one call; ``is_open`` says whether its session is good."""
        is_json = self._is_json(path, headers)
        try:
            if not is_open:
                raise Invalid("InvalidSessionId", "Invalid session id")
            version, parts = self._place(path)
            self._org.calls["bulk"] += 1
            handler, status = self._handler(method, parts)
            return handler(_Ask(version, parts, body, headers, is_json, status))
        except Invalid as error:
            return Reply(error.status, wire.write_error(error, is_json=is_json), _media(is_json=is_json))

    def _is_json(self, path: str, headers: Mapping[str, str]) -> bool:
        """Batches are told in their job's format whatever a call says of itself, jobs as the call speaks.

        Both public taps of this vendor rely on it (docs/vendors/salesforce.md, bulk results).
        """
        found = _PATH.fullmatch(path)
        parts = (found[2] or "").split("/") if found else []
        job = self._jobs.get(long_id(parts[0]) or "") if len(parts) > 1 else None
        if job:
            return job.kind == "JSON"
        return "json" in headers.get("content-type", "") or "json" in headers.get("accept", "")

    def _place(self, path: str) -> tuple[str, list[str]]:
        found = _PATH.fullmatch(path)
        if found is None:
            raise Invalid("InvalidUrl", f"Destination URL not reset: {path}", 404)
        if not _OLDEST <= float(found[1]) <= _NEWEST:
            raise Invalid("InvalidVersion", f"Invalid API version {found[1]}; use {_OLDEST} to {_NEWEST}")
        return found[1], [part for part in (found[2] or "").split("/") if part]

    def _handler(self, method: str, parts: Sequence[str]) -> tuple[Callable[[_Ask], Reply], int]:
        shape = (method, len(parts), parts[3] if len(parts) > 3 else "")
        handlers: dict[tuple[str, int, str], tuple[Callable[[_Ask], Reply], int]] = {
            ("POST", 0, ""): (self._create, 201),
            ("GET", 1, ""): (self._show, 200),
            ("POST", 1, ""): (self._move, 200),
            ("POST", 2, ""): (self._add, 201),
            ("GET", 2, ""): (self._list, 200),
            ("GET", 3, ""): (self._show_batch, 200),
            ("GET", 4, "request"): (self._request, 200),
            ("GET", 4, "result"): (self._results, 200),
            ("GET", 5, "result"): (self._found, 200),
        }
        if shape not in handlers:
            raise Invalid("InvalidUrl", f"There is no {method} {'/'.join(parts)} below /job", 404)
        return handlers[shape]

    # -- jobs -------------------------------------------------------------------------------------------------------

    def _create(self, ask: _Ask) -> Reply:
        info = wire.read_info(ask.body, is_json=ask.is_json)
        operation, key = str(info.get("operation")), info.get("externalIdFieldName")
        sobject = self._org.schema.object(str(info.get("object")))
        if operation not in (*WRITES, *QUERIES):
            raise Invalid("InvalidJob", f"Unknown operation {operation}; there are {', '.join((*WRITES, *QUERIES))}")
        if sobject is None:
            raise Invalid("InvalidJob", f"Unable to find object: {info.get('object')}")
        if operation == "upsert" and not key:
            raise Invalid("InvalidJob", "External ID was blank. An external ID must be specified for upsert.")
        if ask.headers.get("sforce-enable-pkchunking", "false").lower() != "false":
            raise Invalid("FeatureNotEnabled", "PK chunking is not served here")
        kind = str(info.get("contentType") or "XML")
        if kind not in wire.MEDIA:
            raise Invalid("InvalidJob", f"Unknown contentType {kind}; there are {', '.join(wire.MEDIA)}")
        job = Job(
            id=make_id("750", self._org.count_up("750")),
            operation=operation,
            sobject=sobject,
            kind=kind,
            version=ask.version,
            stamp=self._now(),
            creator=self._org.user_id,
            mode="Serial" if str(info.get("concurrencyMode")) in {"Serial", "1"} else "Parallel",
            key=str(key) if operation == "upsert" else None,
        )
        self._jobs[job.id] = job
        return self._job(ask, job)

    def _show(self, ask: _Ask) -> Reply:
        return self._job(ask, self._find(ask))

    def _move(self, ask: _Ask) -> Reply:
        job, wanted = self._find(ask), wire.read_info(ask.body, is_json=ask.is_json).get("state")
        if wanted not in {"Closed", "Aborted"} or job.state != "Open":
            raise Invalid("InvalidJobState", f"A job that is {job.state} does not become {wanted}")
        job.state = str(wanted)
        for batch in job.batches.values():
            if wanted == "Aborted" and batch.state == "Queued":
                batch.state = "NotProcessed"
        return self._job(ask, job)

    def _find(self, ask: _Ask) -> Job:
        job = self._jobs.get(long_id(ask.parts[0]) or "")
        if job is None:
            raise Invalid("InvalidJob", f"Invalid job id: {ask.parts[0]}")
        return job

    def _job(self, ask: _Ask, job: Job) -> Reply:
        count = [batch.state for batch in job.batches.values()].count
        done = [batch for batch in job.batches.values() if batch.state == "Completed"]
        info = {
            "id": job.id,
            "operation": job.operation,
            "object": job.sobject.name,
            "createdById": job.creator,
            "createdDate": job.stamp,
            "systemModstamp": self._now(),
            "state": job.state,
            **({"externalIdFieldName": job.key} if job.key else {}),
            "concurrencyMode": job.mode,
            "contentType": job.kind,
            "numberBatchesQueued": count("Queued"),
            "numberBatchesInProgress": count("InProgress"),
            "numberBatchesCompleted": count("Completed"),
            "numberBatchesFailed": count("Failed"),
            "numberBatchesTotal": len(job.batches),
            "numberRecordsProcessed": sum(batch.rows for batch in done),
            "numberRetries": 0,
            "apiVersion": float(job.version) if ask.is_json else job.version,
            "numberRecordsFailed": sum(bool(one.faults) for batch in done for one in batch.results),
            **times(sum(batch.rows for batch in done)),
        }
        return ask.reply("jobInfo", info)

    # -- batches ----------------------------------------------------------------------------------------------------

    def _add(self, ask: _Ask) -> Reply:
        job = self._find(ask)
        if job.state != "Open":
            raise Invalid("InvalidJobState", f"A job that is {job.state} takes no batch")
        if len(ask.body) > LARGEST_BATCH:
            raise Invalid("ExceededQuota", f"A batch holds at most {LARGEST_BATCH} bytes")
        if not ask.body.strip():
            raise Invalid("ClientInputError", "The batch is empty; it must hold rows or a query")
        batch = Batch(make_id("751", self._org.count_up("751")), self._now(), ask.body)
        job.batches[batch.id] = batch
        self._engine.add(self._work(job, batch))
        return self._batch(ask, job, batch)

    def _list(self, ask: _Ask) -> Reply:
        job = self._find(ask)
        return ask.reply("batchInfo", [batch_info(job, batch) for batch in job.batches.values()])

    def _show_batch(self, ask: _Ask) -> Reply:
        return self._batch(ask, self._find(ask), self._find_batch(ask))

    def _find_batch(self, ask: _Ask) -> Batch:
        batch = self._find(ask).batches.get(long_id(ask.parts[2]) or "")
        if batch is None:
            raise Invalid("InvalidBatch", f"Invalid batch id: {ask.parts[2]}")
        return batch

    def _batch(self, ask: _Ask, job: Job, batch: Batch) -> Reply:
        return ask.reply("batchInfo", batch_info(job, batch))

    def _request(self, ask: _Ask) -> Reply:
        return Reply(200, self._find_batch(ask).body, wire.MEDIA[self._find(ask).kind])

    def _results(self, ask: _Ask) -> Reply:
        job, batch = self._find(ask), self._find_batch(ask)
        if batch.state != "Completed":
            raise Invalid("InvalidBatch", f"Batch not completed: it is {batch.state}")
        if job.operation not in QUERIES:
            return Reply(200, wire.write_results(batch.results, job.kind), wire.MEDIA[job.kind])
        result_id = f"752{batch.id[3:15]}"
        if job.kind == "JSON":
            return Reply(200, f'["{result_id}"]'.encode(), wire.MEDIA["JSON"])
        listed = f'<result-list xmlns="{wire.NAMESPACE}"><result>{result_id}</result></result-list>'
        return Reply(200, listed.encode(), wire.MEDIA["XML"])

    def _found(self, ask: _Ask) -> Reply:
        return Reply(200, self._find_batch(ask).found, wire.MEDIA[self._find(ask).kind])

    # -- work -------------------------------------------------------------------------------------------------------

    def _work(self, job: Job, batch: Batch) -> Iterator[None]:
        yield
        if batch.state == "NotProcessed":
            return
        batch.state = "InProgress"
        try:
            yield from self._read(job, batch) if job.operation in QUERIES else self._write(job, batch)
            batch.state = "Completed"
        except Invalid as error:
            batch.state, batch.message = "Failed", f"{error.code} : {error.message}"
        except Refused as refused:
            batch.state, batch.message = "Failed", f"InvalidBatch : {refused}"
        batch.touched = self._now()

    def _write(self, job: Job, batch: Batch) -> Iterator[None]:
        rows, places = wire.read_rows(batch.body, job.kind, job.sobject)
        if len(rows) > MOST_ROWS:
            raise Invalid("InvalidBatch", f"Records not processed: a batch holds at most {MOST_ROWS} rows")
        key = self._org.key_field(job.sobject, job.key) if job.key else None
        task = Task(self._org, job.sobject, job.operation, key, Caller(), places)
        for start in range(0, len(rows), SLICE):
            part = [wire.unnulled(row) for row in rows[start : start + SLICE]]
            repeats = task.repeats(part)
            with self._org.one_save():
                batch.results += [task.do(row, repeats) for row in part]
            yield
        batch.rows = len(rows)

    def _read(self, job: Job, batch: Batch) -> Iterator[None]:
        soql = batch.body.decode()
        names = columns_of(self._org, parsed(self._org, soql))
        records = run(self._org, soql, deleted=job.operation == "queryAll")
        yield
        batch.found = wire.write_rows(names, [cells(record, names) for record in records], job.kind)
        batch.rows = len(records)

    def _now(self) -> str:
        return vendor_time(self._org.clock.now()).replace("+0000", "Z")


@dataclass(frozen=True)
class _Ask:
    """One call below ``/job``."""

    version: str
    parts: list[str]
    body: bytes
    headers: Mapping[str, str]
    is_json: bool
    status: int

    def reply(self, name: str, info: wire.Info | Sequence[wire.Info]) -> Reply:
        """The answer that says this."""
        return Reply(self.status, wire.write_info(name, info, is_json=self.is_json), _media(is_json=self.is_json))


def _media(*, is_json: bool) -> str:
    return "application/json" if is_json else "application/xml"
