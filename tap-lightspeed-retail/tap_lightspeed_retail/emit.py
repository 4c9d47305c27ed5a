"""How records and STATE leave: which records of a batch were not emitted yet, and the streams as the SDK knows them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from singer_sdk import Stream, Tap
from singer_sdk.helpers.conform import TypeConformanceLevel

from tap_lightspeed_retail.errors import Malformed, Refused, TapError, Unlikely
from tap_lightspeed_retail.scan import Batch, Departure, Reading, Record, Scan
from tap_lightspeed_retail.series import Series
from tap_lightspeed_retail.streams import KEYS, StreamRow

REMEMBERED = 20_000
"""Records of one stream whose digest is remembered, so that what did not change is not emitted twice in a run."""
DELETED = -2
"""What is remembered of a row that was deleted, instead of a digest: an older reading of it is not emitted any more."""
QUIET = 20
"""Batches without anything new after which STATE leaves all the same."""


@dataclass(frozen=True)
class Emission:
    """A record, and the records of its parts that leave right after it."""

    record: Record
    parts: Mapping[str, Sequence[Record]] = field(default_factory=dict)


class Emitted:
    """What was emitted in this run, by id."""

    def __init__(self) -> None:
        self._digests: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def remember_if_new(self, reading: Reading) -> bool:
        """Remember a reading that says something new, and say whether it does.

        A scan may hold rows that another has read again.
        """
        digest, request = self._digests.get(reading.id, (-1, 0))
        if digest == reading.digest or request > reading.request:
            return False
        self._digests[reading.id] = (reading.digest, reading.request)
        self._digests.move_to_end(reading.id)
        if len(self._digests) > REMEMBERED:
            self._digests.popitem(last=False)
        return True

    def delete(self, row_id: str, request: int) -> None:
        """Remember that a row was seen to be deleted."""
        self._digests[row_id] = (DELETED, request)


def tombstone(row: StreamRow, schema: Mapping[str, Any], account_id: str, row_id: str, now: str) -> Record | None:
    """The record of a row that was deleted: its keys, when that was seen, and what the schema requires.

    None where the schema requires what only the row itself could say: those rows go with their parent.
    """
    required = schema.get("required", [])
    empty: Record = {name: [] for name in required if schema["properties"][name].get("type") == "array"}
    known = {**empty, **row.tombstone}
    if set(required) - {*KEYS, *known}:
        return None
    return {"account_id": account_id, "id": row_id, **known, "updated_at": now, "deleted_at": now}


def departure_record(departure: Departure, account_id: str, now: str) -> Record:
    """The record of a line or a payment that has left: its keys, the version without it, and when that was seen."""
    return {
        "account_id": account_id,
        "id": departure.id,
        f"{departure.parent}_id": departure.parent_id,
        f"{departure.parent}_updated_at": departure.parent_updated_at,
        "updated_at": now,
        "deleted_at": now,
    }


class RetailStream(Stream):
    """A stream of the contract.

    Its STATE moves after each batch that was written, by rules of its series, and not by the SDK's. Where its requests
    bring other streams too, as sales their lines, these records are written right after their parent: the SDK's child
    streams cost a state, a schema and three log lines for every parent (docs/vendors/singer-and-meltano.md, child
    streams).
    """

    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE
    STATE_MSG_FREQUENCY = 10**9
    check_sorted = False

    def __init__(self, tap: Tap, row: StreamRow, connect: Callable[[], Series]) -> None:
        super().__init__(tap, schema=row.schema(), name=row.name)
        self.primary_keys = row.key_properties
        self.replication_key = row.replication_key
        self._row = row
        self._connect = connect
        self._emitted = Emitted()
        self._quiet_batches = 0
        self._state_is_due = False
        self._is_dry_run = False
        self.stopped_by: TapError | None = None

    @property
    def is_sorted(self) -> bool:
        """By the replication key, where there is one."""
        return self.replication_key is not None

    def scans(self) -> Sequence[Scan]:
        """What there is to read, in the order of one run; nothing where the rows come with their parent."""
        return () if self._row.parent else self._connect().scans(self.name, self.stream_state)

    # One run

    def get_records(self, context: Mapping[str, Any] | None) -> Iterator[Record]:
        """One run: all scans, one after the other. What is patient is left to a tap that follows, if it does.

        An answer that makes no sense ends this stream's part of the run; the others go on, and the run ends with it.
        """
        del context
        self._write_schemas_of_parts()
        try:
            for scan in self.scans():
                if scan.patient and self.config["follow"]:
                    continue
                for batch in scan.batches():
                    for emission in self._unemitted(batch):
                        yield emission.record  # the SDK writes it before it asks for the next
                        self._write_parts(emission)
                    self._write_departures(batch)
                    self._commit(batch)
                self._write_state_message()
        except Refused as error:
            self.skip_if_forbidden(error)
        except (Malformed, Unlikely) as error:
            self.logger.error("Stream %s stops here, the others go on. %s", self.name, error)
            self.stopped_by = error

    def _sync_records(self, context: Any = None, *, write_messages: bool = True) -> Iterator[Record]:  # type: ignore[override]
        self._is_dry_run = not write_messages
        yield from super()._sync_records(context, write_messages=write_messages)

    def _process_record(self, record: Record, child_context: Any = None, partition_context: Any = None) -> None:
        """Nothing: parts are written with their parent."""

    def _increment_stream_state(self, latest_record: Mapping[str, Any], *, context: Any = None) -> None:
        """Nothing: the bookmark moves with the batch."""

    def _commit(self, batch: Batch) -> None:
        """All of a batch was written: the bookmark moves. STATE leaves with it, or a little later where it is quiet."""
        batch.commit()
        self.state_manager.is_flushed = False
        self._quiet_batches += 1
        if self._state_is_due or self._quiet_batches > QUIET:
            self._state_is_due = False
            self._quiet_batches = 0
            self._write_state_message()

    # A tap that follows

    def write_batch(self, batch: Batch) -> None:
        """Write a batch, and move the bookmark."""
        for emission in self._unemitted(batch):
            if self.selected:
                self._write_record_message(emission.record)
            self._write_parts(emission)
        self._write_departures(batch)
        batch.commit()

    def skip_if_forbidden(self, error: Refused) -> None:
        """Skip a stream that this token or account may not read, unless the settings say that it must not be.

        Raises:
            Refused: It is to end the run.
        """
        if not error.closed or self.config["on_forbidden"] == "fail":
            raise error
        self.logger.warning("Stream %s is skipped. %s", self.name, error)

    # Records

    def _unemitted(self, batch: Batch) -> Iterator[Emission]:
        """The records of a batch that were not emitted before, in the same words or in newer ones."""
        for reading in batch.readings:
            if reading.record is not None and self._emitted.remember_if_new(reading):
                self._state_is_due = True
                yield Emission(reading.record, reading.parts)
        for row_id in batch.deleted:
            series = self._connect()
            self._emitted.delete(row_id, series.requests)
            record = tombstone(self._row, self.schema, series.account_id, row_id, series.now())
            if record is not None:
                self._state_is_due = True
                yield Emission(record)

    def _write_record_message(self, record: Record) -> None:
        """Write it. What is not selected is not said to be unreadable either: nobody would know what it was."""
        if record.get("unreadable"):
            shown = [name for name in record["unreadable"] if self.mask["properties", name]]
            record = {**record, "unreadable": shown}
        super()._write_record_message(record)

    def _write_parts(self, emission: Emission) -> None:
        for stream, records in emission.parts.items():
            self._write_to(stream, records)

    def _write_departures(self, batch: Batch) -> None:
        """After all rows of the batch: what moved from one of them to another was told there, and has not departed."""
        for departure in batch.departures:
            self._state_is_due = True
            series = self._connect()
            self._write_to(departure.stream, [departure_record(departure, series.account_id, series.now())])

    def _write_to(self, stream: str, records: Iterable[Record]) -> None:
        for child in self.child_streams:
            if child.name == stream and child.selected and not self._is_dry_run:
                for record in records:
                    child._write_record_message(record)  # noqa: SLF001

    def _write_schemas_of_parts(self) -> None:
        for child in self.child_streams:
            if child.selected:
                child._write_schema_message()  # noqa: SLF001


def sdk_streams(tap: Tap, rows: Sequence[StreamRow], connect: Callable[[], Series]) -> list[RetailStream]:
    """The streams of these rows; a class for each parent and for its parts, for the SDK knows families by classes."""
    parents = {row.parent: type(row.parent, (RetailStream,), {}) for row in rows if row.parent}
    parts = {row.name: _part_class(row.name, parents[row.parent]) for row in rows if row.parent}
    classes: dict[str, type[RetailStream]] = {**parents, **parts}
    return [classes.get(row.name, RetailStream)(tap, row, connect) for row in rows]


class _PartStream(RetailStream):
    """Lines, payments: they come with their parent."""

    state_partitioning_keys: ClassVar[tuple[str, ...]] = ()


def _part_class(name: str, parent: type[RetailStream]) -> type[RetailStream]:
    return type(name, (_PartStream,), {"parent_stream_type": parent})
