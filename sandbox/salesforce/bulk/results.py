"""The three result files of an ingest job (docs/vendors/salesforce.md, bulk results)."""

from __future__ import annotations

import random
from collections.abc import Sequence

from sandbox.salesforce.bulk.dialect import Line
from sandbox.salesforce.bulk.jobs import IngestJob
from sandbox.salesforce.bulk.sheet import Sheet
from sandbox.salesforce.bulk.work import Columns, Done, error_text


class Sheets:
    """The results of one job, written as they come; the rows of a batch in an order nobody may rely on."""

    def __init__(self, job: IngestJob, header: Sequence[str], tail: str) -> None:
        self._job, self._tail = job, tail
        self._shuffle = random.Random(job.id)
        self._good: list[list[str]] = []
        self._bad: list[list[str]] = []
        self._write(job.successful, [["sf__Id", "sf__Created", *header]])
        self._write(job.unsuccessful, [["sf__Id", "sf__Error", *header]])
        self._write(job.unprocessed, [header])

    def note(self, rows: Sequence[Line], results: Sequence[Done], columns: Columns) -> None:
        """What became of some rows."""
        for line, done in zip(rows, results, strict=True):
            cells = _cells(line, columns)
            if done.faults:
                said = error_text(done.faults, tail=self._tail)
                self._bad.append(["", said, *cells])
            else:
                self._good.append([done.record_id, "true" if done.created else "false", *cells])

    def leave(self, rows: Sequence[Line], columns: Columns) -> None:
        """Rows that nobody will look at any more."""
        self._write(self._job.unprocessed, [_cells(line, columns) for line in rows])

    def flush(self) -> None:
        """End a batch."""
        for sheet, rows in ((self._job.successful, self._good), (self._job.unsuccessful, self._bad)):
            self._shuffle.shuffle(rows)
            self._write(sheet, rows)
            rows.clear()

    def _write(self, sheet: Sheet, rows: Sequence[Sequence[str]]) -> None:
        sheet.write(self._job.dialect.write(rows).encode())


def _cells(line: Line, columns: Columns) -> list[str]:
    if line.fault:
        return [*line.cells, *[""] * len(columns.known)][: max(len(columns.known), 1)]
    return [line.cells[place] for place in columns.known]
