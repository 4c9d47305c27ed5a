"""The streams of R-Series as the SDK knows them: what is done in one run, and how records and STATE leave."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, ClassVar

from singer_sdk import Stream, Tap
from singer_sdk.helpers.conform import TypeConformanceLevel

from tap_lightspeed_retail.errors import Malformed, Refused, TapError, Unlikely
from tap_lightspeed_retail.r_series.bookmark import Bookmark
from tap_lightspeed_retail.r_series.guard import Guard
from tap_lightspeed_retail.r_series.jobs import Job, Jobs
from tap_lightspeed_retail.r_series.lists import Batch, Left, Lists, Read
from tap_lightspeed_retail.r_series.source import Connection, Record, Source
from tap_lightspeed_retail.r_series.sources import SOURCES
from tap_lightspeed_retail.streams import KEYS, RANK, STREAMS

REMEMBERED = 20_000
"""Records of one stream whose digest is remembered, so that what did not change is not said twice in a run."""
GONE = -2
"""What is remembered of a row that has gone, instead of a digest: an older reading of it is not said any more."""
QUIET = 20
"""Batches without anything new after which STATE leaves all the same."""


class RetailStream(Stream):
    """A stream of one resource.

    Its STATE moves after each page that was written, by rules of its own (``bookmark.py``), and not by the SDK's.
    """

    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE
    STATE_MSG_FREQUENCY = 10**9
    check_sorted = False

    def __init__(self, tap: Tap, name: str, connect: Callable[[], Connection]) -> None:
        row = STREAMS[RANK[name]]
        super().__init__(tap, schema=row.schema(), name=name)
        self.primary_keys = row.key_properties
        self.replication_key = row.replication_key
        self._connect = connect
        self._said: OrderedDict[int, tuple[int, int]] = OrderedDict()
        self._unsaid = 0
        self.stopped_by: TapError | None = None

    @property
    def is_sorted(self) -> bool:
        """By the replication key, where there is one."""
        return self.replication_key is not None

    @property
    def source(self) -> Source:
        """Its row of the table."""
        return SOURCES[self.name]

    @cached_property
    def _lists(self) -> Lists:
        return Lists(self._connect(), self.config["page_size"], self.config["overlap_seconds"])

    @property
    def _mark(self) -> Bookmark:
        return Bookmark(self.stream_state, self.replication_key)

    def jobs(self) -> list[Job]:
        """What there is to do, in the order of one run."""
        return Jobs(
            self.source,
            self._lists,
            self._mark,
            start_date=str(self.config.get("start_date") or ""),
            hours=float(self.config["reconcile_hours"]),
            days=self.config["reconcile_days"],
            every=float(self.config["poll_seconds"].get(self.name, 0)),
            guard=Guard(float(self.config["max_deleted_share"])),
        ).all()

    # How it leaves

    def get_records(self, context: Mapping[str, Any] | None) -> Iterator[Record]:
        """One run: all jobs, one after the other. What is patient is left to a tap that follows, if it does.

        An answer that makes no sense ends this stream's part of the run; the others go on, and the run ends with it.
        """
        del context
        try:
            for job in self.jobs():
                if job.patient and self.config["follow"]:
                    continue
                for batch in job.batches():
                    yield from self._fresh(batch)
                    self._settle(batch)
                self._write_state_message()
        except Refused as error:
            self.forgive(error)
        except (Malformed, Unlikely) as error:
            self.logger.error("Stream %s stops here, the others go on. %s", self.name, error)
            self.stopped_by = error

    def _write_record_message(self, record: Record) -> None:
        """Write it. What is not selected is not said to be unreadable either: nobody would know what it was."""
        if record.get("unreadable"):
            told = [name for name in record["unreadable"] if self.mask["properties", name]]
            record = {**record, "unreadable": told}
        super()._write_record_message(record)

    def take(self, batch: Batch) -> None:
        """Write a batch, and move the bookmark: for a tap that follows."""
        for record in self._fresh(batch):
            self._process_record(record)
            if self.selected:
                self._write_record_message(record)
        batch.commit()

    def _fresh(self, batch: Batch) -> Iterator[Record]:
        """What a batch has to say that was not said before, in the same words or in newer ones."""
        for read in batch.read:
            if read.record is not None and self._is_news(read):
                self._unsaid = QUIET
                yield read.record
        for number in batch.gone:
            self._said[number] = (GONE, self._connect().client.requests)
            record = self._tombstone(number)
            if record is not None:
                self._unsaid = QUIET
                yield record

    def _is_news(self, read: Read) -> bool:
        """Remember what is said; a walk may hold rows that another look has meanwhile read again."""
        digest, request = self._said.get(read.id, (-1, 0))
        if digest == read.digest or request > read.request:
            return False
        self._said[read.id] = (read.digest, read.request)
        self._said.move_to_end(read.id)
        if len(self._said) > REMEMBERED:
            self._said.popitem(last=False)
        return True

    def _tombstone(self, number: int) -> Record | None:
        """A row that has vanished: its keys, when that was seen, and what the schema requires.

        None where the schema requires what only the row itself could say: those rows go with their parent.
        """
        now = self._lists.now()
        required = self.schema.get("required", [])
        empty: dict[str, Any] = {
            name: [] for name in required if self.schema["properties"][name].get("type") == "array"
        }
        known = {**empty, **(self.source.tombstone or {})}
        if set(required) - {*KEYS, *known}:
            return None
        identity = {"account_id": self._connect().account.id, "id": str(number)}
        return {**identity, **known, "updated_at": now, "deleted_at": now}

    def _settle(self, batch: Batch) -> None:
        """All of a batch was written: the bookmark moves. STATE leaves with it, or a little later where it is quiet."""
        batch.commit()
        self.state_manager.is_flushed = False
        self._unsaid += 1
        if self._unsaid > QUIET:
            self._unsaid = 0
            self._write_state_message()

    def forgive(self, error: Refused) -> None:
        """A stream that this token or account may not read is passed over, unless the settings say that it must not.

        Raises:
            Refused: It is to end the run.
        """
        if not error.closed or self.config["on_forbidden"] == "fail":
            raise error
        self.logger.warning("Stream %s is passed over. %s", self.name, error)

    def _increment_stream_state(self, latest_record: Mapping[str, Any], *, context: Any = None) -> None:
        """Nothing: the bookmark moves with the batch."""


class ParentStream(RetailStream):
    """A stream whose own requests bring others: sales their lines and payments, orders their lines.

    The SDK's child streams cost a state, a schema and three log lines for every parent (facts: Singer SDK section 0.6);
    here the children write their records right after their parent.
    """

    def get_records(self, context: Mapping[str, Any] | None) -> Iterator[Record]:
        """Its records; their parts are written beside them."""
        self._write_schemas_of_parts()
        yield from super().get_records(context)

    def _write_schemas_of_parts(self) -> None:
        for child in self.child_streams:
            if child.selected:
                child._write_schema_message()  # noqa: SLF001

    def _fresh(self, batch: Batch) -> Iterator[Record]:
        """Its rows first: what moved from one of them to another is told there, and is not among those that left."""
        yield from super()._fresh(batch)
        children = {child.name: child for child in self.child_streams}
        for left in batch.left:
            self._unsaid = QUIET
            child = children[left.part.stream]
            if child.selected:
                child._write_record_message(self._farewell(left))  # noqa: SLF001

    def _farewell(self, left: Left) -> Record:
        """The record of a line or a payment that has left: its keys, the version without it, and when that was seen."""
        now, kin = self._lists.now(), left.part.kin
        owner = None if left.owner is None else str(left.owner)
        return {
            "account_id": self._connect().account.id,
            "id": str(left.id),
            f"{kin}_id": owner,
            f"{kin}_updated_at": left.stamp,
            "updated_at": now,
            "deleted_at": now,
        }

    def _process_record(self, record: Record, child_context: Any = None, partition_context: Any = None) -> None:
        """Take the parts off the record; where the parent itself is deselected, nobody else will write them."""
        del child_context, partition_context
        self._parts = {child.name: record.pop(f"_{child.name}", ()) for child in self.child_streams}
        if not self.selected:
            self._write_parts()

    def _write_record_message(self, record: Record) -> None:
        super()._write_record_message(record)
        self._write_parts()

    def _write_parts(self) -> None:
        for child in self.child_streams:
            if child.selected:
                for part in self._parts[child.name]:
                    child._write_record_message(part)  # noqa: SLF001


class PartStream(RetailStream):
    """Lines, payments: they come with their parent."""

    state_partitioning_keys: ClassVar[tuple[str, ...]] = ()

    def jobs(self) -> list[Job]:
        """None of its own."""
        return []


def streams(tap: Tap, connect: Callable[[], Connection]) -> list[RetailStream]:
    """The streams of R-Series, in the order of the table; those to opt in to where the settings do."""
    rows = [row for row in STREAMS if "r" in row.series and (not row.opt_in or row.name in tap.config["opt_in"])]
    kinds = _kinds()
    return [kinds.get(row.name, RetailStream)(tap, row.name, connect) for row in rows]


def _kinds() -> dict[str, type[RetailStream]]:
    """A class for each parent and for its parts: the SDK knows families by their classes."""
    parents = {row.parent: type(row.parent, (ParentStream,), {}) for row in STREAMS if row.parent}
    parts = {
        row.name: type(row.name, (PartStream,), {"parent_stream_type": parents[row.parent]})
        for row in STREAMS
        if row.parent
    }
    return {**parents, **parts}
