"""One stream's sink, between the Singer SDK and the pipeline: collects a batch and hands it over; nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from singer_sdk.sinks import BatchSink

from target_salesforce_retail.nouns import Arrival
from target_salesforce_retail.singer.arrivals import ArrivalBuilder


class BatchTarget(Protocol):
    """What the sink needs of its target."""

    def is_mapped(self, stream: str) -> bool:
        """True when records of this stream become something."""

    def note_arrival(self) -> None:
        """Count a record that no STATE has acknowledged yet."""

    def drain(self, stream: str, arrivals: Sequence[Arrival]) -> None:
        """Write one stream's batch, after everything of its parents that is still in memory."""


class RetailSink(BatchSink):
    """One stream's batch.

    Of the SDK's own path of a record (docs/vendors/singer-and-meltano.md, records) nothing is used: it ends the run
    at the first record that is invalid or lacks a key property, and logs its values. ``ArrivalBuilder``
    lists such flaws, and the stage ``check`` holds the record.
    """

    MAX_SIZE_DEFAULT = 1000
    include_sdc_metadata_properties = False

    def __init__(self, target: Any, stream_name: str, schema: dict[str, Any], key_properties: Any) -> None:
        super().__init__(target, stream_name, schema, key_properties)
        self._batch_target: BatchTarget = target
        known = schema if target.is_mapped(stream_name) else None
        self.arrivals = ArrivalBuilder(stream_name, known, self.key_properties)

    @property
    def validate_schema(self) -> bool:
        """Never by the SDK."""
        return False

    def add(self, record: object, flaw: str | None = None) -> None:
        """Collect one arrival.

        Args:
            record: The record; anything, for a tap may write anything.
            flaw: What is wrong with it as a whole, where that is known.
        """
        if isinstance(record, dict):
            self._remove_sdc_metadata_from_record(record)
        arrival = self.arrivals.damaged(record, flaw) if flaw else self.arrivals.arrival(record)
        self._get_context({}).setdefault("arrivals", []).append(arrival)
        self.tally_record_read()
        self.record_counter_metric.increment()
        self._batch_target.note_arrival()

    def process_batch(self, context: dict[str, Any]) -> None:
        """Hand the batch over, parents first."""
        self._batch_target.drain(self.stream_name, context.get("arrivals", []))
