"""The Singer SDK's door to the pipeline: collects a batch and hands it over; nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from singer_sdk.sinks import BatchSink

from target_salesforce_retail.door import Door
from target_salesforce_retail.nouns import Arrival


class Keeper(Protocol):
    """What the sink needs of its target."""

    def note_arrival(self) -> None:
        """Count a record that no STATE has acknowledged yet."""

    def drain(self, stream: str, arrivals: Sequence[Arrival]) -> None:
        """Write one stream's batch, after everything of its parents that is still in memory."""


class RetailSink(BatchSink):
    """One stream's batch.

    The SDK's own validation is off: it would end the run at the first bad record and log its values
    (facts: Singer SDK 0.54.9, sections 0.9 and 8.6). The stage ``check`` holds such records instead.
    """

    MAX_SIZE_DEFAULT = 1000

    def __init__(self, target: Any, stream_name: str, schema: dict[str, Any], key_properties: Any) -> None:
        super().__init__(target, stream_name, schema, key_properties)
        self._keeper: Keeper = target
        self._door = Door(stream_name, schema, self.key_properties)

    @property
    def validate_schema(self) -> bool:
        """Never by the SDK."""
        return False

    def _validate_and_parse(self, record: dict[str, Any]) -> dict[str, Any]:
        return record  # instants stay text: the SDK's parsing ends the run on the first malformed one

    def _singer_validate_message(self, record: dict[str, Any]) -> None:
        """Never by the SDK: a record that lacks a key property would end the run; it is held instead."""

    def _after_process_record(self, context: dict[str, Any]) -> None:
        """Log nothing: at debug level the SDK would log every record."""

    def process_record(self, record: dict[str, Any], context: dict[str, Any]) -> None:
        """Collect one arrival."""
        context.setdefault("arrivals", []).append(self._door.arrival(record))
        self._keeper.note_arrival()

    def process_batch(self, context: dict[str, Any]) -> None:
        """Hand the batch over, parents first."""
        self._keeper.drain(self.stream_name, context.get("arrivals", []))
