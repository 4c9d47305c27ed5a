"""What a run would do, counted and with examples: of what comes in, or of what the ledger waits with.

Of a plan that holds millions of records only counts and examples are kept.
"""

from __future__ import annotations

import fcntl
import sys
import termios
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import IO, Any, NamedTuple

from target_salesforce_retail.errors import InputError
from target_salesforce_retail.ledger.replay import replay
from target_salesforce_retail.merging import Merging
from target_salesforce_retail.nouns import Outcome, Reason, Verdict
from target_salesforce_retail.rehearse import (
    Planned,
    PlannedBeside,
    PlannedConversion,
    PlannedDeletion,
    PlannedOutcome,
    RehearsedRun,
)
from target_salesforce_retail.singer.target import TargetSalesforceRetail

NOTHING, WRITES, HOLDS = 0, 3, 4
"""Exit codes: nothing would be written or held; something would be written; something would be held, written or not."""


class NothingCame(InputError):
    """The input has no record: what a run would do with records is not known, and that is no all-clear."""

    exit_code = 5


class Kind(NamedTuple):
    """What records are counted by."""

    stream: str
    verdict: Verdict
    object: str | None
    rule: str | None
    reason: Reason | None


@dataclass
class Group:
    """Records of one kind: how many, which fields would be written in how many of them, and the first few."""

    records: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    examples: list[PlannedOutcome] = field(default_factory=list)

    def add(self, planned: PlannedOutcome, most: int) -> None:
        """Count a record, and keep it while there is room among the examples."""
        self.records += 1
        self.fields.update(change.field for change in planned.changes)
        if len(self.examples) < most:
            self.examples.append(planned)


@dataclass
class Plan:
    """What a run would do.

    Attributes:
        most: Examples that are kept of each kind.
        groups: Records by kind.
        unchanged: Stream -> records that the org says already.
        deleted: Object -> how many rows would be deleted, and the ids of the first few.
        profiles: How many profiles would be written.
        converted: How many leads would be converted.
        converted_ids: The first few of them.
        beside: Create or update, and an object -> how many rows that no record becomes.
        merged: Object, the id that goes and the id that stays, of pairs that would be merged.
    """

    most: int
    groups: dict[Kind, Group] = field(default_factory=lambda: defaultdict(Group))
    unchanged: Counter[str] = field(default_factory=Counter)
    deleted: Counter[str] = field(default_factory=Counter)
    deleted_ids: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    profiles: int = 0
    converted: int = 0
    converted_ids: list[str] = field(default_factory=list)
    beside: Counter[tuple[str, str]] = field(default_factory=Counter)
    merged: list[tuple[str, str, str]] = field(default_factory=list)
    _held: dict[tuple[str, str], PlannedOutcome] = field(default_factory=dict)

    def hear(self, planned: Iterable[Planned]) -> None:
        """Take in what would become of a batch."""
        for each in planned:
            if isinstance(each, PlannedDeletion):
                self._delete(each)
            elif isinstance(each, PlannedConversion):
                self.converted += 1
                self.converted_ids += [each.id] if len(self.converted_ids) < self.most else []
            elif isinstance(each, PlannedBeside):
                self.beside["create" if each.is_new else "update", each.object] += 1
            elif each.outcome.verdict is Verdict.HELD:
                arrival = each.outcome.arrival
                self._held[arrival.stream, arrival.key] = each
            elif each.outcome.verdict is Verdict.UNCHANGED:
                self.unchanged[each.outcome.arrival.stream] += 1
            else:
                self._add(each)

    def end(self, left_held: Iterable[tuple[str, str]], profiles: int = 0, merged: Iterable[Merging] = ()) -> None:
        """Take in what the run leaves: what is held still, for what came in later is no hold; profiles, and merges."""
        self.profiles = profiles
        done = [each.pair for each in merged if not each.against]
        self.merged = [(pair.goes.object, pair.goes.id, pair.stays.id) for pair in done]
        left = set(left_held)
        for place, each in self._held.items():
            if place in left:
                self._add(each)

    def _add(self, planned: PlannedOutcome) -> None:
        self.groups[_kind(planned.outcome)].add(planned, self.most)

    def _delete(self, deletion: PlannedDeletion) -> None:
        self.deleted[deletion.object] += 1
        if self.deleted[deletion.object] <= self.most:
            self.deleted_ids[deletion.object].append(deletion.id)

    def count(self, *verdicts: Verdict, stream: str | None = None) -> int:
        """How many records would end so."""
        return sum(
            group.records
            for kind, group in self.groups.items()
            if kind.verdict in verdicts and stream in (None, kind.stream)
        )

    @property
    def streams(self) -> list[str]:
        """Streams of which anything came, in the order in which it did."""
        return list(dict.fromkeys([*(kind.stream for kind in self.groups), *self.unchanged]))

    @property
    def exit_code(self) -> int:
        """What a CI job goes by."""
        if self.count(Verdict.HELD):
            return HOLDS
        beside = self.beside or self.profiles or self.merged
        return WRITES if self.deleted or beside or self.count(Verdict.CREATED, Verdict.UPDATED) else NOTHING


def _kind(outcome: Outcome) -> Kind:
    return Kind(outcome.arrival.stream, outcome.verdict, outcome.object, outcome.rule, outcome.reason)


class PlannedTarget(TargetSalesforceRetail):
    """The target's own door in front of a run that writes nothing; it acknowledges nothing either."""

    def __init__(self, run: RehearsedRun, settings: Mapping[str, Any]) -> None:
        self._rehearsed = run
        super().__init__(config=dict(settings))

    @cached_property
    def run(self) -> RehearsedRun:
        """The run that writes nothing."""
        return self._rehearsed

    def _write_state_message(self, state: dict[str, Any]) -> None:
        del state


def plan_input(settings: Mapping[str, Any], file: str, examples: int) -> tuple[Plan, RehearsedRun]:
    """What a run of the target would make of these Singer messages.

    Args:
        settings: The target's.
        file: Path of a file that holds them; ``-`` for what is piped in.
        examples: How many to keep of each kind.

    Raises:
        InputError: The file is not there, or cannot be read.
        NothingCame: It has no record.
        RetailError: What would end that run: nothing more can be said.
    """
    plan = Plan(examples)
    run = RehearsedRun(settings, plan.hear)
    with _opened(file) as lines:
        PlannedTarget(run, settings).listen(lines)
    if not run.has_heard:
        raise NothingCame(
            "No record came, so there is nothing to plan.",
            where="stdin" if file == "-" else file,
            hint="Look whether the tap has failed, or had nothing new to say since its state.",
        )
    plan.end(run.ledger.left_held(), run.profiles_written, run.merged)
    return plan, run


def _opened(file: str) -> AbstractContextManager[IO[str]]:
    try:
        return nullcontext(sys.stdin) if file == "-" else Path(file).open(encoding="utf-8")
    except OSError as error:
        raise InputError(f"It cannot be read: {error.strerror}.", where=file, hint="Name a file of messages.") from None


def something_is_piped_in() -> bool:
    """True when stdin holds anything. Nothing of it is read: it may be the rest of the script that calls this."""
    try:
        waiting = fcntl.ioctl(sys.stdin.fileno(), termios.FIONREAD, bytes(4))
    except (AttributeError, OSError, ValueError):  # there is no stdin, or it is one that cannot hold any
        return False
    return not sys.stdin.isatty() and any(waiting)


def plan_replay(settings: Mapping[str, Any], examples: int) -> tuple[Plan, RehearsedRun]:
    """What ``replay`` would make of all open holds, and of what waits for them.

    Raises:
        RetailError: What would end it.
    """
    plan = Plan(examples)
    run = RehearsedRun(settings, plan.hear)
    order = [mapping.stream for mapping in run.mappings.ordered]
    pipeline = run.pipeline
    replay(run.ledger, pipeline.run, order=order)
    run.retry_waiting()
    plan.end(run.ledger.left_held(), run.profiles_written, run.merged)
    return plan, run
