"""How an ingest job writes its rows: batches of 10,000, transactions of 200, every row with a result of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from sandbox.salesforce.bulk.dialect import Line, Unreadable
from sandbox.salesforce.bulk.engine import Engine
from sandbox.salesforce.bulk.jobs import IngestJob
from sandbox.salesforce.bulk.results import Sheets
from sandbox.salesforce.bulk.sheet import Sheet
from sandbox.salesforce.bulk.work import Columns, Done, Task
from sandbox.salesforce.faults import Fault
from sandbox.salesforce.rows import Org

BATCH = 10_000
SLICE = 200
DAILY_ROWS = 150_000_000


class Loader:
    """Writes the rows of jobs.

    Args:
        org: Whose rows.
        engine: Whose trouble strikes.
        daily_rows: How many rows jobs may write in a day.
    """

    def __init__(self, org: Org, engine: Engine, daily_rows: int = DAILY_ROWS) -> None:
        self._org, self._engine, self._daily_rows = org, engine, daily_rows
        self._rows: dict[Any, int] = {}

    def clear(self) -> None:
        """Forget what was written today."""
        self._rows.clear()

    def work(self, job: IngestJob, upload: Sheet) -> Iterator[None]:
        """Write the rows, a slice of 200 per step."""
        try:
            header, lines = job.dialect.read(upload)
            columns = Columns(header, job.sobject)
            if columns.unknown and self._org.switches.bulk_unknown_column == "fail":
                raise Unreadable(f"InvalidBatch : Field name not found : {columns.unknown[0]}")
            yield from self._batches(job, header, columns, lines)
        except Unreadable as error:
            job.fail(str(error))
        job.touched = self._org.clock.now()

    def _batches(self, job: IngestJob, header: list[str], columns: Columns, lines: Iterator[Line]) -> Iterator[None]:
        if job.state != "Aborted":
            job.state = "InProgress"
        sheets = Sheets(job, [header[place] for place in columns.known], self._tail)
        task = Task(self._org, job.sobject, job.operation, job.key, job.caller, columns.places)
        while batch := list(islice(lines, BATCH)):
            for start in range(0, len(batch), SLICE):
                rows = batch[start : start + SLICE]
                yield from self._wait(job)
                if job.is_done:
                    sheets.leave(rows, columns)
                else:
                    sheets.note(rows, self._slice(job, task, columns, rows), columns)
                    self._strike(job)
                yield
            sheets.flush()
        if not job.is_done:
            job.state = "JobComplete"

    @property
    def _tail(self) -> str:
        return "--" if self._org.switches.bulk_error_tail else ""

    def _slice(self, job: IngestJob, task: Task, columns: Columns, rows: Sequence[Line]) -> list[Done]:
        read = [None if line.fault else columns.values(line.cells) for line in rows]
        repeats = task.repeats(read)
        results = []
        for line, values in zip(rows, read, strict=True):
            if values is None:
                results.append(Done(faults=(Fault("INVALID_BATCH", line.fault),)))
            else:
                results.append(task.do(values, repeats))
        job.processed += len(rows)
        job.failed += sum(bool(done.faults) for done in results)
        self._count(job, len(rows))
        return results

    def _count(self, job: IngestJob, rows: int) -> None:
        today = self._org.clock.now().date()
        self._rows[today] = self._rows.get(today, 0) + rows
        if self._rows[today] >= self._daily_rows:
            job.fail(f"ExceededQuota : ApiBatchItems Limit exceeded: {self._daily_rows} rows in 24 hours")

    def _wait(self, job: IngestJob) -> Iterator[None]:
        trouble = self._engine.trouble
        while trouble and trouble.then == "wait" and job.processed >= trouble.after and not job.is_done:
            yield
            trouble = self._engine.trouble

    def _strike(self, job: IngestJob) -> None:
        trouble = self._engine.trouble
        if trouble and trouble.then == "fail" and job.processed >= trouble.after:
            self._engine.trouble = None
            job.retries = 10
            job.fail("InternalServerError : a batch ran out of time ten times; the rest is not processed")
