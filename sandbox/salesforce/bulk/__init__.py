"""Bulk API: many rows in one job, answered when the org gets round to it (docs/vendors/salesforce.md, bulk jobs).

``dialect`` reads and writes CSV, ``work`` says what a row does, ``loading`` writes the batches of a job and ``results``
their files. ``ingest`` and ``query`` are the resources of version 2.0, ``v1`` is the API before it, at its own address.
``engine`` lets jobs go on between calls.
"""

from __future__ import annotations

from sandbox.salesforce.bulk.engine import Engine
from sandbox.salesforce.bulk.ingest import Ingest
from sandbox.salesforce.bulk.query import QueryJobs
from sandbox.salesforce.bulk.v1 import OldBulk
from sandbox.salesforce.calls import Route
from sandbox.salesforce.rows import Org

__all__ = ["Bulk"]


class Bulk:
    """The room of both Bulk APIs over one engine; ``old`` is version 1.0, which is not below ``/services/data``."""

    def __init__(self, org: Org) -> None:
        self.engine = Engine()
        self._ingest, self._query = Ingest(org, self.engine), QueryJobs(org, self.engine)
        self.old = OldBulk(org, self.engine)

    def routes(self) -> list[Route]:
        """What is served here."""
        return [*self._ingest.routes(), *self._query.routes()]

    def clear(self) -> None:
        """Forget every job."""
        self.engine.clear()
        self._ingest.clear()
        self._query.clear()
        self.old.clear()
