"""Jobs of Bulk 1.0 and their batches."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sandbox.salesforce.bulk.work import Done
from sandbox.salesforce.schema import SObject


@dataclass
class Batch:
    """Some rows of a job, or its query."""

    id: str
    stamp: str
    body: bytes
    state: str = "Queued"
    message: str = ""
    touched: str = ""
    results: list[Done] = field(default_factory=list)
    found: bytes = b""
    rows: int = 0


@dataclass
class Job:
    """What its batches are for."""

    id: str
    operation: str
    sobject: SObject
    kind: str
    version: str
    stamp: str
    creator: str
    mode: str = "Parallel"
    key: str | None = None
    state: str = "Open"
    batches: dict[str, Batch] = field(default_factory=dict)


def times(rows: int) -> dict[str, int]:
    """How long some rows took, as jobs and batches tell it."""
    return {"totalProcessingTime": rows, "apiActiveProcessingTime": rows // 2, "apexProcessingTime": 0}


def batch_info(job: Job, batch: Batch) -> dict[str, Any]:
    """A batch as it is told of."""
    return {
        "id": batch.id,
        "jobId": job.id,
        "state": batch.state,
        **({"stateMessage": batch.message} if batch.message else {}),
        "createdDate": batch.stamp,
        "systemModstamp": batch.touched or batch.stamp,
        "numberRecordsProcessed": batch.rows,
        "numberRecordsFailed": sum(bool(one.faults) for one in batch.results),
        **times(batch.rows),
    }
