"""What every job has, whichever version and direction: identity, state, times, and how many polls it takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from sandbox.salesforce.bulk.dialect import DELIMITERS, LINE_ENDS, Dialect
from sandbox.salesforce.bulk.sheet import Sheet
from sandbox.salesforce.dml import Caller
from sandbox.salesforce.faults import refuse
from sandbox.salesforce.ids import long_id, make_id
from sandbox.salesforce.rows import Org
from sandbox.salesforce.schema import Field, SObject
from sandbox.salesforce.values import vendor_time

OPEN_FOR = timedelta(hours=24)
KEPT_FOR = timedelta(days=7)
TERMINAL = frozenset({"JobComplete", "Failed", "Aborted"})


@dataclass
class Job:
    """One job of version 2.0.

    Attributes:
        state: What it is; what a client is shown lags behind by some polls.
        polls: How often it was asked for since it was set to work.
    """

    id: str
    operation: str
    object: str
    api_version: float
    created: datetime
    created_by: str
    dialect: Dialect
    state: str = "Open"
    error: str = ""
    retries: int = 0
    processed: int = 0
    failed: int = 0
    polls: int = 0
    touched: datetime | None = None

    @property
    def is_done(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in TERMINAL

    def fail(self, message: str) -> None:
        """End it."""
        self.state, self.error = "Failed", message

    def shown(self, least_polls: int) -> str:
        """The state a client sees: work seems to last for so many polls, as it does in a busy org."""
        if self.state in {"JobComplete", "Failed"} and self.polls <= least_polls:
            return "InProgress"
        return self.state

    def info(self, state: str) -> dict[str, Any]:
        """What every job resource shows."""
        return {
            "id": self.id,
            "operation": self.operation,
            "object": self.object,
            "createdById": self.created_by,
            "createdDate": vendor_time(self.created),
            "systemModstamp": vendor_time(self.touched or self.created),
            "state": state,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": self.api_version,
            "lineEnding": self.dialect.line_end,
            "columnDelimiter": self.dialect.delimiter,
        }


@dataclass
class IngestJob(Job):
    """A job that writes rows."""

    sobject: SObject = field(kw_only=True)
    key: Field | None = None
    caller: Caller = field(default_factory=Caller)
    upload: Sheet | None = None
    successful: Sheet = field(default_factory=Sheet)
    unsuccessful: Sheet = field(default_factory=Sheet)
    unprocessed: Sheet = field(default_factory=Sheet)

    def shape(self, state: str, *, whole_story: bool = False) -> dict[str, Any]:
        """The job as JSON; counts and times are told of single jobs only."""
        shown = self.info(state)
        if self.key is not None:
            shown["externalIdFieldName"] = self.key.name
        shown["contentUrl"] = f"services/data/v{self.api_version}/jobs/ingest/{self.id}/batches"
        return {**shown, **(self._story() if whole_story else {})}

    def _story(self) -> dict[str, Any]:
        milliseconds = self.processed // 10
        return {
            "jobType": "V2Ingest",
            "retries": self.retries,
            "totalProcessingTime": milliseconds,
            "apiActiveProcessingTime": milliseconds * 4 // 5,
            "apexProcessingTime": 0,
            "numberRecordsProcessed": self.processed,
            "numberRecordsFailed": self.failed,
            **({"errorMessage": self.error} if self.error else {}),
        }


J = TypeVar("J", bound=Job)


@dataclass
class Jobs(Generic[J]):
    """The jobs of one kind in one org; forgotten seven days after they were made."""

    org: Org
    _held: dict[str, J] = field(default_factory=dict)

    def add(self, job: J) -> J:
        """Keep a new job."""
        self._held.pop(job.id, None)  # ids are given anew in an org that was reset
        self._held[job.id] = job
        return job

    def get(self, text: str) -> J:
        """The job of an id of 15 or 18 characters; raises Refused NOT_FOUND."""
        job = self._held.get(long_id(text) or "")
        if job is None or self._age(job) > KEPT_FOR:
            raise refuse("NOT_FOUND", "The requested resource does not exist")
        if job.state == "Open" and self._age(job) > OPEN_FOR:
            job.state = "Aborted"
        return job

    def newest_first(self) -> Iterator[J]:
        """All jobs that are still known."""
        return (job for job in reversed(self._held.values()) if self._age(job) <= KEPT_FOR)

    def remove(self, job: J) -> None:
        """Forget a job; raises Refused while it works."""
        if not job.is_done:
            raise refuse("API_ERROR", f"Cannot delete job that is in state {job.state}. Abort it first.")
        del self._held[job.id]

    def clear(self) -> None:
        """Forget them all."""
        self._held.clear()

    def new_id(self) -> str:
        """The next job's id."""
        return make_id("750", self.org.count_up("750"))

    def _age(self, job: J) -> timedelta:
        return self.org.clock.now() - job.created


def dialect_of(body: Mapping[str, Any]) -> Dialect:
    """The dialect a job asks for; raises Refused for a name that there is not."""
    delimiter, line_end = body.get("columnDelimiter", "COMMA"), body.get("lineEnding", "LF")
    if delimiter not in DELIMITERS:
        raise refuse("INVALIDJOB", f"InvalidJob : columnDelimiter {delimiter}; there are {', '.join(DELIMITERS)}")
    if line_end not in LINE_ENDS:
        raise refuse("INVALIDJOB", f"InvalidJob : lineEnding {line_end}; there are {', '.join(LINE_ENDS)}")
    if body.get("contentType", "CSV") != "CSV":
        raise refuse("INVALIDJOB", "InvalidJob : contentType must be CSV")
    return Dialect(delimiter, line_end)


def page_of(jobs: Iterator[J], shown: Any, query: Mapping[str, str], base: str, size: int = 1_000) -> dict[str, Any]:
    """One page of a list of jobs; ``queryLocator`` counts from 0."""
    start = int(query.get("queryLocator") or 0)
    found = [shown(job) for job in jobs]
    end = start + size
    more = f"{base}?queryLocator={end}" if end < len(found) else None
    return {"done": more is None, "records": found[start:end], "nextRecordsUrl": more}
