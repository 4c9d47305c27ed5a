"""A run that writes nothing: it hears, looks up and decides like any other, and tells what it would have done.

It has the pipeline and the mappings of a run; only behind its two ports others stand: a rehearsal in front of the org,
and a copy of the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from target_salesforce_retail.ledger.scratch import ScratchLedger, open_scratch
from target_salesforce_retail.nouns import Outcome, Value
from target_salesforce_retail.org.live import LiveOrg
from target_salesforce_retail.org.rehearsal import Rehearsal, Unsent
from target_salesforce_retail.run import Run
from target_salesforce_retail.trail import converted_leads


@dataclass(frozen=True, slots=True)
class FieldChange:
    """What a field of a row holds, and would hold."""

    field: str
    before: Value
    after: Value


@dataclass(frozen=True, slots=True)
class PlannedOutcome:
    """What would become of an arrival.

    Attributes:
        outcome: As a run would settle it; ids of records that are not there yet are made up.
        is_new: Its record is not there yet.
        changes: What would be written, field by field.
    """

    outcome: Outcome
    is_new: bool
    changes: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class PlannedDeletion:
    """A row that would be deleted."""

    object: str
    id: str


@dataclass(frozen=True, slots=True)
class PlannedBeside:
    """A row that would be created or updated beside those that the records become: the account of a new contact."""

    object: str
    id: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class PlannedConversion:
    """A lead that would be converted, for a record that is told of as whom it becomes."""

    object: str
    id: str


Planned = PlannedOutcome | PlannedDeletion | PlannedBeside | PlannedConversion


class RehearsedRun(Run):
    """A run on the real org and the real ledger that leaves both as they are.

    Args:
        config: The target's settings.
        tell: Called with what would have become of each batch.
    """

    def __init__(self, config: Mapping[str, Any], tell: Callable[[Sequence[Planned]], None]) -> None:
        super().__init__(config)
        self._tell = tell

    @cached_property
    def org(self) -> Rehearsal:
        """The org, which cannot be written by this."""
        return Rehearsal(LiveOrg(self.session))

    @cached_property
    def ledger(self) -> ScratchLedger:
        """A copy of the ledger, with this run opened in it."""
        ledger = open_scratch(self._config["ledger_url"], self._hear)
        ledger.open_run()
        return ledger

    def finish(self) -> None:
        """End as a run does; what it writes then is no record's."""
        super().finish()
        self._hear(())

    def _hear(self, outcomes: Sequence[Outcome]) -> None:
        self._tell(planned(outcomes, self.org.take_unsent(), self.org.is_made_up))


def planned(outcomes: Sequence[Outcome], unsent: Sequence[Unsent], is_made_up: Callable[[str], bool]) -> list[Planned]:
    """The outcomes of a batch with what they would have sent, and the other rows that would be written for them."""
    writes: dict[str, list[Unsent]] = {}
    for each in unsent:
        writes.setdefault(each.id, []).append(each)
    found: list[Planned] = []
    for outcome in outcomes:
        write = next((each for each in writes.get(outcome.id or "", ()) if each.body == outcome.sent), None)
        before, sent = (write.before, write.body) if write else ({}, {})
        changes = tuple(FieldChange(name, before.get(name), value) for name, value in sent.items())
        found.append(PlannedOutcome(outcome, bool(outcome.id and is_made_up(outcome.id)), changes))
    deleted = [PlannedDeletion(each.object, each.id) for each in unsent if each.deleted]
    leads = {each for outcome in outcomes for each in converted_leads(outcome.trail)}
    converted = [PlannedConversion(each.object, each.id) for each in unsent if each.becomes and each.id in leads]
    theirs = {outcome.id for outcome in outcomes} | {each.id for each in deleted} | {each.id for each in converted}
    written = [each for each in unsent if not each.becomes]
    beside = {each.id: PlannedBeside(each.object, each.id, is_made_up(each.id)) for each in written}
    return [*found, *deleted, *converted, *(each for record_id, each in beside.items() if record_id not in theirs)]
